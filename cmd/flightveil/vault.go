package main

import (
	"fmt"
	"time"

	"flightveil/cmd/internal/ui"
	"flightveil/crypt"

	"github.com/spf13/cobra"
)

func newVaultCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "vault",
		Short: "Look into a vault, prove it, hand out a file, change who can read it",
		Long: `Look into a vault that encrypt made, prove that it is whole, hand out one file of
it, change who can read it, and free the card.` + exitCodes,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newVaultLsCommand(s), newVaultVerifyCommand(s), newVaultGrantCommand(s), newVaultRekeyCommand(s),
		newVaultReencryptCommand(s), newVaultPruneCommand(s), newVaultRepairCommand(s))
	return cmd
}

type vaultOptions struct {
	commonFlags
	identityFlags
}

func (o *vaultOptions) add(cmd *cobra.Command) {
	o.commonFlags.addPlain(cmd)
	o.identityFlags.add(cmd, "open it with the secret key in `FILE`, or - for standard input (may be repeated)")
}

func newVaultLsCommand(s streams) *cobra.Command {
	var o vaultOptions
	cmd := &cobra.Command{
		Use:   "ls VAULT [PATTERN...]",
		Short: "List what is in a vault, from its index alone",
		Long: `List the files of a vault: size, time and path. Only the index is opened. -v shows
the sealed file of each, too.` + exitCodes,
		Example: `  flightveil vault ls vault -i me.key
  flightveil vault ls vault -i me.key --json '*.MP4'`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error { return runVaultLs(o, args, s) },
	}
	o.add(cmd)
	return cmd
}

func runVaultLs(o vaultOptions, args []string, s streams) error {
	if err := o.check(); err != nil {
		return err
	}
	if err := checkPatterns(args[1:]); err != nil {
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
	l := ui.NewLedger(s.Out, o.JSON, o.options(s.Out, ui.Options{}))
	var total int64
	for _, e := range files {
		total += e.Size
		if o.JSON {
			l.File(listLine(e))
			continue
		}
		text := fmt.Sprintf("%14d  %s  %s", e.Size, shownTime(e.Mod), ui.Printable(e.Path))
		if o.Verbose {
			text += "  " + ui.Printable(e.Name)
		}
		fmt.Fprintln(s.Out, text)
	}
	if o.JSON {
		l.Total(0)
		return nil
	}
	l.Note("%s, %s", ui.Plural(len(files), "file"), ui.Bytes(total))
	return nil
}

func listLine(e crypt.Entry) ui.Line {
	line := ui.Line{Path: e.Path, Status: "listed", Size: e.Size, Sealed: e.Name, Hash: fmt.Sprintf("%016x", e.Hash), SHA256: e.SHA256}
	if !e.Mod.IsZero() {
		line.Mod = e.Mod.UTC().Format(time.RFC3339Nano)
	}
	return line
}

func shownTime(t time.Time) string {
	if t.IsZero() {
		return "                   "
	}
	return t.Local().Format("2006-01-02 15:04:05")
}
