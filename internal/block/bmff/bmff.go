// Package bmff reads the structure of ISO base media and QuickTime files:
// boxes, the sample tables of tracks, and movie fragments.
//
// Specifications: ISO/IEC 14496-12:2022 (section numbers below are of it) and
// Apple's QuickTime File Format. Nothing here decodes a sample, judges a box or
// holds a table in memory: tables are read through small windows, so that a
// track of ten million samples costs no more than one of ten. Every count is
// compared with the box it stands in before anything is done with it.
package bmff

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"

	"flightveil/internal/input"
)

// A Box is one box (4.2), or bytes where a box should be and none is.
type Box struct {
	Type             string   // four bytes; "" for bytes that are no box
	ID               [16]byte // of a box of type uuid
	Start, Body, End int64    // Body is behind the header, which includes ID
	// Cut says that the box claims more bytes than there are, so that End is
	// that of its parent: the file was cut, or it is hostile.
	Cut bool
	// Open says that the box has no size of its own but goes on to the end of
	// the file.
	Open bool
}

// Span returns the whole box.
func (b Box) Span() input.Span { return input.Span{Off: b.Start, Len: b.End - b.Start} }

// Content returns what is behind the header.
func (b Box) Content() input.Span { return input.Span{Off: b.Body, Len: b.End - b.Body} }

// Size returns how many bytes are behind the header.
func (b Box) Size() int64 { return b.End - b.Body }

// ErrDamaged is wrapped by errors about boxes that contradict themselves.
var ErrDamaged = errors.New("damaged box")

const (
	shortHeader = 8
	longHeader  = 16
	idLen       = 16
)

// Read returns the box at pos inside a parent that ends at end. The error is
// one of reading; what is no box comes as a Box without a type that reaches to
// end.
func Read(in input.Input, pos, end int64) (Box, error) {
	rest := Box{Start: pos, Body: pos, End: end}
	if end-pos < shortHeader {
		return rest, nil
	}
	var buf [longHeader + idLen]byte
	head := buf[:min(int64(len(buf)), end-pos)]
	if err := input.ReadFull(in, head, pos); err != nil {
		return rest, err
	}
	b := Box{Type: string(head[4:8]), Start: pos, Body: pos + shortHeader, End: end}
	size := uint64(binary.BigEndian.Uint32(head))
	switch size {
	case 0:
		b.Open = true
		size = uint64(end - pos)
	case 1:
		if len(head) < longHeader {
			return rest, nil
		}
		size = binary.BigEndian.Uint64(head[shortHeader:])
		b.Body = pos + longHeader
	}
	if b.Type == "uuid" {
		if id := head[b.Body-pos:]; len(id) >= idLen {
			b.ID = [idLen]byte(id)
			b.Body += idLen
		} else {
			return rest, nil
		}
	}
	switch {
	case size < uint64(b.Body-pos):
		return rest, nil
	case size > uint64(end-pos):
		b.Cut = true
	default:
		b.End = pos + int64(size)
	}
	return b, nil
}

// Boxes yields the boxes from pos to end. The last one may be no box at all
// (see Read), such as the four zeros that end a QuickTime user data list. An
// error is the last pair.
func Boxes(in input.Input, pos, end int64) iter.Seq2[Box, error] {
	return func(yield func(Box, error) bool) {
		for pos < end {
			b, err := Read(in, pos, end)
			if !yield(b, err) || err != nil {
				return
			}
			pos = b.End
		}
	}
}

// Find returns the first box of type typ directly inside parent.
func Find(in input.Input, parent Box, typ string) (b Box, ok bool, err error) {
	for b, err := range Boxes(in, parent.Body, parent.End) {
		if err != nil || b.Type == typ && !b.Cut {
			return b, err == nil, err
		}
	}
	return Box{}, false, nil
}

// Lookup follows a path of box types down from parent.
func Lookup(in input.Input, parent Box, types ...string) (b Box, ok bool, err error) {
	b, ok = parent, true
	for _, t := range types {
		if b, ok, err = Find(in, b, t); !ok {
			return Box{}, false, err
		}
	}
	return b, ok, nil
}

const fullLen = 4 // version and flags (4.2.2)

// Full returns version and flags of a full box, and where its fields begin.
func (b Box) Full(in input.Input) (version byte, flags uint32, body int64, err error) {
	if b.Size() < fullLen {
		return 0, 0, 0, fmt.Errorf("%s box at %d: %w: %w", b.Name(), b.Start, ErrDamaged, io.ErrUnexpectedEOF)
	}
	h, err := input.ReadRange(in, b.Body, fullLen, fullLen)
	if err != nil {
		return 0, 0, 0, err
	}
	return h[0], binary.BigEndian.Uint32(h) & 0xFFFFFF, b.Body + fullLen, nil
}

// Inner returns where the boxes inside b begin. Most boxes have them right
// behind the header; meta is a full box in ISO files and none in QuickTime's.
func (b Box) Inner(in input.Input) (int64, error) {
	switch b.Type {
	case "dref", "stsd":
		return min(b.Body+2*fullLen, b.End), nil
	case "iinf", "meta":
	default:
		return b.Body, nil
	}
	if b.Size() < fullLen+shortHeader {
		return b.Body, nil
	}
	if b.Type == "iinf" {
		version, _, body, err := b.Full(in)
		if version == 0 {
			return min(body+2, b.End), err
		}
		return min(body+4, b.End), err
	}
	h, err := input.ReadRange(in, b.Body, fullLen+shortHeader, fullLen+shortHeader)
	if err != nil {
		return 0, err
	}
	if string(h[:fullLen]) == "\x00\x00\x00\x00" || string(h[4:8]) != "hdlr" && string(h[8:]) == "hdlr" {
		return b.Body + fullLen, nil
	}
	return b.Body, nil
}

// Name returns the type of b as it can stand in a path or an error, which a
// value of the file cannot: printable ASCII, and © for QuickTime's mark.
func (b Box) Name() string { return Name(b.Type) }

// Name is Box.Name for a type that stands elsewhere.
func Name(typ string) string {
	if len(typ) != 4 {
		return "bytes"
	}
	var out []rune
	for i, c := range []byte(typ) {
		switch {
		case c == 0xA9 && i == 0:
			out = append(out, '©')
		case c > ' ' && c < 0x7F && c != '/' || c == ' ' && i > 0:
			out = append(out, rune(c))
		default:
			return "box"
		}
	}
	return string(out)
}
