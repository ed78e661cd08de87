package verify

import (
	"fmt"
	"sync"

	"flightveil/internal/input"
)

// pairs says which pairs of neighbouring bytes occur in a run of bytes. Nearly
// no removed value has all its pairs in what little of a cleaned file is
// searched, so most needles need not be made.
type pairs [1 << 16 / 64]uint64

// maxPairs bounds what is read to find the pairs: a longer run holds nearly all.
const maxPairs = 64 << 10

// pairsOf returns the pairs in what will be searched of clean, or nil if that
// is much or not known.
func pairsOf(clean File) (*pairs, error) {
	if clean.In == nil {
		return nil, nil
	}
	regions := outside(clean.Coded, clean.In.Size())
	var total int64
	for _, r := range regions {
		total += r.Len
	}
	if total > maxPairs {
		return nil, nil
	}
	p := pairTables.Get().(*pairs)
	*p = pairs{}
	for _, r := range regions {
		b, err := input.View(clean.In, r.Off, r.Len, r.Len)
		if err != nil {
			return nil, fmt.Errorf("searching the output: %w", err)
		}
		for i := 1; i < len(b); i++ {
			p.add(b[i-1], b[i])
		}
	}
	return p, nil
}

// pairTables are those that are done with.
var pairTables = sync.Pool{New: func() any { return new(pairs) }}

func (p *pairs) free() {
	if p != nil {
		pairTables.Put(p)
	}
}

func (p *pairs) add(a, b byte) {
	n := uint(a)<<8 | uint(b)
	p[n/64] |= 1 << (n % 64)
}

func (p *pairs) has(a, b byte) bool {
	n := uint(a)<<8 | uint(b)
	return p[n/64]&(1<<(n%64)) != 0
}

// mayHoldText reports whether the first letters of s, if they are ASCII, occur
// in a character set. That rules out most texts before they are encoded.
func (p *pairs) mayHoldText(s string, charset int) bool {
	if p == nil {
		return true
	}
	for i := 1; i < len(s) && s[i-1] < 0x80 && s[i] < 0x80; i++ {
		a, b := s[i-1], s[i]
		switch {
		case charset == 0 && !p.has(a, b),
			charset == 1 && !(p.has(a, 0) && p.has(0, b)),
			charset == 2 && !(p.has(0, a) && p.has(a, 0)):
			return false
		}
	}
	return true
}

// mayHoldNumber reports whether a digit occurs in a character set beside what
// stands in or behind the numbers of a coordinate.
func (p *pairs) mayHoldNumber(charset int) bool {
	if p == nil {
		return true
	}
	for _, c := range []byte(".,' \xC2\xB0") {
		switch charset {
		case 0:
			for d := byte('0'); d <= '9'; d++ {
				if p.has(d, c) {
					return true
				}
			}
		case 1:
			if p.has(0, c) && p.has(c, 0) {
				return true
			}
		case 2:
			if p.has(0, c) {
				return true
			}
		}
	}
	return false
}

// mayHold reports whether every pair of pattern occurs.
func (p *pairs) mayHold(pattern []byte) bool {
	if p == nil {
		return true
	}
	for i := 1; i < len(pattern); i++ {
		if !p.has(pattern[i-1], pattern[i]) {
			return false
		}
	}
	return true
}
