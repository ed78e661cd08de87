package geofuzz_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"flightveil/geofuzz"
	"flightveil/internal/geo"

	"pgregory.net/rapid"
)

// tenPlaces are where the same flight must give the same release.
var tenPlaces = []geo.Point{
	{Lat: 47.3977419, Lon: 8.5455938}, {Lat: -33.8567844, Lon: 151.2152967}, {Lat: 0, Lon: 20}, {Lat: 0.0000011, Lon: -0.0000013},
	{Lat: 64.1, Lon: -179.9999999}, {Lat: -17.7, Lon: 179.9999999}, {Lat: 89.99999, Lon: 12}, {Lat: -89.9999, Lon: -45},
	{Lat: 1, Lon: 1}, {Lat: -54.8, Lon: -68.3},
}

// step is one sample of a flight in metres from take-off.
type step struct{ east, north, up, speed, course float64 }

// flight draws a flight whose metres are whole decimetres, so that no rounding
// stands between the places.
func flight(t *rapid.T) []step {
	n := rapid.IntRange(12, 200).Draw(t, "n")
	steps := make([]step, n)
	for i := 1; i < n; i++ {
		d := func(label string, most int) float64 { return float64(rapid.IntRange(-most, most).Draw(t, label)) / 10 }
		p := steps[i-1]
		steps[i] = step{p.east + d("east", 300), p.north + d("north", 300), p.up + d("up", 20), math.Abs(d("speed", 200)), 180 + d("course", 1800)}
	}
	return steps
}

// at flies steps from a place; ground is the take-off's height above sea.
func at(p geo.Point, ground float64, start time.Time, steps []step) []geofuzz.Sample {
	f := geo.NewFrame(p)
	var out []geofuzz.Sample
	for i, s := range steps {
		q, ok := f.From(s.east, s.north)
		if !ok {
			panic("beyond the horizon")
		}
		x := geofuzz.Unmeasured(q)
		x.Time, x.Elapsed = start.Add(time.Duration(i)*200*time.Millisecond), 7*time.Second+time.Duration(i)*200*time.Millisecond
		x.MSL, x.Speed, x.Course = ground+s.up, s.speed, s.course
		out = append(out, x)
	}
	return out
}

// same reports whether two releases are equal to the last bit.
func same(a, b []geofuzz.Sample) bool {
	return slices.EqualFunc(a, b, func(a, b geofuzz.Sample) bool {
		eq := func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) }
		return eq(a.Lat, b.Lat) && eq(a.Lon, b.Lon) && eq(a.Height, b.Height) && eq(a.MSL, b.MSL) && eq(a.Speed, b.Speed) && eq(a.Course, b.Course) &&
			a.Time.Equal(b.Time) && a.Elapsed == b.Elapsed && a.Aside == b.Aside
	})
}

// TestZeroNonInterference: the place a flight was flown at, its height and its
// date have no influence on what is released.
func TestZeroNonInterference(t *testing.T) {
	m := geofuzz.Relocate("zero", geofuzz.Zero{})
	rapid.Check(t, func(t *rapid.T) {
		steps := flight(t)
		var first []geofuzz.Sample
		for i, p := range tenPlaces {
			track := at(p, 40*float64(i), time.Date(2031, 7, 19+i, 4, 47, 53, 0, time.UTC), steps)
			if p.Distance(geo.Point{}) < 1000 { // 0/0 itself is "no fix"
				track = slices.DeleteFunc(track, func(s geofuzz.Sample) bool { return s.Zero() })
			}
			before := slices.Clone(track)
			out, err := m.Release(track)
			if err != nil {
				t.Fatalf("at place %d: %v", i, err)
			}
			if !same(track, before) {
				t.Fatal("the track was changed")
			}
			if i == 0 {
				first = out
			} else if !same(first, out) {
				t.Fatalf("place %d shows in what is released", i)
			}
		}
		if len(first) != len(steps) {
			t.Fatalf("%d of %d samples released", len(first), len(steps))
		}
	})
}

