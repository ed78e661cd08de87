package tiff

import (
	"fmt"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/tiff"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// developed lists the makers of whose raw files it is known what a converter
// needs, so that everything else can go. Files of others are refused.
var developed = []string{"nikon", "canon", "sony", "pentax", "ricoh", "samsung", "olympus", "om digital", "panasonic", "leica"}

// refuseUnknownRaw refuses to clean a raw file of which nobody knows what its
// converters read.
func (d *doc) refuseUnknownRaw() {
	if d.kind != raw || d.tree.Magic != tiff.Classic || d.tree.Len > 8 { // ORF, RW2 and CR2 are formats of one maker
		return
	}
	for _, m := range developed {
		if len(d.make) >= len(m) && strings.EqualFold(d.make[:len(m)], m) {
			return
		}
	}
	d.refuse("RawData", []exifscrub.Span{{Len: d.in.Size()}}, "what raw converters read in the files of this maker is not known; write a DNG or TIFF with one and clean that")
}

// refuse adds a finding that stands for all that could be told by a part of
// the file nobody can look inside, and without which the file is useless.
func (d *doc) refuse(path string, s []exifscrub.Span, why string) {
	f := privacy.Finding{Class: privacy.Unknown, Path: path, Spans: s}
	d.add(exifscrub.Item{Finding: &f}, func(e *editor, dec exifscrub.Decision) {
		if dec.Action != privacy.Keep && e.refused == nil {
			e.refused = fmt.Errorf("%s: %s: %w", path, why, exifscrub.ErrRefused)
		}
	})
}

// notePreviews adds the pictures that a maker note points at and no directory
// of the file does. taken is what has another meaning.
func (d *doc) notePreviews(path string, list []input.Span, taken spans) error {
	if d.kind != raw {
		return nil
	}
	for _, im := range d.images {
		taken = append(taken, im.Spans...)
	}
	taken = taken.join()
	for _, s := range list {
		if b, err := input.ReadRange(d.in, s.Off, min(3, s.Len), 3); err == nil && string(b) == "\xFF\xD8\xFF" && !taken.touch(s) {
			if err := d.preview(path+"/PreviewImage", s, false, func(e *editor) { e.parts = append(e.parts, s) }); err != nil {
				return err
			}
			taken = append(taken, s).join()
		}
	}
	return nil
}

// unexplained reports whether gaps may be the picture itself: more bytes than
// all the image data that the file says it has.
func (d *doc) unexplained(gaps spans) bool {
	const little = 16 << 10
	return d.kind == plain && gaps.size() > max(little, d.data.size())
}
