package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"flightveil/cmd/internal/ui"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"
	"flightveil/logfmt/export"

	"github.com/spf13/cobra"
)

type convertOptions struct {
	commonFlags
	policyFlags
	keychainFlag
	keyFlags
	nearFlags
	zoneFlags
	mechanismFlags
	Output, To, Since, Until string
	Merge, Force             bool
	Rate                     time.Duration
	Simplify                 float64
}

func newConvertCommand(s streams) *cobra.Command {
	var o convertOptions
	cmd := &cobra.Command{
		Use:   "convert LOG... -o FILE|DIR",
		Short: "Write flight logs as GPX, KML, GeoJSON, CSV or JSON",
		Long: `Write flight logs in open formats. By default positions, heights and times are
true, and serial numbers, names and the pilot's own positions stay behind. What
could be read of a damaged log is written, and the exit code is 3.

--location zero moves each flight to 1° N 1° E, in the open sea, with heights
above take-off and times from 2000-01-01: the file depends on nothing but the
flight's own shape, heights, speeds and times. --location near moves it by a
secret distance that your key decides once for each place (flightveil key init
makes one), so that the rough area stays true. --location zone leaves out what
lies in a zone (flightveil zone add makes one) and the legs that lead into it;
the rest is true. --location cell writes one position per flight, the middle of
a cell; a cell may hold one house.` + exitCodes,
		Example: `  flightveil convert flight.tlog -o flight.gpx
  flightveil convert logs -o tracks --to kml
  flightveil convert --merge logs -o all.gpx
  flightveil convert --rate 1s --simplify 2 flight.bin -o -  --to geojson`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return runConvert(cmd.Context(), o, args, s) },
	}
	o.commonFlags.add(cmd)
	o.relocates, o.zones = true, true
	o.policyFlags.add(cmd, "profile")
	o.keychainFlag.add(cmd)
	o.keyFlags.add(cmd)
	o.nearFlags.add(cmd)
	o.zoneFlags.add(cmd)
	o.addOutput(cmd)
	f := cmd.Flags()
	f.Lookup("profile").DefValue, o.Profile = "track", "track"
	f.StringVar(&o.Since, "since", "", "leave out what was before `TIME`, as in 2031-07-19T04:47:53Z")
	f.StringVar(&o.Until, "until", "", "leave out what was after `TIME`")
	f.Float64Var(&o.Simplify, "simplify", 0, "leave out positions closer than this many `METRES` to the line of the others")
	return cmd
}

// addOutput adds the flags that say what is written, and where.
func (o *convertOptions) addOutput(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVarP(&o.Output, "output", "o", "", "write below `DIR`, a single output to FILE, or - for standard output")
	f.StringVar(&o.To, "to", "", "output `FORMAT`: "+strings.Join(exportIDs(), ", ")+" (default: as the output's name says, or gpx)")
	f.BoolVar(&o.Merge, "merge", false, "write all logs into one file")
	f.BoolVar(&o.Force, "force", false, "replace outputs that exist")
	f.DurationVar(&o.Rate, "rate", 0, "at most one position in this `TIME`, as in 1s")
	cmd.RegisterFlagCompletionFunc("to", cobra.FixedCompletions(exportIDs(), cobra.ShellCompDirectiveNoFileComp))
}

func exportIDs() []string {
	var out []string
	for _, f := range export.Formats() {
		out = append(out, f.ID)
	}
	return out
}

func exportExtensions() []string {
	var out []string
	for _, f := range export.Formats() {
		out = append(out, f.Extension)
	}
	return out
}

// isExtension reports whether ext, with its dot, looks like a format's.
func isExtension(ext string) bool {
	return len(ext) >= 3 && len(ext) <= 8 && !strings.ContainsFunc(ext[1:], func(r rune) bool { return !isWord(r) || r == '\\' }) && strings.Trim(ext[1:], "0123456789") != ""
}

