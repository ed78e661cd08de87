package attack

import (
	"math"
	"slices"
)

// A ray is the line of a leg, pointing back to where it came from.
type ray struct {
	at, back point
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
	return ray{m, axis}
}

// bearings intersects the end legs, prolonged backwards: a drone flies straight
// away and straight home. Least absolute distances by re-weighted least
// squares; a leg counts a fifth for a home that would lie ahead of it.
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
			if k > 0 && v.dot(r.back) < 0 {
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
