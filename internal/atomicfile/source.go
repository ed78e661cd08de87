package atomicfile

import (
	"io"
	"os"

	"flightveil/internal/input"
)

// fileBehind returns the file that in is a section of, and where in it the n
// bytes at off are.
func fileBehind(in input.Input, off, n int64) (*os.File, int64, bool) {
	if off < 0 || n < 0 || off > in.Size() || n > in.Size()-off {
		return nil, 0, false
	}
	var r io.ReaderAt = in
	for {
		switch v := r.(type) {
		case *os.File:
			return v, off, true
		case interface {
			Outer() (io.ReaderAt, int64, int64)
		}: // *io.SectionReader
			outer, base, _ := v.Outer()
			r, off = outer, off+base
		default:
			return nil, 0, false
		}
	}
}

// syncPath forces the entries of the folder at path to disk if it can.
func syncPath(path string) {
	if dir, err := os.Open(path); err == nil {
		syncFolder(dir)
		dir.Close()
	}
}
