package autel_test

import (
	"testing"

	"flightveil/logfmt/autel"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, autel.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, autel.Format{}, "testdata") }
