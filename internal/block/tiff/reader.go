// Package tiff reads the structure that TIFF 6.0, BigTIFF, Exif 3.0, DNG 1.7
// and the raw files of several makers share: a header, and chains and trees of
// image file directories (IFDs) whose entries hold values or point to them.
//
// It says what lies where. It decodes no image data, names no tags, judges
// nothing and changes nothing.
package tiff

import (
	"encoding/binary"
	"errors"
	"fmt"

	"flightveil/internal/input"
)

// ErrHeader is returned for bytes that do not begin with a TIFF header.
var ErrHeader = errors.New("not a TIFF header")

// Magic numbers: the 16 bits after the byte order.
const (
	Classic   = 42     // TIFF 6.0 section 2
	Big       = 43     // BigTIFF
	Panasonic = 0x55   // RW2, RWL: "IIU\0"
	Olympus   = 0x4F52 // ORF: "IIRO", "MMOR"
	OlympusSP = 0x5352 // ORF of some compact cameras: "IIRS"
)

// A Header is the beginning of a TIFF file or Exif block.
type Header struct {
	Order binary.ByteOrder
	Magic uint16
	Big   bool
	First int64 // offset of the first IFD
	Len   int64 // bytes the header takes
}

// ReadHeader reads the header at the beginning of in.
func ReadHeader(in input.Input) (Header, error) {
	b, err := input.View(in, 0, min(16, in.Size()), 16)
	if err != nil {
		return Header{}, fmt.Errorf("reading the TIFF header: %w", err)
	}
	return ParseHeader(b)
}

// ParseHeader reads a header from b, its first 16 bytes or as many as there are.
func ParseHeader(b []byte) (Header, error) {
	if len(b) < 8 {
		return Header{}, ErrHeader
	}
	h := Header{Len: 8}
	switch string(b[:2]) {
	case "II":
		h.Order = binary.LittleEndian
	case "MM":
		h.Order = binary.BigEndian
	default:
		return Header{}, ErrHeader
	}
	h.Magic = h.Order.Uint16(b[2:])
	switch h.Magic {
	case Classic, Panasonic, Olympus, OlympusSP:
		h.First = int64(h.Order.Uint32(b[4:]))
		return h, nil
	case Big:
		if len(b) < 16 || h.Order.Uint16(b[4:]) != 8 || h.Order.Uint16(b[6:]) != 0 {
			return Header{}, ErrHeader
		}
		first := h.Order.Uint64(b[8:])
		if first > 1<<62 {
			return Header{}, ErrHeader
		}
		h.Big, h.First, h.Len = true, int64(first), 16
		return h, nil
	}
	return Header{}, ErrHeader
}

// A Reader reads IFDs and values. Offsets in the file count from Base.
type Reader struct {
	In    input.Input
	Order binary.ByteOrder
	Big   bool
	Base  int64
}

// Reader returns a reader for the file that h is the header of.
func (h Header) Reader(in input.Input) Reader { return Reader{In: in, Order: h.Order, Big: h.Big} }

// EntrySize returns how many bytes an entry takes.
func (r Reader) EntrySize() int64 {
	if r.Big {
		return 20
	}
	return 12
}

// CountSize returns how many bytes the number of entries takes.
func (r Reader) CountSize() int64 {
	if r.Big {
		return 8
	}
	return 2
}

// PointerSize returns how many bytes an offset takes, and at most how many
// bytes of value lie in an entry itself.
func (r Reader) PointerSize() int64 {
	if r.Big {
		return 8
	}
	return 4
}

// An Entry is one tag of an IFD. All offsets count from the start of the input.
type Entry struct {
	Tag    uint16
	Type   Type
	Count  uint64
	At     int64      // of the entry itself
	Value  input.Span // where its value lies
	Inline bool       // in the entry itself
	// Valid says that the type is known and the value lies inside the input.
	// Otherwise Value is empty.
	Valid bool
}

// An IFD is an image file directory.
type IFD struct {
	Off     int64 // of the number of entries
	Len     int64 // of the table: number, entries and pointer to the next IFD
	Entries []Entry
	NextAt  int64 // of the pointer to the next IFD; 0 if the input ends before it
	Next    int64 // that pointer; 0 means none
	Cut     bool  // the input ends inside the table: Entries holds what is there
}

