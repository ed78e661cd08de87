package scrubtest

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"unicode/utf16"
)

// Canaries: every fixture carries these, in whatever encodings its format has,
// and no scrubbed file may hold one of them in any encoding. The position is in
// the open South Pacific; nobody is called that.
const (
	Serial = "FVCANARY4519KX"
	Person = "Zephyrine Quillfeather"
	Place  = "Port Quillon"
	Text   = "the heron nests behind the boathouse"
	When   = "2031:07:19 04:47:53" // Exif form
	Day    = "2031-07-19"
	Lat    = -41.3875125 // 41° 23' 15.045" S
	Lon    = -132.4518375
	Alt    = 1234.567
)

// LatDMS and LonDMS are Lat and Lon as the three Exif rationals, without sign.
var (
	LatDMS = [6]uint32{41, 1, 23, 1, 15045, 1000}
	LonDMS = [6]uint32{132, 1, 27, 1, 6615, 1000}
)

// Rationals returns v as Exif rationals in byte order o.
func Rationals(o binary.AppendByteOrder, v [6]uint32) []byte {
	var b []byte
	for _, x := range v {
		b = o.AppendUint32(b, x)
	}
	return b
}

// A canary is one encoding of one planted value.
type canary struct {
	name  string
	bytes []byte
}

func canaries() []canary {
	var out []canary
	text := func(name, s string) {
		out = append(out, canary{name, []byte(s)}, canary{name + " in UTF-16LE", utf16Bytes(s, binary.LittleEndian)}, canary{name + " in UTF-16BE", utf16Bytes(s, binary.BigEndian)})
	}
	text("the serial number", Serial)
	text("the person", Person)
	text("the place", Place)
	text("the text", Text)
	text("the time", When)
	text("the time", strings.Replace(When, ":", "-", 2))
	text("the time", Day+"T"+When[11:])
	for _, v := range []float64{Lat, Lon} {
		text("a coordinate", fmt.Sprintf("%.5f", math.Abs(v))[:8])
	}
	for _, o := range []interface {
		binary.ByteOrder
		binary.AppendByteOrder
	}{binary.LittleEndian, binary.BigEndian} {
		out = append(out, canary{"the latitude's rationals", Rationals(o, LatDMS)}, canary{"the longitude's rationals", Rationals(o, LonDMS)})
		for _, v := range []float64{Lat, Lon} {
			out = append(out,
				canary{"a coordinate as float64", o.AppendUint64(nil, math.Float64bits(v))},
				canary{"a coordinate in radians", o.AppendUint64(nil, math.Float64bits(v*math.Pi/180))},
				canary{"a coordinate as 1e-7 integer", o.AppendUint32(nil, uint32(int32(math.Round(v*1e7))))})
		}
	}
	return out
}

func utf16Bytes(s string, o binary.AppendByteOrder) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = o.AppendUint16(b, u)
	}
	return b
}
