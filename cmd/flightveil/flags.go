package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"flightveil/cmd/internal/ui"
	mediaall "flightveil/exifscrub/all"
	"flightveil/internal/input"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"
	logall "flightveil/logfmt/all"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// commonFlags are those of every command that looks at files.
type commonFlags struct {
	JSON, Quiet, Verbose, Values, NoProgress, recursive bool

	Color string
	Jobs  int
}

func (o *commonFlags) add(cmd *cobra.Command) {
	o.addPlain(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.Values, "show-values", false, "print the values found in files, such as coordinates and serial numbers")
	f.BoolVarP(&o.recursive, "recursive", "r", true, "folders are always walked; accepted for habit")
	f.MarkHidden("recursive")
}

// addPlain adds the flags of commands that do not look into files, in some of
// which -r means recipient.
func (o *commonFlags) addPlain(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&o.JSON, "json", false, "print one JSON object per line")
	f.BoolVarP(&o.Quiet, "quiet", "q", false, "print only what went wrong")
	f.BoolVarP(&o.Verbose, "verbose", "v", false, "print what is kept, too")
	f.BoolVar(&o.NoProgress, "no-progress", false, "draw no progress bar")
	f.StringVar(&o.Color, "color", "auto", "colours: `auto`, always or never")
	f.IntVarP(&o.Jobs, "jobs", "j", runtime.NumCPU(), "work on `N` files at the same time")
	cmd.RegisterFlagCompletionFunc("color", cobra.FixedCompletions([]string{"auto", "always", "never"}, cobra.ShellCompDirectiveNoFileComp))
}

func (o *commonFlags) check() error {
	if o.Jobs < 1 {
		return usageError{fmt.Errorf("--jobs %d: at least one is needed", o.Jobs)}
	}
	if o.Color != "auto" && o.Color != "always" && o.Color != "never" {
		return usageError{fmt.Errorf("--color %s: use auto, always or never", o.Color)}
	}
	return nil
}

func (o *commonFlags) printer(w io.Writer) ui.Printer {
	return ui.New(w, o.JSON, o.options(w, ui.Options{}))
}

// options fills in what the flags say about showing things on w.
func (o *commonFlags) options(w io.Writer, to ui.Options) ui.Options {
	to.Values, to.Quiet, to.Verbose = o.Values, o.Quiet, o.Verbose
	to.Color = o.Color == "always" || o.Color == "auto" && isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return to
}

func (o *commonFlags) progress(s streams, sources []pipeline.Source) *ui.Progress {
	var total int64
	for _, src := range sources {
		total += src.Size
	}
	return ui.NewProgress(s.Err, isTerminal(s.Err) && !o.NoProgress && !o.Quiet && !o.JSON, total)
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// policyFlags choose what stays.
type policyFlags struct {
	Profile, Location, Cell string
	Keep, Drop              []string

	relocates bool // positions can be moved elsewhere, too
	zones     bool // and a zone left out
}

// add adds the flags to cmd; name is that of the flag for the profile.
func (o *policyFlags) add(cmd *cobra.Command, name string) {
	f := cmd.Flags()
	f.StringVar(&o.Profile, name, "public", "privacy `PROFILE`: see flightveil profile ls")
	f.StringSliceVar(&o.Keep, "keep", nil, "keep these `CLASSES` too: camera, copyright, time, description, …")
	f.StringSliceVar(&o.Drop, "drop", nil, "remove these `CLASSES` too")
	f.StringVar(&o.Location, "location", "", "positions: `keep`, "+either(o.locations()[1:])+" (default: as the profile says)")
	f.StringVar(&o.Cell, "cell", "", "size of a cell, 100m to 100km (default: as the profile says)")
	cmd.RegisterFlagCompletionFunc(name, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return profileNames(), cobra.ShellCompDirectiveNoFileComp
	})
	cmd.RegisterFlagCompletionFunc("location", cobra.FixedCompletions(o.locations(), cobra.ShellCompDirectiveNoFileComp))
	for _, name := range []string{"keep", "drop"} {
		cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(classNames(), cobra.ShellCompDirectiveNoFileComp))
	}
}

// locations lists what --location can be, the mildest first.
func (o *policyFlags) locations() []string {
	if o.zones {
		return []string{"keep", "cell", "zone", "near", "zero", "strip"}
	}
	if o.relocates {
		return []string{"keep", "cell", "near", "zero", "strip"}
	}
	return []string{"keep", "cell", "strip"}
}

