package airdata_test

import (
	"testing"
	"time"

	"flightveil/logfmt/airdata"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, airdata.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, airdata.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, airdata.Format{}, "testdata") }

func TestValues(t *testing.T) {
	fl := logfmttest.Flights(t, airdata.Format{}, "2016.csv")
	if len(fl) != 1 {
		t.Fatal(len(fl))
	}
	if n := len(fl[0].Fixes); n != 4 {
		t.Fatalf("%d fixes, want 4", n)
	}
	f := fl[0].Fixes[2]
	logfmttest.Numbers(t, "fix", f.Lat, -41.3875125+2*0.0002, f.Lon, -132.4518375+2*0.0003, f.AltMSL, 1234.567, f.AltHome, 30.48, f.Speed, 4.4704)
	if want := time.Date(2031, 7, 19, 4, 47, 54, 200e6, time.UTC); !f.Time.Equal(want) || f.Elapsed != 511900*time.Millisecond || f.Sats != 14 {
		t.Error(f.Time, f.Elapsed, f.Sats)
	}
}

func BenchmarkDecode(b *testing.B) { logfmttest.Bench(b, airdata.Format{}, "2016.csv", 1) }
