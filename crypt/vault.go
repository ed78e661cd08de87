package crypt

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/cespare/xxhash/v2"

	"flightveil/internal/disk"
)

// The layout of a vault.
const (
	cardKeyName   = "card.key.age"
	indexName     = "index.age"
	indexCopyName = "index.2.age"
	recoverName   = "RECOVER.txt"
	dataFolder    = "data"
	sealedSuffix  = ".age"
)

// neutral is the time of all files of a vault: theirs would tell when it was
// made. It is the earliest that every file system can hold.
var neutral = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

func parseTime(s string) (time.Time, error) { return time.Parse(time.RFC3339, s) }

// A Vault is an opened vault.
type Vault struct {
	Info       Info
	Unfinished bool // a run was interrupted: only what it finished is here
	Copy       bool // index.age is damaged or lost, its copy was read

	dir     *disk.Dir
	ids     []Identity // open its files
	readers []string   // as card.key.age names them
	entries []Entry    // by path
}

// ErrNoVault means that a folder holds no vault.
var ErrNoVault = errors.New("there is no vault here")

// ErrIndexLost means that both copies of the index are damaged or lost.
var ErrIndexLost = errors.New("both copies of the index are damaged or lost")

// Open opens the vault in dir, which stays the caller's.
func Open(dir *disk.Dir, ids ...Identity) (*Vault, error) {
	v := &Vault{dir: dir, ids: ids}
	hasKey := dir.Exists(cardKeyName)
	switch {
	case !hasKey && !dir.Exists(indexName) && !dir.Exists(indexCopyName) && !dir.Exists(journalName):
		if sealed, err := sealedFiles(dir); err != nil || len(sealed) == 0 {
			return nil, ErrNoVault
		}
		return nil, ErrIndexLost
	case len(ids) == 0:
		return nil, ErrNeedKey
	}
	if hasKey {
		key, readers, err := openCardKey(dir, ids)
		if err != nil {
			return nil, err
		}
		v.ids, v.readers = []Identity{key}, readers
	}
	err := v.readIndex(indexName)
	if err != nil && !errors.Is(err, ErrNoMatch) {
		if v.readIndex(indexCopyName) == nil {
			v.Copy, err = true, nil
		}
	}
	if dir.Exists(journalName) { // a run was interrupted, here or while files were added
		p, jerr := readJournal(dir, nil, v.ids)
		if jerr == nil {
			v.Unfinished = true
			if err != nil {
				v.Info, err = p.info, nil
			}
			v.adopt(p.done)
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrDamaged) || errors.Is(err, errIndex):
		return nil, fmt.Errorf("%w: %w", ErrIndexLost, err)
	case err != nil:
		return nil, fmt.Errorf("reading the index: %w", err)
	}
	return v, nil
}

// OpenKey opens the key of a vault alone, which is all that [Vault.Rekey] needs:
// it takes no longer for a large one.
func OpenKey(dir *disk.Dir, ids ...Identity) (*Vault, error) {
	if !dir.Exists(cardKeyName) { // its index says what it is
		return Open(dir, ids...)
	}
	key, readers, err := openCardKey(dir, ids)
	if err != nil {
		return nil, err
	}
	return &Vault{dir: dir, ids: []Identity{key}, readers: readers, Info: Info{CardKey: true, Recipients: readers}, Unfinished: dir.Exists(journalName)}, nil
}

// openCardKey opens the key of a vault, and says who it is sealed to.
func openCardKey(dir *disk.Dir, ids []Identity) (Identity, []string, error) {
	sealed, err := readSmall(dir, cardKeyName)
	if err != nil {
		return nil, nil, err
	}
	b, err := unsealBytes(sealed, maxKeyFile, ids...)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", cardKeyName, err)
	}
	key, err := parseIdentities(b)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", cardKeyName, err)
	}
	return key[0], cardKeyReaders(b), nil
}

