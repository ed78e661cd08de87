package gpmf_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"flightveil/internal/corpus"
	"flightveil/internal/input"
	"flightveil/logfmt"
	"flightveil/logfmt/gpmf"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, gpmf.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, gpmf.Format{}, "testdata") }

func read(t *testing.T, name string) *logfmt.Flight {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	fl, err := logfmt.ReadFlights(t.Context(), gpmf.Format{}, bytes.NewReader(b), logfmt.Limits{})
	if err != nil || len(fl) != 1 {
		t.Fatal(name, len(fl), "flights", err)
	}
	return fl[0]
}

func near(a, b float64) bool {
	return math.Abs(a-b) <= 1e-5 || math.IsNaN(a) && math.IsNaN(b)
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

func same(a, b logfmt.Point) bool {
	return math.Abs(a.Lat-b.Lat) < 1e-8 && math.Abs(a.Lon-b.Lon) < 1e-8
}

var when = time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC)

func TestFixes(t *testing.T) {
	unknown := math.NaN()
	for _, c := range []struct {
		name                        string
		fixes, i                    int // how many, and which is looked at
		metres                      int
		time                        time.Time
		elapsed                     time.Duration
		msl, ellipsoid, home        float64
		speed, climb, yaw, dilution float64
	}{
		{"hero5.raw", 6, 1, 2, when.Add(250*time.Millisecond + time.Second/18), -1, unknown, 1234.567, unknown, 3.5, unknown, unknown, 1.75},
		{"hero5.raw", 6, 3, 4, when.Add(250 * time.Millisecond), -1, 1234.567, unknown, unknown, 3.5, unknown, unknown, 1.75},
		{"hero5.mp4", 6, 1, 2, when.Add(250*time.Millisecond + time.Second/18), 40*time.Millisecond + 40*time.Millisecond/3, unknown, 1234.567, unknown, 3.5, unknown, unknown, 1.75},
		{"fragmented.mp4", 6, 3, 4, when.Add(250 * time.Millisecond), 80 * time.Millisecond, 1234.567, unknown, unknown, 3.5, unknown, unknown, 1.75},
		{"hero11.raw", 2, 1, 2, when.Add(350 * time.Millisecond), 1600 * time.Millisecond, 1234.567, unknown, unknown, 3.5, unknown, unknown, 1.25},
		{"hero11-searching.gpmf", 1, 0, 2, when.Add(350 * time.Millisecond), 1600 * time.Millisecond, 1234.567, unknown, unknown, 3.5, unknown, unknown, 1.25},
		{"karma.raw", 2, 1, 2, when.Add(500 * time.Millisecond), 250 * time.Millisecond, 1234.667, unknown, 50.1, 5, 0.5, 305, unknown},
	} {
		fl := read(t, "testdata/"+c.name)
		if len(fl.Fixes) != c.fixes || len(fl.Damage) > 0 {
			t.Errorf("%s: %d fixes, damage %v", c.name, len(fl.Fixes), fl.Damage)
			continue
		}
		f := fl.Fixes[c.i]
		if !same(f.Point, way(c.metres)) || !f.Time.Equal(c.time) || f.Elapsed != c.elapsed {
			t.Errorf("%s: %v at %v, %v", c.name, f.Point, f.Time, f.Elapsed)
		}
		for what, v := range map[string][2]float64{
			"AltMSL": {f.AltMSL, c.msl}, "AltEllipsoid": {f.AltEllipsoid, c.ellipsoid}, "AltHome": {f.AltHome, c.home}, "AltUnclear": {f.AltUnclear, unknown},
			"Speed": {f.Speed, c.speed}, "Climb": {f.Climb, c.climb}, "Yaw": {f.Yaw, c.yaw}, "HDOP": {f.HDOP, c.dilution},
		} {
			if !near(v[0], v[1]) {
				t.Errorf("%s: %s is %v, want %v", c.name, what, v[0], v[1])
			}
		}
	}
}

