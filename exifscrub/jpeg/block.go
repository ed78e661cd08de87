package jpeg

import (
	"bytes"
	"encoding/binary"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Blocks that are too long for one segment are split over several, each kind
// in its own way.

// exif adds an Exif block. One that does not fit a segment goes on in the
// next, without a TIFF header of its own.
func (f *file) exif(c *carrier, later []*carrier, thermal bool) {
	cs := following(c, later, func(c *carrier) bool { return c.isExif() && !tiffHeader(c.head[len(sigExif):]) })
	child := exifscrub.Child{Path: "APP1/Exif", Format: "tiff", Spans: from(int64(len(sigExif)), cs...), Expendable: true}
	if thermal {
		child.Keep = []string{"Make", "Model"}
	}
	f.child(child, nil, segmentsOf(cs)...)
}

func tiffHeader(b []byte) bool {
	return bytes.HasPrefix(b, []byte("II*\x00")) || bytes.HasPrefix(b, []byte("MM\x00*"))
}

// Extended XMP (XMP specification, part 3, 1.1.3.1): behind the signature the
// MD5 of the whole packet as text, its length and the offset of this piece.
const (
	guidLen         = 32
	extensionHeader = int64(len(sigExtension)) + guidLen + 8
)

// extension adds one extended packet. The digest that names it is that of its
// content, so it cannot be edited and stay what the main packet refers to.
func (f *file) extension(c *carrier, later []*carrier) error {
	if int64(len(c.head)) < extensionHeader {
		f.unknown("APP1/ExtendedXMP", c.span())
		return nil
	}
	guid := func(c *carrier) []byte { return c.head[len(sigExtension):][:guidLen] }
	number := func(c *carrier, i int) uint32 { return be32(c.head[len(sigExtension)+guidLen+4*i:]) }
	cs := others(c, later, func(o *carrier) bool {
		return o.is(0xE1, sigExtension) && int64(len(o.head)) >= extensionHeader && bytes.Equal(guid(o), guid(c))
	})
	complete := sortBy(cs, func(c *carrier) uint32 { return number(c, 1) })
	spans := from(extensionHeader, cs...)
	var pos int64
	for i, c := range cs {
		complete = complete && int64(number(c, 1)) == pos
		pos += spans[i].Len
	}
	if !complete || pos != int64(number(c, 0)) {
		f.unknown("APP1/ExtendedXMP", spansOf(cs)...)
		return nil
	}
	id := privacy.Finding{Class: privacy.Identity, Path: "APP1/ExtendedXMP/HasExtendedXMP", Value: text(guid(c)),
		Spans: []exifscrub.Span{{Off: c.data.Off + int64(len(sigExtension)), Len: guidLen}}}
	f.child(exifscrub.Child{Path: "APP1/ExtendedXMP", Format: "xmp", Spans: spans}, []privacy.Finding{id}, segmentsOf(cs)...)
	return nil
}

// flirHeader is the signature, a version, the number of this segment and that
// of the last.
const flirHeader = len(sigFLIR) + 3

// flir adds a FLIR file: the temperatures, and serial numbers and positions
// among them. Its segments count, so none of them is ever cut alone.
func (f *file) flir(c *carrier, later []*carrier) {
	number, last := len(sigFLIR)+1, len(sigFLIR)+2
	cs := following(c, later, func(o *carrier) bool {
		return o.is(0xE1, sigFLIR) && len(o.head) >= flirHeader && o.head[number] != 0 && o.head[last] == c.head[last]
	})
	ordered := sortBy(cs, func(c *carrier) uint32 { return uint32(c.head[number]) })
	if !ordered || cs[0].head[number] != 0 || len(cs) != int(c.head[last])+1 {
		f.unknown("APP1/FLIR", spansOf(cs)...)
		return
	}
	f.child(exifscrub.Child{Path: "APP1/FLIR", Format: "fff", Spans: from(int64(flirHeader), cs...), Fixed: true}, nil, segmentsOf(cs)...)
}

// photoshop adds Photoshop image resources. Segments go on where the one
// before them ended.
func (f *file) photoshop(c *carrier, later []*carrier) {
	cs := following(c, later, func(c *carrier) bool { return c.is(0xED, sigPhotoshop) })
	f.child(exifscrub.Child{Path: "APP13/Photoshop", Format: "psir", Spans: from(int64(len(sigPhotoshop)), cs...), Expendable: true}, nil, segmentsOf(cs)...)
}

// jumbfHeader is the signature, the number of the box (u16) and that of the
// segment (u32); the box header follows, in every segment.
const jumbfHeader = len(sigJUMBF) + 6

// jumbf adds a JUMBF superbox, such as a C2PA manifest. It is signed: whoever
// edits it invalidates it.
func (f *file) jumbf(c *carrier, later []*carrier) error {
	box := func(c *carrier) uint16 { return binary.BigEndian.Uint16(c.head[len(sigJUMBF):]) }
	cs := others(c, later, func(o *carrier) bool {
		return o.is(0xEB, sigJUMBF) && len(o.head) >= jumbfHeader+8 && box(o) == box(c)
	})
	what := privacy.Finding{Class: privacy.Provenance, Path: "APP11/JUMBF", Spans: spansOf(cs)}
	if !sortBy(cs, func(c *carrier) uint32 { return be32(c.head[len(sigJUMBF)+2:]) }) {
		f.finding(what, spansOf(cs)...)
		return nil
	}
	header := int64(8)
	if be32(cs[0].head[jumbfHeader:]) == 1 { // 64-bit length, ISO/IEC 19566-5, A.2
		header = 16
	}
	spans := append(from(int64(jumbfHeader), cs[0]), from(int64(jumbfHeader)+header, cs[1:]...)...)
	f.child(exifscrub.Child{Path: "APP11/JUMBF", Format: "jumbf", Spans: spans, Class: privacy.Provenance}, []privacy.Finding{what}, segmentsOf(cs)...)
	return nil
}

func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }

// readSpans returns the bytes of spans, which are at most max together. They
// must not be changed.
func (f *file) readSpans(spans []exifscrub.Span, max int64) ([]byte, error) {
	if len(spans) == 1 {
		return input.View(f.in, spans[0].Off, spans[0].Len, max)
	}
	var out []byte
	for _, s := range spans {
		b, err := input.View(f.in, s.Off, s.Len, max-int64(len(out)))
		if err != nil {
			return nil, err
		}
		out = append(out, b...)
	}
	return out, nil
}
