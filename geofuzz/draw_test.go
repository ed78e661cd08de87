package geofuzz

import (
	"encoding/binary"
	"math"
	"testing"

	"flightveil/internal/geo"
)

// TestLambertW compares with values of W₋₁ from the literature.
func TestLambertW(t *testing.T) {
	for x, want := range map[float64]float64{
		-1 / math.E: -1, -0.3: -1.7813370234216277, -0.2: -2.5426413577735265,
		-0.1: -3.577152063957297, -0.01: -6.472775124394005, -1e-10: -26.295238819246926,
	} {
		if got := lambertW1(x); math.Abs(got-want) > 1e-12*math.Abs(want) {
			t.Errorf("W(%v) = %.17g, want %.17g", x, got, want)
		}
	}
	for p, want := range map[float64]float64{.01: .1486, .05: .3554, .10: .5318, .25: .9613, .50: 1.6783, .75: 2.6926, .90: 3.8897, .95: 4.7439, .99: 6.6384, .999: 9.2334} {
		if got := Shift(1, p); math.Abs(got-want) > 1e-4 {
			t.Errorf("C^-1(%v) = %.5f, want %v", p, got, want)
		}
		if back := Chance(1, Shift(1, p)); math.Abs(back-p) > 1e-12 {
			t.Errorf("C(C^-1(%v)) = %v", p, back)
		}
	}
}

// testKey is the n-th of a row of keys.
func testKey(n int) Key {
	k := make(Key, KeySize)
	binary.LittleEndian.PutUint64(k, uint64(n)+1)
	return k
}

// chiSquare is the statistic of counts that should be equal.
func chiSquare(counts []int) float64 {
	total := 0
	for _, c := range counts {
		total += c
	}
	want, sum := float64(total)/float64(len(counts)), 0.0
	for _, c := range counts {
		sum += (float64(c) - want) * (float64(c) - want) / want
	}
	return sum
}

// chiSquareLimit is exceeded by one fair sample in 10,000 (Wilson and Hilferty).
func chiSquareLimit(bins int) float64 {
	const z = 3.719
	d := float64(bins - 1)
	x := 1 - 2/(9*d) + z*math.Sqrt(2/(9*d))
	return d * x * x * x
}

// TestSampler draws with a million keys: radius in bins of equal chance, angle,
// and both together, so that one does not depend on the other.
func TestSampler(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 100_000
	}
	const eps = 0.003466
	radius, angle, both := make([]int, 20), make([]int, 36), make([]int, 36)
	for i := range n {
		s, err := testKey(i).stream("disp", "place", "near-0.003466")
		if err != nil {
			t.Fatal(err)
		}
		th, r := s.planarLaplace(eps)
		if !(r >= 0) || !(th > 0 && th <= 2*math.Pi) {
			t.Fatalf("drawn: %v, %v", th, r)
		}
		p := Chance(eps, r)
		radius[min(19, int(p*20))]++
		angle[min(35, int(th/(2*math.Pi)*36))]++
		both[min(5, int(p*6))*6+min(5, int(th/(2*math.Pi)*6))]++
	}
	for name, counts := range map[string][]int{"radius": radius, "angle": angle, "radius and angle": both} {
		if x, limit := chiSquare(counts), chiSquareLimit(len(counts)); x > limit {
			t.Errorf("%s: chi-square %.1f over %.1f", name, x, limit)
		}
	}
}

// TestAudit looks for places where what is released tells two homes 100 m apart
// from each other better than promised.
func TestAudit(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 200_000
	}
	const eps, apart, cell, side = 0.003466, 100.0, 60.0, 32
	for h, home := range []geo.Point{{Lat: 47.39774, Lon: 8.54559}, {Lat: 89.99, Lon: 179.9}} {
		n := n / (1 + 4*h)
		frame := geo.NewFrame(home)
		other, _ := frame.From(apart, 0)
		var counts [2][side * side]int
		for k, place := range []geo.Point{home, other} {
			for i := range n {
				s, err := testKey(i+k*n).stream("disp", "place")
				if err != nil {
					t.Fatal(err)
				}
				b, ok := displaced(s, place, eps)
				if !ok {
					t.Fatal("no place")
				}
				e, nn, _ := frame.To(b)
				x, y := int(math.Floor(e/cell))+side/2, int(math.Floor(nn/cell))+side/2
				if x >= 0 && x < side && y >= 0 && y < side {
					counts[k][y*side+x]++
				}
			}
		}
		limit, most := eps*(apart+gridStep*math.Sqrt2), 0.0
		for i := range counts[0] {
			a, b := float64(counts[0][i]), float64(counts[1][i])
			if a < 30 || b < 30 { // no confidence in either
				continue
			}
			const z = 3.09 // 99.9 %, one-sided
			most = max(most, math.Abs(math.Log(a/b))-z*math.Sqrt(1/a+1/b))
		}
		if most > limit {
			t.Errorf("with 99.9 %% confidence the odds change by e^%.3f, more than e^%.3f", most, limit)
		}
		if most < limit/4 {
			t.Errorf("the audit sees only e^%.3f of e^%.3f: it would miss a fault", most, limit)
		}
	}
}

// TestDrawsAreIndependent: another epsilon, place or key gives another draw, not
// the same one scaled.
func TestDrawsAreIndependent(t *testing.T) {
	draw := func(k Key, labels ...string) float64 {
		s, err := k.stream(labels...)
		if err != nil {
			t.Fatal(err)
		}
		return s.uniform()
	}
	seen := map[float64]bool{}
	for _, v := range []float64{
		draw(testKey(1), "disp", "a", "near-0.001"), draw(testKey(1), "disp", "a", "near-0.002"), draw(testKey(1), "disp", "b", "near-0.001"),
		draw(testKey(2), "disp", "a", "near-0.001"), draw(testKey(1), "zone", "a", "near-0.001"),
	} {
		if seen[v] {
			t.Error("two purposes share their randomness")
		}
		seen[v] = true
	}
	// Known answer: the derivation must never change, or places are drawn anew.
	if v := draw(testKey(0), "disp", "00", "near-0.003"); v != knownDraw {
		t.Errorf("the derivation changed: %.17g", v)
	}
	if _, err := (Key{1, 2}).stream("x"); err == nil {
		t.Error("a short key is taken")
	}
}

const knownDraw = 0.25622816034749241
