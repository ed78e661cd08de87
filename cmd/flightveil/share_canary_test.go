package main

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"flightveil/internal/cardtest"
)

// TestShareTellsNothing shares the invented card and looks in every file of the
// export, and in its names, for everything that was planted: positions, serial
// numbers, people, places, times and file names, in every encoding.
func TestShareTellsNothing(t *testing.T) {
	card := cardtest.Load(t)
	canaries := card.Canaries()
	for _, c := range []struct {
		name string
		args []string
		may  []string // what is meant to be kept, by the first words of its name
	}{
		{"by default", nil, nil},
		{"as KML", []string{"--to", "kml"}, nil},
		{"as GeoJSON", []string{"--to", "geojson"}, nil},
		{"as CSV", []string{"--to", "csv"}, nil},
		{"in one zip", []string{"--zip"}, nil},
		{"a survey", []string{"--profile", "mapping", "--names", "new"}, []string{"a point", "the track of", "the time of", `place "Port Quillon"`, `place "Quillon County"`, `place "Lake Ossery"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			args := append([]string{"share", cardtest.Dir(t), "-q", "-o", filepath.Join(dir, "out")}, c.args...)
			var stdout, stderr strings.Builder
			if code := run(context.Background(), args, streams{strings.NewReader(""), &stdout, &stderr}); code != exitIncomplete {
				t.Fatalf("exit %d\n%s%s", code, &stdout, &stderr)
			}
			files := tree(t, dir)
			if c.name == "in one zip" {
				files = unzipped(t, files["out"])
			}
			if len(files) < 30 {
				t.Errorf("%d files written", len(files))
			}
			for name, b := range files {
			hits:
				for _, hit := range canaries.Search(append([]byte(name+"\n"), b...)) {
					for _, kept := range c.may {
						if strings.HasPrefix(hit, kept) {
							continue hits
						}
					}
					t.Errorf("%s tells %s", name, hit)
				}
			}
		})
	}
}

// unzipped returns the files in a zip.
func unzipped(t *testing.T, b []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	return out
}
