package gutma_test

import (
	"bytes"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"flightveil/internal/corpus"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
	"flightveil/logfmt/gutma"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, gutma.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, gutma.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, gutma.Format{}, "testdata") }

func read(t *testing.T, name string) *logfmt.Flight {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	fl, err := logfmt.ReadFlights(t.Context(), gutma.Format{}, bytes.NewReader(b), logfmt.Limits{})
	if err != nil || len(fl) != 1 {
		t.Fatal(name, len(fl), "flights", err)
	}
	return fl[0]
}

// What the fixtures hold.
const (
	lat    = -41.3875125
	lon    = -132.4518375
	serial = "FVCANARY4519KX"
)

// way is the position i metres on the way of the fixtures.
func way(i int) logfmt.Point {
	return logfmt.Point{Lat: lat + float64(i)*90e-7, Lon: lon + 2*float64(i)*90e-7}
}

var when = time.Date(2031, 7, 19, 4, 47, 53, 250e6, time.UTC)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-4 || math.IsNaN(a) && math.IsNaN(b) }

func TestDialects(t *testing.T) {
	none := math.NaN()
	for name, c := range map[string]struct {
		utc                           bool
		ellipsoid, msl, home, unclear float64
		speed                         float64
	}{
		"behind.json":       {true, 1234.567, none, none, none, 5},
		"msl.json":          {true, none, 1234.567, none, none, 5},
		"agl-imperial.json": {false, none, none, none, 376.2960216, none},
		"wrapped.gutma":     {true, none, none, 1234.567, none, 5},
	} {
		fl := read(t, "testdata/"+name)
		if len(fl.Fixes) != 3 || len(fl.Damage) > 0 || len(fl.Messages) != 2 || fl.Start.Variant != "Nycticorax" {
			t.Errorf("%s: %d fixes, %+v", name, len(fl.Fixes), fl.Damage)
			continue
		}
		for i, f := range fl.Fixes {
			since := time.Duration(i+1) * 500 * time.Millisecond
			if f.Distance(way(i+1)) > 0.01 || f.Elapsed != since || c.utc && !f.Time.Equal(when.Add(since)) || !c.utc && (!f.Time.IsZero() || !f.Local.Equal(when.Add(since))) {
				t.Errorf("%s: %v after %v at %v", name, f.Point, f.Elapsed, f.Time)
			}
			for what, v := range map[string][2]float64{"AltEllipsoid": {f.AltEllipsoid, c.ellipsoid}, "AltMSL": {f.AltMSL, c.msl}, "AltHome": {f.AltHome, c.home},
				"AltUnclear": {f.AltUnclear, c.unclear}, "Speed": {f.Speed, c.speed}, "Battery": {f.Battery, 89}} {
				if !near(v[0], v[1]) {
					t.Errorf("%s: %s is %v, want %v", name, what, v[0], v[1])
				}
			}
		}
		remote := logfmt.Point{Lat: lat - 50*90e-7, Lon: lon - 50*90e-7}
		if len(fl.Spots) != 2 || fl.Spots[0].Role != logfmt.Remote || fl.Spots[0].Distance(remote) > 0.01 {
			t.Errorf("%s: %+v", name, fl.Spots)
		}
		if m := fl.Messages[1]; m.Severity != "error" || m.Text.Reveal() != "ALARM motor \"3\" é" || m.Elapsed != 1500*time.Millisecond {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	b, err := os.ReadFile("testdata/behind.json")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]privacy.Finding{}
	for _, id := range read(t, "testdata/behind.json").Identifiers {
		got[id.Path+"="+id.Value.Reveal()] = id.Finding
		if s := id.Spans[0]; string(b[s.Off:s.End()]) != id.Value.Reveal() {
			t.Errorf("%s does not lie where it is said to", id.Path)
		}
	}
	for path, class := range map[string]privacy.Class{
		"flight_data/aircraft/serial_number=" + serial: privacy.Identity, "flight_data/aircraft/name=the Port Quillon drone": privacy.Identity,
		"flight_data/payload/serial_number=" + serial + "-3": privacy.Identity, "flight_data/pilot_in_command=Zephyrine Quillfeather": privacy.Identity,
		"file/filename=" + serial + "_0069": privacy.Identity, "flight_data/aircraft/model=Nycticorax": privacy.Device, "file/creation_dtg=2031-07-19T05:00:00.000Z": privacy.Time,
	} {
		if got[path].Class != class {
			t.Errorf("%s is of class %q", path, got[path].Class)
		}
	}
}

func TestDamage(t *testing.T) {
	for name, want := range map[string]int{"damaged-noise.json": 2, "damaged-row.json": 2, "damaged-cut.json": 3} {
		if fl := read(t, "testdata/"+name); len(fl.Fixes) != want || len(fl.Damage) != 1 {
			t.Errorf("%s: %d fixes, %+v", name, len(fl.Fixes), fl.Damage)
		}
	}
	// Rows whose columns are not all named are not guessed at.
	if records, err := logfmttest.Decode(t, gutma.Format{}, []byte(`{"exchange": {"flight_logging_items": [[1, 2, 3]], "flight_logging_keys": ["timestamp", "gps_lon", "gps_lat"`)); err == nil {
		t.Error(records)
	}
}

// Time stamps may be numbers, text, or seconds since 1970, coordinates text too.
func TestStamps(t *testing.T) {
	const log = `{"exchange": {"flight_logging": {"logging_start_dtg": "2031-07-19T04:47:53.250Z", "flight_logging_keys": ["timestamp", "gps_lat", "gps_lon"],
		"flight_logging_items": [["0.5", "-41.3875035", "-132.4518195"], [1942202874.25, -41.3874945, -132.4518015], [null, -41.3874855, -132.4517835], [1e99, 1, "x"], [3, 1e99, 2]]}}}`
	records, err := logfmttest.Decode(t, gutma.Format{}, []byte(log))
	if err != nil || len(records) != 4 {
		t.Fatal(records, err)
	}
	for i, want := range []time.Time{when.Add(500 * time.Millisecond), when.Add(time.Second), {}} {
		f := records[i+1].(logfmt.Fix)
		if !f.Time.Equal(want) || f.Distance(way(i+1)) > 0.01 {
			t.Errorf("%v at %v, want %v", f.Point, f.Time, want)
		}
	}
}

// TestCorpus compares with what a person reads in a real example.
func TestCorpus(t *testing.T) {
	for _, name := range corpus.Files(t, "logs/gutma-json") {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fl := read(t, name)
		if rows := strings.Count(string(b), "[ 0.5,") + strings.Count(string(b), "[ 1,") + strings.Count(string(b), "[ 1.5,"); rows > 0 && len(fl.Fixes) != rows || len(fl.Damage) > 0 {
			t.Errorf("%s: %d fixes, damage %+v", name, len(fl.Fixes), fl.Damage)
		}
	}
}

func TestDetect(t *testing.T) {
	for _, s := range []string{"", "{", `{"exchange": 1}`, `["flight_logging_items"]`, `{"type":"FeatureCollection"}`} {
		p, err := input.NewProbe("flight.json", strings.NewReader(s))
		if err != nil {
			t.Fatal(err)
		}
		if m := (gutma.Format{}).Detect(p); m != input.No {
			t.Errorf("%q: %v", s, m)
		}
	}
}

// A long log is read in the memory that a short one takes.
func BenchmarkDecode(b *testing.B) {
	one, err := os.ReadFile("testdata/behind.json")
	if err != nil {
		b.Fatal(err)
	}
	s := string(one)
	i, j := strings.Index(s, "[ 0.5,"), strings.Index(s, "[ 1.0,")
	long := s[:j] + strings.Repeat(s[i:j], 50_000) + s[j:]
	b.SetBytes(int64(len(long)))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range (gutma.Format{}).Decode(b.Context(), strings.NewReader(long), logfmt.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
