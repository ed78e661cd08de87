package disk

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"unicode/utf16"
)

// A Space is what a file system can hold.
type Space struct {
	Free    int64  // bytes
	Block   int64  // a file takes whole blocks of so many bytes; 0 if not known
	System  string // FAT or exFAT, empty for others
	MaxFile int64  // bytes of the largest file, 0 if that is no limit
	Slots   int    // of a folder, for names; 0 if that is no limit
	Device  uint64 // the same for folders that share what is free; 0 if not known
}

// Limits of FAT32 and exFAT (Microsoft's specifications of both): a size has 32
// bits on FAT, and a folder there has 65,535 entries of 32 bytes.
const (
	maxFAT   = 1<<32 - 1
	slotsFAT = 65535
)

// limited adds the limits of a file system called FAT or exFAT, however the
// operating system writes that.
func (s Space) limited(system string) Space {
	switch name := strings.ToLower(system); {
	case strings.HasPrefix(name, "exfat"):
		s.System = "exFAT"
	case strings.HasPrefix(name, "fat") || strings.HasPrefix(name, "msdos") || strings.HasPrefix(name, "vfat"):
		s.System, s.MaxFile, s.Slots = "FAT", maxFAT, slotsFAT
	}
	return s
}

// Takes is how much of the free space a file of n bytes uses up.
func (s Space) Takes(n int64) int64 {
	if s.Block <= 1 {
		return n
	}
	return (n + s.Block - 1) / s.Block * s.Block
}

// NameSlots is how many entries of a folder on FAT a name takes: one, and one
// for each 13 characters of a long name.
func NameSlots(name string) int { return 1 + (len(utf16.Encode([]rune(name)))+12)/13 }

// CanName reports whether the file system takes a name with slashes.
func (s Space) CanName(name string) bool {
	if s.System == "" {
		return true
	}
	for part := range strings.SplitSeq(name, "/") {
		if strings.ContainsFunc(part, func(r rune) bool { return r < ' ' || strings.ContainsRune(`"*:<>?\|`, r) }) ||
			strings.HasSuffix(part, ".") || strings.HasSuffix(part, " ") || len(utf16.Encode([]rune(part))) > 255 {
			return false
		}
	}
	return true
}

// SpaceAt is the space where a folder is, or where it would be made.
func SpaceAt(path string) (Space, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Space{}, err
	}
	for {
		d, err := Open(path, false)
		if err == nil {
			defer d.Close()
			return d.Space()
		}
		up := filepath.Dir(path)
		if !errors.Is(err, fs.ErrNotExist) || up == path {
			return Space{}, err
		}
		path = up
	}
}
