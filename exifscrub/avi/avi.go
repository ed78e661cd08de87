// Package avi reads AVI videos, also those of several segments (OpenDML).
//
// Specifications: Microsoft, AVI RIFF File Reference and RIFF (Multimedia
// Programming Interface, 1991); OpenDML AVI File Format Extensions 1.02
// (sections quoted). Chunks of camera makers as reference readers know them.
// Every edit keeps the size: what goes becomes a JUNK chunk of zeros, so that
// indexes stay right. Kept are headers, indexes and the chunks of video and
// audio streams; any other chunk or stream is a finding or a child, and so is
// what lies in JUNK, which cameras use for their own data.
//
// Not done: pictures and sound are not decoded. What DV and JPEG frames carry
// beside the picture is told, not removed; what H.264 and H.265 frames carry
// goes only under a policy that removes it.
package avi

import (
	"context"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/block/window"
	"flightveil/internal/input"
)

// Format is the AVI container.
type Format struct{}

func (Format) ID() string { return "avi" }

func (Format) Detect(p input.Probe) input.Match {
	if b := p.Prefix; len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "AVI " {
		return input.Certain
	}
	return input.No
}

// Walk yields what the chunks hold, in file order, then what the streams hold,
// then the notes.
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
		}
	}
}

// Edits turns what goes into JUNK.
func (Format) Edits(ctx context.Context, in exifscrub.Input, decisions []exifscrub.Decision, lim exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	p, err := parse(ctx, in, lim)
	if err != nil {
		return exifscrub.Fail(err)
	}
	return p.edits(ctx, decisions)
}

// parse reads in. What was read before an error is in the parser.
func parse(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) (*parser, error) {
	return exifscrub.Parsed(in, func() (*parser, error) {
		p := newParser(ctx, in, lim.Defaults())
		defer p.win.Free()
		return p, p.parse()
	})
}

func newParser(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) *parser {
	return &parser{ctx: ctx, in: in, lim: lim, win: window.New(in), budget: 100_000 + min(in.Size()/64, 1<<24)}
}
