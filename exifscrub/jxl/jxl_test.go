package jxl_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"flightveil/exifscrub/jxl"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/corpus"

	"github.com/andybalholm/brotli"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, jxl.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, jxl.Format{}, "testdata") }

// boxes returns the boxes of a file by their type: "Exif", or "brob:Exif".
func boxes(t *testing.T, b []byte) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for len(b) >= 8 {
		n, head := int(binary.BigEndian.Uint32(b)), 8
		switch n {
		case 0:
			n = len(b)
		case 1:
			n, head = int(binary.BigEndian.Uint64(b[8:])), 16
		}
		kind, body := string(b[4:8]), b[head:n]
		if kind == "brob" {
			plain, err := io.ReadAll(brotli.NewReader(bytes.NewReader(body[4:])))
			if err != nil {
				t.Fatalf("box %s cannot be inflated: %v", body[:4], err)
			}
			kind, body = "brob:"+string(body[:4]), plain
		}
		out[kind] = body
		b = b[n:]
	}
	return out
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSameSize checks that no edit moves a byte and that the picture is that of before.
func TestSameSize(t *testing.T) {
	names, err := filepath.Glob("testdata/*.jxl")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if strings.Contains(name, "damaged") || strings.HasSuffix(name, "plain.jxl") {
			continue
		}
		before := sample(t, filepath.Base(name))
		for _, profile := range []string{"public", "area", "mapping"} {
			after := scrubtest.Scrub(t, jxl.Format{}, before, profile)
			if len(after) != len(before) {
				t.Errorf("%s: %s: %d bytes became %d", name, profile, len(before), len(after))
			}
			for _, kind := range []string{"jxlc", "jxlp"} {
				if i := bytes.Index(before, []byte(kind)); i > 0 {
					n := min(int(binary.BigEndian.Uint32(before[i-4:])), len(before)-i+4)
					if !bytes.Equal(before[i-4:i-4+n], after[i-4:i-4+n]) {
						t.Errorf("%s: %s: %s changed", name, profile, kind)
					}
				}
			}
		}
	}
}

// TestPacked checks that compressed blocks are cleaned, not only dropped: what
// the profile keeps is there and can be inflated by any reader.
func TestPacked(t *testing.T) {
	for profile, want := range map[string]struct{ exif, xmp []string }{
		"public":  {[]string{"\x00\x00\x00\x06Exif\x00\x00II*\x00"}, []string{"equirectangular"}},
		"area":    {[]string{"Heron One", "2031:07:19 00:00:00"}, []string{"-41.38"}},
		"mapping": {[]string{"Heron One", scrubtest.When}, []string{"-41.38751250", "-132.45183750", scrubtest.Place}},
	} {
		got := boxes(t, scrubtest.Scrub(t, jxl.Format{}, sample(t, "packed.jxl"), profile))
		for _, s := range want.exif {
			if !bytes.Contains(got["brob:Exif"], []byte(s)) {
				t.Errorf("%s: the Exif block lacks %q", profile, s)
			}
		}
		for _, s := range want.xmp {
			if !bytes.Contains(got["brob:xml "], []byte(s)) {
				t.Errorf("%s: the XMP packet lacks %q", profile, s)
			}
		}
		for kind, body := range got {
			for _, s := range []string{scrubtest.Serial, scrubtest.Person} {
				if bytes.Contains(body, []byte(s)) {
					t.Errorf("%s: %s holds a canary", profile, kind)
				}
			}
		}
		if _, ok := got["brob:jumb"]; ok {
			t.Errorf("%s: the manifest is still there", profile)
		}
	}
}

// TestRestoring checks that metadata of a file which restores a JPEG keeps its
// place and size even if nothing of it stays: its length is part of the JPEG.
func TestRestoring(t *testing.T) {
	before := boxes(t, sample(t, "restoring-person.jxl"))
	after := boxes(t, scrubtest.Scrub(t, jxl.Format{}, sample(t, "restoring-person.jxl"), "public"))
	for _, kind := range []string{"xml ", "brob:xml "} {
		if len(after[kind]) != len(before[kind]) || !bytes.HasPrefix(after[kind], []byte("<x:xmpmeta")) {
			t.Errorf("%s: %d bytes became %d", kind, len(before[kind]), len(after[kind]))
		}
	}
}

// TestBomb checks that what inflates to more than is allowed goes as a whole.
func TestBomb(t *testing.T) {
	var bomb bytes.Buffer
	w := brotli.NewWriterLevel(&bomb, 5)
	for range 64 {
		w.Write(make([]byte, 1<<20))
	}
	w.Close()
	file := bytes.Clone(sample(t, "minimal.jxl"))
	file = binary.BigEndian.AppendUint32(file, uint32(12+bomb.Len()))
	file = append(append(file, "brobxml "...), bomb.Bytes()...)
	got := boxes(t, scrubtest.Scrub(t, jxl.Format{}, file, "public"))
	if _, ok := got["brob:xml "]; ok || len(got["free"]) == 0 {
		t.Error("the box is still there")
	}
	scrubtest.Check(t, jxl.Format{}, file, false)
}

// TestReconstruction checks that data which restores a JPEG stays only if it
// repeats nothing of it but what decoding needs.
func TestReconstruction(t *testing.T) {
	for name, stays := range map[string]bool{"restoring-clean.jxl": true, "restoring.jxl": false, "broken-restoring.jxl": false} {
		before := boxes(t, sample(t, name))["jbrd"]
		after, ok := boxes(t, scrubtest.Scrub(t, jxl.Format{}, sample(t, name), "public"))["jbrd"]
		if ok != stays || stays && !bytes.Equal(before, after) {
			t.Errorf("%s: there %v, want %v", name, ok, stays)
		}
	}
}

func TestCorpus(t *testing.T) {
	for _, name := range corpus.Files(t, "media/jxl") {
		t.Run(path.Base(name), func(t *testing.T) {
			scrubtest.Real(t, jxl.Format{}, name, "IFD0", "ExifIFD", "GPS")
			scrubtest.Mutations(t, jxl.Format{}, name, 25)
		})
	}
}
