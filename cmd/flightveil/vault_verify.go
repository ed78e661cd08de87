package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"flightveil/cmd/internal/ui"
	"flightveil/crypt"
	"flightveil/internal/disk"

	"github.com/spf13/cobra"
)

type verifyVaultOptions struct {
	vaultOptions
	Quick, Full, Manifest bool
	Source                string
}

func newVaultVerifyCommand(s streams) *cobra.Command {
	var o verifyVaultOptions
	cmd := &cobra.Command{
		Use:   "verify VAULT",
		Short: "Prove that a vault is whole",
		Long: `Look whether every file of the vault can be opened and is what was sealed.

--quick (the default) reads the header and the end of each file: it finds files
that are missing, cut or of another key, not a flipped bit in the middle.
--full reads everything, from the disk and not from memory where the system lets
us, and adds the SHA-256 of each file to the index.
--source CARD reads the card as well and compares byte by byte.
--manifest needs no key: it compares the sealed files, or any folder with an ASC MHL
history (ascmhl/), with the checksums that were written with them.` + exitCodes,
		Example: `  flightveil vault verify vault -i me.key
  flightveil vault verify vault -i me.key --full --source /media/card`,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return runVaultVerify(cmd.Context(), o, args[0], s) },
	}
	o.add(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.Quick, "quick", false, "headers and ends only (default)")
	f.BoolVar(&o.Full, "full", false, "read and compare everything")
	f.StringVar(&o.Source, "source", "", "compare with the `CARD`, too")
	f.BoolVar(&o.Manifest, "manifest", false, "compare with the checksums of an ASC MHL history, without a key")
	cmd.MarkFlagsMutuallyExclusive("quick", "full", "manifest")
	cmd.MarkFlagsMutuallyExclusive("source", "manifest")
	return cmd
}

func runVaultVerify(ctx context.Context, o verifyVaultOptions, path string, s streams) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.Manifest {
		return runManifest(ctx, o, path, s)
	}
	v, done, err := openVault(path, &o.identityFlags, s)
	if err != nil {
		return err
	}
	defer done()
	show := newShow(&o.commonFlags, s)
	var total int64
	for _, e := range v.Files() {
		total += e.Size
	}
	opts := show.options(total, o.Jobs)
	opts.Full = o.Full
	verdict, err := v.Verify(ctx, opts)
	show.close()
	if err != nil {
		return vaultError(err)
	}
	bad := verdict.Bad
	if o.Source != "" {
		more, err := compareCard(ctx, v, o, show, s)
		if err != nil {
			return err
		}
		bad += more
	}
	show.ledger.Total(time.Since(show.started))
	switch {
	case bad > 0:
		show.ledger.Note("%d of them are not as they should be; the others open.", bad)
		return errFound
	case o.Full:
		show.ledger.Note("every file was read from the disk, opened, and has the content that was sealed.")
	default:
		show.ledger.Note("every file can be opened and has its end; --full reads all of it.")
	}
	return nil
}

// runManifest compares a folder with the checksums that lie beside it.
func runManifest(ctx context.Context, o verifyVaultOptions, path string, s streams) error {
	dir, err := disk.Open(path, false)
	if err != nil {
		return withHint(fmt.Errorf("the folder cannot be opened: %w", err), "name the folder that holds ascmhl")
	}
	defer dir.Close()
	if !crypt.HasManifest(dir) {
		return withHint(fmt.Errorf("%s: no ASC MHL history", ui.Printable(path)), "name the folder that holds ascmhl")
	}
	show := newShow(&o.commonFlags, s)
	verdict, err := crypt.VerifyManifest(ctx, dir, show.options(-1, o.Jobs))
	show.close()
	switch {
	case errors.Is(err, crypt.ErrDamaged):
		fmt.Fprintf(s.Err, "flightveil: error: %v\n", err)
		return errFound
	case err != nil:
		return err
	}
	show.ledger.Total(time.Since(show.started))
	if verdict.Bad > 0 {
		return errFound
	}
	show.ledger.Note("every file has the checksum that was written with it.")
	return nil
}

// compareCard compares the vault with the card it was made of.
func compareCard(ctx context.Context, v *crypt.Vault, o verifyVaultOptions, show *show, s streams) (bad int, err error) {
	card := encryptOptions{commonFlags: o.commonFlags}
	sources, closer, err := card.sources(o.Source, s)
	if err != nil {
		return 0, err
	}
	defer closer.Close()
	verdict, err := v.Compare(ctx, sources, show.options(size(sources), o.Jobs))
	show.close()
	if err == nil {
		show.ledger.Note("%d of %d files of the card are in the vault, byte for byte.", verdict.Intact, len(sources))
	}
	return verdict.Bad, vaultError(err)
}

func size(sources []crypt.Source) (n int64) {
	for _, s := range sources {
		n += s.Size
	}
	return n
}

// show is what a command shows while it works on a vault.
type show struct {
	ledger  *ui.Ledger
	bar     *ui.Progress
	flags   *commonFlags
	err     io.Writer
	started time.Time
}

func newShow(o *commonFlags, s streams) *show {
	return &show{ledger: ui.NewLedger(s.Out, o.JSON, o.options(s.Out, ui.Options{})), flags: o, err: s.Err, started: time.Now(), bar: &ui.Progress{}}
}

