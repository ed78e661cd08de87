package jpegtrail

import (
	"bytes"

	"flightveil/internal/input"
)

const windowLen = 64 << 10

// A window reads an input through one buffer.
type window struct {
	in  input.Input
	buf []byte
	off int64

	small [16]byte
}

// peek returns up to n bytes at off, fewer at the end of the input. They stay
// valid until the next call. n is at most windowLen.
func (w *window) peek(off int64, n int) ([]byte, error) {
	n = int(min(int64(n), w.in.Size()-off))
	if n <= 0 {
		return nil, nil
	}
	if off < w.off || off+int64(n) > w.off+int64(len(w.buf)) {
		if w.buf == nil {
			w.buf = make([]byte, 0, windowLen)
		}
		w.buf = w.buf[:min(windowLen, w.in.Size()-off)]
		w.off = off
		if err := input.ReadFull(w.in, w.buf, off); err != nil {
			w.buf = w.buf[:0]
			return nil, err
		}
	}
	i := off - w.off
	return w.buf[i : i+int64(n)], nil
}

// chunk returns the bytes from off to to, but no more than a window holds.
func (w *window) chunk(off, to int64) ([]byte, error) {
	return w.peek(off, int(min(to-off, windowLen)))
}

// head returns up to n bytes at off, fewer at end, for walks that jump: it
// does not move the window.
func (w *window) head(off int64, n int, end int64) ([]byte, error) {
	n = int(min(int64(n), end-off))
	if n <= 0 {
		return nil, nil
	}
	if off >= w.off && off+int64(n) <= w.off+int64(len(w.buf)) {
		return w.peek(off, n)
	}
	return w.small[:n], input.ReadFull(w.in, w.small[:n], off)
}

// exactly returns the n bytes at off, or errNone if they leave [from, end).
func (p *parser) exactly(off, n, end int64) ([]byte, error) {
	if off < p.from || n < 0 || off > end || n > end-off {
		return nil, errNone
	}
	return input.ReadRange(p.in, off, n, p.lim.Field)
}

// trimZeros returns end without the zero bytes before it.
func (w *window) trimZeros(from, end int64) (int64, error) {
	for end > from {
		n := min(end-from, windowLen)
		b, err := w.peek(end-n, int(n))
		if err != nil {
			return 0, err
		}
		if t := len(bytes.TrimRight(b, "\x00")); t > 0 {
			return end - n + int64(t), nil
		}
		end -= n
	}
	return end, nil
}

// skipZeros returns off, or the first byte behind it that is not zero.
func (w *window) skipZeros(off, end int64) (int64, error) {
	for off < end {
		b, err := w.chunk(off, end)
		if err != nil {
			return 0, err
		}
		if rest := bytes.TrimLeft(b, "\x00"); len(rest) > 0 {
			return off + int64(len(b)-len(rest)), nil
		}
		off += int64(len(b))
	}
	return off, nil
}
