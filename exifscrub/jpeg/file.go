package jpeg

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A part is a piece of the file that is judged on its own: a segment, several
// segments that hold one block, a picture behind the first one.
type part struct {
	items []exifscrub.Item
	spans []exifscrub.Span // what is cut with the part
	// edit makes the edits for the decisions on items. Nil means: if one of
	// them is to go, the part goes; if a child changes its size, the length
	// of the segment around it follows.
	edit func(ds []exifscrub.Decision, e *editor) error
}

func (p *part) at() int64 {
	if len(p.spans) == 0 {
		return 0
	}
	return p.spans[0].Off
}

func (p *part) apply(ds []exifscrub.Decision, e *editor) error {
	if p.edit != nil {
		return p.edit(ds, e)
	}
	if anyGone(ds) {
		for _, s := range p.spans {
			e.cut(s)
		}
	}
	return nil
}

func anyGone(ds []exifscrub.Decision) bool { return slices.ContainsFunc(ds, exifscrub.Decision.Gone) }

// A file is what one JPEG file holds.
type file struct {
	in  exifscrub.Input
	w   *reader
	lim input.Limits
	*layout
	parts []part
	index *index     // MPF, if there is one
	pics  []*picture // what it names
	dir   *directory // in the main XMP packet, if there is one
}

func parse(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) (*file, error) {
	f := &file{in: in, w: newReader(in), lim: lim.Defaults()}
	defer f.w.free()
	var err error
	if f.layout, err = walk(f.w, 0, false, f.lim); err != nil {
		return nil, fmt.Errorf("following the markers: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, s := range f.scans {
		f.add(part{spans: []exifscrub.Span{s}, items: []exifscrub.Item{{Coded: &s}}, edit: keep})
	}
	for _, s := range f.junk {
		f.unknown("bytes between segments", s)
	}
	if err := f.segments(); err != nil {
		return nil, err
	}
	if err := f.rest(); err != nil {
		return nil, fmt.Errorf("reading what follows the picture: %w", err)
	}
	slices.SortStableFunc(f.parts, func(a, b part) int { return cmp.Compare(a.at(), b.at()) })
	if f.broken != "" {
		f.add(part{items: []exifscrub.Item{{Note: f.broken}}, edit: keep})
	}
	return f, nil
}

// keep is the edit of a part that never changes.
func keep([]exifscrub.Decision, *editor) error { return nil }

func (f *file) add(p part) { f.parts = append(f.parts, p) }

// unknown adds bytes that no rule accounts for.
func (f *file) unknown(path string, spans ...exifscrub.Span) {
	f.finding(privacy.Finding{Class: privacy.Unknown, Path: path, Spans: spans}, spans...)
}

// finding adds a finding with which spans are cut.
func (f *file) finding(what privacy.Finding, spans ...exifscrub.Span) {
	f.add(part{spans: spans, items: []exifscrub.Item{{Finding: &what}}})
}

// together adds findings that stay or go with spans.
func (f *file) together(what []privacy.Finding, spans ...exifscrub.Span) {
	f.add(part{spans: spans, items: []exifscrub.Item{{Together: what}}})
}

// child adds a block that is looked into and, if it is dropped, cut with segs.
func (f *file) child(c exifscrub.Child, with []privacy.Finding, segs ...segment) {
	p := part{items: []exifscrub.Item{{Child: &c, Together: with}}}
	for _, s := range segs {
		p.spans = append(p.spans, s.span())
	}
	p.edit = func(ds []exifscrub.Decision, e *editor) error {
		if anyGone(ds) {
			for _, s := range p.spans {
				e.cut(s)
			}
			return nil
		}
		return relength(segs, ds[0].NewLen-spansLen(c.Spans), e)
	}
	f.add(p)
}

// relength writes the length of a segment whose data grew by by bytes. A block
// of several segments keeps its size.
func relength(segs []segment, by int64, e *editor) error {
	if by == 0 || len(segs) != 1 {
		return nil
	}
	s := segs[0]
	n := s.data.Len + by
	if n > maxPayload {
		return fmt.Errorf("segment at %d would become too long", s.off)
	}
	e.set(s.data.Off-2, binary.BigEndian.AppendUint16(nil, uint16(n+2)))
	e.resized(s.data.End(), by)
	return nil
}

func spansLen(spans []exifscrub.Span) (n int64) {
	for _, s := range spans {
		n += s.Len
	}
	return n
}

// payload returns the data of s, which is at most maxPayload long.
func (f *file) payload(s segment) ([]byte, error) {
	return input.ReadRange(f.in, s.data.Off, s.data.Len, maxPayload)
}

// begins returns the first n bytes of the data of s, fewer if it is shorter.
func (f *file) begins(s segment, n int64) ([]byte, error) {
	return input.View(f.in, s.data.Off, min(n, s.data.Len), maxPayload)
}
