package dataflash

import (
	"bytes"

	"flightveil/internal/input"
)

type event int

const (
	ended event = iota
	gotRow
	gotDamage
)

const (
	longestRow  = 512     // more than a message has bytes
	longestLine = 4096    // of a text log
	longDamage  = 1 << 20 // damage is reported in pieces, so that a caller can stop
)

// A reader finds the rows of a log that have a handler.
type reader struct {
	in   input.Input
	text bool
	buf  []byte
	b    []byte // what of buf is filled
	base int64  // offset of b in the log
	i    int    // next byte in b
	err  error

	defs  [256]definition        // of a binary log
	names map[string]*definition // of a text log
	short [64]named              // some of names, for speed
	quick bool                   // only the clock of rows that give no position is wanted

	def    *definition // of the row
	off    int64       // of the row
	row    []byte      // of a binary log, with its header
	fields [][]byte    // of a text log

	bad     int64 // where damage began, -1 if there is none
	padding bool  // all of it is what fills a page of flash memory
	badAt   int64
	badLen  int64
	badWhat string
}

func newReader(in input.Input, text bool) *reader {
	r := &reader{in: in, text: text, buf: make([]byte, min(256<<10, in.Size())), bad: -1}
	r.defs[typeFMT] = definition{length: lengthFMT, name: "FMT", sound: true}
	if text {
		r.names = map[string]*definition{}
	}
	return r
}

// a named is a definition by its name of up to four bytes.
type named struct {
	name uint32
	def  *definition
}

// byName returns the definition of a text row, nil if there is none.
func (r *reader) byName(name []byte) *definition {
	if len(name) > 4 {
		return r.names[string(name)]
	}
	key := uint32(0)
	for _, c := range name {
		key = key<<8 | uint32(c)
	}
	at := &r.short[key*0x9E3779B1>>26]
	if at.name != key || at.def == nil {
		*at = named{key, r.names[string(name)]}
	}
	return at.def
}

// next moves to the next row that has a handler, or to damage.
func (r *reader) next() event {
	if r.text {
		return r.nextLine()
	}
	for {
		if len(r.b)-r.i < longestRow && !r.fill() {
			return ended
		}
		rest := r.b[r.i:]
		if len(rest) == 0 {
			return r.finish()
		}
		if len(rest) < header || rest[0] != magic1 || rest[1] != magic2 {
			if e := r.skip(rest); e != ended {
				return e
			}
			continue
		}
		def := &r.defs[rest[2]]
		n := def.length
		if n == 0 || n > len(rest) || !follows(rest[n:]) {
			if e := r.skip(rest); e != ended {
				return e
			}
			continue
		}
		if r.bad >= 0 {
			if e := r.finish(); e != ended {
				return e
			}
		}
		if rest[2] == typeFMT {
			r.define(rest[:n])
		}
		r.i += n
		if def.handler != nil {
			r.def, r.row, r.off = def, rest[:n], r.base+int64(r.i-n)
			return gotRow
		}
	}
}

// follows reports whether b can follow a message: another one, the end, or
// what fills a page of flash memory.
func follows(b []byte) bool {
	switch {
	case len(b) == 0:
		return true
	case len(b) == 1:
		return b[0] == magic1 || b[0] == 0 || b[0] == 0xFF
	}
	return b[0] == magic1 && b[1] == magic2 || b[0] == 0 && b[1] == 0 || b[0] == 0xFF && b[1] == 0xFF
}

// define reads a description. One that contradicts itself keeps its length:
// the messages are passed over.
func (r *reader) define(b []byte) {
	if b[3] == typeFMT {
		return
	}
	if d, ok := parseFMT(b); ok {
		r.defs[b[3]] = d
	}
}

// fill moves the buffer to the next byte. It returns false on an error.
func (r *reader) fill() bool {
	if r.base+int64(len(r.b)) == r.in.Size() {
		return true
	}
	r.base += int64(r.i)
	r.i = 0
	r.b = r.buf[:min(int64(len(r.buf)), r.in.Size()-r.base)]
	if r.err = input.ReadFull(r.in, r.b, r.base); r.err != nil {
		r.b = nil
		return false
	}
	return true
}

