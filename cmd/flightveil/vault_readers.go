package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"flightveil/cmd/internal/ui"
	"flightveil/crypt"
	"flightveil/internal/disk"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"

	"github.com/spf13/cobra"
)

type grantOptions struct {
	vaultOptions
	To                  []string
	Output              string
	Detached, Downgrade bool
}

func newVaultGrantCommand(s streams) *cobra.Command {
	var o grantOptions
	cmd := &cobra.Command{
		Use:   "grant VAULT FILE... --to RECIPIENT -o DIR",
		Short: "Hand out originals from a vault to somebody else's key",
		Long: `Write files of the vault so that somebody else's key opens them, with any age
program: the same sealed bytes with a new header. Nothing is decrypted on the way to
the disk and your key is not handed out. It costs a copy; --detached writes only the
header, for somebody who has the sealed file already, from a shared drive, say: he
puts it before what follows the sealed file's own header.

What they get is the ORIGINAL with all it tells. What that is is said before. To hand
out a clean copy: decrypt, scrub, and seal that.

It cannot be taken back.` + exitCodes,
		Example: `  flightveil vault grant vault DCIM/100MEDIA/DJI_0001.MP4 --to age1… -o handover -i me.key`,
		Args:    usage(cobra.MinimumNArgs(2)),
		RunE:    func(cmd *cobra.Command, args []string) error { return runVaultGrant(cmd.Context(), o, args, s) },
	}
	o.add(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&o.To, "to", nil, "public key of who gets them: `age1`… (may be repeated)")
	f.StringVarP(&o.Output, "output", "o", "", "write sealed files below `DIR`")
	f.BoolVar(&o.Detached, "detached", false, "write only the new headers")
	f.BoolVar(&o.Downgrade, "downgrade", false, "hand out what is sealed against quantum computers without that protection")
	return cmd
}

func runVaultGrant(ctx context.Context, o grantOptions, args []string, s streams) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.Output == "" || len(o.To) == 0 {
		return usageError{withHint(errors.New("--to and -o are needed"), "--to age1… says who gets the files, -o DIR where they are written")}
	}
	to, err := (&recipientFlags{Recipients: o.To}).parse()
	if err != nil {
		return err
	}
	if err := checkPatterns(args[1:]); err != nil {
		return err
	}
	if err := apart(args[:1], o.Output, ""); err != nil {
		return err
	}
	v, done, err := openVault(args[0], &o.identityFlags, s)
	if err != nil {
		return err
	}
	defer done()
	files, err := choose(v, args[1:])
	if err != nil {
		return err
	}
	if !o.Quiet {
		tellOriginals(ctx, v, files, s.Err)
	}
	out, err := disk.Open(o.Output, true)
	if err != nil {
		return withHint(fmt.Errorf("the output folder cannot be used: %w", err), "name a folder that can be created and written: -o DIR")
	}
	defer out.Close()
	show := newShow(&o.commonFlags, s)
	show.ledger = ui.NewLedger(s.Out, o.JSON, ui.Options{Verbose: true, Quiet: o.Quiet})
	failed := false
	for _, e := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := crypt.Result{Path: e.Path, Size: e.Size, Status: "granted"}
		if r.Name, r.Err = o.grant(v, e, out, to); r.Err != nil {
			r.Status, failed = crypt.Failed, true
		}
		show.result(r)
	}
	show.ledger.Total(time.Since(show.started))
	if failed {
		return errIncomplete
	}
	return nil
}

// grant writes one file and returns its name.
func (o *grantOptions) grant(v *crypt.Vault, e crypt.Entry, out *disk.Dir, to []crypt.Recipient) (string, error) {
	name := e.Path + map[bool]string{false: ".age", true: ".age-header"}[o.Detached]
	if out.Exists(name) {
		return "", crypt.ErrExists
	}
	f, err := out.Create(name + disk.PartSuffix)
	if err != nil {
		return "", err
	}
	if err := v.Grant(f, e, o.Detached, o.Downgrade, to...); err != nil {
		f.Close()
		out.Remove(name + disk.PartSuffix)
		return "", err
	}
	var named error
	if err := out.Finish(f, disk.Pending{Part: name + disk.PartSuffix, Name: name, Done: func(err error) { named = err }}); err != nil {
		return "", err
	}
	out.Flush()
	if errors.Is(named, fs.ErrExist) {
		named = crypt.ErrExists
	}
	return name, named
}

// tellOriginals says what is handed out. Only places are named, no values.
func tellOriginals(ctx context.Context, v *crypt.Vault, files []crypt.Entry, w io.Writer) {
	fmt.Fprintln(w, "flightveil: warning: this hands out ORIGINALS, not clean copies; it cannot be taken back")
	var sources []pipeline.Source
	for _, e := range files {
		sources = append(sources, pipeline.NewSource(e.Path, e.Size, e.Mod, func() (fs.File, error) { return v.OpenFile(e) }))
	}
	for o := range newRunner(privacy.Profile{}, 1).Inspect(ctx, sources) {
		what := "what it tells is not known: " + o.Why()
		if o.Processed() {
			what = pipeline.Verdict(pipeline.Tell(o.Findings))
		}
		fmt.Fprintf(w, "flightveil: %s: %s\n", ui.Printable(o.Source.Label), what)
	}
}

