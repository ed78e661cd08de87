// Package xmp reads XMP packets (ISO 16684-1, RDF/XML) and says where each
// value lies. A property may be written as an attribute, an element, an array,
// a structure or a nested description: all come out as leaves. Nothing is
// judged here, and nothing is thrown away: markup that is no property (comments,
// processing instructions, stray text, unused namespaces) is a leaf too.
package xmp

import (
	"slices"
	"strings"

	"flightveil/internal/block/xmlscan"
)

// Kind says what a [Leaf] is.
type Kind uint8

const (
	Property  Kind = iota // a value, or an array of simple values
	About                 // rdf:about, the name of what is described
	Markup                // what RDF gives no meaning: comments, stray text, unexpected attributes
	Toolkit               // the program that wrote the packet: x:xmptk
	Namespace             // a namespace declaration nothing uses
)

// A Leaf is one value of a packet, or one piece of markup that says something.
type Leaf struct {
	Kind   Kind
	Path   []Name        // from the property down to the field
	Struct int           // fields of the same structure have the same number; 0 is the resource itself
	Node   *xmlscan.Node // the element that is the leaf or carries it
	Attr   *xmlscan.Attr // the attribute that is the leaf, if it is one
	Decl   *xmlscan.Decl // for Namespace
	Values []Value
	off    int
}

// A Value is one simple value. Offsets count units of the document.
type Value struct {
	Off, End int
	// Plain says that nothing but the text of the value lies between Off and
	// End, so that it can be overwritten.
	Plain bool
	Text  string
}

// maxPath is how many fields inside one another are told apart.
const maxPath = 12

// A Packet is what [Parse] found.
type Packet struct {
	*xmlscan.Doc
	Leaves  []Leaf // in file order
	structs int
	values  []Value // room for the values of leaves that have only one
}

// one returns v as a list.
func (p *Packet) one(v Value) []Value {
	if len(p.values) == cap(p.values) {
		p.values = make([]Value, 0, 32)
	}
	p.values = append(p.values, v)
	return p.values[len(p.values)-1 : len(p.values) : len(p.values)]
}

// Parse reads the packet or sidecar file b. Where it stops making sense, Err
// is set and the leaves are those before that place.
func Parse(b []byte, items int) *Packet {
	p := &Packet{Doc: xmlscan.Parse(b, items)}
	p.Leaves = make([]Leaf, 0, 64)
	for _, n := range p.Roots {
		p.top(n)
	}
	for _, d := range p.Decls {
		if d.Uses == 0 {
			p.add(Leaf{Kind: Namespace, Node: d.Node, Decl: d, Path: []Name{{Prefix: "xmlns", Local: d.Prefix}},
				Values: []Value{{Off: d.Off, End: d.End, Text: d.URI}}, off: d.Off})
		}
	}
	slices.SortStableFunc(p.Leaves, func(a, b Leaf) int { return a.off - b.off })
	return p
}

func (p *Packet) add(l Leaf) {
	if l.off == 0 {
		if l.off = l.Node.Off; l.Attr != nil {
			l.off = l.Attr.Off
		}
	}
	p.Leaves = append(p.Leaves, l)
}

// top reads a node outside any description.
func (p *Packet) top(n *xmlscan.Node) {
	if n.Kind != xmlscan.Element {
		p.markup(n)
		return
	}
	name := Resolve(n.Name)
	switch {
	case name.Is("x", "xmpmeta"), name.Is("x", "xapmeta"):
		p.attributes(n, func(a *xmlscan.Attr) {
			if a.Local == "xmptk" || a.Local == "xaptk" || a.Local == "toolkit" {
				p.attr(Toolkit, n, a, []Name{Resolve(a.Name)}, 0)
				return
			}
			p.strayAttr(n, a)
		})
		for _, k := range n.Kids {
			p.top(k)
		}
	case name.Is("rdf", "RDF"):
		p.attributes(n, func(a *xmlscan.Attr) { p.strayAttr(n, a) })
		for _, k := range n.Kids {
			p.top(k)
		}
	case name.Is("rdf", "Description"):
		p.description(n, nil, 0)
	default:
		p.property(n, nil, 0)
	}
}

// attributes calls f for each attribute of n that is not part of XML itself.
func (p *Packet) attributes(n *xmlscan.Node, f func(*xmlscan.Attr)) {
	for i := range n.Attrs {
		a := &n.Attrs[i]
		if a.Prefix == "xml" && p.xmlAttr(a) {
			continue
		}
		f(a)
	}
}

// xmlAttr reports whether a is xml:lang or xml:space with a value of the kind
// they have.
func (p *Packet) xmlAttr(a *xmlscan.Attr) bool {
	v := p.String()[a.ValOff:a.ValEnd]
	switch a.Local {
	case "space":
		return v == "preserve" || v == "default"
	case "lang": // BCP 47: subtags of at most eight letters and digits
		for tag := range strings.SplitSeq(v, "-") {
			if len(tag) > 8 || strings.Trim(tag, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
				return false
			}
		}
		return len(v) <= 20
	}
	return false
}

