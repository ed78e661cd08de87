package atomicfile

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// procPath is the way to an open file that has no name.
func procPath(f *os.File) string { return "/proc/self/fd/" + strconv.Itoa(int(f.Fd())) }

// openUnnamed opens a file that has no name in the folder. It fails where the
// file system cannot do that, or /proc is missing and it could never be named.
func openUnnamed(in *folder, mode fs.FileMode) (*os.File, error) {
	var st unix.Stat_t
	if err := unix.Lstat(procPath(in.dir), &st); err != nil {
		return nil, err
	}
	return in.root.OpenFile(".", unix.O_TMPFILE|os.O_RDWR, mode)
}

// linkUnnamed gives an unnamed file its first name, which must be free.
func linkUnnamed(f *File, name string) error {
	return unix.Linkat(unix.AT_FDCWD, procPath(f.temp.File), int(f.folder.dir.Fd()), name, unix.AT_SYMLINK_FOLLOW)
}

// lendName gives an unnamed file a temporary name, locked first so that no
// other run takes it for a leftover.
func lendName(f *File) (string, error) {
	if err := lock(f.temp.File); errors.Is(err, errLocked) {
		return "", err
	}
	name := prefix + rand.Text()
	return name, linkUnnamed(f, name)
}

// renameNew renames f to a name that must be free, in one step. FAT and exFAT
// can do this though they cannot link.
func renameNew(f *File) error {
	dir := int(f.folder.dir.Fd())
	err := unix.Renameat2(dir, f.temp.name, dir, f.base, unix.RENAME_NOREPLACE)
	if err == unix.EINVAL || err == unix.ENOSYS {
		return errors.ErrUnsupported
	}
	return err
}

// setTime sets when f was last changed.
func setTime(f *File, t time.Time) error {
	ts, err := unix.TimeToTimespec(t)
	if err != nil {
		return err
	}
	if f.temp.name != "" {
		return unix.UtimesNanoAt(int(f.folder.dir.Fd()), f.temp.name, []unix.Timespec{ts, ts}, unix.AT_SYMLINK_NOFOLLOW)
	}
	return unix.UtimesNanoAt(unix.AT_FDCWD, procPath(f.temp.File), []unix.Timespec{ts, ts}, 0)
}

// syncAll forces everything on the file system of a folder to disk.
func syncAll(in *folder) error {
	err := unix.Syncfs(int(in.dir.Fd()))
	if err == unix.ENOSYS {
		return errors.ErrUnsupported
	}
	return err
}

func syncEach(files []*File) error {
	for _, f := range files {
		if err := f.temp.Sync(); err != nil {
			return err
		}
	}
	return nil
}

// shareFrom has dst share the blocks of src from off on, a block boundary, at
// the same offsets. Where the file system cannot, the error is
// errors.ErrUnsupported.
func shareFrom(dst, src *os.File, off int64) error {
	var err error
	if off == 0 {
		err = unix.IoctlFileClone(int(dst.Fd()), int(src.Fd()))
	} else {
		err = unix.IoctlFileCloneRange(int(dst.Fd()), &unix.FileCloneRange{Src_fd: int64(src.Fd()), Src_offset: uint64(off), Dest_offset: uint64(off)})
	}
	if err == unix.EOPNOTSUPP || err == unix.ENOTTY || err == unix.ENOSYS {
		return errors.ErrUnsupported
	}
	return err
}

// copyRange appends up to n bytes of src at off to f. Where the offsets allow
// it, it begins with the odd bytes before a block boundary, so that a file
// system that can share blocks shares all the others.
func copyRange(f *File, src *os.File, off, n int64) (copied int64, err error) {
	if odd := off % blockSize; odd == f.size%blockSize && odd != 0 && n > blockSize {
		if copied, err = io.Copy(f, io.NewSectionReader(src, off, blockSize-odd)); err != nil {
			return copied, err
		}
	}
	holes := sparse(src)
	for copied < n {
		from, to, next := off+copied, f.size, min(n-copied, 1<<30)
		if holes {
			hole, data := run(src, from, off+n)
			if hole > 0 { // stays one
				if err := f.temp.Truncate(f.size + hole); err != nil {
					return copied, err
				}
				f.size += hole
				copied += hole
				continue
			}
			next = min(next, data)
		}
		k, err := unix.CopyFileRange(int(src.Fd()), &from, int(f.temp.Fd()), &to, int(next), 0)
		f.size += int64(max(k, 0))
		copied += int64(max(k, 0))
		switch {
		case err == unix.EINTR:
		case err == unix.EXDEV || err == unix.EINVAL || err == unix.ENOSYS || err == unix.EOPNOTSUPP || err == unix.EPERM:
			return copied, errors.ErrUnsupported
		case err != nil:
			return copied, err
		case k == 0: // the end, or a file system that does not do it
			return copied, nil
		}
	}
	return copied, nil
}

// sparse reports whether f has holes: less on disk than it is long.
func sparse(f *os.File) bool {
	var st unix.Stat_t
	return unix.Fstat(int(f.Fd()), &st) == nil && st.Blocks*512 < st.Size
}

// run returns the length of the hole that begins at off, or of the data if
// there is none, up to end.
func run(f *os.File, off, end int64) (hole, data int64) {
	next, err := unix.Seek(int(f.Fd()), off, unix.SEEK_DATA)
	switch {
	case err == unix.ENXIO: // no more data
		return end - off, 0
	case err != nil:
		return 0, end - off
	case next > off:
		return min(next, end) - off, 0
	}
	if next, err = unix.Seek(int(f.Fd()), off, unix.SEEK_HOLE); err != nil || next <= off {
		return 0, end - off
	}
	return 0, min(next, end) - off
}

func deviceOf(dir *os.File) uint64 {
	var st unix.Stat_t
	if err := unix.Fstat(int(dir.Fd()), &st); err != nil {
		return 0
	}
	return uint64(st.Dev)
}
