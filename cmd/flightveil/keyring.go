package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"flightveil/cmd/internal/ui"
	"flightveil/geofuzz/keyring"

	"github.com/spf13/cobra"
)

// keyFlags say how to open the key.
type keyFlags struct{ secretFlags }

// A ring is the keyring in the configuration folder, locked for this process.
type ring struct {
	*keyring.Keyring
	dir  string
	lock io.Closer
}

// Close wipes the key and lets other processes have it.
func (r *ring) Close() error {
	clear(r.Key)
	return r.lock.Close()
}

// Names in the configuration folder.
const (
	keyName    = "key.age"
	placesName = "places.age"
	zonesName  = "zones.age"
	lockName   = "places.lock"
)

func ringDir() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "flightveil"), nil
}

// openRing opens the keyring. Only one process at a time may: two that met the
// same new place at once would draw it twice.
func (o *keyFlags) openRing(s streams) (*ring, error) {
	r, _, err := o.openRingAsking(s)
	return r, err
}

// openRingAsking also returns the passphrase.
func (o *keyFlags) openRingAsking(s streams) (_ *ring, pass string, err error) {
	dir, err := ringDir()
	if err != nil {
		return nil, "", err
	}
	b, err := os.ReadFile(filepath.Join(dir, keyName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", withHint(errors.New("there is no key yet"), "flightveil key init makes one; flightveil key import takes the one of another computer over")
	}
	if err != nil {
		return nil, "", fmt.Errorf("the key: %w", err)
	}
	pass, err = o.read("Passphrase of your key", false, s)
	if err != nil {
		return nil, "", err
	}
	k, err := keyring.OpenKey(b, pass)
	if err != nil {
		return nil, "", fmt.Errorf("the key: %w", err)
	}
	lock, err := lockFile(filepath.Join(dir, lockName))
	if err != nil {
		return nil, "", withHint(fmt.Errorf("the registry of places: %w", err), "wait for the other flightveil to end")
	}
	r := &ring{Keyring: k, dir: dir, lock: lock}
	places, err := os.ReadFile(filepath.Join(dir, placesName))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = withHint(errors.New("the registry of places is gone: without it, places would be drawn a second time"), "bring "+placesName+" back from a backup, or flightveil key import an export")
	case err == nil:
		err = r.OpenPlaces(places)
	}
	if err == nil {
		err = r.loadZones()
	}
	if err != nil {
		lock.Close()
		return nil, "", err
	}
	return r, pass, nil
}

// loadZones reads the zones; before the first is made there is no file.
func (r *ring) loadZones() error {
	b, err := os.ReadFile(filepath.Join(r.dir, zonesName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the list of zones: %w", err)
	}
	return r.OpenZones(b)
}

// saveZones replaces the list as a whole.
func (r *ring) saveZones() error {
	b, err := r.SealZones()
	if err != nil {
		return err
	}
	return replaceFile(filepath.Join(r.dir, zonesName), b)
}

// savePlaces replaces the registry as a whole.
func (r *ring) savePlaces() error {
	b, err := r.SealPlaces()
	if err != nil {
		return err
	}
	return replaceFile(filepath.Join(r.dir, placesName), b)
}

// replaceFile writes a file that only its owner may read, as a whole or not at all.
func replaceFile(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".flightveil-*") // 0600
	if err != nil {
		return err
	}
	_, err = io.Copy(f, bytes.NewReader(b))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

func newKeyCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Make and move the key by which places are hidden",
		Long: `The key decides where --location near moves each place, and no one without it
can tell. It is encrypted with your passphrase and lies in your configuration
folder, beside the encrypted registry of your places. Who has both can undo the
move: while the key exists, displaced files are pseudonymous, not anonymous.` + exitCodes,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKeyInitCommand(s), newKeyShowCommand(s), newKeyExportCommand(s), newKeyImportCommand(s))
	return cmd
}

func newKeyInitCommand(s streams) *cobra.Command {
	var o keyFlags
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make a key",
		Args:  usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			k, err := keyring.New()
			if err != nil {
				return err
			}
			if err := noKeyYet(); err != nil {
				return err
			}
			pass, err := o.read("A passphrase for your key", true, s)
			if err != nil {
				return err
			}
			if err := storeRing(k, pass); err != nil {
				return err
			}
			fmt.Fprintf(s.Err, "flightveil: key %s made. Keep a copy elsewhere (flightveil key export): with a new key, places already shown would be drawn again.\n", k.Key.ID())
			return nil
		},
	}
	o.add(cmd)
	return cmd
}

func newKeyShowCommand(s streams) *cobra.Command {
	var o keyFlags
	cmd := &cobra.Command{
		Use:   "show-id",
		Short: "Print the key's name, which tells nothing of it",
		Args:  usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			r, err := o.openRing(s)
			if err != nil {
				return err
			}
			defer r.Close()
			fmt.Fprintln(s.Out, r.Key.ID())
			return nil
		},
	}
	o.add(cmd)
	return cmd
}

func newKeyExportCommand(s streams) *cobra.Command {
	var o keyFlags
	output, force := "", false
	cmd := &cobra.Command{
		Use:   "export -o FILE",
		Short: "Write the key, the places and the zones to a file, encrypted with the passphrase",
		Args:  usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			if output == "" || output == "-" {
				return usageError{withHint(errors.New("no output given"), "name a file: -o key-backup.age")}
			}
			r, pass, err := o.openRingAsking(s)
			if err != nil {
				return err
			}
			defer r.Close()
			b, err := r.SealKey(pass, true)
			if err != nil {
				return err
			}
			return writeNew(output, b, force)
		},
	}
	o.add(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "", "write to `FILE`")
	cmd.Flags().BoolVar(&force, "force", false, "replace FILE if it exists")
	return cmd
}

func newKeyImportCommand(s streams) *cobra.Command {
	var o keyFlags
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Take over a key, its places and its zones from another computer",
		Args:  usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := noKeyYet(); err != nil {
				return err
			}
			b, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			pass, err := o.read("Passphrase of that key", false, s)
			if err != nil {
				return err
			}
			k, err := keyring.OpenKey(b, pass)
			if err != nil {
				return fmt.Errorf("%s: %w", ui.Printable(args[0]), err)
			}
			if err := storeRing(k, pass); err != nil {
				return err
			}
			fmt.Fprintf(s.Err, "flightveil: key %s taken over\n", k.Key.ID())
			return nil
		},
	}
	o.add(cmd)
	return cmd
}

// noKeyYet refuses to write over a key.
func noKeyYet() error {
	dir, err := ringDir()
	if err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(dir, keyName)); !errors.Is(err, fs.ErrNotExist) {
		return withHint(errors.New("there is a key already: with another one, places already shown would be drawn again"),
			"flightveil key export keeps it; to do without it, remove "+keyName+", "+placesName+" and "+zonesName+" from "+ui.Printable(dir))
	}
	return nil
}

// storeRing writes a keyring where there is none: the places first, since a key
// without them is taken for damaged.
func storeRing(k *keyring.Keyring, pass string) error {
	dir, err := ringDir()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	key, err := k.SealKey(pass, false)
	if err != nil {
		return err
	}
	r := &ring{Keyring: k, dir: dir}
	if err := r.savePlaces(); err != nil {
		return err
	}
	if len(k.Zones.List) > 0 {
		if err := r.saveZones(); err != nil {
			return err
		}
	}
	return writeNew(filepath.Join(dir, keyName), key, false)
}
