package geofuzz

import (
	"math"
	"math/bits"
	"testing"

	"flightveil/internal/geo"
)

// TestLatticeWeights compares the chances of rings with floats, and the ratio of
// far rings with what it must be exactly.
func TestLatticeWeights(t *testing.T) {
	for _, name := range EpsilonNames() {
		eps, err := ParseEpsilon(name)
		if err != nil {
			t.Fatal(err)
		}
		l := newLattice(eps)
		if l.step > 1/(8*eps) && l.step > gridStep || math.Mod(l.step, gridStep) != 0 {
			t.Errorf("%s: steps of %v m", name, l.step)
		}
		at := func(i int) float64 {
			return math.Ldexp(float64(l.cum[i][0]), -64) + math.Ldexp(float64(l.cum[i][1]), -128)
		}
		one := at(0) // the ring of the place itself has one member
		own := -math.Log((at(1)-at(0))/4/one) / l.step
		if own > eps || own < eps*0.85 {
			t.Errorf("%s: the chance falls by e^%.6f a metre, promised %.6f", name, own, eps)
		}
		for i := 1; i < len(l.cum); i++ {
			if _, borrow := bits.Sub64(l.cum[i][0], l.cum[i-1][0], 0); borrow == 1 {
				t.Fatalf("%s: chances fall at ring %d", name, i)
			}
		}
		members := func(n int) (c float64) {
			for i := -n; i <= n; i++ {
				for j := -n; j <= n; j++ {
					if i*i+j*j == n {
						c++
					}
				}
			}
			return c
		}
		for _, i := range []int{2, 3, 7, 20, 60} {
			got := (at(i) - at(i-1)) / one / members(l.norm[i])
			want := math.Exp(-own * l.step * math.Sqrt(float64(l.norm[i])))
			if math.Abs(got/want-1) > 1e-9 {
				t.Errorf("%s: ring %d weighs %.12g, want %.12g", name, i, got, want)
			}
		}
		if l.cum[len(l.cum)-1] != [2]uint64{math.MaxUint64, math.MaxUint64} {
			t.Errorf("%s: the chances do not add up", name)
		}
	}
}

// TestLatticeSampler draws with many keys: distance in bins of equal chance, and
// angle. The grid is fine against the noise, so the law of the plane holds.
func TestLatticeSampler(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 60_000
	}
	l := newLattice(0.003466)
	mean, quarter := 0.0, make([]int, 4)
	rings := map[int]int{}
	for i := range n {
		s, err := testKey(i).stream("disp", "place", "lattice-0.003466")
		if err != nil {
			t.Fatal(err)
		}
		e, nn := l.offset(s)
		mean += math.Hypot(float64(e), float64(nn)) * l.step
		rings[e*e+nn*nn]++
		switch { // half-open quadrants: turned by a right angle, each becomes the next
		case e > 0 && nn >= 0:
			quarter[0]++
		case e <= 0 && nn > 0:
			quarter[1]++
		case e < 0 && nn <= 0:
			quarter[2]++
		case e >= 0 && nn < 0:
			quarter[3]++
		}
	}
	if x, limit := chiSquare(quarter), chiSquareLimit(4); x > limit {
		t.Errorf("angle: chi-square %.1f over %.1f", x, limit)
	}
	// The rings, in groups of at least 1/20 of the chance each.
	sum, from, last, bins := 0.0, 0, 0.0, 0
	for i, c := range l.cum {
		p := math.Ldexp(float64(c[0]), -64)
		from += rings[l.norm[i]]
		if p-last >= 0.05 || i == len(l.cum)-1 {
			want := (p - last) * float64(n)
			if want > 5 {
				sum += (float64(from) - want) * (float64(from) - want) / want
				bins++
			}
			from, last = 0, p
		}
	}
	if limit := chiSquareLimit(bins); bins < 15 || sum > limit {
		t.Errorf("distance: chi-square %.1f over %.1f in %d bins", sum, limit, bins)
	}
	// 2/eps, and a little more for what the guarantee costs at high latitudes.
	if mean /= float64(n); mean < 0.98*2/0.003466 || mean > 1.04*2/0.003466 {
		t.Errorf("the mean shift is %.0f m", mean)
	}
}

