package makernote

import (
	"encoding/binary"
	"fmt"

	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

const (
	headLen    = 64   // bytes of a note that tell its layout
	maxEntries = 1000 // of one directory; the largest known has 255
	maxDepth   = 6    // of directories inside directories
)

// A parser is the state of one Parse.
type parser struct {
	in    input.Input
	note  input.Span
	base  int64 // what offsets "from the start of the TIFF block" count from
	order binary.ByteOrder
	make  string
	model string
	lim   input.Limits
	n     *Note
	items int
	seen  map[int64]bool // directories visited
	used  []input.Span   // headers, directories and blank values
	later []func()       // what needs the whole note to be known
	inner int64          // offset of the entry being read
	// guessed says that offsets do not count from where they should.
	guessed bool
}

// An entry is one entry of a directory.
type entry struct {
	tag, typ uint16
	count    int64
	at       int64      // of the entry itself
	val      input.Span // where the value lies
	base     int64      // what offsets in this directory count from
}

// A table says what the tags of a directory are.
type table map[uint16]tag

// A tag is what a table knows about one tag. look, if set, adds the fields of
// a value that has parts; it is called only for values that can be read.
type tag struct {
	name  string
	class privacy.Class
	look  func(p *parser, e entry, t tag) error
}

var typeSize = [...]int64{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8}

func sizeOf(typ uint16) int64 {
	if typ == 129 { // UTF-8, Exif 3.0
		return 1
	}
	if int(typ) < len(typeSize) {
		return typeSize[typ]
	}
	return 0
}

// dir adds the fields of the directory at at, whose offsets count from base.
func (p *parser) dir(at, base int64, t table) error {
	entries, err := p.entries(at, base)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := p.field(e, t); err != nil {
			return err
		}
	}
	return nil
}

// entries reads the directory at at. Entries whose value cannot be reached are
// left out.
func (p *parser) entries(at, base int64) ([]entry, error) {
	if p.seen[at] {
		return nil, nil
	}
	if p.seen[at] = true; len(p.seen) > maxDepth*maxDepth {
		return nil, fmt.Errorf("%d directories: %w", len(p.seen), input.ErrLimit)
	}
	if at < 0 || at > p.in.Size()-2 {
		p.n.Known = false
		return nil, nil
	}
	b, err := input.ReadRange(p.in, at, 2, 2)
	if err != nil {
		return nil, fmt.Errorf("directory at %d: %w", at, err)
	}
	p.used = append(p.used, input.Span{Off: at, Len: 2})
	n := int64(p.order.Uint16(b))
	entries, err := p.entriesAt(at+2, n, base)
	if err == nil && !p.guessed && n <= maxEntries && at+2+n*12 <= p.in.Size() {
		p.n.dirs = append(p.n.dirs, directory{at: at, n: n, order: p.order, in: p.in})
	}
	return entries, err
}

// entriesAt reads the n entries at at.
func (p *parser) entriesAt(at, n, base int64) ([]entry, error) {
	if n > maxEntries { // no directory
		p.n.Known = false
		return nil, nil
	}
	if fit := (p.in.Size() - at) / 12; n > fit { // cut short
		n, p.n.Known = fit, false
	}
	b, err := input.ReadRange(p.in, at, n*12, maxEntries*12)
	if err != nil {
		return nil, err
	}
	end := at + n*12
	p.used = append(p.used, input.Span{Off: at, Len: end - at})
	if at >= p.note.Off && end+4 <= p.note.End() { // the next directory's offset, which some leave out
		if next, err := p.bytes(end, 4); err == nil && p.order.Uint32(next) == 0 {
			p.used = append(p.used, input.Span{Off: end, Len: 4})
		}
	}
	var out []entry
	for i := int64(0); i < n; i++ {
		if p.items++; p.items > p.lim.Items {
			return nil, fmt.Errorf("more than %d entries: %w", p.lim.Items, input.ErrLimit)
		}
		if e, ok := p.entry(b[i*12:], at+i*12, base); ok {
			out = append(out, e)
		}
	}
	return out, nil
}

