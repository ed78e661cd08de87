package mp4_test

import (
	"os"
	"path/filepath"
	"testing"

	"flightveil/exifscrub/mp4"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/corpus"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, mp4.Format{}, "testdata") }
func FuzzScrub(f *testing.F)       { scrubtest.Fuzz(f, mp4.Format{}, "testdata") }

// videos returns the videos of the corpus that are MP4 or QuickTime files.
func videos(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, name := range corpus.Files(t, "media/video") {
		switch filepath.Ext(name) {
		case ".mp4", ".mov", ".3gp":
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		t.Fatal("no videos in the corpus")
	}
	return out
}

// TestCorpus: real videos come clean, and what other programs list is found.
func TestCorpus(t *testing.T) {
	for _, name := range videos(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			scrubtest.Real(t, mp4.Format{}, name, "QuickTime", "UserData", "Keys", "ItemList", "GoPro", "Track1", "Track2", "Track3", "Track4", "Track5")
		})
	}
}

// TestHostile: files made to break readers are refused or cleaned, quickly.
func TestHostile(t *testing.T) {
	for _, name := range corpus.Files(t, "media/hostile") {
		if filepath.Ext(name) != ".mp4" {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		scrubtest.Check(t, mp4.Format{}, b, true)
	}
}
