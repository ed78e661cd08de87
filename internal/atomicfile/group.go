package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// A group is forced to disk and named when it has this many files or bytes:
// waiting for the disk once per file costs more than writing the file.
const (
	groupFiles = 64
	groupBytes = 256 << 20
)

func (d *Dir) enqueue(f *File) {
	d.mu.Lock()
	d.queue = append(d.queue, f)
	d.queued += f.size
	full := len(d.queue) >= groupFiles || d.queued >= groupBytes
	d.mu.Unlock()
	if full {
		d.nameAll() // each failure is told to its file
	}
}

// Flush names every committed file and returns when they, and all named
// before, are safe on disk. The error joins those that the files were told
// during the call.
func (d *Dir) Flush() error {
	err := d.nameAll()
	d.mu.Lock()
	dirty := d.dirty
	d.dirty = map[string]bool{}
	d.mu.Unlock()
	if len(dirty) == 0 {
		return err
	}
	return errors.Join(err, d.syncFolders(dirty))
}

// nameAll forces the queue to disk and gives its files their names.
func (d *Dir) nameAll() error {
	d.naming.Lock()
	defer d.naming.Unlock()
	d.mu.Lock()
	group := d.queue
	d.queue, d.queued = nil, 0
	d.mu.Unlock()
	if len(group) == 0 {
		return nil
	}
	if err := d.syncFiles(group); err != nil {
		err = fmt.Errorf("forcing files to disk: %w", err)
		for _, f := range group {
			f.finish(err)
		}
		return err
	}
	var errs []error
	for _, f := range group {
		err := d.name(f)
		if err != nil {
			err = renamed(err, "name", f.name)
			errs = append(errs, err)
		}
		f.finish(err)
	}
	return errors.Join(errs...)
}

// name gives f its name, which must be free unless Force is set.
func (d *Dir) name(f *File) error {
	d.mu.Lock()
	d.soil(f.folder.path)
	d.mu.Unlock()
	if f.temp.name == "" {
		err := linkUnnamed(f, f.base)
		if !d.opts.Force || !errors.Is(err, fs.ErrExist) {
			return err
		}
		// Only a rename replaces in one step, and it needs a name to begin with.
		name, err := lendName(f)
		if err != nil {
			return err
		}
		f.temp.name = name
	}
	if d.opts.Force {
		return f.named(f.folder.root.Rename(f.temp.name, f.base))
	}
	for _, way := range d.ways {
		if err := way(f); !errors.Is(err, errors.ErrUnsupported) {
			return f.named(err)
		}
	}
	return errors.ErrUnsupported
}

// named notes that the temporary name of f is gone if err is nil.
func (f *File) named(err error) error {
	if err == nil {
		f.temp.name = ""
	}
	return err
}

// linkNew names f by a link, which fails if the name is taken.
func linkNew(f *File) error {
	root := f.folder.root
	err := root.Link(f.temp.name, f.base)
	if err == nil {
		root.Remove(f.temp.name) // if that fails the next run does it
	} else if !errors.Is(err, fs.ErrExist) {
		return errors.ErrUnsupported
	}
	return err
}

// lookAndRename names f where nothing better works. Should the reason be
// another one, such as a full disk, then renaming fails as well.
func lookAndRename(f *File) error {
	if _, err := f.folder.root.Lstat(f.base); err == nil {
		return fs.ErrExist
	}
	return f.folder.root.Rename(f.temp.name, f.base)
}

// syncFolders forces the entries of folders to disk.
func (d *Dir) syncFolders(paths map[string]bool) error {
	var errs []error
	if len(paths) >= manyFiles {
		if err := syncAll(d.top); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			return err
		} // and then each, which costs little, for those on other file systems
	}
	for path := range paths {
		dir, err := d.root.Open(path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, syncFolder(dir), dir.Close())
	}
	return errors.Join(errs...)
}

// manyFiles is the number from which one sync of the whole file system is
// quicker than one of each file.
const manyFiles = 8

// syncFiles forces the contents of group to disk.
func (d *Dir) syncFiles(group []*File) error {
	rest := group
	if len(group) >= manyFiles {
		switch err := syncAll(d.top); {
		case err == nil:
			// All but files on a file system mounted below the target folder.
			rest = slices.DeleteFunc(slices.Clone(group), func(f *File) bool { return f.folder.device == d.top.device })
		case !errors.Is(err, errors.ErrUnsupported):
			return err
		}
	}
	return syncEach(rest)
}
