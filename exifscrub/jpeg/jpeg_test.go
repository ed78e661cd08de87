package jpeg_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"image/jpeg"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"flightveil/exifscrub"
	format "flightveil/exifscrub/jpeg"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/corpus"
	"flightveil/internal/privacy"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, format.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, format.Format{}, "testdata") }

// A segment is a metadata segment as a reader that knows nothing else sees it.
type segment struct {
	marker byte
	data   []byte
}

// take follows the markers of the first picture in b. It returns its metadata
// segments, the digest of everything else and its length, or ok false where
// the markers do not follow one another.
func take(b []byte) (segs []segment, coded string, n int, ok bool) {
	h := sha256.New()
	sum := func() string { return hex.EncodeToString(h.Sum(nil)) }
	for i := 2; i+1 < len(b); {
		m := b[i+1]
		switch {
		case b[i] != 0xFF:
			return segs, sum(), i, false
		case m == 0xFF:
			i++
			continue
		case m == 0xD9:
			h.Write(b[i : i+2])
			return segs, sum(), i + 2, true
		case i+4 > len(b):
			return segs, sum(), i, false
		}
		end := min(i+2+int(binary.BigEndian.Uint16(b[i+2:])), len(b))
		if m >= 0xE0 && m <= 0xEF || m == 0xFE {
			segs = append(segs, segment{m, b[i+4 : end]})
		} else {
			h.Write(b[i:end])
		}
		if i = end; m != 0xDA {
			continue
		}
		for i+1 < len(b) && (b[i] != 0xFF || b[i+1] == 0 || b[i+1] >= 0xD0 && b[i+1] <= 0xD7) {
			i++
		}
		h.Write(b[end:i])
	}
	return segs, sum(), len(b), false
}

// TestPictureStays checks that every sample shows the same picture afterwards.
func TestPictureStays(t *testing.T) {
	files, err := filepath.Glob("testdata/*.jpg")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(filepath.Base(name), "damaged") {
			continue
		}
		for _, profile := range []string{"public", "area", "mapping"} {
			out := scrubtest.Scrub(t, format.Format{}, b, profile)
			_, before, _, _ := take(b)
			if _, after, _, _ := take(out); before != after {
				t.Errorf("%s, %s: coded data changed", name, profile)
			}
			if filepath.Base(name) != "no-eoi.jpg" {
				samePixels(t, b, out)
			}
		}
	}
}

func samePixels(t *testing.T, before, after []byte) {
	t.Helper()
	a, err := jpeg.Decode(bytes.NewReader(before))
	if err != nil {
		t.Fatalf("the sample cannot be decoded: %v", err)
	}
	b, err := jpeg.Decode(bytes.NewReader(after))
	if err != nil {
		t.Fatalf("the cleaned picture cannot be decoded: %v", err)
	}
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if a.At(x, y) != b.At(x, y) {
				t.Fatalf("pixel %d,%d changed", x, y)
			}
		}
	}
}

// answers is what other programs say about a real file.
type answers struct {
	Kind      string
	Sensitive []struct{ Category, Tag string }
	Needles   []struct{ Tag, Hex string }
	Lossless  struct {
		Scan string `json:"jpeg_scan_sha256"`
	}
}

func truth(t *testing.T, file string) (a answers) {
	t.Helper()
	rel, err := filepath.Rel(filepath.Join(corpus.Dir(t), "media"), file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(corpus.Dir(t), "truth", "media", rel+".json"))
	if err == nil {
		err = json.Unmarshal(b, &a)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestCorpus checks real pictures: what tells a place or a person is found,
// nothing of it is left, coded and thermal data stay as they are.
func TestCorpus(t *testing.T) {
	for _, file := range corpus.Files(t, "media/jpg") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := truth(t, file)
			plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), format.Format{}, bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			checkFound(t, plan, want)
			var buf bytes.Buffer
			if err := exifscrub.Apply(&buf, bytes.NewReader(b), plan.Edits()); err != nil {
				t.Fatal(err)
			}
			out := buf.Bytes()
			for _, n := range want.Needles {
				raw, err := hex.DecodeString(n.Hex)
				if err != nil {
					t.Fatal(err)
				}
				if bytes.Contains(out, raw) {
					t.Errorf("%s is still there", n.Tag)
				}
			}
			before, _, _, _ := take(b)
			after, coded, _, ok := take(out)
			if want.Lossless.Scan != "irregular" && (!ok || coded != want.Lossless.Scan) {
				t.Error("coded data changed")
			}
			if strings.Contains(want.Kind, "thermal") && thermal(before) != thermal(after) {
				t.Errorf("%d bytes of thermal data, were %d", thermal(after), thermal(before))
			}
		})
	}
}

// checkFound looks for each tag of want among the findings. The fields of XMP
// structures have more than one name and are tested with XMP.
func checkFound(t *testing.T, plan *exifscrub.Plan, want answers) {
	t.Helper()
	found := map[string]bool{}
	for _, j := range plan.Findings {
		name := path.Base(j.Path)
		found[strings.ToLower(name[strings.LastIndexByte(name, ':')+1:])] = true
	}
	for _, s := range want.Sensitive {
		group, name, _ := strings.Cut(s.Tag, ":")
		if !strings.HasPrefix(group, "XMP") && s.Category != "time" && !found[strings.ToLower(name)] {
			t.Errorf("%s was not found", s.Tag)
		}
	}
}

func thermal(segs []segment) (n int) {
	for _, s := range segs {
		if s.marker >= 0xE3 && s.marker <= 0xE5 || bytes.HasPrefix(s.data, []byte("FLIR\x00")) {
			n += len(s.data)
		}
	}
	return n
}

// TestValuesStaySecret checks that no note and no path tells a value.
func TestValuesStaySecret(t *testing.T) {
	b, err := os.ReadFile("testdata/vendors.jpg")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), format.Format{}, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Join(plan.Notes, "\n")
	classes := map[privacy.Class]bool{}
	for _, j := range plan.Findings {
		said += "\n" + j.Path
		classes[j.Class] = true
	}
	for _, secret := range []string{scrubtest.Serial, scrubtest.Person, scrubtest.Place, scrubtest.Text} {
		if strings.Contains(said, secret) {
			t.Errorf("a value is in a path or note")
		}
	}
	for _, c := range []privacy.Class{privacy.Location, privacy.Place, privacy.Identity, privacy.Copyright, privacy.Time, privacy.Device, privacy.Preview, privacy.Provenance, privacy.Unknown} {
		if !classes[c] {
			t.Errorf("no finding of class %s", c)
		}
	}
}
