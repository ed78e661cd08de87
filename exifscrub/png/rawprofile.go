package png

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/icc"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// rawProfile begins the keyword of a block that ImageMagick, ExifTool and
// others write as text: a line feed, the name of the block, a line feed, its
// length in decimal, a line feed, and its bytes in hexadecimal, in lines.
const rawProfile = "raw profile type "

// rawProfile handles a raw profile called name.
func (p *parser) rawProfile(t text, name string) {
	path, ok := map[string]string{"exif": "EXIF_Profile", "app1": "APP1_Profile", "xmp": "XMP_Profile", "iptc": "IPTC_Profile",
		"8bim": "Photoshop_Profile", "icc": "ICC_Profile", "icm": "ICC_Profile"}[name]
	if !ok {
		path = "RawProfile"
	}
	path = t.chunk.kind + "/" + path
	span := t.chunk.span(t.from, t.chunk.size-t.over)
	head, block, err := "", []byte(nil), t.err
	if err == nil && !t.packed {
		if p.inflatable -= int64(len(t.plain)); p.inflatable < 0 {
			err = input.ErrLimit
		}
	}
	if err == nil {
		head, block, err = undump(t.plain)
	}
	if err != nil {
		p.unknown(t.chunk, path, span)
		return
	}
	if strings.HasPrefix(path, t.chunk.kind+"/ICC") && icc.Sound(block) {
		p.find(t.chunk, privacy.Finding{Class: privacy.Technical, Path: path, Spans: []exifscrub.Span{span}})
		return
	}
	format, from := inside(block)
	if format == "" {
		p.unknown(t.chunk, path, span)
		return
	}
	e := p.child(t.chunk, exifscrub.Child{Path: path, Format: format, Spans: []exifscrub.Span{span}, Decoded: block[from:], Recoded: true, Expendable: true})
	e.value = exifscrub.Span{Off: t.from, Len: t.chunk.size - t.from - t.over}
	e.recode = func(child []byte) ([]byte, error) {
		out := dump(head, append(block[:from:from], child...))
		if t.packed {
			return pack(out)
		}
		return out, nil
	}
}

// inside returns the format of block by its first bytes, because the names of
// raw profiles do not say it, and where it begins.
func inside(block []byte) (format string, from int) {
	const xmpPrefix = "http://ns.adobe.com/xap/1.0/\x00"
	begins := func(s string) bool { return bytes.HasPrefix(block, []byte(s)) }
	switch {
	case begins(prefix):
		return "tiff", len(prefix)
	case begins("II*\x00"), begins("MM\x00*"):
		return "tiff", 0
	case begins(xmpPrefix):
		return "xmp", len(xmpPrefix)
	case begins("8BIM"):
		return "psir", 0
	case begins("\x1c"):
		return "iptc", 0
	case begins("\xef\xbb\xbf<"), begins("<"):
		return "xmp", 0
	}
	return "", 0
}

var errDump = errors.New("not a raw profile")

// undump decodes the text of a raw profile. The length it states is often
// wrong and of no use. head is the name it gives, which is often not that of
// the keyword.
func undump(b []byte) (head string, block []byte, err error) {
	name, rest, ok := bytes.Cut(bytes.TrimPrefix(b, []byte("\n")), []byte("\n"))
	length, digits, ok2 := bytes.Cut(rest, []byte("\n"))
	if !ok || !ok2 || b[0] != '\n' || len(bytes.Trim(length, " 0123456789")) > 0 || len(length) > 20 || !isProfileName(name) {
		return "", nil, errDump
	}
	compact := make([]byte, 0, len(digits))
	for _, c := range digits {
		if c != '\n' && c != ' ' && c != '\r' {
			compact = append(compact, c)
		}
	}
	n, err := hex.Decode(compact, compact)
	if err != nil {
		return "", nil, errDump
	}
	return string(name), compact[:n], nil
}

// isProfileName reports whether b is one of the names writers give, and not a
// text that hides there.
func isProfileName(b []byte) bool {
	b = bytes.TrimSuffix(bytes.ToLower(b), []byte(" profile"))
	switch string(b) {
	case "", "exif", "app1", "xmp", "iptc", "8bim", "icc", "icm", "generic":
		return true
	}
	return false
}

// dump is the inverse of undump, in the form ImageMagick gives it: 36 bytes to
// a line.
func dump(head string, block []byte) []byte {
	out := fmt.Appendf(nil, "\n%s\n%8d\n", head, len(block))
	for len(block) > 0 {
		n := min(36, len(block))
		out = hex.AppendEncode(out, block[:n])
		out = append(out, '\n')
		block = block[n:]
	}
	return out
}
