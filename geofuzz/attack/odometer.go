package attack

import "math"

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
