package attack

import (
	"context"
	"hash/fnv"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"flightveil/geofuzz"
)

// Seeds are those of the worlds the bench is judged by. They were written down
// before any result was known.
var Seeds = [5]uint64{1, 2, 3, 4, 5}

// Radii are the distances within which a guess counts, in metres.
var Radii = [3]float64{50, 100, 250}

// Counts are how many flights an attacker sees.
var Counts = [5]int{1, 3, 10, 30, 100}

// A Bench is what to try.
type Bench struct {
	Homes   int
	Most    int // flights per home, at most; 0 means all of Counts
	Seed    uint64
	Epsilon float64  // per metre, of noise and near
	Methods []string // names; none means all
	Maps    *Maps    // nil: the drones alone; without any map, the worlds that need none as well
	Jobs    int
	Done    func() // called after each home of each world, from one goroutine at a time
}

// A world is where pilots live, what is tried on their tracks, and by whom.
type world struct {
	name    string
	counts  []int // how many flights an attacker sees
	homes   int   // how many are tried at most, 0 for as many as asked for
	methods []method
	attacks []attack
	subject func(seed uint64, number, flights int) *subject // nil result: no such home
}

// A Row is how well one attack did against one method.
type Row struct {
	World  string              `json:"world"`
	Method string              `json:"method"`
	Ours   bool                `json:"ours"`
	N      int                 `json:"flights"`
	ID     string              `json:"attack"`
	Attack string              `json:"attack_name"`
	Gated  bool                `json:"gated"` // must not do better than chance
	Homes  int                 `json:"homes"`
	Hit    [len(Radii)]float64 `json:"hit"`    // share of homes found within Radii
	House  float64             `json:"hit_23"` // and within 22.95 m, the criterion of Dhondt et al.
	Chance [len(Radii)]float64 `json:"chance"` // what a guess of the released place hits; 0 for baselines
	Median float64             `json:"median_error_m"`
	// Slope is how much the shares grow with ten times as many flights, over all
	// numbers of flights up to N, and SlopeError its standard error. They are 0
	// in the rows of the smallest N.
	Slope      [len(Radii)]float64 `json:"slope"`
	SlopeError [len(Radii)]float64 `json:"slope_error"`
}

// houseRadius is within how many metres a guess is the house itself (Dhondt et
// al., CCS 2022).
const houseRadius = 22.95

// worlds lists where the bench is run, cut down to what is asked for.
func (b Bench) worlds() []world {
	all := []world{drones(b.Epsilon)}
	all = append(all, b.Maps.worlds(b.Epsilon)...)
	for i := range all {
		w := &all[i]
		if w.homes == 0 || w.homes > b.Homes {
			w.homes = b.Homes
		}
		w.methods = slices.DeleteFunc(w.methods, func(m method) bool { return len(b.Methods) > 0 && !slices.Contains(b.Methods, m.name) })
		w.counts = slices.DeleteFunc(slices.Clone(w.counts), func(n int) bool { return b.Most > 0 && n > b.Most })
	}
	return slices.DeleteFunc(all, func(w world) bool { return len(w.methods) == 0 || len(w.counts) == 0 })
}

// Steps is how often Done will be called.
func (b Bench) Steps() int {
	n := 0
	for _, w := range b.worlds() {
		n += w.homes
	}
	return n
}

