package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"flightveil/cmd/internal/ui"
	"flightveil/crypt"
	"flightveil/geofuzz"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"
	"flightveil/internal/share"
	"flightveil/logfmt/export"

	"github.com/spf13/cobra"
)

type shareOptions struct {
	commonFlags
	policyFlags
	identityFlags
	keychainFlag
	nearFlags
	choiceFlags
	Output, To, Names, Time string
	Private, HTML           string
	EncryptTo               []string
	Reviewed                bool
	DryRun, Force, Zip      bool
}

func newShareCommand(s streams) *cobra.Command {
	var o shareOptions
	cmd := &cobra.Command{
		Use:   "share PATH... -o DIR",
		Short: "Make a copy of a whole card that can be handed over, and say what it still tells",
		Long: `Write a copy of what came off the aircraft – photos, videos, captions, sidecars
and flight logs – that does not tell where, who and when. What belongs to one
flight gets one folder; names, which carry dates and counters, are new.

Photos and videos lose what the profile removes and keep every pixel. Flight logs
leave as tracks, moved to the open sea and to a clock of their own, in a folder of
their own: one picture that somebody recognises must not tell where a track was
flown. With --location keep, or a profile that keeps positions, they stay together.

What is not known is left out and listed, never copied. Each file is read again
before it gets its name, and the whole export once more at the end. An interrupted
run is resumed by the same command. report.json in DIR can be shown to others:
it has counts and new names. What maps new names to old ones is written only to
--private-report.

PATH may be a vault that -i opens: its files are read where they are, and nothing
of them is written but what leaves.` + exitCodes,
		Example: `  flightveil share /media/card -o out
  flightveil share -n /media/card
  flightveil share /media/card -o out --html report.html
  flightveil share survey -o handover --profile mapping
  flightveil share vault -i me.key --only 'DJI_0042.*' -o clips
  flightveil share /media/card -o sealed --encrypt-to age1…`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return runShare(cmd.Context(), o, args, s) },
	}
	o.commonFlags.add(cmd)
	o.relocates = true
	o.policyFlags.add(cmd, "profile")
	o.identityFlags.add(cmd, "open the vault PATH with the secret key in `FILE`")
	o.keychainFlag.add(cmd)
	o.nearFlags.add(cmd)
	o.choiceFlags.add(cmd)
	f := cmd.Flags()
	f.Lookup("location").Usage = "positions: `keep`, " + either(o.locations()[1:]) + " (default: as the profile says; where that removes them, photos and videos are stripped and tracks moved to zero)"
	f.StringVarP(&o.Output, "output", "o", "", "write the export to the folder `DIR`, with --zip to the file")
	f.StringVar(&o.To, "to", "", "`FORMAT` of flight logs: "+strings.Join(trackFormats, ", ")+" (default gpx, or csv without positions)")
	f.StringVar(&o.Names, "names", "", "`keep` or new names (default: as the profile says)")
	f.StringVar(&o.Time, "time", "", "`rebase`, day or keep: tracks begin at 2000-01-01, on their day, or when they did; pictures lose the time, keep the day, or keep it (default: as the profile says)")
	f.BoolVarP(&o.DryRun, "dry-run", "n", false, "print the plan, write nothing")
	f.BoolVar(&o.Force, "force", false, "replace outputs that exist")
	f.BoolVar(&o.Reviewed, "pixels-reviewed", false, "you have looked at every picture, and none shows the place: photos and videos move with the log of their flight, instead of losing positions and times")
	f.BoolVar(&o.Zip, "zip", false, "write one zip file, the same bytes each time, without times and owners")
	f.StringArrayVar(&o.EncryptTo, "encrypt-to", nil, "seal each file to this public key, `age1`… or a file of them, as soon as it is verified (may be repeated)")
	f.StringVar(&o.HTML, "html", "", "write the report as one HTML page to `FILE`, too")
	f.StringVar(&o.Private, "private-report", "", "write what maps new names to old ones to `FILE`, outside of the export, for your eyes only; as a page if FILE ends in .html")
	for flag, words := range map[string][]string{"to": trackFormats, "names": {"keep", "new"}, "time": {"rebase", "day", "keep"}} {
		cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	}
	return cmd
}

// trackFormats are those that logs can leave in.
var trackFormats = []string{"gpx", "kml", "geojson", "csv"}

