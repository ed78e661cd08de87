package jp2

import (
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/xmlscan"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// xml reads an XML box: an XMP packet, which is a format of its own, JPX
// metadata (T.801, Annex N), GML, or a vendor's.
func (p *parser) xml(b box) error {
	s := b.span()
	if s.Len > p.lim.Field {
		return p.finding(privacy.Unknown, "XML", "", s)
	}
	data, err := input.ReadRange(p.in, s.Off, s.Len, p.lim.Field)
	if err != nil {
		return err
	}
	doc := xmlscan.Parse(data, p.lim.Items)
	if doc.Err == nil && isXMP(doc) {
		c := &exifscrub.Child{Path: "XMP", Format: "xmp", Spans: []exifscrub.Span{s}, Class: privacy.Unknown, Expendable: true}
		return p.add(part{Item: exifscrub.Item{Child: c}})
	}
	x := xmlBox{doc: doc, off: s.Off}
	for _, n := range doc.Roots {
		x.node(n, "", false, "")
	}
	if doc.Err != nil { // blanking values needs tags that can be trusted
		var all []privacy.Finding
		for _, pt := range x.parts {
			all = append(all, *pt.Finding)
		}
		all = append(all, privacy.Finding{Class: privacy.Unknown, Path: "XML", Spans: []exifscrub.Span{s}})
		return p.add(part{Item: exifscrub.Item{Together: all}, blank: s})
	}
	for _, pt := range x.parts {
		if err := p.add(pt); err != nil {
			return err
		}
	}
	return nil
}

const schemas = "http://www.w3.org/2001/XMLSchema-instance"

func isXMP(doc *xmlscan.Doc) bool {
	for _, n := range doc.Roots {
		if n.Kind == xmlscan.Element && (n.Name.Space == "adobe:ns:meta/" || n.Name.Space == "http://www.w3.org/1999/02/22-rdf-syntax-ns#") {
			return true
		}
	}
	return false
}

// xmlBox collects the values of a document.
type xmlBox struct {
	doc   *xmlscan.Doc
	off   int64 // of the document in the file
	parts []part
}

// node adds the values in n. name and class are those of the element around
// it; gml says that the element is of the Geography Markup Language.
func (x *xmlBox) node(n *xmlscan.Node, name string, gml bool, class privacy.Class) {
	switch n.Kind {
	case xmlscan.CharData:
		x.value(n.Off, n.End, name, class)
	case xmlscan.CDATA:
		x.value(n.Off, n.End, name, class)
	case xmlscan.Comment:
		x.value(n.Off, n.End, "Comment", privacy.Description)
	case xmlscan.Instruction:
		if strings.HasPrefix(x.doc.Raw(n.Off, n.End), "<?xml ") && n.End-n.Off < 100 {
			return // the XML declaration
		}
		x.value(n.Off, n.End, "Instruction", privacy.Unknown)
	case xmlscan.Doctype:
		x.value(n.Off, n.End, "Doctype", privacy.Unknown)
	case xmlscan.Element:
		name = tagName(name, n.Name.Local)
		gml = gml || strings.Contains(n.Name.Space, "opengis.net/gml")
		class = classOf(n.Name.Local, gml, class)
		for _, a := range n.Attrs {
			if !xmlscan.Blank(x.doc.Raw(a.ValOff, a.ValEnd)) {
				c := classOf(a.Local, gml, class)
				if a.Space == schemas { // where a schema lies, maybe on somebody's disk
					c = privacy.Unknown
				}
				x.value(a.ValOff, a.ValEnd, tagName(name, a.Local), c)
			}
		}
		for _, k := range n.Kids {
			x.node(k, name, gml, class)
		}
	}
}

// value adds the units from off to end, which removal overwrites with spaces.
func (x *xmlBox) value(off, end int, name string, class privacy.Class) {
	if class == "" {
		class = privacy.Unknown
	}
	s := x.doc.Span(off, end)
	s.Off += x.off
	f := &privacy.Finding{Class: class, Path: "XML/" + name, Spans: []exifscrub.Span{s}, Value: privacy.Secret(x.doc.Value(off, end))}
	x.parts = append(x.parts, part{Item: exifscrub.Item{Finding: f}, blank: s, with: x.doc.Encode(strings.Repeat(" ", end-off))})
}

// tagName appends an element's name to those around it as exiftool does:
// CREATION_TIME inside IMAGE_CREATION is ImageCreationCreationTime. Only what
// names are made of goes into a path.
func tagName(around, local string) string {
	if strings.ToUpper(local) == local {
		local = strings.ToLower(local)
	}
	var out strings.Builder
	upper := true
	for _, c := range []byte(local) {
		switch {
		case c == '_':
			upper = true
			continue
		case c >= 'a' && c <= 'z' && upper:
			c -= 'a' - 'A'
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-':
		default:
			continue
		}
		upper = false
		out.WriteByte(c)
	}
	const longest = 200
	if out.Len()+len(around) > longest {
		return around
	}
	return around + out.String()
}

// words that tell what an element is about, the most telling first.
var words = []struct {
	class privacy.Class
	words []string
}{
	{privacy.Location, []string{"latitude", "longitude", "coord", "position", "gps"}},
	{privacy.Place, []string{"location", "address", "city", "country", "state", "province", "region", "zip", "street", "place"}},
	{privacy.Altitude, []string{"altitude", "elevation", "depth"}},
	{privacy.Time, []string{"time", "date"}},
	{privacy.Copyright, []string{"copyright", "rights", "artist", "creator", "author", "ipr"}},
	{privacy.Identity, []string{"serial", "person", "organization", "organisation", "contact", "phone", "email", "owner", "name"}},
	{privacy.Device, []string{"model", "manufacturer", "software", "firmware", "device", "camera", "lens"}},
	{privacy.Description, []string{"caption", "title", "comment", "keyword", "description", "event", "thing", "subject", "label"}},
}

// classOf returns what an element or attribute called local tells, inside one
// that tells around. In GML everything that is not words is the georeference.
func classOf(local string, gml bool, around privacy.Class) privacy.Class {
	local = strings.ToLower(local)
	if gml {
		switch local {
		case "description", "name":
			return privacy.Description
		case "timeposition", "beginposition", "endposition", "timeinstant", "timeperiod":
			return privacy.Time
		}
		return privacy.Location
	}
	if local == "id" {
		return privacy.Identity
	}
	for _, w := range words {
		for _, word := range w.words {
			if strings.Contains(local, word) {
				return w.class
			}
		}
	}
	return around
}
