package xmlstream_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"flightveil/internal/block/xmlstream"
	"flightveil/internal/input"

	"github.com/google/go-cmp/cmp"
)

// tokens reads all of s, one line each: "<name", "name>", "'text'", "!length".
func tokens(t testing.TB, s string) []string {
	t.Helper()
	r := xmlstream.New(strings.NewReader(s))
	var out []string
	last := int64(0)
	for {
		tok := r.Next()
		if tok.Off < last || tok.Off+tok.Len > int64(len(s)) {
			t.Fatalf("a token at %d of length %d behind %d, in %d bytes", tok.Off, tok.Len, last, len(s))
		}
		last = tok.Off + tok.Len
		switch tok.Kind {
		case xmlstream.End:
			if r.Err() != nil {
				t.Fatal(r.Err())
			}
			return out
		case xmlstream.Open:
			out = append(out, "<"+string(tok.Name))
		case xmlstream.Close:
			out = append(out, string(tok.Name)+">")
		case xmlstream.Text:
			if n := len(out); n > 0 && out[n-1][0] == '\'' { // pieces of one text
				out[n-1] = out[n-1][:len(out[n-1])-1] + string(tok.Text) + "'"
				continue
			}
			out = append(out, "'"+string(tok.Text)+"'")
		case xmlstream.Damage:
			out = append(out, fmt.Sprintf("!%d", tok.Len))
		}
	}
}

func TestTokens(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"<a>x</a>", "<a 'x' a>"},
		{"<a/>", "<a a>"},
		{"<a />b", "<a a> 'b'"},
		{"<n:a n:b='1'>x</n:a >", "<a 'x' a>"},
		{`<a b="1 > 0" c='"'/>`, "<a a>"},
		{"<?xml version='1.0'?><!-- <x> --><a/>", "<a a>"},
		{"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "<a a>"},
		{"<a><![CDATA[1 < 2]]></a>", "<a '1 < 2' a>"},
		{"<a.b-c_d:é1/>", "<é1 é1>"},
		{"<a><b></a>", "<a <b a>"}, // nesting is the caller's to check
		{"<a", "!2"},
		{"<a b='", "!6"},
		{"<a <b>", "!3 <b"},
		{"x < y <a/>", "'x ' !4 <a a>"},
		{"<>x", "!3"},
		{"</>x", "!4"},
		{"<", "!1"},
		{"<a>x", "<a 'x'"},
		{"<!-- never ends", "!15"},
		{"<![CDATA[never ends", "!19"},
		{"<?never ends", "!12"},
		{"<!DOCTYPE never [ ends >", "!24"},
	} {
		if got := strings.Join(tokens(t, c.in), " "); got != c.want {
			t.Errorf("%q: %s, want %s", c.in, got, c.want)
		}
	}
}

func TestAttr(t *testing.T) {
	const doc = "<a one='1'\n\ttwo = \"2 > 1\" n:three='' four=4 five='5'>"
	r := xmlstream.New(strings.NewReader(doc))
	if r.Next().Kind != xmlstream.Open {
		t.Fatal("no start tag")
	}
	for name, want := range map[string]string{"one": "1", "two": "2 > 1", "n:three": ""} {
		v, span, ok := r.Attr(name)
		if !ok || string(v) != want || doc[span.Off:span.End()] != want {
			t.Errorf("%s: %q at %+v, %v", name, v, span, ok)
		}
	}
	for _, name := range []string{"four", "five", "none", ""} { // behind a value without quotes nothing is believed
		if v, _, ok := r.Attr(name); ok {
			t.Errorf("%s: %q", name, v)
		}
	}
}

func TestContent(t *testing.T) {
	long := strings.Repeat("long ", 2*xmlstream.MaxContent/5)
	doc := "<a><b>one<!-- and --> <![CDATA[two]]></b><c>" + long + "</c></a>"
	r := xmlstream.New(strings.NewReader(doc))
	var got []string
	for tok := r.Next(); tok.Kind != xmlstream.End; tok = r.Next() {
		if tok.Kind != xmlstream.Close {
			continue
		}
		text, span, whole := r.Content()
		got = append(got, fmt.Sprint(string(tok.Name), " ", len(text), " ", whole))
		if string(tok.Name) == "b" && (string(text) != "one two" || !strings.HasPrefix(doc[span.Off:], "one<!--") || !strings.HasSuffix(doc[:span.End()], "two")) {
			t.Errorf("%q at %+v", text, span)
		}
		r.Closed()
	}
	if want := []string{"b 7 true", fmt.Sprint("c ", xmlstream.MaxContent, " false"), "a 0 true"}; !cmp.Equal(want, got) {
		t.Error(got)
	}
}

