//go:build !linux

package atomicfile

import (
	"errors"
	"io/fs"
	"os"
)

// Files always have a name here, and are copied through the program.

func openUnnamed(*folder, fs.FileMode) (*os.File, error) { return nil, errors.ErrUnsupported }

func linkUnnamed(*File, string) error { return errors.ErrUnsupported }

func lendName(*File) (string, error) { return "", errors.ErrUnsupported }

func renameNew(*File) error { return errors.ErrUnsupported }

func syncAll(*folder) error { return errors.ErrUnsupported }

func shareFrom(_, _ *os.File, _ int64) error { return errors.ErrUnsupported }

func copyRange(*File, *os.File, int64, int64) (int64, error) { return 0, errors.ErrUnsupported }

func deviceOf(*os.File) uint64 { return 0 }
