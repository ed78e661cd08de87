package blackbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"flightveil/internal/corpus"
	"flightveil/logfmt"
	"flightveil/logfmt/blackbox"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, blackbox.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, blackbox.Format{}, "testdata") }

// TestCorpus compares each flight with what the recorder's own tool found.
func TestCorpus(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(corpus.Dir(t), "truth", "logs.json"))
	if err != nil {
		t.Fatal(err)
	}
	var truths map[string]struct {
		Candidates []struct {
			Fixes       int
			First, Last [2]float64
			Bounds      [4]float64
		}
	}
	if err := json.Unmarshal(b, &truths); err != nil {
		t.Fatal(err)
	}
	for name, want := range truths {
		if !strings.HasPrefix(name, "blackbox/") {
			continue
		}
		in, err := os.ReadFile(filepath.Join(corpus.Dir(t), "logs", name))
		if err != nil {
			t.Fatal(err)
		}
		fl, err := logfmt.ReadFlights(t.Context(), blackbox.Format{}, bytes.NewReader(in), logfmt.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		fl = slices.DeleteFunc(fl, func(f *logfmt.Flight) bool { return len(f.Fixes) == 0 })
		if len(fl) != len(want.Candidates) {
			t.Fatalf("%s: %d flights, want %d", name, len(fl), len(want.Candidates))
		}
		for i, c := range want.Candidates {
			f := fl[i].Fixes
			low, high := f[0].Point, f[0].Point
			for _, x := range f {
				low = logfmt.Point{Lat: min(low.Lat, x.Lat), Lon: min(low.Lon, x.Lon)}
				high = logfmt.Point{Lat: max(high.Lat, x.Lat), Lon: max(high.Lon, x.Lon)}
			}
			if len(f) != c.Fixes {
				t.Errorf("%s: flight %d has %d fixes, want %d", name, i, len(f), c.Fixes)
			}
			nearPoint(t, name, f[0].Point, logfmt.Point{Lat: c.First[0], Lon: c.First[1]})
			nearPoint(t, name, f[len(f)-1].Point, logfmt.Point{Lat: c.Last[0], Lon: c.Last[1]})
			nearPoint(t, name, low, logfmt.Point{Lat: c.Bounds[0], Lon: c.Bounds[1]})
			nearPoint(t, name, high, logfmt.Point{Lat: c.Bounds[2], Lon: c.Bounds[3]})
		}
	}
}

func flights(t *testing.T, name string) []*logfmt.Flight {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	fl, err := logfmt.ReadFlights(t.Context(), blackbox.Format{}, bytes.NewReader(b), logfmt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return fl
}

// What the generated logs carry.
const (
	serial = "FVCANARY4519KX"
	person = "Zephyrine Quillfeather"
	place  = "Port Quillon"
	lat    = -41.3875125
	lon    = -132.4518375
)

// planted is fix n of the generated logs.
func planted(n int) logfmt.Point {
	return logfmt.Point{Lat: lat + 150e-7*float64(n), Lon: lon - 250e-7*float64(n)}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) < 1e-6) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func nearPoint(t *testing.T, what string, got, want logfmt.Point) {
	t.Helper()
	if !(math.Abs(got.Lat-want.Lat) < 1e-7 && math.Abs(got.Lon-want.Lon) < 1e-7) {
		t.Errorf("%s is at %v, want %v", what, got, want)
	}
}

