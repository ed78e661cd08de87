// Package jsontokens reads a JSON text (RFC 8259) token by token through one
// small buffer, with the offset of each. It does not build values, and of a
// string that is longer than [MaxString] it gives the beginning only.
//
// It is lenient where a log that was cut or damaged is not JSON any more: the
// first such place is an error, what was before it was given.
package jsontokens

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"flightveil/internal/input"
)

const (
	bufLen = 16 << 10
	// MaxString is the longest string that is given whole.
	MaxString = 4 << 10
	// MaxDepth is how deep arrays and objects may lie in each other.
	MaxDepth = 64
)

// Kind of a token.
type Kind byte

// The kinds are the token's first byte in the file, or what stands for it.
const (
	Object    Kind = '{'
	EndObject Kind = '}'
	Array     Kind = '['
	EndArray  Kind = ']'
	Key       Kind = 'k'
	String    Kind = '"'
	Number    Kind = '0'
	Word      Kind = 't' // true, false, null
)

// A Token is one token. Its text is valid until the next.
type Token struct {
	Kind Kind
	Text []byte // of a key or string without quotes and escapes; of a number or word as it is
	Span input.Span
}

// ErrSyntax is wrapped when the text is not JSON.
var ErrSyntax = errors.New("no JSON")

// A Reader reads tokens.
type Reader struct {
	in    input.Input
	buf   []byte
	pos   int
	off   int64 // of buf in the file
	text  []byte
	stack []byte // '{' before a key, ':' after one, '['
	comma bool   // a value was read: a comma or an end must follow
	err   error
	again bool
}

// New returns a Reader of in from off on.
func New(in input.Input, off int64) *Reader {
	return &Reader{in: in, off: off, buf: make([]byte, 0, bufLen)}
}

// Resume is New for a place inside of a text: what closes an array or object
// that began before off is passed over, and so are commas between them.
func Resume(in input.Input, off int64) *Reader {
	r := New(in, off)
	r.again = true
	return r
}

// Err returns what ended the tokens; nil at the end of the text.
func (r *Reader) Err() error { return r.err }

// Off returns the offset of the next byte.
func (r *Reader) Off() int64 { return r.off + int64(r.pos) }

// Depth returns in how many arrays and objects the last token lies.
func (r *Reader) Depth() int { return len(r.stack) }

// peek returns the next byte.
func (r *Reader) peek() (byte, bool) {
	if r.pos == len(r.buf) {
		r.off += int64(r.pos)
		r.pos = 0
		n := min(bufLen, r.in.Size()-r.off)
		if r.err != nil || n <= 0 {
			r.buf = r.buf[:0]
			return 0, false
		}
		r.buf = r.buf[:n]
		if r.err = input.ReadFull(r.in, r.buf, r.off); r.err != nil {
			r.buf = r.buf[:0]
			return 0, false
		}
	}
	return r.buf[r.pos], true
}

func (r *Reader) fail(what string) (Token, bool) {
	if r.err == nil {
		r.err = fmt.Errorf("reading JSON at %d: %s: %w", r.Off(), what, ErrSyntax)
	}
	return Token{}, false
}

func (r *Reader) space() (c byte, ok bool) {
	for {
		if c, ok = r.peek(); !ok || c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c, ok
		}
		r.pos++
	}
}

