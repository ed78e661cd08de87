package atomicfile

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
)

// prefix begins the names of unfinished files.
const prefix = ".flightveil-"

// A temp is an open file on its way to a name.
type temp struct {
	*os.File
	name string // empty if it has none yet
}

var errLocked = errors.New("in use by another run")

func (d *Dir) newTemp(in *folder) (temp, error) {
	if d.unnamed {
		mode, _ := d.opts.modes() // at once: nobody else can open it
		if f, err := openUnnamed(in, mode); err == nil {
			return temp{File: f}, nil
		}
	}
	if err := d.learnMode(in); err != nil {
		return temp{}, err
	}
	return namedTemp(in, 0o600)
}

// namedTemp creates a file and locks it, so that no other run sweeps it.
func namedTemp(in *folder, mode fs.FileMode) (temp, error) {
	for range 8 {
		t, err := tryTemp(in, mode)
		if !errors.Is(err, errLocked) && !errors.Is(err, fs.ErrExist) {
			return t, err
		}
	}
	return temp{}, errLocked
}

// tryTemp fails with errLocked if a sweeper came between creation and lock.
func tryTemp(in *folder, mode fs.FileMode) (temp, error) {
	t := temp{name: prefix + rand.Text()}
	var err error
	if t.File, err = in.root.OpenFile(t.name, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode); err != nil {
		return temp{}, err
	}
	switch err = lock(t.File); {
	case err == nil:
		err = stillThere(in, t)
	case !errors.Is(err, errLocked): // no locks here: other runs go by age
		err = nil
	}
	if err != nil {
		t.discard(in)
		return temp{}, err
	}
	return t, nil
}

func stillThere(in *folder, t temp) error {
	open, err := t.Stat()
	if err != nil {
		return err
	}
	if named, err := in.root.Lstat(t.name); err != nil || !os.SameFile(open, named) {
		return errLocked
	}
	return nil
}

// learnMode finds out what permissions a new file gets here, once: named
// temporaries are created for the owner alone and get these when committed.
func (d *Dir) learnMode(in *folder) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mode != 0 {
		return nil
	}
	mode, _ := d.opts.modes()
	t, err := namedTemp(in, mode)
	if err != nil {
		return err
	}
	defer t.discard(in)
	info, err := t.Stat()
	if err == nil {
		d.mode = info.Mode().Perm()
	}
	return err
}

// discard closes t and removes its name, if it still has that.
func (t temp) discard(in *folder) {
	if t.name != "" {
		in.root.Remove(t.name)
	}
	t.Close()
}
