package scrubtest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/internal/corpus"
)

// Real tests f with a file of the corpus that has a truth: it comes clean, no
// value known to be in it survives, and each tag that tells a place or a person
// and that exiftool lists in one of groups is found by its name.
func Real(t *testing.T, f exifscrub.Format, name string, groups ...string) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	rel, err := filepath.Rel(corpus.Dir(t), name)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(corpus.Dir(t), "truth", rel+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var truth struct {
		Needles   []struct{ Hex, Tag string }
		Sensitive []struct{ Category, Tag string }
	}
	if err := json.Unmarshal(raw, &truth); err != nil {
		t.Fatal(err)
	}
	Check(t, f, b, false)
	clean := Scrub(t, f, b, "public")
	for _, n := range truth.Needles {
		needle, err := hex.DecodeString(n.Hex)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(clean, needle) {
			t.Errorf("a value of %s is still there", n.Tag)
		}
	}
	plan, err := exifscrub.Scan(t.Context(), Job(t, "public"), f, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, j := range plan.Findings {
		found[path.Base(j.Path)] = true
	}
	for _, s := range truth.Sensitive {
		group, tag, _ := strings.Cut(s.Tag, ":")
		if slices.Contains(groups, group) && !found[tag] {
			t.Errorf("%s was not found", s.Tag)
		}
	}
}