func TestBetaflight(t *testing.T) {
	fl := flights(t, "betaflight.bbl")
	if len(fl) != 2 {
		t.Fatalf("%d flights, want 2", len(fl))
	}
	for i, f := range fl {
		if len(f.Damage) > 0 || f.Start.Variant != "Betaflight 4.5.1" {
			t.Error(f.Damage, f.Start)
		}
		if len(f.Fixes) != 20 {
			t.Fatalf("%d fixes, want 20", len(f.Fixes))
		}
		at := []int{1, 2, 3, 4, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23} // the others are other frames
		for k, n := range at {
			fix := f.Fixes[k]
			nearPoint(t, fmt.Sprint("fix ", n), fix.Point, planted(n))
			near(t, "altitude", fix.AltMSL, 1234.5-2*float64(n))
			near(t, "speed", fix.Speed, 10+float64(n)/100)
			near(t, "course", fix.Course, 45)
			near(t, "climb", fix.Climb, 1.3)
			after := 600
			if n == 13 {
				after = 700
			}
			elapsed := time.Duration(n*100_000+n%3+after) * time.Microsecond
			want := time.Time{}
			if i == 0 {
				want = time.Date(2031, 7, 19, 4, 47, 53, 500e6, time.UTC).Add(elapsed)
			}
			if fix.Elapsed != elapsed || !fix.Time.Equal(want) {
				t.Errorf("fix %d at %v, %v; want %v, %v", n, fix.Elapsed, fix.Time, elapsed, want)
			}
		}
		if len(f.Spots) != 3 || f.Spots[0].Role != logfmt.Home || f.Spots[1].Role != logfmt.Candidate || f.Spots[2].Role != logfmt.Home {
			t.Fatal(f.Spots)
		}
		home := f.Spots[0]
		nearPoint(t, "home", home.Point, logfmt.Point{Lat: lat - 700e-7, Lon: lon + 900e-7})
		near(t, "height of home", home.Alt, 1230)
		nearPoint(t, "the fix with three satellites", f.Spots[1].Point, planted(0))
		near(t, "height of the second home", f.Spots[2].Alt, -5)
		got := map[string]string{}
		for _, id := range f.Identifiers {
			got[id.Path] = id.Value.Reveal()
		}
		for path, want := range map[string]string{"craftName": place, "pilotName": person, "deviceUid": serial, "boardInformation": "FVFV INVENTEDF7"} {
			if got[path] != want {
				t.Errorf("%s is %q, want %q", path, got[path], want)
			}
		}
	}
}

func TestINav(t *testing.T) {
	fl := flights(t, "inav.TXT")
	if len(fl) != 1 || len(fl[0].Fixes) != 4 || len(fl[0].Damage) != 0 {
		t.Fatalf("%d flights, %v", len(fl), fl[0].Damage)
	}
	for i, n := range []int{0, 2, 3, 4} { // 1 had no fix
		f := fl[0].Fixes[i]
		nearPoint(t, fmt.Sprint("fix ", n), f.Point, planted(n))
		near(t, "altitude", f.AltMSL, 1234)
		near(t, "HDOP", f.HDOP, 0.87)
		near(t, "roll", f.Roll, float64(n-155)/10)
		near(t, "pitch", f.Pitch, -float64(84-n)/10)
		near(t, "yaw", f.Yaw, 270.5+4*float64(n))
		// The recorder's clock began anew after 0.15 s.
		if want := time.Duration(n)*100*time.Millisecond + 300*time.Microsecond; f.Elapsed != want || !f.Time.IsZero() {
			t.Errorf("fix %d after %v at %v, want %v", n, f.Elapsed, f.Time, want)
		}
	}
}

func TestOtherCodes(t *testing.T) {
	for name, want := range map[string]time.Time{"cleanflight.bfl": {}, "variable.bbl": time.Date(2031, 7, 19, 4, 47, 53, 250e6, time.UTC)} {
		fl := flights(t, name)
		if len(fl) != 1 || len(fl[0].Fixes) != 6 || len(fl[0].Damage) != 0 {
			t.Fatalf("%s: %d flights, %d fixes, %v", name, len(fl), len(fl[0].Fixes), fl[0].Damage)
		}
		for n, f := range fl[0].Fixes {
			nearPoint(t, fmt.Sprint(name, ": fix ", n), f.Point, planted(n))
			if f.Elapsed.Truncate(time.Millisecond) != time.Duration(n)*200*time.Millisecond {
				t.Errorf("%s: fix %d after %v", name, n, f.Elapsed)
			}
		}
		if first := fl[0].Fixes[0].Time.Truncate(time.Millisecond); !first.Equal(want) {
			t.Errorf("%s begins at %v, want %v", name, first, want)
		}
	}
}

