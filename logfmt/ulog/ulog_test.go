package ulog_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"testing"
	"time"

	"flightveil/internal/input"
	"flightveil/logfmt"
	"flightveil/logfmt/logfmttest"
	"flightveil/logfmt/ulog"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, ulog.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, ulog.Format{}, "testdata") }

func TestCorpus(t *testing.T) { logfmttest.Corpus(t, ulog.Format{}, "ulog") }

func read(t *testing.T, name string) (*logfmt.Flight, error) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	fl, err := logfmt.ReadFlights(t.Context(), ulog.Format{}, bytes.NewReader(b), logfmt.Limits{})
	if len(fl) > 1 {
		t.Fatal("one log is one flight")
	}
	if len(fl) == 0 {
		return nil, err
	}
	return fl[0], err
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-5 }

func TestFixes(t *testing.T) {
	for name, climb := range map[string]float64{"receiver.ulg": 0.5, "fused.ulg": 0.25} {
		fl, err := read(t, name)
		if err != nil || len(fl.Fixes) != 5 {
			t.Fatal(name, err, len(fl.Fixes), "fixes")
		}
		f := fl.Fixes[1]
		for what, v := range map[string][2]float64{
			"latitude": {f.Lat, -41.3875125 + 2*90e-7}, "longitude": {f.Lon, -132.4518375 + 4*90e-7}, "altitude": {f.AltMSL, 1234.5}, "ellipsoid": {f.AltEllipsoid, 1250.25},
			"speed": {f.Speed, 3.5}, "course": {f.Course, 45}, "climb": {f.Climb, climb}, "HDOP": {f.HDOP, 0.75},
		} {
			if !near(v[0], v[1]) {
				t.Errorf("%s: %s is %v, want %v", name, what, v[0], v[1])
			}
		}
		late := map[string]time.Duration{"receiver.ulg": 400 * time.Millisecond, "fused.ulg": 500 * time.Millisecond}[name]
		if want := time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC).Add(late); f.Sats != 14 || !f.Time.Equal(want) || f.Elapsed != time.Second+late {
			t.Errorf("%s: %d satellites, %v, %v", name, f.Sats, f.Time, f.Elapsed)
		}
		if name == "receiver.ulg" && (!near(f.Roll, 0) || !near(f.Pitch, 0) || !near(f.Yaw, 90) || !near(f.Battery, 75.5)) {
			t.Error("attitude or battery", f.Roll, f.Pitch, f.Yaw, f.Battery)
		}
	}
}