// options makes the options of a pass over so many bytes.
func (w *show) options(total int64, jobs int) crypt.VerifyOptions {
	w.bar = ui.NewProgress(w.err, isTerminal(w.err) && !w.flags.NoProgress && !w.flags.Quiet && !w.flags.JSON, total)
	return crypt.VerifyOptions{Jobs: jobs, Progress: w.bar.Done, Report: w.result}
}

func (w *show) close() { w.bar.Close() }

func (w *show) result(r crypt.Result) {
	w.bar.Clear()
	bad := r.Err != nil || r.Status == crypt.Missing || r.Status == crypt.Differs
	line := ui.Line{Path: r.Path, Status: string(r.Status), Size: r.Size, Sealed: r.Name, Bad: bad, Count: !bad}
	if r.Err != nil {
		line.Reason = strings.TrimPrefix(r.Err.Error(), string(r.Status)+": ")
	}
	w.ledger.File(line)
}

type pruneOptions struct {
	vaultOptions
	Card string
	Yes  bool
}

func newVaultPruneCommand(s streams) *cobra.Command {
	var o pruneOptions
	cmd := &cobra.Command{
		Use:   "prune VAULT --card CARD",
		Short: "Delete from the card what the vault is proven to hold",
		Long: `Compare every file of the card with the vault, byte by byte and read from both
disks, and list what could be deleted. With --yes these files are deleted from the
card; any other file stays. This is the only command that changes an original.

Deleting from a memory card does not erase: old blocks stay in its flash, and tools
find them. Overwriting single files does not help either. Formatting the card in the
drone and filling it once lowers what can be found, without a promise. If it matters,
keep the card, or destroy it.` + exitCodes,
		Example: `  flightveil vault prune vault --card /media/card -i me.key
  flightveil vault prune vault --card /media/card -i me.key --yes`,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return runVaultPrune(cmd.Context(), o, args[0], s) },
	}
	o.add(cmd)
	f := cmd.Flags()
	f.StringVar(&o.Card, "card", "", "the `CARD` to free, a folder")
	f.BoolVar(&o.Yes, "yes", false, "really delete")
	return cmd
}

func runVaultPrune(ctx context.Context, o pruneOptions, path string, s streams) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.Card == "" {
		return usageError{withHint(errors.New("no card given"), "name the folder to free: --card /media/card")}
	}
	if err := apart([]string{o.Card}, path, ""); err != nil {
		return usageError{withHint(errors.New("the vault lies on the card"), "copy the vault somewhere else first")}
	}
	if err := apart([]string{path}, o.Card, ""); err != nil {
		return usageError{withHint(errors.New("the card lies in the vault"), "name the card itself")}
	}
	v, done, err := openVault(path, &o.identityFlags, s)
	if err != nil {
		return err
	}
	defer done()
	card, err := disk.Open(o.Card, false)
	if err != nil {
		return withHint(fmt.Errorf("the card cannot be opened: %w", err), "name the folder that was sealed")
	}
	defer card.Close()
	walk := encryptOptions{commonFlags: o.commonFlags}
	sources, closer, err := walk.sources(o.Card, s)
	if err != nil {
		return err
	}
	defer closer.Close()
	if !o.Yes {
		o.Verbose = true // the list is the result
	}
	show := newShow(&o.commonFlags, s)
	verdict, err := v.Prune(ctx, card, sources, o.Yes, show.options(size(sources), o.Jobs))
	show.close()
	if err != nil {
		return vaultError(err)
	}
	show.ledger.Total(time.Since(show.started))
	if !o.Yes {
		show.ledger.Note("nothing was deleted: --yes deletes the files listed as planned.")
	} else {
		show.ledger.Note("deleted is not erased: old blocks stay in the card's flash until they are used again.")
	}
	if verdict.Bad > 0 {
		return errIncomplete
	}
	return nil
}

func newVaultRepairCommand(s streams) *cobra.Command {
	var o vaultOptions
	cmd := &cobra.Command{
		Use:   "repair VAULT",
		Short: "Make a new index for a vault that lost it",
		Long: `Write both copies of the index anew: from the one that is left or, if both are lost,
from the sealed files. Then the content comes back, under recovered/, and the names
do not. Sealed files that the index does not know are brought in.` + exitCodes,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return runVaultRepair(cmd.Context(), o, args[0], s) },
	}
	o.add(cmd)
	return cmd
}

func runVaultRepair(ctx context.Context, o vaultOptions, path string, s streams) error {
	if err := o.check(); err != nil {
		return err
	}
	ids, err := o.open(s)
	if err != nil {
		return err
	}
	dir, err := disk.Open(path, false)
	if err != nil {
		return withHint(fmt.Errorf("the vault cannot be opened: %w", err), "name the folder that encrypt -o wrote")
	}
	defer dir.Close()
	show := newShow(&o.commonFlags, s)
	v, verdict, err := crypt.Repair(ctx, dir, show.options(0, o.Jobs), ids...)
	show.close()
	if err != nil {
		return vaultError(err)
	}
	show.ledger.Note("both copies of the index were written; it has %s, %d of them new", ui.Plural(len(v.Files()), "file"), verdict.Intact)
	if verdict.Bad > 0 {
		return errIncomplete
	}
	return nil
}
