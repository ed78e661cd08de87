package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"flightveil/internal/atomicfile"
	"flightveil/internal/input"
)

// A Source is one input file, or something found in its place.
type Source struct {
	Label string // how a person finds it: the argument, and the path below it
	Rel   string // path below the output folder, with slashes
	Size  int64
	Mod   time.Time
	Given bool  // named on the command line itself, not found in a folder
	room  int64 // bytes it takes up; fewer than Size if it has holes

	open  func() (fs.File, error)
	place func() (dir *os.Root, name string, err error) // for editing in place; nil where that is not possible
	torn  bool                                          // an interrupted edit in place left its journal
	skip  string                                        // why it is left alone without harm: system junk
	err   error                                         // why it cannot be read at all
}

// Gather lists the files that paths stand for, folders recursively, in a
// stable order. What cannot be processed is in the list too, so that nothing
// goes missing silently. The closer releases the folders.
func Gather(paths []string) ([]Source, io.Closer) { return gather(paths, false) }

// GatherAll lists the files of a folder, or one file, to be kept as they are:
// system files, too, under the names they have.
func GatherAll(path string) ([]Source, io.Closer) { return gather([]string{path}, true) }

func gather(paths []string, all bool) ([]Source, io.Closer) {
	var out []Source
	var open Closers
	for _, p := range paths {
		fi, err := os.Stat(p)
		switch {
		case err != nil:
			out = append(out, Source{Label: p, Rel: filepath.Base(p), Given: true, err: plainError(err)})
		case fi.IsDir():
			root, err := os.OpenRoot(p)
			if err != nil {
				out = append(out, Source{Label: p, Rel: filepath.Base(p), Given: true, err: plainError(err)})
				continue
			}
			open = append(open, root)
			prefix := ""
			if len(paths) > 1 {
				prefix = folderName(p)
			}
			out = append(out, (&walker{root: root, label: p, prefix: prefix, all: all}).folder(".", 0)...)
		default:
			s := Source{Label: p, Rel: filepath.Base(p), Given: true, Size: fi.Size(), Mod: fi.ModTime(), room: allocated(fi)}
			s.open = func() (fs.File, error) { return os.Open(p) }
			s.place = func() (*os.Root, string, error) {
				dir, err := os.OpenRoot(filepath.Dir(p))
				return dir, filepath.Base(p), err
			}
			if !fi.Mode().IsRegular() {
				s.err = notRegular(fi.Mode())
			}
			_, err := os.Lstat(filepath.Join(filepath.Dir(p), atomicfile.JournalName(filepath.Base(p))))
			s.torn = err == nil && !all
			out = append(out, s)
		}
	}
	if !all {
		disambiguate(out)
	}
	return out, open
}

// folderName is the name under which a folder argument appears in the output.
func folderName(p string) string {
	if abs, err := filepath.Abs(p); err == nil {
		p = abs
	}
	base := filepath.Base(p)
	if base == string(filepath.Separator) || strings.HasSuffix(base, ":") {
		return "card"
	}
	return base
}

// A walker lists a folder through an os.Root, so that no symbolic link leads
// out of it. It does not use fs.FS, whose names must be valid UTF-8: those on
// memory cards need not be.
type walker struct {
	root   *os.Root
	label  string
	prefix string
	all    bool // nothing is junk
}

const maxFolderDepth = 100

func (w *walker) folder(dir string, depth int) []Source {
	fail := func(err error) []Source {
		return []Source{{Label: filepath.Join(w.label, dir), Rel: path.Join(w.prefix, filepath.ToSlash(dir)), err: plainError(err)}}
	}
	if depth > maxFolderDepth {
		return fail(errors.New("folders nested too deeply"))
	}
	f, err := w.root.Open(dir)
	if err != nil {
		return fail(err)
	}
	entries, err := f.ReadDir(-1)
	f.Close()
	if err != nil {
		return fail(err)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	var out []Source
	journals := map[string]bool{}
	for _, d := range entries {
		if of, ok := strings.CutPrefix(d.Name(), atomicfile.JournalName("")); ok {
			journals[of] = true
		}
	}
	for _, d := range entries {
		name := filepath.Join(dir, d.Name())
		if d.IsDir() && (w.all || !junk(d.Name())) {
			out = append(out, w.folder(name, depth+1)...)
			continue
		}
		s := w.entry(name, d)
		s.torn = journals[d.Name()] && !w.all
		out = append(out, s)
	}
	return out
}

func (w *walker) entry(name string, d fs.DirEntry) Source {
	s := Source{Label: filepath.Join(w.label, name), Rel: path.Join(w.prefix, filepath.ToSlash(name))}
	s.open = func() (fs.File, error) { return w.root.Open(name) }
	s.place = func() (*os.Root, string, error) {
		dir, err := w.root.OpenRoot(filepath.Dir(name))
		return dir, filepath.Base(name), err
	}
	switch {
	case junk(d.Name()) && !w.all:
		s.skip = "system file"
	case d.Type()&fs.ModeSymlink != 0:
		// A link inside the folder leads to something that is listed anyway.
		if _, err := w.root.Stat(name); err == nil {
			s.skip = "symbolic link to something in the same folder"
		} else {
			s.err = errors.New("symbolic link that leads out of the folder or nowhere: not followed")
		}
	case !d.Type().IsRegular():
		s.err = notRegular(d.Type())
	default:
		fi, err := d.Info()
		if err != nil {
			s.err = plainError(err)
			break
		}
		s.Size, s.Mod, s.room = fi.Size(), fi.ModTime(), allocated(fi)
	}
	return s
}

// edit opens s for editing in place.
func (s *Source) edit() (*atomicfile.InPlace, error) {
	switch {
	case s.err != nil:
		return nil, s.err
	case s.place == nil:
		return nil, fmt.Errorf("cannot be edited in place: %w", errors.ErrUnsupported)
	}
	dir, name, err := s.place()
	if err != nil {
		return nil, plainError(err)
	}
	return atomicfile.Edit(dir, name)
}

// NewSource makes a source of something that is no file of its own: one in a
// vault. What open returns must be readable anywhere.
func NewSource(label string, size int64, mod time.Time, open func() (fs.File, error)) Source {
	return Source{Label: label, Rel: path.Base(label), Size: size, Mod: mod, Given: true, open: open}
}

// Room is how many bytes a copy of s takes up where holes stay holes.
func (s *Source) Room() int64 {
	if s.room == 0 {
		return s.Size
	}
	return min(s.room, s.Size)
}

// Named returns the files below dir that have the given names. The closer
// releases dir.
func Named(dir string, names []string) ([]Source, io.Closer, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, plainError(err)
	}
	out := make([]Source, len(names))
	for i, name := range names {
		out[i] = Source{Label: filepath.Join(dir, filepath.FromSlash(name)), Rel: name, open: func() (fs.File, error) { return root.Open(filepath.FromSlash(name)) }}
		if fi, err := root.Stat(filepath.FromSlash(name)); err == nil {
			out[i].Size, out[i].Mod = fi.Size(), fi.ModTime()
		}
	}
	return out, root, nil
}

