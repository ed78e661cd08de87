package edgetx_test

import (
	"bytes"
	"math"
	"os"
	"testing"
	"time"

	"flightveil/logfmt"
	"flightveil/logfmt/edgetx"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, edgetx.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, edgetx.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, edgetx.Format{}, "testdata") }

func TestValues(t *testing.T) {
	fl := logfmttest.Flights(t, edgetx.Format{}, "flights.csv")
	if len(fl) != 2 {
		t.Fatal(len(fl))
	}
	if n := len(fl[0].Fixes); n != 2 {
		t.Fatalf("%d fixes, want 2", n)
	}
	f := fl[0].Fixes[1]
	logfmttest.Numbers(t, "fix", f.Lat, -41.3875125+2*0.0002, f.Lon, -132.4518375+2*0.0003, f.Speed, 10, f.AltUnclear, 30, f.Roll, 0.25*180/math.Pi)
	if want := time.Date(2031, 7, 19, 4, 47, 54, 200e6, time.UTC); !f.Local.Equal(want) || !f.Time.IsZero() {
		t.Error(f.Local, f.Time)
	}
}

// TestForms reads positions as every version of the radios writes them.
func TestForms(t *testing.T) {
	const lat, lon = -41.3875125, -132.4518375
	for _, tc := range []struct {
		name, header, cells string
		lat, lon            float64 // 0 if the cells are damaged
	}{
		{"OpenTX 2.2 and later", "GPS", "-41.3875125 -132.4518375", lat, lon},
		{"OpenTX 2.1.2", "GPS", "13227.1103W 4123.2508S", -41.38751333, -132.45183833},
		{"a degree of three digits", "GPS", "00727.1103E 05023.2508N", 50.38751333, 7.45183833},
		{"degrees and minutes", "GPS", "S 41°23.25075' W 132°27.11025'", lat, lon},
		{"degree signs of Latin-1", "GPS", "S 41\xB023.25075' W 132\xB027.11025'", lat, lon},
		{"the radio's own sign", "GPS", "41@23.25075'S 132@27.11025'W", lat, lon},
		{"no sign behind the minutes", "GPS", "S 41°23.25075 W 132°27.11025", lat, lon},
		{"seconds", "GPS", "41°23'15.045''S 132°27'6.615''W", lat, lon},
		{"sides", "GPS", "41.3875125S 132.4518375W", lat, lon},
		{"OpenTX 2.0", "Long,Lat", "13227.1103W,4123.2508S", -41.38751333, -132.45183833},
		{"two columns", "Latitude,Longitude", "-41.3875125,-132.4518375", lat, lon},
		{"minutes in two columns", "Lat,Long", "S 41°23.25075',W 132°27.11025'", lat, lon},
		{"sixty minutes", "GPS", "S 41°63.25075' W 132°27.11025'", 0, 0},
		{"sixty minutes without sign", "GPS", "13267.1103W 4123.2508S", 0, 0},
		{"two latitudes", "GPS", "41.38S 132.45S", 0, 0},
		{"one side", "GPS", "41.38S 132.45", 0, 0},
		{"off the globe", "GPS", "91.38 132.45", 0, 0},
		{"one number", "GPS", "-41.3875125", 0, 0},
		{"three numbers", "GPS", "-41.38 -132.45 7", 0, 0},
		{"rubbish", "GPS", "-41.38x5125 -132.4518375", 0, 0},
		{"sides in the wrong columns", "Lat,Long", "132.45W,41.38S", 0, 0},
		{"a minus and a side", "GPS", "-41.38S 132.45W", 0, 0},
		{"no side in minutes", "GPS", "4123.2508 13227.1103", 0, 0},
	} {
		in := "Date,Time," + tc.header + ",Alt(m),Rud,Ele,Thr,Ail,TxBat(V)\n2031-07-19,04:47:53.200," + tc.cells + ",30,0,0,0,0,8.2\n"
		fl, err := logfmt.ReadFlights(t.Context(), edgetx.Format{}, bytes.NewReader([]byte(in)), logfmt.Limits{})
		if err != nil || len(fl) != 1 {
			t.Fatal(tc.name, len(fl), err)
		}
		f := fl[0]
		switch {
		case tc.lat == 0:
			if len(f.Fixes) != 0 || len(f.Damage) != 1 {
				t.Errorf("%s: %d fixes, damage %v", tc.name, len(f.Fixes), f.Damage)
			}
		case len(f.Fixes) != 1 || len(f.Damage) != 0:
			t.Errorf("%s: %d fixes, damage %v", tc.name, len(f.Fixes), f.Damage)
		case math.Abs(f.Fixes[0].Lat-tc.lat) > 1e-8 || math.Abs(f.Fixes[0].Lon-tc.lon) > 1e-8 || f.Fixes[0].AltUnclear != 30:
			t.Errorf("%s: %v, %v m", tc.name, f.Fixes[0].Point, f.Fixes[0].AltUnclear)
		}
	}
}

// TestOldRadios reads the files of OpenTX 2.0 and 2.1.0.
func TestOldRadios(t *testing.T) {
	for name, utc := range map[string]bool{"opentx-2.0.csv": true, "opentx-2.1.0.csv": false} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		fl, err := logfmt.ReadFlights(t.Context(), edgetx.Format{}, bytes.NewReader(b), logfmt.Limits{})
		if err != nil || len(fl) != 1 || len(fl[0].Fixes) != 3 || len(fl[0].Damage) != 0 {
			t.Fatal(name, len(fl), err, fl[0])
		}
		for i, f := range fl[0].Fixes {
			if math.Abs(f.Lat-(-41.3875125+float64(i+1)*0.0002)) > 1e-6 || math.Abs(f.Lon-(-132.4518375+float64(i+1)*0.0003)) > 1e-6 {
				t.Errorf("%s: fix %d at %v", name, i, f.Point)
			}
			if math.Abs(f.Speed-10) > 1e-2 || f.Course != 45 || f.AltUnclear != 30.5 {
				t.Errorf("%s: %v m/s, %v°, %v m", name, f.Speed, f.Course, f.AltUnclear)
			}
			if f.Local.IsZero() || f.Time.IsZero() == utc {
				t.Errorf("%s: %v, %v", name, f.Time, f.Local)
			}
		}
	}
}

func BenchmarkDecode(b *testing.B) { logfmttest.Bench(b, edgetx.Format{}, "flights.csv", 1) }
