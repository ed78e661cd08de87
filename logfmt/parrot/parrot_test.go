package parrot_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
	"flightveil/logfmt/logfmttest"
	"flightveil/logfmt/parrot"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, parrot.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, parrot.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, parrot.Format{}, "testdata") }

func read(t *testing.T, name string) *logfmt.Flight {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	fl, err := logfmt.ReadFlights(t.Context(), parrot.Format{}, bytes.NewReader(b), logfmt.Limits{})
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

var when = time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-4 || math.IsNaN(a) && math.IsNaN(b) }

// Every dialect gives back what was put in: rows 1, 2, 3 and 5 have a position,
// and the altitude is 50.125 m, whatever it is counted in.
func TestDialects(t *testing.T) {
	for _, c := range []struct {
		name, variant string
		rows          []int
		utc           bool
	}{
		{"bebop.pud", "Bebop 1.0", []int{1, 2, 3, 5}, true},
		{"anafi.pud", "Anafi 1.2", []int{1, 2, 3, 5}, true},
		{"anafi.json", "Anafi 1.2", []int{1, 2, 3, 5}, true},
		{"academy.json", "Bebop 1.1", []int{1, 2, 3, 5}, true},
		{"no-zone.json", "Bebop 2 1.1", []int{1, 2}, false},
		{"damaged-noise.pud", "Bebop 1.0", []int{1, 2, 3, 5}, true},
		{"damaged-noise.json", "Anafi 1.2", []int{1, 2, 5}, true},
		{"damaged-cut.pud", "Anafi 1.2", []int{1, 2, 3}, true},
	} {
		fl := read(t, c.name)
		if len(fl.Fixes) != len(c.rows) || fl.Start.Variant != c.variant || strings.HasPrefix(c.name, "damaged") != (len(fl.Damage) > 0) {
			t.Errorf("%s: %d fixes, %q, %+v", c.name, len(fl.Fixes), fl.Start.Variant, fl.Damage)
			continue
		}
		for i, f := range fl.Fixes {
			since := time.Duration(c.rows[i]) * 200 * time.Millisecond
			if f.Distance(way(c.rows[i])) > 0.01 || f.Elapsed != since || c.utc && !f.Time.Equal(when.Add(since)) || !c.utc && (!f.Time.IsZero() || !f.Local.Equal(when.Add(since))) {
				t.Errorf("%s: %v after %v at %v", c.name, f.Point, f.Elapsed, f.Time)
			}
			for what, v := range map[string][2]float64{"AltHome": {f.AltHome, 50.125}, "AltMSL": {f.AltMSL, math.NaN()}, "Speed": {f.Speed, 5}, "Climb": {f.Climb, 0.5},
				"Course": {f.Course, 306.869898}, "Roll": {f.Roll, 3.580986}, "Pitch": {f.Pitch, -7.161972}, "Yaw": {f.Yaw, 302.704220}} {
				if !near(v[0], v[1]) {
					t.Errorf("%s: %s is %v, want %v", c.name, what, v[0], v[1])
				}
			}
		}
		remote := logfmt.Point{Lat: lat - 50*90e-7, Lon: lon - 50*90e-7}
		found := 0
		for _, s := range fl.Spots {
			if s.Role == logfmt.Remote && s.Distance(remote) < 0.01 {
				found++
			}
		}
		if found != 1 {
			t.Errorf("%s: %+v", c.name, fl.Spots)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	for _, name := range []string{"bebop.pud", "anafi.json"} {
		got := map[string]privacy.Finding{}
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range read(t, name).Identifiers {
			got[id.Path] = id.Finding
			if s := id.Spans[0]; string(b[s.Off:s.End()]) != id.Value.Reveal() {
				t.Errorf("%s: %s does not lie where it is said to", name, id.Path)
			}
		}
		for path, want := range map[string]string{"serial_number": serial, "product_name": "Zephyrine Quillfeather", "uuid": "F88751" + serial, "controller_application": serial + "77,1.2.0"} {
			if got[path].Value.Reveal() != want || got[path].Class != privacy.Identity {
				t.Errorf("%s: %s is %q (%s)", name, path, got[path].Value.Reveal(), got[path].Class)
			}
		}
		if got["controller_model"].Class != privacy.Device {
			t.Errorf("%s: the phone is %s", name, got["controller_model"].Class)
		}
	}
}

// Rows whose columns are not all named, or not known, are not guessed at.
func TestNoGuess(t *testing.T) {
	for name, s := range map[string]string{
		"names cut off":   `{"details_data": [[1, 2, 3]], "details_headers": ["time", "product_gps_latitude", "product_gps_longitude"`,
		"no names":        `{"details_headers": [], "details_data": [[1, 2, 3]]}`,
		"an unknown type": `{"details_headers": [{"name": "time", "type": "quaternion", "size": 4}]}` + "\x00\x01\x02\x03\x04",
	} {
		if records, err := logfmttest.Decode(t, parrot.Format{}, []byte(s)); err == nil {
			t.Errorf("%s: %v", name, records)
		}
	}
}

// The clock of a log that begins late counts from something else; a row whose
// clock runs back, or leaps, is none.
func TestClock(t *testing.T) {
	head := `{"date": "2031-07-19T044753+0000", "details_headers": [{"name":"time","type":"integer","size":4},{"name":"product_gps_latitude","type":"double","size":8},{"name":"product_gps_longitude","type":"double","size":8}]}` + "\x00"
	row := func(ms int) string {
		b := []byte{byte(ms), byte(ms >> 8), byte(ms >> 16), byte(ms >> 24)}
		for _, v := range []float64{lat, lon} {
			bits := math.Float64bits(v)
			for i := range 8 {
				b = append(b, byte(bits>>(8*i)))
			}
		}
		return string(b)
	}
	log := head + row(3_600_000) + row(3_600_200) + row(12) + row(3_600_400) + row(80_000_000) + row(3_600_600) + row(3_600_800)
	records, err := logfmttest.Decode(t, parrot.Format{}, []byte(log))
	if err != nil {
		t.Fatal(err)
	}
	var seen []time.Duration
	damage := 0
	for _, r := range records {
		switch r := r.(type) {
		case logfmt.Fix:
			seen = append(seen, r.Elapsed)
			if !r.Time.Equal(when.Add(r.Elapsed)) {
				t.Errorf("at %v after %v", r.Time, r.Elapsed)
			}
		case logfmt.Damage:
			damage++
		}
	}
	if want := "[0s 200ms 400ms 600ms 800ms]"; fmt.Sprint(seen) != want && fmt.Sprint(seen) != "[0s 200ms 600ms 800ms]" || damage != 2 && damage != 1 {
		t.Error(seen, damage)
	}
}

func TestDetect(t *testing.T) {
	for _, s := range []string{"", "{", `{"details": [1]}`, `["details_headers"]`, `{"type":"FeatureCollection"}`} {
		p, err := input.NewProbe("0901_2031.pud", strings.NewReader(s))
		if err != nil {
			t.Fatal(err)
		}
		if m := (parrot.Format{}).Detect(p); m != input.No {
			t.Errorf("%q: %v", s, m)
		}
	}
}

// A long log is read in the memory that a short one takes.
func BenchmarkDecode(b *testing.B) {
	one, err := os.ReadFile("testdata/anafi.json")
	if err != nil {
		b.Fatal(err)
	}
	s := string(one)
	i, j := strings.Index(s, "  [200"), strings.Index(s, "  [400")
	long := s[:j] + strings.Repeat(s[i:j], 50_000) + s[j:]
	b.SetBytes(int64(len(long)))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range (parrot.Format{}).Decode(b.Context(), strings.NewReader(long), logfmt.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
