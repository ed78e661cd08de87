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

// The world of drones: straight legs between waypoints and straight home. What
// was known of the world whose figures this bench must reproduce is the first
// five lines and the sampling; spreads, legs, turns and the memory of the noise
// were chosen so that its figures for baselines come out.
const (
	takeOffSpread = 5.0    // metres, standard deviation of where a pilot starts around home
	habits        = 5      // directions a pilot likes
	habitSpread   = 0.35   // radians around them
	firstLegMin   = 1300.0 // metres
	firstLegMax   = 2500.0
	legMin        = 300.0
	legMax        = 1500.0
	sampling      = 10.0 // metres between fixes

	cruise    = 10.0 // m/s
	gpsNoise  = 1.5  // metres, per axis: what is new in each fix ...
	gpsMemory = 0.85 // ... and how much of the last fix's error stays
	turns     = 1.0  // radians, standard deviation at a waypoint
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

// fly returns the fixes of one flight.
func (p *pilot) fly() []point {
	start := point{p.rng.NormFloat64() * takeOffSpread, p.rng.NormFloat64() * takeOffSpread}
	heading := p.habits[p.rng.IntN(habits)] + habitSpread*p.rng.NormFloat64()
	corners := []point{start}
	at := start.add(polar(heading, firstLegMin+(firstLegMax-firstLegMin)*p.rng.Float64()))
	corners = append(corners, at)
	for range 1 + p.rng.IntN(4) { // two to five waypoints in all
		heading += p.rng.NormFloat64() * turns
		at = at.add(polar(heading, legMin+(legMax-legMin)*p.rng.Float64()))
		corners = append(corners, at)
	}
	corners = append(corners, start)
	return p.sample(corners)
}

// sample places noisy fixes along a line through corners.
func (p *pilot) sample(corners []point) []point {
	var out []point
	noise := point{p.rng.NormFloat64(), p.rng.NormFloat64()}.times(gpsNoise / math.Sqrt(1-gpsMemory*gpsMemory))
	left := 0.0 // to the next fix
	for i := 1; i < len(corners); i++ {
		a, leg := corners[i-1], corners[i].sub(corners[i-1])
		length := leg.norm()
		at := left
		for ; at < length; at += sampling {
			out = append(out, a.add(leg.times(at/length)).add(noise))
			noise = noise.times(gpsMemory).add(point{p.rng.NormFloat64(), p.rng.NormFloat64()}.times(gpsNoise))
		}
		left = at - length
	}
	return append(out, corners[len(corners)-1].add(noise))
}
