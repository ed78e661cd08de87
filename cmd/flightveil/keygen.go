package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"flightveil/cmd/internal/ui"
	"flightveil/crypt"

	"github.com/spf13/cobra"
)

type keygenOptions struct {
	secretFlags
	Output                   string
	Quantum, Protect, AsJSON bool
}

func newKeygenCommand(s streams) *cobra.Command {
	var o keygenOptions
	cmd := &cobra.Command{
		Use:   "keygen [-o FILE]",
		Short: "Make a key for a vault",
		Long: `Make a key: a secret half, which opens vaults, and a public half, which seals
them. The file is the same as that of age-keygen and readable by its owner only.
Keep a copy of it where the vault is not: who loses it loses the vault, and who
has both reads it.

--pq makes a key that quantum computers are not expected to break. Its public
half is 1959 characters long and needs age 1.3 or later. -p seals the file with a
passphrase.` + exitCodes,
		Example: `  flightveil keygen -o me.key
  flightveil keygen --pq -p -o me.key`,
		Args: usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error { return runKeygen(o, s) },
	}
	f := cmd.Flags()
	f.StringVarP(&o.Output, "output", "o", "-", "write the key to `FILE`, which must not exist; - for standard output")
	f.BoolVar(&o.Quantum, "pq", false, "a post-quantum key")
	f.BoolVarP(&o.Protect, "passphrase", "p", false, "seal the file with a passphrase")
	f.BoolVar(&o.AsJSON, "json", false, "print one JSON object")
	o.secretFlags.add(cmd)
	return cmd
}

func runKeygen(o keygenOptions, s streams) error {
	key, err := crypt.NewKey(o.Quantum)
	if err != nil {
		return err
	}
	b := key.File(time.Now())
	defer func(b []byte) { clear(b) }(b)
	if o.Protect {
		phrase, err := o.read("New passphrase", true, s)
		if err != nil {
			return err
		}
		to, err := crypt.Passphrase(phrase)
		if err != nil {
			return err
		}
		var sealed bytes.Buffer
		if err := crypt.Seal(&sealed, bytes.NewReader(b), to); err != nil {
			return err
		}
		b = sealed.Bytes()
	}
	if o.Output == "-" {
		if o.Protect && isTerminal(s.Out) {
			return usageError{withHint(errors.New("refusing to write a sealed key to the terminal"), "name a file: -o me.key")}
		}
		_, err := s.Out.Write(b)
		return err
	}
	if err := writeKey(o.Output, b); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return withHint(fmt.Errorf("%s exists already; a key is never overwritten", ui.Printable(o.Output)), "name another file: -o FILE")
		}
		return err
	}
	if o.AsJSON {
		return json.NewEncoder(s.Out).Encode(map[string]string{"type": "key", "public": key.Public, "file": o.Output})
	}
	_, err = fmt.Fprintf(s.Out, "Public key: %s\n", key.Public)
	return err
}

// writeKey writes a file for its owner alone, which must not exist.
func writeKey(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(path)
	}
	return err
}
