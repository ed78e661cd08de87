package gpmf

import (
	"fmt"
	"iter"
	"math"
	"time"

	"flightveil/internal/geo"
	"flightveil/internal/input"
)

// A Fix is one position. What an element does not tell is NaN, or zero for
// times, or -1 for the mode and the satellites.
type Fix struct {
	At       geo.Point
	Alt      float64       // metres; GPSA says above what
	AltHome  float64       // metres above the take-off point
	Speed    float64       // over ground, m/s
	Speed3D  float64       // m/s
	Climb    float64       // m/s
	Course   float64       // degrees
	Heading  float64       // of the nose, degrees
	DOP      float64       // dilution of precision
	Mode     int           // 0 or 1 no fix, 2 two dimensions, 3 three or better
	Sats     int           // satellites used
	Time     time.Time     // of the receiver
	System   time.Duration // since the drone was switched on; SYST gives its UTC
	Operator bool          // of the remote control, not of the camera
}

// IsTrack reports whether e holds positions that [Entry.Fixes] reads.
func (e Entry) IsTrack() bool {
	_, ok := tracks(e.Key)
	return ok
}

// A track says in which value of a structure what is to be found, 0 for
// nowhere. The longitude is behind the latitude, the altitude behind that.
type track struct {
	values                                                         int // a structure has at least
	lat                                                            int
	clocked                                                        bool // value 0 is the time since the drone was switched on
	height, speed, speed3D, course, heading, days, dop, mode, sats int
	velocity                                                       int // to the north, east and down
	operator                                                       bool
}

// tracks returns how positions lie in the element key.
func tracks(key string) (track, bool) {
	switch key {
	case "GPS5": // HERO5 to HERO10
		return track{values: 5, speed: 3, speed3D: 4}, true
	case "GPS9": // HERO11 and later: days since 2000, seconds, DOP, fix
		return track{values: 9, speed: 3, speed3D: 4, days: 5, dop: 7, mode: 8}, true
	case "GPRI": // Karma, receiver: EPH, EPV in metres, speed, course, fix, satellites
		return track{values: 8, lat: 1, clocked: true, speed: 6, course: 7, mode: 8, sats: 9}, true
	case "GLPI": // Karma, estimate: height, velocity, heading
		return track{values: 9, lat: 1, clocked: true, height: 4, velocity: 5, heading: 8}, true
	case "BPOS": // Karma, remote control
		return track{values: 3, operator: true}, true
	}
	return track{}, false
}

// Fixes yields the positions of a track. Those that are none on the globe are
// left out: some firmwares write them before the first fix.
func (e Entry) Fixes(in input.Input) iter.Seq2[Fix, error] {
	return func(yield func(Fix, error) bool) {
		t, ok := tracks(e.Key)
		if !ok {
			yield(Fix{}, fmt.Errorf("%s as a track: %w", e.place(), input.ErrUnsupported))
			return
		}
		for row, err := range e.Rows(in) {
			if err == nil && len(row) < t.values {
				err = fmt.Errorf("positions in %s: %w", e.place(), ErrSyntax)
			}
			if err != nil {
				yield(Fix{}, err)
				return
			}
			if f := t.fix(row); f.At.Valid() && !yield(f, nil) {
				return
			}
		}
	}
}

func (t track) fix(row []float64) Fix {
	at := func(i int) float64 {
		if i <= 0 || i >= len(row) {
			return math.NaN()
		}
		return row[i]
	}
	f := Fix{At: geo.Point{Lat: row[t.lat], Lon: row[t.lat+1]}, Alt: row[t.lat+2], AltHome: at(t.height), Speed: at(t.speed), Speed3D: at(t.speed3D),
		Climb: math.NaN(), Course: at(t.course), Heading: at(t.heading), DOP: at(t.dop), Mode: -1, Sats: -1, Operator: t.operator}
	if m := at(t.mode); m >= 0 && m <= 8 {
		f.Mode = int(min(m, 3))
	}
	if n := at(t.sats); n >= 0 && n < 255 {
		f.Sats = int(n)
	}
	if v := t.velocity; v > 0 {
		f.Speed, f.Climb = math.Hypot(row[v], row[v+1]), -row[v+2]
	}
	if s := row[0]; t.clocked && s >= 0 && s < 1e9 {
		f.System = time.Duration(s * float64(time.Second))
	}
	if d, s := at(t.days), at(t.days+1); t.days > 0 && d >= 0 && d < 36525 && s >= 0 && s < 90000 {
		f.Time = time.Date(2000, 1, 1+int(d), 0, 0, 0, 0, time.UTC).Add(time.Duration(math.Round(s*1000)) * time.Millisecond)
	}
	return f
}
