package srt_test

import (
	"testing"

	"flightveil/exifscrub/scrubtest"
	"flightveil/exifscrub/srt"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, srt.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, srt.Format{}, "testdata") }
