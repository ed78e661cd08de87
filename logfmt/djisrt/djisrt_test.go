package djisrt_test

import (
	"bytes"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"flightveil/logfmt"
	"flightveil/logfmt/djisrt"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, djisrt.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, djisrt.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, djisrt.Format{}, "testdata") }

func flights(t *testing.T, b []byte) []*logfmt.Flight {
	t.Helper()
	fl, err := logfmt.ReadFlights(t.Context(), djisrt.Format{}, bytes.NewReader(b), logfmt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return fl
}

func sample(t *testing.T, name string) []*logfmt.Flight {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return flights(t, b)
}

const lat, lon = -41.3875125, -132.4518375

// Every dialect holds the same track; what else it tells differs.
func TestDialects(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name               string
		fixes              int
		tol                float64 // half a unit of the last decimal written
		rel, abs, unclear  float64 // of the last fix
		yaw, gimbal, speed float64
		sats               int
		home               bool
		elapsed            time.Duration // of the last fix
		local              string        // of the last fix
	}{
		{"phantom3.srt", 4, 6e-5, 4.9, nan, nan, nan, nan, nan, 16, true, 3 * time.Second, "04:47:56"},
		{"mavic-pro.srt", 4, 6e-5, 4.9, nan, nan, nan, nan, nan, 16, true, 3 * time.Second, "04:47:56"},
		{"mavic-mini.srt", 4, 6e-5, 200.73, nan, nan, nan, nan, nan, 17, false, 3 * time.Second, ""},
		{"p4-rtk.srt", 4, 6e-7, 85.83, nan, nan, 110.1, -110.4, 2.88, 15, true, 3 * time.Second, ""},
		{"p4-latin1.srt", 4, 6e-7, 85.83, nan, nan, 110.1, -110.4, 2.88, 15, true, 3 * time.Second, ""},
		{"mavic-air-no-position.srt", 0, 0, nan, nan, nan, nan, nan, nan, -1, false, 0, ""},
		{"mavic2-zoom.srt", 4, 6e-7, nan, nan, 213.983003, nan, nan, nan, -1, false, 48 * time.Millisecond, "04:47:53.768764"},
		{"mavic2-zoom-crlf-bom.srt", 4, 6e-7, nan, nan, 213.983003, nan, nan, nan, -1, false, 48 * time.Millisecond, "04:47:53.768764"},
		{"mavic3.srt", 4, 6e-7, -2.403, 0.401, nan, nan, nan, nan, -1, false, 60 * time.Millisecond, "04:47:53.433"},
		{"mini5pro.srt", 3, 6e-7, 5.4, -124.744, nan, nan, -162.8, nan, -1, false, 123 * time.Millisecond, "04:47:53.138"},
		{"m30-thermal.srt", 4, 6e-7, 30.25, 1264.813, nan, 314.5, -91.4, nan, -1, false, 99 * time.Millisecond, "04:47:53.199"},
		{"bare.srt", 4, 6e-7, 1.3, 132.863, nan, nan, nan, nan, -1, false, 99 * time.Millisecond, ""},
	} {
		fl := sample(t, c.name)[0]
		if len(fl.Fixes) != c.fixes || len(fl.Damage) > 0 {
			t.Errorf("%s: %d fixes, want %d; damage %v", c.name, len(fl.Fixes), c.fixes, fl.Damage)
			continue
		}
		for i, f := range fl.Fixes {
			k := float64(i + 4 - c.fixes)
			if math.Abs(f.Lat-(lat+k*0.0002)) > c.tol || math.Abs(f.Lon-(lon+k*0.0003)) > c.tol {
				t.Errorf("%s: fix %d at %v", c.name, i, f.Point)
			}
		}
		if (len(fl.Spots) == 1) != c.home || c.home && (fl.Spots[0].Role != logfmt.Home || math.Abs(fl.Spots[0].Lat-(lat-0.001)) > c.tol) {
			t.Errorf("%s: home %v", c.name, fl.Spots)
		}
		if c.fixes == 0 {
			continue
		}
		f := fl.Fixes[c.fixes-1]
		for what, v := range map[string][2]float64{"AltHome": {f.AltHome, c.rel}, "AltMSL": {f.AltMSL, c.abs}, "AltUnclear": {f.AltUnclear, c.unclear},
			"Yaw": {f.Yaw, c.yaw}, "GimbalYaw": {f.GimbalYaw, c.gimbal}, "Speed": {f.Speed, c.speed}} {
			if math.IsNaN(v[0]) != math.IsNaN(v[1]) || math.Abs(v[0]-v[1]) > 1e-9 {
				t.Errorf("%s: %s %v, want %v", c.name, what, v[0], v[1])
			}
		}
		local := ""
		if !f.Local.IsZero() {
			local = f.Local.Format("15:04:05.999999")
		}
		if f.Sats != c.sats || f.Elapsed != c.elapsed || local != c.local || !f.Time.IsZero() {
			t.Errorf("%s: %d satellites, at %v, %q", c.name, f.Sats, f.Elapsed, local)
		}
	}
}

