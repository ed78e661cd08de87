package jp2

import (
	"cmp"
	"fmt"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/input"
)

// mediaData adds the codestreams that lie in media data boxes, and accounts
// for the bytes there that nothing refers to.
func (p *parser) mediaData() error {
	slices.SortFunc(p.fragments, func(a, b exifscrub.Span) int { return cmp.Compare(a.Off, b.Off) })
	for i, f := range p.fragments {
		in := func(m exifscrub.Span) bool { return f.Off >= m.Off && f.End() <= m.End() }
		if !slices.ContainsFunc(p.media, in) || i > 0 && f.Off < p.fragments[i-1].End() {
			return fmt.Errorf("a fragment at %d lies outside media data, or in another: %w", f.Off, input.ErrUnsupported)
		}
	}
	for _, s := range p.streams {
		if err := p.picture(s); err != nil {
			return err
		}
	}
	for _, m := range p.media {
		pos := m.Off
		for _, f := range append(slices.Clone(p.fragments), exifscrub.Span{Off: m.End()}) {
			if f.Off < pos || f.Off > m.End() {
				continue
			}
			if err := p.unlessZero("MediaData", exifscrub.Span{Off: pos, Len: f.Off - pos}); err != nil {
				return err
			}
			pos = f.End()
		}
	}
	return nil
}
