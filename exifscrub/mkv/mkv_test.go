package mkv_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/mkv"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/corpus"
	"flightveil/internal/privacy"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, mkv.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, mkv.Format{}, "testdata") }

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestCorpus cleans real files.
func TestCorpus(t *testing.T) {
	for _, path := range corpus.Files(t, "media/video") {
		if ext := filepath.Ext(path); ext != ".mkv" && ext != ".webm" {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			scrubtest.Real(t, mkv.Format{}, path, "Info")
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), mkv.Format{}, bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			clean := scrubtest.Scrub(t, mkv.Format{}, b, "public")
			var coded int64
			for _, s := range plan.Coded {
				if coded += s.Len; !bytes.Equal(b[s.Off:s.End()], clean[s.Off:s.End()]) {
					t.Errorf("coded data at %d changed", s.Off)
				}
			}
			if coded < int64(len(b))*9/10 {
				t.Errorf("%d of %d bytes are said to be coded", coded, len(b))
			}
		})
	}
}

// TestDamagedCorpus damages real files.
func TestDamagedCorpus(t *testing.T) {
	for _, path := range corpus.Files(t, "media/video") {
		if filepath.Ext(path) == ".mkv" {
			t.Run(filepath.Base(path), func(t *testing.T) { scrubtest.Mutations(t, mkv.Format{}, path, 30) })
		}
	}
}

// TestSizeStays checks that no edit changes the size of a file, so that what
// leads to a place in it stays right.
func TestSizeStays(t *testing.T) {
	files, err := filepath.Glob("testdata/*.mkv")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if name = filepath.Base(name); strings.HasPrefix(name, "damaged") {
			continue
		}
		b := sample(t, name)
		for _, profile := range []string{"public", "area", "mapping"} {
			if got := scrubtest.Scrub(t, mkv.Format{}, b, profile); len(got) != len(b) {
				t.Errorf("%s: %s: %d bytes became %d", name, profile, len(b), len(got))
			}
		}
	}
}

// TestStripSEI removes what an encoder says of itself in every picture; the
// slices stay.
func TestStripSEI(t *testing.T) {
	for _, name := range []string{"rich.mkv", "checksums.mkv"} {
		b := sample(t, name)
		job := scrubtest.Job(t, "everything")
		job.Policy.Rules = maps.Clone(job.Policy.Rules)
		job.Policy.Rules[privacy.Stream] = privacy.Remove
		plan, err := exifscrub.Scan(t.Context(), job, mkv.Format{}, bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := exifscrub.Apply(&out, bytes.NewReader(b), plan.Edits()); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(out.Bytes(), []byte("x264")) || bytes.Count(out.Bytes(), []byte{0x42, 0x99}) != bytes.Count(b, []byte{0x42, 0x99}) || out.Len() != len(b) {
			t.Errorf("%s: settings stay, or a slice changed", name)
		}
		again, err := exifscrub.Scan(t.Context(), job, mkv.Format{}, bytes.NewReader(out.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if clean, err := again.Clean(); !clean || err != nil {
			t.Errorf("%s: wants another edit, %v", name, err)
		}
	}
}