func (v *Vault) readIndex(name string) error {
	f, err := v.dir.OpenFile(name)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := age.Decrypt(f, v.ids...)
	if err != nil {
		return fmt.Errorf("%s: %w", name, opened(err))
	}
	info, entries, err := readIndex(r)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if info.CardKey {
		info.Recipients = v.readers
	}
	v.Info, v.entries = info, entries
	return nil
}

// adopt adds what a journal says is finished.
func (v *Vault) adopt(done []Entry) {
	byPath := map[string]bool{}
	for _, e := range v.entries {
		byPath[e.Path] = true
	}
	for _, e := range done {
		if !byPath[e.Path] && v.dir.Exists(e.Name) {
			byPath[e.Path] = true
			v.entries = append(v.entries, e)
		}
	}
	sortEntries(v.entries)
}

// Files returns the files of the vault, sorted by path.
func (v *Vault) Files() []Entry { return v.entries }

// Find returns the file that has a path on the card.
func (v *Vault) Find(path string) (Entry, bool) {
	i, ok := slices.BinarySearchFunc(v.entries, path, func(e Entry, p string) int { return strings.Compare(e.Path, p) })
	if !ok {
		return Entry{}, false
	}
	return v.entries[i], true
}

// Extract writes the content of e to w. Nothing that was written may be used
// unless the error is nil: only the end of a sealed file proves that it is whole.
func (v *Vault) Extract(ctx context.Context, e Entry, w io.Writer) error {
	f, err := v.dir.OpenFile(e.Name)
	if err != nil {
		return lost(err)
	}
	defer f.Close()
	r, err := age.Decrypt(f, v.ids...)
	if err != nil {
		return opened(err)
	}
	sum := xxhash.New()
	n, err := copyWatched(ctx, io.MultiWriter(w, sum), r)
	switch {
	case errors.As(err, new(writeError)) || err != nil && ctx.Err() != nil:
		return err
	case err != nil:
		return damage{err}
	case n != e.Size || sum.Sum64() != e.Hash:
		return damage{errors.New("not what the index says was sealed")}
	}
	return nil
}

// lost says that a sealed file is missing.
func lost(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return damage{errors.New("its sealed file is missing")}
	}
	return err
}

// writeError tells a full disk from a damaged file.
type writeError struct{ error }

func (e writeError) Unwrap() error { return e.error }

const copyBuffer = 256 << 10

// copyWatched copies until the end or until ctx is done.
func copyWatched(ctx context.Context, w io.Writer, r io.Reader) (n int64, err error) {
	b := make([]byte, copyBuffer)
	for {
		k, rerr := r.Read(b)
		if k > 0 {
			if _, err := w.Write(b[:k]); err != nil {
				return n, writeError{err}
			}
			n += int64(k)
		}
		switch {
		case rerr == io.EOF:
			return n, nil
		case rerr != nil:
			return n, rerr
		case ctx.Err() != nil:
			return n, ctx.Err()
		}
	}
}

// quick checks that e can be opened and ends where it should: its header and its
// last chunk. The content between is not looked at.
func (v *Vault) quick(e Entry) error {
	f, err := v.dir.OpenFile(e.Name)
	if err != nil {
		return lost(err)
	}
	defer f.Close()
	_, _, err = openAt(f, e, v.ids)
	return err
}

// openAt opens a sealed file for reading anywhere.
func openAt(f *os.File, e Entry, ids []Identity) (io.ReaderAt, int64, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	r, n, err := age.DecryptReaderAt(f, info.Size(), ids...)
	switch {
	case err != nil:
		return nil, 0, opened(err)
	case n != e.Size || e.Sealed != 0 && info.Size() != e.Sealed:
		return nil, 0, damage{fmt.Errorf("%d bytes instead of %d", info.Size(), e.Sealed)}
	}
	return r, n, nil
}

func randomHex(n int) string { return hex.EncodeToString(randomBytes(n)) }
