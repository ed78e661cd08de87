// Package edgetx decodes the SD-card logs of EdgeTX and OpenTX radios.
//
// Seen from files. Times are the wall clock of the radio. A flight ends where
// it stands still for more than a minute.
package edgetx

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

// ID returns "edgetx-csv".
func (Format) ID() string { return "edgetx-csv" }

// Detect looks for the columns only this tool writes.
func (Format) Detect(p input.Probe) input.Match {
	if t := tabular.Probe(p); tabular.Has(t, "date", "time") && t.Index("txbat") >= 0 {
		return input.Certain
	}
	return input.No
}

// Decode yields one Fix per row with a position.
func (Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return tabular.Decode(ctx, in, open)
}

func open(t *table.Reader) tabular.Dialect {
	day, clock, gps := t.Index("date"), t.Index("time"), t.Index("gps")
	d := tabular.Dialect{
		AltUnclear: []string{"alt", "galt"}, Speed: []string{"gspd"}, Climb: []string{"vspd"}, Course: []string{"hdg"},
		Roll: []string{"roll"}, Pitch: []string{"ptch"}, Yaw: []string{"yaw"}, Sats: []string{"sats"}, Battery: []string{"bat_"}, Gap: time.Minute,
	}
	d.Clock = func(t *table.Reader) (utc, local time.Time, elapsed time.Duration) {
		if at := tabular.Hours(t.Field(clock)); at >= 0 {
			if local = tabular.Day(t.Field(day)); !local.IsZero() {
				local = local.Add(at)
			}
		}
		return utc, local, -1
	}
	if gps < 0 { // some scripts and radios log a column each
		d.Lat = tabular.First(t, "latitude", "lat", "glat", "gps lat", "gps latitude", "gpslat")
		d.Lon = tabular.First(t, "longitude", "lon", "long", "lng", "glon", "gps lon", "gps long", "gps longitude", "gpslon")
		return d
	}
	d.Position = func(t *table.Reader) (logfmt.Point, string) { return tabular.Pair(t.Field(gps)) }
	return d
}