// TestDamage: every position that is told is where the aircraft was, and what
// could not be read is told with its place.
func TestDamage(t *testing.T) {
	fl := flights(t, "damaged-garbage.bbl")
	if len(fl) != 1 || len(fl[0].Fixes) < 60 {
		t.Fatalf("%d fixes of 64", len(fl[0].Fixes))
	}
	for _, f := range fl[0].Fixes {
		n := math.Round((f.Lat - lat) / 150e-7)
		nearPoint(t, "a fix", f.Point, planted(int(n)))
		if f.Elapsed >= 0 && f.Elapsed < 100*time.Second && int(f.Elapsed/(100*time.Millisecond)) != int(n) {
			t.Errorf("fix %v after %v", n, f.Elapsed)
		}
	}
	if last := fl[0].Fixes[len(fl[0].Fixes)-1]; last.Elapsed < 100*time.Second {
		t.Error("the clock jumped, but the last fix is after", last.Elapsed)
	}
	for _, s := range fl[0].Spots {
		nearPoint(t, "home", s.Point, planted(0))
	}
	reasons := map[string]int{}
	for _, d := range fl[0].Damage {
		reasons[d.Reason]++
	}
	for _, want := range []string{
		"a position that the others contradict", "a home that the positions contradict", "bytes that are no whole frames", "a frame that contradicts the clock",
	} {
		if reasons[want] == 0 {
			t.Errorf("not told: %s; %v", want, reasons)
		}
	}
}

// TestFlips: no single flipped bit of a log's frames makes an aircraft appear
// far from where it was. Only the first home cannot be checked.
func TestFlips(t *testing.T) {
	b, err := os.ReadFile("testdata/betaflight.bbl")
	if err != nil {
		t.Fatal(err)
	}
	b = b[:len(b)/2]
	body := bytes.Index(b, []byte("features:809762968\n"))
	home := body + bytes.IndexByte(b[body:], 'H')
	for i := body + 19; i < len(b); i++ {
		if i > home && i <= home+10 {
			continue
		}
		for bit := range 8 {
			b[i] ^= 1 << bit
			fl, err := logfmt.ReadFlights(t.Context(), blackbox.Format{}, bytes.NewReader(b), logfmt.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			far := 0
			for _, f := range fl[0].Fixes {
				if f.Point.Distance(planted(10)) > 500 {
					far++
				}
			}
			if far > 0 {
				t.Errorf("bit %d of byte %d: %d of %d fixes are far away", bit, i, far, len(fl[0].Fixes))
			}
			b[i] ^= 1 << bit
		}
	}
}

// long is a log of about n bytes: a generated one, its frames repeated.
func long(t testing.TB, n int) []byte {
	b, err := os.ReadFile("testdata/betaflight.bbl")
	if err != nil {
		t.Fatal(err)
	}
	b = b[:len(b)/2]
	return bytes.Repeat(b, n/len(b)+1)
}

// endless is a log of any size that takes no memory itself.
type endless struct {
	b    []byte
	size int64
}

func (e endless) Size() int64 { return e.size }

func (e endless) ReadAt(p []byte, off int64) (int, error) {
	for n := 0; n < len(p); {
		n += copy(p[n:], e.b[(off+int64(n))%int64(len(e.b)):])
	}
	return len(p), nil
}

// TestMemory reads a log of many megabytes in little memory.
func TestMemory(t *testing.T) {
	in := endless{long(t, 0), 64 << 20}
	in.size -= in.size % int64(len(in.b))
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	before, fixes := stats.HeapAlloc, 0
	for r, err := range (blackbox.Format{}).Decode(t.Context(), in, logfmt.Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := r.(logfmt.Fix); ok {
			fixes++
		}
		if fixes%10_000 == 1 {
			runtime.GC()
			if runtime.ReadMemStats(&stats); stats.HeapAlloc > before+4<<20 {
				t.Fatalf("%d bytes more in use after %d fixes", stats.HeapAlloc-before, fixes)
			}
		}
	}
	if want := int(in.size) / len(in.b) * 20; fixes != want {
		t.Errorf("%d fixes, want %d", fixes, want)
	}
}

func BenchmarkDecode(b *testing.B) {
	in := long(b, 4<<20)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range (blackbox.Format{}).Decode(b.Context(), bytes.NewReader(in), logfmt.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
