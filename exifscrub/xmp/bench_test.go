package xmp_test

import (
	"bytes"
	"os"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/scrubtest"
	"flightveil/exifscrub/xmp"
	"flightveil/internal/input"
)

func BenchmarkWalk(b *testing.B) {
	for _, name := range []string{"drone.xmp", "elements.xmp"} {
		packet, err := os.ReadFile("testdata/" + name)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(packet)))
			b.ReportAllocs()
			for b.Loop() {
				for range (xmp.Format{}).Walk(b.Context(), bytes.NewReader(packet), input.Limits{}) {
				}
			}
		})
	}
}

func BenchmarkScrub(b *testing.B) {
	packet, err := os.ReadFile("testdata/elements.xmp")
	if err != nil {
		b.Fatal(err)
	}
	job := scrubtest.Job(b, "public")
	b.SetBytes(int64(len(packet)))
	for b.Loop() {
		plan, err := exifscrub.Scan(b.Context(), job, xmp.Format{}, bytes.NewReader(packet))
		if err != nil {
			b.Fatal(err)
		}
		for range plan.Edits() {
		}
	}
}
