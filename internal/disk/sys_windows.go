package disk

import (
	"errors"
	"os"

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

// Space tells what the file system of the folder can hold.
func (d *Dir) Space() (Space, error) {
	path, err := windows.UTF16PtrFromString(d.root.Name())
	if err != nil {
		return Space{}, err
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(path, &free, nil, nil); err != nil {
		return Space{}, err
	}
	s := Space{Free: int64(min(free, 1<<62))}
	var serial uint32
	name := make([]uint16, 32)
	if err := windows.GetVolumeInformationByHandle(windows.Handle(d.top.Fd()), nil, 0, &serial, nil, nil, &name[0], uint32(len(name))); err == nil {
		s.Device = uint64(serial)
		s = s.limited(windows.UTF16ToString(name))
	}
	return s, nil
}
