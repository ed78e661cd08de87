package jpegtrail

import (
	"bytes"

	"flightveil/internal/block/window"
	"flightveil/internal/input"
)

// peek returns up to n bytes at off, until the next call.
func (p *parser) peek(off int64, n int) ([]byte, error) { return p.win.Peek(off, int64(n)) }

// head returns up to n bytes at off, fewer at end, for walks that jump.
func (p *parser) head(off int64, n int, end int64) ([]byte, error) {
	return p.win.Head(off, min(int64(n), end-off))
}

// chunk returns the bytes from off to to, but no more than a window holds.
func (p *parser) chunk(off, to int64) ([]byte, error) { return p.win.Peek(off, to-off) }

// exactly returns the n bytes at off, or errNone if they leave [from, end).
func (p *parser) exactly(off, n, end int64) ([]byte, error) {
	if off < p.from || n < 0 || off > end || n > end-off {
		return nil, errNone
	}
	return input.ReadRange(p.in, off, n, p.lim.Field)
}

// trimZeros returns end without the zero bytes before it.
func (p *parser) trimZeros(from, end int64) (int64, error) {
	for end > from {
		n := min(end-from, window.Size)
		b, err := p.chunk(end-n, end)
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
func (p *parser) skipZeros(off, end int64) (int64, error) {
	for off < end {
		b, err := p.chunk(off, end)
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
