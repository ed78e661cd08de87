package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
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
	Output                           []string
	MaxSize                          string
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
opened. Without -i nobody has proven that anybody holds the key to -r: at a terminal
that is refused unless --unverified-recipient says that you know, in a script it is
warned of.

--max-size fills one disk and goes on with the next: each -o is a vault of its own, of
that size at most, with a key and an index of its own. If there is only one -o, the
others lie beside it: VAULT-2, VAULT-3. Files stay whole and in order; what each vault
gets is planned, and compared with what is free, before anything is written.

The vault has a key of its own, sealed to the recipients, so that recipients can
be changed without touching the files. --no-card-key seals each file to the
recipients themselves.` + exitCodes,
		Example: `  flightveil keygen -o me.key
  flightveil encrypt /media/card -o vault -r age1… -r age1… -i me.key
  flightveil encrypt /media/card -o vault -p
  flightveil encrypt /media/card -o /media/a/vault -o /media/b/vault --max-size 18G -r age1… -i me.key`,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return runEncrypt(cmd.Context(), o, args[0], s) },
	}
	o.commonFlags.addPlain(cmd)
	o.recipientFlags.add(cmd)
	o.identityFlags.add(cmd, "prove with the secret key in `FILE` that the vault can be opened")
	f := cmd.Flags()
	f.StringArrayVarP(&o.Output, "output", "o", nil, "the `VAULT`, a folder (may be repeated with --max-size)")
	f.StringVar(&o.MaxSize, "max-size", "", "fill vaults of at most `SIZE`, such as 18G or 650M (of 1000; 18GiB of 1024), one after the other")
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
	size, err := o.volumes()
	if err != nil {
		return err
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
	for _, out := range o.Output {
		if err := apart([]string{card}, out, ""); err != nil {
			return err
		}
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
	if opts.Local = localState(); opts.Local != nil {
		defer opts.Local.Close()
	}
	if err := o.proven(opts, s); err != nil {
		return err
	}
	if size > 0 {
		return o.sealSet(ctx, size, sources, opts, s)
	}
	dir, err := disk.Open(o.Output[0], true)
	if err != nil {
		return withHint(fmt.Errorf("the vault's folder cannot be used: %w", err), "name a folder that can be created and written: -o DIR")
	}
	defer dir.Close()
	return o.seal(ctx, dir, sources, opts, s)
}

// keys adds what opens the vault: what was given, or the passphrase.
func (o *encryptOptions) keys(opts *crypt.Options, s streams) error {
	if o.Passphrase {
		_, err := os.Stat(filepath.Join(o.Output[0], "card.key.age"))
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

// proven warns of how little a vault may stand on. Somebody at a terminal, who
// can do something about it, has to prove that the vault can be opened, or to say
// that it goes without.
func (o *encryptOptions) proven(opts crypt.Options, s streams) error {
	unproven := len(opts.Proof) == 0 && !o.Unverified
	if unproven && isTerminal(s.In) {
		return usageError{withHint(errors.New("nothing proves that anybody can open this vault"), "prove it with your secret key: -i me.key; --unverified-recipient says that you know")}
	}
	if o.Quiet {
		return nil
	}
	if len(crypt.Distinct(opts.To)) < 2 {
		what := "one key opens this vault: whoever loses it loses everything; a second -r helps"
		if o.Passphrase {
			what = "one passphrase opens this vault: whoever forgets it loses everything"
		}
		fmt.Fprintf(s.Err, "flightveil: warning: only %s\n", what)
	}
	if unproven {
		fmt.Fprintln(s.Err, "flightveil: warning: nothing proves that you can open this vault; -i KEY would, --unverified-recipient says that you know")
	}
	return nil
}

// seal runs the encryption and shows what it does.
func (o *encryptOptions) seal(ctx context.Context, dir *disk.Dir, sources []crypt.Source, opts crypt.Options, s streams) error {
	l, bar := o.show(&opts, sources, s)
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
	l.Note("%s opens with: flightveil decrypt, or age alone as %s says", ui.Printable(o.Output[0]), ui.Printable(path.Join(o.Output[0], "RECOVER.txt")))
	if sum.Failed > 0 {
		return errIncomplete
	}
	return nil
}

// show makes the ledger and the bar of an encryption, and connects them to it.
func (o *encryptOptions) show(opts *crypt.Options, sources []crypt.Source, s streams) (*ui.Ledger, *ui.Progress) {
	l := ui.NewLedger(s.Out, o.JSON, o.options(s.Out, ui.Options{}))
	bar := ui.NewProgress(s.Err, isTerminal(s.Err) && !o.NoProgress && !o.Quiet && !o.JSON, size(sources))
	opts.Progress = bar.Done
	opts.Report = func(r crypt.Result) {
		bar.Clear()
		line := ui.Line{Path: r.Path, Status: string(r.Status), Size: r.Size, Sealed: r.Name, As: r.As, Bad: r.Status == crypt.Failed, Count: r.Status == crypt.Sealed}
		if r.Err != nil {
			line.Reason = r.Err.Error()
		}
		l.File(line)
	}
	return l, bar
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
