package autel_test

import (
	"math"
	"testing"
	"time"

	"flightveil/logfmt"
	"flightveil/logfmt/autel"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, autel.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, autel.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, autel.Format{}, "testdata") }

const (
	lat = -41.3875125 // of the first row
	lon = -132.4518375
)

var nan = math.NaN()

func TestCSV(t *testing.T) {
	fl := logfmttest.Flights(t, autel.Format{}, "seconds.csv")[0]
	f := fl.Fixes[2]
	logfmttest.Numbers(t, "seconds", f.Lat, lat+2*0.0002, f.Lon, lon+2*0.0003, f.AltHome, 30.5, f.AltUnclear, 1234.567, f.AltMSL, nan, f.Speed, 5, f.Climb, 0.5, f.Yaw, 253.6, f.GimbalPitch, -14.9, f.Battery, 87, fl.Spots[0].Lat, lat-0.001)
	if f.Elapsed != 2500*time.Millisecond || !f.Time.IsZero() || !f.Local.IsZero() || f.Sats != 14 || fl.Spots[0].Role != logfmt.Home {
		t.Error(f.Elapsed, f.Time, f.Local, f.Sats, fl.Spots)
	}
	if len(fl.Identifiers) != 1 || fl.Identifiers[0].Value.Reveal() != "FVCANARY4519KX" || len(fl.Messages) != 1 || fl.Messages[0].Severity != "warning" {
		t.Error(fl.Identifiers, fl.Messages)
	}
	f = logfmttest.Flights(t, autel.Format{}, "local.csv")[0].Fixes[2]
	logfmttest.Numbers(t, "local", f.Lat, lat+2*0.0002, f.AltHome, 30.48, f.Speed, 4.4704)
	if !f.Time.IsZero() || !f.Local.Equal(time.Date(2031, 7, 19, 14, 47, 55, 250e6, time.UTC)) {
		t.Error(f.Time, f.Local)
	}
}

func TestJSON(t *testing.T) {
	for _, name := range []string{"object.json", "lines.json"} {
		fl := logfmttest.Flights(t, autel.Format{}, name)[0]
		if len(fl.Fixes) != 4 || len(fl.Damage) != 0 {
			t.Fatal(name, len(fl.Fixes), fl.Damage)
		}
		f := fl.Fixes[2]
		logfmttest.Numbers(t, name, f.Lat, lat+2*0.0002, f.Lon, lon+2*0.0003, f.AltHome, 30.5, f.Speed, 5, f.Battery, 87, fl.Spots[0].Lat, lat-0.001)
		if !f.Time.Equal(time.Date(2031, 7, 19, 4, 47, 55, 250e6, time.UTC)) || fl.Spots[0].Role != logfmt.Home {
			t.Error(name, f.Time, fl.Spots)
		}
		if last := fl.Spots[len(fl.Spots)-1]; name == "object.json" && (last.Role != logfmt.Waypoint || math.Abs(last.Lat-lat-0.01) > 1e-5) {
			t.Error("a planned point is no fix", last)
		}
	}
	// A line that was cut takes the next with it, not the rest.
	if fl := logfmttest.Flights(t, autel.Format{}, "damaged-middle.json")[0]; len(fl.Fixes) != 2 || len(fl.Damage) != 1 {
		t.Error(len(fl.Fixes), fl.Damage)
	}
}

func BenchmarkDecode(b *testing.B) { logfmttest.Bench(b, autel.Format{}, "seconds.csv", 1) }
