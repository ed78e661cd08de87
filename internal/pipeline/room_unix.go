//go:build unix

package pipeline

import (
	"io/fs"
	"syscall"
)

// allocated is how many bytes a file takes up, 0 if that is not known. A file
// with holes takes up less than its size.
func allocated(fi fs.FileInfo) int64 {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	return int64(st.Blocks) * 512 // POSIX counts in units of 512 bytes
}
