package tiff

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"flightveil/internal/block/tiff"
	"flightveil/internal/privacy"
)

// blank reports whether a value that would tell something holds nothing.
func (d *doc) blank(e tiff.Entry, t tag) (bool, error) {
	switch e.Type {
	case tiff.ASCII, tiff.UTF8, tiff.Undefined, tiff.Byte:
	default:
		return e.Value.Len == 0, nil
	}
	if e.Value.Len > maxText || t.class == privacy.Exposure || e.Type == tiff.Byte && e.Value.Len <= 4 {
		return false, nil // a number: zero is one, too
	}
	b, err := d.r.Bytes(e, maxText)
	if e.Tag == tagUserComment && len(b) >= 8 {
		b = b[8:] // the name of the character set
	}
	if isDate(e.Tag) {
		return !bytes.ContainsAny(b, "123456789"), err
	}
	return len(bytes.Trim(b, " \x00")) == 0, err
}

// text returns the value of e for people, "" if it is not readable.
func (d *doc) text(e tiff.Entry) (privacy.Secret, error) {
	switch e.Type {
	case tiff.ASCII, tiff.UTF8, tiff.Undefined, tiff.Byte:
		b, err := d.r.Bytes(e, maxText)
		if s := d.decode(e.Tag, b); s != "" || e.Type != tiff.Byte && e.Type != tiff.Undefined || len(b) > 4 || err != nil {
			return privacy.Secret(s), err
		}
	case tiff.Rational, tiff.SRational:
		q, err := d.r.Ratios(e, 16)
		var out []string
		for _, v := range q {
			if f, ok := v.Float(); ok {
				out = append(out, number(f))
			} else {
				out = append(out, "undef")
			}
		}
		return privacy.Secret(strings.Join(out, " ")), err
	}
	v, err := d.r.Floats(e, 16)
	var out []string
	for _, f := range v {
		out = append(out, number(f))
	}
	return privacy.Secret(strings.Join(out, " ")), err
}

func number(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'g', 10, 64)
}

// decode makes text of the bytes of tag t.
func (d *doc) decode(t uint16, b []byte) string {
	switch {
	case t >= tagXPTitle && t <= tagXPSubject: // UTF-16, always little-endian
		return fromUTF16(b, binary.LittleEndian)
	case len(b) >= 8 && charset(b) != "": // Exif 3.0, 4.6.5 UserComment: character code, then text
		if charset(b) == "UNICODE\x00" {
			return fromUTF16(b[8:], d.tree.Order)
		}
		b = b[8:]
	}
	text := bytes.Trim(b, "\x00 ")
	if len(b) == 16 && !printable(text) { // digests and unique ids
		return strings.ToUpper(hex.EncodeToString(b))
	}
	// Several strings, or what an older value left behind.
	b = bytes.Join(bytes.FieldsFunc(text, func(r rune) bool { return r == 0 }), []byte{'\n'})
	if !printable(b) {
		return ""
	}
	if utf8.Valid(b) {
		return string(b)
	}
	r := make([]rune, len(b)) // Latin-1
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}

// charset returns the character code at the beginning of b.
func charset(b []byte) string {
	switch c := string(b[:8]); c {
	case "ASCII\x00\x00\x00", "UNICODE\x00", "JIS\x00\x00\x00\x00\x00", "\x00\x00\x00\x00\x00\x00\x00\x00":
		return c
	}
	return ""
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
	}
	return true
}

func fromUTF16(b []byte, o binary.ByteOrder) string {
	if len(b) >= 2 {
		switch {
		case b[0] == 0xFF && b[1] == 0xFE:
			o, b = binary.LittleEndian, b[2:]
		case b[0] == 0xFE && b[1] == 0xFF:
			o, b = binary.BigEndian, b[2:]
		}
	}
	var u []uint16
	for ; len(b) >= 2; b = b[2:] {
		u = append(u, o.Uint16(b))
	}
	s, _, _ := strings.Cut(string(utf16.Decode(u)), "\x00")
	return s
}
