package psd

import (
	"fmt"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// layerAndMask reads the section of layers, of the mask shown over them, and
// of blocks for the whole document.
func (p *parser) layerAndMask(r *reader) error {
	if r.left() == 0 {
		return nil // the merged picture is missed next
	}
	w := p.wideLen()
	at := r.pos
	n := r.length(w)
	s := r.part(n)
	if r.err != nil || n == 0 {
		return r.err
	}
	p.lengths = append(p.lengths, length{off: at, width: w, from: s.pos, n: n})

	at = s.pos
	n = s.length(w)
	info := s.part(n)
	if s.err != nil {
		return s.err
	}
	p.lengths = append(p.lengths, length{off: at, width: w, from: info.pos, n: n})
	if n > 0 {
		if err := p.layerInfo(info); err != nil {
			return err
		}
	}
	if s.left() >= 4 {
		mask := s.part(s.length(4))
		if s.err != nil {
			return s.err
		}
		if err := p.globalMask(mask); err != nil {
			return err
		}
	}
	if err := p.blocks(s, wholeDocument); err != nil {
		return err
	}
	if p.hidden > 0 {
		return p.note("%d of %d layers are hidden and stay: they can show what the picture does not", p.hidden, p.layers)
	}
	return nil
}

// globalMask reads the colour and opacity of the mask shown over the layers.
func (p *parser) globalMask(r *reader) error {
	const fields = 13
	r.skip(min(r.left(), fields))
	if r.left() > 0 && !r.zeros() {
		return p.finding(privacy.Unknown, "GlobalLayerMask", "", r.pos, r.left(), exifscrub.Edit{Off: r.pos, Len: r.left(), Zero: true})
	}
	return r.err
}

// layerInfo reads the records of layers and accounts for their pixels, which
// follow them.
func (p *parser) layerInfo(r *reader) error {
	count := int(int16(r.u16()))
	if count < 0 { // the first alpha channel is the merged picture's transparency
		count = -count
	}
	var pixels int64
	for i := range count {
		n, err := p.layer(r)
		if err != nil {
			return fmt.Errorf("layer %d: %w", i, err)
		}
		if n > r.left()-pixels {
			return fmt.Errorf("layer %d: its pixels leave the layer information: %w", i, input.ErrUnsupported)
		}
		pixels += n
	}
	if pixels > 0 {
		if err := p.add(part{Item: exifscrub.Item{Coded: &exifscrub.Span{Off: r.pos, Len: pixels}}}); err != nil {
			return err
		}
	}
	r.skip(pixels)
	if r.err != nil {
		return r.err
	}
	return p.unknown(r, "Layers/Trailing")
}

// layer reads one layer record and returns how many bytes of pixels it has.
func (p *parser) layer(r *reader) (pixels int64, err error) {
	const visible = 0x02 // set if not
	r.skip(16)           // rectangle
	for range r.u16() {
		r.skip(2) // channel ID
		n := r.length(p.wideLen())
		if n > r.left()-pixels || r.err != nil {
			return 0, fmt.Errorf("its pixels leave the layer information: %w", input.ErrUnsupported)
		}
		pixels += n
	}
	sig := string(r.bytes(4))
	if r.err == nil && sig != "8BIM" {
		return 0, fmt.Errorf("it has no signature: %w", input.ErrUnsupported)
	}
	r.skip(4 + 1 + 1) // blend mode, opacity, clipping
	flags := r.bytes(2)
	at := r.pos
	n := r.length(4)
	extra := r.part(n)
	if r.err != nil {
		return 0, r.err
	}
	p.layers++
	if flags[0]&visible != 0 {
		p.hidden++
	}
	p.lengths = append(p.lengths, length{off: at, width: 4, from: extra.pos, n: n})
	if n == 0 {
		return pixels, nil
	}
	extra.skip(extra.length(4)) // layer mask: rectangle, colour, flags
	extra.skip(extra.length(4)) // blending ranges
	if err := p.layerName(extra); err != nil {
		return 0, err
	}
	return pixels, p.blocks(extra, "Layers")
}

// layerName reads the layer's name in the system's character set: a Pascal
// string padded to a multiple of four.
func (p *parser) layerName(r *reader) error {
	at := r.pos
	n := int64(r.bytes(1)[0])
	name := r.bytes(n)
	r.skip(min(r.left(), -(1+n)&3))
	if r.err != nil || strings.Trim(string(name), "\x00") == "" {
		return r.err
	}
	return p.finding(privacy.Description, "Layers/LayerNames", latin(name), at+1, n,
		exifscrub.Edit{Off: at, Len: r.pos - at, With: make([]byte, 4)})
}

func latin(b []byte) string {
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}
