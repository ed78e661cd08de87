package tlog_test

import (
	"bytes"
	"math"
	"os"
	"testing"
	"time"

	"flightveil/internal/block/autopilot"
	"flightveil/logfmt"
	"flightveil/logfmt/logfmttest"
	"flightveil/logfmt/tlog"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, tlog.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, tlog.Format{}, "testdata") }

func TestCorpus(t *testing.T) { logfmttest.Corpus(t, tlog.Format{}, "tlog") }

func flights(t *testing.T, name string) []*logfmt.Flight {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	fl, err := logfmt.ReadFlights(t.Context(), tlog.Format{}, bytes.NewReader(b), logfmt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return fl
}

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }

func TestFixes(t *testing.T) {
	fl := flights(t, "rich.tlog")[0]
	if len(fl.Fixes) != 6 {
		t.Fatalf("%d fixes, want 6: one without lock is none", len(fl.Fixes))
	}
	f := fl.Fixes[1]
	for name, v := range map[string][3]float64{
		"latitude": {f.Lat, -41.3875125 + 90e-7, 1e-9}, "longitude": {f.Lon, -132.4518375 + 180e-7, 1e-9}, "altitude": {f.AltMSL, 1234.567, 1e-9},
		"ellipsoid": {f.AltEllipsoid, 1250, 1e-9}, "home": {f.AltHome, 50, 1e-9}, "speed": {f.Speed, 3.5, 1e-9}, "course": {f.Course, 45, 1e-9},
		"climb": {f.Climb, 0.5, 1e-9}, "roll": {f.Roll, 5.7296, 1e-3}, "yaw": {f.Yaw, 360 - 85.9437, 1e-3}, "battery": {f.Battery, 87, 0}, "HDOP": {f.HDOP, 1.2, 1e-9},
	} {
		if !near(v[0], v[1], v[2]) {
			t.Errorf("%s is %v, want %v", name, v[0], v[1])
		}
	}
	if f.Sats != 14 || f.Time.Sub(time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC)) < 0 || f.Time.Sub(fl.Fixes[0].Time) != f.Elapsed-fl.Fixes[0].Elapsed {
		t.Error(f.Sats, f.Time, f.Elapsed)
	}
}

func TestSpots(t *testing.T) {
	want := map[logfmt.Role]int{logfmt.Home: 3, logfmt.Origin: 1, logfmt.Waypoint: 4, logfmt.Target: 2, logfmt.Photo: 2, logfmt.Traffic: 1, logfmt.RemoteID: 3}
	got := map[logfmt.Role]int{}
	for _, s := range flights(t, "rich.tlog")[0].Spots {
		got[s.Role]++
		if s.Role == logfmt.RemoteID && got[s.Role] == 1 && (!near(s.Lat, -41.3875125-4100e-7, 1e-9) || s.Alt != 1186.5 || s.Datum != "ellipsoid") {
			t.Error("operator", s)
		}
		if s.Role == logfmt.RemoteID && got[s.Role] == 2 && !math.IsNaN(s.Alt) {
			t.Error("-1000 m is an unknown altitude")
		}
	}
	for role, n := range want {
		if got[role] != n {
			t.Errorf("%d positions of role %s, want %d", got[role], role, n)
		}
	}
	if len(got) != len(want) {
		t.Error(got)
	}
}

func TestIdentifiers(t *testing.T) {
	b, _ := os.ReadFile("testdata/rich.tlog")
	fl := flights(t, "rich.tlog")[0]
	got := map[string]string{}
	for _, id := range fl.Identifiers {
		got[id.Path] = id.Value.Reveal()
		if s := id.Spans[0]; id.Path == "OPEN_DRONE_ID_MESSAGE_PACK/operator_id" && string(b[s.Off:s.Off+16]) != "FIN87astrdge12k9" {
			t.Error("the span does not hold the value")
		}
	}
	for path, want := range map[string]string{
		"AUTOPILOT_VERSION/uid": "eeffc01945", "PARAM_VALUE/BRD_SERIAL_NUM": "1234567", "STATUSTEXT/text": "fmuv3 0035002F 3136510A 33353135",
		"OPEN_DRONE_ID_BASIC_ID/uas_id": "FVCANARY4519KX", "OPEN_DRONE_ID_OPERATOR_ID/operator_id": "FIN87astrdge12k8", "OPEN_DRONE_ID_MESSAGE_PACK/uas_id": "FVCANARY4519KX",
		"OPEN_DRONE_ID_SELF_ID/description": "the heron nests behind", "ADSB_VEHICLE/callsign": "FVCANARY", "AUTOPILOT_VERSION/flight_sw_version": "4.5.7",
		"AUTH_KEY/key": "Zephyrine Quillfeather",
	} {
		if got[path] != want {
			t.Errorf("%s is %q, want %q", path, got[path], want)
		}
	}
	last := fl.Messages[len(fl.Messages)-1]
	if want := "long text long text long text long text long text that ends here"; last.Text.Reveal() != want || last.Severity != "warning" {
		t.Errorf("%q, %s", last.Text.Reveal(), last.Severity)
	}
}

