package lines

import (
	"math"
	"math/bits"
	"strconv"
)

// Powers of ten that are exact as float64.
var tens = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// The same as integers, as far as they fit.
var pows = [...]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

// divide returns a/b correctly rounded. Both are positive.
func divide(a, b uint64) float64 {
	na, nb := bits.LeadingZeros64(a), bits.LeadingZeros64(b)
	a, b = a<<na, b<<nb
	// a/2 < b, so the quotient of a<<63 and b fits; it has 63 or 64 bits, more
	// than a float64 and one to round by.
	q, r := bits.Div64(a>>1, a<<63, b)
	if r != 0 {
		q |= 1 // sticky: more than nothing follows
	}
	return math.Ldexp(float64(q), nb-na-63)
}

// Number reads the decimal number at the beginning of b and returns how many
// bytes it takes, 0 if there is none. point is the decimal sign. What is
// larger than a float64 is no number.
func Number(b []byte, point byte) (v float64, n int) {
	i, neg := 0, false
	if i < len(b) && (b[i] == '-' || b[i] == '+') {
		neg = b[i] == '-'
		i++
	}
	var mantissa uint64
	begin := i
	for i < len(b) && b[i]-'0' <= 9 {
		mantissa = mantissa*10 + uint64(b[i]-'0')
		i++
	}
	digits, frac := i-begin, 0
	if i < len(b) && b[i] == point {
		i++
		begin = i
		for i < len(b) && b[i]-'0' <= 9 {
			mantissa = mantissa*10 + uint64(b[i]-'0')
			i++
		}
		frac = i - begin
		digits += frac
	}
	if digits == 0 {
		return 0, 0
	}
	exponent := false
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		j := i + 1
		if j < len(b) && (b[j] == '-' || b[j] == '+') {
			j++
		}
		for k := j; k < len(b) && b[k] >= '0' && b[k] <= '9'; k++ {
			i, exponent = k+1, true
		}
	}
	if !exponent && digits <= 19 { // so mantissa did not run over
		switch {
		case mantissa < 1<<53:
			v = float64(mantissa) / tens[frac] // both exact, so correctly rounded
		default:
			v = divide(mantissa, pows[frac])
		}
		if neg {
			v = -v
		}
		return v, i
	}
	if i > 64 {
		return 0, 0
	}
	var a [64]byte
	for k, c := range b[:i] {
		if c == point {
			c = '.'
		}
		a[k] = c
	}
	v, err := strconv.ParseFloat(string(a[:i]), 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, 0
	}
	return v, i
}

// Uint reads the digits at the beginning of b, at most eighteen of them.
func Uint(b []byte) (v, n int) {
	for n < len(b) && n < 18 && b[n] >= '0' && b[n] <= '9' {
		v = v*10 + int(b[n]-'0')
		n++
	}
	return v, n
}
