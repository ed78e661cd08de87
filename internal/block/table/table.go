// Package table reads tables in text files as flight-log tools write them:
// comma, semicolon or tab between the fields, a byte order mark, "sep=," in the
// first line, UTF-16, CRLF, quotes, decimal commas, units in the header.
//
// It follows RFC 4180 where the tools do. It holds one row at a time.
package table

import (
	"bytes"
	"math"
	"strings"

	"flightveil/internal/block/lines"
	"flightveil/internal/input"
)

const (
	maxFields = 2048 // of a row; DatCon writes some hundred
	maxJoin   = 16   // lines that a quoted field may span
)

type field struct{ from, to int }

// A Reader reads rows.
type Reader struct {
	lines  *lines.Reader
	sep    byte
	point  byte // decimal sign
	header []column
	line   lines.Line
	fields []field
	joined bool         // the row is of several lines
	back   []lines.Line // lines that were read too far
	bad    string
}

type column struct{ name, unit string }

// New returns a Reader of in. The header is the first row after "sep=".
func New(in input.Input) *Reader {
	r := &Reader{lines: lines.New(in), point: '.'}
	l, ok := r.lines.Next()
	if ok && len(l.Text) == 5 && bytes.EqualFold(l.Text[:4], []byte("sep=")) {
		r.sep = l.Text[4]
		l, ok = r.lines.Next()
	}
	if ok {
		r.SetHeader(l)
	}
	return r
}

// SetHeader makes l the header of what follows.
func (r *Reader) SetHeader(l lines.Line) {
	if r.sep == 0 {
		r.sep = ','
		for _, c := range []byte{';', '\t'} {
			if bytes.Count(l.Text, []byte{c}) > bytes.Count(l.Text, []byte{r.sep}) {
				r.sep = c
			}
		}
	}
	r.line = l
	r.split()
	if r.sep == ';' {
		r.point = ','
	}
	r.header = nil
	for i := range r.fields {
		r.header = append(r.header, parseColumn(string(r.Field(i))))
	}
}

// parseColumn takes the unit off a column's name: "speed(mph)", "OSD.height [ft]".
func parseColumn(s string) column {
	s = strings.ToLower(strings.TrimSpace(s))
	for _, p := range []string{"()", "[]"} {
		if i := strings.LastIndexByte(s, p[0]); i > 0 && s[len(s)-1] == p[1] {
			return column{strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+1 : len(s)-1])}
		}
	}
	return column{s, ""}
}

// Next reads the next row that is not blank.
func (r *Reader) Next() bool {
	for {
		l, ok := r.take()
		if !ok {
			return false
		}
		r.line, r.bad, r.joined = l, "", false
		switch {
		case l.Long:
			r.bad = "a row that is too long"
			return true
		case len(bytes.TrimSpace(l.Text)) == 0:
			continue
		case bytes.Count(l.Text, []byte{'"'})%2 == 1:
			r.join()
		}
		if r.bad == "" {
			r.split()
		}
		return true
	}
}

// take returns the next line, one that was given back first.
func (r *Reader) take() (lines.Line, bool) {
	if len(r.back) > 0 {
		l := r.back[0]
		r.back = r.back[1:]
		return l, true
	}
	return r.lines.Next()
}

// join puts together the lines of a row with a line feed inside of quotes. If
// the quote has no end, the row is its first line and the others are given back.
func (r *Reader) join() {
	first := r.line
	first.Text = bytes.Clone(first.Text)
	joined := bytes.Clone(first.Text)
	whole := first
	var taken []lines.Line
	for len(taken) < maxJoin && len(joined) <= lines.Max {
		l, ok := r.take()
		if !ok {
			break
		}
		l.Text = bytes.Clone(l.Text)
		taken = append(taken, l)
		joined = append(append(joined, '\n'), l.Text...)
		whole.Len += l.Len
		if bytes.Count(l.Text, []byte{'"'})%2 == 1 {
			r.line, r.joined = whole, true
			r.line.Text, r.line.Ended = joined, l.Ended
			return
		}
	}
	r.line, r.back = first, append(taken, r.back...)
}

