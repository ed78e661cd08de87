package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"flightveil/crypt"
	"flightveil/internal/disk"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// secretFlags say where a passphrase comes from: never from the command line,
// where the shell's history and every other user of the machine would see it.
type secretFlags struct {
	File string
	FD   int
}

func (o *secretFlags) add(cmd *cobra.Command) { o.addAs(cmd, "", "the passphrase") }

func (o *secretFlags) addAs(cmd *cobra.Command, prefix, what string) {
	f := cmd.Flags()
	f.StringVar(&o.File, prefix+"passphrase-file", "", "read "+what+" from the first line of `FILE` instead of the terminal")
	f.IntVar(&o.FD, prefix+"passphrase-fd", -1, "read "+what+" from the open file descriptor `N`")
}

// read asks for a passphrase, twice if it is a new one.
func (o *secretFlags) read(prompt string, isNew bool, s streams) (string, error) {
	var from *os.File
	switch {
	case o.File != "" && o.FD >= 0:
		return "", usageError{errors.New("--passphrase-file and --passphrase-fd exclude each other")}
	case o.File != "":
		f, err := os.Open(o.File)
		if err != nil {
			return "", usageError{fmt.Errorf("--passphrase-file: %w", err)}
		}
		from = f
	case o.FD >= 0:
		if from = os.NewFile(uintptr(o.FD), "passphrase"); from == nil {
			return "", usageError{fmt.Errorf("--passphrase-fd %d: not an open descriptor", o.FD)}
		}
	default:
		return askTerminal(prompt, isNew, s)
	}
	defer from.Close()
	line, err := bufio.NewReader(io.LimitReader(from, 64<<10)).ReadBytes('\n')
	defer clear(line) // of the copies this is the one that can be wiped
	if err != nil && err != io.EOF {
		return "", usageError{fmt.Errorf("reading the passphrase: %w", err)}
	}
	phrase := string(bytes.TrimRight(line, "\r\n"))
	if phrase == "" {
		return "", usageError{errors.New("the passphrase is empty")}
	}
	return phrase, nil
}

// askTerminal reads a passphrase from the terminal, which does not show it.
func askTerminal(prompt string, isNew bool, s streams) (string, error) {
	in, ok := s.In.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		tty, err := os.OpenFile(map[bool]string{true: "CONIN$", false: "/dev/tty"}[runtime.GOOS == "windows"], os.O_RDWR, 0)
		if err != nil {
			return "", usageError{withHint(errors.New("a passphrase is needed and there is no terminal to ask"), "use --passphrase-file or --passphrase-fd (for a new one beside an old one --new-passphrase-file or --new-passphrase-fd)")}
		}
		defer tty.Close()
		in = tty
	}
	one := func(prompt string) (string, error) {
		fmt.Fprint(s.Err, prompt+": ")
		b, err := term.ReadPassword(int(in.Fd()))
		fmt.Fprintln(s.Err)
		defer clear(b)
		return string(b), err
	}
	phrase, err := one(prompt)
	switch {
	case err != nil:
		return "", err
	case phrase == "":
		return "", usageError{errors.New("the passphrase is empty")}
	case !isNew:
		return phrase, nil
	}
	again, err := one("The same again")
	if err == nil && again != phrase {
		err = usageError{errors.New("the two passphrases differ")}
	}
	return phrase, err
}

// identityFlags say with what a vault is opened.
type identityFlags struct {
	secretFlags
	Identities []string
}

func (o *identityFlags) add(cmd *cobra.Command, use string) {
	cmd.Flags().StringArrayVarP(&o.Identities, "identity", "i", nil, use)
	o.secretFlags.add(cmd)
}

// open reads the identities. Where a passphrase opens the vault it is asked for
// when that turns out, and once.
func (o *identityFlags) open(s streams) ([]crypt.Identity, error) {
	var ids []crypt.Identity
	for _, path := range o.Identities {
		got, err := o.readFile(path, s)
		if err != nil {
			return nil, err
		}
		ids = append(ids, got...)
	}
	return append(ids, crypt.Ask(func() (string, error) { return o.read("Passphrase", false, s) })), nil
}

// given reports whether anything was given to open a vault with.
func (o *identityFlags) given() bool { return len(o.Identities) > 0 || o.File != "" || o.FD >= 0 }