func TestSpots(t *testing.T) {
	fl, _ := read(t, "fused.ulg")
	type spot struct {
		metres int // on the way of the fixture
		alt    float64
		datum  string
	}
	want := map[logfmt.Role][]spot{
		logfmt.Home: {{-40, 1184.25, "MSL"}}, logfmt.Origin: {{-40, 1184, "MSL"}}, logfmt.Target: {{20, 1240, "MSL"}, {30, 1200, ""}},
		logfmt.Traffic: {{3000, 3000, ""}}, logfmt.RemoteID: {{-50, math.NaN(), ""}}, logfmt.Photo: {{3, 1234.5, "MSL"}},
	}
	for _, s := range fl.Spots {
		w := want[s.Role]
		if len(w) == 0 {
			t.Errorf("an unexpected position of role %s", s.Role)
			continue
		}
		if !near(s.Lat, -41.3875125+float64(w[0].metres)*90e-7) || s.Alt != w[0].alt && !math.IsNaN(w[0].alt) || math.IsNaN(s.Alt) != math.IsNaN(w[0].alt) || s.Datum != w[0].datum {
			t.Errorf("%s: %+v, want %+v", s.Role, s, w[0])
		}
		want[s.Role] = w[1:]
	}
	for role, rest := range want {
		if len(rest) > 0 {
			t.Errorf("%d positions of role %s are missing", len(rest), role)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	got := map[string]string{}
	for _, name := range []string{"fused.ulg", "receiver.ulg"} {
		b, _ := os.ReadFile("testdata/" + name)
		fl, _ := read(t, name)
		for _, id := range fl.Identifiers {
			got[id.Path] = id.Value.Reveal()
			if s := id.Spans[0]; (id.Path == "sys_uuid" || id.Path == "boot_console_output" || id.Path == "log_message/text") && string(b[s.Off:s.End()]) != id.Value.Reveal() {
				t.Errorf("%s: the span does not hold the value", id.Path)
			}
		}
	}
	for path, want := range map[string]string{
		"sys_uuid": "0006000000004519C0FFEE00", "ver_hw": "FMU_V5X", "ver_sw_release": "1.11.2", "vehicle_label": "FVCANARY4519KX", "boot_console_output": "mounted /fs/microsd of Zephyrine Quillfeather",
		"parameter/COM_FLIGHT_UUID": "4519", "log_message/text": "PX4: the heron nests behind the boathouse", "transponder_report/callsign": "FVCANARY",
		"open_drone_id_operator_id/operator_id": "FIN87astrdge12k8", "gps_inject_data/data": "corrections of a base station",
	} {
		if got[path] != want {
			t.Errorf("%s is %q, want %q", path, got[path], want)
		}
		delete(got, path)
	}
	if len(got) > 0 {
		t.Error("unexpected:", got)
	}
}

func TestAppended(t *testing.T) {
	fl, err := read(t, "appended.ulg")
	if err != nil || len(fl.Fixes) != 6 || len(fl.Damage) != 0 {
		t.Fatalf("%v, %d fixes, damage %v: the appended stream has the sixth", err, len(fl.Fixes), fl.Damage)
	}
	if m := fl.Messages[len(fl.Messages)-1]; m.Text.Reveal() != "crashed in Port Quillon" || m.Severity != "error" {
		t.Errorf("%q %s", m.Text.Reveal(), m.Severity)
	}
	if _, err := read(t, "damaged-later.ulg"); !errors.Is(err, input.ErrUnsupported) {
		t.Error("features of later versions are not refused:", err)
	}
}

func TestNowhere(t *testing.T) {
	fl, err := read(t, "nowhere.ulg")
	if err != nil || len(fl.Fixes)+len(fl.Spots) != 0 {
		t.Error(err, fl.Fixes, fl.Spots)
	}
	if want := time.Date(2031, 7, 19, 4, 47, 54, 0, time.UTC); !fl.Messages[0].Time.Equal(want) {
		t.Error("a simulator's clock is UTC:", fl.Messages[0].Time)
	}
}

func TestDamage(t *testing.T) {
	fl, err := read(t, "damaged-middle.ulg")
	if err != nil || len(fl.Damage) < 2 || len(fl.Fixes) < 3 {
		t.Errorf("%v, %d fixes, damage %v", err, len(fl.Fixes), fl.Damage)
	}
}

// repeated is a log whose data comes again and again.
type repeated struct {
	head, b []byte
	size    int64
}

func (r repeated) Size() int64 { return r.size }

func (r repeated) ReadAt(p []byte, off int64) (n int, err error) {
	if off < int64(len(r.head)) {
		n = copy(p, r.head[off:])
	}
	for n < len(p) {
		n += copy(p[n:], r.b[(off+int64(n)-int64(len(r.head)))%int64(len(r.b)):])
	}
	return n, nil
}

// The mix of a real log: five positions among a hundred messages of sensors.
func BenchmarkDecode(b *testing.B) {
	sample, err := os.ReadFile("testdata/receiver.ulg")
	if err != nil {
		b.Fatal(err)
	}
	at := bytes.Index(sample, []byte("battery_status\x0c")) // the first data: its length begins where the name ends
	if at < 0 {
		at = bytes.LastIndex(sample, []byte("battery_status"))
	}
	at += len("battery_status")
	one := bytes.Clone(sample[at:])
	one = append(one, bytes.Repeat(append([]byte{60, 0, 'D', 0x99, 0}, make([]byte, 58)...), 100)...)
	in := repeated{sample[:at], one, int64(at) + 64<<20/int64(len(one))*int64(len(one))}
	b.SetBytes(in.size)
	b.ReportAllocs()
	for b.Loop() {
		fixes := 0
		for r, err := range (ulog.Format{}).Decode(b.Context(), in, logfmt.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
			if _, ok := r.(logfmt.Fix); ok {
				fixes++
			}
		}
		if want := 5 * int((in.size-int64(at))/int64(len(one))); fixes != want {
			b.Fatal(fixes, "fixes, want", want)
		}
	}
}
