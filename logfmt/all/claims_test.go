package all_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"flightveil/internal/input"
	"flightveil/logfmt"
	"flightveil/logfmt/all"
)

// TestClaims writes counts and lengths of ten gigabytes and more over every
// part of every generated log: none of them is believed. A decoder takes no
// more memory than for a log of that length, and yields no more records than
// it has bytes.
func TestClaims(t *testing.T) {
	paths, err := filepath.Glob("../*/testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	claims := [][]byte{
		{0x00, 0xE4, 0x0B, 0x54, 0x02, 0, 0, 0}, {0, 0, 0, 0x02, 0x54, 0x0B, 0xE4, 0x00}, // 10 GB in both byte orders
		{0xFF, 0xFF, 0xFF, 0x7F}, {0x7F, 0xFF, 0xFF, 0xFF}, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
		[]byte("9999999999"),
	}
	const most = 64 << 20 // of memory, for files of a few kilobytes
	formats, tried := all.Formats(), 0
	for _, path := range paths {
		if strings.HasSuffix(path, ".golden") || strings.HasSuffix(path, ".key") {
			continue
		}
		whole, err := os.ReadFile(path)
		if err != nil || len(whole) == 0 {
			continue // a folder
		}
		probe, err := input.NewProbe("", bytes.NewReader(whole))
		if err != nil {
			t.Fatal(err)
		}
		f, m, _ := formats.Detect(probe)
		if m < input.Likely {
			continue
		}
		step := max(1, len(whole)/40)
		if testing.Short() {
			step *= 8
		}
		for at := tried % 7; at < len(whole); at += step {
			for _, claim := range claims {
				b := bytes.Clone(whole)
				copy(b[at:], claim)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				n := 0
				for _, err := range f.Decode(t.Context(), bytes.NewReader(b), logfmt.Limits{}.Defaults()) {
					if n++; err != nil || n > 64*len(b)+1000 {
						break
					}
				}
				runtime.ReadMemStats(&after)
				if took := after.TotalAlloc - before.TotalAlloc; took > most {
					t.Errorf("%s with %x at %d: %d MiB", path, claim, at, took>>20)
				}
				if n > 64*len(b)+1000 {
					t.Errorf("%s with %x at %d: far more records than bytes", path, claim, at)
				}
				tried++
			}
		}
	}
	if tried < 2000 {
		t.Errorf("only %d tried", tried)
	}
}
