// Package jp2 finds and removes personal data in JPEG 2000 files: JP2, JPX, JPM
// and JPH, and codestreams that stand alone.
//
// Specifications: ITU-T T.800 (ISO/IEC 15444-1) for codestreams and JP2, T.801
// (15444-2) for JPX, 15444-6 for JPM, T.814 (15444-15) for JPH.
//
// No edit moves a byte, because JPX and JPM files hold absolute offsets and
// codestreams the lengths of their tile-parts. A box that goes becomes a UUID
// box of the same size, all zeros, which every reader may ignore (T.800, I.7.2).
// T.801 has Free boxes for that, but ffmpeg takes a file that begins with one
// for a movie. Comments in a codestream are overwritten, but for those an
// encoder leaves to name itself, which are no one's data. Elements and
// attributes of XML boxes are overwritten with spaces; a box of which nothing
// stays goes as a whole.
//
// Boxes no table lists go too. What colour, resolution, palette and
// composition need stays. Files whose picture lies in another file, and Motion
// JPEG 2000, are not supported.
package jp2

import (
	"context"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/input"
)

// Format is a JPEG 2000 file or codestream.
type Format struct{}

// ID implements [exifscrub.Format].
func (Format) ID() string { return "jp2" }

const (
	signature    = "\x00\x00\x00\x0CjP  \x0D\x0A\x87\x0A" // T.800, I.5.1
	oldSignature = "\x00\x00\x00\x0CjP\x1A\x1A\x0D\x0A\x87\x0A"
	codestream   = "\xFF\x4F\xFF\x51" // T.800, A.4: SOC, SIZ
)

// Detect implements [exifscrub.Format].
func (Format) Detect(p input.Probe) input.Match {
	b := p.Prefix
	switch {
	case len(b) >= 4 && string(b[:4]) == codestream:
		return input.Certain
	case len(b) < 24 || string(b[:12]) != signature && string(b[:12]) != oldSignature:
		return input.No
	case string(b[16:20]) == "ftyp" && (string(b[20:24]) == "mjp2" || string(b[20:24]) == "mj2s"):
		return input.No // a movie, with tracks
	}
	return input.Certain
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
	edits, err := f.edits(ds)
	if err != nil {
		return exifscrub.Fail(err)
	}
	return exifscrub.Seq(edits)
}
