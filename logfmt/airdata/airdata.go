// Package airdata decodes the CSV files of Airdata (HealthyDrones).
//
// Seen from files of 2016 and 2021. Times are UTC; the position of the pilot is
// not in them.
package airdata

import (
	"context"
	"iter"
	"time"

	"flightveil/internal/block/table"
	"flightveil/internal/input"
	"flightveil/logfmt"
	"flightveil/logfmt/internal/tabular"
)

// Format is the log of that tool.
type Format struct{}

// ID returns "airdata-csv".
func (Format) ID() string { return "airdata-csv" }

// Detect looks for the columns only this tool writes.
func (Format) Detect(p input.Probe) input.Match {
	if t := tabular.Probe(p); tabular.Has(t, "latitude", "longitude", "time", "datetime", "isphoto") && t.Index("pitchraw") < 0 {
		return input.Certain
	}
	return input.No
}

// Decode yields one Fix per row with a position.
func (Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return tabular.Decode(ctx, in, open)
}

func open(t *table.Reader) tabular.Dialect {
	ms, clock := t.Column("time"), t.Index("datetime")
	d := tabular.Dialect{
		Lat: "latitude", Lon: "longitude",
		AltMSL: []string{"altitude_above_sealevel", "altitude"}, AltHome: []string{"height_above_takeoff", "ascent"},
		Speed: []string{"speed"}, Climb: []string{"zspeed"}, ClimbDown: true, Roll: []string{"roll"}, Pitch: []string{"pitch"}, Yaw: []string{"compass_heading"},
		GimbalRoll: []string{"gimbal_roll"}, GimbalPitch: []string{"gimbal_pitch"}, GimbalYaw: []string{"gimbal_heading"},
		Sats: []string{"satellites"}, Battery: []string{"battery_percent"}, Messages: []tabular.Message{{Column: "message"}},
	}
	d.Stamped = []int{clock}
	var tie tabular.Tie
	d.Clock = func(t *table.Reader) (utc, local time.Time, elapsed time.Duration) {
		elapsed = -1
		v := t.Float(ms)
		if v >= 0 && v < 1e12 {
			elapsed = time.Duration(v * float64(time.Millisecond))
		}
		return tie.Time(t.Field(clock), v), local, elapsed
	}
	return d
}