// either is "a, b or c".
func either(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func classNames() []string {
	out := []string{"camera"}
	for _, c := range privacy.Classes {
		if c != privacy.Technical {
			out = append(out, string(c))
		}
	}
	return out
}

// profile returns the profile that the flags ask for.
func (o *policyFlags) profile() (privacy.Profile, error) {
	p, err := privacy.LoadProfile(o.Profile, userProfiles())
	if err != nil {
		return p, usageError{withHint(err, "flightveil profile ls lists them")}
	}
	if o.Cell != "" {
		if _, err := privacy.ParseLength(o.Cell); err != nil {
			return p, usageError{fmt.Errorf("--cell: %w", err)}
		}
		if o.Location == "" && p.Rules[privacy.Location] != privacy.Coarsen {
			o.Location = "cell"
		}
		p.Cell = o.Cell
	}
	whereabouts := []privacy.Class{privacy.Operator, privacy.Place, privacy.Altitude, privacy.Attitude}
	if o.Location != "" && !slices.Contains(o.locations(), o.Location) {
		return p, usageError{fmt.Errorf("--location %s: use %s", o.Location, either(o.locations()))}
	}
	switch o.Location {
	case "":
	case "keep":
		p = p.With(privacy.Keep, privacy.Location, privacy.Place, privacy.Altitude)
	case "cell":
		p = p.With(privacy.Remove, whereabouts...).With(privacy.Coarsen, privacy.Location)
	case "strip":
		p = p.With(privacy.Remove, whereabouts...).With(privacy.Remove, privacy.Location)
	case "near", "zero", "zone": // what could tell the true place beside the positions goes
		p = p.With(privacy.Keep, privacy.Location, privacy.Altitude)
		p = p.With(privacy.Remove, privacy.Place, privacy.Identity, privacy.Copyright, privacy.Description, privacy.MakerNote, privacy.Provenance, privacy.Unknown)
	}
	for _, list := range []struct {
		names  []string
		action privacy.Action
	}{{o.Keep, privacy.Keep}, {o.Drop, privacy.Remove}} {
		for _, name := range list.names {
			c, err := privacy.ParseClass(name)
			if err != nil {
				return p, usageError{withHint(err, "the classes are "+strings.Join(classNames(), ", "))}
			}
			p = p.With(list.action, c)
		}
	}
	return p, nil
}

// userProfiles is the folder of the user's own profiles, or nil.
func userProfiles() fs.FS {
	dir, err := userProfileDir()
	if err != nil {
		return nil
	}
	return os.DirFS(dir)
}

func userProfileDir() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "flightveil", "profiles"), nil
}

func newRunner(p privacy.Profile, jobs int, keychains ...[]byte) *pipeline.Runner {
	return &pipeline.Runner{Media: mediaall.Formats(), Logs: logall.Formats(keychains...), Profile: p, Jobs: jobs, Memory: &input.Meter{Max: mostMemory()}}
}

// gather lists the sources of args; "-" is standard input.
func gather(args []string, s streams) (_ []pipeline.Source, _ io.Closer, err error) {
	var paths []string
	var stdin *pipeline.Source
	var open pipeline.Closers
	defer func() {
		if err != nil {
			open.Close()
		}
	}()
	for _, a := range args {
		if a != "-" {
			paths = append(paths, a)
			continue
		}
		if stdin != nil {
			return nil, nil, usageError{errors.New("- can be given only once")}
		}
		var spool io.Closer
		if stdin, spool, err = pipeline.Spool(s.In); err != nil {
			return nil, nil, fmt.Errorf("standard input: %w", err)
		}
		open = append(open, spool)
	}
	sources, folders := pipeline.Gather(paths)
	open = append(open, folders)
	if stdin != nil {
		sources = append(sources, *stdin)
	}
	if len(sources) == 0 {
		return nil, nil, withHint(fmt.Errorf("no file found in %s", quoted(paths)), "give a folder that holds photos, or the photos themselves")
	}
	return sources, open, nil
}

func quoted(paths []string) string {
	var out []string
	for _, p := range paths {
		out = append(out, ui.Printable(p))
	}
	return strings.Join(out, ", ")
}
