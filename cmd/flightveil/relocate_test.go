package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flightveil/geofuzz"
	"flightveil/internal/atomicfile"
	"flightveil/internal/geo"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"
	"flightveil/internal/verify"
	"flightveil/logfmt/export"
)

// flownAt writes the same invented flight as it would have been recorded at p,
// with a take-off height and a date of its own.
func flownAt(t *testing.T, path string, p geo.Point, ground float64, start time.Time) {
	t.Helper()
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>` + "\n")
	f := geo.NewFrame(p)
	for i := range 400 {
		// whole decimetres: what rounding does is no part of this
		east, north := math.Round(100*math.Sin(float64(i)/30)*float64(i))/10, math.Round(50*float64(i))/10
		q, ok := f.From(east, north)
		if !ok {
			t.Fatal("beyond the horizon")
		}
		fmt.Fprintf(&b, `<trkpt lat="%.12f" lon="%.12f"><ele>%.1f</ele><time>%s</time></trkpt>`+"\n", q.Lat, q.Lon, ground+float64(min(i, 60)), start.Add(time.Duration(i)*time.Second).Format(time.RFC3339))
	}
	b.WriteString("</trkseg></trk></gpx>\n")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestZeroAtTenPlaces: the same flight at ten places on Earth gives the same
// bytes in every output format.
func TestZeroAtTenPlaces(t *testing.T) {
	dir := t.TempDir()
	first := map[string][]byte{}
	for i, p := range []geo.Point{
		{Lat: 47.3977419, Lon: 8.5455938}, {Lat: -33.8567844, Lon: 151.2152967}, {Lat: 0, Lon: 20}, {Lat: 51.4779, Lon: 0},
		{Lat: 64.1, Lon: -179.9999999}, {Lat: -17.7, Lon: 179.9999999}, {Lat: 89.99999, Lon: 12}, {Lat: -89.9999, Lon: -45},
		{Lat: 1, Lon: 1}, {Lat: -54.8, Lon: -68.3},
	} {
		log := filepath.Join(dir, fmt.Sprintf("%d.gpx", i))
		flownAt(t, log, p, 100*float64(i), time.Date(2031, 7, 19, i, 47, 53, 0, time.UTC))
		for _, f := range export.Formats() {
			out := filepath.Join(dir, "out"+f.Extension)
			var stdout, stderr strings.Builder
			if code := run(context.Background(), []string{"convert", log, "-o", out, "--force", "--location", "zero"}, streams{strings.NewReader(""), &stdout, &stderr}); code != exitOK {
				t.Fatalf("place %d as %s: exit %d\n%s%s", i, f.ID, code, &stdout, &stderr)
			}
			b, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if len(b) < 10_000 || !strings.Contains(string(b), "displaced, not the real place") {
				t.Fatalf("%s: %d bytes, or no word that it is displaced", f.ID, len(b))
			}
			if first[f.ID] == nil {
				first[f.ID] = b
			} else if string(first[f.ID]) != string(b) {
				t.Errorf("place %d shows in the %s output", i, f.ID)
			}
		}
	}
}

// TestNoTrueCoordinate converts every log, with everything kept that can be,
// and looks for its true positions – of the aircraft, home, the pilot, plans –
// in every encoding in every output format.
func TestNoTrueCoordinate(t *testing.T) {
	paths, keychains := logs(t)
	sources, closer := pipeline.Gather(paths)
	defer closer.Close()
	convert := func(to export.Format, location string, mooring geofuzz.Mooring) map[string][]byte {
		profile, err := (&policyFlags{Profile: "everything", Location: location, relocates: true}).profile()
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		out, err := atomicfile.Open(dir, atomicfile.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		all := map[string][]byte{}
		for o := range newRunner(profile, 2, keychains...).Convert(t.Context(), sources, pipeline.ConvertOptions{Out: out, Path: dir, To: to, Mooring: mooring}) {
			if o.Status != pipeline.Written {
				continue
			}
			if all[o.Source.Label], err = os.ReadFile(filepath.Join(dir, o.Output)); err != nil {
				t.Fatal(err)
			}
		}
		return all
	}
	plain, _ := export.ByID("json")
	truth := map[string][]verify.Finding{}
	controls, positions := 0, 0
	for label, b := range convert(plain, "keep", nil) {
		truth[label] = positionsOf(b)
		positions += len(truth[label])
		controls += len(hits(t, truth[label], b))
	}
	if positions < 300 || 4*controls < 3*positions { // round coordinates are no needles
		t.Fatalf("the search has %d hits for %d true positions where they are", controls, positions)
	}
	searched := 0
	for _, to := range export.Formats() {
		for label, b := range convert(to, "zero", geofuzz.Zero{}) {
			searched += len(truth[label])
			for _, h := range hits(t, truth[label], b) {
				t.Errorf("%s as %s: a true position as %s at %d", filepath.Base(label), to.ID, h.As, h.Off)
			}
		}
	}
	if searched < 4*positions { // five formats; a log may hold a place and no flight
		t.Errorf("%d positions were looked for in five formats, of %d", searched, positions)
	}
}

// positionsOf returns positions of a log as JSON lines, apart from each other
// and from where relocated flights are.
func positionsOf(b []byte) []verify.Finding {
	var out []verify.Finding
	var last geo.Point
	for line := range bytes.Lines(b) {
		var p geo.Point
		if json.Unmarshal(line, &p) != nil || p.Zero() || p.Distance(last) < 20 || len(out) >= 300 ||
			math.Abs(p.Lat-geofuzz.Sea.Lat) < 2 || math.Abs(p.Lon-geofuzz.Sea.Lon) < 2 {
			continue
		}
		last = p
		out = append(out, verify.Finding{Finding: privacy.Finding{Class: privacy.Location, Path: "true position", Where: &p}})
	}
	return out
}

func hits(t *testing.T, truth []verify.Finding, b []byte) []verify.Hit {
	t.Helper()
	in := bytes.NewReader(b)
	needles, err := verify.NewNeedles(verify.File{In: in, Findings: truth}, verify.File{In: in})
	if err != nil {
		t.Fatal(err)
	}
	found, err := needles.Search(t.Context(), in, nil)
	if err != nil {
		t.Fatal(err)
	}
	return found
}
