package djidat_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"testing"
	"time"

	"flightveil/internal/input"
	"flightveil/logfmt"
	"flightveil/logfmt/djidat"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, djidat.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, djidat.Format{}, "testdata") }

func read(t *testing.T, name string) (*logfmt.Flight, error) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	fl, err := logfmt.ReadFlights(t.Context(), djidat.Format{}, bytes.NewReader(b), logfmt.Limits{})
	if len(fl) != 1 {
		return nil, err
	}
	return fl[0], err
}

func near(a, b float64) bool {
	return math.Abs(a-b) <= 1e-8 || math.IsNaN(a) && math.IsNaN(b)
}

// at is the position so many metres on the way of the fixtures.
func at(north, east float64) logfmt.Point {
	return logfmt.Point{Lat: -41.3875125 + north*90e-7, Lon: -132.4518375 + east*90e-7}
}

func same(a, b logfmt.Point) bool { return near(a.Lat, b.Lat) && near(a.Lon, b.Lon) }

func TestFixes(t *testing.T) {
	fl, err := read(t, "v3.dat")
	if err != nil || len(fl.Fixes) != 6 || len(fl.Damage) > 0 || fl.Start.Variant != "V3" {
		t.Fatalf("%+v %v", fl, err)
	}
	f := fl.Fixes[4] // after the clock wrapped
	if !same(f.Point, at(5, 10)) || !f.Time.Equal(time.Date(2031, 7, 19, 4, 47, 58, 0, time.UTC)) || f.Elapsed != 5*time.Second || f.Sats != 14 {
		t.Errorf("%+v", f)
	}
	for what, v := range map[string][2]float64{
		"altitude": {f.AltMSL, 1234.567}, "speed": {f.Speed, 5}, "climb": {f.Climb, 0.5}, "course": {f.Course, math.Atan2(4, 3) * 180 / math.Pi}, "HDOP": {f.HDOP, 0.75},
	} {
		if !near(v[0], v[1]) {
			t.Errorf("%s is %v, want %v", what, v[0], v[1])
		}
	}
	fl, err = read(t, "v1.dat")
	if err != nil || len(fl.Fixes) != 4 || fl.Start.Variant != "V1" {
		t.Fatalf("%+v %v", fl, err)
	}
	if f := fl.Fixes[3]; !same(f.Point, at(3, 6)) || !f.Time.IsZero() || f.Elapsed >= 0 || f.AltUnclear != 1184.25 || !math.IsNaN(f.AltMSL) {
		t.Errorf("%+v", f)
	}
}

func TestSpots(t *testing.T) {
	for name, n := range map[string]int{"v3.dat": 1, "v1.dat": 2} {
		fl, _ := read(t, name)
		if len(fl.Spots) != n {
			t.Fatalf("%s: %+v", name, fl.Spots)
		}
		if s := fl.Spots[0]; s.Role != logfmt.Home || !same(s.Point, at(-40, -80)) || s.Alt != 1184.25 {
			t.Errorf("%s: %+v", name, s)
		}
		if n > 1 && (fl.Spots[1].Role != logfmt.Phone || !same(fl.Spots[1].Point, at(-50, -50))) {
			t.Errorf("%s: %+v", name, fl.Spots[1])
		}
	}
}

func TestIdentifiers(t *testing.T) {
	fl, _ := read(t, "v3.dat")
	got := map[string]string{}
	for _, id := range fl.Identifiers {
		got[id.Path] = id.Value.Reveal()
	}
	if len(got) != 2 || got["serial"] != "FVCANARY4519KX" || got["build"] != "BUILD Jul 18 2031 12:00:00" {
		t.Errorf("%q", got)
	}
	if len(fl.Messages) != 1 || fl.Messages[0].Text.Reveal() != "battery SN: FVCANARY4519KX" || fl.Messages[0].Elapsed != 2*time.Second {
		t.Errorf("%+v", fl.Messages)
	}
}

func TestDamage(t *testing.T) {
	fl, err := read(t, "damaged-noise.dat")
	if err != nil || len(fl.Fixes) != 2 || len(fl.Damage) != 2 || fl.Damage[0].Len != int64(len("U\x20 noise U")) {
		t.Errorf("%+v %v", fl, err)
	}
	if _, err := read(t, "damaged-encrypted.dat"); !errors.Is(err, input.ErrUnsupported) {
		t.Error("an encrypted log:", err)
	}
}

func BenchmarkDecode(b *testing.B) {
	one, err := os.ReadFile("testdata/v3.dat")
	if err != nil {
		b.Fatal(err)
	}
	in := bytes.NewReader(append(one[:256:256], bytes.Repeat(one[256:], 2000)...))
	b.SetBytes(in.Size())
	for b.Loop() {
		for _, err := range (djidat.Format{}).Decode(b.Context(), in, logfmt.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
