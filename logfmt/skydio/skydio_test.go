package skydio_test

import (
	"math"
	"testing"
	"time"

	"flightveil/logfmt"
	"flightveil/logfmt/logfmttest"
	"flightveil/logfmt/skydio"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, skydio.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, skydio.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, skydio.Format{}, "testdata") }

const (
	lat = -41.3875125 // of the first row
	lon = -132.4518375
)

var nan = math.NaN()

func TestCSV(t *testing.T) {
	for _, name := range []string{"telemetry.csv", "utf16.csv", "semicolon.csv"} {
		fl := logfmttest.Flights(t, skydio.Format{}, name)[0]
		f := fl.Fixes[2]
		logfmttest.Numbers(t, name, f.Lat, lat+2*0.0002, f.Lon, lon+2*0.0003, f.AltMSL, 1234.567, f.AltHome, 30.5, f.Speed, 5, f.Climb, 0.5, f.Yaw, 253.6, f.GimbalPitch, -14.9, f.Battery, 87, fl.Spots[0].Lat, lat-0.001)
		if !f.Time.Equal(time.Date(2031, 7, 19, 4, 47, 55, 250e6, time.UTC)) || f.Sats != 14 || fl.Spots[0].Role != logfmt.Home {
			t.Error(name, f.Time, f.Sats, fl.Spots)
		}
		if len(fl.Identifiers) != 2 || fl.Identifiers[0].Value.Reveal() != "FVCANARY4519KX" {
			t.Error(name, fl.Identifiers)
		}
	}
	f := logfmttest.Flights(t, skydio.Format{}, "feet.csv")[0].Fixes[1]
	logfmttest.Numbers(t, "feet", f.AltUnclear, 1234.567, f.AltMSL, nan, f.Speed, 4.4704)
	if !f.Time.Equal(time.Date(2031, 7, 19, 4, 47, 54, 0, time.UTC)) {
		t.Error(f.Time)
	}
}

// The list of flights has no track, but where each began and whose it was.
func TestFlights(t *testing.T) {
	fl := logfmttest.Flights(t, skydio.Format{}, "flights.csv")[0]
	if len(fl.Fixes) != 0 || len(fl.Spots) != 1 || fl.Spots[0].Role != logfmt.Home || len(fl.Identifiers) != 5 {
		t.Error(len(fl.Fixes), fl.Spots, fl.Identifiers)
	}
	logfmttest.Numbers(t, "flights", fl.Spots[0].Lat, lat-0.001)
}

func TestJSON(t *testing.T) {
	for _, name := range []string{"telemetry.json", "bom.json"} {
		fl := logfmttest.Flights(t, skydio.Format{}, name)[0]
		if len(fl.Fixes) != 4 || len(fl.Damage) != 0 {
			t.Fatal(name, len(fl.Fixes), fl.Damage)
		}
		f := fl.Fixes[2]
		logfmttest.Numbers(t, name, f.Lat, lat+2*0.0002, f.Lon, lon+2*0.0003, f.AltUnclear, 1250.25, f.Speed, 5, f.Battery, 87)
		if !f.Time.Equal(time.Date(2031, 7, 19, 4, 47, 55, 250e6, time.UTC)) {
			t.Error(name, f.Time)
		}
		told := map[string]string{}
		for _, id := range fl.Identifiers {
			told[id.Path] = id.Value.Reveal()
		}
		if told["vehicle_serial"] != "FVCANARY4519KX" || told["battery.serial"] != "FVCANARY4519KXB" || told["user_email"] != "zq@example.org" || told["pilot_name"] != "Zephyrine Quillfeather" {
			t.Error(name, told)
		}
	}
	fl := logfmttest.Flights(t, skydio.Format{}, "columns.json")[0]
	if len(fl.Fixes) != 3 { // one latitude is null
		t.Fatal(len(fl.Fixes))
	}
	f := fl.Fixes[1]
	logfmttest.Numbers(t, "columns", f.Lat, lat+2*0.0002, f.Lon, lon+2*0.0003, f.AltHome, 30.5, f.Battery, 87)
	if !f.Time.Equal(time.Date(2031, 7, 19, 4, 47, 55, 250e6, time.UTC)) {
		t.Error(f.Time)
	}
	// Behind damage the objects with the keys of those before count again.
	if fl := logfmttest.Flights(t, skydio.Format{}, "damaged-middle.json")[0]; len(fl.Fixes) != 3 || len(fl.Damage) != 1 {
		t.Error(len(fl.Fixes), fl.Damage)
	}
}

func BenchmarkDecode(b *testing.B) { logfmttest.Bench(b, skydio.Format{}, "telemetry.csv", 1) }
