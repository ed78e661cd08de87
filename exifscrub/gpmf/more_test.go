package gpmf_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/gpmf"
	"flightveil/exifscrub/scrubtest"
	block "flightveil/internal/block/gpmf"
	"flightveil/internal/corpus"
	"flightveil/internal/geo"
	"flightveil/internal/input"
)

func fixes(t *testing.T, b []byte) (out []block.Fix) {
	t.Helper()
	in := bytes.NewReader(b)
	for e, err := range block.Walk(in, input.Span{Len: int64(len(b))}, input.Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		if !e.IsTrack() {
			continue
		}
		for f, err := range e.Fixes(in) {
			if err != nil {
				t.Fatal(err)
			}
			if !f.At.Zero() {
				out = append(out, f)
			}
		}
	}
	return out
}

// Under the profile area a track is one cell and nothing finer: no height, no
// speed, no time of day; the remote control's position is gone.
func TestCell(t *testing.T) {
	want := geo.Point{Lat: scrubtest.Lat, Lon: scrubtest.Lon}.Cell(1000)
	for _, name := range []string{"track.gpmf", "hero11.raw", "karma.raw"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		clean := scrubtest.Scrub(t, gpmf.Format{}, b, "area")
		got := fixes(t, clean)
		if len(got) == 0 {
			t.Errorf("%s: no positions are left", name)
		}
		for _, f := range got {
			if f.At.Distance(want) > 0.1 || f.Operator || f.Alt != 0 || f.Speed > 0 {
				t.Errorf("%s: %+v, want %v and nothing else", name, f, want)
			}
		}
		if bytes.Contains(clean, []byte("044753")) {
			t.Errorf("%s: the time of day is still there", name)
		}
		if n := len(fixes(t, scrubtest.Scrub(t, gpmf.Format{}, b, "public"))); n > 0 {
			t.Errorf("%s: %d positions left in public", name, n)
		}
	}
}

// Lengths and exposures stay, so that readers find their way.
func TestKept(t *testing.T) {
	b, err := os.ReadFile("testdata/track.gpmf")
	if err != nil {
		t.Fatal(err)
	}
	clean := scrubtest.Scrub(t, gpmf.Format{}, b, "public")
	for _, key := range []string{"GPS5l", "SHUTf", "ACCLs", "SCAL", "Exposure time"} {
		if len(clean) != len(b) || bytes.Count(clean, []byte(key)) != bytes.Count(b, []byte(key)) {
			t.Errorf("%s was there %d times, now %d", key, bytes.Count(b, []byte(key)), bytes.Count(clean, []byte(key)))
		}
	}
}

func TestCorpus(t *testing.T) {
	n := 0
	for _, dir := range []string{"media/sidecar", "logs/gpmf"} {
		for _, name := range corpus.Files(t, dir) {
			if !strings.HasSuffix(name, ".raw") {
				continue
			}
			n++
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			scrubtest.Check(t, gpmf.Format{}, b, false)
			clean := scrubtest.Scrub(t, gpmf.Format{}, b, "public")
			plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), gpmf.Format{}, bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			for _, j := range plan.Findings {
				for _, s := range j.Spans {
					if j.Action == "remove" && len(bytes.Trim(clean[s.Off:s.End()], "\x00")) > 0 {
						t.Errorf("%s: %s is still there", name, j.Path)
					}
				}
			}
		}
	}
	if n == 0 {
		t.Error("no streams in the corpus")
	}
}