func (p *Packet) attr(kind Kind, n *xmlscan.Node, a *xmlscan.Attr, path []Name, structure int) {
	v := Value{Off: a.ValOff, End: a.ValEnd, Plain: true, Text: p.Value(a.ValOff, a.ValEnd)}
	p.add(Leaf{Kind: kind, Path: path, Struct: structure, Node: n, Attr: a, Values: p.one(v)})
}

func (p *Packet) strayAttr(n *xmlscan.Node, a *xmlscan.Attr) {
	p.attr(Markup, n, a, []Name{Resolve(a.Name)}, 0)
}

// markup reads what is no element.
func (p *Packet) markup(n *xmlscan.Node) {
	var name string
	switch n.Kind {
	case xmlscan.CharData, xmlscan.CDATA:
		name = "text"
	case xmlscan.Comment:
		name = "comment"
	case xmlscan.Doctype:
		name = "document type"
	case xmlscan.Instruction:
		if p.standardInstruction(n) {
			return
		}
		name = "processing instruction"
	}
	p.add(Leaf{Kind: Markup, Path: []Name{{Local: name}}, Node: n, Values: p.one(Value{Off: n.Off, End: n.End, Text: p.Raw(n.Off, n.End)})})
}

// description reads the fields of an rdf:Description, or of an element that
// stands for one.
func (p *Packet) description(n *xmlscan.Node, path []Name, structure int) {
	p.attributes(n, func(a *xmlscan.Attr) {
		name := Resolve(a.Name)
		switch {
		case name.Is("rdf", "about"), a.Prefix == "" && a.Local == "about":
			if a.ValEnd > a.ValOff {
				p.attr(About, n, a, []Name{{Prefix: "rdf", Local: "about"}}, structure)
			}
		case name.Prefix == "rdf" || a.Prefix == "" || a.Prefix == "xml":
			p.strayAttr(n, a)
		default:
			p.attr(Property, n, a, extend(path, name), structure)
		}
	})
	p.fields(n, path, structure)
}

func (p *Packet) fields(n *xmlscan.Node, path []Name, structure int) {
	for _, k := range n.Kids {
		if k.Kind == xmlscan.Element {
			p.property(k, path, structure)
		} else {
			p.markup(k)
		}
	}
}

// property reads an element that is a property, a field or an array item.
func (p *Packet) property(n *xmlscan.Node, path []Name, structure int) {
	if len(path) >= maxPath { // no writer nests like this
		p.add(Leaf{Kind: Markup, Path: path, Struct: structure, Node: n, Values: p.one(Value{Off: n.Open, End: n.Close, Text: p.Raw(n.Open, n.Close)})})
		return
	}
	before := len(p.Leaves)
	name := Resolve(n.Name)
	if name.Prefix != "rdf" || len(path) == 0 { // items, arrays and rdf:value belong to the property
		path = extend(path, name)
	}
	if values, ok := p.simple(n, nil); ok {
		p.add(Leaf{Path: path, Struct: structure, Node: n, Values: values})
		return
	}
	p.structs++
	inner := p.structs
	literal := false
	p.attributes(n, func(a *xmlscan.Attr) {
		name := Resolve(a.Name)
		switch {
		case name.Is("rdf", "parseType"):
			v := p.String()[a.ValOff:a.ValEnd]
			if literal = v == "Literal"; !literal && v != "Resource" && v != "Collection" {
				p.strayAttr(n, a)
			}
		case name.Is("rdf", "resource"), name.Is("rdf", "value"):
			p.attr(Property, n, a, path, structure)
		case name.Is("rdf", "about") && a.ValEnd == a.ValOff:
		case name.Prefix == "rdf" || a.Prefix == "" || a.Prefix == "xml":
			p.strayAttr(n, a)
		default:
			p.attr(Property, n, a, extend(path, name), inner)
		}
	})
	if literal {
		p.add(Leaf{Path: path, Struct: structure, Node: n, Values: []Value{{Off: n.Open, End: n.Close, Text: p.Raw(n.Open, n.Close)}}})
		return
	}
	if n.Elements() == 0 {
		if v, ok := p.text(n); ok || len(p.Leaves) == before {
			p.add(Leaf{Path: path, Struct: structure, Node: n, Values: p.one(v), off: n.Open})
		}
		for _, k := range n.Kids {
			if k.Kind == xmlscan.Comment || k.Kind == xmlscan.Instruction || k.Kind == xmlscan.Doctype {
				p.markup(k)
			}
		}
		return
	}
	for _, k := range n.Kids {
		switch name := Resolve(k.Name); {
		case k.Kind != xmlscan.Element:
			p.markup(k)
		case isItem(name), isArray(name):
			p.property(k, path, structure)
		case name.Is("rdf", "value"):
			p.property(k, path, structure)
		case name.Is("rdf", "Description"):
			p.description(k, path, inner)
		default:
			p.property(k, path, inner)
		}
	}
	if len(p.Leaves) == before {
		p.add(Leaf{Path: path, Struct: structure, Node: n, Values: []Value{{Off: n.Open, End: n.Close}}})
	}
}

