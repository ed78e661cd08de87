package attack

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// A Use says what a method leaves of a flight, in the mean over flights.
// Distances are those after the method's own move is undone, but for Places and
// Moved. NaN is no number in JSON: what a method leaves nothing of is -1.
type Use struct {
	Method     string  `json:"method"`
	Flights    int     `json:"flights"`
	Kept       float64 `json:"kept"`                 // share of the fixes, and of the minutes
	Moved      float64 `json:"moved_m"`              // median distance from where it was
	Frechet    float64 `json:"frechet_m"`            // discrete Fréchet distance
	Hausdorff  float64 `json:"hausdorff_m"`          //
	Warped     float64 `json:"dtw_mean_m"`           // dynamic time warping, per step
	Procrustes float64 `json:"procrustes_rms_m"`     // after the best rotation and shift
	Length     float64 `json:"length_error"`         // share of the way's length
	Duration   float64 `json:"duration_error"`       // share of the time
	Speed      float64 `json:"speed_rms_mps"`        // of the speed from fix to fix
	Turns      float64 `json:"turns_error"`          // how many turns more or fewer
	Hull       float64 `json:"hull_jaccard"`         // overlap of the convex hulls
	Coverage   float64 `json:"coverage_jaccard"`     // overlap of what was flown over, in cells of 30 m
	Cosine     float64 `json:"heatmap_cosine"`       // likeness of heat maps of 100 m
	Divergence float64 `json:"heatmap_jensen_bits"`  // Jensen and Shannon, 0 to 1
	Places     float64 `json:"nearest_places_share"` // of the ten public places nearest to take-off, raw
}

// numbers are all of a Use that are a mean.
func (u *Use) numbers() []*float64 {
	return []*float64{&u.Kept, &u.Moved, &u.Frechet, &u.Hausdorff, &u.Warped, &u.Procrustes, &u.Length, &u.Duration, &u.Speed, &u.Turns, &u.Hull, &u.Coverage, &u.Cosine, &u.Divergence, &u.Places}
}

// useFlights is of how many homes the usefulness is measured, one flight each.
const useFlights = 40

// Utility measures what every method leaves of the flights of drones.
func (b Bench) Utility(ctx context.Context) ([]Use, error) {
	w := b.worlds()[0]
	out := make([]Use, len(w.methods))
	sums := make([][]([]float64), len(w.methods))
	for mi, m := range w.methods {
		out[mi].Method = m.name
		sums[mi] = make([][]float64, len(out[mi].numbers()))
	}
	for h := range min(useFlights, w.homes) {
		s := w.subject(b.Seed, h, 1)
		for mi, m := range w.methods {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			rng := rand.New(rand.NewPCG(b.Seed^stream("use", m.name), uint64(h)))
			rs := m.release(s, rng, h)
			u := Use{}
			if len(rs) > 0 {
				u = compare(s.flights[0].track, rs[0].track, rng)
			} else {
				u = compare(s.flights[0].track, nil, rng)
			}
			out[mi].Flights++
			for i, v := range u.numbers() {
				if !math.IsNaN(*v) {
					sums[mi][i] = append(sums[mi][i], *v)
				}
			}
		}
	}
	for mi := range out {
		for i, v := range out[mi].numbers() {
			*v = -1
			if l := sums[mi][i]; len(l) > 0 {
				*v = 0
				for _, x := range l {
					*v += x / float64(len(l))
				}
			}
		}
	}
	return out, nil
}

