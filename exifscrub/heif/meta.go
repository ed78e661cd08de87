package heif

import (
	"encoding/binary"
	"fmt"
	"io"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// meta is the box that says what the items are and where they lie (8.11).
type meta struct {
	items     []*item // in the order of the file
	byID      map[uint32]*item
	primary   uint32
	refs      []reference
	idat      []exifscrub.Span // contents of the item data box
	located   bool
	outside   []bool // by data reference: it is another file
	ispe      map[uint32]bool
	described bool // iinf was read
}

// reference says that one item is about others, or made of them (8.11.12).
type reference struct {
	kind string
	from uint32
	to   []uint32
}

// item is one item.
type item struct {
	id        uint32
	kind      string // four bytes
	name      exifscrub.Span
	content   string // media type, if kind is mime
	encoding  string // content encoding
	protected bool

	method  byte // how its extents are counted: from the file, in idat, in other items
	ref     uint16
	base    uint64
	extents []extent
	located bool

	spans   []exifscrub.Span // its data in the file
	short   bool             // some of it lies behind the end of the file
	placing bool
	placed  bool
}

type extent struct{ index, off, len uint64 }

func (m *meta) item(id uint32) *item {
	it := m.byID[id]
	if it == nil {
		it = &item{id: id}
		m.byID[id] = it
		m.items = append(m.items, it)
	}
	return it
}

// meta reads the boxes in b. What items hold is looked into later.
func (p *parser) meta(b bmff.Box) (*meta, error) {
	m := &meta{byID: map[uint32]*item{}, ispe: map[uint32]bool{}}
	start, err := b.Inner(p.in)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	err = p.inside(start, b.End, "meta", func(c bmff.Box) error {
		if seen[c.Type] && c.Type != "uuid" && c.Type != "idat" {
			return p.whole(c, privacy.Unknown, join("meta", c.Name()))
		}
		seen[c.Type] = true
		if err := p.metaBox(m, c); err != nil {
			return fmt.Errorf("%s box at %d: %w", c.Name(), c.Start, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !m.described || !m.located {
		return nil, fmt.Errorf("meta box without a list of items or where they lie: %w", input.ErrUnsupported)
	}
	return m, nil
}

func (p *parser) metaBox(m *meta, c bmff.Box) error {
	switch c.Type {
	case "hdlr":
		return p.handler(c, "meta")
	case "pitm":
		b, err := p.read(c)
		if err != nil {
			return err
		}
		f := fields{b: b}
		f.skip(4)
		m.primary = f.id(len(b) > 0 && b[0] > 0)
		return f.err
	case "iinf":
		m.described = true
		return p.itemInfos(m, c)
	case "iloc":
		m.located = true
		return p.locations(m, c)
	case "iref":
		return p.itemReferences(m, c)
	case "iprp":
		return p.properties(m, c)
	case "idat":
		m.idat = append(m.idat, c.Content())
		p.media = append(p.media, c.Content())
		return nil
	case "dinf":
		return p.inside(c.Body, c.End, "meta/dinf", func(d bmff.Box) error {
			if d.Type != "dref" {
				return p.whole(d, privacy.Unknown, join("meta/dinf", d.Name()))
			}
			return p.dataReferences(m, d)
		})
	case "grpl": // entities that belong together, by their numbers (8.18.3)
		return nil
	case "uuid":
		return p.uuid(c, "meta")
	case "ipro", "iprr", "ipmc":
		return fmt.Errorf("encrypted items: %w", input.ErrUnsupported)
	}
	return p.whole(c, privacy.Unknown, join("meta", c.Name()))
}

// handler makes findings of the maker and the name in hdlr (8.4.3).
func (p *parser) handler(b bmff.Box, path string) error {
	const maker, fixed = 12, 24 // version, component type, handler, maker, flags
	if b.Size() < fixed {
		return nil
	}
	raw, err := input.ReadRange(p.in, b.Body, min(b.Size(), fixed+256), fixed+256)
	if err != nil {
		return err
	}
	if binary.BigEndian.Uint32(raw[maker:]) != 0 {
		if err := p.finding(privacy.Device, join(path, "HandlerVendorID"), text(raw[maker:maker+4]), 0, exifscrub.Span{Off: b.Body + maker, Len: 4}); err != nil {
			return err
		}
	}
	s := exifscrub.Span{Off: b.Body + fixed, Len: b.Size() - fixed}
	if blank, err := p.win.Zeros(s.Off, s.End()); blank || err != nil {
		return err
	}
	return p.finding(privacy.Device, join(path, "HandlerDescription"), text(raw[fixed:]), 0, s)
}

// dataReferences reads which files items may lie in (8.7.2). The name of
// another file is a finding.
func (p *parser) dataReferences(m *meta, b bmff.Box) error {
	start, err := b.Inner(p.in)
	if err != nil {
		return err
	}
	return p.inside(start, b.End, "meta/dinf", func(c bmff.Box) error {
		_, flags, body, err := c.Full(p.in)
		if err != nil {
			return err
		}
		m.outside = append(m.outside, flags&1 == 0 && c.Type != "imdt")
		s := exifscrub.Span{Off: body, Len: c.End - body}
		if blank, err := p.win.Zeros(s.Off, s.End()); blank || err != nil || c.Type == "imdt" {
			return err
		}
		raw, err := input.ReadRange(p.in, s.Off, min(s.Len, 512), 512)
		if err != nil {
			return err
		}
		return p.finding(privacy.Identity, "meta/dinf/URL", text(raw), 0, s)
	})
}

// itemInfos reads what the items are (8.11.6).
func (p *parser) itemInfos(m *meta, b bmff.Box) error {
	start, err := b.Inner(p.in)
	if err != nil {
		return err
	}
	return p.inside(start, b.End, "meta/iinf", func(c bmff.Box) error {
		if c.Type != "infe" {
			return p.whole(c, privacy.Unknown, join("meta/iinf", c.Name()))
		}
		raw, err := p.read(c)
		if err != nil {
			return err
		}
		return p.itemInfo(m, c, raw)
	})
}

// itemInfo reads one entry. The names of items are for people.
func (p *parser) itemInfo(m *meta, c bmff.Box, raw []byte) error {
	f := fields{b: raw}
	version := f.number(1)
	f.skip(3)
	it := m.item(f.id(version >= 3))
	it.protected = f.number(2) != 0
	it.kind = "mime"
	if version >= 2 {
		it.kind = string(f.bytes(4))
	}
	if f.err != nil {
		return f.err
	}
	at := f.pos
	name := f.text()
	it.name = exifscrub.Span{Off: c.Body + int64(at), Len: int64(len(name))}
	switch it.kind {
	case "mime":
		it.content, it.encoding = f.text(), f.text()
	case "uri ":
		f.text()
	}
	if text([]byte(name)) != "" && !plainNames[name] {
		if err := p.finding(privacy.Description, "ItemName", text([]byte(name)), ' ', it.name); err != nil {
			return err
		}
	}
	rest := exifscrub.Span{Off: c.Body + int64(min(f.pos, len(raw))), Len: int64(max(0, len(raw)-f.pos))}
	if blank, err := p.win.Zeros(rest.Off, rest.End()); blank || err != nil {
		return err
	}
	return p.finding(privacy.Unknown, "meta/iinf/Rest", "", 0, rest)
}

// plainNames are names that encoders give by habit.
var plainNames = map[string]bool{"Exif": true, "XMP": true, "Color": true, "Alpha": true, "Image": true, "Thumbnail": true, "HEVC Image": true, "Grid": true}

// itemReferences reads how items relate (8.11.12).
func (p *parser) itemReferences(m *meta, b bmff.Box) error {
	version, _, body, err := b.Full(p.in)
	if err != nil {
		return err
	}
	return p.inside(body, b.End, "meta/iref", func(c bmff.Box) error {
		raw, err := p.read(c)
		if err != nil {
			return err
		}
		f := fields{b: raw}
		r := reference{kind: c.Type, from: f.id(version > 0)}
		for range f.number(2) {
			if r.to = append(r.to, f.id(version > 0)); f.err != nil {
				return f.err
			}
		}
		m.refs = append(m.refs, r)
		return f.err
	})
}

// fields reads numbers and texts from the contents of a box. Behind the end all
// are zero and err is set.
type fields struct {
	b   []byte
	pos int
	err error
}

func (f *fields) bytes(n int) []byte {
	if n > len(f.b)-f.pos {
		f.err = fmt.Errorf("fields: %w: %w", bmff.ErrDamaged, io.ErrUnexpectedEOF)
		f.pos = len(f.b)
		return make([]byte, n)
	}
	f.pos += n
	return f.b[f.pos-n : f.pos]
}

func (f *fields) skip(n int) { f.bytes(n) }

// number reads a number of n bytes, at most eight; none is zero.
func (f *fields) number(n int) (v uint64) {
	for _, c := range f.bytes(n) {
		v = v<<8 | uint64(c)
	}
	return v
}

// id reads the number of an item.
func (f *fields) id(wide bool) uint32 {
	if wide {
		return uint32(f.number(4))
	}
	return uint32(f.number(2))
}

// text reads a text that ends with a zero or with the box.
func (f *fields) text() string {
	for i := f.pos; i < len(f.b); i++ {
		if f.b[i] == 0 {
			s := string(f.b[f.pos:i])
			f.pos = i + 1
			return s
		}
	}
	s := string(f.b[f.pos:])
	f.pos = len(f.b)
	return s
}
