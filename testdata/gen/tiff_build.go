package main

import (
	"encoding/binary"
	"math"
	"slices"
)

// tiffOrder is a byte order that can append.
type tiffOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// tiffField is one entry of a directory to be written: a value, directories
// it points to, or data it points to.
type tiffField struct {
	tag, kind uint16
	value     func(*tiffFile) []byte
	dirs      []*tiffDir
	data      [][]byte
	count     uint64 // if it is to lie about it
	at        int    // a value's offset, if it is to lie about it
}

type tiffDir struct {
	fields []tiffField
	next   *tiffDir
	noNext bool // without a pointer to the next IFD
	off    int  // where it was written, so that others may point to it again
}

// tiffFile is a file being written: first the values of a directory, then the
// directory, so that every offset is known.
type tiffFile struct {
	o       tiffOrder
	big     bool
	b       []byte
	stale   string // put between directories, where nothing points to it
	written map[*tiffDir]bool
}

func tiffBytes(b ...byte) func(*tiffFile) []byte { return func(*tiffFile) []byte { return b } }

func text2(tag uint16, s string) tiffField {
	return tiffField{tag: tag, kind: 2, value: tiffBytes(append([]byte(s), 0)...)}
}

func undef(tag uint16, s string) tiffField {
	return tiffField{tag: tag, kind: 7, value: tiffBytes([]byte(s)...)}
}

func byte1(tag uint16, b ...byte) tiffField {
	return tiffField{tag: tag, kind: 1, value: tiffBytes(b...)}
}

func short(tag uint16, v ...uint16) tiffField {
	return tiffField{tag: tag, kind: 3, value: func(w *tiffFile) (b []byte) {
		for _, x := range v {
			b = w.o.AppendUint16(b, x)
		}
		return b
	}}
}

func long(tag uint16, v ...uint32) tiffField {
	return tiffField{tag: tag, kind: 4, value: func(w *tiffFile) (b []byte) {
		for _, x := range v {
			b = w.o.AppendUint32(b, x)
		}
		return b
	}}
}

func ratio(tag uint16, v ...uint32) tiffField {
	f := long(tag, v...)
	f.kind = 5
	return f
}

func sratio(tag uint16, v ...int32) tiffField {
	var u []uint32
	for _, x := range v {
		u = append(u, uint32(x))
	}
	f := long(tag, u...)
	f.kind = 10
	return f
}

func double(tag uint16, v ...float64) tiffField {
	return tiffField{tag: tag, kind: 12, value: func(w *tiffFile) (b []byte) {
		for _, x := range v {
			b = w.o.AppendUint64(b, math.Float64bits(x))
		}
		return b
	}}
}

// sub points to directories.
func sub(tag uint16, dirs ...*tiffDir) tiffField { return tiffField{tag: tag, kind: 4, dirs: dirs} }

// data is a pair of tags: where pieces of data lie, and how long they are.
func data(offsets, counts uint16, pieces ...[]byte) []tiffField {
	var n []uint32
	for _, p := range pieces {
		n = append(n, uint32(len(p)))
	}
	return []tiffField{{tag: offsets, kind: 4, data: pieces}, long(counts, n...)}
}

func dir(fields ...tiffField) *tiffDir { return &tiffDir{fields: fields} }

// with returns fields and what parts hold, in the order of their tags.
func (d *tiffDir) with(fields ...tiffField) *tiffDir {
	d.fields = append(d.fields, fields...)
	slices.SortStableFunc(d.fields, func(a, b tiffField) int { return int(a.tag) - int(b.tag) })
	return d
}

func (d *tiffDir) then(next *tiffDir) *tiffDir { d.next = next; return d }

// write returns the file whose first directory is d, behind a header that ends
// with the offset of it.
func (w tiffFile) write(header string, d *tiffDir) []byte {
	w.written = map[*tiffDir]bool{}
	w.b = []byte(header)
	at := len(w.b)
	w.b = append(w.b, make([]byte, w.pointer())...)
	if header == "II*\x00" && w.stale == "CR2" { // version and offset of the raw directory
		w.b, w.stale = append(w.b, "CR\x02\x00\x00\x00\x00\x00"...), ""
	}
	first := w.dir(d)
	w.put(w.b[at:], first)
	return w.b
}

func (w *tiffFile) pointer() int {
	if w.big {
		return 8
	}
	return 4
}

func (w *tiffFile) put(b []byte, v int) {
	if w.big {
		w.o.PutUint64(b, uint64(v))
	} else {
		w.o.PutUint32(b, uint32(v))
	}
}

func (w *tiffFile) add(b []byte) int {
	if len(w.b)&1 == 1 {
		w.b = append(w.b, 0)
	}
	w.b = append(w.b, b...)
	return len(w.b) - len(b)
}

func (w *tiffFile) offsets(at []int) []byte {
	var b []byte
	for _, v := range at {
		p := make([]byte, w.pointer())
		w.put(p, v)
		b = append(b, p...)
	}
	return b
}

// dir writes d, its values and what it points to, and returns its offset.
func (w *tiffFile) dir(d *tiffDir) int {
	if d == nil {
		return 0
	}
	if w.written[d] {
		return d.off
	}
	w.written[d] = true
	sizes := map[uint16]int{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 10: 8, 12: 8, 13: 4, 16: 8, 129: 1}
	var table []byte
	for _, f := range d.fields {
		var v []byte
		kind := f.kind
		switch {
		case f.dirs != nil || f.data != nil:
			var at []int
			for _, s := range f.dirs {
				at = append(at, w.dir(s))
			}
			for _, p := range f.data {
				at = append(at, w.add(p))
			}
			if v = w.offsets(at); w.big {
				kind = 16
			}
		default:
			v = f.value(w)
		}
		n := uint64(1)
		if sizes[kind] > 0 {
			n = uint64(len(v) / sizes[kind])
		}
		if f.count > 0 {
			n = f.count
		}
		table = w.o.AppendUint16(w.o.AppendUint16(table, f.tag), kind)
		if w.big {
			table = w.o.AppendUint64(table, n)
		} else {
			table = w.o.AppendUint32(table, uint32(n))
		}
		switch {
		case f.at > 0:
			v = w.offsets([]int{f.at})
		case len(v) > w.pointer():
			v = w.offsets([]int{w.add(v)})
		}
		table = append(table, append(v, make([]byte, w.pointer()-len(v))...)...)
	}
	if w.stale != "" {
		w.add([]byte(w.stale))
	}
	next := w.dir(d.next)
	head := w.o.AppendUint16(nil, uint16(len(d.fields)))
	if w.big {
		head = w.o.AppendUint64(nil, uint64(len(d.fields)))
	}
	if !d.noNext {
		table = append(table, w.offsets([]int{next})...)
	}
	d.off = w.add(append(head, table...))
	return d.off
}
