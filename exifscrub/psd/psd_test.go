package psd_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flightveil/exifscrub"
	"flightveil/exifscrub/psd"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/corpus"
	"flightveil/internal/input"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, psd.Format{}, "testdata") }
func FuzzScrub(f *testing.F)       { scrubtest.Fuzz(f, psd.Format{}, "testdata") }

// TestPixelsStay: the coded pixels of every layer and of the merged picture are
// the same bytes, and stand where the lengths around them say.
func TestPixelsStay(t *testing.T) {
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "damaged") || strings.HasSuffix(e.Name(), ".golden") || e.IsDir() {
			continue
		}
		b, err := os.ReadFile(filepath.Join("testdata", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		before := coded(t, b)
		for _, profile := range []string{"public", "area", "mapping"} {
			if after := coded(t, scrubtest.Scrub(t, psd.Format{}, b, profile)); !bytes.Equal(before, after) {
				t.Errorf("%s, %s: coded pixels changed", e.Name(), profile)
			}
		}
		if len(before) == 0 && !strings.HasPrefix(e.Name(), "unmerged") {
			t.Errorf("%s: no coded pixels found", e.Name())
		}
	}
}

func coded(t *testing.T, b []byte) (out []byte) {
	t.Helper()
	plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), psd.Format{}, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range plan.Coded {
		out = append(out, b[s.Off:s.End()]...)
	}
	return out
}

// TestSections walks a cleaned document by its lengths alone, as any reader
// does, down to the layers' names.
func TestSections(t *testing.T) {
	b, err := os.ReadFile("testdata/rich.psd")
	if err != nil {
		t.Fatal(err)
	}
	out := scrubtest.Scrub(t, psd.Format{}, b, "public")
	pos := 26
	u32 := func() int { pos += 4; return int(binary.BigEndian.Uint32(out[pos-4:])) }
	pos += u32()               // colour mode data
	pos += u32()               // image resources
	end := pos + 4 + u32() - 4 // layers and masks
	infoEnd := pos + 4 + u32() // layers
	layers := -int(int16(binary.BigEndian.Uint16(out[pos:])))
	pos += 2
	var keys []string
	for range layers {
		pos += 16 + 2 + 6 + 12
		extraEnd := pos + 4 + u32() - 4
		pos += u32()
		pos += u32()
		if out[pos] != 0 {
			t.Error("a layer has a name")
		}
		for pos += 4; pos < extraEnd; {
			keys = append(keys, string(out[pos+4:pos+8]))
			pos += 8
			pos += u32()
		}
	}
	if pos += layers * 8; pos != infoEnd-4 && pos != infoEnd-3 {
		t.Errorf("the layers' pixels end at %d, the layers at %d", pos, infoEnd-4)
	}
	if want := []string{"lyid", "luni", "lyid", "lfx2"}; !slices.Equal(keys, want) {
		t.Errorf("blocks %q, want %q", keys, want)
	}
	merged := []byte{0, 1, 0, 2, 0, 2}
	if !bytes.HasPrefix(out[end:], merged) || len(out)-end != 2+4*4*4 {
		t.Errorf("the merged picture does not follow the layers: % x", out[end:])
	}
}

// TestDayOfChange: where days stay, a layer's time of change becomes midnight.
func TestDayOfChange(t *testing.T) {
	b, err := os.ReadFile("testdata/rich.psd")
	if err != nil {
		t.Fatal(err)
	}
	out := scrubtest.Scrub(t, psd.Format{}, b, "area")
	_, rest, ok := bytes.Cut(out, []byte("layerTimedoub"))
	if !ok {
		t.Fatal("the time is gone")
	}
	got := time.Unix(int64(math.Float64frombits(binary.BigEndian.Uint64(rest))), 0).UTC()
	if want := time.Date(2031, 7, 19, 0, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestDepth: layers inside layers are no document, and cost no stack.
func TestDepth(t *testing.T) {
	body := []byte{0, 0}
	for range 2000 {
		block := slices.Concat([]byte("8BIMLr16"), binary.BigEndian.AppendUint32(nil, uint32(len(body))), body)
		extra := slices.Concat(make([]byte, 8), make([]byte, 4), block)
		body = slices.Concat([]byte{0, 1}, make([]byte, 18), []byte("8BIMnorm\xff\x00\x00\x00"), binary.BigEndian.AppendUint32(nil, uint32(len(extra))), extra)
	}
	b := slices.Concat([]byte("8BPS\x00\x01"), make([]byte, 6), []byte{0, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 8, 0, 3}, make([]byte, 8))
	section := slices.Concat(make([]byte, 8), []byte("8BIMLr16"), binary.BigEndian.AppendUint32(nil, uint32(len(body))), body)
	b = slices.Concat(b, binary.BigEndian.AppendUint32(nil, uint32(len(section))), section, []byte{0, 0, 1, 2, 3})
	scrubtest.Check(t, psd.Format{}, b, false)
}

func TestLimits(t *testing.T) {
	b, err := os.ReadFile("testdata/rich.psd")
	if err != nil {
		t.Fatal(err)
	}
	var last error
	for _, err := range (psd.Format{}).Walk(t.Context(), bytes.NewReader(b), input.Limits{Items: 5}) {
		last = err
	}
	if !errors.Is(last, input.ErrLimit) {
		t.Errorf("the limit of items is not enforced: %v", last)
	}
}

// TestCorpus: real documents come clean.
func TestCorpus(t *testing.T) {
	for _, path := range corpus.Files(t, "media/other") {
		if filepath.Ext(path) == ".psd" {
			t.Run(filepath.Base(path), func(t *testing.T) { scrubtest.Real(t, psd.Format{}, path, "IPTC", "Photoshop") })
		}
	}
}
