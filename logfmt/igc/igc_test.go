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

func TestCorpus(t *testing.T) {
	for _, path := range corpus.Files(t, "logs/igc") {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		n, want := 0, strings.Count("\n"+string(b), "\nB")
		for _, f := range flights(t, path) {
			n += len(f.Fixes)
		}
		if n != want {
			t.Errorf("%s: %d fixes of %d records", path, n, want)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	doc := []byte("AXFV001\r\nHFDTE190731\r\n" + strings.Repeat("B1200004123250S13227110WA0050000510\r\n", 100_000))
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
