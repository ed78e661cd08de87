package main

import (
	"encoding/binary"
	"slices"
)

// The pictures are made of 8x8 blocks of one colour, with tables so small that
// the coded data can be followed by hand (ITU-T T.81, annexes B and F).

// jpegSegment returns a segment.
func jpegSegment(marker byte, parts ...string) []byte {
	n := 2
	for _, p := range parts {
		n += len(p)
	}
	out := binary.BigEndian.AppendUint16([]byte{0xFF, marker}, uint16(n))
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// A jpegPicture says what to draw.
type jpegPicture struct {
	width, height int // multiples of 8
	components    int
	seed          int // of the colours
	restart       int // blocks between restart markers, 0 for none
	progressive   bool
	between       []byte // metadata between the scans of a progressive picture
}

// tables returns quantisation tables of ones, the frame header and Huffman
// tables: twelve codes of four bits for DC sizes, one bit for "no AC".
func (p jpegPicture) tables() []byte {
	frame := []byte{8, byte(p.height >> 8), byte(p.height), byte(p.width >> 8), byte(p.width), byte(p.components)}
	for c := range p.components {
		frame = append(frame, byte(c+1), 0x11, 0)
	}
	sof := byte(0xC0)
	if p.progressive {
		sof = 0xC2
	}
	ones := make([]byte, 65)
	for i := range ones {
		ones[i] = 1
	}
	ones[0] = 0
	dc := slices.Concat([]byte{0x00, 0, 0, 0, 12}, make([]byte, 12), []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
	ac := slices.Concat([]byte{0x10, 1}, make([]byte, 15), []byte{0})
	out := slices.Concat(jpegSegment(0xDB, string(ones)), jpegSegment(sof, string(frame)), jpegSegment(0xC4, string(dc)), jpegSegment(0xC4, string(ac)))
	if p.restart > 0 {
		out = append(out, jpegSegment(0xDD, string([]byte{0, byte(p.restart)}))...)
	}
	return out
}

// scans returns the scan headers, the coded data and EOI.
func (p jpegPicture) scans() []byte {
	all := make([]int, p.components)
	for i := range all {
		all[i] = i
	}
	if !p.progressive {
		return append(p.scan(all, 0, 63), 0xFF, 0xD9)
	}
	out := append(p.scan(all, 0, 0), p.between...)
	for i := range all {
		out = append(out, p.scan(all[i:i+1], 1, 63)...)
	}
	return append(out, 0xFF, 0xD9)
}

func (p jpegPicture) scan(components []int, first, last byte) []byte {
	head := []byte{byte(len(components))}
	for _, c := range components {
		head = append(head, byte(c+1), 0)
	}
	out := jpegSegment(0xDA, string(append(head, first, last, 0)))
	w := bitWriter{out: out}
	level := make([]int, len(components))
	for block := range p.width / 8 * (p.height / 8) {
		if p.restart > 0 && block > 0 && block%p.restart == 0 {
			w.flush()
			w.out = append(w.out, 0xFF, 0xD0+byte(block/p.restart-1)%8)
			clear(level)
		}
		for i := range components {
			if first == 0 {
				next := (block*37+i*101+p.seed*59)%1000 - 500
				w.difference(next - level[i])
				level[i] = next
			}
			if last > 0 {
				w.bits(0, 1) // no AC coefficients
			}
		}
	}
	w.flush()
	return w.out
}

type bitWriter struct {
	out  []byte
	acc  int
	have int
}

func (w *bitWriter) bits(v, n int) {
	for n--; n >= 0; n-- {
		w.acc = w.acc<<1 | v>>n&1
		if w.have++; w.have == 8 {
			w.out = append(w.out, byte(w.acc))
			if byte(w.acc) == 0xFF {
				w.out = append(w.out, 0)
			}
			w.acc, w.have = 0, 0
		}
	}
}

// difference writes a DC difference: its size, then its bits (T.81, F.1.2.1).
func (w *bitWriter) difference(v int) {
	size := 0
	for m := max(v, -v); m > 0; m >>= 1 {
		size++
	}
	w.bits(size, 4)
	if v < 0 {
		v += 1<<size - 1
	}
	w.bits(v, size)
}

func (w *bitWriter) flush() {
	for w.have > 0 {
		w.bits(1, 1)
	}
}

// jpegFile returns a picture with metadata before its tables.
func jpegFile(p jpegPicture, segments ...[]byte) []byte {
	return slices.Concat([]byte{0xFF, 0xD8}, slices.Concat(segments...), p.tables(), p.scans())
}
