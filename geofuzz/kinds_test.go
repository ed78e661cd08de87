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

	"pgregory.net/rapid"
)

// built returns every mechanism of the registry, as for a flight from home.
func built(t *testing.T, home geo.Point) map[string]geofuzz.Mechanism {
	t.Helper()
	out := map[string]geofuzz.Mechanism{}
	for _, k := range geofuzz.Kinds() {
		m, err := geofuzz.Build([]geofuzz.Kind{k}, geofuzz.Options{Near: near(t, "town"), Hiding: hiding(t, home)})
		if err != nil {
			t.Fatalf("%s: %v", k.Name, err)
		}
		out[k.Name] = m
	}
	return out
}

// tour is a flight that every mechanism shows something of.
func tour() []step {
	return line([2]float64{0, 0}, [2]float64{2500, 0}, [2]float64{2500, 2500}, [2]float64{4500, 2500}, [2]float64{4500, 0}, [2]float64{2500, -2500}, [2]float64{0, 0})
}

// TestKinds: every mechanism keeps the rules of all: it does not touch its
// input, gives the same twice, has a name and a guarantee in words, and takes
// what is no fix for no position.
func TestKinds(t *testing.T) {
	home := tenPlaces[0]
	for name, m := range built(t, home) {
		track := at(home, 431, time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC), tour())
		for i := range track {
			track[i].Ref = i
		}
		none := geofuzz.Unmeasured(geo.Point{})
		track = slices.Insert(track, 700, none, geofuzz.Unmeasured(geo.Point{Lat: math.NaN(), Lon: math.NaN()}))
		before := slices.Clone(track)
		a, err := m.Release(track)
		if err != nil || len(a) == 0 {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b, err := m.Release(track)
		if err != nil || !same(a, b) {
			t.Errorf("%s: a second release differs: %v", name, err)
		}
		if !same(track, before) {
			t.Errorf("%s: the track was changed", name)
		}
		g := m.Guarantee()
		if m.Name() != name || g.Notion == "" || g.Unit == "" || g.NotGiven == "" || g.Promise == "" && g.Notion != "none" || !strings.HasSuffix(g.String(), ".") {
			t.Errorf("%s: called %s, promises %+v", name, m.Name(), g)
		}
		if name != "times" && name != "heights" { // these hand on what they do not look at
			for _, x := range a {
				if x.Zero() {
					t.Errorf("%s: 0/0 is released", name)
					break
				}
			}
		}
		for _, bad := range [][]geofuzz.Sample{nil, {none}} {
			if _, err := m.Release(bad); !errors.Is(err, geofuzz.ErrNoTrack) {
				t.Errorf("%s: no fix: %v", name, err)
			}
		}
	}
}

// TestKindsMove: what is said to move a flight leaves no true position, what is
// not leaves no position that is not true.
func TestKindsMove(t *testing.T) {
	home := tenPlaces[0]
	mechanisms := built(t, home)
	for _, k := range geofuzz.Kinds() {
		track := at(home, 431, time.Time{}, tour())
		out, err := mechanisms[k.Name].Release(track)
		if err != nil {
			t.Fatalf("%s: %v", k.Name, err)
		}
		for _, x := range out {
			if math.IsNaN(x.Lat) || k.Name == "cell" {
				continue
			}
			off := math.Inf(1)
			for i := range track {
				off = min(off, track[i].Distance(x.Point))
			}
			if k.Moves && off == 0 || !k.Moves && off > 6 { // promesse's steps lie between fixes
				t.Errorf("%s: a position %.2f m off the true track", k.Name, off)
				break
			}
		}
	}
}

func TestBuildRefuses(t *testing.T) {
	for names, want := range map[string]error{
		"": geofuzz.ErrMechanism, "teleport": geofuzz.ErrMechanism, "zero+": geofuzz.ErrMechanism,
		"near+lattice": geofuzz.ErrOrder, "zero+near": geofuzz.ErrOrder, "near+zone": geofuzz.ErrOrder, "promesse+zone": geofuzz.ErrOrder,
	} {
		kinds, err := geofuzz.FindKinds(names)
		if err == nil {
			_, err = geofuzz.Build(kinds, geofuzz.Options{Near: near(t, "town"), Hiding: hiding(t, tenPlaces[0])})
		}
		if !errors.Is(err, want) {
			t.Errorf("%q: %v", names, err)
		}
	}
	kinds, err := geofuzz.FindKinds("zone+zero+promesse")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := geofuzz.Build(kinds, geofuzz.Options{}); !errors.Is(err, geofuzz.ErrKey) {
		t.Errorf("no key: %v", err)
	}
	for _, metres := range []float64{-1, 0.5, 200_000, math.NaN(), math.Inf(1)} {
		if _, err := geofuzz.Build(kinds, geofuzz.Options{Near: near(t, "town"), Hiding: hiding(t, tenPlaces[0]), Metres: metres}); !errors.Is(err, geofuzz.ErrMetres) {
			t.Errorf("%v m: %v", metres, err)
		}
	}
	m, err := geofuzz.Build(kinds, geofuzz.Options{Near: near(t, "town"), Hiding: hiding(t, tenPlaces[0])})
	if err != nil || m.Name() != "zone+zero+promesse" {
		t.Fatalf("%v", err)
	}
	out, err := m.Release(at(tenPlaces[0], 431, time.Time{}, tour()))
	if err != nil || len(out) < 3 || out[0].Distance(geofuzz.Sea) > 20_000 {
		t.Errorf("%d samples: %v", len(out), err)
	}
}

