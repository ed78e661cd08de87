package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"flightveil/internal/input"
)

// An InPlace is a file that is edited where it is. Until [InPlace.Done] its
// journal beside it can bring back every byte, whenever the program is killed
// or the power goes: bytes are saved and on disk before the first is changed.
// One goroutine uses it at a time.
type InPlace struct {
	file    medium
	info    fs.FileInfo
	journal *journal // nil until Save
	dir     *os.Root
	name    string // of the file, in dir
	size    int64
	// Recovered says that an interrupted run was undone when the file was opened.
	Recovered bool

	wrap func(medium) medium // for tests
}

// A medium is what an InPlace needs of a file.
type medium interface {
	io.ReaderAt
	io.WriterAt
	Sync() error
	Close() error
}

var (
	// ErrLinks is wrapped when a file has several names: whoever edits it under
	// one changes it under all.
	ErrLinks = errors.New("the file has several names (hard links); all of them would change")
	// ErrBusy is wrapped when another run is editing the file.
	ErrBusy = errors.New("another run is editing the file")
	// ErrStale is wrapped when a journal does not fit its file any more.
	ErrStale = errors.New("the file was changed after an interrupted run, so its journal does not fit; look at both, then delete the journal")
)

// JournalName returns the name of the undo journal of the file called name.
func JournalName(name string) string { return prefix + "undo-" + name }

// Edit opens the file called name in dir, which the InPlace closes, to be
// edited in place. What an interrupted run has left half done is undone first.
func Edit(dir *os.Root, name string) (*InPlace, error) {
	return edit(dir, name, func(m medium) medium { return m })
}

func edit(dir *os.Root, name string, wrap func(medium) medium) (_ *InPlace, err error) {
	p := &InPlace{dir: dir, name: name, wrap: wrap}
	defer func() {
		if err != nil {
			p.Close()
		}
	}()
	if info, err := dir.Lstat(name); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, p.fail("edit", errors.ErrUnsupported))
	}
	f, err := dir.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	p.file = wrap(f)
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	p.info = info
	if p.size = info.Size(); links(f, info) > 1 {
		return nil, p.fail("edit", ErrLinks)
	}
	if err := lock(f); errors.Is(err, errLocked) {
		return nil, p.fail("edit", ErrBusy)
	}
	if p.Recovered, err = p.recover(); err != nil {
		return nil, p.fail("undo", err)
	}
	return p, nil
}

func (p *InPlace) fail(op string, err error) error {
	return &fs.PathError{Op: op, Path: p.name, Err: err}
}

// recover undoes what an interrupted run did, and reports whether there was one.
func (p *InPlace) recover() (bool, error) {
	f, err := p.dir.OpenFile(JournalName(p.name), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return false, err
	}
	p.journal, err = readJournal(p.wrap(f), info.Size())
	switch {
	case errors.Is(err, errUnfinished): // the run had changed nothing yet, or was done
		p.journal = &journal{medium: p.wrap(f), size: info.Size()}
		return false, p.forget()
	case err != nil:
		f.Close()
		return false, err
	case p.journal.fileSize != p.size:
		f.Close()
		p.journal = nil
		return false, ErrStale
	}
	return true, p.Undo()
}

// Stat describes the file as it was opened.
func (p *InPlace) Stat() (fs.FileInfo, error) { return p.info, nil }

// Size returns the length of the file, which does not change.
func (p *InPlace) Size() int64 { return p.size }

// ReadAt reads the file as it is now.
func (p *InPlace) ReadAt(b []byte, off int64) (int, error) { return p.file.ReadAt(b, off) }

// Original returns the file as it was when it was opened, also while it is
// being edited.
func (p *InPlace) Original() input.Input { return original{p} }

// Save writes the bytes of spans, ascending and apart, into a new journal. Only
// they may be written to afterwards.
func (p *InPlace) Save(spans []input.Span) error {
	f, err := p.dir.OpenFile(JournalName(p.name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	p.journal = &journal{medium: p.wrap(f)}
	if err := p.journal.write(p.file, p.size, spans); err != nil {
		return p.fail("save", errors.Join(err, p.forget()))
	}
	if err := p.syncDir(); err != nil {
		return p.fail("save", errors.Join(err, p.forget()))
	}
	return nil
}

// WriteAt overwrites bytes that were saved.
func (p *InPlace) WriteAt(b []byte, off int64) (int, error) {
	if p.journal == nil || !p.journal.holds(off, int64(len(b))) {
		return 0, p.fail("edit", errors.New("bytes that were not saved"))
	}
	return p.file.WriteAt(b, off)
}

// Undo brings back the bytes that were saved and forgets them. If it fails the
// journal stays.
func (p *InPlace) Undo() error {
	if p.journal == nil {
		return nil
	}
	if err := p.journal.restore(p.file); err != nil {
		return p.fail("undo", fmt.Errorf("the journal %s stays: %w", JournalName(p.name), err))
	}
	if err := p.file.Sync(); err != nil {
		return p.fail("undo", err)
	}
	return p.forget()
}

// Sync forces what was written to disk.
func (p *InPlace) Sync() error { return p.file.Sync() }

// Done ends the edit: the changes are forced to disk, the journal is wiped, and
// the file gets mod as its time, unless that is zero.
func (p *InPlace) Done(mod time.Time) error {
	if err := p.file.Sync(); err != nil {
		return p.fail("edit", err)
	}
	if err := p.forget(); err != nil {
		return err
	}
	if mod.IsZero() {
		return nil
	}
	return p.dir.Chtimes(p.name, mod, mod)
}

// forget wipes and removes the journal.
func (p *InPlace) forget() error {
	if p.journal == nil {
		return nil
	}
	j := p.journal
	p.journal = nil
	err := errors.Join(j.wipe(), j.Close(), p.dir.Remove(JournalName(p.name)))
	return errors.Join(err, p.syncDir())
}

func (p *InPlace) syncDir() error {
	d, err := p.dir.Open(".")
	if err != nil {
		return err
	}
	defer d.Close()
	return syncFolder(d)
}

// Close releases the file. An edit that is neither done nor undone stays in the
// journal, and the next [Edit] undoes it.
func (p *InPlace) Close() error {
	var errs []error
	if p.journal != nil {
		errs = append(errs, p.journal.Close())
	}
	if p.file != nil {
		errs = append(errs, p.file.Close())
	}
	return errors.Join(append(errs, p.dir.Close())...)
}

// original is the file without its edits.
type original struct{ p *InPlace }

func (o original) Size() int64 { return o.p.size }

func (o original) ReadAt(b []byte, off int64) (int, error) {
	n, err := o.p.file.ReadAt(b, off)
	if j := o.p.journal; j != nil && n > 0 {
		if jerr := j.overlay(b[:n], off); jerr != nil {
			return 0, jerr
		}
	}
	return n, err
}
