package jumbf_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/jumbf"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/corpus"
	"flightveil/internal/privacy"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, jumbf.Format{}, "testdata") }
func FuzzScrub(f *testing.F)       { scrubtest.Fuzz(f, jumbf.Format{}, "testdata") }

func rich(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/rich.c2pa")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func scan(t *testing.T, b []byte, rules map[privacy.Class]privacy.Action) *exifscrub.Plan {
	t.Helper()
	job := scrubtest.Job(t, "public")
	job.Policy.Rules = rules
	plan, err := exifscrub.Scan(t.Context(), job, jumbf.Format{}, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// A manifest stays only as a whole, when every class in it may stay.
func TestAllOrNothing(t *testing.T) {
	in := rich(t)
	all := map[privacy.Class]privacy.Action{}
	for _, j := range scan(t, in, nil).Findings {
		all[j.Class] = privacy.Keep
	}
	for _, c := range []privacy.Class{privacy.Location, privacy.Identity, privacy.Time, privacy.Device, privacy.Description, privacy.Preview, privacy.Unknown, privacy.Provenance, privacy.Altitude} {
		if all[c] != privacy.Keep {
			t.Errorf("the sample holds nothing of class %s", c)
		}
	}
	if clean, err := scan(t, in, all).Clean(); err != nil || !clean {
		t.Error("a manifest of which all may stay is edited", err)
	}
	for c := range all {
		rules := map[privacy.Class]privacy.Action{}
		for k := range all {
			rules[k] = privacy.Keep
		}
		rules[c] = privacy.Remove
		plan := scan(t, in, rules)
		for _, j := range plan.Findings {
			if j.Action != privacy.Remove {
				t.Errorf("without %s: %s is kept", c, j.Path)
			}
		}
		var out bytes.Buffer
		if err := exifscrub.Apply(&out, bytes.NewReader(in), plan.Edits()); err != nil || out.Len() > 0 {
			t.Errorf("without %s: %d bytes are left, %v", c, out.Len(), err)
		}
	}
}

// What a reader would be shown is found under the names other tools use.
func TestFindings(t *testing.T) {
	found := map[string]exifscrub.Judged{}
	for _, j := range scan(t, rich(t), nil).Findings {
		found[filepath.Base(j.Path)] = j
	}
	for name, want := range map[string]struct {
		class privacy.Class
		value string
	}{
		"Exif_GPSLatitude":            {privacy.Location, "41,23.25075S"},
		"LocationCreatedGeoLongitude": {privacy.Location, "-132.4518375"},
		"LocationCreatedAddress":      {privacy.Place, scrubtest.Place},
		"AuthorName":                  {privacy.Identity, scrubtest.Person},
		"ListExif_SerialNumber":       {privacy.Identity, scrubtest.Serial},
		"ActionsWhen":                 {privacy.Time, scrubtest.Day + "T04:47:53Z"},
		"ActionsSoftwareAgent":        {privacy.Device, "Heronshop"},
		"Title":                       {privacy.Description, scrubtest.Text},
		"Item1X5Chain":                {privacy.Identity, "CN=" + scrubtest.Person + ",O=Heron Watch"},
		"Item1SigTstTstTokensVal":     {privacy.Time, "(7 bytes)"},
		"EmbeddedFileName":            {privacy.Identity, scrubtest.Serial + ".jpg"},
		"AssertionsHash":              {privacy.Provenance, "(32 bytes)"},
	} {
		got, ok := found[name]
		if !ok || got.Class != want.class || got.Value.Reveal() != want.value {
			t.Errorf("%s is %s %q, want %s %q", name, got.Class, got.Value.Reveal(), want.class, want.value)
		}
		if want.class == privacy.Location && (got.Where == nil || got.Where.Lat > scrubtest.Lat+1e-6 || got.Where.Lat < scrubtest.Lat-1e-6) {
			t.Errorf("%s is at %v", name, got.Where)
		}
		if ok && !bytes.Contains(rich(t)[got.Spans[0].Off:got.Spans[0].End()], []byte(want.value)) && !strings.Contains(want.value, " bytes)") && name != "Item1X5Chain" {
			t.Errorf("%s is not in %v", name, got.Spans)
		}
	}
}

// TestCorpus: every value that names a person, a document or a place in the
// manifests of a real video is found.
func TestCorpus(t *testing.T) {
	const path = "video/c2pa-video.mp4"
	b, err := os.ReadFile(filepath.Join(corpus.Dir(t), "media", path))
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.Index(b, []byte("jumb\x00\x00\x00\x1Ejumdc2pa"))
	if i < 4 {
		t.Fatal("no manifest in the video")
	}
	n := int(b[i-4])<<24 | int(b[i-3])<<16 | int(b[i-2])<<8 | int(b[i-1])
	plan := scan(t, b[i-4:i-4+n], nil)
	raw, err := os.ReadFile(filepath.Join(corpus.Dir(t), "truth", "media", path+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var truth struct {
		Sensitive []struct {
			Tag    string
			Values []string
		}
	}
	if err := json.Unmarshal(raw, &truth); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, s := range truth.Sensitive {
		group, tag, _ := strings.Cut(s.Tag, ":")
		if group != "JSON" && group != "CBOR" {
			continue
		}
		for _, v := range s.Values {
			seen++
			if !slices.ContainsFunc(plan.Findings, func(j exifscrub.Judged) bool {
				return filepath.Base(j.Path) == tag && j.Value.Reveal() == v
			}) {
				t.Errorf("%s is not found", s.Tag)
			}
		}
	}
	if seen == 0 {
		t.Error("the truth knows no values of the manifests")
	}
	if !slices.ContainsFunc(plan.Findings, func(j exifscrub.Judged) bool {
		return filepath.Base(j.Path) == "Item1X5Chain" && strings.HasPrefix(j.Value.Reveal(), "CN=")
	}) {
		t.Error("the signer is not named")
	}
}
