package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"flightveil/cmd/internal/ui"
	"flightveil/geofuzz"
	"flightveil/internal/pipeline"

	"github.com/spf13/cobra"
)

// mechanismFlags name a mechanism and what only mechanisms have.
type mechanismFlags struct {
	Mechanism, Album string
	Metres           float64
}

func newFuzzCommand(s streams) *cobra.Command {
	var o convertOptions
	var list strings.Builder
	for _, k := range geofuzz.Kinds() {
		of := ""
		if k.Metres > 0 {
			of = fmt.Sprintf(" (--metres: %s, %g)", k.Of, k.Metres)
		}
		fmt.Fprintf(&list, "  %-9s %s%s\n", k.Name, k.About, of)
	}
	cmd := &cobra.Command{
		Use:   "fuzz TRACK... -o FILE|DIR --mechanism NAME",
		Short: "Hide where flights were with one mechanism by name, for experts",
		Long: `Write flight logs as tracks that hide where, when or how they were flown. Each
mechanism says at the end what it promises and what it does not; several can be
applied after each other: --mechanism zone+promesse. For most, convert with
--location zero, near or zone is the same and simpler.

` + list.String() + `  heatmap   many flights as one map of cells, with noise; -o FILE.geojson or .csv
            (--metres: the width of a cell, 1000; --epsilon: of the whole map, 1)

Serial numbers and names stay behind; with --album NAME the JSON output has keyed
pseudonyms for them, the same within an album and others in the next.` + exitCodes,
		Example: `  flightveil fuzz flight.tlog -o flight.gpx --mechanism zero
  flightveil fuzz logs -o tracks --mechanism lattice --epsilon town
  flightveil fuzz logs -o map.geojson --mechanism heatmap`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return runFuzz(cmd.Context(), o, args, s) },
	}
	o.commonFlags.add(cmd)
	o.keychainFlag.add(cmd)
	o.keyFlags.add(cmd)
	o.nearFlags.add(cmd)
	o.zoneFlags.add(cmd)
	o.addOutput(cmd)
	f := cmd.Flags()
	f.StringVar(&o.Mechanism, "mechanism", "", "`NAME` of the mechanism, or several with + between them")
	f.Float64Var(&o.Metres, "metres", 0, "the length that the mechanism works with, in `METRES` (default: as listed)")
	f.StringVar(&o.Album, "album", "", "put pseudonyms for serial numbers and names into JSON output, of the album called `NAME`")
	cmd.RegisterFlagCompletionFunc("mechanism", cobra.FixedCompletions(mechanismNames(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func runFuzz(ctx context.Context, o convertOptions, args []string, s streams) error {
	o.Profile = "track"
	switch {
	case o.Mechanism == "":
		return usageError{withHint(errors.New("no mechanism given"), "name one with --mechanism: "+strings.Join(mechanismNames(), ", "))}
	case o.Mechanism == "heatmap":
		return runHeatMap(ctx, o, args, s)
	}
	to, err := o.format()
	if err != nil {
		return err
	}
	if o.Album != "" {
		if to.ID != "json" {
			return usageError{withHint(fmt.Errorf("--album: %s holds no serial numbers or names", to.ID), "only json has a place for them: --to json")}
		}
		o.Keep = []string{"identity"}
	}
	if to.NeedsPositions && slices.Contains(strings.Split(o.Mechanism, "+"), "strip") {
		return usageError{withHint(fmt.Errorf("without positions there is nothing to write as %s", to.ID), "csv and json can hold heights and speeds alone")}
	}
	return runConvert(ctx, o, args, s)
}

// runHeatMap writes one map of all flights.
func runHeatMap(ctx context.Context, o convertOptions, args []string, s streams) error {
	h := &geofuzz.HeatMap{Metres: cmp.Or(o.Metres, 1000), Cells: geofuzz.HeatCells, Epsilon: geofuzz.HeatEpsilon, Delta: geofuzz.HeatDelta}
	ext := strings.ToLower(filepath.Ext(o.Output))
	switch {
	case o.Zone != "" || o.Crowd || o.Album != "":
		return usageError{errors.New("--zone, --crowd and --album have no meaning for a heat map")}
	case ext != ".geojson" && ext != ".csv":
		return usageError{withHint(errors.New("a heat map is one file"), "name it: -o map.geojson or -o map.csv")}
	case o.Epsilon != "":
		var err error
		if h.Epsilon, err = strconv.ParseFloat(o.Epsilon, 64); err != nil {
			return usageError{fmt.Errorf("--epsilon %s: %w: use a number, as in 1", ui.Printable(o.Epsilon), geofuzz.ErrHeat)}
		}
	}
	h.Key = make(geofuzz.Key, geofuzz.KeySize)
	if err := h.Check(); err != nil {
		return usageError{err}
	}
	if err := o.check(); err != nil {
		return err
	}
	profile, err := o.profile()
	if err != nil {
		return err
	}
	keychains, err := o.load()
	if err != nil {
		return err
	}
	sources, closer, err := gather(args, s)
	if err != nil {
		return err
	}
	defer closer.Close()
	if err := missing(sources); err != nil {
		return err
	}
	r, err := o.openRing(s)
	if err != nil {
		return err
	}
	defer r.Close()
	h.Key = r.Key
	p, bar := o.printer(s.Err), o.progress(s, sources)
	defer bar.Close()
	var totals pipeline.Totals
	run := newRunner(profile, o.Jobs, keychains...)
	for i := range sources {
		out := run.EachFlight(ctx, &sources[i], o.Rate, h.Add)
		if err := ctx.Err(); err != nil {
			return err
		}
		bar.Clear()
		totals.Add(out)
		if !out.Processed() {
			p.File(out)
		}
		bar.Done(sources[i].Size)
	}
	bar.Close()
	if h.Flights() == 0 {
		return errors.New("no flight to make a map of")
	}
	cells, err := h.Release()
	if err != nil {
		return err
	}
	b, err := encodeHeat(cells, ext)
	if err != nil {
		return err
	}
	// What is drawn is on record before it is shown.
	earlier, err := r.Places.DrawMap(h.ID(), o.Again)
	if err != nil {
		return withHint(err, "give the same flights and numbers, or --draw-again if you mean it")
	}
	if err := r.savePlaces(); err != nil {
		return err
	}
	if err := writeNew(o.Output, b, o.Force); err != nil {
		return err
	}
	if !o.Quiet {
		fmt.Fprintf(s.Err, "flightveil: %d flights, %d cells shown. %s\n", h.Flights(), len(cells), h.Guarantee())
		if len(cells) == 0 {
			fmt.Fprintf(s.Err, "flightveil: no cell was crossed by enough flights: a map of so few would show where they begin\n")
		}
		if earlier > 0 {
			fmt.Fprintf(s.Err, "flightveil: warning: %d other maps were made before: together they tell more than each\n", earlier)
		}
	}
	if totals.Incomplete() {
		return errIncomplete
	}
	return nil
}

// encodeHeat writes cells as GeoJSON points or as a table.
func encodeHeat(cells []geofuzz.HeatCell, ext string) ([]byte, error) {
	var b bytes.Buffer
	if ext == ".csv" {
		w := csv.NewWriter(&b)
		w.Write([]string{"lat", "lon", "flights"})
		for _, c := range cells {
			w.Write([]string{strconv.FormatFloat(c.Centre.Lat, 'f', 7, 64), strconv.FormatFloat(c.Centre.Lon, 'f', 7, 64), strconv.Itoa(c.Flights)})
		}
		w.Flush()
		return b.Bytes(), w.Error()
	}
	type geometry struct {
		Type        string     `json:"type"`
		Coordinates [2]float64 `json:"coordinates"`
	}
	type feature struct {
		Type       string         `json:"type"`
		Geometry   geometry       `json:"geometry"`
		Properties map[string]int `json:"properties"`
	}
	features := []feature{}
	for _, c := range cells {
		at := c.Centre.Rounded()
		features = append(features, feature{"Feature", geometry{"Point", [2]float64{at.Lon, at.Lat}}, map[string]int{"flights": c.Flights}})
	}
	err := json.NewEncoder(&b).Encode(struct {
		Type     string    `json:"type"`
		Features []feature `json:"features"`
	}{"FeatureCollection", features})
	return b.Bytes(), err
}
