package tiff

import (
	"fmt"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/block/tiff"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// worthTelling is the length from which verification is told that a run is
// image data, so that it need not be read again.
const worthTelling = 1 << 20

// An image is a picture in the file.
type image struct {
	tiff.Image
	dir    *dir
	jpeg   bool // given by 0201 and 0202
	shared bool // shares bytes with another image or with a value
}

// findImages looks up where image data lies, and adds the items of previews
// and thumbnails.
func (d *doc) findImages() error {
	for _, t := range d.tree.Dirs {
		if t.Kind != tiff.Main && t.Kind != tiff.Sub {
			continue
		}
		x := d.dirs[t]
		for _, where := range []func(*tiff.Dir) (tiff.Image, error){d.tree.Strips, d.tree.JPEG} {
			im, err := where(t)
			if err != nil {
				return fmt.Errorf("%s: image data: %w", t.Name, err)
			}
			if im.Pieces > 0 {
				d.images = append(d.images, image{Image: im, dir: x, jpeg: len(d.images) > 0 && d.images[len(d.images)-1].dir == x || !hasStrips(t)})
			}
		}
		for i, e := range t.Entries {
			switch e.Tag {
			case tiff.TagStripOffsets, tiff.TagStripByteCounts, tiff.TagTileOffsets, tiff.TagTileByteCounts, tiff.TagJPEGOffset, tiff.TagJPEGLength:
				if x.roles[i] == bare && (e.Valid || d.kind != block) {
					x.roles[i] = picture
				}
			}
		}
	}
	for i := range d.images {
		im := &d.images[i]
		if im.Cut { // its byte counts are not to be relied on
			im.Spans = spans(im.Spans).join().minus(d.owned)
		}
		if im.dir.thumb = d.isThumbnail(*im); !im.dir.thumb {
			d.data = append(d.data, im.Spans...)
		}
	}
	sum := d.data.size()
	d.data = d.data.join()
	d.markShared(sum != d.data.size())
	for _, t := range d.tree.Dirs {
		if d.data.touch(exifscrub.Span{Off: t.Off, Len: t.Len}) {
			return fmt.Errorf("%s lies inside image data: %w", t.Name, input.ErrUnsupported)
		}
	}
	for _, im := range d.images {
		if err := d.image(im); err != nil {
			return err
		}
	}
	for _, s := range d.data {
		if s.Len >= worthTelling {
			d.add(exifscrub.Item{Coded: &s}, nil)
		}
	}
	return nil
}

// markShared finds the images that share bytes with values, or with one
// another if some overlap.
func (d *doc) markShared(overlap bool) {
	var all spans
	for _, im := range d.images {
		if overlap || im.dir.thumb {
			all = append(all, im.Spans...)
		}
	}
	slices.SortFunc(all, bySpan)
	shared := all.overlapping()
	for i := range d.images {
		im := &d.images[i]
		for _, s := range im.Spans {
			im.shared = im.shared || shared[s] || d.owned.touch(s) || im.dir.thumb && d.data.touch(s)
		}
	}
}

func hasStrips(t *tiff.Dir) bool {
	_, strips := t.Find(tiff.TagStripOffsets)
	_, tiles := t.Find(tiff.TagTileOffsets)
	return strips || tiles
}

// isThumbnail reports whether im is a thumbnail that nobody needs: IFD1 of an
// Exif block, or a small JPEG behind the pages of a TIFF.
func (d *doc) isThumbnail(im image) bool {
	chained := im.dir.Kind == tiff.Main && im.dir.Prev != nil
	switch d.kind {
	case block:
		return chained
	case plain:
		return chained && im.jpeg && !hasStrips(im.dir.Dir)
	}
	return false
}

// image adds the items of im.
func (d *doc) image(im image) error {
	name := im.dir.Name + "/" + imageName(im)
	if im.Cut {
		d.note("%s: the image data ends beyond the end of the file", im.dir.Name)
	}
	if im.dir.thumb {
		drop := func(e *editor, dec exifscrub.Decision) {
			if dec.Action != privacy.Keep {
				e.drop[im.dir] = true
				e.zero = append(e.zero, im.Spans...)
				e.guess = append(e.guess, im.Guess...)
			} else {
				e.keep = append(append(e.keep, im.Spans...), im.Guess...)
			}
		}
		if isJPEG, err := d.isJPEG(im); err != nil {
			return err
		} else if isJPEG && !im.shared {
			d.add(exifscrub.Item{Child: &exifscrub.Child{Path: name, Spans: im.Spans, Class: privacy.Preview, Fixed: true, Stray: true}}, drop)
		} else {
			d.add(exifscrub.Item{Finding: &privacy.Finding{Class: privacy.Preview, Path: name, Spans: im.Spans}}, drop)
		}
		return nil
	}
	if isJPEG, err := d.isJPEG(im); err != nil || !isJPEG {
		return err
	}
	if d.reduced(im) && !d.wraps(im) {
		return d.preview(name, im.Spans[0], im.shared, func(e *editor) { e.blank = append(e.blank, im.Spans...) })
	}
	segments, err := hasSegments(d.in, im.Spans[0])
	switch {
	case err != nil || !segments:
		return err
	case im.shared:
		return fmt.Errorf("%s shares bytes with something else: %w", name, input.ErrUnsupported)
	}
	d.add(exifscrub.Item{Child: &exifscrub.Child{Path: name, Spans: im.Spans, Fixed: true, Required: true}}, nil)
	return nil
}

// imageName is what exiftool calls im.
func imageName(im image) string {
	switch {
	case im.dir.thumb:
		return "ThumbnailImage"
	case im.jpeg:
		return "JpgFromRaw"
	}
	return "PreviewImage"
}

// isJPEG reports whether im is one whole JPEG file.
func (d *doc) isJPEG(im image) (bool, error) {
	if im.Pieces != 1 || len(im.Spans) != 1 || im.Spans[0].Len < 4 {
		return false, nil
	}
	b, err := input.ReadRange(d.in, im.Spans[0].Off, 3, 3)
	return string(b) == "\xFF\xD8\xFF", err
}

// reduced reports whether im is a preview of another image in the file.
func (d *doc) reduced(im image) bool {
	if im.jpeg && hasStrips(im.dir.Dir) {
		return true
	}
	if e, ok := im.dir.Find(0x00FE); ok { // NewSubfileType
		v, _ := d.r.Integer(e)
		return v&1 != 0
	}
	return im.jpeg && d.developed()
}

// wraps reports whether the strips of im's directory lie inside im: TIFF 6.0's
// own way to say that the image is a JPEG file.
func (d *doc) wraps(im image) bool {
	for _, other := range d.images {
		if other.dir != im.dir || other.jpeg || !im.jpeg {
			continue
		}
		for _, s := range other.Spans {
			if s.Off >= im.Spans[0].Off && s.End() <= im.Spans[0].End() {
				return true
			}
		}
	}
	return false
}

// preview adds an embedded JPEG file that stays, cleaned at the same size. What
// nobody can look into is blanked.
func (d *doc) preview(path string, s exifscrub.Span, shared bool, blank func(*editor)) error {
	gone := func(e *editor, dec exifscrub.Decision) {
		if dec.Gone() {
			blank(e)
		}
	}
	head, err := input.ReadRange(d.in, s.Off, min(3, s.Len), 3)
	if err != nil {
		return err
	}
	if string(head) == "\xFF\xD8\xFF" && !shared {
		d.add(exifscrub.Item{Child: &exifscrub.Child{Path: path, Spans: []exifscrub.Span{s}, Class: privacy.Preview, Fixed: true}}, gone)
		return nil
	}
	nothing, err := d.isZero(exifscrub.Span{Off: s.Off + min(2, s.Len), Len: s.Len - min(2, s.Len)})
	if err == nil && !nothing {
		d.add(exifscrub.Item{Finding: &privacy.Finding{Class: privacy.Preview, Path: path, Spans: []exifscrub.Span{s}}}, gone)
	}
	return err
}

// hasSegments reports whether the JPEG file at s has application segments or
// comments before its first scan that could tell something. What has none is
// image data like any other.
func hasSegments(in exifscrub.Input, s exifscrub.Span) (bool, error) {
	for pos := s.Off + 2; pos+4 <= s.End(); {
		b, err := input.ReadRange(in, pos, 4, 4)
		if err != nil {
			return false, err
		}
		m := b[1]
		switch {
		case b[0] != 0xFF:
			return false, nil
		case m == 0xFF:
			pos++
			continue
		case m == 0xDA || m == 0xD9:
			return false, nil
		case m == 0xFE, m >= 0xE0 && m <= 0xEF && m != 0xE0 && m != 0xEE: // JFIF and Adobe segments are harmless
			return true, nil
		}
		pos += 2 + max(2, int64(b[2])<<8|int64(b[3]))
	}
	return false, nil
}
