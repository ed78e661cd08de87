package geofuzz_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"flightveil/geofuzz"
	"flightveil/internal/geo"
)

// hiding is a mechanism with a zone around home.
func hiding(t *testing.T, home geo.Point) *geofuzz.Hiding {
	t.Helper()
	zones := &geofuzz.Zones{}
	z, err := zones.Add(zoneKey(), "home", home, 500, false)
	if err != nil {
		t.Fatal(err)
	}
	return &geofuzz.Hiding{Key: zoneKey(), Zone: z, Save: func() error { return nil }}
}

// line flies straight through corners, in metres from take-off: 10 m a second.
func line(corners ...[2]float64) []step {
	out := []step{{east: corners[0][0], north: corners[0][1]}}
	for i := 1; i < len(corners); i++ {
		a, b := corners[i-1], corners[i]
		l := math.Hypot(b[0]-a[0], b[1]-a[1])
		for d := 10.0; d <= l; d += 10 {
			out = append(out, step{east: a[0] + (b[0]-a[0])*d/l, north: a[1] + (b[1]-a[1])*d/l, up: 50, speed: 10})
		}
	}
	return out
}

var zoneHomes = []geo.Point{
	{Lat: 47.3977419, Lon: 8.5455938}, {Lat: -17.7, Lon: 179.9999999}, {Lat: 64.1, Lon: -179.9999}, {Lat: 0.0001, Lon: 20}, {Lat: 88.5, Lon: 12},
}

// TestZoneHides flies as pilots do – out on a straight leg, some corners, back
// on a straight leg – and looks at what is shown as an attacker would: no fix in
// the zone, and no line at its ends, however short or long, that points back.
func TestZoneHides(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	flights, shown := 0, 0
	for _, home := range zoneHomes {
		frame := geo.NewFrame(home)
		for range 60 {
			h := hiding(t, home)
			turn := rng.Float64() * 2 * math.Pi
			corners := [][2]float64{{0, 0}}
			for range 2 + rng.IntN(4) {
				l := 600 + 2000*rng.Float64()
				last := corners[len(corners)-1]
				corners = append(corners, [2]float64{last[0] + l*math.Sin(turn), last[1] + l*math.Cos(turn)})
				turn += rng.NormFloat64()
			}
			track := at(home, 431, time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC), line(append(corners, [2]float64{0, 0})...))
			for i := range track { // a receiver's noise
				e, n, _ := frame.To(track[i].Point)
				track[i].Point, _ = frame.From(e+rng.NormFloat64(), n+rng.NormFloat64())
				track[i].Height, track[i].Battery = 50, 100-float64(i)/10
			}
			photo := geofuzz.Unmeasured(track[60].Point) // taken on the way out
			photo.Aside = true
			flights++
			out, err := h.Release(append(slices.Clone(track), photo))
			if errors.Is(err, geofuzz.ErrHidden) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			shown++
			var runs [][]geofuzz.Sample
			for i, x := range out {
				if h.Zone.Contains(x.Point) {
					t.Fatal("a fix in the zone is shown")
				}
				if x.Aside {
					if x.Distance(track[60].Point) < 25 && out[0].Distance(track[60].Point) > 100 {
						t.Fatal("a photo shows the hidden leg")
					}
					continue
				}
				if i == 0 || x.Break {
					runs = append(runs, nil)
				}
				runs[len(runs)-1] = append(runs[len(runs)-1], x)
			}
			if first := out[0]; first.Elapsed != 0 || first.Battery != 100 || first.Height != 0 {
				t.Fatalf("the first fix shown has %v, %.1f %%, %.1f m", first.Elapsed, first.Battery, first.Height)
			}
			for _, r := range runs {
				forth, back := slices.Clone(r), slices.Clone(r)
				slices.Reverse(back)
				for _, end := range [][]geofuzz.Sample{forth, back} {
					for _, sight := range []float64{15, 25, 50, 100, 200, 300} {
						if miss := missedBy(end, h.Zone.Centre, sight); miss < 1.25*h.Zone.Radius {
							t.Fatalf("%.0f m of what is shown point within %.0f m of the middle of a zone of %.0f m", sight, miss, h.Zone.Radius)
						}
					}
				}
			}
		}
	}
	if flights < 300 || shown < flights/3 {
		t.Errorf("%d of %d flights show something", shown, flights)
	}
}

// missedBy is how far the line backwards from the first fix passes p.
func missedBy(run []geofuzz.Sample, p geo.Point, sight float64) float64 {
	f := geo.NewFrame(run[0].Point)
	px, py, _ := f.To(p)
	for _, x := range run {
		if dx, dy, _ := f.To(x.Point); math.Hypot(dx, dy) >= sight {
			l := math.Hypot(dx, dy)
			if along := -(px*dx + py*dy) / l; along > 0 {
				return math.Abs(px*dy-py*dx) / l
			}
			break
		}
	}
	return math.Hypot(px, py)
}

