// Package gif reads GIF pictures and animations.
//
// Specification: Graphics Interchange Format, version 89a (CompuServe, 1990);
// sections are quoted from it. Application extensions: XMP Specification Part 3
// (Adobe, 2020) 1.1.2, ICC.1:2022 B.2 and those that ImageMagick and C2PA write.
// A GIF has no offsets and no checksums: an extension can be cut out and every
// frame stays bit for bit. Kept are frames, their graphic control extensions,
// the loop count and the colour profile.
//
// Not done: coded frames are not decoded, so bytes behind the end code of a
// frame stay.
package gif

import (
	"bytes"
	"context"
	"fmt"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Format is the GIF container.
type Format struct{}

func (Format) ID() string { return "gif" }

func (Format) Detect(p input.Probe) input.Match {
	if bytes.HasPrefix(p.Prefix, []byte("GIF89a")) || bytes.HasPrefix(p.Prefix, []byte("GIF87a")) { // section 17
		return input.Certain
	}
	return input.No
}

// Walk yields what the extensions hold, in file order, then the notes.
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

// Edits cuts extensions out and splits edited blocks anew.
func (Format) Edits(ctx context.Context, in exifscrub.Input, decisions []exifscrub.Decision, lim exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	var about []exifscrub.Decision // those about findings and children: notes and coded data ask for nothing
	idle := true
	for _, d := range decisions {
		if d.Finding != nil || d.Child != nil {
			about = append(about, d)
			idle = idle && d.Action == privacy.Keep && len(d.Inner) == 0
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

func (p *parser) edits(decisions []exifscrub.Decision) ([]exifscrub.Edit, error) {
	var out []exifscrub.Edit
	for _, e := range p.entries {
		if e.Finding == nil && e.Child == nil {
			continue
		}
		if len(decisions) == 0 {
			return nil, fmt.Errorf("fewer decisions than items")
		}
		d := decisions[0]
		decisions = decisions[1:]
		switch {
		case d.Gone() || d.Coarse():
			out = append(out, exifscrub.Edit{Off: e.cut.Off, Len: e.cut.Len})
		case len(d.Inner) > 0 && e.recode != nil:
			var child bytes.Buffer
			src := exifscrub.Input(bytes.NewReader(e.Child.Decoded))
			if e.Child.Decoded == nil {
				src = exifscrub.View(p.in, e.Child.Spans)
			}
			if err := exifscrub.Apply(&child, src, exifscrub.Seq(d.Inner)); err != nil {
				return nil, err
			}
			b, err := e.recode(child.Bytes())
			if err != nil {
				return nil, err
			}
			if e.Child.Decoded != nil {
				out = append(out, exifscrub.Edit{Off: e.value.Off, Len: e.value.Len, With: b})
			}
		}
	}
	if len(decisions) > 0 {
		return nil, fmt.Errorf("more decisions than items")
	}
	return out, nil
}
