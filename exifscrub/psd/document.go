package psd

import (
	"bytes"
	"context"
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

const (
	headerLen   = 26
	maxChannels = 56
	maxSide     = 300_000 // of PSB

	modeIndexed = 2
	modeDuotone = 8
)

// header is the first section of a document.
type header struct {
	wide          bool // PSB: some lengths have 8 bytes
	channels      int64
	height, width int64
	depth         int64
	mode          uint16
}

// wideLen returns the width of the lengths that are longer in PSB.
func (h header) wideLen() int {
	if h.wide {
		return 8
	}
	return 4
}

// parser collects the parts of a document.
type parser struct {
	document
	header
	ctx    context.Context
	in     exifscrub.Input
	lim    exifscrub.Limits
	layers int
	hidden int
}

func parse(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) (*document, error) {
	p := &parser{ctx: ctx, in: in, lim: lim.Defaults()}
	r := &reader{in: in, end: in.Size()}
	for _, section := range []struct {
		name string
		read func(*reader) error
	}{
		{"header", p.readHeader},
		{"colour mode data", p.colourMode},
		{"image resources", p.resources},
		{"layer and mask information", p.layerAndMask},
		{"merged picture", p.merged},
	} {
		if err := section.read(r); err != nil {
			return nil, fmt.Errorf("reading %s: %w", section.name, err)
		}
	}
	return &p.document, nil
}

// add appends an item; more of them than allowed, or a cancelled context, is
// an error.
func (p *parser) add(pt part) error {
	p.parts = append(p.parts, pt)
	if len(p.parts) > p.lim.Items {
		return fmt.Errorf("more than %d items: %w", p.lim.Items, input.ErrLimit)
	}
	return p.ctx.Err()
}

// finding appends a finding about the n bytes at off whose removal is e.
func (p *parser) finding(c privacy.Class, path, value string, off, n int64, e exifscrub.Edit) error {
	f := &privacy.Finding{Class: c, Path: path, Spans: []exifscrub.Span{{Off: off, Len: n}}, Value: privacy.Secret(value)}
	return p.add(part{Item: exifscrub.Item{Finding: f}, gone: e})
}

func (p *parser) note(format string, args ...any) error {
	return p.add(part{Item: exifscrub.Item{Note: fmt.Sprintf(format, args...)}})
}

// unknown makes what is left of r a finding whose removal cuts it, unless it is
// only zeros.
func (p *parser) unknown(r *reader, path string) error {
	if r.left() == 0 || r.zeros() {
		return r.err
	}
	return p.finding(privacy.Unknown, path, "", r.pos, r.left(), exifscrub.Edit{Off: r.pos, Len: r.left()})
}

// trailer accounts for what follows the merged picture. It may be a file.
func (p *parser) trailer(r *reader) error {
	if r.left() == 0 || r.zeros() {
		return r.err
	}
	c := &exifscrub.Child{Path: "Trailing", Spans: []exifscrub.Span{{Off: r.pos, Len: r.left()}}, Class: privacy.Unknown, Stray: true}
	return p.add(part{Item: exifscrub.Item{Child: c}, gone: exifscrub.Edit{Off: r.pos, Len: r.left()}})
}

func (p *parser) readHeader(r *reader) error {
	b := r.bytes(headerLen)
	if r.err != nil {
		return r.err
	}
	f := &reader{in: bytes.NewReader(b), pos: 12, end: headerLen}
	p.header = header{wide: b[5] == 2, channels: int64(f.u16()), height: int64(f.u32()), width: int64(f.u32()), depth: int64(f.u16()), mode: f.u16()}
	if p.channels < 1 || p.channels > maxChannels || p.height > maxSide || p.width > maxSide {
		return fmt.Errorf("a picture of such a size: %w", input.ErrUnsupported)
	}
	switch p.depth {
	case 1, 8, 16, 32:
	default:
		return fmt.Errorf("a picture of such a depth: %w", input.ErrUnsupported)
	}
	const reserved, n = 6, 6
	if len(bytes.Trim(b[reserved:reserved+n], "\x00")) > 0 {
		return p.finding(privacy.Unknown, "Reserved", "", reserved, n, exifscrub.Edit{Off: reserved, Len: n, Zero: true})
	}
	return nil
}

// colourMode accounts for the section that holds a palette or inks. In a
// document of 32 bits it holds the exposure for display.
func (p *parser) colourMode(r *reader) error {
	at := r.pos
	n := r.length(4)
	data := r.part(n)
	if r.err != nil || n == 0 {
		return r.err
	}
	if p.mode == modeIndexed && n == 768 {
		return nil
	}
	if p.mode == modeDuotone || p.depth == 32 {
		return p.finding(privacy.Technical, "ColorModeData", "", data.pos, n, exifscrub.Edit{})
	}
	p.lengths = append(p.lengths, length{off: at, width: 4, from: data.pos, n: n})
	return p.finding(privacy.Unknown, "ColorModeData", "", data.pos, n, exifscrub.Edit{Off: data.pos, Len: n})
}

func (p *parser) resources(r *reader) error {
	at := r.pos
	n := r.length(4)
	data := r.part(n)
	if r.err != nil || n == 0 {
		return r.err
	}
	p.lengths = append(p.lengths, length{off: at, width: 4, from: data.pos, n: n})
	c := &exifscrub.Child{Path: "ImageResources", Format: "psir", Spans: []exifscrub.Span{{Off: data.pos, Len: n}}, Class: privacy.Unknown}
	return p.add(part{Item: exifscrub.Item{Child: c}, gone: exifscrub.Edit{Off: data.pos, Len: n}})
}
