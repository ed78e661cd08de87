package avi

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/privacy"
)

// edits returns what decisions change: chunks outside the lists of frames from
// memory, those in them as they are read again.
func (p *parser) edits(ctx context.Context, decisions []exifscrub.Decision) iter.Seq2[exifscrub.Edit, error] {
	if len(decisions) != len(p.entries) {
		return exifscrub.Fail(fmt.Errorf("%d decisions for %d items", len(decisions), len(p.entries)))
	}
	var patch exifscrub.Patchset
	quiet := map[*stream]bool{}
	strips := map[*stream]bool{}
	strays := false
	for i, d := range decisions {
		if d.Action == privacy.Keep {
			continue
		}
		switch e := p.entries[i]; e.act {
		case junk:
			patch.Set(e.at.off, []byte("JUNK"))
			patch.Zero(e.at.data, e.at.end-e.at.data)
		case zero:
			patch.Zero(e.blank.Off, e.blank.Len)
		case silent:
			quiet[e.stream] = true
		case strip:
			strips[e.stream] = true
		case stray:
			strays = true
		}
	}
	edits := patch.Edits()
	if !strays && len(quiet)+len(strips) == 0 {
		return exifscrub.Seq(edits)
	}
	own := newParser(ctx, p.in, p.lim)
	own.streams = p.streams
	return func(yield func(exifscrub.Edit, error) bool) {
		defer own.win.Free()
		stopped := false
		put := func(e exifscrub.Edit) {
			stopped = stopped || !yield(e, nil)
		}
		before := func(off int64) {
			for !stopped && len(edits) > 0 && edits[0].Off < off {
				put(edits[0])
				edits = edits[1:]
			}
		}
		for _, m := range p.movies {
			err := own.movie(m, func(c chunk, s *stream) error {
				before(c.off)
				switch {
				case stopped:
					return context.Canceled
				case s != nil && strips[s]:
					b, err := own.win.Peek(c.data, c.end-c.data)
					if err != nil {
						return err
					}
					for _, m := range messages(s.codec, b) {
						if slices.ContainsFunc(m.Fields, tells) && !stopped {
							put(exifscrub.Edit{Off: c.data + m.off + m.Span.Off, Len: m.Span.Len, With: m.Blank(tells)})
						}
					}
				case s == nil && strays:
					put(exifscrub.Edit{Off: c.off, Len: 4, With: []byte("JUNK")})
					fallthrough
				case s != nil && quiet[s] && c.end > c.data:
					if !stopped && c.end > c.data {
						put(exifscrub.Edit{Off: c.data, Len: c.end - c.data, Zero: true})
					}
				}
				return nil
			})
			if stopped {
				return
			}
			if err != nil {
				yield(exifscrub.Edit{}, err)
				return
			}
		}
		before(p.in.Size())
	}
}
