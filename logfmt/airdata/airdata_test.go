package airdata_test

import (
	"bytes"
	"math"
	"os"
	"testing"
	"time"

	"flightveil/logfmt"
	"flightveil/logfmt/airdata"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, airdata.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, airdata.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, airdata.Format{}, "testdata") }

func TestValues(t *testing.T) {
	b, err := os.ReadFile("testdata/2016.csv")
	if err != nil {
		t.Fatal(err)
	}
	fl, err := logfmt.ReadFlights(t.Context(), airdata.Format{}, bytes.NewReader(b), logfmt.Limits{})
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
	near("MSL", f.AltMSL, 1234.567)
	near("home", f.AltHome, 30.48)
	near("speed", f.Speed, 4.4704)
	if want := time.Date(2031, 7, 19, 4, 47, 54, 200e6, time.UTC); !f.Time.Equal(want) || f.Elapsed != 511900*time.Millisecond || f.Sats != 14 {
		t.Error(f.Time, f.Elapsed, f.Sats)
	}
}

func BenchmarkDecode(b *testing.B) {
	one, err := os.ReadFile("testdata/2016.csv")
	if err != nil {
		b.Fatal(err)
	}
	_, rows, _ := bytes.Cut(one, []byte("\n"))
	in := append(one, bytes.Repeat(rows, 1<<20/len(one))...)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		for _, err := range (airdata.Format{}).Decode(b.Context(), bytes.NewReader(in), logfmt.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
