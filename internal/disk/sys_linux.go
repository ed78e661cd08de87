package disk

import (
	"os"

	"golang.org/x/sys/unix"
)

// wholeSync: syncAll covers names, too.
const wholeSync = true

// syncAll forces everything on the file system of dir to disk.
func syncAll(dir *os.File) error { return unix.Syncfs(int(dir.Fd())) }

// settle does nothing: the group is forced to disk as a whole.
func settle(*os.File) error { return nil }

// DropCache makes the next reader of f read the medium, not memory. Best effort:
// what is not on disk yet stays in memory.
func DropCache(f *os.File) {
	f.Sync()
	DropCacheFd(f.Fd())
}

// DropCacheFd is DropCache for a file that is only read.
func DropCacheFd(fd uintptr) { unix.Fadvise(int(fd), 0, 0, unix.FADV_DONTNEED) }

// The largest file on FAT32.
const maxFAT = 1<<32 - 1

// Space tells how many bytes are free in the folder and how large a file on it
// may be, 0 if that is not known.
func (d *Dir) Space() (free, maxFile int64, err error) {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(d.top.Fd()), &st); err != nil {
		return 0, 0, err
	}
	if st.Type == unix.MSDOS_SUPER_MAGIC {
		maxFile = maxFAT
	}
	return int64(st.Bavail) * int64(st.Bsize), maxFile, nil
}
