// Package jsonstream reads JSON as a stream of tokens with their offsets, in
// memory that does not grow with the file, and finds its way back after damage.
//
// Specification: RFC 8259. It is lenient where nothing is lost: several
// documents may follow each other, as in JSON lines; a comma may stand behind
// the last value; NaN and Infinity, which Python writes, are words. Numbers
// come as they are written and are not checked beyond their characters. Of text
// longer than [MaxText] only the beginning comes.
package jsonstream

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"flightveil/internal/input"
)

// ErrSyntax is wrapped when bytes are no JSON.
var ErrSyntax = errors.New("no valid JSON")

const (
	// MaxText is the most bytes of a string that are held.
	MaxText = 4 << 10
	// MaxDepth is how deep objects and arrays may be nested.
	MaxDepth = 64

	bufLen  = 16 << 10
	maxBare = 64 // characters of a number or word
)

// Kind is what a token is.
type Kind byte

// The kinds of tokens.
const (
	Object    Kind = '{'
	EndObject Kind = '}'
	Array     Kind = '['
	EndArray  Kind = ']'
	Key       Kind = 'k'
	String    Kind = 's'
	Number    Kind = 'n'
	Word      Kind = 'w' // true, false, null, NaN, Infinity
)

// A Token is one element of a document.
type Token struct {
	Kind Kind
	Span input.Span // of a string without its quotes
	Text []byte     // without escapes, valid until the next call; nil of a bracket
}

// What may come next.
type state byte

const (
	value state = iota // or the end of an array
	key                // or the end of an object
	colon
	comma // or an end
)

// A Reader reads the documents of an input.
type Reader struct {
	in    input.Input
	buf   []byte
	start int64 // offset of buf in the input
	at    int   // next byte in buf
	want  state
	stack []byte // open brackets
	loose bool   // after damage: nobody knows how deep the reader is
	base  int    // then: how many brackets stay open whatever closes
	text  []byte
	high  rune  // first half of a pair, which waits for the second
	err   error // of reading
}

// New returns a Reader at the beginning of in, behind a byte order mark.
func New(in input.Input) *Reader {
	r := At(in, 0)
	if r.fill(); bytes.HasPrefix(r.buf, []byte("\xEF\xBB\xBF")) {
		r.at = 3
	}
	return r
}

// At returns a Reader at off, where a value begins.
func At(in input.Input, off int64) *Reader {
	return &Reader{in: in, start: off, buf: make([]byte, 0, max(0, min(bufLen, in.Size()-off)))}
}

// Offset returns where the next byte is read.
func (r *Reader) Offset() int64 { return r.start + int64(r.at) }

// Depth returns how many brackets are open.
func (r *Reader) Depth() int { return len(r.stack) }

// fill reads on and reports whether there is more.
func (r *Reader) fill() bool {
	r.start += int64(len(r.buf))
	r.at = 0
	n := min(bufLen, r.in.Size()-r.start)
	if n <= 0 || r.err != nil {
		r.buf = r.buf[:0]
		return false
	}
	r.buf = r.buf[:n]
	if r.err = input.ReadFull(r.in, r.buf, r.start); r.err != nil {
		r.buf = r.buf[:0]
		return false
	}
	return true
}

// peek returns the next byte.
func (r *Reader) peek() (byte, bool) {
	if r.at == len(r.buf) && !r.fill() {
		return 0, false
	}
	return r.buf[r.at], true
}

func (r *Reader) syntax() error { return fmt.Errorf("at %d: %w", r.Offset(), ErrSyntax) }

// end returns the error at the end of the input.
func (r *Reader) end() error {
	if r.err != nil {
		return r.err
	}
	return io.ErrUnexpectedEOF
}

// Next returns the next token. At the end of the last document it returns
// [io.EOF], at the end of an input that is not whole [io.ErrUnexpectedEOF].
func (r *Reader) Next() (Token, error) {
	for {
		c, ok := r.peek()
		switch {
		case !ok && r.err == nil && len(r.stack) <= r.base:
			return Token{}, io.EOF
		case !ok:
			return Token{}, r.end()
		case space(c):
			r.at++
		case c == ',' && r.want == comma:
			r.at++
			if r.want = value; r.inObject() {
				r.want = key
			}
		case c == ':' && r.want == colon:
			r.at++
			r.want = value
		case r.loose && len(r.stack) == 0 && (c == ',' || c == ']' || c == '}'):
			r.at++ // of what began before the damage
		default:
			return r.token(c)
		}
	}
}

func space(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func (r *Reader) inObject() bool { return len(r.stack) > 0 && r.stack[len(r.stack)-1] == '{' }

func (r *Reader) token(c byte) (Token, error) {
	switch {
	case c == '"' && r.want == key:
		t, err := r.quoted(Key)
		r.want = colon
		return t, err
	case c == '"' && r.want == value:
		t, err := r.quoted(String)
		r.done()
		return t, err
	case (c == '{' || c == '[') && r.want == value:
		if len(r.stack) == MaxDepth {
			return Token{}, fmt.Errorf("nested %d deep at %d: %w: %w", MaxDepth, r.Offset(), ErrSyntax, input.ErrLimit)
		}
		if r.stack = append(r.stack, c); c == '{' {
			r.want = key
		}
		return r.bracket(c)
	case c == '}' && r.inObject() && (r.want == key || r.want == comma),
		c == ']' && len(r.stack) > 0 && !r.inObject() && (r.want == value || r.want == comma):
		if len(r.stack) > r.base {
			r.stack = r.stack[:len(r.stack)-1]
		}
		r.done()
		return r.bracket(c)
	case (c == '}' || c == ']') && r.base > 0 && r.want == comma && len(r.stack) == r.base:
		return r.bracket(c)
	case r.want == value && (c == '-' || c >= '0' && c <= '9' || letter(c)):
		return r.bare()
	}
	return Token{}, r.syntax()
}

func (r *Reader) bracket(c byte) (Token, error) {
	r.at++
	return Token{Kind: Kind(c), Span: input.Span{Off: r.Offset() - 1, Len: 1}}, nil
}

// done notes that a value ends.
func (r *Reader) done() {
	if r.want = comma; len(r.stack) == 0 {
		r.want = value
	}
}

// Skip passes over the value that begins with t, which Next returned last.
func (r *Reader) Skip(t Token) error {
	if t.Kind != Object && t.Kind != Array {
		return nil
	}
	for depth := 1; depth > 0; {
		t, err := r.Next()
		if err != nil {
			return err
		}
		switch t.Kind {
		case Object, Array:
			depth++
		case EndObject, EndArray:
			depth--
		}
	}
	return nil
}
