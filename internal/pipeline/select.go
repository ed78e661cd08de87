package pipeline

import (
	"iter"
	"math"
	"time"

	"flightveil/internal/geo"
	"flightveil/logfmt"
)

// A Selection thins a log out. The zero value keeps everything.
type Selection struct {
	Since, Until time.Time     // by the clock of the log; zero means no bound
	Every        time.Duration // at most one position in this time
	Simplify     float64       // leave out positions closer than this many metres to the line of the others
}

// apply returns the records that s selects. Positions without a time are not
// bounded by Since and Until: there is no telling when they were.
func (s Selection) apply(records iter.Seq2[logfmt.Record, error]) iter.Seq2[logfmt.Record, error] {
	if s == (Selection{}) {
		return records
	}
	return func(yield func(logfmt.Record, error) bool) {
		line := &simplifier{tolerance: s.Simplify}
		var last logfmt.Fix
		began := false
		for rec, err := range records {
			if _, ok := rec.(logfmt.Start); ok || err != nil {
				if !line.flush(yield) {
					return
				}
				began = false
			}
			switch x := rec.(type) {
			case logfmt.Spot:
				if !s.within(x.Time, x.Local) {
					continue
				}
			case logfmt.Message:
				if !s.within(x.Time, time.Time{}) {
					continue
				}
			}
			fix, ok := rec.(logfmt.Fix)
			if !ok || err != nil {
				if !yield(rec, err) || err != nil {
					return
				}
				continue
			}
			if !s.within(fix.Time, fix.Local) || began && s.Every > 0 && since(last, fix) < s.Every {
				continue
			}
			began, last = true, fix
			if !line.add(fix, yield) {
				return
			}
		}
		line.flush(yield)
	}
}

// within reports whether a moment lies between Since and Until.
func (s Selection) within(at, local time.Time) bool {
	if at.IsZero() {
		at = local
	}
	return at.IsZero() || !(!s.Since.IsZero() && at.Before(s.Since) || !s.Until.IsZero() && at.After(s.Until))
}

// since is the time from a to b; positions without any clock are far apart.
func since(a, b logfmt.Fix) time.Duration {
	d := duration(a, b)
	if d == 0 && a.Time.IsZero() && a.Local.IsZero() && a.Elapsed < 0 {
		return math.MaxInt64
	}
	if d < 0 { // the clock was set back
		return math.MaxInt64
	}
	return d
}

// simplifier leaves out fixes that lie within a tolerance of the straight line
// between those it keeps: an opening window, so that memory stays bounded.
type simplifier struct {
	tolerance float64
	window    []logfmt.Fix // the last one kept and those since
}

const longestWindow = 2000

func (s *simplifier) add(f logfmt.Fix, yield func(logfmt.Record, error) bool) bool {
	if s.tolerance <= 0 {
		return yield(f, nil)
	}
	if len(s.window) == 0 {
		s.window = append(s.window, f)
		return yield(f, nil)
	}
	if len(s.window) > 1 && (len(s.window) > longestWindow || !s.straight(f.Point)) {
		keep := s.window[len(s.window)-1]
		s.window = append(s.window[:0], keep)
		if !yield(keep, nil) {
			return false
		}
	}
	s.window = append(s.window, f)
	return true
}

// flush yields the last fix of a line, which is always kept.
func (s *simplifier) flush(yield func(logfmt.Record, error) bool) bool {
	n := len(s.window)
	if n < 2 {
		s.window = s.window[:0]
		return true
	}
	last := s.window[n-1]
	s.window = s.window[:0]
	return yield(last, nil)
}

// straight reports whether all fixes since the last one kept lie near the line to p.
func (s *simplifier) straight(p geo.Point) bool {
	a := s.window[0].Point
	for _, f := range s.window[1:] {
		if offLine(f.Point, a, p) > s.tolerance {
			return false
		}
	}
	return true
}

// offLine is the distance in metres of p from the segment ab, in a plane that
// touches the Earth at a: good enough over the few kilometres of a window.
func offLine(p, a, b geo.Point) float64 {
	const metresPerDegree = 111_320
	east := metresPerDegree * math.Cos(a.Lat*math.Pi/180)
	flat := func(q geo.Point) (x, y float64) {
		return math.Remainder(q.Lon-a.Lon, 360) * east, (q.Lat - a.Lat) * metresPerDegree
	}
	px, py := flat(p)
	bx, by := flat(b)
	t := 0.0
	if n := bx*bx + by*by; n > 0 {
		t = max(0, min(1, (px*bx+py*by)/n))
	}
	return math.Hypot(px-t*bx, py-t*by)
}
