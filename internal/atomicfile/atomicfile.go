// Package atomicfile writes files that are complete, checked and new, or not
// there at all.
//
// A file is written without a name (O_TMPFILE, where the system has it) or
// under a random one beside its final place, read back by whoever checks it,
// committed, forced to disk together with others, and only then named. So:
//
//   - A final name never stands for a file that is half written or unchecked,
//     whenever the program is killed, the disk fills up or the power goes.
//   - A name that exists is left alone, whoever made it and whenever, unless
//     Options.Force asks for replacement; then the old file stays whole until
//     the new one takes its place in one step. FAT and exFAT on systems other
//     than Linux cannot link: there another program could slip in between the
//     look and the rename.
//   - What [Dir.Flush] has returned for survives a power cut. A group that was
//     named before may lose names in one, never contents.
//   - What a killed run leaves are files called .flightveil-*, and on most
//     Linux file systems not even those. The next run that writes into the same
//     folder removes them; locks keep it from taking those of a run that is
//     still at work.
//
// Names are resolved by [os.Root]: no name, and no symbolic link in the target
// folder, leads out of it. Permissions are the usual ones for new files;
// extended attributes, alternate streams and resource forks of a source are
// not looked at, so they cannot be copied.
//
// To replace a file, write its successor with Force. To change bytes of a large
// one without writing all of it, [Edit] keeps an undo journal beside it.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options says how files of a [Dir] are written.
type Options struct {
	Force   bool // a name that exists is replaced; otherwise it is an error
	Private bool // files and new folders are for their owner only
}

// modes returns the permissions of files and of folders, before the umask.
func (o Options) modes() (file, folder fs.FileMode) {
	if o.Private {
		return 0o600, 0o700
	}
	return 0o644, 0o755
}

// Neutral returns the time for files whose own would tell something: the
// earliest that every file system can hold.
func Neutral() time.Time { return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) }

// A Dir is a folder that outputs are written into. Several goroutines may use
// it, and different files of it, at once.
type Dir struct {
	opts    Options
	root    *os.Root
	top     *folder                                  // root itself, held open until Close
	unnamed bool                                     // try files without a name first
	ways    []func(*File) error                      // to name a file if the name is free, the best first
	buffers sync.Pool                                // of *[]byte, for File.ReadFrom
	naming  sync.Mutex                               // held while a group gets its names
	share   func(dst, src *os.File, off int64) error // shareFrom, except in tests
	alone   atomic.Bool                              // the file system said that files cannot share blocks

	mu      sync.Mutex // guards what follows
	folders map[string]*folder
	swept   map[string]bool // folders whose leftovers are gone
	dirty   map[string]bool // folders with names that may not be on disk yet
	queue   []*File         // committed, not named
	queued  int64           // bytes in queue
	mode    fs.FileMode     // of named temporaries once they are committed; 0 until known
}

// Open returns the folder at path, which is created if it is missing.
func Open(path string, opts Options) (*Dir, error) {
	_, mode := opts.modes()
	_, err := os.Stat(path)
	missing := errors.Is(err, fs.ErrNotExist)
	if err := os.MkdirAll(path, mode); err != nil {
		return nil, err
	}
	if missing {
		syncPath(filepath.Dir(filepath.Clean(path))) // best effort: at worst all of the output is missing
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	d := &Dir{opts: opts, root: root, share: shareFrom, unnamed: true, ways: []func(*File) error{renameNew, linkNew, lookAndRename},
		folders: map[string]*folder{}, swept: map[string]bool{}, dirty: map[string]bool{}}
	d.buffers.New = func() any { b := make([]byte, bufferSize); return &b }
	if d.top, err = d.enter("."); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return d, nil
}

// Create starts the file that will be called name, a relative path below the
// folder. Folders on the way are created. The error wraps [fs.ErrExist] if the
// name is taken.
func (d *Dir) Create(name string) (*File, error) {
	name, err := localName(name)
	if err != nil {
		return nil, err
	}
	in, err := d.enter(filepath.Dir(name))
	if err != nil {
		return nil, err
	}
	base := filepath.Base(name)
	if _, err := in.root.Lstat(base); err == nil && !d.opts.Force {
		d.leave(in)
		return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	t, err := d.newTemp(in)
	if err != nil {
		d.leave(in)
		return nil, renamed(err, "create", name)
	}
	return &File{dir: d, folder: in, temp: t, name: name, base: base}, nil
}

// Close names what is committed and releases the folder. No file of it may be
// open.
func (d *Dir) Close() error {
	err := d.Flush()
	d.leave(d.top)
	return errors.Join(err, d.root.Close())
}

// localName returns name as a clean path that stays below the folder.
func localName(name string) (string, error) {
	name = filepath.FromSlash(name)
	switch {
	case !filepath.IsLocal(name) || filepath.Clean(name) == ".":
		return "", fmt.Errorf("name leads out of the target folder: %w", fs.ErrInvalid)
	case runtime.GOOS == "windows" && strings.ContainsRune(name, ':'):
		return "", fmt.Errorf("name of an alternate stream: %w", fs.ErrInvalid)
	case strings.HasPrefix(filepath.Base(name), prefix):
		return "", fmt.Errorf("names that begin with %s are for unfinished files: %w", prefix, fs.ErrInvalid)
	}
	return filepath.Clean(name), nil
}

// renamed returns err about name instead of a temporary one.
func renamed(err error, op, name string) error {
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case errors.As(err, &pe):
		err = pe.Err
	case errors.As(err, &le):
		err = le.Err
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}