func runConvert(ctx context.Context, o convertOptions, args []string, s streams) error {
	profile, opts, err := o.checked()
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
	h, err := o.hider(s)
	if err != nil {
		return err
	}
	defer h.close()
	h.apply(&opts, o.Album)
	t, err := o.target(args, sources, s)
	if err != nil {
		return err
	}
	defer t.close()
	opts.Out, opts.Path, opts.Name = t.dir, t.path, t.name
	p, bar := ui.New(t.report, o.JSON, o.options(t.report, ui.Options{Tracks: true})), o.progress(s, sources)
	defer bar.Close()
	var totals pipeline.Totals
	var keyless []pipeline.Source
	positions := 0
	r := newRunner(profile, o.Jobs, keychains...)
	for out := range r.Convert(ctx, sources, opts) {
		if out.Keyless {
			keyless = append(keyless, out.Source)
		}
		if out.Status == pipeline.Written && t.temp != "" {
			out.Output = "standard output"
		}
		bar.Clear()
		p.File(out)
		totals.Add(out)
		positions += out.Positions
		bar.Done(out.Source.Size)
	}
	bar.Close()
	if err := ctx.Err(); err != nil {
		return err
	}
	p.Total(totals)
	switch {
	case positions == 0 || o.Quiet:
	case h.mechanism != nil:
		h.tell(s.Err)
	case profile.Rules[privacy.Location] == privacy.Keep:
		fmt.Fprintln(s.Err, "flightveil: a track begins where the aircraft took off; --location cell hides all but the area, --location zero the place")
	}
	if len(keyless) > 0 {
		adviseOnKeys(s.Err, keyless, r.Twins(ctx, keyless, sources), len(keychains) > 0)
	}
	var delivered error
	if totals.Status[pipeline.Written] > 0 {
		delivered = t.deliver(s.Out)
	}
	if delivered == nil && totals.Incomplete() {
		return errIncomplete
	}
	return delivered
}

func (o *convertOptions) checked() (privacy.Profile, pipeline.ConvertOptions, error) {
	opts := pipeline.ConvertOptions{Merge: o.Merge, Select: pipeline.Selection{Every: o.Rate, Simplify: o.Simplify}}
	if err := o.check(); err != nil {
		return privacy.Profile{}, opts, err
	}
	profile, err := o.profile()
	if err != nil {
		return profile, opts, err
	}
	if o.Output == "" {
		return profile, opts, usageError{withHint(errors.New("no output given"), "name a file or a folder: -o flight.gpx")}
	}
	if opts.To, err = o.format(); err != nil {
		return profile, opts, err
	}
	if opts.To.NeedsPositions && profile.Policy().Decide(privacy.Finding{Class: privacy.Location}) == privacy.Remove && profile.Rules[privacy.Location] != privacy.Coarsen {
		return profile, opts, usageError{withHint(fmt.Errorf("without positions there is nothing to write as %s", opts.To.ID), "csv and json can hold heights and speeds alone")}
	}
	for _, c := range []struct {
		flag, value string
		set         *time.Time
	}{{"since", o.Since, &opts.Select.Since}, {"until", o.Until, &opts.Select.Until}} {
		if c.value == "" {
			continue
		}
		if *c.set, err = time.Parse(time.RFC3339, c.value); err != nil {
			return profile, opts, usageError{fmt.Errorf("--%s %s: not a time such as 2031-07-19T04:47:53Z", c.flag, c.value)}
		}
	}
	if o.Rate < 0 || o.Simplify < 0 {
		return profile, opts, usageError{errors.New("--rate and --simplify cannot be negative")}
	}
	return profile, opts, nil
}

// format decides what to write: --to, or what the output's name ends in.
func (o *convertOptions) format() (export.Format, error) {
	if o.To == "" {
		if f, ok := export.ByExtension(filepath.Ext(o.Output)); ok {
			return f, nil
		}
		o.To = "gpx"
	}
	if f, ok := export.ByID(o.To); ok {
		return f, nil
	}
	return export.Format{}, usageError{fmt.Errorf("--to %s: use one of %s", o.To, strings.Join(exportIDs(), ", "))}
}

// target decides what -o means for convert.
func (o *convertOptions) target(args []string, sources []pipeline.Source, s streams) (*target, error) {
	single := len(sources) == 1 && sources[0].Given || o.Merge
	isFile := func(path string) bool {
		if fi, err := os.Stat(path); err == nil {
			return !fi.IsDir()
		}
		_, ok := export.ByExtension(filepath.Ext(path))
		return ok
	}
	if ext := filepath.Ext(o.Output); single && o.Output != "-" && !isFile(o.Output) && isExtension(ext) {
		if fi, err := os.Stat(o.Output); err != nil || !fi.IsDir() {
			return nil, usageError{withHint(fmt.Errorf("-o %s: %s is no format that can be written", ui.Printable(o.Output), ext), "end the name in "+strings.Join(exportExtensions(), ", ")+", or name a folder with a slash behind")}
		}
	}
	if o.Merge && o.Output != "-" && !isFile(o.Output) {
		return nil, usageError{withHint(errors.New("--merge writes one file"), "name it: -o all.gpx")}
	}
	return openTarget(o.Output, args, single, o.Force, isFile, s)
}
