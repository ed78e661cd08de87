// Package heif finds and removes personal data in HEIF files: HEIC, AVIF and
// others that keep pictures as items, image sequences included.
//
// Specifications: ISO/IEC 14496-12:2022 (boxes and items; section numbers
// without a name are of it), 23008-12:2022 (HEIF), 23000-22 (MIAF), AV1 Image
// File Format 1.1. Samsung's boxes and Google's motion photos are those of
// their own files and of the ExifTool documentation.
//
// No edit moves a byte, so that every extent of every item stays where it is.
// An Exif or XMP item of which nothing stays becomes an empty block of the same
// size, any other item of that kind zeros; a box that goes becomes a free box,
// a property a free box in its place. Bytes of media data that no item and no
// track owns are overwritten, whatever they are. Boxes, properties and items no
// table lists go too, where the specification lets a reader do without.
//
// Coded pictures stay bit for bit, thumbnails, depth maps and gain maps among
// them. Items whose data lies in another file are not supported.
package heif

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/input"
)

// Format is a picture file with items.
type Format struct{}

// ID implements [exifscrub.Format].
func (Format) ID() string { return "heif" }

// brands are those of HEIF (23008-12, annex B and E to L), MIAF and AVIF.
var brands = map[string]bool{
	"heic": true, "heix": true, "heim": true, "heis": true, "hevc": true, "hevx": true, "hevm": true, "hevs": true,
	"mif1": true, "mif2": true, "mif3": true, "msf1": true, "miaf": true, "1pic": true,
	"avif": true, "avis": true, "avio": true, "avci": true, "avcs": true, "vvic": true, "vvis": true,
	"jpeg": true, "jpgs": true, "j2ki": true, "j2is": true, "unif": true,
}

// Detect implements [exifscrub.Format].
func (Format) Detect(p input.Probe) input.Match {
	b := p.Prefix
	if len(b) < 16 || string(b[4:8]) != "ftyp" {
		return input.No
	}
	size := int64(binary.BigEndian.Uint32(b))
	switch {
	case size < 16:
		return input.No
	case brands[string(b[8:12])]:
		return input.Certain
	}
	for pos := int64(16); pos+4 <= min(size, int64(len(b))); pos += 4 {
		switch string(b[pos : pos+4]) { // other brands also stand in videos that have a picture for a cover
		case "heic", "heix", "avif":
			return input.Likely
		}
	}
	return input.No
}

// Walk implements [exifscrub.Format].
func (Format) Walk(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		f, err := exifscrub.Parsed(in, func() (*file, error) { return parse(ctx, in, lim) })
		if err != nil {
			yield(exifscrub.Item{}, err)
			return
		}
		for _, p := range f.parts {
			if !yield(p.Item, nil) {
				return
			}
		}
	}
}

// Edits implements [exifscrub.Format].
func (Format) Edits(ctx context.Context, in exifscrub.Input, ds []exifscrub.Decision, lim exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	f, err := exifscrub.Parsed(in, func() (*file, error) { return parse(ctx, in, lim) })
	if err != nil {
		return exifscrub.Fail(err)
	}
	if len(ds) != len(f.parts) {
		return exifscrub.Fail(fmt.Errorf("%d decisions about %d items", len(ds), len(f.parts)))
	}
	var set exifscrub.Patchset
	for i, p := range f.parts {
		if p.apply != nil && (ds[i].Gone() || ds[i].Coarse()) {
			p.apply(&set, ds[i])
		}
	}
	return exifscrub.Seq(set.Edits())
}
