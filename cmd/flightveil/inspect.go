package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"flightveil/cmd/internal/ui"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"

	"github.com/spf13/cobra"
)

type inspectOptions struct {
	commonFlags
	keychainFlag
	FailOn  []string
	HTML    string
	Force   bool
	suggest bool // called without a command: say what to type next
}

func newInspectCommand(s streams) *cobra.Command {
	var o inspectOptions
	cmd := &cobra.Command{
		Use:   "inspect PATH...",
		Short: "Say what photos, their sidecars and flight logs give away",
		Long: `Say what each file gives away: where it was taken and how exactly, who and
which device, when. Nothing is written but what --html asks for: one page that
loads nothing from elsewhere. Values are hidden unless --show-values; then the
page shows tracks, too, and only you can read it.` + exitCodes,
		Example: `  flightveil inspect /media/card
  flightveil inspect --fail-on location,identity *.jpg
  flightveil inspect --html report.html /media/card`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return runInspect(cmd.Context(), o, args, s) },
	}
	o.commonFlags.add(cmd)
	o.keychainFlag.add(cmd)
	f := cmd.Flags()
	f.StringSliceVar(&o.FailOn, "fail-on", nil, "exit 4 if a file holds one of these `CLASSES`: location,identity,time")
	f.StringVar(&o.HTML, "html", "", "write the report as one HTML page to `FILE`, too")
	f.BoolVar(&o.Force, "force", false, "replace the HTML page if it exists")
	f.BoolVar(&o.suggest, "suggest", false, "print the command to type next")
	f.MarkHidden("suggest")
	cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(classNames(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func runInspect(ctx context.Context, o inspectOptions, args []string, s streams) error {
	if err := o.check(); err != nil {
		return err
	}
	failOn, err := failClasses(o.FailOn)
	if err != nil {
		return err
	}
	if err := pageFree(o.HTML, o.Force, ""); err != nil {
		return err
	}
	everything, err := privacy.LoadProfile("everything", nil)
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
	p, bar := o.printer(s.Out), o.progress(s, sources)
	defer bar.Close()
	var totals pipeline.Totals
	found, photos, logs := false, false, false
	r := newRunner(everything, o.Jobs, keychains...)
	page := ui.NewInspectPage(o.options(s.Out, ui.Options{}), shellQuoted(args))
	r.Draw = o.HTML != "" && o.Values
	for out := range r.Inspect(ctx, sources) {
		bar.Clear()
		p.File(out)
		totals.Add(out)
		if o.HTML != "" {
			page.File(out)
		}
		bar.Done(out.Source.Size)
		if _, ok := r.Logs.ByID(out.Format); ok {
			logs = true
		} else if out.Status == pipeline.Inspected {
			photos = true
		}
		found = found || slices.ContainsFunc(failOn, func(c privacy.Class) bool { return holds(out, c) })
	}
	bar.Close()
	if err := ctx.Err(); err != nil {
		return err
	}
	p.Total(totals)
	if o.HTML != "" {
		err := writePage(o.HTML, o.Force, o.Values, func(w io.Writer) error { return page.Write(w, totals, "flightveil "+version()) })
		if err != nil {
			return err
		}
	}
	if o.suggest && !o.JSON && !o.Quiet {
		suggest(s.Out, args, photos, logs)
	}
	switch {
	case found:
		return errFound
	case totals.Incomplete():
		return errIncomplete
	}
	return nil
}

// suggest says what to type next.
func suggest(w io.Writer, args []string, photos, logs bool) {
	if photos {
		fmt.Fprintf(w, "Next, clean copies of them: flightveil scrub %s -o clean\n", shellQuoted(args))
	}
	if logs {
		fmt.Fprintf(w, "Next, the flights in an open format: flightveil convert %s -o tracks\n", shellQuoted(args))
	}
}

// failClasses reads --fail-on. Location means every way to tell a place.
func failClasses(names []string) ([]privacy.Class, error) {
	var out []privacy.Class
	for _, n := range names {
		c, err := privacy.ParseClass(n)
		if err != nil {
			return nil, usageError{withHint(fmt.Errorf("--fail-on: %w", err), "the classes are "+strings.Join(classNames(), ", "))}
		}
		out = append(out, c)
		switch c {
		case privacy.Location:
			out = append(out, privacy.Operator, privacy.Place)
		case privacy.Identity:
			out = append(out, privacy.Copyright)
		}
	}
	return out, nil
}

func holds(o pipeline.Outcome, c privacy.Class) bool {
	for _, j := range o.Findings {
		if j.Class == c {
			return true
		}
	}
	return false
}

// shellQuoted returns args as they can be typed into a shell.
func shellQuoted(args []string) string {
	var out []string
	for _, a := range args {
		if strings.ContainsFunc(a, func(r rune) bool { return !strings.ContainsRune("/._-+:,=@%", r) && !isWord(r) }) {
			a = "'" + strings.ReplaceAll(ui.Printable(a), "'", `'\''`) + "'"
		}
		out = append(out, a)
	}
	return strings.Join(out, " ")
}

func isWord(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '\\'
}
