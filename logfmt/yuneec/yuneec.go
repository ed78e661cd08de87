// Package yuneec decodes the Telemetry and RemoteGPS CSV files of Yuneec ST10 and
// ST16 remotes (Q500, Typhoon).
//
// Seen from files. Times are the wall clock of the remote.
package yuneec

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

// ID returns "yuneec-csv".
func (Format) ID() string { return "yuneec-csv" }

// Detect looks for the columns only this tool writes.
func (Format) Detect(p input.Probe) input.Match {
	if t := tabular.Probe(p); tabular.Has(t, "", "fsk_rssi", "latitude", "longitude") || tabular.Has(t, "", "lon", "lat", "accuracy", "angle") {
		return input.Certain
	}
	return input.No
}

// Decode yields one Fix per row with a position.
func (Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return tabular.Decode(ctx, in, open)
}

func open(t *table.Reader) tabular.Dialect {
	d := tabular.Dialect{
		Lat: "latitude", Lon: "longitude", AltHome: []string{"altitude"}, Speed: []string{"tas"},
		Roll: []string{"roll"}, Pitch: []string{"pitch"}, Yaw: []string{"yaw"}, Sats: []string{"satellites_num"},
		Spots: []tabular.Spot{{Role: logfmt.Remote, Lat: "lat", Lon: "lon"}},
	}
	d.Stamped = []int{0}
	d.Clock = func(t *table.Reader) (utc, local time.Time, elapsed time.Duration) {
		b := t.Field(0) // "20150713 14:01:15:313"
		if len(b) > 9 {
			if at := tabular.Hours(b[9:]); at >= 0 {
				local = tabular.Compact(b[:8])
				if !local.IsZero() {
					local = local.Add(at)
				}
			}
		}
		return utc, local, -1
	}
	return d
}
