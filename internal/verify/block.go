package verify

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"flightveil/internal/block/tiff"
	"flightveil/internal/input"
)

const (
	maxBlock  = 1 << 20 // a block this long is given to every reader, a longer file to those that seek
	maxValue  = 4 << 10 // longer values are tables and vendor blocks
	maxValues = 1 << 20 // of all values together: entries may share one
	maxTags   = 5000    // entries and directories
)

var (
	// errForeign means that a block is none for Exif readers: a BigTIFF, or raw
	// data with a magic number of its own.
	errForeign = errors.New("no block for Exif readers")
	errTangled = fmt.Errorf("a tangle of directories: %w", input.ErrUnsupported)
)

// A block is an Exif block or TIFF file as readers by other hands may see it.
// They trust what they read: 26 bytes can make goexif ask for 17 GB, which ends
// the program. And they are slow. So they are shown shorter directories: only
// tags that could give something away, without what leads outside or in a
// circle, and without long values.
type block struct {
	in      input.Input
	order   binary.ByteOrder
	patches []patch
	leads   map[int64]*tiff.Dir // entries that may be followed, by offset
	follows map[*tiff.Dir]bool  // directories with another behind them
	total   int64               // bytes of values
	whole   []byte              // of a block no longer than maxBlock
}

type patch struct {
	off  int64
	with []byte
}

func newBlock(in input.Input) (*block, error) {
	b, err := shorten(in)
	if err != nil {
		return nil, err
	}
	if in.Size() <= maxBlock {
		b.whole = make([]byte, in.Size())
		if err := input.ReadFull(in, b.whole, 0); err != nil {
			return nil, err
		}
		b.patch(b.whole, 0)
	}
	// Where directories overlap, writing one may have broken another.
	again, err := shorten(b)
	if err != nil {
		return nil, err
	}
	for _, p := range again.patches {
		now := make([]byte, len(p.with))
		if err := input.ReadFull(b, now, p.off); err != nil || !bytes.Equal(now, p.with) {
			return nil, errTangled
		}
	}
	return b, nil
}

// shorten returns in with shorter directories.
func shorten(in input.Input) (*block, error) {
	t, err := tiff.Read(in, input.Limits{Items: maxTags})
	if err != nil {
		return nil, err
	}
	if t.Magic != tiff.Classic {
		return nil, errForeign
	}
	b := &block{in: in, order: t.Order, leads: map[int64]*tiff.Dir{}, follows: map[*tiff.Dir]bool{}}
	for i, d := range t.Dirs {
		if d.Prev != nil {
			b.follows[d.Prev] = true
		} else if i > 0 && len(d.Refs) > 0 { // one way to a directory is enough
			r := d.Refs[0]
			b.leads[r.Dir.Entries[r.Entry].At] = d
		}
	}
	for _, d := range t.Dirs {
		if d.Kind == tiff.Sub {
			continue // nobody else looks there
		}
		if err := b.directory(d); err != nil {
			return nil, err
		}
	}
	return b, nil
}

const entrySize = 12 // TIFF 6.0 section 2

// directory notes what to write over d.
func (b *block) directory(d *tiff.Dir) error {
	table, err := input.ReadRange(b.in, d.Off, 2+entrySize*int64(len(d.Entries)), 2+maxTags*entrySize)
	if err != nil {
		return err
	}
	room := len(table)
	if d.NextAt > 0 {
		room += 4 // some cameras write no pointer behind
	}
	out := table[:2]
	for i, e := range d.Entries {
		raw := table[2+entrySize*i:][:entrySize]
		if to := b.leads[e.At]; to != nil && points(e.Tag) {
			b.pointer(raw, to.Off)
		} else if !b.harmless(d, e) {
			continue
		}
		if len(out)+entrySize+4 <= room {
			out = append(out, raw...)
		}
	}
	if len(out)+4 > room {
		return errTangled
	}
	b.order.PutUint16(out, uint16(len(out)/entrySize))
	next := make([]byte, 4)
	if d.Kind == tiff.Main && b.follows[d] {
		b.order.PutUint32(next, uint32(d.Next))
	}
	b.patches = append(b.patches, patch{d.Off, append(out, next...)})
	return nil
}

// points reports whether other readers go where an entry of this tag leads.
func points(tag uint16) bool {
	return tag == tiff.TagExifIFD || tag == tiff.TagGPSIFD || tag == tiff.TagInterop
}

// pointer makes raw, an entry, a single offset, which every reader takes alike.
func (b *block) pointer(raw []byte, off int64) {
	b.order.PutUint16(raw[2:], uint16(tiff.Long))
	b.order.PutUint32(raw[4:], 1)
	b.order.PutUint32(raw[8:], uint32(off))
}

// harmless reports whether e is worth showing and safe to show.
func (b *block) harmless(d *tiff.Dir, e tiff.Entry) bool {
	class := tagClass(e.Tag)
	if d.Kind == tiff.GPS {
		class = gpsClass(e.Tag)
	}
	if class == "" || !e.Valid || e.Count == 0 || e.Type > tiff.Double || e.Value.Len > maxValue {
		return false
	}
	b.total += e.Value.Len
	return b.total <= maxValues
}

// Size returns the length of the block.
func (b *block) Size() int64 { return b.in.Size() }

// ReadAt reads the block as others may see it.
func (b *block) ReadAt(p []byte, off int64) (int, error) {
	n, err := b.in.ReadAt(p, off)
	b.patch(p[:n], off)
	return n, err
}

// patch changes p, the bytes at off.
func (b *block) patch(p []byte, off int64) {
	for _, c := range b.patches {
		if from := c.off - off; from < int64(len(p)) && from+int64(len(c.with)) > 0 {
			copy(p[max(0, from):], c.with[max(0, -from):])
		}
	}
}
