package input

import (
	"bytes"
	"io"
)

// InMemory returns the bytes of in from off that are in memory already, none
// if it does not know any. They must not be changed, and are valid as long as
// in is in use.
func InMemory(in Input, off int64) []byte {
	if m, ok := in.(interface{ InMemory(off int64) []byte }); ok {
		return m.InMemory(off)
	}
	return nil
}

// View is [ReadRange] for bytes that will not be changed: they are not copied
// where they are in memory, and are valid as long as in is in use.
func View(in Input, off, n, max int64) ([]byte, error) {
	if off >= 0 && n >= 0 && n <= max {
		if b := InMemory(in, off); int64(len(b)) >= n && off+n <= in.Size() {
			return b[:n:n], nil
		}
	}
	return ReadRange(in, off, n, max)
}

// Bytes is an Input in memory.
type Bytes []byte

// Size returns how many bytes there are.
func (b Bytes) Size() int64 { return int64(len(b)) }

// ReadAt implements [io.ReaderAt].
func (b Bytes) ReadAt(p []byte, off int64) (int, error) { return bytes.NewReader(b).ReadAt(p, off) }

// InMemory returns all bytes from off.
func (b Bytes) InMemory(off int64) []byte {
	if off < 0 || off >= int64(len(b)) {
		return nil
	}
	return b[off:]
}

var _ io.ReaderAt = Bytes(nil)
