package mkv

import (
	"strconv"
	"strings"
)

// sexagesimal reads degrees, degrees and minutes, or degrees, minutes and
// seconds, told apart by how many digits stand before the point; digits is how
// many of them are degrees.
func sexagesimal(s string, digits int) (float64, bool) {
	if len(s) < 2 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	whole, _, _ := strings.Cut(s[1:], ".")
	part := func(from, to int) float64 {
		v, err := strconv.ParseFloat(s[1+from:1+to], 64)
		if err != nil {
			return 1e9
		}
		return v
	}
	var v float64
	switch end := len(s) - 1; len(whole) {
	case digits:
		v = part(0, end)
	case digits + 2:
		v = part(0, digits) + part(digits, end)/60
	case digits + 4:
		v = part(0, digits) + part(digits, digits+2)/60 + part(digits+2, end)/3600
	default:
		return 0, false
	}
	if s[0] == '-' {
		v = -v
	}
	return v, v <= 180 && v >= -180
}
