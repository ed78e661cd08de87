package plist

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"flightveil/internal/block/xmlscan"
)

// The document type every writer puts in; it is not read, and not remarkable.
const doctype = `<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">`

// dateForm is the form of <date>.
const dateForm = "2006-01-02T15:04:05Z"

type xmlReader struct {
	f    *File
	doc  *xmlscan.Doc
	left int
}

func parseXML(b []byte, items int) (*File, error) {
	r := &xmlReader{f: &File{}, doc: xmlscan.Parse(b, items), left: items}
	if r.doc.Err != nil {
		return nil, fmt.Errorf("reading a property list: %w", r.doc.Err)
	}
	r.f.XML = r.doc
	for _, n := range r.doc.Roots {
		switch {
		case n.Kind == xmlscan.Element && n.Name.Local == "plist" && r.f.Root == nil:
			if err := r.plist(n); err != nil {
				return nil, err
			}
		case n.Kind == xmlscan.Element:
			return nil, fmt.Errorf("a second element: %w", errShape)
		case n.Kind == xmlscan.Doctype && r.doc.Raw(n.Off, n.End) == doctype:
		case n.Kind == xmlscan.Instruction && n.ID == 0 && declaration(r.doc.Raw(n.Off, n.End)):
		default:
			r.extra(n)
		}
	}
	if r.f.Root == nil {
		return nil, fmt.Errorf("no plist element: %w", errShape)
	}
	return r.f, nil
}

func declaration(s string) bool {
	s = strings.ReplaceAll(s, "'", `"`)
	return strings.EqualFold(s, `<?xml version="1.0" encoding="UTF-8"?>`) || s == `<?xml version="1.0"?>` || s == `<?xml version="1.0" encoding="UTF-16"?>`
}

// extra notes a node that is no value.
func (r *xmlReader) extra(n *xmlscan.Node) {
	name := map[xmlscan.Kind]string{xmlscan.CharData: "text", xmlscan.CDATA: "text", xmlscan.Comment: "comment",
		xmlscan.Instruction: "processing instruction", xmlscan.Doctype: "document type"}[n.Kind]
	r.f.Extras = append(r.f.Extras, Extra{name, r.doc.Span(n.Off, n.End)})
}

// attributes notes every attribute of n but the version of the list.
func (r *xmlReader) attributes(n *xmlscan.Node) {
	for _, a := range n.Attrs {
		if n.Name.Local == "plist" && a.Local == "version" && r.doc.String()[a.ValOff:a.ValEnd] == "1.0" {
			continue
		}
		r.f.Extras = append(r.f.Extras, Extra{"attribute", r.doc.Span(a.Off, a.End)})
	}
}

func (r *xmlReader) plist(n *xmlscan.Node) error {
	r.attributes(n)
	for _, k := range n.Kids {
		if k.Kind != xmlscan.Element {
			r.extra(k)
			continue
		}
		if r.f.Root != nil {
			return fmt.Errorf("two values at the top: %w", errShape)
		}
		var err error
		if r.f.Root, err = r.value(k, 0); err != nil {
			return err
		}
	}
	return nil
}

func (r *xmlReader) value(n *xmlscan.Node, depth int) (*Value, error) {
	if r.left--; r.left < 0 {
		return nil, tooMany()
	}
	if depth > maxDepth {
		return nil, tooDeep()
	}
	r.attributes(n)
	v := &Value{Span: r.doc.Span(n.Off, n.End), Body: r.doc.Span(n.Open, n.Close)}
	switch n.Name.Local {
	case "dict", "array":
		return v, r.container(v, n, depth)
	}
	for _, k := range n.Kids {
		if k.Kind == xmlscan.Element {
			return nil, fmt.Errorf("a simple value with parts: %w", errShape)
		}
		if k.Kind != xmlscan.CharData && k.Kind != xmlscan.CDATA {
			r.extra(k)
		}
	}
	v.Text = r.doc.Content(n)
	var err error
	switch n.Name.Local {
	case "string", "key":
		v.Kind = String
	case "integer":
		v.Kind, v.Text = Integer, strings.TrimSpace(v.Text)
	case "real":
		v.Kind, v.Text = Real, strings.TrimSpace(v.Text)
	case "true", "false":
		v.Kind = Bool
		if v.Text != "" {
			return nil, fmt.Errorf("a truth value with text: %w", errShape)
		}
		v.Text = n.Name.Local
	case "date":
		v.Kind, v.Text = Date, strings.TrimSpace(v.Text)
		v.Time, err = time.Parse(dateForm, v.Text)
	case "data":
		v.Kind = Data
		v.Bytes, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(v.Text), ""))
		v.Text = ""
	default:
		return nil, fmt.Errorf("an element that is no value: %w", errShape)
	}
	if err != nil {
		return nil, fmt.Errorf("a date or data of another form: %w", errShape)
	}
	return v, nil
}

func (r *xmlReader) container(v *Value, n *xmlscan.Node, depth int) error {
	v.Kind = Array
	if n.Name.Local == "dict" {
		v.Kind = Dict
	}
	for _, k := range n.Kids {
		if k.Kind != xmlscan.Element {
			r.extra(k)
			continue
		}
		isKey := v.Kind == Dict && len(v.Keys) == len(v.Items)
		if isKey != (k.Name.Local == "key") {
			return fmt.Errorf("keys and values do not alternate: %w", errShape)
		}
		item, err := r.value(k, depth+1)
		if err != nil {
			return err
		}
		if isKey {
			v.Keys = append(v.Keys, item)
		} else {
			v.Items = append(v.Items, item)
		}
	}
	if v.Kind == Dict && len(v.Keys) != len(v.Items) {
		return fmt.Errorf("a key without a value: %w", errShape)
	}
	return nil
}
