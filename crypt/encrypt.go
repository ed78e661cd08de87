package crypt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"

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
}

// Encrypt seals sources into the vault in dir, which is made if there is none.
// An interrupted run is resumed; a finished vault gets what it does not have.
// Whatever ends the run, each sealed file under its final name is whole, and a
// next run goes on behind it.
func Encrypt(ctx context.Context, dir *disk.Dir, sources []Source, o Options) (Summary, error) {
	r := &run{o: o, dir: dir, old: map[string]bool{}, taken: map[string]bool{}, names: map[string]bool{}}
	done, finished, err := r.begin()
	if err != nil {
		return r.sum, err
	}
	defer r.journal.close()
	todo, err := r.compare(ctx, sources, done, finished)
	if err == nil {
		err = r.room(todo)
	}
	if err == nil {
		err = r.sealAll(ctx, todo)
	}
	err = errors.Join(err, r.dir.Flush())
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
	r.to = r.o.To
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

// resume goes on where an interrupted run was.
func (r *run) resume() ([]Entry, error) {
	ids := r.o.Proof
	if r.dir.Exists(cardKeyName) && len(ids) > 0 {
		key, _, err := openCardKey(r.dir, ids)
		if err != nil {
			return nil, err
		}
		ids = []Identity{key}
	}
	p, err := readJournal(r.dir, r.o.Local, ids)
	if err != nil {
		return nil, err
	}
	r.info, r.card, r.sum.Resumed = p.info, p.card, true
	if err := r.readers(); err != nil {
		return nil, err
	}
	r.journal, err = openJournal(r.dir, p.to)
	if err != nil {
		return nil, err
	}
	return r.settle(p.done)
}

// extend adds to a finished vault, perhaps not for the first time.
func (r *run) extend() (done, finished []Entry, err error) {
	if len(r.o.Proof) == 0 {
		return nil, nil, ErrNeedKey
	}
	v, err := Open(r.dir, r.o.Proof...)
	if err != nil {
		return nil, nil, err
	}
	r.info = v.Info
	if r.info.CardKey {
		to, err := PublicOf(v.ids[0])
		if err != nil {
			return nil, nil, err
		}
		r.card = RecipientOf(to)
	}
	if err := r.readers(); err != nil {
		return nil, nil, err
	}
	if !r.dir.Exists(journalName) {
		r.before(v.entries)
		r.journal, err = startJournal(r.dir, r.o.Local, r.info, r.card, r.to, true)
		return nil, v.entries, err
	}
	// The index may be older than the journal, or newer: then only the end is missing.
	p, err := readJournal(r.dir, r.o.Local, v.ids)
	if err != nil {
		return nil, nil, err
	}
	if err := v.reread(); err != nil {
		return nil, nil, err
	}
	r.sum.Resumed = true
	r.before(v.entries)
	if r.journal, err = openJournal(r.dir, p.to); err != nil {
		return nil, nil, err
	}
	fresh := slices.DeleteFunc(p.done, func(e Entry) bool {
		return slices.ContainsFunc(v.entries, func(o Entry) bool { return o.Name == e.Name })
	})
	done, err = r.settle(fresh)
	return done, v.entries, err
}

// reread reads the index without what the journal adds.
func (v *Vault) reread() error {
	if err := v.readIndex(indexName); err != nil {
		return v.readIndex(indexCopyName)
	}
	return nil
}

// readers checks that the vault is for those it is asked to be for, and sets
// who files are sealed to.
func (r *run) readers() error {
	var asked []string
	for _, to := range r.o.To {
		if text := RecipientOf(to); text != "" {
			asked = append(asked, text)
		}
	}
	for _, a := range asked {
		if !slices.Contains(r.info.Recipients, a) {
			return ErrOtherReaders
		}
	}
	if r.info.CardKey {
		to, err := ParseRecipient(r.card)
		r.to = []Recipient{to}
		return err
	}
	r.to = nil
	for _, text := range r.info.Recipients {
		to, err := ParseRecipient(text)
		if err != nil {
			return err
		}
		r.to = append(r.to, to)
	}
	return nil
}

// ErrOtherReaders means that recipients are given which the vault is not for.
var ErrOtherReaders = errors.New("this vault was made for other recipients")

// before keeps what a finished vault has.
func (r *run) before(entries []Entry) {
	r.keep(entries)
	for _, e := range entries {
		r.old[e.Name] = true
	}
}

func (r *run) keep(entries []Entry) {
	r.entries = append(r.entries, entries...)
	for _, e := range entries {
		r.taken[e.Path] = true
		r.names[strings.ToLower(e.Name)] = true
	}
}

// settle judges what the journal says: a file with its final name is done. One
// that is complete but for that was perhaps not on disk when the power went: it
// is read in full, and then gets its name. Anything else is sealed again.
func (r *run) settle(journaled []Entry) (done []Entry, err error) {
	seen := map[string]bool{}
	for _, e := range journaled {
		if seen[e.Name] {
			continue
		}
		seen[e.Name] = true
		part := e.Name + disk.PartSuffix
		switch {
		case r.dir.Exists(e.Name) && r.sealedAs(e.Name, e, false):
		case r.dir.Exists(part) && r.sealedAs(part, e, true):
			if err := r.dir.Adopt(disk.Pending{Part: part, Name: e.Name, Size: e.Sealed, Mod: neutral, Replace: true, Done: func(err error) {
				if err == nil {
					done = append(done, e)
				}
			}}); err != nil {
				return nil, err
			}
			continue
		default:
			if err := errors.Join(r.dir.Remove(part), r.dir.Remove(e.Name)); err != nil {
				return nil, err
			}
			continue
		}
		done = append(done, e)
	}
	if err := r.dir.Flush(); err != nil {
		return nil, err
	}
	r.keep(done)
	return done, r.sweep()
}

// sealedAs reports whether the file called name is the one that e describes:
// by its size, and with whole by its checksum.
func (r *run) sealedAs(name string, e Entry, whole bool) bool {
	f, err := r.dir.OpenFile(name)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() != e.Sealed {
		return false
	}
	if !whole {
		return true
	}
	sum := xxhash.New()
	if _, err := io.Copy(sum, f); err != nil {
		return false
	}
	return sum.Sum64() == e.Sum
}

// sweep removes what a killed run left half written.
func (r *run) sweep() error {
	root := r.dir.Root()
	var walk func(name string, depth int) error
	walk = func(name string, depth int) error {
		d, err := root.Open(name)
		if err != nil {
			return err
		}
		list, err := d.ReadDir(-1)
		d.Close()
		if err != nil {
			return err
		}
		for _, e := range list {
			p := path.Join(name, e.Name())
			switch {
			case e.IsDir() && depth < 100:
				err = walk(p, depth+1)
			case e.Type().IsRegular() && (strings.HasSuffix(p, sealedSuffix+disk.PartSuffix) || strings.HasSuffix(p, ".mhl"+disk.PartSuffix)):
				err = root.Remove(p)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	for _, name := range []string{dataFolder, mhlFolder} {
		if r.dir.Exists(name) {
			if err := walk(name, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// compare reports what is in the vault already and returns the rest. What an
// interrupted run did goes by size and time; what a finished vault has must have
// the same content, too.
func (r *run) compare(ctx context.Context, sources []Source, done, finished []Entry) ([]Source, error) {
	have := map[string][]Entry{}
	fresh := map[string]bool{}
	for _, e := range done {
		fresh[e.Name] = true
	}
	for _, e := range slices.Concat(done, finished) {
		have[e.Card()] = append(have[e.Card()], e)
	}
	var todo []Source
	for _, s := range sources {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if s.Err != nil {
			r.failed(s, s.Err)
			continue
		}
		var same bool
		var hash uint64
		var hashed bool
		for _, e := range have[s.Path] {
			if e.Size != s.Size {
				continue
			}
			if fresh[e.Name] && sameTime(e.Mod, s.Mod) {
				same = true
				break
			}
			if !hashed {
				var err error
				if hash, err = hashSource(ctx, s); err != nil {
					break
				}
				hashed = true
			}
			if hash == e.Hash {
				same = true
				break
			}
		}
		if !same {
			todo = append(todo, s)
			continue
		}
		r.sum.Unchanged++
		if r.o.Progress != nil {
			r.o.Progress(s.Size)
		}
		r.report(Result{Path: s.Path, Status: Unchanged, Size: s.Size})
	}
	return todo, nil
}

// sameTime compares times as far as file systems keep them.
func sameTime(a, b time.Time) bool { return a.Equal(b) || a.IsZero() && b.IsZero() }

func hashSource(ctx context.Context, s Source) (uint64, error) {
	f, err := s.Open()
	if err != nil {
		return 0, err
	}
	defer f.Close()
	sum := xxhash.New()
	if _, err := copyWatched(ctx, sum, f); err != nil {
		return 0, err
	}
	return sum.Sum64(), nil
}

// A ShortError says that a vault has no room, before anything is written.
type ShortError struct {
	Need, Free int64
	TooLarge   []string // files that the file system cannot hold at all
	MaxFile    int64
}

func (e *ShortError) Error() string {
	if len(e.TooLarge) > 0 {
		return fmt.Sprintf("%d of the files are too large for this file system once they are sealed (limit %d bytes)", len(e.TooLarge), e.MaxFile)
	}
	return fmt.Sprintf("%d bytes are needed and %d are free: %d too few", e.Need, e.Free, e.Need-e.Free)
}

// Each file costs some more: its header, its lines in journal, index and
// manifest, and the end of its last block.
const perFile = 8 << 10

// room compares what is needed with what is free.
func (r *run) room(todo []Source) error {
	free, limit, err := r.dir.Space()
	if err != nil {
		return nil // not known here: a full disk will be told when it is
	}
	e := &ShortError{Free: free, MaxFile: limit}
	for _, s := range todo {
		n := sealedSize(s.Size, perFile)
		if e.Need += n; limit > 0 && sealedSize(s.Size, 512) > limit {
			e.TooLarge = append(e.TooLarge, s.Path)
		}
	}
	if len(e.TooLarge) > 0 || e.Need > e.Free {
		return e
	}
	return nil
}

// sealAll seals what is to do, several files at a time.
func (r *run) sealAll(ctx context.Context, todo []Source) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	next := make(chan Source)
	var work sync.WaitGroup
	for range max(1, r.o.Jobs) {
		work.Go(func() {
			b := newBuffers()
			for s := range next {
				_, err := r.sealFile(ctx, s, b)
				switch {
				case err == nil: // reported when it has its name
				case ctx.Err() != nil:
				default:
					r.failed(s, err)
					if full(err) || errors.As(err, new(writeError)) {
						r.stop(err)
						stop()
					}
				}
			}
		})
	}
	for _, s := range todo {
		select {
		case next <- s:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	work.Wait()
	return nil
}

// stop keeps the error that ends the run.
func (r *run) stop(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fatal = cmp.Or(r.fatal, err)
}

// named is told that a sealed file has its final name.
func (r *run) named(e Entry, err error) {
	if err != nil {
		r.failed(Source{Path: e.Card(), Size: e.Size}, err)
		r.stop(err)
		return
	}
	res := Result{Path: e.Card(), Status: Sealed, Name: e.Name, Size: e.Size}
	if e.From != "" {
		res.As = e.Path
	}
	r.mu.Lock()
	r.entries = append(r.entries, e)
	r.sum.Sealed++
	r.sum.Bytes += e.Size
	r.mu.Unlock()
	r.report(res)
}

func (r *run) failed(s Source, err error) {
	r.mu.Lock()
	r.sum.Failed++
	r.mu.Unlock()
	r.report(Result{Path: s.Path, Status: Failed, Size: s.Size, Err: err})
}

func (r *run) report(res Result) {
	if r.o.Report == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.o.Report(res)
}

// finish writes the index, both times, and a manifest, and ends the journal.
func (r *run) finish() error {
	if err := r.dir.Sync(slices.Sorted(maps.Keys(r.folders()))...); err != nil {
		return err
	}
	if r.sum.Sealed > 0 || r.sum.Resumed || !r.dir.Exists(indexName) {
		if err := r.writeIndex(); err != nil {
			return err
		}
	}
	return endJournal(r.dir, r.o.Local, r.info.ID)
}

func (r *run) folders() map[string]bool {
	out := map[string]bool{}
	for _, e := range r.entries {
		out[path.Dir(e.Name)] = true
	}
	return out
}

func (r *run) writeIndex() error {
	sortEntries(r.entries)
	made := slices.DeleteFunc(slices.Clone(r.entries), func(e Entry) bool { return r.old[e.Name] || !inXML(e.Name) })
	if len(made) > 0 { // before the index: a run killed in between writes a generation more, none less
		if err := writeManifest(r.dir, r.info, made, r.entries, r.o.Now); err != nil {
			return err
		}
	}
	return writeIndexes(r.dir, r.info, r.entries, r.to)
}

// writeIndexes writes both copies of the index, each at once.
func writeIndexes(dir *disk.Dir, info Info, entries []Entry, to []Recipient) error {
	b, err := sealIndex(info, entries, to...)
	if err != nil {
		return err
	}
	for _, name := range []string{indexCopyName, indexName} {
		if err := dir.WriteFile(name, b, neutral); err != nil {
			return fmt.Errorf("writing the index: %w", err)
		}
	}
	return nil
}
