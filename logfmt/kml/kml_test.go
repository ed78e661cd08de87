package kml_test

import (
	"bytes"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"flightveil/internal/corpus"
	"flightveil/logfmt"
	"flightveil/logfmt/kml"
	"flightveil/logfmt/logfmttest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, kml.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, kml.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, kml.Format{}, "testdata") }

func flights(t testing.TB, b []byte) []*logfmt.Flight {
	t.Helper()
	fl, err := logfmt.ReadFlights(t.Context(), kml.Format{}, bytes.NewReader(b), logfmt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return fl
}

func TestRich(t *testing.T) {
	for _, name := range []string{"rich.kml", "packed.kmz"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		fl := flights(t, b)
		if len(fl) != 4 || len(fl[0].Fixes) != 5 || len(fl[1].Fixes) != 5 || !fl[1].Fixes[4].Time.IsZero() || len(fl[2].Fixes) != 3 || len(fl[3].Fixes) != 2 {
			t.Fatalf("%d flights", len(fl))
		}
		want := logfmt.NoFix()
		want.Point = logfmt.Point{Lat: -41.3875025, Lon: -132.4518175}
		want.AltMSL = 13.5
		if d := cmp.Diff(want, fl[0].Fixes[1], cmpopts.EquateNaNs()); d != "" {
			t.Error(d)
		}
		// The first time of the track belongs to an empty position.
		want.Point, want.AltMSL, want.AltHome = logfmt.Point{Lat: -41.3875125, Lon: -132.4518375}, math.NaN(), 12.5
		want.Time = time.Date(2031, 7, 19, 4, 47, 54, 0, time.UTC)
		if d := cmp.Diff(want, fl[1].Fixes[0], cmpopts.EquateNaNs()); d != "" {
			t.Error(d)
		}
		if f := fl[2].Fixes; f[1].Time != time.Date(2031, 7, 19, 5, 0, 1, 0, time.UTC) || f[1].AltMSL != 2 || !f[2].Time.IsZero() {
			t.Error("MultiTrack:", f)
		}
		roles := map[logfmt.Role]int{}
		ids := map[string]string{}
		for _, f := range fl {
			for _, s := range f.Spots {
				roles[s.Role]++
			}
			for _, id := range f.Identifiers {
				ids[id.Path] = id.Value.Reveal()
			}
		}
		if d := cmp.Diff(map[logfmt.Role]int{logfmt.Home: 1, logfmt.Target: 1, logfmt.Waypoint: 5}, roles); d != "" {
			t.Error(d)
		}
		for path, want := range map[string]string{"author/name": "Zephyrine Quillfeather", "ExtendedData/value": "FVCANARY4519KX", "address": "Port Quillon", "href": "https://example.invalid/i.png"} {
			if ids[path] != want {
				t.Errorf("%s is %q, want %q", path, ids[path], want)
			}
		}
	}
}

// What export writes is read back as the same fixes.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var in []logfmt.Record
		var want []logfmt.Fix
		for range rapid.IntRange(0, 8).Draw(t, "n") {
			f := logfmt.NoFix()
			f.Point = logfmt.Point{Lat: float64(rapid.IntRange(-90e7, 90e7).Draw(t, "lat")) / 1e7, Lon: float64(rapid.IntRange(1, 180e7).Draw(t, "lon")) / 1e7}
			if rapid.Bool().Draw(t, "timed") {
				f.Time = time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "time")).UTC()
			}
			switch p := float64(rapid.IntRange(-3e6, 3e6).Draw(t, "alt")) / 1000; rapid.IntRange(0, 2).Draw(t, "datum") {
			case 0:
				f.AltMSL = p
			case 1:
				f.AltHome = p
			}
			in, want = append(in, f), append(want, f)
		}
		got := logfmttest.Reread(t, kml.Format{}, "kml", in)
		if d := cmp.Diff(want, got, cmpopts.EquateNaNs()); d != "" {
			t.Fatal(d)
		}
	})
}

func TestCorpus(t *testing.T) {
	for _, path := range corpus.Files(t, "logs/kml") {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, f := range flights(t, b) {
			n += len(f.Fixes)
			if len(f.Damage) > 0 {
				t.Error(path, f.Damage)
			}
		}
		want := 0
		for _, part := range strings.Split(string(b), "<LineString")[1:] {
			_, part, _ = strings.Cut(part, "<coordinates>")
			part, _, _ = strings.Cut(part, "<")
			want += len(strings.Fields(part))
		}
		if n != want || n == 0 {
			t.Errorf("%s: %d fixes of %d points", path, n, want)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	const when, coord = "<when>2031-07-19T02:48:09.100Z</when>\n", "<gx:coord>-132.451837512345 -41.387512512345 8.6981638</gx:coord>\n"
	doc := []byte("<kml><Placemark><gx:Track>" + strings.Repeat(when, 100_000) + strings.Repeat(coord, 100_000) + "</gx:Track></Placemark></kml>")
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		n, sum := 0, 0.0
		for r, err := range (kml.Format{}).Decode(b.Context(), bytes.NewReader(doc), logfmt.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
			if f, ok := r.(logfmt.Fix); ok {
				n, sum = n+1, sum+f.Lat
			}
		}
		if n != 100_000 || math.IsNaN(sum) {
			b.Fatal(n)
		}
	}
}
