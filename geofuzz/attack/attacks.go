package attack

import (
	"math"
	"slices"
)

// An attack guesses where home is from what a pilot published. ok is false if
// it has nothing to go by.
type attack struct {
	id, name string
	guess    func(rs []release) (point, bool)
}

// attacks lists them, as numbered in the report of the bench.
func attacks() []attack {
	return []attack{
		{"A1", "mean of the ends", func(rs []release) (point, bool) { return mean(ends(rs)) }},
		{"A1", "geometric median of the ends", func(rs []release) (point, bool) { return geometricMedian(ends(rs)) }},
		{"A2", "circle through the ends", func(rs []release) (point, bool) { return circle(ends(rs)) }},
		{"A4", "distances the totals tell", odometer},
		{"A5", "bearings of the legs", bearings},
		{"A6", "where most flights begin and end", stays},
		{"A11", "most likely under the mechanism, all places alike", func(rs []release) (point, bool) { return geometricMedian(starts(rs)) }},
	}
}

// ends are the first and last points shown.
func ends(rs []release) []point {
	var out []point
	for _, r := range rs {
		if n := len(r.track); n > 0 {
			out = append(out, r.track[0], r.track[n-1])
		}
	}
	return out
}

// starts are the first points shown. For a rigid displacement with planar
// Laplace noise the released take-off is the most likely home.
func starts(rs []release) []point {
	var out []point
	for _, r := range rs {
		if len(r.track) > 0 {
			out = append(out, r.track[0])
		}
	}
	return out
}

func mean(ps []point) (point, bool) {
	var sum point
	for _, p := range ps {
		sum = sum.add(p)
	}
	return sum.times(1 / float64(max(1, len(ps)))), len(ps) > 0
}

// geometricMedian minimises the sum of distances (Weiszfeld).
func geometricMedian(ps []point) (point, bool) {
	at, ok := mean(ps)
	for range 100 {
		var sum point
		weight := 0.0
		for _, p := range ps {
			w := 1 / max(0.01, p.to(at))
			sum, weight = sum.add(p.times(w)), weight+w
		}
		next := sum.times(1 / max(weight, 1e-12))
		if next.to(at) < 0.01 {
			break
		}
		at = next
	}
	return at, ok
}

// zoneRadii are those products offer, which an attacker tries first.
var zoneRadii = []float64{150, 200, 300, 400, 500, 600, 800, 1000, 1200, 1400, 1500, 1600}

// circle finds the circle on which tracks begin and end, as Hassan, Hussain and
// Bates (USENIX Security 2018) do: a free one by least squares, and one of each
// known radius; the best fit with the fewest freedoms wins. Fewer than three
// points, or a heap of them, are no circle: their mean is the guess.
func circle(ps []point) (point, bool) {
	centre, ok := mean(ps)
	if len(ps) < 3 || !slices.ContainsFunc(ps, func(p point) bool { return p.to(centre) > 100 }) {
		return centre, ok // no zone is so small: there is none
	}
	free, r := fitCircle(ps)
	best, score := free, spread(ps, free, r)
	for _, known := range zoneRadii {
		for _, from := range []point{free, centre} {
			c := refine(ps, from, known)
			// What is first seen lies up to one fix outside the zone.
			if s := spread(ps, c, known+sampling/2); s < score*1.5 {
				best, score = c, s
			}
		}
	}
	return best, true
}

// fitCircle solves x²+y² = 2ax + 2by + c for the centre (a, b) (Kåsa).
func fitCircle(ps []point) (point, float64) {
	m, _ := mean(ps)
	var sxx, sxy, syy, sxz, syz, sz float64
	for _, p := range ps {
		d := p.sub(m)
		z := d.dot(d)
		sxx, sxy, syy = sxx+d.x*d.x, sxy+d.x*d.y, syy+d.y*d.y
		sxz, syz, sz = sxz+d.x*z, syz+d.y*z, sz+z
	}
	det := sxx*syy - sxy*sxy
	if math.Abs(det) < 1e-9 {
		return m, 0
	}
	c := point{(sxz*syy - syz*sxy) / det / 2, (syz*sxx - sxz*sxy) / det / 2}
	return m.add(c), math.Sqrt(c.dot(c) + sz/float64(len(ps)))
}

// refine moves a centre until the points lie best on a circle of radius r
// around it (Gauss and Newton).
func refine(ps []point, c point, r float64) point {
	r += sampling / 2
	for range 30 {
		var a, b, d, gx, gy float64
		for _, p := range ps {
			v := c.sub(p)
			n := max(1e-6, v.norm())
			jx, jy, e := v.x/n, v.y/n, n-r
			a, b, d = a+jx*jx, b+jx*jy, d+jy*jy
			gx, gy = gx+jx*e, gy+jy*e
		}
		det := a*d - b*b + 1e-9
		step := point{(d*gx - b*gy) / det, (a*gy - b*gx) / det}
		if n := step.norm(); n > r {
			step = step.times(r / n)
		}
		c = c.sub(step)
		if step.norm() < 0.01 {
			break
		}
	}
	return c
}

func spread(ps []point, c point, r float64) float64 {
	sum := 0.0
	for _, p := range ps {
		e := p.to(c) - r
		sum += e * e
	}
	return sum
}

