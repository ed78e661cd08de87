package tiff

import (
	"errors"
	"fmt"

	"flightveil/internal/input"
)

// ErrUnsafe is wrapped by the errors of [Check].
var ErrUnsafe = errors.New("not safe for readers that trust it")

// Check reports whether in, a file or an Exif block, can be given to a reader
// that trusts what it reads: every value lies inside it, every pointer leads
// to a directory, and no chain of directories leads in a circle.
func Check(in input.Input, lim input.Limits) error {
	t, err := Read(in, lim)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnsafe, err)
	}
	if len(t.Loose) > 0 {
		return fmt.Errorf("a pointer in the IFD at %d leads nowhere: %w", t.Loose[0].Dir.Off, ErrUnsafe)
	}
	for _, d := range t.Dirs {
		if d.Cut {
			return fmt.Errorf("the IFD at %d leaves the file: %w", d.Off, ErrUnsafe)
		}
		for _, e := range d.Entries {
			if !e.Valid {
				return fmt.Errorf("the value of tag %04X in the IFD at %d leaves the file: %w", e.Tag, d.Off, ErrUnsafe)
			}
		}
	}
	return nil
}
