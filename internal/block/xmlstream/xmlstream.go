// Package xmlstream reads XML 1.0 (https://www.w3.org/TR/xml/) of any length
// through one buffer, for logs. It is lenient: nesting is the caller's to
// check, and what is no markup is damage that is skipped.
//
// It does not do: other encodings than UTF-8 and its subsets (for UTF-16 see
// [flightveil/internal/block/utf16text]), document types
// (skipped, so entities they declare stand for nothing), namespaces (a prefix
// is cut off).
package xmlstream

import (
	"bytes"
	"html"
	"strings"

	"flightveil/internal/block/utf16text"
	"flightveil/internal/input"
)

// Kind says what a Token is.
type Kind int

const (
	End    Kind = iota // of the input, or of what can be read: see Err
	Open               // a start tag; an empty element is followed by its Close
	Close              // an end tag
	Text               // character data, or a piece of it
	Damage             // something that is no markup, or a construct that does not end
)

const (
	bufLen = 64 << 10
	// MaxContent is how much of an element's text Content returns.
	MaxContent = 4 << 10
)

// A Token is one piece of the document. Its bytes stay valid until the next.
type Token struct {
	Kind     Kind
	Name     []byte // of a tag, without prefix
	Text     []byte // of Text, as in the file
	Off, Len int64
	Whole    bool // the text is followed by markup: no piece of it follows and it was not cut off
}

// A Reader yields the tokens of an input.
type Reader struct {
	in    input.Input
	buf   []byte
	base  int64 // offset of buf[0]
	pos   int   // in buf
	eof   bool
	err   error
	attrs []byte // of the last start tag
	aoff  int64
	empty []byte // name of an empty element whose Close is due
	leaf  bool   // only text since the last start tag
	text  []byte // that text
	span  input.Span
	cut   bool
}

// New returns a Reader of in.
func New(in input.Input) *Reader { return &Reader{in: in} }

// Root returns the name of the document element, without prefix, of the
// document that begins with prefix, in UTF-8 or UTF-16; "" if it does not come.
func Root(prefix []byte) string {
	r := New(bytes.NewReader(utf16text.Prefix(prefix)))
	for {
		switch t := r.Next(); t.Kind {
		case Open:
			return string(t.Name)
		case Text:
			if len(bytes.TrimSpace(bytes.TrimPrefix(t.Text, []byte("\xEF\xBB\xBF")))) > 0 {
				return ""
			}
		default:
			return ""
		}
	}
}

// Err returns the error that ended reading, nil at the end of the input.
func (r *Reader) Err() error { return r.err }

// Jump goes on reading at off, where markup or text begins.
func (r *Reader) Jump(off int64) {
	r.empty, r.leaf = nil, false
	if off >= r.base && off <= r.base+int64(len(r.buf)) {
		r.pos = int(off - r.base)
		return
	}
	r.base, r.buf, r.pos, r.eof = off, r.buf[:0], 0, false
}

// fill makes room and reads on. It reports whether there is more than before.
func (r *Reader) fill() bool {
	if r.eof || r.err != nil || r.pos == 0 && len(r.buf) == bufLen {
		return false
	}
	if r.buf == nil {
		r.buf = make([]byte, 0, bufLen)
	}
	n := copy(r.buf[:bufLen], r.buf[r.pos:])
	r.base += int64(r.pos)
	r.pos = 0
	more := min(int64(bufLen-n), r.in.Size()-r.base-int64(n))
	if more <= 0 {
		r.buf, r.eof = r.buf[:n], true
		return false
	}
	r.buf = r.buf[:n+int(more)]
	if r.err = input.ReadFull(r.in, r.buf[n:], r.base+int64(n)); r.err != nil {
		r.buf = r.buf[:n]
		return false
	}
	return true
}

// find returns where s begins, searching from `from` behind pos, and -1 if it
// is not within the buffer's length or not in the rest of the input.
func (r *Reader) find(from int, s string) int {
	for {
		if from <= len(r.buf)-r.pos {
			if i := bytes.Index(r.buf[r.pos+from:], []byte(s)); i >= 0 {
				return from + i
			}
		}
		from = max(from, len(r.buf)-r.pos-len(s)+1)
		if !r.fill() {
			return -1
		}
	}
}

