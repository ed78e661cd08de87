// Package jpeg finds and removes metadata in JPEG files (ITU-T T.81) and in
// what cameras make of them: several pictures in one file (CIPA DC-007, MPF),
// gain maps, motion photos, thermal pictures of DJI and FLIR cameras.
//
// Coded data - tables, frame and scan headers, entropy-coded segments - is
// copied byte for byte. Of the segments that hold metadata only those stay
// that are needed to show the picture (JFIF, Adobe, colour profile, index of
// further pictures, thermal data) and those in which something stays (Exif,
// XMP). What follows the picture goes unless it is indexed there.
//
// The package does not look into Exif, XMP and other embedded blocks; their
// own formats do. It does not check that the coded data can be decoded.
package jpeg

import (
	"context"
	"errors"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/input"
)

// Format is the JPEG container.
type Format struct{}

// ID returns "jpeg".
func (Format) ID() string { return "jpeg" }

// Detect recognises SOI and the first marker behind it.
func (Format) Detect(p input.Probe) input.Match {
	b := p.Prefix
	switch {
	case len(b) < 2 || b[0] != 0xFF || b[1] != mSOI:
		return input.No
	case len(b) >= 4 && b[2] == 0xFF && b[3] >= mSOF0:
		return input.Certain
	case len(b) == 2 || b[2] == 0xFF:
		return input.Likely
	}
	return input.No
}

// Walk yields what f holds, segment by segment, and what follows the picture.
func (Format) Walk(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		f, err := exifscrub.Parsed(in, func() (*file, error) { return parse(ctx, in, lim) })
		if err != nil {
			yield(exifscrub.Item{}, err)
			return
		}
		for _, p := range f.parts {
			for _, item := range p.items {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

var errDecisions = errors.New("decisions do not fit the picture")

// Edits cuts what must go and mends the indexes of further pictures.
func (Format) Edits(ctx context.Context, in exifscrub.Input, ds []exifscrub.Decision, lim exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	f, err := exifscrub.Parsed(in, func() (*file, error) { return parse(ctx, in, lim) })
	if err != nil {
		return exifscrub.Fail(err)
	}
	e := editor{became: map[*appended]outcome{}}
	for _, p := range f.parts {
		if len(ds) < len(p.items) {
			return exifscrub.Fail(errDecisions)
		}
		if err := p.apply(ds[:len(p.items)], &e); err != nil {
			return exifscrub.Fail(err)
		}
		ds = ds[len(p.items):]
	}
	if len(ds) > 0 {
		return exifscrub.Fail(errDecisions)
	}
	if err := f.mend(&e); err != nil {
		return exifscrub.Fail(err)
	}
	return exifscrub.Seq(e.edits())
}
