package litchi_test

import (
	"testing"

	"flightveil/logfmt/litchi"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, litchi.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, litchi.Format{}, "testdata") }