// Listed returns s as it is judged among the files of a folder: system files
// are left alone.
func (s Source) Listed() Source {
	for _, name := range strings.Split(s.Rel, "/") {
		if junk(name) {
			s.skip = "system file"
		}
	}
	return s
}

// Raw returns how s is opened for a plain copy, or why it cannot be. What is
// left alone otherwise, such as a link to a file beside it, is an error here.
func (s *Source) Raw() (func() (fs.File, error), error) {
	if s.skip != "" {
		return nil, errors.New(s.skip)
	}
	return s.open, s.err
}

// Open opens s for reading. The caller closes the file.
func (s *Source) Open() (input.Input, fs.File, error) {
	switch {
	case s.err != nil:
		return nil, nil, s.err
	case s.torn:
		return nil, nil, errTorn
	}
	f, err := s.open()
	if err != nil {
		return nil, nil, plainError(err)
	}
	fi, err := f.Stat()
	ra, ok := f.(io.ReaderAt)
	switch {
	case err != nil:
		f.Close()
		return nil, nil, plainError(err)
	case !ok || !fi.Mode().IsRegular():
		f.Close()
		return nil, nil, notRegular(fi.Mode())
	}
	return io.NewSectionReader(ra, 0, fi.Size()), f, nil
}

// errTorn is why a file is not read that is neither old nor new.
var errTorn = errors.New("an interrupted run left it half edited; flightveil scrub --undo brings it back")

func notRegular(m fs.FileMode) error {
	kind := "not a regular file"
	switch {
	case m&fs.ModeNamedPipe != 0:
		kind = "a named pipe, not a file"
	case m&fs.ModeSocket != 0:
		kind = "a socket, not a file"
	case m&fs.ModeDevice != 0:
		kind = "a device, not a file"
	}
	return errors.New(kind)
}

// plainError drops the path that the os package puts before the reason: an
// outcome names its file already.
func plainError(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return fmt.Errorf("cannot be read: %w", pe.Err)
	}
	return err
}

// junk names what operating systems and cameras leave on cards and what holds
// no picture of its own.
func junk(name string) bool {
	if strings.HasPrefix(name, "._") || strings.HasPrefix(name, ".Trash") || strings.HasPrefix(name, ".flightveil-") {
		return true
	}
	return slices.Contains([]string{
		".ds_store", ".spotlight-v100", ".fseventsd", ".temporaryitems", ".documentrevisions-v100", ".volumeicon.icns", ".apdisk",
		"thumbs.db", "ehthumbs.db", "desktop.ini", "system volume information", "$recycle.bin", ".picasa.ini", "@eadir",
		".fileinfo_list.list", "lost.dir", ".nomedia",
	}, strings.ToLower(name))
}

// disambiguate gives files with the same output path different ones: two
// arguments may have the same base name.
func disambiguate(sources []Source) {
	seen := map[string]bool{}
	for i := range sources {
		s := &sources[i]
		rel := s.Rel
		for n := 2; seen[strings.ToLower(rel)]; n++ { // many file systems ignore case
			ext := path.Ext(s.Rel)
			rel = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(s.Rel, ext), n, ext)
		}
		s.Rel = rel
		seen[strings.ToLower(rel)] = true
	}
}

// Closers close together.
type Closers []io.Closer

// Close closes all of c.
func (c Closers) Close() error {
	var errs []error
	for _, x := range c {
		errs = append(errs, x.Close())
	}
	return errors.Join(errs...)
}
