package crypt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"syscall"
	"time"

	"github.com/cespare/xxhash/v2"

	"flightveil/internal/disk"
)

// A Source is a file to seal.
type Source struct {
	Path string // on the card, with slashes
	Size int64
	Mod  time.Time
	Err  error // why it cannot be read at all
	Open func() (fs.File, error)
	hash *uint64 // XXH64 that the content must have, if that is known
}

// Status says what became of a file.
type Status string

const (
	Sealed    Status = "sealed"
	Unchanged Status = "unchanged"
	Failed    Status = "failed"
	Planned   Status = "planned"
)

// A Result is what became of one file.
type Result struct {
	Path   string
	Status Status
	Name   string // the sealed file
	Size   int64
	Err    error
	As     string // the path in the vault, if another file had its own
}

// ErrChanging means that a file was written to while it was read, each time.
var ErrChanging = errors.New("it changes while it is read")

const changeTries = 3

// sealFile seals src under an unfinished name and journals it. The caller queues
// it for its name.
func (r *run) sealFile(ctx context.Context, src Source, b *buffers) (e Entry, err error) {
	for range changeTries {
		var changed bool
		if e, changed, err = r.sealOnce(ctx, src, b); err != nil || !changed {
			return e, err
		}
	}
	return e, ErrChanging
}

func (r *run) sealOnce(ctx context.Context, src Source, b *buffers) (e Entry, changed bool, err error) {
	in, err := src.Open()
	if err != nil {
		return e, false, err
	}
	defer in.Close()
	before, err := in.Stat()
	if err != nil {
		return e, false, err
	}
	e = Entry{Path: src.Path, Name: r.newName(src.Path), Size: before.Size(), Mod: before.ModTime()}
	part := e.Name + disk.PartSuffix
	f, err := r.dir.Create(part)
	if err != nil {
		return e, false, err
	}
	defer func() {
		if err != nil || changed {
			f.Close()
			r.dir.Remove(part)
		}
	}()
	w, err := newSealing(in, f, before.Size(), r.to)
	if err != nil {
		return e, false, err
	}
	end := r.crew.share(w)
	w.work(ctx, b, r.o.Progress)
	err = w.wait()
	end()
	switch {
	case errors.Is(err, errShrunk):
		return e, true, nil
	case err != nil:
		return e, false, err
	}
	// Another look: was it written to meanwhile?
	again, err := src.Open()
	if err != nil {
		return e, false, err
	}
	after, err := again.Stat()
	if again.Close(); err != nil {
		return e, false, err
	}
	if after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return e, true, nil
	}
	if src.hash != nil && *src.hash != w.plain.Sum64() {
		return e, false, damage{errors.New("not what the index says was sealed")}
	}
	e.Hash, e.Sealed, e.Sum = w.plain.Sum64(), w.sealed.n, w.sealed.sum.Sum64()
	e = r.placed(e)
	if err := r.journal.record(e.line()); err != nil {
		return e, false, writeError{err}
	}
	return e, false, r.dir.Finish(f, disk.Pending{Part: part, Name: e.Name, Size: e.Sealed, Mod: neutral, Replace: !r.info.KeepNames, Done: func(err error) { r.named(e, err) }})
}

// newName is the name of a sealed file: random, or that of the original.
func (r *run) newName(p string) string {
	if !r.info.KeepNames {
		id := randomHex(16)
		return path.Join(dataFolder, id[:2], id+sealedSuffix)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	name := path.Join(dataFolder, p) + sealedSuffix
	for n := 2; r.names[strings.ToLower(name)]; n++ { // many file systems ignore case
		name = path.Join(dataFolder, fmt.Sprintf("%s-%d", p, n)) + sealedSuffix
	}
	r.names[strings.ToLower(name)] = true
	return name
}

// placed gives e a path that no file of the vault has. A card that was formatted
// uses its names again: both files stay.
func (r *run) placed(e Entry) Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	card := e.Path
	ext := path.Ext(card)
	for n := 2; r.taken[e.Path]; n++ {
		e.Path, e.From = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(card, ext), n, ext), card
	}
	r.taken[e.Path] = true
	return e
}

// summed counts and hashes what is written.
type summed struct {
	w   io.Writer
	sum *xxhash.Digest
	n   int64
}

func (s *summed) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.sum.Write(p[:n])
	s.n += int64(n)
	return n, err
}

// full reports whether err means that nothing more can be written.
func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.EDQUOT)
}
