package heif

import (
	"bytes"
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
	boxes int

	media []exifscrub.Span // contents of mdat and idat boxes
	owned []exifscrub.Span // what items and tracks own
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

// finding adds a finding about spans, which are overwritten with fill if it goes.
func (p *parser) finding(c privacy.Class, path, value string, fill byte, spans ...exifscrub.Span) error {
	f := &privacy.Finding{Class: c, Path: path, Value: privacy.Secret(value), Spans: spans}
	return p.add(exifscrub.Item{Finding: f}, func(set *exifscrub.Patchset, _ exifscrub.Decision) {
		for _, s := range spans {
			if set.Zero(s.Off, s.Len); fill != 0 {
				set.Set(s.Off, bytes.Repeat([]byte{fill}, int(s.Len)))
			}
		}
	})
}

// whole adds a finding that is a box, which becomes a free box if it goes.
func (p *parser) whole(b bmff.Box, c privacy.Class, path string) error {
	f := &privacy.Finding{Class: c, Path: path, Spans: []exifscrub.Span{b.Content()}}
	return p.add(exifscrub.Item{Finding: f}, frees(b))
}

// padding adds what lies in a box whose contents mean nothing, or where a box
// should be and none is, unless it is blank.
func (p *parser) padding(b bmff.Box, path string) error {
	if blank, err := p.win.Zeros(b.Body, b.End); blank || err != nil {
		return err
	}
	return p.finding(privacy.Unknown, path, "", 0, b.Content())
}

func frees(b bmff.Box) func(*exifscrub.Patchset, exifscrub.Decision) {
	return func(set *exifscrub.Patchset, _ exifscrub.Decision) { free(set, b) }
}

// free makes b a free box of the same size, all zeros (8.1.2).
func free(set *exifscrub.Patchset, b bmff.Box) {
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

// inside calls do for the boxes between pos and end, which lie in another box.
// What is no box is padding.
func (p *parser) inside(pos, end int64, path string, do func(bmff.Box) error) error {
	for b, err := range bmff.Boxes(p.in, pos, end) {
		if err != nil {
			return err
		}
		if p.boxes++; p.boxes > p.lim.Items {
			return fmt.Errorf("more than %d boxes: %w", p.lim.Items, input.ErrLimit)
		}
		switch {
		case b.Type == "" || b.Open:
			b.Body = b.Start
			err = p.padding(b, join(path, "Rest"))
		case b.Cut:
			err = fmt.Errorf("%s box at %d: %w", b.Name(), b.Start, bmff.ErrDamaged)
		case b.Type == "free", b.Type == "skip", b.Type == "wide":
			err = p.padding(b, join(path, b.Type))
		default:
			err = do(b)
		}
		if err != nil {
			return err
		}
	}
	return p.ctx.Err()
}

// read returns the contents of b, which must not be longer than a field.
func (p *parser) read(b bmff.Box) ([]byte, error) {
	return input.ReadRange(p.in, b.Body, b.Size(), p.lim.Field)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}

// text returns b as a value, without what ends it.
func text(b []byte) string {
	return strings.ToValidUTF8(string(bytes.TrimRight(b, "\x00 ")), "\uFFFD")
}
