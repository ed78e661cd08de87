package gpx_test

import (
	"bytes"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"flightveil/internal/corpus"
	"flightveil/logfmt"
	"flightveil/logfmt/gpx"
	"flightveil/logfmt/logfmttest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, gpx.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, gpx.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, gpx.Format{}, "testdata") }

func flights(t testing.TB, b []byte) []*logfmt.Flight {
	t.Helper()
	fl, err := logfmt.ReadFlights(t.Context(), gpx.Format{}, bytes.NewReader(b), logfmt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return fl
}

func TestRich(t *testing.T) {
	b, err := os.ReadFile("testdata/rich.gpx")
	if err != nil {
		t.Fatal(err)
	}
	fl := flights(t, b)
	if len(fl) != 2 || len(fl[0].Fixes) != 6 || len(fl[1].Fixes) != 1 || len(fl[0].Spots) != 4 {
		t.Fatalf("%d flights", len(fl))
	}
	want := logfmt.NoFix()
	want.Point = logfmt.Point{Lat: -41.3875025, Lon: -132.4518175}
	want.Time = time.Date(2031, 7, 19, 4, 47, 54, 500e6, time.UTC)
	want.AltMSL, want.AltEllipsoid, want.AltHome, want.Speed, want.Course, want.Sats, want.HDOP = 1234.567, 1224.067, 50, 3.5, 45, 14, 0.8
	if d := cmp.Diff(want, fl[0].Fixes[1], cmpopts.EquateNaNs(), cmpopts.EquateApprox(0, 1e-9)); d != "" {
		t.Error(d)
	}
	if f := fl[0].Fixes[4]; f.Time != time.Date(2031, 7, 19, 4, 50, 0, 0, time.UTC) {
		t.Error("time with a zone:", f.Time)
	}
	if f := fl[1].Fixes[0]; !f.Time.IsZero() || f.Local != time.Date(2031, 7, 19, 5, 0, 0, 0, time.UTC) {
		t.Error("time without zone:", f.Time, f.Local)
	}
	if s := fl[0].Spots[0]; s.Role != logfmt.Home || s.Alt != 12.5 || s.Datum != "MSL" {
		t.Error("home:", s)
	}
	got := map[string]string{}
	for _, id := range fl[0].Identifiers {
		got[id.Path] = id.Value.Reveal()
		if s := id.Spans[0]; id.Path == "trk/src" && string(b[s.Off:s.End()]) != "FVCANARY4519KX" {
			t.Error("the span does not hold the value")
		}
	}
	for path, want := range map[string]string{
		"metadata/name": "Zephyrine Quillfeather & co", "metadata/desc": "<b>the heron nests behind the boathouse</b>", "author/name": "Zephyrine Quillfeather",
		"author/email/id": "zeph", "metadata/extensions": "FVCANARY4519KX", "trk/src": "FVCANARY4519KX", "wpt/name": "Port Quillon", "metadata/copyright/author": "Zephyrine Quillfeather",
	} {
		if got[path] != want {
			t.Errorf("%s is %q, want %q", path, got[path], want)
		}
	}
}

// Entities that a document type declares are not expanded.
func TestEntities(t *testing.T) {
	b, _ := os.ReadFile("testdata/old.gpx")
	fl := flights(t, b)[0]
	if len(fl.Fixes) != 1 || fl.Fixes[0].Course != 90.5 || fl.Fixes[0].AltMSL != 10 {
		t.Error(fl.Fixes)
	}
	for _, id := range fl.Identifiers {
		if id.Path == "gpx/name" && id.Value.Reveal() != "&b; A" {
			t.Errorf("%q", id.Value.Reveal())
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
			f.Point = logfmt.Point{Lat: float64(rapid.IntRange(-90e7, 90e7).Draw(t, "lat")) / 1e7, Lon: float64(rapid.IntRange(-180e7, 180e7).Draw(t, "lon")) / 1e7}
			if f.Point.Zero() { // which is no fix
				f.Lat = 1e-7
			}
			if rapid.Bool().Draw(t, "timed") {
				f.Time = time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "time")).UTC()
			} else {
				f.Elapsed = time.Duration(rapid.Int64Range(0, 1e9).Draw(t, "elapsed")) * time.Millisecond
			}
			for i, p := range []*float64{&f.AltMSL, &f.AltEllipsoid, &f.AltHome, &f.AltUnclear, &f.Speed, &f.Climb, &f.Course, &f.Roll, &f.Pitch, &f.Yaw, &f.GimbalRoll, &f.GimbalPitch, &f.GimbalYaw, &f.HDOP, &f.Battery} {
				if v := rapid.IntRange(-3e6, 3e6).Draw(t, "v"); (v+i)%3 != 0 {
					*p = float64(v) / 1000
				}
			}
			f.Sats = rapid.IntRange(-1, 40).Draw(t, "sats")
			in = append(in, f)
			if f.Lon == 180 {
				f.Lon = -180 // see TestEdges
			}
			want = append(want, f)
		}
		got := logfmttest.Reread(t, gpx.Format{}, "gpx", in)
		if d := cmp.Diff(want, got, cmpopts.EquateNaNs()); d != "" {
			t.Fatal(d)
		}
	})
}

// The positions at the edges of the world survive. The meridian of 180 degrees
// is written as -180, which is the same: longitudeType of the schema ends below
// 180. A file that has 180 nevertheless is read as it says.
func TestEdges(t *testing.T) {
	for in, want := range map[logfmt.Point]logfmt.Point{
		{Lat: 90, Lon: 180}: {Lat: 90, Lon: -180}, {Lat: -90, Lon: -180}: {Lat: -90, Lon: -180}, {Lat: 12, Lon: 179.9999999}: {Lat: 12, Lon: 179.9999999},
		{Lat: 12, Lon: 179.9999999999}: {Lat: 12, Lon: -180}, {Lat: 0, Lon: 1e-7}: {Lat: 0, Lon: 1e-7}, {Lat: -1e-7, Lon: 0}: {Lat: -1e-7, Lon: 0},
	} {
		f := logfmt.NoFix()
		f.Point = in
		got := logfmttest.Reread(t, gpx.Format{}, "gpx", []logfmt.Record{f})
		if len(got) != 1 || got[0].Point != want {
			t.Errorf("%v: %v", in, got)
		}
		if d := in.Distance(want); d > 0.001 {
			t.Errorf("%v is %g m from %v", want, d, in)
		}
	}
	fl := flights(t, []byte(`<gpx><trk><trkseg><trkpt lat="12" lon="180"/></trkseg></trk></gpx>`))
	if len(fl[0].Fixes) != 1 || fl[0].Fixes[0].Lon != 180 {
		t.Error(fl[0].Fixes)
	}
}

func TestCorpus(t *testing.T) {
	for _, path := range corpus.Files(t, "logs/gpx") {
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
		if want := strings.Count(string(b), "<trkpt"); n != want {
			t.Errorf("%s: %d fixes of %d points", path, n, want)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	const one = "<trkpt lon=\"-132.451837512345\" lat=\"-41.387512512345\">\n<ele>8.6981638</ele>\n<speed>0.00</speed>\n<time>2031-07-19T02:48:09.100Z</time>\n</trkpt>\n"
	doc := []byte(`<gpx version="1.1"><trk><trkseg>` + strings.Repeat(one, 100_000) + `</trkseg></trk></gpx>`)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		n, sum := 0, 0.0
		for r, err := range (gpx.Format{}).Decode(b.Context(), bytes.NewReader(doc), logfmt.Limits{}) {
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
