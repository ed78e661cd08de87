// Package tracktext reads the numbers and times of text tracks without
// allocating: decimal degrees and ISO 8601 times as in GPX and KML.
package tracktext

import (
	"bytes"
	"math"
	"strconv"
	"time"
)

// tooLarge is beyond what a track can mean, so that sums stay finite.
const tooLarge = 1e15

// Float returns the decimal number in b, white space around it allowed. What
// is no finite number is not ok.
func Float(b []byte) (v float64, ok bool) {
	b = bytes.TrimSpace(b)
	if v, ok = short(b); ok {
		return v, true
	}
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil || !(math.Abs(v) < tooLarge) {
		return 0, false
	}
	return v, true
}

// pow10 holds the powers of ten that a float64 holds exactly.
var pow10 = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// short reads plain decimals of at most 15 digits. Both the digits and the
// power of ten are exact then, so their quotient is the nearest float64.
func short(b []byte) (float64, bool) {
	i, neg := 0, false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		i, neg = 1, b[0] == '-'
	}
	n, digits, frac, point := uint64(0), 0, 0, false
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case c >= '0' && c <= '9':
			n = n*10 + uint64(c-'0')
			if digits++; digits > 15 {
				return 0, false
			}
			if point {
				frac++
			}
		case c == '.' && !point:
			point = true
		default:
			return 0, false
		}
	}
	if digits == 0 {
		return 0, false
	}
	v := float64(n) / pow10[frac]
	if neg {
		v = -v
	}
	return v, true
}

// Time returns the time in b: 2006-01-02T15:04:05, with or without a fraction
// and a zone. A time without zone goes to local, held as if it were UTC.
func Time(b []byte) (utc, local time.Time, ok bool) {
	b = bytes.TrimSpace(b)
	if len(b) < 19 || b[4] != '-' || b[7] != '-' || b[10] != 'T' && b[10] != ' ' || b[13] != ':' || b[16] != ':' {
		return utc, local, false
	}
	year, ok1 := Digits(b[:4])
	month, ok2 := Digits(b[5:7])
	day, ok3 := Digits(b[8:10])
	hour, ok4 := Digits(b[11:13])
	minute, ok5 := Digits(b[14:16])
	sec, ok6 := Digits(b[17:19])
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) {
		return utc, local, false
	}
	t, ok := Date(year, month, day, hour, minute, sec)
	if !ok {
		return utc, local, false
	}
	rest := b[19:]
	if len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') {
		n, scale := 0, int(time.Second)
		for rest = rest[1:]; len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9'; rest = rest[1:] {
			if scale > 1 {
				scale /= 10
				n += int(rest[0]-'0') * scale
			}
		}
		t = t.Add(time.Duration(n))
	}
	switch {
	case len(rest) == 0:
		return utc, t, true
	case string(rest) == "Z" || string(rest) == "z":
		return t, local, true
	}
	zone, ok := offset(rest)
	return t.Add(-zone), local, ok
}

// offset reads +hh, +hhmm and +hh:mm.
func offset(b []byte) (time.Duration, bool) {
	if b[0] != '+' && b[0] != '-' || len(b) < 3 {
		return 0, false
	}
	h, ok := Digits(b[1:3])
	m, rest := 0, bytes.TrimPrefix(b[3:], []byte(":"))
	if ok && len(rest) > 0 {
		m, ok = Digits(rest)
		ok = ok && len(rest) == 2
	}
	if !ok || h > 18 || m > 59 {
		return 0, false
	}
	d := time.Duration(h*60+m) * time.Minute
	if b[0] == '-' {
		d = -d
	}
	return d, true
}

// Date returns a time in UTC if the numbers are those of one.
func Date(year, month, day, hour, minute, sec int) (time.Time, bool) {
	if year < 1 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || sec > 60 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, sec, 0, time.UTC)
	if sec < 60 && t.Day() != day {
		return time.Time{}, false
	}
	return t, true
}

// Digits returns the number of a few decimal digits.
func Digits(b []byte) (n int, ok bool) {
	if len(b) == 0 || len(b) > 9 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}
