package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"flightveil/internal/input"
)

const bufferSize = 256 << 10

// A File is a file that has no name yet. What was written can be read back at
// once. One goroutine uses it at a time.
type File struct {
	dir    *Dir
	folder *folder
	temp   temp
	name   string // relative to the target folder
	base   string // its last element
	size   int64
	cloned *os.File // what the bytes behind size are shared with, up to shared
	shared int64
	err    error // first failed write: such a file is never named
	over   bool  // committed or discarded
	done   func(error)
}

// Name returns the name the file will have, relative to its folder.
func (f *File) Name() string { return f.name }

// Size returns the length of the file so far.
func (f *File) Size() int64 { return f.size }

// Write appends p.
func (f *File) Write(p []byte) (int, error) { return f.WriteAt(p, f.size) }

// WriteAt overwrites bytes, or appends them.
func (f *File) WriteAt(p []byte, off int64) (int, error) {
	if f.err == nil && f.cloned != nil && off > f.size {
		f.unshare()
	}
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.temp.WriteAt(p, off)
	f.size = max(f.size, off+int64(n))
	return n, f.latch("write", err)
}

// ReadAt reads back what was written.
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	if f.cloned == nil || off < 0 || int64(len(p)) <= f.size-off {
		return f.temp.ReadAt(p, off)
	}
	if off >= f.size {
		return 0, io.EOF
	}
	n, err := f.temp.ReadAt(p[:f.size-off], off)
	if err == nil {
		err = io.EOF
	}
	return n, err
}

// ReadFrom appends all of r. io.Copy uses it.
func (f *File) ReadFrom(r io.Reader) (n int64, err error) {
	b := f.dir.buffers.Get().(*[]byte)
	defer f.dir.buffers.Put(b)
	for {
		k, err := r.Read(*b)
		if k > 0 {
			if _, err := f.Write((*b)[:k]); err != nil {
				return n, err
			}
			n += int64(k)
		}
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

// CopyRange appends the n bytes of in at off without passing them through the
// program: shared with the source where the file system can do that. done is
// false, and nothing was written, if the system cannot do it for such an input.
func (f *File) CopyRange(in input.Input, off, n int64) (done bool, err error) {
	if f.err != nil {
		return false, f.err
	}
	src, off, ok := fileBehind(in, off, n)
	if !ok || n < minCopyRange {
		return false, nil
	}
	began := f.size
	if off == began {
		if done, err := f.clone(src, n); done || err != nil {
			return true, f.latch("copy to", err)
		}
		off, n = f.size, n-(f.size-began)
	}
	if f.unshare(); f.err != nil {
		return true, f.err
	}
	copied, err := copyRange(f, src, off, n)
	if f.size == began && errors.Is(err, errors.ErrUnsupported) {
		return false, nil
	}
	if copied < n && (err == nil || errors.Is(err, errors.ErrUnsupported)) {
		var rest int64
		if rest, err = io.Copy(f, io.NewSectionReader(src, off+copied, n-copied)); err == nil && copied+rest < n {
			err = io.ErrUnexpectedEOF
		}
	}
	return true, f.latch("copy to", err)
}

// clone appends n bytes of src, from the offset that is f's end, by sharing the
// blocks of all the rest of src where the file system can (FICLONE): in most
// large files hardly anything changes behind there. The odd bytes before a
// block boundary are copied, whether or not the others can be shared.
func (f *File) clone(src *os.File, n int64) (done bool, err error) {
	if f.cloned == nil && n >= minClone && !f.dir.alone.Load() {
		if odd := f.size % blockSize; odd != 0 {
			k, err := io.Copy(f, io.NewSectionReader(src, f.size, blockSize-odd))
			if n -= k; err != nil {
				return false, err
			}
		}
		switch err := f.dir.share(f.temp.File, src, f.size); {
		case errors.Is(err, errors.ErrUnsupported):
			f.dir.alone.Store(true)
		case err == nil: // else it cannot be done with this source
			info, err := f.temp.Stat()
			if err != nil {
				return false, err
			}
			f.cloned, f.shared = src, info.Size()
		}
	}
	if f.cloned != src || n > f.shared-f.size {
		return false, nil
	}
	f.size += n
	return true, nil
}

// unshare cuts what f shares behind what was written: nobody asked for it.
func (f *File) unshare() {
	if f.cloned != nil {
		f.cloned = nil
		f.latch("cut", f.temp.Truncate(f.size))
	}
}

const (
	blockSize = 4096      // what btrfs and XFS share between files
	minClone  = 256 << 10 // from which length a clone is worth asking for
)

// minCopyRange is the length below which reading and writing is as quick.
const minCopyRange = 16 << 10

// Commit says that f is complete and checked. f gets mod as its time, unless
// that is zero, and its name together with others, at the latest in
// [Dir.Flush]. done is called once, perhaps by another goroutine, with nil or
// with what kept f from its name. f must not be used any more.
func (f *File) Commit(mod time.Time, done func(error)) {
	f.over, f.done = true, done
	f.unshare()
	if f.err == nil && !mod.IsZero() {
		f.latch("set the time of", setTime(f, mod))
	}
	if f.temp.name != "" {
		f.temp.Chmod(f.dir.mode) // where this fails the file stays its owner's alone
	}
	if f.err != nil {
		f.finish(f.err)
		return
	}
	f.dir.enqueue(f)
}

// Discard gives f up. After Commit it does nothing.
func (f *File) Discard() {
	if !f.over {
		f.over = true
		f.drop()
	}
}

// finish tells the owner how it went and lets f go.
func (f *File) finish(err error) {
	f.drop()
	f.done(err)
}

func (f *File) drop() {
	f.temp.discard(f.folder)
	f.dir.leave(f.folder)
}

// latch keeps the first error of f, under its own name.
func (f *File) latch(op string, err error) error {
	if err == nil {
		return nil
	}
	var pe *fs.PathError
	if !errors.As(err, &pe) || pe.Path != f.name {
		err = renamed(err, op, f.name)
	}
	if f.err == nil {
		f.err = err
	}
	return err
}
