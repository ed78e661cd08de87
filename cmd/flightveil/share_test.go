package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flightveil/geofuzz"
	"flightveil/internal/cardtest"
	"flightveil/internal/corpus"
	"flightveil/internal/geo"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"
	"flightveil/internal/share"
	"flightveil/logfmt"
	"flightveil/logfmt/gpx"
)

// shareRun runs share in this process and returns its page and exit code.
func shareRun(t *testing.T, args ...string) (page string, code int) {
	t.Helper()
	var out bytes.Buffer
	code = run(context.Background(), append([]string{"share"}, args...), streams{strings.NewReader(""), &out, io.Discard})
	return out.String(), code
}

// shareReport reads a private report.
func shareReport(t *testing.T, path string) (r share.Report) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestShareCanaries looks in the export of the invented card for everything
// that was put on it, in every encoding, and for the names of its files.
func TestShareCanaries(t *testing.T) {
	card, dir := cardtest.Load(t), cardtest.Dir(t)
	canaries := card.Canaries()
	for _, how := range [][]string{nil, {"--pixels-reviewed"}, {"--to", "csv"}, {"--to", "kml", "--time", "rebase"}, {"--to", "geojson"}} {
		out := filepath.Join(t.TempDir(), "out")
		if page, code := shareRun(t, append([]string{dir, "-o", out}, how...)...); code != exitIncomplete {
			t.Fatalf("%v: exit code %d\n%s", how, code, page)
		}
		files := tree(t, out)
		if len(files) < 25 {
			t.Errorf("%v: only %d files", how, len(files))
		}
		for name, b := range files {
			for _, hit := range canaries.Search(append(b, name...)) {
				t.Errorf("%v: %s holds %s", how, name, hit)
			}
		}
	}
}

// TestShareTogether compares the displaced files of each flight with where the
// flight was: the same way, at the same time, at the same height.
func TestShareTogether(t *testing.T) {
	card, dir := cardtest.Load(t), cardtest.Dir(t)
	tmp := t.TempDir()
	out, private := filepath.Join(tmp, "out"), filepath.Join(tmp, "private.json")
	if page, code := shareRun(t, dir, "-o", out, "--pixels-reviewed", "--private-report", private); code != exitIncomplete {
		t.Fatalf("exit code %d\n%s", code, page)
	}
	output := map[string]string{}
	for _, f := range shareReport(t, private).Files {
		output[f.Original] = f.Output
	}
	everything, err := privacy.LoadProfile("everything", nil)
	if err != nil {
		t.Fatal(err)
	}
	sea := geo.NewFrame(geofuzz.Sea)
	for _, f := range card.Flights {
		var track *logfmt.Flight
		photos := 0
		for _, m := range f.Files {
			if m.Kind != "log" || output[m.Path] == "" {
				continue
			}
			b, err := os.ReadFile(filepath.Join(out, output[m.Path]))
			if err != nil {
				t.Fatal(err)
			}
			flights, err := logfmt.ReadFlights(t.Context(), gpx.Format{}, bytes.NewReader(b), logfmt.Limits{})
			if err != nil || len(flights) != 1 {
				t.Fatalf("%s: %d flights, %v", output[m.Path], len(flights), err)
			}
			track = flights[0]
		}
		if track == nil {
			t.Fatalf("flight %s has no track", f.ID)
		}
		for _, m := range f.Files {
			if m.Kind != "photo" {
				continue
			}
			photos++
			sources, closer := pipeline.Gather([]string{filepath.Join(out, output[m.Path])})
			for o := range newRunner(everything, 1).Inspect(t.Context(), sources) {
				places := 0
				for _, j := range o.Findings {
					if strings.HasSuffix(j.Path, "/DateTimeOriginal") {
						at, err := time.Parse("2006:01:02 15:04:05", j.Value.Reveal())
						if s := at.Sub(geofuzz.Epoch).Seconds(); err != nil || math.Abs(s-m.Seconds) > 1.01 {
							t.Errorf("%s: %.1f s after the start instead of %.1f", m.Path, s, m.Seconds)
						}
					}
					if j.Where == nil || j.Class != privacy.Location {
						continue
					}
					places++
					log := trackAt(t, track, m.Seconds)
					if d := j.Where.Distance(log.Point); d > 0.15 { // before: 0.01; both are written in decimetres
						t.Errorf("%s: %s is %.2f m from the log at its time", m.Path, j.Path, d)
					}
					if _, _, ok := sea.To(*j.Where); !ok || j.Where.Distance(geofuzz.Sea) > 5000 {
						t.Errorf("%s: %s was not moved", m.Path, j.Path)
					}
				}
				if places == 0 {
					t.Errorf("%s tells no position any more", m.Path)
				}
			}
			closer.Close()
		}
		if photos < 4 {
			t.Errorf("flight %s: %d photos", f.ID, photos)
		}
	}
}

// trackAt is where a released track was, s seconds after its start.
func trackAt(t *testing.T, track *logfmt.Flight, s float64) logfmt.Fix {
	t.Helper()
	at := geofuzz.Epoch.Add(time.Duration(s * float64(time.Second)))
	for i := 1; i < len(track.Fixes); i++ {
		a, b := track.Fixes[i-1], track.Fixes[i]
		if a.Time.After(at) || b.Time.Before(at) || !b.Time.After(a.Time) {
			continue
		}
		share := float64(at.Sub(a.Time)) / float64(b.Time.Sub(a.Time))
		a.Lat += share * (b.Lat - a.Lat)
		a.Lon += share * (b.Lon - a.Lon)
		return a
	}
	t.Fatalf("the track has no position %.1f s after its start", s)
	return logfmt.Fix{}
}

