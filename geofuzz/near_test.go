package geofuzz_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"flightveil/geofuzz"
	"flightveil/internal/geo"
)

func near(t *testing.T, epsilon string) *geofuzz.Near {
	t.Helper()
	eps, err := geofuzz.ParseEpsilon(epsilon)
	if err != nil {
		t.Fatal(err)
	}
	return &geofuzz.Near{Key: slices.Repeat([]byte{7}, geofuzz.KeySize), Places: &geofuzz.Places{}, Epsilon: eps, Save: func() error { return nil }}
}

// shifted is p moved by metres.
func shifted(p geo.Point, east, north float64) geo.Point {
	f := geo.NewFrame(p)
	q, _ := f.From(east, north)
	return q
}

// TestNearOneDrawPerPlace: flights of one place share a displacement however
// often and wherever within it they begin, and its anchor never moves.
func TestNearOneDrawPerPlace(t *testing.T) {
	n := near(t, "neighbourhood")
	saved := 0
	n.Save = func() error { saved++; return nil }
	home := tenPlaces[0]
	from, to, err := n.Moor(home)
	if err != nil || from != home || saved != 1 {
		t.Fatalf("first flight: %v, saved %d times", err, saved)
	}
	if to != to.Snap(10) {
		t.Error("the place does not land on the grid")
	}
	for k := range 40 { // wandering off, 20 m each: the place must not wander along
		p := shifted(home, 20*float64(k), 0)
		f, b, err := n.Moor(p)
		if err != nil {
			t.Fatal(err)
		}
		if same := p.Distance(home) <= 300; same != (f == home && b == to) {
			t.Errorf("%.0f m away: same displacement %v", p.Distance(home), f == home && b == to)
		}
	}
	if len(n.Places.List) < 2 || n.Places.List[0].Anchor != home {
		t.Error("the place's anchor moved")
	}
	again := *near(t, "neighbourhood")
	again.Places = n.Places
	if _, b, err := again.Moor(home); err != nil || b != to {
		t.Error("a second run draws anew")
	}
}

// TestNearLeavesNoDigits: two places that differ by less than a grid step and
// land on the same point release the same flight as the same bits.
func TestNearLeavesNoDigits(t *testing.T) {
	steps := straight(100)
	to := geo.Point{Lat: 47.41, Lon: 8.53}.Snap(10)
	release := func(p geo.Point) []geofuzz.Sample {
		out, err := geofuzz.Relocate("near", fixed{p, to}).Release(at(p, 431, time.Time{}, steps))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	a := release(tenPlaces[0])
	for _, d := range []float64{0.37, 3.3, 4.99} {
		if !same(a, release(shifted(tenPlaces[0], d, -d))) {
			t.Errorf("a place %.2f m off shows in the digits", d)
		}
	}
}

// fixed is a mooring whose place and target are known.
type fixed struct{ from, to geo.Point }

func (f fixed) Moor(geo.Point) (from, to geo.Point, err error) { return f.from, f.to, nil }
func (f fixed) Guarantee() geofuzz.Guarantee                   { return geofuzz.Guarantee{} }

func TestNearLedger(t *testing.T) {
	n := near(t, "town")
	_, first, err := n.Moor(tenPlaces[0])
	if err != nil {
		t.Fatal(err)
	}
	n.Epsilon *= 2
	if _, _, err := n.Moor(tenPlaces[0]); !errors.Is(err, geofuzz.ErrDraw) {
		t.Fatalf("a second draw: %v", err)
	}
	n.Again = true
	_, second, err := n.Moor(tenPlaces[0])
	if err != nil || second == first {
		t.Fatalf("a second draw that is wanted: %v", err)
	}
	// The same numbers at twice the epsilon would lie on a line with the place.
	f := geo.NewFrame(tenPlaces[0])
	e1, n1, _ := f.To(first)
	e2, n2, _ := f.To(second)
	if sin := math.Abs(e1*n2-e2*n1) / (math.Hypot(e1, n1) * math.Hypot(e2, n2)); sin < 0.01 {
		t.Error("the two draws point the same way")
	}
	for range 3 {
		n.Epsilon *= 1.1
		_, _, err = n.Moor(tenPlaces[0])
	}
	if !errors.Is(err, geofuzz.ErrDraw) {
		t.Errorf("a fifth draw: %v", err)
	}
}

// TestNearUnsaved: what cannot be saved is not released, also not by the next
// flight of the run.
func TestNearUnsaved(t *testing.T) {
	n := near(t, "street")
	n.Save = func() error { return errors.New("disk full") }
	for range 2 {
		if _, _, err := n.Moor(tenPlaces[0]); err == nil || strings.Contains(err.Error(), "47") {
			t.Errorf("released without a record: %v", err)
		}
	}
}

func TestEpsilons(t *testing.T) {
	for name, shift := range map[string]float64{"street": 684, "neighbourhood": 1369, "town": 3422, "region": 17110} {
		eps, err := geofuzz.ParseEpsilon(name)
		if err != nil || math.Abs(geofuzz.Shift(eps, 0.95)-shift) > shift/1000 {
			t.Errorf("%s: %v, 95 %% within %.0f m", name, err, geofuzz.Shift(eps, 0.95))
		}
	}
	for _, bad := range []string{"", "0", "-0.003", "1", "0.02", "NaN", "Inf", "home"} {
		if _, err := geofuzz.ParseEpsilon(bad); !errors.Is(err, geofuzz.ErrEpsilon) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	n := near(t, "street")
	n.Epsilon = 0
	if _, _, err := n.Moor(tenPlaces[0]); !errors.Is(err, geofuzz.ErrEpsilon) {
		t.Errorf("no epsilon: %v", err)
	}
	n = near(t, "street")
	n.Key = nil
	if _, _, err := n.Moor(tenPlaces[0]); !errors.Is(err, geofuzz.ErrKey) {
		t.Errorf("no key: %v", err)
	}
}
