// Package table reads tables in text files as flight-log tools write them:
// comma, semicolon or tab between the fields, a byte order mark, "sep=," in the
// first line, UTF-16, CRLF, quotes, decimal commas, units in the header.
//
// It follows RFC 4180 where the tools do. It holds one row at a time. A row that
// has neither the number of fields of the header nor the one usual in the file
// is bad: its values may stand in the wrong columns.
package table

import (
	"bytes"
	"slices"
	"strings"

	"flightveil/internal/block/lines"
	"flightveil/internal/input"
)

const (
	maxFields = 2048 // of a row; DatCon writes some hundred
	maxJoin   = 16   // lines that a quoted field may span
	sampled   = 64 << 10
)

type field struct{ from, to int }

// A Reader reads rows.
type Reader struct {
	in     input.Input
	lines  *lines.Reader
	sep    byte
	point  byte // decimal sign
	header []column
	line   lines.Line
	fields []field
	joined bool         // the row is of several lines
	torn   bool         // the row before was a piece of a number or a time
	spans  []input.Span // of the fields of a row that was given
	back   []lines.Line // lines that were read too far
	bad    string
	// Rows of some tools have another number of fields than the header.
	usual   int // that number; 0 if it is not known yet, -1 if there is none
	lacking int // trailing fields that a row may lack
}

type column struct{ name, unit, raw string }

// New returns a Reader of in. The header is the first row after "sep=".
func New(in input.Input) *Reader { return NewSep(in, 0) }

// NewSep is New for fields that are known to be separated by sep.
func NewSep(in input.Input, sep byte) *Reader {
	r := &Reader{in: in, lines: lines.New(in), point: '.', sep: sep}
	l, ok := r.lines.Next()
	for n := 0; ok && n < maxJoin && len(bytes.TrimSpace(l.Text)) == 0; n++ {
		l, ok = r.lines.Next()
	}
	if ok && len(l.Text) == 5 && bytes.EqualFold(l.Text[:4], []byte("sep=")) {
		r.sep = l.Text[4]
		l, ok = r.lines.Next()
	}
	if ok {
		r.SetHeader(l)
	}
	return r
}

// NewRows returns a Reader whose rows do not come from lines: they are given.
func NewRows(names []string) *Reader {
	r := &Reader{point: '.', usual: -1}
	for _, n := range names {
		r.header = append(r.header, parseColumn(n))
	}
	return r
}

// Give makes values the row, as many as there are columns. They stand at spans
// in the file, and the row is at l.
func (r *Reader) Give(values [][]byte, spans []input.Span, l lines.Line) {
	text := r.line.Text[:0]
	r.fields, r.spans = r.fields[:0], spans
	for _, v := range values {
		r.fields = append(r.fields, field{len(text), len(text) + len(v)})
		text = append(text, v...)
	}
	r.line = l
	r.line.Text, r.line.Ended = text, true
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

// parseColumn takes the unit off a column's name: "speed(mph)", "OSD.height [ft]",
// "Longitude[degrees [-180;180]]".
func parseColumn(raw string) column {
	raw = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(raw), "\x00"))
	s := strings.ToLower(raw)
	for _, p := range []string{"()", "[]"} {
		if len(s) == 0 || s[len(s)-1] != p[1] {
			continue
		}
		depth := 0
		for i := len(s) - 1; i > 0; i-- {
			switch s[i] {
			case p[1]:
				depth++
			case p[0]:
				depth--
			}
			if depth == 0 {
				c := column{strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+1 : len(s)-1]), strings.TrimSpace(s[:i])}
				if len(raw) == len(s) { // lower case may be longer
					c.raw = strings.TrimSpace(raw[:i])
				}
				return c
			}
		}
	}
	return column{s, "", raw}
}

// MayLack says that rows may have up to n fields less than the header, which
// are the last ones.
func (r *Reader) MayLack(n int) { r.lacking = n }

// SetPoint sets the decimal sign.
func (r *Reader) SetPoint(c byte) { r.point = c }

// Point returns the decimal sign.
func (r *Reader) Point() byte { return r.point }

// Next reads the next row that is not blank.
func (r *Reader) Next() bool {
	r.torn = len(r.fields) == 1 && len(r.header) > 2 && r.piece()
	for {
		l, ok := r.take()
		if !ok {
			return false
		}
		r.line, r.bad, r.joined = l, "", false
		if l.Long {
			r.bad, r.fields = "a row that is too long", r.fields[:0]
			return true
		}
		if len(bytes.TrimSpace(l.Text)) == 0 {
			continue
		}
		if n := bytes.Count(l.Text, quote); n%2 == 1 {
			r.join()
			r.split()
		} else if n > 0 {
			r.split()
		} else {
			r.splitPlain()
		}
		return true
	}
}

