package logfmttest

import (
	"bytes"
	"math"
	"os"
	"testing"

	"flightveil/logfmt"
)

// Flights decodes the sample called name of the package's testdata.
func Flights(t *testing.T, f logfmt.Format, name string) []*logfmt.Flight {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	fl, err := logfmt.ReadFlights(t.Context(), f, bytes.NewReader(b), logfmt.Limits{})
	if err != nil || len(fl) == 0 {
		t.Fatal(name, len(fl), err)
	}
	return fl
}

// Numbers compares pairs of what was read and what was put in; NaN is no number.
func Numbers(t *testing.T, name string, pairs ...float64) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if got, want := pairs[i], pairs[i+1]; !(math.Abs(got-want) < 1e-5 || got != got && want != want) {
			t.Errorf("%s: number %d is %v, want %v", name, i/2, got, want)
		}
	}
}
