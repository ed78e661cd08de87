package attack

import "math"

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
