package xmlscan

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"flightveil/internal/input"
)

const doc = `<?xml version="1.0"?><!DOCTYPE a><a xmlns="u" xmlns:p='v'><!--c--><p:b k="1&amp;2" p:l = 'x'>t<![CDATA[<&]]></p:b><e/></a> ` + "\x00"

// describe lists what a document is made of, with the text of each part.
func describe(d *Doc) string {
	var out strings.Builder
	var visit func(n *Node)
	visit = func(n *Node) {
		out.WriteString(d.Raw(n.Off, n.End))
		if n.Kind == Element {
			out.WriteString(" {" + n.Name.Space + "}" + n.Name.Local)
			for _, a := range n.Attrs {
				out.WriteString(" {" + a.Space + "}" + a.Local + "=" + d.Value(a.ValOff, a.ValEnd) + "@" + d.Raw(a.Off, a.End))
			}
			out.WriteString(" inside:" + d.Raw(n.Open, n.Close))
		}
		out.WriteString("\n")
		for _, k := range n.Kids {
			visit(k)
		}
	}
	for _, n := range d.Roots {
		visit(n)
	}
	return out.String()
}

func TestParse(t *testing.T) {
	want := strings.Join([]string{
		`<?xml version="1.0"?>`,
		`<!DOCTYPE a>`,
		`<a xmlns="u" xmlns:p='v'><!--c--><p:b k="1&amp;2" p:l = 'x'>t<![CDATA[<&]]></p:b><e/></a> {u}a inside:<!--c--><p:b k="1&amp;2" p:l = 'x'>t<![CDATA[<&]]></p:b><e/>`,
		`<!--c-->`,
		`<p:b k="1&amp;2" p:l = 'x'>t<![CDATA[<&]]></p:b> {v}b {}k=1&2@k="1&amp;2" {v}l=x@p:l = 'x' inside:t<![CDATA[<&]]>`,
		`t`,
		`<![CDATA[<&]]>`,
		`<e/> {u}e inside:`,
	}, "\n") + "\n"
	for name, b := range map[string][]byte{
		"UTF-8":            []byte(doc),
		"with a mark":      []byte("\uFEFF" + doc),
		"UTF-16LE":         wide(doc, binary.LittleEndian, true),
		"UTF-16BE":         wide(doc, binary.BigEndian, true),
		"without a mark":   wide(doc, binary.LittleEndian, false),
		"UTF-32BE, no BOM": wide32(doc),
	} {
		d := Parse(b, 100)
		if got := describe(d); d.Err != nil || got != want {
			t.Errorf("%s: %v\n%s", name, d.Err, got)
		}
		if d.Err == nil && d.Content(d.Roots[2].Kids[1]) != "t<&" {
			t.Errorf("%s: content %q", name, d.Content(d.Roots[2].Kids[1]))
		}
		if s := d.Span(0, d.Len()); s.End() != int64(len(b)) {
			t.Errorf("%s: the text ends at %d, the file at %d", name, s.End(), len(b))
		}
	}
}

func wide(s string, o binary.AppendByteOrder, mark bool) (b []byte) {
	if mark {
		s = "\uFEFF" + s
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b = o.AppendUint16(b, u)
	}
	return b
}

func wide32(s string) (b []byte) {
	for _, r := range s {
		b = binary.BigEndian.AppendUint32(b, uint32(r))
	}
	return b
}

func TestBroken(t *testing.T) {
	for text, want := range map[string]error{
		"<a>":                             errEnd,
		"<a":                              errEnd,
		"<a b='1":                         errEnd,
		"<a b=1>":                         errTag,
		"<a b>":                           errTag,
		"<a b='<'/>":                      errTag,
		"</a>":                            errNesting,
		"<a></b>":                         errNesting,
		"<a></a b>":                       errTag,
		"<>":                              errTag,
		"<!--":                            errEnd,
		"<![CDATA[ ]]":                    errEnd,
		"<?xml":                           errEnd,
		"<!DOCTYPE a [ ]><a/>":            input.ErrUnsupported,
		"<!ELEMENT a>":                    errTag,
		strings.Repeat("<a>", maxDepth+1): input.ErrLimit,
		"<a " + strings.Repeat("xmlns:a='' ", maxScope+1) + "/>": input.ErrLimit,
		strings.Repeat("<a/>", 2000):                             input.ErrLimit,
		"<a " + strings.Repeat("a='' ", 2000) + "/>":             input.ErrLimit,
		string(wide("<a/>", binary.LittleEndian, true)) + "x":    errUnits,
	} {
		if d := Parse([]byte(text), 1000); !errors.Is(d.Err, want) {
			t.Errorf("%.40q: %v, want %v", text, d.Err, want)
		}
	}
	// What stands before the damage is still there.
	if d := Parse([]byte(`<a x="1"><b>t</b><c y="2" z=`), 100); len(d.Roots) != 1 || len(d.Roots[0].Kids) != 2 || len(d.Roots[0].Kids[1].Attrs) != 1 {
		t.Error(describe(d))
	}
}

func TestReferences(t *testing.T) {
	for in, want := range map[string]string{
		"&lt;&gt;&amp;&quot;&apos;": `<>&"'`,
		"&#65;&#x42;&#X63;":         "ABc",
		"&#xD800;&#x110000;&#;&#x;": "&#xD800;&#x110000;&#;&#x;",
		"a & b &c; &nbsp;":          "a & b &c; &nbsp;",
		"&&amp;":                    "&&",
		"&#-1;&#99999999999;":       "&#-1;&#99999999999;",
	} {
		text, err := NewText([]byte(in))
		if got := text.Value(0, text.Len()); err != nil || got != want {
			t.Errorf("%q: %q, want %q (%v)", in, got, want, err)
		}
	}
}

func TestNamespaces(t *testing.T) {
	d := Parse([]byte(`<a:x xmlns:a="1" xmlns:b="2" xmlns:b="3"><a:y xmlns:a="4" b:k="" xml:lang=""/><z:q/></a:x>`), 100)
	x := d.Roots[0]
	if x.Name.Space != "1" || x.Kids[0].Name.Space != "4" || x.Kids[0].Attrs[0].Space != "3" || x.Kids[0].Attrs[1].Space != xmlSpace || x.Kids[1].Name.Space != "" {
		t.Error(describe(d))
	}
	var uses []int
	for _, decl := range d.Decls {
		uses = append(uses, decl.Uses)
	}
	if len(uses) != 4 || uses[0] != 1 || uses[1] != 0 || uses[2] != 1 || uses[3] != 1 {
		t.Errorf("uses %v", uses)
	}
}

// TestBlankBegin checks that a wide text is still read after what stood at
// its beginning was overwritten with spaces.
func TestBlankBegin(t *testing.T) {
	for _, o := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		if d := Parse(wide("   <a>text</a>", o, false), 100); d.Err != nil || len(d.Roots) != 1 || d.Roots[0].Name.Local != "a" {
			t.Errorf("%v: %v, %s", o, d.Err, describe(d))
		}
	}
}
