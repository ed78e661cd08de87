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
	// heights are those of the fixes, in metres above the sea if high is set,
	// above take-off otherwise; nil if the file has none.
	heights []float64
	high    bool
	samples []geofuzz.Sample // as written, where an attack needs degrees and speeds
	// What every attacker has beside the file: where on Earth the plane is, and
	// all houses.
	origin geo.Point
	houses []point
}

// A subject is one pilot with all that was flown.
type subject struct {
	home    point     // in the plane of the world
	origin  geo.Point // where that plane's origin lies on Earth
	flights []flight
	centre  point // of a zone around home that is moved once
}

// A method turns what a pilot flew into what is published. number tells homes
// apart.
type method struct {
	name    string
	ours    bool    // one of geofuzz, not a baseline
	epsilon float64 // of ours: what chance allows
	release func(s *subject, rng *rand.Rand, number int) []release
}

// each makes a method of one that treats each flight for itself.
func each(f func(rng *rand.Rand, track []point) []point) func(*subject, *rand.Rand, int) []release {
	return func(s *subject, rng *rand.Rand, _ int) []release {
		out := make([]release, len(s.flights))
		for i, fl := range s.flights {
			out[i] = shown(f(rng, fl.track))
		}
		return out
	}
}

func shown(track []point) release {
	return release{track: track, hidden: [2]float64{math.NaN(), math.NaN()}}
}

// A zone is a circle around home in which nothing is shown.
type zone struct {
	radius           float64
	translated, anew bool // its centre is moved once, or for every file
	totals           bool // the file still tells the true distance
	noLegs           bool // the legs that lead home are dropped, too
	at               *point
}

func (z zone) release(s *subject, rng *rand.Rand, _ int) []release {
	centre := s.home.add(within(rng, z.radius, z.translated))
	if z.at != nil {
		centre = *z.at
	}
	out := make([]release, len(s.flights))
	for i, fl := range s.flights {
		if z.anew {
			centre = s.home.add(within(rng, z.radius, z.translated))
		}
		if z.noLegs {
			fl.track = fl.track[fl.out : fl.back+1]
		}
		out[i] = cutZone(fl.track, centre, z.radius, z.totals)
	}
	return out
}

// droneMethods lists what is tried on drones: baselines as other programs do
// it, then ours.
func droneMethods(epsilon float64) []method {
	return append([]method{
		{name: "none", release: each(func(_ *rand.Rand, track []point) []point { return track })},
		{name: "round to 3 decimals", release: rounded(3)},
		{name: "round to 2 decimals", release: rounded(2)},
		{name: "noise per point", release: each(func(rng *rand.Rand, track []point) []point {
			out := make([]point, len(track))
			for i, p := range track {
				out[i] = p.add(laplace(rng, epsilon))
			}
			return out
		})},
		{name: "shift, new for every file", release: each(func(rng *rand.Rand, track []point) []point {
			return moved(track, laplace(rng, epsilon))
		})},
		{name: "one noisy point per flight", release: locationGuard},
		{name: "zone 500 m, centred", release: zone{radius: 500}.release},
		{name: "zone 500 m, centred, true totals", release: zone{radius: 500, totals: true}.release},
		{name: "zone 500 m, moved once", release: zone{radius: 500, translated: true}.release},
		{name: "zone 500 m, moved once, true totals", release: zone{radius: 500, translated: true, totals: true}.release},
		{name: "zone 500 m, moved for every file", release: zone{radius: 500, translated: true, anew: true}.release},
		{name: "zone 500 m, moved once, no legs home", release: zone{radius: 500, translated: true, noLegs: true}.release},
		{name: "zone 1000 m, moved once", release: zone{radius: 1000, translated: true}.release},
		{name: "zone 300 m, whole degrees and metres", release: openBikeSensor},
		{name: "trim 300 m", release: each(func(_ *rand.Rand, track []point) []point { return trimmed(track, 300, 300) })},
		{name: "trim 200 to 600 m", release: each(func(rng *rand.Rand, track []point) []point {
			return trimmed(track, 200+400*rng.Float64(), 200+400*rng.Float64())
		})},
	}, ours(epsilon)...)
}

// ours lists the mechanisms of geofuzz.
func ours(epsilon float64) []method {
	return []method{{name: "M1 near", ours: true, epsilon: epsilon, release: relocated(epsilon)}}
}

// moved is track, moved.
func moved(track []point, by point) []point {
	out := make([]point, len(track))
	for i, p := range track {
		out[i] = p.add(by)
	}
	return out
}