type rekeyOptions struct {
	vaultOptions
	readerFlags
	Downgrade bool
}

func newVaultRekeyCommand(s streams) *cobra.Command {
	var o rekeyOptions
	cmd := &cobra.Command{
		Use:   "rekey VAULT -r RECIPIENT...",
		Short: "Change who can read a vault",
		Long: `Seal the key of the vault to other recipients: one small file changes, however large
the vault is. Those who are not named any more cannot open it as it is then.

It is no revocation: who could read the vault once, or has a copy of the old
card.key.age, can still read every file that is in it, also ones added later. To
shut somebody out use vault reencrypt, which seals every file anew.` + exitCodes,
		Example: `  flightveil vault rekey vault -i old.key -r age1… -r age1…
  flightveil vault rekey vault -i old.key -p`,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error { return runVaultRekey(o, args[0], s) },
	}
	o.commonFlags.addPlain(cmd)
	o.identityFlags.add(cmd, "open it with the secret key in `FILE`, or - for standard input (may be repeated)")
	o.readerFlags.add(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.Downgrade, "downgrade", false, "give up protection from quantum computers")
	return cmd
}

func runVaultRekey(o rekeyOptions, vault string, s streams) error {
	if err := o.check(); err != nil {
		return err
	}
	to, _, err := o.readerFlags.read(s)
	if err != nil {
		return err
	}
	v, done, err := openVaultWith(crypt.OpenKey, vault, &o.identityFlags, s)
	if err != nil {
		return err
	}
	defer done()
	before := v.Info.Recipients
	if err := v.Rekey(o.Downgrade, to...); err != nil {
		if errors.Is(err, crypt.ErrNoCardKey) {
			return withHint(err, "flightveil vault reencrypt makes a vault for other readers")
		}
		return vaultError(err)
	}
	l := ui.NewLedger(s.Out, o.JSON, ui.Options{Quiet: o.Quiet})
	l.Note("%s now, %d before; whoever could read the vault before still can, if he kept the old card.key.age or the key in it", ui.Plural(len(to), "reader"), max(1, len(before)))
	return nil
}

type reencryptOptions struct {
	vaultOptions
	readerFlags
	Output    string
	KeepNames bool
}

func newVaultReencryptCommand(s streams) *cobra.Command {
	var o reencryptOptions
	cmd := &cobra.Command{
		Use:   "reencrypt VAULT -o NEW -r RECIPIENT...",
		Short: "Seal every file of a vault anew, in another vault",
		Long: `Make another vault of the files of this one, with new keys for everything: who could
read the old one cannot read the new one. Nothing decrypted touches the disk. The old
vault stays; delete it when the new one is verified, and remember its copies. An
interrupted run is resumed by the same command.

vault rekey is a thousand times quicker, and shuts nobody out who could read once.` + exitCodes,
		Example: `  flightveil vault reencrypt vault -i old.key -o vault2 -r age1… -r age1…`,
		Args:    usage(cobra.ExactArgs(1)),
		RunE:    func(cmd *cobra.Command, args []string) error { return runVaultReencrypt(cmd.Context(), o, args[0], s) },
	}
	o.commonFlags.addPlain(cmd)
	o.identityFlags.add(cmd, "open it with the secret key in `FILE`, or - for standard input (may be repeated)")
	o.readerFlags.add(cmd)
	f := cmd.Flags()
	f.StringVarP(&o.Output, "output", "o", "", "the new vault, a folder")
	f.BoolVar(&o.KeepNames, "keep-names", false, "sealed files keep names and folders, for anyone to see")
	return cmd
}

func runVaultReencrypt(ctx context.Context, o reencryptOptions, vault string, s streams) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.Output == "" {
		return usageError{withHint(errors.New("no output given"), "name a folder for the new vault: -o NEW")}
	}
	to, proof, err := o.readerFlags.read(s)
	if err != nil {
		return err
	}
	if err := apart([]string{vault}, o.Output, ""); err != nil {
		return err
	}
	v, done, err := openVault(vault, &o.identityFlags, s)
	if err != nil {
		return err
	}
	defer done()
	dir, err := disk.Open(o.Output, true)
	if err != nil {
		return withHint(fmt.Errorf("the vault's folder cannot be used: %w", err), "name a folder that can be created and written: -o DIR")
	}
	defer dir.Close()
	e := encryptOptions{commonFlags: o.commonFlags, Output: []string{o.Output}}
	opts := crypt.Options{To: to, Proof: proof, KeepNames: o.KeepNames, Jobs: o.Jobs, Tool: "flightveil " + version(), Now: time.Now()}
	if opts.Local = localState(); opts.Local != nil {
		defer opts.Local.Close()
	}
	return e.seal(ctx, dir, v.Sources(), opts, s)
}
