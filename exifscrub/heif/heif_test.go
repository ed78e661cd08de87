package heif_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/heif"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/corpus"
	"flightveil/internal/input"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, heif.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, heif.Format{}, "testdata") }

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSameSize checks that no edit moves a byte, and that what the decoder is
// given – the coded pictures, the lists that say where they lie – stays.
func TestSameSize(t *testing.T) {
	picture := sample(t, "minimal.heic")
	coded := picture[bytes.Index(picture, []byte("mdat"))+4:]
	av1 := sample(t, "plain.avif")
	at := bytes.Index(av1, []byte("mdat")) + 4
	for name, want := range map[string][]byte{"rich.heic": coded, "grid.heic": coded, "nested.heic": coded, "plain.avif": av1[at : at+25], "sequence.heic": []byte("a coded sample")} {
		before := sample(t, name)
		for _, profile := range []string{"public", "area", "mapping"} {
			after := scrubtest.Scrub(t, heif.Format{}, before, profile)
			if len(after) != len(before) {
				t.Errorf("%s: %s: %d bytes became %d", name, profile, len(before), len(after))
			}
			if n := bytes.Count(before, want); n == 0 || bytes.Count(after, want) != n {
				t.Errorf("%s: %s: a picture changed", name, profile)
			}
			for _, kind := range []string{"ftyp", "pitm", "iloc", "iref", "hvcC", "ispe", "irot", "pixi", "av1C", "grpl", "stco"} {
				if i := bytes.Index(before, []byte(kind)); i > 0 {
					n := int(binary.BigEndian.Uint32(before[i-4:]))
					if !bytes.Equal(before[i-4:i-4+n], after[i-4:i-4+n]) {
						t.Errorf("%s: %s: %s changed", name, profile, kind)
					}
				}
			}
		}
	}
}

// TestEmptied checks that an item of which nothing stays is an empty block and
// not zeros, at which readers take offence.
func TestEmptied(t *testing.T) {
	before := sample(t, "exif-garbage.heic")
	after := scrubtest.Scrub(t, heif.Format{}, before, "public")
	exif := bytes.Index(before, []byte("no block of"))
	if want := "II*\x00\x08\x00\x00\x00\x00\x00"; string(after[exif+4:][:len(want)]) != want {
		t.Errorf("the Exif item is %q", after[exif-4:][:24])
	}
	packet := bytes.Index(before, []byte("<broken"))
	if got := after[packet:][:30]; len(bytes.TrimSpace(got)) != 0 && !bytes.HasPrefix(got, []byte("<x:xmpmeta")) {
		t.Errorf("the XMP item is %q", got)
	}
}

// TestNotEssential checks that a property that went is not one a reader must
// know to show the picture.
func TestNotEssential(t *testing.T) {
	before := sample(t, "rich.heic")
	after := scrubtest.Scrub(t, heif.Format{}, before, "public")
	i := bytes.Index(before, []byte("\x81\x02\x85\x06\x07\x08\x09"))
	if i < 0 {
		t.Fatal("the sample has no such associations")
	}
	if got := string(after[i : i+7]); got != "\x81\x02\x05\x06\x07\x08\x09" {
		t.Errorf("associations are %x", got)
	}
	if bytes.Contains(after, []byte("udes")) || !bytes.Contains(after, []byte("colrprof")) {
		t.Error("the description is still there, or the colour profile is not")
	}
}

// TestCoarse checks positions and times where the profile wants a cell and a day.
func TestCoarse(t *testing.T) {
	after := scrubtest.Scrub(t, heif.Format{}, sample(t, "sequence.heic"), "area")
	i := bytes.Index(after, []byte("mvhd"))
	if v := binary.BigEndian.Uint32(after[i+8:]); v == 0 || v%(24*60*60) != 0 {
		t.Errorf("the time of creation is %d", v)
	}
	for _, name := range []string{"rich.heic", "nested.heic", "grid.heic"} {
		plan, err := exifscrub.Scan(context.Background(), scrubtest.Job(t, "area"), heif.Format{}, bytes.NewReader(scrubtest.Scrub(t, heif.Format{}, sample(t, name), "area")))
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, f := range plan.Findings {
			if f.Where != nil && path.Base(f.Path) != "MediaData" {
				found++
				if f.Where.Lat == scrubtest.Lat || f.Where.Lat < scrubtest.Lat-0.02 || f.Where.Lat > scrubtest.Lat+0.02 {
					t.Errorf("%s: %s is at %v", name, f.Path, f.Where)
				}
			}
		}
		if found == 0 {
			t.Errorf("%s: no position is left", name)
		}
	}
}

// TestRefused checks files that cannot be cleaned safely.
func TestRefused(t *testing.T) {
	for _, name := range []string{"damaged-overlap.heic", "damaged-loop.heic", "damaged-meta.heic"} {
		_, err := exifscrub.Scan(context.Background(), scrubtest.Job(t, "public"), heif.Format{}, bytes.NewReader(sample(t, name)))
		if err == nil || strings.Contains(err.Error(), scrubtest.Person) {
			t.Errorf("%s: %v", name, err)
		}
	}
	outside := bytes.Clone(sample(t, "minimal.heic"))
	i := bytes.Index(outside, []byte("iloc"))
	outside[i+15] = 1 // the data reference of the first item
	if _, err := exifscrub.Scan(context.Background(), scrubtest.Job(t, "public"), heif.Format{}, bytes.NewReader(outside)); !errors.Is(err, input.ErrUnsupported) {
		t.Errorf("a picture in another file: %v", err)
	}
}

func TestCorpus(t *testing.T) {
	for _, name := range append(corpus.Files(t, "media/heif"), corpus.Files(t, "media/avif")...) {
		t.Run(path.Base(name), func(t *testing.T) {
			scrubtest.Real(t, heif.Format{}, name, "IFD0", "ExifIFD", "GPS", "Apple")
			scrubtest.Mutations(t, heif.Format{}, name, 8)
		})
	}
	for _, name := range corpus.Files(t, "media/hostile") {
		if strings.HasSuffix(name, ".heic") {
			scrubtest.Mutations(t, heif.Format{}, name, 50)
		}
	}
}
