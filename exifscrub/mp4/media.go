package mp4

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

const (
	smallRun = 4 << 10 // coded data shorter than this is not worth telling
	maxCoded = 4096    // runs of coded data that are told
	gapHead  = 4 << 10 // bytes of media data nobody owns that are looked at
)

// mediaData accounts for every byte of media data: samples of tracks are coded
// data, all else is a finding, unless it is blank.
func (p *parser) mediaData() error {
	if len(p.media) == 0 && len(p.tracks) > 0 { // a header alone: what its tables say is about another file
		return p.note("the file has no media data: it was cut, or is a header only")
	}
	m := mediaWalk{p: p}
	var err error
	for s, owner := range p.stretches(p.ctx, p.in, func(int) bool { return true }, &err) {
		if werr := m.stretch(s, owner); werr != nil {
			return werr
		}
	}
	if err != nil {
		return fmt.Errorf("reading sample tables: %w", err)
	}
	if err := m.flush(); err != nil {
		return err
	}
	if p.short {
		if err := p.note("the file ends early: samples are missing"); err != nil {
			return err
		}
	}
	if m.gaps == 0 {
		return nil
	}
	p.gaps = len(p.parts)
	what := []privacy.Finding{{Class: privacy.Unknown, Path: "MediaData/Unowned", Spans: []exifscrub.Span{m.first}, Count: m.gaps}}
	b, err := p.head(m.first, gapHead)
	if err != nil {
		return err
	}
	if at, ok := findISO6709(b); ok {
		f := privacy.Finding{Class: privacy.Location, Path: "MediaData/GPSCoordinates", Spans: []exifscrub.Span{m.first}, Value: privacy.Secret(at.text), Where: &at.Point}
		what = append(what, f)
	}
	return p.add(part{Item: exifscrub.Item{Together: what}})
}

// mediaWalk makes items of media data. Once a run of foreign bytes was found
// the rest is not read: all of it goes anyway.
type mediaWalk struct {
	p     *parser
	coded exifscrub.Span // not told yet
	told  int
	gaps  int
	first exifscrub.Span
}

// stretch takes the next run of media data: owner is the index of the track
// that it belongs to, or -1.
func (m *mediaWalk) stretch(s exifscrub.Span, owner int) error {
	if owner < 0 {
		if m.gaps == 0 {
			blank, err := m.p.win.Zeros(s.Off, s.End())
			if err != nil {
				return err
			}
			if blank && m.coded.End() == s.Off && m.coded.Len > 0 {
				m.coded.Len += s.Len
			}
			if blank {
				return nil
			}
			m.first = s
		}
		m.gaps++
		return nil
	}
	if m.coded.Len > 0 && m.coded.End() == s.Off {
		m.coded.Len += s.Len
		return nil
	}
	err := m.flush()
	m.coded = s
	return err
}

func (m *mediaWalk) flush() error {
	s := m.coded
	if s.Len < smallRun || m.told == maxCoded {
		return nil
	}
	m.told++
	return m.p.add(part{Item: exifscrub.Item{Coded: &s}})
}

// stretches yields the media data in runs: what wanted tracks own, with their
// index, and what is between, with -1. The error that ends it early goes to err.
func (f *file) stretches(ctx context.Context, in exifscrub.Input, want func(int) bool, err *error) iter.Seq2[exifscrub.Span, int] {
	return func(yield func(exifscrub.Span, int) bool) {
		media := f.media
		var pos int64
		// between yields what is left of the media data before to.
		between := func(to int64) bool {
			for len(media) > 0 && media[0].Off < to {
				start, end := max(pos, media[0].Off), min(to, media[0].End())
				if start < end && !yield(exifscrub.Span{Off: start, Len: end - start}, -1) {
					return false
				}
				if media[0].End() > to {
					break
				}
				media = media[1:]
			}
			return true
		}
		for o, oerr := range f.owns(ctx, in, want) {
			if oerr != nil {
				*err = oerr
				return
			}
			if !between(o.Off) || !yield(o.Span, o.track) {
				return
			}
			pos = o.End()
		}
		between(f.size)
	}
}

// blankMedia yields the edits that overwrite media data no track owns which
// stays. If bytes that no track owned ever are to stay, only samples go.
func (f *file) blankMedia(ctx context.Context, in exifscrub.Input, ds []exifscrub.Decision, removed []bool) iter.Seq2[exifscrub.Edit, error] {
	if len(f.media) == 0 {
		return exifscrub.Seq(nil)
	}
	all := f.gaps < 0 || gone(f.parts[f.gaps], ds[f.gaps])
	some := f.gaps >= 0 && all
	for _, r := range removed {
		some = some || r
	}
	return func(yield func(exifscrub.Edit, error) bool) {
		if !some {
			return
		}
		want := func(i int) bool { return !removed[i] }
		if !all {
			want = func(i int) bool { return removed[i] }
		}
		var err error
		for s, owner := range f.stretches(ctx, in, want, &err) {
			if (owner < 0) == all && !yield(exifscrub.Edit{Off: s.Off, Len: s.Len, Zero: true}, nil) {
				return
			}
		}
		if err != nil {
			yield(exifscrub.Edit{}, err)
		}
	}
}

// dropReferences takes the tracks that go out of t's lists of tracks (14496-12, 8.3.3).
func (t *track) dropReferences(set *exifscrub.Patchset, tracks []*track, removed []bool) {
	for _, r := range t.refs {
		left, cut := 0, false
		for i, id := range r.ids {
			isGone := id != 0 && slices.ContainsFunc(tracks, func(o *track) bool { return removed[o.index] && o.ID == id })
			if isGone {
				set.Zero(r.box.Body+4*int64(i), 4)
				cut = true
			} else if id != 0 {
				left++
			}
		}
		if cut && left == 0 {
			free(set, r.box)
		}
	}
}

// reference is a list of tracks that a track refers to.
type reference struct {
	box bmff.Box
	ids []uint32
}

// position is a point as it stands in a text.
type position struct {
	geo.Point
	text string
}
