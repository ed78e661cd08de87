// Package textlines reads the lines of a text log through one buffer, with
// their offsets. A line longer than the buffer comes in pieces.
package textlines

import (
	"bytes"

	"flightveil/internal/input"
)

const bufLen = 64 << 10

// A Line is one line without its end (LF or CRLF). Its text stays valid until
// the next.
type Line struct {
	Text  []byte
	Off   int64
	Ended bool // it has a line end: it is not cut off
}

// A Reader yields the lines of an input.
type Reader struct {
	in   input.Input
	buf  []byte
	base int64
	pos  int
	err  error
}

// New returns a Reader of in.
func New(in input.Input) *Reader { return &Reader{in: in} }

// Err returns the error that ended reading, nil at the end of the input.
func (r *Reader) Err() error { return r.err }

// Next returns the next line. It is not ok at the end.
func (r *Reader) Next() (l Line, ok bool) {
	n := bytes.IndexByte(r.buf[r.pos:], '\n')
	if n < 0 && r.fill() {
		n = bytes.IndexByte(r.buf[r.pos:], '\n')
	}
	if r.pos == len(r.buf) || r.err != nil {
		return l, false
	}
	l = Line{Off: r.base + int64(r.pos), Ended: n >= 0}
	if n < 0 {
		l.Text = r.buf[r.pos:]
		r.pos = len(r.buf)
	} else {
		l.Text = r.buf[r.pos : r.pos+n]
		r.pos += n + 1
	}
	l.Text = bytes.TrimSuffix(l.Text, []byte("\r"))
	return l, true
}

// fill moves the rest to the buffer's front and fills it up.
func (r *Reader) fill() bool {
	if r.buf == nil {
		r.buf = make([]byte, 0, bufLen)
	}
	n := copy(r.buf[:bufLen], r.buf[r.pos:])
	r.base += int64(r.pos)
	r.pos = 0
	more := min(int64(bufLen-n), r.in.Size()-r.base-int64(n))
	r.buf = r.buf[:n]
	if more <= 0 {
		return false
	}
	r.buf = r.buf[:n+int(more)]
	r.err = input.ReadFull(r.in, r.buf[n:], r.base+int64(n))
	return r.err == nil
}
