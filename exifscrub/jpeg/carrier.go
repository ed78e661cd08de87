package jpeg

import (
	"bytes"
	"fmt"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/privacy"
)

// Signatures with which the data of a segment begin.
const (
	sigJFIF      = "JFIF\x00"
	sigJFXX      = "JFXX\x00"
	sigExif      = "Exif\x00\x00"
	sigExifFF    = "Exif\x00\xFF" // written by some phones
	sigXMP       = "http://ns.adobe.com/xap/1.0/\x00"
	sigExtension = "http://ns.adobe.com/xmp/extension/\x00"
	sigFLIR      = "FLIR\x00"
	sigICC       = "ICC_PROFILE\x00"
	sigMPF       = "MPF\x00"
	sigGainMap   = "urn:iso:std:iso:ts:21496:-1\x00" // ISO/TS 21496-1
	sigJUMBF     = "JP"                              // ISO/IEC 19566-5, annex D
	sigPhotoshop = "Photoshop 3.0\x00"
	sigAdobe     = "Adobe\x00"
)

// headLen is how much of a segment is read to tell what it is.
const headLen = 80

// A carrier is a metadata segment on its way to becoming part of a block.
type carrier struct {
	segment
	index int    // among all segments
	head  []byte // the first bytes of its data
	used  bool   // belongs to a block already
}

func (c *carrier) is(marker byte, sig string) bool {
	return c.marker == marker && bytes.HasPrefix(c.head, []byte(sig))
}

func (c *carrier) isExif() bool { return c.is(0xE1, sigExif) || c.is(0xE1, sigExifFF) }

// name returns what the marker is called: "APP1", "COM".
func (c *carrier) name() string {
	if c.marker == mCOM {
		return "COM"
	}
	return fmt.Sprintf("APP%d", c.marker-mAPP0)
}

// segments turns the metadata segments into parts.
func (f *file) segments() error {
	var cs []*carrier
	for i, s := range f.segs {
		switch {
		case s.meta():
			head, err := f.begins(s, headLen)
			if err != nil {
				return fmt.Errorf("reading the segment at %d: %w", s.off, err)
			}
			cs = append(cs, &carrier{segment: s, index: i, head: head})
		case s.marker >= 0xF0 && s.marker != 0xF7 && s.marker != 0xF8:
			// JPG0 to JPG13 are reserved (T.81, table B.1); JPEG-LS took two of them.
			f.unknown(fmt.Sprintf("JPG%d", s.marker-0xF0), s.span())
		}
	}
	thermal, err := f.thermal(cs)
	if err != nil {
		return fmt.Errorf("reading thermal data: %w", err)
	}
	for i, c := range cs {
		if c.used {
			continue
		}
		c.used = true
		if err := f.carrier(c, cs[i+1:], thermal); err != nil {
			return fmt.Errorf("reading the segment at %d: %w", c.off, err)
		}
	}
	return nil
}

// carrier makes the part that c is or begins. later are the segments after it.
func (f *file) carrier(c *carrier, later []*carrier, thermal bool) error {
	switch {
	case c.is(0xE0, sigJFIF) && c.data.Len >= jfifLen:
		return f.jfif(c)
	case c.isExif():
		f.exif(c, later, thermal)
	case c.is(0xE1, sigXMP):
		return f.mainPacket(c)
	case c.is(0xE1, sigExtension):
		return f.extension(c, later)
	case c.is(0xE1, sigFLIR) && len(c.head) >= flirHeader:
		f.flir(c, later)
	case c.is(0xE2, sigICC) && len(c.head) >= iccHeader:
		return f.profile(c, later)
	case c.is(0xE2, sigMPF):
		return f.multiPicture(c)
	case c.is(0xE2, sigGainMap) && c.data.Len <= int64(len(sigGainMap))+256:
		f.technical("APP2/GainMap", c)
	case c.is(0xEB, sigJUMBF) && len(c.head) >= jumbfHeader+8:
		return f.jumbf(c, later)
	case c.is(0xED, sigPhotoshop):
		f.photoshop(c, later)
	case c.is(0xEE, sigAdobe) && c.data.Len >= adobeLen:
		return f.adobe(c)
	case c.marker == mCOM:
		return f.comment(c)
	default:
		return f.vendor(c, later)
	}
	return nil
}

// technical adds a segment that always stays.
func (f *file) technical(path string, cs ...*carrier) {
	what := privacy.Finding{Class: privacy.Technical, Path: path}
	p := part{edit: keep}
	for _, c := range cs {
		p.spans = append(p.spans, c.span())
		what.Spans = append(what.Spans, c.data)
	}
	p.items = []exifscrub.Item{{Finding: &what}}
	f.add(p)
}

// from returns the data of cs without their first n bytes.
func from(n int64, cs ...*carrier) []exifscrub.Span {
	var out []exifscrub.Span
	for _, c := range cs {
		n := min(n, c.data.Len)
		out = append(out, exifscrub.Span{Off: c.data.Off + n, Len: c.data.Len - n})
	}
	return out
}

// following takes the segments right behind c for which more reports true.
func following(c *carrier, later []*carrier, more func(*carrier) bool) []*carrier {
	out := []*carrier{c}
	for _, next := range later {
		if next.used || next.index != out[len(out)-1].index+1 || !more(next) {
			break
		}
		next.used = true
		out = append(out, next)
	}
	return out
}

// others takes the segments anywhere behind c for which more reports true.
func others(c *carrier, later []*carrier, more func(*carrier) bool) []*carrier {
	out := []*carrier{c}
	for _, next := range later {
		if !next.used && more(next) {
			next.used = true
			out = append(out, next)
		}
	}
	return out
}

func segmentsOf(cs []*carrier) []segment {
	var out []segment
	for _, c := range cs {
		out = append(out, c.segment)
	}
	return out
}

func spansOf(cs []*carrier) []exifscrub.Span {
	var out []exifscrub.Span
	for _, c := range cs {
		out = append(out, c.span())
	}
	return out
}

// sortBy orders cs by key and reports whether the keys are all different.
func sortBy(cs []*carrier, key func(*carrier) uint32) bool {
	slices.SortStableFunc(cs, func(a, b *carrier) int { return int(int64(key(a)) - int64(key(b))) })
	for i := 1; i < len(cs); i++ {
		if key(cs[i]) == key(cs[i-1]) {
			return false
		}
	}
	return true
}