var quote = []byte{'"'}

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

// splitPlain is split for a row without quotes.
func (r *Reader) splitPlain() {
	fields, sep, at := r.fields[:0], r.sep, 0
	b := r.line.Text
	for i, c := range b {
		if c == sep {
			fields = append(fields, field{at, i})
			at = i + 1
		}
	}
	if r.line.Ended {
		fields = append(fields, field{at, len(b)})
	}
	r.fields = fields[:min(len(fields), maxFields)]
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

// piece reports whether the row may be what stood before a line break amid a
// number or a time.
func (r *Reader) piece() bool {
	b := r.Field(0)
	for _, c := range b {
		if (c < '0' || c > '9') && bytes.IndexByte([]byte("+-.,:/ TZ"), c) < 0 {
			return false
		}
	}
	return len(b) > 0 && len(b) < 40
}

// Bad says why the row could not be read, or "".
func (r *Reader) Bad() string {
	n, want := len(r.fields), len(r.header)
	switch {
	case r.bad != "":
		return r.bad
	case r.torn:
		return "a row whose beginning is in the line before"
	case n == want && r.line.Ended:
		return ""
	case !r.line.Ended && (n+1 == want || n == want):
		return ""
	case !r.line.Ended && n < want:
		if n+1 >= want-r.lacking || n+1 == r.usualFields() {
			return ""
		}
		return "the last row is cut"
	case n < want && bytes.IndexByte(r.line.Text, 0) >= 0:
		return "a row that is no text"
	case n < want && n >= want-r.lacking, r.restEmpty(), n == r.usualFields():
		return ""
	case n < want:
		return "a row with too few fields"
	}
	return "a row with too many fields"
}

// restEmpty reports whether the row goes on behind the header's last column,
// but with nothing.
func (r *Reader) restEmpty() bool {
	if len(r.fields) < len(r.header) {
		return false
	}
	for i := len(r.header); i < len(r.fields); i++ {
		if len(r.Field(i)) > 0 {
			return false
		}
	}
	return true
}

// usualFields returns the number of fields that most rows at the beginning of
// the file have.
func (r *Reader) usualFields() int {
	if r.usual != 0 {
		return r.usual
	}
	r.usual = -1
	t := &Reader{lines: lines.New(input.Section(r.in, 0, min(r.in.Size(), sampled))), sep: r.sep, header: r.header, usual: -1}
	counts := map[int]int{}
	for i := 0; i < 100 && t.Next(); i++ {
		if t.line.Ended && t.bad == "" {
			counts[len(t.fields)]++
		}
	}
	rows := 0
	for _, c := range counts {
		rows += c
	}
	for n, c := range counts {
		if c > 2 && 2*c > rows {
			r.usual = n
		}
	}
	return r.usual
}

// Line returns the row as a line of the file.
func (r *Reader) Line() lines.Line { return r.line }

// Err returns what went wrong with reading, if anything.
func (r *Reader) Err() error { return r.lines.Err() }

// Join makes one field of the i-th and the next, with the separator between.
func (r *Reader) Join(i int) {
	if i >= 0 && i+1 < len(r.fields) {
		r.fields[i].to = r.fields[i+1].to
		r.fields = slices.Delete(r.fields, i+1, i+2)
	}
}

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

// Text returns the i-th field as text, quotes in it taken off.
func (r *Reader) Text(i int) string {
	return strings.ReplaceAll(string(r.Field(i)), `""`, `"`)
}

// Span returns where the i-th field lies in the file.
func (r *Reader) Span(i int) input.Span {
	if r.spans != nil {
		return r.spans[i]
	}
	f := r.fields[i]
	if r.joined {
		return input.Span{Off: r.line.Off, Len: r.line.Len}
	}
	return r.lines.Span(r.line, f.from, f.to)
}

// Part returns where part, a part of the i-th field, lies in the file.
func (r *Reader) Part(i int, part []byte) input.Span {
	f := r.fields[i]
	at := bytes.Index(r.line.Text[f.from:f.to], part)
	if at < 0 || r.joined || r.spans != nil {
		return r.Span(i)
	}
	return r.lines.Span(r.line, f.from+at, f.from+at+len(part))
}
