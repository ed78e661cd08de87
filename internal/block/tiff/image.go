package tiff

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"flightveil/internal/input"
)

// Tags that say where image data lies and how much there must be.
const (
	TagImageWidth      = 0x0100
	TagImageLength     = 0x0101
	TagBitsPerSample   = 0x0102
	TagCompression     = 0x0103
	TagPhotometric     = 0x0106
	TagStripOffsets    = 0x0111
	TagSamplesPerPixel = 0x0115
	TagRowsPerStrip    = 0x0116
	TagStripByteCounts = 0x0117
	TagPlanarConfig    = 0x011C
	TagTileWidth       = 0x0142
	TagTileLength      = 0x0143
	TagTileOffsets     = 0x0144
	TagTileByteCounts  = 0x0145
	TagJPEGOffset      = 0x0201
	TagJPEGLength      = 0x0202
	tagJPEGQTables     = 0x0207
	tagJPEGACTables    = 0x0209
)

// maxSpans bounds the runs of image data of one file held in memory.
const maxSpans = 1 << 20

// An Image is where the image data of a directory lies.
type Image struct {
	// Spans is what the directory says, clipped to the file, in the order of
	// the strips or tiles; neighbours are joined.
	Spans []input.Span
	// Guess is where image data must or may lie though no byte count says so.
	Guess []input.Span
	// Cut says that some of the data lies beyond the end of the file.
	Cut    bool
	Pieces int // strips or tiles
}

// Strips returns where the strips or tiles of d lie.
func (t *Tree) Strips(d *Dir) (Image, error) {
	offsets, ok := d.Find(TagStripOffsets)
	counts, _ := d.Find(TagStripByteCounts)
	if tiles, isTiled := d.Find(TagTileOffsets); isTiled {
		offsets, ok = tiles, true
		counts, _ = d.Find(TagTileByteCounts)
	}
	if !ok {
		return Image{}, nil
	}
	return t.pieces(offsets, counts, t.layout(d))
}

// JPEG returns where the JPEG picture of d lies: a thumbnail or preview, or
// the image itself in TIFF 6.0's way (section 22).
func (t *Tree) JPEG(d *Dir) (Image, error) {
	offsets, ok := d.Find(TagJPEGOffset)
	if !ok {
		return Image{}, nil
	}
	counts, _ := d.Find(TagJPEGLength)
	im, err := t.pieces(offsets, counts, layout{})
	if err != nil {
		return im, err
	}
	for tag := uint16(tagJPEGQTables); tag <= tagJPEGACTables; tag++ {
		e, _ := d.Find(tag)
		n := int64(64)
		if tag != tagJPEGQTables {
			n = 16 + 256
		}
		for off, err := range t.Reader.Integers(e) {
			if err != nil {
				return im, err
			}
			if s, _ := t.clip(t.Reader.offset(uint64(max(0, off))), n); s.Len > 0 && len(im.Guess) < maxSpans {
				im.Guess = append(im.Guess, s)
			}
		}
	}
	return im, nil
}

// pieces pairs offsets with byte counts.
func (t *Tree) pieces(offsets, counts Entry, l layout) (im Image, err error) {
	next, stop := iter.Pull2(t.Reader.Integers(counts))
	defer stop()
	for off, err := range t.Reader.Integers(offsets) {
		if err != nil {
			return im, err
		}
		exact := l.size(im.Pieces)
		im.Pieces++
		at := t.Reader.offset(uint64(max(0, off)))
		n, err, given := next()
		switch {
		case err != nil:
			return im, err
		case at == 0: // a missing tile of a sparse file
			continue
		case !given || n <= 0:
			n = exact
		}
		t.piece(&im, at, n, exact)
		if len(im.Spans)+len(im.Guess) > maxSpans {
			return im, fmt.Errorf("image data in more than %d pieces: %w", maxSpans, input.ErrLimit)
		}
	}
	return im, nil
}

