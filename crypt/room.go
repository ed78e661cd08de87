package crypt

import "fmt"

// A ShortError says that a vault has no room, before anything is written.
type ShortError struct {
	Need, Free int64
	TooLarge   []string // files that the file system cannot hold at all
	MaxFile    int64
}

func (e *ShortError) Error() string {
	if len(e.TooLarge) > 0 {
		return fmt.Sprintf("%d of the files are too large for this file system once they are sealed (limit %d bytes)", len(e.TooLarge), e.MaxFile)
	}
	return fmt.Sprintf("%d bytes are needed and %d are free: %d too few", e.Need, e.Free, e.Need-e.Free)
}

// Each file costs some more: its header, its lines in journal, index and
// manifest, and the end of its last block.
const perFile = 8 << 10

// room compares what is needed with what is free.
func (r *run) room(todo []Source) error {
	free, limit, err := r.dir.Space()
	if err != nil {
		return nil // not known here: a full disk will be told when it is
	}
	e := &ShortError{Free: free, MaxFile: limit}
	for _, s := range todo {
		n := sealedSize(s.Size, perFile)
		if e.Need += n; limit > 0 && sealedSize(s.Size, 512) > limit {
			e.TooLarge = append(e.TooLarge, s.Path)
		}
	}
	if len(e.TooLarge) > 0 || e.Need > e.Free {
		return e
	}
	return nil
}
