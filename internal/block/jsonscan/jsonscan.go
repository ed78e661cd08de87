// Package jsonscan reads JSON as a stream of tokens with their offsets, in
// memory that does not grow with the file, and finds its way back after damage.
//
// Specification: RFC 8259. Numbers and words come as they are written; numbers
// are not checked beyond their characters. Text longer than [MaxText] is passed
// over and comes without its contents.
package jsonscan

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"flightveil/internal/block/tracktext"
	"flightveil/internal/input"
)

// ErrSyntax is wrapped when bytes are no JSON.
var ErrSyntax = errors.New("no valid JSON")

const (
	// MaxText is the most bytes of a string, number or word that are held.
	MaxText = 4096
	// MaxDepth is how deep objects and arrays may be nested.
	MaxDepth = 64

	bufLen = 64 << 10
)

// Kind is what a token is: one of the brackets, or one of these.
type Kind byte

// The kinds of tokens that are no brackets.
const (
	Key    Kind = 'k'
	String Kind = 's'
	Number Kind = 'n'
	Word   Kind = 'w' // true, false, null
)

// A Token is one element of a document.
type Token struct {
	Kind Kind
	Span input.Span // of a string without its quotes
	Text []byte     // valid until the next call; nil if it is longer than MaxText
}

// What may come next.
type state byte

const (
	value state = iota
	valueOrEnd
	key
	keyOrEnd
	colon
	commaOrEnd
	nothing
)

// A Scanner reads one document.
type Scanner struct {
	in    input.Input
	buf   []byte
	start int64 // offset of buf in the input
	at    int   // next byte in buf
	want  state
	stack []byte // open brackets
	loose bool   // after damage: nobody knows how deep the scanner is
	text  []byte
	err   error // of reading
}

// New returns a Scanner at the beginning of in. A byte order mark is skipped.
func New(in input.Input) *Scanner {
	s := &Scanner{in: in, want: value, buf: make([]byte, 0, min(bufLen, in.Size()))}
	if s.fill(); bytes.HasPrefix(s.buf, []byte("\xEF\xBB\xBF")) {
		s.at = 3
	}
	return s
}

// Offset returns where the next byte is read.
func (s *Scanner) Offset() int64 { return s.start + int64(s.at) }

// Depth returns how many brackets are open.
func (s *Scanner) Depth() int { return len(s.stack) }

// fill reads on and reports whether there is more.
func (s *Scanner) fill() bool {
	s.start += int64(len(s.buf))
	s.at = 0
	n := min(bufLen, s.in.Size()-s.start)
	s.buf = s.buf[:max(n, 0)]
	if n <= 0 || s.err != nil {
		s.buf = s.buf[:0]
		return false
	}
	if s.err = input.ReadFull(s.in, s.buf, s.start); s.err != nil {
		s.buf = s.buf[:0]
		return false
	}
	return true
}

// peek returns the next byte.
func (s *Scanner) peek() (byte, bool) {
	if s.at == len(s.buf) && !s.fill() {
		return 0, false
	}
	return s.buf[s.at], true
}

func (s *Scanner) syntax() error { return fmt.Errorf("at %d: %w", s.Offset(), ErrSyntax) }

// end returns the error at the end of the input.
func (s *Scanner) end() error {
	if s.err != nil {
		return s.err
	}
	return io.ErrUnexpectedEOF
}

// Next returns the next token. At the end of the document it returns [io.EOF],
// at the end of an input that is not whole [io.ErrUnexpectedEOF].
func (s *Scanner) Next() (Token, error) {
	for {
		c, ok := s.peek()
		switch {
		case !ok && s.err == nil && (s.want == nothing || s.loose):
			return Token{}, io.EOF
		case !ok:
			return Token{}, s.end()
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			s.at++
			continue
		case c == ',' && s.want == commaOrEnd:
			s.at++
			if s.want = value; s.inObject() {
				s.want = key
			}
			continue
		case c == ':' && s.want == colon:
			s.at++
			s.want = value
			continue
		}
		return s.token(c)
	}
}

func (s *Scanner) inObject() bool { return len(s.stack) > 0 && s.stack[len(s.stack)-1] == '{' }

