package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"flightveil/internal/pipeline"
	"flightveil/internal/sandbox"
	"flightveil/logfmt/export"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// An access is what a command does with a path that it is given.
type access int

const (
	noPath    access = iota
	reads            // the file, or all files of the folder
	edits            // writes into the folder that is there, or beside the file
	writes           // writes into the folder, which it makes if it is missing
	writesOne        // writes a file: into its folder, that is, by another name first
)

// A reach is what a command touches beside its flags.
type reach struct {
	args   []access // of its arguments; the last one is that of all others
	config access   // of the configuration folder, where keys are; profiles can always be read
}

// reachOf says what each command does with its arguments. It is the only such
// list: a command that is not in it may read its arguments and nothing more.
func reachOf(cmd *cobra.Command) reach {
	switch commandName(cmd) {
	case "scrub":
		if set(cmd, "in-place") || set(cmd, "undo") {
			return reach{args: []access{edits}}
		}
		if l := value(cmd, "location"); l == "near" || l == "zone" {
			return reach{args: []access{reads}, config: edits}
		}
	case "convert":
		if l := value(cmd, "location"); l == "near" || l == "zone" {
			return reach{args: []access{reads}, config: edits}
		}
	case "attack":
		if value(cmd, "home") != "" {
			return reach{args: []access{reads}, config: edits}
		}
	case "share":
		if l := value(cmd, "location"); l == "near" || l == "zone" {
			return reach{args: []access{reads}, config: edits}
		}
	case "fuzz": // most mechanisms need the key
		return reach{args: []access{reads}, config: edits}
	case "zone add", "zone ls", "zone rm":
		return reach{args: []access{noPath}, config: edits}
	case "encrypt":
		return reach{args: []access{reads}, config: writes}
	case "vault verify":
		if !set(cmd, "full") { // which writes what it computed into the index
			return reach{args: []access{reads}}
		}
		return reach{args: []access{edits}}
	case "vault rekey", "vault prune", "vault repair":
		return reach{args: []access{edits}}
	case "vault reencrypt":
		return reach{args: []access{reads}, config: writes}
	case "vault grant", "vault ls", "decrypt":
		return reach{args: []access{reads, noPath}}
	case "profile new", "key init":
		return reach{args: []access{noPath}, config: writes}
	case "key import":
		return reach{args: []access{reads}, config: writes}
	case "key show-id", "key export":
		return reach{args: []access{noPath}, config: edits}
	case "man":
		return reach{args: []access{writes}}
	case "help", "completion", "profile show", "doctor":
		return reach{args: []access{noPath}}
	}
	return reach{args: []access{reads}}
}

// accessOf says what the value of a flag is. A test wants every flag that takes
// text in this list or in that of those that are no paths.
func accessOf(cmd *cobra.Command, flag string) access {
	switch flag {
	case "output":
		switch commandName(cmd) {
		case "keygen", "key export", "keychain request":
			return writesOne
		case "encrypt":
			if list, ok := cmd.Flags().Lookup(flag).Value.(pflag.SliceValue); ok && len(list.GetSlice()) == 1 && value(cmd, "max-size") != "" {
				return writesOne // more vaults may lie beside it
			}
		case "scrub", "convert", "fuzz":
			if set(cmd, "dry-run") {
				return noPath
			}
			return writes // or one: see outputOf
		case "share":
			if set(cmd, "dry-run") {
				return noPath
			}
			if set(cmd, "zip") {
				return writesOne
			}
		}
		return writes
	case "card":
		return edits
	case "private-report", "html":
		return writesOne
	case "maps", "list", "encrypt-to": // a public key instead of a file of them is a path that is not there
		return reads
	case "from":
		if commandName(cmd) == "zone add" {
			return reads
		}
	case "identity", "file", "recipients-file", "passphrase-file", "new-passphrase-file", "keychain", "source":
		return reads
	}
	return noPath
}

// commandName is how cmd is called, without the program's name.
func commandName(cmd *cobra.Command) string {
	_, name, _ := strings.Cut(cmd.CommandPath(), " ")
	return name
}

func set(cmd *cobra.Command, flag string) bool { return value(cmd, flag) == "true" }

func value(cmd *cobra.Command, flag string) string {
	if f := cmd.Flags().Lookup(flag); f != nil {
		return f.Value.String()
	}
	return ""
}

// enterFunc shuts the process in: sandbox.Enter.
type enterFunc func(sandbox.Mode, sandbox.Paths) (sandbox.State, error)

type enterKey struct{}

