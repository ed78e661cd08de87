package jpeg

import (
	"bytes"

	"flightveil/internal/input"
)

const windowLen = 64 << 10

// A window reads an input through one buffer, so that a picture is read once
// and front to back however often its bytes are asked for.
type window struct {
	in  input.Input
	buf []byte
	off int64
}

// peek returns up to n bytes at off, fewer at the end of the input. They stay
// valid until the next call. n is at most windowLen.
func (w *window) peek(off int64, n int) ([]byte, error) {
	n = int(min(int64(n), w.in.Size()-off))
	if n <= 0 || off < 0 {
		return nil, nil
	}
	if off < w.off || off+int64(n) > w.off+int64(len(w.buf)) {
		if w.buf == nil {
			w.buf = make([]byte, 0, windowLen)
		}
		w.off, w.buf = off, w.buf[:min(windowLen, w.in.Size()-off)]
		if err := input.ReadFull(w.in, w.buf, off); err != nil {
			w.buf = w.buf[:0]
			return nil, err
		}
	}
	i := off - w.off
	return w.buf[i : i+int64(n)], nil
}

// glance is peek for walks that jump: it reads only what is asked for unless
// the window holds it already.
func (w *window) glance(off int64, b []byte) ([]byte, error) {
	n := min(int64(len(b)), w.in.Size()-off)
	if n <= 0 || off < 0 {
		return nil, nil
	}
	if off >= w.off && off+n <= w.off+int64(len(w.buf)) {
		i := off - w.off
		return w.buf[i : i+n], nil
	}
	return b[:n], input.ReadFull(w.in, b[:n], off)
}

// marker returns the offset of the first 0xFF in [from, to) that a byte for
// which ends reports true follows, or to.
func (w *window) marker(from, to int64, ends func(byte) bool) (int64, error) {
	for from < to-1 {
		b, err := w.peek(from, int(min(to-from, windowLen)))
		if err != nil {
			return 0, err
		}
		i := 0
		for {
			j := bytes.IndexByte(b[i:len(b)-1], 0xFF)
			if j < 0 {
				break
			}
			i += j
			if ends(b[i+1]) {
				return from + int64(i), nil
			}
			i++
		}
		from += int64(len(b) - 1) // the last byte may be the first of a marker
	}
	return to, nil
}

// zeros reports whether all n bytes at off are zero.
func (w *window) zeros(off, n int64) (bool, error) {
	for n > 0 {
		b, err := w.peek(off, int(min(n, windowLen)))
		if err != nil {
			return false, err
		}
		if len(b) == 0 || len(bytes.TrimLeft(b, "\x00")) > 0 {
			return false, nil
		}
		off, n = off+int64(len(b)), n-int64(len(b))
	}
	return true, nil
}