func (s *Scanner) token(c byte) (Token, error) {
	off := s.Offset()
	isValue := s.want == value || s.want == valueOrEnd
	switch {
	case c == '"' && (s.want == key || s.want == keyOrEnd):
		t, err := s.quoted(Key)
		s.want = colon
		return t, err
	case c == '"' && isValue:
		t, err := s.quoted(String)
		s.done()
		return t, err
	case (c == '{' || c == '[') && isValue:
		if len(s.stack) == MaxDepth {
			return Token{}, fmt.Errorf("nested %d deep: %w", MaxDepth, input.ErrLimit)
		}
		s.at++
		s.stack = append(s.stack, c)
		if s.want = valueOrEnd; c == '{' {
			s.want = keyOrEnd
		}
		return Token{Kind: Kind(c), Span: input.Span{Off: off, Len: 1}}, nil
	case c == '}' && s.inObject() && (s.want == keyOrEnd || s.want == commaOrEnd),
		c == ']' && len(s.stack) > 0 && !s.inObject() && (s.want == valueOrEnd || s.want == commaOrEnd):
		s.at++
		if !s.loose || len(s.stack) > 1 {
			s.stack = s.stack[:len(s.stack)-1]
		}
		s.done()
		return Token{Kind: Kind(c), Span: input.Span{Off: off, Len: 1}}, nil
	case (c == '}' || c == ']') && s.loose && s.want == commaOrEnd && len(s.stack) == 1:
		s.at++
		return Token{Kind: Kind(c), Span: input.Span{Off: off, Len: 1}}, nil
	case isValue && (c == '-' || c >= '0' && c <= '9'):
		return s.bare(Number, func(c byte) bool {
			return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
		})
	case isValue && c >= 'a' && c <= 'z':
		t, err := s.bare(Word, func(c byte) bool { return c >= 'a' && c <= 'z' })
		if w := string(t.Text); err == nil && w != "true" && w != "false" && w != "null" {
			err = s.syntax()
		}
		return t, err
	}
	return Token{}, s.syntax()
}

// done notes that a value ends.
func (s *Scanner) done() {
	if s.want = commaOrEnd; len(s.stack) == 0 {
		s.want = nothing
	}
}

func (s *Scanner) bare(kind Kind, is func(byte) bool) (Token, error) {
	t := Token{Kind: kind, Span: input.Span{Off: s.Offset()}}
	s.text = s.text[:0]
	for {
		c, ok := s.peek()
		if !ok && len(s.stack) > 0 { // a number that is cut off is another number
			return t, s.end()
		}
		if !ok || !is(c) {
			break
		}
		if t.Span.Len++; t.Span.Len <= MaxText {
			s.text = append(s.text, c)
		}
		s.at++
	}
	t.Text = s.text
	s.done()
	if t.Span.Len > MaxText {
		return t, s.syntax()
	}
	return t, nil
}

// quoted reads a string; its quote is next.
func (s *Scanner) quoted(kind Kind) (Token, error) {
	s.at++
	t := Token{Kind: kind, Span: input.Span{Off: s.Offset()}}
	s.text = s.text[:0]
	for {
		c, ok := s.peek()
		switch {
		case !ok:
			return t, s.end()
		case c == '"':
			t.Span.Len = s.Offset() - t.Span.Off
			s.at++
			if len(s.text) <= MaxText {
				t.Text = s.text
			}
			return t, nil
		case c < ' ':
			return t, s.syntax()
		}
		s.at++
		if c == '\\' {
			if err := s.escape(); err != nil {
				return t, err
			}
		} else if len(s.text) <= MaxText {
			s.text = append(s.text, c)
		}
	}
}

// escape reads what follows a backslash.
func (s *Scanner) escape() error {
	c, ok := s.peek()
	if !ok {
		return s.end()
	}
	s.at++
	switch c {
	case '"', '\\', '/':
	case 'b', 'f', 'n', 'r', 't':
		c = map[byte]byte{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}[c]
	case 'u':
		r, err := s.hex()
		if err != nil {
			return err
		}
		if len(s.text) <= MaxText {
			s.text = joined(s.text, r)
		}
		return nil
	default:
		return s.syntax()
	}
	if len(s.text) <= MaxText {
		s.text = append(s.text, c)
	}
	return nil
}

func (s *Scanner) hex() (rune, error) {
	var digits [4]byte
	for i := range digits {
		c, ok := s.peek()
		if !ok {
			return 0, s.end()
		}
		digits[i] = c
		s.at++
	}
	v, err := strconv.ParseUint(string(digits[:]), 16, 16)
	if err != nil {
		return 0, s.syntax()
	}
	return rune(v), nil
}

// joined appends r, together with a first surrogate before it, which waits
// encoded as if it were a character.
func joined(text []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		if n := len(text) - 3; n >= 0 && text[n] == 0xED && r >= 0xDC00 {
			high := rune(0xD000) | rune(text[n+1]&0x3F)<<6 | rune(text[n+2]&0x3F)
			if full := utf16.DecodeRune(high, r); full != utf8.RuneError {
				return utf8.AppendRune(text[:n], full)
			}
		}
		return append(text, 0xED, 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
	}
	return utf8.AppendRune(text, r)
}

