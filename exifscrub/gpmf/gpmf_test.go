package gpmf_test

import (
	"testing"

	"flightveil/exifscrub/gpmf"
	"flightveil/exifscrub/scrubtest"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, gpmf.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, gpmf.Format{}, "testdata") }
