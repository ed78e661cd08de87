package xmlscan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"flightveil/internal/input"
)

const (
	maxDepth = 128 // elements inside one another
	maxScope = 256 // namespace declarations in force at one place
)

var (
	errTag     = errors.New("a tag is malformed")
	errEnd     = errors.New("a construct does not end")
	errNesting = errors.New("start and end tags do not match")
)

// Parse reads b, which holds at most items nodes and attributes.
func Parse(b []byte, items int) *Doc {
	p := &parser{left: items}
	var odd error
	p.doc.Text, odd = NewText(b)
	p.s = p.doc.s
	err := cmp.Or(p.run(), odd)
	if err != nil {
		p.doc.Err = fmt.Errorf("XML at character %d: %w", p.pos, err)
	}
	for n := p.open; n != nil; n = n.Parent { // what was not closed ends here
		n.Close, n.End = p.pos, p.pos
	}
	return &p.doc
}

type parser struct {
	doc   Doc
	s     string
	pos   int
	open  *Node // the innermost open element
	depth int
	scope []*Decl
	left  int
	nodes []Node // room for the next nodes: one allocation for many
	attrs []Attr
}

func (p *parser) node(n Node) *Node {
	if len(p.nodes) == cap(p.nodes) {
		p.nodes = make([]Node, 0, min(64, 2*cap(p.nodes)+8))
	}
	p.nodes = append(p.nodes, n)
	return &p.nodes[len(p.nodes)-1]
}

func (p *parser) run() error {
	for p.pos < len(p.s) {
		lt := strings.IndexByte(p.s[p.pos:], '<')
		if lt < 0 {
			lt = len(p.s) - p.pos
		}
		if err := p.text(lt); err != nil {
			return err
		}
		if p.pos == len(p.s) {
			break
		}
		if err := p.markup(); err != nil {
			return err
		}
	}
	if p.open != nil {
		return errEnd
	}
	return nil
}

// text takes n units up to the next tag.
func (p *parser) text(n int) error {
	off := p.pos
	p.pos += n
	if Blank(p.s[off:p.pos]) {
		return nil
	}
	_, err := p.add(p.node(Node{Kind: CharData, Off: off, End: p.pos}))
	return err
}

// Blank reports whether s is only white space or NUL padding.
func Blank(s string) bool {
	for i := range len(s) {
		if !space(s[i]) {
			return false
		}
	}
	return true
}

func space(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == 0 }

func (p *parser) markup() error {
	rest := p.s[p.pos:]
	switch {
	case strings.HasPrefix(rest, "<!--"):
		return p.until(Comment, 4, "-->")
	case strings.HasPrefix(rest, "<![CDATA["):
		return p.until(CDATA, 9, "]]>")
	case strings.HasPrefix(rest, "<?"):
		return p.until(Instruction, 2, "?>")
	case strings.HasPrefix(rest, "<!DOCTYPE"):
		return p.doctype()
	case strings.HasPrefix(rest, "</"):
		return p.endTag()
	}
	return p.startTag()
}

func (p *parser) until(kind Kind, skip int, end string) error {
	i := strings.Index(p.s[p.pos+skip:], end)
	if i < 0 {
		return errEnd
	}
	n, err := p.add(p.node(Node{Kind: kind, Off: p.pos, End: p.pos + skip + i + len(end)}))
	if err == nil {
		p.pos = n.End
	}
	return err
}

// doctype accepts a document type without declarations of its own: entities
// would change what the rest of the file means.
func (p *parser) doctype() error {
	end := strings.IndexAny(p.s[p.pos:], "[>")
	if end < 0 || p.s[p.pos+end] == '[' {
		return fmt.Errorf("a document type with declarations: %w", input.ErrUnsupported)
	}
	n, err := p.add(p.node(Node{Kind: Doctype, Off: p.pos, End: p.pos + end + 1}))
	if err == nil {
		p.pos = n.End
	}
	return err
}

func (p *parser) add(n *Node) (*Node, error) {
	if p.left--; p.left < 0 {
		return n, fmt.Errorf("too many nodes: %w", input.ErrLimit)
	}
	n.ID, n.Parent = p.doc.Nodes, p.open
	p.doc.Nodes++
	if p.open == nil {
		p.doc.Roots = append(p.doc.Roots, n)
	} else {
		p.open.Kids = append(p.open.Kids, n)
	}
	return n, nil
}

func (p *parser) endTag() error {
	if p.open == nil {
		return errNesting
	}
	i := p.pos + 2
	end := p.name(i)
	prefix, local := split(p.s[i:end])
	if prefix != p.open.Name.Prefix || local != p.open.Name.Local {
		return errNesting
	}
	if end = p.spaces(end); end == len(p.s) || p.s[end] != '>' {
		return errTag
	}
	p.open.Close, p.open.End = p.pos, end+1
	p.pos = end + 1
	p.pop()
	return nil
}

// pop leaves the innermost element.
func (p *parser) pop() {
	for len(p.scope) > 0 && p.scope[len(p.scope)-1].Node == p.open {
		p.scope = p.scope[:len(p.scope)-1]
	}
	p.open = p.open.Parent
	p.depth--
}

