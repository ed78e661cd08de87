package webp_test

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/scrubtest"
	"flightveil/exifscrub/webp"
	"flightveil/internal/corpus"
	"flightveil/internal/privacy"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, webp.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, webp.Format{}, "testdata") }

type chunk struct{ name, data string }

// chunks takes a well-formed run of chunks apart.
func chunks(t *testing.T, s string) (out []chunk) {
	t.Helper()
	for len(s) >= 8 {
		n := int(binary.LittleEndian.Uint32([]byte(s[4:])))
		if n+n&1 > len(s)-8 {
			t.Fatal("a chunk does not fit")
		}
		if n&1 == 1 && s[8+n] != 0 {
			t.Error("padding is not zero")
		}
		out = append(out, chunk{s[:4], s[8 : 8+n]})
		s = s[8+n+n&1:]
	}
	if s != "" {
		t.Errorf("%d bytes after the last chunk", len(s))
	}
	return out
}

// file takes a well-formed file apart.
func file(t *testing.T, b []byte) []chunk {
	t.Helper()
	if n := int(binary.LittleEndian.Uint32(b[4:])); n != len(b)-8 || n&1 == 1 {
		t.Errorf("the header states %d bytes, there are %d", n, len(b)-8)
	}
	return chunks(t, string(b[12:]))
}

func names(cs []chunk) string {
	var out []string
	for _, c := range cs {
		out = append(out, strings.TrimSpace(c.name))
	}
	return strings.Join(out, " ")
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestWhatStays checks the chunks and the flags of clean files. Exif stays
// where it holds exposure and orientation, XMP where it holds a projection.
func TestWhatStays(t *testing.T) {
	for _, tc := range []struct {
		file, want string
		flags      byte
	}{
		{"minimal.webp", "VP8L", 0},
		{"extended.webp", "VP8X ICCP VP8L EXIF XMP", 0x2C},
		{"animated.webp", "VP8X ANIM ANMF ANMF XMP EXIF", 0x0E},
		{"simple-exif.webp", "VP8L EXIF", 0},
		{"prefix.webp", "VP8X VP8L Exif", 0x08},
		{"vendor.webp", "VP8X VP8L", 0},
		{"padding.webp", "VP8X VP8L", 0},
		{"no-flags.webp", "VP8X VP8L EXIF XMP", 0},
		{"after-riff.webp", "VP8X VP8L", 0},
		{"after-riff-2.webp", "VP8L", 0},
		{"after-riff-3.webp", "VP8L", 0},
	} {
		got := file(t, scrubtest.Scrub(t, webp.Format{}, sample(t, tc.file), "public"))
		if names(got) != tc.want {
			t.Errorf("%s: got %s, want %s", tc.file, names(got), tc.want)
		}
		if got[0].name == "VP8X" && got[0].data[0] != tc.flags {
			t.Errorf("%s: flags %#x, want %#x", tc.file, got[0].data[0], tc.flags)
		}
	}
}

// TestNothingKept removes every chunk of metadata: their flags go with them.
func TestNothingKept(t *testing.T) {
	for _, tc := range []struct {
		file, want string
		flags      byte
	}{
		{"extended.webp", "VP8X ICCP VP8L EXIF XMP", 0x2C}, // technical fields stay under any policy
		{"vendor.webp", "VP8X VP8L", 0},
		{"animated.webp", "VP8X ANIM ANMF ANMF XMP EXIF", 0x0E},
	} {
		job := scrubtest.Job(t, "public")
		job.Policy = privacy.Policy{}
		b := sample(t, tc.file)
		plan, err := exifscrub.Scan(t.Context(), job, webp.Format{}, bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := exifscrub.Apply(&out, bytes.NewReader(b), plan.Edits()); err != nil {
			t.Fatal(err)
		}
		if got := file(t, out.Bytes()); names(got) != tc.want || got[0].data[0] != tc.flags {
			t.Errorf("%s: got %s with flags %#x", tc.file, names(got), got[0].data[0])
		}
	}
}

// TestFrames checks that a frame loses what is no picture, and its size follows.
func TestFrames(t *testing.T) {
	before := sample(t, "animated.webp")
	var frames int
	for _, c := range file(t, scrubtest.Scrub(t, webp.Format{}, before, "public")) {
		if c.name == "ANMF" {
			frames++
			sub := chunks(t, c.data[16:])
			if names(sub) != "VP8L" || !bytes.Contains(before, []byte(sub[0].data)) {
				t.Errorf("frame %d: got %s", frames, names(sub))
			}
		}
	}
	if frames != 2 {
		t.Errorf("%d frames", frames)
	}
}

// picture returns the chunks that a decoder of pictures reads, in order.
func picture(t *testing.T, b []byte) (out []chunk) {
	end := 8 + int(binary.LittleEndian.Uint32(b[4:]))
	for _, c := range chunks(t, string(b[12:min(end, len(b))])) {
		switch c.name {
		case "VP8 ", "VP8L", "ALPH", "ANIM":
			out = append(out, c)
		case "ANMF":
			out = append(out, chunk{"ANMF", c.data[:16]})
			out = append(out, slices.DeleteFunc(chunks(t, c.data[16:]), func(c chunk) bool { return c.name != "VP8 " && c.name != "VP8L" && c.name != "ALPH" })...)
		}
	}
	return out
}

func TestPicture(t *testing.T) {
	files, err := filepath.Glob("testdata/*.webp")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if name = filepath.Base(name); strings.HasPrefix(name, "damaged") || name == "padding.webp" {
			continue
		}
		b := sample(t, name)
		for _, profile := range []string{"public", "area", "mapping"} {
			if !slices.Equal(picture(t, b), picture(t, scrubtest.Scrub(t, webp.Format{}, b, profile))) {
				t.Errorf("%s: %s: coded data changed", name, profile)
			}
		}
	}
}

// TestResize checks what surrounds a child whose size changes, whatever its
// format does.
func TestResize(t *testing.T) {
	b := sample(t, "extended.webp")
	for _, n := range []int{-3, -2, -1, 1, 2, 3} {
		var decisions []exifscrub.Decision
		var inner exifscrub.Edit
		for item, err := range (webp.Format{}).Walk(t.Context(), bytes.NewReader(b), exifscrub.Limits{}) {
			if err != nil {
				t.Fatal(err)
			}
			d := exifscrub.Decision{Item: item, Action: privacy.Keep}
			if item.Child != nil {
				s := item.Child.Spans[0]
				if d.NewLen = s.Len; item.Child.Path == "XMP" {
					d.NewLen += int64(n)
					e := exifscrub.Edit{Off: 5, Len: 10, With: bytes.Repeat([]byte("x"), 10+n)}
					d.Inner = []exifscrub.Edit{e}
					inner, inner.Off = e, e.Off+s.Off
				}
			}
			decisions = append(decisions, d)
		}
		edits := []exifscrub.Edit{inner}
		for e, err := range (webp.Format{}).Edits(t.Context(), bytes.NewReader(b), decisions, exifscrub.Limits{}) {
			if err != nil {
				t.Fatal(err)
			}
			edits = append(edits, e)
		}
		slices.SortFunc(edits, func(a, b exifscrub.Edit) int { return cmp.Compare(a.Off, b.Off) })
		var out bytes.Buffer
		if err := exifscrub.Apply(&out, bytes.NewReader(b), exifscrub.Seq(edits)); err != nil {
			t.Fatal(err)
		}
		if got := file(t, out.Bytes()); names(got) != "VP8X ICCP VP8L EXIF XMP" || len(got[4].data) != len(file(t, b)[4].data)+n {
			t.Errorf("%+d: %s, %d bytes of XMP", n, names(got), len(got[4].data))
		}
	}
}

// TestSwallowed checks that a wrong size does not make Exif look like coded data.
func TestSwallowed(t *testing.T) {
	for _, name := range []string{"damaged-swallowed.webp", "damaged-long-picture.webp"} {
		if _, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), webp.Format{}, bytes.NewReader(sample(t, name))); err == nil {
			t.Errorf("%s accepted", name)
		}
	}
}

