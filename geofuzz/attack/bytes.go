package attack

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"

	"flightveil/internal/geo"
)

// A Trace is a true position found in the bytes of a file.
type Trace struct {
	Place  int    // which of those looked for
	Offset int64  // of the latitude
	As     string // how it is written
}

const (
	traceWindow = 3e-4 // degrees, about 33 m
	tracePair   = 64   // bytes between a latitude and its longitude, at most
	traceMost   = 100  // traces that are told
	textMost    = 24   // characters of a number
)

// Traces is A12: it looks for places in bytes, in every way that logs, photos
// and videos write positions: numbers in text (degrees, degrees and minutes, ten
// millionths), integers of ten millionths, semicircles, floats of four and eight
// bytes in degrees and radians, and the rationals of Exif; in either byte order.
// A latitude counts if its longitude stands next to it.
func Traces(b []byte, places []geo.Point) []Trace {
	s := scan{places: places, last: map[seenAt]int64{}, told: map[seenAt]bool{}}
	for i := 0; i < len(b) && len(s.out) < traceMost; {
		if n := number(b[i:]); n > 0 && (i == 0 || !digit(b[i-1]) && b[i-1] != '.') {
			s.text(b, i, n)
			i += n
			continue
		}
		i++
	}
	for i := range b {
		if len(s.out) >= traceMost {
			break
		}
		s.binary(b[i:], int64(i))
	}
	return s.out
}

type scan struct {
	places []geo.Point
	last   map[seenAt]int64
	told   map[seenAt]bool
	out    []Trace
}

// seenAt is one coordinate of a place in one way of writing.
type seenAt struct {
	place int
	lon   bool
	as    string
}

// value compares one number with all places. Refs give the sign of what is
// written without one.
func (s *scan) value(degrees float64, unsigned bool, at int64, as string) {
	if !(degrees >= -180 && degrees <= 180) || degrees == 0 {
		return
	}
	for i, p := range s.places {
		for _, lon := range []bool{false, true} {
			true_ := p.Lat
			window := traceWindow
			if lon {
				true_ = p.Lon
				window = min(0.01, traceWindow/max(1e-3, math.Cos(p.Lat*math.Pi/180)))
			}
			if d := degrees - true_; math.Abs(d) > window && !(unsigned && math.Abs(math.Abs(degrees)-math.Abs(true_)) <= window) {
				continue
			}
			k := seenAt{i, lon, as}
			s.last[k] = at
			other := seenAt{i, !lon, as}
			if o, ok := s.last[other]; ok && at-o <= tracePair && o != at && !s.told[seenAt{i, false, as}] {
				s.told[seenAt{i, false, as}] = true
				s.out = append(s.out, Trace{i, min(o, at), as})
			}
		}
	}
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// number is the length of a number in text that is long enough to be a
// coordinate, 0 if there is none.
func number(b []byte) int {
	n, digits := 0, 0
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		n++
	}
	for dot := false; n < len(b) && n < textMost; n++ {
		if digit(b[n]) {
			digits++
		} else if b[n] == '.' && !dot {
			dot = true
		} else {
			break
		}
	}
	if digits < 4 {
		return 0
	}
	return n
}

func (s *scan) text(b []byte, i, n int) {
	v, err := strconv.ParseFloat(string(bytes.TrimPrefix(b[i:i+n], []byte("+"))), 64)
	if err != nil {
		return
	}
	at := int64(i)
	if bytes.IndexByte(b[i:i+n], '.') >= 0 {
		s.value(v, true, at, "text, degrees")
		if a := math.Abs(v); a >= 100 { // NMEA: ddmm.mmmm
			d := math.Floor(a / 100)
			s.value(d+(a-100*d)/60, true, at, "text, degrees and minutes")
		}
		return
	}
	s.value(v*1e-7, false, at, "text, ten millionths")
	s.value(v*1e-6, false, at, "text, millionths")
	if n == 7 || n == 8 { // IGC: ddmmmmm, dddmmmmm
		d := math.Floor(v / 1e5)
		s.value(d+(v-d*1e5)/60_000, true, at, "text, degrees and minutes")
	}
}

// binary tries everything that could begin at one byte.
func (s *scan) binary(b []byte, at int64) {
	for k, o := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		way := [2]string{", little endian", ", big endian"}[k]
		if len(b) < 4 {
			return
		}
		u := o.Uint32(b)
		if v := float64(int32(u)); math.Abs(v) > 1e5 {
			s.value(v*1e-7, false, at, "integer of ten millionths"+way)
			s.value(v*180/(1<<31), false, at, "semicircles"+way)
		}
		if f := float64(math.Float32frombits(u)); math.Abs(f) > 1e-3 && math.Abs(f) <= 180 {
			s.value(f, false, at, "float32, degrees"+way)
			s.value(f*180/math.Pi, false, at, "float32, radians"+way)
		}
		if len(b) < 8 {
			continue
		}
		if f := math.Float64frombits(o.Uint64(b)); math.Abs(f) > 1e-3 && math.Abs(f) <= 180 {
			s.value(f, false, at, "float64, degrees"+way)
			s.value(f*180/math.Pi, false, at, "float64, radians"+way)
		}
		if len(b) < 24 || u > 180*1e7 {
			continue
		}
		if v, ok := rational(b, o); ok {
			s.value(v, true, at, "rationals"+way)
		}
	}
}

// rational reads degrees, minutes and seconds as Exif writes them.
func rational(b []byte, o binary.ByteOrder) (float64, bool) {
	sum := 0.0
	for k, unit := range []float64{1, 60, 3600} {
		num, den := float64(o.Uint32(b[8*k:])), float64(o.Uint32(b[8*k+4:]))
		if den == 0 || num/den > 180 || k > 0 && num/den >= 60.01 {
			return 0, false
		}
		sum += num / den / unit
	}
	return sum, true
}
