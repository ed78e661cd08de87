package gif_test

import (
	"bytes"
	"image"
	imagegif "image/gif"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/gif"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/corpus"
	"flightveil/internal/privacy"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, gif.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, gif.Format{}, "testdata") }

var profiles = []string{"public", "area", "mapping"}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestFrames decodes every sound sample before and after, with a reader that
// knows nothing of this package.
func TestFrames(t *testing.T) {
	files, err := filepath.Glob("testdata/*.gif")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if name = filepath.Base(name); strings.HasPrefix(name, "damaged") {
			continue
		}
		b := sample(t, name)
		want, err := imagegif.DecodeAll(bytes.NewReader(b))
		if err != nil && name != "surplus.gif" { // image/gif wants no surplus
			t.Fatalf("%s: %v", name, err)
		}
		for _, profile := range profiles {
			got, err := imagegif.DecodeAll(bytes.NewReader(scrubtest.Scrub(t, gif.Format{}, b, profile)))
			if err != nil {
				t.Errorf("%s: %s: the clean file cannot be decoded: %v", name, profile, err)
				continue
			}
			if want == nil {
				if len(got.Image) != 2 || !slices.Equal(got.Delay, []int{10, 10}) {
					t.Errorf("%s: %s: %d frames, delays %v", name, profile, len(got.Image), got.Delay)
				}
				continue
			}
			if !sameAnimation(got, want) {
				t.Errorf("%s: %s: frames changed", name, profile)
			}
		}
	}
}

func sameAnimation(a, b *imagegif.GIF) bool {
	return slices.EqualFunc(a.Image, b.Image, func(x, y *image.Paletted) bool {
		return x.Rect == y.Rect && bytes.Equal(x.Pix, y.Pix) && slices.Equal(x.Palette, y.Palette)
	}) && slices.Equal(a.Delay, b.Delay) && slices.Equal(a.Disposal, b.Disposal) && a.LoopCount == b.LoopCount && a.Config.Width == b.Config.Width && a.BackgroundIndex == b.BackgroundIndex
}

func TestWhatStays(t *testing.T) {
	for _, tc := range []struct {
		name      string
		has, lost []string
	}{
		{"rich.gif", []string{"NETSCAPE2.0\x03\x01\x00\x00\x00", "ICCRGBG1012", "acsp"}, []string{"MGK", "C2PA", "!\xfe", "!\x01"}},
		{"loop.gif", []string{"ANIMEXTS1.0\x03\x01\x05\x00\x05\x02\x00\x00\x10\x00\x00"}, nil},
		{"surplus.gif", []string{"NETSCAPE2.0\x03\x01\x00\x00\x00"}, []string{"ICCRGBG1", "MIDI", "HERON", "!\x77"}},
		{"minimal.gif", []string{"GIF87a"}, nil},
	} {
		clean := scrubtest.Scrub(t, gif.Format{}, sample(t, tc.name), "public")
		for _, s := range tc.has {
			if !bytes.Contains(clean, []byte(s)) {
				t.Errorf("%s: %q is gone", tc.name, s)
			}
		}
		for _, s := range tc.lost {
			if bytes.Contains(clean, []byte(s)) {
				t.Errorf("%s: %q is still there", tc.name, s)
			}
		}
	}
}

// TestRecode keeps some of an IPTC block that lies in sub-blocks: it is split
// anew and can be read again.
func TestRecode(t *testing.T) {
	b := sample(t, "rich.gif")
	job := scrubtest.Job(t, "public")
	job.Policy = privacy.Policy{Rules: map[privacy.Class]privacy.Action{privacy.Copyright: privacy.Keep}}
	plan, err := exifscrub.Scan(t.Context(), job, gif.Format{}, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := exifscrub.Apply(&out, bytes.NewReader(b), plan.Edits()); err != nil {
		t.Fatal(err)
	}
	again, err := exifscrub.Scan(t.Context(), job, gif.Format{}, bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var bylines int
	for _, j := range again.Findings {
		if strings.HasSuffix(j.Path, "IPTC/By-line") && j.Value.Reveal() == scrubtest.Person {
			bylines++
		}
	}
	if bylines != 2 {
		t.Errorf("%d by-lines are left, want one in each of two blocks", bylines)
	}
}

// TestSwallowed checks that a wrong length in a frame does not make an
// extension look like coded data.
func TestSwallowed(t *testing.T) {
	if _, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), gif.Format{}, bytes.NewReader(sample(t, "damaged-swallowed.gif"))); err == nil {
		t.Error("accepted")
	}
	b := sample(t, "rich.gif")
	first := bytes.IndexByte(b, ',')
	for flip := 1; flip < 256; flip++ {
		bad := bytes.Clone(b)
		bad[first+11] ^= byte(flip) // the length of the first sub-block
		plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), gif.Format{}, bytes.NewReader(bad))
		if err != nil {
			continue
		}
		var out bytes.Buffer
		if err := exifscrub.Apply(&out, bytes.NewReader(bad), plan.Edits()); err == nil && bytes.Contains(out.Bytes(), []byte(scrubtest.Serial)) {
			t.Errorf("with a first length of %d the serial number stays", bad[first+11])
		}
	}
}

// TestCorpus cleans real files.
func TestCorpus(t *testing.T) {
	for _, path := range corpus.Files(t, "media/gif") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			scrubtest.Real(t, gif.Format{}, path, "File")
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want, err := imagegif.DecodeAll(bytes.NewReader(b))
			if err != nil {
				t.Skip("image/gif cannot read the original: ", err)
			}
			if got, err := imagegif.DecodeAll(bytes.NewReader(scrubtest.Scrub(t, gif.Format{}, b, "public"))); err != nil || !sameAnimation(got, want) {
				t.Errorf("frames changed: %v", err)
			}
		})
	}
}

// TestDamagedCorpus damages real files.
func TestDamagedCorpus(t *testing.T) {
	for _, path := range corpus.Files(t, "media/gif") {
		t.Run(filepath.Base(path), func(t *testing.T) { scrubtest.Mutations(t, gif.Format{}, path, 200) })
	}
}
