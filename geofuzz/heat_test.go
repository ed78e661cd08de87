package geofuzz

import (
	"errors"
	"math"
	"strings"
	"testing"

	"flightveil/internal/geo"
)

func heatMap() *HeatMap {
	return &HeatMap{Key: testKey(7), Metres: 1000, Cells: 10, Epsilon: 1, Delta: 1e-6}
}

// visits is a flight over places so many metres apart.
func visits(from geo.Point, n int, metres float64) []Sample {
	f := geo.NewFrame(from)
	var out []Sample
	for i := range n {
		p, _ := f.From(float64(i)*metres, 0)
		out = append(out, Unmeasured(p))
	}
	return out
}

// TestHeatMap: cells of few flights do not show, those of many do, with noise.
func TestHeatMap(t *testing.T) {
	h := heatMap()
	home, lonely := geo.Point{Lat: 47.39, Lon: 8.54}, geo.Point{Lat: -33, Lon: 151}
	for i := range 1000 {
		if err := h.Add(visits(home, 3+i%5, 0.01*float64(1+i/5))); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Add(visits(lonely, 5, 3000)); err != nil {
		t.Fatal(err)
	}
	cells, err := h.Release()
	if err != nil || len(cells) != 1 || cells[0].Centre != Cell(home, 1000) {
		t.Fatalf("%v: %v", cells, err)
	}
	if n := cells[0].Flights; n == 1000 || math.Abs(float64(n-1000)) > 200 {
		t.Errorf("%d flights are shown of 1000", n)
	}
	again, err := h.Release()
	if err != nil || again[0] != cells[0] {
		t.Error("a second release of the same flights draws anew")
	}
	if err := h.Add(visits(home, 3, 0.01)); err != nil || h.Flights() != 1001 {
		t.Errorf("the same flight twice counts: %d, %v", h.Flights(), err)
	}
	before := h.ID()
	if err := h.Add(visits(home, 2, 7)); err != nil {
		t.Fatal(err)
	}
	if other, err := h.Release(); err != nil || h.ID() == before || other[0].Flights == cells[0].Flights+1 {
		t.Error("the difference of two maps is the flight between them")
	}
	if g := h.Guarantee(); g.Unit != "one flight" || !strings.Contains(g.String(), "133 flights") {
		t.Errorf("%s", g)
	}
}

// TestHeatClips: a long flight counts in no more cells than it may, and which
// they are does not depend on how it was flown.
func TestHeatClips(t *testing.T) {
	h := heatMap()
	if err := h.Add(visits(geo.Point{Lat: 10, Lon: 10}, 60, 1500)); err != nil {
		t.Fatal(err)
	}
	if len(h.counts) != 10 {
		t.Errorf("counts in %d cells", len(h.counts))
	}
}

// TestHeatNoise: two-sided geometric, of the rate that was promised.
func TestHeatNoise(t *testing.T) {
	s, err := testKey(3).stream("heat", "x")
	if err != nil {
		t.Fatal(err)
	}
	const rate, n = 0.1, 200_000
	counts := map[int]int{}
	for range n {
		up, down := s.geometric(rate), s.geometric(rate)
		counts[up-down]++
	}
	alpha := math.Exp(-rate)
	sum, bins := 0.0, 0
	for k := -30; k <= 30; k++ {
		want := n * (1 - alpha) / (1 + alpha) * math.Pow(alpha, math.Abs(float64(k)))
		sum += (float64(counts[k]) - want) * (float64(counts[k]) - want) / want
		bins++
	}
	if limit := chiSquareLimit(bins); sum > limit {
		t.Errorf("chi-square %.1f over %.1f", sum, limit)
	}
}

func TestHeatRefuses(t *testing.T) {
	for name, change := range map[string]func(*HeatMap){
		"no epsilon":   func(h *HeatMap) { h.Epsilon = 0 },
		"NaN":          func(h *HeatMap) { h.Epsilon = math.NaN() },
		"much epsilon": func(h *HeatMap) { h.Epsilon = 11 },
		"no key":       func(h *HeatMap) { h.Key = nil },
		"no cells":     func(h *HeatMap) { h.Cells = 0 },
		"small cells":  func(h *HeatMap) { h.Metres = 10 },
		"no delta":     func(h *HeatMap) { h.Delta = 0 },
	} {
		h := heatMap()
		change(h)
		if _, err := h.Release(); err == nil {
			t.Errorf("%s: released", name)
		}
		if err := h.Add(visits(geo.Point{Lat: 1, Lon: 2}, 3, 10)); err == nil {
			t.Errorf("%s: counted", name)
		}
	}
	h := heatMap()
	h.Epsilon = 20
	if err := h.Check(); !errors.Is(err, ErrHeat) {
		t.Error(err)
	}
	if err := heatMap().Add([]Sample{Unmeasured(geo.Point{})}); !errors.Is(err, ErrNoTrack) {
		t.Errorf("no fix: %v", err)
	}
	p := &Places{}
	for i, want := range []bool{true, true, false} {
		if _, err := p.DrawMap([]string{"a", "a", "b"}[i], false); (err == nil) != want {
			t.Errorf("draw %d: %v", i, err)
		}
	}
	if n, err := p.DrawMap("b", true); err != nil || n != 1 {
		t.Errorf("a second map that is wanted: %d, %v", n, err)
	}
}

// TestPseudonyms: of the same alphabet and length, the same in an album, other
// ones in the next, and not found by trying.
func TestPseudonyms(t *testing.T) {
	k := testKey(1)
	name := func(album, class, value string) string {
		t.Helper()
		p, err := k.Pseudonym(album, class, value)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	shape := func(s string) string {
		return strings.Map(func(r rune) rune {
			switch {
			case r >= '0' && r <= '9':
				return '0'
			case r >= 'a' && r <= 'z' || r >= 0x80:
				return 'a'
			case r >= 'A' && r <= 'Z':
				return 'A'
			}
			return r
		}, s)
	}
	for _, v := range []string{"1581F45TB2289", "deadbeef0042", "3C:A8:0F", "Zoë's Mavic", "0", ""} {
		p := name("album", "serial", v)
		if shape(p) != shape(v) || len(v) > 4 && p == v {
			t.Errorf("a pseudonym of another shape, or the value itself: %q", p)
		}
		if p != name("album", "serial", v) {
			t.Error("not the same twice")
		}
	}
	for _, v := range []string{name("album", "serial", "deadbeef0042"), name("album", "serial", "3C:A8:0F")} {
		if strings.Trim(strings.ToLower(v), "0123456789abcdef:") != "" {
			t.Errorf("%q is not hexadecimal", v)
		}
	}
	const v = "1581F45TB2289"
	seen := map[string]bool{}
	for _, p := range []string{name("a", "b", v), name("b", "b", v), name("a", "c", v), name("a/b", "", v), name("a", "b/", v), name("a", "b", v+"0")[:len(v)]} {
		if seen[p] {
			t.Error("two albums or classes share a pseudonym")
		}
		seen[p] = true
	}
	other, err := testKey(2).Pseudonym("a", "b", v)
	if err != nil || seen[other] {
		t.Errorf("it does not depend on the key: %v", err)
	}
	if _, err := (Key{}).Pseudonym("a", "b", v); !errors.Is(err, ErrKey) {
		t.Errorf("no key: %v", err)
	}
}
