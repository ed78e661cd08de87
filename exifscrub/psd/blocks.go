package psd

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf16"

	"flightveil/exifscrub"
	"flightveil/internal/privacy"
)

const wholeDocument = "Document" // where blocks for the whole document are reported

// block is one block of additional layer information.
type block struct {
	key        string
	start, end int64 // with header and padding
	lenOff     int64
	width      int
	body       exifscrub.Span
}

// blocks reads the tagged blocks that fill the rest of r.
func (p *parser) blocks(r *reader, where string) error {
	for r.left() >= 12 {
		b, ok := p.next(r)
		if r.err != nil {
			return r.err
		}
		if !ok {
			break
		}
		if err := p.block(b, where); err != nil {
			return fmt.Errorf("block at %d: %w", b.start, err)
		}
	}
	return p.unknown(r, where+"/Trailing")
}

// next reads the block at r. Writers differ in how they pad and, in PSB, in
// which lengths have eight bytes: the reading after which the next block or the
// end follows is right.
func (p *parser) next(r *reader) (block, bool) {
	head := r.peek(8)
	if r.err != nil || len(head) < 8 || !isSignature(head) {
		return block{}, false
	}
	b := block{key: string(head[4:]), start: r.pos, lenOff: r.pos + 8}
	widths := []int{4}
	if p.wide {
		if widths = []int{4, 8}; string(head[:4]) == "8B64" || wideKeys[b.key] {
			widths = []int{8, 4}
		}
	}
	for _, w := range widths {
		t := reader{in: r.in, pos: b.lenOff, end: r.end}
		n := t.length(w)
		if t.err != nil {
			continue
		}
		b.width, b.body = w, exifscrub.Span{Off: t.pos, Len: n}
		t.skip(n)
		for range 4 {
			if t.left() == 0 || isSignature(t.peek(4)) || t.left() < 12 && t.zeros() {
				b.end = t.pos
				if t.left() < 12 {
					b.end = r.end
				}
				r.skip(b.end - b.start)
				return b, true
			}
			if c := t.bytes(1); c[0] != 0 {
				break
			}
		}
	}
	return block{}, false
}

func isSignature(b []byte) bool {
	return len(b) >= 4 && (string(b[:4]) == "8BIM" || string(b[:4]) == "8B64")
}

// block makes findings of b.
func (p *parser) block(b block, where string) error {
	cut := exifscrub.Edit{Off: b.start, Len: b.end - b.start}
	k, listed := keys[b.key]
	if nested := b.key == "Layr" || b.key == "Lr16" || b.key == "Lr32"; nested && where != wholeDocument {
		listed = false // layers have no layers
	}
	switch {
	case !listed:
		return p.finding(privacy.Unknown, where+"/"+printable(b.key), "", b.body.Off, b.body.Len, cut)
	case k.class == "" && b.body.Len <= k.most:
		return nil
	case k.class == "":
		return p.finding(privacy.Unknown, where+"/"+b.key, "", b.body.Off, b.body.Len, cut)
	}
	body := &reader{in: p.in, pos: b.body.Off, end: b.body.End()}
	switch b.key {
	case "Layr", "Lr16", "Lr32":
		p.lengths = append(p.lengths, length{off: b.lenOff, width: b.width, from: b.body.Off, n: b.body.Len})
		if b.body.Len == 0 {
			return nil
		}
		return p.layerInfo(body)
	case "luni":
		name := unicodeString(body.peek(4 + 2*255))
		if body.err != nil || name == "" && body.zerosAfter(4) {
			return body.err
		}
		return p.finding(k.class, where+"/LayerUnicodeNames", name, b.body.Off, b.body.Len, cut)
	case "shmd":
		return p.metadata(b, body, cut, where)
	}
	return p.finding(k.class, where+"/"+b.key, "", b.body.Off, b.body.Len, cut)
}

// metadata reads a layer's metadata. One that holds the time of the last change
// and nothing else is a time; any other is unknown, as plug-ins keep XMP and
// settings there.
func (p *parser) metadata(b block, r *reader, cut exifscrub.Edit, where string) error {
	const most = 160 // count, one item's header, a descriptor of one double
	key := []byte("layerTimedoub")
	v := r.peek(most)
	if r.err != nil {
		return r.err
	}
	at := bytes.Index(v, key)
	if b.body.Len > most || at < 0 || len(v)-at < len(key)+8 || len(v)-at > len(key)+8+3 || binary.BigEndian.Uint32(v) != 1 {
		return p.finding(privacy.Unknown, where+"/shmd", "", b.body.Off, b.body.Len, cut)
	}
	v = v[at+len(key):][:8]
	secs := math.Float64frombits(binary.BigEndian.Uint64(v))
	off := b.body.Off + int64(at+len(key))
	pt := part{gone: cut}
	text := ""
	if math.Abs(secs) < 1e11 { // else no time of ours
		const day = 24 * 60 * 60
		text = time.Unix(int64(secs), 0).UTC().Format("2006:01:02 15:04:05")
		midnight := math.Floor(secs/day) * day
		pt.coarse = exifscrub.Edit{Off: off, Len: 8, With: binary.BigEndian.AppendUint64(nil, math.Float64bits(midnight))}
	}
	pt.Finding = &privacy.Finding{Class: privacy.Time, Path: where + "/LayerModifyDates", Spans: []exifscrub.Span{{Off: off, Len: 8}}, Value: privacy.Secret(text)}
	return p.add(pt)
}

// zerosAfter reports whether all but the first n bytes left are zero.
func (r *reader) zerosAfter(n int64) bool {
	t := *r
	t.skip(min(n, t.left()))
	return t.zeros()
}

// unicodeString returns the UTF-16 text of b: its length, then the units.
func unicodeString(b []byte) string {
	if len(b) < 4 {
		return ""
	}
	n := binary.BigEndian.Uint32(b)
	b = b[4:]
	u := make([]uint16, min(uint64(n), uint64(len(b)/2)))
	for i := range u {
		u[i] = binary.BigEndian.Uint16(b[2*i:])
	}
	return strings.TrimRight(string(utf16.Decode(u)), "\x00")
}

// printable returns key if it is made of letters, digits and spaces, as all
// known ones are; a value of the file has no place in a path.
func printable(key string) string {
	for _, c := range []byte(key) {
		if c != ' ' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return "block"
		}
	}
	return strings.TrimRight(key, " ")
}
