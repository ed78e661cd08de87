package skydio_test

import (
	"testing"

	"flightveil/logfmt/logfmttest"
	"flightveil/logfmt/skydio"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, skydio.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, skydio.Format{}, "testdata") }
