package mp4

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/block/dv"
)

// gone reports whether d's part goes: also if it should become less exact or
// move and has no such form.
func gone(p part, d exifscrub.Decision) bool {
	return d.Gone() || d.Coarse() && p.coarse == nil || d.Displaced() && (p.move == nil || p.move(d.Move) == nil)
}

// edits turns decisions about the parts into edits that keep the file's size.
func (f *file) edits(ctx context.Context, in exifscrub.Input, ds []exifscrub.Decision) iter.Seq2[exifscrub.Edit, error] {
	var set exifscrub.Patchset
	done := 0 // parts before this one are dealt with
	groups := f.groups
	removed := f.removed(ds)
	dropped, err := f.dropped(in, removed) // boxes that go with their track
	if err != nil {
		return exifscrub.Fail(err)
	}
	var strip []*track
	for i, p := range f.parts {
		for ; len(groups) > 0 && groups[0].first <= i; groups = groups[1:] {
			if g := groups[0]; done <= i && g.first == i && f.goes(ds, g) && (g.lead || len(f.media) > 0) {
				free(&set, g.box)
				done = g.last
			}
		}
		switch d := ds[i]; {
		case i < done:
		case gone(p, d) && p.inside:
			return exifscrub.Fail(fmt.Errorf("%s: %w", dv.Inseparable, exifscrub.ErrRefused))
		case gone(p, d):
			if len(f.media) == 0 && p.Finding != nil { // tables may point at any place of a header alone: its structure stays
				for _, s := range p.Finding.Spans {
					set.Zero(s.Off, s.Len)
				}
				break
			}
			p.remove(&set, dropped)
			if p.sei > 0 && !slices.Contains(strip, f.tracks[p.sei-1]) {
				strip = append(strip, f.tracks[p.sei-1])
			}
		case d.Coarse():
			set.Set(d.Finding.Spans[0].Off, p.coarse(d.To))
		case d.Displaced():
			set.Set(d.Finding.Spans[0].Off, p.move(d.Move))
		}
	}
	for _, b := range dropped {
		free(&set, b)
	}
	for i, t := range f.tracks {
		if !removed[i] {
			t.dropReferences(&set, f.tracks, removed)
		}
	}
	for _, t := range strip {
		if err := f.stripRecord(in, t, &set); err != nil {
			return exifscrub.Fail(err)
		}
	}
	seqs := []iter.Seq2[exifscrub.Edit, error]{exifscrub.Seq(set.Edits()), f.blankMedia(ctx, in, ds, removed)}
	for _, t := range strip {
		seqs = append(seqs, f.stripMessages(ctx, in, t))
	}
	return ascending(seqs)
}

// removed says which tracks go.
func (f *file) removed(ds []exifscrub.Decision) []bool {
	out := make([]bool, len(f.tracks))
	for i, t := range f.tracks {
		out[i] = t.part >= 0 && gone(f.parts[t.part], ds[t.part])
	}
	return out
}

// remove takes p alone out, unless it lies in one of boxes, which are ascending
// and go as a whole.
func (p part) remove(set *exifscrub.Patchset, boxes []bmff.Box) {
	inside := func(off int64) bool {
		i, _ := slices.BinarySearchFunc(boxes, off, func(b bmff.Box, off int64) int { return cmp.Compare(b.End, off+1) })
		return i < len(boxes) && boxes[i].Start <= off
	}
	for _, b := range p.frees {
		if !inside(b.Start) {
			free(set, b)
		}
	}
	for _, s := range p.blank {
		if inside(s.Off) {
			continue
		}
		if set.Zero(s.Off, s.Len); p.fill != 0 { // never for more than a short text
			set.Set(s.Off, bytes.Repeat([]byte{p.fill}, int(s.Len)))
		}
	}
}

// goes reports whether all of g goes.
func (f *file) goes(ds []exifscrub.Decision, g group) bool {
	if g.lead {
		return gone(f.parts[g.first], ds[g.first])
	}
	some := false
	for i := g.first; i < g.last; i++ {
		switch {
		case gone(f.parts[i], ds[i]):
			some = true
		case ds[i].Note == "" && ds[i].Coded == nil:
			return false
		}
	}
	return some
}

// free makes b a free box of the same size, all zeros (14496-12, 8.1.2).
func free(set *exifscrub.Patchset, b bmff.Box) {
	body := b.Body
	if b.Type == "uuid" {
		body -= int64(len(b.ID))
	}
	set.Zero(body, b.End-body)
	set.Set(b.Start+4, []byte("free"))
}

// ascending merges sequences of edits, each ascending, into one.
func ascending(seqs []iter.Seq2[exifscrub.Edit, error]) iter.Seq2[exifscrub.Edit, error] {
	if len(seqs) == 1 {
		return seqs[0]
	}
	return func(yield func(exifscrub.Edit, error) bool) {
		type source struct {
			next func() (exifscrub.Edit, error, bool)
			edit exifscrub.Edit
		}
		var live []*source
		for _, seq := range seqs {
			next, stop := iter.Pull2(seq)
			defer stop()
			live = append(live, &source{next: next})
		}
		advance := func(i int) bool {
			e, err, ok := live[i].next()
			if err != nil {
				yield(e, err)
				return false
			}
			live[i].edit = e
			if !ok {
				live = append(live[:i], live[i+1:]...)
			}
			return true
		}
		for i := len(live) - 1; i >= 0; i-- {
			if !advance(i) {
				return
			}
		}
		for len(live) > 0 {
			first := 0
			for i := range live {
				if live[i].edit.Off < live[first].edit.Off {
					first = i
				}
			}
			if !yield(live[first].edit, nil) || !advance(first) {
				return
			}
		}
	}
}
