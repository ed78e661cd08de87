package tabular

import (
	"bytes"
	"math"
	"time"

	"flightveil/internal/block/lines"
	"flightveil/logfmt"
)

// numbers reads up to len(v) runs of digits, one byte between each.
func numbers(b []byte, v []int) (n int, rest []byte) {
	for n < len(v) {
		x, k := lines.Uint(b)
		if k == 0 {
			return n, b
		}
		v[n] = x
		n++
		b = b[k:]
		if n < len(v) && len(b) > 0 {
			b = b[1:]
		}
	}
	return n, b
}

func date(y, mo, d, h, mi, s int) time.Time {
	if y < 1990 || y > 2200 || mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || s > 60 {
		return time.Time{}
	}
	return time.Date(y, time.Month(mo), d, h, mi, s, 0, time.UTC)
}

// Fraction reads ".123", ",123" or ":123" as a part of a second.
func Fraction(b []byte) time.Duration {
	if len(b) < 2 || b[0] != '.' && b[0] != ',' && b[0] != ':' {
		return 0
	}
	d, unit := time.Duration(0), 100*time.Millisecond
	for _, c := range b[1:] {
		if c < '0' || c > '9' || unit == 0 {
			break
		}
		d += time.Duration(c-'0') * unit
		unit /= 10
	}
	return d
}

// follows reports whether b may stand behind a time: nothing, a fraction, a zone.
func follows(b []byte) bool {
	return len(b) == 0 || bytes.IndexByte([]byte(".,:Zz+- UG"), b[0]) >= 0
}

// Stamp reads "2018-04-19T16:01:38.252" and its like: year first, any signs
// between. The zero time means it is none.
func Stamp(b []byte) time.Time {
	var v [6]int
	n, rest := numbers(b, v[:])
	if n < 6 || !follows(rest) {
		return time.Time{}
	}
	t := date(v[0], v[1], v[2], v[3], v[4], v[5])
	if t.IsZero() {
		return t
	}
	return t.Add(Fraction(rest))
}

// Zoned is Stamp for a text that may name its zone: "Z", "+02:00", "-0700". utc
// reports whether it did; t is UTC then and a wall clock otherwise.
func Zoned(b []byte) (t time.Time, utc bool) {
	if t = Stamp(b); t.IsZero() || len(b) < 15 {
		return t, false
	}
	if z := b[len(b)-1]; z == 'Z' || z == 'z' || bytes.HasSuffix(b, []byte("UTC")) || bytes.HasSuffix(b, []byte("GMT")) {
		return t, true
	}
	i := bytes.LastIndexAny(b, "+-")
	if i < 14 { // the hyphens of the date
		return t, false
	}
	var v [2]int
	h, n := lines.Uint(b[i+1:])
	rest := b[i+1+n:]
	switch {
	case n == 4 && len(rest) == 0:
		v[0], v[1] = h/100, h%100
	case n == 2:
		v[0] = h
		if m, k := lines.Uint(bytes.TrimPrefix(rest, []byte(":"))); k == 2 {
			v[1] = m
		}
	default:
		return t, false
	}
	if v[0] > 15 || v[1] > 59 {
		return time.Time{}, false
	}
	off := time.Duration(v[0])*time.Hour + time.Duration(v[1])*time.Minute
	if b[i] == '+' {
		off = -off
	}
	return t.Add(off), true
}

// A Memo reads stamps. Rows follow each other by fractions of a second: it
// remembers the last whole one.
type Memo struct {
	text [19]byte
	t    time.Time
}

// Stamp is [Stamp].
func (m *Memo) Stamp(b []byte) time.Time {
	if len(b) < len(m.text) {
		return Stamp(b)
	}
	head, rest := b[:len(m.text)], b[len(m.text):]
	if !follows(rest) {
		return Stamp(b)
	}
	if string(head) != string(m.text[:]) || m.t.IsZero() {
		m.t = Stamp(head)
		copy(m.text[:], head)
		if m.t.IsZero() {
			return Stamp(b)
		}
	}
	return m.t.Add(Fraction(rest))
}

// A Tie makes one clock of one of whole seconds and a counter of milliseconds.
type Tie struct {
	memo Memo
	base time.Time
	ms   float64
}

