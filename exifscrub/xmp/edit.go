package xmp

import (
	"slices"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/xmlscan"
	"flightveil/internal/block/xmp"
)

// An editor collects the edits of one packet. All of them keep the size.
type editor struct {
	*document
	gone   []bool // by leaf
	keeps  []bool // by node: something in it stays
	clears []bool // by node: something in it goes
	list   []exifscrub.Edit
	uses   map[*xmlscan.Decl]int // names that stay and need a declaration
}

func (d *document) edits(decisions []exifscrub.Decision) []exifscrub.Edit {
	e := &editor{document: d, gone: make([]bool, len(d.Leaves)), keeps: make([]bool, d.Nodes), clears: make([]bool, d.Nodes)}
	coarse := map[int]exifscrub.Decision{}
	for k, dec := range decisions {
		switch i := d.entries[k].leaf; {
		case d.Err != nil && (dec.Gone() || dec.Coarse() || dec.Displaced()):
			return e.replaceAll() // a part taken out could move where the damage begins
		case i == broken:
		case dec.Gone():
			e.gone[i] = true
		case dec.Coarse() || dec.Displaced():
			coarse[i] = dec
		}
	}
	texts := e.coarsen(coarse)
	work := len(texts) > 0
	for i, l := range d.Leaves {
		work = work || e.gone[i]
		mark := e.keeps
		if e.gone[i] {
			mark = e.clears
		} else if l.Kind == xmp.Namespace || d.neutral[i] {
			continue // no reason to keep an element
		}
		for n := l.Node; n != nil && !mark[n.ID]; n = n.Parent {
			mark[n.ID] = true
		}
	}
	if !work {
		return nil
	}
	for _, n := range d.Roots {
		e.visit(n)
	}
	e.leaves()
	e.declarations()
	for i, values := range texts {
		if !e.gone[i] {
			for k, s := range values {
				e.overwrite(d.Leaves[i].Values[k], s)
			}
		}
	}
	return e.sorted()
}

// sorted returns the edits in order. What lies in a blanked element is not
// blanked again.
func (e *editor) sorted() []exifscrub.Edit {
	slices.SortStableFunc(e.list, func(a, b exifscrub.Edit) int { return int(a.Off - b.Off) })
	var end int64
	return slices.DeleteFunc(e.list, func(ed exifscrub.Edit) bool {
		inside := ed.Off+ed.Len <= end
		end = max(end, ed.Off+ed.Len)
		return inside
	})
}

// set overwrites the file from unit off on.
func (e *editor) set(off int, b []byte) {
	e.list = append(e.list, exifscrub.Edit{Off: e.Span(off, off).Off, Len: int64(len(b)), With: b})
}

// coarsen returns the new texts of the leaves that are to become less exact or
// to move, and marks those as gone that cannot.
func (e *editor) coarsen(coarse map[int]exifscrub.Decision) map[int][]string {
	texts := map[int][]string{}
	failed := map[int]bool{} // positions of which a part cannot be written
	for i, dec := range coarse {
		c := e.coords[i]
		var ok bool
		switch {
		case dec.Displaced():
			texts[i], ok = e.displaced(i, dec)
		case c == nil:
			texts[i], ok = e.days(e.Leaves[i])
		default:
			texts[i], ok = e.coordinate(i, c, dec)
		}
		if c == nil {
			e.gone[i] = !ok
		} else if !ok {
			failed[c.group] = true
		}
	}
	for i := range coarse {
		if c := e.coords[i]; c != nil && failed[c.group] {
			e.gone[i] = true // half a position would be left
		}
	}
	return texts
}

func (e *editor) days(l xmp.Leaf) ([]string, bool) {
	var out []string
	for _, v := range l.Values {
		s, ok := day(v.Text)
		if !ok || !e.writable(v) {
			return nil, false
		}
		out = append(out, s)
	}
	return out, true
}

// writable reports whether a shorter text can be put in place of v.
func (e *editor) writable(v xmp.Value) bool {
	if !v.Plain || v.End >= e.Len() {
		return false
	}
	return e.String()[v.End] != '<' || strings.IndexByte(e.String()[v.End:], '>') > 0
}

