package nmea_test

import (
	"bytes"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"flightveil/logfmt"
	"flightveil/logfmt/logfmttest"
	"flightveil/logfmt/nmea"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, nmea.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, nmea.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, nmea.Format{}, "testdata") }

func flights(t *testing.T, name string) []*logfmt.Flight {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, string(b))
}

func read(t *testing.T, s string) []*logfmt.Flight {
	t.Helper()
	fl, err := logfmt.ReadFlights(t.Context(), nmea.Format{}, strings.NewReader(s), logfmt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return fl
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) < 1e-7) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// planted is position n of the generated tracks.
func planted(n int) logfmt.Point {
	minutes := func(v float64) float64 { return math.Round(v*1e4) / 1e4 / 60 }
	return logfmt.Point{Lat: -41 - minutes(23.25075+0.001*float64(n)), Lon: -132 - minutes(27.11025-0.001*float64(n))}
}

func nearPoint(t *testing.T, got logfmt.Point, n int) {
	t.Helper()
	if want := planted(n); math.Abs(got.Lat-want.Lat) > 2e-6 || math.Abs(got.Lon-want.Lon) > 2e-6 {
		t.Errorf("fix %d is at %v, want %v", n, got, want)
	}
}

// TestFull: one fix for all sentences of a time, dates over midnight, no fix
// where the receiver had none.
func TestFull(t *testing.T) {
	fl := flights(t, "full.nmea")
	if len(fl) != 1 || len(fl[0].Fixes) != 5 || len(fl[0].Damage) != 0 {
		t.Fatalf("%d flights: %+v", len(fl), fl[0])
	}
	midnight := time.Date(2031, 7, 20, 0, 0, 0, 0, time.UTC)
	for i, want := range []struct {
		n  int
		at time.Duration
	}{{0, -2 * time.Second}, {2, -time.Second}, {3, 0}, {4, 250 * time.Millisecond}, {5, time.Second}} {
		f, n := fl[0].Fixes[i], float64(want.n)
		nearPoint(t, f.Point, want.n)
		if !f.Time.Equal(midnight.Add(want.at)) || f.Elapsed != want.at+2*time.Second {
			t.Errorf("fix %d at %v, %v", want.n, f.Time, f.Elapsed)
		}
		near(t, "altitude", f.AltMSL, 1234.5+n)
		near(t, "height above the ellipsoid", f.AltEllipsoid, 1222.2+n)
		near(t, "speed", math.Round(f.Speed*1000), 10_000)
		near(t, "course", f.Course, 40.5+n)
		near(t, "HDOP", f.HDOP, 0.8+n/100)
		if f.Sats != 7+want.n {
			t.Error(f.Sats, "satellites")
		}
	}
	ids := map[string]string{}
	for _, id := range fl[0].Identifiers {
		ids[id.Path] = id.Value.Reveal()
	}
	if ids["receiverText"] != "HW UBX-FVCANARY4519KX" || ids["waypoint"] != "Port Quillon" || len(fl[0].Spots) != 1 {
		t.Error(ids, fl[0].Spots)
	}
}

func TestAmid(t *testing.T) {
	fl := flights(t, "amid.txt")
	if len(fl) != 1 || len(fl[0].Fixes) != 4 || len(fl[0].Damage) != 0 {
		t.Fatalf("%d flights: %+v", len(fl), fl[0])
	}
	for n, f := range fl[0].Fixes {
		nearPoint(t, f.Point, n)
		near(t, "altitude", f.AltMSL, 100+float64(n))
		near(t, "HDOP", f.HDOP, 0.7)
		if !f.Time.IsZero() || f.Elapsed != time.Duration(n)*time.Second {
			t.Error("no date is known:", f.Time, f.Elapsed)
		}
	}
}

func TestSparse(t *testing.T) {
	if fl := flights(t, "gga.nmea"); len(fl) != 2 || len(fl[0].Fixes) != 2 || len(fl[1].Fixes) != 1 || fl[1].Fixes[0].Elapsed != 75*time.Minute {
		t.Errorf("%d flights", len(fl))
	}
	fl := flights(t, "bare.nmea")
	if len(fl) != 1 || len(fl[0].Fixes) != 4 || !fl[0].Fixes[3].Time.Equal(time.Date(2031, 7, 19, 12, 0, 3, 0, time.UTC)) {
		t.Errorf("without checksums: %+v", fl[0].Fixes)
	}
	if fl = flights(t, "timeless.nmea"); len(fl) != 1 || len(fl[0].Fixes) != 2 || fl[0].Fixes[1].Elapsed >= 0 {
		t.Errorf("without time: %+v", fl[0].Fixes)
	}
}

// TestFlips: no flipped bit moves a fix, for the checksum tells.
func TestFlips(t *testing.T) {
	b, err := os.ReadFile("testdata/full.nmea")
	if err != nil {
		t.Fatal(err)
	}
	known := map[logfmt.Point]bool{}
	for _, f := range read(t, string(b))[0].Fixes {
		known[f.Point] = true
	}
	for i := range b {
		for bit := range 8 {
			b[i] ^= 1 << bit
			for _, fl := range read(t, string(b)) {
				for _, f := range fl.Fixes {
					if !known[f.Point] {
						t.Errorf("bit %d of byte %d: a fix at %v", bit, i, f.Point)
					}
				}
			}
			b[i] ^= 1 << bit
		}
	}
}

// TestOdd tries what receivers and people make of the format.
func TestOdd(t *testing.T) {
	for _, tc := range []struct {
		name, log string
		fixes     int
	}{
		{"the standard's own example", "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n", 1},
		{"lower-case checksum", "$GPGLL,4916.45,N,12311.12,W,225444,A,*1d\n", 1},
		{"wrong checksum", "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*48\r\n", 0},
		{"carriage returns alone", "$GPGLL,4916.45,N,12311.12,W,225444,A,*1D\r$GPGLL,4916.45,N,12311.12,W,225445,A,*1C\r", 2},
		{"too many minutes", "$GPGLL,4966.45,N,12311.12,W,225444,A,*18\n", 0},
		{"no side", "$GPGLL,4916.45,,12311.12,W,225444,A,*53\n", 0},
		{"cut", "$GPGGA,123519,4807.038,N,011", 0},
	} {
		n := 0
		for _, f := range read(t, tc.log) {
			n += len(f.Fixes)
		}
		if n != tc.fixes {
			t.Errorf("%s: %d fixes, want %d", tc.name, n, tc.fixes)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	one, err := os.ReadFile("testdata/full.nmea")
	if err != nil {
		b.Fatal(err)
	}
	in := bytes.Repeat(one, 4<<20/len(one))
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range (nmea.Format{}).Decode(b.Context(), bytes.NewReader(in), logfmt.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
