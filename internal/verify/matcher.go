package verify

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// A needle is a byte string to look for.
type needle struct {
	pattern []byte // minPattern bytes or more
	// A number is none in the middle of a longer one.
	begins, ends bool
	// A web address is none at the beginning of a longer one: XML namespaces
	// are named after home pages.
	address bool
	charset uint8 // index in charsets, to know what a letter looks like
	// Of a pattern too short or too plain to mean anything alone, two must be
	// near each other: those of one group that differ in axis.
	group int32 // 0: counts alone
	axis  uint8
	near  int64
}

const minPattern = 4

// A matcher finds all its needles in one pass. It looks at every second
// position, takes three bytes, and asks a small table whether any needle has
// these three at its anchor or one byte further on: one of the two falls on a
// position that is looked at. Anchors are chosen among the least common bytes
// of a needle, because files are full of zeros and spaces.
type matcher struct {
	needles []needle
	longest int
	filter  *[1 << 16 / 32]uint32 // one bit for each hash
	heads   []int32               // by the low bits of the hash: 1 + index of the first window
	windows []window
}

type window struct {
	needle int32
	at     int32 // offset in the needle
	next   int32 // 1 + index of the next with the same hash
}

func newMatcher(needles []needle) matcher {
	m := matcher{needles: needles, filter: new([1 << 16 / 32]uint32)}
	m.heads = make([]int32, 1<<min(16, bits.Len(uint(len(needles)))))
	m.windows = make([]window, 0, 2*len(needles))
	for i, n := range needles {
		m.longest = max(m.longest, len(n.pattern))
		at := anchor(n.pattern)
		for _, at := range []int{at, at + 1} {
			h := hash(three(n.pattern[at:]))
			m.filter[h>>5] |= 1 << (h & 31)
			head := &m.heads[h&uint32(len(m.heads)-1)]
			m.windows = append(m.windows, window{int32(i), int32(at), *head})
			*head = int32(len(m.windows))
		}
	}
	return m
}

func three(b []byte) uint32 { return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 }

// hash spreads the low three bytes of w over 16 bits.
func hash(w uint32) uint32 { return w << 8 * 0x9E3779B1 >> 16 }

// anchor returns where in pattern the two windows are least common.
func anchor(pattern []byte) int {
	best, least := 0, 1<<30
	this := cost(pattern)
	for at := 0; at+4 <= len(pattern) && least > 2; at++ {
		next := cost(pattern[at+1:])
		if this+next < least {
			best, least = at, this+next
		}
		this = next
	}
	return best
}

// cost says how common the first three bytes of w are in files, roughly:
// filling is everywhere, digits and repeated letters are in many places.
func cost(w []byte) int {
	c := 1
	for k, x := range w[:3] {
		switch {
		case x == 0 || x == ' ' || x == 0xFF:
			c *= 8
		case k > 0 && x == w[k-1]:
			c *= 4
		case digit(x):
			c *= 2
		}
	}
	return c
}

// scan calls found with every needle in b and where it begins, if it ends in
// from..to.
func (m *matcher) scan(b []byte, from, to int, found func(needle, at int)) {
	if len(m.needles) == 0 {
		return
	}
	i := 0
	for {
		i += skip(m.filter, b[i:])
		if len(b)-i < stride+2 {
			break
		}
		for end := i + stride; i < end; i += 2 {
			m.check(b, i, hash(three(b[i:])), from, to, found)
		}
	}
	for ; i+3 <= len(b); i += 2 {
		m.check(b, i, hash(three(b[i:])), from, to, found)
	}
}

// stride is how far skip goes at a time.
const stride = 6

// skip returns how many bytes b begins with, in strides, in which no window is
// anywhere near a needle. This is where the time goes.
func skip(filter *[1 << 16 / 32]uint32, b []byte) (n int) {
	for ; len(b) >= 8; n, b = n+stride, b[stride:] {
		x := binary.LittleEndian.Uint64(b)
		h0, h1, h2 := hash(uint32(x)), hash(uint32(x>>16)), hash(uint32(x>>32))
		if filter[h0>>5]&(1<<(h0&31)) != 0 || filter[h1>>5]&(1<<(h1&31)) != 0 || filter[h2>>5]&(1<<(h2&31)) != 0 {
			return n
		}
	}
	return n
}

// check compares b with the needles whose window at i has the hash h.
func (m *matcher) check(b []byte, i int, h uint32, from, to int, found func(needle, at int)) {
	for next := m.heads[h&uint32(len(m.heads)-1)]; next > 0; {
		w := m.windows[next-1]
		next = w.next
		n := &m.needles[w.needle]
		at := i - int(w.at)
		end := at + len(n.pattern)
		if at < 0 || end > len(b) || end < from || end > to || !bytes.Equal(b[at:end], n.pattern) {
			continue
		}
		before, behind := letter(b[max(0, at-2):at], n.charset, true), letter(b[end:min(len(b), end+2)], n.charset, false)
		if n.begins && digit(before) || n.ends && digit(behind) || n.address && inAddress(behind) {
			continue
		}
		found(int(w.needle), at)
	}
}

// letter returns the ASCII letter that b, the two bytes before or behind a
// text, hold next to it, or 0.
func letter(b []byte, charset uint8, before bool) byte {
	switch {
	case charset == 0 && len(b) > 0:
		if before {
			return b[len(b)-1]
		}
		return b[0]
	case charset == 1 && len(b) == 2 && b[1] == 0:
		return b[0]
	case charset == 2 && len(b) == 2 && b[0] == 0:
		return b[1]
	}
	return 0
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func inAddress(c byte) bool {
	return digit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '/' || c == '-' || c == '_' || c == '#' || c == '?'
}