func runShare(ctx context.Context, o shareOptions, args []string, s streams) error {
	how, err := o.checked()
	if err != nil {
		return err
	}
	if err := o.places(args); err != nil {
		return err
	}
	keychains, err := o.load()
	if err != nil {
		return err
	}
	sources, done, err := o.sources(args, s)
	if err != nil {
		return err
	}
	defer done()
	if err := missing(sources); err != nil {
		return err
	}
	how.Media, how.Logs = newRunner(how.media, o.Jobs, keychains...), newRunner(how.logs, o.Jobs, keychains...)
	bar := o.progress(s, sources)
	defer bar.Close()
	choice, err := o.choice()
	if err != nil {
		return err
	}
	plan, err := share.MakePlan(ctx, how.Media, sources, choice, func(int64) {})
	if err != nil {
		return err
	}
	if none := plan.Unmatched(choice); len(none) > 0 {
		return usageError{withHint(fmt.Errorf("nothing matches %s", quoted(none)), "quote patterns, or the shell takes them; names are those on the card")}
	}
	if near, ok := how.Mooring.(*geofuzz.Near); ok {
		ring, err := (&keyFlags{o.secretFlags}).openRing(s)
		if err != nil {
			return err
		}
		defer ring.Close()
		near.Key, near.Places, near.Save = ring.Key, &ring.Places, ring.savePlaces
	}
	if o.Reviewed && how.Mooring != nil {
		how.Moving = pipeline.Displaced(how.logs)
		if err := plan.Together(ctx, share.Moving{Media: how.Media, Logs: how.Logs, Profile: how.Moving, Mooring: how.Mooring, Clock: how.Clock, To: how.To}); err != nil {
			return err
		}
	}
	plan.Issue(how.Chosen.Names, how.To.Extension, how.Mooring != nil)
	how.Tool = "flightveil " + version()
	how.Progress = bar.Done
	w := &shareWriter{o: &o, how: how, plan: plan}
	rep, err := w.run(ctx)
	bar.Close()
	if err != nil {
		return err
	}
	if o.JSON {
		err = writeJSON(s.Out, rep.Public())
	} else if !o.Quiet {
		ui.SharePage(s.Out, rep, o.options(s.Out, ui.Options{}), ui.ShareResult{Cards: plan.Cards, Output: w.output(), Report: w.reported, Private: w.private, Page: w.paged})
	}
	switch {
	case err != nil:
		return err
	case len(rep.Verification.Left) > 0:
		return errFound
	case rep.Incomplete():
		return errIncomplete
	}
	return nil
}

// sharing is how the flags say to share.
type sharing struct {
	share.Options
	media, logs privacy.Profile
	to          []crypt.Recipient
}

func (o *shareOptions) checked() (how sharing, err error) {
	if err := o.check(); err != nil {
		return how, err
	}
	base, err := privacy.LoadProfile(o.Profile, userProfiles())
	if err != nil {
		return how, usageError{withHint(err, "flightveil profile ls lists them")}
	}
	media, logs := o.policyFlags, o.policyFlags
	switch {
	case o.Location == "" && o.Cell == "" && base.Policy().Decide(privacy.Finding{Class: privacy.Location}) == privacy.Remove && base.Rules[privacy.Location] != privacy.Coarsen:
		media.Location, logs.Location = "strip", "zero"
	case o.Location == "zero" || o.Location == "near":
		media.Location = "strip"
	}
	if how.media, err = media.profile(); err != nil {
		return how, err
	}
	if how.logs, err = logs.profile(); err != nil {
		return how, err
	}
	c := &how.Chosen
	c.Profile, c.Media, c.Logs = o.Profile, whereabouts(how.media, media.Location), whereabouts(how.logs, logs.Location)
	if how.Mooring, err = o.nearFlags.mooring(logs.Location); err != nil {
		return how, err
	}
	if c.PixelsReviewed = o.Reviewed; o.Reviewed {
		if how.Mooring == nil {
			return how, usageError{withHint(errors.New("--pixels-reviewed: nothing is moved"), "it goes with --location zero or near, and with profiles that remove positions")}
		}
		c.Media = c.Logs
	}
	if err := o.when(&how); err != nil {
		return how, err
	}
	if c.Names = cmp.Or(o.Names, base.Names, "new"); c.Names != "keep" && c.Names != "new" {
		return how, usageError{fmt.Errorf("--names %s: use keep or new", o.Names)}
	}
	how.KeepTimes = base.Times == "keep" && c.Time == "keep"
	if c.LogFormat = o.To; c.LogFormat == "" {
		c.LogFormat = "gpx"
		if c.Logs == "strip" {
			c.LogFormat = "csv"
		}
	}
	to, ok := export.ByID(c.LogFormat)
	switch {
	case !ok || !slices.Contains(trackFormats, c.LogFormat):
		return how, usageError{fmt.Errorf("--to %s: use %s", o.To, either(trackFormats))}
	case to.NeedsPositions && c.Logs == "strip":
		return how, usageError{withHint(fmt.Errorf("without positions there is nothing to write as %s", to.ID), "csv can hold heights and speeds alone")}
	}
	how.To, how.Chosen.Zipped = to, o.Zip
	how.to, err = o.recipients()
	return how, err
}

