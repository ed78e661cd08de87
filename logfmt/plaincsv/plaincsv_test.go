package plaincsv_test

import (
	"math"
	"testing"
	"time"

	"flightveil/logfmt/logfmttest"
	"flightveil/logfmt/plaincsv"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, plaincsv.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, plaincsv.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, plaincsv.Format{}, "testdata") }

const (
	lat = -41.3875125 // of the first row
	lon = -132.4518375
)

var nan = math.NaN()

func TestTables(t *testing.T) {
	f := logfmttest.Flights(t, plaincsv.Format{}, "epoch.csv")[0].Fixes[2]
	logfmttest.Numbers(t, "epoch", f.Lat, lat+2*0.0002, f.Lon, lon+2*0.0003, f.AltUnclear, 1234.567, f.AltMSL, nan, f.Speed, 5, f.Yaw, 253.6, f.Battery, nan)
	if !f.Time.Equal(time.Date(2031, 7, 19, 4, 47, 55, 250e6, time.UTC)) {
		t.Error(f.Time)
	}
	fl := logfmttest.Flights(t, plaincsv.Format{}, "split.csv")[0]
	f = fl.Fixes[2]
	logfmttest.Numbers(t, "split", f.Lat, lat+2*0.0002, f.Lon, lon+2*0.0003, f.AltMSL, 1234.567, f.Battery, nan)
	if !f.Time.IsZero() || !f.Local.Equal(time.Date(2031, 7, 19, 14, 47, 55, 0, time.UTC)) || len(fl.Identifiers) != 1 {
		t.Error(f.Time, f.Local, fl.Identifiers)
	}
	f = logfmttest.Flights(t, plaincsv.Format{}, "quoted.csv")[0].Fixes[2]
	logfmttest.Numbers(t, "quoted", f.Lat, lat+2*0.0002, f.Lon, lon+2*0.0003)
	if !f.Time.Equal(time.Date(2031, 7, 19, 4, 47, 55, 0, time.UTC)) {
		t.Error(f.Time)
	}
}

// Rows of another table have nothing in the right place.
func TestShort(t *testing.T) {
	if fl := logfmttest.Flights(t, plaincsv.Format{}, "damaged-short.csv")[0]; len(fl.Fixes) != 4 || len(fl.Damage) != 4 {
		t.Error(len(fl.Fixes), fl.Damage)
	}
}

func BenchmarkDecode(b *testing.B) { logfmttest.Bench(b, plaincsv.Format{}, "epoch.csv", 1) }