// TestShareApart wants the defaults to leave nothing by which a track could be
// joined with the pictures of its flight: no time, no folder, no order.
func TestShareApart(t *testing.T) {
	dir := cardtest.Dir(t)
	tmp := t.TempDir()
	out, private := filepath.Join(tmp, "out"), filepath.Join(tmp, "private.json")
	if page, code := shareRun(t, dir, "-o", out, "--private-report", private); code != exitIncomplete {
		t.Fatalf("exit code %d\n%s", code, page)
	}
	secret := shareReport(t, private)
	public := shareReport(t, filepath.Join(out, "report.json"))
	flown, order := 0, []string{}
	for _, f := range secret.Flights {
		if f.With != "" {
			flown++
			order = append(order, f.With)
		}
	}
	if flown != 3 {
		t.Fatalf("%d tracks were joined with their flights in the private report, want 3", flown)
	}
	if strings.Join(order, " ") == "flight-02 flight-03 flight-04" {
		t.Error("the tracks are in the order of the flights: the test proves nothing, or they tell it")
	}
	for _, f := range public.Flights {
		if f.With != "" || f.Before != nil || f.Clock != "" {
			t.Errorf("the public report tells of %s what only the private one may", f.Name)
		}
		if f.Photos+f.Videos > 0 && len(f.Track) > 0 {
			t.Errorf("the public report shows the track of %s with its pictures", f.Name)
		}
	}
	for _, f := range public.Files {
		if f.Original != "" || f.Kind == "log" && f.Flight != "" {
			t.Errorf("the public report tells what became of a file: %s", f.Output)
		}
	}
}

// TestShareCorpus shares everything there is, hostile files among it.
func TestShareCorpus(t *testing.T) {
	root := corpus.Dir(t)
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	tmp := t.TempDir()
	out, private := filepath.Join(tmp, "out"), filepath.Join(tmp, "private.json")
	if page, code := shareRun(t, root, "-o", out, "--private-report", private); code != exitIncomplete {
		t.Fatalf("exit code %d\n%s", code, page)
	}
	r := shareReport(t, private)
	if n := len(tree(t, root)); len(r.Files) != n || r.Summary.Inputs != n {
		t.Errorf("%d inputs, %d in the report", n, len(r.Files))
	}
	searched := 0
	for _, f := range r.Files {
		if f.Status == "" || f.Output == "" && f.Reason == "" || f.Status == "failed" || strings.Contains(f.Reason, "internal error") {
			t.Errorf("%s: %s: %s", f.Original, f.Status, f.Reason)
		}
		if f.Output == "" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(out, f.Output))
		if err != nil {
			t.Error(err)
		}
		truth, err := os.ReadFile(filepath.Join(root, "truth", f.Original+".json"))
		if err != nil {
			continue
		}
		var want struct{ Needles []struct{ Hex string } }
		if err := json.Unmarshal(truth, &want); err != nil {
			t.Fatal(err)
		}
		for _, needle := range want.Needles {
			var raw []byte
			if _, err := fmt.Sscanf(needle.Hex, "%x", &raw); err != nil {
				t.Fatal(err)
			}
			if searched++; bytes.Contains(b, raw) {
				t.Errorf("%s: %s is in %s", f.Original, needle.Hex, f.Output)
			}
		}
	}
	if searched == 0 {
		t.Error("no needle was searched for")
	}
	var page bytes.Buffer
	if code := run(context.Background(), []string{"verify", root, out, "-q"}, streams{strings.NewReader(""), &page, io.Discard}); code != exitIncomplete || strings.Contains(page.String(), "something is left") {
		t.Errorf("verify: exit code %d\n%s", code, &page)
	}
}

// TestShareKill kills a run at 50 random moments: what has its name is
// complete, and the next run writes the rest to the same bytes.
func TestShareKill(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	dir := memoryDir(t)
	card := cardtest.Dir(t)
	whole := filepath.Join(dir, "whole")
	started := time.Now()
	flightveil(t, "share", "-q", card, "-o", whole).Run()
	took := time.Since(started)
	want := tree(t, whole)
	if len(want) < 25 {
		t.Fatalf("%d files written", len(want))
	}
	rng := rand.New(rand.NewPCG(7, 2))
	partial := 0
	for round := range 50 {
		out := filepath.Join(dir, fmt.Sprintf("out%d", round))
		cmd := flightveil(t, "share", "-q", card, "-o", out)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rng.Int64N(int64(took) * 11 / 10)))
		cmd.Process.Kill()
		cmd.Wait()
		named := 0
		for name, b := range tree(t, out) {
			if strings.Contains(name, ".flightveil-") {
				continue
			}
			if named++; !bytes.Equal(b, want[name]) {
				t.Fatalf("round %d: %s is not what an undisturbed run writes", round, name)
			}
		}
		if named > 0 && named < len(want) {
			partial++
		}
		flightveil(t, "share", "-q", card, "-o", out).Run()
		after := tree(t, out)
		for name, b := range want {
			if !bytes.Equal(after[name], b) {
				t.Fatalf("round %d: %s differs after the next run", round, name)
			}
		}
		if len(after) != len(want) {
			t.Fatalf("round %d: %d files after the next run, want %d", round, len(after), len(want))
		}
		os.RemoveAll(out)
	}
	t.Logf("%d of 50 kills came between the first and the last file", partial)
	if partial == 0 {
		t.Error("no kill hit a run half-way: the test proves nothing")
	}
}
