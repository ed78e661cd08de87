// Package skydio decodes tables and JSON of Skydio's cloud and app: telemetry,
// and the list of flights with serial numbers and take-off points.
//
// No real file was seen. The names are those of Skydio's cloud interface and of
// public programs that read its exports; see [tabular.Common] for what they mean.
package skydio

import (
	"bytes"
	"context"
	"iter"

	"flightveil/internal/block/utf16text"
	"flightveil/internal/input"
	"flightveil/logfmt"
	"flightveil/logfmt/internal/records"
	"flightveil/logfmt/internal/tabular"
)

// Format is the log of that vendor.
type Format struct{}

// ID returns "skydio".
func (Format) ID() string { return "skydio" }

// Detect looks for names only this vendor uses, beside a position.
func (Format) Detect(p input.Probe) input.Match {
	head := utf16text.Prefix(p.Prefix)
	if records.IsJSON(head) {
		if records.HasKeys(head, "flight_telemetry", "vehicle_serial", "sensor_package", "sensor_package_serial", "autonomy_mode", "subject_distance") || records.Mentions(head, "skydio") && records.Located(head) {
			return input.Likely
		}
		return input.No
	}
	t := tabular.Probe(p)
	c := tabular.Common(t)
	if c.Lat == "" && len(c.Spots) == 0 || !tabular.Timed(t) {
		return input.No
	}
	if t.Index("vehicle_latitude", "vehicle_serial", "sensor_package_serial", "autonomy_mode", "tracking_mode", "subject_distance", "skydio_mode") >= 0 || bytes.Contains(bytes.ToLower(head), []byte("skydio")) {
		return input.Certain
	}
	return input.No
}

// Decode yields one Fix per report with a position.
func (Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	if records.Text(in) {
		return records.Decode(ctx, in)
	}
	return tabular.Decode(ctx, in, tabular.Common)
}
