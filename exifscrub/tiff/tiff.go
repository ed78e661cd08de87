// Package tiff cleans Exif blocks (Exif 3.0 section 4.5) and files built like
// TIFF 6.0: TIFF, BigTIFF, GeoTIFF, DNG, GPR and the raw files NEF, ARW, CR2,
// PEF, SRW, ORF and RW2.
//
// It patches in place and never lays a file out anew: an entry that goes is
// cut out of its directory and its value is overwritten with zeros; nothing
// else moves, so that strips, tiles, previews and maker notes stay where
// pointers of all kinds expect them. It decodes no image data and does not
// look for what can be seen in it.
package tiff

import (
	"context"
	"fmt"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/block/tiff"
	"flightveil/internal/input"
)

// Format is the container for Exif blocks and files built like TIFF.
type Format struct{}

// ID implements [exifscrub.Format].
func (Format) ID() string { return "tiff" }

// Detect implements [exifscrub.Format].
func (Format) Detect(p input.Probe) input.Match {
	h, err := tiff.ParseHeader(p.Prefix[:min(16, len(p.Prefix))])
	if err != nil {
		return input.No
	}
	if h.First >= h.Len && h.First < p.Input.Size() {
		return input.Certain
	}
	return input.Likely
}

// Walk implements [exifscrub.Format].
func (Format) Walk(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		d, err := exifscrub.Parsed(in, func() (*doc, error) { return parse(ctx, in, lim) })
		if err != nil {
			yield(exifscrub.Item{}, err)
			return
		}
		for _, it := range d.items {
			if !yield(it.Item, nil) {
				return
			}
		}
	}
}

// Edits implements [exifscrub.Format].
func (Format) Edits(ctx context.Context, in exifscrub.Input, decisions []exifscrub.Decision, lim exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	d, err := exifscrub.Parsed(in, func() (*doc, error) { return parse(ctx, in, lim) })
	if err != nil {
		return exifscrub.Fail(err)
	}
	if len(decisions) != len(d.items) {
		return exifscrub.Fail(fmt.Errorf("%d decisions about %d items", len(decisions), len(d.items)))
	}
	e := newEditor(d)
	for i, it := range d.items {
		if it.apply != nil {
			it.apply(e, decisions[i])
		}
	}
	edits, err := e.finish()
	if err != nil {
		return exifscrub.Fail(err)
	}
	return exifscrub.Seq(edits)
}