// Next returns the next token.
func (r *Reader) Next() Token {
	if r.empty != nil {
		t := Token{Kind: Close, Name: r.empty, Off: r.base + int64(r.pos)}
		r.empty = nil
		return t
	}
	for {
		if r.pos == len(r.buf) && !r.fill() {
			return Token{Kind: End, Off: r.base + int64(r.pos)}
		}
		if r.buf[r.pos] != '<' {
			return r.characters()
		}
		if b := r.buf[r.pos:]; len(b) > 1 && b[1] != '!' && b[1] != '?' {
			return r.tag()
		}
		for len(r.buf)-r.pos < len("<![CDATA[") && r.fill() {
		}
		switch b := r.buf[r.pos:]; {
		case hasPrefix(b, "<!--"):
			if t, bad := r.skip(4, "-->"); bad {
				return t
			}
		case hasPrefix(b, "<?"):
			if t, bad := r.skip(2, "?>"); bad {
				return t
			}
		case hasPrefix(b, "<![CDATA["):
			return r.cdata()
		case hasPrefix(b, "<!"):
			if t, bad := r.doctype(); bad {
				return t
			}
		default:
			return r.tag()
		}
	}
}

func hasPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }

// advance moves n bytes on and returns the token k for them.
func (r *Reader) advance(k Kind, n int) Token {
	t := Token{Kind: k, Off: r.base + int64(r.pos), Len: int64(n)}
	r.pos += n
	return t
}

// damage skips to the next thing that could be markup.
func (r *Reader) damage() Token {
	r.leaf = false
	n := r.find(1, "<")
	if n < 0 {
		n = len(r.buf) - r.pos
	}
	return r.advance(Damage, n)
}

func (r *Reader) characters() Token {
	n, whole := bytes.IndexByte(r.buf[r.pos:], '<'), true
	if n < 0 {
		if n = r.find(len(r.buf)-r.pos, "<"); n < 0 {
			n, whole = len(r.buf)-r.pos, false
		}
	}
	text := r.buf[r.pos : r.pos+n]
	t := r.advance(Text, n)
	t.Text, t.Whole = text, whole
	r.collect(t.Off, text)
	return t
}

func (r *Reader) cdata() Token {
	const open, end = len("<![CDATA["), "]]>"
	n := r.find(open, end)
	if n < 0 {
		return r.damage()
	}
	text := r.buf[r.pos+open : r.pos+n]
	t := r.advance(Text, n+len(end))
	t.Text, t.Whole = text, true
	r.collect(t.Off+int64(open), text)
	return t
}

func (r *Reader) collect(off int64, text []byte) {
	if !r.leaf {
		return
	}
	if len(r.text) == 0 {
		r.span.Off = off
	}
	r.span.Len = off + int64(len(text)) - r.span.Off
	room := MaxContent - len(r.text)
	r.cut = r.cut || len(text) > room
	r.text = append(r.text, text[:min(len(text), room)]...)
}

// skip passes over a construct of any length that ends in end.
func (r *Reader) skip(open int, end string) (Token, bool) {
	start := r.base + int64(r.pos)
	r.pos += open
	for {
		if n := r.find(0, end); n >= 0 {
			r.pos += n + len(end)
			return Token{}, false
		}
		if r.eof || r.err != nil {
			r.pos = len(r.buf)
			return Token{Kind: Damage, Off: start, Len: r.base + int64(r.pos) - start}, true
		}
		r.pos = max(r.pos, len(r.buf)-len(end)+1) // longer than the buffer: read on
	}
}

// doctype skips a document type and its declarations.
func (r *Reader) doctype() (Token, bool) {
	start := r.base + int64(r.pos)
	inside := false
	for {
		for ; r.pos < len(r.buf); r.pos++ {
			switch c := r.buf[r.pos]; {
			case c == '[':
				inside = true
			case c == ']':
				inside = false
			case c == '>' && !inside:
				r.pos++
				return Token{}, false
			}
		}
		if !r.fill() {
			return Token{Kind: Damage, Off: start, Len: r.base + int64(r.pos) - start}, true
		}
	}
}