// Time returns the time of a row whose clock says b and whose counter ms. The
// first row ties the two together; where they part by more than two seconds,
// they are tied anew.
func (c *Tie) Time(b []byte, ms float64) time.Time {
	utc := c.memo.Stamp(b)
	if len(b) > len("2031-07-19 04:47:53.") { // it has its own fraction
		return utc
	}
	return c.At(utc, ms)
}

// At is Time for a clock that was read already.
func (c *Tie) At(utc time.Time, ms float64) time.Time {
	if utc.IsZero() || !(ms >= 0 && ms < 1e12) {
		return utc
	}
	fine := c.base.Add(time.Duration((ms - c.ms) * float64(time.Millisecond)))
	if off := fine.Sub(utc); c.base.IsZero() || off < -2*time.Second || off > 2*time.Second {
		c.base, c.ms, fine = utc, ms, utc
	}
	return fine
}

// Epoch reads seconds, milliseconds, microseconds or nanoseconds since 1970, as
// large as times from 2000 to 2100 are.
func Epoch(v float64) time.Time {
	for _, unit := range [...]time.Duration{time.Second, time.Millisecond, time.Microsecond, time.Nanosecond} {
		if n := v * float64(unit); n >= 946684800e9 && n < 4102444800e9 {
			return time.Unix(0, int64(n)).UTC().Round(time.Microsecond)
		}
	}
	return time.Time{}
}

// Day reads "6/27/2025" (month first, as in America), "27.6.2025", "2025-06-27".
func Day(b []byte) time.Time {
	var v [3]int
	if n, _ := numbers(b, v[:]); n < 3 {
		return time.Time{}
	}
	switch {
	case v[0] > 31:
		return date(v[0], v[1], v[2], 0, 0, 0)
	case bytes.IndexByte(b, '.') >= 0 || v[0] > 12:
		return date(v[2], v[1], v[0], 0, 0, 0)
	}
	return date(v[2], v[0], v[1], 0, 0, 0)
}

// Days reads days. Rows are of one day or two: it remembers the last.
type Days struct {
	text [10]byte
	n    int
	t    time.Time
}

// Day is [Day].
func (d *Days) Day(b []byte) time.Time {
	if len(b) == 0 || len(b) > len(d.text) {
		return Day(b)
	}
	if string(b) != string(d.text[:d.n]) {
		d.n, d.t = copy(d.text[:], b), Day(b)
	}
	return d.t
}

// Hours reads "3:31:40.97 AM" or "15:42:59.200"; negative if it is neither.
func Hours(b []byte) time.Duration {
	var v [3]int
	n, rest := numbers(b, v[:])
	if n < 3 || v[0] > 23 || v[1] > 59 || v[2] > 60 {
		return -1
	}
	if bytes.HasSuffix(b, []byte("PM")) && v[0] < 12 {
		v[0] += 12
	} else if bytes.HasSuffix(b, []byte("AM")) && v[0] == 12 {
		v[0] = 0
	}
	return time.Duration(v[0])*time.Hour + time.Duration(v[1])*time.Minute + time.Duration(v[2])*time.Second + Fraction(rest)
}

// Compact reads "20150713".
func Compact(b []byte) time.Time {
	v, n := lines.Uint(b)
	if n != 8 || len(b) != 8 {
		return time.Time{}
	}
	return date(v/10000, v/100%100, v%100, 0, 0, 0)
}

// Seconds reads "139.6"; negative if it is no number.
func Seconds(b []byte) time.Duration {
	v, n := lines.Number(b, '.')
	if n == 0 || n != len(b) || v < 0 || v > 1e9 {
		return -1
	}
	return time.Duration(v*1000+0.5) * time.Millisecond
}

// Pair reads "31.166881 121.356245": latitude, one space, longitude. It says
// what is wrong with what looks like a position and is none.
func Pair(b []byte) (p logfmt.Point, why string) {
	p = logfmt.Point{Lat: math.NaN(), Lon: math.NaN()}
	if Nothing(b) {
		return p, ""
	}
	lat, n := lines.Number(b, '.')
	if n == 0 || n >= len(b) || b[n] != ' ' {
		return p, notNumber
	}
	lon, k := lines.Number(b[n+1:], '.')
	if k == 0 || n+1+k != len(b) {
		return p, notNumber
	}
	return logfmt.Point{Lat: lat, Lon: lon}, ""
}

const notNumber = "a position that is no number"
