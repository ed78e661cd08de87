package raf_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/raf"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/input"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, raf.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, raf.Format{}, "testdata") }

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Nothing moves: offsets and lengths in the header, the sensor data and what
// develops it stay as they are.
func TestSensorData(t *testing.T) {
	for _, name := range []string{"old.raf", "new.raf", "two.raf", "minimal.raf"} {
		b := sample(t, name)
		out := scrubtest.Scrub(t, raf.Format{}, b, "public")
		if len(out) != len(b) {
			t.Fatalf("%s: %d bytes became %d", name, len(b), len(out))
		}
		if !bytes.Equal(out[:0x14], b[:0x14]) || !bytes.Equal(out[0x1C:0x3C], b[0x1C:0x3C]) || !bytes.Equal(out[0x54:0x94], b[0x54:0x94]) {
			t.Errorf("%s: the header lost more than the camera's number", name)
		}
		for _, at := range []int{0x64, 0x80} {
			off, n := binary.BigEndian.Uint32(b[at:]), binary.BigEndian.Uint32(b[at+4:])
			if off == 0 {
				continue
			}
			if name == "new.raf" { // its TIFF header holds a tag that goes
				off, n = off+n-64*32*2, 64*32*2
			}
			if !bytes.Equal(out[off:off+n], b[off:off+n]) {
				t.Errorf("%s: sensor data changed", name)
			}
		}
		if balance := []byte{0x2f, 0xf0, 0, 8, 1, 46, 2, 78, 1, 46, 1, 214}; bytes.Contains(b, balance) && !bytes.Contains(out, balance) {
			t.Errorf("%s: the white balance is gone", name)
		}
		if bytes.Contains(out, []byte("FV451911")) {
			t.Errorf("%s: the camera's number is still there", name)
		}
		if name != "minimal.raf" && (!bytes.Contains(out, []byte("FUJIFILM\x00")) || !bytes.Contains(out, []byte("X-T1\x00"))) {
			t.Errorf("%s: converters no longer find the make in the embedded picture", name)
		}
	}
}

// What cannot be followed is refused, with the reason.
func TestRefused(t *testing.T) {
	for _, name := range []string{"damaged-multi.raf", "damaged-shared.raf"} {
		_, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), raf.Format{}, bytes.NewReader(sample(t, name)))
		if !errors.Is(err, input.ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), raf.Format{}, bytes.NewReader(sample(t, "old.raf")[:600])); !errors.Is(err, input.ErrUnsupported) {
		t.Errorf("cut inside the picture: %v", err)
	}
	big := append(sample(t, "old.raf"), bytes.Repeat([]byte{7}, 100<<10)...) // bytes that may be a picture
	if _, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), raf.Format{}, bytes.NewReader(big)); !errors.Is(err, input.ErrUnsupported) {
		t.Errorf("100 kB behind the end: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := exifscrub.Scan(ctx, scrubtest.Job(t, "public"), raf.Format{}, bytes.NewReader(sample(t, "old.raf"))); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
