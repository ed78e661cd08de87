package yuneec_test

import (
	"testing"
	"time"

	"flightveil/logfmt"
	"flightveil/logfmt/logfmttest"
	"flightveil/logfmt/yuneec"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, yuneec.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, yuneec.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, yuneec.Format{}, "testdata") }

func TestValues(t *testing.T) {
	fl := logfmttest.Flights(t, yuneec.Format{}, "telemetry.csv")
	if len(fl) != 1 {
		t.Fatal(len(fl))
	}
	if n := len(fl[0].Fixes); n != 4 {
		t.Fatalf("%d fixes, want 4", n)
	}
	f := fl[0].Fixes[2]
	logfmttest.Numbers(t, "fix", f.Lat, -41.3875125+2*0.0002, f.Lon, -132.4518375+2*0.0003, f.AltHome, 30.5)
	if want := time.Date(2031, 7, 19, 4, 47, 55, 313e6, time.UTC); !f.Local.Equal(want) || !f.Time.IsZero() || f.Sats != 16 {
		t.Error(f.Local, f.Time, f.Sats)
	}
	fl = logfmttest.Flights(t, yuneec.Format{}, "remotegps.csv")
	if len(fl[0].Fixes) != 0 || len(fl[0].Spots) != 4 || fl[0].Spots[0].Role != logfmt.Remote {
		t.Error("the remote's own positions are the pilot's")
	}
}

func BenchmarkDecode(b *testing.B) { logfmttest.Bench(b, yuneec.Format{}, "telemetry.csv", 1) }
