package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// lock marks f as being worked on until it is closed. The locked byte lies
// beyond any file, so that nobody's reading is in the way.
func lock(f *os.File) error {
	at := &windows.Overlapped{Offset: 0xFFFFFFFE, OffsetHigh: 0x7FFFFFFF}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return errLocked
	}
	return err
}

// setTime sets when f was created and last changed, by its own handle: a time
// set by another one would be overwritten when this is closed.
func setTime(f *File, t time.Time) error {
	ft := windows.NsecToFiletime(t.UnixNano())
	return windows.SetFileTime(windows.Handle(f.temp.Fd()), &ft, &ft, &ft)
}

func syncEach(files []*File) error {
	for _, f := range files {
		if err := f.temp.Sync(); err != nil {
			return err
		}
	}
	return nil
}

// syncFolder does nothing: NTFS journals the entries of folders.
func syncFolder(*os.File) error { return nil }

// links returns how many names f has.
func links(f *os.File, _ fs.FileInfo) uint64 {
	var info windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(windows.Handle(f.Fd()), &info); err != nil {
		return 1
	}
	return uint64(info.NumberOfLinks)
}
