// Package png reads PNG and APNG pictures.
//
// Specification: Portable Network Graphics (PNG) Specification, third edition
// (W3C, 2025); sections are quoted from it. A PNG is a row of chunks without a
// single offset, so a chunk can be cut out and every other byte stays as it is.
// Kept are the chunks the picture is made of and looks right with, at the sizes
// the specification gives them; all others are findings or children, and a
// critical chunk the specification does not name means that the file is refused.
//
// Not done: MNG and JNG are not recognised. Coded picture data is neither
// inflated nor searched, so bytes that follow the compressed stream inside the
// last IDAT stay. A colour profile stays as it is, with its own texts.
package png

import (
	"bytes"
	"context"
	"errors"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/block/window"
	"flightveil/internal/input"
)

// Format is the PNG container.
type Format struct{}

const signature = "\x89PNG\r\n\x1a\n" // section 5.2

func (Format) ID() string { return "png" }

func (Format) Detect(p input.Probe) input.Match {
	if bytes.HasPrefix(p.Prefix, []byte(signature)) {
		return input.Certain
	}
	return input.No
}

// Walk yields what the chunks hold in file order, then the notes.
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
			return
		}
		for _, n := range p.notes() {
			if !yield(exifscrub.Item{Note: n}, nil) {
				return
			}
		}
	}
}

// Edits cuts chunks out, writes less exact values, and mends the length and
// the checksum of every chunk in which something changed.
func (Format) Edits(ctx context.Context, in exifscrub.Input, decisions []exifscrub.Decision, lim exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	var about []exifscrub.Decision // those about findings and children: notes and coded data ask for nothing
	idle := true
	for _, d := range decisions {
		if d.Finding != nil || d.Child != nil || d.Together != nil {
			about = append(about, d)
			idle = idle && !d.Gone() && !d.Coarse() && len(d.Inner) == 0
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

// inflatable is how much of one file's compressed text is inflated, in units
// of Limits.Field: what goes beyond is treated as unreadable.
const inflatable = 4

// parse reads in. What was read before an error is in the parser.
func parse(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) (*parser, error) {
	return exifscrub.Parsed(in, func() (*parser, error) {
		lim = lim.Defaults()
		p := &parser{ctx: ctx, in: in, lim: lim, win: window.New(in), inflatable: inflatable * lim.Field, showable: lim.Field}
		return p, p.parse()
	})
}

var errBroken = errors.New("not a chunk")
