package attack

import (
	"cmp"
	"math"
	"slices"
)

// zoneRadii are those products offer, which an attacker tries first.
var zoneRadii = []float64{150, 200, 300, 400, 500, 600, 800, 1000, 1200, 1400, 1500, 1600}

// circle finds the circle on which tracks begin and end, as Hassan, Hussain and
// Bates (USENIX Security 2018) do: circles of the radii that products offer,
// through the ends, with nothing visible inside. If none fits closely, it is the
// free circle of least squares. Fewer than three points, or a heap of them, are
// no circle: their mean is the guess.
func circle(rs []release) (point, bool) {
	ps := ends(rs)
	centre, ok := mean(ps)
	if len(ps) < 3 || !slices.ContainsFunc(ps, func(p point) bool { return p.to(centre) > 100 }) {
		return centre, ok // no zone is so small: there is none
	}
	free, r := leastSquares(ps)
	best := free
	least := 1.5 * spread(ps, free, r)
	close := float64(len(ps)) * sampling * sampling
	if seen(rs, free, r) {
		least = math.Inf(1)
	}
	for _, known := range zoneRadii {
		for _, from := range append(through(ps, known), free) {
			c := withRadius(ps, from, known)
			// What is first seen lies up to one fix outside the zone.
			if s := spread(ps, c, known+sampling/2); s < close && s < least && !seen(rs, c, known) {
				best, least = c, s
			}
		}
	}
	return best, true
}

// through returns the centres of the two circles of radius r through those two
// points that lie farthest apart, as far as the first one tells.
func through(ps []point, r float64) []point {
	far := func(from point) point {
		return slices.MaxFunc(ps, func(p, q point) int { return cmp.Compare(p.to(from), q.to(from)) })
	}
	a := far(ps[0])
	b := far(a)
	half := b.sub(a).times(0.5)
	d := r*r - half.dot(half)
	if d <= 0 {
		return []point{a.add(half)}
	}
	out := point{-half.y, half.x}.times(math.Sqrt(d) / max(1e-6, half.norm()))
	return []point{a.add(half).add(out), a.add(half).sub(out)}
}

// seen reports whether tracks show what a zone there would hide.
func seen(rs []release, centre point, radius float64) bool {
	inside, n := 0, 0
	for _, r := range rs[:min(len(rs), 10)] {
		for k := 0; k < len(r.track); k += 3 {
			if n++; r.track[k].to(centre) < radius-3*sampling {
				inside++
			}
		}
	}
	return inside*50 > n
}

// leastSquares is the circle with the least sum of squared distances from it:
// Kåsa's, which is algebraic and draws towards the middle of an arc, then Gauss
// and Newton's steps.
func leastSquares(ps []point) (c point, r float64) {
	c, r = kasa(ps)
	for range 50 {
		// The normal equations of centre and radius: rows of x, y, radius | residual.
		var m [3][4]float64
		for _, p := range ps {
			v := c.sub(p)
			n := max(1e-6, v.norm())
			j := [3]float64{v.x / n, v.y / n, -1}
			for a := range 3 {
				for b := range 3 {
					m[a][b] += j[a] * j[b]
				}
				m[a][3] -= j[a] * (n - r)
			}
		}
		step, ok := solve3(m)
		if !ok {
			break
		}
		by := point{step[0], step[1]}
		const most = 500.0 // metres in one step
		if n := by.norm(); n > most {
			by, step[2] = by.times(most/n), step[2]*most/n
		}
		c, r = c.add(by), r+step[2]
		if by.norm() < 0.01 {
			break
		}
	}
	return c, r
}

// solve3 solves three linear equations by elimination.
func solve3(m [3][4]float64) (x [3]float64, ok bool) {
	for a := range 3 {
		m[a][a] += 1e-9
		if math.Abs(m[a][a]) < 1e-12 {
			return x, false
		}
		for b := a + 1; b < 3; b++ {
			f := m[b][a] / m[a][a]
			for k := a; k < 4; k++ {
				m[b][k] -= f * m[a][k]
			}
		}
	}
	for a := 2; a >= 0; a-- {
		x[a] = m[a][3]
		for k := a + 1; k < 3; k++ {
			x[a] -= m[a][k] * x[k]
		}
		x[a] /= m[a][a]
	}
	return x, true
}

// kasa solves x²+y² = 2ax + 2by + c for the centre (a, b) (Kåsa).
func kasa(ps []point) (point, float64) {
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

// withRadius moves a centre until the points lie best on a circle of radius r
// around it (Gauss and Newton).
func withRadius(ps []point, c point, r float64) point {
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
