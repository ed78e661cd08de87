package attack

import (
	"math/rand/v2"
	"testing"

	"flightveil/geofuzz"
	"flightveil/internal/geo"
)

// TestOwn: the pilot's own tracks, straight from the log, give home away; moved
// by the mechanisms they do not.
func TestOwn(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	home := geo.Point{Lat: -31.4, Lon: 12.3}
	frame := geo.NewFrame(home)
	p := newPilot(3, 4)
	places := &geofuzz.Places{}
	near := geofuzz.Relocate("near", &geofuzz.Near{Key: newKey(rng), Places: places, Epsilon: nearEpsilon, Save: func() error { return nil }})
	zero := geofuzz.Relocate("zero", geofuzz.Zero{})
	files := map[string][]File{}
	for range 5 {
		track := recorded(nil, &frame, p.fly())
		if len(places.List) == 0 {
			register(places, track, rng, 1)
		}
		files["plain"] = append(files["plain"], File{Samples: track})
		files["cut"] = append(files["cut"], File{Samples: track[40 : len(track)-40]})
		for name, m := range map[string]geofuzz.Mechanism{"near": near, "zero": zero} {
			out, err := m.Release(track)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = append(files[name], File{Samples: out})
		}
	}
	to, _ := near.Release(files["plain"][0].Samples)
	apart := to[0].Distance(home)
	for name, fs := range files {
		found := map[string]float64{}
		for _, f := range Own(fs, home) {
			if f.Found {
				if d, ok := found[f.ID]; !ok || f.Metres < d {
					found[f.ID] = f.Metres
				}
			}
		}
		a5, ok := found["A5"]
		switch {
		case !ok:
			t.Errorf("%s: nothing was tried", name)
		case (name == "plain" || name == "cut") && a5 > Near:
			t.Errorf("%s: the legs lead %.0f m from home", name, a5)
		case name == "cut" && !(found["A4"] < 3*Near):
			t.Errorf("%s: the time since take-off leads %.0f m from home", name, found["A4"])
		case name == "near" && (a5 < apart-50 || a5 > apart+50):
			t.Errorf("near: the legs lead %.0f m from home, the place was moved by %.0f m", a5, apart)
		case name == "zero" && a5 < 1e6:
			t.Errorf("zero: %.0f m", a5)
		}
	}
}