// Next returns the next token; ok is false at the end. Several texts may follow
// each other, as in JSON lines.
func (r *Reader) Next() (t Token, ok bool) {
	c, ok := r.space()
	if !ok {
		if len(r.stack) > 0 {
			return r.fail("it ends too early")
		}
		return t, false
	}
	top := byte(0)
	if len(r.stack) > 0 {
		top = r.stack[len(r.stack)-1]
	}
	if r.comma && top != 0 {
		switch {
		case c == ',':
			r.pos++
			if c, ok = r.space(); !ok {
				return r.fail("it ends too early")
			}
			r.comma = false
		case c != ']' && c != '}':
			return r.fail("a comma is missing")
		}
	}
	for r.again && len(r.stack) == 0 && (c == ',' || c == ']' || c == '}') {
		r.pos++
		if c, ok = r.space(); !ok {
			return t, false
		}
	}
	t.Span.Off = r.Off()
	switch {
	case c == '}' && top == '{', c == ']' && top == '[':
		r.pos++
		r.stack = r.stack[:len(r.stack)-1]
		r.value()
		t.Kind = Kind(c)
	case top == '{':
		if c != '"' || !r.string() {
			return r.fail("no key")
		}
		t.Span.Len = r.Off() - t.Span.Off
		if c, ok = r.space(); !ok || c != ':' {
			return r.fail("no colon")
		}
		r.pos++
		r.stack[len(r.stack)-1] = ':'
		t.Kind, t.Text = Key, r.text
		return t, true
	case c == '{' || c == '[':
		if len(r.stack) >= MaxDepth {
			return r.fail("too deep")
		}
		r.pos++
		r.stack = append(r.stack, c)
		r.comma = false
		t.Kind = Kind(c)
	case c == '"':
		if !r.string() {
			return r.fail("a string without end")
		}
		r.value()
		t.Kind, t.Text = String, r.text
	default:
		if t.Kind = r.plain(); t.Kind == 0 {
			return r.fail("no value")
		}
		r.value()
		t.Text = r.text
	}
	t.Span.Len = r.Off() - t.Span.Off
	return t, true
}

// value notes that a value is complete.
func (r *Reader) value() {
	r.comma = true
	if n := len(r.stack); n > 0 && r.stack[n-1] == ':' {
		r.stack[n-1] = '{'
	}
}

// plain reads a number or a word.
func (r *Reader) plain() Kind {
	r.text = r.text[:0]
	for {
		c, ok := r.peek()
		if !ok || !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '+' || c == '.') {
			break
		}
		if len(r.text) >= 64 {
			return 0
		}
		r.text = append(r.text, c)
		r.pos++
	}
	if len(r.text) == 0 {
		return 0
	}
	// A number at the very end of the text may be cut.
	if _, ok := r.peek(); !ok && len(r.stack) > 0 {
		return 0
	}
	if c := r.text[0]; c == '-' || c >= '0' && c <= '9' {
		return Number
	}
	switch string(r.text) {
	case "true", "false", "null", "NaN", "Infinity":
		return Word
	}
	return 0
}

// string reads a string; it reports whether it has an end.
func (r *Reader) string() bool {
	r.pos++
	r.text = r.text[:0]
	high := rune(0) // the first half of a pair
	for {
		c, ok := r.peek()
		if !ok {
			return false
		}
		r.pos++
		switch {
		case c == '"':
			return true
		case c < ' ' && c != '\t':
			return false
		case c != '\\':
			r.add(c)
			continue
		}
		if c, ok = r.peek(); !ok {
			return false
		}
		r.pos++
		switch c {
		case 'u':
			v := rune(0)
			for range 4 {
				c, ok := r.peek()
				d := hex(c)
				if !ok || d < 0 {
					return false
				}
				v = v<<4 | d
				r.pos++
			}
			switch {
			case v >= 0xD800 && v < 0xDC00:
				high = v
				continue
			case v >= 0xDC00 && v < 0xE000 && high != 0:
				v = (high-0xD800)<<10 + (v - 0xDC00) + 0x10000
			}
			high = 0
			var b [utf8.UTFMax]byte
			r.add(b[:utf8.EncodeRune(b[:], v)]...)
		case 'n':
			r.add('\n')
		case 't':
			r.add('\t')
		case 'r', 'b', 'f':
			r.add(' ')
		default:
			r.add(c)
		}
	}
}

func (r *Reader) add(b ...byte) {
	if len(r.text)+len(b) <= MaxString {
		r.text = append(r.text, b...)
	}
}

func hex(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c >= 'a' && c <= 'f':
		return rune(c - 'a' + 10)
	case c >= 'A' && c <= 'F':
		return rune(c - 'A' + 10)
	}
	return -1
}

// Skip passes over the rest of the array or object that the last token began.
func (r *Reader) Skip() bool {
	for depth := len(r.stack); len(r.stack) >= depth; {
		if _, ok := r.Next(); !ok {
			return false
		}
	}
	return true
}
