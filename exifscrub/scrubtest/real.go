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

// truth is what other programs found in a file of the corpus.
type truth struct {
	Needles   []struct{ Hex, Tag string }
	Sensitive []struct{ Category, Tag string }
}

// Real tests f with a file of the corpus that has a truth: it comes clean, no
// value known to be in it survives, and [Named] holds.
func Real(t *testing.T, f exifscrub.Format, name string, groups ...string) {
	t.Helper()
	b, want := realFile(t, name)
	Check(t, f, b, false)
	clean := Scrub(t, f, b, "public")
	for _, n := range want.Needles {
		needle, err := hex.DecodeString(n.Hex)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(clean, needle) {
			t.Errorf("a value of %s is still there", n.Tag)
		}
	}
	Named(t, f, name, groups...)
}

// Named tests that f, or what it finds inside a file of the corpus, finds every
// tag that tells a place, a person or a time and that exiftool lists in one of
// groups, by its name. It returns how many there are.
func Named(t *testing.T, f exifscrub.Format, name string, groups ...string) (tags int) {
	t.Helper()
	b, want := realFile(t, name)
	plan, err := exifscrub.Scan(t.Context(), Job(t, "public"), f, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, j := range plan.Findings {
		found[path.Base(j.Path)] = true
	}
	for _, s := range want.Sensitive {
		group, tag, _ := strings.Cut(s.Tag, ":")
		tag = tag[strings.LastIndexByte(tag, ':')+1:]
		if !slices.Contains(groups, group) {
			continue
		}
		if tags++; !found[tag] {
			t.Errorf("%s was not found", s.Tag)
		}
	}
	return tags
}

func realFile(t *testing.T, name string) ([]byte, truth) {
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
	var want truth
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	return b, want
}