// Run tries all attacks on all methods. Rows come by world, method, number of
// flights and attack, in the order of their lists.
func (b Bench) Run(ctx context.Context) ([]Row, error) {
	var out []Row
	for _, w := range b.worlds() {
		rows, err := b.try(ctx, w)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// try runs one world.
func (b Bench) try(ctx context.Context, w world) ([]Row, error) {
	ms, counts, as := w.methods, w.counts, w.attacks
	errs := make([][]float64, len(ms)*len(counts)*len(as)) // distances by home, NaN for none
	for i := range errs {
		errs[i] = make([]float64, w.homes)
	}
	b.parallel(ctx, w.homes, func(h int) {
		s := w.subject(b.Seed, h, counts[len(counts)-1])
		for mi, m := range ms {
			rng := rand.New(rand.NewPCG(b.Seed^stream(w.name, m.name), uint64(h)))
			rs := m.release(s, rng, h)
			for ci, n := range counts {
				for ai, a := range as {
					d := math.NaN()
					if len(rs) > 0 {
						if at, ok := a.guess(rs[:min(n, len(rs))]); ok {
							d = at.to(s.home)
						}
					}
					errs[(mi*len(counts)+ci)*len(as)+ai][h] = d
				}
			}
		}
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var out []Row
	for mi, m := range ms {
		for ci, n := range counts {
			for ai, a := range as {
				r := Row{World: w.name, Method: m.name, Ours: m.ours, N: n, ID: a.id, Attack: a.name, Gated: a.gated, Homes: w.homes}
				at := func(c int) []float64 { return errs[(mi*len(counts)+c)*len(as)+ai] }
				if r.score(at(ci), m.epsilon) {
					r.trend(counts[:ci+1], at)
					out = append(out, r)
				}
			}
		}
	}
	return out, nil
}

// stream numbers the randomness of a method in a world, whatever else is tried.
func stream(names ...string) uint64 {
	h := fnv.New64a()
	for _, n := range names {
		io.WriteString(h, n+"\x00") // never fails
	}
	return h.Sum64()
}

// parallel runs work for every home.
func (b Bench) parallel(ctx context.Context, homes int, work func(int)) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	next := 0
	for range max(1, b.Jobs) {
		wg.Go(func() {
			for ctx.Err() == nil {
				mu.Lock()
				h := next
				next++
				mu.Unlock()
				if h >= homes {
					return
				}
				work(h)
				if b.Done != nil {
					mu.Lock()
					b.Done()
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
}

// score fills in r. An attack that never had anything to go by has no row.
func (r *Row) score(errs []float64, epsilon float64) bool {
	var known []float64
	for _, d := range errs {
		if !math.IsNaN(d) {
			known = append(known, d)
		}
	}
	if len(known) == 0 {
		return false
	}
	slices.Sort(known)
	r.Median = known[len(known)/2]
	share := func(radius float64) float64 {
		hits, _ := slices.BinarySearch(known, math.Nextafter(radius, math.Inf(1)))
		return float64(hits) / float64(len(errs))
	}
	r.House = share(houseRadius)
	for i, radius := range Radii {
		r.Hit[i] = share(radius)
		if epsilon > 0 {
			r.Chance[i] = geofuzz.Chance(epsilon, radius)
		}
	}
	return true
}

// Best returns, for each world, method and number of flights, the row of the attack
// that did best within 100 m: chosen afterwards, in the attacker's favour.
func Best(rows []Row) []Row {
	var out []Row
	for _, r := range rows {
		if n := len(out); n > 0 && out[n-1].World == r.World && out[n-1].Method == r.Method && out[n-1].N == r.N {
			if r.Hit[1] > out[n-1].Hit[1] || r.Hit[1] == out[n-1].Hit[1] && r.Hit[0] > out[n-1].Hit[0] {
				out[n-1] = r
			}
			continue
		}
		out = append(out, r)
	}
	return out
}

// trend fits a line through the hits of every home over the logarithm of the
// number of flights. The homes are independent, the numbers of flights are not:
// the error is that of the mean of the homes' slopes.
func (r *Row) trend(counts []int, errs func(c int) []float64) {
	if len(counts) < 2 {
		return
	}
	var xs []float64
	sum, squares := 0.0, 0.0
	for _, n := range counts {
		xs = append(xs, math.Log10(float64(n)))
		sum += xs[len(xs)-1]
	}
	for i := range xs {
		xs[i] -= sum / float64(len(counts))
		squares += xs[i] * xs[i]
	}
	for k, radius := range Radii {
		total, total2, n := 0.0, 0.0, float64(r.Homes)
		for h := range r.Homes {
			slope := 0.0
			for c, x := range xs {
				if errs(c)[h] <= radius {
					slope += x / squares
				}
			}
			total, total2 = total+slope, total2+slope*slope
		}
		r.Slope[k] = total / n
		r.SlopeError[k] = math.Sqrt(max(0, total2/n-r.Slope[k]*r.Slope[k]) / n)
	}
}

// Over lists the rows of our mechanisms that are above their gate: found more
// often than chance allows, by 4.5 standard errors, or growing with the number
// of flights, with a confidence of 99.9 %.
func Over(rows []Row) []Row {
	const errorsAllowed, confidence = 4.5, 3.29
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool {
		for k, c := range r.Chance {
			if r.Gated && c > 0 && (r.Hit[k] > c+errorsAllowed*math.Sqrt(c*(1-c)/float64(r.Homes)) || math.Abs(r.Slope[k]) > confidence*r.SlopeError[k]+1e-9) {
				return false
			}
		}
		return true
	})
}
