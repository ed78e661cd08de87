// Package autel decodes tables and JSON that Autel's apps (Explorer, Sky,
// Voyager) export. The binary flight records of these apps are not documented
// and not read.
//
// No real file was seen. The names are those of public programs that read such
// exports; see [tabular.Common] for what they mean.
package autel

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

// ID returns "autel".
func (Format) ID() string { return "autel" }

// Detect looks for names only this vendor uses, beside a position.
func (Format) Detect(p input.Probe) input.Match {
	head := utf16text.Prefix(p.Prefix)
	if records.IsJSON(head) {
		named := records.HasKeys(head, "droneLatitude", "droneLongitude", "remainPower", "recordTime", "homeDistance", "flyTime") || records.Mentions(head, "autel")
		if named && records.Located(head) {
			return input.Likely
		}
		return input.No
	}
	t := tabular.Probe(p)
	if c := tabular.Common(t); c.Lat == "" || !tabular.Timed(t) {
		return input.No
	}
	if tabular.Has(t, "dronelatitude", "dronelongitude") || bytes.Contains(bytes.ToLower(head), []byte("autel")) {
		return input.Certain
	}
	own := 0
	for _, n := range []string{"remainpower", "homedistance", "relativeheight", "flytime", "recordtime", "hspeed", "vspeed", "satcount", "gps.satcount", "flymode"} {
		if t.Index(n) >= 0 {
			own++
		}
	}
	if own >= 2 {
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
