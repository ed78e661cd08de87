package igc_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"flightveil/internal/corpus"
	"flightveil/logfmt"
	"flightveil/logfmt/igc"
	"flightveil/logfmt/logfmttest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, igc.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, igc.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, igc.Format{}, "testdata") }

func flights(t *testing.T, path string) []*logfmt.Flight {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fl, err := logfmt.ReadFlights(t.Context(), igc.Format{}, bytes.NewReader(b), logfmt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return fl
}

func TestRich(t *testing.T) {
	fl := flights(t, "testdata/rich.igc")
	if len(fl) != 1 || len(fl[0].Fixes) != 4 {
		t.Fatalf("%d flights", len(fl))
	}
	want := logfmt.NoFix()
	want.Point = logfmt.Point{Lat: -(41 + 23.25075/60), Lon: -(132 + 27.1105/60)}
	want.Time = time.Date(2031, 7, 19, 23, 59, 58, 0, time.UTC)
	want.Elapsed, want.AltUnclear, want.AltMSL = 0, -12, 1234
	want.Speed, want.Course = 36/3.6, 45
	if d := cmp.Diff(want, fl[0].Fixes[0], cmpopts.EquateNaNs(), cmpopts.EquateApprox(0, 1e-9)); d != "" {
		t.Error(d)
	}
	f := fl[0].Fixes[2]
	if f.Time != time.Date(2031, 7, 20, 0, 0, 1, 0, time.UTC) || f.AltMSL == f.AltMSL || f.AltUnclear != 11 {
		t.Error("a two-dimensional fix after midnight:", f)
	}
	if f := fl[0].Fixes[3]; f.Time != time.Date(2031, 7, 20, 0, 0, 0, 0, time.UTC) {
		t.Error("a record out of order is not another day:", f.Time)
	}
	if s := fl[0].Spots; len(s) != 1 || s[0].Role != logfmt.Waypoint {
		t.Error(s)
	}
	got := map[string]string{}
	for _, id := range fl[0].Identifiers {
		got[id.Path] = id.Value.Reveal()
	}
	for path, want := range map[string]string{
		"flightRecorder": "XFVFVCANARY4519KX", "pilotInCharge": "Zephyrine Quillfeather", "gliderId": "FV-4519", "gliderType": "Invented 15", "site": "Port Quillon",
		"comment": "the heron nests behind the boathouse", "task": "Port Quillon", "header": "other",
	} {
		if got[path] != want {
			t.Errorf("%s is %q, want %q", path, got[path], want)
		}
	}
}

func TestPlain(t *testing.T) {
	fl := flights(t, "testdata/plain.igc")
	if len(fl) != 2 || len(fl[0].Fixes) != 2 || len(fl[1].Fixes) != 1 {
		t.Fatalf("%d flights", len(fl))
	}
	if f := fl[0].Fixes[1]; f.Time != time.Date(1999, 7, 19, 12, 0, 1, 0, time.UTC) || f.AltEllipsoid != 511 || f.Elapsed != time.Second {
		t.Error(f)
	}
	if f := flights(t, "testdata/bare.igc")[0].Fixes; len(f) != 3 || !f[2].Time.IsZero() || f[2].Elapsed != 2*time.Second {
		t.Error("without a date:", f)
	}
}

// TestCorpus: of real files every record is a fix whose second is not that of
// the one before, and every other one is told apart.
func TestCorpus(t *testing.T) {
	for _, path := range corpus.Files(t, "logs/igc") {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		records, seconds, last := 0, 0, ""
		for line := range strings.Lines(string(b)) {
			if line[0] == 'B' {
				if records++; line[:7] != last {
					seconds++
				}
				last = line[:7]
			}
		}
		fixes, others := 0, 0
		for _, f := range flights(t, path) {
			fixes += len(f.Fixes)
			for _, s := range f.Spots {
				if s.Role == logfmt.Candidate {
					others++
				}
			}
		}
		if fixes != seconds || fixes+others != records {
			t.Errorf("%s: %d fixes and %d others of %d records in %d seconds", path, fixes, others, records, seconds)
		}
	}
}

// TestStandstill: an aircraft is at one place at a time. The first position of
// an instant is the fix; TDS tells instants apart.
func TestStandstill(t *testing.T) {
	fl := flights(t, "testdata/damaged-still.igc")
	if len(fl) != 2 {
		t.Fatalf("%d flights", len(fl))
	}
	f := fl[0]
	if len(f.Fixes) != 4 || len(f.Spots) != 31 || len(f.Damage) != 1 {
		t.Fatalf("%d fixes, %d other positions, damage %v", len(f.Fixes), len(f.Spots), f.Damage)
	}
	for i, want := range []int{0, 1, 2, 33} {
		if d := f.Fixes[i].Lat + 41 + (23.25+float64(want)/1000)/60; d < -1e-9 || d > 1e-9 {
			t.Errorf("fix %d is %v° from where it should be", i, d)
		}
	}
	b, err := os.ReadFile("testdata/damaged-still.igc")
	if err != nil {
		t.Fatal(err)
	}
	if d := f.Damage[0]; !bytes.HasPrefix(b[d.Off:], []byte("B1200024123253S")) || !bytes.HasPrefix(b[d.Off+d.Len:], []byte("\nB1200034123283S")) {
		t.Error("the damage is elsewhere:", d)
	}
	for _, s := range f.Spots {
		if s.Role != logfmt.Candidate {
			t.Error(s)
		}
	}
	if f = fl[1]; len(f.Fixes) != 3 || len(f.Spots) != 1 || len(f.Damage) != 0 {
		t.Errorf("with parts of seconds: %d fixes, %d other positions, damage %v", len(f.Fixes), len(f.Spots), f.Damage)
	}
}

func BenchmarkDecode(b *testing.B) {
	doc := []byte("AXFV001\r\nHFDTE190731\r\n" + strings.Repeat("B1200004123250S13227110WA0050000510\r\nB1200014123250S13227110WA0050000510\r\n", 50_000))
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for r := range (igc.Format{}).Decode(b.Context(), bytes.NewReader(doc), logfmt.Limits{}) {
			if _, ok := r.(logfmt.Fix); ok {
				n++
			}
		}
		if n != 100_000 {
			b.Fatal(n)
		}
	}
}
