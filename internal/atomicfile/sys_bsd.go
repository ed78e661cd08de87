//go:build unix && !linux

package atomicfile

import (
	"time"

	"golang.org/x/sys/unix"
)

func setTime(f *File, t time.Time) error { return f.folder.root.Chtimes(f.temp.name, t, t) }

// syncEach hands each file to the drive and has the drive empty its cache once,
// with the last: on macOS Sync means F_FULLFSYNC, which takes milliseconds and
// covers the whole drive.
func syncEach(files []*File) error {
	for i, f := range files {
		if i == len(files)-1 {
			return f.temp.Sync()
		}
		if err := unix.Fsync(int(f.temp.Fd())); err != nil {
			return err
		}
	}
	return nil
}
