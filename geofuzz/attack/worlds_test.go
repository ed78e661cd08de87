package attack

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flightveil/geofuzz"
	"flightveil/internal/corpus"
	"flightveil/internal/geo"
)

const nearEpsilon = math.Ln2 * 2 / 400 // "neighbourhood"

// town is an invented street map: a crooked grid of blocks of 90 to 110 m, a
// fifth of whose streets are missing.
func town(t *testing.T) *streets {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	frame := geo.NewFrame(geo.Point{Lat: -31.4, Lon: 12.3})
	const n = 30
	var b strings.Builder
	b.WriteString("<osm version='0.6'>\n")
	for y := range n {
		for x := range n {
			p, _ := frame.From(100*float64(x)+20*rng.Float64(), 100*float64(y)+20*rng.Float64())
			fmt.Fprintf(&b, "<node id='%d' lat='%.7f' lon='%.7f'/>\n", y*n+x, p.Lat, p.Lon)
		}
	}
	for y := range n {
		for x := range n {
			for _, to := range [][2]int{{x + 1, y}, {x, y + 1}} {
				if to[0] < n && to[1] < n && rng.Float64() > 0.2 {
					fmt.Fprintf(&b, "<way id='1'><nd ref='%d'/><nd ref='%d'/><tag k='highway' v='residential'/></way>\n", y*n+x, to[1]*n+to[0])
				}
			}
		}
	}
	// What no one walks or rides on is no street.
	b.WriteString("<way id='2'><nd ref='0'/><nd ref='899'/><tag k='highway' v='motorway'/></way><way id='3'><nd ref='0'/><nd ref='870'/><tag k='building' v='yes'/></way></osm>\n")
	s, err := parseStreets("town", strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// hits runs one world and returns the share of homes within 50 m, by method,
// attack and number of flights.
func hits(t *testing.T, w world, homes int) map[string]Row {
	t.Helper()
	w.homes = homes
	rows, err := Bench{Homes: homes, Seed: Seeds[0], Epsilon: nearEpsilon, Jobs: 2}.try(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range Over(rows) {
		t.Errorf("%s: %s, %d flights: %v by %s, chance %v", r.World, r.Method, r.N, r.Hit, r.Attack, r.Chance)
	}
	out := map[string]Row{}
	for _, r := range rows {
		out[fmt.Sprintf("%s|%s|%d", r.Method, r.Attack, r.N)] = r
	}
	return out
}

const byTotals = "streets from which the totals fit"

// TestStreets: leaked totals find homes in a town; cut totals and relocation
// leave chance. The gate of relocation is part of hits.
func TestStreets(t *testing.T) {
	for _, w := range town(t).trips(nearEpsilon)[:3] {
		if w.name == "streets of town" {
			w.counts = []int{1, 3, 10}
			if len(hits(t, w, 40)) == 0 {
				t.Error("nothing was tried")
			}
			continue
		}
		w.counts = []int{20}
		got := hits(t, w, 40)
		name := w.methods[1].name
		if r := got[name+"|"+byTotals+"|20"]; r.House < 0.7 {
			t.Errorf("%s: only %.2f of homes within 23 m", name, r.House)
		}
		if r, ok := got[w.methods[2].name+"|"+byTotals+"|20"]; !ok || r.House > 0.15 {
			t.Errorf("%s: %.2f of homes within 23 m", r.Method, r.House)
		}
	}
}

// TestShape: a track along streets is found by its shape wherever it is moved,
// a free flight is not.
func TestShape(t *testing.T) {
	s := town(t)
	got := hits(t, s.trips(nearEpsilon)[4], 8)
	if r := got["M1 near, along streets|shape laid over the streets|1"]; r.Homes != 8 || r.Hit[0] < 0.8 {
		t.Errorf("along streets, %.2f are found", r.Hit[0])
	}
	if r, ok := got["M1 near, free flight|shape laid over the streets|1"]; !ok || r.Hit[0] > 0.2 {
		t.Errorf("a free flight is found in %.2f", r.Hit[0])
	}
}

// hills is an invented tile.
func hills(t *testing.T) *terrain {
	t.Helper()
	b := make([]byte, 2*tileSide*tileSide)
	rng := rand.New(rand.NewPCG(3, 4))
	var waves [24][4]float64 // height, frequency in x and y, phase
	for i := range waves {
		f := 0.004 * math.Pow(1.25, float64(i)) // from 22 km to 100 m
		angle := 2 * math.Pi * rng.Float64()
		waves[i] = [4]float64{0.5 / f, 2 * math.Pi * f * math.Cos(angle), 2 * math.Pi * f * math.Sin(angle), 2 * math.Pi * rng.Float64()}
	}
	for y := range tileSide {
		for x := range tileSide {
			h := 1000.0
			for _, w := range waves {
				h += w[0] * math.Sin(w[1]*float64(x)+w[2]*float64(y)+w[3])
			}
			binary.BigEndian.PutUint16(b[2*(y*tileSide+x):], uint16(max(1, h)))
		}
	}
	tile, err := parseTerrain("S32E012", b)
	if err != nil {
		t.Fatal(err)
	}
	return tile
}

// TestTerrain: the ground's profile undoes a displacement; what the mechanism
// leaves of heights does not. The gate is part of hits.
func TestTerrain(t *testing.T) {
	got := hits(t, hills(t).flights(nearEpsilon), 12)
	if r := got["moved, heights of the ground kept|heights laid over the terrain|1"]; r.Hit[1] < 0.9 {
		t.Errorf("the ground's profile finds %.2f", r.Hit[1])
	}
	for _, m := range []string{"M1 near, flown over the ground", "M1 near, flown level"} {
		if r, ok := got[m+"|heights laid over the terrain|1"]; !ok || r.Hit[1] > 0.3 {
			t.Errorf("%s: %.2f", m, r.Hit[1])
		}
	}
}

// TestLatitudes: degrees that were shifted tell the latitude by the speeds, and
// metres that are too fine by their steps.
func TestLatitudes(t *testing.T) {
	got := hits(t, latitudes(nearEpsilon), 9)
	if r := got["shift in degrees, one per pilot|speed against degrees of longitude|1"]; !(r.Median < 30_000) || r.Homes != 9 {
		t.Errorf("shifted degrees: %.0f m off in the middle", r.Median)
	}
	if r := got["metres from the first fix, to 1 mm|steps of longitude in metres|1"]; !(r.Median < 5_000) || r.Homes != 9 {
		t.Errorf("millimetres: %.0f m off in the middle", r.Median)
	}
	for _, a := range []string{"speed against degrees of longitude", "steps of longitude in metres"} {
		if r, ok := got["M1 zero|"+a+"|1"]; ok && r.Median < 500_000 {
			t.Errorf("M1 zero, %s: %.0f m off in the middle", a, r.Median)
		}
	}
}

// TestAlbums: a photo that kept its place gives the flight away.
func TestAlbums(t *testing.T) {
	got := hits(t, albums(nearEpsilon), 20)
	const a = "|files that show one moment at two places|2"
	if r := got["log moved, photo forgotten"+a]; r.Hit[0] < 0.95 {
		t.Errorf("forgotten photos give %.2f away", r.Hit[0])
	}
	if r, ok := got["M1 near, log and photo together"+a]; ok {
		t.Errorf("moved together: %v", r.Hit)
	}
}

// TestLinks: what belongs together by name or serial is compared by the time
// since the start, what does not is not.
func TestLinks(t *testing.T) {
	file := func(p geo.Point, name, serial string, at time.Time) File {
		frame := geo.NewFrame(p)
		f := File{Name: name, Serials: []string{serial}}
		for i := range 60 {
			q, _ := frame.From(7*float64(i), 300*math.Sin(float64(i)/9))
			s := geofuzz.Unmeasured(q)
			s.Elapsed = time.Duration(i) * time.Second
			if !at.IsZero() {
				s.Time = at.Add(s.Elapsed)
			}
			f.Samples = append(f.Samples, s)
		}
		return f
	}
	day := time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC)
	here, there := geo.Point{Lat: -31.4, Lon: 12.3}, geofuzz.Sea
	for _, c := range []struct {
		a, b File
		by   string
	}{
		{file(here, "a", "", day), file(there, "b", "", day), "time"},
		{file(here, "a", "", day), file(here, "b", "", day), ""},
		{file(here, "a", "", day), file(there, "b", "", day.Add(time.Hour)), ""},
		{file(here, "a", "s1", time.Time{}), file(there, "a", "s2", time.Time{}), "name"},
		{file(here, "a", "s1", time.Time{}), file(there, "b", "s1", time.Time{}), "serial"},
		{file(here, "a", "s1", time.Time{}), file(there, "b", "s2", time.Time{}), ""},
	} {
		links := Links([]File{c.a, c.b})
		if c.by == "" && len(links) > 0 || c.by != "" && (len(links) != 1 || links[0].By != c.by || links[0].Metres < 1e6) {
			t.Errorf("want %q, got %v", c.by, links)
		}
	}
}

// TestHouses: the share that the nearest house is the right one is the integral
// eps² r exp(-eps r) exp(-density pi r²) dr.
func TestHouses(t *testing.T) {
	got := hits(t, houses(nearEpsilon), 400)
	for density, want := range map[float64]float64{1: .47, 5: .19, 20: .066} {
		name := fmt.Sprintf("M1 near, %.0f to the km²|the house nearest to the released place|1", density)
		if r := got[name]; math.Abs(r.House-want) > 4*math.Sqrt(want*(1-want)/400)+0.01 {
			t.Errorf("%.0f houses to the km²: %.3f are found, want %.3f", density, r.House, want)
		}
	}
}

// TestHostileMaps: what is no map is an error.
func TestHostileMaps(t *testing.T) {
	for name, osm := range map[string]string{
		"empty": "", "no streets": "<osm><node id='1' lat='1' lon='2'/></osm>", "cut": "<osm><node id='1'",
		"one corner": "<osm><node id='1' lat='1' lon='2'/><way><nd ref='1'/><nd ref='1'/><nd ref='7'/><tag k='highway' v='path'/></way></osm>",
		"no degrees": "<osm><node id='1' lat='x' lon='2'/><node id='2' lat='1e9' lon='2'/><way><nd ref='1'/><nd ref='2'/><tag k='highway' v='path'/></way></osm>",
	} {
		if _, err := parseStreets(name, strings.NewReader(osm)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, name := range []string{"N00E000", "x", "", "NxxE000", "N99E000"} {
		if _, err := parseTerrain(name, make([]byte, 100)); err == nil {
			t.Errorf("%q with 100 bytes: no error", name)
		}
	}
	if _, err := parseTerrain("N95E000", make([]byte, 2*tileSide*tileSide)); err == nil {
		t.Error("95° N: no error")
	}
	if _, err := ReadMaps(os.DirFS(t.TempDir())); err == nil {
		t.Error("an empty folder: no error")
	}
}

// TestKrems: on the streets of a real town, the attack is as strong as those
// that were published (85.6 / 77.3 / 55.0 %, Dhondt et al., CCS 2022).
func TestKrems(t *testing.T) {
	f, err := os.Open(filepath.Join(corpus.Dir(t), "tracks", "krems.osm.gz"))
	if err != nil {
		t.Skip("no street map of Krems in the corpus")
	}
	f.Close()
	s, err := readStreets(os.DirFS(filepath.Join(corpus.Dir(t), "tracks")), "krems.osm.gz")
	if err != nil {
		t.Fatal(err)
	}
	homes := 15
	if full {
		homes = streetHomes
	}
	least := map[string]float64{"200": 0.80, "400": 0.72, "1000": 0.50}
	n := 0
	for _, w := range s.trips(nearEpsilon) {
		switch {
		case strings.HasPrefix(w.name, "shapes"):
		case w.name == "streets of krems":
			if full { // relocation at every number of flights; the gate is part of hits
				hits(t, w, 1000)
			}
		default:
			w.counts = []int{20}
			name := w.methods[1].name
			r := hits(t, w, homes)[name+"|"+byTotals+"|20"]
			want := least[strings.Fields(name)[1]]
			if !full {
				want -= 2.5 * math.Sqrt(want*(1-want)/float64(homes))
			}
			t.Logf("%s: %.3f within 22.95 m, %v", name, r.House, r.Hit)
			if n++; r.House < want {
				t.Errorf("%s: only %.3f of homes within 22.95 m, want %.3f", name, r.House, want)
			}
		}
	}
	if n != 3 {
		t.Errorf("%d zones were tried", n)
	}
}
