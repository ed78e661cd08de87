package fit_test

import (
	"bytes"
	"math"
	"os"
	"testing"
	"time"

	"flightveil/logfmt"
	"flightveil/logfmt/fit"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, fit.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, fit.Format{}, "testdata") }

func TestChained(t *testing.T) {
	b, err := os.ReadFile("testdata/chained.fit")
	if err != nil {
		t.Fatal(err)
	}
	fl, err := logfmt.ReadFlights(t.Context(), fit.Format{}, bytes.NewReader(b), logfmt.Limits{})
	if err != nil || len(fl) != 2 {
		t.Fatal(len(fl), err)
	}
	at := time.Date(1989, 12, 31, 0, 0, 0, 0, time.UTC).Add(1311136093 * time.Second)
	for _, f := range fl {
		if len(f.Fixes) != 2 || len(f.Spots) != 1 || len(f.Identifiers) != 3 || len(f.Damage) != 0 {
			t.Fatal(len(f.Fixes), len(f.Spots), len(f.Identifiers), f.Damage)
		}
		x := f.Fixes[0]
		if math.Abs(x.Lat+41.3875125) > 1e-7 || math.Abs(x.Lon+132.4518375) > 1e-7 || x.AltMSL != 1234 || x.Speed != 3.5 || !x.Time.Equal(at) {
			t.Error(x)
		}
		if !f.Fixes[1].Time.Equal(at.Add(3 * time.Second)) {
			t.Error("compressed time:", f.Fixes[1].Time)
		}
		if f.Identifiers[0].Value.Reveal() != "3141592653" || f.Identifiers[2].Value.Reveal() != "Zephyrine Quillfeather" {
			t.Error("identifiers")
		}
		if s := f.Identifiers[2].Spans[0]; !bytes.HasPrefix(b[s.Off:], []byte("Zephyrine")) {
			t.Error("the span does not hold the value")
		}
	}
}
