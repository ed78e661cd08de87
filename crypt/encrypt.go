package crypt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"flightveil/internal/disk"
)

// Options says how files are sealed.
type Options struct {
	To         []Recipient   // who can open the vault
	Proof      []Identity    // opens it, too; needed to add to a finished vault
	NoCardKey  bool          // seal each file to the readers themselves
	KeepNames  bool          // sealed files have the names of the originals
	Jobs       int           // files at the same time
	Tool       string        // what writes the vault
	Local      *disk.Dir     // where this machine keeps the key of an unfinished journal; may be nil
	Progress   func(n int64) // bytes of input that are done; may be nil
	Report     func(Result)  // one for each source, from any goroutine, one at a time
	Now        time.Time     // when the run begins
	OpenedOnly bool          // seal only if a key of Proof opens the vault

	Space func(*disk.Dir) (disk.Space, error) // what a disk can hold; nil asks it
}

// A Summary is what a run did.
type Summary struct {
	Sealed, Unchanged, Failed int
	Bytes                     int64 // of the files that were sealed
	Resumed                   bool
}

// A run seals files into one vault.
type run struct {
	o       Options
	dir     *disk.Dir
	info    Info
	card    string // public half of the vault's key
	to      []Recipient
	journal *journal

	mu      sync.Mutex
	entries []Entry         // that have their final name
	old     map[string]bool // sealed files that were there before
	taken   map[string]bool
	names   map[string]bool // lower case, with KeepNames
	sum     Summary
	fatal   error
	crew    *crew
}

// Encrypt seals sources into the vault in dir, which is made if there is none.
// An interrupted run is resumed; a finished vault gets what it does not have.
// Whatever ends the run, each sealed file under its final name is whole, and a
// next run goes on behind it.
func Encrypt(ctx context.Context, dir *disk.Dir, sources []Source, o Options) (Summary, error) {
	o.To = Distinct(o.To)
	r := newRun(dir, o)
	if !hasVault(dir) {
		if err := r.room(sources); err != nil {
			return r.sum, err
		}
	}
	done, finished, err := r.begin()
	if err != nil {
		return r.sum, err
	}
	defer r.journal.close()
	todo, err := r.compare(ctx, sources, done, finished)
	if err == nil {
		err = r.room(todo)
	}
	if err != nil {
		return r.sum, errors.Join(err, r.abandon())
	}
	return r.finishWith(ctx, todo)
}

func newRun(dir *disk.Dir, o Options) *run {
	return &run{o: o, dir: dir, crew: newCrew(), old: map[string]bool{}, taken: map[string]bool{}, names: map[string]bool{}}
}

// hasVault reports whether there is a vault in dir, begun at least.
func hasVault(dir *disk.Dir) bool {
	return dir.Exists(indexName) || dir.Exists(indexCopyName) || dir.Exists(journalName) || dir.Exists(dataFolder)
}

// abandon leaves a vault as it was before a run that sealed nothing.
func (r *run) abandon() error {
	err := r.dir.Flush()
	if r.sum.Resumed || r.sum.Sealed > 0 {
		return err
	}
	return errors.Join(err, endJournal(r.dir, r.o.Local, r.info.ID))
}

// finishWith seals todo and ends the run.
func (r *run) finishWith(ctx context.Context, todo []Source) (Summary, error) {
	err := errors.Join(r.sealAll(ctx, todo), r.dir.Flush())
	if err := cmp.Or(r.fatal, err, ctx.Err()); err != nil {
		return r.sum, err
	}
	return r.sum, r.finish()
}

// begin finds out what there is and opens the journal. done is what an
// interrupted run did, finished what a finished vault has.
func (r *run) begin() (done, finished []Entry, err error) {
	index := r.dir.Exists(indexName) || r.dir.Exists(indexCopyName)
	switch {
	case index && len(r.o.Proof) == 0 && r.dir.Exists(journalName):
		// Interrupted between index and end: the journal of a first run has everything.
		if p, jerr := readJournal(r.dir, r.o.Local, nil); jerr != nil || p.adding {
			return nil, nil, ErrNeedKey
		}
		done, err = r.resume()
		return done, nil, err
	case index:
		return r.extend()
	case r.dir.Exists(journalName):
		done, err = r.resume()
		return done, nil, err
	case r.dir.Exists(dataFolder):
		return nil, nil, fmt.Errorf("sealed files without an index: %w", ErrIndexLost)
	}
	return nil, nil, r.create()
}

// create makes a new vault. Its key comes first, and is opened again, if that is
// possible, before anything is sealed to it.
func (r *run) create() error {
	if len(r.o.To) == 0 {
		return errors.New("nobody to seal it to")
	}
	r.info = Info{ID: randomHex(16), Tool: r.o.Tool, Made: r.o.Now, CardKey: !r.o.NoCardKey, KeepNames: r.o.KeepNames}
	for _, to := range r.o.To {
		if text := RecipientOf(to); text != "" {
			r.info.Recipients = append(r.info.Recipients, text)
		}
	}
	quantum := slices.ContainsFunc(r.info.Recipients, func(s string) bool { return strings.HasPrefix(s, "age1pq1") })
	secret := []byte("proof")
	r.to = slices.Clone(r.o.To)
	if r.info.CardKey {
		key, err := NewKey(quantum)
		if err != nil {
			return err
		}
		_, to, err := key.identity()
		if err != nil {
			return err
		}
		r.card, r.to, secret = key.Public, []Recipient{to}, cardKeyText(key.Secret, r.info.Recipients)
	}
	sealed, err := sealBytes(secret, r.o.To...)
	if err != nil {
		return err
	}
	if len(r.o.Proof) > 0 {
		if _, err := unsealBytes(sealed, maxKeyFile, r.o.Proof...); err != nil && !(errors.Is(err, ErrNoMatch) && !r.o.OpenedOnly) {
			return fmt.Errorf("the vault could not be opened again: %w", err)
		}
	}
	if r.info.CardKey {
		if err := r.dir.WriteFile(cardKeyName, sealed, neutral); err != nil {
			return err
		}
	}
	if err := r.dir.WriteFile(recoverName, recoverText(r.info), neutral); err != nil {
		return err
	}
	r.journal, err = startJournal(r.dir, r.o.Local, r.info, r.card, r.to, false)
	return err
}