// coordinate writes the coarse form of leaf i.
func (e *editor) coordinate(i int, c *coordinate, dec exifscrub.Decision) ([]string, bool) {
	v := e.Leaves[i].Values[0]
	if !e.writable(v) || c.at == nil {
		return nil, false
	}
	raw := e.Text.Raw(v.Off, v.End)
	if c.at.Zero() { // no fix
		return []string{raw}, true
	}
	deg := dec.To.Lat
	if c.axis == longitude {
		deg = dec.To.Lon
	}
	if !c.ref {
		s, ok := encodeAngle(v.Text, deg, c.axis, v.End-v.Off, c.split)
		return []string{s}, ok
	}
	s := letter(c.axis, deg < 0)
	if len(strings.TrimSpace(v.Text)) > 1 {
		s = map[string]string{"N": "North", "S": "South", "E": "East", "W": "West"}[s]
	}
	return []string{s}, len(s) <= v.End-v.Off
}

// overwrite replaces a value by s, which is not longer. Space that is left
// comes after the attribute or element, not into the value.
func (e *editor) overwrite(v xmp.Value, s string) {
	text := e.String()
	if text[v.Off:v.End] == s {
		return
	}
	end := v.End + 1 // the quotation mark
	if text[v.End] == '<' {
		end = v.End + strings.IndexByte(text[v.End:], '>') + 1
	}
	e.set(v.Off, slices.Concat(e.Encode(s), e.Bytes(v.End, end), e.Encode(spaces(v.End-v.Off-len(s)))))
}

// visit blanks the largest elements in which nothing stays. The wrappers are
// left: a sidecar remains an XMP file.
func (e *editor) visit(n *xmlscan.Node) {
	if n.Kind != xmlscan.Element {
		return
	}
	if e.clears[n.ID] && !e.keeps[n.ID] && !wrapper(n) {
		e.blank(n.Off, n.End)
		return
	}
	e.keeps[n.ID] = true // whatever it holds, its tag is still there
	for _, k := range n.Kids {
		e.visit(k)
	}
}

func wrapper(n *xmlscan.Node) bool {
	name := xmp.Resolve(n.Name)
	return name.Is("x", "xmpmeta") || name.Is("x", "xapmeta") || name.Is("rdf", "RDF")
}

// leaves blanks what goes in elements that stay.
func (e *editor) leaves() {
	for i, l := range e.Leaves {
		if !e.gone[i] || l.Node.Kind == xmlscan.Element && !e.keeps[l.Node.ID] {
			continue
		}
		switch {
		case l.Kind == xmp.Namespace:
			e.blank(l.Decl.Off, l.Decl.End)
		case l.Kind == xmp.About: // the attribute must be there
			e.set(l.Attr.ValOff, e.Encode(e.String()[l.Attr.ValOff-1:l.Attr.ValOff]+spaces(l.Attr.ValEnd-l.Attr.ValOff)))
		case l.Attr != nil:
			e.blank(l.Attr.Off, l.Attr.End)
		case l.Kind == xmp.Markup:
			e.blank(l.Node.Off, l.Node.End)
		default:
			for _, v := range l.Values {
				e.blank(v.Off, v.End)
			}
		}
	}
}

// declarations blanks the namespace declarations that nothing needs any more.
func (e *editor) declarations() {
	e.uses = map[*xmlscan.Decl]int{}
	for _, n := range e.Roots {
		e.count(n)
	}
	for i, l := range e.Leaves { // attributes that went
		if e.gone[i] && l.Attr != nil && l.Kind != xmp.About && e.keeps[l.Node.ID] {
			e.uses[l.Attr.Decl]--
		}
	}
	for _, d := range e.Decls {
		if d.Uses > 0 && e.uses[d] == 0 && e.keeps[d.Node.ID] {
			e.blank(d.Off, d.End)
		}
	}
}

// count counts the names in elements that stay.
func (e *editor) count(n *xmlscan.Node) {
	if n.Kind != xmlscan.Element || !e.keeps[n.ID] {
		return
	}
	e.uses[n.Name.Decl]++
	for i := range n.Attrs {
		e.uses[n.Attrs[i].Decl]++
	}
	for _, k := range n.Kids {
		e.count(k)
	}
}

func (e *editor) blank(off, end int) {
	if end > off {
		e.set(off, e.Encode(spaces(end-off)))
	}
}

func spaces(n int) string { return strings.Repeat(" ", n) }

// replaceAll overwrites the packet with the emptiest one that fits.
func (e *editor) replaceAll() []exifscrub.Edit {
	n := e.Len()
	for _, s := range []string{
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>`,
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"/>`,
		"",
	} {
		if len(s) <= n {
			e.set(0, e.Encode(s+spaces(n-len(s))))
			break
		}
	}
	if end := e.Span(0, n).End(); end < e.size { // half a character
		e.set(n, make([]byte, e.size-end))
	}
	return e.list
}