func (r *Reader) tag() Token {
	n := r.plainTag()
	if n < 0 {
		if n = r.tagEnd(); n < 0 {
			return r.damage()
		}
	}
	b := r.buf[r.pos+1 : r.pos+n] // without angle brackets
	k := Open
	if len(b) > 0 && b[0] == '/' {
		k, b = Close, b[1:]
	}
	name := b[:nameLen(b)]
	if len(name) == 0 {
		return r.damage()
	}
	rest := b[len(name):]
	for i, c := range name {
		if c == ':' {
			name = name[i+1:]
			break
		}
	}
	r.aoff = r.base + int64(r.pos+n-len(rest))
	t := r.advance(k, n+1)
	t.Name = name
	if k == Close {
		return t
	}
	r.leaf, r.text, r.span, r.cut = true, r.text[:0], input.Span{}, false
	if len(rest) > 0 && rest[len(rest)-1] == '/' {
		rest, r.empty = rest[:len(rest)-1], name
	}
	r.attrs = rest
	return t
}

// plainTag returns where the tag at pos has its closing bracket, if it has
// only a name and is all in the buffer, and -1 otherwise.
func (r *Reader) plainTag() int {
	b := r.buf[r.pos:]
	i := 1
	if len(b) > 1 && b[1] == '/' {
		i++
	}
	for i < len(b) && inName[b[i]] {
		i++
	}
	if i < len(b) && b[i] == '>' {
		return i
	}
	return -1
}

// tagEnd returns where the tag at pos has its closing bracket, which may also
// stand in a quoted value.
func (r *Reader) tagEnd() int {
	quote := byte(0)
	for i := 1; ; i++ {
		if i == len(r.buf)-r.pos && !r.fill() {
			return -1
		}
		switch c := r.buf[r.pos+i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i
		case c == '<':
			return -1
		}
	}
}

// inName says which bytes a name can hold.
var inName = func() (t [256]bool) {
	for i := range t {
		c := byte(i)
		t[i] = c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c >= 0x80 || c == ':' || c == '-' || c == '_' || c == '.'
	}
	return t
}()

func nameLen(b []byte) int {
	for i, c := range b {
		if !inName[c] {
			return i
		}
	}
	return len(b)
}

// trimLeft returns b without the white space it begins with.
func trimLeft(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t' || b[0] == '\r' || b[0] == '\n') {
		b = b[1:]
	}
	return b
}

// Attr returns the attribute called name, without prefix, of the last start
// tag. It is valid until the next token.
func (r *Reader) Attr(name string) (value []byte, span input.Span, ok bool) {
	b := r.attrs
	for {
		b = trimLeft(b)
		n := nameLen(b)
		if n == 0 {
			return nil, span, false
		}
		key := b[:n]
		b = trimLeft(b[n:])
		if len(b) == 0 || b[0] != '=' {
			return nil, span, false
		}
		b = trimLeft(b[1:])
		if len(b) < 2 || b[0] != '"' && b[0] != '\'' {
			return nil, span, false
		}
		n = bytes.IndexByte(b[1:], b[0])
		if n < 0 {
			return nil, span, false
		}
		value, rest := b[1:1+n], b[n+2:]
		if string(key) == name {
			return value, input.Span{Off: r.aoff + int64(len(r.attrs)-len(b)+1), Len: int64(n)}, true
		}
		b = rest
	}
}

// Content returns, after a Close, the text of the element, if it holds nothing
// else. whole is false where it was too long and is not all there.
func (r *Reader) Content() (text []byte, span input.Span, whole bool) {
	if !r.leaf {
		return nil, input.Span{}, true
	}
	return r.text, r.span, !r.cut
}

// Closed tells the Reader that the content of the last element was used, so
// that the parent's end does not give it again.
func (r *Reader) Closed() { r.leaf = false }

// Unescape returns text with its references replaced. References that only a
// document type could explain stay as they are.
func Unescape(text []byte) string { return strings.TrimSpace(html.UnescapeString(string(text))) }
