// Package jxl finds and removes personal data in JPEG XL files: the container
// with boxes, and codestreams that stand alone.
//
// Specification: ISO/IEC 18181-2:2024 (container, Brotli-compressed boxes, JPEG
// bitstream reconstruction data); the Exif box is that of HEIF.
//
// Every edit keeps the size of the file. A box that goes becomes a free box of
// zeros, which every reader skips. What is compressed is inflated, within
// bounds, cleaned and compressed again into the room it had; the Brotli stream
// is filled up with empty metadata blocks (RFC 7932, 9.2). Exif and XMP of a
// file that can give back its original JPEG are emptied rather than removed,
// and what the reconstruction data repeats of the original's other segments is
// blanked, so that a cleaned JPEG comes out.
//
// The codestream stays bit for bit. What it names itself – extra channels,
// frames – is not looked into.
package jxl

import (
	"context"
	"fmt"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/input"
)

// Format is a JPEG XL file or codestream.
type Format struct{}

// ID implements [exifscrub.Format].
func (Format) ID() string { return "jxl" }

const (
	signature  = "\x00\x00\x00\x0CJXL \x0D\x0A\x87\x0A" // 18181-2, 9.1
	codestream = "\xFF\x0A"                             // 18181-1, D.1
)

// Detect implements [exifscrub.Format].
func (Format) Detect(p input.Probe) input.Match {
	switch {
	case len(p.Prefix) >= len(signature) && string(p.Prefix[:len(signature)]) == signature:
		return input.Certain
	case len(p.Prefix) > 8 && string(p.Prefix[:2]) == codestream:
		return input.Likely
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
		if p.apply != nil {
			if err := p.apply(&set, ds[i]); err != nil {
				return exifscrub.Fail(err)
			}
		}
	}
	for _, r := range f.rebuilds {
		r.finish(&set)
	}
	return exifscrub.Seq(set.Edits())
}
