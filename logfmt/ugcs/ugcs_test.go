package ugcs_test

import (
	"math"
	"testing"
	"time"

	"flightveil/logfmt"
	"flightveil/logfmt/logfmttest"
	"flightveil/logfmt/ugcs"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, ugcs.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, ugcs.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, ugcs.Format{}, "testdata") }

func TestValues(t *testing.T) {
	fl := logfmttest.Flights(t, ugcs.Format{}, "telemetry.csv")
	if len(fl) != 1 {
		t.Fatal(len(fl))
	}
	if n := len(fl[0].Fixes); n != 3 {
		t.Fatalf("%d fixes, want 3", n)
	}
	f := fl[0].Fixes[1]
	logfmttest.Numbers(t, "fix", f.Lat, -41.3875125+2*0.0002, f.Lon, -132.4518375+2*0.0003, f.AltMSL, 1234.567, f.Battery, 87)
	if want := time.Date(2031, 7, 19, 4, 47, 55, 252e6, time.UTC); !f.Local.Equal(want) || !f.Time.IsZero() || len(fl[0].Spots) != 1 {
		t.Error(f.Local, f.Time, fl[0].Spots)
	}
}

func BenchmarkDecode(b *testing.B) { logfmttest.Bench(b, ugcs.Format{}, "telemetry.csv", 1) }

func TestRadians(t *testing.T) {
	csv := "Time,fc:latitude,fc:longitude\n2031-07-19T04:47:53.000,-0.7223483,-2.3117206\n"
	records, err := logfmttest.Decode(t, ugcs.Format{}, []byte(csv))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if f, ok := r.(logfmt.Fix); ok {
			if math.Abs(f.Lat+41.3875) > 0.001 || math.Abs(f.Lon+132.4518) > 0.001 {
				t.Errorf("%v", f.Point)
			}
			return
		}
	}
	t.Error("no fix")
}
