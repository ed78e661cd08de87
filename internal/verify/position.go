package verify

import (
	"encoding/binary"
	"math"
	"strconv"

	"flightveil/internal/geo"
)

// manyPoints is the number of positions from which on the rarer forms are left
// out: a log inside a file can have thousands, and then they stand in rows.
const manyPoints = 256

const (
	nearBinary = 64  // a latitude and a longitude in one record
	nearText   = 256 // in one XML element or line
)

// position adds the forms of p. Those that other data could have by chance
// count only as a pair of latitude and longitude.
func (b *builder) position(p geo.Point) {
	lat, lon := newCoordinate(p.Lat, 2), newCoordinate(p.Lon, 3)
	for _, o := range orders {
		b.floats(o, p.Lat, p.Lon, "degrees")
		b.floats(o, p.Lat*math.Pi/180, p.Lon*math.Pi/180, "radians")
		for _, scale := range []float64{1e7, 1e6} {
			b.pair("scaled integers", nearBinary,
				[2][]byte{b.word(o, uint32(int32(math.Round(p.Lat*scale)))), b.word(o, uint32(int32(p.Lat*scale)))},
				[2][]byte{b.word(o, uint32(int32(math.Round(p.Lon*scale)))), b.word(o, uint32(int32(p.Lon*scale)))})
		}
		b.pair("Exif rationals", nearBinary, lat.wholeSeconds(b, o), lon.wholeSeconds(b, o))
		if len(b.points) <= manyPoints {
			lat.rationals(b, o)
			lon.rationals(b, o)
		}
	}
	lat.text(b)
	lon.text(b)
	for cs := range charsets {
		if !b.there.mayHoldNumber(cs) {
			continue
		}
		b.pairIn(cs, "text of coordinates", nearText, lat.decimals(b, cs, 4), lon.decimals(b, cs, 4))
		b.pairIn(cs, "text of coordinates", nearText, lat.seconds(b, cs), lon.seconds(b, cs))
	}
}

type order interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

var orders = [...]order{binary.LittleEndian, binary.BigEndian}

// word returns v in four bytes.
func (b *builder) word(o order, v uint32) []byte {
	b.arena = o.AppendUint32(b.arena, v)
	return b.cut(4)
}

// words returns each of v in four bytes.
func (b *builder) words(o order, v ...float64) []byte {
	for _, x := range v {
		b.arena = o.AppendUint32(b.arena, uint32(x))
	}
	return b.cut(4 * len(v))
}

// floats adds a position as numbers of eight and four bytes. One of eight counts
// alone unless it is round, such as 45.5: without its lowest 16 bits, in which
// ways of computing it differ, and also as a float32 made longer.
func (b *builder) floats(o order, lat, lon float64, unit string) {
	double := func(v float64) []byte {
		b.arena = o.AppendUint64(b.arena, math.Float64bits(v))
		return b.cut(8)
	}
	b.pair("float64 "+unit, nearBinary, [2][]byte{double(lat)}, [2][]byte{double(lon)})
	b.pair("float32 "+unit, nearBinary,
		[2][]byte{b.word(o, math.Float32bits(float32(lat)))}, [2][]byte{b.word(o, math.Float32bits(float32(lon)))})
	for _, v := range []float64{lat, lon} {
		if uint32(math.Float64bits(v)) == 0 {
			continue
		}
		top := double(v)
		if o == order(binary.LittleEndian) {
			top = top[2:]
		} else {
			top = top[:6]
		}
		b.add(top, "float64 "+unit, "", needle{})
		b.add(double(float64(float32(v))), "float32 "+unit, "", needle{})
	}
}

// pair adds the forms of a latitude and a longitude in one encoding, which
// count if they are near each other.
func (b *builder) pair(what string, near int64, lat, lon [2][]byte) {
	b.pairIn(0, what, near, lat, lon)
}

// pairIn is pair for texts in a character set.
func (b *builder) pairIn(charset int, what string, near int64, lat, lon [2][]byte) {
	for _, p := range [][]byte{lat[0], lat[1], lon[0], lon[1]} {
		if p != nil && meagre(p) {
			return // a zero half would be found anywhere
		}
	}
	b.groups++
	for i, forms := range [][2][]byte{lat, lon} {
		for k, p := range forms {
			if p != nil && (k == 0 || string(p) != string(forms[0])) {
				b.add(p, what, charsets[charset], needle{group: b.groups, axis: uint8(i), near: near, begins: near == nearText, charset: uint8(charset)})
			}
		}
	}
}

// meagre reports whether a short pattern is mostly zero.
func meagre(pattern []byte) bool {
	n := 0
	for _, c := range pattern {
		if c != 0 {
			n++
		}
	}
	return n < 2
}

// A coordinate is one number of a position, without its sign.
type coordinate struct {
	v, deg, min, sec float64
	digits           int // of the degrees, where they have leading zeros
}

func newCoordinate(v float64, digits int) coordinate {
	c := coordinate{v: math.Abs(v), digits: digits}
	c.deg = math.Floor(c.v)
	c.min = math.Floor((c.v - c.deg) * 60)
	c.sec = ((c.v-c.deg)*60 - c.min) * 60
	if c.sec > 60-1e-6 { // 41.4° is 24', whatever floating point says
		c.min, c.sec = c.min+1, 0
	}
	if c.min == 60 {
		c.deg, c.min = c.deg+1, 0
	}
	return c
}

