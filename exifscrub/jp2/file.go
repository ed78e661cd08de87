package jp2

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// part is one item of a file and what removing it alone does.
type part struct {
	exifscrub.Item
	blank exifscrub.Span // bytes to overwrite,
	fill  byte           // with this
	with  []byte         // or with this, at the start of blank
	cut   bool           // take blank out: only at the end of the file
}

// group is a box that goes as a whole when every part in it goes.
type group struct {
	box
	first, last int // of its parts; last is not one of them
}

// file is what parse found.
type file struct {
	parts  []part
	groups []group // outer ones first
	rights int64   // offset of the flag in ihdr that announces rights; 0 if there is none
}

// parser collects the parts of a file.
type parser struct {
	file
	ctx   context.Context
	in    exifscrub.Input
	lim   exifscrub.Limits
	boxes int

	pictures  int
	tiles     int              // tile-parts of a codestream that have data
	media     []exifscrub.Span // bodies of mdat boxes
	fragments []exifscrub.Span // of codestreams and other boxes that lie in media
	streams   [][]exifscrub.Span
}

func parse(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) (*file, error) {
	p := &parser{ctx: ctx, in: in, lim: lim.Defaults()}
	head, err := input.ReadRange(in, 0, min(in.Size(), 4), 4)
	if err != nil {
		return nil, err
	}
	if string(head) == codestream {
		if err := p.codestream(); err != nil {
			return nil, fmt.Errorf("reading codestream: %w", err)
		}
		return &p.file, nil
	}
	if err := p.walk(box{body: 0, end: in.Size()}, 0); err != nil {
		return nil, err
	}
	if err := p.mediaData(); err != nil {
		return nil, err
	}
	if p.pictures == 0 {
		return nil, fmt.Errorf("the file holds no codestream: %w", input.ErrUnsupported)
	}
	return &p.file, nil
}

// add appends a part; more of them than allowed, or a cancelled context, is an
// error.
func (p *parser) add(pt part) error {
	if p.parts = append(p.parts, pt); len(p.parts) > p.lim.Items {
		return fmt.Errorf("more than %d items: %w", p.lim.Items, input.ErrLimit)
	}
	return p.ctx.Err()
}

// finding appends a finding about s, which removal overwrites with zeros.
func (p *parser) finding(c privacy.Class, path, value string, s exifscrub.Span) error {
	f := &privacy.Finding{Class: c, Path: path, Spans: []exifscrub.Span{s}, Value: privacy.Secret(value)}
	return p.add(part{Item: exifscrub.Item{Finding: f}, blank: s})
}

func (p *parser) note(text string) error {
	return p.add(part{Item: exifscrub.Item{Note: text}})
}

// zero reports whether s holds only zeros.
func (p *parser) zero(s exifscrub.Span) (bool, error) {
	var buf [16 << 10]byte
	for s.Len > 0 {
		b := buf[:min(int64(len(buf)), s.Len)]
		if err := input.ReadFull(p.in, b, s.Off); err != nil {
			return false, err
		}
		for _, c := range b {
			if c != 0 {
				return false, nil
			}
		}
		s.Off, s.Len = s.Off+int64(len(b)), s.Len-int64(len(b))
	}
	return true, nil
}

// unlessZero makes s an unknown finding, unless it is blank already.
func (p *parser) unlessZero(path string, s exifscrub.Span) error {
	blank, err := p.zero(s)
	if blank || err != nil {
		return err
	}
	return p.finding(privacy.Unknown, path, "", s)
}

// tail accounts for bytes at the end of the file that are no whole box.
func (p *parser) tail(pos int64) error {
	s := exifscrub.Span{Off: pos, Len: p.in.Size() - pos}
	if blank, err := p.zero(s); blank || err != nil {
		return err
	}
	c := &exifscrub.Child{Path: "Trailing", Spans: []exifscrub.Span{s}, Class: privacy.Unknown, Stray: true}
	return p.add(part{Item: exifscrub.Item{Child: c}, blank: s, cut: true})
}

// edits turns decisions about the parts into edits that keep the file's size,
// but for the bytes after its last box.
func (f *file) edits(ds []exifscrub.Decision) ([]exifscrub.Edit, error) {
	var set exifscrub.Patchset
	var moved []exifscrub.Edit
	done := 0 // parts before this one are dealt with
	groups := f.groups
	for i := range f.parts {
		for len(groups) > 0 && groups[0].first <= i {
			if g := groups[0]; done <= i && g.first == i && f.allGone(ds, g) {
				g.free(&set)
				done = g.last
			}
			groups = groups[1:]
		}
		p, d := f.parts[i], ds[i]
		if gone(d) && d.Finding != nil && d.Finding.Path == rightsName && f.rights > 0 {
			set.Set(f.rights, []byte{0})
		}
		switch {
		case i < done:
		case gone(d) && p.cut:
			moved = append(moved, exifscrub.Edit{Off: p.blank.Off, Len: p.blank.Len})
		case gone(d):
			p.overwrite(&set)
		case d.Child != nil:
			pad, err := padding(*d.Child, d.NewLen)
			if err != nil {
				return nil, err
			}
			moved = append(moved, pad...)
		}
	}
	out := append(set.Edits(), moved...)
	slices.SortStableFunc(out, func(a, b exifscrub.Edit) int { return cmp.Compare(a.Off, b.Off) })
	return out, nil
}

// gone reports whether d's part goes; nothing here has a coarser form.
func gone(d exifscrub.Decision) bool { return d.Gone() || d.Coarse() }

// allGone reports whether g holds something and all of it goes.
func (f *file) allGone(ds []exifscrub.Decision, g group) bool {
	any := false
	for _, d := range ds[g.first:g.last] {
		switch {
		case gone(d):
			any = true
		case d.Note == "" && d.Coded == nil:
			return false
		}
	}
	return any
}

func (p part) overwrite(set *exifscrub.Patchset) {
	set.Zero(p.blank.Off, p.blank.Len)
	if p.fill != 0 {
		b := make([]byte, p.blank.Len)
		for i := range b {
			b[i] = p.fill
		}
		set.Set(p.blank.Off, b)
	}
	set.Set(p.blank.Off, p.with)
}

// padding returns the edit that makes up for what was cut out of c, so that
// nothing behind it moves.
func padding(c exifscrub.Child, n int64) ([]exifscrub.Edit, error) {
	last := c.Spans[len(c.Spans)-1]
	freed := -n
	for _, s := range c.Spans {
		freed += s.Len
	}
	if freed == 0 {
		return nil, nil
	}
	fill := make([]byte, max(freed, 0))
	if c.Format == "jumbf" && freed >= 8 { // the child is a box of its own: another box follows it
		binary.BigEndian.PutUint32(fill, uint32(freed))
		copy(fill[4:], "skip")
	} else if c.Format == "jumbf" || freed < 0 {
		return nil, fmt.Errorf("%s: %w", c.Path, errors.New("no room for a block of another size"))
	}
	return []exifscrub.Edit{{Off: last.End(), With: fill}}, nil
}

var errBox = fmt.Errorf("a box leaves the box around it: %w", io.ErrUnexpectedEOF)
