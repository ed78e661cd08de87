package attack

import (
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"strconv"

	"flightveil/geofuzz"
	"flightveil/internal/geo"
)

// terrain is a tile of the Shuttle Radar Topography Mission: 1201 rows of 1201
// heights in metres, from north to south, one degree wide.
type terrain struct {
	name    string
	south   geo.Point // the south-west corner
	heights []int16
}

const tileSide = 1201

// parseTerrain reads a .hgt file. Its name is that of its south-west corner.
func parseTerrain(name string, b []byte) (*terrain, error) {
	if len(b) != 2*tileSide*tileSide {
		return nil, errors.New("not a tile of three arc seconds")
	}
	if len(name) != len("N00E000") {
		return nil, errors.New("not named by its corner")
	}
	lat, err1 := strconv.Atoi(name[1:3])
	lon, err2 := strconv.Atoi(name[4:])
	t := &terrain{name: name, south: geo.Point{Lat: float64(lat), Lon: float64(lon)}, heights: make([]int16, tileSide*tileSide)}
	if name[0] == 'S' {
		t.south.Lat *= -1
	}
	if name[3] == 'W' {
		t.south.Lon *= -1
	}
	if err1 != nil || err2 != nil || !t.south.Valid() {
		return nil, errors.New("not named by its corner")
	}
	for i := range t.heights {
		t.heights[i] = int16(binary.BigEndian.Uint16(b[2*i:]))
	}
	return t, nil
}

// at is the height of the ground, NaN where it is not known.
func (t *terrain) at(p geo.Point) float64 {
	y, x := (t.south.Lat+1-p.Lat)*(tileSide-1), (p.Lon-t.south.Lon)*(tileSide-1)
	if !(x >= 0 && y >= 0 && x < tileSide-1 && y < tileSide-1) {
		return math.NaN()
	}
	i, fx, fy := int(y)*tileSide+int(x), x-math.Floor(x), y-math.Floor(y)
	h := [4]int16{t.heights[i], t.heights[i+1], t.heights[i+tileSide], t.heights[i+tileSide+1]}
	for _, v := range h {
		if v == math.MinInt16 {
			return math.NaN()
		}
	}
	return (float64(h[0])*(1-fx)+float64(h[1])*fx)*(1-fy) + (float64(h[2])*(1-fx)+float64(h[3])*fx)*fy
}

const (
	groundNoise = 2.0 // metres, of each height
	groundBias  = 5.0 // metres, of all heights of a flight
	groundStep  = 3   // fixes between two heights: 30 m
	groundReach = 3000.0
	groundGrid  = 40.0
	takeOffFits = 3.0 // metres, how well one height is known
	groundHomes = 300
)

// flights is the world in which heights tell where a flight was.
func (t *terrain) flights(epsilon float64) world {
	near := relocated(epsilon)
	// heights replaces those of the flights and moves them, without the rules of
	// the mechanism for heights unless own is set.
	heights := func(own bool, of func(rng *rand.Rand, ground []float64) []float64) func(*subject, *rand.Rand, int) []release {
		return func(s *subject, rng *rand.Rand, number int) []release {
			flown := *s
			flown.flights = make([]flight, len(s.flights))
			for i, fl := range s.flights {
				fl.heights = of(rng, fl.heights)
				flown.flights[i] = fl
			}
			if own {
				return near(&flown, rng, number)
			}
			rs := near(s, rng, number)
			for i := range rs {
				if len(rs[i].track) == len(flown.flights[i].heights) {
					rs[i].heights = flown.flights[i].heights
				}
				rs[i].high = true
			}
			return rs
		}
	}
	ground := func(rng *rand.Rand, ground []float64) []float64 {
		bias := groundBias * rng.NormFloat64()
		out := make([]float64, len(ground))
		for i, h := range ground {
			out[i] = h + bias + groundNoise*rng.NormFloat64()
		}
		return out
	}
	level := func(rng *rand.Rand, ground []float64) []float64 {
		out := make([]float64, len(ground))
		for i := range out {
			out[i] = ground[0] + min(60, 5*float64(i)) + 0.3*rng.NormFloat64()
		}
		return out
	}
	atStart := func(rng *rand.Rand, ground []float64) []float64 {
		out := make([]float64, len(ground))
		for i := range out {
			out[i] = math.NaN()
		}
		out[0] = ground[0] + takeOffFits*rng.NormFloat64()
		return out
	}
	return world{
		name: "terrain of " + t.name, counts: []int{1}, homes: groundHomes,
		subject: t.flyer,
		methods: []method{
			{name: "moved, heights of the ground kept", release: heights(false, ground)},
			{name: "moved, height of take-off kept", release: heights(false, atStart)},
			{name: "M1 near, flown over the ground", ours: true, epsilon: epsilon, release: heights(true, ground)},
			{name: "M1 near, flown level", ours: true, epsilon: epsilon, release: heights(true, level)},
		},
		attacks: []attack{
			{"A7", "heights laid over the terrain", true, t.match},
			{"A7", "height of take-off", true, t.takeOff},
		},
	}
}

