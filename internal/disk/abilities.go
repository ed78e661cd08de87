package disk

import (
	"errors"
	"os"
	"path/filepath"
)

// An Ability is something that a file system can do or not.
type Ability struct {
	Name string // "clone", "unnamed files", "hard links"
	For  string // what it is good for
	Err  error  // nil if it can
}

// Abilities tries in dir, an empty folder, what its file system can do. What it
// makes it removes.
func Abilities(dir string) ([]Ability, error) {
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	f, err := os.OpenFile(a, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	defer os.Remove(a)
	_, err = f.Write(make([]byte, 64<<10))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	out := []Ability{{"hard links", "a copy gets its name only if that is free, in one step", os.Link(a, b)}}
	os.Remove(b)
	return append(out, abilities(dir, a, b)...), nil
}
