package jp2_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/jp2"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/corpus"
	"flightveil/internal/input"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, jp2.Format{}, "testdata") }
func FuzzScrub(f *testing.F)       { scrubtest.Fuzz(f, jp2.Format{}, "testdata") }

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestNothingMoves: but for what follows the last box, a cleaned file has its
// old size, every box its place and size, and every marker segment as well.
func TestNothingMoves(t *testing.T) {
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "damaged") || strings.HasSuffix(e.Name(), ".golden") || e.IsDir() {
			continue
		}
		before := sample(t, e.Name())
		for _, profile := range []string{"public", "area", "mapping"} {
			after := scrubtest.Scrub(t, jp2.Format{}, before, profile)
			if len(after) != len(before) && e.Name() != "rich.jp2" {
				t.Errorf("%s, %s: %d bytes became %d", e.Name(), profile, len(before), len(after))
			}
			if b, a := sizes(before), sizes(after); !slices.Equal(b[:len(a)], a) {
				t.Errorf("%s, %s: boxes of %v bytes became %v", e.Name(), profile, b, a)
			}
		}
	}
}

// sizes returns the sizes of the boxes at the top of a file.
func sizes(b []byte) (out []int) {
	for len(b) >= 8 && !bytes.HasPrefix(b, []byte("\xFF\x4F")) {
		n := int(binary.BigEndian.Uint32(b))
		if n == 1 {
			n = int(binary.BigEndian.Uint64(b[8:]))
		}
		if n < 8 || n > len(b) {
			break
		}
		out = append(out, n)
		b = b[n:]
	}
	return out
}

// TestCodestream: a cleaned codestream is the same but for the text of its
// comments and for the segment nobody knows, which becomes a comment.
func TestCodestream(t *testing.T) {
	in := sample(t, "plain.j2k")
	want := bytes.Clone(in)
	overwrite := func(text string, fill byte) {
		for i := bytes.Index(want, []byte(text)); i >= 0; i = bytes.Index(want, []byte(text)) {
			copy(want[i:], bytes.Repeat([]byte{fill}, len(text)))
		}
	}
	overwrite(scrubtest.Person, ' ')
	overwrite(scrubtest.Text, ' ')
	overwrite(scrubtest.Serial, 0)
	copy(want[bytes.Index(want, []byte{0xFF, 0x4A}):], []byte{0xFF, 0x64})
	if got := scrubtest.Scrub(t, jp2.Format{}, in, "public"); !bytes.Equal(got, want) {
		t.Errorf("got  % x\nwant % x", got, want)
	}
	// The same codestream inside a box.
	file := scrubtest.Scrub(t, jp2.Format{}, sample(t, "long.jp2"), "public")
	if !bytes.HasSuffix(file, want) {
		t.Error("the codestream in a box came out otherwise")
	}
}

// TestFragments: a codestream in pieces comes out as the one in one piece, and
// what lies between the pieces is blank.
func TestFragments(t *testing.T) {
	whole := scrubtest.Scrub(t, jp2.Format{}, sample(t, "plain.j2k"), "public")
	got := scrubtest.Scrub(t, jp2.Format{}, sample(t, "fragments.jpx"), "public")
	half := len(whole) / 2
	blank := make([]byte, len(scrubtest.Person))
	if want := slices.Concat(blank, whole[:half], blank, whole[half:], blank); !bytes.HasSuffix(got, want) {
		t.Errorf("got  % x\nwant % x", got[len(got)-len(want):], want)
	}
}

// TestGeoreference: for survey work the GML stays, without the person named in it.
func TestGeoreference(t *testing.T) {
	in := sample(t, "georeference.jpx")
	want := bytes.Replace(in, []byte(scrubtest.Person), bytes.Repeat([]byte(" "), len(scrubtest.Person)), 1)
	if got := scrubtest.Scrub(t, jp2.Format{}, in, "mapping"); !bytes.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	got := scrubtest.Scrub(t, jp2.Format{}, in, "public")
	if bytes.Contains(got, []byte("asoc")) || bytes.Contains(got, []byte("gml")) {
		t.Error("an association without anything to associate stays")
	}
}

// TestRights: the image header no longer announces a box that is gone.
func TestRights(t *testing.T) {
	in := sample(t, "rich.jp2")
	at := bytes.Index(in, []byte("ihdr")) + 4 + 13
	if in[at] != 1 {
		t.Fatal("the sample announces no rights")
	}
	if got := scrubtest.Scrub(t, jp2.Format{}, in, "public"); got[at] != 0 {
		t.Error("rights are still announced")
	}
}

// TestRefused: a file of which a part cannot be looked into is not written.
func TestRefused(t *testing.T) {
	for _, name := range []string{"damaged-picture.jp2", "damaged-other.jpx", "damaged-header.jp2", "damaged-inside.jp2", "damaged-lengths.j2k"} {
		_, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), jp2.Format{}, bytes.NewReader(sample(t, name)))
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		if refused := errors.Is(err, exifscrub.ErrRefused); refused != (name == "damaged-picture.jp2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMovies: Motion JPEG 2000 begins as JP2 does, but its pictures lie in
// tracks.
func TestMovies(t *testing.T) {
	b := bytes.Replace(sample(t, "minimal.jp2"), []byte("ftypjp2 "), []byte("ftypmjp2"), 1)
	p, err := input.NewProbe("", bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if m := (jp2.Format{}).Detect(p); m != input.No {
		t.Errorf("detected as %v", m)
	}
}

// TestCoded: only large runs are told, and they hold no header.
func TestCoded(t *testing.T) {
	b := sample(t, "large.j2k")
	plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), jp2.Format{}, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Coded) != 1 || plan.Coded[0].End() != int64(len(b)-2) || string(b[plan.Coded[0].Off-2:plan.Coded[0].Off]) != "\xFF\x93" {
		t.Errorf("coded data at %v", plan.Coded)
	}
}

func TestLimits(t *testing.T) {
	for name, lim := range map[string]input.Limits{"rich.jp2": {Items: 8}, "plain.j2k": {Items: 2}, "pages.jpm": {Depth: 2}} {
		var last error
		for _, err := range (jp2.Format{}).Walk(t.Context(), bytes.NewReader(sample(t, name)), lim) {
			last = err
		}
		if !errors.Is(last, input.ErrLimit) {
			t.Errorf("%s: %+v not enforced: %v", name, lim, last)
		}
	}
}

// TestCorpus: real files come clean.
func TestCorpus(t *testing.T) {
	for _, path := range corpus.Files(t, "media/other") {
		if strings.HasPrefix(filepath.Ext(path), ".j") {
			t.Run(filepath.Base(path), func(t *testing.T) { scrubtest.Real(t, jp2.Format{}, path, "XML", "IFD0") })
		}
	}
}
