// Package window reads an input through one buffer of fixed size, so that a
// walk over many small blocks costs few reads and no memory that grows with
// the file.
package window

import (
	"bytes"
	"sync"

	"flightveil/internal/input"
)

// Size is the most a Reader holds and Peek returns.
const Size = 64 << 10

// A Reader is an input with a buffer.
type Reader struct {
	in  input.Input
	buf []byte
	off int64
}

// New returns a Reader of in.
func New(in input.Input) *Reader { return &Reader{in: in} }

// Size returns the size of the input.
func (r *Reader) Size() int64 { return r.in.Size() }

// Peek returns up to n bytes at off: fewer where the input ends, none at its
// end and behind it, never more than Size. They stay valid until the next call.
func (r *Reader) Peek(off, n int64) ([]byte, error) { return r.peek(off, n, Size) }

// Head is Peek for a walk that jumps from header to header: it reads ahead
// only a little.
func (r *Reader) Head(off, n int64) ([]byte, error) { return r.peek(off, n, max(n, 512)) }

func (r *Reader) peek(off, n, ahead int64) ([]byte, error) {
	if off < 0 || off >= r.in.Size() || n <= 0 {
		return nil, nil
	}
	n = min(n, Size, r.in.Size()-off)
	if off < r.off || off+n > r.off+int64(len(r.buf)) {
		if r.buf == nil {
			r.buf = buffers.Get().(*[Size]byte)[:0]
		}
		r.buf, r.off = r.buf[:min(ahead, Size, r.in.Size()-off)], off
		if err := input.ReadFull(r.in, r.buf, off); err != nil {
			r.buf = r.buf[:0]
			return nil, err
		}
	}
	i := off - r.off
	return r.buf[i : i+n], nil
}

// Free gives the buffer back for other Readers. What Peek returned is no longer
// valid; the Reader can go on and takes another buffer then.
func (r *Reader) Free() {
	if r.buf != nil {
		buffers.Put((*[Size]byte)(r.buf[:Size]))
		r.buf = nil
	}
}

// buffers are those of Readers that are done.
var buffers = sync.Pool{New: func() any { return new([Size]byte) }}

// Each calls f with the bytes from off to end, in pieces, until f returns
// false. A range that leaves the input ends where the input does.
func (r *Reader) Each(off, end int64, f func(piece []byte) bool) error {
	for off < end {
		b, err := r.Peek(off, end-off)
		if err != nil || len(b) == 0 || !f(b) {
			return err
		}
		off += int64(len(b))
	}
	return nil
}

// SkipZeros returns off, or the offset of the first byte behind it that is not
// zero, but not more than end.
func (r *Reader) SkipZeros(off, end int64) (int64, error) {
	err := r.Each(off, end, func(b []byte) bool {
		rest := len(bytes.TrimLeft(b, "\x00"))
		off += int64(len(b) - rest)
		return rest == 0
	})
	return off, err
}

// Zeros reports whether all bytes from off to end are zero.
func (r *Reader) Zeros(off, end int64) (bool, error) {
	got, err := r.SkipZeros(off, end)
	return err == nil && got >= end, err
}