// TestRelocationKeeps: relative times, speeds, heights and the shape stay.
func TestRelocationKeeps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := flight(t)
		track := at(tenPlaces[0], 431, time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC), steps)
		out, err := geofuzz.Relocate("zero", geofuzz.Zero{}).Release(track)
		if err != nil {
			t.Fatal(err)
		}
		f := geo.NewFrame(out[0].Point)
		for i, s := range steps {
			e, n, _ := f.To(out[i].Point)
			// positions are written to 0.1 m and 1e-7 degrees
			if d := math.Hypot(e-s.east, n-s.north); d > 0.03 {
				t.Fatalf("sample %d moved by %.3f m within the flight", i, d)
			}
			if out[i].Speed != s.speed || out[i].Course != math.Round(s.course*10)/10 {
				t.Fatalf("speed or course of sample %d changed", i)
			}
			if h := out[i].Height - out[0].Height; !math.IsNaN(h) && math.Abs(h-s.up+steps[0].up) > 0.1001 {
				t.Fatalf("height of sample %d is %.2f, not %.2f", i, h, s.up)
			}
			if !math.IsNaN(out[i].MSL) || !math.IsNaN(out[i].Ellipsoid) || !math.IsNaN(out[i].Unclear) {
				t.Fatal("an absolute height is left")
			}
			if out[i].Time.Sub(out[0].Time) != track[i].Time.Sub(track[0].Time) || out[i].Elapsed != track[i].Elapsed-track[0].Elapsed {
				t.Fatal("relative times changed")
			}
		}
		if !out[0].Time.Equal(geofuzz.Epoch) {
			t.Fatalf("the flight begins at %v", out[0].Time)
		}
	})
}

// straight flies n steps of 10 m at 47° N, 2 s apart, at one height.
func straight(n int) []step {
	steps := make([]step, n)
	for i := range steps {
		steps[i] = step{east: 10 * float64(i), up: 50, speed: 50, course: 90}
	}
	return steps
}

func TestNoFixIsNoPosition(t *testing.T) {
	track := at(tenPlaces[0], 431, time.Time{}, straight(50))
	track[0].Point, track[20].Point = geo.Point{}, geo.Point{Lat: math.NaN(), Lon: 5}
	track[30].Point = geo.Point{Lat: 0.001, Lon: 0.001} // half a "no fix"
	home := geofuzz.Unmeasured(geo.Point{})
	home.Aside = true
	other := geofuzz.Unmeasured(geo.Point{Lat: 47.6, Lon: 8.5455938}) // the home of another place
	other.Aside = true
	out, err := geofuzz.Relocate("zero", geofuzz.Zero{}).Release(append(track, home, other))
	if err != nil {
		t.Fatal(err)
	}
	if len(out) != 47 {
		t.Fatalf("%d samples released, want 47", len(out))
	}
	for _, s := range out {
		if s.Distance(geofuzz.Sea) > 1000 {
			t.Fatal("a position that is none was moved along")
		}
	}
}

func TestTwoPlaces(t *testing.T) {
	zero := geofuzz.Relocate("zero", geofuzz.Zero{})
	here, there := at(tenPlaces[0], 0, time.Time{}, straight(50)), at(geo.Point{Lat: 47.6, Lon: 8.5}, 0, time.Time{}, straight(50))
	if _, err := zero.Release(append(here, there...)); !errors.Is(err, geofuzz.ErrTwoPlaces) {
		t.Errorf("two places 20 km apart: %v", err)
	}
	if _, err := zero.Release(append(here, at(tenPlaces[1], 0, time.Time{}, straight(50))...)); !errors.Is(err, geofuzz.ErrTwoPlaces) {
		t.Errorf("two continents: %v", err)
	}
	if _, err := zero.Release([]geofuzz.Sample{geofuzz.Unmeasured(geo.Point{})}); !errors.Is(err, geofuzz.ErrNoTrack) {
		t.Errorf("no fix: %v", err)
	}
}

// TestGroundHeights: heights that follow the ground are left out, heights that
// an aircraft holds are not.
func TestGroundHeights(t *testing.T) {
	for name, c := range map[string]struct {
		height func(i int) float64
		kept   bool
	}{
		"held":     {func(i int) float64 { return 60 + 0.3*math.Sin(float64(i)) }, true},
		"two legs": {func(i int) float64 { return 60 + 20*float64(i/150) }, true},
		"ground":   {func(i int) float64 { return 60 + 40*math.Sin(float64(i)/40) + 9*math.Sin(float64(i)/7) }, false},
	} {
		steps := straight(300)
		for i := range steps {
			steps[i].up = c.height(i)
		}
		out, err := geofuzz.Relocate("zero", geofuzz.Zero{}).Release(at(tenPlaces[0], 431, time.Time{}, steps))
		if err != nil {
			t.Fatal(err)
		}
		if kept := !math.IsNaN(out[100].Height); kept != c.kept {
			t.Errorf("%s: heights kept: %v", name, kept)
		}
	}
}

// BenchmarkRelocate must release two million fixes a second.
func BenchmarkRelocate(b *testing.B) {
	track := at(tenPlaces[0], 431, time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC), straight(2000))
	var s geofuzz.Survey
	for _, x := range track {
		s.Add(x)
	}
	m := geofuzz.Relocate("zero", geofuzz.Zero{})
	for b.Loop() {
		if _, err := m.Release(track); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(track))/b.Elapsed().Seconds(), "fixes/s")
}