// TestZoneTotals: what is left counts from itself; a pass over the zone does not
// tell by its time how long the way inside was.
func TestZoneTotals(t *testing.T) {
	home := zoneHomes[0]
	h := hiding(t, home)
	// out to the east, a loop, over home to the west, a loop, home
	track := at(home, 431, time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC), line(
		[2]float64{0, 0}, [2]float64{2500, 0}, [2]float64{2500, 2500}, [2]float64{4500, 2500}, [2]float64{4500, 0}, [2]float64{2500, -2500}, [2]float64{2500, 0},
		[2]float64{-2500, 0}, [2]float64{-2500, 2500}, [2]float64{-4500, 2500}, [2]float64{-4500, 0}, [2]float64{-2500, -2500}, [2]float64{-2500, 0}, [2]float64{0, 0}))
	for i := range track {
		track[i].Ellipsoid = track[i].MSL + 47.2
	}
	out, err := h.Release(track)
	if err != nil {
		t.Fatal(err)
	}
	breaks := 0
	for i, x := range out {
		if i > 0 && x.Break {
			breaks++
			if d := x.Time.Sub(out[i-1].Time); d != time.Minute || x.Elapsed-out[i-1].Elapsed != time.Minute {
				t.Errorf("the gap lasts %v", d)
			}
		} else if i > 0 && x.Time.Sub(out[i-1].Time) != 200*time.Millisecond {
			t.Fatal("times within a stretch changed")
		}
		if !math.IsNaN(x.Ellipsoid) {
			t.Fatal("the geoid's separation is left")
		}
	}
	if breaks != 1 {
		t.Errorf("%d gaps", breaks)
	}
}

// TestZoneLeavesOthers: a flight far from the zone is shown as it is, and so is
// what is no position of it.
func TestZoneLeavesOthers(t *testing.T) {
	h := hiding(t, zoneHomes[0])
	far, _ := zoneHomes[0].Direct(1, 60_000)
	track := at(far, 431, time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC), line([2]float64{0, 0}, [2]float64{900, 0}))
	track[5].Point = geo.Point{}
	out, err := h.Release(track)
	if err != nil || len(out) != len(track)-1 || out[0].Elapsed != track[0].Elapsed || len(h.Zone.Shown) != 0 {
		t.Errorf("%d of %d fixes: %v", len(out), len(track), err)
	}
	for _, x := range out {
		if x.Zero() {
			t.Error("0/0 is shown")
		}
	}
	if _, err := h.Release([]geofuzz.Sample{geofuzz.Unmeasured(geo.Point{})}); !errors.Is(err, geofuzz.ErrNoTrack) {
		t.Errorf("no fix: %v", err)
	}
	inside := at(zoneHomes[0], 431, time.Time{}, line([2]float64{0, 0}, [2]float64{100, 0}))
	if _, err := h.Release(inside); !errors.Is(err, geofuzz.ErrHidden) || strings.Contains(err.Error(), "47") {
		t.Errorf("a flight in the zone: %v", err)
	}
	straight := at(zoneHomes[0], 431, time.Time{}, line([2]float64{0, 0}, [2]float64{9000, 0}))
	if _, err := h.Release(straight); !errors.Is(err, geofuzz.ErrHidden) {
		t.Errorf("a flight straight from home: %v", err)
	}
	// A log that begins on the way: it does not enter the zone, yet points at it.
	if _, err := h.Release(straight[200:]); !errors.Is(err, geofuzz.ErrHidden) {
		t.Errorf("a log of the way from home: %v", err)
	}
	h.Key = nil
	if _, err := h.Release(straight); !errors.Is(err, geofuzz.ErrKey) {
		t.Errorf("no key: %v", err)
	}
}

func TestZoneLedger(t *testing.T) {
	home := zoneHomes[0]
	h := hiding(t, home)
	release := func(i int) error {
		_, err := h.Release(at(home, 431, time.Time{}, line([2]float64{0, 0}, [2]float64{2500, 0}, [2]float64{2500, 2500 + 10*float64(i)}, [2]float64{4500, 2500}, [2]float64{4500, 0}, [2]float64{0, 0})))
		return err
	}
	for i := range 30 {
		if err := release(i); err != nil {
			t.Fatalf("flight %d: %v", i+1, err)
		}
		if warned := len(h.Advice()) > 0; warned != (i >= 9) {
			t.Errorf("after %d flights: warned %v", i+1, warned)
		}
	}
	if err := release(3); err != nil {
		t.Errorf("a flight that was shown before: %v", err)
	}
	if err := release(30); !errors.Is(err, geofuzz.ErrZoneFull) {
		t.Errorf("the 31st flight: %v", err)
	}
	h.Force = true
	if err := release(30); err != nil {
		t.Errorf("the 31st flight, wanted: %v", err)
	}
	h.Save = func() error { return errors.New("disk full") }
	for range 2 {
		if err := release(31); err == nil {
			t.Error("shown without a record")
		}
	}
}

// TestZoneSameTwice: the same flight gives the same release.
func TestZoneSameTwice(t *testing.T) {
	home := zoneHomes[0]
	track := at(home, 431, time.Time{}, line([2]float64{0, 0}, [2]float64{2500, 0}, [2]float64{2500, 2500}, [2]float64{4500, 2500}, [2]float64{4500, 0}, [2]float64{0, 0}))
	h := hiding(t, home)
	before := slices.Clone(track)
	a, err := h.Release(track)
	if err != nil {
		t.Fatal(err)
	}
	b, err := h.Release(track)
	if err != nil || !same(a, b) || !same(track, before) {
		t.Errorf("a second release differs, or the track was changed: %v", err)
	}
}
