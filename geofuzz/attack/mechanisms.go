package attack

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"flightveil/geofuzz"
	"flightveil/internal/geo"
)

// A release is what one flight's file shows: the track, and what its totals
// give away of the parts that were cut.
type release struct {
	track []point
	// hidden is how long the cut parts before and after the track are, as a
	// total distance or the time since take-off tells; NaN if nothing does.
	hidden [2]float64
}

// A method turns a pilot's flights into what is published.
type method struct {
	name    string
	ours    bool    // one of geofuzz, not a baseline
	epsilon float64 // of ours: what chance allows
	release func(p *pilot, rng *rand.Rand, n int, flights [][]point) []release
}

// each makes a method of one that treats each flight for itself.
func each(f func(rng *rand.Rand, flight []point) []point) func(*pilot, *rand.Rand, int, [][]point) []release {
	return func(_ *pilot, rng *rand.Rand, _ int, flights [][]point) []release {
		out := make([]release, len(flights))
		for i, fl := range flights {
			out[i] = shown(f(rng, fl))
		}
		return out
	}
}

func shown(track []point) release {
	return release{track, [2]float64{math.NaN(), math.NaN()}}
}

// methods lists what is tried: baselines as other programs do it, then ours.
func methods(epsilon float64) []method {
	zoned := func(radius float64, translated, anew, leak bool) func(*pilot, *rand.Rand, int, [][]point) []release {
		return func(_ *pilot, rng *rand.Rand, _ int, flights [][]point) []release {
			centre := within(rng, radius, translated)
			out := make([]release, len(flights))
			for i, fl := range flights {
				if anew {
					centre = within(rng, radius, translated)
				}
				out[i] = cutZone(fl, centre, radius, leak)
			}
			return out
		}
	}
	return []method{
		{name: "none", release: each(func(_ *rand.Rand, fl []point) []point { return fl })},
		{name: "round to 3 decimals", release: rounded(3)},
		{name: "round to 2 decimals", release: rounded(2)},
		{name: "noise per point", release: each(func(rng *rand.Rand, fl []point) []point {
			out := make([]point, len(fl))
			for i, p := range fl {
				out[i] = p.add(laplace(rng, epsilon))
			}
			return out
		})},
		{name: "shift, new for every file", release: each(func(rng *rand.Rand, fl []point) []point {
			by := laplace(rng, epsilon)
			out := make([]point, len(fl))
			for i, p := range fl {
				out[i] = p.add(by)
			}
			return out
		})},
		{name: "zone 500 m, centred", release: zoned(500, false, false, false)},
		{name: "zone 500 m, centred, true totals", release: zoned(500, false, false, true)},
		{name: "zone 500 m, moved once", release: zoned(500, true, false, false)},
		{name: "zone 500 m, moved once, true totals", release: zoned(500, true, false, true)},
		{name: "zone 500 m, moved for every file", release: zoned(500, true, true, false)},
		{name: "zone 1000 m, moved once", release: zoned(1000, true, false, false)},
		{name: "trim 300 m", release: each(func(_ *rand.Rand, fl []point) []point { return trimmed(fl, 300, 300) })},
		{name: "trim 200 to 600 m", release: each(func(rng *rand.Rand, fl []point) []point {
			return trimmed(fl, 200+400*rng.Float64(), 200+400*rng.Float64())
		})},
		{name: "M1 near", ours: true, epsilon: epsilon, release: relocated(epsilon)},
	}
}

// laplace draws from the planar Laplace distribution.
func laplace(rng *rand.Rand, epsilon float64) point {
	return polar(2*math.Pi*rng.Float64(), (rng.ExpFloat64()+rng.ExpFloat64())/epsilon)
}

// within is a zone's centre: home, or uniform within 0.9 of the radius.
func within(rng *rand.Rand, radius float64, translated bool) point {
	if !translated {
		return point{}
	}
	return polar(2*math.Pi*rng.Float64(), 0.9*radius*math.Sqrt(rng.Float64()))
}

// cutZone hides what lies inside a circle at the beginning and the end.
func cutZone(fl []point, centre point, radius float64, leak bool) release {
	outside := func(p point) bool { return p.to(centre) > radius }
	a := slices.IndexFunc(fl, outside)
	if a < 0 {
		return shown(nil)
	}
	b := len(fl)
	for !outside(fl[b-1]) {
		b--
	}
	r := shown(fl[a:b])
	if leak {
		r.hidden = [2]float64{float64(a) * sampling, float64(len(fl)-b) * sampling}
	}
	return r
}

// trimmed cuts so many metres of path off both ends.
func trimmed(fl []point, front, back float64) []point {
	a, b := int(front/sampling), len(fl)-int(back/sampling)
	if b-a < 2 {
		return nil
	}
	return fl[a:b]
}

// rounded rounds degrees, at 45° north, as most scripts do.
func rounded(decimals int) func(*pilot, *rand.Rand, int, [][]point) []release {
	return func(_ *pilot, rng *rand.Rand, _ int, flights [][]point) []release {
		north := 111_320 / math.Pow(10, float64(decimals))
		east := north * math.Cos(math.Pi/4)
		off := point{rng.Float64() * east, rng.Float64() * north} // where home lies in its cell
		out := make([]release, len(flights))
		for i, fl := range flights {
			track := make([]point, len(fl))
			for k, p := range fl {
				track[k] = point{math.Round((p.x+off.x)/east)*east - off.x, math.Round((p.y+off.y)/north)*north - off.y}
			}
			out[i] = shown(track)
		}
		return out
	}
}

// relocated runs the mechanism itself, on positions on the globe.
func relocated(epsilon float64) func(*pilot, *rand.Rand, int, [][]point) []release {
	return func(p *pilot, rng *rand.Rand, n int, flights [][]point) []release {
		key := make(geofuzz.Key, 0, geofuzz.KeySize)
		for len(key) < geofuzz.KeySize {
			key = binary.LittleEndian.AppendUint64(key, rng.Uint64())
		}
		places := &geofuzz.Places{}
		m := geofuzz.Relocate("near", &geofuzz.Near{Key: key, Places: places, Epsilon: epsilon, Save: func() error { return nil }})
		frame := geo.NewFrame(p.home)
		out := make([]release, len(flights))
		var track []geofuzz.Sample
		for i, fl := range flights {
			track = track[:0]
			for k, q := range fl {
				at, _ := frame.From(q.x, q.y)
				s := geofuzz.Unmeasured(at)
				s.Elapsed = time.Duration(float64(k) * sampling / cruise * float64(time.Second))
				track = append(track, s)
			}
			if i == 0 { // as the registry would, but with a name that is the same in every run
				var s geofuzz.Survey
				for _, x := range track {
					s.Add(x)
				}
				if anchor, err := s.Anchor(); err == nil {
					places.List = append(places.List, &geofuzz.Place{ID: fmt.Sprintf("%016x%016x", rng.Uint64(), n), Anchor: anchor})
				}
			}
			moved, err := m.Release(track)
			if err != nil {
				continue // nothing is shown
			}
			seen := make([]point, len(moved))
			for k, s := range moved {
				seen[k].x, seen[k].y, _ = frame.To(s.Point)
			}
			out[i] = shown(seen)
		}
		return out
	}
}
