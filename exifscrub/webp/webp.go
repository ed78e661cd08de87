// Package webp reads WebP pictures and animations.
//
// Specification: WebP Image Format (RFC 9649), whose sections are quoted; the
// C2PA chunk: C2PA Technical Specification 2.1, A.3.5. A WebP is a RIFF file
// without offsets: a chunk can be cut out if the sizes of what encloses it and
// the flags of the VP8X chunk follow. Kept are the chunks of the picture, its
// frames and its colour profile; every other chunk is a finding or a child.
//
// Not done: coded pictures are not decoded, so bytes behind the end of one
// inside its chunk stay. Other RIFF files are not recognised.
package webp

import (
	"context"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/block/window"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Format is the WebP container.
type Format struct{}

func (Format) ID() string { return "webp" }

func (Format) Detect(p input.Probe) input.Match {
	if b := p.Prefix; len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP" { // section 2.4
		return input.Certain
	}
	return input.No
}

// Walk yields what the chunks hold, in file order, then the notes.
func (Format) Walk(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		p, err := parse(ctx, in, lim)
		for _, e := range p.entries {
			if !yield(e.Item, nil) {
				return
			}
		}
		if err != nil {
			yield(exifscrub.Item{}, err)
		} else if p.early {
			yield(exifscrub.Item{Note: "the file ends early"}, nil)
		}
	}
}

// Edits cuts chunks out and mends sizes and flags.
func (Format) Edits(ctx context.Context, in exifscrub.Input, decisions []exifscrub.Decision, lim exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	var about []exifscrub.Decision // those about findings and children: notes and coded data ask for nothing
	idle := true
	for _, d := range decisions {
		if d.Finding != nil || d.Child != nil || d.Together != nil {
			about = append(about, d)
			idle = idle && d.Action == privacy.Keep && (d.Child == nil || d.NewLen == d.Child.Spans[0].Len)
		}
	}
	if idle {
		return exifscrub.Seq(nil)
	}
	p, err := parse(ctx, in, lim)
	if err != nil {
		return exifscrub.Fail(err)
	}
	edits, err := p.edits(about)
	if err != nil {
		return exifscrub.Fail(err)
	}
	return exifscrub.Seq(edits)
}

// parse reads in. What was read before an error is in the parser.
func parse(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) (*parser, error) {
	return exifscrub.Parsed(in, func() (*parser, error) {
		p := &parser{ctx: ctx, in: in, lim: lim.Defaults(), win: window.New(in)}
		return p, p.parse()
	})
}
