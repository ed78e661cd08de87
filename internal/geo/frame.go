package geo

import "math"

// The WGS-84 ellipsoid (NGA.STND.0036, table 3.1).
const (
	semiMajor  = 6378137.0
	flattening = 1 / 298.257223563
	ecc2       = flattening * (2 - flattening)
	semiMinor2 = semiMajor * semiMajor * (1 - ecc2)
)

type vector [3]float64

func (v vector) dot(w vector) float64 { return v[0]*w[0] + v[1]*w[1] + v[2]*w[2] }

// A Frame is a plane that touches the WGS-84 ellipsoid at its origin, with
// axes east and north in metres. Positions go to it and come from it through
// Earth-centred coordinates, so that poles and the antimeridian are ordinary
// places. Heights play no part: a position stands for the point on the
// ellipsoid below it, and a true height cannot scale what is horizontal.
type Frame struct{ at, east, north, up vector }

// NewFrame returns the frame that touches the ellipsoid at origin. At a pole,
// north is where the meridian opposite to origin's runs.
func NewFrame(origin Point) Frame {
	sinLat, cosLat := math.Sincos(origin.Lat * math.Pi / 180)
	sinLon, cosLon := math.Sincos(origin.Lon * math.Pi / 180)
	return Frame{
		at:    surface(origin),
		east:  vector{-sinLon, cosLon, 0},
		north: vector{-sinLat * cosLon, -sinLat * sinLon, cosLat},
		up:    vector{cosLat * cosLon, cosLat * sinLon, sinLat},
	}
}

// surface is p on the ellipsoid in Earth-centred coordinates.
func surface(p Point) vector {
	sinLat, cosLat := math.Sincos(p.Lat * math.Pi / 180)
	sinLon, cosLon := math.Sincos(p.Lon * math.Pi / 180)
	n := semiMajor / math.Sqrt(1-ecc2*sinLat*sinLat)
	return vector{n * cosLat * cosLon, n * cosLat * sinLon, n * (1 - ecc2) * sinLat}
}

// To returns where p lies in f. Points beyond a quarter of the globe have no
// place in it: ok is false.
func (f *Frame) To(p Point) (east, north float64, ok bool) {
	v := surface(p)
	ok = v.dot(f.up) > 0 && p.Valid()
	d := vector{v[0] - f.at[0], v[1] - f.at[1], v[2] - f.at[2]}
	return d.dot(f.east), d.dot(f.north), ok
}

// From returns the position that lies at east, north in f. Beyond the horizon,
// some 6,300 km away, there is none: ok is false.
func (f *Frame) From(east, north float64) (p Point, ok bool) {
	var v vector
	for i := range v {
		v[i] = f.at[i] + east*f.east[i] + north*f.north[i]
	}
	// v + u·up meets the ellipsoid (x²+y²)/a² + z²/b² = 1 where a·u² + 2b·u + c = 0;
	// of the two roots the one on this side, in the form that does not cancel.
	const wx, wz = 1 / (semiMajor * semiMajor), 1 / semiMinor2
	a := (f.up[0]*f.up[0]+f.up[1]*f.up[1])*wx + f.up[2]*f.up[2]*wz
	b := (v[0]*f.up[0]+v[1]*f.up[1])*wx + v[2]*f.up[2]*wz
	c := (v[0]*v[0]+v[1]*v[1])*wx + v[2]*v[2]*wz - 1
	disc := b*b - a*c
	if !(disc > 0) || b <= 0 {
		return Point{}, false
	}
	u := -c / (b + math.Sqrt(disc))
	for i := range v {
		v[i] += u * f.up[i]
	}
	const deg = 180 / math.Pi
	p.Lat = math.Atan2(v[2], (1-ecc2)*math.Sqrt(v[0]*v[0]+v[1]*v[1])) * deg
	p.Lon = math.Atan2(v[1], v[0]) * deg
	return p.wrapped(), true
}

// Direct returns the point that lies metres from p in a direction given in
// radians from north over east, along a great circle.
func (p Point) Direct(direction, metres float64) (Point, bool) {
	f := NewFrame(p)
	r := earthRadius * math.Sin(metres/earthRadius) // the plane's foreshortening
	sin, cos := math.Sincos(direction)
	if metres > earthRadius { // more than 57 degrees of arc: the plane is no help
		return Point{}, false
	}
	return f.From(r*sin, r*cos)
}

// wrapped returns p with its longitude in [-180, 180).
func (p Point) wrapped() Point {
	if p.Lon >= 180 {
		p.Lon -= 360
	}
	return p
}

// Snap returns the closest row, and within the row the closest point, of a
// grid over the globe whose step is metres in both directions. The grid does
// not depend on p. It differs from Cell in that its points are their own
// closest point, also where a row is short.
func (p Point) Snap(metres float64) Point { return p.Steps(metres, 0, 0) }

// Steps returns the point of the grid of [Point.Snap] that lies north rows from
// p's own and, in that row, east columns from p's own longitude.
func (p Point) Steps(metres float64, east, north int) Point {
	const deg = 180 / math.Pi
	row := math.Round(p.Lat/deg*earthRadius/metres) + float64(north)
	lat := max(-90, min(90, row*metres/earthRadius*deg))
	circle := earthRadius * math.Cos(lat/deg)
	if circle < metres { // the row is shorter than a few steps: one point
		return Point{lat, 0}
	}
	around := math.Floor(2 * math.Pi * circle / metres) // whole steps around the globe
	column := math.Remainder(math.Round(p.Lon/360*around)+float64(east), around)
	return Point{lat, column * (360 / around)}.wrapped()
}

// Rounded returns p with seven decimals, the most a receiver gives: 1 cm.
func (p Point) Rounded() Point {
	return Point{math.Round(p.Lat*1e7) / 1e7, math.Round(p.Lon*1e7) / 1e7}.wrapped()
}