func (o *identityFlags) readFile(path string, s streams) ([]crypt.Identity, error) {
	var r io.Reader = s.In
	name := "standard input"
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, usageError{withHint(fmt.Errorf("-i: %w", err), "give the file that holds your secret key; flightveil keygen makes one")}
		}
		defer f.Close()
		r, name = f, filepath.Base(path)
	}
	ids, err := crypt.ReadIdentities(r, func() (string, error) { return o.read("Passphrase of "+name, false, s) })
	if err != nil {
		return nil, withHint(fmt.Errorf("-i %s: %w", name, err), "the file is what age-keygen or flightveil keygen wrote")
	}
	return ids, nil
}

// recipientFlags say who can open a vault.
type recipientFlags struct {
	Recipients, Files []string
	Passphrase        bool
}

func (o *recipientFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVarP(&o.Recipients, "recipient", "r", nil, "seal to this public key: `age1`… (may be repeated)")
	f.StringArrayVarP(&o.Files, "recipients-file", "R", nil, "seal to the public keys in `FILE`, one a line (may be repeated)")
	f.BoolVarP(&o.Passphrase, "passphrase", "p", false, "seal with a passphrase")
}

// parse returns the recipients; of a passphrase only that there is one.
func (o *recipientFlags) parse() ([]crypt.Recipient, error) {
	var to []crypt.Recipient
	for _, text := range o.Recipients {
		r, err := crypt.ParseRecipient(text)
		if err != nil {
			hint := "a public key begins with age1; flightveil keygen makes one"
			if fi, serr := os.Stat(text); serr == nil {
				hint = "here -r means recipient, as in age; folders are always walked"
				if !fi.IsDir() {
					hint = "here -r means recipient, as in age; for a file of public keys use -R"
				}
			}
			if strings.HasPrefix(strings.ToUpper(text), "AGE-SECRET-KEY-") {
				hint = "that is a secret key, which nobody should see: it is in your shell's history now; make a new one"
			}
			return nil, usageError{withHint(fmt.Errorf("-r: %w", err), hint)}
		}
		to = append(to, r)
	}
	for _, path := range o.Files {
		f, err := os.Open(path)
		if err != nil {
			return nil, usageError{fmt.Errorf("-R: %w", err)}
		}
		rs, err := crypt.ReadRecipients(f)
		f.Close()
		if err != nil {
			return nil, usageError{fmt.Errorf("-R %s: no file of public keys", filepath.Base(path))}
		}
		to = append(to, rs...)
	}
	switch {
	case o.Passphrase && len(to) > 0:
		return nil, usageError{withHint(errors.New("-p goes without -r and -R"), "a passphrase stands alone in age; seal to keys, and protect your key with a passphrase: flightveil keygen -p")}
	case !o.Passphrase && len(to) == 0:
		return nil, usageError{withHint(errors.New("nobody to seal it to"), "give a public key with -r, a file of them with -R, or a passphrase with -p; flightveil keygen makes a key")}
	}
	return crypt.Distinct(to), nil
}

// readerFlags say who can open a vault from now on, where a passphrase that is
// given may also be the one that opens it now.
type readerFlags struct {
	recipientFlags
	new secretFlags
}

func (o *readerFlags) add(cmd *cobra.Command) {
	o.recipientFlags.add(cmd)
	o.new.addAs(cmd, "new-", "the new passphrase")
}

// read returns the recipients, and what proves that a new passphrase is known.
func (o *readerFlags) read(s streams) ([]crypt.Recipient, []crypt.Identity, error) {
	to, err := o.parse()
	if err != nil || !o.Passphrase {
		return to, nil, err
	}
	phrase, err := o.new.read("New passphrase", true, s)
	if err != nil {
		return nil, nil, err
	}
	r, err := crypt.Passphrase(phrase)
	if err != nil {
		return nil, nil, err
	}
	id, err := crypt.PassphraseIdentity(phrase)
	return []crypt.Recipient{r}, []crypt.Identity{id}, err
}

// localState is where this machine keeps the keys of unfinished journals, nil
// if there is no place for that.
func localState() *disk.Dir {
	dir, err := os.UserConfigDir()
	if err != nil {
		return nil
	}
	d, err := disk.Open(filepath.Join(dir, "flightveil", "unfinished"), true)
	if err != nil {
		return nil
	}
	return d
}
