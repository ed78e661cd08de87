package share

import (
	"math"
	"slices"
	"time"

	"flightveil/internal/geo"
)

// A clock is how far one clock is ahead of another: of UTC, for cameras whose
// pictures join a log that knows UTC.
type clock struct {
	ahead time.Duration
	votes int  // pictures that say so
	known bool // ahead is more than a guess
}

const (
	beside    = 30.0                 // metres within which a picture was taken where the log was
	hover     = 0.5                  // metres that a receiver wanders
	sameGo    = 5_000.0              // metres: no picture of a flight is farther from it
	slack     = 120 * time.Second    // a flight's pictures are taken at most that long before and after its log
	bin       = 2 * time.Second      // of clock offsets
	quarter   = 15 * time.Minute     // time zones differ by multiples of it
	mostAhead = 14*time.Hour + slack // no zone is farther from UTC
	drift     = time.Hour            // most that a clock that knows UTC is wrong
	maxVoters = 400                  // pictures of one camera that are asked
)

// estimate finds out how far the clock of units is ahead of that of the
// flights: where a picture was taken where the aircraft was, the difference of
// their times is a candidate, and most pictures agree on the true one.
func estimate(units []*unit, flights []*flight, most time.Duration) clock {
	votes := map[int64]int{}
	var all []time.Duration
	asked := 0
	for _, u := range units {
		if u.at.IsZero() || u.where == nil || asked >= maxVoters {
			continue
		}
		asked++
		seen := map[int64]bool{}
		for _, f := range flights {
			for _, d := range f.ahead(u, most) {
				all = append(all, d)
				at := int64(math.Round(float64(d) / float64(bin)))
				for b := at - 1; b <= at+1; b++ { // one picture, one vote, whatever the edges of bins
					if !seen[b] {
						seen[b] = true
						votes[b]++
					}
				}
			}
		}
	}
	best, bestVotes := int64(0), 0
	for b, n := range votes {
		if n > bestVotes || n == bestVotes && closer(b, best) {
			best, bestVotes = b, n
		}
	}
	if bestVotes == 0 {
		return clock{}
	}
	var agree []time.Duration
	for _, d := range all {
		if b := int64(math.Round(float64(d) / float64(bin))); b >= best-1 && b <= best+1 {
			agree = append(agree, d)
		}
	}
	slices.Sort(agree)
	return clock{ahead: agree[len(agree)/2].Round(time.Second), votes: bestVotes, known: true}
}

// closer reports whether bin a is the likelier offset than b where as many
// pictures speak for it: clocks are wrong by little, but for the zone.
func closer(a, b int64) bool {
	off := func(b int64) time.Duration {
		d := time.Duration(b) * bin
		return (d - d.Round(quarter)).Abs()
	}
	if off(a) != off(b) {
		return off(a) < off(b)
	}
	return time.Duration(a).Abs() < time.Duration(b).Abs() || a < b && time.Duration(a).Abs() == time.Duration(b).Abs()
}

// ahead returns the differences between the time of u and those at which the
// log was where u was taken: each time it came by, where it was closest. Where
// it hovered, that is all the while.
func (f *flight) ahead(u *unit, most time.Duration) []time.Duration {
	var out []time.Duration
	const metresPerDegree = 111_320
	type pass struct {
		by  time.Duration
		off float64
	}
	for _, l := range f.logs {
		if l.Flown == nil {
			continue
		}
		var near []pass
		closest := beside
		leave := func() {
			for _, p := range near {
				if p.off <= closest+hover {
					out = append(out, p.by)
				}
			}
			near, closest = near[:0], beside
		}
		for i := range l.Flown.Points {
			p := &l.Flown.Points[i]
			if p.At.IsZero() || math.Abs(p.Lat-u.where.Lat)*metresPerDegree > beside {
				leave()
				continue
			}
			off := p.Distance(*u.where)
			if off > beside {
				leave()
				continue
			}
			if d := u.at.Sub(p.At); d.Abs() <= most {
				near = append(near, pass{d, off})
				closest = min(closest, off)
			}
		}
		leave()
	}
	return out
}

// zoneOf guesses by which whole quarter of an hour the clocks of units are
// ahead of UTC, where no position tells: the one by which most of them fall
// into a flight.
func zoneOf(units []*unit, flights []*flight) clock {
	best := clock{}
	var bestOff time.Duration
	for q := -12 * time.Hour; q <= 14*time.Hour; q += quarter {
		n := 0
		var lon float64
		for _, u := range units {
			for _, f := range flights {
				if f.holds(u, u.at.Add(-q)) {
					n++
					if f.logs[0].Where != nil {
						lon = f.logs[0].Where.Lon
					}
					break
				}
			}
		}
		off := (q - time.Duration(lon/15*float64(time.Hour))).Abs() // from the zone of the place
		if n > best.votes || n == best.votes && n > 0 && off < bestOff {
			best, bestOff = clock{ahead: q, votes: n}, off
		}
	}
	return best
}

// holds reports whether u, taken at at by the clock of f, may be of f.
func (f *flight) holds(u *unit, at time.Time) bool {
	if f.begin.IsZero() || u.at.IsZero() || at.Before(f.begin.Add(-slack)) || at.After(f.end.Add(slack)) {
		return false
	}
	return u.where == nil || f.near(*u.where)
}

// near reports whether p is where the flight was, give or take sameGo.
func (f *flight) near(p geo.Point) bool {
	any := false
	for _, l := range f.logs {
		if l.Flown == nil {
			continue
		}
		for i := range l.Flown.Points {
			any = true
			if l.Flown.Points[i].Distance(p) <= sameGo {
				return true
			}
		}
	}
	return !any
}
