package attack

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// What the activities of the world of streets are like.
const (
	streetHomes  = 200
	favourites   = 20   // places a pilot goes to
	detours      = 0.25 // share of hidden ways that are not the shortest: 5 to 45 % longer
	totalError   = 0.015
	totalErrorBy = 10.0 // metres, standard deviations of the error of totals: relative and absolute
)

// trips are the worlds on a street map: people who go from home along the
// shortest way to one of their places, on to another, and home. Their places lie
// outside a zone around home: what stays within tells nothing.
func (s *streets) trips(epsilon float64) []world {
	person := func(radius float64) func(uint64, int, int) *subject {
		return func(seed uint64, number, activities int) *subject {
			return s.person(rand.New(rand.NewPCG(seed^stream("streets", s.name), uint64(number))), radius, activities)
		}
	}
	zoned := func(z zone, inexact bool) func(*subject, *rand.Rand, int) []release {
		return func(p *subject, rng *rand.Rand, number int) []release {
			if z.translated {
				z.at = &p.centre
			}
			rs := z.release(p, rng, number)
			for i := range rs {
				for k, d := range rs[i].hidden {
					if inexact && rng.Float64() < detours {
						d *= 1.05 + 0.4*rng.Float64()
					}
					rs[i].hidden[k] = max(0, d*(1+totalError*rng.NormFloat64())+totalErrorBy*rng.NormFloat64())
				}
			}
			return rs
		}
	}
	attacks := append(planeAttacks(),
		attack{"A3", "streets from which the totals fit", true, s.dhondt},
		attack{"A11", "most likely place, if it is at a street", false, s.atStreet})
	for i := range attacks {
		if attacks[i].id == "A5" { // streets lead elsewhere: one track is worse than a guess, and so more are better
			attacks[i].gated = false
		}
	}
	var out []world
	for _, r := range []float64{200, 400, 1000} {
		name := fmt.Sprintf("zone %.0f m, ", r)
		w := world{
			name: fmt.Sprintf("streets of %s, beyond %.0f m", s.name, r), counts: []int{1, 3, 20}, homes: streetHomes, subject: person(r), attacks: attacks,
			methods: []method{
				{name: name + "centred", release: zone{radius: r}.release},
				{name: name + "moved once, true totals", release: zoned(zone{radius: r, translated: true, totals: true}, true)},
				{name: name + "moved once, totals of what is shown", release: zoned(zone{radius: r, translated: true}, false)},
			},
		}
		if r == 400 {
			near := w
			near.counts, near.homes, near.methods = Counts[:], 0, ours(epsilon)
			near.name = "streets of " + s.name
			out = append(out, near)
		}
		out = append(out, w)
	}
	return append(out, s.shapes(epsilon, person(400)))
}

// person draws somebody who lives at a street, with so many activities.
func (s *streets) person(rng *rand.Rand, radius float64, activities int) *subject {
	home := s.places[rng.IntN(len(s.places))]
	p := &pilot{rng: rng}
	out := &subject{home: home.point, origin: s.origin, flights: make([]flight, activities)}
	out.centre = home.add(within(rng, radius, true))
	near := s.from(home, math.Inf(1))
	var all, beyond []int
	for c, at := range s.corners {
		if near.via[c] >= 0 {
			if all = append(all, c); at.to(out.centre) > radius && at.to(home.point) > radius {
				beyond = append(beyond, c)
			}
		}
	}
	if len(beyond) == 0 {
		beyond = all // a village
	}
	var goals []int
	for range favourites {
		goals = append(goals, beyond[rng.IntN(len(beyond))])
	}
	between := make([]*reach, favourites)
	for i := range out.flights {
		a := rng.IntN(favourites)
		b := (a + 1 + rng.IntN(favourites-1)) % favourites
		if between[b] == nil {
			c := goals[b]
			from := place{s.corners[c], s.at[c][0], 0}
			if e := s.edges[from.edge]; e.b == c {
				from.from = e.length
			}
			between[b] = s.from(from, math.Inf(1))
		}
		// Out to a, over to b, home.
		line := near.way(s, goals[a])
		slices.Reverse(line)
		line = append(line, between[b].way(s, goals[a])...)
		line = append(line, near.way(s, goals[b])...)
		out.flights[i] = p.sample(line)
	}
	return out
}

// An observation is a place where somebody left the hidden zone or came to it,
// and how long the hidden way is.
type observation struct {
	at     int // place
	hidden float64
}

const (
	snapping   = 10.0 // metres from a street, at most (tau_snap)
	detourCost = 3.5  // what a way that is longer than the shortest costs at most
	shortCost  = 8.0  // and one that is shorter: an error, no habit
)

// dhondt finds the place from which the hidden ways are as long as the totals
// tell (Dhondt, Le Pochat, Voulimeneas, Joosen, Volckaert: CCS 2022), over all
// places of the streets. They add up absolute deviations; here a deviation
// counts by how unlikely it is, since people make detours but no short cuts.
// Where nothing is hidden, it is where tracks begin, if that is at a street.
func (s *streets) dhondt(rs []release) (point, bool) {
	var all []observation
	for _, r := range rs {
		n := len(r.track)
		for k := range 2 {
			if n == 0 || math.IsNaN(r.hidden[k]) {
				continue
			}
			if at := s.nearest(r.track[k*(n-1)], snapping); at >= 0 {
				all = append(all, observation{at, r.hidden[k]})
			}
		}
	}
	if len(all) == 0 {
		m, ok := geometricMedian(ends(rs))
		if i := s.nearest(m, snapping); ok && i >= 0 {
			return s.places[i].point, true
		}
		return m, ok
	}
	slices.SortStableFunc(all, func(a, b observation) int { return cmp.Compare(a.hidden, b.hidden) })
	reaches := map[int]*reach{}
	for _, o := range all {
		if reaches[o.at] == nil {
			reaches[o.at] = s.from(s.places[o.at], all[len(all)-1].hidden+100)
		}
	}
	middle, within := s.places[all[0].at].point, all[0].hidden*1.1+60
	best, least := -1, math.Inf(1)
	lo, hi := cellOf(middle.sub(point{within, within})), cellOf(middle.add(point{within, within}))
	for x := lo.x; x <= hi.x; x++ {
		for y := lo.y; y <= hi.y; y++ {
			for _, i := range s.cells[cell{x, y}] {
				sum := 0.0
				for _, o := range all {
					way := reaches[o.at].to(s, s.places[i])
					if sum += misfit(o.hidden, way); sum >= least {
						break
					}
				}
				if sum < least {
					best, least = i, sum
				}
			}
		}
	}
	if best < 0 {
		return middle, true
	}
	return s.places[best].point, true
}

// misfit weighs a hidden way against the shortest one, which may be infinite.
func misfit(hidden, shortest float64) float64 {
	switch e := (hidden - shortest) / (totalErrorBy + totalError*hidden); {
	case e > 0:
		return min(detourCost, e*e/2)
	default:
		return min(shortCost, e*e/2)
	}
}

// atStreet guesses the place at a street that is nearest to the released one.
// That home is there is known without any file: it may find more than chance,
// which knows no map, but no more with more flights.
func (s *streets) atStreet(rs []release) (point, bool) {
	m, ok := geometricMedian(starts(rs))
	if i := s.nearest(m, 2000); ok && i >= 0 {
		return s.places[i].point, true
	}
	return m, ok
}
