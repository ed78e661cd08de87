package datcon_test

import (
	"testing"

	"flightveil/logfmt/datcon"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, datcon.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, datcon.Format{}, "testdata") }
