//go:build darwin || freebsd

package disk

import "golang.org/x/sys/unix"

// Space tells how many bytes are free in the folder and how large a file on it
// may be, 0 if that is not known.
func (d *Dir) Space() (free, maxFile int64, err error) {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(d.top.Fd()), &st); err != nil {
		return 0, 0, err
	}
	if unix.ByteSliceToString(st.Fstypename[:]) == "msdos" || unix.ByteSliceToString(st.Fstypename[:]) == "msdosfs" {
		maxFile = 1<<32 - 1
	}
	return int64(st.Bavail) * int64(st.Bsize), maxFile, nil
}