// locationGuard gives one noisy point out for as long as it remembers it, which
// is longer than a flight, and draws anew for the next (epsilon 2/500 m, the
// default of that browser extension).
func locationGuard(s *subject, rng *rand.Rand, _ int) []release {
	out := make([]release, len(s.flights))
	for i, fl := range s.flights {
		p := fl.track[0].add(laplace(rng, 2.0/500))
		out[i] = shown([]point{p, p})
	}
	return out
}

// openBikeSensor is the zone of that firmware: moved once by 10 to 90 % of its
// radius, in whole degrees and whole metres, and everything inside is hidden,
// not the ends alone.
func openBikeSensor(s *subject, rng *rand.Rand, _ int) []release {
	const radius = 300.0
	by := polar(float64(rng.IntN(360))*math.Pi/180, math.Floor(radius*(0.1+0.8*rng.Float64())))
	out := make([]release, len(s.flights))
	for i, fl := range s.flights {
		out[i] = shown(slices.DeleteFunc(slices.Clone(fl.track), func(p point) bool { return p.to(s.home.add(by)) < radius }))
	}
	return out
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
func rounded(decimals int) func(*subject, *rand.Rand, int) []release {
	return func(s *subject, rng *rand.Rand, _ int) []release {
		north := 111_320 / math.Pow(10, float64(decimals))
		east := north * math.Cos(math.Pi/4)
		off := point{rng.Float64() * east, rng.Float64() * north} // where home lies in its cell
		out := make([]release, len(s.flights))
		for i, fl := range s.flights {
			track := make([]point, len(fl.track))
			for k, p := range fl.track {
				track[k] = point{math.Round((p.x+off.x)/east)*east - off.x, math.Round((p.y+off.y)/north)*north - off.y}
			}
			out[i] = shown(track)
		}
		return out
	}
}

// relocated runs the mechanism itself, on positions on the globe.
func relocated(epsilon float64) func(*subject, *rand.Rand, int) []release {
	return func(s *subject, rng *rand.Rand, number int) []release {
		places := &geofuzz.Places{}
		m := geofuzz.Relocate("near", &geofuzz.Near{Key: newKey(rng), Places: places, Epsilon: epsilon, Save: func() error { return nil }})
		frame := geo.NewFrame(s.origin)
		out := make([]release, len(s.flights))
		var track []geofuzz.Sample
		for i, fl := range s.flights {
			track = recorded(track[:0], &frame, fl)
			if i == 0 {
				register(places, track, rng, number)
			}
			out[i] = released(m, track, &frame)
			out[i].origin = s.origin
		}
		return out
	}
}

// newKey is a pilot's master key.
func newKey(rng *rand.Rand) geofuzz.Key {
	key := make(geofuzz.Key, 0, geofuzz.KeySize)
	for len(key) < geofuzz.KeySize {
		key = binary.LittleEndian.AppendUint64(key, rng.Uint64())
	}
	return key
}

// recorded appends a flight as its log has it.
func recorded(track []geofuzz.Sample, frame *geo.Frame, fl flight) []geofuzz.Sample {
	for k, q := range fl.track {
		at, _ := frame.From(q.x, q.y)
		s := geofuzz.Unmeasured(at)
		s.Elapsed = time.Duration(float64(k) * sampling / cruise * float64(time.Second))
		if fl.heights != nil {
			s.MSL = fl.heights[k]
		}
		track = append(track, s)
	}
	return track
}

// register notes the place of a first flight as the mechanism would, but with
// a name that is the same in every run.
func register(places *geofuzz.Places, track []geofuzz.Sample, rng *rand.Rand, number int) {
	var s geofuzz.Survey
	for _, x := range track {
		s.Add(x)
	}
	if anchor, err := s.Anchor(); err == nil {
		places.List = append(places.List, &geofuzz.Place{ID: fmt.Sprintf("%016x%016x", rng.Uint64(), number), Anchor: anchor})
	}
}

// released is what a mechanism shows of a track, in the plane of frame.
func released(m geofuzz.Mechanism, track []geofuzz.Sample, frame *geo.Frame) release {
	out, err := m.Release(track)
	if err != nil {
		return shown(nil) // nothing is
	}
	r := shown(make([]point, len(out)))
	heights := make([]float64, len(out))
	measured := false
	for k, x := range out {
		r.track[k].x, r.track[k].y, _ = frame.To(x.Point)
		heights[k] = x.Height
		measured = measured || !math.IsNaN(x.Height)
	}
	if measured {
		r.heights = heights
	}
	return r
}
