package logfmttest

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flightveil/internal/corpus"
	"flightveil/logfmt"
)

// truth is what an independent reader found in a real log. Candidates are
// equally good tracks of it.
type truth struct {
	Candidates []struct {
		Fixes       int
		First, Last [2]float64
		Bounds      [4]float64
	}
	UTC []float64 // the first and the last second
}

// Corpus compares f with what independent readers found in the real logs of
// the folder dir.
func Corpus(t *testing.T, f logfmt.Format, dir string) {
	b, err := os.ReadFile(filepath.Join(corpus.Dir(t), "truth", "logs.json"))
	if err != nil {
		t.Fatal(err)
	}
	var truths map[string]truth
	if err := json.Unmarshal(b, &truths); err != nil {
		t.Fatal(err)
	}
	for name, want := range truths {
		if !strings.HasPrefix(name, dir+"/") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join(corpus.Dir(t), "logs", name))
			if err != nil {
				t.Fatal(err)
			}
			records, err := Decode(t, f, b)
			if err != nil {
				t.Fatal(err)
			}
			var fixes []logfmt.Fix
			for _, r := range records {
				if fix, ok := r.(logfmt.Fix); ok {
					fixes = append(fixes, fix)
				}
			}
			want.compare(t, fixes)
		})
	}
}

func (w truth) compare(t *testing.T, fixes []logfmt.Fix) {
	t.Helper()
	agreed := len(w.Candidates) == 0
	for _, c := range w.Candidates {
		if len(fixes) != c.Fixes || len(fixes) == 0 {
			agreed = agreed || len(fixes) == c.Fixes
			continue
		}
		near := func(p logfmt.Point, lat, lon, tolerance float64) bool {
			return math.Abs(p.Lat-lat) <= tolerance && math.Abs(p.Lon-lon) <= tolerance
		}
		low, high := fixes[0].Point, fixes[0].Point
		for _, f := range fixes {
			low.Lat, low.Lon, high.Lat, high.Lon = min(low.Lat, f.Lat), min(low.Lon, f.Lon), max(high.Lat, f.Lat), max(high.Lon, f.Lon)
		}
		agreed = agreed || near(fixes[0].Point, c.First[0], c.First[1], 2e-6) && near(fixes[len(fixes)-1].Point, c.Last[0], c.Last[1], 2e-6) &&
			near(low, c.Bounds[0], c.Bounds[1], 1e-5) && near(high, c.Bounds[2], c.Bounds[3], 1e-5)
	}
	if !agreed {
		t.Errorf("%d fixes, not one of the tracks %+v", len(fixes), w.Candidates)
	}
	if len(w.UTC) == 2 && len(fixes) > 0 {
		begin, end := float64(fixes[0].Time.UnixMilli())/1000, float64(fixes[len(fixes)-1].Time.UnixMilli())/1000
		if begin < w.UTC[0]-2.5 || end > w.UTC[1]+2.5 {
			t.Errorf("from %.1f to %.1f, outside %v", begin, end, w.UTC)
		}
	}
}