// skip passes over what is no message, up to the next place where one may
// begin. It returns ended to go on.
func (r *reader) skip(rest []byte) event {
	if r.bad < 0 {
		r.bad, r.padding = r.base+int64(r.i), true
	}
	n := bytes.IndexByte(rest[1:], magic1) + 1
	if n == 0 {
		n = len(rest)
	}
	for _, c := range rest[:n] {
		if c != 0 && c != 0xFF {
			r.padding = false
			break
		}
	}
	r.i += n
	if r.base+int64(r.i)-r.bad >= longDamage {
		return r.finish()
	}
	return ended
}

// finish ends damage. Padding is none.
func (r *reader) finish() event {
	if r.bad < 0 {
		return ended
	}
	r.badAt, r.badLen, r.badWhat = r.bad, r.base+int64(r.i)-r.bad, "not a message"
	r.bad = -1
	switch {
	case r.padding:
		return ended
	case r.badAt+r.badLen == r.in.Size() && r.badLen < longestRow:
		r.badWhat = "the log ends inside a message"
	}
	return gotDamage
}

// nextLine is next for text logs. Lines of other kinds are free text.
func (r *reader) nextLine() event {
	for {
		if len(r.b)-r.i < longestLine && !r.fill() {
			return ended
		}
		rest := r.b[r.i:]
		if len(rest) == 0 {
			return ended
		}
		n := bytes.IndexByte(rest[:min(len(rest), longestLine)], '\n') + 1
		if n == 0 {
			n = min(len(rest), longestLine)
			r.badAt, r.badLen, r.badWhat = r.base+int64(r.i), int64(n), "a line without end"
			r.i += n
			return gotDamage // at the end of the log, its last number may be half of one
		}
		line := rest[:n]
		r.off = r.base + int64(r.i)
		r.i += n
		if r.line(line) {
			return gotRow
		}
	}
}

// line reads one line and reports whether it is a row with a handler.
func (r *reader) line(line []byte) bool {
	comma := bytes.IndexByte(line, ',')
	if comma < 0 {
		return false
	}
	name := line[:comma]
	if string(name) == "FMT" {
		if d, ok := parseTextFMT(line[comma+1:]); ok && len(r.names) < 512 {
			r.names[d.name] = &d
			r.short = [64]named{}
		}
		return false
	}
	d := r.byName(name)
	if d == nil || d.handler == nil {
		return false
	}
	rest := line[comma+1:]
	for len(rest) > 0 && (rest[len(rest)-1] == '\n' || rest[len(rest)-1] == '\r') {
		rest = rest[:len(rest)-1]
	}
	spaced := len(rest) > 0 && rest[0] == ' ' // then it is behind every comma
	if r.quick && !d.handler.source {
		if bytes.Count(rest, comma1) < len(d.labels)-1 {
			return false
		}
		n := min(max(d.cols[0].at, d.cols[1].at)+2, len(d.labels)) // its clock, and the rest
		if r.fields = split(r.fields[:0], rest, n, spaced); len(r.fields) < n && spaced {
			r.fields = split(r.fields[:0], rest, n, false)
		}
		r.row, r.def = line, d
		return true
	}
	r.fields = split(r.fields[:0], rest, len(d.labels), spaced)
	if len(r.fields) < len(d.labels) && spaced {
		r.fields = split(r.fields[:0], rest, len(d.labels), false)
	}
	r.row, r.def = line, d
	return len(r.fields) == len(d.labels)
}

var comma1 = []byte{','}

// split cuts b at its commas into at most n fields without blanks around them:
// the last, which may be a text with commas, is the rest. If spaced, only a
// comma before a blank parts fields.
func split(out [][]byte, b []byte, n int, spaced bool) [][]byte {
	from := 0
	for at := 0; len(out) < n-1; {
		i := bytes.IndexByte(b[at:], ',')
		if i < 0 {
			break
		}
		i += at
		if at = i + 1; spaced && (at >= len(b) || b[at] != ' ') {
			continue
		}
		out = append(out, trim(b[from:i]))
		from = at
	}
	return append(out, trim(b[from:]))
}

// trim returns b without the blanks around it.
func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}
