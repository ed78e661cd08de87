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

// systems are the numbers of file systems with limits (statfs(2); exFAT's is not
// in x/sys).
var systems = map[int64]string{unix.MSDOS_SUPER_MAGIC: "FAT", 0x2011bab0: "exFAT"}

// Space tells what the file system of the folder can hold.
func (d *Dir) Space() (Space, error) {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(d.top.Fd()), &st); err != nil {
		return Space{}, err
	}
	return space(st), nil
}

func space(st unix.Statfs_t) Space {
	s := Space{Free: int64(st.Bavail) * int64(st.Bsize), Block: int64(st.Bsize), Device: uint64(uint32(st.Fsid.Val[0]))<<32 | uint64(uint32(st.Fsid.Val[1]))}
	return s.limited(systems[int64(st.Type)])
}
