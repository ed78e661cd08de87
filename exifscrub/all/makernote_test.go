package all_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/all"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/corpus"
	"flightveil/internal/input"
)

// truth is what another reader found in a real file.
type truth struct {
	Sensitive []tag
	Needles   []struct{ Tag, Hex string }
}

type tag struct{ Tag string }

// ours reports whether a maker note holds t.
func (t tag) ours() bool {
	group, _, _ := strings.Cut(t.Tag, ":")
	return slices.Contains([]string{"Apple", "Canon", "Casio", "DJI", "FujiFilm", "Kodak", "Minolta", "Nikon", "Olympus", "Panasonic", "Pentax", "Ricoh", "Sony"}, group)
}

// Every tag of a maker note that another reader calls sensitive is found under
// the same name, and what it holds is gone after cleaning.
func TestMakerNoteTags(t *testing.T) {
	dir := corpus.Dir(t)
	tags := 0
	for _, name := range corpus.Files(t, "media") {
		rel, err := filepath.Rel(filepath.Join(dir, "media"), name)
		if err != nil {
			t.Fatal(err)
		}
		j, err := os.ReadFile(filepath.Join(dir, "truth", "media", rel+".json"))
		if err != nil || strings.HasPrefix(rel, "hostile") || strings.HasPrefix(rel, "video") {
			continue
		}
		var want truth
		if err := json.Unmarshal(j, &want); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(want.Sensitive, tag.ours) {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := input.NewProbe(filepath.Base(name), bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		f, m, _ := all.Formats().Detect(p)
		if m < input.Likely {
			t.Logf("%s: no container reads it", rel)
			continue
		}
		plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), f, bytes.NewReader(b))
		if err != nil {
			t.Errorf("%s: %v", rel, err)
			continue
		}
		found := map[string]bool{}
		for _, j := range plan.Findings {
			found[j.Path[strings.LastIndexByte(j.Path, '/')+1:]] = true
		}
		for _, s := range want.Sensitive {
			if _, name, _ := strings.Cut(s.Tag, ":"); s.ours() {
				if tags++; !found[name] {
					t.Errorf("%s: %s is not found", rel, s.Tag)
				}
			}
		}
		clean := scrub(t, name, b)
		for _, n := range want.Needles {
			needle, err := hex.DecodeString(n.Hex)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(clean, needle) {
				t.Errorf("%s: the value of %s is still there", rel, n.Tag)
			}
		}
	}
	if tags < 12 {
		t.Errorf("only %d tags compared", tags)
	}
}
