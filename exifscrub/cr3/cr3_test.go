package cr3_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"flightveil/exifscrub/cr3"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/corpus"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, cr3.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, cr3.Format{}, "testdata") }

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSameSize checks that no edit moves a byte, and that what a raw converter
// needs stays: make and model, colours, sensor data, tables of offsets.
func TestSameSize(t *testing.T) {
	before := sample(t, "rich.cr3")
	var colours []byte
	for i := range 64 {
		colours = binary.LittleEndian.AppendUint16(colours, uint16(1000+i))
	}
	for _, profile := range []string{"public", "area", "mapping"} {
		after := scrubtest.Scrub(t, cr3.Format{}, before, profile)
		if len(after) != len(before) {
			t.Errorf("%s: %d bytes became %d", profile, len(before), len(after))
		}
		for _, s := range []string{"Canon\x00", "Canon EOS 450D\x00", "CanonCR3_001", string(colours), "\xFF\x01\x00\x08 sensor data, as far as a test is concerned"} {
			if !bytes.Contains(before, []byte(s)) || !bytes.Contains(after, []byte(s)) {
				t.Errorf("%s: %q is gone", profile, s)
			}
		}
		for _, kind := range []string{"CTBO", "CCTP", "stsz", "co64", "stsd"} {
			i := bytes.Index(before, []byte(kind))
			n := int(binary.BigEndian.Uint32(before[i-4:]))
			if !bytes.Equal(before[i-4:i-4+n], after[i-4:i-4+n]) {
				t.Errorf("%s: %s changed", profile, kind)
			}
		}
	}
}

// TestDay checks that a coarse time is the day, in headers and in the records.
func TestDay(t *testing.T) {
	after := scrubtest.Scrub(t, cr3.Format{}, sample(t, "rich.cr3"), "area")
	i := bytes.Index(after, []byte("mvhd"))
	if v := binary.BigEndian.Uint64(after[i+8:]); v == 0 || v%(24*60*60) != 0 {
		t.Errorf("the time of creation is %d", v)
	}
	if !bytes.Contains(after, []byte("\x00\x00\xEF\x07\x07\x13\x00\x00\x00\x00\x00\x00")) {
		t.Error("the time stamp is not the day")
	}
}

// TestPreviews checks that previews stay, cleaned, and that what is none goes.
func TestPreviews(t *testing.T) {
	after := scrubtest.Scrub(t, cr3.Format{}, sample(t, "rich.cr3"), "public")
	if n := bytes.Count(after, []byte("\xFF\xD8\xFF")); n != 3 {
		t.Errorf("%d pictures are left", n)
	}
	after = scrubtest.Scrub(t, cr3.Format{}, sample(t, "no-jpeg.cr3"), "public")
	if bytes.Contains(after, []byte("picture of")) || bytes.Contains(after, []byte("another of")) || !bytes.Contains(after, []byte("no JPEG file")) {
		t.Error("previews that are none stay, or a sample went")
	}
}

func TestCorpus(t *testing.T) {
	for _, name := range corpus.Files(t, "media/raw") {
		if strings.HasSuffix(name, ".cr3") {
			t.Run(path.Base(name), func(t *testing.T) {
				scrubtest.Real(t, cr3.Format{}, name, "IFD0", "ExifIFD", "QuickTime", "Canon", "Track1", "Track4")
				scrubtest.Mutations(t, cr3.Format{}, name, 20)
			})
		}
	}
}