// split finds the fields. The last one of a line that was cut is dropped.
func (r *Reader) split() {
	r.fields = r.fields[:0]
	b := r.line.Text
	quoted := bytes.IndexByte(b, '"') >= 0
	for at := 0; at <= len(b) && len(r.fields) < maxFields; {
		end := at
		if quoted && at < len(b) && b[at] == '"' {
			for end++; end < len(b); end++ {
				if b[end] == '"' {
					if end+1 < len(b) && b[end+1] == '"' {
						end++
						continue
					}
					break
				}
			}
		}
		if end == len(b) {
			end = at // a quote without an end is none
		}
		if i := bytes.IndexByte(b[min(end, len(b)):], r.sep); i >= 0 {
			end = min(end, len(b)) + i
		} else {
			end = len(b)
		}
		r.fields = append(r.fields, field{at, end})
		at = end + 1
	}
	if !r.line.Ended && len(r.fields) > 0 {
		r.fields = r.fields[:len(r.fields)-1]
	}
}

// Bad says why the row could not be read, or "".
func (r *Reader) Bad() string {
	switch {
	case r.bad != "":
		return r.bad
	case len(r.fields) < len(r.header) && bytes.IndexByte(r.line.Text, 0) >= 0:
		return "a row that is no text"
	case !r.line.Ended && len(r.fields)+1 < len(r.header):
		return "the last row is cut"
	}
	return ""
}

// Line returns the row as a line of the file.
func (r *Reader) Line() lines.Line { return r.line }

// Err returns what went wrong with reading, if anything.
func (r *Reader) Err() error { return r.lines.Err() }

// Field returns the i-th field without space and quotes around it, nil if the
// row has none. It is valid until Next.
func (r *Reader) Field(i int) []byte {
	if i < 0 || i >= len(r.fields) {
		return nil
	}
	f := r.fields[i]
	b := r.line.Text[f.from:f.to]
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\r') {
		b = b[:len(b)-1]
	}
	if len(b) > 1 && b[0] == '"' && b[len(b)-1] == '"' {
		b = b[1 : len(b)-1]
	}
	return b
}

// Span returns where the i-th field lies in the file.
func (r *Reader) Span(i int) input.Span {
	f := r.fields[i]
	if r.joined {
		return input.Span{Off: r.line.Off, Len: r.line.Len}
	}
	return r.lines.Span(r.line, f.from, f.to)
}

// A Column is a column of numbers; the zero Column is none.
type Column struct {
	at           int // index + 1
	scale, shift float64
}

// Index returns the index of the first column called one of names, which are
// lower case and without unit; -1 if there is none.
func (r *Reader) Index(names ...string) int {
	for _, n := range names {
		for i, c := range r.header {
			if c.name == n {
				return i
			}
		}
	}
	return -1
}

// Unit returns the unit of the i-th column as the header has it.
func (r *Reader) Unit(i int) string {
	if i < 0 || i >= len(r.header) {
		return ""
	}
	return r.header[i].unit
}

// Columns returns how many columns the header has, and the name of each.
func (r *Reader) Columns() int { return len(r.header) }

// Name returns the name of the i-th column, lower case, without unit.
func (r *Reader) Name(i int) string { return r.header[i].name }

// Column returns the first column called one of names, in metres, metres a
// second, degrees or percent.
func (r *Reader) Column(names ...string) Column {
	i := r.Index(names...)
	if i < 0 {
		return Column{}
	}
	c := Column{at: i + 1, scale: 1}
	switch r.header[i].unit {
	case "ft", "feet":
		c.scale = 0.3048
	case "mph":
		c.scale = 0.44704
	case "km/h", "kmh", "kph":
		c.scale = 1 / 3.6
	case "kts", "knots", "kt":
		c.scale = 1852.0 / 3600
	case "rad":
		c.scale = 180 / math.Pi
	}
	return c
}

// Float returns the number in c, NaN if there is none.
func (r *Reader) Float(c Column) float64 {
	if c.at == 0 {
		return math.NaN()
	}
	b := r.Field(c.at - 1)
	v, n := lines.Number(b, r.point)
	if n != len(b) && r.point == ',' {
		v, n = lines.Number(b, '.')
	}
	if n == 0 || n != len(b) {
		return math.NaN()
	}
	return v*c.scale + c.shift
}