// when sets what becomes of times.
func (o *shareOptions) when(how *sharing) error {
	t := o.Time
	if t == "" {
		switch how.media.Policy().Decide(privacy.Finding{Class: privacy.Time}) {
		case privacy.Keep:
			t = "keep"
		case privacy.Coarsen:
			t = "day"
		default:
			t = "rebase"
		}
	}
	action, ok := map[string]privacy.Action{"rebase": privacy.Remove, "day": privacy.Coarsen, "keep": privacy.Keep}[t]
	if !ok {
		return usageError{fmt.Errorf("--time %s: use rebase, day or keep", o.Time)}
	}
	how.Chosen.Time = t
	how.media = how.media.With(action, privacy.Time)
	how.logs = how.logs.With(action, privacy.Time)
	if how.Mooring != nil { // moved tracks have a clock of their own
		how.logs = how.logs.With(privacy.Keep, privacy.Time, privacy.Attitude)
		how.Clock = map[string]string{"day": "day", "keep": "keep"}[t]
	}
	return nil
}

// whereabouts is what becomes of positions, in the words of --location.
func whereabouts(p privacy.Profile, location string) string {
	if location != "" {
		return location
	}
	switch p.Rules[privacy.Location] {
	case privacy.Keep:
		return "keep"
	case privacy.Coarsen:
		return "cell"
	}
	return "strip"
}

// places refuses outputs in the wrong place.
func (o *shareOptions) places(args []string) error {
	if o.DryRun {
		if o.HTML != "" {
			return usageError{withHint(errors.New("--html with -n: a plan writes nothing"), "leave one of them out")}
		}
		return nil
	}
	if _, err := os.Stat(filepath.Dir(o.HTML)); err == nil || !within(o.HTML, o.Output) { // a folder of the export may come into being
		if err := pageFree(o.HTML, o.Force, pipeline.PageTitle); err != nil {
			return err
		}
	}
	if o.Output == "" {
		return usageError{withHint(errors.New("no output given"), "name a folder for the export: -o out; -n prints the plan")}
	}
	if err := apart(args, o.Output, ""); err != nil {
		return err
	}
	if o.Private == "" {
		return nil
	}
	out, err := resolve(o.Output)
	if err != nil {
		return err
	}
	private, err := resolve(o.Private)
	if err != nil {
		return err
	}
	if private == out || strings.HasPrefix(private, out+string(filepath.Separator)) {
		return usageError{withHint(errors.New("the private report lies inside the export"), "it maps new names to old ones: whoever gets the export must not get it; name a place outside")}
	}
	return nil
}

// recipients reads --encrypt-to: public keys and files of them.
func (o *shareOptions) recipients() ([]crypt.Recipient, error) {
	if len(o.EncryptTo) == 0 {
		return nil, nil
	}
	var to recipientFlags
	for _, text := range o.EncryptTo {
		if _, err := os.Stat(text); err == nil {
			to.Files = append(to.Files, text)
		} else {
			to.Recipients = append(to.Recipients, text)
		}
	}
	rs, err := to.parse()
	if err != nil {
		return nil, usageError{fmt.Errorf("--encrypt-to: %w", err)}
	}
	return rs, nil
}

// choiceFlags say which files leave.
type choiceFlags struct {
	Only []string
	List string
}

func (o *choiceFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&o.Only, "only", nil, "only files that match `PATTERN`, and what is named alike (may be repeated)")
	f.StringVar(&o.List, "list", "", "only the files whose paths or names stand in `FILE`, one a line")
}

func (o *choiceFlags) choice() (share.Choice, error) {
	c := share.Choice{Only: o.Only, Is: matchesAny}
	if err := checkPatterns(o.Only); err != nil {
		return c, err
	}
	if o.List == "" {
		return c, nil
	}
	b, err := os.ReadFile(o.List)
	if err != nil {
		return c, usageError{fmt.Errorf("--list: %w", err)}
	}
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			c.List = append(c.List, filepath.ToSlash(line))
		}
	}
	if len(c.List) == 0 {
		return c, usageError{fmt.Errorf("--list %s: no path in it", ui.Printable(o.List))}
	}
	return c, nil
}

// sources lists the files of the arguments: of folders, and of vaults.
func (o *shareOptions) sources(args []string, s streams) ([]pipeline.Source, func(), error) {
	var plain []string
	var out []pipeline.Source
	var closers []func()
	done := func() {
		for _, c := range closers {
			c()
		}
	}
	for _, a := range args {
		if !isVault(a) {
			plain = append(plain, a)
			continue
		}
		v, closeVault, err := openVault(a, &o.identityFlags, s)
		if err != nil {
			done()
			return nil, nil, err
		}
		closers = append(closers, closeVault)
		out = append(out, share.VaultSources(v, a, len(args) > 1)...)
	}
	if len(plain) > 0 {
		more, closer, err := gather(plain, s)
		if err != nil {
			done()
			return nil, nil, err
		}
		closers = append(closers, func() { closer.Close() })
		out = append(out, more...)
	}
	return out, done, nil
}

// isVault reports whether a folder is a vault of ours.
func isVault(path string) bool {
	for _, name := range []string{"index.age", "index.2.age", "card.key.age"} {
		if fi, err := os.Lstat(filepath.Join(path, name)); err == nil && fi.Mode().IsRegular() {
			return true
		}
	}
	return false
}
