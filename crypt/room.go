package crypt

import (
	"fmt"
	"path"

	"flightveil/internal/disk"
)

// A ShortError says that a disk has no room for a vault, or cannot hold some of
// its files, before anything is written. At most one of the lists is filled.
type ShortError struct {
	Disk       string // which, if there are several
	Need, Free int64
	System     string   // FAT or exFAT
	MaxFile    int64    // of that file system, or of a vault
	TooLarge   []string // files that no room could help
	Names      []string // files whose names the file system cannot have
	Folders    []string // folders with too many files for it
}

func (e *ShortError) Error() string {
	switch {
	case len(e.TooLarge) > 0 && e.System == "":
		return fmt.Sprintf("%d of the files are larger than a vault may be (%d bytes)", len(e.TooLarge), e.MaxFile)
	case len(e.TooLarge) > 0:
		return fmt.Sprintf("%d of the files are too large for %s once they are sealed (limit %d bytes)", len(e.TooLarge), e.System, e.MaxFile)
	case len(e.Names) > 0:
		return fmt.Sprintf("%d of the files have names that %s cannot have", len(e.Names), e.System)
	case len(e.Folders) > 0:
		return fmt.Sprintf("%d of the folders have more files than %s can hold", len(e.Folders), e.System)
	}
	return fmt.Sprintf("%d bytes are needed and %d are free: %d too few", e.Need, e.Free, e.Need-e.Free)
}

// Each sealed file costs some more: its header and its lines in journal, index
// (both times) and manifest; and the vault its key and what explains it.
const (
	perFile  = 6 << 10
	perVault = 64 << 10
)

// footprint is what a file takes in a vault, at most.
func footprint(size int64, s disk.Space) int64 { return s.Takes(sealedSize(size, 2<<10)) + perFile }

// shortage compares what is to be sealed with what a disk can hold. names says
// which names the sealed files will have, if those of the originals.
func shortage(s disk.Space, todo []Source, names bool) *ShortError {
	e := &ShortError{Free: s.Free, MaxFile: s.MaxFile, System: s.System}
	slots := map[string]int{}
	for _, src := range todo {
		if src.Err != nil {
			continue
		}
		if e.Need += footprint(src.Size, s); s.MaxFile > 0 && sealedSize(src.Size, 512) > s.MaxFile {
			e.TooLarge = append(e.TooLarge, src.Path)
		}
		if !names {
			continue
		}
		if !s.CanName(src.Path + sealedSuffix + disk.PartSuffix) {
			e.Names = append(e.Names, src.Path)
		}
		if s.Slots > 0 {
			dir := path.Dir(src.Path)
			before := slots[dir]
			if slots[dir] += disk.NameSlots(path.Base(src.Path) + sealedSuffix + disk.PartSuffix); before <= s.Slots && slots[dir] > s.Slots {
				e.Folders = append(e.Folders, dir)
			}
		}
	}
	if e.Need > 0 {
		e.Need += perVault
	}
	switch {
	case len(e.TooLarge) > 0:
		e.Names, e.Folders = nil, nil
	case len(e.Names) > 0:
		e.Folders = nil
	case len(e.Folders) > 0 || e.Need > e.Free:
	default:
		return nil
	}
	return e
}

// room refuses what the disk cannot hold. Where that is not known a full disk
// will be told when it is.
func (r *run) room(todo []Source) error {
	space, err := r.space()
	if err != nil {
		return nil
	}
	if e := shortage(space, todo, r.o.KeepNames || r.info.KeepNames); e != nil {
		return e
	}
	return nil
}

func (r *run) space() (disk.Space, error) {
	if r.o.Space != nil {
		return r.o.Space(r.dir)
	}
	return r.dir.Space()
}
