package phantomhelp_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"flightveil/internal/privacy"
	"flightveil/logfmt"
	"flightveil/logfmt/logfmttest"
	"flightveil/logfmt/phantomhelp"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, phantomhelp.Format{}, "testdata") }

func TestUTF16(t *testing.T) { logfmttest.RunUTF16(t, phantomhelp.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, phantomhelp.Format{}, "testdata") }

func TestValues(t *testing.T) {
	fl := logfmttest.Flights(t, phantomhelp.Format{}, "viewer.csv")
	if len(fl) != 1 {
		t.Fatal(len(fl))
	}
	if n := len(fl[0].Fixes); n != 4 {
		t.Fatalf("%d fixes, want 4", n)
	}
	f := fl[0].Fixes[2]
	logfmttest.Numbers(t, "fix", f.Lat, -41.3875125+2*0.0002, f.Lon, -132.4518375+2*0.0003, f.AltMSL, 1234.567, f.AltHome, 30.48, f.Climb, 0.44704, f.Yaw, 253.6)
	if want := time.Date(2031, 7, 19, 16, 47, 55, 250e6, time.UTC); !f.Local.Equal(want) || !f.Time.IsZero() || f.Elapsed != 2200*time.Millisecond {
		t.Error(f.Local, f.Time, f.Elapsed)
	}
	if s := fl[0].Spots; len(s) != 2 || s[0].Role != logfmt.Home || s[1].Role != logfmt.Phone {
		t.Error(s)
	}
	if id := fl[0].Identifiers; len(id) != 2 || id[1].Value.Reveal() != "FVCANARY4519KX" {
		t.Error(id)
	}
}

// TXTlogToCSVtool and Flight Reader write the same names in other units.
func TestOtherTools(t *testing.T) {
	for name, utc := range map[string]bool{"tool.csv": false, "utc.csv": true} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		fl, err := logfmt.ReadFlights(t.Context(), phantomhelp.Format{}, bytes.NewReader(b), logfmt.Limits{})
		if err != nil || len(fl) != 1 || len(fl[0].Fixes) != 4 {
			t.Fatal(name, len(fl), err)
		}
		f := fl[0].Fixes[2]
		when, other := f.Local, f.Time
		if utc {
			when, other = other, when
		}
		if !when.Equal(time.Date(2031, 7, 19, 14, 47, 55, 123e6, time.UTC)) || !other.IsZero() || f.AltHome != 30.5 || f.Speed != 5 || f.Elapsed != 2200*time.Millisecond {
			t.Errorf("%s: %+v", name, f)
		}
		if s := fl[0].Spots; len(s) != 1 || s[0].Role != logfmt.Home {
			t.Error(name, s)
		}
		if id := fl[0].Identifiers; len(id) != 3 || id[0].Class != privacy.Place || id[2].Value.Reveal() != "FVCANARY4519KX" {
			t.Error(name, id)
		}
		if len(fl[0].Messages) != 1 {
			t.Error(name, fl[0].Messages)
		}
	}
}

func BenchmarkDecode(b *testing.B) { logfmttest.Bench(b, phantomhelp.Format{}, "viewer.csv", 2) }
