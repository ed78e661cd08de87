package bmff

import (
	"encoding/binary"
	"fmt"
	"io"

	"flightveil/internal/input"
)

// windowLen is how much of a table is in memory.
const windowLen = 16 << 10

// rows is a table of entries of the same width, read through a window.
type rows struct {
	in    input.Input
	off   int64
	n     int64 // entries
	width int64
	buf   []byte
	first int64 // entry at the start of buf
}

// newRows returns the n entries at off, which must end before end.
func newRows(in input.Input, off, end, n, width int64) (rows, error) {
	if n < 0 || off > end || n > (end-off)/width {
		return rows{}, fmt.Errorf("table of %d entries at %d: %w: %w", n, off, ErrDamaged, io.ErrUnexpectedEOF)
	}
	return rows{in: in, off: off, n: n, width: width}, nil
}

// at returns entry i, which stays valid until the next call.
func (r *rows) at(i int64) ([]byte, error) {
	if i < 0 || i >= r.n {
		return nil, fmt.Errorf("entry %d of %d: %w", i, r.n, ErrDamaged)
	}
	if have := int64(len(r.buf)) / r.width; i < r.first || i >= r.first+have {
		n := min(r.n-i, windowLen/r.width) * r.width
		if int64(cap(r.buf)) < n {
			r.buf = make([]byte, n)
		}
		r.buf, r.first = r.buf[:n], i
		if err := input.ReadFull(r.in, r.buf, r.off+i*r.width); err != nil {
			r.buf = r.buf[:0]
			return nil, err
		}
	}
	at := (i - r.first) * r.width
	return r.buf[at : at+r.width], nil
}

func (r *rows) u32(i, field int64) (uint32, error) {
	b, err := r.at(i)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint32(b[4*field:]), nil
}

func (r *rows) i64(i, field int64) (int64, error) {
	v, err := r.u32(i, field)
	return int64(v), err
}

// fork returns r for a second walk that does not disturb the first.
func (r rows) fork() rows {
	r.buf, r.first = nil, 0
	return r
}

// countedRows returns the table of b: a full box, a count of entries, entries.
func countedRows(in input.Input, b Box, width int64) (rows, error) {
	_, _, body, err := b.Full(in)
	if err != nil {
		return rows{}, err
	}
	n, err := u32(in, body, b.End)
	if err != nil {
		return rows{}, err
	}
	return newRows(in, body+4, b.End, int64(n), width)
}

// u32 reads a number that must lie before end.
func u32(in input.Input, off, end int64) (uint32, error) {
	if end-off < 4 {
		return 0, fmt.Errorf("field at %d: %w: %w", off, ErrDamaged, io.ErrUnexpectedEOF)
	}
	b, err := input.ReadRange(in, off, 4, 4)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint32(b), nil
}
