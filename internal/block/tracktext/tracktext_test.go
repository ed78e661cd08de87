package tracktext_test

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"flightveil/internal/block/tracktext"

	"pgregory.net/rapid"
)

func TestFloat(t *testing.T) {
	for in, want := range map[string]float64{
		"0": 0, "-0": 0, "7": 7, "+7": 7, "-41.3875125": -41.3875125, " 132.4518375\n": 132.4518375, ".5": 0.5, "5.": 5, "1e3": 1000,
		"-1.5E-3": -0.0015, "123456789012345": 123456789012345, "0.1234567890123456789": 0.1234567890123456789, "00012.50": 12.5,
	} {
		if got, ok := tracktext.Float([]byte(in)); !ok || got != want {
			t.Errorf("%q: %v, %v, want %v", in, got, ok, want)
		}
	}
	for _, in := range []string{"", " ", "-", "+", ".", "-.", "1.2.3", "1,5", "NaN", "Inf", "-Infinity", "1e999", "1e16", "--1", "12 34", "x", strings.Repeat("9", 400)} {
		if got, ok := tracktext.Float([]byte(in)); ok {
			t.Errorf("%q: %v", in, got)
		}
	}
}

// TestFloatIsExact compares with strconv, to the last bit.
func TestFloatIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := strconv.FormatFloat(rapid.Float64Range(-1e9, 1e9).Draw(t, "v"), 'f', rapid.IntRange(0, 15).Draw(t, "decimals"), 64)
		want, err := strconv.ParseFloat(in, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := tracktext.Float([]byte(in)); !ok || got != want || math.Signbit(got) != math.Signbit(want) {
			t.Fatalf("%s: %v, %v", in, got, ok)
		}
	})
}

func TestTime(t *testing.T) {
	day := time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC)
	for in, want := range map[string]time.Time{
		"2031-07-19T04:47:53Z": day, " 2031-07-19T04:47:53Z ": day, "2031-07-19 04:47:53z": day, "2031-07-19T06:47:53+02:00": day, "2031-07-19T06:47:53+02": day,
		"2031-07-18T19:17:53-0930": day, "2031-07-19T04:47:53.25Z": day.Add(250 * time.Millisecond), "2031-07-19T04:47:53,5Z": day.Add(time.Second / 2),
		"2031-07-19T04:47:53.123456789123Z": day.Add(123456789), "2032-02-29T00:00:00Z": time.Date(2032, 2, 29, 0, 0, 0, 0, time.UTC),
		"2016-12-31T23:59:60Z": time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC), // a leap second
	} {
		utc, local, ok := tracktext.Time([]byte(in))
		if !ok || !utc.Equal(want) || !local.IsZero() || utc.Location() != time.UTC {
			t.Errorf("%q: %v, %v, %v", in, utc, local, ok)
		}
	}
	// A clock without a zone is no UTC.
	for _, in := range []string{"2031-07-19T04:47:53", "2031-07-19 04:47:53"} {
		utc, local, ok := tracktext.Time([]byte(in))
		if !ok || !utc.IsZero() || !local.Equal(day) {
			t.Errorf("%q: %v, %v, %v", in, utc, local, ok)
		}
	}
	for _, in := range []string{
		"", "2031-07-19", "04:47:53", "2031-13-19T04:47:53Z", "2031-07-32T04:47:53Z", "2031-02-29T04:47:53Z", "2031-07-19T24:00:00Z", "2031-07-19T04:60:53Z",
		"2031-07-19T04:47:61Z", "2031-07-19T04:47:53+", "2031-07-19T04:47:53+1", "2031-07-19T04:47:53+2:00", "2031-07-19T04:47:53+19:00", "2031-07-19T04:47:53+02:60",
		"2031-07-19T04:47:53Z+02", "2031-07-19T04:47:53X", "2031/07/19T04:47:53Z", "0000-07-19T04:47:53Z", "2031-07-19T0a:47:53Z", "19.07.2031 04:47:53Z",
	} {
		if utc, local, ok := tracktext.Time([]byte(in)); ok {
			t.Errorf("%q: %v, %v", in, utc, local)
		}
	}
}

func TestDigits(t *testing.T) {
	for in, want := range map[string]int{"0": 0, "007": 7, "999999999": 999999999} {
		if got, ok := tracktext.Digits([]byte(in)); !ok || got != want {
			t.Errorf("%q: %d, %v", in, got, ok)
		}
	}
	for _, in := range []string{"", "-1", "1 ", "1234567890", "x"} {
		if got, ok := tracktext.Digits([]byte(in)); ok {
			t.Errorf("%q: %d", in, got)
		}
	}
}

func FuzzTime(f *testing.F) {
	f.Add("2031-07-19T04:47:53.25+02:00")
	f.Add("2031-07-19 04:47:53")
	f.Fuzz(func(t *testing.T, s string) {
		utc, local, ok := tracktext.Time([]byte(s))
		if ok && utc.IsZero() == local.IsZero() {
			t.Errorf("%q: %v and %v", s, utc, local)
		}
		if want, err := time.Parse(time.RFC3339Nano, s); err == nil && want.Year() > 1 && !strings.Contains(s, ",") && ok && !utc.Equal(want.Truncate(1)) {
			t.Errorf("%q: %v, want %v", s, utc, want)
		}
	})
}
