// Package xmp reads and cleans XMP: packets inside pictures and videos, and the
// .xmp sidecar files beside them (ISO 16684-1:2019; the namespaces of cameras,
// drones and photo programs are in tables.go).
//
// Every edit keeps the size: attributes and elements are overwritten with
// spaces, positions and dates with coarser ones of the same length, so nothing
// else in the parent file moves and the XML stays well-formed. A packet that is
// not well-formed is shown as far as it could be read and then goes as a whole.
// Values are never interpreted as markup, entities never expanded.
package xmp

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/xmlscan"
	"flightveil/internal/input"
)

// Format is the container "xmp".
type Format struct{}

// ID returns "xmp".
func (Format) ID() string { return "xmp" }

// Detect recognises a packet by its first element or processing instruction.
func (Format) Detect(p input.Probe) input.Match {
	// Whatever the encoding, only marks, zeros and space stand before the first "<".
	if !bytes.HasPrefix(bytes.TrimLeft(p.Prefix, "\xEF\xBB\xBF\xFF\xFE\x00 \t\r\n"), []byte("<")) {
		return input.No
	}
	t, err := xmlscan.NewText(p.Prefix[:len(p.Prefix)&^3])
	if err != nil {
		return input.No
	}
	s := strings.TrimLeft(t.String(), " \t\r\n\x00")
	switch {
	case strings.HasPrefix(s, "<?xpacket begin"):
		return input.Certain
	case !strings.HasPrefix(s, "<"):
		return input.No
	}
	for { // skip what may stand before the first element
		var end string
		switch {
		case strings.HasPrefix(s, "<?"):
			end = "?>"
		case strings.HasPrefix(s, "<!--"):
			end = "-->"
		case strings.HasPrefix(s, "<!DOCTYPE"):
			if end = ">"; strings.IndexAny(s, "[>") == strings.IndexByte(s, '[') {
				end = "]>"
			}
		}
		i := strings.Index(s, end)
		if i < 0 {
			return input.No
		}
		if end == "" {
			break
		}
		if s = strings.TrimLeft(s[i+len(end):], " \t\r\n\x00"); strings.HasPrefix(s, "<?xpacket begin") {
			return input.Certain
		}
	}
	switch {
	case strings.HasPrefix(s, "<x:xmpmeta"), strings.HasPrefix(s, "<x:xapmeta"):
		return input.Certain
	case strings.Contains(s[:max(0, strings.IndexByte(s, '>'))], "adobe:ns:meta/"):
		return input.Certain
	case strings.HasPrefix(s, "<rdf:RDF"):
		return input.Likely
	}
	return input.No
}

// Walk yields one finding for each property, structure field and stray piece of
// markup, and the pictures that are values.
func (Format) Walk(ctx context.Context, in input.Input, lim input.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		doc, err := read(ctx, in, lim)
		if err != nil {
			yield(exifscrub.Item{}, err)
			return
		}
		for _, e := range doc.entries {
			if !yield(e.item, nil) {
				return
			}
		}
	}
}

// Edits blanks what is to go and writes coarse positions and dates.
func (Format) Edits(ctx context.Context, in input.Input, decisions []exifscrub.Decision, lim input.Limits) iter.Seq2[exifscrub.Edit, error] {
	doc, err := read(ctx, in, lim)
	if err != nil {
		return exifscrub.Fail(err)
	}
	if len(decisions) != len(doc.entries) {
		return exifscrub.Fail(fmt.Errorf("%d decisions for %d findings of an XMP packet", len(decisions), len(doc.entries)))
	}
	return exifscrub.Seq(doc.edits(decisions))
}

func read(ctx context.Context, in input.Input, lim input.Limits) (*document, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return exifscrub.Parsed(in, func() (*document, error) {
		lim = lim.Defaults()
		b, err := input.View(in, 0, in.Size(), lim.Field)
		if err != nil {
			return nil, fmt.Errorf("reading an XMP packet: %w", err)
		}
		return inspect(b, lim), nil
	})
}
