package tiff

import (
	"cmp"
	"fmt"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/block/makernote"
	"flightveil/internal/block/tiff"
	"flightveil/internal/input"
)

// Canon's CR3 keeps the directories of an Exif block in boxes of their own,
// each a TIFF whose first directory is the one meant: CMT1 is IFD0, CMT2 the
// Exif directory, CMT3 the maker note and CMT4 the GPS directory. The first two
// need no special treatment. Its timed metadata repeats parts of the maker note.

// aloneGPS makes a first directory that can only be a GPS directory one: it has
// a GPSVersionID, which stays whatever goes, and no tag that is not GPS.
func (d *doc) aloneGPS() {
	first := d.tree.Dirs[0]
	version, ok := first.Find(0x0000)
	if !ok || !version.Valid || version.Type != tiff.Byte || version.Count != 4 || d.tree.Magic != tiff.Classic {
		return
	}
	for _, e := range first.Entries {
		if e.Tag > 0x001F {
			return
		}
	}
	first.Kind, first.Name = tiff.GPS, "GPS"
}

// aloneNote adds the items of a first directory that can only be Canon's maker
// note, and reports whether it is one.
func (d *doc) aloneNote() (bool, error) {
	first := d.tree.Dirs[0]
	for _, e := range first.Entries {
		if e.Tag >= 0x00FE && e.Tag < 0x4000 {
			return false, nil
		}
	}
	id, ok := first.Find(0x0010) // the model; it stays whatever goes
	settings, _ := first.Find(0x0001)
	colours, _ := first.Find(0x4001)
	if whole := ok && id.Type == 4 && id.Count == 1 && (settings.Type == 3 || colours.Type == 3); !whole && !partOfNote(first) {
		return false, nil
	}
	model := ""
	if camera, ok := first.Find(0x0006); ok && camera.Valid {
		var err error
		if model, err = d.r.Text(camera, 256); err != nil {
			return false, err
		}
	}
	if first.Off < d.tree.Len {
		return true, fmt.Errorf("a maker note that begins inside the header: %w", input.ErrUnsupported)
	}
	if before, err := d.isZero(exifscrub.Span{Off: d.tree.Len, Len: first.Off - d.tree.Len}); err != nil || !before {
		return true, fmt.Errorf("a maker note with values before its directory: %w", cmp.Or(err, input.ErrUnsupported))
	}
	own := exifscrub.Span{Off: first.Off, Len: d.in.Size() - first.Off}
	again := func(in exifscrub.Input) (makernote.Note, error) {
		n, err := makernote.Parse(in, own, d.tree.Order, "Canon", model, d.lim)
		n.Known = n.Known && !slices.ContainsFunc(n.Fields, func(f makernote.Field) bool { // an offset that leads into the header
			return slices.ContainsFunc(f.Spans, func(s input.Span) bool { return s.Off < d.tree.Len })
		})
		return n, err
	}
	n, err := again(d.in)
	if err != nil || !n.Known {
		return true, fmt.Errorf("a maker note that cannot be read: %w", input.ErrUnsupported)
	}
	for _, f := range n.Fields {
		if len(f.Spans) > 0 && f.Spans[0].Off < own.Off {
			return true, fmt.Errorf("a maker note with a value before its directory: %w", input.ErrUnsupported)
		}
	}
	d.kind = raw
	x := d.dirs[first]
	for i := range x.roles {
		x.roles[i] = picture
	}
	d.fields(&note{ref: ref{x, -1}, Note: n, again: again}, "MakerNote")
	return true, nil
}

// partOfNote reports whether t, which has no tag between those of a maker note,
// can only be one of the parts that timed metadata has: colours and corrections
// have numbers that no other directory uses, the rest begins with settings.
func partOfNote(t *tiff.Dir) bool {
	const long = 32 // the real ones are longer
	short := func(tag uint16) bool {
		e, ok := t.Find(tag)
		return ok && e.Type == 3 && e.Count >= long
	}
	own := false
	for _, e := range t.Entries {
		if e.Tag > 0x40FF {
			return false
		}
		own = own || e.Tag >= 0x4000
	}
	return own || short(0x0001) && short(0x0004)
}
