package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flightveil/internal/corpus"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"
)

// wordy are values that messages may hold for reasons of their own: names of
// formats, and labels that a specification fixes.
var wordy = []string{"application/", "image/", "video/", "c2pa."}

// secretsOf returns what a file tells, by our own walk and by the truth of the
// corpus, if it can be told from ordinary words: with a digit, and not short.
func secretsOf(t *testing.T, path, truth string) []string {
	t.Helper()
	var out []string
	add := func(v string) {
		v = strings.TrimSpace(v)
		if len(v) >= 8 && len(v) < 4096 && strings.ContainsAny(v, "0123456789") && !slices.ContainsFunc(wordy, func(w string) bool { return strings.HasPrefix(v, w) }) {
			out = append(out, v)
		}
	}
	sources, closer := pipeline.Gather([]string{path})
	defer closer.Close()
	everything, err := privacy.LoadProfile("everything", nil)
	if err != nil {
		t.Fatal(err)
	}
	for o := range newRunner(everything, 1).Inspect(t.Context(), sources) {
		for _, f := range o.Findings {
			if f.Class != privacy.Technical && f.Class != privacy.Exposure {
				add(f.Value.Reveal())
			}
		}
	}
	if b, err := os.ReadFile(truth); err == nil {
		var t struct {
			Sensitive []struct{ Values []any }
			Needles   []struct{ Hex string }
		}
		if json.Unmarshal(b, &t) == nil {
			for _, s := range t.Sensitive {
				for _, v := range s.Values {
					if text, ok := v.(string); ok {
						add(text)
					}
				}
			}
			for _, n := range t.Needles {
				if raw, err := hex.DecodeString(n.Hex); err == nil && !bytes.ContainsFunc(raw, func(r rune) bool { return r < ' ' || r > '~' }) {
					add(string(raw))
				}
			}
		}
	}
	return out
}

// TestMessagesHoldNoValues greps all that the program says about the files of
// the corpus for what these files tell. Names of files are the user's own words
// and may be said.
func TestMessagesHoldNoValues(t *testing.T) {
	if testing.Short() {
		t.Skip("goes through all files of the corpus")
	}
	dir := corpus.Dir(t)
	var files []string
	for _, sub := range []string{"media", "logs"} {
		for _, f := range corpus.Files(t, sub) {
			if fi, err := os.Stat(f); err == nil && fi.Size() < 3<<20 {
				files = append(files, f)
			}
		}
	}
	out := t.TempDir()
	said, known := 0, 0
	for i, path := range files {
		rel, err := filepath.Rel(filepath.Join(dir, "media"), path)
		if err != nil {
			t.Fatal(err)
		}
		secrets := secretsOf(t, path, filepath.Join(dir, "truth", "media", rel+".json"))
		known += len(secrets)
		runs := [][]string{{"inspect", "-v", path}, {"inspect", "--json", path}, {"scrub", "-v", "--names", "keep", path, "-o", filepath.Join(out, "s")}}
		if strings.Contains(path, "/logs/") {
			runs = append(runs, []string{"convert", "-v", path, "-o", filepath.Join(out, "t") + "/"})
		}
		for _, args := range runs {
			var b bytes.Buffer
			run(context.Background(), args, streams{strings.NewReader(""), &b, &b})
			// What the user typed comes back; it is not the file that tells it.
			text := strings.NewReplacer(path, "", out, "", filepath.Base(path), "", strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), "").Replace(b.String())
			said += len(text)
			for _, v := range secrets {
				if strings.Contains(text, v) {
					at := strings.Index(text, v)
					t.Errorf("file %d (%s), %s: a message tells %q: …%.200s", i, path, args[0], v, text[max(0, at-60):])
					break
				}
			}
		}
	}
	if said < 10_000 || known < 500 {
		t.Fatalf("%d bytes said, %d values known: this proves nothing", said, known)
	}
	// positive control: with --show-values they are told
	var b bytes.Buffer
	photo := filepath.Join(dir, "media", "jpg", "dji-fc220-mavicpro.jpg")
	run(context.Background(), []string{"inspect", "--show-values", "-v", photo}, streams{strings.NewReader(""), &b, &b})
	if s := secretsOf(t, photo, ""); len(s) > 0 && !slices.ContainsFunc(s, func(v string) bool { return strings.Contains(b.String(), v) }) {
		t.Error("not even --show-values tells a value: the search is broken")
	}
}
