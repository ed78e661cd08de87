package mkv

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
	stdutf8 "unicode/utf8"

	"flightveil/exifscrub"
	"flightveil/internal/privacy"
)

// Random identifiers have 64 or 128 bits; smaller numbers only count.
const counted = 1 << 16

// refers says which identifiers a reference means.
var refers = map[uint32]uint32{
	0x63C5: idTrackUID, 0xE5: idTrackUID, 0xED: idTrackUID, 0x89: idTrackUID,
	0x63C9: 0x45BC, 0x63C4: 0x73C4, 0x63C6: 0x46AE, idAttachLink: 0x46AE,
}

// leaf handles an element that the specification names and that holds a value.
func (p *parser) leaf(n *node) error {
	size := n.end - n.data
	switch n.known.kind {
	case uint8s:
		if size > 8 {
			p.unknown(n, parentName(n))
		}
		return nil
	case uid, ref:
		if size > 8 {
			p.unknown(n, parentName(n))
			return nil
		}
		if n.known.kind == ref {
			p.refs = append(p.refs, n)
			return nil
		}
		b, err := p.read(n)
		if err != nil {
			return err
		}
		p.uids = append(p.uids, n)
		if v := number(b); v >= counted {
			p.find(p.finding(n, fmt.Sprint(v)), entry{act: renumber, node: n})
		}
		return nil
	case ascii:
		if n.known.class == "" {
			return p.plain(n)
		}
	case binaries:
		if n.known.class == "" {
			if n.id == idPrivate || n.id == idFileData || n.id == idTagBinary || size <= 4096 {
				return nil // looked at with what it lies in
			}
			p.unknown(n, parentName(n))
			return nil
		}
	}
	if n.known.class == "" { // the texts of tags are looked at together
		return nil
	}
	b, err := input2(p, n)
	if err != nil || len(bytes.Trim(b, "\x00 ")) == 0 {
		return err
	}
	act := makeVoid
	switch {
	case n.known.name == "MuxingApp" || n.known.name == "WritingApp" || n.id == idFileName: // must be there
		act = blankBody
		if n.id == idFileName && slices.Contains([]string{"cover.jpg", "small_cover.jpg", "cover_land.jpg", "small_cover_land.jpg", "cover.png", "small_cover.png", "cover_land.png", "small_cover_land.png"}, string(b)) {
			return nil // section 21.1.1: names with a meaning
		}
	case n.parent.id == idChDisplay || n.parent.id == idEdDisplay: // is nothing without its text
		p.find(p.finding(n, value(n, b)), entry{act: makeVoid, node: n.parent})
		return nil
	}
	p.find(p.finding(n, value(n, b)), entry{act: act, node: n})
	return nil
}

// input2 returns the beginning of n: values are shown, not kept.
func input2(p *parser, n *node) ([]byte, error) {
	b, err := p.win.Peek(n.data, min(n.end-n.data, 4096))
	return bytes.Clone(b), err
}

// plain adds a finding if a technical text is anything but a short name.
func (p *parser) plain(n *node) error {
	b, err := p.win.Head(n.data, min(n.end-n.data, maxName+1))
	if err == nil && !isName(b) && n.known.name != "BlockAddIDName" {
		p.unknown(n, parentName(n))
	}
	return err
}

// maxName is how long a name may be that is taken for technical.
const maxName = 64

func isName(b []byte) bool {
	b = bytes.TrimRight(b, "\x00")
	return len(b) <= maxName && !bytes.ContainsFunc(b, func(r rune) bool { return r <= ' ' || r > '~' })
}

func (p *parser) finding(n *node, v string) privacy.Finding {
	f := privacy.Finding{Class: n.known.class, Path: n.known.name, Spans: []exifscrub.Span{n.body()}, Value: privacy.Secret(v)}
	if in := parentName(n); in != "" {
		f.Path = in + "/" + f.Path
	}
	return f
}

// epoch is when the dates of Matroska begin (RFC 8794, section 7.6).
var epoch = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)

// value returns what is in an element as text.
func value(n *node, b []byte) string {
	switch n.known.kind {
	case date:
		if len(b) == 8 {
			ns := int64(binary.BigEndian.Uint64(b))
			return epoch.Add(time.Duration(ns)).Format("2006-01-02T15:04:05.999999999Z")
		}
	case ascii, utf8:
		if s := strings.TrimRight(string(b), "\x00"); stdutf8.ValidString(s) {
			return s
		}
	case binaries:
		if len(b) <= 32 {
			return fmt.Sprintf("%x", b)
		}
	}
	return fmt.Sprintf("%d bytes", n.end-n.data)
}

// danglingRefs adds findings about references to what is not in the file.
func (p *parser) danglingRefs() {
	type key struct {
		kind  uint32
		value uint64
	}
	there := map[key]bool{}
	for _, n := range p.uids {
		if b, err := p.read(n); err == nil {
			there[key{n.id, number(b)}] = true
		}
	}
	p.refs = slices.DeleteFunc(p.refs, func(n *node) bool {
		b, err := p.read(n)
		if v := number(b); err == nil && v >= counted && !there[key{refers[n.id], v}] {
			p.find(privacy.Finding{Class: privacy.Identity, Path: parentName(n) + "/" + n.known.name, Spans: []exifscrub.Span{n.body()}, Value: privacy.Secret(fmt.Sprint(v))}, entry{act: makeVoid, node: n})
			return true
		}
		return false
	})
}
