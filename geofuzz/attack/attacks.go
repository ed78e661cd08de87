package attack

// An attack guesses where home is from what a pilot published. ok is false if
// it has nothing to go by.
type attack struct {
	id, name string
	gated    bool // no mechanism of ours may let it do better than chance
	guess    func(rs []release) (point, bool)
}

// planeAttacks are those that need nothing but tracks and totals.
func planeAttacks() []attack {
	return []attack{
		{"A1", "mean of the ends", true, func(rs []release) (point, bool) { return mean(ends(rs)) }},
		{"A1", "geometric median of the ends", true, func(rs []release) (point, bool) { return geometricMedian(ends(rs)) }},
		{"A2", "circle through the ends", true, circle},
		{"A4", "distances the totals tell", true, odometer},
		{"A5", "bearings of the legs", true, bearings},
		{"A6", "where most flights begin and end", true, stays},
		{"A11", "most likely under the mechanism, all places alike", true, func(rs []release) (point, bool) { return geometricMedian(starts(rs)) }},
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
