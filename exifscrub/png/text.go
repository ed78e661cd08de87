package png

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

const (
	maxKeyword = 79       // section 11.3.3.2
	maxHead    = 4096     // of an iTXt chunk before its text; the specification gives no bound
	maxValue   = 64 << 10 // of a text that is shown
)

// A text is a text chunk taken apart. Offsets count from the start of its data.
type text struct {
	chunk   chunk
	keyword string
	lang    string // iTXt only
	packed  bool
	from    int64  // where the text begins
	heading int64  // iTXt only: where the translated keyword begins; it ends before from
	raw     []byte // the text as it lies in the file; nil if there is too much of it
	plain   []byte // the text inflated
	over    int64  // bytes behind a compressed text
	err     error  // why plain is missing
}

// text handles tEXt, zTXt and iTXt.
func (p *parser) text(c chunk) error {
	head, err := input.ReadRange(p.in, c.data(), min(c.size, maxHead), maxHead)
	if err != nil {
		return err
	}
	t, ok := splitText(c, head)
	if !ok {
		p.unknown(c, c.kind, c.span(0, c.size))
		return nil
	}
	if t.raw, err = input.ReadRange(p.in, c.data()+t.from, c.size-t.from, p.lim.Field); err != nil && !tooBig(err) {
		return err
	}
	t.plain, t.err = t.raw, err
	if t.err == nil && t.packed {
		t.plain, t.over, t.err = p.unpack(t.raw)
	}
	switch key := strings.ToLower(t.keyword); {
	case key == "xml:com.adobe.xmp":
		p.xmp(t)
	case strings.HasPrefix(key, rawProfile):
		p.rawProfile(t, key[len(rawProfile):])
	default:
		p.plainText(t)
	}
	if t.err != nil {
		return nil
	}
	p.surplus(c, c.size-t.over, t.over)
	if n := t.from - 1; n > t.heading && t.heading > 0 {
		p.find(c, privacy.Finding{Class: privacy.Description, Path: c.kind + "/TranslatedKeyword", Spans: []exifscrub.Span{c.span(t.heading, n)}, Value: p.show(head[t.heading:n])}).
			part = exifscrub.Span{Off: t.heading, Len: n - t.heading}
	}
	return nil
}

// splitText takes apart what is before the text of a chunk whose data begins
// with b: a keyword and a zero; in zTXt the method; in iTXt whether the text is
// compressed, the method, and two more texts that end with a zero.
func splitText(c chunk, b []byte) (text, bool) {
	t := text{chunk: c}
	key, rest, ok := bytes.Cut(b, []byte{0})
	if !ok || len(key) == 0 || len(key) > maxKeyword {
		return t, false
	}
	t.keyword = string(key)
	switch c.kind {
	case "zTXt":
		if len(rest) < 1 || rest[0] != 0 {
			return t, false
		}
		t.packed, rest = true, rest[1:]
	case "iTXt":
		if len(rest) < 2 || rest[0] > 1 || rest[1] != 0 {
			return t, false
		}
		t.packed = rest[0] == 1
		lang, after, ok := bytes.Cut(rest[2:], []byte{0})
		if !ok || !isLang(lang) {
			return t, false
		}
		t.lang = string(lang)
		t.heading = int64(len(b) - len(after))
		if _, rest, ok = bytes.Cut(after, []byte{0}); !ok {
			return t, false
		}
	}
	t.from = int64(len(b) - len(rest))
	return t, true
}

// isLang reports whether b could be a language tag, or is empty.
func isLang(b []byte) bool {
	for _, c := range b {
		if l := c | 0x20; (l < 'a' || l > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return len(b) <= 35
}

// xmp handles an XMP packet.
func (p *parser) xmp(t text) {
	c := exifscrub.Child{Path: "XMP", Format: "xmp", Spans: []exifscrub.Span{t.chunk.span(t.from, t.chunk.size)}, Expendable: true}
	if !t.packed {
		p.child(t.chunk, c)
		return
	}
	if t.err != nil {
		p.unknown(t.chunk, t.chunk.kind+"/XMP", c.Spans[0])
		return
	}
	c.Decoded, c.Recoded = t.plain, true
	e := p.child(t.chunk, c)
	e.value = exifscrub.Span{Off: t.from, Len: t.chunk.size - t.from - t.over}
	e.recode = pack
}

// plainText handles a text with any other keyword.
func (p *parser) plainText(t text) {
	name, class := describe(t.keyword)
	if t.lang != "" {
		name += "-" + t.lang
	}
	f := privacy.Finding{Class: class, Path: t.chunk.kind + "/" + name, Spans: []exifscrub.Span{t.chunk.span(t.from, t.chunk.size-t.over)}, Value: p.show(t.plain)}
	if class == privacy.Exposure || class == privacy.Technical {
		if !isNumbers(t.plain) { // such a field stays where nothing else does: only if it is what it should be
			f.Class = privacy.Unknown
		}
	}
	if t.err != nil {
		f.Class = privacy.Unknown
	}
	e := p.find(t.chunk, f)
	if t.err != nil || t.packed {
		return
	}
	e.value = exifscrub.Span{Off: t.from, Len: t.chunk.size - t.from}
	if class == privacy.Time {
		e.coarse = day(t.plain)
	}
}

// show returns b, which is Latin-1 or UTF-8, for a person to read. Of a file
// that is full of texts the first ones must do.
func (p *parser) show(b []byte) privacy.Secret {
	b = b[:min(int64(len(b)), maxValue, p.showable)]
	p.showable -= int64(len(b))
	if utf8.Valid(b) {
		return privacy.Secret(b)
	}
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return privacy.Secret(s.String())
}

func tooBig(err error) bool { return errors.Is(err, input.ErrLimit) }
