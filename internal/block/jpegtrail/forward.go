package jpegtrail

import (
	"bytes"
	"encoding/binary"
	"strings"

	"flightveil/internal/block/window"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// minPadding is how many zero bytes between unknown bytes are padding.
const minPadding = 64

// minText is how long a text between unknown bytes must be.
const minText = 16

// forward takes [pos, end) apart by what its parts begin with.
func (p *parser) forward(pos, end int64) ([]Piece, error) {
	var out []Piece
	var f finder
	unknown := pos
	flush := func(to int64) error {
		if to <= unknown {
			return nil
		}
		piece := Piece{Name: "trailer", Span: span(unknown, to), Class: privacy.Unknown}
		zeros, err := p.skipZeros(unknown, to)
		if zeros == to {
			piece.Name, piece.Class = Padding, ""
		}
		out = append(out, piece)
		return err
	}
	for pos < end {
		next, err := p.candidate(&f, pos, end)
		if err != nil {
			return nil, err
		}
		if next == end {
			break
		}
		piece, err := p.known(next, end, next == unknown)
		if err != nil {
			return nil, err
		}
		if piece.Span.Len == 0 {
			pos = next + 1
			continue
		}
		if err := flush(next); err != nil {
			return nil, err
		}
		out = append(out, piece)
		pos = piece.Span.End()
		unknown = pos
		if err := p.count(2); err != nil {
			return nil, err
		}
	}
	return out, flush(end)
}

// A finder remembers where each signature comes next, so that looking for all
// of them reads the input once.
type finder struct {
	sig  [len(signatures)]int64 // offset of its next match, end if there is none
	init bool
}

var signatures = [...]struct {
	magic string
	back  int64 // how far before the magic bytes the part begins
}{{"\xFF\xD8\xFF", 0}, {"ftyp", 4}, {"\x00\x00\x00\x00\x00\x00\x00\x00", 0}, {`{"`, 0}, {"HDRP", 0}, {"LEICA\x00", 0}}

// candidate returns the first offset from pos where a known part may begin.
func (p *parser) candidate(f *finder, pos, end int64) (int64, error) {
	best := end
	for i := range f.sig {
		if !f.init || f.sig[i] < pos {
			at, err := p.find(signatures[i].magic, pos+signatures[i].back, end)
			if err != nil {
				return 0, err
			}
			if at < end {
				at -= signatures[i].back
			}
			f.sig[i] = at
		}
		best = min(best, f.sig[i])
	}
	f.init = true
	return best, nil
}

// find returns the offset of the first magic in [pos, end), or end.
func (p *parser) find(magic string, pos, end int64) (int64, error) {
	for pos < end {
		b, err := p.chunk(pos, end)
		if err != nil {
			return 0, err
		}
		if i := bytes.Index(b, []byte(magic)); i >= 0 {
			return pos + int64(i), nil
		}
		if pos += int64(len(b)); pos >= end {
			break
		}
		pos -= int64(len(magic) - 1) // it may cross the edge
	}
	return end, nil
}

// known returns the part at off, or an empty piece. first says that nothing
// unknown lies before it.
func (p *parser) known(off, end int64, first bool) (Piece, error) {
	b, err := p.head(off, 8, end)
	if err != nil {
		return Piece{}, err
	}
	var to int64
	piece := Piece{Class: privacy.Unknown}
	switch {
	case bytes.HasPrefix(b, []byte("\xFF\xD8\xFF")):
		piece.Name, piece.Child, piece.Class = "JPEG", true, privacy.Preview
		to, err = p.jpegEnd(off, end)
	case len(b) == 8 && string(b[4:]) == "ftyp":
		piece.Name, piece.Child = "MP4", true
		to, err = p.boxesEnd(off, end)
	case b[0] == 0:
		piece.Name, piece.Class = Padding, ""
		if to, err = p.padding(off, end); err == nil && to < end && to-off < minPadding && !first {
			to = off
		}
	case bytes.HasPrefix(b, []byte(`{"`)):
		piece.Name, piece.Class = "JSON", privacy.MakerNote
		if to, err = p.textEnd(off, end); err == nil && to-off < minText {
			to = off
		}
		if err == nil && to > off {
			piece.Fields, err = p.textField("JSONInfo", privacy.MakerNote, off, to)
		}
	case bytes.HasPrefix(b, []byte("HDRP")) && first:
		piece.Name, piece.Class, to = "HDRP", privacy.MakerNote, end
	case bytes.HasPrefix(b, []byte("LEICA\x00")) && first:
		piece.Name, piece.Class, to = "Leica", privacy.MakerNote, end
	}
	if err != nil || to <= off {
		return Piece{}, err
	}
	piece.Span = span(off, to)
	return piece, nil
}

// padding returns the end of the run of zeros at off. The zeros with which
// the size of a box begins are no part of it.
func (p *parser) padding(off, end int64) (int64, error) {
	to, err := p.skipZeros(off, end)
	for back := int64(1); err == nil && back <= 3 && back < to-off; back++ {
		var b []byte
		if b, err = p.head(to-back, 8, end); err == nil && len(b) == 8 && string(b[4:]) == "ftyp" {
			return to - back, nil
		}
	}
	return to, err
}

// jpegEnd returns where the JPEG at off ends, end if it is cut short, or 0 if
// it is none.
func (p *parser) jpegEnd(off, end int64) (int64, error) {
	pos, scan := off+2, false
	for pos < end {
		if err := p.count(1); err != nil {
			return 0, err
		}
		b, err := p.head(pos, 4, end)
		if err != nil {
			return 0, err
		}
		if len(b) < 4 && !(len(b) >= 2 && b[0] == 0xFF && b[1] == 0xD9) {
			break
		}
		switch m := b[1]; {
		case b[0] != 0xFF:
			if !scan {
				return 0, nil // not even one scan: these bytes only look like a JPEG
			}
			return pos, nil
		case m == 0xFF:
			pos++
		case m == 0xD9:
			if !scan {
				return 0, nil
			}
			return pos + 2, nil
		case m == 0 || m == 0xD8:
			if !scan {
				return 0, nil
			}
			return pos, nil
		case m == 1 || m >= 0xD0 && m <= 0xD7:
			pos += 2
		default:
			n := int64(binary.BigEndian.Uint16(b[2:]))
			if n < 2 || n > end-pos-2 {
				if !scan {
					return 0, nil
				}
				return end, nil
			}
			pos += 2 + n
			if m == 0xDA {
				scan = true
				if pos, err = p.marker(pos, end); err != nil {
					return 0, err
				}
			}
		}
	}
	if !scan {
		return 0, nil
	}
	return end, nil
}

// marker returns the offset of the next marker in entropy-coded data.
func (p *parser) marker(pos, end int64) (int64, error) {
	for pos < end {
		b, err := p.chunk(pos, end)
		if err != nil {
			return 0, err
		}
		for i := 0; ; {
			j := bytes.IndexByte(b[i:], 0xFF)
			if j < 0 || i+j+1 == len(b) {
				if j < 0 {
					pos += int64(len(b))
				} else if pos += int64(i + j); pos+1 >= end {
					return end, nil
				}
				break
			}
			i += j
			if m := b[i+1]; m == 0xFF {
				i++
			} else if m == 0 || m >= 0xD0 && m <= 0xD7 {
				i += 2
			} else {
				return pos + int64(i), nil
			}
			if i >= len(b) {
				pos += int64(i)
				break
			}
		}
	}
	return end, nil
}

// boxesEnd returns where the ISO base media file at off ends: behind its last
// plausible box (ISO/IEC 14496-12, 4.2), or end if a box is cut short.
func (p *parser) boxesEnd(off, end int64) (int64, error) {
	pos := off
	for pos < end {
		if err := p.count(1); err != nil {
			return 0, err
		}
		b, err := p.head(pos, 16, end)
		if err != nil {
			return 0, err
		}
		if len(b) < 8 || !boxType(b[4:8]) {
			return pos, nil
		}
		n := int64(binary.BigEndian.Uint32(b))
		switch {
		case n == 0 && string(b[4:8]) == "mdat":
			return end, nil
		case n == 1 && len(b) == 16 && b[8] < 0x80:
			if n = int64(binary.BigEndian.Uint64(b[8:])); n < 16 {
				return pos, nil
			}
		case n < 8:
			return pos, nil
		}
		if n > end-pos {
			if strings.Contains("ftyp moov mdat free skip wide uuid meta moof mfra styp sidx", string(b[4:8])) {
				return end, nil
			}
			return pos, nil
		}
		pos += n
	}
	return pos, nil
}

// boxType reports whether b can be the type of a box.
func boxType(b []byte) bool {
	for _, c := range b {
		if c != 0xA9 && (c < ' ' || c > '~') {
			return false
		}
	}
	return true
}

// textEnd returns the end of the run of text at off. Its beginning must be
// ASCII, so that compressed data are not taken for text.
func (p *parser) textEnd(off, end int64) (int64, error) {
	for pos := off; pos < end; {
		b, err := p.chunk(pos, end)
		if err != nil {
			return 0, err
		}
		for i, c := range b {
			letter := c >= ' ' && c < 0x7F || c >= 0x80 && pos+int64(i)-off >= minText
			if !letter && c != '\t' && c != '\n' && c != '\r' {
				return pos + int64(i), nil
			}
		}
		pos += int64(len(b))
	}
	return end, nil
}

// textField returns the text in [off, to) as a field.
func (p *parser) textField(name string, class privacy.Class, off, to int64) ([]Field, error) {
	f := Field{Name: name, Class: class, Spans: []input.Span{span(off, to)}}
	if to-off <= window.Size {
		b, err := p.peek(off, int(to-off))
		if err != nil {
			return nil, err
		}
		f.Value = text(b)
	}
	return []Field{f}, nil
}
