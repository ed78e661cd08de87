package jpeg_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"flightveil/exifscrub"
	format "flightveil/exifscrub/jpeg"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/corpus"
)

// coded returns the digest of everything but metadata segments, up to the
// first EOI; fill bytes are no part of it.
func coded(t *testing.T, b []byte) [32]byte {
	t.Helper()
	h := sha256.New()
	for i := 2; i+1 < len(b); {
		m := b[i+1]
		switch {
		case b[i] != 0xFF:
			t.Fatalf("no marker at %d", i)
		case m == 0xFF:
			i++
			continue
		case m == 0xD9:
			h.Write(b[i : i+2])
			return [32]byte(h.Sum(nil))
		}
		n := 2 + int(binary.BigEndian.Uint16(b[i+2:]))
		if m < 0xE0 || m > 0xEF && m != 0xFE {
			h.Write(b[i : i+n])
		}
		i += n
		if m != 0xDA {
			continue
		}
		start := i
		for i+1 < len(b) && (b[i] != 0xFF || b[i+1] == 0 || b[i+1] >= 0xD0 && b[i+1] <= 0xD7) {
			i++
		}
		h.Write(b[start:i])
	}
	return [32]byte(h.Sum(nil))
}

// TestCorpus checks real pictures: the coded data stay as they are, and the
// picture can still be decoded to the same pixels.
func TestCorpus(t *testing.T) {
	for _, path := range corpus.Files(t, "media/jpg") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			out := scrubtest.Scrub(t, format.Format{}, b, "public")
			if filepath.Base(path) == "vivo-motionphoto.jpg" {
				return // no picture in it
			}
			if coded(t, b) != coded(t, out) {
				t.Error("coded data changed")
			}
			if len(b) < 200_000 {
				samePixels(t, b, out)
			}
		})
	}
}

func samePixels(t *testing.T, before, after []byte) {
	t.Helper()
	a, err := jpeg.Decode(bytes.NewReader(before))
	if err != nil {
		return // not every picture is one that image/jpeg knows
	}
	b, err := jpeg.Decode(bytes.NewReader(after))
	if err != nil {
		t.Fatal(err)
	}
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if a.At(x, y) != b.At(x, y) {
				t.Fatalf("pixel %d,%d changed", x, y)
			}
		}
	}
}

var _ exifscrub.Format = format.Format{}

func TestConformance(t *testing.T) { scrubtest.Run(t, format.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, format.Format{}, "testdata") }