// wholeSeconds returns the rationals of Exif without fractions of a second.
func (c coordinate) wholeSeconds(b *builder, o order) [2][]byte {
	return [2][]byte{b.words(o, c.deg, 1, c.min, 1, math.Round(c.sec), 1), b.words(o, c.deg, 1, c.min, 1, math.Floor(c.sec), 1)}
}

// rationals adds the ways of Exif: degrees, minutes and seconds, each over a
// denominator of its own, and the shorter ones seen in files.
func (c coordinate) rationals(b *builder, o order) {
	// Programs round or cut off; what is between is written either way.
	both := func(v, den float64, rest func(float64) []byte) {
		if low, high := math.Floor(v*den), math.Ceil(v*den); high >= 1 {
			b.add(rest(high), "Exif rationals", "", needle{})
			if low >= 1 && low < high {
				b.add(rest(low), "Exif rationals", "", needle{})
			}
		}
	}
	for _, den := range []float64{10, 100, 1000, 1e4, 1e5, 1e6, 1e7} {
		both(c.sec, den, func(x float64) []byte { return b.words(o, c.deg, 1, c.min, 1, x, den) })
	}
	for _, den := range []float64{100, 1000, 1e4, 1e5, 1e6, 1e7} {
		both(math.Abs((c.v-c.deg)*60), den, func(x float64) []byte { return b.words(o, c.deg, 1, x, den, 0, 1) })
	}
	for _, den := range []float64{1e5, 1e6, 1e7} {
		both(c.v, den, func(x float64) []byte { return b.words(o, x, den) })
	}
}

// text adds decimal numbers as in XML, subtitles and ISO 6709, degrees with
// minutes as in XMP and NMEA, and degrees, minutes and seconds as people write
// them. What is cut off after some decimals is found whatever follows.
func (c coordinate) text(b *builder) {
	var buf [32]byte
	for cs := range charsets {
		if !b.there.mayHoldNumber(cs) {
			continue
		}
		if c.v >= 1 { // 0.12345 could be any number
			d := c.decimals(b, cs, 5)
			b.coordinate(d[0], cs)
			b.coordinate(d[1], cs)
		}
		for _, rounded := range []bool{false, true} {
			deg := strconv.AppendInt(buf[:0], int64(c.deg), 10)
			minutes := func(s []byte) []byte { return appendDecimal(s, c.min+c.sec/60, 4, rounded) }
			b.coordinate(b.chars(cs, minutes(append(deg, ','))), cs)
			if c.min < 10 {
				b.coordinate(b.chars(cs, minutes(append(deg, ",0"...))), cs)
			}
			b.coordinate(b.chars(cs, minutes(c.nmea(buf[:0]))), cs)
		}
		for _, unit := range []string{" deg ", "° "} {
			s := append(strconv.AppendInt(buf[:0], int64(c.deg), 10), unit...)
			s = append(strconv.AppendInt(s, int64(c.min), 10), "' "...)
			b.coordinate(b.chars(cs, append(strconv.AppendInt(s, int64(c.sec), 10), '.')), cs)
		}
	}
}

// nmea appends what stands before the minutes in NMEA: "041", or "0410" before
// minutes of one digit.
func (c coordinate) nmea(s []byte) []byte {
	s = appendPadded(s, c.deg, c.digits)
	if c.min < 10 {
		s = append(s, '0')
	}
	return s
}

func (b *builder) coordinate(pattern []byte, charset int) {
	b.add(pattern, "text of a coordinate", charsets[charset], needle{begins: true, charset: uint8(charset)})
}

// decimals returns c cut off and rounded to n decimals.
func (c coordinate) decimals(b *builder, charset, n int) [2][]byte {
	var buf [32]byte
	return [2][]byte{
		b.chars(charset, appendDecimal(buf[:0], c.v, n, false)),
		b.chars(charset, appendDecimal(buf[:0], c.v, n, true)),
	}
}

// seconds returns c as in XMP without fractions, and as in ISO 6709.
func (c coordinate) seconds(b *builder, charset int) [2][]byte {
	var buf [32]byte
	s := append(strconv.AppendInt(buf[:0], int64(c.deg), 10), ',')
	s = append(strconv.AppendInt(s, int64(c.min), 10), ',')
	xmp := b.chars(charset, strconv.AppendInt(s, int64(c.sec), 10))
	s = appendPadded(appendPadded(buf[:0], c.deg, c.digits), c.min, 2)
	return [2][]byte{xmp, b.chars(charset, append(appendPadded(s, c.sec, 2), '.'))}
}

func appendDecimal(s []byte, v float64, n int, rounded bool) []byte {
	if !rounded {
		scale := math.Pow10(n)
		v = math.Floor(v*scale) / scale
	}
	return strconv.AppendFloat(s, v, 'f', n, 64)
}

// appendPadded appends the whole part of v with leading zeros.
func appendPadded(s []byte, v float64, digits int) []byte {
	for limit := math.Pow10(digits - 1); limit > 1 && v < limit; limit /= 10 {
		s = append(s, '0')
	}
	return strconv.AppendInt(s, int64(v), 10)
}
