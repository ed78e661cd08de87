package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A folder is the target folder or one below it, open while files of it are.
type folder struct {
	path   string // relative to the target folder
	root   *os.Root
	dir    *os.File // the same, for calls that need a descriptor
	refs   int      // guarded by Dir.mu
	device uint64   // file system it is on, 0 if unknown
}

// enter opens the folder at path, creating it and sweeping it if need be.
// Every enter needs a leave.
func (d *Dir) enter(path string) (*folder, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f := d.folders[path]; f != nil {
		f.refs++
		return f, nil
	}
	root, err := d.openRoot(path)
	if err != nil {
		return nil, err
	}
	dir, err := root.Open(".")
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	f := &folder{path: path, root: root, dir: dir, refs: 1, device: deviceOf(dir)}
	if !d.swept[path] {
		d.swept[path] = true
		sweep(f)
	}
	d.folders[path] = f
	return f, nil
}

func (d *Dir) openRoot(path string) (*os.Root, error) {
	root, err := d.root.OpenRoot(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return root, err
	}
	_, mode := d.opts.modes()
	if err := d.root.MkdirAll(path, mode); err != nil {
		return nil, err
	}
	d.soil(filepath.Dir(path))
	return d.root.OpenRoot(path)
}

// soil notes that path and the folders above it have new entries. d.mu is held.
func (d *Dir) soil(path string) {
	for ; !d.dirty[path]; path = filepath.Dir(path) {
		d.dirty[path] = true
	}
}

// leave closes f if nobody else uses it.
func (d *Dir) leave(f *folder) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f.refs--; f.refs > 0 {
		return
	}
	delete(d.folders, f.path)
	f.dir.Close()
	f.root.Close()
}

// ours reports whether name is one that namedTemp gives: the prefix and a
// [rand.Text].
func ours(name string) bool {
	random, ok := strings.CutPrefix(name, prefix)
	return ok && len(random) == 26 && strings.Trim(random, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// orphaned is the age from which a leftover is swept where locks do not work.
const orphaned = 24 * time.Hour

// sweep removes what a killed run left in f. What cannot be removed stays: it
// harms nobody but the tidy.
func sweep(f *folder) {
	for {
		entries, err := f.dir.ReadDir(256)
		for _, e := range entries {
			if e.Type().IsRegular() && ours(e.Name()) {
				sweepOne(f, e.Name())
			}
		}
		if err != nil || len(entries) == 0 {
			f.dir.Seek(0, io.SeekStart)
			return
		}
	}
}

func sweepOne(f *folder, name string) {
	file, err := f.root.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer file.Close()
	switch err := lock(file); {
	case errors.Is(err, errLocked):
		return
	case err != nil: // no locks here
		if info, err := file.Stat(); err != nil || time.Since(info.ModTime()) < orphaned {
			return
		}
	}
	f.root.Remove(name)
}
