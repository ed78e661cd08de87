// Package geo holds WGS-84 positions and the few operations the toolkit needs on them.
package geo

import "math"

// A Point is a WGS-84 position in decimal degrees.
type Point struct{ Lat, Lon float64 }

// Valid reports whether p is a finite position on the globe.
func (p Point) Valid() bool {
	return math.Abs(p.Lat) <= 90 && math.Abs(p.Lon) <= 180
}

// Zero reports whether p is 0° N 0° E, which devices write for "no fix".
func (p Point) Zero() bool { return p.Lat == 0 && p.Lon == 0 }

const earthRadius = 6371008.8 // metres, mean radius (IUGG)

// Distance returns the great-circle distance from p to q in metres.
func (p Point) Distance(q Point) float64 {
	const rad = math.Pi / 180
	sinLat := math.Sin((q.Lat - p.Lat) * rad / 2)
	sinLon := math.Sin((q.Lon - p.Lon) * rad / 2)
	h := sinLat*sinLat + math.Cos(p.Lat*rad)*math.Cos(q.Lat*rad)*sinLon*sinLon
	return 2 * earthRadius * math.Asin(math.Sqrt(min(1, h)))
}

// Cell returns the centre of the grid cell that p lies in. Cells are about
// metres wide in both directions: rows of equal latitude, each divided into
// equal longitudes. No point of a cell is farther than metres from its centre,
// and the centre lies in its own cell, so Cell(Cell(p)) == Cell(p).
func (p Point) Cell(metres float64) Point {
	row := func(v, from, span, step float64) (centre float64, n float64) {
		n = max(1, math.Floor(span/step))
		i := min(n-1, math.Floor((v-from)/span*n))
		return from + (i+0.5)*span/n, n
	}
	const degree = 111320.0 // metres of one degree of latitude
	lat, _ := row(p.Lat, -90, 180, metres/degree)
	lon, _ := row(p.Lon, -180, 360, metres/(degree*math.Cos(lat*math.Pi/180)))
	return Point{lat, lon}
}
