package srt

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/srt"
	"flightveil/internal/privacy"
)

// Displaces says that positions, heights and times can be moved in place.
func (Format) Displaces() {}

const metresPerDegree = 111_320.0

// A place is the pair of numbers that a caption is to have, empty if it goes.
type place [2]string

// moved returns the latitude and longitude to which p is moved, as they fit in
// the place of its own, or nothing if they do not.
func (e *editor) moved(c *caption, p srt.Pair) (out place) {
	to, ok := e.move.Place(p.At, c.leaves[p.Lat].class == privacy.Operator)
	if !ok {
		return out
	}
	if e.orderedAt(c, p, to.Lon) {
		lat, ok1 := e.exact(c.leaves[p.Lat], to.Lat)
		lon, ok2 := e.exact(c.leaves[p.Lon], to.Lon)
		if ok1 && ok2 {
			return place{lat, lon}
		}
	}
	e.move.Miss()
	return out
}

// exact is number, to 5 cm or as exactly as the value of l is.
func (e *editor) exact(l leaf, v float64) (string, bool) {
	s, ok := e.number(l, v)
	if !ok {
		return "", false
	}
	got, err := strconv.ParseFloat(s, 64)
	slack := max(exifscrub.DisplacedMetres/metresPerDegree, 0.51*lastDigit(string(e.w.value(l))))
	return s, err == nil && math.Abs(got-v) <= slack
}

// lastDigit is what the last digit of a number counts.
func lastDigit(s string) float64 {
	_, decimals, _ := strings.Cut(s, ".")
	return math.Pow(10, -float64(len(decimals)))
}

// value returns what leaf i, a height or a time, is to be, "" if it goes.
func (e *editor) value(c *caption, i int) string {
	l, old := c.leaves[i], string(e.w.value(c.leaves[i]))
	switch l.class {
	case privacy.Time:
		s, ok := exifscrub.MoveTime(old, false, e.move)
		if !ok || len(s) != len(old) {
			return ""
		}
		return s
	case privacy.Altitude:
		number := strings.TrimRight(old, "mM ")
		v, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return ""
		}
		v, ok := e.move.Height(v, l.name == "rel_alt" || l.name == "barometer" || l.name == "height")
		if !ok {
			return ""
		}
		if s, ok := sameLength(v, number); ok {
			return s + old[len(number):]
		}
	}
	return ""
}

// sameLength writes v with as many characters as old, to a tenth or as exactly
// as old.
func sameLength(v float64, old string) (string, bool) {
	for decimals := range len(old) + 1 {
		for _, form := range []string{"%.*f", "%+.*f"} {
			s := fmt.Sprintf(form, decimals, v)
			if got, err := strconv.ParseFloat(s, 64); len(s) == len(old) && err == nil && math.Abs(got-v) <= max(exifscrub.DisplacedMetres, 0.51*lastDigit(old)) && (form == "%.*f" || old[0] == '+') {
				return s, true
			}
		}
	}
	return "", false
}
