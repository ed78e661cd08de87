// Package raf reads RAF, the raw files of Fujifilm cameras.
//
// Fujifilm publishes no specification; the layout is the one that readers agree
// on: a header with the offsets and lengths of everything else, a JPEG picture
// that carries the Exif block, one or two directories of big-endian values, and
// one or two runs of sensor data, which newer cameras begin with a TIFF header.
// Offsets count from the start of the file, so nothing moves.
//
// Kept is what develops the sensor data: its geometry, white balance, black
// level, colour matrices and lens correction. Everything else goes.
//
// Not done: files of several exposures (M-RAW) are refused.
package raf

import (
	"bytes"
	"context"
	"fmt"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Format is the RAF container.
type Format struct{}

// ID implements [exifscrub.Format].
func (Format) ID() string { return "raf" }

// Detect implements [exifscrub.Format].
func (Format) Detect(p input.Probe) input.Match {
	if bytes.HasPrefix(p.Prefix, []byte(magic)) && len(p.Prefix) >= headerLen {
		return input.Certain
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
		for _, it := range f.items {
			if !yield(it, nil) {
				return
			}
		}
	}
}

// Edits implements [exifscrub.Format].
func (Format) Edits(ctx context.Context, in exifscrub.Input, decisions []exifscrub.Decision, lim exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	f, err := exifscrub.Parsed(in, func() (*file, error) { return parse(ctx, in, lim) })
	if err != nil {
		return exifscrub.Fail(err)
	}
	if len(decisions) != len(f.items) {
		return exifscrub.Fail(fmt.Errorf("%d decisions about %d items", len(decisions), len(f.items)))
	}
	var p exifscrub.Patchset
	for _, d := range decisions {
		var gone []exifscrub.Span
		switch {
		case d.Finding != nil && d.Action != privacy.Keep:
			gone = d.Finding.Spans
		case d.Child != nil && d.Gone():
			gone = d.Child.Spans
		}
		for _, s := range gone {
			p.Zero(s.Off, s.Len)
		}
	}
	return exifscrub.Seq(p.Edits())
}
