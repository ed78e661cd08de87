package jp2

import (
	"encoding/binary"
	"fmt"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

const (
	maxText       = 4 << 10 // of a label or URL that is shown
	mostFragments = 4096    // of all codestreams, and most boxes they lie in
)

// walk reads the boxes inside b, which is the file itself at depth 0.
func (p *parser) walk(b box, depth int) error {
	if depth > p.lim.Depth {
		return fmt.Errorf("boxes nested %d deep: %w", depth, input.ErrLimit)
	}
	for pos := b.body; pos < b.end; {
		c, ok, err := p.next(pos, b.end)
		if err != nil {
			return err
		}
		if !ok || depth == 0 && c.kind == "\x00\x00\x00\x00" {
			if depth > 0 {
				return fmt.Errorf("box at %d: %w", pos, errBox)
			}
			return p.incomplete(c, pos)
		}
		if p.boxes++; p.boxes > p.lim.Items {
			return fmt.Errorf("more than %d boxes: %w", p.lim.Items, input.ErrLimit)
		}
		if err := p.box(c, depth); err != nil {
			return err
		}
		pos = c.end
	}
	return nil
}

// incomplete accounts for the end of a file that stops inside a box. A picture
// is kept as far as it goes.
func (p *parser) incomplete(c box, pos int64) error {
	if c.kind == "jp2c" && p.in.Size()-pos > 16 {
		if err := p.note("the file ends inside its picture"); err != nil {
			return err
		}
		return p.picture([]exifscrub.Span{c.span()})
	}
	return p.tail(pos)
}

// box makes findings of one box.
func (p *parser) box(b box, depth int) error {
	first, at := len(p.parts), len(p.groups)
	p.groups = append(p.groups, group{box: b, first: first})
	e, listed := boxes[b.kind]
	var err error
	whole := true // the box is of use only with what it gives away
	switch {
	case !listed:
		err = p.finding(privacy.Unknown, b.name(), "", b.span())
	case e.kind == structure:
	case e.kind == tells:
		err = p.finding(e.class, e.name, "", b.span())
	case e.kind == parent, e.kind == bundle:
		whole = e.kind == bundle
		err = p.walk(b, depth+1)
	default:
		whole, err = p.special(b, depth)
	}
	if p.groups[at].last = len(p.parts); !whole {
		p.groups[at].last = first
	}
	return err
}

// special reads the boxes that need a look inside. It reports whether the box
// goes once nothing it gives away is left.
func (p *parser) special(b box, depth int) (whole bool, err error) {
	switch b.kind {
	case "ihdr":
		const size, rights = 14, 13 // T.800, I.5.3.1
		if b.end-b.body == size && p.rights == 0 {
			p.rights = b.body + rights
		}
		return false, nil
	case "colr":
		return false, p.colour(b)
	case "jp2c":
		return false, p.picture([]exifscrub.Span{b.span()})
	case "ftbl", "cref":
		return false, p.elsewhere(b)
	case "mdat":
		if p.media = append(p.media, b.span()); len(p.media) > mostFragments {
			return false, fmt.Errorf("more than %d boxes of media data: %w", mostFragments, input.ErrLimit)
		}
		return false, nil
	case "sdat": // 15444-6: an identifier, then a box
		b.body = min(b.end, b.body+2)
		return false, p.walk(b, depth+1)
	case "free", "skip":
		return false, p.unlessZero(b.kind, b.span())
	case "lbl ":
		return true, p.label(b)
	case "uinf":
		return true, p.uuidInfo(b)
	case "xml ":
		return true, p.xml(b)
	case "uuid":
		return true, p.uuid(b)
	}
	// jumb: the child is the box itself
	c := &exifscrub.Child{Path: "JUMBF", Format: "jumbf", Spans: []exifscrub.Span{{Off: b.start, Len: b.end - b.start}}, Class: privacy.Provenance, Expendable: true}
	return true, p.add(part{Item: exifscrub.Item{Child: c}})
}

// colour reads a colour specification (T.800, I.5.3.3). Profiles stay and are
// told about, as they hold text.
func (p *parser) colour(b box) error {
	head, err := input.ReadRange(p.in, b.body, min(3, b.end-b.body), 3)
	if err != nil || len(head) < 3 || head[0] == 1 {
		return err
	}
	s := exifscrub.Span{Off: b.body + 3, Len: b.end - b.body - 3}
	return p.finding(privacy.Technical, "ICC_Profile", "", s)
}

// label reads a label. Those of GML in JPEG 2000 (OGC 05-047r3) say which part
// of the georeference they name.
func (p *parser) label(b box) error {
	text, err := input.ReadRange(p.in, b.body, min(maxText, b.end-b.body), maxText)
	if err != nil || len(text) == 0 {
		return err
	}
	class := privacy.Description
	if strings.HasPrefix(string(text), "gml.") {
		class = privacy.Location
	}
	return p.finding(class, "Label", string(text), b.span())
}

// uuidInfo reads where the meaning of UUIDs can be looked up (T.800, I.7.3).
func (p *parser) uuidInfo(b box) error {
	value := ""
	for pos := b.body; pos < b.end; {
		c, ok, err := p.next(pos, b.end)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if skip := int64(4); c.kind == "url " && c.end-c.body > skip { // version and flags
			text, err := input.ReadRange(p.in, c.body+skip, min(maxText, c.end-c.body-skip), maxText)
			if err != nil {
				return err
			}
			value = strings.TrimRight(string(text), "\x00")
		}
		pos = c.end
	}
	return p.finding(privacy.Identity, "URL", value, b.span())
}

// uuid reads a vendor's box.
func (p *parser) uuid(b box) error {
	if b.end-b.body < idLen {
		return p.finding(privacy.Unknown, "UUID-Unknown", "", b.span())
	}
	id, err := input.ReadRange(p.in, b.body, min(idLen+6, b.end-b.body), idLen+6)
	if err != nil {
		return err
	}
	if string(id[:idLen]) == nilUUID {
		return p.unlessZero("UUID-Unknown", b.span())
	}
	e, ok := extensions[string(id[:idLen])]
	if string(id[idLen:]) == "Exif\x00\x00" { // as digiKam writes it
		e.skip = 6
	}
	s := exifscrub.Span{Off: b.body + idLen + e.skip, Len: b.end - b.body - idLen - e.skip}
	switch {
	case !ok:
		return p.finding(privacy.Unknown, "UUID-Unknown", "", b.span())
	case e.format == "":
		return p.finding(e.class, e.name, "", b.span())
	}
	c := &exifscrub.Child{Path: e.name, Format: e.format, Spans: []exifscrub.Span{s}, Class: e.class, Expendable: true}
	if c.Class == "" {
		c.Class = privacy.Unknown
	}
	return p.add(part{Item: exifscrub.Item{Child: c}})
}

// picture adds a codestream that lies at spans.
func (p *parser) picture(spans []exifscrub.Span) error {
	p.pictures++
	c := &exifscrub.Child{Path: "Codestream", Format: Format{}.ID(), Spans: spans, Class: privacy.Unknown, Fixed: true, Required: true}
	return p.add(part{Item: exifscrub.Item{Child: c}})
}

// elsewhere reads a fragment table or a cross-reference, and remembers which
// bytes of media data it needs.
func (p *parser) elsewhere(b box) error {
	at := b.body
	kind := "jp2c"
	if b.kind == "cref" { // T.801: the type of the box that lies elsewhere comes first
		t, err := input.ReadRange(p.in, at, min(4, b.end-at), 4)
		if err != nil {
			return err
		}
		kind = string(t)
		at += int64(len(t))
	}
	c, ok, err := p.next(at, b.end)
	if err != nil {
		return err
	}
	if !ok || c.kind != "flst" {
		return fmt.Errorf("box at %d has no list of fragments: %w", b.start, input.ErrUnsupported)
	}
	spans, err := p.list(c)
	if err != nil {
		return fmt.Errorf("list of fragments at %d: %w", c.start, err)
	}
	if p.fragments = append(p.fragments, spans...); len(p.fragments) > mostFragments {
		return fmt.Errorf("more than %d fragments: %w", mostFragments, input.ErrLimit)
	}
	if e := boxes[kind]; kind == "jp2c" {
		p.streams = append(p.streams, spans)
	} else if e.kind != structure && kind != "colr" {
		return fmt.Errorf("box at %d: metadata that lies elsewhere in the file: %w", b.start, input.ErrUnsupported)
	}
	return nil
}

// list reads a fragment list: count, then offset, length and file of each.
func (p *parser) list(b box) ([]exifscrub.Span, error) {
	const row = 14
	head, err := input.ReadRange(p.in, b.body, min(2, b.end-b.body), 2)
	if err != nil {
		return nil, err
	}
	if len(head) < 2 {
		return nil, errBox
	}
	n := int64(binary.BigEndian.Uint16(head))
	if n > mostFragments {
		return nil, fmt.Errorf("more than %d fragments: %w", mostFragments, input.ErrLimit)
	}
	if n == 0 || n*row > b.end-b.body-2 {
		return nil, errBox
	}
	rows, err := input.ReadRange(p.in, b.body+2, n*row, mostFragments*row)
	if err != nil {
		return nil, err
	}
	var out []exifscrub.Span
	for ; len(rows) > 0; rows = rows[row:] {
		off, size := binary.BigEndian.Uint64(rows), int64(binary.BigEndian.Uint32(rows[8:]))
		if binary.BigEndian.Uint16(rows[12:]) != 0 {
			return nil, fmt.Errorf("the picture lies in another file: %w", input.ErrUnsupported)
		}
		if off > uint64(p.in.Size()) || size > p.in.Size()-int64(off) {
			return nil, errBox
		}
		out = append(out, exifscrub.Span{Off: int64(off), Len: size})
	}
	return out, nil
}