// around returns a function that tells the ground's height at a point of the
// plane whose origin lies at p. Near a pole it is no use; no tile is there.
func (t *terrain) around(p geo.Point) func(point) float64 {
	frame := geo.NewFrame(p)
	n, _ := frame.From(0, 1000)
	e, _ := frame.From(1000, 0)
	lat, lon := (n.Lat-p.Lat)/1000, (e.Lon-p.Lon)/1000
	return func(q point) float64 { return t.at(geo.Point{Lat: p.Lat + q.y*lat, Lon: p.Lon + q.x*lon}) }
}

// match moves a track over the terrain until the heights of the ground below it
// differ from its own by a constant, as well as they can.
func (t *terrain) match(rs []release) (point, bool) {
	if len(rs) == 0 || len(rs[0].track) == 0 {
		return point{}, false
	}
	r := rs[0]
	var at []point
	var h []float64
	for i := 0; i < len(r.heights); i += groundStep {
		if !math.IsNaN(r.heights[i]) {
			at, h = append(at, r.track[i]), append(h, r.heights[i])
		}
	}
	if len(h) < 5 {
		return r.track[0], true // nothing to lay over: the released place
	}
	ground := t.around(r.origin)
	best, least := point{}, math.Inf(1)
	search := func(middle point, reach, step float64) {
		n := int(reach / step)
		for x := -n; x <= n; x++ {
			for y := -n; y <= n; y++ {
				by := middle.add(point{float64(x) * step, float64(y) * step})
				sum, squares := 0.0, 0.0
				for i, p := range at {
					d := h[i] - ground(p.add(by))
					sum, squares = sum+d, squares+d*d
				}
				if v := squares - sum*sum/float64(len(h)); v < least {
					best, least = by, v
				}
			}
		}
	}
	search(point{}, groundReach, groundGrid)
	search(best, groundGrid, 5)
	return r.track[0].add(best), true
}

// takeOff weighs how far places are from the released one, and how well the
// height of take-off fits them.
func (t *terrain) takeOff(rs []release) (point, bool) {
	if len(rs) == 0 || len(rs[0].track) == 0 {
		return point{}, false
	}
	r := rs[0]
	if !r.high || len(r.heights) == 0 || math.IsNaN(r.heights[0]) {
		return r.track[0], true
	}
	ground := t.around(r.origin)
	best, most := r.track[0], math.Inf(-1)
	const n = int(groundReach / 20)
	for x := -n; x <= n; x++ {
		for y := -n; y <= n; y++ {
			p := r.track[0].add(point{float64(x) * 20, float64(y) * 20})
			e := (ground(p) - r.heights[0]) / takeOffFits
			if score := -0.0035*p.to(r.track[0]) - e*e/2; score > most {
				best, most = p, score
			}
		}
	}
	return best, true
}

// flyer draws a pilot who lives somewhere on the tile, on land.
func (t *terrain) flyer(seed uint64, number, flights int) *subject {
	rng := rand.New(rand.NewPCG(seed^stream("terrain", t.name), uint64(number)))
	p := &pilot{rng: rng}
	for range 10_000 {
		s := &subject{origin: geo.Point{Lat: t.south.Lat + 0.1 + 0.8*rng.Float64(), Lon: t.south.Lon + 0.1 + 0.8*rng.Float64()}}
		if h := t.at(s.origin); !(h > 0) {
			continue
		}
		frame := geo.NewFrame(s.origin)
		for range flights {
			fl := p.wander()
			for _, q := range fl.track {
				at, _ := frame.From(q.x, q.y)
				fl.heights = append(fl.heights, t.at(at))
			}
			s.flights = append(s.flights, fl)
		}
		if known(s.flights) {
			return s
		}
	}
	return &subject{origin: geofuzz.Sea, flights: make([]flight, flights)} // a tile of water
}

func known(flights []flight) bool {
	for _, fl := range flights {
		for _, h := range fl.heights {
			if math.IsNaN(h) {
				return false
			}
		}
	}
	return true
}

// wander flies 1 to 3 km of short legs.
func (p *pilot) wander() flight {
	left := 1000 + 2000*p.rng.Float64()
	at, heading := p.scatter(takeOffSpread), 2*math.Pi*p.rng.Float64()
	corners := []point{at}
	for left > 0 {
		leg := min(left, 200+400*p.rng.Float64())
		heading += p.rng.NormFloat64()
		at = at.add(polar(heading, leg))
		corners, left = append(corners, at), left-leg
	}
	return p.sample(corners)
}
