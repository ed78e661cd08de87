package jsonstream

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"flightveil/internal/input"
)

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// bare reads a number or a word.
func (r *Reader) bare() (Token, error) {
	t := Token{Kind: Number, Span: input.Span{Off: r.Offset()}}
	r.text = r.text[:0]
	words := 0 // letters that no number has
	for {
		c, ok := r.peek()
		if !ok && len(r.stack) > 0 { // a number that is cut off is another number
			return t, r.end()
		}
		if !ok || !letter(c) && (c < '0' || c > '9') && c != '-' && c != '+' && c != '.' {
			break
		}
		if len(r.text) == maxBare {
			return t, r.syntax()
		}
		if letter(c) && c|0x20 != 'e' {
			words++
		}
		r.text = append(r.text, c)
		r.at++
	}
	t.Text, t.Span.Len = r.text, int64(len(r.text))
	switch string(t.Text) {
	case "true", "false", "null", "NaN", "Infinity", "-Infinity":
		t.Kind = Word
	default:
		if words > 0 || letter(t.Text[0]) {
			return t, r.syntax()
		}
	}
	r.done()
	return t, nil
}

// plain says which bytes of a string stand for themselves. Tabs are let
// through, which are not allowed and often written.
var plain = func() (t [256]bool) {
	for i := range t {
		t[i] = i >= ' ' && i != '"' && i != '\\' || i == '\t'
	}
	return t
}()

// quoted reads a string; its quote is next.
func (r *Reader) quoted(kind Kind) (Token, error) {
	r.at++
	t := Token{Kind: kind, Span: input.Span{Off: r.Offset()}}
	r.text, r.high = r.text[:0], 0
	for {
		if _, ok := r.peek(); !ok {
			return t, r.end()
		}
		n := 0
		for n < len(r.buf)-r.at && plain[r.buf[r.at+n]] {
			n++
		}
		if n > 0 {
			r.add(r.buf[r.at : r.at+n]...)
			r.at += n
			continue
		}
		switch r.buf[r.at] {
		case '"':
			r.add()
			t.Text, t.Span.Len = r.text, r.Offset()-t.Span.Off
			r.at++
			return t, nil
		case '\\':
			r.at++
			if err := r.escape(); err != nil {
				return t, err
			}
		default:
			return t, r.syntax()
		}
	}
}

// add appends b to the text, as far as that is held. Half of a pair before it
// has no second half.
func (r *Reader) add(b ...byte) {
	if r.high != 0 {
		r.rune(utf8.RuneError)
	}
	r.text = append(r.text, b[:min(len(b), MaxText-len(r.text))]...)
}

func (r *Reader) rune(c rune) {
	if r.high = 0; len(r.text) <= MaxText-utf8.UTFMax {
		r.text = utf8.AppendRune(r.text, c)
	}
}

// escape reads what follows a backslash. Of an escape that is none the
// character stands for itself: Windows paths are written so.
func (r *Reader) escape() error {
	c, ok := r.peek()
	if !ok {
		return r.end()
	}
	r.at++
	switch c {
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return r.unicode()
	}
	r.add(c)
	return nil
}

// unicode reads four hexadecimal digits.
func (r *Reader) unicode() error {
	var digits [4]byte
	for i := range digits {
		c, ok := r.peek()
		if !ok {
			return r.end()
		}
		digits[i] = c
		r.at++
	}
	v, err := strconv.ParseUint(string(digits[:]), 16, 16)
	if err != nil {
		return r.syntax()
	}
	c := rune(v)
	if both := utf16.DecodeRune(r.high, c); r.high != 0 && both != utf8.RuneError {
		r.rune(both)
		return nil
	}
	if r.add(); c >= 0xD800 && c < 0xDC00 {
		r.high = c
		return nil
	}
	r.rune(c)
	return nil
}
