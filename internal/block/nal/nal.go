// Package nal finds what the supplemental enhancement information (SEI) of
// H.264 and H.265 streams gives away, and blanks it without changing a size.
//
// Specifications: ITU-T H.264 (08/2021) 7.3, Annex B and Annex D; ITU-T H.265
// (08/2021) 7.3 and Annexes B and D; ITU-T T.35; MISB ST 0604 for time stamps
// in SEI; ISO/IEC 14496-15 for the decoder configuration of files. The
// Modified DV Pack Metadata (MDPM) of AVCHD is not published: field numbers as
// reference readers know them.
//
// A SEI message is never needed to decode a picture. Not done: pictures are
// not decoded; H.266 and AV1 are not read.
package nal

import (
	"fmt"
	"io"
	"iter"

	"flightveil/internal/input"
)

// A Codec says which specification a stream follows.
type Codec int

const (
	H264 Codec = iota + 1
	H265
)

// MaxUnit is the longest SEI unit worth reading. Encoders write no longer ones.
const MaxUnit = 256 << 10

// head is the size of the header of a unit (H.264 7.3.1, H.265 7.3.1.2).
func (c Codec) head() int {
	if c == H265 {
		return 2
	}
	return 1
}

// IsSEI reports whether a unit that begins with first carries SEI.
func (c Codec) IsSEI(first byte) bool {
	if c == H265 {
		t := first >> 1 & 0x3F
		return t == 39 || t == 40 // before and after the picture (table 7-1)
	}
	return first&0x1F == 6 // table 7-1
}

// IsPicture reports whether a unit that begins with first carries coded
// picture data, so that what comes before a picture has ended.
func (c Codec) IsPicture(first byte) bool {
	if c == H265 {
		return first>>1&0x3F < 32
	}
	t := first & 0x1F
	return t >= 1 && t <= 5
}

// Units yields the units of a sample, which lies at s and where each unit has
// its length before it, in lengthSize bytes (ISO/IEC 14496-15, 4.3.3). A length
// that leaves the sample is an error and the last pair.
func Units(in input.Input, s input.Span, lengthSize int) iter.Seq2[input.Span, error] {
	return func(yield func(input.Span, error) bool) {
		if lengthSize < 1 || lengthSize > 4 {
			yield(input.Span{}, fmt.Errorf("unit lengths of %d bytes: %w", lengthSize, input.ErrUnsupported))
			return
		}
		for off := s.Off; off < s.End(); {
			b, err := input.ReadRange(in, off, min(int64(lengthSize), s.End()-off), 4)
			if err != nil || len(b) < lengthSize {
				yield(input.Span{}, fmt.Errorf("unit at %d: %w", off, io.ErrUnexpectedEOF))
				return
			}
			var n int64
			for _, v := range b {
				n = n<<8 | int64(v)
			}
			off += int64(lengthSize)
			if n > s.End()-off {
				yield(input.Span{}, fmt.Errorf("unit at %d leaves its sample: %w", off, io.ErrUnexpectedEOF))
				return
			}
			if n > 0 && !yield(input.Span{Off: off, Len: n}, nil) {
				return
			}
			off += n
		}
	}
}

// AnnexB yields where the units of a byte stream lie in b, without start codes
// and the zeros before those (H.264 B.1.1). The last one may go on behind b.
func AnnexB(b []byte) iter.Seq[input.Span] {
	return func(yield func(input.Span) bool) {
		start := -1
		emit := func(end int) bool {
			for start >= 0 && end > start && b[end-1] == 0 {
				end--
			}
			return start < 0 || end <= start || yield(input.Span{Off: int64(start), Len: int64(end - start)})
		}
		for i := 0; i+3 <= len(b); i++ {
			if b[i+2] > 1 { // no start code ends here or at the two bytes before
				i += 2
				continue
			}
			if b[i] == 0 && b[i+1] == 0 && b[i+2] == 1 {
				if !emit(i) {
					return
				}
				start = i + 3
				i += 2
			}
		}
		emit(len(b))
	}
}

// unescape returns unit without its emulation prevention bytes (H.264 7.4.1),
// and where in unit each byte, and the end, lies.
func unescape(unit []byte) (b []byte, at []int) {
	b = make([]byte, 0, len(unit))
	at = make([]int, 0, len(unit)+1)
	zeros := 0
	for i, v := range unit {
		if zeros >= 2 && v == 3 {
			zeros = 0
			continue
		}
		b, at = append(b, v), append(at, i)
		if v == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	return b, append(at, len(unit))
}

// escape appends b to dst with the emulation prevention it needs behind zeros
// zero bytes and before the byte next; next is -1 at the end of a unit.
func escape(dst, b []byte, zeros, next int) []byte {
	for _, v := range b {
		if zeros >= 2 && v <= 3 {
			dst, zeros = append(dst, 3), 0
		}
		dst = append(dst, v)
		if v == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	if zeros >= 2 && next >= 0 && next <= 3 {
		dst = append(dst, 3)
	}
	return dst
}
