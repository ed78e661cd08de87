package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"flightveil/cmd/internal/ui"
	"flightveil/crypt"
	"flightveil/internal/disk"

	"github.com/spf13/cobra"
)

type decryptOptions struct {
	commonFlags
	identityFlags
	Output string
	Force  bool
}

func newDecryptCommand(s streams) *cobra.Command {
	var o decryptOptions
	cmd := &cobra.Command{
		Use:   "decrypt VAULT -o DIR [PATTERN...]",
		Short: "Open a vault: all of its files, or those that match",
		Long: `Write the files of a vault below DIR, with their names, folders and times; with
patterns only those that match. A file has its name only when it was authenticated
to its end; until then it is called *.part. What is there already with the same
content is left, so an interrupted run is resumed by the same command.

-o - writes a single file to standard output; what came out before an error must
not be used then.` + exitCodes,
		Example: `  flightveil decrypt vault -i me.key -o card
  flightveil decrypt vault -i me.key -o clips 'DCIM/*.MP4'
  flightveil decrypt vault -i me.key -o - DCIM/100MEDIA/DJI_0001.SRT`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return runDecrypt(cmd.Context(), o, args, s) },
	}
	o.commonFlags.addPlain(cmd)
	o.identityFlags.add(cmd, "open it with the secret key in `FILE`, or - for standard input (may be repeated)")
	f := cmd.Flags()
	f.StringVarP(&o.Output, "output", "o", "", "write files below `DIR`, or one to standard output with -")
	f.BoolVar(&o.Force, "force", false, "replace files that exist")
	return cmd
}

func runDecrypt(ctx context.Context, o decryptOptions, args []string, s streams) error {
	if err := o.check(); err != nil {
		return err
	}
	switch {
	case o.Output == "":
		return usageError{withHint(errors.New("no output given"), "name a folder: -o card")}
	case o.Output == "-" && isTerminal(s.Out):
		return usageError{withHint(errors.New("refusing to write to the terminal"), "send it to a file or another program: -o - > OUT")}
	}
	if err := checkPatterns(args[1:]); err != nil {
		return err
	}
	if o.Output != "-" {
		if err := apart(args[:1], o.Output, ""); err != nil {
			return err
		}
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
	if o.Output == "-" {
		if len(files) != 1 {
			return usageError{withHint(fmt.Errorf("-o - takes exactly one file, and %d match", len(files)), "give its path as flightveil vault ls shows it")}
		}
		return vaultError(v.Extract(ctx, files[0], s.Out))
	}
	out, err := disk.Open(o.Output, true)
	if err != nil {
		return withHint(fmt.Errorf("the output folder cannot be used: %w", err), "name a folder that can be created and written: -o DIR")
	}
	defer out.Close()
	return o.open(ctx, v, files, out, s)
}

func (o *decryptOptions) open(ctx context.Context, v *crypt.Vault, files []crypt.Entry, out *disk.Dir, s streams) error {
	l := ui.NewLedger(s.Out, o.JSON, o.options(s.Out, ui.Options{}))
	var total int64
	for _, e := range files {
		total += e.Size
	}
	bar := ui.NewProgress(s.Err, isTerminal(s.Err) && !o.NoProgress && !o.Quiet && !o.JSON, total)
	defer bar.Close()
	started := time.Now()
	sum, err := v.Decrypt(ctx, out, files, crypt.DecryptOptions{Jobs: o.Jobs, Force: o.Force, Progress: bar.Done, Report: func(r crypt.Result) {
		bar.Clear()
		line := ui.Line{Path: r.Path, Status: string(r.Status), Size: r.Size, Bad: r.Status == crypt.Failed, Count: r.Status == crypt.Opened}
		if r.Err != nil {
			line.Reason = r.Err.Error()
		}
		l.File(line)
	}})
	bar.Close()
	if err != nil {
		return vaultError(err)
	}
	l.Total(time.Since(started))
	if sum.Failed > 0 {
		return errIncomplete
	}
	return nil
}

// openVault opens the vault at path. done releases it.
func openVault(path string, o *identityFlags, s streams) (*crypt.Vault, func(), error) {
	return openVaultWith(crypt.Open, path, o, s)
}

func openVaultWith(open func(*disk.Dir, ...crypt.Identity) (*crypt.Vault, error), path string, o *identityFlags, s streams) (_ *crypt.Vault, done func(), err error) {
	ids, err := o.open(s)
	if err != nil {
		return nil, nil, err
	}
	dir, err := disk.Open(path, false)
	if err != nil {
		return nil, nil, withHint(fmt.Errorf("the vault cannot be opened: %w", err), "name the folder that encrypt -o wrote")
	}
	v, err := open(dir, ids...)
	if err != nil {
		dir.Close()
		return nil, nil, vaultError(err)
	}
	if v.Copy {
		fmt.Fprintln(s.Err, "flightveil: warning: index.age is damaged or lost; its copy was read")
	}
	if v.Unfinished {
		fmt.Fprintln(s.Err, "flightveil: warning: the vault is unfinished: run encrypt again to add the rest")
	}
	return v, func() { dir.Close() }, nil
}

// choose returns the files that match one of the patterns, all if there are none.
func choose(v *crypt.Vault, patterns []string) ([]crypt.Entry, error) {
	if len(patterns) == 0 {
		return v.Files(), nil
	}
	var out []crypt.Entry
	used := make([]bool, len(patterns))
	for _, e := range v.Files() {
		chosen := false
		for i, p := range patterns {
			if p == e.Path || matchesAny([]string{p}, e.Path) {
				used[i], chosen = true, true
			}
		}
		if chosen {
			out = append(out, e)
		}
	}
	for i, ok := range used {
		if !ok {
			return nil, withHint(fmt.Errorf("nothing in the vault matches %q", patterns[i]), "flightveil vault ls shows what is there; quote patterns, or the shell takes them")
		}
	}
	return out, nil
}
