package heif

import (
	"fmt"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// largeRun is how long coded data must be to be worth telling.
const largeRun = 4 << 10

// pictures are the types of items that are pictures, or say how to make one
// of others (23008-12, clause 6.6 and annexes).
var pictures = map[string]bool{
	"hvc1": true, "hev1": true, "lhv1": true, "av01": true, "avc1": true, "vvc1": true, "evc1": true, "j2k1": true, "jxl ": true, "jxlp": true, "unci": true, "mski": true,
	"hvt1": true, "grid": true, "iovl": true, "iden": true, "tmap": true, "rgan": false,
}

// items adds what the items hold.
func (p *parser) items(m *meta) error {
	picture := m.pictures()
	var metadata []*item
	var coded []exifscrub.Span
	for _, it := range m.items {
		if err := p.place(m, it); err != nil {
			return err
		}
		p.owned = append(p.owned, it.spans...)
		if it.short {
			if err := p.note(fmt.Sprintf("the file ends before item %d does", it.id)); err != nil {
				return err
			}
		}
		if picture[it.id] {
			coded = append(coded, it.spans...)
		} else if size(it.spans) > 0 {
			metadata = append(metadata, it)
		}
	}
	if len(coded) == 0 && len(metadata) == 0 {
		return nil
	}
	metadata, err := p.apart(sorted(coded), m.once(metadata))
	if err != nil {
		return err
	}
	var told []exifscrub.Span
	for _, it := range m.items {
		switch {
		case !picture[it.id]:
		case it.kind == "jpeg" || it.kind == "mime":
			if err := p.jpeg(it); err != nil {
				return err
			}
		default:
			told = append(told, it.spans...)
		}
	}
	for _, s := range sorted(told) {
		if s.Len >= largeRun {
			if err := p.add(exifscrub.Item{Coded: &s}, nil); err != nil {
				return err
			}
		}
	}
	for _, it := range metadata {
		if err := p.metadata(it); err != nil {
			return fmt.Errorf("item %d: %w", it.id, err)
		}
	}
	return nil
}

// pictures returns which items are pictures: by their type, or if nobody knows
// that, because they have a size or another picture is made of them.
func (m *meta) pictures() map[uint32]bool {
	out := map[uint32]bool{}
	for _, it := range m.items {
		known, listed := pictures[it.kind]
		switch {
		case it.kind == "jpeg", it.kind == "mime" && it.content == "image/jpeg":
			out[it.id] = true
		case listed:
			out[it.id] = known
		case it.kind != "Exif" && it.kind != "mime" && it.kind != "uri ":
			out[it.id] = m.ispe[it.id] || it.id == m.primary
		}
	}
	for _, r := range m.refs {
		if r.kind != "dimg" && r.kind != "base" && r.kind != "iloc" || !out[r.from] {
			continue
		}
		for _, id := range r.to {
			if it := m.byID[id]; it != nil && it.kind != "Exif" && it.kind != "mime" {
				out[id] = true
			}
		}
	}
	return out
}

// once returns items without those that share their data with another one of
// the same type. Of items that others are parts of, what is left between those
// remains.
func (m *meta) once(items []*item) []*item {
	carriers := map[uint32]bool{}
	var parts []exifscrub.Span
	for _, r := range m.refs {
		if it := m.byID[r.from]; r.kind == "iloc" && it != nil && it.method == inItem {
			parts = append(parts, it.spans...)
			for _, id := range r.to {
				carriers[id] = true
			}
		}
	}
	parts = sorted(parts)
	type look struct {
		kind, content string
		first         exifscrub.Span
		n             int64
	}
	seen := map[look]bool{}
	var out []*item
	for _, it := range items {
		if carriers[it.id] && it.kind != "Exif" && it.kind != "mime" {
			rest := *it
			if rest.spans = minus(it.spans, parts); len(rest.spans) > 0 {
				out = append(out, &rest)
			}
			continue
		}
		l := look{it.kind, it.content, it.spans[0], size(it.spans)}
		if !seen[l] {
			out = append(out, it)
		}
		seen[l] = true
	}
	return out
}

// apart checks that no metadata shares bytes with pictures or with other
// metadata, and that all of it lies where data of items belongs.
func (p *parser) apart(coded []exifscrub.Span, metadata []*item) ([]*item, error) {
	media := sorted(p.media)
	var all []exifscrub.Span
	for _, it := range metadata {
		for _, s := range it.spans {
			if overlaps(coded, s) {
				return nil, fmt.Errorf("item %d shares bytes with a picture: %w", it.id, input.ErrUnsupported)
			}
			if !contains(media, s) {
				return nil, fmt.Errorf("item %d lies outside of media data: %w", it.id, input.ErrUnsupported)
			}
		}
		all = append(all, it.spans...)
	}
	if size(sorted(all)) != size(all) {
		return nil, fmt.Errorf("items share bytes: %w", input.ErrUnsupported)
	}
	return metadata, nil
}

// jpeg adds a picture that is a JPEG file.
func (p *parser) jpeg(it *item) error {
	if len(it.spans) != 1 || it.short || it.spans[0].Len < 3 {
		return nil
	}
	if head, err := input.ReadRange(p.in, it.spans[0].Off, 3, 3); err != nil || string(head) != "\xFF\xD8\xFF" {
		return err
	}
	c := &exifscrub.Child{Path: fmt.Sprintf("Item%d", it.id), Spans: it.spans, Class: privacy.Unknown, Fixed: true, Required: true}
	return p.add(exifscrub.Item{Child: c}, nil)
}

// metadata adds what an item that is no picture holds.
func (p *parser) metadata(it *item) error {
	if blank, err := p.spaces(it.spans); blank || err != nil {
		return err
	}
	switch {
	case it.protected || it.encoding != "":
	case it.kind == "Exif":
		return p.exif(it)
	case it.kind == "mime" && (it.content == "application/rdf+xml" || it.content == "application/xmp+xml"):
		c := &exifscrub.Child{Path: "XMP", Format: "xmp", Spans: it.spans, Class: privacy.Unknown, Fixed: true, Expendable: true}
		return p.add(exifscrub.Item{Child: c}, emptied(c))
	case it.kind == "jumb", it.kind == "mime" && (it.content == "application/c2pa" || it.content == "application/x-c2pa-manifest-store"):
		c := &exifscrub.Child{Path: "JUMBF", Format: "jumbf", Spans: it.spans, Class: privacy.Provenance, Fixed: true}
		what := []privacy.Finding{{Class: privacy.Provenance, Path: "JUMBF", Spans: it.spans}}
		return p.add(exifscrub.Item{Child: c, Together: what}, func(set *exifscrub.Patchset, _ exifscrub.Decision) {
			write(set, it.spans, make([]byte, size(it.spans)))
		})
	}
	class := privacy.Unknown
	if it.kind == "rgan" { // regions of a picture and what is in them (23008-12, annex L)
		class = privacy.Description
	}
	return p.finding(class, "Item-"+bmff.Name(it.kind), "", 0, it.spans...)
}

// exif adds an Exif item (23008-12, A.2.1): four bytes that say where the block
// begins, then the block.
func (p *parser) exif(it *item) error {
	const field, usual = 4, "Exif\x00\x00"
	view := exifscrub.View(p.in, it.spans)
	at, ok, err := bmff.ExifOffset(view)
	if err != nil {
		return err
	}
	if !ok {
		f := &privacy.Finding{Class: privacy.Unknown, Path: "Exif", Spans: it.spans}
		return p.add(exifscrub.Item{Finding: f}, func(set *exifscrub.Patchset, _ exifscrub.Decision) {
			write(set, it.spans, append(make([]byte, min(field, size(it.spans))), empty("tiff", max(0, size(it.spans)-field))...))
		})
	}
	if at > field {
		between, err := input.ReadRange(view, field, at-field, p.lim.Field)
		if err != nil {
			return err
		}
		if blank := !slices.ContainsFunc(between, func(c byte) bool { return c != 0 }); !blank && string(between) != usual {
			if err := p.finding(privacy.Unknown, "Exif/bytes before the header", "", 0, cut(it.spans, field, at-field)...); err != nil {
				return err
			}
		}
	}
	c := &exifscrub.Child{Path: "Exif", Format: "tiff", Spans: cut(it.spans, at, size(it.spans)), Class: privacy.Unknown, Fixed: true, Expendable: true}
	return p.add(exifscrub.Item{Child: c}, emptied(c))
}

// emptied makes c an empty block of its kind, since readers complain about a
// blank one.
func emptied(c *exifscrub.Child) func(*exifscrub.Patchset, exifscrub.Decision) {
	return func(set *exifscrub.Patchset, _ exifscrub.Decision) {
		write(set, c.Spans, empty(c.Format, size(c.Spans)))
	}
}

// empty returns n bytes that are a block of format without contents.
func empty(format string, n int64) []byte {
	out := make([]byte, n)
	if format == "tiff" {
		copy(out, "II*\x00\x08\x00\x00\x00")
		return out
	}
	for i := range out {
		out[i] = ' '
	}
	if s := `<x:xmpmeta xmlns:x="adobe:ns:meta/"/>`; int64(len(s)) <= n {
		copy(out, s)
	}
	return out
}

// spaces reports whether spans hold nothing but zeros and space.
func (p *parser) spaces(spans []exifscrub.Span) (bool, error) {
	blank := true
	for _, s := range spans {
		err := p.win.Each(s.Off, s.End(), func(piece []byte) bool {
			for _, c := range piece {
				blank = blank && (c == ' ' || c == '\n' || c == 0)
			}
			return blank
		})
		if err != nil || !blank {
			return false, err
		}
	}
	return true, nil
}
