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
		if got, want := pairs[i], pairs[i+1]; !(math.Abs(got-want) < 1e-6 || got != got && want != want) {
			t.Errorf("%s: number %d is %v, want %v", name, i/2, got, want)
		}
	}
}

// Bench measures f on the sample called name of the package's testdata, made
// about 1 MiB long by repeating what follows its first head lines.
func Bench(b *testing.B, f logfmt.Format, name string, head int) {
	b.Helper()
	in, err := os.ReadFile("testdata/" + name)
	if err != nil {
		b.Fatal(err)
	}
	parts := bytes.SplitAfterN(in, []byte("\n"), head+1)
	rows := parts[len(parts)-1]
	in = append(in, bytes.Repeat(rows, 1<<20/len(rows))...)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		for _, err := range f.Decode(b.Context(), bytes.NewReader(in), logfmt.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
