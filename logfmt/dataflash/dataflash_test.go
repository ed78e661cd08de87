package dataflash_test

import (
	"bytes"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"flightveil/logfmt"
	"flightveil/logfmt/dataflash"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, dataflash.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, dataflash.Format{}, "testdata") }

func TestCorpus(t *testing.T) { logfmttest.Corpus(t, dataflash.Format{}, "dataflash") }

func flights(t *testing.T, name string) []*logfmt.Flight {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	fl, err := logfmt.ReadFlights(t.Context(), dataflash.Format{}, bytes.NewReader(b), logfmt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return fl
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-5 }

// check compares the second fix of a flight with what was written.
func check(t *testing.T, f logfmt.Fix, lat, lon, hdop, climb float64, sats int) {
	t.Helper()
	for name, v := range map[string][2]float64{
		"latitude": {f.Lat, lat}, "longitude": {f.Lon, lon}, "altitude": {f.AltMSL, 1234.5}, "home": {f.AltHome, 50.25}, "speed": {f.Speed, 3.5},
		"course": {f.Course, 45}, "climb": {f.Climb, climb}, "roll": {f.Roll, 1.5}, "pitch": {f.Pitch, -2.25}, "yaw": {f.Yaw, 271.5}, "HDOP": {f.HDOP, hdop},
	} {
		if !near(v[0], v[1]) {
			t.Errorf("%s is %v, want %v", name, v[0], v[1])
		}
	}
	if f.Sats != sats {
		t.Errorf("%d satellites, want %d", f.Sats, sats)
	}
}

// Text and binary say the same.
func TestModern(t *testing.T) {
	for _, name := range []string{"modern.bin", "modern.log"} {
		t.Run(name, func(t *testing.T) {
			fl := flights(t, name)
			if len(fl) != 2 || len(fl[0].Fixes) != 5 || len(fl[1].Fixes) != 5 {
				t.Fatalf("%d flights, want two with five fixes each", len(fl))
			}
			check(t, fl[0].Fixes[1], -41.3875125+2*90e-7, -132.4518375+4*90e-7, 0.75, 0.5, 14)
			if fl[0].Fixes[1].Battery != 78 {
				t.Error("battery of the first instance:", fl[0].Fixes[1].Battery)
			}
			begin := time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC)
			if got := fl[0].Fixes[0].Time.Sub(begin); got != 9400*time.Millisecond {
				t.Error("the first fix comes", got, "after the start")
			}
			if got := fl[1].Fixes[0].Time.Sub(begin); got != 60900*time.Millisecond {
				t.Error("the second start's first fix comes", got, "after the start")
			}
			if len(fl[0].Damage)+len(fl[1].Damage) != 0 {
				t.Error("padding is no damage")
			}
			roles := map[logfmt.Role]int{}
			for _, s := range fl[0].Spots {
				roles[s.Role]++
			}
			for role, n := range map[logfmt.Role]int{logfmt.Home: 2, logfmt.Origin: 1, logfmt.Waypoint: 2, logfmt.Photo: 1, logfmt.Traffic: 1, logfmt.Target: 1, logfmt.Candidate: 0} {
				if roles[role] != n {
					t.Errorf("%d positions of role %s, want %d", roles[role], role, n)
				}
			}
			ids := map[string]string{}
			b, _ := os.ReadFile("testdata/" + name)
			for _, id := range fl[0].Identifiers {
				ids[id.Path] = id.Value.Reveal()
				if s := id.Spans[0]; id.Path == "MSG/Message" && !bytes.HasPrefix(b[s.Off:], []byte(id.Value.Reveal())) {
					t.Error("the span does not hold the value")
				}
			}
			if ids["PARM/BRD_SERIAL_NUM"] != "4519" || ids["MSG/Message"] != "fmuv3 0035002F 3136510A 33353135" || ids["VER/FWS"] != "ArduCopter V4.5.7 (0a1b2c3d)" || len(ids) != 3 {
				t.Error(ids)
			}
			if m := fl[0].Messages[1]; m.Text.Reveal() != "Mission: 1 WP, then Zephyrine Quillfeather" {
				t.Errorf("%q", m.Text.Reveal())
			}
		})
	}
}

