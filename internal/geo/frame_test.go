package geo

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// corners are the places where degrees behave worst.
var corners = []Point{
	{0, 0}, {1, 1}, {47.4, 8.5}, {-33.9, 151.2}, {60, -179.99999}, {-60, 179.99999}, {0, 180}, {0, -180},
	{89.99, 40}, {-89.999, -130}, {90, 0}, {-90, 77}, {89.9999999, -179.9999999},
}

// anywhere draws a corner or any other place.
func anywhere(t *rapid.T, label string) Point {
	if rapid.Bool().Draw(t, label+" at a corner") {
		return rapid.SampledFrom(corners).Draw(t, label)
	}
	return Point{rapid.Float64Range(-90, 90).Draw(t, label+" lat"), rapid.Float64Range(-180, 180).Draw(t, label+" lon")}
}

func dist(a, b Point) float64 {
	v, w := surface(a), surface(b)
	return math.Sqrt((v[0]-w[0])*(v[0]-w[0]) + (v[1]-w[1])*(v[1]-w[1]) + (v[2]-w[2])*(v[2]-w[2]))
}

// TestFrameRoundTrip goes to a frame and back, anywhere on the globe.
func TestFrameRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := NewFrame(anywhere(t, "origin"))
		e, n := rapid.Float64Range(-20000, 20000).Draw(t, "east"), rapid.Float64Range(-20000, 20000).Draw(t, "north")
		p, ok := f.From(e, n)
		if !ok || !p.Valid() || p.Lon == 180 {
			t.Fatalf("no position at %f, %f: %v", e, n, p)
		}
		e2, n2, ok := f.To(p)
		if !ok || math.Hypot(e2-e, n2-n) > 1e-6 {
			t.Fatalf("%f, %f came back as %f, %f", e, n, e2, n2)
		}
	})
}

// TestMoveKeepsShape moves pairs of points from one place to another: the
// distance between them must stay to 1 cm over 20 km.
func TestMoveKeepsShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := NewFrame(anywhere(t, "from")), NewFrame(anywhere(t, "to"))
		point := func(label string) (old, moved Point) {
			r, th := rapid.Float64Range(0, 10000).Draw(t, label+" r"), rapid.Float64Range(0, 2*math.Pi).Draw(t, label+" direction")
			old, ok := a.From(r*math.Sin(th), r*math.Cos(th))
			if !ok {
				t.Fatal("not in the frame")
			}
			e, n, ok := a.To(old)
			if !ok {
				t.Fatal("not back in the frame")
			}
			if moved, ok = b.From(e, n); !ok {
				t.Fatal("not in the other frame")
			}
			return old, moved
		}
		p, p2 := point("p")
		q, q2 := point("q")
		if before, after := dist(p, q), dist(p2, q2); math.Abs(before-after) > 0.01 {
			t.Fatalf("%.4f m became %.4f m", before, after)
		}
	})
}

// TestFrameAxes checks the axes where they can be told without the frame.
func TestFrameAxes(t *testing.T) {
	for _, lat := range []float64{-89, -60, 0, 60, 89} {
		f := NewFrame(Point{lat, 10})
		if e, n, ok := f.To(Point{lat, 10.001}); !ok || e <= 0 || math.Abs(n) > e/100 {
			t.Errorf("at %v: east is %.3f, %.3f", lat, e, n)
		}
		if e, n, ok := f.To(Point{lat + 0.001, 10}); !ok || n < 110 || n > 112 || math.Abs(e) > 1e-6 {
			t.Errorf("at %v: north is %.3f, %.3f", lat, e, n)
		}
	}
	f := NewFrame(Point{0, 179.9999})
	if e, _, ok := f.To(Point{0, -179.9999}); !ok || math.Abs(e-22.264) > 0.01 {
		t.Errorf("across the antimeridian: %.3f m", e)
	}
	if _, _, ok := f.To(Point{0, 0}); ok {
		t.Error("the other side of the globe has a place")
	}
	if _, ok := f.From(7e6, 0); ok {
		t.Error("there is a position beyond the horizon")
	}
}

// TestDirectIsotropic: a step has its length in every direction, everywhere.
func TestDirectIsotropic(t *testing.T) {
	for _, p := range corners {
		for k := range 36 {
			th := float64(k) * math.Pi / 18
			q, ok := p.Direct(th, 1000)
			if d := dist(p, q); !ok || math.Abs(d-1000) > 0.01 {
				t.Errorf("at %v, direction %d0°: %.4f m", p, k, d)
			}
		}
	}
	if q, ok := (Point{0, 0}).Direct(math.Pi/2, 100_000); !ok || math.Abs(dist(Point{}, q)-100_000) > 5 {
		t.Errorf("100 km east: %v", q)
	}
}

func TestSnap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, step := anywhere(t, "p"), rapid.SampledFrom([]float64{10, 200, 5000}).Draw(t, "step")
		q := p.Snap(step)
		if !q.Valid() || q.Lon == 180 {
			t.Fatalf("%v is not on the globe", q)
		}
		if again := q.Snap(step); dist(again, q) > 1e-6 {
			t.Fatalf("%v moved to %v", q, again)
		}
		if d := dist(p, q); d > 2*step {
			t.Fatalf("the grid point is %.1f m away", d)
		}
	})
}