// confined returns a context in which commands shut the process in before they
// begin. It cannot be undone, so tests that run commands inside their own
// process do without.
func confined(ctx context.Context, enter enterFunc) context.Context {
	return context.WithValue(ctx, enterKey{}, enter)
}

// A confinement is the sandbox around one run of the program.
type confinement struct {
	mode  string
	state sandbox.State
	made  []string // folders that were made for the command, the innermost last
	temp  string   // the folder for temporary files, if one was made

	doctored string // the folder that doctor looks at
	scratch  string // and where in it things can be tried
}

// guard makes every command of root enter the sandbox between reading its
// flags and doing anything. Commands cannot opt out: cobra would run a
// PersistentPreRunE of theirs instead of this one, and a test forbids that.
func (c *confinement) guard(root *cobra.Command) {
	root.PersistentFlags().StringVar(&c.mode, "sandbox", string(sandbox.Best), "give up the network and all other files: `best`, require or off")
	root.RegisterFlagCompletionFunc("sandbox", cobra.FixedCompletions([]string{"best", "require", "off"}, cobra.ShellCompDirectiveNoFileComp))
	root.PersistentPreRunE = func(cmd *cobra.Command, args []string) error { return c.enter(cmd, args) }
}

func (c *confinement) enter(cmd *cobra.Command, args []string) error {
	if err := cmd.ValidateFlagGroups(); err != nil { // cobra would do it later, and not call it wrong usage
		return usageError{err}
	}
	mode, err := sandbox.ParseMode(c.mode)
	if err != nil {
		return usageError{fmt.Errorf("--sandbox: %w", err)}
	}
	enter, ok := cmd.Context().Value(enterKey{}).(enterFunc)
	if !ok {
		return nil
	}
	var paths sandbox.Paths
	if commandName(cmd) == "doctor" {
		c.examine(append(args, ".")[0], &paths)
	}
	if mode != sandbox.Off && sandbox.Confines() {
		_, _ = time.Now().Zone() // reads the system's time zone while it can be read
		c.prepare(cmd, args, &paths)
	}
	c.state, err = enter(mode, paths)
	switch {
	case errors.Is(err, sandbox.ErrIncomplete):
		c.leave()
		return withHint(err, "flightveil doctor says more; --sandbox best does what can be done")
	case err != nil:
		return withHint(fmt.Errorf("the sandbox: %w", err), "--sandbox off does without")
	}
	return nil
}

// prepare collects what cmd needs, and makes the folders it would make itself:
// nothing can be made later beside what is given here.
func (c *confinement) prepare(cmd *cobra.Command, args []string, p *sandbox.Paths) {
	r := reachOf(cmd)
	stream := false
	for i, arg := range args {
		stream = stream || arg == "-"
		if kind := r.args[min(i, len(r.args)-1)]; kind == reads {
			c.add(p, cmd, args, arg, kind)
			beside(p, cmd, arg)
		} else { // an output, not to be compared with itself
			c.add(p, cmd, nil, arg, kind)
		}
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		kind := accessOf(cmd, f.Name)
		if kind == noPath {
			return
		}
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			stream = stream || v == "-"
			c.add(p, cmd, args, v, kind)
		}
	})
	if dir, err := ringDir(); err == nil {
		p.Read = append(p.Read, filepath.Join(dir, "profiles"), groupLimit)
		c.add(p, cmd, nil, dir, r.config)
	}
	if cmd.Flags().Lookup("passphrase-file") != nil {
		p.Tty = append(p.Tty, "/dev/tty")
	}
	if stream {
		c.spool(p)
	}
}

// add puts path where the command reaches it.
func (c *confinement) add(p *sandbox.Paths, cmd *cobra.Command, args []string, path string, kind access) {
	if path == "" || path == "-" || kind == noPath {
		return
	}
	fi, err := os.Stat(path)
	isDir := err == nil && fi.IsDir()
	switch {
	case kind == reads:
		p.Read = append(p.Read, path)
	case err == nil && !isDir && !fi.Mode().IsRegular(): // a device, such as /dev/null
		p.Write = append(p.Write, path)
	case kind == edits && isDir:
		p.Write = append(p.Write, path)
	case kind == edits && err != nil:
		p.Read = append(p.Read, path)
	case kind == edits || kind == writesOne || kind == writes && !isDir && outputIsFile(cmd, args, path):
		dir := filepath.Dir(path)
		if kind == writes || commandName(cmd) == "encrypt" {
			c.make(p, args, dir, folderMode(cmd))
		}
		p.Write = append(p.Write, dir)
	default:
		c.make(p, args, path, folderMode(cmd))
		p.Write = append(p.Write, path)
	}
}