// simple collects the values of n if it holds nothing but text, or arrays of
// such elements.
func (p *Packet) simple(n *xmlscan.Node, values []Value) ([]Value, bool) {
	for i := range n.Attrs {
		if n.Attrs[i].Prefix != "xml" || !p.xmlAttr(&n.Attrs[i]) {
			return nil, false
		}
	}
	elements := n.Elements() > 0
	for _, k := range n.Kids {
		switch k.Kind {
		case xmlscan.Element:
			if name := Resolve(k.Name); !isItem(name) && !isArray(name) {
				return nil, false
			}
			var ok bool
			if values, ok = p.simple(k, values); !ok {
				return nil, false
			}
		case xmlscan.CharData, xmlscan.CDATA:
			if elements {
				return nil, false
			}
		default:
			return nil, false
		}
	}
	if !elements {
		v, _ := p.text(n)
		if values == nil {
			return p.one(v), true
		}
		values = append(values, v)
	}
	return values, true
}

// text returns the character data of n as a value, and whether there is any.
func (p *Packet) text(n *xmlscan.Node) (Value, bool) {
	v := Value{Off: n.Open, End: n.Close, Plain: len(n.Kids) == 0}
	first := true
	for _, k := range n.Kids {
		if k.Kind != xmlscan.CharData && k.Kind != xmlscan.CDATA {
			continue
		}
		if first {
			v.Off = k.Off
		}
		v.End = k.End
		first = false
		v.Plain = len(n.Kids) == 1 && k.Kind == xmlscan.CharData
	}
	v.Text = p.Content(n)
	return v, !first
}

// isArray reports whether an element called n is an RDF container.
func isArray(n Name) bool {
	return n.Is("rdf", "Seq") || n.Is("rdf", "Bag") || n.Is("rdf", "Alt")
}

// isItem reports whether an element called n is an item of one: rdf:li, rdf:_1.
func isItem(n Name) bool {
	return n.Prefix == "rdf" && (n.Local == "li" || strings.HasPrefix(n.Local, "_"))
}

func extend(path []Name, n Name) []Name { return append(path[:len(path):len(path)], n) }

// standardInstruction reports whether n is an xpacket wrapper or an XML
// declaration of the usual form.
func (p *Packet) standardInstruction(n *xmlscan.Node) bool {
	s := p.String()[n.Off+2 : n.End-2]
	if rest, ok := strings.CutPrefix(s, "xml "); ok {
		return n.ID == 0 && only(rest, map[string]func(string) bool{
			"version":    func(v string) bool { return v == "1.0" || v == "1.1" },
			"encoding":   knownEncoding,
			"standalone": func(v string) bool { return v == "yes" || v == "no" },
		})
	}
	rest, ok := strings.CutPrefix(s, "xpacket ")
	return ok && only(rest, map[string]func(string) bool{
		"begin":    func(v string) bool { return v == "" || v == "\xEF\xBB\xBF" || strings.Count(v, "\xFF") == len(v) },
		"id":       func(v string) bool { return v == "W5M0MpCehiHzreSzNTczkc9d" },
		"end":      func(v string) bool { return v == "r" || v == "w" },
		"bytes":    func(v string) bool { return strings.Trim(v, "0123456789") == "" && len(v) < 10 },
		"encoding": knownEncoding,
	})
}

// only reports whether s is a list of name="value" pairs that each pass their check.
func only(s string, check map[string]func(string) bool) bool {
	for s = trim(s); s != ""; s = trim(s) {
		name, rest, ok := strings.Cut(s, "=")
		rest = trim(rest)
		f := check[trim(name)]
		if !ok || f == nil || len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
			return false
		}
		end := strings.IndexByte(rest[1:], rest[0])
		if end < 0 || !f(rest[1:1+end]) {
			return false
		}
		s = rest[end+2:]
	}
	return true
}

func trim(s string) string { return strings.Trim(s, " \t\r\n") }

// knownEncoding reports whether v is an encoding in which every ASCII byte
// means what it says, or one with a byte-order mark.
func knownEncoding(v string) bool {
	v = strings.ToLower(v)
	for _, known := range []string{"utf-8", "us-ascii", "utf-16", "utf-16le", "utf-16be", "utf-32", "ucs-2", "ucs-4", "utf8"} {
		if v == known {
			return true
		}
	}
	for _, family := range []string{"iso-8859-", "windows-125"} {
		if n, ok := strings.CutPrefix(v, family); ok && len(n) <= 2 && strings.Trim(n, "0123456789") == "" {
			return true
		}
	}
	return false
}
