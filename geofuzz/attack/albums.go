package attack

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"flightveil/geofuzz"
	"flightveil/internal/geo"
)

// A File is one file that was shared, as somebody sees it who has all of them.
type File struct {
	Name    string
	Serials []string // of devices, as it names them
	Samples []geofuzz.Sample
}

// A Link says that two files show the same moments at different places: the
// vector between them is the secret of a displacement.
type Link struct {
	A, B        int     // files
	By          string  // what they have in common: "time", "time since the start", "name", "serial"
	Metres      float64 // from A's place to B's
	East, North float64 // the same, in A's plane
	Spread      float64 // metres, how far the moments disagree about it
	Moments     int
}

const (
	linkMost   = 1 << 16 // samples of a file that are compared
	linkApart  = 20.0    // metres: more than two receivers disagree
	linkSpread = 10.0    // metres: less than two flights are alike
)

// Links finds the vectors that a set of files gives away: files that show one
// aircraft at one moment at two places. Files belong to the same flight if
// their clocks say so; files without a clock in common, if their names or
// serials do and both tell the time since they began.
func Links(files []File) []Link {
	var out []Link
	for i := range files {
		for j := i + 1; j < len(files); j++ {
			if l, ok := link(files[i], files[j]); ok {
				l.A, l.B = i, j
				out = append(out, l)
			}
		}
	}
	return out
}

func link(a, b File) (Link, bool) {
	if l, ok := vector(a.Samples, b.Samples, func(s geofuzz.Sample) (int64, bool) { return s.Time.Unix(), !s.Time.IsZero() }); ok {
		l.By = "time"
		return l, true
	}
	l, ok := vector(a.Samples, b.Samples, func(s geofuzz.Sample) (int64, bool) { return int64(s.Elapsed / time.Second), s.Elapsed >= 0 })
	switch {
	case !ok || l.Moments < 10:
		return l, false
	case a.Name != "" && a.Name == b.Name:
		l.By = "name"
	case slices.ContainsFunc(a.Serials, func(s string) bool { return s != "" && slices.Contains(b.Serials, s) }):
		l.By = "serial"
	default:
		return l, false
	}
	return l, true
}

// vector compares the positions of equal moments. They give a vector away if
// they are apart, and all by the same way.
func vector(a, b []geofuzz.Sample, moment func(geofuzz.Sample) (int64, bool)) (Link, bool) {
	at := map[int64]geo.Point{}
	for _, s := range a[:min(len(a), linkMost)] {
		if m, ok := moment(s); ok && !s.Aside {
			if _, known := at[m]; !known {
				at[m] = s.Point
			}
		}
	}
	var off []float64
	var first [2]geo.Point
	var frames [2]geo.Frame
	for _, s := range b[:min(len(b), linkMost)] {
		m, ok := moment(s)
		p, both := at[m]
		if !ok || !both || s.Aside {
			continue
		}
		// Each one's way since the first moment, in its own plane.
		if len(off) == 0 {
			first = [2]geo.Point{p, s.Point}
			frames = [2]geo.Frame{geo.NewFrame(p), geo.NewFrame(s.Point)}
		}
		e0, n0, _ := frames[0].To(p)
		e1, n1, _ := frames[1].To(s.Point)
		off = append(off, math.Hypot(e1-e0, n1-n0))
	}
	if len(off) == 0 {
		return Link{}, false
	}
	l := Link{Moments: len(off), Metres: first[0].Distance(first[1]), Spread: middle(off)}
	l.East, l.North, _ = frames[0].To(first[1])
	return l, l.Metres > linkApart && l.Spread < linkSpread
}

// middle is the median.
func middle(v []float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}

// albums is the world of those who share a flight together with a photo of it.
func albums(epsilon float64) world {
	type hide = func(m geofuzz.Mechanism, log, photo []geofuzz.Sample) (released [][]geofuzz.Sample)
	shared := func(name string, ours bool, f hide) method {
		return method{name: name, ours: ours, epsilon: epsilon, release: func(s *subject, rng *rand.Rand, number int) []release {
			places := &geofuzz.Places{}
			m := geofuzz.Relocate("near", &geofuzz.Near{Key: newKey(rng), Places: places, Epsilon: epsilon, Save: func() error { return nil }})
			frame := geo.NewFrame(s.origin)
			log := recorded(nil, &frame, s.flights[0])
			register(places, log, rng, number)
			start := time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC)
			for i := range log {
				log[i].Time = start.Add(log[i].Elapsed)
			}
			k := len(log)/3 + rng.IntN(len(log)/3)
			var out []release
			for _, file := range f(m, log, log[k:k+1]) {
				r := shown(nil)
				r.samples, r.origin = file, s.origin
				for _, x := range file {
					var p point
					p.x, p.y, _ = frame.To(x.Point)
					r.track = append(r.track, p)
				}
				out = append(out, r)
			}
			return out
		}}
	}
	return world{
		name: "albums", counts: []int{2}, // the log and the photo
		subject: func(seed uint64, number, _ int) *subject {
			p := newPilot(seed, number)
			return &subject{origin: p.home, flights: []flight{p.fly()}}
		},
		methods: []method{
			shared("log moved, photo forgotten", false, func(m geofuzz.Mechanism, log, photo []geofuzz.Sample) [][]geofuzz.Sample {
				out, err := m.Release(log)
				if err != nil {
					return nil
				}
				for i := range out { // the clock was forgotten, too
					out[i].Time = log[i].Time
				}
				return [][]geofuzz.Sample{out, photo}
			}),
			shared("M1 near, log and photo together", true, func(m geofuzz.Mechanism, log, photo []geofuzz.Sample) [][]geofuzz.Sample {
				out, err := m.Release(append(slices.Clone(log), photo...))
				if err != nil {
					return nil
				}
				return [][]geofuzz.Sample{out[:len(log)], out[len(log):]}
			}),
		},
		attacks: []attack{{"A9", "files that show one moment at two places", false, crossFile}},
	}
}

// crossFile looks for a vector between files, and takes it from where the first
// one begins.
func crossFile(rs []release) (point, bool) {
	var files []File
	for _, r := range rs {
		files = append(files, File{Samples: r.samples})
	}
	for _, l := range Links(files) {
		if len(rs[l.A].track) > 0 {
			return rs[l.A].track[0].add(point{l.East, l.North}), true
		}
	}
	return point{}, false
}
