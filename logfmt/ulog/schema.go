package ulog

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"flightveil/internal/block/autopilot"
	"flightveil/internal/input"
)

// A format is the layout of a topic or of a part of one.
type format struct {
	fields []field
	size   int  // of all fields
	least  int  // without the padding at the end, which may be left out
	state  byte // of computing the size: 0 not begun, 1 begun, 2 done
}

type field struct {
	name, kind string
	count      int
}

// A topic is one subscription.
type topic struct {
	name    string
	multi   uint8
	size    int // 0 if its format is not known or has no end
	least   int
	handler *handler
	cols    [maxCols]column
}

// A column is where one value lies; kind "" is one the topic lacks.
type column struct {
	at, count int
	kind      string
	code      byte
}

var sizes = map[string]int{"int8_t": 1, "uint8_t": 1, "int16_t": 2, "uint16_t": 2, "int32_t": 4, "uint32_t": 4, "int64_t": 8, "uint64_t": 8, "float": 4, "double": 8, "bool": 1, "char": 1}

var codes = map[string]byte{"int8_t": 'b', "uint8_t": 'B', "int16_t": 'h', "uint16_t": 'H', "int32_t": 'i', "uint32_t": 'I', "int64_t": 'q', "uint64_t": 'Q', "float": 'f', "double": 'd', "bool": 'B', "char": 'B'}

// define reads a format: "name:type field;type[n] field;".
func (r *reader) define(b []byte) {
	name, rest, ok := bytes.Cut(b, []byte{':'})
	if !ok {
		return
	}
	if len(r.formats) >= maxFormats {
		r.err = fmt.Errorf("more than %d formats: %w", maxFormats, input.ErrLimit)
		return
	}
	f := &format{}
	for part := range bytes.SplitSeq(rest, []byte{';'}) {
		kind, name, ok := strings.Cut(strings.TrimSpace(string(part)), " ")
		if !ok {
			continue
		}
		one := field{name: strings.TrimSpace(name), count: 1}
		if one.kind, one.count, ok = array(kind); !ok {
			return
		}
		if len(f.fields) >= maxFields {
			r.err = fmt.Errorf("more than %d fields: %w", maxFields, input.ErrLimit)
			return
		}
		f.fields = append(f.fields, one)
	}
	r.formats[string(name)] = f
	for _, waiting := range r.unsized { // a part of one may be this
		waiting.state = 0
	}
	r.unsized = r.unsized[:0]
}

// array reads "type" or "type[n]".
func array(s string) (kind string, count int, ok bool) {
	kind, n, isArray := strings.Cut(s, "[")
	if !isArray {
		return kind, 1, true
	}
	count, err := strconv.Atoi(strings.TrimSuffix(n, "]"))
	return kind, count, err == nil && count > 0 && count <= 1<<16
}

// subscribe reads a subscription.
func (r *reader) subscribe(b []byte) {
	if len(b) < 4 {
		return
	}
	if r.topicCount++; r.topicCount > maxTopics {
		r.err = fmt.Errorf("more than %d topics: %w", maxTopics, input.ErrLimit)
		return
	}
	id := int(le.Uint16(b[1:]))
	for len(r.topics) <= id {
		r.topics = append(r.topics, nil)
	}
	t := &topic{name: autopilot.String(b[3:]), multi: b[0]}
	r.topics[id] = t
	if t.size = r.sizeOf(t.name, 0); t.size == 0 {
		return
	}
	t.least = r.formats[t.name].least
	if t.handler = handlers[t.name]; t.handler == nil {
		return
	}
	for i, names := range t.handler.cols {
		for one := range strings.SplitSeq(names, "|") {
			if c, ok := r.find(t.name, one, 0); ok {
				t.cols[i] = c
				break
			}
		}
	}
}

func (r *reader) topicOf(id uint16) *topic {
	if int(id) >= len(r.topics) {
		return nil
	}
	return r.topics[id]
}

const maxDepth = 12

// sizeOf returns the size of a type, 0 if it has none.
func (r *reader) sizeOf(kind string, depth int) int {
	if n := sizes[kind]; n > 0 {
		return n
	}
	f := r.formats[kind]
	if f == nil || f.state == 1 || depth > maxDepth {
		return 0
	}
	if f.state == 2 {
		return f.size
	}
	f.state = 1
	size, least := 0, 0
	for _, one := range f.fields {
		n := r.sizeOf(one.kind, depth+1)
		if size += n * one.count; n == 0 || size > 1<<16 {
			size = 0
			break
		}
		if !strings.HasPrefix(one.name, "_padding") {
			least = size
		}
	}
	if f.size, f.least, f.state = size, least, 2; size == 0 {
		r.unsized = append(r.unsized, f)
	}
	return size
}

// find returns where the field called path, parts joined by dots, lies in kind.
func (r *reader) find(kind, path string, depth int) (column, bool) {
	f := r.formats[kind]
	if f == nil || depth > maxDepth {
		return column{}, false
	}
	first, rest, nested := strings.Cut(path, ".")
	at := 0
	for _, one := range f.fields {
		if one.name == first {
			if nested {
				c, ok := r.find(one.kind, rest, depth+1)
				c.at += at
				return c, ok
			}
			return column{at, one.count, one.kind, codes[one.kind]}, codes[one.kind] != 0
		}
		at += r.sizeOf(one.kind, depth+1) * one.count
	}
	return column{}, false
}

// has reports whether the topic has column i.
func (r *reader) has(i int) bool { return r.topic.cols[i].code != 0 }

// num returns column i as a number, NaN if there is none.
func (r *reader) num(i int) float64 {
	c := &r.topic.cols[i]
	if c.code == 0 || c.at >= len(r.data) {
		return math.NaN()
	}
	return number(c.code, r.data[c.at:])
}

// element returns element k of column i.
func (r *reader) element(i, k int) float64 {
	c := &r.topic.cols[i]
	at := c.at + k*sizes[c.kind]
	if c.code == 0 || k >= c.count || at >= len(r.data) {
		return math.NaN()
	}
	return number(c.code, r.data[at:])
}

func number(code byte, b []byte) float64 {
	n := 8
	switch code {
	case 'b', 'B':
		n = 1
	case 'h', 'H':
		n = 2
	case 'i', 'I', 'f':
		n = 4
	}
	if len(b) < n {
		return math.NaN()
	}
	switch code {
	case 'b':
		return float64(int8(b[0]))
	case 'B':
		return float64(b[0])
	case 'h':
		return float64(int16(le.Uint16(b)))
	case 'H':
		return float64(le.Uint16(b))
	case 'i':
		return float64(int32(le.Uint32(b)))
	case 'I':
		return float64(le.Uint32(b))
	case 'q':
		return float64(int64(le.Uint64(b)))
	case 'Q':
		return float64(le.Uint64(b))
	case 'f':
		return autopilot.Finite(float64(math.Float32frombits(le.Uint32(b))))
	case 'd':
		return autopilot.Finite(math.Float64frombits(le.Uint64(b)))
	}
	return math.NaN()
}

// micros returns column i, a time in microseconds, or -1.
func (r *reader) micros(i int) int64 {
	c := &r.topic.cols[i]
	if c.code != 'Q' || len(r.data) < c.at+8 {
		return -1
	}
	if v := le.Uint64(r.data[c.at:]); v < 1<<62 {
		return int64(v)
	}
	return -1
}

// text returns column i, an array of characters.
func (r *reader) text(i int) string {
	c := &r.topic.cols[i]
	if c.code != 'B' || c.at+c.count > len(r.data) {
		return ""
	}
	return autopilot.String(r.data[c.at : c.at+c.count])
}
