package disk

import (
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/windows"
)

// lock locks a byte beyond any file, so that nobody's reading is in the way.
func lock(f *os.File) error {
	at := &windows.Overlapped{Offset: 0xFFFFFFFE, OffsetHigh: 0x7FFFFFFF}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return ErrLocked
	}
	return nil
}

// syncFolder does nothing: NTFS journals the entries of folders.
func syncFolder(*os.File) error { return nil }

// Space tells how many bytes are free in the folder and how large a file on it
// may be, 0 if that is not known.
func (d *Dir) Space() (free, maxFile int64, err error) {
	path, err := windows.UTF16PtrFromString(d.root.Name())
	if err != nil {
		return 0, 0, err
	}
	var bytes uint64
	if err := windows.GetDiskFreeSpaceEx(path, &bytes, nil, nil); err != nil {
		return 0, 0, err
	}
	name := make([]uint16, 32)
	if err := windows.GetVolumeInformationByHandle(windows.Handle(d.top.Fd()), nil, 0, nil, nil, nil, &name[0], uint32(len(name))); err == nil {
		if strings.HasPrefix(windows.UTF16ToString(name), "FAT") {
			maxFile = 1<<32 - 1
		}
	}
	return int64(min(bytes, 1<<62)), maxFile, nil
}
