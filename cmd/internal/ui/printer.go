// Package ui shows outcomes to people and programs: text, JSON lines and a
// progress bar.
package ui

import (
	"io"

	"flightveil/internal/pipeline"
)

// A Printer shows what a run did. Commands never ask whether the output is
// JSON: they hold a Printer.
type Printer interface {
	File(pipeline.Outcome)  // shows one outcome
	Pair(pipeline.Compared) // shows what comparing an original with its copy found
	Total(pipeline.Totals)  // closes the run
}

// Options says how a Printer shows things.
type Options struct {
	Values  bool // show values found in files
	Quiet   bool // only what went wrong
	Verbose bool // what was kept, too
	Color   bool // text only
	Tracks  bool // what is written are tracks, not copies
}

// New returns a Printer that writes to w as text, or as JSON lines.
func New(w io.Writer, json bool, o Options) Printer {
	if json {
		return &jsonPrinter{w: w, o: o}
	}
	return &textPrinter{w: w, o: o}
}
