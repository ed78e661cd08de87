// Package disk is the folder that sealed or opened files are written into.
//
// A file is written under a name that ends in ".part", in the folder it will
// stay in. When it is complete it waits for others; a group is forced to disk
// together and then gets its names. So a final name never stands for a file
// that is half written, after a kill or a power cut, and what a kill interrupts
// is still there as a .part, complete or not, for the next run to judge.
//
// This differs from package atomicfile, which leaves nothing behind that a next
// run could go on with: here files are large and runs are resumed.
package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// PartSuffix ends the names of files that are not finished.
const PartSuffix = ".part"

// A Dir is a folder that files are written into. Names are relative and have
// slashes; none leads out of the folder. Several goroutines may use it.
type Dir struct {
	root *os.Root
	top  *os.File // the same, for calls that need a descriptor

	mu    sync.Mutex
	known map[string]bool // folders that exist
	queue []Pending
	bytes int64
	flush sync.Mutex // held while a group gets its names
}

// Open opens the folder at path. With create it is made if it is missing.
func Open(path string, create bool) (*Dir, error) {
	if create {
		if err := os.MkdirAll(path, 0o700); err != nil {
			return nil, err
		}
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	top, err := root.Open(".")
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return &Dir{root: root, top: top, known: map[string]bool{}}, nil
}

// Close releases the folder. What was not flushed keeps its .part name.
func (d *Dir) Close() error { return errors.Join(d.top.Close(), d.root.Close()) }

// Root is the folder, for reading.
func (d *Dir) Root() *os.Root { return d.root }

// local returns name in the system's form if it stays below the folder.
func local(name string) (string, error) {
	n := filepath.FromSlash(name)
	if !filepath.IsLocal(n) || filepath.Clean(n) != n || n == "." || runtime.GOOS == "windows" && strings.ContainsRune(n, ':') {
		return "", fmt.Errorf("name leads out of the folder: %w", fs.ErrInvalid)
	}
	return n, nil
}

// OpenFile opens a file for reading.
func (d *Dir) OpenFile(name string) (*os.File, error) {
	n, err := local(name)
	if err != nil {
		return nil, err
	}
	return d.root.Open(n)
}

// Stat looks at a name, without following a link.
func (d *Dir) Stat(name string) (fs.FileInfo, error) {
	n, err := local(name)
	if err != nil {
		return nil, err
	}
	return d.root.Lstat(n)
}

// Exists reports whether there is something called name.
func (d *Dir) Exists(name string) bool {
	_, err := d.Stat(name)
	return err == nil
}

// Remove removes the file called name, if there is one.
func (d *Dir) Remove(name string) error {
	n, err := local(name)
	if err != nil {
		return err
	}
	if err := d.root.Remove(n); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Rename renames at once, replacing what has the new name.
func (d *Dir) Rename(from, to string) error {
	f, err := local(from)
	if err != nil {
		return err
	}
	t, err := local(to)
	if err != nil {
		return err
	}
	return d.root.Rename(f, t)
}

// Create creates the unfinished file called part, or empties it. Folders on the
// way are made.
func (d *Dir) Create(part string) (*os.File, error) { return d.create(part, os.O_TRUNC) }

// Append opens the file called name for appending, made if it is missing.
func (d *Dir) Append(name string) (*os.File, error) { return d.create(name, os.O_APPEND) }

func (d *Dir) create(name string, how int) (*os.File, error) {
	n, err := local(name)
	if err != nil {
		return nil, err
	}
	if err := d.folder(path.Dir(name)); err != nil {
		return nil, err
	}
	return d.root.OpenFile(n, os.O_RDWR|os.O_CREATE|how, 0o600)
}

func (d *Dir) folder(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known[name] || name == "." {
		return nil
	}
	if err := d.root.MkdirAll(filepath.FromSlash(name), 0o700); err != nil {
		return err
	}
	d.known[name] = true
	return nil
}

// A Pending is a complete file that waits for its name.
type Pending struct {
	Part, Name string
	Size       int64
	Mod        time.Time   // its time, unless zero
	Replace    bool        // whatever has the name already
	Done       func(error) // called once, perhaps by another goroutine
}

// A group is forced to disk and named when it has this many files or bytes.
const (
	groupFiles = 64
	groupBytes = 256 << 20
)

// Finish closes a complete file and queues it for its name. The error is that
// of writing; that of naming goes to p.Done.
func (d *Dir) Finish(f *os.File, p Pending) error {
	err := settle(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return d.Adopt(p)
}

// Adopt queues a complete file that an earlier run left.
func (d *Dir) Adopt(p Pending) error {
	if !p.Mod.IsZero() {
		n, err := local(p.Part)
		if err != nil {
			return err
		}
		if err := d.root.Chtimes(n, p.Mod, p.Mod); err != nil {
			return err
		}
	}
	d.mu.Lock()
	d.queue = append(d.queue, p)
	d.bytes += p.Size
	full := len(d.queue) >= groupFiles || d.bytes >= groupBytes
	d.mu.Unlock()
	if full {
		d.Flush() // each failure is told to its file
	}
	return nil
}

// Flush names every queued file, after it was forced to disk. The error joins
// those that the files were told.
func (d *Dir) Flush() error {
	d.flush.Lock()
	defer d.flush.Unlock()
	d.mu.Lock()
	group := d.queue
	d.queue, d.bytes = nil, 0
	d.mu.Unlock()
	if len(group) == 0 {
		return nil
	}
	err := syncAll(d.top)
	if err != nil {
		err = fmt.Errorf("forcing files to disk: %w", err)
	}
	var errs []error
	for _, p := range group {
		e := err
		if e == nil {
			e = d.name(p)
		}
		if p.Done(e); e != nil {
			errs = append(errs, e)
		}
	}
	return errors.Join(errs...)
}

func (d *Dir) name(p Pending) error {
	part, err := local(p.Part)
	if err != nil {
		return err
	}
	name, err := local(p.Name)
	if err != nil {
		return err
	}
	if p.Replace {
		return d.root.Rename(part, name)
	}
	err = d.root.Link(part, name) // fails if the name is taken
	if err == nil {
		return d.root.Remove(part)
	}
	if errors.Is(err, fs.ErrExist) {
		return fs.ErrExist
	}
	if _, err := d.root.Lstat(name); err == nil { // no links here, as on FAT: look, then rename
		return fs.ErrExist
	}
	return d.root.Rename(part, name)
}

// Sync forces everything written so far, names included, to disk.
func (d *Dir) Sync(folders ...string) error {
	if err := syncAll(d.top); err != nil {
		return err
	}
	if wholeSync {
		return nil
	}
	var errs []error
	for _, name := range append(folders, ".") {
		dir, err := d.root.Open(filepath.FromSlash(name))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, syncFolder(dir), dir.Close())
	}
	return errors.Join(errs...)
}

// WriteFile writes a small file: complete and on disk before it gets its name.
func (d *Dir) WriteFile(name string, b []byte, mod time.Time) error {
	f, err := d.Create(name + PartSuffix)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, d.Replace(f, name, mod))
}

// Replace closes f, which was created as name with the suffix of unfinished
// files, forces it to disk and gives it its name, instead of an older file.
func (d *Dir) Replace(f *os.File, name string, mod time.Time) error {
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if !mod.IsZero() {
		if err := d.root.Chtimes(filepath.FromSlash(name+PartSuffix), mod, mod); err != nil {
			return err
		}
	}
	if err := d.Rename(name+PartSuffix, name); err != nil {
		return err
	}
	return syncFolder(d.top)
}

// ErrLocked means that another run is at work in the folder.
var ErrLocked = errors.New("another run is at work here")

// Lock marks f as in use until it is closed or the program ends. Where the file
// system has no locks it does nothing.
func Lock(f *os.File) error { return lock(f) }
