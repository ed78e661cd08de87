package geofuzz

import (
	"math"
	"slices"
	"time"

	"flightveil/internal/geo"
)

const (
	takeOff    = 5 * time.Second // a track's first fixes, whose median is its anchor
	takeOffMax = 500             // fixes, whatever their times say
	takeOffMin = 10              // fixes of a track without times

	flightReach = 100_000.0 // metres from the anchor: no flight of a log goes farther
	asideReach  = 5_000.0   // metres from the anchor, for what the aircraft did not reach itself
	leap        = 5_000.0   // metres between two fixes ...
	leapSpeed   = 300.0     // ... in m/s: no drone did that

	stretch   = 100.0 // metres of path
	levelBand = 2.0   // metres of height within which a stretch is level
)

// A Survey is what must be known of a track before its first sample can be
// released: where, when and how high it began, and what it must not tell.
// Samples are added in order; the track itself is not held.
type Survey struct {
	frame   geo.Frame
	fixes   int
	first   clocks
	start   []startFix // of the first seconds
	started bool       // the first seconds are over

	epoch, local time.Time // of the first fix that has one
	elapsed      time.Duration
	timed        bool // elapsed is set

	last        clocks
	east, north float64 // of last
	away, far   int
	reach       float64 // metres from the first fix
	homeHeight  bool    // the log gives heights above take-off itself

	base                  float64 // the first height, from which the others count
	based                 bool
	path, from, low, high float64 // of the current stretch
	stretches, level      int
}

type startFix struct{ east, north, msl, ellipsoid, unclear float64 }

// Add takes the next sample of the track.
func (s *Survey) Add(x Sample) { s.add(&x) }

// add is Add without a copy: there are millions of samples.
func (s *Survey) add(x *Sample) {
	if x.Aside || !usable(x.Point) {
		return
	}
	if s.fixes++; s.fixes == 1 {
		s.frame, s.first = geo.NewFrame(x.Point), x.clocks()
		s.last = s.first
		s.elapsed = -1
	}
	if s.epoch.IsZero() {
		s.epoch = x.Time
	}
	if s.local.IsZero() {
		s.local = x.Local
	}
	if !s.timed && x.Elapsed >= 0 {
		s.elapsed, s.timed = x.Elapsed, true
	}
	east, north, ok := s.frame.To(x.Point)
	d := math.Sqrt(east*east + north*north)
	if !ok || d > flightReach {
		s.far++
		return
	}
	// What is decided below must not depend on the last bits, which the place has a part in.
	e, n := tenth(east), tenth(north)
	step := math.Sqrt((e-s.east)*(e-s.east) + (n-s.north)*(n-s.north))
	if step > leap {
		if dt := seconds(s.last, x.clocks()); !(dt > 0 && step/dt <= leapSpeed) {
			s.away++
			return
		}
	}
	s.started = s.started || s.over(x)
	if !s.started {
		s.start = append(s.start, startFix{east, north, x.MSL, x.Ellipsoid, x.Unclear})
	}
	s.homeHeight = s.homeHeight || !math.IsNaN(x.Height)
	s.reach = max(s.reach, math.Sqrt(e*e+n*n))
	s.profile(x, step)
	s.last, s.east, s.north = x.clocks(), e, n
}

// over reports whether x is past the first seconds.
func (s *Survey) over(x *Sample) bool {
	n := len(s.start)
	if dt := seconds(s.first, x.clocks()); dt != 0 {
		return n >= takeOffMax || math.Abs(dt) > takeOff.Seconds()
	}
	return n >= takeOffMin
}

// clocks is when a sample was, by each clock it has.
type clocks struct {
	time, local time.Time
	elapsed     time.Duration
}

func (x *Sample) clocks() clocks { return clocks{x.Time, x.Local, x.Elapsed} }

// seconds is the time from a to b, 0 if unknown.
func seconds(a, b clocks) float64 {
	switch {
	case !a.time.IsZero() && !b.time.IsZero():
		return b.time.Sub(a.time).Seconds()
	case !a.local.IsZero() && !b.local.IsZero():
		return b.local.Sub(a.local).Seconds()
	case a.elapsed >= 0 && b.elapsed >= 0:
		return (b.elapsed - a.elapsed).Seconds()
	}
	return 0
}

// profile counts the stretches of path that are flown at one height. The last
// fix is s.last; step metres lie between it and x.
func (s *Survey) profile(x *Sample, step float64) {
	h := firstKnown(x.Height, x.MSL, x.Ellipsoid, x.Unclear)
	if math.IsNaN(h) {
		return
	}
	if !s.based {
		s.base, s.based = h, true
	}
	h = tenth(h - s.base)
	s.low, s.high = min(s.low, h), max(s.high, h)
	if s.path += step; s.path-s.from >= stretch {
		s.stretches++
		if s.high-s.low <= levelBand {
			s.level++
		}
		s.from, s.low, s.high = s.path, h, h
	}
}

// followsGround reports whether the heights of the track may be those of the
// ground below it. An aircraft that holds its height is level for most of its
// way; a terrain-following mission, a car or a hike is not. Such heights would
// find the place again in a terrain model.
func (s *Survey) followsGround() bool { return s.stretches >= 5 && 2*s.level < s.stretches }

// Fixes is how many positions of the aircraft there were.
func (s *Survey) Fixes() int { return s.fixes }

// Anchor returns where the track took off: the median of its first seconds.
func (s *Survey) Anchor() (geo.Point, error) {
	p, _, _, err := s.anchor()
	return p, err
}

// anchor returns it also in the frame of the first fix.
func (s *Survey) anchor() (p geo.Point, east, north float64, err error) {
	if s.fixes == 0 || len(s.start) == 0 {
		return geo.Point{}, 0, 0, ErrNoTrack
	}
	if s.away+s.far > max(s.fixes/100, min(10, s.fixes/4)) { // more than a receiver gone astray
		return geo.Point{}, 0, 0, ErrTwoPlaces
	}
	east, north = s.median(func(f startFix) float64 { return f.east }), s.median(func(f startFix) float64 { return f.north })
	p, ok := s.frame.From(east, north)
	if !ok {
		return geo.Point{}, 0, 0, ErrNoTrack
	}
	return p, east, north, nil
}

// median is the lower median of one number of the first fixes, NaN if none has
// it: always a number that was measured, never the middle between two.
func (s *Survey) median(of func(startFix) float64) float64 {
	var v []float64
	for _, f := range s.start {
		if x := of(f); !math.IsNaN(x) {
			v = append(v, x)
		}
	}
	if len(v) == 0 {
		return math.NaN()
	}
	slices.Sort(v)
	return v[(len(v)-1)/2]
}

func firstKnown(vs ...float64) float64 {
	for _, v := range vs {
		if !math.IsNaN(v) {
			return v
		}
	}
	return math.NaN()
}
