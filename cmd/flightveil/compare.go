package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"flightveil/cmd/internal/ui"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"

	"github.com/spf13/cobra"
)

func newCompareCommand(s streams) *cobra.Command {
	asJSON := false
	var keys keychainFlag
	cmd := &cobra.Command{
		Use:     "compare LOG LOG",
		Short:   "Say how two flights differ, without saying where they were",
		Long:    "Compare two flight logs: duration, distance, height, speed, battery and warnings. No position is printed." + exitCodes,
		Example: "  flightveil compare monday.tlog tuesday.tlog",
		Args:    usage(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runCompare(cmd.Context(), args, asJSON, keys, s)
		},
	}
	keys.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object per line")
	return cmd
}

func runCompare(ctx context.Context, args []string, asJSON bool, keys keychainFlag, s streams) error {
	profile, err := privacy.LoadProfile("track", nil)
	if err != nil {
		return err
	}
	keychains, err := keys.load()
	if err != nil {
		return err
	}
	sources, closer, err := gather(args, s)
	if err != nil {
		return err
	}
	defer closer.Close()
	if len(sources) != 2 {
		return usageError{fmt.Errorf("%d files given: compare takes two flight logs", len(sources))}
	}
	r := newRunner(profile, 1, keychains...)
	var sums [2]pipeline.FlightSummary
	incomplete := false
	for i := range sources {
		if sums[i], err = r.Summarise(ctx, &sources[i]); err != nil {
			if sums[i].Positions == 0 {
				return fmt.Errorf("%s: %w", ui.Printable(sources[i].Label), err)
			}
			fmt.Fprintf(s.Err, "flightveil: %s: the rest could not be read: %v\n", ui.Printable(sources[i].Label), err)
			incomplete = true
		}
		incomplete = incomplete || sums[i].Damage > 0
	}
	if asJSON {
		for i := range sums {
			if err := summaryJSON(s.Out, sources[i].Label, sums[i]); err != nil {
				return err
			}
		}
	} else {
		summaryTable(s.Out, sources, sums)
	}
	if incomplete {
		return errIncomplete
	}
	return nil
}

// a row is one line of the comparison.
type row struct {
	name, field string
	values      [2]float64
	unit        string
}

func rows(a, b pipeline.FlightSummary) []row {
	pair := func(f func(pipeline.FlightSummary) float64) [2]float64 { return [2]float64{f(a), f(b)} }
	return []row{
		{"flights", "flights", pair(func(f pipeline.FlightSummary) float64 { return float64(f.Flights) }), ""},
		{"positions", "positions", pair(func(f pipeline.FlightSummary) float64 { return float64(f.Positions) }), ""},
		{"duration", "duration_s", pair(func(f pipeline.FlightSummary) float64 { return f.Duration.Seconds() }), "s"},
		{"distance flown", "distance_m", pair(func(f pipeline.FlightSummary) float64 { return f.Distance }), "m"},
		{"farthest from the start", "farthest_m", pair(func(f pipeline.FlightSummary) float64 { return f.Farthest }), "m"},
		{"highest above take-off", "height_m", pair(func(f pipeline.FlightSummary) float64 { return f.Height }), "m"},
		{"fastest", "speed_mps", pair(func(f pipeline.FlightSummary) float64 { return f.Speed }), "m/s"},
		{"battery used", "battery_pct", pair(func(f pipeline.FlightSummary) float64 { return f.BatteryUsed }), "%"},
		{"warnings", "warnings", pair(func(f pipeline.FlightSummary) float64 { return float64(f.Warnings) }), ""},
		{"damaged places", "damage", pair(func(f pipeline.FlightSummary) float64 { return float64(f.Damage) }), ""},
	}
}

func summaryTable(w io.Writer, sources []pipeline.Source, sums [2]pipeline.FlightSummary) {
	fmt.Fprintf(w, "A: %s (%s)\nB: %s (%s)\n\n", ui.Printable(sources[0].Label), sums[0].Format, ui.Printable(sources[1].Label), sums[1].Format)
	fmt.Fprintf(w, "%-24s %12s %12s %12s\n", "", "A", "B", "B - A")
	for _, r := range rows(sums[0], sums[1]) {
		fmt.Fprintf(w, "%-24s %12s %12s %12s\n", r.name, amount(r.values[0], r.unit), amount(r.values[1], r.unit), amount(r.values[1]-r.values[0], r.unit))
	}
}

func amount(v float64, unit string) string {
	switch {
	case math.IsNaN(v):
		return "unknown"
	case unit == "":
		return fmt.Sprintf("%.0f", v)
	case unit == "s":
		return time.Duration(v * float64(time.Second)).Round(time.Second).String()
	}
	return fmt.Sprintf("%.1f %s", v, unit)
}

func summaryJSON(w io.Writer, label string, sum pipeline.FlightSummary) error {
	out := map[string]any{"type": "flight", "path": label, "format": sum.Format}
	for _, r := range rows(sum, sum) {
		if !math.IsNaN(r.values[0]) {
			out[r.field] = r.values[0]
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}
