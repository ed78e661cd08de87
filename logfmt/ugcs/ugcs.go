// Package ugcs decodes the telemetry CSV files of UgCS.
//
// Seen from a file. Times are a wall clock without zone; old versions write
// positions in radians.
package ugcs

import (
	"context"
	"iter"
	"math"
	"time"

	"flightveil/internal/block/table"
	"flightveil/internal/input"
	"flightveil/logfmt"
	"flightveil/logfmt/internal/tabular"
)

// Format is the log of that tool.
type Format struct{}

// ID returns "ugcs-csv".
func (Format) ID() string { return "ugcs-csv" }

// Detect looks for the columns only this tool writes.
func (Format) Detect(p input.Probe) input.Match {
	if t := tabular.Probe(p); tabular.Has(t, "fc:latitude", "fc:longitude") {
		return input.Certain
	}
	return input.No
}

// Decode yields one Fix per row with a position.
func (Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		for r, err := range tabular.Decode(ctx, in, open) {
			switch x := r.(type) {
			case logfmt.Fix:
				x.Point = degrees(x.Point)
				r = x
			case logfmt.Spot:
				x.Point = degrees(x.Point)
				r = x
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// degrees converts what old versions stored in radians. Every position of the
// globe in radians, read as degrees, lies in a patch of the Gulf of Guinea
// without land, so such small numbers are radians.
func degrees(p logfmt.Point) logfmt.Point {
	if math.Abs(p.Lat) > math.Pi/2 || math.Abs(p.Lon) > math.Pi {
		return p
	}
	return logfmt.Point{Lat: p.Lat * 180 / math.Pi, Lon: p.Lon * 180 / math.Pi}
}

func open(t *table.Reader) tabular.Dialect {
	clock := t.Index("time")
	d := tabular.Dialect{
		Lat: "fc:latitude", Lon: "fc:longitude", AltMSL: []string{"cs:altitude_amsl"}, AltUnclear: []string{"fc:altitude_raw"},
		Speed: []string{"fc:ground_speed"}, Climb: []string{"fc:vertical_speed"}, Course: []string{"fc:course"},
		Roll: []string{"fc:roll"}, Pitch: []string{"fc:pitch"}, Yaw: []string{"fc:heading"},
		GimbalRoll: []string{"gb:roll"}, GimbalPitch: []string{"gb:pitch"}, GimbalYaw: []string{"gb:heading"},
		Sats: []string{"fc:satellite_count"}, Battery: []string{"fc:remaining_power_level"}, Scale: map[string]float64{"fc:remaining_power_level": 100},
		Spots: []tabular.Spot{{Role: logfmt.Home, Lat: "fc:home_latitude", Lon: "fc:home_longitude"}, {Role: logfmt.Home, Lat: "fc:takeoff_latitude", Lon: "fc:takeoff_longitude"}},
	}
	d.Stamped = []int{clock}
	var memo tabular.Memo
	d.Clock = func(t *table.Reader) (utc, local time.Time, elapsed time.Duration) {
		return utc, memo.Stamp(t.Field(clock)), -1
	}
	return d
}
