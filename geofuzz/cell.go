package geofuzz

import (
	"math"

	"flightveil/internal/geo"

	"github.com/golang/geo/s2"
)

// Cells reports one cell for a whole flight: the middle of the S2 cell
// (https://s2geometry.io) that it took off in. A cell for every position would
// tell where the edges were crossed.
type Cells struct{ Metres float64 }

// Name is "cell".
func (c Cells) Name() string { return "cell" }

// Guarantee says that there is none.
func (c Cells) Guarantee() Guarantee {
	return Guarantee{
		Notion: "suppression", Unit: "the flight",
		Promise:  "One position is shown for the whole flight, the middle of a cell of a fixed public grid; nothing tells where in the cell it began.",
		NotGiven: "A cell may hold one house. Flights from both sides of an edge show that the place lies at that edge.",
	}
}

// Release returns one sample.
func (c Cells) Release(track []Sample) ([]Sample, error) {
	at, err := anchorOf(track)
	if err != nil {
		return nil, err
	}
	out := Unmeasured(Cell(at, c.Metres))
	for i := range track {
		if x := &track[i]; !x.Aside && usable(x.Point) {
			out.Time, out.Local, out.Elapsed = x.Time, x.Local, x.Elapsed
			break
		}
	}
	return []Sample{out}, nil
}

// anchorOf is where a track took off.
func anchorOf(track []Sample) (geo.Point, error) {
	var s Survey
	for i := range track {
		s.add(&track[i])
	}
	return s.Anchor()
}

// Cell returns the middle of the S2 cell that p lies in, of the level whose
// cells are on average closest to metres wide. The middle lies in its own cell.
func Cell(p geo.Point, metres float64) geo.Point {
	if !p.Valid() {
		return p
	}
	id := s2.CellIDFromLatLng(s2.LatLngFromDegrees(p.Lat, p.Lon)).Parent(cellLevel(metres))
	ll := id.LatLng()
	out := geo.Point{Lat: ll.Lat.Degrees(), Lon: ll.Lng.Degrees()}
	if out.Lon >= 180 {
		out.Lon -= 360
	}
	return out
}

// cellLevel is the level of S2 cells that are on average closest to metres wide.
func cellLevel(metres float64) int {
	const earthRadius = 6371008.8
	level := math.Round(math.Log2(s2.AvgEdgeMetric.Deriv * earthRadius / metres))
	return int(max(0, min(s2.MaxLevel, level)))
}
