package xmlscan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"flightveil/internal/input"
)

// Text is the text of an XML file, one byte for each code unit, so that
// offsets into it translate to offsets in the file by a multiplication. Code
// units beyond ASCII become 0xFF where units are wider than a byte; [Text.Value]
// reads them from the file itself.
type Text struct {
	s     string // one byte per unit
	src   []byte
	base  int // bytes of the byte-order mark
	width int // bytes of one unit: 1, 2 or 4
	order binary.ByteOrder
}

var errUnits = errors.New("the text ends inside a character")

// NewText finds out how b is encoded: UTF-8, or UTF-16 and UTF-32 with a
// byte-order mark or recognisable by their first characters (XML 1.0,
// appendix F). Any other encoding that contains ASCII is read as bytes.
func NewText(b []byte) (Text, error) {
	t := Text{src: b, width: 1}
	for _, e := range []struct {
		mark  string
		base  int
		width int
		order binary.ByteOrder
	}{
		{"\xEF\xBB\xBF", 3, 1, nil},
		{"\xFF\xFE\x00\x00", 4, 4, binary.LittleEndian},
		{"\x00\x00\xFE\xFF", 4, 4, binary.BigEndian},
		{"\xFF\xFE", 2, 2, binary.LittleEndian},
		{"\xFE\xFF", 2, 2, binary.BigEndian},
		{"<\x00\x00\x00", 0, 4, binary.LittleEndian},
		{"\x00\x00\x00<", 0, 4, binary.BigEndian},
		{"<\x00", 0, 2, binary.LittleEndian},
		{"\x00<", 0, 2, binary.BigEndian},
		{" \x00\x00\x00", 0, 4, binary.LittleEndian}, // what came first was blanked
		{"\x00\x00\x00 ", 0, 4, binary.BigEndian},
		{" \x00", 0, 2, binary.LittleEndian},
		{"\x00 ", 0, 2, binary.BigEndian},
	} {
		if bytes.HasPrefix(b, []byte(e.mark)) {
			t.base, t.width, t.order = e.base, e.width, e.order
			break
		}
	}
	body := b[t.base:]
	if t.width == 1 {
		t.s = string(body)
		return t, nil
	}
	narrow := make([]byte, len(body)/t.width)
	for i := range narrow {
		narrow[i] = t.unit(body[i*t.width:])
	}
	t.s = string(narrow)
	if rest := body[len(narrow)*t.width:]; len(bytes.Trim(rest, "\x00")) > 0 {
		return t, errUnits
	}
	return t, nil
}

func (t Text) unit(b []byte) byte {
	var u uint32
	if t.width == 2 {
		u = uint32(t.order.Uint16(b))
	} else {
		u = t.order.Uint32(b)
	}
	if u >= 0x80 {
		return 0xFF
	}
	return byte(u)
}

// String returns the text, one byte per unit.
func (t Text) String() string { return t.s }

// Len returns the number of units.
func (t Text) Len() int { return len(t.s) }

// Span returns where the units from off to end lie in the file.
func (t Text) Span(off, end int) input.Span {
	return input.Span{Off: int64(t.base + off*t.width), Len: int64((end - off) * t.width)}
}

// Bytes returns the bytes of the units from off to end.
func (t Text) Bytes(off, end int) []byte {
	return t.src[t.base+off*t.width : t.base+end*t.width]
}

// Encode returns s, which is ASCII, in the encoding of the text.
func (t Text) Encode(s string) []byte {
	if t.width == 1 {
		return []byte(s)
	}
	b := make([]byte, len(s)*t.width)
	for i := range len(s) {
		if t.width == 2 {
			t.order.PutUint16(b[i*2:], uint16(s[i]))
		} else {
			t.order.PutUint32(b[i*4:], uint32(s[i]))
		}
	}
	return b
}

// Raw returns the units from off to end as UTF-8, references not replaced.
func (t Text) Raw(off, end int) string {
	if t.width == 1 {
		return strings.ToValidUTF8(t.s[off:end], "\uFFFD")
	}
	b := t.src[t.base+off*t.width : t.base+end*t.width]
	if t.width == 2 {
		units := make([]uint16, end-off)
		for i := range units {
			units[i] = t.order.Uint16(b[i*2:])
		}
		return string(utf16.Decode(units))
	}
	var out []byte
	for ; len(b) >= 4; b = b[4:] {
		r := t.order.Uint32(b)
		if r > utf8.MaxRune {
			r = utf8.RuneError
		}
		out = utf8.AppendRune(out, rune(r))
	}
	return string(out)
}

// Value returns the units from off to end with character and predefined entity
// references replaced. Other entities stay as they are: nothing is expanded.
func (t Text) Value(off, end int) string {
	raw := t.Raw(off, end)
	i := strings.IndexByte(raw, '&')
	if i < 0 {
		return raw
	}
	var out strings.Builder
	for i >= 0 {
		out.WriteString(raw[:i])
		raw = raw[i:]
		n := 1
		if semi := strings.IndexByte(raw[:min(len(raw), 12)], ';'); semi > 0 {
			if r, ok := reference(raw[1:semi]); ok {
				out.WriteRune(r)
				n = 0
				raw = raw[semi+1:]
			}
		}
		out.WriteString(raw[:n])
		raw = raw[n:]
		i = strings.IndexByte(raw, '&')
	}
	out.WriteString(raw)
	return out.String()
}

// reference returns the character that &name; stands for.
func reference(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok || digits == "" {
		return 0, false
	}
	base := rune(10)
	if digits[0] == 'x' || digits[0] == 'X' {
		base, digits = 16, digits[1:]
	}
	var r rune
	for _, c := range []byte(strings.ToLower(digits)) {
		d := rune(c) - '0'
		if c >= 'a' {
			d = rune(c) - 'a' + 10
		}
		if d < 0 || d >= base || r > utf8.MaxRune {
			return 0, false
		}
		r = r*base + d
	}
	return r, digits != "" && utf8.ValidRune(r)
}