// compare measures how a released track differs from the true one.
func compare(truth, shown []point, rng *rand.Rand) (u Use) {
	n := math.NaN()
	for _, v := range u.numbers() {
		*v = n
	}
	u.Kept = float64(len(shown)) / float64(len(truth))
	if len(shown) < 3 {
		return u
	}
	// What a method cut off is missing at the ends: the first fix shown is laid
	// beside the closest true one. What it moved is moved back first.
	from, back := 0, point{}
	if len(shown) == len(truth) {
		for i := range shown {
			back = back.add(truth[i].sub(shown[i]).times(1 / float64(len(shown))))
		}
	} else {
		for i, p := range truth[:max(1, len(truth)-len(shown))] {
			if p.to(shown[0]) < truth[from].to(shown[0]) {
				from = i
			}
		}
	}
	u.Moved = back.norm()
	aligned := moved(shown, back)
	u.Frechet, u.Warped = frechet(thinned(truth), thinned(aligned)), warped(thinned(truth), thinned(aligned))
	u.Hausdorff = max(farthest(truth, aligned), farthest(aligned, truth))
	u.Length = math.Abs(length(shown)/length(truth) - 1)
	u.Duration = math.Abs(float64(len(shown)-1)/float64(len(truth)-1) - 1)
	part := truth[from:min(len(truth), from+len(shown))]
	u.Procrustes, u.Speed = procrustes(part, aligned[:len(part)]), speeds(part, aligned[:len(part)])
	u.Turns = math.Abs(float64(turnsOf(shown) - turnsOf(truth)))
	u.Hull = hullOverlap(truth, aligned)
	a, b := cellsOf(truth, 30), cellsOf(aligned, 30)
	both := 0
	for c := range a {
		if _, ok := b[c]; ok {
			both++
		}
	}
	u.Coverage = float64(both) / float64(len(a)+len(b)-both)
	u.Cosine, u.Divergence = heatmaps(cellsOf(truth, 100), cellsOf(aligned, 100))
	u.Places = placesKept(truth[0], shown[0], rng)
	return u
}

// thinned keeps 250 points at most: the distances below take the product.
func thinned(ps []point) []point {
	const most = 250
	if len(ps) <= most {
		return ps
	}
	out := make([]point, most)
	for i := range out {
		out[i] = ps[i*(len(ps)-1)/(most-1)]
	}
	return out
}

// frechet is the discrete Fréchet distance (Eiter and Mannila 1994).
func frechet(a, b []point) float64 {
	return couple(a, b, func(best, d float64) float64 { return max(best, d) })
}

// warped is the mean distance along the best warping of time.
func warped(a, b []point) float64 {
	return couple(a, b, func(best, d float64) float64 { return best + d }) / float64(max(len(a), len(b)))
}

// couple runs through two lines at the same time, never back, as cheaply as can be.
func couple(a, b []point, add func(best, d float64) float64) float64 {
	row := make([]float64, len(b))
	for i, p := range a {
		last := 0.0 // row[j-1] of the row above
		for j, q := range b {
			above := row[j]
			best := math.Inf(1)
			if i > 0 {
				best = above
			}
			if j > 0 {
				best = min(best, row[j-1])
			}
			if i > 0 && j > 0 {
				best = min(best, last)
			}
			if i+j == 0 {
				best = 0
			}
			last, row[j] = above, add(best, p.to(q))
		}
	}
	return row[len(b)-1]
}

// farthest is how far a point of a is from b at most.
func farthest(a, b []point) float64 {
	worst := 0.0
	for _, p := range a {
		least := math.Inf(1)
		for _, q := range b {
			if d := p.sub(q); d.dot(d) < least {
				least = d.dot(d)
			}
		}
		worst = max(worst, least)
	}
	return math.Sqrt(worst)
}

func length(ps []point) float64 {
	sum := 0.0
	for i := 1; i < len(ps); i++ {
		sum += ps[i].to(ps[i-1])
	}
	return sum
}

// procrustes is the root mean square distance after the best shift and rotation.
func procrustes(a, b []point) float64 {
	ma, _ := mean(a)
	mb, _ := mean(b)
	var dot, cross, sum float64
	for i := range a {
		p, q := a[i].sub(ma), b[i].sub(mb)
		dot, cross, sum = dot+p.dot(q), cross+p.x*q.y-p.y*q.x, sum+p.dot(p)+q.dot(q)
	}
	return math.Sqrt(max(0, sum-2*math.Hypot(dot, cross)) / float64(len(a)))
}

// speeds is the root mean square difference of the speeds from fix to fix.
func speeds(a, b []point) float64 {
	sum := 0.0
	for i := 1; i < len(a); i++ {
		d := (a[i].to(a[i-1]) - b[i].to(b[i-1])) / sampling * cruise
		sum += d * d
	}
	return math.Sqrt(sum / float64(max(1, len(a)-1)))
}

// turnsOf counts turns of more than 20 degrees within 50 m.
func turnsOf(ps []point) int {
	const reach = 5 // fixes
	n := 0
	for i := reach; i+reach < len(ps); i++ {
		a, b := ps[i].sub(ps[i-reach]), ps[i+reach].sub(ps[i])
		if a.dot(b) < math.Cos(20*math.Pi/180)*a.norm()*b.norm() {
			n++
			i += 2 * reach
		}
	}
	return n
}

