package dataflash

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"flightveil/internal/block/autopilot"
)

var le = binary.LittleEndian

const (
	magic1    = 0xA3
	magic2    = 0x95
	typeFMT   = 0x80
	lengthFMT = 89
	header    = 3 // bytes before the first field
)

// sizes of the fields by their format character (LogStructure.h).
var sizes = [128]uint8{
	'a': 64, 'b': 1, 'B': 1, 'h': 2, 'H': 2, 'i': 4, 'I': 4, 'f': 4, 'd': 8, 'n': 4, 'N': 16, 'Z': 64,
	'c': 2, 'C': 2, 'e': 4, 'E': 4, 'L': 4, 'M': 1, 'q': 8, 'Q': 8, 'g': 2,
}

// A definition is what FMT says of one type of message.
type definition struct {
	length  int // with its header
	name    string
	sound   bool // its length is the sum of its fields
	kinds   string
	labels  []string
	handler *handler // nil if nobody reads it
	cols    [maxCols]column
}

// A column is where one value of a handler lies; kind 0 is one the log lacks.
type column struct {
	at   int // offset in the message, or index of the field in a text row
	kind byte
}

// parseFMT reads a binary description.
func parseFMT(b []byte) (definition, bool) {
	length := int(b[4])
	if length < header {
		return definition{}, false
	}
	return define(length, autopilot.String(b[5:9]), autopilot.String(b[9:25]), autopilot.String(b[25:89]), false), true
}

// parseTextFMT reads what follows "FMT,": type, length, name, format, labels.
func parseTextFMT(b []byte) (definition, bool) {
	parts := bytes.SplitN(bytes.TrimSpace(b), []byte{','}, 5)
	if len(parts) != 5 {
		return definition{}, false
	}
	for i := range parts {
		parts[i] = bytes.TrimSpace(parts[i])
	}
	length, err := strconv.Atoi(string(parts[1]))
	if err != nil {
		return definition{}, false
	}
	return define(length, string(parts[2]), string(parts[3]), string(parts[4]), true), true
}

// maxLabels bounds a description: there are sixteen format characters.
const maxLabels = 16

func define(length int, name, kinds, labels string, text bool) definition {
	d := definition{length: length, name: name, kinds: kinds}
	size, at := header, make([]int, 0, maxLabels)
	for i := range len(kinds) {
		at = append(at, size)
		if kinds[i] >= 128 || sizes[kinds[i]] == 0 || i >= maxLabels {
			return d
		}
		size += int(sizes[kinds[i]])
	}
	if d.sound = size == length && len(kinds) > 0; !d.sound {
		return d
	}
	if labels != "" {
		d.labels = strings.Split(labels, ",")
	}
	for i := range d.labels {
		d.labels[i] = strings.TrimSpace(d.labels[i])
	}
	d.handler = handlers[name]
	if d.handler == nil {
		return d
	}
	for i, names := range d.handler.cols {
		for k, label := range d.labels {
			if k < len(kinds) && wanted(names, label) {
				d.cols[i] = column{at[k], kinds[k]}
				if text {
					d.cols[i].at = k
				}
				break
			}
		}
	}
	return d
}

// wanted reports whether label is one of names, which are parted by "|".
func wanted(names, label string) bool {
	for names != "" {
		var one string
		one, names, _ = strings.Cut(names, "|")
		if one == label {
			return true
		}
	}
	return false
}

// has reports whether the row has a value in column i.
func (r *reader) has(i int) bool { return r.def.cols[i].kind != 0 }

// num returns column i as a number, NaN if there is none.
func (r *reader) num(i int) float64 {
	c := r.def.cols[i]
	if c.kind == 0 {
		return math.NaN()
	}
	if r.text {
		if c.at >= len(r.fields) {
			return math.NaN()
		}
		return parseNumber(r.fields[c.at])
	}
	b := r.row[c.at:]
	switch c.kind {
	case 'b':
		return float64(int8(b[0]))
	case 'B', 'M':
		return float64(b[0])
	case 'h':
		return float64(int16(le.Uint16(b)))
	case 'H':
		return float64(le.Uint16(b))
	case 'c':
		return float64(int16(le.Uint16(b))) / 100
	case 'C':
		return float64(le.Uint16(b)) / 100
	case 'i':
		return float64(int32(le.Uint32(b)))
	case 'I':
		return float64(le.Uint32(b))
	case 'e':
		return float64(int32(le.Uint32(b))) / 100
	case 'E':
		return float64(le.Uint32(b)) / 100
	case 'L':
		return float64(int32(le.Uint32(b))) / 1e7
	case 'f':
		return autopilot.Finite(float64(math.Float32frombits(le.Uint32(b))))
	case 'd':
		return autopilot.Finite(math.Float64frombits(le.Uint64(b)))
	case 'q':
		return float64(int64(le.Uint64(b)))
	case 'Q':
		return float64(le.Uint64(b))
	}
	return math.NaN()
}

// string returns column i as text.
func (r *reader) string(i int) string {
	c := r.def.cols[i]
	switch {
	case c.kind == 0 || r.text && c.at >= len(r.fields):
		return ""
	case r.text:
		return autopilot.String(r.fields[c.at])
	case c.kind == 'n' || c.kind == 'N' || c.kind == 'Z':
		return autopilot.String(r.row[c.at : c.at+int(sizes[c.kind])])
	}
	v := r.num(i)
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// tens are the powers of ten that a float64 holds exactly.
var tens = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// parseNumber reads a decimal number. Some ground stations write the decimal
// comma of their country.
func parseNumber(b []byte) float64 {
	digits, point, n := b, -1, uint64(0)
	if len(b) > 0 && b[0] == '-' {
		digits = b[1:]
	}
	for i, c := range digits {
		switch {
		case c >= '0' && c <= '9' && n < 1<<53/10-9:
			n = n*10 + uint64(c-'0')
		case (c == '.' || c == ',') && point < 0:
			point = i
		default:
			return slowNumber(b)
		}
	}
	decimals := 0
	if point >= 0 {
		decimals = len(digits) - point - 1
	}
	if len(digits) == 0 || decimals >= len(tens) {
		return slowNumber(b)
	}
	v := float64(n) / tens[decimals]
	if len(digits) < len(b) {
		v = -v
	}
	return v
}

func slowNumber(b []byte) float64 {
	if len(b) == 0 || len(b) > 40 {
		return math.NaN()
	}
	v, err := strconv.ParseFloat(strings.Replace(string(b), ",", ".", 1), 64)
	if err != nil {
		return math.NaN()
	}
	return autopilot.Finite(v)
}