// odometer intersects circles whose radii the totals tell: least absolute
// deviations from twelve starts.
func odometer(rs []release) (point, bool) {
	var ps []point
	var ds []float64
	for _, r := range rs {
		if n := len(r.track); n > 0 && !math.IsNaN(r.hidden[0]) {
			ps, ds = append(ps, r.track[0], r.track[n-1]), append(ds, r.hidden[0], r.hidden[1])
		}
	}
	m, ok := mean(ps)
	if !ok {
		return m, false
	}
	best, least := m, math.Inf(1)
	for k := range 12 {
		at := m.add(polar(float64(k)*math.Pi/6, ds[0]))
		for range 60 {
			var a, b, d, gx, gy float64
			for i, p := range ps {
				v := at.sub(p)
				n := max(1e-6, v.norm())
				e := n - ds[i]
				w := 1 / max(1, math.Abs(e))
				jx, jy := v.x/n, v.y/n
				a, b, d = a+w*jx*jx, b+w*jx*jy, d+w*jy*jy
				gx, gy = gx+w*jx*e, gy+w*jy*e
			}
			det := a*d - b*b
			if det < 1e-9 {
				break
			}
			step := point{(d*gx - b*gy) / det, (a*gy - b*gx) / det}
			if n := step.norm(); n > 200 {
				step = step.times(200 / n)
			}
			at = at.sub(step)
			if step.norm() < 0.01 {
				break
			}
		}
		sum := 0.0
		for i, p := range ps {
			sum += math.Abs(p.to(at) - ds[i])
		}
		if sum < least {
			best, least = at, sum
		}
	}
	return best, true
}

// A ray is the line of a leg, pointing back to where it came from.
type ray struct {
	at, back point
	from     float64 // metres from at, back along the line, where the leg begins
}

// legFixes is how much of an end leg gives its line: 300 m.
const legFixes = 30

// rays returns the lines of the end legs of a track.
func rays(track []point) []ray {
	if len(track) < 2 {
		return nil
	}
	n := min(legFixes, len(track))
	first, last := line(track[:n]), slices.Clone(track[len(track)-n:])
	slices.Reverse(last)
	return []ray{first, line(last)}
}

// line is the main axis of points, from their mean towards and past the first.
func line(ps []point) ray {
	m, _ := mean(ps)
	var xx, xy, yy float64
	for _, p := range ps {
		d := p.sub(m)
		xx, xy, yy = xx+d.x*d.x, xy+d.x*d.y, yy+d.y*d.y
	}
	angle := math.Atan2(2*xy, xx-yy) / 2
	axis := point{math.Cos(angle), math.Sin(angle)}
	if axis.dot(ps[0].sub(ps[len(ps)-1])) < 0 {
		axis = axis.times(-1)
	}
	return ray{m, axis, ps[0].sub(m).dot(axis)}
}

// bearings intersects the end legs, prolonged backwards: a drone flies straight
// away and straight home. Least absolute distances by re-weighted least
// squares; a home that would lie on the leg itself counts a fifth.
func bearings(rs []release) (point, bool) {
	var all []ray
	for _, r := range rs {
		all = append(all, rays(r.track)...)
	}
	at, ok := mean(ends(rs))
	if !ok || len(all) < 2 {
		return at, ok
	}
	for k := range 60 {
		var a, b, d, gx, gy float64
		for _, r := range all {
			v := at.sub(r.at)
			nx, ny := -r.back.y, r.back.x
			w := 1.0
			if k > 0 {
				w = 1 / max(1, math.Abs(v.x*nx+v.y*ny))
			}
			if k > 0 && v.dot(r.back) < r.from {
				w *= 0.2
			}
			e := r.at.x*nx + r.at.y*ny
			a, b, d = a+w*nx*nx, b+w*nx*ny, d+w*ny*ny
			gx, gy = gx+w*nx*e, gy+w*ny*e
		}
		det := a*d - b*b
		if det < 1e-12 {
			break
		}
		next := point{(d*gx - b*gy) / det, (a*gy - b*gx) / det}
		moved := next.to(at)
		at = next
		if k > 1 && moved < 0.01 {
			break
		}
	}
	return at, true
}

// stays finds the spot where most take-offs and landings are: cells of 50 m,
// each end of a flight counted once, then the mean of what lies there (Krumm's
// last destination, over all flights).
func stays(rs []release) (point, bool) {
	const cell, near = 50.0, 5 // metres; fixes
	type key struct{ x, y int }
	type spot struct {
		flights, n int
		last       int
		sum        point
	}
	spots := map[key]*spot{}
	for i, r := range rs {
		for k, p := range r.track {
			end := 2 * i
			if k >= len(r.track)-near {
				end++
			} else if k >= near {
				continue
			}
			id := key{int(math.Floor(p.x / cell)), int(math.Floor(p.y / cell))}
			s := spots[id]
			if s == nil {
				s = &spot{last: -1}
				spots[id] = s
			}
			if s.last != end {
				s.flights, s.last = s.flights+1, end
			}
			s.n, s.sum = s.n+1, s.sum.add(p)
		}
	}
	var best *spot
	var where key
	for id, s := range spots {
		if best == nil || s.flights > best.flights || s.flights == best.flights && (s.n > best.n || s.n == best.n && (id.x < where.x || id.x == where.x && id.y < where.y)) {
			best, where = s, id
		}
	}
	if best == nil {
		return point{}, false
	}
	return best.sum.times(1 / float64(best.n)), true
}