// outputIsFile reports whether -o may name a file, of the commands that write
// either. In doubt it does: then the folder around it is in reach.
func outputIsFile(cmd *cobra.Command, args []string, path string) bool {
	if name := commandName(cmd); name != "scrub" && name != "convert" && name != "fuzz" {
		return false
	}
	if fi, err := os.Stat(path); err == nil {
		return !fi.IsDir()
	}
	if os.IsPathSeparator(path[len(path)-1]) || filepath.Ext(path) == "" {
		return false
	}
	if set(cmd, "merge") || value(cmd, "mechanism") == "heatmap" {
		return true
	}
	single := len(args) == 1
	if single && args[0] != "-" {
		fi, err := os.Stat(args[0])
		single = err != nil || !fi.IsDir()
	}
	_, isTrack := export.ByExtension(filepath.Ext(path))
	return single && (isTrack || commandName(cmd) != "scrub" || isFileName(path))
}

// maxCompanions bounds how many files beside a log are in reach.
const maxCompanions = 500

// beside adds what lies beside an input that is a file: names, to say which
// sidecars stay behind, and its companions.
func beside(p *sandbox.Paths, cmd *cobra.Command, path string) {
	if fi, err := os.Stat(path); err != nil || fi.IsDir() {
		return
	}
	p.List = append(p.List, filepath.Dir(path))
	p.Read = append(p.Read, companions(cmd, path)...)
}

// companions are the files beside an input that the command looks at, too: the
// sidecars of a photo, and what may be the same flight as a log.
func companions(cmd *cobra.Command, path string) []string {
	switch name := commandName(cmd); {
	case set(cmd, "sidecars"):
		return pipeline.Siblings(path)
	case (name == "convert" || name == "fuzz" || name == "inspect") && !pipeline.KnownExtension(filepath.Ext(path)):
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil {
			return nil
		}
		var out []string
		for _, e := range entries {
			if e.Type().IsRegular() && len(out) < maxCompanions {
				out = append(out, filepath.Join(filepath.Dir(path), e.Name()))
			}
		}
		return out
	}
	return nil
}

// make makes the folder dir as the command would, unless the command is going
// to refuse it because it is or lies in one of its inputs.
func (c *confinement) make(p *sandbox.Paths, args []string, dir string, mode fs.FileMode) {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || apart(args, dir, "") != nil {
		return
	}
	var missing []string
	at := filepath.Clean(dir)
	for ; at != filepath.Dir(at); at = filepath.Dir(at) {
		if _, err := os.Lstat(at); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		missing = append(missing, at)
	}
	if os.MkdirAll(dir, mode) != nil {
		return // the command will try, and say why it cannot
	}
	for i := range missing {
		c.made = append(c.made, missing[len(missing)-1-i])
	}
	p.Empty = append(p.Empty, at)
	if parent, err := os.Open(at); err == nil { // so that the name survives a power cut
		parent.Sync()
		parent.Close()
	}
}

// folderMode is with what permissions cmd makes folders: what holds secrets, or
// what was sealed, is for its owner alone.
func folderMode(cmd *cobra.Command) fs.FileMode {
	switch name, _, _ := strings.Cut(commandName(cmd), " "); name {
	case "encrypt", "decrypt", "vault", "key", "profile":
		return 0o700
	}
	return 0o755
}

// spool makes a folder for temporary files, since the system's is no place to
// have in reach.
func (c *confinement) spool(p *sandbox.Paths) {
	dir, err := os.MkdirTemp("", "flightveil-")
	if err != nil {
		return
	}
	p.Empty = append(p.Empty, os.TempDir())
	p.Write = append(p.Write, dir)
	c.temp = dir
	os.Setenv("TMPDIR", dir)
}

// examine makes a folder in dir in which doctor may try things. The rest of dir
// stays out of reach.
func (c *confinement) examine(dir string, p *sandbox.Paths) {
	c.doctored = dir
	scratch, err := os.MkdirTemp(dir, ".flightveil-")
	if err != nil {
		return
	}
	c.scratch = scratch
	c.made = append(c.made, scratch)
	p.Write, p.Empty = append(p.Write, scratch), append(p.Empty, dir)
}

// leave removes the folders that were made for the command and stayed empty.
func (c *confinement) leave() {
	for i := range c.made {
		os.Remove(c.made[len(c.made)-1-i]) // fails if there is something in it
	}
	if c.temp != "" {
		os.Remove(c.temp)
	}
}