// TestLong puts tags, texts and comments across and beyond the buffer.
func TestLong(t *testing.T) {
	const buffer = 64 << 10
	for _, n := range []int{buffer - 3, buffer - 2, buffer - 1, buffer, buffer + 1, 3 * buffer} {
		pad := strings.Repeat("x", n)
		for name, c := range map[string]struct{ doc, want string }{
			"text":    {"<a>" + pad + "</a><b/>", "<a '" + pad + "' a> <b b>"},
			"comment": {"<a><!--" + pad + "--></a><b/>", "<a a> <b b>"},
			"before":  {pad + "<a c='1'>y</a>", "'" + pad + "' <a 'y' a>"},
		} {
			if got := strings.Join(tokens(t, c.doc), " "); got != c.want {
				t.Errorf("%s of %d: %d bytes of tokens, want %d", name, n, len(got), len(c.want))
			}
		}
		got := tokens(t, "<a b='"+pad+"'>y</a>")
		if n < buffer-20 && got[0] != "<a" || len(got) == 0 || got[len(got)-1] != "a>" {
			t.Errorf("a tag of %d: %v", n, got[len(got)-1])
		}
	}
}

func TestJump(t *testing.T) {
	doc := "<a>" + strings.Repeat("<b/>", 50_000) + "<c/></a>"
	r := xmlstream.New(strings.NewReader(doc))
	for _, off := range []int64{int64(len(doc) - 8), 3, int64(len(doc) - 4), 0} {
		r.Jump(off)
		if tok := r.Next(); tok.Off != off || string(tok.Name) != map[int64]string{0: "a", 3: "b", int64(len(doc) - 8): "c", int64(len(doc) - 4): "a"}[off] {
			t.Errorf("at %d: %s at %d", off, tok.Name, tok.Off)
		}
	}
}

// broken fails behind some bytes.
type broken struct {
	io.ReaderAt
	from, size int64
}

func (b broken) Size() int64 { return b.size }

var errBroken = errors.New("broken")

func (b broken) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > b.from {
		return 0, errBroken
	}
	return b.ReaderAt.ReadAt(p, off)
}

func TestReadError(t *testing.T) {
	doc := strings.Repeat("<b/>", 50_000)
	r := xmlstream.New(broken{strings.NewReader(doc), 100_000, int64(len(doc))})
	n := 0
	for r.Next().Kind != xmlstream.End {
		n++
	}
	if !errors.Is(r.Err(), errBroken) || n == 0 {
		t.Errorf("%d tokens, then %v", n, r.Err())
	}
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{" a &amp; b ": "a & b", "&lt;&#65;&#x42;&gt;": "<AB>", "&unknown;": "&unknown;", "": ""} {
		if got := xmlstream.Unescape([]byte(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// FuzzTokens holds the reader against encoding/xml: where that reads a
// document to its end, both see the same elements. Whatever comes in, every
// byte is read once and in order.
func FuzzTokens(f *testing.F) {
	for _, s := range []string{"<a>x</a>", "<a b='1'/>", "<a><![CDATA[x]]></a>", "<?x?><!--y--><a/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "x < <a", "<a b=\">\"/>", "<\xff>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := tokens(t, s)
		want, ok := elements(s)
		if !ok {
			return
		}
		var ours []string
		for _, g := range got {
			if g[0] == '<' || g[0] != '\'' && g[0] != '!' {
				ours = append(ours, g)
			}
		}
		if d := cmp.Diff(want, ours); d != "" {
			t.Errorf("%q (-encoding/xml +ours):\n%s", s, d)
		}
	})
}

// elements returns the elements that encoding/xml sees, if the document is one
// that both must read alike: no declarations, whose quoting differs.
func elements(s string) (out []string, ok bool) {
	if strings.Contains(s, "<!D") || strings.Contains(s, "<!E") || strings.Contains(s, "<?") {
		return nil, false
	}
	d := xml.NewDecoder(bytes.NewReader([]byte(s)))
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return out, true
		}
		if err != nil {
			return nil, false
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			out = append(out, "<"+tok.Name.Local)
		case xml.EndElement:
			out = append(out, tok.Name.Local+">")
		case xml.Directive:
			return nil, false
		}
	}
}

var _ input.Input = broken{}
