package djitxt_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"slices"
	"testing"

	"flightveil/logfmt"
	"flightveil/logfmt/djitxt"
)

// TestMissingBytes takes bytes out of logs at every place: no position comes
// out that the whole log does not hold.
func TestMissingBytes(t *testing.T) {
	for _, name := range []string{"v03.txt", "v06.txt", "v07.txt", "v08.txt", "v11.txt", "v12.txt"} {
		whole, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		known := positions(t, whole)
		if len(known) == 0 {
			t.Fatal(name, " holds no position")
		}
		for at := 100; at < len(whole); at++ {
			for _, n := range []int{1, 2, 3, 7, 8, 16, 40, 61, 100, 150} {
				if at+n > len(whole) {
					continue
				}
				for _, p := range positions(t, slices.Concat(whole[:at], whole[at+n:])) {
					if !slices.Contains(known, p) {
						t.Errorf("%s without %d bytes at %d: %v, a position it does not hold", name, n, at, p)
					}
				}
			}
		}
	}
}

func positions(t *testing.T, b []byte) (out []logfmt.Point) {
	t.Helper()
	records := []logfmt.Record{}
	for r, err := range (djitxt.Format{}).Decode(t.Context(), bytes.NewReader(b), logfmt.Limits{}.Defaults()) {
		if err != nil {
			break
		}
		records = append(records, r)
	}
	for _, r := range records {
		if f, ok := r.(logfmt.Fix); ok {
			out = append(out, f.Point)
		}
	}
	return out
}

// TestFarAway moves positions of a log by a hundred kilometres: one alone is
// damage, two that agree are a place.
func TestFarAway(t *testing.T) {
	whole, err := os.ReadFile("testdata/v06.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := positions(t, whole)
	moved := func(which ...int) []logfmt.Point {
		b := bytes.Clone(whole)
		for _, i := range which {
			from := binary.LittleEndian.AppendUint64(nil, math.Float64bits(known[i].Lat*(math.Pi/180)))
			at := bytes.Index(b, from[3:]) - 3 // the first bytes may differ by rounding
			if at < 0 {
				t.Fatal("no such position in the file")
			}
			binary.LittleEndian.PutUint64(b[at:], math.Float64bits((known[i].Lat+1)*(math.Pi/180)))
		}
		return positions(t, b)
	}
	for i := 1; i < len(known); i++ {
		if got := moved(i); !slices.Equal(got, slices.Delete(slices.Clone(known), i, i+1)) {
			t.Errorf("position %d moved: %v", i, got)
		}
	}
	if got := moved(2, 3); len(got) != len(known) {
		t.Errorf("two positions moved: %v", got)
	}
}

// TestPlannedPlaces finds the places in a mission whose layout is not known,
// and none where numbers are no place near the aircraft.
func TestPlannedPlaces(t *testing.T) {
	for name, want := range map[string]int{"v03.txt": 0, "v08.txt": 1, "v11.txt": 1, "v12.txt": 1} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for r, err := range (djitxt.Format{}).Decode(t.Context(), bytes.NewReader(b), logfmt.Limits{}.Defaults()) {
			if err != nil {
				t.Fatal(err)
			}
			if s, ok := r.(logfmt.Spot); ok && s.Role == logfmt.Waypoint {
				n++
				if math.Abs(s.Lat+41.3878725) > 1e-6 || math.Abs(s.Lon+132.4525575) > 1e-6 {
					t.Errorf("%s: a waypoint at %v", name, s.Point)
				}
			}
		}
		if n != want {
			t.Errorf("%s: %d waypoints", name, n)
		}
	}
}
