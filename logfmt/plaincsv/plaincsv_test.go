package plaincsv_test

import (
	"testing"

	"flightveil/logfmt/logfmttest"
	"flightveil/logfmt/plaincsv"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, plaincsv.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, plaincsv.Format{}, "testdata") }
