package avi_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/avi"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/corpus"
	"flightveil/internal/privacy"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, avi.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, avi.Format{}, "testdata") }

// outline lists the chunks of a file, with where they lie; JUNK only by its place.
func outline(t *testing.T, b []byte) (chunks []string) {
	t.Helper()
	for off := 0; off+8 <= len(b); {
		name, size := string(b[off:off+4]), int(binary.LittleEndian.Uint32(b[off+4:]))
		if name == "LIST" || name == "RIFF" {
			chunks = append(chunks, name+string(b[off+8:off+12]))
			off += 12
			continue
		}
		if size > len(b)-off-8 {
			t.Fatalf("chunk at %d leaves the file", off)
		}
		chunks = append(chunks, name)
		if name == "JUNK" && len(bytes.Trim(b[off+8:off+8+size], "\x00")) > 0 {
			t.Errorf("JUNK at %d is not empty", off)
		}
		off += 8 + size + size&1
	}
	return chunks
}

// TestWhatStays checks that frames, sound, headers and indexes lie where they
// did, and that everything else is empty JUNK, under public.
func TestWhatStays(t *testing.T) {
	kept := map[string]bool{"avih": true, "strh": true, "strf": true, "indx": true, "dmlh": true, "00dc": true, "01wb": true, "02tx": true, "ix00": true, "idx1": true, "JUNK": true, "_PMX": true}
	for _, name := range []string{"minimal.avi", "rich.avi", "opendml.avi", "records.avi"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		clean := scrubtest.Scrub(t, avi.Format{}, b, "public")
		if len(clean) != len(b) {
			t.Fatalf("%s: %d bytes became %d", name, len(b), len(clean))
		}
		for _, c := range outline(t, clean) {
			if !kept[c] && !strings.HasPrefix(c, "LIST") && !strings.HasPrefix(c, "RIFF") {
				t.Errorf("%s: %s is still there", name, c)
			}
		}
		for _, mark := range []string{"AVI1aaaa", "AVI1bbbb", "sound"} {
			if bytes.Index(b, []byte(mark)) != bytes.Index(clean, []byte(mark)) {
				t.Errorf("%s: %s moved", name, mark)
			}
		}
		if i := bytes.Index(clean, []byte("02tx")); i > 0 && len(bytes.Trim(clean[i+8:i+40], "\x00")) > 0 {
			t.Errorf("%s: captions are still there", name)
		}
	}
}

// TestCaptions checks that a text stream with positions is told as such.
func TestCaptions(t *testing.T) {
	b, err := os.ReadFile("testdata/rich.avi")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), avi.Format{}, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range plan.Findings {
		if j.Path == "Stream02/GPS" && j.Class == privacy.Location && j.Count == 2 && j.Where.Distance(*j.Where) == 0 && j.Where.Lat < -41.38 {
			return
		}
	}
	t.Error("the positions were not found")
}

// TestCorpus cleans real files.
func TestCorpus(t *testing.T) {
	for _, path := range corpus.Files(t, "media/video") {
		if filepath.Ext(path) == ".avi" {
			t.Run(filepath.Base(path), func(t *testing.T) { scrubtest.Real(t, avi.Format{}, path, "RIFF") })
		}
	}
}

// TestDamagedCorpus damages a real file.
func TestDamagedCorpus(t *testing.T) {
	for _, path := range corpus.Files(t, "media/video") {
		if filepath.Base(path) == "riff.avi" {
			scrubtest.Mutations(t, avi.Format{}, path, 200)
		}
	}
}

// TestHole checks that frames behind a hole stay, and that what is left of one
// that lost its head goes.
func TestHole(t *testing.T) {
	for name, left := range map[string][]string{"hole.avi": {"AVI1aaaa", "AVI1bbbb"}, "hole-in-frame.avi": {"sound", "AVI1bbbb"}} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		clean := scrubtest.Scrub(t, avi.Format{}, b, "public")
		for _, s := range left {
			if i := bytes.Index(b, []byte(s)); i < 0 || i != bytes.Index(clean, []byte(s)) {
				t.Errorf("%s: %s is gone", name, s)
			}
		}
		if name == "hole-in-frame.avi" && bytes.Contains(clean, []byte("aaaa")) {
			t.Errorf("%s: the rest of a frame is still there", name)
		}
	}
}
