// Package makernote parses the vendor blocks that cameras put into Exif tag
// 927C (MakerNote). There is no specification: the layouts and tag numbers are
// those that readers of these blocks agree on.
//
// It says what lies where, and which bytes change when some of it is removed;
// it changes nothing. Blocks that it does not recognise it leaves to the caller.
package makernote

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A Field is one value of a note. Its spans count from the start of the TIFF
// block that holds the note. A value that is blank already is no field.
type Field struct {
	Name  string // as readers name the tag: "InternalSerialNumber"
	Class privacy.Class
	Spans []input.Span // ascending; no two fields share a byte
	Value string
	Where *geo.Point

	blank  []byte // what to write when the value is removed; nil: zeros
	sealed *sealed
	key    *keyPart
	entry  int64 // offset of the entry it belongs to; 0 if none
}

// A Note is what Parse found.
type Note struct {
	Vendor string // "" if not recognised
	// Fields holds every value of a recognised note, ascending. Technical ones
	// are what a raw file cannot be developed without; Unknown ones are those
	// no table names, and bytes that belong to no value.
	Fields   []Field
	Previews []input.Span // embedded pictures outside the note
	// Known says that removing Fields by class, with Patches, is all a raw file
	// needs to be clean and to develop as before.
	Known bool
	// Key says why a raw file would not develop as before if a field of class
	// Identity were removed; "" if it would.
	Key string

	key  cipherKey
	dirs []directory
}

// A Patch is what to write at Off. If With is nil, it is Len zero bytes.
type Patch struct {
	Off, Len int64
	With     []byte
}

// Patches returns what to write when the fields for which gone is true are
// removed and all others stay: zeros over most, but also what is enciphered
// with a removed value, enciphered anew. Entries of which nothing is left are
// taken out of their directories. Of patches that overlap a later one wins.
func (n Note) Patches(gone func(i int) bool) []Patch {
	var out []Patch
	key := n.key
	for i, f := range n.Fields {
		if f.key != nil && gone(i) {
			f.key.remove(&key)
		}
	}
	for i, f := range n.Fields {
		switch {
		case gone(i) && f.sealed != nil && f.sealed.blank != nil:
			out = scatter(out, f.Spans, f.sealed.blank(key))
		case gone(i):
			out = scatter(out, f.Spans, f.blank)
		case f.sealed != nil && key != n.key:
			out = scatter(out, f.Spans, f.sealed.reseal(n.key, key))
		}
	}
	return append(out, n.compact(out, gone)...)
}

// scatter adds patches that write b, or zeros, over spans.
func scatter(out []Patch, spans []input.Span, b []byte) []Patch {
	for _, s := range spans {
		p := Patch{Off: s.Off, Len: s.Len}
		if b != nil {
			p.With, b = b[:s.Len], b[s.Len:]
		}
		out = append(out, p)
	}
	return out
}

// Parse reads the note that takes the bytes note of in, a TIFF block in byte
// order order, whose IFD0 names the camera make and model.
func Parse(in input.Input, note input.Span, order binary.ByteOrder, make, model string, lim input.Limits) (Note, error) {
	return twice(in, func(in input.Input) (*parser, Note, error) {
		p, err := newParser(in, note, order, make, model, lim)
		if err != nil {
			return nil, Note{}, err
		}
		if known, err := p.vendor(); !known || err != nil {
			return nil, Note{}, err
		}
		n, err := p.finish()
		return p, n, err
	})
}

// twice returns what parse finds in in. If that would not be found in the same
// way once parts of it are gone, the note is not known well enough.
func twice(in input.Input, parse func(input.Input) (*parser, Note, error)) (Note, error) {
	p, n, err := parse(in)
	if err != nil || !n.Known {
		return n, err
	}
	n.Known, err = p.stable(n, func(in input.Input) (Note, error) {
		_, n, err := parse(in)
		return n, err
	})
	return n, err
}

func newParser(in input.Input, note input.Span, order binary.ByteOrder, make, model string, lim input.Limits) (*parser, error) {
	if note.Off < 0 || note.Len < 0 || note.Off > in.Size() || note.Len > in.Size()-note.Off {
		return nil, fmt.Errorf("maker note of %d bytes at %d leaves the block", note.Len, note.Off)
	}
	return &parser{in: in, note: note, order: order, make: make, model: model, lim: lim.Defaults(), n: &Note{Known: true}, seen: map[int64]bool{}}, nil
}

// vendor finds the layout of the note and parses it.
func (p *parser) vendor() (known bool, err error) {
	head, err := input.ReadRange(p.in, p.note.Off, min(p.note.Len, headLen), headLen)
	if err != nil {
		return false, err
	}
	for _, l := range layouts() {
		if !l.match(head, p.make, p.model) {
			continue
		}
		p.n.Vendor = l.vendor
		if err := l.parse(p, head); errors.Is(err, io.ErrUnexpectedEOF) {
			p.n.Known = false // cut short: what was found stays found
		} else if err != nil {
			return false, fmt.Errorf("%s maker note: %w", l.vendor, err)
		}
		return true, nil
	}
	return false, nil
}

// finish puts the fields in order, gives every byte to one field, and reports
// what belongs to none.
func (p *parser) finish() (Note, error) {
	for _, f := range p.later {
		f()
	}
	n := p.n
	// Headers and tables are no values, whatever points at them. A byte that two
	// values share belongs to the one that tells more.
	var structure spanSet
	structure.take(p.used)
	order := privacyOrder()
	slices.SortStableFunc(n.Fields, func(a, b Field) int { return cmp.Compare(order[a.Class], order[b.Class]) })
	var taken spanSet
	kept := n.Fields[:0]
	for _, f := range n.Fields {
		whole := f.Spans
		if !f.inline() {
			f.Spans = structure.without(f.Spans)
		}
		f.Spans = taken.take(f.Spans)
		if len(f.Spans) == 0 {
			continue
		}
		if !slices.Equal(whole, f.Spans) && (f.blank != nil || f.sealed != nil) {
			f.blank, f.sealed = nil, nil // what is left is no longer the whole value
			if f.Class == privacy.Technical {
				n.Known = false
			}
		}
		kept = append(kept, f)
	}
	n.Fields = kept
	taken.take(p.used)
	var gaps []input.Span
	for _, s := range taken.take([]input.Span{p.note}) {
		blank, err := p.blank(s)
		if err != nil {
			return Note{}, err
		}
		if !blank {
			gaps = append(gaps, s)
		}
	}
	if len(gaps) > 0 {
		n.Fields = append(n.Fields, Field{Name: "UnusedBytes", Class: privacy.Unknown, Spans: gaps})
	}
	slices.SortStableFunc(n.Fields, func(a, b Field) int { return cmp.Compare(a.Spans[0].Off, b.Spans[0].Off) })
	return *n, nil
}

// inline reports whether f's value lies in the entry itself.
func (f Field) inline() bool {
	return f.entry != 0 && !slices.ContainsFunc(f.Spans, func(s input.Span) bool { return s.Off < f.entry+8 || s.End() > f.entry+12 })
}

func privacyOrder() map[privacy.Class]int {
	m := map[privacy.Class]int{}
	for i, c := range privacy.Classes {
		m[c] = i
	}
	return m
}
