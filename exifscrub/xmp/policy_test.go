package xmp_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/scrubtest"
	"flightveil/exifscrub/xmp"
	"flightveil/internal/privacy"

	"pgregory.net/rapid"
)

// TestAnyPolicy checks with rules nobody has written yet that a cleaned packet
// needs no more cleaning, stays XML, and keeps what was to be kept.
func TestAnyPolicy(t *testing.T) {
	files, err := filepath.Glob("testdata/*.xmp")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	job := scrubtest.Job(t, "public")
	rapid.Check(t, func(rt *rapid.T) {
		dirty, err := os.ReadFile(rapid.SampledFrom(files).Draw(rt, "file"))
		if err != nil {
			rt.Fatal(err)
		}
		rules := map[privacy.Class]privacy.Action{}
		for _, c := range privacy.Classes {
			rules[c] = rapid.SampledFrom([]privacy.Action{privacy.Keep, privacy.Remove, privacy.Coarsen}).Draw(rt, string(c))
		}
		job.Policy = privacy.Policy{Rules: rules}
		plan, err := exifscrub.Scan(t.Context(), job, xmp.Format{}, bytes.NewReader(dirty))
		if err != nil {
			rt.Fatal(err)
		}
		var clean bytes.Buffer
		if err := exifscrub.Apply(&clean, bytes.NewReader(dirty), plan.Edits()); err != nil {
			rt.Fatal(err)
		}
		if wellFormed(dirty) && !wellFormed(clean.Bytes()) {
			rt.Fatalf("no longer well-formed:\n%s", clean.Bytes())
		}
		again, err := exifscrub.Scan(t.Context(), job, xmp.Format{}, bytes.NewReader(clean.Bytes()))
		if err != nil {
			rt.Fatal(err)
		}
		for e := range again.Edits() {
			rt.Fatalf("another edit of %d bytes at %d:\n%s", e.Len, e.Off, clean.Bytes())
		}
		kept := map[string]int{}
		for _, j := range again.Findings {
			kept[j.Path+"="+j.Value.Reveal()]++
		}
		whole := len(again.Findings) == 0 && len(plan.Notes) > 0 // a broken packet went as a whole
		for _, j := range plan.Findings {                        // a namespace goes with its element, a comment inside a thumbnail with the thumbnail, and the other way round
			if key := j.Path + "=" + j.Value.Reveal(); j.Action == privacy.Keep && !whole && !j.Encoded && j.Class != privacy.Device && j.Class != privacy.Preview && kept[key] == 0 {
				rt.Fatalf("%s was to be kept", j.Path)
			}
		}
	})
}
