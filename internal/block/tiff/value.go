package tiff

import (
	"bytes"
	"fmt"
	"iter"
	"math"

	"flightveil/internal/input"
)

// Type is the type of an entry's values.
type Type uint16

// Types: TIFF 6.0 section 2, TIFF Technical Note 1 (13), BigTIFF (16 to 18),
// Exif 3.0 (129).
const (
	Byte      Type = 1
	ASCII     Type = 2
	Short     Type = 3
	Long      Type = 4
	Rational  Type = 5
	SByte     Type = 6
	Undefined Type = 7
	SShort    Type = 8
	SLong     Type = 9
	SRational Type = 10
	Float     Type = 11
	Double    Type = 12
	IFDOffset Type = 13
	Long8     Type = 16
	SLong8    Type = 17
	IFD8      Type = 18
	UTF8      Type = 129
)

// Size returns how many bytes one value of type t takes, 0 for unknown types.
func (t Type) Size() int {
	switch t {
	case Byte, ASCII, SByte, Undefined, UTF8:
		return 1
	case Short, SShort:
		return 2
	case Long, SLong, Float, IFDOffset:
		return 4
	case Rational, SRational, Double, Long8, SLong8, IFD8:
		return 8
	}
	return 0
}

// Text reports whether t holds text.
func (t Type) Text() bool { return t == ASCII || t == UTF8 }

// Bytes returns the value of e as it is stored, at most limit bytes of it. The
// bytes must not be changed.
func (r Reader) Bytes(e Entry, limit int64) ([]byte, error) {
	if !e.Valid {
		return nil, fmt.Errorf("value of tag %04X: %w", e.Tag, errOutside)
	}
	n := min(e.Value.Len, limit)
	b, err := input.View(r.In, e.Value.Off, n, n)
	if err != nil {
		return nil, fmt.Errorf("value of tag %04X: %w", e.Tag, err)
	}
	return b, nil
}

// Text returns the text of e up to its first NUL, at most limit bytes.
func (r Reader) Text(e Entry, limit int64) (string, error) {
	b, err := r.Bytes(e, limit)
	b, _, _ = bytes.Cut(b, []byte{0})
	return string(b), err
}

// Integers yields the values of e, an entry of an integer type, without
// holding them all in memory. Other types yield nothing.
func (r Reader) Integers(e Entry) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		each := int64(e.Type.Size())
		if !e.Valid || each == 0 {
			return
		}
		switch e.Type {
		case Rational, SRational, Float, Double, ASCII, UTF8:
			return
		}
		buf := make([]byte, min(e.Value.Len, 8<<10))
		for done := int64(0); done < e.Value.Len; {
			b := buf[:min(int64(len(buf)), e.Value.Len-done)]
			if err := input.ReadFull(r.In, b, e.Value.Off+done); err != nil {
				yield(0, fmt.Errorf("value of tag %04X: %w", e.Tag, err))
				return
			}
			for i := int64(0); i < int64(len(b)); i += each {
				if !yield(r.integer(e.Type, b[i:]), nil) {
					return
				}
			}
			done += int64(len(b))
		}
	}
}

// Integer returns the first value of e. ok is false if there is none or e is
// not of an integer type.
func (r Reader) Integer(e Entry) (v int64, ok bool) {
	for v, err := range r.Integers(e) {
		return v, err == nil
	}
	return 0, false
}

// integer reads one integer. Unsigned ones beyond the signed range become the
// greatest: no offset, length or count can be as large.
func (r Reader) integer(t Type, b []byte) int64 {
	switch t {
	case SByte:
		return int64(int8(b[0]))
	case Short:
		return int64(r.Order.Uint16(b))
	case SShort:
		return int64(int16(r.Order.Uint16(b)))
	case Long, IFDOffset:
		return int64(r.Order.Uint32(b))
	case SLong:
		return int64(int32(r.Order.Uint32(b)))
	case SLong8:
		return int64(r.Order.Uint64(b))
	case Long8, IFD8:
		return int64(min(r.Order.Uint64(b), math.MaxInt64))
	}
	return int64(b[0])
}

// A Ratio is a rational value. Den 0 means that the value is not known.
type Ratio struct{ Num, Den int64 }

// Float returns r as a number; ok is false for a zero denominator.
func (r Ratio) Float() (v float64, ok bool) {
	if r.Den == 0 {
		return 0, false
	}
	return float64(r.Num) / float64(r.Den), true
}

// Ratios returns the first limit values of e, of type Rational or SRational.
func (r Reader) Ratios(e Entry, limit int) ([]Ratio, error) {
	if e.Type != Rational && e.Type != SRational {
		return nil, nil
	}
	b, err := r.Bytes(e, 8*int64(limit))
	if err != nil {
		return nil, err
	}
	var out []Ratio
	for ; len(b) >= 8; b = b[8:] {
		num, den := r.Order.Uint32(b), r.Order.Uint32(b[4:])
		if e.Type == SRational {
			out = append(out, Ratio{int64(int32(num)), int64(int32(den))})
		} else {
			out = append(out, Ratio{int64(num), int64(den)})
		}
	}
	return out, nil
}

// Floats returns the first limit values of e, of whatever numeric type, as
// numbers. A rational without value is NaN.
func (r Reader) Floats(e Entry, limit int) ([]float64, error) {
	var out []float64
	switch e.Type {
	case Rational, SRational:
		ratios, err := r.Ratios(e, limit)
		for _, q := range ratios {
			v, ok := q.Float()
			if !ok {
				v = math.NaN()
			}
			out = append(out, v)
		}
		return out, err
	case Float, Double:
		b, err := r.Bytes(e, int64(limit*e.Type.Size()))
		for ; len(b) >= e.Type.Size(); b = b[e.Type.Size():] {
			if e.Type == Float {
				out = append(out, float64(math.Float32frombits(r.Order.Uint32(b))))
			} else {
				out = append(out, math.Float64frombits(r.Order.Uint64(b)))
			}
		}
		return out, err
	}
	for v, err := range r.Integers(e) {
		if err != nil || len(out) == limit {
			return out, err
		}
		out = append(out, float64(v))
	}
	return out, nil
}
