package main

import (
	"context"

	"flightveil/internal/pipeline"

	"github.com/spf13/cobra"
)

type verifyOptions struct {
	commonFlags
	policyFlags
}

func newVerifyCommand(s streams) *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use:   "verify ORIGINAL CLEAN",
		Short: "Look again: is anything that was removed still in the copy?",
		Long: `Compare originals with their clean copies: files or whole folders. Nothing that
the profile removes may be listed in a copy, and no value that was removed may be
found in it in any encoding. Renamed copies are paired with their originals by
content. Give the profile and flags that the copies were made with. With
--location zero or near every position must be elsewhere than in the original.` + exitCodes,
		Example: `  flightveil verify /media/card clean`,
		Args:    usage(cobra.ExactArgs(2)),
		RunE:    func(cmd *cobra.Command, args []string) error { return runVerify(cmd.Context(), o, args, s) },
	}
	o.commonFlags.add(cmd)
	o.relocates, o.zones = true, true
	o.policyFlags.add(cmd, "profile")
	return cmd
}

func runVerify(ctx context.Context, o verifyOptions, args []string, s streams) error {
	if err := o.check(); err != nil {
		return err
	}
	profile, err := o.profile()
	if err != nil {
		return err
	}
	var sides [2][]pipeline.Source
	for i, a := range args {
		sources, closer, err := gather([]string{a}, s)
		if err != nil {
			return err
		}
		defer closer.Close()
		if err := missing(sources); err != nil {
			return err
		}
		sides[i] = sources
	}
	p := o.printer(s.Out)
	left, incomplete := false, false
	r := newRunner(profile, o.Jobs)
	r.Moved = o.Location == "zero" || o.Location == "near"
	for c := range r.Verify(ctx, sides[0], sides[1]) {
		p.Pair(c)
		left = left || c.Status == pipeline.Left
		incomplete = incomplete || c.Status != pipeline.NothingLeft
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	switch {
	case left:
		return errFound
	case incomplete:
		return errIncomplete
	}
	return nil
}
