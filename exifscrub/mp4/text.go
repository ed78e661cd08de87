package mp4

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"

	"flightveil/internal/geo"
)

// latin returns b as text without the zeros behind it: UTF-8 or, if it is none,
// ISO 8859-1.
func latin(b []byte) string {
	b = bytes.TrimRight(b, "\x00")
	if s := string(b); strings.ToValidUTF8(s, "") == s {
		return s
	}
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}

// utf returns a text of 3GPP user data: UTF-8, or UTF-16 with a mark, up to a
// zero. n is how many bytes it takes with that (TS 26.244, 8).
func utf(b []byte) (s string, n int) {
	if len(b) < 2 || !(b[0] == 0xFE && b[1] == 0xFF) {
		if i := bytes.IndexByte(b, 0); i >= 0 {
			return latin(b[:i]), i + 1
		}
		return latin(b), len(b)
	}
	var u []uint16
	for i := 2; i+2 <= len(b); i += 2 {
		c := uint16(b[i])<<8 | uint16(b[i+1])
		if c == 0 {
			return string(utf16.Decode(u)), i + 2
		}
		u = append(u, c)
	}
	return string(utf16.Decode(u)), len(b)
}

// iso6709 finds latitude and longitude in degrees, with what altitude and
// reference system follow (ISO 6709:2022, annex H).
var iso6709 = regexp.MustCompile(`([+-]\d{2}(?:\.\d{1,12})?)([+-]\d{3}(?:\.\d{1,12})?)([+-]\d{1,6}(?:\.\d{1,12})?)?(?:CRS[A-Za-z0-9_]{1,20})?/`)

// findISO6709 returns the first position in b.
func findISO6709(b []byte) (position, bool) {
	m := iso6709.FindSubmatch(b)
	if m == nil {
		return position{}, false
	}
	lat, err1 := strconv.ParseFloat(string(m[1]), 64)
	lon, err2 := strconv.ParseFloat(string(m[2]), 64)
	at := position{geo.Point{Lat: lat, Lon: lon}, string(m[0])}
	return at, err1 == nil && err2 == nil && at.Valid()
}

// leastDecimals is how exact a written position must be for a reader to find
// it in the cell that it is the centre of: the smallest cells are 100 m wide.
const leastDecimals = 4

// coarseISO6709 returns a writer of positions for b, which must hold one in
// decimal degrees and nothing else; nil if it is too short to hold a cell's
// centre. What stood behind the longitude becomes zeros bytes.
func coarseISO6709(b []byte) func(geo.Point) []byte {
	text := bytes.TrimRight(b, "\x00")
	m := iso6709.FindSubmatch(text)
	if m == nil || len(m[0]) != len(text) {
		return nil
	}
	decimals := func(s []byte) int { return max(0, len(s)-1-bytes.IndexByte(append(s[:len(s):len(s)], '.'), '.')) }
	lat, lon := decimals(m[1]), decimals(m[2])
	if lat < leastDecimals || lon < leastDecimals {
		return nil
	}
	return func(to geo.Point) []byte {
		s := degrees(to.Lat, 2, lat) + degrees(to.Lon, 3, lon) + "/"
		return append([]byte(s), make([]byte, max(0, len(b)-len(s)))...)
	}
}

func degrees(v float64, digits, decimals int) string {
	sign := "+"
	if v < 0 {
		sign = "-"
	}
	return sign + fmt.Sprintf("%0*.*f", digits+1+decimals, decimals, math.Abs(v))
}

var date = regexp.MustCompile(`^(?:19|20)\d{2}[-:/.]\d{2}[-:/.]\d{2}`)

// coarseDate returns a writer of the day in b: every digit behind the date
// becomes 0. It is nil if b does not begin with a date.
func coarseDate(b []byte) func(geo.Point) []byte {
	m := date.Find(b)
	if m == nil {
		return nil
	}
	return func(geo.Point) []byte {
		out := bytes.Clone(b)
		for i := len(m); i < len(out); i++ {
			switch c := out[i]; {
			case c >= '1' && c <= '9':
				out[i] = '0'
			case c == '-' && i > len(m): // the sign of a zone
				out[i] = '+'
			}
		}
		return out
	}
}

// element returns the text of the first XML element called tag, whatever its
// prefix, and where it is.
func element(xml []byte, tag string) (at int, text string, ok bool) {
	i := bytes.Index(xml, []byte(tag+">"))
	if i < 0 {
		return 0, "", false
	}
	at = i + len(tag) + 1
	n := bytes.IndexByte(xml[at:], '<')
	if n <= 0 || len(bytes.Trim(xml[at:at+n], "0 \x00")) == 0 {
		return 0, "", false
	}
	return at, string(xml[at : at+n]), true
}