// TestCorpus cleans real files.
func TestCorpus(t *testing.T) {
	for _, path := range corpus.Files(t, "media/webp") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			scrubtest.Real(t, webp.Format{}, path, "IFD0", "ExifIFD", "GPS")
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, profile := range []string{"public", "area", "mapping"} {
				clean := scrubtest.Scrub(t, webp.Format{}, b, profile)
				if !slices.Equal(picture(t, b), picture(t, clean)) {
					t.Errorf("%s: coded data changed", profile)
				}
				file(t, clean)
			}
		})
	}
}

// TestDamagedCorpus damages real files, and those that made other programs fail.
func TestDamagedCorpus(t *testing.T) {
	for _, path := range slices.Concat(corpus.Files(t, "media/webp"), corpus.Files(t, "media/hostile")) {
		if info, err := os.Stat(path); err != nil || info.Size() > 100_000 || filepath.Ext(path) != ".webp" {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) { scrubtest.Mutations(t, webp.Format{}, path, 200) })
	}
}

// TestUncountedPadding ends a file with an odd chunk whose padding the header
// does not count: a byte that would stay behind when the chunk goes.
func TestUncountedPadding(t *testing.T) {
	for _, last := range []string{"EXIF", "XMP ", "ABCD", "ICCP"} {
		b := append(sample(t, "minimal.webp"), last+"\x03\x00\x00\x00abc"...)
		binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
		scrubtest.Check(t, webp.Format{}, append(b, 0), false)
	}
}
