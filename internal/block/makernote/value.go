package makernote

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// maxText is how many bytes of a value are shown.
const maxText = 256

// text returns e's value as text, "" if it cannot be read.
func (p *parser) text(e entry) string {
	b, err := p.bytes(e.val.Off, min(e.val.Len, maxText))
	if err != nil {
		return ""
	}
	size := sizeOf(e.typ)
	switch e.typ {
	case 1, 2, 6, 7, 129:
		if e.typ == 2 || e.typ == 129 || e.count > 4 || e.count == 4 && printable(string(b)) {
			return textOf(b)
		}
	}
	var words []string
	for i := int64(0); i < min(e.count, 8) && (i+1)*size <= int64(len(b)); i++ {
		words = append(words, p.number(e.typ, b[i*size:]))
	}
	return strings.Join(words, " ")
}

// number returns the number of type typ at the start of b.
func (p *parser) number(typ uint16, b []byte) string {
	switch typ {
	case 1, 7:
		return strconv.Itoa(int(b[0]))
	case 3:
		return strconv.Itoa(int(p.order.Uint16(b)))
	case 4, 13:
		return strconv.FormatUint(uint64(p.order.Uint32(b)), 10)
	case 5:
		return fmt.Sprintf("%d/%d", p.order.Uint32(b), p.order.Uint32(b[4:]))
	case 6:
		return strconv.Itoa(int(int8(b[0])))
	case 8:
		return strconv.Itoa(int(int16(p.order.Uint16(b))))
	case 9:
		return strconv.Itoa(int(int32(p.order.Uint32(b))))
	case 10:
		return fmt.Sprintf("%d/%d", int32(p.order.Uint32(b)), int32(p.order.Uint32(b[4:])))
	case 11:
		return strconv.FormatFloat(float64(math.Float32frombits(p.order.Uint32(b))), 'g', 8, 32)
	case 12:
		return strconv.FormatFloat(math.Float64frombits(p.order.Uint64(b)), 'g', 10, 64)
	case 16, 18:
		return strconv.FormatUint(p.order.Uint64(b), 10)
	case 17:
		return strconv.FormatInt(int64(p.order.Uint64(b)), 10)
	}
	return ""
}

// textOf returns b as text if it is text, else in hexadecimal.
func textOf(b []byte) string {
	s := strings.TrimRight(string(b), "\x00 ")
	if i := strings.IndexByte(s, 0); i > 0 && utf8.ValidString(s[:i]) && printable(s[:i]) {
		s = s[:i]
	}
	if printable(s) {
		return strings.TrimSpace(s)
	}
	return hexOf(b)
}

func printable(s string) bool {
	for _, r := range s {
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == utf8.RuneError {
			return false
		}
	}
	return true
}

func hexOf(b []byte) string { return hex.EncodeToString(b[:min(len(b), 32)]) }

// A part is one value inside a value.
type part struct {
	off, n int64
	name   string
	class  privacy.Class
	text   func([]byte) string // nil: a number or, of other lengths, text
}

// parts adds the parts of e as fields of their own and the rest of its bytes as
// field t. plain holds the value, deciphered if need be. Parts that leave the
// value are left out.
func (p *parser) parts(e entry, t tag, plain []byte, parts ...part) error {
	var taken spanSet
	for _, q := range parts {
		if q.off < 0 || q.n > int64(len(plain)) || q.off > int64(len(plain))-q.n {
			continue
		}
		spans := taken.take([]input.Span{{Off: e.val.Off + q.off, Len: q.n}})
		b := plain[q.off : q.off+q.n]
		if len(spans) == 0 || blankBytes(b) {
			continue
		}
		text := q.text
		if text == nil && (q.n == 1 || q.n == 2 || q.n == 4) {
			text = integer(p.order)
		} else if text == nil {
			text = textOf
		}
		if err := p.add(Field{Name: q.name, Class: q.class, Spans: spans, Value: text(b)}); err != nil {
			return err
		}
	}
	if rest := taken.take([]input.Span{e.val}); len(rest) > 0 {
		return p.add(Field{Name: t.name, Class: t.class, Spans: rest})
	}
	return nil
}

// withParts returns a look function for values made of fixed parts.
func withParts(parts ...part) func(*parser, entry, tag) error {
	return func(p *parser, e entry, t tag) error {
		b, err := p.value(e)
		if err != nil {
			return err
		}
		return p.parts(e, t, b, parts...)
	}
}

// integer returns a conversion of unsigned integers of any size.
func integer(order binary.ByteOrder) func([]byte) string {
	return func(b []byte) string {
		switch len(b) {
		case 1:
			return strconv.Itoa(int(b[0]))
		case 2:
			return strconv.Itoa(int(order.Uint16(b)))
		case 4:
			return strconv.FormatUint(uint64(order.Uint32(b)), 10)
		}
		return hexOf(b)
	}
}

// subdir returns a look function for a directory that the value points at, or
// that the value is, as older cameras have it.
func subdir(t table) func(*parser, entry, tag) error {
	return func(p *parser, e entry, d tag) error {
		at := e.val.Off
		if e.val.Len == 4 && (e.typ == 4 || e.typ == 13) {
			b, err := p.value(e)
			if err != nil {
				return err
			}
			p.used = append(p.used, e.val)
			if blankBytes(b) {
				return nil
			}
			at = e.base + int64(p.order.Uint32(b))
		}
		if at < 0 || at > p.in.Size()-2 {
			p.n.Known = false
			return nil
		}
		return p.dir(at, e.base, t)
	}
}
