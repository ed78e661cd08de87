package main

import (
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

// notListed are tags that exiftool lists and inspect does not, each with the
// reason. Keys are GROUP:Tag, or Tag for every group.
var notListed = map[string]string{}

// TestInspectFindsWhatExiftoolFinds compares inspect with an independent
// reader: every tag of a place or a person that exiftool lists in a real file
// is among our findings, by name or by value.
func TestInspectFindsWhatExiftoolFinds(t *testing.T) {
	dir := corpus.Dir(t)
	everything, err := privacy.LoadProfile("everything", nil)
	if err != nil {
		t.Fatal(err)
	}
	r := newRunner(everything, 2)
	for _, folder := range []string{"jpg", "png", "gif", "webp", "tiff", "raw", "other", "sidecar"} {
		sources, closer := pipeline.Gather([]string{filepath.Join(dir, "media", folder)})
		defer closer.Close()
		for o := range r.Inspect(t.Context(), sources) {
			name := folder + "/" + filepath.Base(o.Source.Label)
			var truth struct {
				Sensitive []struct {
					Category, Tag string
					Values        []string
				}
			}
			b, err := os.ReadFile(filepath.Join(dir, "truth", "media", name+".json"))
			if err != nil {
				continue // no answer
			}
			if err := json.Unmarshal(b, &truth); err != nil {
				t.Fatal(err)
			}
			if o.Err != nil {
				if !laterFormat(name) {
					t.Errorf("%s: %v", name, o.Err)
				}
				continue
			}
			tags, values := listed(o)
			for _, s := range truth.Sensitive {
				_, tag, _ := strings.Cut(s.Tag, ":")
				if s.Category == "time" || notListed[s.Tag] != "" || notListed[tag] != "" {
					continue
				}
				byName := slices.ContainsFunc(tags, func(have string) bool { return strings.HasSuffix(have, plain(tag)) })
				byValue := slices.ContainsFunc(s.Values, func(v string) bool { return len(plain(v)) > 3 && strings.Contains(values, plain(v)) })
				if !byName && !byValue {
					t.Errorf("%s: %s is not listed", name, s.Tag)
				}
			}
		}
	}
}

// laterFormat names files of formats that are not read yet.
func laterFormat(name string) bool {
	return slices.Contains([]string{".cr3", ".srt", ".raw"}, strings.ToLower(filepath.Ext(name)))
}

// listed returns the tags of o with their structures, "locationcreatedcity",
// and the text of all values.
func listed(o pipeline.Outcome) (tags []string, values string) {
	var text strings.Builder
	for _, j := range o.Findings {
		tags = append(tags, plain(withoutPrefixes(j.Path)))
		text.WriteString(plain(j.Value.Reveal()) + "\n")
	}
	return tags, text.String()
}

// withoutPrefixes drops the namespace prefix of each element of a path.
func withoutPrefixes(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		parts[i] = p[strings.LastIndexByte(p, ':')+1:]
	}
	return strings.Join(parts, "")
}

// plain keeps letters and digits, in lower case.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 0x80:
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, s)
}