func (p *parser) startTag() error {
	end := p.name(p.pos + 1)
	if end == p.pos+1 {
		return errTag
	}
	n := p.node(Node{Off: p.pos})
	n.Name.Prefix, n.Name.Local = split(p.s[p.pos+1 : end])
	p.attrs = p.attrs[:0]
	for {
		i := p.spaces(end)
		if i == len(p.s) {
			return p.abandon(n, errEnd)
		}
		if p.s[i] == '>' || strings.HasPrefix(p.s[i:], "/>") {
			return p.finish(n, i)
		}
		a, err := p.attribute(i)
		if err != nil {
			return p.abandon(n, err)
		}
		if p.left--; p.left < 0 {
			return fmt.Errorf("too many attributes: %w", input.ErrLimit)
		}
		end = a.End
		if prefix, ok := declares(a.Name); ok {
			d := &Decl{ID: len(p.doc.Decls), Prefix: prefix, URI: p.doc.Value(a.ValOff, a.ValEnd), Node: n, Off: a.Off, End: a.End}
			p.doc.Decls, p.scope = append(p.doc.Decls, d), append(p.scope, d)
			if len(p.scope) > maxScope {
				return fmt.Errorf("too many namespaces: %w", input.ErrLimit)
			}
			continue
		}
		p.attrs = append(p.attrs, a)
	}
}

// abandon keeps what could be read of a start tag that err cuts short, so that
// it can at least be shown.
func (p *parser) abandon(n *Node, err error) error {
	n.Attrs = slices.Clone(p.attrs)
	n.Open, n.Close, n.End = len(p.s), len(p.s), len(p.s)
	p.resolve(&n.Name, true)
	for k := range n.Attrs {
		p.resolve(&n.Attrs[k].Name, false)
	}
	p.add(n) // err is the one to report
	return err
}

// finish ends the start tag of n, whose closing mark is at i.
func (p *parser) finish(n *Node, i int) error {
	n.Attrs = slices.Clone(p.attrs)
	p.resolve(&n.Name, true)
	for k := range n.Attrs {
		p.resolve(&n.Attrs[k].Name, false)
	}
	if _, err := p.add(n); err != nil {
		return err
	}
	p.open = n
	if p.depth++; p.depth > maxDepth {
		return fmt.Errorf("elements nested %d deep: %w", p.depth, input.ErrLimit)
	}
	if p.s[i] == '/' {
		n.Open, n.Close, n.End = i+2, i+2, i+2
		p.pos = n.End
		p.pop()
		return nil
	}
	n.Open = i + 1
	p.pos = n.Open
	return nil
}

// attribute reads the attribute at i.
func (p *parser) attribute(i int) (Attr, error) {
	end := p.name(i)
	if end == i {
		return Attr{}, errTag
	}
	a := Attr{Off: i}
	a.Prefix, a.Local = split(p.s[i:end])
	eq := p.spaces(end)
	if eq == len(p.s) || p.s[eq] != '=' {
		return a, errTag
	}
	q := p.spaces(eq + 1)
	if q == len(p.s) || p.s[q] != '"' && p.s[q] != '\'' {
		return a, errTag
	}
	n := strings.IndexByte(p.s[q+1:], p.s[q])
	if n < 0 {
		return a, errEnd
	}
	a.ValOff, a.ValEnd, a.End = q+1, q+1+n, q+n+2
	if strings.IndexByte(p.s[a.ValOff:a.ValEnd], '<') >= 0 { // a quotation mark is missing
		return a, errTag
	}
	return a, nil
}

// declares returns the prefix that an attribute called n declares.
func declares(n Name) (prefix string, ok bool) {
	if n.Prefix == "xmlns" {
		return n.Local, true
	}
	return "", n.Prefix == "" && n.Local == "xmlns"
}

const xmlSpace = "http://www.w3.org/XML/1998/namespace"

// resolve finds what the prefix of n stands for. Attributes without a prefix
// are in no namespace.
func (p *parser) resolve(n *Name, element bool) {
	switch {
	case n.Prefix == "xml":
		n.Space = xmlSpace
		return
	case n.Prefix == "" && !element:
		return
	}
	for i := len(p.scope) - 1; i >= 0; i-- {
		if d := p.scope[i]; d.Prefix == n.Prefix {
			n.Space, n.Decl = d.URI, d
			d.Uses++
			return
		}
	}
}

// name returns where the name at i ends.
func (p *parser) name(i int) int {
	for i < len(p.s) && nameChar(p.s[i]) {
		i++
	}
	return i
}

func nameChar(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80 || c == ':' || c == '-' || c == '_' || c == '.'
}

func (p *parser) spaces(i int) int {
	for i < len(p.s) && space(p.s[i]) {
		i++
	}
	return i
}

func split(name string) (prefix, local string) {
	if i := strings.IndexByte(name, ':'); i > 0 {
		return name[:i], name[i+1:]
	}
	return "", name
}
