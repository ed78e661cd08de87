package yuneec_test

import (
	"bytes"
	"math"
	"os"
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
	b, err := os.ReadFile("testdata/telemetry.csv")
	if err != nil {
		t.Fatal(err)
	}
	fl, err := logfmt.ReadFlights(t.Context(), yuneec.Format{}, bytes.NewReader(b), logfmt.Limits{})
	if err != nil || len(fl) != 1 {
		t.Fatal(len(fl), err)
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) < 1e-6) {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	if n := len(fl[0].Fixes); n != 4 {
		t.Fatalf("%d fixes, want 4", n)
	}
	f := fl[0].Fixes[2]
	near("latitude", f.Lat, -41.3875125+2*0.0002)
	near("longitude", f.Lon, -132.4518375+2*0.0003)
	near("home", f.AltHome, 30.5)
	if want := time.Date(2031, 7, 19, 4, 47, 55, 313e6, time.UTC); !f.Local.Equal(want) || !f.Time.IsZero() || f.Sats != 16 {
		t.Error(f.Local, f.Time, f.Sats)
	}
	b, _ = os.ReadFile("testdata/remotegps.csv")
	fl, _ = logfmt.ReadFlights(t.Context(), yuneec.Format{}, bytes.NewReader(b), logfmt.Limits{})
	if len(fl[0].Fixes) != 0 || len(fl[0].Spots) != 4 || fl[0].Spots[0].Role != logfmt.Remote {
		t.Error("the remote's own positions are the pilot's")
	}
}

func BenchmarkDecode(b *testing.B) {
	one, err := os.ReadFile("testdata/telemetry.csv")
	if err != nil {
		b.Fatal(err)
	}
	_, rows, _ := bytes.Cut(one, []byte("\n"))
	in := append(one, bytes.Repeat(rows, 1<<20/len(one))...)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		for _, err := range (yuneec.Format{}).Decode(b.Context(), bytes.NewReader(in), logfmt.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
