package attack

import (
	"math"
	"math/rand/v2"
	"time"

	"flightveil/geofuzz"
	"flightveil/internal/geo"
)

const (
	latitudeHomes = 200
	latitudeFixes = 900  // one a second
	speedNoise    = 0.1  // m/s, per axis
	slowMemory    = 0.99 // how much of a fix's error stays for a second
	lattice       = 1e-7 // degrees, of the positions in logs
	latticeSteps  = 300
	degreeMetres  = 111_195.0
)

// latitudes is the world in which a file hides the place but not how far
// meridians are apart there. A guess counts by how far north or south of home
// it is; which side of the equator is given away.
func latitudes(epsilon float64) world {
	return world{
		name: "latitudes", counts: []int{1}, homes: latitudeHomes, subject: func(seed uint64, number, _ int) *subject {
			rng := rand.New(rand.NewPCG(seed^stream("latitudes"), uint64(number)))
			return &subject{origin: geo.Point{Lat: 10 + 55*rng.Float64(), Lon: 360*rng.Float64() - 180}}
		},
		methods: []method{
			{name: "shift in degrees, one per pilot", release: quarterHour(func(rng *rand.Rand, track []geofuzz.Sample) []geofuzz.Sample {
				lat, lon := 2*rng.Float64()-1, (2*rng.Float64()-1)*100
				for i := range track {
					track[i].Lat += lat
					track[i].Lon = math.Remainder(track[i].Lon+lon, 360)
				}
				return track
			})},
			{name: "metres from the first fix, to 1 mm", release: quarterHour(func(_ *rand.Rand, track []geofuzz.Sample) []geofuzz.Sample {
				// As scripts do: metres per degree of the first fix. They are kept
				// as degrees at 0° N 0° E, where a metre is the same everywhere.
				first := track[0].Point
				for i, x := range track {
					e := math.Remainder(x.Lon-first.Lon, 360) * degreeMetres * math.Cos(first.Lat*math.Pi/180)
					n := (x.Lat - first.Lat) * degreeMetres
					track[i] = geofuzz.Unmeasured(geo.Point{Lat: math.Round(n*1000) / 1000 / degreeMetres, Lon: math.Round(e*1000) / 1000 / degreeMetres})
				}
				return track
			})},
			{name: "M1 zero", ours: true, release: quarterHour(func(_ *rand.Rand, track []geofuzz.Sample) []geofuzz.Sample {
				out, err := geofuzz.Relocate("zero", geofuzz.Zero{}).Release(track)
				if err != nil {
					return nil
				}
				return out
			})},
		},
		attacks: []attack{
			{"A16", "speed against degrees of longitude", false, bySpeed},
			{"A16", "steps of longitude in metres", false, byLattice},
		},
	}
}

// quarterHour flies for that long and releases it.
func quarterHour(hide func(*rand.Rand, []geofuzz.Sample) []geofuzz.Sample) func(*subject, *rand.Rand, int) []release {
	return func(s *subject, rng *rand.Rand, _ int) []release {
		frame := geo.NewFrame(s.origin)
		p := &pilot{rng: rng}
		var track []geofuzz.Sample
		at, heading, noise := point{}, 2*math.Pi*rng.Float64(), p.scatter(gpsNoise)
		for i := range latitudeFixes {
			if i%60 == 0 {
				heading += 2 * rng.NormFloat64()
			}
			noise = noise.times(slowMemory).add(p.scatter(gpsNoise * math.Sqrt(1-slowMemory*slowMemory)))
			q := at.add(noise)
			where, _ := frame.From(q.x, q.y)
			x := geofuzz.Unmeasured(where.Rounded())
			speed := polar(heading, cruise).add(p.scatter(speedNoise))
			x.Elapsed = time.Duration(i) * time.Second
			x.Speed, x.Course = speed.norm(), math.Atan2(speed.x, speed.y)*180/math.Pi
			track = append(track, x)
			at = at.add(polar(heading, cruise))
		}
		r := shown(nil)
		r.origin, r.samples = s.origin, hide(rng, track)
		return []release{r}
	}
}

// latitudeError turns a latitude into a guess: so many metres north of home.
func latitudeError(r release, lat float64) (point, bool) {
	return point{0, (lat - math.Abs(r.origin.Lat)) * degreeMetres}, !math.IsNaN(lat)
}

// bySpeed compares the way east that speeds make with how far the longitude
// went: their ratio is the cosine of the latitude.
func bySpeed(rs []release) (point, bool) {
	const lag = 40 // fixes, so that the errors of positions weigh little
	s := rs[0].samples
	up, down := 0.0, 0.0
	east := make([]float64, len(s)+1)
	for i, x := range s {
		if math.IsNaN(x.Speed) {
			return point{}, false
		}
		east[i+1] = east[i] + x.Speed*math.Sin(x.Course*math.Pi/180)
	}
	for i := lag; i < len(s); i++ {
		d := math.Remainder(s[i].Lon-s[i-lag].Lon, 360)
		e := east[i] - east[i-lag]
		up, down = up+e*d, down+e*e
	}
	// degrees per metre; regressed this way the errors of positions do not bias it
	cos := 1 / (up / down * semiMajorDegree)
	if !(cos > 0 && cos <= 1.001) {
		return point{}, false
	}
	return latitudeError(rs[0], ellipsoidLatitude(min(1, cos)))
}

// semiMajorDegree is the length of a degree of the equator in metres.
const semiMajorDegree = 6378137 * math.Pi / 180

// ellipsoidLatitude is where a circle of latitude has c times the length of the
// equator: on the WGS-84 ellipsoid that is cos φ / √(1 - e² sin² φ).
func ellipsoidLatitude(c float64) float64 {
	const ecc2 = 0.00669437999014
	return math.Acos(math.Sqrt((c*c-c*c*ecc2)/(1-c*c*ecc2))) * 180 / math.Pi
}

// byLattice finds the latitude at which the steps of 1e-7 degrees of longitude,
// in metres, divide all ways east.
func byLattice(rs []release) (point, bool) {
	s := rs[0].samples
	if len(s) == 0 {
		return point{}, false
	}
	frame := geo.NewFrame(s[0].Point)
	var east []float64 // steps: over long ways a small error of the latitude is many steps
	last := 0.0
	for i := 1; i < min(latticeSteps, len(s)); i++ {
		e := s[i].Lon * degreeMetres
		if s[0].Lat != 0 || s[0].Lon != 0 {
			e, _, _ = frame.To(s[i].Point)
		}
		east, last = append(east, e-last), e
	}
	best, most := math.NaN(), 0.0
	for lat := 0.0; lat < 75; lat += 0.02 {
		step := lattice * degreeMetres * math.Cos(lat*math.Pi/180)
		var re, im float64
		for _, e := range east {
			turns := e / step
			sin, cos := math.Sincos(2 * math.Pi * (turns - math.Floor(turns)))
			re, im = re+cos, im+sin
		}
		if p := re*re + im*im; p > most {
			best, most = lat, p
		}
	}
	return latitudeError(rs[0], best)
}
