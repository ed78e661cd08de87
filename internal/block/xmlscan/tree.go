// Package xmlscan reads XML without losing a position: every element,
// attribute, text, comment and processing instruction knows which bytes of the
// file it is, so that a caller can blank or overwrite it in place (Extensible
// Markup Language 1.0, Namespaces in XML 1.0).
//
// It is made for the XML that cameras write. It accepts what does no harm to
// the structure (a namespace declared twice, undeclared prefixes, NUL padding,
// several roots) and stops where the structure can no longer be trusted. No
// entity is ever expanded, no DTD read.
package xmlscan

import "strings"

// Kind says what a [Node] is.
type Kind uint8

const (
	Element     Kind = iota
	CharData         // text between tags, not only white space
	CDATA            // <![CDATA[…]]>
	Comment          // <!--…-->
	Instruction      // <?…?>
	Doctype          // <!DOCTYPE…>
)

// A Node is one construct of the file. Offsets count units of the [Text].
type Node struct {
	ID       int // counts nodes in document order
	Kind     Kind
	Off, End int // the whole node, of an element with its end tag
	Name     Name
	Attrs    []Attr
	Open     int // where the start tag ends
	Close    int // where the end tag begins; End for an empty-element tag
	Kids     []*Node
	Parent   *Node // nil at the top
}

// A Name is the qualified name of an element or attribute.
type Name struct {
	Prefix, Local string
	Space         string // the URI the prefix stands for, "" if none is declared
	Decl          *Decl  // what declares the prefix, nil if nothing does
}

// An Attr is one attribute, without namespace declarations.
type Attr struct {
	Name
	Off, End       int // name, equals sign and quoted value
	ValOff, ValEnd int // between the quotes
}

// A Decl is one namespace declaration.
type Decl struct {
	ID          int
	Prefix, URI string
	Node        *Node // the element that carries it
	Off, End    int
	Uses        int // names that depend on it
}

// A Doc is an XML file, or the part of it up to Err.
type Doc struct {
	Text
	Roots []*Node // every node that lies in no element
	Nodes int
	Decls []*Decl
	Err   error // where and why reading stopped; nil at the end of the file
}

// Find returns the attribute with the local name local and the namespace space.
func (n *Node) Find(space, local string) *Attr {
	for i := range n.Attrs {
		if a := &n.Attrs[i]; a.Local == local && a.Space == space {
			return a
		}
	}
	return nil
}

// Elements returns how many elements n holds directly.
func (n *Node) Elements() (count int) {
	for _, k := range n.Kids {
		if k.Kind == Element {
			count++
		}
	}
	return count
}

// Content returns the character data directly inside n, references replaced.
func (d *Doc) Content(n *Node) string {
	if len(n.Kids) == 1 && n.Kids[0].Kind == CharData {
		return d.Value(n.Kids[0].Off, n.Kids[0].End)
	}
	var out strings.Builder
	for _, k := range n.Kids {
		switch k.Kind {
		case CharData:
			out.WriteString(d.Value(k.Off, k.End))
		case CDATA:
			out.WriteString(d.Raw(k.Off+len("<![CDATA["), k.End-len("]]>")))
		}
	}
	return out.String()
}
