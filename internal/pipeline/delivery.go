package pipeline

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"flightveil/internal/atomicfile"
	"flightveil/internal/input"
)

// A Delivery says how finished files get to their places.
type Delivery struct {
	Names []string // the output path of each source, instead of one derived from its own
	// Resume takes an output that is there already for the work of an earlier
	// run, if it is byte for byte what this run would write.
	Resume bool
	// Seal, if there is one, encrypts each file once it was verified. The plain
	// copy never gets a name.
	Seal func(dst io.Writer, src io.Reader) error
	// Done reports whether a sealed output that is there already is what an
	// earlier run made of the same input; nil means that none is.
	Done func(name string) bool
	// Sealed is told of each sealed file that is about to get its name.
	Sealed func(name string, out input.Input) error
}

// SealedSuffix ends the names of sealed files.
const SealedSuffix = ".age"

// errDone means that an earlier run has written the file.
var errDone = errors.New("done by an earlier run")

// create starts the output called name below dir. path is that of dir.
func (d *Delivery) create(dir *atomicfile.Dir, path, name string) (*atomicfile.File, error) {
	if d.Seal != nil {
		if _, err := os.Lstat(filepath.Join(path, filepath.FromSlash(name+SealedSuffix))); err == nil {
			if d.Done != nil && d.Done(name+SealedSuffix) {
				return nil, errDone
			}
		}
	}
	out, err := dir.Create(name)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, errExists
	case err != nil:
		return nil, fmt.Errorf("cannot be written: %w", bare(err))
	}
	return out, nil
}

// commit queues the verified file out for its name, sealed if that is wanted.
// out must not be used any more, whether it succeeds or not.
func (d *Delivery) commit(dir *atomicfile.Dir, out *atomicfile.File, name string, mod time.Time, p *pending) error {
	if d.Seal == nil {
		out.Commit(mod, p.named)
		return nil
	}
	defer out.Discard()
	sealed, err := dir.Create(name + SealedSuffix)
	switch {
	case errors.Is(err, fs.ErrExist):
		return errExists
	case err != nil:
		return fmt.Errorf("cannot be written: %w", bare(err))
	}
	if err := d.Seal(sealed, io.NewSectionReader(out, 0, out.Size())); err != nil {
		sealed.Discard()
		return fmt.Errorf("cannot be sealed: %w", bare(err))
	}
	if d.Sealed != nil {
		if err := d.Sealed(name+SealedSuffix, sealed); err != nil {
			sealed.Discard()
			return err
		}
	}
	sealed.Commit(mod, p.named)
	return nil
}

// there opens the output called name that an earlier run may have written.
func (d *Delivery) there(path, name string) (*os.File, bool) {
	if !d.Resume || d.Seal != nil {
		return nil, false
	}
	full := filepath.Join(path, filepath.FromSlash(name))
	if fi, err := os.Lstat(full); err != nil || !fi.Mode().IsRegular() {
		return nil, false
	}
	f, err := os.Open(full)
	return f, err == nil
}

// errDiffers means that an output that is there is not what would be written.
var errDiffers = errors.New("the output exists already and is not what this run would write")

// A comparer takes what would be written and compares it with what is there.
type comparer struct {
	with *os.File
	buf  []byte
	off  int64
}

func newComparer(f *os.File) *comparer { return &comparer{with: f, buf: make([]byte, 64<<10)} }

func (c *comparer) Write(p []byte) (n int, err error) {
	for len(p) > 0 {
		b := c.buf[:min(len(p), len(c.buf))]
		if k, err := c.with.ReadAt(b, c.off); k < len(b) {
			if err == io.EOF || err == nil {
				err = errDiffers
			}
			return n, err
		}
		if string(b) != string(p[:len(b)]) {
			return n, errDiffers
		}
		c.off += int64(len(b))
		n += len(b)
		p = p[len(b):]
	}
	return n, nil
}

// whole reports whether everything that is there was compared.
func (c *comparer) whole() error {
	fi, err := c.with.Stat()
	if err == nil && fi.Size() != c.off {
		err = errDiffers
	}
	return err
}

// fileInput is an open file as an input.
type fileInput struct{ *io.SectionReader }

func openInput(f *os.File) (input.Input, error) {
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return fileInput{io.NewSectionReader(f, 0, fi.Size())}, nil
}
