package main

import (
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
)

// Numbers at which lengths, counts and offsets go wrong.
var edges = [...]uint64{0, 1, 2, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff, 1 << 32, 1<<63 - 1, 1 << 63, 1<<64 - 1}

// mutate returns data with one to six things wrong. The same data and number
// give the same. Number 0 is data itself.
func mutate(data []byte, number int) []byte {
	out := append([]byte(nil), data...)
	if number == 0 {
		return out
	}
	h := fnv.New64a()
	h.Write(data)
	rng := rand.New(rand.NewPCG(h.Sum64(), uint64(number)))
	for range 1 + rng.IntN(6) {
		if len(out) == 0 {
			break
		}
		out = damage(out, rng)
	}
	return out
}

// damage does one thing to b, which is not empty.
func damage(b []byte, rng *rand.Rand) []byte {
	at := place(b, rng)
	run := func() int { return min(len(b)-at, 1+rng.IntN(1<<rng.IntN(13))) }
	switch rng.IntN(12) {
	case 0, 1: // a bit
		b[at] ^= 1 << rng.IntN(8)
	case 2: // a byte
		b[at] = byte(rng.Uint32())
	case 3, 4, 5: // a number of some width
		width := 1 << rng.IntN(4)
		at = min(at, max(0, len(b)-width))
		var v [8]byte
		edge := edges[rng.IntN(len(edges))]
		if rng.IntN(4) == 0 {
			edge = uint64(len(b)) + edge%16 - 8
		}
		if rng.IntN(2) == 0 {
			binary.LittleEndian.PutUint64(v[:], edge)
			copy(b[at:], v[:width])
		} else {
			binary.BigEndian.PutUint64(v[:], edge)
			copy(b[at:], v[8-width:])
		}
	case 6: // the end is missing
		return b[:at]
	case 7: // a piece is missing
		return append(b[:at:at], b[at+run():]...)
	case 8: // a piece comes twice
		n := run()
		return append(append(b[:at+n:at+n], b[at:at+n]...), b[at+n:]...)
	case 9: // a piece from elsewhere
		n := run()
		from := rng.IntN(len(b) - n + 1)
		copy(b[at:at+n], append([]byte(nil), b[from:from+n]...))
	case 10: // something comes between
		n := 1 + rng.IntN(32)
		more := make([]byte, n)
		for i := range more {
			more[i] = byte(rng.Uint32())
		}
		return append(append(b[:at:at], more...), b[at:]...)
	case 11: // a run of the same
		c := []byte{0, 0xff, ' ', '9', byte(rng.Uint32())}[rng.IntN(5)]
		for i := range run() {
			b[at+i] = c
		}
	}
	return b
}

// place is where to damage: half of the time near the beginning, where headers
// are.
func place(b []byte, rng *rand.Rand) int {
	if rng.IntN(2) == 0 {
		return rng.IntN(min(len(b), 1024))
	}
	return rng.IntN(len(b))
}
