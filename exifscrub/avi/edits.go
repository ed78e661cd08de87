package avi

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/block/dv"
	"flightveil/internal/privacy"
)

// An editor makes the edits for one list of decisions.
type editor struct {
	*parser
	patch  exifscrub.Patchset
	quiet  map[*stream]bool // whose data becomes zeros
	strips map[*stream]bool
	lost   map[*stream]bool // that leave the file
	strays bool
}

// errDV is why a file stays as it is that was to be silenced.
var errDV = fmt.Errorf("%s: %w", dv.Inseparable, exifscrub.ErrRefused)

// errOnlySound is why a file stays as it is of which nothing would be left.
var errOnlySound = fmt.Errorf("it holds nothing but sound: %w", exifscrub.ErrRefused)

// edits returns what decisions change: chunks outside the lists of frames from
// memory, those in them and in indexes as they are read again.
func (p *parser) edits(ctx context.Context, decisions []exifscrub.Decision) iter.Seq2[exifscrub.Edit, error] {
	if len(decisions) != len(p.entries) {
		return exifscrub.Fail(fmt.Errorf("%d decisions for %d items", len(decisions), len(p.entries)))
	}
	own := newParser(ctx, p.in, p.lim)
	own.streams = p.streams
	e := &editor{parser: own, quiet: map[*stream]bool{}, strips: map[*stream]bool{}, lost: map[*stream]bool{}}
	for i, d := range decisions {
		if x := p.entries[i]; d.Action != privacy.Keep && x.act == leave {
			e.lost[x.stream] = true
		}
	}
	for i, d := range decisions {
		if d.Action == privacy.Keep {
			continue
		}
		x := p.entries[i]
		if e.lost[x.list] {
			continue // goes with the headers it lies in
		}
		switch x.act {
		case junk:
			e.patch.Set(x.at.off, []byte("JUNK"))
			e.patch.Zero(x.at.data, x.at.end-x.at.data)
		case zero:
			e.patch.Zero(x.blank.Off, x.blank.Len)
		case silent:
			e.quiet[x.stream] = true
		case strip:
			e.strips[x.stream] = true
		case stray:
			e.strays = true
		case refuse:
			return exifscrub.Fail(errDV)
		}
	}
	if len(e.lost) == len(p.streams) && len(e.lost) > 0 {
		return exifscrub.Fail(errOnlySound)
	}
	if len(e.lost) > 0 {
		if err := e.headers(p.heads); err != nil {
			return exifscrub.Fail(err)
		}
	}
	edits := e.patch.Edits()
	if !e.strays && len(e.quiet)+len(e.strips)+len(e.lost) == 0 {
		return exifscrub.Seq(edits)
	}
	lists := p.movies
	if len(e.lost) > 0 {
		lists = slices.Concat(lists, p.indexes)
		slices.SortStableFunc(lists, func(a, b chunk) int { return int(a.off - b.off) })
	}
	return e.merge(edits, lists)
}

// merge yields edits and those in lists, which are ascending, in order.
func (e *editor) merge(edits []exifscrub.Edit, lists []chunk) iter.Seq2[exifscrub.Edit, error] {
	return func(yield func(exifscrub.Edit, error) bool) {
		defer e.win.Free()
		stopped := false
		put := func(x exifscrub.Edit) {
			stopped = stopped || x.Len > 0 && !yield(x, nil)
		}
		before := func(off int64) {
			for !stopped && len(edits) > 0 && edits[0].Off < off {
				put(edits[0])
				edits = edits[1:]
			}
		}
		for _, l := range lists {
			var err error
			if l.name == "idx1" {
				before(l.off)
				err = e.index(l, func(x exifscrub.Edit) bool { put(x); return !stopped })
			} else {
				err = e.movie(l, func(c chunk, s *stream) error {
					before(c.off)
					if !stopped {
						if err := e.frame(c, s, put); err != nil {
							return err
						}
					}
					if stopped {
						return context.Canceled
					}
					return nil
				})
			}
			if stopped {
				return
			}
			if err != nil {
				yield(exifscrub.Edit{}, err)
				return
			}
		}
		before(e.in.Size())
	}
}

// frame puts the edits of a chunk among the frames.
func (e *editor) frame(c chunk, s *stream, put func(exifscrub.Edit)) error {
	switch {
	case s == nil && e.strays, s != nil && e.lost[s]:
		put(exifscrub.Edit{Off: c.off, Len: 4, With: []byte("JUNK")})
		put(exifscrub.Edit{Off: c.data, Len: c.end - c.data, Zero: true})
		return nil
	case s == nil:
		return nil
	}
	e.rename(c, s, put)
	switch {
	case e.strips[s]:
		b, err := e.win.Peek(c.data, c.end-c.data)
		if err != nil {
			return err
		}
		for _, m := range messages(s.codec, b) {
			if slices.ContainsFunc(m.Fields, tells) {
				put(exifscrub.Edit{Off: c.data + m.off + m.Span.Off, Len: m.Span.Len, With: m.Blank(tells)})
			}
		}
	case e.quiet[s]:
		put(exifscrub.Edit{Off: c.data, Len: c.end - c.data, Zero: true})
	}
	return nil
}
