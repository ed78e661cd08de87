package main

import (
	"context"
	"errors"
	"fmt"

	"flightveil/cmd/internal/ui"
	"flightveil/geofuzz"
	"flightveil/internal/geo"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"
)

// moves reports whether files are cleaned each in its own way: those that
// belong to a flight move with it.
func (o *scrubOptions) moves() bool {
	return o.Location == "near" || o.Location == "zero" || o.Location == "zone"
}

// move finds out how the sources move, if they are to, and makes the runner
// remove the positions of those that do not. done closes the key.
func (o *scrubOptions) move(ctx context.Context, runner *pipeline.Runner, sources []pipeline.Source, opts *pipeline.ScrubOptions, s streams) (done func(), err error) {
	done = func() {}
	if (o.Location == "zone") != (o.Zone != "") {
		return done, usageError{withHint(errors.New("--location zone and --zone NAME go together"), "flightveil zone ls lists the zones")}
	}
	if o.Location == "zone" {
		return o.zone(runner, opts, s)
	}
	mooring, err := o.nearFlags.mooring(o.Location)
	if err != nil || mooring == nil {
		return done, err
	}
	if near, ok := mooring.(*geofuzz.Near); ok {
		ring, err := o.openRing(s)
		if err != nil {
			return done, err
		}
		done = func() { ring.Close() }
		near.Key, near.Places, near.Save = ring.Key, &ring.Places, ring.savePlaces
	}
	opts.Moving = runner.Profile
	runner.Profile = opts.Moving.With(privacy.Remove, privacy.Location, privacy.Operator, privacy.Altitude)
	ask := func(src *pipeline.Source, d *pipeline.Displacement) error {
		return runner.CanDisplace(ctx, src, d, opts.Moving)
	}
	moves, why, err := runner.Outings(ctx, sources, mooring, ask)
	if err != nil {
		done()
		return func() {}, err
	}
	opts.Displace = func(src *pipeline.Source) *pipeline.Displacement { return moves[src.Label] }
	for i := range sources {
		if err := why[sources[i].Label]; err != nil && !o.Quiet {
			fmt.Fprintf(s.Err, "flightveil: %s is cleaned without its position: %v\n", ui.Printable(sources[i].Label), err)
		}
	}
	if len(moves) > 0 && !o.Quiet {
		fmt.Fprintln(s.Err, "flightveil: displaced, not the real place. "+mooring.Guarantee().String()+" A picture that somebody recognises gives the place away, and with it all that moved along.")
	}
	return done, nil
}

// zone hides what lies in the zone, or in sight of it.
func (o *scrubOptions) zone(runner *pipeline.Runner, opts *pipeline.ScrubOptions, s streams) (done func(), err error) {
	done = func() {}
	ring, err := o.openRing(s)
	if err != nil {
		return done, err
	}
	z, err := ring.Zones.Get(o.Zone)
	ring.Close() // nothing is drawn
	if err != nil {
		return done, usageError{withHint(fmt.Errorf("--zone %s: %w", ui.Printable(o.Zone), err), "flightveil zone ls lists them")}
	}
	opts.Hide = func(at geo.Point, sees float64) bool { return z.Contains(at) || z.Gap(at) <= sees }
	opts.Moving = runner.Profile
	runner.Profile = opts.Moving.With(privacy.Remove, privacy.Location, privacy.Operator, privacy.Altitude, privacy.Attitude)
	if !o.Quiet {
		fmt.Fprintln(s.Err, "flightveil: positions outside of the zone are true. What lies in it, in sight of it or on a track is removed. Many photos from around a zone centre on what it hides, and a picture may show it: near and zero hide more.")
	}
	return done, nil
}
