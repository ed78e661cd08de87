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
// times, or -1 for the mode.
type Fix struct {
	At       geo.Point
	Alt      float64       // metres; GPSA says above what
	Speed    float64       // over ground, m/s
	Speed3D  float64       // m/s
	Course   float64       // degrees
	DOP      float64       // dilution of precision
	Mode     int           // 0 no fix, 2 or 3 dimensions
	Time     time.Time     // of the receiver
	System   time.Duration // since the drone was switched on; SYST gives its UTC
	Operator bool          // of the remote control, not of the camera
}

// IsTrack reports whether e holds positions that [Entry.Fixes] reads.
func (e Entry) IsTrack() bool {
	_, ok := tracks(e.Key)
	return ok
}

// A track says in which value of a structure what is to be found, -1 for nowhere.
type track struct {
	values                                                            int // a structure has at least
	lat, alt, speed, speed3D, course, days, seconds, dop, mode, clock int
	operator                                                          bool
}

// tracks returns how positions lie in the element key.
func tracks(key string) (track, bool) {
	const no = -1
	switch key {
	case "GPS5": // HERO5 to HERO10
		return track{5, 0, 2, 3, 4, no, no, no, no, no, no, false}, true
	case "GPS9": // HERO11 and later: days since 2000, seconds, DOP, fix
		return track{9, 0, 2, 3, 4, no, 5, 6, 7, 8, no, false}, true
	case "GPRI": // Karma, receiver: EPH, EPV, speed, course
		return track{8, 1, 3, 6, no, 7, no, no, 4, no, 0, false}, true
	case "GLPI": // Karma, estimate
		return track{9, 1, 3, no, no, 8, no, no, no, no, 0, false}, true
	case "BPOS": // Karma, remote control
		return track{3, 0, 2, no, no, no, no, no, no, no, no, true}, true
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
		if i < 0 {
			return math.NaN()
		}
		return row[i]
	}
	f := Fix{At: geo.Point{Lat: row[t.lat], Lon: row[t.lat+1]}, Alt: at(t.alt), Speed: at(t.speed), Speed3D: at(t.speed3D), Course: at(t.course),
		DOP: at(t.dop), Mode: -1, Operator: t.operator}
	if m := at(t.mode); m >= 0 && m <= 3 {
		f.Mode = int(m)
	}
	if s := at(t.clock); s >= 0 && s < 1e9 {
		f.System = time.Duration(s * float64(time.Second))
	}
	if d, s := at(t.days), at(t.seconds); d >= 0 && d < 36525 && s >= 0 && s < 90000 {
		f.Time = time.Date(2000, 1, 1+int(d), 0, 0, 0, 0, time.UTC).Add(time.Duration(math.Round(s*1000)) * time.Millisecond)
	}
	return f
}
