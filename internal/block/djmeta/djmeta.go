// Package djmeta reads the timed metadata of DJI's videos: the samples of the
// tracks djmd (a protocol buffer for each frame) and dbgi (debugging).
//
// There is no specification. Sources: the field numbers that exiftool's tag
// names list (Image::ExifTool::TagNames, "DJI Protobuf Tags", as of 13.58), and
// the messages all products share, as dvtm_library.proto 02.01.16 defines them.
//
// A sample holds 1 what is known of the clip, often in the first sample only, 2
// of the stream and 3 of the frame. What a frame holds depends on the product,
// whose name is that of its schema: "dvtm_Air3s.proto". Of schemas that are not
// known, positions are taken only where their unit is beyond doubt.
//
// No real sample has been available: this is proven on generated ones only. It
// does not read attitudes given as quaternions, nor anything of dbgi but names.
package djmeta

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// ErrSyntax is wrapped when bytes are no protocol buffer.
var ErrSyntax = errors.New("no valid protocol buffer")

// A Track reads the samples of one track, in their order: what the first says
// of the clip holds for all.
type Track struct {
	schema string
	layout layout
}

// Schema returns the name of the schema, "" if no sample named it yet.
func (t *Track) Schema() string { return t.schema }

// Known reports whether the layout of the frames is known.
func (t *Track) Known() bool { return t.layout.known }

// A field is one field of a message.
type field struct {
	num  protowire.Number
	typ  protowire.Type
	off  int    // where its value lies in the message
	n    uint64 // of a varint or a fixed number
	body []byte // the value as it lies there; of a message or text, what it holds
}

// maxNumber is the largest field number of DJI's schemas, with room: arbitrary
// bytes that happen to look like a message rarely stay below it.
const maxNumber = 4096

// each calls f for every field of message b, until f returns false. Groups are
// refused: proto3 has none.
func each(b []byte, f func(field) bool) error {
	for pos := 0; pos < len(b); {
		num, typ, n := protowire.ConsumeTag(b[pos:])
		if n < 0 || num > maxNumber {
			return fmt.Errorf("field at %d: %w", pos, ErrSyntax)
		}
		pos += n
		x := field{num: num, typ: typ, off: pos}
		switch typ {
		case protowire.VarintType:
			x.n, n = protowire.ConsumeVarint(b[pos:])
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(b[pos:])
			x.n = uint64(v)
		case protowire.Fixed64Type:
			x.n, n = protowire.ConsumeFixed64(b[pos:])
		case protowire.BytesType:
			x.body, n = protowire.ConsumeBytes(b[pos:])
		default:
			n = -1
		}
		if n < 0 {
			return fmt.Errorf("field at %d: %w", pos, ErrSyntax)
		}
		pos += n
		if typ == protowire.BytesType {
			x.off = pos - len(x.body)
		} else {
			x.body = b[x.off:pos]
		}
		if !f(x) {
			return nil
		}
	}
	return nil
}

// message reports whether b is one whole message of at least one field.
func message(b []byte) bool {
	return len(b) > 0 && each(b, func(field) bool { return true }) == nil
}

// sub returns what is in the last field num of message b, nil if there is none:
// the last of several counts.
func sub(b []byte, num protowire.Number) (body []byte) {
	each(b, func(x field) bool { // callers have checked the whole message
		if x.num == num && x.typ == protowire.BytesType {
			body = x.body
		}
		return true
	})
	return body
}

// float returns the fixed32 in field num of message b, or NaN.
func float(b []byte, num protowire.Number) float64 {
	v := math.NaN()
	each(b, func(x field) bool {
		if x.num == num && x.typ == protowire.Fixed32Type {
			v = float64(math.Float32frombits(uint32(x.n)))
		}
		return true
	})
	if math.IsInf(v, 0) {
		return math.NaN()
	}
	return v
}

// integer returns the varint in field num of message b, 0 if it is left out.
// Negative numbers are written with 32 or with 64 bits.
func integer(b []byte, num protowire.Number) (v int64) {
	each(b, func(x field) bool {
		if x.num == num && x.typ == protowire.VarintType {
			if v = int64(x.n); x.n <= math.MaxUint32 {
				v = int64(int32(uint32(x.n)))
			}
		}
		return true
	})
	return v
}
