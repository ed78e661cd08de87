package pipeline

import (
	"context"
	"iter"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flightveil/exifscrub"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"

	"github.com/google/go-cmp/cmp"
)

// sure is a log format that is sure of every file.
type sure string

func (s sure) ID() string                     { return string(s) }
func (s sure) Detect(input.Probe) input.Match { return input.Certain }
func (s sure) Decode(context.Context, logfmt.Input, logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return func(func(logfmt.Record, error) bool) {}
}

// TestTwoFormatsEquallySure: no one guesses which of two it is.
func TestTwoFormatsEquallySure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(path, []byte("both"), 0o600); err != nil {
		t.Fatal(err)
	}
	sources, closer := Gather([]string{path})
	defer closer.Close()
	for want, formats := range map[string][]logfmt.Format{"two kinds of flight log at once": {sure("a"), sure("b")}, "": {sure("a")}} {
		r := &Runner{Media: input.NewRegistry[exifscrub.Format](), Logs: input.NewRegistry(formats...)}
		_, _, file, err := r.openLog(&sources[0])
		if want == "" && err == nil {
			file.Close()
			continue
		}
		if err == nil || want == "" || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if o := r.inspectLog(t.Context(), &sources[0]); o.Status != Refused {
			t.Errorf("inspect: %s", o.Status)
		}
	}
}

func fixAt(lat float64, at time.Time) logfmt.Fix {
	f := logfmt.NoFix()
	f.Point, f.Time = geo.Point{Lat: lat, Lon: 10}, at
	return f
}

// latitudes applies s to fixes and returns what is left.
func latitudes(s Selection, records ...logfmt.Record) (out []float64) {
	for r := range s.apply(func(yield func(logfmt.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}) {
		switch r := r.(type) {
		case logfmt.Fix:
			out = append(out, r.Lat)
		case logfmt.Spot:
			out = append(out, -r.Lat)
		}
	}
	return out
}

func TestSelection(t *testing.T) {
	at := time.Date(2031, 7, 19, 4, 0, 0, 0, time.UTC)
	after := func(s int) time.Time { return at.Add(time.Duration(s) * time.Second) }
	spot := func(lat float64, at time.Time) logfmt.Spot {
		return logfmt.Spot{Role: logfmt.Photo, Point: geo.Point{Lat: lat, Lon: 10}, Time: at}
	}
	timeless := logfmt.NoFix()
	timeless.Point = geo.Point{Lat: 9, Lon: 10}
	local := fixAt(8, time.Time{})
	local.Local = after(5)
	flight := []logfmt.Record{logfmt.Start{}, fixAt(1, after(0)), fixAt(2, after(1)), fixAt(3, after(2)), spot(7, after(3)), fixAt(4, after(10))}
	for _, c := range []struct {
		name    string
		s       Selection
		records []logfmt.Record
		want    []float64
	}{
		{"everything", Selection{}, flight, []float64{1, 2, 3, -7, 4}},
		{"from", Selection{Since: after(2)}, flight, []float64{3, -7, 4}},
		{"up to", Selection{Until: after(2)}, flight, []float64{1, 2, 3}},
		{"a window", Selection{Since: after(1), Until: after(2)}, flight, []float64{2, 3}},
		{"a rate", Selection{Every: 2 * time.Second}, flight, []float64{1, 3, -7, 4}},
		{"no clock is in no window's way", Selection{Since: after(100)}, []logfmt.Record{timeless}, []float64{9}},
		{"a wall clock counts as one", Selection{Since: after(6)}, []logfmt.Record{local}, nil},
		{"a clock set back begins anew", Selection{Every: time.Minute}, []logfmt.Record{fixAt(1, after(0)), fixAt(2, after(-3600)), fixAt(3, after(-3599))}, []float64{1, 2}},
		{"without a clock nothing is too close", Selection{Every: time.Minute}, []logfmt.Record{timeless, timeless}, []float64{9, 9}},
		{"a flight begins anew", Selection{Every: time.Minute}, []logfmt.Record{fixAt(1, after(0)), logfmt.Start{}, fixAt(2, after(1))}, []float64{1, 2}},
		{"a straight line", Selection{Simplify: 5}, []logfmt.Record{fixAt(1, after(0)), fixAt(1.1, after(1)), fixAt(1.2, after(2)), fixAt(1.3, after(3))}, []float64{1, 1.3}},
		{"two of them", Selection{Simplify: 5}, []logfmt.Record{fixAt(1, after(0)), fixAt(1.1, after(1)), fixAt(1.2, after(2)), logfmt.Start{}, fixAt(5, after(3)), fixAt(6, after(4)), fixAt(7, after(5))}, []float64{1, 1.2, 5, 7}},
		{"there and back", Selection{Simplify: 5}, []logfmt.Record{fixAt(1, after(0)), fixAt(1.5, after(1)), fixAt(2, after(2)), fixAt(1, after(3))}, []float64{1, 2, 1}},
	} {
		if got := latitudes(c.s, c.records...); !cmp.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestFiltered: the pilot's own positions stay behind under every profile that
// does not ask for them, and so does what merely repeats them.
func TestFiltered(t *testing.T) {
	home, other := geo.Point{Lat: 1, Lon: 10}, geo.Point{Lat: 2, Lon: 10}
	var records []logfmt.Record
	for _, role := range []logfmt.Role{logfmt.Home, logfmt.Origin, logfmt.Remote, logfmt.Phone, logfmt.RemoteID} {
		records = append(records, logfmt.Spot{Role: role, Point: home})
	}
	records = append(records, logfmt.Spot{Role: logfmt.Waypoint, Point: home}, logfmt.Spot{Role: logfmt.Waypoint, Point: other},
		logfmt.Identifier{Finding: privacy.Finding{Class: privacy.Identity, Path: "serial", Value: "x"}}, logfmt.Message{Text: "hello"},
		logfmt.Start{Variant: "v9"}, fixAt(1, time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC)), fixAt(2, time.Time{}))
	for profile, want := range map[string]string{
		"track":      "waypoint 2 · start  · fix 1 2031-07-19T04:47:53Z · fix 2",
		"everything": "home 1 · origin 1 · remote 1 · phone 1 · remote-id 1 · waypoint 1 · waypoint 2 · serial · hello · start v9 · fix 1 2031-07-19T04:47:53Z · fix 2",
		"area":       "start v9 · fix cell 2031-07-19T00:00:00Z",
		"public":     "start  · fix NaN · fix NaN",
	} {
		p, err := privacy.LoadProfile(profile, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for r := range (&Runner{Profile: p}).filtered(func(yield func(logfmt.Record, error) bool) {
			for _, r := range records {
				if !yield(r, nil) {
					return
				}
			}
		}, false) {
			got = append(got, short(r))
		}
		if s := strings.Join(got, " · "); s != want {
			t.Errorf("%s: %s\nwant %s", profile, s, want)
		}
	}
}

func short(r logfmt.Record) string {
	switch r := r.(type) {
	case logfmt.Start:
		return "start " + r.Variant
	case logfmt.Spot:
		return string(r.Role) + " " + map[float64]string{1: "1", 2: "2"}[r.Lat]
	case logfmt.Identifier:
		return r.Path
	case logfmt.Message:
		return r.Text.Reveal()
	case logfmt.Fix:
		s := map[float64]string{1: "fix 1", 2: "fix 2"}[r.Lat]
		switch {
		case math.IsNaN(r.Lat):
			s = "fix NaN"
		case s == "":
			s = "fix cell"
		}
		if !r.Time.IsZero() {
			s += " " + r.Time.Format(time.RFC3339)
		}
		return s
	}
	return "?"
}
