package attack

import (
	"fmt"
	"math"
	"math/rand/v2"

	"flightveil/geofuzz"
)

// houses is the world of houses that stand more or less close together, by
// their number in a square kilometre.
func houses(epsilon float64) world {
	w := world{
		name: "houses", counts: []int{1},
		subject: func(seed uint64, number, _ int) *subject {
			p := newPilot(seed, number)
			return &subject{origin: p.home, flights: []flight{p.fly()}}
		},
		attacks: []attack{{"A17", "the house nearest to the released place", false, nearestHouse}},
	}
	near := relocated(epsilon)
	for _, density := range []float64{1, 5, 20, 100} {
		w.methods = append(w.methods, method{
			name: fmt.Sprintf("M1 near, %.0f to the km²", density), ours: true, epsilon: epsilon,
			release: func(s *subject, rng *rand.Rand, number int) []release {
				rs := near(s, rng, number)
				for i := range rs {
					rs[i].houses = neighbours(rng, density, geofuzz.Shift(epsilon, 0.9999))
				}
				return rs
			},
		})
	}
	return w
}

// neighbours draws houses at random, and adds the one at the origin.
func neighbours(rng *rand.Rand, density, reach float64) []point {
	expected := density * 4 * reach * reach / 1e6
	out := []point{{}}
	for n := expected + math.Sqrt(expected)*rng.NormFloat64(); n > 1; n-- {
		out = append(out, point{reach * (2*rng.Float64() - 1), reach * (2*rng.Float64() - 1)})
	}
	return out
}

func nearestHouse(rs []release) (point, bool) {
	at, ok := geometricMedian(starts(rs))
	best, least := point{}, math.Inf(1)
	for _, h := range rs[0].houses {
		if d := h.to(at); d < least {
			best, least = h, d
		}
	}
	return best, ok && len(rs[0].houses) > 0
}
