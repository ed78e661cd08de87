package edgetx

import (
	"bytes"
	"math"

	"flightveil/internal/block/lines"
	"flightveil/logfmt"
)

// A coordinate is one of the two numbers of a position, as radios write it:
// "31.166881" since OpenTX 2.2, "12121.3747E" (degrees and minutes) before, or
// with signs, as in "N 31°10.0'".
type coordinate struct {
	degrees float64
	side    byte // N, S, E or W; 0 if it has none
}

// position reads a cell with both, in the order of their sides, or latitude
// first. It is not ok if there is anything else in the cell.
func position(b []byte) (p logfmt.Point, ok bool) {
	first, rest, ok := parse(b)
	if !ok {
		return p, false
	}
	second, rest, ok := parse(bytes.TrimLeft(rest, " ,;"))
	if !ok || len(bytes.TrimSpace(rest)) > 0 {
		return p, false
	}
	return pair(first, second)
}

// plain reads "31.166881 121.356245", which nearly all logs have: decimal
// degrees without sides.
func plain(b []byte) (p logfmt.Point, ok bool) {
	lat, n := lines.Number(b, '.')
	if n == 0 || n == len(b) || b[n] != ' ' || minutes(b[:n]) {
		return p, false
	}
	lon, k := lines.Number(b[n+1:], '.')
	if k == 0 || n+1+k != len(b) || minutes(b[n+1:]) {
		return p, false
	}
	p = logfmt.Point{Lat: lat, Lon: lon}
	return p, p.Valid()
}

// alone reads a cell with one coordinate.
func alone(b []byte) (coordinate, bool) {
	c, rest, ok := parse(b)
	return c, ok && len(bytes.TrimSpace(rest)) == 0
}

// pair puts two coordinates together. Both have a side, or neither.
func pair(a, b coordinate) (p logfmt.Point, ok bool) {
	if a.east() || b.north() {
		a, b = b, a
	}
	p = logfmt.Point{Lat: a.degrees, Lon: b.degrees}
	return p, (a.side == 0) == (b.side == 0) && !a.east() && !b.north() && p.Valid()
}

func (c coordinate) east() bool  { return c.side == 'E' || c.side == 'W' }
func (c coordinate) north() bool { return c.side == 'N' || c.side == 'S' }

// Signs behind degrees, minutes and seconds. The degree sign is that of UTF-8,
// of Latin-1, or the place it has in the radio's own character set.
var (
	degreeSigns = [][]byte{[]byte("\u00B0"), []byte("\u00BA"), {0xB0}, {'@'}}
	minuteSigns = [][]byte{{'\''}, []byte("\u2032"), []byte("\u2019")}
	secondSigns = [][]byte{{'"'}, []byte("''"), []byte("\u2033"), []byte("\u201D")}
)

// parse reads a coordinate from the beginning of b.
func parse(b []byte) (c coordinate, rest []byte, ok bool) {
	b = c.takeSide(b)
	degrees, n := lines.Number(b, '.')
	if n == 0 {
		return c, b, false
	}
	text, b := b[:n], b[n:]
	minus := text[0] == '-'
	degrees = math.Abs(degrees)
	rest, marked := after(b, degreeSigns)
	switch {
	case marked:
		b = bytes.TrimLeft(rest, " ")
		for unit, signs := range [][][]byte{minuteSigns, secondSigns} {
			v, n := lines.Number(b, '.')
			if n == 0 || b[0] == '-' || b[0] == '+' {
				break
			}
			rest, signed := after(b[n:], signs)
			if !signed && unit == 1 { // what follows is the other coordinate
				break
			}
			if v >= 60 {
				return c, b, false
			}
			degrees += v / []float64{60, 3600}[unit]
			if b = rest; !signed {
				break
			}
			b = bytes.TrimLeft(b, " ")
		}
	case minutes(text):
		whole := math.Trunc(degrees / 100)
		if degrees -= 100 * whole; degrees >= 60 {
			return c, b, false
		}
		degrees = whole + degrees/60
		if c.side == 0 {
			if b = c.takeSide(b); c.side == 0 { // no radio leaves it out
				return c, b, false
			}
		}
	}
	if c.side == 0 {
		b = c.takeSide(b)
	}
	if c.side != 0 && minus {
		return c, b, false
	}
	if c.degrees = degrees; minus || c.side == 'S' || c.side == 'W' {
		c.degrees = -degrees
	}
	return c, b, true
}

// takeSide takes a letter at the beginning of b, with space around.
func (c *coordinate) takeSide(b []byte) []byte {
	t := bytes.TrimLeft(b, " ")
	if len(t) == 0 {
		return b
	}
	switch t[0] {
	case 'N', 'S', 'E', 'W':
		c.side = t[0]
		return bytes.TrimLeft(t[1:], " ")
	}
	return b
}

func after(b []byte, signs [][]byte) ([]byte, bool) {
	for _, s := range signs {
		if rest, ok := bytes.CutPrefix(b, s); ok {
			return rest, true
		}
	}
	return b, false
}

// minutes reports whether a number is of the form dddmm.mmmm. OpenTX before
// 2.2 wrote at least three digits, and four behind the point.
func minutes(b []byte) bool {
	dot := bytes.IndexByte(b, '.')
	return dot >= 3 && len(b)-dot-1 == 4
}
