package djmeta_test

import (
	"bytes"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
	"flightveil/logfmt/djmeta"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, djmeta.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, djmeta.Format{}, "testdata") }

func read(t *testing.T, name string) *logfmt.Flight {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	fl, err := logfmt.ReadFlights(t.Context(), djmeta.Format{}, bytes.NewReader(b), logfmt.Limits{})
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

func near(a, b float64) bool { return math.Abs(a-b) < 1e-4 || math.IsNaN(a) && math.IsNaN(b) }

// Each product's frames give back what was put in: of four frames, the first
// holds zeros and the second says that its position is not valid.
func TestProducts(t *testing.T) {
	none := math.NaN()
	const aircraft, camera = true, false
	for schema, c := range map[string]struct {
		kind                    bool
		msl, ellipsoid, unclear float64
		gimbal                  float64
		clock                   bool
	}{
		"wm265e": {aircraft, 1234.567, none, none, -90, false}, "pm320": {aircraft, 1234.567, none, none, -90, false},
		"Mini4_Pro": {aircraft, 1234.567, none, none, -90, false}, "Air3": {aircraft, none, 1234.567, none, -90, false},
		"Air3s": {aircraft, none, 1234.567, none, -90, false}, "wa345e": {aircraft, none, 1234.567, none, -90, true},
		"wm261": {aircraft, 1234.567, none, none, -90, true}, "Mavic4": {aircraft, 1234.567, none, none, -90, false},
		"Mini5Pro": {aircraft, 1234.567, none, none, -90, false}, "AVATA2": {aircraft, 1234.567, none, none, none, false},
		"dji_neo": {aircraft, 1234.567, none, none, none, false}, "eagle4_wa530": {aircraft, 1234.567, none, none, none, false},
		"ac203": {camera, none, none, 1234.567, none, true}, "ac204": {camera, none, none, 1234.567, none, true},
		"ac206": {camera, none, none, 1234.567, none, true}, "ow001": {camera, none, none, 1234.567, none, true},
		"oq101": {camera, none, none, 1234.567, none, true}, "Heron9": {camera, none, none, 1234.567, none, false},
	} {
		fl := read(t, schema+".mp4")
		if len(fl.Fixes) != 2 || len(fl.Damage) > 0 || fl.Start.Variant != schema {
			t.Errorf("%s: %d fixes, %+v, variant %q", schema, len(fl.Fixes), fl.Damage, fl.Start.Variant)
			continue
		}
		for i, f := range fl.Fixes {
			if f.Distance(way(i+2)) > 0.01 || f.Elapsed != time.Duration(i+2)*40*time.Millisecond || !f.Time.IsZero() {
				t.Errorf("%s: %v after %v", schema, f.Point, f.Elapsed)
			}
		}
		f := fl.Fixes[0]
		want := logfmt.NoFix()
		want.AltMSL, want.AltEllipsoid, want.AltUnclear, want.GimbalPitch = c.msl, c.ellipsoid, c.unclear, c.gimbal
		if c.kind == aircraft {
			want.AltHome, want.Speed, want.Climb, want.Course, want.Pitch, want.Roll, want.Yaw = 50.1, 5, 0.5, 306.8699, -2.5, 1.3, 305
		}
		for what, v := range map[string][2]float64{
			"AltMSL": {f.AltMSL, want.AltMSL}, "AltEllipsoid": {f.AltEllipsoid, want.AltEllipsoid}, "AltUnclear": {f.AltUnclear, want.AltUnclear},
			"AltHome": {f.AltHome, want.AltHome}, "Speed": {f.Speed, want.Speed}, "Climb": {f.Climb, want.Climb}, "Course": {f.Course, want.Course},
			"Roll": {f.Roll, want.Roll}, "Pitch": {f.Pitch, want.Pitch}, "Yaw": {f.Yaw, want.Yaw}, "GimbalPitch": {f.GimbalPitch, want.GimbalPitch},
		} {
			if !near(v[0], v[1]) {
				t.Errorf("%s: %s is %v, want %v", schema, what, v[0], v[1])
			}
		}
		if clock := time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC); c.clock != f.Local.Equal(clock) || !c.clock && !f.Local.IsZero() {
			t.Errorf("%s: the clock shows %v", schema, f.Local)
		}
	}
	for _, name := range []string{"PP-101.mp4", "wm169.mp4", "debugging.lrf"} {
		if fl := read(t, name); len(fl.Fixes) > 0 || len(fl.Damage) > 0 {
			t.Errorf("%s: %d fixes, %+v", name, len(fl.Fixes), fl.Damage)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	b, err := os.ReadFile("testdata/both-tracks.mov")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]privacy.Finding{}
	for _, id := range read(t, "both-tracks.mov").Identifiers {
		got[id.Path] = id.Finding
		if s := id.Spans[0]; string(b[s.Off:s.End()]) != id.Value.Reveal() {
			t.Errorf("%s does not lie where it is said to", id.Path)
		}
	}
	for path, want := range map[string]string{"SerialNumber": serial, "Model": "DJI Heron", "FirmwareVersion": "10.00.05.22", "SerialNumber 2-1-9": serial + "99"} {
		if got[path].Value.Reveal() != want {
			t.Errorf("%s is %q, want %q", path, got[path].Value.Reveal(), want)
		}
	}
	if got["SerialNumber"].Class != privacy.Identity || got["Model"].Class != privacy.Device {
		t.Error("classes")
	}
}

func TestTracks(t *testing.T) {
	// The second telemetry track has the same receiver: its positions are not told again.
	for name, n := range map[string]int{"both-tracks.mov": 3, "fragmented.mp4": 3} {
		if fl := read(t, name); len(fl.Fixes) != n || len(fl.Damage) > 0 {
			t.Errorf("%s: %d fixes, %+v", name, len(fl.Fixes), fl.Damage)
		}
	}
}

func TestDamage(t *testing.T) {
	for name, want := range map[string]int{"damaged-sample.mp4": 2, "damaged-cut.mp4": 2, "damaged-unit.mp4": 0} {
		if fl := read(t, name); len(fl.Fixes) != want || len(fl.Damage) != 1 {
			t.Errorf("%s: %d fixes, %+v", name, len(fl.Fixes), fl.Damage)
		}
	}
	// An index that makes no sense is told, not passed over.
	b, err := os.ReadFile("testdata/Air3s.mp4")
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.Index(b, []byte("stsc"))
	b = slices.Concat(b[:i+8], []byte{0, 0, 0xFF, 0xFF}, b[i+12:])
	records, err := logfmttest.Decode(t, djmeta.Format{}, b)
	if err != nil || !slices.ContainsFunc(records, func(r logfmt.Record) bool { _, ok := r.(logfmt.Damage); return ok }) {
		t.Error(records, err)
	}
}

func TestDetect(t *testing.T) {
	whole, err := os.ReadFile("testdata/Air3s.mp4")
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"empty": nil, "only a name": []byte("\x00\x00\x00\x18ftypisom"), "no index": whole[:200],
		"another track": bytes.ReplaceAll(whole, []byte("djmd"), []byte("mebx")),
	} {
		p, err := input.NewProbe("DJI_0001.MP4", bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if m := (djmeta.Format{}).Detect(p); m != input.No {
			t.Errorf("%s: %v", name, m)
		}
	}
}
