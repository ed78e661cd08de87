//go:build darwin || freebsd

package disk

import "golang.org/x/sys/unix"

// Space tells what the file system of the folder can hold.
func (d *Dir) Space() (Space, error) {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(d.top.Fd()), &st); err != nil {
		return Space{}, err
	}
	s := Space{Free: int64(st.Bavail) * int64(st.Bsize), Block: int64(st.Bsize), Device: uint64(uint32(st.Fsid.Val[0]))<<32 | uint64(uint32(st.Fsid.Val[1]))}
	return s.limited(unix.ByteSliceToString(st.Fstypename[:])), nil
}