func cellsOf(ps []point, side float64) map[cell]float64 {
	out := map[cell]float64{}
	for _, p := range ps {
		out[cell{int(math.Floor(p.x / side)), int(math.Floor(p.y / side))}]++
	}
	return out
}

// heatmaps compares two: the cosine of the angle between them, and their
// Jensen-Shannon divergence in bits. Both sum up in a fixed order.
func heatmaps(a, b map[cell]float64) (cosine, divergence float64) {
	var all []cell
	for c := range a {
		all = append(all, c)
	}
	for c := range b {
		if _, ok := a[c]; !ok {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(p, q cell) int {
		if p.x != q.x {
			return p.x - q.x
		}
		return p.y - q.y
	})
	var dot, aa, bb, na, nb float64
	for _, c := range all {
		dot, aa, bb, na, nb = dot+a[c]*b[c], aa+a[c]*a[c], bb+b[c]*b[c], na+a[c], nb+b[c]
	}
	for _, c := range all {
		p, q := a[c]/na, b[c]/nb
		m := (p + q) / 2
		if p > 0 {
			divergence += p / 2 * math.Log2(p/m)
		}
		if q > 0 {
			divergence += q / 2 * math.Log2(q/m)
		}
	}
	return dot / math.Sqrt(aa*bb), divergence
}

// hullOverlap is the shared part of two convex hulls' area, on a grid.
func hullOverlap(a, b []point) float64 {
	ha, hb := hull(a), hull(b)
	lo, hi := a[0], a[0]
	for _, p := range append(slices.Clone(ha), hb...) {
		lo, hi = point{min(lo.x, p.x), min(lo.y, p.y)}, point{max(hi.x, p.x), max(hi.y, p.y)}
	}
	const n = 60
	both, either := 0, 0
	for i := range n {
		for k := range n {
			p := point{lo.x + (hi.x-lo.x)*(float64(i)+0.5)/n, lo.y + (hi.y-lo.y)*(float64(k)+0.5)/n}
			ia, ib := inside(ha, p), inside(hb, p)
			if ia && ib {
				both++
			}
			if ia || ib {
				either++
			}
		}
	}
	return float64(both) / float64(max(1, either))
}

// hull is the convex hull, counter-clockwise (Andrew).
func hull(ps []point) []point {
	ps = slices.Clone(ps)
	slices.SortFunc(ps, func(p, q point) int {
		switch {
		case p.x < q.x || p.x == q.x && p.y < q.y:
			return -1
		case p == q:
			return 0
		}
		return 1
	})
	turn := func(o, a, b point) float64 {
		u, v := a.sub(o), b.sub(o)
		return u.x*v.y - u.y*v.x
	}
	var out []point
	for range 2 {
		start := len(out)
		for _, p := range ps {
			for len(out) >= start+2 && turn(out[len(out)-2], out[len(out)-1], p) <= 0 {
				out = out[:len(out)-1]
			}
			out = append(out, p)
		}
		out = out[:len(out)-1]
		slices.Reverse(ps)
	}
	return out
}

func inside(hull []point, p point) bool {
	for i, a := range hull {
		u, v := hull[(i+1)%len(hull)].sub(a), p.sub(a)
		if u.x*v.y-u.y*v.x < 0 {
			return false
		}
	}
	return len(hull) > 2
}

// placesKept is how many of the ten public places nearest to where a flight
// began are still among the nearest ten (Andrés et al., CCS 2013).
func placesKept(truth, shown point, rng *rand.Rand) float64 {
	const all, wanted, reach = 400, 10, 5000.0
	places := make([]point, all)
	for i := range places {
		places[i] = truth.add(point{reach * (2*rng.Float64() - 1), reach * (2*rng.Float64() - 1)})
	}
	nearest := func(p point) []point {
		l := slices.Clone(places)
		slices.SortFunc(l, func(a, b point) int {
			if a.to(p) < b.to(p) {
				return -1
			}
			return 1
		})
		return l[:wanted]
	}
	a, b := nearest(truth), nearest(shown)
	n := 0
	for _, p := range a {
		if slices.Contains(b, p) {
			n++
		}
	}
	return float64(n) / wanted
}
