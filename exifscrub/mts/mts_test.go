package mts_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/mts"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/corpus"
	"flightveil/internal/privacy"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, mts.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, mts.Format{}, "testdata") }

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// split returns the packets of a file by their PID.
func split(b []byte, lead, stride int) map[int][]string {
	out := map[int][]string{}
	for off := lead; off+188 <= len(b); off += stride {
		pid := int(b[off+1]&0x1F)<<8 | int(b[off+2])
		out[pid] = append(out[pid], string(b[off:off+188]))
	}
	return out
}

// TestWhatStays checks that pictures and sound keep their packets, and that
// everything else becomes null packets and leaves the program map.
func TestWhatStays(t *testing.T) {
	for _, tc := range []struct {
		name         string
		lead, stride int
	}{{"avchd.mts", 4, 192}, {"klv.ts", 0, 188}} {
		b := sample(t, tc.name)
		clean := scrubtest.Scrub(t, mts.Format{}, b, "public")
		before, after := split(b, tc.lead, tc.stride), split(clean, tc.lead, tc.stride)
		if len(b) != len(clean) {
			t.Fatalf("%s: %d bytes became %d", tc.name, len(b), len(clean))
		}
		for pid, packets := range before {
			switch pid {
			case 0, 0x100, 0x101, 0x102, 0x1FFF:
				if len(after[pid]) < len(packets) {
					t.Errorf("%s: PID %#x lost packets", tc.name, pid)
				}
			default:
				if len(after[pid]) > 0 {
					t.Errorf("%s: PID %#x is still there", tc.name, pid)
				}
			}
		}
		pictures := strings.Join(after[0x101], "")
		if strings.Count(pictures, "coded picture") != strings.Count(strings.Join(before[0x101], ""), "coded picture") {
			t.Errorf("%s: pictures changed", tc.name)
		}
		if pmt := after[0x100][0]; strings.Contains(pmt, "KLVA") || !strings.Contains(pmt, "AC-3") || strings.Contains(pmt, scrubtest.Text) {
			t.Errorf("%s: the program map is %q", tc.name, pmt)
		}
		for _, p := range after[0x1FFF] {
			if strings.Count(p[4:], "\xff") != len(p[4:]) {
				t.Errorf("%s: a null packet holds something", tc.name)
			}
		}
		if tc.stride == 192 {
			for off := 0; off < len(b); off += 192 {
				if !bytes.Equal(b[off:off+4], clean[off:off+4]) {
					t.Fatalf("the time stamp at %d changed", off)
				}
			}
		}
	}
}

// TestTelemetry checks what is told of MDPM and KLV.
func TestTelemetry(t *testing.T) {
	plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), mts.Format{}, bytes.NewReader(sample(t, "klv.ts")))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]privacy.Finding{}
	for _, j := range plan.Findings {
		got[j.Path] = j.Finding
	}
	for path, want := range map[string]struct {
		class privacy.Class
		count int
		value string
	}{
		"PID259/KLV/SensorPosition":         {privacy.Location, 4, "from -41.387512, -132.451837 to -41.387512, -132.451837"},
		"PID259/KLV/PlatformTailNumber":     {privacy.Identity, 1, scrubtest.Serial},
		"PID259/KLV/MissionID":              {privacy.Identity, 1, scrubtest.Person},
		"H264/MDPM/GPSLatitude":             {privacy.Location, 2, "-41.3875125"},
		"H264/MDPM/DateTimeOriginal":        {privacy.Time, 2, "2031:07:19 04:47:53+01:00"},
		"H264/MDPM/Make":                    {privacy.Device, 2, "Sony"},
		"PID260/private data":               {privacy.Unknown, 2, ""},
		"PID4660/in no program map":         {privacy.Unknown, 2, ""},
		"H264/MDPM/Camera1":                 {privacy.Exposure, 2, ""},
		"private data of adaptation fields": {privacy.Unknown, 2, ""},
	} {
		f, ok := got[path]
		if !ok || f.Class != want.class || f.Count != want.count || f.Value.Reveal() != want.value {
			t.Errorf("%s: %v %v %q", path, f.Class, f.Count, f.Value.Reveal())
		}
	}
}

// TestCorpus cleans real files.
func TestCorpus(t *testing.T) {
	for _, path := range corpus.Files(t, "media/video") {
		if filepath.Ext(path) == ".mts" {
			t.Run(filepath.Base(path), func(t *testing.T) { scrubtest.Real(t, mts.Format{}, path, "H264") })
		}
	}
}

// TestDamagedCorpus damages a real file.
func TestDamagedCorpus(t *testing.T) {
	for _, path := range corpus.Files(t, "media/video") {
		if filepath.Ext(path) == ".mts" {
			scrubtest.Mutations(t, mts.Format{}, path, 300)
		}
	}
}