// Find returns the first entry for tag.
func (d *IFD) Find(tag uint16) (e Entry, ok bool) {
	for _, e := range d.Entries {
		if e.Tag == tag {
			return e, true
		}
	}
	return Entry{}, false
}

// IFD reads the directory at off, which may have at most maxEntries entries.
func (r Reader) IFD(off int64, maxEntries int) (*IFD, error) {
	size := r.In.Size()
	if off < 0 || off > size || r.CountSize() > size-off {
		return nil, fmt.Errorf("no IFD at %d: %w", off, errOutside)
	}
	b, err := input.View(r.In, off, r.CountSize(), 8)
	if err != nil {
		return nil, fmt.Errorf("reading the IFD at %d: %w", off, err)
	}
	n := r.count(b)
	d := &IFD{Off: off}
	left := size - off - r.CountSize()
	if room := uint64(left / r.EntrySize()); n > room {
		n, d.Cut = room, true
	}
	if n > uint64(max(0, maxEntries)) {
		return nil, fmt.Errorf("an IFD of %d entries at %d: %w", n, off, input.ErrLimit)
	}
	table := int64(n) * r.EntrySize()
	rest := min(r.PointerSize(), left-table)
	if d.Cut {
		rest = left - table // a piece of an entry
	}
	if b, err = input.View(r.In, off+r.CountSize(), table+rest, table+rest); err != nil {
		return nil, fmt.Errorf("reading the IFD at %d: %w", off, err)
	}
	d.Len = r.CountSize() + int64(len(b))
	d.Entries = make([]Entry, 0, n)
	for i := int64(0); i < int64(n); i++ {
		d.Entries = append(d.Entries, r.entry(b[i*r.EntrySize():], off+r.CountSize()+i*r.EntrySize()))
	}
	if !d.Cut && rest == r.PointerSize() {
		d.NextAt = off + r.CountSize() + table
		d.Next = r.pointer(b[table:])
	}
	return d, nil
}

var errOutside = errors.New("outside the file")

func (r Reader) count(b []byte) uint64 {
	if r.Big {
		return r.Order.Uint64(b)
	}
	return uint64(r.Order.Uint16(b))
}

// pointer reads an offset and returns it counted from the start of the input,
// or 0 for none. What cannot be an offset becomes one that no file reaches.
func (r Reader) pointer(b []byte) int64 {
	v := uint64(0)
	if r.Big {
		v = r.Order.Uint64(b)
	} else {
		v = uint64(r.Order.Uint32(b))
	}
	return r.offset(v)
}

func (r Reader) offset(v uint64) int64 {
	switch {
	case v == 0:
		return 0
	case v > 1<<61:
		return 1 << 61
	}
	return int64(v) + r.Base
}

func (r Reader) entry(b []byte, at int64) Entry {
	e := Entry{Tag: r.Order.Uint16(b), Type: Type(r.Order.Uint16(b[2:])), At: at}
	field := int64(8)
	if r.Big {
		e.Count, field = r.Order.Uint64(b[4:]), 12
	} else {
		e.Count = uint64(r.Order.Uint32(b[4:]))
	}
	each := uint64(e.Type.Size())
	if each == 0 || e.Count > 1<<60/each {
		return e
	}
	n := int64(e.Count * each)
	if n <= r.PointerSize() {
		e.Inline, e.Valid = true, true
		e.Value = input.Span{Off: at + field, Len: n}
		return e
	}
	size := r.In.Size()
	off := r.pointer(b[field:])
	if off <= 0 || off > size || n > size-off {
		return e
	}
	e.Valid = true
	e.Value = input.Span{Off: off, Len: n}
	return e
}

// CutOff returns where the value of e begins if it does inside the input, but
// ends behind it.
func (r Reader) CutOff(e Entry) (off int64, cut bool) {
	each := uint64(e.Type.Size())
	if e.Valid || each == 0 || e.Count > 1<<60/each {
		return 0, false
	}
	at := e.At + r.EntrySize() - r.PointerSize()
	b, err := input.View(r.In, at, r.PointerSize(), 8)
	if err != nil {
		return 0, false
	}
	off = r.pointer(b)
	size := r.In.Size()
	return off, off > 0 && off < size && int64(e.Count*each) > size-off
}
