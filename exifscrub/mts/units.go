package mts

import (
	"bytes"
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/block/nal"
	"flightveil/internal/input"
)

// units finds the SEI units of a picture stream, of which pieces come in many
// packets, and where in the file each of their bytes lies.
type units struct {
	zeros int // zero bytes at the end of what was seen, at most 2
	state int
	buf   []byte
	at    []piece
}

const (
	outside = iota // in a unit that does not matter
	first          // the next byte begins a unit
	inSEI
)

// A piece is a run of bytes of a unit.
type piece struct {
	from int // in the unit
	off  int64
}

// open reports whether a unit has begun that is not complete.
func (u *units) open() bool { return u.state == inSEI }

// add takes the next bytes of the stream, which lie at off, and calls f with
// each complete unit.
func (u *units) add(codec nal.Codec, b []byte, off int64, f func() error) error {
	for i := 0; i < len(b); {
		switch u.state {
		case first:
			u.state, u.zeros = outside, 0
			if codec.IsSEI(b[i]) {
				u.state, u.buf, u.at = inSEI, u.buf[:0], u.at[:0]
			}
			if u.state == outside {
				if b[i] == 0 {
					u.zeros = 1
				}
				i++
			}
		case outside:
			n := start(b[i:], u.zeros)
			if n < 0 {
				u.zeros = tail(b[i:], u.zeros)
				return nil
			}
			i, u.state, u.zeros = i+n, first, 0
		case inSEI:
			n := start(b[i:], u.zeros)
			end := len(b)
			if n >= 0 {
				end = i + n
			}
			u.at = append(u.at, piece{len(u.buf), off + int64(i)})
			u.buf = append(u.buf, b[i:end]...)
			if len(u.buf) > nal.MaxUnit || len(u.at) > 4096 {
				return fmt.Errorf("supplemental information of more than %d bytes: %w", len(u.buf), input.ErrLimit)
			}
			if n < 0 {
				u.zeros = tail(b[i:], u.zeros)
				return nil
			}
			u.buf = u.buf[:len(u.buf)-3] // the start code of the next unit
			if err := u.flush(f); err != nil {
				return err
			}
			i, u.state, u.zeros = end, first, 0
		}
	}
	return nil
}

// flush ends an open unit.
func (u *units) flush(f func() error) error {
	if u.state != inSEI {
		return nil
	}
	u.state = outside
	u.buf = bytes.TrimRight(u.buf, "\x00")
	return f()
}

// start returns where in b the first start code ends, if zeros zero bytes
// stand before b, or -1.
func start(b []byte, zeros int) int {
	if zeros >= 2 && len(b) > 0 && b[0] == 1 {
		return 1
	}
	if zeros >= 1 && len(b) > 1 && b[0] == 0 && b[1] == 1 {
		return 2
	}
	if n := bytes.Index(b, []byte{0, 0, 1}); n >= 0 {
		return n + 3
	}
	return -1
}

// tail returns how many zero bytes end the stream behind b, at most 2.
func tail(b []byte, zeros int) int {
	end := b[max(0, len(b)-2):]
	n := len(end) - len(bytes.TrimRight(end, "\x00"))
	if n == len(b) {
		n += zeros
	}
	return min(2, n)
}

// spans returns where the bytes from from to to of the unit lie in the file.
func (u *units) spans(from, to int64) (out []exifscrub.Span) {
	for i, p := range u.at {
		end := int64(len(u.buf))
		if i+1 < len(u.at) {
			end = min(end, int64(u.at[i+1].from))
		}
		a, b := max(from, int64(p.from)), min(to, end)
		if a < b {
			out = append(out, exifscrub.Span{Off: p.off + a - int64(p.from), Len: b - a})
		}
	}
	return out
}
