package mp4

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/privacy"
)

// meta looks at metadata (8.11.1; QuickTime, "Metadata"). Lists of keys and
// values are looked at one by one; all else, such as XML and items in media
// data, goes as a whole, with the items, which no track owns.
func (p *parser) meta(b bmff.Box, path string) error {
	var kind string
	var keys []key
	var list bmff.Box
	var strange bool
	err := p.inside(b, path, func(c bmff.Box) error {
		var err error
		switch c.Type {
		case "hdlr":
			var h []byte
			if h, err = p.head(c.Content(), 12); len(h) == 12 {
				kind = string(h[8:])
			}
		case "keys":
			keys, err = p.keys(c)
		case "ilst":
			list = c
		case "free", "skip":
		default:
			strange = true
		}
		return err
	})
	if err != nil {
		return err
	}
	switch {
	case strange || kind != "mdta" && kind != "mdir" || list.Type == "":
		return p.strangeMeta(b, path, list.Type == "" && !strange)
	case kind == "mdta":
		path = join(path, "Keys")
	default:
		path = join(path, "ItemList")
	}
	return p.grouped(b, func() error {
		if err := p.inside(b, path, func(c bmff.Box) error {
			if c.Type != "free" && c.Type != "skip" {
				return nil
			}
			return p.padding(c, join(path, c.Name()))
		}); err != nil {
			return err
		}
		if kind == "mdta" {
			if err := p.keyNames(keys, path); err != nil {
				return err
			}
		}
		return p.inside(list, path, func(c bmff.Box) error { return p.listItem(c, path, kind == "mdta", keys) })
	})
}

// strangeMeta makes a finding of metadata that is no list of values, with what
// text there is. If there is none, only empty boxes, there is nothing to remove.
func (p *parser) strangeMeta(b bmff.Box, path string, empty bool) error {
	if empty {
		return nil
	}
	if x, ok, err := bmff.Find(p.in, bmff.Box{Body: b.Body, End: b.End}, "xml "); ok || err != nil {
		if err != nil {
			return err
		}
		return p.box(b, privacy.Identity, join(path, "XMLMetadata"), "", x.Content())
	}
	return p.unknown(b, join(path, "Metadata"))
}

// A key is a name that values of a list refer to.
type key struct {
	name string
	at   exifscrub.Span
}

// keyNames makes findings of names that only this file's maker knows: they tell
// who that is, or anything else. That of a place stays: what is less exact in
// the end still needs it.
func (p *parser) keyNames(keys []key, path string) error {
	for _, k := range keys {
		t, known := keyMeaning(k.name)
		if known || t.class == privacy.Location || strings.Trim(k.name, " \x00") == "" {
			continue
		}
		f := &privacy.Finding{Class: t.class, Path: join(path, "KeyName"), Value: privacy.Secret(shown([]byte(k.name))), Spans: []exifscrub.Span{k.at}}
		if err := p.add(part{Item: exifscrub.Item{Finding: f}, blank: f.Spans, fill: ' '}); err != nil {
			return err
		}
	}
	return nil
}

// keys reads the names of keys: a count, and for each its size, namespace and
// name (QuickTime, "Metadata item keys atom").
func (p *parser) keys(c bmff.Box) ([]key, error) {
	b, err := p.read(c.Content())
	if err != nil {
		return nil, err
	}
	var out []key
	for rest := b[min(8, len(b)):]; len(rest) >= 8; {
		n := binary.BigEndian.Uint32(rest)
		if n < 8 || int64(n) > int64(len(rest)) {
			return nil, fmt.Errorf("keys at %d: %w", c.Start, bmff.ErrDamaged)
		}
		out = append(out, key{string(rest[8:n]), exifscrub.Span{Off: c.End - int64(len(rest)) + 8, Len: int64(n) - 8}})
		rest = rest[n:]
	}
	return out, nil
}

// listItem makes a finding of one value of ilst.
func (p *parser) listItem(c bmff.Box, path string, keyed bool, keys []key) error {
	if c.Type == "free" || c.Type == "skip" {
		return p.padding(c, join(path, c.Name()))
	}
	t, known := userTags[c.Type]
	if i := binary.BigEndian.Uint32([]byte(c.Type)); keyed && i >= 1 && int64(i) <= int64(len(keys)) {
		t, known = keyTag(keys[i-1].name), true
	}
	if !known {
		t = tag{c.Name(), privacy.Unknown}
	}
	name := join(path, t.name)
	data, ok, err := bmff.Find(p.in, c, "data")
	if err != nil {
		return err
	}
	if !ok || data.Size() < 8 {
		return p.whole(c, t.class, name)
	}
	if t.class == privacy.Preview {
		return p.picture(c, name)
	}
	head, err := p.head(data.Content(), 8+longText)
	if err != nil {
		return err
	}
	s := exifscrub.Span{Off: data.Body + 8, Len: data.Size() - 8}
	raw := head[8:]
	if next := data.End; next < c.End { // several values: no coarse form of the first stands for all
		return p.box(c, t.class, name, valueText(head, raw), s)
	}
	return p.value(c, name, t, valueText(head, raw), s, raw)
}

// valueText returns a value by its type (QuickTime, "Well-known types").
func valueText(head, raw []byte) string {
	switch binary.BigEndian.Uint32(head) & 0xFFFFFF {
	case 21, 22, 65, 66, 67, 75, 76, 77, 78:
		if len(raw) <= 8 {
			return fmt.Sprint(number(raw))
		}
	case 2: // UTF-16
		if s, _ := utf(append([]byte{0xFE, 0xFF}, raw...)); s != "" {
			return s
		}
	}
	return shown(bytes.TrimRight(raw, "\x00"))
}
