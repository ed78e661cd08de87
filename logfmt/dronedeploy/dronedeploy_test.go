package dronedeploy_test

import (
	"testing"

	"flightveil/logfmt/dronedeploy"
	"flightveil/logfmt/logfmttest"
)

func TestConformance(t *testing.T) { logfmttest.Run(t, dronedeploy.Format{}, "testdata") }

func FuzzDecode(f *testing.F) { logfmttest.Fuzz(f, dronedeploy.Format{}, "testdata") }
