package bmff

import (
	"fmt"
	"io"

	"flightveil/internal/input"
)

// A Stamp is a time in a header: seconds since 1904, in UTC (8.2.2.3).
type Stamp struct {
	Span    input.Span
	Seconds uint64
	Changed bool // when the thing was last modified, not when it was made
}

// Stamps returns the two times at the start of an mvhd, tkhd or mdhd box
// (8.2.2, 8.3.2, 8.4.2), if they are not zero.
func Stamps(in input.Input, b Box) ([]Stamp, error) {
	version, _, body, err := b.Full(in)
	if err != nil {
		return nil, err
	}
	width := int64(4)
	if version == 1 {
		width = 8
	}
	if b.End-body < 2*width {
		return nil, fmt.Errorf("%s box at %d: %w: %w", b.Name(), b.Start, ErrDamaged, io.ErrUnexpectedEOF)
	}
	raw, err := input.ReadRange(in, body, 2*width, 16)
	if err != nil {
		return nil, err
	}
	var out []Stamp
	for i := range int64(2) {
		s := Stamp{Span: input.Span{Off: body + i*width, Len: width}, Changed: i == 1}
		for _, c := range raw[i*width : (i+1)*width] {
			s.Seconds = s.Seconds<<8 | uint64(c)
		}
		if s.Seconds != 0 {
			out = append(out, s)
		}
	}
	return out, nil
}