func TestOld(t *testing.T) {
	for _, name := range []string{"old.bin", "comma.log"} {
		fl := flights(t, name)
		if len(fl) != 1 || len(fl[0].Fixes) != 6 {
			t.Fatal(name, len(fl), len(fl[0].Fixes))
		}
		f := fl[0].Fixes[1]
		check(t, f, -41.3875125+90e-7, -132.4518375+180e-7, 1.75, 0.5, 9)
		if want := time.Date(2014, 11, 7, 23, 59, 44, 200e6, time.UTC); !f.Time.Equal(want) || f.Elapsed != 210*time.Millisecond {
			t.Errorf("%s: %v (%v), want %v: GPS was 16 s ahead", name, f.Time, f.Elapsed, want)
		}
		if id := fl[0].Identifiers[0]; id.Class != "identity" || id.Value.Reveal() != "PX4v2 26002600 0A473234 33353231" {
			t.Error("the processor's number is not told")
		}
	}
}

func TestPX4(t *testing.T) {
	fl := flights(t, "sdlog2.px4log")[0]
	if len(fl.Fixes) != 4 || !fl.Fixes[1].Time.Equal(time.Date(2031, 7, 19, 4, 47, 53, 200e6, time.UTC)) || !near(fl.Fixes[1].Course, 45) {
		t.Errorf("%+v", fl.Fixes)
	}
	nowhere := flights(t, "nowhere.bin")[0]
	if len(nowhere.Fixes) != 0 || len(nowhere.Spots) != 4 || nowhere.Spots[0].Role != logfmt.Candidate {
		t.Errorf("%d fixes, %+v", len(nowhere.Fixes), nowhere.Spots)
	}
}

// repeated is the same log again and again.
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

// benchmark decodes the rows of an old log, an attitude with each of six
// positions, among sensors nobody reads: ten for each, as autopilots log them
// at the least. The sensor is described after the first line or message.
func benchmark(b *testing.B, name string, first int, describe, sensor []byte) {
	sample, err := os.ReadFile("testdata/" + name)
	if err != nil {
		b.Fatal(err)
	}
	at := bytes.Index(sample, []byte("33353231")) + len("33353231")
	for !bytes.HasPrefix(sample[at:], []byte("ATT")) && !bytes.HasPrefix(sample[at:], []byte{0xA3, 0x95}) {
		at++
	}
	head := slices.Concat(sample[:first], describe, sample[first:at])
	one := append(bytes.Clone(sample[at:]), bytes.Repeat(sensor, 60)...)
	at = len(head)
	in := repeated{head, one, int64(at) + 64<<20/int64(len(one))*int64(len(one))}
	b.SetBytes(in.size)
	b.ReportAllocs()
	for b.Loop() {
		fixes := 0
		for r, err := range (dataflash.Format{}).Decode(b.Context(), in, logfmt.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
			if _, ok := r.(logfmt.Fix); ok {
				fixes++
			}
		}
		if want := 6 * int((in.size-int64(at))/int64(len(one))); fixes != want {
			b.Fatal(fixes, "fixes, want", want)
		}
	}
}

func BenchmarkBinary(b *testing.B) {
	describe := make([]byte, 89)
	copy(describe, "\xa3\x95\x80\x77\x1fIMU\x00Iffffff")
	copy(describe[25:], "TimeMS,A,B,C,D,E,F")
	benchmark(b, "old.bin", 89, describe, append([]byte{0xA3, 0x95, 0x77}, make([]byte, 28)...))
}

func BenchmarkText(b *testing.B) {
	benchmark(b, "comma.log", 0, []byte("FMT, 119, 31, IMU, Iffffff, TimeMS,A,B,C,D,E,F\r\n"), []byte("IMU, 7000, 0.012, -0.034, 0.001, -9.81, 0.25, -0.125\r\n"))
}