func TestSpots(t *testing.T) {
	for name, want := range map[string]logfmt.Spot{
		"karma.raw":    {Role: logfmt.Remote, Point: logfmt.Point{Lat: lat - 50*90e-7, Lon: lon - 50*90e-7}, Alt: 1184.25},
		"settings.raw": {Role: logfmt.Photo, Point: way(7), Alt: math.NaN()},
	} {
		spots := read(t, "testdata/"+name).Spots
		if len(spots) != 1 || spots[0].Role != want.Role || !same(spots[0].Point, want.Point) || !near(spots[0].Alt, want.Alt) {
			t.Errorf("%s: %+v", name, spots)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	b, err := os.ReadFile("testdata/settings.raw")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, id := range read(t, "testdata/settings.raw").Identifiers {
		got[id.Path] = id.Value.Reveal()
		if s := id.Spans[0]; id.Path != "MUID" && !bytes.Contains(b[s.Off:s.End()], []byte(id.Value.Reveal())) {
			t.Errorf("%s does not lie where it is said to", id.Path)
		}
	}
	for path, want := range map[string]string{"CASN": serial, "LINF": "L" + serial, "MINF": "HERO7 Black", "FMWR": "HD7.01.01.90.00", "MUID": "465643414e4152590000000000000000"} {
		if got[path] != want {
			t.Errorf("%s is %q, want %q", path, got[path], want)
		}
	}
}

func TestDamage(t *testing.T) {
	fl := read(t, "testdata/damaged-noise.raw")
	if len(fl.Fixes) != 6 || len(fl.Damage) != 2 || fl.Damage[0].Len != int64(len("noise that is no packet")) {
		t.Errorf("noise: %d fixes, %+v", len(fl.Fixes), fl.Damage)
	}
	if fl := read(t, "testdata/damaged-cut.raw"); len(fl.Fixes) != 3 || len(fl.Damage) != 1 {
		t.Errorf("cut: %d fixes, %+v", len(fl.Fixes), fl.Damage)
	}
}

// TestVideo compares with what exiftool 13.58 -ee finds in a real video.
func TestVideo(t *testing.T) {
	for _, name := range corpus.Files(t, "media/video") {
		if filepath.Base(name) != "gopro-max-gpmf.mp4" {
			continue
		}
		fl := read(t, name)
		if len(fl.Fixes) != 191 || len(fl.Damage) > 0 {
			t.Fatalf("%d fixes, damage %v", len(fl.Fixes), fl.Damage)
		}
		first := fl.Fixes[0]
		if !same(first.Point, logfmt.Point{Lat: 33.12677, Lon: -117.3273436}) || first.AltEllipsoid != -22.959 || !first.Time.Equal(time.Date(2019, 11, 18, 23, 45, 14, 0, time.UTC)) || first.HDOP != 1.54 {
			t.Errorf("%+v", first)
		}
		for i := 1; i < len(fl.Fixes); i++ {
			if a, b := fl.Fixes[i-1], fl.Fixes[i]; b.Elapsed <= a.Elapsed || b.Distance(a.Point) > 1 {
				t.Errorf("fix %d: %v after %v", i, b.Elapsed, a.Elapsed)
			}
		}
		return
	}
}

// A track of that name whose packets are of another vendor is none of ours.
func TestForeignTrack(t *testing.T) {
	b, err := os.ReadFile("testdata/hero5.mp4")
	if err != nil {
		t.Fatal(err)
	}
	p, err := input.NewProbe("FILE.MP4", bytes.NewReader(bytes.ReplaceAll(b, []byte(packet), []byte("GPS \x00"))))
	if err != nil {
		t.Fatal(err)
	}
	if m := (gpmf.Format{}).Detect(p); m != input.No {
		t.Error(m)
	}
}

const packet = "DEVC\x00"

func TestDetect(t *testing.T) {
	for _, b := range []string{"", "DEVC", "DEVC\x00\x01\x00\x10", "DEVC\x00\x01\x00\x10nonsense", "a DEVC\x00\x01\x00\x10DVIDL\x04\x00\x01"} {
		p, err := input.NewProbe("log.raw", bytes.NewReader([]byte(b)))
		if err != nil {
			t.Fatal(err)
		}
		if m := (gpmf.Format{}).Detect(p); m != input.No {
			t.Errorf("%q: %v", b, m)
		}
	}
}

// TestCorpus compares with a plain search for GPS5 and its lock, as those
// files have no other track but the Karma's.
func TestCorpus(t *testing.T) {
	be := binary.BigEndian
	for _, name := range corpus.Files(t, "logs/gpmf") {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want, key, size := 0, "GPS5", 20
		if bytes.Contains(b, []byte("GLPI?\x1c")) {
			key, size = "GLPI?", 28
		}
		i := bytes.Index(b, []byte(key))
		lock := bytes.Index(b, []byte("GPSFL\x04\x00\x01"))
		var first []byte
		if i >= 0 && (key != "GPS5" || lock < 0 || be.Uint32(b[lock+8:]) >= 2) {
			want, first = int(be.Uint16(b[i+6:])), b[i+8:i+8+size]
		}
		fl := read(t, name)
		if len(fl.Fixes) != want || len(fl.Damage) > 0 {
			t.Errorf("%s: %d fixes, want %d; damage %v", filepath.Base(name), len(fl.Fixes), want, fl.Damage)
			continue
		}
		if want > 0 {
			if key != "GPS5" {
				first = first[4:]
			}
			at := logfmt.Point{Lat: float64(int32(be.Uint32(first))) / 1e7, Lon: float64(int32(be.Uint32(first[4:]))) / 1e7}
			if !same(fl.Fixes[0].Point, at) || fl.Fixes[0].Time.IsZero() {
				t.Errorf("%s: begins at another place or without time", filepath.Base(name))
			}
		}
		if i := bytes.Index(b, []byte("CASNc")); i >= 0 {
			number := string(bytes.TrimRight(b[i+8:i+8+int(be.Uint16(b[i+6:]))], "\x00"))
			if !slices.ContainsFunc(fl.Identifiers, func(id logfmt.Identifier) bool { return id.Path == "CASN" && id.Value.Reveal() == number }) {
				t.Errorf("%s: the serial number is missing", filepath.Base(name))
			}
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	one, err := os.ReadFile("testdata/hero5.raw")
	if err != nil {
		b.Fatal(err)
	}
	in := bytes.NewReader(bytes.Repeat(one, 2000))
	b.SetBytes(in.Size())
	for b.Loop() {
		for _, err := range (gpmf.Format{}).Decode(b.Context(), in, logfmt.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
