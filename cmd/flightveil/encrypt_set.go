package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"flightveil/cmd/internal/ui"
	"flightveil/crypt"
	"flightveil/internal/disk"
)

// volumes checks where the vaults go, and returns how large one may be, 0 if
// there is a single one.
func (o *encryptOptions) volumes() (int64, error) {
	if len(o.Output) == 0 || o.Output[0] == "" {
		return 0, usageError{withHint(errors.New("no vault given"), "name a folder for it: -o vault")}
	}
	if o.MaxSize == "" {
		if len(o.Output) > 1 {
			return 0, usageError{withHint(errors.New("several vaults and no size"), "say how much goes into each of them: --max-size 18G")}
		}
		return 0, nil
	}
	n, err := parseSize(o.MaxSize)
	if err != nil {
		return 0, usageError{withHint(fmt.Errorf("--max-size %s: %w", o.MaxSize, err), "a number and a unit: 650M, 18G, 18GiB")}
	}
	for i, a := range o.Output {
		for _, b := range o.Output[:i] {
			if filepath.Clean(a) == filepath.Clean(b) {
				return 0, usageError{withHint(fmt.Errorf("-o %s is given twice", ui.Printable(a)), "each disk has a vault of its own")}
			}
		}
	}
	return n, nil
}

// parseSize reads a size such as 18G: k, M, G and T are powers of 1000, as on
// the label of a disk, and with i of 1024.
func parseSize(text string) (int64, error) {
	number := strings.TrimRight(text, "kKMGTiB")
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n <= 0 || strings.ContainsAny(number, "xXpPeEnN_") {
		return 0, errors.New("not a size")
	}
	unit := strings.ToUpper(strings.TrimSuffix(text[len(number):], "B"))
	base := 1000.0
	if strings.HasSuffix(unit, "I") && len(unit) == 2 {
		base, unit = 1024, unit[:1]
	}
	power := map[string]int{"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
	p, ok := power[unit]
	if !ok {
		return 0, errors.New("not a size")
	}
	for range p {
		n *= base
	}
	if n < 1 || n > 1<<60 {
		return 0, errors.New("not a size")
	}
	return int64(n), nil
}

// places are where the vaults of a set lie: the outputs or, if there is only
// one, that and those beside it.
func (o *encryptOptions) places(size int64) crypt.Set {
	place := func(path string) crypt.Place {
		return crypt.Place{
			Name:  path,
			Open:  func() (*disk.Dir, error) { return disk.Open(path, true) },
			Space: func() (disk.Space, error) { return disk.SpaceAt(path) },
		}
	}
	set := crypt.Set{MaxSize: size}
	for _, out := range o.Output {
		set.Places = append(set.Places, place(out))
	}
	if len(o.Output) > 1 {
		return set
	}
	beside := func(n int) string { return fmt.Sprintf("%s-%d", filepath.Clean(o.Output[0]), n+1) }
	for n := 1; ; n++ {
		if _, err := os.Stat(beside(n)); err != nil {
			break
		}
		set.Places = append(set.Places, place(beside(n)))
	}
	set.More = func(n int) (crypt.Place, bool) { return place(beside(n)), true }
	return set
}

// sealSet fills one vault after the other.
func (o *encryptOptions) sealSet(ctx context.Context, size int64, sources []crypt.Source, opts crypt.Options, s streams) error {
	l, bar := o.show(&opts, sources, s)
	started := time.Now()
	shares, err := crypt.EncryptSet(ctx, o.places(size), sources, opts)
	bar.Close()
	if err != nil {
		return vaultError(err)
	}
	failed := 0
	for _, share := range shares {
		if share.Resumed {
			l.Note("%s: an interrupted run was resumed", ui.Printable(share.Place))
		}
	}
	l.Total(time.Since(started))
	for _, share := range shares {
		failed += share.Failed
		l.Vault(share.Place, share.Files, share.Sealed, share.Bytes)
	}
	l.Note("each of them is a vault of its own: flightveil decrypt opens one after the other into the same folder")
	if failed > 0 {
		return errIncomplete
	}
	return nil
}
