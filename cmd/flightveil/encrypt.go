package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"flightveil/cmd/internal/ui"
	"flightveil/crypt"
	"flightveil/internal/disk"
	"flightveil/internal/pipeline"

	"github.com/spf13/cobra"
)

type encryptOptions struct {
	commonFlags
	recipientFlags
	identityFlags
	Output                           string
	NoCardKey, KeepNames, Unverified bool
	Exclude                          []string
}

func newEncryptCommand(s streams) *cobra.Command {
	var o encryptOptions
	cmd := &cobra.Command{
		Use:   "encrypt PATH -o VAULT",
		Short: "Seal a memory card, a folder or a file in a vault",
		Long: `Seal every file below PATH, system files too, as a plain age file of its own in
the folder VAULT, with an index that is sealed as well. Nothing is skipped that
--exclude does not name. Originals are only read. Files get random names; how
many there are and how large they are can be seen from outside.

The vault opens with flightveil decrypt, or with age alone: VAULT/RECOVER.txt says
how. An interrupted run is resumed by the same command. A finished vault takes new
files by the same command and -i; what it has already is compared and left.

-i proves with your secret key, before anything is sealed, that the vault can be
opened. Without -i nobody has proven that you hold the key to -r;
--unverified-recipient says that you know.

The vault has a key of its own, sealed to the recipients, so that recipients can
be changed without touching the files. --no-card-key seals each file to the
recipients themselves.` + exitCodes,
		Example: `  flightveil keygen -o me.key
  flightveil encrypt /media/card -o vault -r age1… -r age1… -i me.key
  flightveil encrypt /media/card -o vault -p`,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return runEncrypt(cmd.Context(), o, args[0], s) },
	}
	o.commonFlags.addPlain(cmd)
	o.recipientFlags.add(cmd)
	o.identityFlags.add(cmd, "prove with the secret key in `FILE` that the vault can be opened")
	f := cmd.Flags()
	f.StringVarP(&o.Output, "output", "o", "", "the `VAULT`, a folder")
	f.BoolVar(&o.NoCardKey, "no-card-key", false, "seal each file to the recipients themselves")
	f.BoolVar(&o.KeepNames, "keep-names", false, "sealed files keep names and folders, for anyone to see")
	f.BoolVar(&o.Unverified, "unverified-recipient", false, "go without proof that the vault can be opened")
	f.StringArrayVar(&o.Exclude, "exclude", nil, "leave out files and folders that match `PATTERN`, such as LRF/*, *.LRF (may be repeated)")
	return cmd
}

func runEncrypt(ctx context.Context, o encryptOptions, card string, s streams) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.Output == "" {
		return usageError{withHint(errors.New("no vault given"), "name a folder for it: -o vault")}
	}
	to, err := o.recipientFlags.parse()
	if err != nil {
		return err
	}
	if err := checkPatterns(o.Exclude); err != nil {
		return err
	}
	if o.Passphrase && o.NoCardKey {
		return usageError{withHint(errors.New("-p needs the vault's own key"), "leave --no-card-key out: a passphrase costs a second and 256 MB for every file")}
	}
	if err := apart([]string{card}, o.Output, ""); err != nil {
		return err
	}
	sources, closer, err := o.sources(card, s)
	if err != nil {
		return err
	}
	defer closer.Close()
	opts := crypt.Options{NoCardKey: o.NoCardKey, KeepNames: o.KeepNames, Jobs: o.Jobs, Tool: "flightveil " + version(), Now: time.Now(), OpenedOnly: !o.Unverified, To: to}
	if err := o.keys(&opts, s); err != nil {
		return err
	}
	dir, err := disk.Open(o.Output, true)
	if err != nil {
		return withHint(fmt.Errorf("the vault's folder cannot be used: %w", err), "name a folder that can be created and written: -o DIR")
	}
	defer dir.Close()
	if opts.Local = localState(); opts.Local != nil {
		defer opts.Local.Close()
	}
	o.warn(opts, s.Err)
	return o.seal(ctx, dir, sources, opts, s)
}

// keys adds what opens the vault: what was given, or the passphrase.
func (o *encryptOptions) keys(opts *crypt.Options, s streams) error {
	if o.Passphrase {
		_, err := os.Stat(path.Join(o.Output, "card.key.age"))
		phrase, rerr := o.read("Passphrase of the vault", err != nil, s)
		if rerr != nil {
			return rerr
		}
		to, rerr := crypt.Passphrase(phrase)
		if rerr != nil {
			return rerr
		}
		id, rerr := crypt.PassphraseIdentity(phrase)
		if rerr != nil {
			return rerr
		}
		opts.To, opts.Proof = []crypt.Recipient{to}, []crypt.Identity{id}
		return nil
	}
	if !o.given() {
		return nil
	}
	ids, err := o.open(s)
	opts.Proof = ids
	return err
}

// warn says how little a vault may stand on.
func (o *encryptOptions) warn(opts crypt.Options, w io.Writer) {
	if o.Quiet {
		return
	}
	if len(opts.To) < 2 {
		what := "one key opens this vault: whoever loses it loses everything; a second -r helps"
		if o.Passphrase {
			what = "one passphrase opens this vault: whoever forgets it loses everything"
		}
		fmt.Fprintf(w, "flightveil: warning: only %s\n", what)
	}
	if len(opts.Proof) == 0 && !o.Unverified {
		fmt.Fprintln(w, "flightveil: warning: nothing proves that you can open this vault; -i KEY would, --unverified-recipient says that you know")
	}
}