// TestStrip: nothing of where it was is left.
func TestStrip(t *testing.T) {
	a, err := (geofuzz.Strip{}).Release(at(tenPlaces[0], 431, time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC), tour()))
	if err != nil {
		t.Fatal(err)
	}
	b, err := (geofuzz.Strip{}).Release(at(tenPlaces[5], 12, time.Date(2030, 1, 2, 4, 47, 53, 0, time.UTC), tour()))
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range a {
		if x.Valid() || !math.IsNaN(x.Course) || !math.IsNaN(x.Yaw) || !math.IsNaN(x.MSL) {
			t.Fatal("where it was is left")
		}
		if y := b[i]; x.Height != y.Height && !math.IsNaN(x.Height) || x.Speed != y.Speed || !x.Time.Equal(y.Time) {
			t.Fatal("the place shows")
		}
	}
}

// TestCells: the middle of a cell lies in it, one per flight, whatever it flew
// over; cells are about as wide as asked for.
func TestCells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := geo.Point{Lat: rapid.Float64Range(-90, 90).Draw(t, "lat"), Lon: rapid.Float64Range(-180, 180).Draw(t, "lon")}
		metres := rapid.SampledFrom([]float64{100, 1000, 5000, 100_000}).Draw(t, "metres")
		c := geofuzz.Cell(p, metres)
		if !c.Valid() || c.Lon == 180 || geofuzz.Cell(c, metres) != c {
			t.Fatalf("the middle %v lies in another cell", c)
		}
		if d := c.Distance(p); d > 1.6*metres {
			t.Fatalf("the middle is %.0f m away", d)
		}
	})
	out, err := geofuzz.Cells{Metres: 1000}.Release(at(tenPlaces[0], 431, time.Time{}, tour()))
	if err != nil || len(out) != 1 || out[0].Point != geofuzz.Cell(tenPlaces[0], 1000) || !math.IsNaN(out[0].MSL) {
		t.Errorf("%v: %v", out, err)
	}
	if c := geofuzz.Cell(geo.Point{Lat: math.NaN()}, 1000); c.Valid() {
		t.Error("no position lies in a cell")
	}
}

// TestPromesse: equal steps in space and time; a hover of ten minutes leaves no
// trace.
func TestPromesse(t *testing.T) {
	steps := tour()
	hover := slices.Repeat([]step{steps[300]}, 3000)
	for i := range hover { // a receiver's noise
		hover[i].east += math.Sin(float64(i))
		hover[i].north += math.Cos(float64(i) * 1.7)
	}
	start := time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC)
	track := at(tenPlaces[4], 431, start, slices.Insert(steps, 300, hover...))
	out, err := geofuzz.Resample{Metres: 100}.Release(track)
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(out); i++ {
		if d := geoDistance(out[i-1].Point, out[i].Point); math.Abs(d-100) > 0.05 {
			t.Fatalf("a step of %.3f m", d)
		}
		if dt, want := out[i].Time.Sub(out[i-1].Time), out[len(out)-1].Time.Sub(out[0].Time)/time.Duration(len(out)-1); (dt - want).Abs() > 2*time.Millisecond {
			t.Fatalf("a step of %v, not %v", dt, want)
		}
		if !math.IsNaN(out[i].Speed) || !math.IsNaN(out[i].MSL) {
			t.Fatal("a speed or height is left")
		}
	}
	if d := out[0].Distance(track[0].Point); d < 99 || len(out) < 100 {
		t.Errorf("%d positions, the first %.0f m from the beginning", len(out), d)
	}
	if whole := out[len(out)-1].Time.Sub(out[0].Time); whole != track[len(track)-1].Time.Sub(start) {
		t.Errorf("it took %v", whole)
	}
	if _, err := (geofuzz.Resample{Metres: 10_000}).Release(track); !errors.Is(err, geofuzz.ErrTooShort) {
		t.Errorf("steps longer than the flight: %v", err)
	}
}