// GPS(..) is longitude first, except with the unit M behind the altitude, and
// except where the numbers can be nothing else.
func TestOrder(t *testing.T) {
	const head = "1\n00:00:01,000 --> 00:00:02,000\n"
	for _, c := range []struct {
		text     string
		lat, lon float64
	}{
		{"GPS(10.5,20.25,16) BAROMETER:1.9", 20.25, 10.5},
		{"GPS(10.5,20.25,0.0M) BAROMETER:0.3M", 10.5, 20.25},
		{"GPS(100.5,20.25,0.0M) BAROMETER:0.3M", 20.25, 100.5},
		{"GPS(10.5,120.25,16) BAROMETER:0.3", 10.5, 120.25},
		{"F/2.8, GPS (10.5, 20.25, 17), D 1m, H 2m", 20.25, 10.5},
	} {
		fl := flights(t, []byte(head+c.text+"\n"))
		if len(fl) != 1 || len(fl[0].Fixes) != 1 || fl[0].Fixes[0].Point != (logfmt.Point{Lat: c.lat, Lon: c.lon}) {
			t.Errorf("%s: %+v", c.text, fl[0].Fixes)
		}
	}
	for _, none := range []string{"GPS(0,0,0) BAROMETER:1", "GPS(n/a,n/a,n/a)", "GPS(200.5,100.5,3)", "GPS(10.5)", "[latitude: 0.000000] [longitude: 0.000000]", "[latitude: 91] [longitude: 5]"} {
		if fl := flights(t, []byte(head+none+"\n")); len(fl[0].Fixes) > 0 {
			t.Errorf("%s: %v", none, fl[0].Fixes[0].Point)
		}
	}
}

// TestInVideo reads captions from a track.
func TestInVideo(t *testing.T) {
	for name, alt := range map[string]float64{"captions.mp4": 85.83, "captions.mov": 4.9} {
		fl := sample(t, name)
		if len(fl) != 1 || len(fl[0].Fixes) != 4 || len(fl[0].Damage) != 0 || len(fl[0].Spots) != 1 {
			t.Fatalf("%s: %+v", name, fl)
		}
		f := fl[0].Fixes[3]
		if f.Elapsed <= 0 || math.Abs(f.Lat-(-41.3875125+0.0006)) > 1e-4 || math.Abs(f.Lon+132.4518375) > 1e-4 || math.Abs(fl[0].Spots[0].Lat-(-41.3875125-0.001)) > 1e-4 {
			t.Error(name, f.Elapsed, f.Point, fl[0].Spots)
		}
		if math.Abs(f.AltHome-alt) > 1e-6 && math.Abs(f.AltUnclear-alt) > 1e-6 {
			t.Error(name, f.AltHome, f.AltUnclear)
		}
	}
}

func TestBroken(t *testing.T) {
	if fl := flights(t, nil); len(fl) != 0 {
		t.Error("an empty file holds", fl)
	}
	if fl := sample(t, "damaged-cut.srt")[0]; len(fl.Fixes) != 3 || len(fl.Damage) != 1 {
		t.Errorf("cut: %d fixes, damage %v", len(fl.Fixes), fl.Damage)
	}
	if fl := sample(t, "damaged-garbage.srt")[0]; len(fl.Fixes) < 3 || len(fl.Damage) == 0 {
		t.Errorf("garbage: %d fixes, damage %v", len(fl.Fixes), fl.Damage)
	}
	if fl := sample(t, "joined.srt"); len(fl) != 2 || len(fl[0].Fixes) != 4 || len(fl[1].Fixes) != 2 {
		t.Error("joined:", len(fl))
	}
	id := sample(t, "mini5pro.srt")[0].Identifiers
	if len(id) != 1 || id[0].Path != "FrameId" || id[0].Value.Reveal() != "4519" {
		t.Error(id)
	}
}

func BenchmarkDecode(b *testing.B) {
	one, err := os.ReadFile("testdata/mavic3.srt")
	if err != nil {
		b.Fatal(err)
	}
	in := []byte(strings.Repeat(string(one), 4<<20/len(one)))
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		for _, err := range (djisrt.Format{}).Decode(b.Context(), bytes.NewReader(in), logfmt.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
