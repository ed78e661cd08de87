package main

import (
	"errors"
	"flightveil/cmd/internal/ui"
	"flightveil/crypt"
	"flightveil/internal/disk"
	"fmt"
	"path"
	"strings"
)

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
	var left *crypt.LeftError
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
	case errors.As(err, &left):
		return withHint(fmt.Errorf("not enough room: %s more than %s of that size can hold, in %s", ui.Bytes(left.Bytes), ui.Plural(left.Places, "vault"), ui.Plural(left.Files, "file")), "name another disk with -o, or allow more with --max-size; nothing was written")
	case errors.As(err, &short):
		return shortError(short)
	}
	return err
}

// shortError says what a disk cannot hold, and what helps.
func shortError(short *crypt.ShortError) error {
	first := func(names []string) string {
		var out []string
		for _, n := range names[:min(3, len(names))] {
			out = append(out, ui.Printable(n))
		}
		if len(names) > 3 {
			out = append(out, "…")
		}
		return strings.Join(out, ", ")
	}
	on := ""
	if short.Disk != "" {
		on = " on " + ui.Printable(short.Disk)
	}
	switch {
	case len(short.TooLarge) > 0 && short.System == "":
		return usageError{withHint(fmt.Errorf("%w: %s", short, first(short.TooLarge)), "raise --max-size: a file is never split; nothing was written")}
	case len(short.TooLarge) > 0:
		return withHint(fmt.Errorf("%w%s: %s", short, on, first(short.TooLarge)), "use a disk formatted as exFAT, NTFS, APFS or ext4; nothing was written")
	case len(short.Names) > 0:
		return withHint(fmt.Errorf("%w%s: %s", short, on, first(short.Names)), "leave --keep-names out, or use a disk formatted as NTFS, APFS or ext4; nothing was written")
	case len(short.Folders) > 0:
		return withHint(fmt.Errorf("%w%s: %s", short, on, first(short.Folders)), "leave --keep-names out, or use a disk formatted as exFAT; nothing was written")
	}
	return withHint(fmt.Errorf("not enough room%s: %s are needed, %s are free, %s too few", on, ui.Bytes(short.Need), ui.Bytes(short.Free), ui.Bytes(short.Need-short.Free)),
		"free some space, use a larger disk, leave something out with --exclude, or go on with the next disk by --max-size and another -o; nothing was written")
}
