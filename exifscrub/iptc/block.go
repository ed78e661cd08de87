package iptc

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

const (
	marker   = 0x1C // IIM 4.2, 1.5(a): tag marker
	header   = 5    // marker, record, dataset, 16-bit length
	extended = 0x8000
	word     = 4
)

// block is a parsed IPTC block.
type block struct {
	data    []byte // in the right byte order
	swapped bool   // the file has the bytes of every word reversed
	utf8    bool   // 1:90 announces UTF-8
	sets    []set
}

// set is one dataset, or the rest of the block that is none.
type set struct {
	kind              kind
	start, value, end int64
	structure         bool
}

func parse(in exifscrub.Input, lim exifscrub.Limits) (*block, error) {
	lim = lim.Defaults()
	data, err := input.ReadRange(in, 0, in.Size(), lim.Field)
	if err != nil {
		return nil, fmt.Errorf("reading IPTC block: %w", err)
	}
	b := &block{data: data}
	if len(data) >= word && data[0] != marker && data[3] == marker {
		b.swapped = true
		b.data = swap(data)
	}
	for pos := int64(0); pos < int64(len(data)); {
		s, ok := b.next(pos)
		if !ok {
			b.rest(pos)
			break
		}
		if b.sets = append(b.sets, s); len(b.sets) > lim.Items {
			return nil, fmt.Errorf("more than %d datasets: %w", lim.Items, input.ErrLimit)
		}
		pos = s.end
	}
	return b, nil
}

// next reads the dataset at pos.
func (b *block) next(pos int64) (set, bool) {
	rest := b.data[pos:]
	if len(rest) < header || rest[0] != marker {
		return set{}, false
	}
	record, number := rest[1], rest[2]
	n := uint64(binary.BigEndian.Uint16(rest[3:]))
	rest = rest[header:]
	if n >= extended { // IIM 4.2, 1.5(b): the length of the length follows
		digits := n &^ extended
		if digits == 0 || digits > 8 || digits > uint64(len(rest)) {
			return set{}, false
		}
		n = 0
		for _, d := range rest[:digits] {
			n = n<<8 | uint64(d)
		}
		rest = rest[digits:]
	}
	if n > uint64(len(rest)) {
		return set{}, false
	}
	s := set{start: pos, value: int64(len(b.data) - len(rest))}
	s.end = s.value + int64(n)
	s.kind = kindOf(record, number)
	v := b.value(s)
	s.structure = s.kind.form != text && s.kind.isStructure(v)
	if s.kind.form == charset && s.structure {
		b.utf8 = string(v) == "\x1b%G" // ISO 2022: UTF-8
	}
	if s.kind.class == "" && !s.structure {
		s.kind.class = privacy.Unknown
	}
	return s, true
}

// rest accounts for what follows the last dataset: nothing but zeros is
// padding, anything else is unknown and goes as a whole.
func (b *block) rest(pos int64) {
	if len(bytes.Trim(b.data[pos:], "\x00")) == 0 {
		return
	}
	b.sets = append(b.sets, set{kind: kind{name: "Trailing", class: privacy.Unknown, form: binaryForm}, start: pos, value: pos, end: int64(len(b.data))})
}

func (b *block) value(s set) []byte { return b.data[s.value:s.end] }

// spans returns where the value of s lies in the file.
func (b *block) spans(s set) []exifscrub.Span {
	from, to := s.value, s.end
	if b.swapped {
		from, to = from/word*word, min(int64(len(b.data)), (to+word-1)/word*word)
	}
	return []exifscrub.Span{{Off: from, Len: to - from}}
}

// text returns the value of s for people.
func (b *block) text(s set) string {
	v := b.value(s)
	switch s.kind.form {
	case date:
		if isDate(v) {
			return string(v[:4]) + ":" + string(v[4:6]) + ":" + string(v[6:])
		}
	case clock:
		if len(v) >= 6 && v[2] != ':' {
			return string(v[:2]) + ":" + string(v[2:4]) + ":" + string(v[4:])
		}
	case number, charset, binaryForm:
		return strconv.Itoa(len(v)) + " bytes"
	}
	v = bytes.TrimRight(v, "\x00")
	if b.utf8 || utf8.Valid(v) {
		return string(bytes.ToValidUTF8(v, []byte("\ufffd")))
	}
	r := make([]rune, len(v)) // writers that announce nothing mean Latin-1
	for i, c := range v {
		r[i] = rune(c)
	}
	return string(r)
}

// newLen returns the edit that makes the length of s n. Removing metadata makes
// nothing longer, so that n fits wherever the old length did.
func (b *block) newLen(s set, n int64) exifscrub.Edit {
	digits := binary.BigEndian.AppendUint64(nil, uint64(n))
	width := s.value - s.start - header // of an extended length
	if width == 0 {
		width = 2
	}
	return exifscrub.Edit{Off: s.value - width, Len: width, With: digits[8-width:]}
}

// rewrite turns edits of the unswapped bytes into one edit of the same size:
// what was cut out is made up for by zeros at the end.
func (b *block) rewrite(edits []exifscrub.Edit) []exifscrub.Edit {
	out := make([]byte, 0, len(b.data))
	pos := int64(0)
	for _, e := range edits {
		out = append(append(out, b.data[pos:e.Off]...), e.With...)
		pos = e.Off + e.Len
	}
	out = append(out, b.data[pos:]...)
	out = append(out, make([]byte, len(b.data)-len(out))...)
	if out[0] == marker && out[3] == marker { // would be read in the other order
		clear(out)
	}
	return []exifscrub.Edit{{Len: int64(len(out)), With: swap(out)}}
}

// swap reverses the bytes of every 32-bit word. A last part of a word stays.
func swap(b []byte) []byte {
	out := bytes.Clone(b)
	for i := 0; i+word <= len(out); i += word {
		slices.Reverse(out[i : i+word])
	}
	return out
}