// piece adds n bytes of image data at off to im. exact is how many there must
// be, 0 if that is not known. Where the two differ, what both cover is image
// data, and what only one covers may be.
func (t *Tree) piece(im *Image, off, n, exact int64) {
	sure, most := n, n
	if exact > 0 {
		sure, most = min(n, exact), max(n, exact)
	} else if n <= 0 {
		most = t.Reader.In.Size() // no length at all: up to the end of the file
	}
	s, cut := t.clip(off, sure)
	im.Cut = im.Cut || cut
	if k := len(im.Spans) - 1; k >= 0 && im.Spans[k].End() == s.Off {
		im.Spans[k].Len += s.Len
	} else if s.Len > 0 {
		im.Spans = append(im.Spans, s)
	}
	if g, _ := t.clip(off, most); g.Len > s.Len {
		im.Guess = append(im.Guess, g)
	}
}

// clip returns the part of a range that lies inside the file.
func (t *Tree) clip(off, n int64) (s input.Span, cut bool) {
	size := t.Reader.In.Size()
	if off < 0 || off >= size || n <= 0 {
		return input.Span{}, n > 0
	}
	if n > size-off {
		return input.Span{Off: off, Len: size - off}, true
	}
	return input.Span{Off: off, Len: n}, false
}

// IsLayout reports whether tag has a say in where image data lies.
func IsLayout(tag uint16) bool {
	switch tag {
	case TagImageWidth, TagImageLength, TagBitsPerSample, TagCompression, TagPhotometric, TagSamplesPerPixel, TagRowsPerStrip, TagPlanarConfig,
		TagTileWidth, TagTileLength, TagStripOffsets, TagStripByteCounts, TagTileOffsets, TagTileByteCounts, TagJPEGOffset, TagJPEGLength:
		return true
	}
	return false
}

// A layout is how many bytes the pieces of an uncompressed image must have.
// The zero value knows nothing.
type layout struct {
	row   int64 // bytes of one row of a piece
	rows  int64 // rows of a piece
	total int64 // rows of the image; 0 if all pieces have the same number of rows
}

// size returns the size of piece i in bytes, or 0.
func (l layout) size(i int) int64 {
	rows := l.rows
	if l.total > 0 && l.rows > 0 {
		perPlane := (l.total + l.rows - 1) / l.rows
		rows = min(rows, l.total-int64(i)%perPlane*l.rows)
	}
	return l.row * rows
}

// layout returns the layout of d if its image is not compressed and its tags
// are complete.
func (t *Tree) layout(d *Dir) layout {
	get := func(tag uint16, missing int64) int64 {
		e, ok := d.Find(tag)
		if !ok {
			return missing
		}
		v, ok := t.Reader.Integer(e)
		if !ok || v < 0 || v > 1<<32 {
			return -1
		}
		return v
	}
	samples, bits := get(TagSamplesPerPixel, 1), get(TagBitsPerSample, 1)
	if get(TagPlanarConfig, 1) == 2 {
		samples = 1
	}
	l := layout{total: get(TagImageLength, -1)}
	width := get(TagImageWidth, -1)
	l.rows = get(TagRowsPerStrip, l.total)
	if l.rows <= 0 || l.rows > l.total {
		l.rows = l.total
	}
	if _, tiled := d.Find(TagTileOffsets); tiled {
		width, l.rows, l.total = get(TagTileWidth, -1), get(TagTileLength, -1), 0
	}
	switch get(TagPhotometric, -1) {
	case 6, 32803, 34892: // subsampled, or packed in a maker's own way
		return layout{}
	}
	if get(TagCompression, 1) != 1 || width <= 0 || width > 1<<24 || l.rows <= 0 || l.rows > 1<<24 ||
		bits <= 0 || bits > 64 || samples <= 0 || samples > 1<<10 {
		return layout{}
	}
	l.row = (width*bits*samples + 7) / 8
	return l
}

func isOutside(err error) bool {
	return errors.Is(err, errOutside) || errors.Is(err, io.ErrUnexpectedEOF)
}
