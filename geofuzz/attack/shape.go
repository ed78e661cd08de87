package attack

import (
	"math"
	"math/rand/v2"
)

const (
	shapeReach = 2500.0 // metres from where a track is released
	shapeStep  = 12.0   // metres
	shapeFar   = 60.0   // metres from a street that count as any other
	shapeHomes = 100
)

// shapes is the world in which a track is looked for by its shape.
func (s *streets) shapes(epsilon float64, person func(uint64, int, int) *subject) world {
	near := relocated(epsilon)
	raster := s.raster()
	match := func(rs []release) (point, bool) { return raster.match(rs) }
	return world{
		name: "shapes in " + s.name, counts: []int{1}, homes: shapeHomes, subject: person,
		methods: []method{
			{name: "M1 near, along streets", ours: true, epsilon: epsilon, release: near},
			{name: "M1 near, free flight", ours: true, epsilon: epsilon, release: func(p *subject, rng *rand.Rand, number int) []release {
				d := newPilot(rng.Uint64(), number)
				fl := d.fly()
				fl.track = moved(fl.track, p.home)
				return near(&subject{home: p.home, origin: p.origin, flights: []flight{fl}}, rng, number)
			}},
		},
		attacks: []attack{{"A8", "shape laid over the streets", false, match}},
	}
}

// A raster tells how far the next street is.
type raster struct {
	origin        point
	width, height int
	metres        []float32
}

const rasterStep = 6.0 // metres

// raster computes the distances (two passes of a chamfer mask, which is within
// a few per cent).
func (s *streets) raster() *raster {
	lo, hi := s.corners[s.edges[0].a], s.corners[s.edges[0].a]
	for _, p := range s.places {
		lo, hi = point{min(lo.x, p.x), min(lo.y, p.y)}, point{max(hi.x, p.x), max(hi.y, p.y)}
	}
	margin := point{2 * shapeFar, 2 * shapeFar}
	lo, hi = lo.sub(margin), hi.add(margin)
	r := &raster{origin: lo, width: int((hi.x-lo.x)/rasterStep) + 1, height: int((hi.y-lo.y)/rasterStep) + 1}
	r.metres = make([]float32, r.width*r.height)
	for i := range r.metres {
		r.metres[i] = shapeFar
	}
	for _, p := range s.places {
		r.metres[r.index(p.point)] = 0
	}
	const side, diagonal = rasterStep, rasterStep * math.Sqrt2
	lower := func(i int, from int, by float32) { r.metres[i] = min(r.metres[i], r.metres[from]+by) }
	for y := 1; y < r.height; y++ {
		for x := 1; x < r.width-1; x++ {
			i := y*r.width + x
			lower(i, i-1, side)
			lower(i, i-r.width, side)
			lower(i, i-r.width-1, diagonal)
			lower(i, i-r.width+1, diagonal)
		}
	}
	for y := r.height - 2; y >= 0; y-- {
		for x := r.width - 2; x > 0; x-- {
			i := y*r.width + x
			lower(i, i+1, side)
			lower(i, i+r.width, side)
			lower(i, i+r.width+1, diagonal)
			lower(i, i+r.width-1, diagonal)
		}
	}
	return r
}

func (r *raster) index(p point) int {
	return int((p.y-r.origin.y)/rasterStep)*r.width + int((p.x-r.origin.x)/rasterStep)
}

// at is how far the next street is from p.
func (r *raster) at(p point) float64 {
	x, y := (p.x-r.origin.x)/rasterStep, (p.y-r.origin.y)/rasterStep
	if x < 0 || y < 0 || int(x) >= r.width || int(y) >= r.height {
		return shapeFar
	}
	return float64(r.metres[int(y)*r.width+int(x)])
}

// match moves a track over the streets until it lies on them best, and says
// where it then begins.
func (r *raster) match(rs []release) (point, bool) {
	if len(rs) == 0 || len(rs[0].track) < 2 {
		return point{}, false
	}
	track := rs[0].track
	every := max(1, len(track)/100)
	misfit := func(by point, enough float64) float64 {
		sum := 0.0
		for i := 0; i < len(track) && sum < enough; i += every {
			sum += r.at(track[i].add(by))
		}
		return sum
	}
	best, least := point{}, math.Inf(1)
	search := func(middle point, reach, step float64) {
		n := int(reach / step)
		for x := -n; x <= n; x++ {
			for y := -n; y <= n; y++ {
				by := middle.add(point{float64(x) * step, float64(y) * step})
				if sum := misfit(by, least); sum < least {
					best, least = by, sum
				}
			}
		}
	}
	search(point{}, shapeReach, shapeStep)
	search(best, shapeStep, 3)
	return track[0].add(best), true
}
