//go:build !linux

package sandbox

import (
	"errors"
	"io/fs"
	"runtime"
)

// refusalHere: what was not unveiled does not exist.
func refusalHere(err error) bool { return runtime.GOOS == "openbsd" && errors.Is(err, fs.ErrNotExist) }

// calls is empty: pledge ends a program that tries, and elsewhere nothing
// refuses.
func calls() []call { return nil }