// seal runs the encryption and shows what it does.
func (o *encryptOptions) seal(ctx context.Context, dir *disk.Dir, sources []crypt.Source, opts crypt.Options, s streams) error {
	l := ui.NewLedger(s.Out, o.JSON, o.options(s.Out, ui.Options{}))
	var total int64
	for _, src := range sources {
		total += src.Size
	}
	bar := ui.NewProgress(s.Err, isTerminal(s.Err) && !o.NoProgress && !o.Quiet && !o.JSON, total)
	defer bar.Close()
	opts.Progress = bar.Done
	opts.Report = func(r crypt.Result) {
		bar.Clear()
		line := ui.Line{Path: r.Path, Status: string(r.Status), Size: r.Size, Sealed: r.Name, As: r.As, Bad: r.Status == crypt.Failed, Count: r.Status == crypt.Sealed}
		if r.Err != nil {
			line.Reason = r.Err.Error()
		}
		l.File(line)
	}
	started := time.Now()
	sum, err := crypt.Encrypt(ctx, dir, sources, opts)
	bar.Close()
	if err != nil {
		return vaultError(err)
	}
	if sum.Resumed {
		l.Note("an interrupted run was resumed")
	}
	l.Total(time.Since(started))
	l.Note("%s opens with: flightveil decrypt, or age alone as %s says", ui.Printable(o.Output), ui.Printable(path.Join(o.Output, "RECOVER.txt")))
	if sum.Failed > 0 {
		return errIncomplete
	}
	return nil
}

// sources lists what is to be sealed.
func (o *encryptOptions) sources(card string, s streams) ([]crypt.Source, io.Closer, error) {
	all, closer := pipeline.GatherAll(card)
	var out []crypt.Source
	left := 0
	for i := range all {
		src := &all[i]
		if matchesAny(o.Exclude, src.Rel) {
			left++
			continue
		}
		open, err := src.Raw()
		out = append(out, crypt.Source{Path: src.Rel, Size: src.Size, Mod: src.Mod, Err: err, Open: open})
	}
	switch {
	case len(all) == 1 && all[0].Missing():
		closer.Close()
		return nil, nil, withHint(fmt.Errorf("%s: no such file or folder", ui.Printable(card)), "check the spelling; nothing was written")
	case len(out) == 0:
		closer.Close()
		return nil, nil, withHint(fmt.Errorf("no file found in %s", ui.Printable(card)), "give a folder that holds files")
	case left > 0 && !o.Quiet:
		fmt.Fprintf(s.Err, "flightveil: %d excluded\n", left)
	}
	return out, closer, nil
}

// checkPatterns refuses patterns that can never match.
func checkPatterns(patterns []string) error {
	for _, p := range patterns {
		if _, err := path.Match(p, ""); err != nil {
			return usageError{withHint(fmt.Errorf("pattern %q: %w", p, err), "as in a shell: DCIM/*, *.LRF, DJI_00?1.MP4")}
		}
	}
	return nil
}

// matchesAny reports whether a path, its last element or a folder above it
// matches one of the patterns.
func matchesAny(patterns []string, p string) bool {
	for _, pat := range patterns {
		pat = strings.TrimSuffix(pat, "/")
		for at := p; at != "." && at != "/" && at != ""; at = path.Dir(at) {
			for _, name := range []string{at, path.Base(at)} {
				if ok, _ := path.Match(pat, name); ok {
					return true
				}
			}
		}
	}
	return false
}

// vaultError adds advice to what went wrong with a vault.
func vaultError(err error) error {
	var short *crypt.ShortError
	switch {
	case errors.Is(err, crypt.ErrNoMatch):
		return withHint(err, "the vault was sealed to other keys, or with a passphrase; -i takes the file with your secret key and may be repeated")
	case errors.Is(err, crypt.ErrIndexLost):
		return withHint(err, "flightveil vault repair makes a new one")
	case errors.Is(err, crypt.ErrNeedKey):
		return withHint(err, "give the secret key with -i, or the passphrase with --passphrase-file")
	case errors.Is(err, crypt.ErrOtherReaders):
		return withHint(err, "name the recipients it was made for, or make another vault")
	case errors.Is(err, crypt.ErrNoVault):
		return withHint(err, "name the folder that encrypt -o wrote")
	case errors.Is(err, crypt.ErrMixed):
		return usageError{withHint(err, "use recipients of one kind")}
	case errors.Is(err, disk.ErrLocked):
		return withHint(err, "wait for it to end")
	case errors.As(err, &short) && len(short.TooLarge) > 0:
		var names []string
		for _, n := range short.TooLarge[:min(3, len(short.TooLarge))] {
			names = append(names, ui.Printable(n))
		}
		return withHint(fmt.Errorf("%w: %s", err, strings.Join(names, ", ")), "use a disk formatted as exFAT, NTFS, APFS or ext4; nothing was sealed")
	case errors.As(err, &short):
		return withHint(fmt.Errorf("not enough room: %s are needed, %s are free, %s too few", ui.Bytes(short.Need), ui.Bytes(short.Free), ui.Bytes(short.Need-short.Free)), "free some space, use a larger disk, or leave something out with --exclude; nothing was sealed")
	}
	return err
}