func TestVehicles(t *testing.T) {
	fl := flights(t, "mixed.tlog")
	if len(fl) != 2 || len(fl[0].Fixes) != 4 || len(fl[1].Fixes) != 4 {
		t.Fatalf("%d flights, want two with four fixes each: the vehicle was started again", len(fl))
	}
	if fl[0].Start.Variant != "MAVLink 1 and 2" {
		t.Error(fl[0].Start.Variant)
	}
	roles := map[logfmt.Role]int{}
	for _, f := range fl {
		for _, s := range f.Spots {
			roles[s.Role]++
		}
	}
	if roles[logfmt.Remote] != 1 || roles[logfmt.Traffic] != 2 || roles[logfmt.Phone] != 1 {
		t.Error(roles)
	}
	if fl := flights(t, "nowhere.tlog")[0]; len(fl.Fixes)+len(fl.Spots) != 0 {
		t.Error("positions where there are none")
	}
}

func TestPlain(t *testing.T) {
	fl := flights(t, "plain.rlog")[0]
	if want := time.Date(2031, 7, 19, 4, 47, 52, 0, time.UTC); len(fl.Fixes) != 6 || !fl.Fixes[0].Time.Equal(want) || fl.Fixes[5].Elapsed != 5*time.Second {
		t.Errorf("%d fixes, the first at %v, want %v", len(fl.Fixes), fl.Fixes[0].Time, want)
	}
}

func TestGPSTime(t *testing.T) {
	for _, c := range []struct {
		week int
		in   time.Duration
		want string
	}{
		{1817, 0, "2014-11-01T23:59:44Z"}, {793, 0, "2014-11-01T23:59:44Z"}, {1930, 17 * time.Second, "2017-01-01T00:00:00Z"}, {1930, 16 * time.Second, "2016-12-31T23:59:59Z"},
		{2300, time.Hour, "2024-02-04T00:59:42Z"}, {2300 - 2048, time.Hour, "2024-02-04T00:59:42Z"},
	} {
		if got, ok := autopilot.GPSTime(c.week, c.in); !ok || got.Format(time.RFC3339) != c.want {
			t.Errorf("week %d + %v is %v, want %s", c.week, c.in, got, c.want)
		}
	}
	if _, ok := autopilot.GPSTime(0, time.Hour); ok {
		t.Error("week 0 is none")
	}
}

// endless repeats a log of a second as often as a size needs.
type endless struct {
	b    []byte
	size int64
}

func (e endless) Size() int64 { return e.size }

func (e endless) ReadAt(p []byte, off int64) (int, error) {
	for n := 0; n < len(p); {
		n += copy(p[n:], e.b[(off+int64(n))%int64(len(e.b)):])
	}
	return len(p), nil
}

// second is what an autopilot sends: two positions of one fix, an attitude,
// a battery and, five times, a home.
func second(b testing.TB) []byte {
	sample, err := os.ReadFile("testdata/rich.tlog")
	if err != nil {
		b.Fatal(err)
	}
	var one []byte
	for i := range 6 {
		n := 8 + 12 + int(sample[9])
		if sample[10]&1 == 1 {
			n += 13
		}
		if i == 5 {
			one = append(one, bytes.Repeat(sample[:n], 4)...)
		}
		one, sample = append(one, sample[:n]...), sample[n:]
	}
	return one
}

func BenchmarkDecode(b *testing.B) {
	one := second(b)
	in := endless{one, 64 << 20 / int64(len(one)) * int64(len(one))}
	b.SetBytes(in.size)
	b.ReportAllocs()
	for b.Loop() {
		fixes := 0
		for r, err := range (tlog.Format{}).Decode(b.Context(), in, logfmt.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
			if _, ok := r.(logfmt.Fix); ok {
				fixes++
			}
		}
		if fixes != int(in.size)/len(one) {
			b.Fatal(fixes, "fixes")
		}
	}
}
