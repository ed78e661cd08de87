package makernote

import (
	"encoding/binary"
	"slices"

	"flightveil/internal/input"
)

// A directory is one whose entries can be taken out: a number of entries and
// the entries, with offsets that do not count from them.
type directory struct {
	at    int64 // of the number of entries
	n     int64
	order binary.ByteOrder
	in    input.Input
}

func (d directory) table() input.Span { return input.Span{Off: d.at + 2, Len: d.n * 12} }

// compact returns patches that take out the entries whose fields are all gone.
// An entry that only holds zeros could still be read as something: Pentax's
// city 0 is Pago Pago. done is what else is written.
func (n Note) compact(done []Patch, gone func(i int) bool) []Patch {
	enciphered := false // whether something stays that needs a key, be it zero
	for i, f := range n.Fields {
		enciphered = enciphered || f.sealed != nil && !gone(i)
	}
	left := map[int64]bool{} // by entry: whether something of it stays
	for i, f := range n.Fields {
		if f.entry != 0 {
			left[f.entry] = left[f.entry] || !gone(i) || f.key != nil && enciphered
		}
	}
	var out []Patch
	for k, d := range n.dirs {
		var keep []int64
		for i := range d.n {
			at := d.at + 2 + i*12
			if stays, known := left[at]; stays || !known {
				keep = append(keep, at)
			}
		}
		if len(keep) == 0 || int64(len(keep)) == d.n || !n.alone(k) {
			continue
		}
		table := make([]byte, d.n*12)
		if input.ReadFull(d.in, table, d.at+2) != nil {
			continue // then it stays as it is, with zeros for values
		}
		for _, p := range done {
			overlay(table, d.at+2, p)
		}
		b := d.order.(binary.AppendByteOrder).AppendUint16(nil, uint16(len(keep)))
		for _, at := range keep {
			b = append(b, table[at-d.at-2:][:12]...)
		}
		out = append(out, Patch{Off: d.at, Len: 2 + d.n*12, With: append(b, make([]byte, 2+len(table)-len(b))...)})
	}
	return out
}

// overlay writes what p puts into b, which lies at at.
func overlay(b []byte, at int64, p Patch) {
	from, to := max(p.Off, at), min(p.Off+p.Len, at+int64(len(b)))
	if from >= to {
		return
	}
	if p.With == nil {
		clear(b[from-at : to-at])
		return
	}
	copy(b[from-at:to-at], p.With[from-p.Off:])
}

// alone reports whether the table of directory k shares no byte with another
// one or with a value elsewhere.
func (n Note) alone(k int) bool {
	t := n.dirs[k].table()
	t.Off, t.Len = t.Off-2, t.Len+2
	for i, d := range n.dirs {
		if i != k && d.at < t.End() && t.Off < d.table().End() {
			return false
		}
	}
	return !slices.ContainsFunc(n.Fields, func(f Field) bool {
		return slices.ContainsFunc(f.Spans, func(s input.Span) bool {
			return s.Off < t.End() && t.Off < s.End() && !f.inline()
		})
	})
}
