package psd

import (
	"encoding/binary"
	"fmt"
	"io"

	"flightveil/exifscrub"
	"flightveil/internal/input"
)

// reader reads big-endian fields of a part of a document. After an error, every
// read gives zeros.
type reader struct {
	in       exifscrub.Input
	pos, end int64
	err      error
}

// bytes returns the next n bytes, of which a header has few.
func (r *reader) bytes(n int64) []byte {
	if r.err == nil && (n < 0 || n > r.end-r.pos) {
		r.err = fmt.Errorf("%d bytes at offset %d: %w", n, r.pos, io.ErrUnexpectedEOF)
	}
	if r.err != nil {
		return make([]byte, min(max(n, 0), 16))
	}
	var b []byte
	if b, r.err = input.ReadRange(r.in, r.pos, n, 64<<10); r.err != nil {
		return make([]byte, min(n, 16))
	}
	r.pos += n
	return b
}

func (r *reader) u16() uint16 { return binary.BigEndian.Uint16(r.bytes(2)) }
func (r *reader) u32() uint32 { return binary.BigEndian.Uint32(r.bytes(4)) }

// length reads a length of width bytes and checks that so much is left.
func (r *reader) length(width int) int64 {
	var b [8]byte
	copy(b[8-width:], r.bytes(int64(width)))
	n := binary.BigEndian.Uint64(b[:])
	if r.err == nil && n > uint64(r.end-r.pos) {
		r.err = fmt.Errorf("length at offset %d: %w", r.pos-int64(width), io.ErrUnexpectedEOF)
	}
	if r.err != nil {
		return 0
	}
	return int64(n)
}

// part returns a reader of the next n bytes and skips them.
func (r *reader) part(n int64) *reader {
	p := &reader{in: r.in, pos: r.pos, end: r.pos + n, err: r.err}
	r.skip(n)
	return p
}

func (r *reader) skip(n int64) {
	if r.err == nil && (n < 0 || n > r.end-r.pos) {
		r.err = fmt.Errorf("%d bytes at offset %d: %w", n, r.pos, io.ErrUnexpectedEOF)
	}
	if r.err == nil {
		r.pos += n
	}
}

func (r *reader) left() int64 { return r.end - r.pos }

// peek returns up to n of the next bytes without moving on.
func (r *reader) peek(n int64) []byte {
	at := r.pos
	b := r.bytes(min(n, r.left()))
	r.pos = at
	return b
}

// zeros reports whether all that is left is zero.
func (r *reader) zeros() bool {
	p := *r
	for p.left() > 0 && p.err == nil {
		for _, c := range p.bytes(min(p.left(), 32<<10)) {
			if c != 0 {
				return false
			}
		}
	}
	r.err = p.err
	return p.err == nil
}
