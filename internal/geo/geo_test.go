package geo

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestCell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Point{rapid.Float64Range(-90, 90).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lon")}
		size := rapid.SampledFrom([]float64{100, 1000, 50_000}).Draw(t, "size")
		c := p.Cell(size)
		if !c.Valid() {
			t.Fatalf("%v is not on the globe", c)
		}
		if again := c.Cell(size); again != c {
			t.Fatalf("the centre %v of a cell lies in another cell, %v", c, again)
		}
		if d := p.Distance(c); d > size {
			t.Fatalf("the centre is %.0f m away, more than %.0f m", d, size)
		}
	})
}

func TestDistance(t *testing.T) {
	if d := (Point{0, 0}).Distance(Point{0, 1}); math.Abs(d-111195) > 1 {
		t.Errorf("one degree along the equator is %.1f m", d)
	}
	if d := (Point{10, 179.9}).Distance(Point{10, -179.9}); d > 22_000 {
		t.Errorf("across the antimeridian: %.0f m", d)
	}
}