// Skip passes over the value that begins with t, which Next returned last.
func (s *Scanner) Skip(t Token) error {
	if t.Kind != '{' && t.Kind != '[' {
		return nil
	}
	for depth := 1; depth > 0; {
		t, err := s.Next()
		if err != nil {
			return err
		}
		switch t.Kind {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
	}
	return nil
}

// Row reads the rest of an array of numbers whose bracket Next returned last:
// words, text that is no number and numbers beyond all measure become NaN, true 1 and false 0. Arrays in it,
// and more values than dst has room for, are an error.
func (s *Scanner) Row(dst []float64) (n int, err error) {
	n, ended := s.plain(dst)
	if ended {
		return n, nil
	}
	for {
		t, err := s.Next()
		if err != nil {
			return n, err
		}
		if t.Kind == ']' {
			return n, nil
		}
		if n == len(dst) || t.Kind == '[' || t.Kind == '{' {
			s.at -= min(s.at, 1) // an array here may be the next row
			return n, s.syntax()
		}
		if dst[n], err = number(t); err != nil {
			return n, err
		}
		n++
	}
}

// plain reads plain numbers and words as far as they lie in the buffer, and reports
// whether the row ended. What is anything else is left where it is.
func (s *Scanner) plain(dst []float64) (n int, ended bool) {
	for n < len(dst) {
		i := s.at
		for i < len(s.buf) && space(s.buf[i]) {
			i++
		}
		first := i
		for i < len(s.buf) && (s.buf[i] >= '0' && s.buf[i] <= '9' || s.buf[i] == '-' || s.buf[i] == '.' || s.buf[i] >= 'a' && s.buf[i] <= 'z') {
			i++
		}
		last := i
		for i < len(s.buf) && space(s.buf[i]) {
			i++
		}
		if i == len(s.buf) || first == last || s.buf[i] != ',' && s.buf[i] != ']' {
			return n, false
		}
		v, ok := 0.0, true
		switch string(s.buf[first:last]) {
		case "true":
			v = 1
		case "false":
		case "null":
			v = math.NaN()
		default:
			if v, ok = tracktext.Float(s.buf[first:last]); !ok || s.buf[first] >= 'a' {
				return n, false
			}
		}
		dst[n] = v
		n++
		if s.at = i + 1; s.buf[i] == ']' {
			s.stack = s.stack[:len(s.stack)-1]
			s.done()
			return n, true
		}
		s.want = value
	}
	return n, false
}

func space(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func number(t Token) (float64, error) {
	if t.Kind == Word {
		switch string(t.Text) {
		case "true":
			return 1, nil
		case "false":
			return 0, nil
		}
		return math.NaN(), nil
	}
	v, ok := tracktext.Float(t.Text)
	if ok {
		return v, nil
	}
	if _, err := strconv.ParseFloat(string(t.Text), 64); t.Kind == Number && errors.Is(err, strconv.ErrSyntax) {
		return 0, fmt.Errorf("number at %d: %w", t.Span.Off, ErrSyntax)
	}
	return math.NaN(), nil
}

// Resync goes on after an error: to the next array of numbers, for which the
// scanner then is as deep as depth says, or to the next of the keys.
// The input's end is [io.EOF].
func (s *Scanner) Resync(depth int, keys ...string) error {
	for {
		c, ok := s.peek()
		if !ok {
			if s.err != nil {
				return s.err
			}
			return io.EOF
		}
		switch {
		case c == '[' && depth > 0 && s.row():
			s.stack = append(s.stack[:0], bytes.Repeat([]byte("{"), depth-1)...)
			s.stack = append(s.stack, '[')
			s.want, s.loose = value, true
			return nil
		case c == '"' && s.key(keys):
			s.stack = append(s.stack[:0], '{')
			s.want, s.loose = key, true
			return nil
		}
		s.at++
	}
}

// ahead returns up to n bytes from the next one on.
func (s *Scanner) ahead(n int) []byte {
	if len(s.buf)-s.at < n && s.start+int64(len(s.buf)) < s.in.Size() {
		s.start += int64(s.at)
		s.buf = s.buf[:min(bufLen, s.in.Size()-s.start)]
		s.at = 0
		if s.err = input.ReadFull(s.in, s.buf, s.start); s.err != nil {
			s.buf = s.buf[:0]
		}
	}
	return s.buf[s.at:min(len(s.buf), s.at+n)]
}

func (s *Scanner) row() bool {
	b := bytes.TrimLeft(s.ahead(64)[1:], " \t\r\n")
	return len(b) > 0 && (b[0] == '-' || b[0] >= '0' && b[0] <= '9')
}

func (s *Scanner) key(keys []string) bool {
	b := s.ahead(64)
	for _, k := range keys {
		if len(b) > len(k)+1 && string(b[1:1+len(k)]) == k && b[1+len(k)] == '"' {
			return true
		}
	}
	return false
}
