package jp2

import (
	"encoding/binary"

	"flightveil/exifscrub"
	"flightveil/internal/input"
)

// box is one box (T.800, I.4).
type box struct {
	kind             string
	start, body, end int64
}

func (b box) span() exifscrub.Span { return exifscrub.Span{Off: b.body, Len: b.end - b.body} }

// idLen is the length of the UUID at the start of a UUID box.
const idLen = 16

// free makes b a box of the same size without contents: a UUID box with the
// nil UUID or, where that has no room, a skip box.
func (b box) free(set *exifscrub.Patchset) {
	kind := "uuid"
	if b.end-b.body < idLen {
		kind = "skip"
	}
	set.Zero(b.body, b.end-b.body)
	set.Set(b.start+4, []byte(kind))
}

// next reads the header of the box at pos, which must end before end. ok is
// false if it does not; its end is then that of its parent.
func (p *parser) next(pos, end int64) (b box, ok bool, err error) {
	const short, long = 8, 16
	head, err := input.ReadRange(p.in, pos, min(end-pos, long), long)
	if err != nil || len(head) < short {
		return box{}, false, err
	}
	b = box{kind: string(head[4:8]), start: pos, body: pos + short, end: end}
	size := uint64(binary.BigEndian.Uint32(head))
	switch size {
	case 0: // to the end of the file
		return b, true, nil
	case 1:
		if len(head) < long {
			return b, false, nil
		}
		size = binary.BigEndian.Uint64(head[8:])
		b.body = pos + long
	}
	if size < uint64(b.body-pos) || size > uint64(end-pos) {
		return b, false, nil
	}
	b.end = pos + int64(size)
	return b, true, nil
}

// name returns the type of b as it can stand in a path: a value of the file
// cannot, so letters, digits and spaces only.
func (b box) name() string {
	for _, c := range []byte(b.kind) {
		if c != ' ' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return "box"
		}
	}
	return b.kind
}
