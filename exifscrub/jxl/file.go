package jxl

import (
	"context"
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/block/window"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// largeRun is how long coded data must be to be worth telling.
const largeRun = 4 << 10

// A part is one item of a file and what a decision about it does.
type part struct {
	exifscrub.Item
	apply func(*exifscrub.Patchset, exifscrub.Decision) error
}

// file is what parse found.
type file struct {
	parts    []part
	rebuilds []*rebuild
}

type parser struct {
	file
	ctx context.Context
	in  exifscrub.Input
	lim exifscrub.Limits
	win *window.Reader
	// restores says that the file can give back the JPEG it was made from.
	restores bool
}

func parse(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) (*file, error) {
	p := &parser{ctx: ctx, in: in, lim: lim.Defaults(), win: window.New(in)}
	defer p.win.Free()
	head, err := input.ReadRange(in, 0, min(2, in.Size()), 2)
	if err != nil {
		return nil, err
	}
	if string(head) == codestream {
		return &p.file, p.coded(exifscrub.Span{Len: in.Size()})
	}
	var boxes []bmff.Box
	pictures := 0
	for b, err := range bmff.Boxes(in, 0, in.Size()) {
		if err != nil {
			return nil, err
		}
		if boxes = append(boxes, b); len(boxes) > p.lim.Items {
			return nil, fmt.Errorf("more than %d boxes: %w", p.lim.Items, input.ErrLimit)
		}
		switch b.Type {
		case "jbrd":
			p.restores = true
		case "jxlc", "jxlp":
			pictures++
		}
	}
	if pictures == 0 {
		return nil, fmt.Errorf("the file holds no codestream: %w", input.ErrUnsupported)
	}
	for _, b := range boxes {
		if err := p.box(b); err != nil {
			return nil, fmt.Errorf("%s box at %d: %w", b.Name(), b.Start, err)
		}
	}
	return &p.file, nil
}

// add appends a part; more of them than allowed, or a cancelled context, is an
// error.
func (p *parser) add(it exifscrub.Item, apply func(*exifscrub.Patchset, exifscrub.Decision) error) error {
	if p.parts = append(p.parts, part{it, apply}); len(p.parts) > p.lim.Items {
		return fmt.Errorf("more than %d items: %w", p.lim.Items, input.ErrLimit)
	}
	return p.ctx.Err()
}

func (p *parser) coded(s exifscrub.Span) error {
	if s.Len < largeRun {
		return nil
	}
	return p.add(exifscrub.Item{Coded: &s}, nil)
}

// gone reports whether d's part goes; nothing here has a coarser form.
func gone(d exifscrub.Decision) bool { return d.Gone() || d.Coarse() }

// whole adds a finding that is a box, which becomes a free box if it goes.
func (p *parser) whole(b bmff.Box, c privacy.Class, path string) error {
	f := &privacy.Finding{Class: c, Path: path, Spans: []exifscrub.Span{b.Content()}}
	return p.add(exifscrub.Item{Finding: f}, freeIfGone(b))
}

func freeIfGone(b bmff.Box) func(*exifscrub.Patchset, exifscrub.Decision) error {
	return func(set *exifscrub.Patchset, d exifscrub.Decision) error {
		if gone(d) {
			free(set, b)
		}
		return nil
	}
}

// free makes b a free box of the same size, all zeros. Bytes that are no box
// become one if there is room for its header.
func free(set *exifscrub.Patchset, b bmff.Box) {
	const header = 8
	set.Zero(b.Body, b.End-b.Body)
	if b.Type == "uuid" {
		set.Zero(b.Body-int64(len(b.ID)), int64(len(b.ID)))
	}
	switch {
	case b.Type != "" && !b.Cut:
		set.Set(b.Start+4, []byte("free"))
	case b.End-b.Start >= header:
		set.Zero(b.Start, b.End-b.Start)
		set.Set(b.Start+4, []byte("free")) // a size of zero: to the end of the file
	}
}

// box adds what one box holds.
func (p *parser) box(b bmff.Box) error {
	if b.Cut {
		if err := p.add(exifscrub.Item{Note: "the file ends inside its last box"}, nil); err != nil {
			return err
		}
	}
	switch b.Type {
	case "JXL ", "ftyp", "jxll", "jxli": // 18181-2, 9.2 to 9.5
		return nil
	case "jxlc", "jxlp", "jhgm": // the picture, in one or several parts; a gain map
		return p.coded(b.Content())
	case "jbrd":
		return p.reconstruction(b)
	case "Exif":
		return p.exif(b)
	case "xml ":
		return p.metadata(b, &exifscrub.Child{Path: "XMP", Format: "xmp", Spans: []exifscrub.Span{b.Content()}, Class: privacy.Unknown})
	case "jumb":
		return p.add(exifscrub.Item{Child: &exifscrub.Child{Path: "JUMBF", Format: "jumbf", Spans: []exifscrub.Span{b.Span()}, Class: privacy.Provenance, Expendable: true, Fixed: true}}, freeIfGone(b))
	case "brob":
		return p.compressed(b)
	}
	if blank, err := p.win.Zeros(b.Body, b.End); blank || err != nil { // free boxes, and what is behind the last box
		if b.Type != "" || err != nil {
			return err
		}
	}
	if b.Type == "" {
		if blank, err := p.win.Zeros(b.Start, b.End); blank || err != nil {
			return err
		}
		c := &exifscrub.Child{Path: "Trailing", Spans: []exifscrub.Span{b.Span()}, Class: privacy.Unknown, Stray: true, Fixed: true}
		return p.add(exifscrub.Item{Child: c}, freeIfGone(b))
	}
	return p.whole(b, privacy.Unknown, b.Name())
}

// exif adds the Exif block of b.
func (p *parser) exif(b bmff.Box) error {
	s := b.Content()
	at, ok, err := bmff.ExifOffset(input.Section(p.in, s.Off, s.Len))
	if err != nil {
		return err
	}
	if !ok {
		if blank, err := p.win.Zeros(s.Off, s.End()); blank || err != nil {
			return err
		}
		return p.whole(b, privacy.Unknown, "Exif")
	}
	if err := p.prefix(exifscrub.Span{Off: s.Off, Len: at}); err != nil {
		return err
	}
	return p.metadata(b, &exifscrub.Child{Path: "Exif", Format: "tiff", Spans: []exifscrub.Span{{Off: s.Off + at, Len: s.Len - at}}, Class: privacy.Unknown})
}

// prefix adds the bytes between the offset at the start of s and the block
// behind s, unless they are the usual ones.
func (p *parser) prefix(s exifscrub.Span) error {
	const field, usual = 4, "Exif\x00\x00"
	if s.Len == field+int64(len(usual)) {
		if b, err := input.ReadRange(p.in, s.Off+field, int64(len(usual)), 8); err != nil || string(b) == usual {
			return err
		}
	}
	s.Off, s.Len = s.Off+field, s.Len-field
	if blank, err := p.win.Zeros(s.Off, s.End()); blank || err != nil || s.Len <= 0 {
		return err
	}
	f := &privacy.Finding{Class: privacy.Unknown, Path: "Exif/bytes before the header", Spans: []exifscrub.Span{s}}
	return p.add(exifscrub.Item{Finding: f}, func(set *exifscrub.Patchset, d exifscrub.Decision) error {
		if gone(d) {
			set.Zero(s.Off, s.Len)
		}
		return nil
	})
}

// metadata adds the block c, which is all that counts in b. Where the size of
// the block is that of a segment of the original JPEG, it is emptied instead of
// removed.
func (p *parser) metadata(b bmff.Box, c *exifscrub.Child) error {
	if blank, err := p.win.Zeros(b.Body, b.End); blank || err != nil {
		return err
	}
	if c.Format == "xmp" {
		if blank, err := p.spaces(c.Spans[0]); blank || err != nil {
			return err
		}
	}
	c.Fixed, c.Expendable = true, true
	return p.add(exifscrub.Item{Child: c}, func(set *exifscrub.Patchset, d exifscrub.Decision) error {
		switch {
		case !gone(d):
		case p.restores:
			s := c.Spans[0]
			set.Set(s.Off, empty(c.Format, s.Len))
		default:
			free(set, b)
		}
		return nil
	})
}

// spaces reports whether s holds nothing but space.
func (p *parser) spaces(s exifscrub.Span) (bool, error) {
	blank := true
	err := p.win.Each(s.Off, s.End(), func(piece []byte) bool {
		for _, c := range piece {
			blank = blank && (c == ' ' || c == '\n' || c == 0)
		}
		return blank
	})
	return blank, err
}

// empty returns n bytes that are a block of format without contents.
func empty(format string, n int64) []byte {
	out := make([]byte, n)
	if format == "tiff" {
		copy(out, "II*\x00\x08\x00\x00\x00")
		return out
	}
	for i := range out {
		out[i] = ' '
	}
	if s := `<x:xmpmeta xmlns:x="adobe:ns:meta/"/>`; int64(len(s)) <= n {
		copy(out, s)
	}
	return out
}
