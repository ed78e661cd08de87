package verify

import (
	"encoding/binary"
	"encoding/xml"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// charsets are the ways of formats to write text. Latin-1 differs from UTF-8
// only in letters with accents.
var charsets = [...]string{"", "UTF-16LE", "UTF-16BE"}

// chars returns s, which is UTF-8, in a character set.
func (b *builder) chars(charset int, s []byte) []byte {
	from := len(b.arena)
	switch charset {
	case 1:
		b.arena = appendUTF16(b.arena, s, binary.LittleEndian)
	case 2:
		b.arena = appendUTF16(b.arena, s, binary.BigEndian)
	default:
		b.arena = append(b.arena, s...)
	}
	return b.cut(len(b.arena) - from)
}

func appendUTF16(to, s []byte, o binary.AppendByteOrder) []byte {
	for _, r := range string(s) {
		if r1, r2 := utf16.EncodeRune(r); r1 != utf8.RuneError {
			to = o.AppendUint16(o.AppendUint16(to, uint16(r1)), uint16(r2))
		} else {
			to = o.AppendUint16(to, uint16(r))
		}
	}
	return to
}

// cut returns the last n bytes of the arena, which holds all patterns.
func (b *builder) cut(n int) []byte { return b.arena[len(b.arena)-n : len(b.arena) : len(b.arena)] }

// text adds the forms of a text of at least min bytes.
func (b *builder) text(s string, min int, isTime bool) {
	s = strings.Trim(s, "\x00 \t\r\n")
	if len(s) < min || b.texts[s] || dull(s) {
		return
	}
	b.note(s)
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "")
	}
	b.encodings(s, "text")
	if strings.ContainsAny(s, "&<>\"'\t\r\n") || !utf8.ValidString(s) {
		var escaped strings.Builder
		xml.EscapeText(&escaped, []byte(s))
		b.encodings(escaped.String(), "text in XML")
	}
	if isTime {
		for _, t := range timeForms(s) {
			if t != s {
				b.encodings(t, "time")
			}
		}
	}
}

// note remembers that s was seen.
func (b *builder) note(s string) {
	if b.texts == nil {
		b.texts = map[string]bool{}
	}
	b.texts[s] = true
}

// encodings adds s in every character set.
func (b *builder) encodings(s, what string) {
	whole := len(strings.Trim(s, "0123456789")) == 0
	address := strings.HasPrefix(s, "http")
	for cs, name := range charsets {
		if b.there.mayHoldText(s, cs) {
			b.add(b.chars(cs, []byte(s)), what, name, needle{begins: whole, ends: whole, address: address, charset: uint8(cs)})
		}
	}
	if latin, ok := latin1(s); ok {
		b.add(latin, what, "Latin-1", needle{})
	}
}

// latin1 returns s in ISO 8859-1 where that differs from UTF-8.
func latin1(s string) (b []byte, ok bool) {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return nil, false
	}
	for _, r := range s {
		if r > 0xFF {
			return nil, false
		}
		ok = ok || r >= utf8.RuneSelf
		b = append(b, byte(r))
	}
	return b, ok
}

// stamp is a date and perhaps a time, as Exif, XMP, IPTC and most others write it.
var stamp = regexp.MustCompile(`^(\d{4})[:/-]?(\d\d)[:/-]?(\d\d)(?:[ T]+(\d\d):?(\d\d):?(\d\d))?`)

// timeForms returns the other ways to write a date and time.
func timeForms(s string) []string {
	m := stamp.FindStringSubmatch(s)
	if m == nil || m[1] == "0000" {
		return nil
	}
	day := []string{m[1] + ":" + m[2] + ":" + m[3], m[1] + "-" + m[2] + "-" + m[3], m[1] + m[2] + m[3]}
	if m[4] == "" {
		return day
	}
	clock := m[4] + ":" + m[5] + ":" + m[6]
	return append(day, day[0]+" "+clock, day[1]+"T"+clock, day[1]+" "+clock, day[2]+"T"+m[4]+m[5]+m[6])
}

// dull reports whether s says nothing about anybody.
func dull(s string) bool {
	if fewKinds(s) {
		return true // "000000000", "0000:00:00 00:00:00"
	}
	if before, after, ok := strings.Cut(s, ":"); ok && before != "" && before[0] >= 'a' && letters(before) && letters(after) {
		return true // the name of an XMP property: "dc:subject"
	}
	for _, word := range []string{"unknown", "default", "undefined", "untitled", "no name", "(none)", "normal", "standard"} {
		if strings.EqualFold(s, word) {
			return true
		}
	}
	return false
}

// fewKinds reports whether s has less than three different bytes but for
// spaces and punctuation.
func fewKinds(s string) bool {
	var kinds [2]byte
	n := 0
	for i := range len(s) {
		c := s[i]
		if strings.IndexByte(" .:-/+", c) >= 0 || n > 0 && c == kinds[0] || n > 1 && c == kinds[1] {
			continue
		}
		if n == 2 {
			return false
		}
		kinds[n] = c
		n++
	}
	return true
}

// letters reports whether s is a word in ASCII.
func letters(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") == ""
}
