package gif

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"flightveil/exifscrub"
	"flightveil/internal/block/icc"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// extension handles the extension at off and returns where the next block begins.
func (p *parser) extension(off int64, label byte) (int64, error) {
	end, err := p.skip(off + 2)
	if err == io.EOF {
		p.rest(off)
		return 0, err
	}
	if err != nil {
		return 0, err
	}
	switch label {
	case graphicControl: // section 23
		b, err := p.win.Peek(off+2, 1)
		if err != nil {
			return 0, err
		}
		if b[0] != 4 {
			return 0, fmt.Errorf("a graphic control of unusual size: %w", input.ErrUnsupported)
		}
		p.surplus(off+7, end)
	case comment: // section 24
		p.text("Comment", off, off+2, end)
	case plainText: // section 25: a grid of characters that no program in use draws
		b, err := p.win.Peek(off+2, 1)
		if err != nil {
			return 0, err
		}
		p.text("Text", off, off+3+int64(b[0]), end)
	case application: // section 26
		return end, p.application(off, end)
	default:
		p.unknown("extension", off, end)
	}
	return end, nil
}

// surplus adds the sub-blocks from off to the terminator before end, which
// belong to nothing.
func (p *parser) surplus(off, end int64) {
	if off < end-1 {
		p.unknown("surplus", off, end-1)
	}
}

const maxValue = 64 << 10 // bytes of a text that are shown

// text adds an extension whose sub-blocks at from hold text.
func (p *parser) text(path string, off, from, end int64) {
	f := privacy.Finding{Class: privacy.Description, Path: path}
	if from < end {
		if b, err := p.join(from, end); err == nil {
			f.Value = show(b[:min(len(b), maxValue)])
		}
	}
	p.find(f, off, end)
}

// show returns b, which is UTF-8 or, in old files, Latin-1, for a person to read.
func show(b []byte) privacy.Secret {
	if utf8.Valid(b) {
		return privacy.Secret(b)
	}
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return privacy.Secret(s.String())
}

// application handles an application extension by its identifier and code.
func (p *parser) application(off, end int64) error {
	const head = 14 // introducer, label, size, identifier, code
	b, err := p.win.Peek(off, head)
	if err != nil {
		return err
	}
	if b[2] != 11 {
		p.unknown("application extension", off, end)
		return nil
	}
	from := off + head
	switch id := string(b[3:head]); {
	case id == "NETSCAPE2.0", id == "ANIMEXTS1.0":
		p.loop(off, from, end)
	case id == "XMP DataXMP":
		p.xmp(off, from, end)
	default:
		b, err := p.join(from, end)
		if err != nil {
			p.unknown("application extension", off, end)
			return nil
		}
		p.block(id, b, off, from, end)
	}
	return nil
}

// loop handles the loop count (sub-block 1) and the buffer size (sub-block 2)
// of an animation. Other sub-blocks go.
func (p *parser) loop(off, from, end int64) {
	at := from
	for at < end-1 {
		b, err := p.win.Peek(at, 2)
		if err != nil || len(b) < 2 || !(b[0] == 3 && b[1]&7 == 1 || b[0] == 5 && b[1]&7 == 2) {
			break
		}
		at += 1 + int64(b[0])
	}
	if at == from {
		p.unknown("application extension", off, end)
		return
	}
	p.surplus(at, end)
}

// magic returns what follows an XMP packet: from whichever of its bytes, and
// so from wherever in the packet, a reader of sub-blocks gets to its last byte.
func magic() []byte {
	out := []byte{1}
	for i := 255; i >= 0; i-- {
		out = append(out, byte(i))
	}
	return append(out, 0)
}

// xmp handles a packet, which lies in the file as it is and not in sub-blocks,
// unless a writer did not know that.
func (p *parser) xmp(off, from, end int64) {
	m := magic()
	if tail, err := p.win.Peek(max(from, end-int64(len(m))), int64(len(m))); err == nil && bytes.Equal(tail, m) {
		c := exifscrub.Child{Path: "XMP", Format: "xmp", Spans: []exifscrub.Span{{Off: from, Len: end - int64(len(m)) - from}}, Expendable: true}
		p.child(c, off, from, end, func(child []byte) ([]byte, error) {
			if bytes.IndexByte(child, 0) >= 0 { // it would end the extension
				return nil, fmt.Errorf("the edited XMP packet has a zero byte in it: %w", exifscrub.ErrRefused)
			}
			return nil, nil
		})
		return
	}
	b, err := p.join(from, end)
	if err != nil {
		p.unknown("XMP", off, end)
		return
	}
	p.subBlocks("XMP", "xmp", privacy.Unknown, b, off, from, end)
}

// block handles the joined sub-blocks b of an application extension.
func (p *parser) block(id string, b []byte, off, from, end int64) {
	begins := func(s string) bool { return bytes.HasPrefix(b, []byte(s)) }
	switch {
	case id == "ICCRGBG1012" && icc.Sound(b):
		p.find(privacy.Finding{Class: privacy.Technical, Path: "ICC_Profile"}, off, end)
	case strings.HasPrefix(id, "C2PA_GIF"):
		p.subBlocks("C2PA", "jumbf", privacy.Provenance, b, off, from, end)
	case !strings.HasPrefix(id, "MGK"): // ImageMagick's prefix for blocks of any kind
		p.unknown("application extension", off, end)
	case begins("8BIM"):
		p.subBlocks("Photoshop", "psir", privacy.Unknown, b, off, from, end)
	case begins("\x1c"):
		p.subBlocks("IPTC", "iptc", privacy.Unknown, b, off, from, end)
	case begins("II*\x00"), begins("MM\x00*"):
		p.subBlocks("Exif", "tiff", privacy.Unknown, b, off, from, end)
	default:
		p.unknown("application extension", off, end)
	}
}

// subBlocks adds a child that lies in sub-blocks.
func (p *parser) subBlocks(path, format string, class privacy.Class, b []byte, off, from, end int64) {
	c := exifscrub.Child{Path: path, Format: format, Spans: []exifscrub.Span{{Off: from, Len: end - from}}, Class: class, Decoded: b, Recoded: true, Expendable: true}
	p.child(c, off, from, end, func(child []byte) ([]byte, error) { return split(child), nil })
}

func (p *parser) child(c exifscrub.Child, off, from, end int64, recode func([]byte) ([]byte, error)) {
	p.entries = append(p.entries, entry{Item: exifscrub.Item{Child: &c}, cut: exifscrub.Span{Off: off, Len: end - off},
		value: exifscrub.Span{Off: from, Len: end - from}, recode: recode})
}
