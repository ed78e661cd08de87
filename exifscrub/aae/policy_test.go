package aae_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/aae"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/privacy"

	"pgregory.net/rapid"
)

// TestAnyPolicy checks with rules nobody has written yet that a cleaned file
// can be read and needs no more cleaning.
func TestAnyPolicy(t *testing.T) {
	files, err := filepath.Glob("testdata/*.aae")
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
		for _, c := range []privacy.Class{privacy.Location, privacy.Identity, privacy.Time, privacy.Device, privacy.Unknown} {
			rules[c] = rapid.SampledFrom([]privacy.Action{privacy.Keep, privacy.Remove, privacy.Coarsen}).Draw(rt, string(c))
		}
		job.Policy = privacy.Policy{Rules: rules}
		plan, err := exifscrub.Scan(t.Context(), job, aae.Format{}, bytes.NewReader(dirty))
		if err != nil {
			return // damaged
		}
		var clean bytes.Buffer
		if err := exifscrub.Apply(&clean, bytes.NewReader(dirty), plan.Edits()); err != nil {
			rt.Fatal(err)
		}
		again, err := exifscrub.Scan(t.Context(), job, aae.Format{}, bytes.NewReader(clean.Bytes()))
		if err != nil {
			rt.Fatalf("%v:\n%s", err, clean.Bytes())
		}
		for e := range again.Edits() {
			rt.Fatalf("another edit of %d bytes at %d:\n%s", e.Len, e.Off, clean.Bytes())
		}
	})
}
