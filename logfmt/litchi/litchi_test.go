package litchi_test

import (
	"math"
	"testing"
	"time"

	"flightveil/logfmt"
	"flightveil/logfmt/litchi"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, litchi.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, litchi.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, litchi.Format{}, "testdata") }

const (
	lat = -41.3875125 // of the first row
	lon = -132.4518375
)

var nan = math.NaN()

func TestMetric(t *testing.T) {
	fl := logfmttest.Flights(t, litchi.Format{}, "metric.csv")[0]
	if len(fl.Fixes) != 3 || len(fl.Spots) != 1 || len(fl.Damage) != 0 {
		t.Fatal(len(fl.Fixes), len(fl.Spots), fl.Damage)
	}
	f := fl.Fixes[1] // the first row has no position
	logfmttest.Numbers(t, "metric", f.Lat, lat+2*0.0002, f.Lon, lon+2*0.0003, f.AltHome, 30.5, f.AltMSL, nan, f.Speed, 5, f.Climb, 0.5, f.Yaw, 253.6, f.Pitch, 2.3, f.Roll, -1.6,
		f.GimbalPitch, -14.9, f.GimbalYaw, 164.6, f.Battery, 87)
	if want := time.Date(2031, 7, 19, 4, 47, 55, 250e6, time.UTC); !f.Time.Equal(want) || f.Elapsed != 2*time.Second || f.Sats != 14 {
		t.Error(f.Time, f.Elapsed, f.Sats)
	}
	if s := fl.Spots[0]; s.Role != logfmt.Home {
		t.Error(s)
	}
	told := map[string]string{}
	for _, id := range fl.Identifiers {
		told[id.Path] = id.Value.Reveal()
	}
	if told["Planename"] != "Zephyrine Quillfeather" || told["FlyControllerSerialNumber"] != "FVCANARY4519KX" || told["BatterySerialNumber"] != "FVCANARY4519KXB" {
		t.Error(told)
	}
	if m := fl.Messages; len(m) != 3 || m[0].Severity != "info" || m[1].Text.Reveal() != "Strong wind" || m[2].Text.Reveal() != "two, parts" {
		t.Error(m)
	}
}

func TestImperial(t *testing.T) {
	f := logfmttest.Flights(t, litchi.Format{}, "imperial.csv")[0].Fixes[3]
	logfmttest.Numbers(t, "imperial", f.Lat, lat+3*0.0002, f.AltHome, 30.48, f.AltMSL, nan, f.Speed, 4.4704)
	if !f.Time.IsZero() || !f.Local.Equal(time.Date(2031, 7, 19, 14, 47, 53, 600e6, time.UTC)) {
		t.Error("a clock without UTC is a wall clock", f.Time, f.Local)
	}
	for _, name := range []string{"flytrex.csv", "utf16.csv", "semicolon.csv"} {
		fl := logfmttest.Flights(t, litchi.Format{}, name)[0]
		f := fl.Fixes[2]
		logfmttest.Numbers(t, name, f.Lat, lat+2*0.0002, f.Lon, lon+2*0.0003, f.AltMSL, 1234.567, f.AltHome, 30.48, f.Speed, 4.4704)
		if fl.Start.Variant != "FlyTrex" || !f.Time.Equal(time.Date(2031, 7, 19, 4, 47, 55, 0, time.UTC)) {
			t.Error(name, fl.Start, f.Time)
		}
	}
}

// A plan is no flight.
func TestMission(t *testing.T) {
	fl := logfmttest.Flights(t, litchi.Format{}, "mission.csv")[0]
	if len(fl.Fixes) != 0 || len(fl.Spots) != 8 {
		t.Fatal(len(fl.Fixes), len(fl.Spots))
	}
	logfmttest.Numbers(t, "mission", fl.Spots[2].Lat, lat+0.0002, fl.Spots[2].Alt, 31, fl.Spots[3].Lat, lat+0.0003, fl.Spots[3].Alt, 12)
	if fl.Spots[2].Role != logfmt.Waypoint || fl.Spots[3].Role != logfmt.Target {
		t.Error(fl.Spots[2:4])
	}
}

func BenchmarkDecode(b *testing.B) { logfmttest.Bench(b, litchi.Format{}, "metric.csv", 1) }
