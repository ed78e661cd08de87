package datcon_test

import (
	"math"
	"testing"
	"time"

	"flightveil/logfmt"
	"flightveil/logfmt/datcon"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, datcon.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, datcon.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, datcon.Format{}, "testdata") }

const (
	lat = -41.3875125 // of the first row
	lon = -132.4518375
)

var nan = math.NaN()

func TestVersion3(t *testing.T) {
	fl := logfmttest.Flights(t, datcon.Format{}, "v3.csv")[0]
	if len(fl.Fixes) != 4 || len(fl.Damage) != 0 || len(fl.Spots) != 1 || fl.Spots[0].Role != logfmt.Home {
		t.Fatal(len(fl.Fixes), fl.Damage, fl.Spots)
	}
	f := fl.Fixes[2]
	logfmttest.Numbers(t, "v3", f.Lat, lat+2*0.0002, f.Lon, lon+2*0.0003, f.AltHome, 30.5, f.AltMSL, 1234.567, f.Speed, 5, f.Course, 53.130102, f.Climb, 0.5, f.Pitch, 2.3, f.Roll, -1.6,
		f.Yaw, 253.6, f.HDOP, 0.9, f.Battery, 87, fl.Spots[0].Lat, lat-0.001)
	if !f.Time.Equal(time.Date(2031, 7, 19, 4, 47, 54, 0, time.UTC)) || f.Elapsed != 500*time.Millisecond || f.Sats != 14 {
		t.Error(f.Time, f.Elapsed, f.Sats)
	}
	if first := fl.Fixes[0]; first.Elapsed != -1 { // before the motors
		t.Error(first.Elapsed)
	}
	told := map[string]bool{}
	for _, id := range fl.Identifiers {
		told[id.Value.Reveal()] = true
	}
	if !told["FVCANARY4519KX"] || !told["FVCANARY4519KXB"] || !told["P4"] || len(told) != 3 {
		t.Error(told)
	}
	if len(fl.Messages) != 1 || fl.Messages[0].Text.Reveal() != "Motors on" {
		t.Error(fl.Messages)
	}
}

func TestVersion2(t *testing.T) {
	for _, name := range []string{"v2.csv", "utf16.csv", "semicolon.csv"} {
		fl := logfmttest.Flights(t, datcon.Format{}, name)[0]
		if len(fl.Fixes) != 4 {
			t.Fatal(name, len(fl.Fixes))
		}
		f := fl.Fixes[3]
		logfmttest.Numbers(t, name, f.Lat, lat+3*0.0002, f.Lon, lon+3*0.0003, f.AltMSL, 1234.567, f.AltHome, nan, f.Speed, 5, f.Climb, 0.5)
		if !f.Time.Equal(time.Date(2031, 7, 19, 4, 47, 56, 0, time.UTC)) || f.Elapsed != 3*time.Second {
			t.Error(name, f.Time, f.Elapsed)
		}
	}
}

func BenchmarkDecode(b *testing.B) { logfmttest.Bench(b, datcon.Format{}, "v3.csv", 1) }
