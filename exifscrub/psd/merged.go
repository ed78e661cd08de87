package psd

import (
	"bufio"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"flightveil/exifscrub"
	"flightveil/internal/input"
)

// Compression of the merged picture ("Image Data Section").
const (
	rawPixels   = 0
	packBits    = 1
	zip         = 2
	zipPredicts = 3

	maxInflated = 256 << 20 // Photoshop itself never deflates the merged picture
)

// merged accounts for the merged picture, which has no length of its own, and
// for what follows it.
func (p *parser) merged(r *reader) error {
	if r.left() < 2 {
		return p.note("the file ends before its merged picture")
	}
	start := r.pos
	compression := r.u16()
	n, err := p.pixels(r, compression)
	if err != nil {
		return err
	}
	if n > r.left() {
		if err := p.note("the merged picture ends early"); err != nil {
			return err
		}
		n = r.left()
	}
	r.skip(n)
	if err := p.add(part{Item: exifscrub.Item{Coded: &exifscrub.Span{Off: start, Len: r.pos - start}}}); err != nil {
		return err
	}
	return p.trailer(r)
}

// pixels returns the length of the merged picture, more than is left if it is
// cut off.
func (p *parser) pixels(r *reader, compression uint16) (int64, error) {
	row := (p.width*p.depth + 7) / 8
	all := p.channels * p.height * row // at most 2^6 * 2^19 * 2^21
	switch compression {
	case rawPixels:
		return all, nil
	case packBits:
		return p.packed(r)
	case zip, zipPredicts:
		return deflated(r, all)
	}
	return 0, fmt.Errorf("pixels compressed in way %d: %w", compression, input.ErrUnsupported)
}

// packed adds up the lengths of the rows, which come before them.
func (p *parser) packed(r *reader) (int64, error) {
	width := int64(p.wideLen() / 2)
	table := p.channels * p.height * width
	t := *r
	sum := table
	for done := int64(0); done < table && t.left() >= width; {
		b := t.bytes(min(table-done, t.left()/width*width, 32<<10))
		if t.err != nil {
			return 0, t.err
		}
		for i := int64(0); i < int64(len(b)); i += width {
			if width == 2 {
				sum += int64(binary.BigEndian.Uint16(b[i:]))
			} else {
				sum += int64(binary.BigEndian.Uint32(b[i:]))
			}
		}
		done += int64(len(b))
	}
	return sum, nil
}

// deflated returns the length of a zlib stream that gives all bytes.
func deflated(r *reader, all int64) (int64, error) {
	if all > maxInflated {
		return 0, fmt.Errorf("inflating %d bytes: %w", all, input.ErrLimit)
	}
	src := bufio.NewReaderSize(io.NewSectionReader(r.in, r.pos, r.left()), 32<<10)
	counted := &counter{r: src}
	z, err := zlib.NewReader(counted)
	if err == nil {
		var n int64
		n, err = io.Copy(io.Discard, io.LimitReader(z, all+1))
		if err == nil && n > all {
			return 0, fmt.Errorf("more pixels than the picture has: %w", input.ErrUnsupported)
		}
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return r.left() + 1, nil
	case err != nil:
		return 0, fmt.Errorf("inflating: %w", err)
	}
	return counted.n, nil
}

// counter counts what is read, byte by byte, so that nothing is read ahead.
type counter struct {
	r *bufio.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *counter) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}
