package mkv

import (
	"errors"
	"fmt"
	"io"
	"math/bits"

	"flightveil/exifscrub"
	"flightveil/internal/input"
)

// A node is an element: its id with the length marker, where it lies, and, in
// a master element, the elements in it.
type node struct {
	id             uint32
	off, data, end int64
	known          element
	parent         *node
	kids           []*node
	cut            bool // it claims more than the file holds
	live           bool // it does not say how long it is
}

func (n *node) span() exifscrub.Span { return exifscrub.Span{Off: n.off, Len: n.end - n.off} }
func (n *node) body() exifscrub.Span { return exifscrub.Span{Off: n.data, Len: n.end - n.data} }

// kid returns the first element id in n.
func (n *node) kid(id uint32) *node {
	for _, k := range n.kids {
		if k.id == id {
			return k
		}
	}
	return nil
}

var errBroken = errors.New("not an element")

// unknownSize says that an element ends where one begins that cannot lie in it
// (RFC 8794, section 6.2).
const unknownSize = -1

// header reads the head of the element at off: its id, the length of its head,
// and its size (RFC 8794, sections 5 and 6).
func (p *parser) header(off, end int64) (id uint32, head, size int64, err error) {
	if p.budget--; p.budget < 0 {
		return 0, 0, 0, fmt.Errorf("too many elements: %w", input.ErrLimit)
	}
	b, err := p.win.Head(off, min(12, end-off))
	if err != nil {
		return 0, 0, 0, err
	}
	if len(b) < 2 {
		return 0, 0, 0, fmt.Errorf("element at %d: %w", off, io.ErrUnexpectedEOF)
	}
	idLen := bits.LeadingZeros8(b[0]) + 1
	if idLen > 4 {
		return 0, 0, 0, fmt.Errorf("byte %d: %w", off, errBroken)
	}
	if len(b) <= idLen {
		return 0, 0, 0, fmt.Errorf("element at %d: %w", off, io.ErrUnexpectedEOF)
	}
	for _, v := range b[:idLen] {
		id = id<<8 | uint32(v)
	}
	v, n, all := vint(b[idLen:])
	if n == 0 {
		if bits.LeadingZeros8(b[idLen]) < 8 {
			return 0, 0, 0, fmt.Errorf("element at %d: %w", off, io.ErrUnexpectedEOF)
		}
		return 0, 0, 0, fmt.Errorf("size of the element at %d: %w", off, errBroken)
	}
	if size = int64(v); all {
		size = unknownSize
	}
	return id, int64(idLen + n), size, nil
}

// vint reads a number of variable length; n is 0 if it is cut or none. all
// says that all its bits are set.
func vint(b []byte) (v uint64, n int, all bool) {
	if len(b) == 0 {
		return 0, 0, false
	}
	n = bits.LeadingZeros8(b[0]) + 1
	if n > 8 || n > len(b) {
		return 0, 0, false
	}
	v = uint64(b[0]) & (1<<(8-n) - 1)
	for _, x := range b[1:n] {
		v = v<<8 | uint64(x)
	}
	return v, n, v == 1<<(7*n)-1
}

// voidHead returns the head of a Void element that is total bytes long with
// its head (RFC 8794, section 11.3.2).
func voidHead(total int64) []byte {
	for n := int64(1); n <= 8; n++ {
		size := total - 1 - n
		if size >= 0 && size < 1<<(7*n)-1 {
			b := make([]byte, 1+n)
			b[0] = idVoid
			for i := n; i > 0; i-- {
				b[i] = byte(size)
				size >>= 8
			}
			b[1] |= 0x80 >> (n - 1)
			return b
		}
	}
	return nil
}

// voidEdits returns the edits that make a Void element of s.
func voidEdits(s exifscrub.Span) []exifscrub.Edit {
	h := voidHead(s.Len)
	if h == nil { // a byte that the file's end leaves of an element
		return []exifscrub.Edit{{Off: s.Off, Len: s.Len, Zero: true}}
	}
	out := []exifscrub.Edit{{Off: s.Off, Len: int64(len(h)), With: h}}
	if rest := s.Len - int64(len(h)); rest > 0 {
		out = append(out, exifscrub.Edit{Off: s.Off + int64(len(h)), Len: rest, Zero: true})
	}
	return out
}

// number reads an unsigned integer of up to eight bytes.
func number(b []byte) (v uint64) {
	for _, x := range b {
		v = v<<8 | uint64(x)
	}
	return v
}

// bytesOf returns v in n bytes.
func bytesOf(v uint64, n int64) []byte {
	b := make([]byte, n)
	for i := n - 1; i >= 0; i-- {
		b[i] = byte(v)
		v >>= 8
	}
	return b
}
