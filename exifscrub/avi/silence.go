package avi

import (
	"encoding/binary"
	"fmt"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/input"
)

// Streams have no numbers of their own: the first list of headers is stream 0,
// and the names of chunks begin with that number. Where a stream leaves the
// file, those behind it get lower numbers, in their chunks and indexes.

// number returns what the number of s becomes.
func (e *editor) number(s *stream) int {
	n := s.number
	for _, o := range e.streams[:s.number] {
		if e.lost[o] {
			n--
		}
	}
	return n
}

func digits(n int) []byte { return fmt.Appendf(nil, "%02d", n) }

// headers makes JUNK of the headers of streams that leave and counts the rest.
func (e *editor) headers(heads []chunk) error {
	const counted, counter = 24, 4 // dwStreams of avih
	for _, h := range heads {
		if h.end-h.data < counted+counter {
			continue
		}
		b, err := input.ReadRange(e.in, h.data+counted, counter, counter)
		if err != nil {
			return err
		}
		left := uint32(len(e.streams) - len(e.lost))
		e.patch.Set(h.data+counted, binary.LittleEndian.AppendUint32(nil, min(left, binary.LittleEndian.Uint32(b))))
	}
	for _, s := range e.streams {
		if e.lost[s] {
			e.patch.Set(s.list.off, []byte("JUNK"))
			e.patch.Zero(s.list.off+head, s.list.end-s.list.off-head)
		} else if s.index.end-s.index.data >= indexName+4 && e.number(s) != s.number {
			e.patch.Set(s.index.data+indexName, digits(e.number(s)))
		}
	}
	return nil
}

// indexName is where an OpenDML index names the chunks it lists (section 3.0).
const indexName = 8

// rename puts the edits that give a chunk among the frames the number its
// stream has now.
func (e *editor) rename(c chunk, s *stream, put func(exifscrub.Edit)) {
	to := digits(e.number(s))
	switch {
	case e.number(s) == s.number:
	case strings.HasPrefix(c.name, "ix"):
		put(exifscrub.Edit{Off: c.off + 2, Len: 2, With: to})
		if c.end-c.data >= indexName+4 {
			put(exifscrub.Edit{Off: c.data + indexName, Len: 2, With: to})
		}
	default:
		put(exifscrub.Edit{Off: c.off, Len: 2, With: to})
	}
}

// index yields the edits of idx1 without the entries of what left; what it
// gets shorter by becomes JUNK.
func (e *editor) index(c chunk, yield func(exifscrub.Edit) bool) error {
	const entrySize, block = 16, 4096 * 16
	whole := c.data + (c.end-c.data)/entrySize*entrySize
	left := int64(0)
	for off := c.data; off < whole; off += block { // how much stays comes before what stays
		if err := e.remaining(off, min(block, whole-off), func(b []byte) { left += int64(len(b)) }); err != nil {
			return err
		}
	}
	if left < whole-c.data && !yield(exifscrub.Edit{Off: c.off + 4, Len: 4, With: binary.LittleEndian.AppendUint32(nil, uint32(left))}) {
		return nil
	}
	to := c.data
	for off := c.data; off < whole; off += block {
		var out []byte
		if err := e.remaining(off, min(block, whole-off), func(b []byte) { out = append(out, b...) }); err != nil {
			return err
		}
		if !yield(exifscrub.Edit{Off: to, Len: int64(len(out)), With: out}) {
			return nil
		}
		to += int64(len(out))
	}
	if to < whole && yield(exifscrub.Edit{Off: to, Len: head, With: binary.LittleEndian.AppendUint32([]byte("JUNK"), uint32(c.end-to-head))}) {
		yield(exifscrub.Edit{Off: to + head, Len: c.end - to - head, Zero: true})
	}
	return nil
}

// remaining calls f with the entries of an old index in n bytes at off that
// stay, as they become.
func (e *editor) remaining(off, n int64, f func(b []byte)) error {
	if err := e.ctx.Err(); err != nil {
		return err
	}
	b, err := input.ReadRange(e.in, off, n, n)
	if err != nil {
		return err
	}
	for ; len(b) >= 16; b = b[16:] {
		s := e.owner(string(b[:4]))
		switch {
		case s == nil:
			f(b[:16])
		case !e.lost[s]:
			f(append(digits(e.number(s)), b[2:16]...))
		}
	}
	return nil
}
