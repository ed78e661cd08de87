package edgetx_test

import (
	"bytes"
	"math"
	"os"
	"testing"
	"time"

	"flightveil/logfmt"
	"flightveil/logfmt/edgetx"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, edgetx.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, edgetx.Format{}, "testdata") }

func TestValues(t *testing.T) {
	b, err := os.ReadFile("testdata/flights.csv")
	if err != nil {
		t.Fatal(err)
	}
	fl, err := logfmt.ReadFlights(t.Context(), edgetx.Format{}, bytes.NewReader(b), logfmt.Limits{})
	if err != nil || len(fl) != 2 {
		t.Fatal(len(fl), err)
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) < 1e-6) {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	if n := len(fl[0].Fixes); n != 2 {
		t.Fatalf("%d fixes, want 2", n)
	}
	f := fl[0].Fixes[1]
	near("latitude", f.Lat, -41.3875125+2*0.0002)
	near("longitude", f.Lon, -132.4518375+2*0.0003)
	near("speed", f.Speed, 10)
	near("altitude", f.AltUnclear, 30)
	near("roll", f.Roll, 0.25*180/math.Pi)
	if want := time.Date(2031, 7, 19, 4, 47, 54, 200e6, time.UTC); !f.Local.Equal(want) || !f.Time.IsZero() {
		t.Error(f.Local, f.Time)
	}
}

func BenchmarkDecode(b *testing.B) {
	one, err := os.ReadFile("testdata/flights.csv")
	if err != nil {
		b.Fatal(err)
	}
	_, rows, _ := bytes.Cut(one, []byte("\n"))
	in := append(one, bytes.Repeat(rows, 1<<20/len(one))...)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		for _, err := range (edgetx.Format{}).Decode(b.Context(), bytes.NewReader(in), logfmt.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
