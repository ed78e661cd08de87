package jsonstream

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"flightveil/internal/block/tracktext"
)

// Row reads the rest of an array of numbers whose bracket Next returned last:
// words, text that is no number and numbers beyond all measure become NaN, true
// 1 and false 0. Arrays in it, and more values than dst has room for, are an
// error.
func (r *Reader) Row(dst []float64) (n int, err error) {
	n, ended := r.short(dst)
	if ended {
		return n, nil
	}
	for {
		t, err := r.Next()
		if err != nil {
			return n, err
		}
		if t.Kind == EndArray {
			return n, nil
		}
		if n == len(dst) || t.Kind == Array || t.Kind == Object {
			r.at -= min(r.at, 1) // an array here may be the next row
			return n, r.syntax()
		}
		if dst[n], err = number(t); err != nil {
			return n, err
		}
		n++
	}
}

// short reads plain numbers and words as far as they lie in the buffer, and
// reports whether the row ended. What is anything else is left where it is.
func (r *Reader) short(dst []float64) (n int, ended bool) {
	for n < len(dst) {
		i := r.at
		for i < len(r.buf) && space(r.buf[i]) {
			i++
		}
		first := i
		for i < len(r.buf) && (r.buf[i] >= '0' && r.buf[i] <= '9' || r.buf[i] == '-' || r.buf[i] == '.' || r.buf[i] >= 'a' && r.buf[i] <= 'z') {
			i++
		}
		last := i
		for i < len(r.buf) && space(r.buf[i]) {
			i++
		}
		if i == len(r.buf) || first == last || r.buf[i] != ',' && r.buf[i] != ']' {
			return n, false
		}
		v, ok := 0.0, true
		switch string(r.buf[first:last]) {
		case "true":
			v = 1
		case "false":
		case "null":
			v = math.NaN()
		default:
			if v, ok = tracktext.Float(r.buf[first:last]); !ok || r.buf[first] >= 'a' {
				return n, false
			}
		}
		dst[n] = v
		n++
		if r.at = i + 1; r.buf[i] == ']' {
			r.stack = r.stack[:len(r.stack)-1]
			r.done()
			return n, true
		}
		r.want = value
	}
	return n, false
}

func number(t Token) (float64, error) {
	if t.Kind == Word {
		switch string(t.Text) {
		case "true":
			return 1, nil
		case "false":
			return 0, nil
		}
		return math.NaN(), nil
	}
	v, ok := tracktext.Float(t.Text)
	if ok {
		return v, nil
	}
	if _, err := strconv.ParseFloat(string(t.Text), 64); t.Kind == Number && errors.Is(err, strconv.ErrSyntax) {
		return 0, fmt.Errorf("number at %d: %w", t.Span.Off, ErrSyntax)
	}
	return math.NaN(), nil
}