// entry decodes the 12 bytes of b, which lie at at.
func (p *parser) entry(b []byte, at, base int64) (entry, bool) {
	e := entry{tag: p.order.Uint16(b), typ: p.order.Uint16(b[2:]), count: int64(p.order.Uint32(b[4:])), at: at, base: base}
	size := sizeOf(e.typ)
	if size == 0 || e.count == 0 {
		return e, false
	}
	n := size * e.count
	if n <= 4 {
		e.val = input.Span{Off: at + 8, Len: n}
		return e, true
	}
	e.val = input.Span{Off: base + int64(p.order.Uint32(b[8:])), Len: n}
	if e.val.Off < 0 || n > p.in.Size() || e.val.Off > p.in.Size()-n {
		p.n.Known = false // a value that is not where it should be
		return e, false
	}
	return e, true
}

// field adds the fields of e.
func (p *parser) field(e entry, t table) error {
	outer := p.inner
	p.inner = e.at
	defer func() { p.inner = outer }()
	d, ok := t[e.tag]
	if !ok {
		d = tag{name: fmt.Sprintf("Tag0x%04x", e.tag), class: privacy.Unknown}
	}
	if d.look != nil {
		return d.look(p, e, d)
	}
	if !ok && !p.inNote(e.val) {
		return nil // who knows what this points at
	}
	return p.leaf(e, d)
}

// leaf adds e's value as one field.
func (p *parser) leaf(e entry, t tag) error {
	return p.add(Field{Name: t.name, Class: t.class, Spans: []input.Span{e.val}, Value: p.text(e)})
}

// add adds f unless its bytes are all zeros or spaces.
func (p *parser) add(f Field) error {
	if p.items++; p.items > p.lim.Items {
		return fmt.Errorf("more than %d values: %w", p.lim.Items, input.ErrLimit)
	}
	f.entry = p.inner
	if f.Class != privacy.Technical {
		for _, s := range f.Spans {
			blank, err := p.blank(s)
			if err != nil {
				return err
			}
			if !blank {
				p.n.Fields = append(p.n.Fields, f)
				return nil
			}
		}
		p.used = append(p.used, f.Spans...) // accounted for, and nothing to remove
		return nil
	}
	p.n.Fields = append(p.n.Fields, f)
	return nil
}

func (p *parser) inNote(s input.Span) bool { return s.Off >= p.note.Off && s.End() <= p.note.End() }

// bytes reads the n bytes at off.
func (p *parser) bytes(off, n int64) ([]byte, error) {
	return input.ReadRange(p.in, off, n, p.lim.Field)
}

// value reads e's value.
func (p *parser) value(e entry) ([]byte, error) { return p.bytes(e.val.Off, e.val.Len) }

// blank reports whether all bytes of s are zeros or spaces.
func (p *parser) blank(s input.Span) (bool, error) {
	var buf [4096]byte
	for done := int64(0); done < s.Len; {
		b := buf[:min(int64(len(buf)), s.Len-done)]
		if err := input.ReadFull(p.in, b, s.Off+done); err != nil {
			return false, err
		}
		if !blankBytes(b) {
			return false, nil
		}
		done += int64(len(b))
	}
	return true, nil
}

func blankBytes(b []byte) bool {
	for _, c := range b {
		if c != 0 && c != ' ' {
			return false
		}
	}
	return true
}

// guessOrder finds the byte order of the directory at at: its entry count is
// small.
func (p *parser) guessOrder(at int64) {
	if b, err := p.bytes(at, 2); err == nil && p.order.Uint16(b) != 0 && p.order.Uint16(b)&0xFF == 0 {
		if p.order == binary.ByteOrder(binary.LittleEndian) {
			p.order = binary.BigEndian
		} else {
			p.order = binary.LittleEndian
		}
	}
}