// geoDistance is the straight distance of two points on the ellipsoid.
func geoDistance(p, q geo.Point) float64 {
	f := geo.NewFrame(p)
	e, n, _ := f.To(q)
	return math.Hypot(e, n)
}

func TestTrimAndSimplify(t *testing.T) {
	track := at(tenPlaces[5], 431, time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC), tour())
	for i := range track {
		track[i].Battery = 90 - float64(i)/100
	}
	out, err := geofuzz.Trim{Metres: 300}.Release(track)
	if err != nil || len(out) < len(track)-64 || len(out) > len(track)-56 || out[0].Elapsed != 0 || out[0].Battery != 100 {
		t.Errorf("%d of %d: %v, %+v", len(out), len(track), err, out[0])
	}
	if _, err := (geofuzz.Trim{Metres: 9000}).Release(track); !errors.Is(err, geofuzz.ErrTooShort) {
		t.Errorf("all trimmed: %v", err)
	}
	if g := (geofuzz.Trim{}).Guarantee(); g.Notion != "none" || !strings.Contains(g.NotGiven, "weak") {
		t.Error("it is not said how weak trimming is")
	}
	out, err = geofuzz.Simplify{Metres: 2}.Release(track)
	if err != nil || len(out) < 7 || len(out) > 12 || out[0].Point != track[0].Point || out[len(out)-1].Point != track[len(track)-1].Point {
		t.Errorf("%d corners: %v", len(out), err)
	}
	for i := range out[1:] {
		if !slices.ContainsFunc(track, func(x geofuzz.Sample) bool { return x.Point == out[i].Point && x.Time.Equal(out[i].Time) }) {
			t.Error("a corner that is no fix")
		}
	}
}

// TestHeightsAndTimes: the rebased heights and times are those of a relocation.
func TestHeightsAndTimes(t *testing.T) {
	track := at(tenPlaces[1], 431, time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC), tour())
	for i := range track {
		track[i].Ellipsoid = track[i].MSL + 22
	}
	moved, err := geofuzz.Relocate("zero", geofuzz.Zero{}).Release(track)
	if err != nil {
		t.Fatal(err)
	}
	h, err := (geofuzz.Heights{}).Release(track)
	if err != nil {
		t.Fatal(err)
	}
	tm, err := (geofuzz.Times{}).Release(track)
	if err != nil {
		t.Fatal(err)
	}
	for i := range track {
		if h[i].Point != track[i].Point || h[i].Height != moved[i].Height || !math.IsNaN(h[i].MSL) || !math.IsNaN(h[i].Ellipsoid) || !h[i].Time.Equal(track[i].Time) {
			t.Fatal("heights")
		}
		if tm[i].Point != track[i].Point || tm[i].MSL != track[i].MSL || !tm[i].Time.Equal(moved[i].Time) || tm[i].Elapsed != moved[i].Elapsed {
			t.Fatal("times")
		}
	}
}

// TestPhotos: the photos of a place move as its flights do, those of a walk
// share a vector, and another day elsewhere has its own.
func TestPhotos(t *testing.T) {
	n := near(t, "town")
	m := geofuzz.Photos{Near: n}
	home := tenPlaces[0]
	_, to, err := n.Moor(home)
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC)
	photo := func(east, north float64, after time.Duration) geofuzz.Sample {
		x := geofuzz.Unmeasured(shifted(home, east, north))
		x.Time, x.MSL, x.Height = day.Add(after), 431, 50
		return x
	}
	track := []geofuzz.Sample{photo(0, 0, 0), photo(9000, 0, 30*24*time.Hour), photo(250, 0, 10*time.Minute), photo(480, 0, 20*time.Minute), photo(480, 0, 48*time.Hour)}
	out, err := m.Release(track)
	if err != nil || len(out) != 5 {
		t.Fatalf("%d: %v", len(out), err)
	}
	// in the order of their times: 0, 250, 480 m of the walk; 480 m two days later; far away
	frame := geo.NewFrame(to)
	for i, want := range []float64{0, 250, 480} {
		if e, nn, _ := frame.To(out[i].Point); math.Hypot(e-want, nn) > 0.1 {
			t.Errorf("photo %d of the walk lies %.1f, %.1f m from the released place", i, e, nn)
		}
	}
	if e, nn, _ := frame.To(out[3].Point); math.Hypot(e-480, nn) < 5 {
		t.Error("a place of its own moved with another")
	}
	if len(n.Places.List) != 3 {
		t.Errorf("%d places drawn", len(n.Places.List))
	}
	for _, x := range out {
		if !math.IsNaN(x.MSL) || x.Height != 50 {
			t.Error("a height above the sea is left")
		}
	}
	again, err := m.Release(track[3:])
	if err != nil || again[0].Point != out[3].Point && again[0].Point != out[2].Point {
		t.Errorf("the same photo moved elsewhere: %v", err)
	}
}
