package geofuzz_test

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"flightveil/geofuzz"
	"flightveil/internal/geo"
)

func zoneKey() geofuzz.Key { return slices.Repeat([]byte{9}, geofuzz.KeySize) }

// TestZoneHidesHome: wherever it lies, home is hidden with all that is near,
// and what is far is not.
func TestZoneHidesHome(t *testing.T) {
	for i, home := range tenPlaces {
		zones := &geofuzz.Zones{}
		z, err := zones.Add(zoneKey(), "home", home, 500, false)
		if err != nil {
			t.Fatalf("place %d: %v", i, err)
		}
		if d := z.Centre.Distance(home); d == 0 || d > 0.7*z.Radius+5 || z.Radius < 500 || z.Radius > 751 {
			t.Errorf("place %d: home lies %.0f m from the middle of %.0f m", i, d, z.Radius)
		}
		for k := range 36 {
			near, _ := home.Direct(float64(k)/36*2*math.Pi, 0.3*500-5)
			far, _ := home.Direct(float64(k)/36*2*math.Pi, 750*1.7+400)
			if !z.Contains(near) || z.Contains(far) {
				t.Errorf("place %d, direction %d: near hidden %v, far hidden %v", i, k, z.Contains(near), z.Contains(far))
			}
		}
		if z.Contains(geo.Point{}) || z.Contains(geo.Point{Lat: math.NaN()}) {
			t.Error("what is no position is in a zone")
		}
	}
}

// TestZoneEdgeIsNoCircle: whole grid cells are hidden or shown, so the edge is
// that of the grid and not that of the disc.
func TestZoneEdgeIsNoCircle(t *testing.T) {
	zones := &geofuzz.Zones{}
	home := geo.Point{Lat: 47.3977419, Lon: 8.5455938}
	z, err := zones.Add(zoneKey(), "home", home, 500, false)
	if err != nil {
		t.Fatal(err)
	}
	frame := geo.NewFrame(z.Centre)
	beyond := 0
	for x := -1200.0; x < 1200; x += 13 {
		for y := -1200.0; y < 1200; y += 13 {
			p, _ := frame.From(x, y)
			if z.Contains(p) != z.Contains(p.Cell(200)) {
				t.Fatal("an edge runs through a cell")
			}
			d := math.Hypot(x, y)
			if d < z.Radius*0.99 && !z.Contains(p) || d > z.Radius+300 && z.Contains(p) {
				t.Fatalf("%.0f m from the middle of %.0f m: hidden %v", d, z.Radius, z.Contains(p))
			}
			if d > z.Radius+20 && z.Contains(p) {
				beyond++
			}
		}
	}
	if beyond < 500 {
		t.Errorf("only %d points are hidden beyond the circle", beyond)
	}
}

func TestZoneIsDrawnOnce(t *testing.T) {
	zones := &geofuzz.Zones{}
	home := geo.Point{Lat: 47.3977419, Lon: 8.5455938}
	z, err := zones.Add(zoneKey(), "home", home, 500, false)
	if err != nil {
		t.Fatal(err)
	}
	centre := z.Centre
	if _, err := zones.Add(zoneKey(), "home", home, 500, false); !errors.Is(err, geofuzz.ErrHasZone) {
		t.Errorf("the same name twice: %v", err)
	}
	if _, err := zones.Add(zoneKey(), "again", shifted(home, 90, 0), 500, false); !errors.Is(err, geofuzz.ErrHasZone) {
		t.Errorf("the same place twice: %v", err)
	}
	if err := zones.Remove("home"); err != nil {
		t.Fatal(err)
	}
	if _, err := zones.Get("home"); !errors.Is(err, geofuzz.ErrNoZone) {
		t.Errorf("a removed zone: %v", err)
	}
	if z, err = zones.Add(zoneKey(), "back", shifted(home, 5, 5), 500, false); err != nil || z.Centre != centre {
		t.Errorf("made again, it is another zone: %v", err)
	}
	if _, err := zones.Add(zoneKey(), "larger", home, 900, false); !errors.Is(err, geofuzz.ErrDraw) {
		t.Errorf("a second draw: %v", err)
	}
	for i, ok := range []bool{true, true, true, false} {
		if _, err := zones.Add(zoneKey(), string(rune('a'+i)), home, 900+float64(i), true); (err == nil) != ok {
			t.Errorf("draw %d: %v", i+2, err)
		}
	}
	b, err := json.Marshal(zones)
	if err != nil {
		t.Fatal(err)
	}
	var back geofuzz.Zones
	if err := json.Unmarshal(b, &back); err != nil || back.Check() != nil || len(back.List) != len(zones.List) {
		t.Errorf("saved and read: %v, %v", err, back.Check())
	}
	back.List[0].Radius = 0
	if back.Check() == nil {
		t.Error("a zone of no size is taken")
	}
}

// TestZoneRefusals: no message holds the place.
func TestZoneRefusals(t *testing.T) {
	home := geo.Point{Lat: 47.3977419, Lon: 8.5455938}
	for name, c := range map[string]struct {
		name   string
		home   geo.Point
		radius float64
		key    geofuzz.Key
		want   error
	}{
		"no name":      {"", home, 500, zoneKey(), geofuzz.ErrZoneName},
		"a path":       {"../x", home, 500, zoneKey(), geofuzz.ErrZoneName},
		"no fix":       {"x", geo.Point{}, 500, zoneKey(), geofuzz.ErrNoPlace},
		"off the map":  {"x", geo.Point{Lat: 91}, 500, zoneKey(), geofuzz.ErrNoPlace},
		"NaN":          {"x", geo.Point{Lat: math.NaN()}, 500, zoneKey(), geofuzz.ErrNoPlace},
		"a small one":  {"x", home, 199, zoneKey(), geofuzz.ErrZoneSize},
		"a large one":  {"x", home, 10_001, zoneKey(), geofuzz.ErrZoneSize},
		"no radius":    {"x", home, math.NaN(), zoneKey(), geofuzz.ErrZoneSize},
		"without key":  {"x", home, 500, nil, geofuzz.ErrKey},
		"half the key": {"x", home, 500, zoneKey()[:16], geofuzz.ErrKey},
	} {
		zones := &geofuzz.Zones{}
		_, err := zones.Add(c.key, c.name, c.home, c.radius, false)
		if !errors.Is(err, c.want) || strings.Contains(err.Error(), "47") || len(zones.List) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
