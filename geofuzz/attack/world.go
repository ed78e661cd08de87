// Package attack is the bench on which location privacy is tried before it is
// believed: a world of invented pilots, the mechanisms, the attacks known from
// the literature and from our own work, and how often each attack finds home.
//
// Attackers see what was released and know how it was made; they do not have
// the key. The bench says what these attacks find, not that there are no others.
package attack

import (
	"math"
	"math/rand/v2"

	"flightveil/internal/geo"
)

// A point is a position in metres east and north of some origin.
type point struct{ x, y float64 }

func (p point) add(q point) point     { return point{p.x + q.x, p.y + q.y} }
func (p point) sub(q point) point     { return point{p.x - q.x, p.y - q.y} }
func (p point) times(f float64) point { return point{p.x * f, p.y * f} }
func (p point) dot(q point) float64   { return p.x*q.x + p.y*q.y }
func (p point) norm() float64         { return math.Sqrt(p.x*p.x + p.y*p.y) }
func (p point) to(q point) float64    { return q.sub(p).norm() }
func polar(angle, length float64) point {
	return point{length * math.Sin(angle), length * math.Cos(angle)}
}

// The world of drones: straight out to where there is something to see, about
// there from point to point, and straight home. What was known of the world
// whose figures this bench must reproduce is the first block; the second was
// found by comparing the errors of all attacks with its figures, not the best
// alone: with the legs dropped that lead home, the mean of the ends lies as far
// away as the first point of the way, so the others must lie close to it.
const (
	takeOffSpread = 5.0 // metres, standard deviation of where a pilot starts around home
	habits        = 5   // directions a pilot likes
	firstLegMin   = 1300.0
	firstLegMax   = 2500.0 // metres
	pointsMin     = 2
	pointsMax     = 5    // of the way, before it leads home
	sampling      = 10.0 // metres between fixes
	gpsNoise      = 1.5  // metres, standard deviation per axis

	habitSpread = 0.2   // radians around a liked direction
	roam        = 340.0 // metres per axis, standard deviation from one point of the way to the next
	gpsMemory   = 0.9   // how much of the last fix's error stays
	cruise      = 10.0  // m/s
)

// A pilot flies from home, which is the origin of the plane.
type pilot struct {
	rng    *rand.Rand
	home   geo.Point // where the plane's origin lies on Earth
	habits [habits]float64
}

// newPilot returns the n-th pilot of the world called seed.
func newPilot(seed uint64, n int) *pilot {
	p := &pilot{rng: rand.New(rand.NewPCG(seed, uint64(n)))}
	// Homes are spread over the inhabited latitudes.
	p.home = geo.Point{Lat: p.rng.Float64()*120 - 60, Lon: p.rng.Float64()*360 - 180}
	for i := range p.habits {
		p.habits[i] = 2 * math.Pi * p.rng.Float64()
	}
	return p
}

// drones is the world of pilots who fly from home.
func drones(epsilon float64) world {
	return world{
		name: "drones", counts: Counts[:], methods: droneMethods(epsilon), attacks: planeAttacks(),
		subject: func(seed uint64, number, flights int) *subject {
			p := newPilot(seed, number)
			s := &subject{origin: p.home, flights: make([]flight, flights)}
			for i := range s.flights {
				s.flights[i] = p.fly()
			}
			return s
		},
	}
}

// A flight is what one flight recorded, before anything is hidden.
type flight struct {
	track     []point
	out, back int       // the fixes at which the first leg ends and the last one begins
	heights   []float64 // metres above the sea, nil if not recorded
}

// fly returns one flight.
func (p *pilot) fly() flight {
	start := p.scatter(takeOffSpread)
	heading := p.habits[p.rng.IntN(habits)] + habitSpread*p.rng.NormFloat64()
	at := start.add(polar(heading, firstLegMin+(firstLegMax-firstLegMin)*p.rng.Float64()))
	corners := []point{start, at}
	for range pointsMin - 1 + p.rng.IntN(pointsMax-pointsMin+1) {
		at = at.add(p.scatter(roam))
		corners = append(corners, at)
	}
	return p.sample(append(corners, start))
}

func (p *pilot) scatter(deviation float64) point {
	return point{p.rng.NormFloat64(), p.rng.NormFloat64()}.times(deviation)
}

// sample places noisy fixes along a line through corners.
func (p *pilot) sample(corners []point) flight {
	var f flight
	noise, fresh := p.scatter(gpsNoise), gpsNoise*math.Sqrt(1-gpsMemory*gpsMemory)
	left := 0.0 // to the next fix
	for i := 1; i < len(corners); i++ {
		switch i {
		case 2:
			f.out = len(f.track)
		case len(corners) - 1:
			f.back = len(f.track)
		}
		a, leg := corners[i-1], corners[i].sub(corners[i-1])
		length := leg.norm()
		at := left
		for ; at < length; at += sampling {
			f.track = append(f.track, a.add(leg.times(at/length)).add(noise))
			noise = noise.times(gpsMemory).add(p.scatter(fresh))
		}
		left = at - length
	}
	f.track = append(f.track, corners[len(corners)-1].add(noise))
	return f
}
