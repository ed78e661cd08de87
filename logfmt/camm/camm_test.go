package camm_test

import (
	"bytes"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"flightveil/internal/input"
	"flightveil/logfmt"
	"flightveil/logfmt/all"
	"flightveil/logfmt/camm"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, camm.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, camm.Format{}, "testdata") }

// What the fixtures hold.
const (
	lat = -41.3875125
	lon = -132.4518375
)

// way is the position i metres on the way of the fixtures.
func way(i int) logfmt.Point {
	return logfmt.Point{Lat: lat + float64(i)*90e-7, Lon: lon + 2*float64(i)*90e-7}
}

var when = time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC)

func TestFixes(t *testing.T) {
	for name, c := range map[string]struct {
		fixes, damage int
		clock, moves  bool
	}{
		"gps.mp4": {3, 0, true, true}, "unix.mp4": {3, 0, true, true}, "neither.mp4": {3, 0, false, true}, "positions.mp4": {2, 0, false, false},
		"damaged-cut.mp4": {2, 1, true, true}, "damaged-noise.mp4": {3, 1, true, true},
	} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		fl, err := logfmt.ReadFlights(t.Context(), camm.Format{}, bytes.NewReader(b), logfmt.Limits{})
		if err != nil || len(fl) != 1 || len(fl[0].Fixes) != c.fixes || len(fl[0].Damage) != c.damage {
			t.Errorf("%s: %+v %v", name, fl, err)
			continue
		}
		for i, f := range fl[0].Fixes {
			at := when.Add(time.Duration(i+1) * time.Second / 4)
			if f.Distance(way(i+1)) > 0.01 || c.clock != f.Time.Equal(at) || !c.clock && !f.Time.IsZero() || f.AltUnclear != 1234.5 || f.Elapsed <= 0 {
				t.Errorf("%s: %+v", name, f)
			}
			if c.moves && (f.Speed != 5 || f.Climb != 0.5 || math.Abs(f.Course-306.8699) > 1e-3) {
				t.Errorf("%s: %v m/s, %v up, to %v", name, f.Speed, f.Climb, f.Course)
			}
		}
	}
}

// A video that has another track beside is the other's.
func TestOther(t *testing.T) {
	b, err := os.ReadFile("../djmeta/testdata/both-tracks.mov")
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.Index(b, []byte("mebx"))
	p, err := input.NewProbe("VIDEO.MP4", bytes.NewReader(slices.Concat(b[:i], []byte("camm"), b[i+4:])))
	if err != nil {
		t.Fatal(err)
	}
	if f, m, tie := all.Formats().Detect(p); m != input.Likely || tie || f.ID() != "dji-djmd" {
		t.Error(f, m, tie)
	}
}
