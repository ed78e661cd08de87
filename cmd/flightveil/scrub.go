package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"flightveil/cmd/internal/ui"
	"flightveil/internal/atomicfile"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"

	"github.com/spf13/cobra"
)

type scrubOptions struct {
	commonFlags
	policyFlags
	keyFlags
	nearFlags
	Output, Names, Times    string
	Zone                    string
	DryRun, Force, Sidecars bool
	InPlace, Undo, StripSEI bool
}

func newScrubCommand(s streams) *cobra.Command {
	var o scrubOptions
	cmd := &cobra.Command{
		Use:   "scrub PATH... -o DIR",
		Short: "Write clean copies of photos, videos and their sidecars",
		Long: `Write copies without position, people, serial numbers, times and device, as the
profile says. Pixels, video and sound stay bit for bit; orientation, colour
profile, thermal data and panorama projection are kept. --drop audio takes the
sound out. Originals are never changed. Each copy is read
again, by flightveil and by other readers, before it gets its name. What cannot
be cleaned safely is refused and named.

--in-place edits the files themselves, at the cost of their metadata and not of
their media, where no byte has to move (videos, HEIC, TIFF and raw files; JPEG
and PNG need a copy). What is overwritten is saved first in a journal beside the
file, .flightveil-undo-NAME, which is wiped at the end; if the program is killed,
the next run or --undo brings the file back as it was.

--location zero moves the positions of photos, captions and videos to 1° N 1° E,
in the open sea, --location near by the secret distance that your key decided for
the place, each flight as a whole and just as convert moves its log. Heights count
from the take-off then, times that are kept (--keep time) from 2000-01-01. What a
picture shows still tells the place: look at it before you do that.

--location zone --zone NAME keeps the true position of photos, but for those taken
in the zone or where it may be seen from; tracks in captions and videos go, since
they point at where they come from. near and zero hide more.` + exitCodes,
		Example: `  flightveil scrub /media/card -o clean
  flightveil scrub DJI_0042.JPG -o post.jpg
  flightveil scrub --profile mapping survey -o handover
  flightveil scrub --in-place DJI_0042.MP4
  flightveil scrub --location cell --cell 5km --keep camera,copyright *.jpg -o area`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return runScrub(cmd.Context(), o, args, s) },
	}
	o.commonFlags.add(cmd)
	o.relocates, o.zones = true, true
	o.policyFlags.add(cmd, "profile")
	o.keyFlags.add(cmd)
	o.nearFlags.add(cmd)
	f := cmd.Flags()
	f.StringVarP(&o.Output, "output", "o", "", "write copies below `DIR`, a single one to FILE, or - for standard output")
	f.BoolVarP(&o.DryRun, "dry-run", "n", false, "print what would be done, write nothing")
	f.BoolVar(&o.Force, "force", false, "replace outputs that exist")
	f.BoolVar(&o.Sidecars, "sidecars", false, "take along the sidecars and raw twins of files given alone")
	f.BoolVar(&o.InPlace, "in-place", false, "edit the files themselves, with an undo journal; names stay")
	f.BoolVar(&o.Undo, "undo", false, "undo what an interrupted --in-place run left half done, and nothing else")
	f.BoolVar(&o.StripSEI, "strip-sei", false, "overwrite user data inside video streams, such as encoder settings and dates: frames stay, the stream's bytes do not")
	f.StringVar(&o.Zone, "zone", "", "the `NAME` of the zone of --location zone (flightveil zone add makes one)")
	f.StringVar(&o.Names, "names", "", "names with a date, place or person: `keep` or new (default: as the profile says)")
	f.StringVar(&o.Times, "times", "", "time stamps of the copies: `keep` or neutral (default: as the profile says)")
	cmd.RegisterFlagCompletionFunc("names", cobra.FixedCompletions([]string{"keep", "new"}, cobra.ShellCompDirectiveNoFileComp))
	cmd.RegisterFlagCompletionFunc("times", cobra.FixedCompletions([]string{"keep", "neutral"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func runScrub(ctx context.Context, o scrubOptions, args []string, s streams) error {
	profile, err := o.checked()
	if err != nil {
		return err
	}
	if o.Sidecars {
		args = withSidecars(args)
	}
	sources, closer, err := gather(args, s)
	if err != nil {
		return err
	}
	defer closer.Close()
	if err := missing(sources); err != nil {
		return err
	}
	if o.InPlace || o.Undo {
		return o.inPlace(ctx, profile, sources, s)
	}
	t, err := o.target(args, sources, s)
	if err != nil {
		return err
	}
	defer t.close()
	if !o.Sidecars && !o.Quiet {
		mentionSidecars(args, s.Err)
	}
	opts := pipeline.ScrubOptions{Out: t.dir, Path: t.path, Name: t.name, Rename: profile.Names == "new" && t.name == "", KeepTimes: profile.Times == "keep"}
	runner := newRunner(profile, o.Jobs)
	done, err := o.move(ctx, runner, sources, &opts, s)
	if err != nil {
		return err
	}
	defer done()
	if err := o.report(ctx, runner.Scrub(ctx, sources, opts), sources, t.report, s); err != nil {
		return err
	}
	return t.deliver(s.Out)
}

// inPlace cleans the sources where they are, or undoes that.
func (o *scrubOptions) inPlace(ctx context.Context, profile privacy.Profile, sources []pipeline.Source, s streams) error {
	runner := newRunner(profile, o.Jobs)
	outcomes := runner.ScrubInPlace(ctx, sources, profile.Times == "keep")
	switch {
	case o.Undo:
		outcomes = runner.Undo(ctx, sources)
	case o.DryRun:
		outcomes = runner.Scrub(ctx, sources, pipeline.ScrubOptions{})
	}
	return o.report(ctx, outcomes, sources, s.Out, s)
}

// report prints what became of the sources.
func (o *scrubOptions) report(ctx context.Context, outcomes iter.Seq[pipeline.Outcome], sources []pipeline.Source, w io.Writer, s streams) error {
	p, bar := o.printer(w), o.progress(s, sources)
	defer bar.Close()
	var totals pipeline.Totals
	for out := range outcomes {
		bar.Clear()
		p.File(out)
		totals.Add(out)
		bar.Done(out.Source.Size)
	}
	bar.Close()
	if err := ctx.Err(); err != nil {
		return err
	}
	p.Total(totals)
	if totals.Incomplete() {
		return errIncomplete
	}
	return nil
}

// checked returns the profile that the flags ask for, with names and times.
func (o *scrubOptions) checked() (privacy.Profile, error) {
	if err := o.check(); err != nil {
		return privacy.Profile{}, err
	}
	p, err := o.profile()
	if err != nil {
		return p, err
	}
	for _, c := range []struct {
		flag, value string
		set         *string
		allowed     []string
	}{{"names", o.Names, &p.Names, []string{"keep", "new"}}, {"times", o.Times, &p.Times, []string{"keep", "neutral"}}} {
		if c.value == "" {
			continue
		}
		if !slices.Contains(c.allowed, c.value) {
			return p, usageError{fmt.Errorf("--%s %s: use %s", c.flag, c.value, strings.Join(c.allowed, " or "))}
		}
		*c.set = c.value
	}
	if o.StripSEI {
		p = p.With(privacy.Remove, privacy.Stream)
	}
	switch in := o.InPlace || o.Undo; {
	case in && (o.Output != "" || o.Names == "new" || o.InPlace && o.Undo):
		return p, usageError{withHint(errors.New("--in-place and --undo go without -o, --names new and one another"), "leave one of them out")}
	case o.Undo && o.DryRun:
		return p, usageError{withHint(errors.New("--undo has no dry run"), "leave -n out")}
	case in && o.moves():
		return p, usageError{withHint(fmt.Errorf("--in-place does not go with --location %s", o.Location), "write copies: -o DIR")}
	case !in && o.Output == "" && !o.DryRun:
		return p, usageError{withHint(errors.New("no output given"), "name a folder for the copies: -o clean")}
	}
	return p, nil
}

// missing refuses a run none of whose inputs exists.
func missing(sources []pipeline.Source) error {
	for _, src := range sources {
		if !src.Missing() {
			return nil
		}
	}
	return withHint(fmt.Errorf("%s: no such file or folder", ui.Printable(sources[0].Label)), "check the spelling; nothing was written")
}

// target is where copies go.
type target struct {
	dir    *atomicfile.Dir
	path   string
	name   string    // of a single output, below dir
	temp   string    // folder to remove, for standard output
	report io.Writer // where the report goes
}

// target decides what -o means for scrub.
func (o *scrubOptions) target(args []string, sources []pipeline.Source, s streams) (*target, error) {
	if o.DryRun {
		return &target{report: s.Out}, nil
	}
	return openTarget(o.Output, args, len(sources) == 1 && sources[0].Given, o.Force, isFileName, s)
}

// openTarget opens what path, the value of -o, means: standard output, a file
// if there is a single output and isFile says so, otherwise a folder. Outputs
// that are an input or lie inside one are refused.
func openTarget(path string, args []string, single, force bool, isFile func(string) bool, s streams) (*target, error) {
	t := &target{report: s.Out}
	switch {
	case path == "-" && !single:
		return nil, usageError{withHint(errors.New("-o - takes exactly one input file"), "name a folder instead: -o DIR")}
	case path == "-" && isTerminal(s.Out):
		return nil, usageError{withHint(errors.New("refusing to write to the terminal"), "send it to a file or another program: -o - > OUT")}
	case path == "-":
		temp, err := os.MkdirTemp("", "flightveil-")
		if err != nil {
			return nil, err
		}
		t.temp, t.name, t.report = temp, "out", s.Err
		path = temp
	case single && isFile(path):
		t.name = filepath.Base(path)
		path = filepath.Dir(path)
	}
	if t.temp == "" {
		if err := apart(args, path, t.name); err != nil {
			return nil, err
		}
	}
	dir, err := atomicfile.Open(path, atomicfile.Options{Force: force, Private: t.temp != ""})
	if err != nil {
		return nil, withHint(fmt.Errorf("the output folder cannot be used: %w", err), "name a folder that can be created and written: -o DIR")
	}
	t.dir, t.path = dir, path
	return t, nil
}

// isFileName reports whether path looks like a file that a single copy goes to.
func isFileName(path string) bool {
	if fi, err := os.Stat(path); err == nil {
		return !fi.IsDir()
	}
	ext := filepath.Ext(path)
	return ext != "" && !strings.HasSuffix(path, string(filepath.Separator)) && pipeline.KnownExtension(ext)
}

// apart refuses an output that is an input or lies inside one.
func apart(args []string, dir, name string) error {
	out, err := resolve(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	for _, a := range args {
		if a == "-" {
			continue
		}
		in, err := resolve(a)
		if err != nil {
			return err
		}
		fi, err := os.Stat(a)
		switch {
		case out == in:
			return usageError{withHint(errors.New("output and input are the same"), "originals are never changed: name another file or folder")}
		case err == nil && fi.IsDir() && strings.HasPrefix(out+string(filepath.Separator), in+string(filepath.Separator)):
			return usageError{withHint(errors.New("the output lies inside the input"), "name a folder outside of it: -o ../clean")}
		}
	}
	return nil
}

// resolve returns the absolute path with symbolic links followed as far as it exists.
func resolve(p string) (string, error) {
	abs, err := filepath.Abs(p)
	if err != nil {
		return "", err
	}
	rest := ""
	for dir := abs; ; dir = filepath.Dir(dir) {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(real, rest), nil
		}
		if dir == filepath.Dir(dir) {
			return abs, nil
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
}

// deliver sends the verified copy to standard output, if that was asked for.
func (t *target) deliver(w io.Writer) error {
	if t.temp == "" {
		return nil
	}
	f, err := os.Open(filepath.Join(t.temp, t.name))
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

func (t *target) close() {
	if t.dir != nil {
		t.dir.Close() // every file was flushed and reported
	}
	if t.temp != "" {
		os.RemoveAll(t.temp)
	}
}

// withSidecars adds the sidecars and twins of files given alone.
func withSidecars(args []string) []string {
	out := slices.Clone(args)
	for _, a := range args {
		for _, sib := range pipeline.Siblings(a) {
			if !slices.Contains(out, sib) {
				out = append(out, sib)
			}
		}
	}
	return out
}

// mentionSidecars says which files that belong to the inputs stay behind.
func mentionSidecars(args []string, w io.Writer) {
	for _, a := range args {
		var left []string
		for _, sib := range pipeline.Siblings(a) {
			if !slices.Contains(args, sib) {
				left = append(left, ui.Printable(filepath.Base(sib)))
			}
		}
		if len(left) > 0 {
			fmt.Fprintf(w, "flightveil: beside %[2]s stays behind: %[1]s (--sidecars takes it along)\n", strings.Join(left, ", "), ui.Printable(a))
		}
	}
}
