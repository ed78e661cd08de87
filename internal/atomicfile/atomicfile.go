// Package atomicfile writes files that are complete, checked and new, or not
// there at all.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"flightveil/internal/input"
)

// Options says how files of a [Dir] are written.
type Options struct {
	Force   bool // a name that exists is replaced; otherwise it is an error
	Private bool // files are readable by their owner only
}

// A Dir is a folder that outputs are written into. Its methods, and those of
// different files, may be called by several goroutines.
type Dir struct {
	root *os.Root
	opts Options
	n    atomic.Int64

	mu    sync.Mutex
	queue []*File
}

// Open returns the folder at path, which is created if it is missing.
func Open(path string, opts Options) (*Dir, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return &Dir{root: root, opts: opts}, nil
}

// Create starts the file that will be called name, a local path below the
// folder. Folders on the way are created. An error that wraps [fs.ErrExist]
// means that the name is taken.
func (d *Dir) Create(name string) (*File, error) {
	name = filepath.Clean(filepath.FromSlash(name))
	if !filepath.IsLocal(name) {
		return nil, fmt.Errorf("writing outside the target folder: %w", fs.ErrInvalid)
	}
	if _, err := d.root.Lstat(name); err == nil && !d.opts.Force {
		return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	if err := d.root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, err
	}
	temp := filepath.Join(filepath.Dir(name), fmt.Sprintf(".flightveil-%d-%d", os.Getpid(), d.n.Add(1)))
	file, err := d.root.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	return &File{dir: d, file: file, name: name, temp: temp}, nil
}

// Flush gives every committed file its name and waits until they are on disk.
func (d *Dir) Flush() error {
	d.mu.Lock()
	queue := d.queue
	d.queue = nil
	d.mu.Unlock()
	var errs []error
	for _, f := range queue {
		err := f.name1()
		f.done(err)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Close flushes and releases the folder.
func (d *Dir) Close() error { return errors.Join(d.Flush(), d.root.Close()) }

// A File is a file that has no name yet. It implements io.Writer, io.WriterAt,
// [input.Input] and exifscrub's RangeCopier. One goroutine uses it at a time.
type File struct {
	dir        *Dir
	file       *os.File
	name, temp string
	size       int64
	mod        time.Time
	done       func(error)
}

// Name returns the name the file will have, below its folder.
func (f *File) Name() string { return f.name }

// Size returns how many bytes were written.
func (f *File) Size() int64 { return f.size }

// Write appends p.
func (f *File) Write(p []byte) (int, error) {
	n, err := f.file.WriteAt(p, f.size)
	f.size += int64(n)
	return n, err
}

// WriteAt overwrites or appends bytes.
func (f *File) WriteAt(p []byte, off int64) (int, error) {
	n, err := f.file.WriteAt(p, off)
	f.size = max(f.size, off+int64(n))
	return n, err
}

// ReadAt reads back what was written.
func (f *File) ReadAt(p []byte, off int64) (int, error) { return f.file.ReadAt(p, off) }

// CopyRange appends n bytes of in at off without reading them, where the
// system can do that. It reports whether it did.
func (f *File) CopyRange(in input.Input, off, n int64) (bool, error) { return false, nil }

// Commit says that the file is complete and checked. It gets its name, and mod
// as its time, with the next group; done is then called once, perhaps by
// another goroutine, with the error that prevented it.
func (f *File) Commit(mod time.Time, done func(error)) {
	f.mod, f.done = mod, done
	f.dir.mu.Lock()
	f.dir.queue = append(f.dir.queue, f)
	f.dir.mu.Unlock()
}

func (f *File) name1() error {
	defer f.Discard()
	if err := errors.Join(f.file.Sync(), f.dir.root.Chtimes(f.temp, f.mod, f.mod)); err != nil {
		return err
	}
	if f.dir.opts.Force {
		return f.dir.root.Rename(f.temp, f.name)
	}
	return f.dir.root.Link(f.temp, f.name)
}

// Discard removes a file that was not committed. After Commit it does nothing.
func (f *File) Discard() {
	f.file.Close()
	f.dir.root.Remove(f.temp)
}

var _ interface {
	io.Writer
	io.WriterAt
	input.Input
} = (*File)(nil)