// TestLatticeReachesEachPointOnce: from every place all grid points around are
// reached, each by one draw: no point tells that it cannot have been a place.
func TestLatticeReachesEachPointOnce(t *testing.T) {
	for _, p := range []geo.Point{{Lat: 47.4, Lon: 8.5}, {Lat: -33.9, Lon: 151.2}, {Lat: 79, Lon: 179.9999}, {Lat: 0.0001, Lon: -179.9999}} {
		seen := map[geo.Point]bool{}
		for i := -40; i <= 40; i++ {
			for j := -40; j <= 40; j++ {
				q := p.Steps(30, i, j)
				if seen[q] {
					t.Fatal("two draws lead to one point")
				}
				seen[q] = true
				if q.Distance(p.Snap(30)) > 30*math.Hypot(float64(i), float64(j))*1.02+30*1.5 {
					t.Fatalf("%d, %d steps are %.0f m", i, j, q.Distance(p.Snap(30)))
				}
			}
		}
		for _, d := range []float64{35, 100} { // what another place reaches is the same set of points
			q, _ := p.Direct(1, d)
			for i := -30; i <= 30; i++ {
				if !seen[q.Steps(30, i, 3)] {
					t.Fatal("a place reaches points that its neighbour does not")
				}
			}
		}
	}
}

// TestLatticeAudit computes, for places 100 m apart, how far the odds of every
// point can change, from the chances themselves: no draw, no confidence needed.
func TestLatticeAudit(t *testing.T) {
	const deg = 180 / math.Pi
	eps, err := ParseEpsilon(DefaultEpsilon)
	if err != nil {
		t.Fatal(err)
	}
	l := newLattice(eps)
	one := math.Ldexp(float64(l.cum[0][0]), -64)
	fall := -math.Log((math.Ldexp(float64(l.cum[1][0]), -64)-one)/4/one) / l.step // per metre
	for _, home := range []geo.Point{{Lat: 47.39774, Lon: 8.54559}, {Lat: 0.0001, Lon: -179.99999}, {Lat: 78.2, Lon: 15.6}} {
		most := 0.0
		for k := range 12 {
			other, ok := home.Direct(float64(k)*math.Pi/6, 100)
			if !ok {
				t.Fatal("no place")
			}
			for i := -120; i <= 120; i += 3 {
				for j := -120; j <= 120; j += 3 {
					b := home.Steps(l.step, i, j)
					// how the other place reaches b: so many rows, then so many columns
					rows := int(math.Round((b.Lat - other.Snap(l.step).Lat) / deg * 6371008.8 / l.step))
					start := other.Steps(l.step, 0, rows)
					around := math.Floor(2 * math.Pi * 6371008.8 * math.Cos(b.Lat/deg) / l.step)
					columns := int(math.Round(math.Remainder(b.Lon-start.Lon, 360) / 360 * around))
					if other.Steps(l.step, columns, rows) != b {
						t.Fatal("a point that the other place does not reach")
					}
					loss := fall * l.step * math.Abs(math.Hypot(float64(i), float64(j))-math.Hypot(float64(columns), float64(rows)))
					most = max(most, loss)
				}
			}
		}
		if limit := eps * (100 + l.step*math.Sqrt2); most > limit || most < limit/2 {
			t.Errorf("at %.0f°: the odds change by e^%.4f, promised e^%.4f", home.Lat, most, limit)
		}
	}
}

func TestLatticeMoors(t *testing.T) {
	n := &Near{Key: testKey(1), Places: &Places{}, Epsilon: 0.003466, Exact: true, Save: func() error { return nil }}
	home := geo.Point{Lat: 47.3977419, Lon: 8.5455938}
	from, to, err := n.Moor(home)
	if err != nil || from != home || to != to.Snap(30) || to.Distance(home) > 35/0.003466*1.1 {
		t.Fatalf("moored %.0f m away: %v", to.Distance(home), err)
	}
	if _, again, err := n.Moor(home); err != nil || again != to {
		t.Errorf("a second flight: %v", err)
	}
	if _, _, err := n.Moor(geo.Point{Lat: 81, Lon: 10}); err != ErrLattice {
		t.Errorf("near a pole: %v", err)
	}
	other := &Near{Key: n.Key, Places: n.Places, Epsilon: n.Epsilon, Save: n.Save}
	if _, _, err := other.Moor(home); err == nil {
		t.Error("another kind of noise is no new draw")
	}
}

func BenchmarkLattice(b *testing.B) {
	for b.Loop() {
		newLattice(0.003466)
	}
}
