package attack

import (
	"container/heap"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strconv"

	"flightveil/internal/geo"
)

// streets are those of a map: a graph of corners, and places every few metres
// along the edges between them.
type streets struct {
	name    string
	origin  geo.Point
	corners []point
	edges   []edge
	at      [][]int // edges at each corner
	places  []place
	cells   map[cell][]int // places by cell
}

// An edge is a straight piece of street.
type edge struct {
	a, b   int // corners
	length float64
}

// A place lies on an edge.
type place struct {
	point
	edge int
	from float64 // metres from the edge's first corner
}

type cell struct{ x, y int }

const (
	chaining  = 5.0  // metres between places
	cellWidth = 50.0 // metres
)

func cellOf(p point) cell {
	return cell{int(math.Floor(p.x / cellWidth)), int(math.Floor(p.y / cellWidth))}
}

// parseStreets reads OpenStreetMap XML (wiki.openstreetmap.org/wiki/OSM_XML):
// all ways that are a highway, driveways and footpaths included, except those
// one cannot walk or ride.
func parseStreets(name string, r io.Reader) (*streets, error) {
	d := xml.NewDecoder(r)
	where := map[string]geo.Point{}
	var ways [][]string
	var way []string
	street := false
	for {
		t, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "node":
				lat, err1 := strconv.ParseFloat(attribute(t, "lat"), 64)
				lon, err2 := strconv.ParseFloat(attribute(t, "lon"), 64)
				if p := (geo.Point{Lat: lat, Lon: lon}); err1 == nil && err2 == nil && p.Valid() {
					where[attribute(t, "id")] = p
				}
			case "way":
				way, street = nil, false
			case "nd":
				way = append(way, attribute(t, "ref"))
			case "tag":
				if attribute(t, "k") == "highway" {
					switch attribute(t, "v") {
					case "motorway", "motorway_link", "proposed", "construction", "platform", "raceway":
					default:
						street = true
					}
				}
			}
		case xml.EndElement:
			if t.Name.Local == "way" && street {
				ways = append(ways, way)
			}
		}
	}
	return newStreets(name, where, ways)
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// newStreets builds the graph and keeps its largest connected part.
func newStreets(name string, where map[string]geo.Point, ways [][]string) (*streets, error) {
	ids := map[string]int{}
	var degrees []geo.Point
	s := &streets{name: name, cells: map[cell][]int{}}
	for _, w := range ways {
		last := -1
		for _, ref := range w {
			p, ok := where[ref]
			if !ok {
				last = -1 // the map ends here
				continue
			}
			id, known := ids[ref]
			if !known {
				id = len(degrees)
				ids[ref] = id
				degrees = append(degrees, p)
			}
			if last >= 0 && last != id {
				s.edges = append(s.edges, edge{a: last, b: id})
			}
			last = id
		}
	}
	if len(s.edges) == 0 {
		return nil, errors.New("no streets in it")
	}
	for _, p := range degrees {
		s.origin.Lat += p.Lat / float64(len(degrees))
		s.origin.Lon += p.Lon / float64(len(degrees))
	}
	frame := geo.NewFrame(s.origin)
	for _, p := range degrees {
		var q point
		q.x, q.y, _ = frame.To(p)
		s.corners = append(s.corners, q)
	}
	s.keepLargest()
	for i := range s.edges {
		e := &s.edges[i]
		a, b := s.corners[e.a], s.corners[e.b]
		e.length = a.to(b)
		n := max(1, int(math.Round(e.length/chaining)))
		for k := range n {
			f := (float64(k) + 0.5) / float64(n)
			p := place{a.add(b.sub(a).times(f)), i, f * e.length}
			c := cellOf(p.point)
			s.cells[c] = append(s.cells[c], len(s.places))
			s.places = append(s.places, p)
		}
	}
	return s, nil
}

// keepLargest drops the edges that do not hang together with most others.
func (s *streets) keepLargest() {
	group := make([]int, len(s.corners))
	for i := range group {
		group[i] = i
	}
	root := func(i int) int {
		for group[i] != i {
			group[i] = group[group[i]]
			i = group[i]
		}
		return i
	}
	for _, e := range s.edges {
		group[root(e.a)] = root(e.b)
	}
	size, best := map[int]int{}, -1
	for _, e := range s.edges {
		g := root(e.a)
		if size[g]++; best < 0 || size[g] > size[best] {
			best = g
		}
	}
	kept := s.edges[:0]
	for _, e := range s.edges {
		if root(e.a) == best {
			kept = append(kept, e)
		}
	}
	s.edges = kept
	s.at = make([][]int, len(s.corners))
	for i, e := range s.edges {
		s.at[e.a], s.at[e.b] = append(s.at[e.a], i), append(s.at[e.b], i)
	}
}

// nearest returns the place closest to p, -1 if none is within so many metres.
func (s *streets) nearest(p point, within float64) int {
	best, least := -1, within
	reach := int(math.Ceil(within / cellWidth))
	c := cellOf(p)
	for x := c.x - reach; x <= c.x+reach; x++ {
		for y := c.y - reach; y <= c.y+reach; y++ {
			for _, i := range s.cells[cell{x, y}] {
				if d := s.places[i].to(p); d <= least {
					best, least = i, d
				}
			}
		}
	}
	return best
}

// A reach is how far every corner is from one place along the streets.
type reach struct {
	from  place
	metre []float64 // by corner; +Inf beyond the limit
	via   []int     // the edge by which a corner is reached, -1 for none
}

// from finds the shortest ways from p, up to so many metres (Dijkstra).
func (s *streets) from(p place, limit float64) *reach {
	r := &reach{from: p, metre: make([]float64, len(s.corners)), via: make([]int, len(s.corners))}
	for i := range r.metre {
		r.metre[i], r.via[i] = math.Inf(1), -1
	}
	e := s.edges[p.edge]
	r.metre[e.a] = p.from
	q := &queue{{e.a, p.from}}
	if d := e.length - p.from; d < r.metre[e.b] {
		r.metre[e.b] = d
		heap.Push(q, queued{e.b, d})
	}
	for q.Len() > 0 {
		x := heap.Pop(q).(queued)
		if x.metre > r.metre[x.corner] || x.metre > limit {
			continue
		}
		for _, i := range s.at[x.corner] {
			e := s.edges[i]
			to := e.a + e.b - x.corner
			if d := x.metre + e.length; d < r.metre[to] {
				r.metre[to], r.via[to] = d, i
				heap.Push(q, queued{to, d})
			}
		}
	}
	return r
}

// to is how far p is along the streets.
func (r *reach) to(s *streets, p place) float64 {
	e := s.edges[p.edge]
	d := min(r.metre[e.a]+p.from, r.metre[e.b]+e.length-p.from)
	if p.edge == r.from.edge {
		d = min(d, math.Abs(p.from-r.from.from))
	}
	return d
}

// way returns the points of the shortest way from where r starts to a corner.
func (r *reach) way(s *streets, corner int) []point {
	out := []point{s.corners[corner]}
	for r.via[corner] >= 0 {
		e := s.edges[r.via[corner]]
		corner = e.a + e.b - corner
		out = append(out, s.corners[corner])
	}
	return append(out, r.from.point)
}

type queued struct {
	corner int
	metre  float64
}

type queue []queued

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].metre < q[j].metre }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(queued)) }
func (q *queue) Pop() any {
	x := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return x
}
