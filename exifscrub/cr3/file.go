package cr3

import (
	"context"
	"fmt"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/block/window"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A part is one item of a walk and what happens if it is to go, or to become
// less exact.
type part struct {
	exifscrub.Item
	apply func(*exifscrub.Patchset, exifscrub.Decision)
}

// file is what parse found.
type file struct{ parts []part }

type parser struct {
	file
	ctx   context.Context
	in    exifscrub.Input
	lim   exifscrub.Limits
	win   *window.Reader
	count int // boxes and samples read

	media  []exifscrub.Span // contents of mdat boxes
	owned  []exifscrub.Span // samples
	coded  []exifscrub.Span // those that are pictures or sound, and whole
	others []exifscrub.Span // those that hold something else
}

func parse(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) (*file, error) {
	p := &parser{ctx: ctx, in: in, lim: lim.Defaults(), win: window.New(in)}
	defer p.win.Free()
	if err := p.walk(); err != nil {
		return nil, err
	}
	return &p.file, nil
}

// add appends a part; more of them than allowed, or a cancelled context, is an
// error.
func (p *parser) add(it exifscrub.Item, apply func(*exifscrub.Patchset, exifscrub.Decision)) error {
	if p.parts = append(p.parts, part{it, apply}); len(p.parts) > p.lim.Items {
		return fmt.Errorf("more than %d items: %w", p.lim.Items, input.ErrLimit)
	}
	return p.ctx.Err()
}

func (p *parser) note(text string) error { return p.add(exifscrub.Item{Note: text}, nil) }

// step bounds how many boxes and samples are read.
func (p *parser) step() error {
	if p.count++; p.count > p.lim.Items {
		return fmt.Errorf("more than %d boxes and samples: %w", p.lim.Items, input.ErrLimit)
	}
	return p.ctx.Err()
}

// finding adds a finding about spans, which become zeros if it goes. Blank ones
// are none.
func (p *parser) finding(c privacy.Class, path, value string, spans ...exifscrub.Span) error {
	blank := true
	for _, s := range spans {
		zero, err := p.win.Zeros(s.Off, s.End())
		if err != nil {
			return err
		}
		blank = blank && zero
	}
	if blank {
		return nil
	}
	f := &privacy.Finding{Class: c, Path: path, Value: privacy.Secret(value), Spans: spans}
	return p.add(exifscrub.Item{Finding: f}, func(set *exifscrub.Patchset, _ exifscrub.Decision) {
		for _, s := range spans {
			set.Zero(s.Off, s.Len)
		}
	})
}

// whole adds a finding that is a box, which becomes a free box if it goes.
func (p *parser) whole(b bmff.Box, c privacy.Class, path string) error {
	f := &privacy.Finding{Class: c, Path: path, Spans: []exifscrub.Span{b.Content()}}
	return p.add(exifscrub.Item{Finding: f}, frees(b))
}

func frees(b bmff.Box) func(*exifscrub.Patchset, exifscrub.Decision) {
	return func(set *exifscrub.Patchset, _ exifscrub.Decision) {
		set.Zero(b.Body, b.End-b.Body)
		if b.Type == "uuid" {
			set.Zero(b.Body-int64(len(b.ID)), int64(len(b.ID)))
		}
		if b.Cut || b.Type == "" { // at the end of the file: a size of zero
			set.Zero(b.Start, b.End-b.Start)
		}
		if b.End-b.Start >= 8 {
			set.Set(b.Start+4, []byte("free"))
		}
	}
}

// block adds a block of metadata, the child c, that becomes an empty one if
// nothing of it stays. Where it says how to develop the picture it stays.
func (p *parser) block(c exifscrub.Child, develops bool) error {
	s := c.Spans[0]
	if blank, err := p.blank(s); blank || err != nil {
		return err
	}
	c.Fixed, c.Class = true, privacy.Unknown
	c.Expendable = !develops
	return p.add(exifscrub.Item{Child: &c}, func(set *exifscrub.Patchset, _ exifscrub.Decision) {
		out := []byte(strings.Repeat(" ", int(s.Len)))
		if c.Format == "tiff" {
			clear(out)
			copy(out, "II*\x00\x08\x00\x00\x00")
		} else if empty := `<x:xmpmeta xmlns:x="adobe:ns:meta/"/>`; len(empty) <= len(out) {
			copy(out, empty)
		}
		set.Set(s.Off, out)
	})
}

// blank reports whether s holds nothing but zeros and space.
func (p *parser) blank(s exifscrub.Span) (bool, error) {
	blank := true
	err := p.win.Each(s.Off, s.End(), func(piece []byte) bool {
		for _, c := range piece {
			blank = blank && (c == ' ' || c == '\n' || c == 0)
		}
		return blank
	})
	return blank && err == nil, err
}

// inside calls do for the boxes between pos and end, which lie in another box.
// What is no box, and what a free box holds, is a finding unless it is blank.
func (p *parser) inside(pos, end int64, path string, do func(bmff.Box) error) error {
	for b, err := range bmff.Boxes(p.in, pos, end) {
		if err == nil {
			err = p.step()
		}
		switch {
		case err != nil:
		case b.Type == "" || b.Open:
			err = p.finding(privacy.Unknown, path+"/Rest", "", b.Span())
		case b.Cut:
			err = fmt.Errorf("%s box at %d: %w", b.Name(), b.Start, bmff.ErrDamaged)
		case b.Type == "free", b.Type == "skip", b.Type == "wide":
			err = p.finding(privacy.Unknown, path+"/"+b.Type, "", b.Content())
		default:
			err = do(b)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
