package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"flightveil/internal/cardtest"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
	logall "flightveil/logfmt/all"
)

// TestCardIsConsistent reads the invented card as our readers see it: every
// position in every file of a flight is where the flight was at that time.
// Tests that displace, bundle or search a card rely on it.
func TestCardIsConsistent(t *testing.T) {
	card, dir := cardtest.Load(t), cardtest.Dir(t)
	everything, err := privacy.LoadProfile("everything", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range card.Flights {
		for _, m := range f.Files {
			path := filepath.Join(dir, filepath.FromSlash(m.Path))
			switch m.Kind {
			case "photo", "raw", "thumbnail", "sidecar":
				sources, closer := pipeline.Gather([]string{path})
				lat, lon, up := f.At(m.Seconds)
				n := 0
				for o := range newRunner(everything, 1).Inspect(t.Context(), sources) {
					for _, j := range o.Findings {
						if j.Where == nil {
							continue
						}
						if n++; j.Where.Distance(geo.Point{Lat: lat, Lon: lon}) > 0.01 {
							t.Errorf("%s: %s is not where the flight was", m.Path, j.Path)
						}
					}
				}
				closer.Close()
				if n == 0 {
					t.Errorf("%s tells no position", m.Path)
				}
				if up <= 0 {
					t.Errorf("%s: taken on the ground", m.Path)
				}
			case "log", "captions", "video", "proxy":
				cardTrack(t, card, f, m, path)
			}
		}
	}
}

// cardTrack compares the track in a file with that of its flight.
func cardTrack(t *testing.T, card cardtest.Card, f cardtest.Flight, m cardtest.File, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	probe, err := input.NewProbe(filepath.Base(path), bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	format, match, _ := logall.Formats().Detect(probe)
	if match < input.Likely {
		t.Fatalf("%s is no log", m.Path)
	}
	flights, err := logfmt.ReadFlights(t.Context(), format, bytes.NewReader(b), logfmt.Limits{})
	if err != nil || len(flights) != 1 || len(flights[0].Damage) > 0 {
		t.Fatalf("%s: %d flights, %v", m.Path, len(flights), err)
	}
	near := 0.01 // metres
	if m.Kind == "captions" {
		near = 0.1 // six decimals
	}
	for _, x := range flights[0].Fixes {
		s := m.Seconds + x.Elapsed.Seconds()
		utc := x.Time
		if !x.Local.IsZero() {
			utc = x.Local.Add(-time.Duration(card.Zone) * time.Hour)
		}
		if !utc.IsZero() {
			at := utc.Sub(f.Start).Seconds()
			if math.Abs(at-s) > 0.51 {
				t.Fatalf("%s: a clock %.2f s from its place in the file", m.Path, at-s)
			}
			s = at
		}
		lat, lon, up := f.At(s)
		if x.Point.Distance(geo.Point{Lat: lat, Lon: lon}) > near {
			t.Fatalf("%s: %.1f s after the start it is not where the flight was", m.Path, s)
		}
		for _, alt := range []float64{x.AltHome - up, x.AltMSL - up - f.Ground} {
			if math.Abs(alt) > 0.05 {
				t.Fatalf("%s: %.1f s after the start it is %.2f m too high", m.Path, s, alt)
			}
		}
	}
	if n := len(flights[0].Fixes); n < 40 {
		t.Errorf("%s: %d positions", m.Path, n)
	}
}

// TestCardCanaries shows that the search for what is on the card finds
// something in every file of it that tells anything, and nothing elsewhere.
func TestCardCanaries(t *testing.T) {
	card, dir := cardtest.Load(t), cardtest.Dir(t)
	canaries := card.Canaries()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	files := append(append([]string{}, card.Others...), card.Unknown...)
	for _, f := range card.Flights {
		for _, m := range f.Files {
			files = append(files, m.Path)
		}
	}
	for _, name := range files {
		if len(canaries.Search(read(name))) == 0 {
			t.Errorf("%s tells nothing that the search knows", name)
		}
	}
	for _, name := range []string{"../../LICENSE", "../../exifscrub/mp4/testdata/clean.mp4"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if hits := canaries.Search(b); len(hits) > 0 {
			t.Errorf("%s: %q", name, hits)
		}
	}
	if n := len(tree(t, dir)); n != len(files)+len(card.Junk) {
		t.Errorf("%d files on the card, %d in the list", n, len(files)+len(card.Junk))
	}
}
