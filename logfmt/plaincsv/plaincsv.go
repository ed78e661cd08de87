// Package plaincsv decodes tables of tools that have no package of their own,
// this program's tables among them: those whose header names a latitude, a
// longitude and a time in one of the usual ways.
//
// It takes nothing for granted: a height is one above the sea, the ground or
// the take-off point only if the name of its column says so, and a time is UTC
// only if its column or its value says so.
package plaincsv

import (
	"context"
	"iter"

	"flightveil/internal/input"
	"flightveil/logfmt"
	"flightveil/logfmt/internal/tabular"
)

// Format is such a table.
type Format struct{}

// ID returns "csv".
func (Format) ID() string { return "csv" }

// Detect looks for columns of a position and of a time.
func (Format) Detect(p input.Probe) input.Match {
	t := tabular.Probe(p)
	if t.Columns() < 3 || !tabular.Timed(t) {
		return input.No
	}
	if c := tabular.Common(t); c.Lat != "" {
		return input.Likely
	}
	return input.No
}

// Decode yields one Fix per row with a position.
func (Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return tabular.Decode(ctx, in, tabular.Common)
}
