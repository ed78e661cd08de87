package xmp_test

import (
	"testing"

	"flightveil/exifscrub/scrubtest"
	"flightveil/exifscrub/xmp"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, xmp.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, xmp.Format{}, "testdata") }
