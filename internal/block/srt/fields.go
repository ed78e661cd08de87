package srt

import (
	"bytes"

	"flightveil/internal/block/lines"
	"flightveil/internal/privacy"
)

// Axis says what a number of a position is.
type Axis uint8

const (
	NoAxis Axis = iota
	Latitude
	Longitude
	First  // of a pair whose order the dialect tells
	Second // of such a pair
)

// A Field is one statement of a line of telemetry, or a run of text that is
// none. Offsets count from the start of the line.
type Field struct {
	Name       string
	Class      privacy.Class // Unknown for text that no rule names
	From, To   int           // with its label
	VFrom, VTo int           // its value
	Outer      [2]int        // the brackets or parentheses, with their label, that hold it
	Axis       Axis
	Num        float64 // of a coordinate
	OK         bool    // Num could be read
	Letter     int     // where N, S, E or W stands; -1 if nowhere
	Metre      bool    // of a pair: what follows it is an altitude
}

// textName is the name of fields that are text.
const textName = "text"

// IsText reports whether f is text that no rule names.
func (f Field) IsText() bool { return f.Name == textName }

// Fields appends the statements of a line of a caption to to. What it passes
// over is no statement: spaces, commas, the tags of subtitles, counters of
// frames, and values that are empty, "n/a" or zero positions.
func Fields(to []Field, line []byte) []Field {
	s := scanner{b: line, out: to, text: -1, first: len(to)}
	for s.i < len(s.b) {
		s.step()
	}
	s.flush()
	return s.out
}

type scanner struct {
	b     []byte
	i     int
	out   []Field
	first int
	text  int // where a run of text began; -1 if none
	end   int // behind its last word
}

// word extends the run of text over b[from:to].
func (s *scanner) word(from, to int) {
	if s.text < 0 {
		s.text = from
	}
	s.end = to
	s.i = to
}

// flush ends the run of text.
func (s *scanner) flush() {
	if s.text >= 0 {
		s.out = append(s.out, Field{Name: textName, Class: privacy.Unknown, From: s.text, To: s.end, VFrom: s.text, VTo: s.end, Outer: [2]int{s.text, s.end}, Letter: -1})
		s.text = -1
	}
}

// put adds f, which ends a run of text, and goes on behind next.
func (s *scanner) put(f Field, next int) {
	s.flush()
	if f.Outer == [2]int{} {
		f.Outer = [2]int{f.From, f.To}
	}
	s.out = append(s.out, f)
	s.i = next
}

func (s *scanner) pass(n int) {
	s.flush()
	s.i += n
}

// skip passes over a separator, which does not end a run of text.
func (s *scanner) skip() { s.i++ }

func (s *scanner) step() {
	b := s.b[s.i:]
	switch c := b[0]; {
	case c == ' ' || c == '\t':
		s.skip()
	case c == ',' || c == ';' || c == '|':
		if s.text >= 0 && s.text < s.end && s.end == s.i {
			s.word(s.i, s.i+1) // punctuation of a sentence
			return
		}
		s.skip()
	case c == '<':
		s.tag(b)
	case c == '{':
		s.override(b)
	case c == '\\' && len(b) > 1 && (b[1] == 'N' || b[1] == 'n' || b[1] == 'h'):
		s.pass(2)
	case c == '[':
		s.bracket(b)
	case c >= '0' && c <= '9':
		if !s.date(b) {
			s.word(s.i, s.i+wordLen(b))
		}
	case letter(c):
		s.label(b)
	default:
		s.word(s.i, s.i+wordLen(b))
	}
}

// wordLen returns how long the word at the beginning of b is, one at least.
func wordLen(b []byte) int {
	for i, c := range b {
		switch c {
		case ' ', '\t', '<', '{', '[':
			return max(1, i)
		case ',', ';', '|':
			return max(1, i)
		case '\\':
			if i > 0 {
				return i
			}
		}
	}
	return len(b)
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func digit(c byte) bool { return c >= '0' && c <= '9' }

// dateLen returns the length of "2017.8.5 14:11:51", "2018-02-19
// 08:04:51,265,847" or "2021-12-25T12:27:52.373Z" at the beginning of b with
// everything that belongs to it, and of the date alone; 0 if there is none.
func dateLen(b []byte) (n, day int) {
	take := func(most int) bool {
		k := 0
		for k < most && n < len(b) && digit(b[n]) {
			k, n = k+1, n+1
		}
		return k > 0
	}
	if len(b) < 8 || !(b[0] == '2' && b[1] == '0' || b[0] == '1' && b[1] == '9') || !take(4) || n != 4 {
		return 0, 0
	}
	sep := byte(0)
	for k := range 2 {
		if n == len(b) || b[n] != '.' && b[n] != '-' && b[n] != '/' && b[n] != ':' || k == 1 && b[n] != sep {
			return 0, 0
		}
		sep = b[n]
		if n++; !take(2) {
			return 0, 0
		}
	}
	day = n
	if n == len(b) || b[n] != ' ' && b[n] != 'T' || n+1 == len(b) || !digit(b[n+1]) {
		return n, day
	}
	n++
	for n < len(b) && (digit(b[n]) || b[n] == ':' || b[n] == '.' || b[n] == ',' && n+1 < len(b) && digit(b[n+1])) {
		n++
	}
	if rest := b[n:]; len(rest) > 0 && rest[0] == 'Z' {
		n++
	} else if len(rest) > 2 && (rest[0] == '+' || rest[0] == '-') && digit(rest[1]) && digit(rest[2]) {
		for n++; n < len(b) && (digit(b[n]) || b[n] == ':'); n++ {
		}
	}
	return n, day
}

// DateLen returns how long the date and time at the beginning of b are, and
// the date alone; 0 if there is none.
func DateLen(b []byte) (n, day int) { return dateLen(b) }

func (s *scanner) date(b []byte) bool {
	n, _ := dateLen(b)
	if n == 0 || s.text >= 0 && s.end == s.i {
		return false
	}
	s.put(Field{Name: "date", Class: privacy.Time, From: s.i, To: s.i + n, VFrom: s.i, VTo: s.i + n, Letter: -1}, s.i+n)
	return true
}

// label reads what begins with a letter: "GPS(..)", "ISO:100", "H 200.70m",
// "F/2.8", or a word of text.
func (s *scanner) label(b []byte) {
	if s.text >= 0 && s.end == s.i { // the middle of a word
		s.word(s.i, s.i+wordLen(b))
		return
	}
	n := 0
	for n < len(b) && (letter(b[n]) || digit(b[n]) || b[n] == '_' || b[n] == '.' || b[n] == '-') {
		n++
	}
	at := n
	for at < len(b) && b[at] == ' ' {
		at++
	}
	switch {
	case at < len(b) && b[at] == '(' && s.tuple(b, b[:n], at):
	case at < len(b) && b[at] == ':' && s.pair(b, b[:n], at+1):
	case bytes.HasPrefix(b, []byte("F/")) && s.value(b, "F", 2):
	case at == n+1 && s.value(b, string(b[:n]), at):
	default:
		s.word(s.i, s.i+wordLen(b))
	}
}

// pair reads "key: value" outside of brackets; from is where behind the colon
// b goes on. Behind more than one space is no value: one may have been blanked.
func (s *scanner) pair(b, label []byte, from int) bool {
	k, ok := lookup(label)
	if !ok {
		return false
	}
	if from < len(b) && b[from] == ' ' {
		from++
	}
	n := from
	if d, _ := dateLen(b[from:]); d > 0 {
		n += d
	} else {
		n += valueLen(b[from:])
	}
	value := b[from:n]
	if len(value) > 0 && letter(value[0]) {
		if i := bytes.IndexAny(value, ":("); i > 0 { // the next label: "EV: Fnum:2.2"
			value, n = nil, from
		}
	}
	return s.take(k, s.i, from, from+len(value), max(n, from))
}

// valueLen returns how long the value at the beginning of b is.
func valueLen(b []byte) int {
	for i, c := range b {
		if c == ' ' || c == '\t' || c == ',' || c == ';' || c == '|' || c == '<' || c == '{' || c == '[' || c == '\\' {
			return i
		}
	}
	return len(b)
}

// value reads "H 200.70m": from is where the value begins in b.
func (s *scanner) value(b []byte, label string, from int) bool {
	k, ok := short[label]
	if !ok {
		return false
	}
	n := from + valueLen(b[from:])
	v := b[from:n]
	if len(v) == 0 {
		return false
	}
	if !nothing(v) {
		_, digits := lines.Number(v, '.')
		if digits == 0 || k.unit != "" && (!bytes.HasSuffix(v, []byte(k.unit)) || len(v) != digits+len(k.unit)) {
			return false
		}
	}
	return s.take(k.rule, s.i, from, n, n)
}

// take adds the field of rule k whose label begins at from, if its value, the
// vfrom-th to vto-th byte from there, is one the rule allows.
func (s *scanner) take(k rule, from, vfrom, vto, next int) bool {
	v := s.b[from+vfrom : from+vto]
	if nothing(v) || k.class == "" && numeric(v) {
		s.flush()
		s.i = from + next
		return true
	}
	if !k.fits(v) {
		return false
	}
	f := Field{Name: k.name, Class: k.class, From: from, To: from + vto, VFrom: from + vfrom, VTo: from + vto, Axis: k.axis, Letter: -1}
	f.number(v)
	s.put(f, from+next)
	return true
}

// number reads the coordinate v.
func (f *Field) number(v []byte) {
	if f.Axis == NoAxis {
		return
	}
	n := 0
	f.Num, n = lines.Number(v, '.')
	if rest := v[n:]; n > 0 && len(rest) > 1 && v[n-1] == '.' && rest[0] == '-' { // "-117.-9605": firmware of Autel
		fixed := append(bytes.Clone(v[:n]), rest[1:]...)
		if x, m := lines.Number(fixed, '.'); m == len(fixed) {
			f.Num, n = x, len(v)
		}
	}
	f.OK = n > 0 && n == len(v)
}

// nothing reports whether a value says nothing.
func nothing(v []byte) bool {
	v = bytes.TrimSpace(v)
	return len(v) == 0 || bytes.EqualFold(v, []byte("n/a"))
}

// numeric reports whether v is a number with or without a unit of time.
func numeric(v []byte) bool {
	_, n := lines.Number(v, '.')
	rest := string(v[n:])
	return n > 0 && n < 12 && (rest == "" || rest == "ms" || rest == "us" || rest == "s")
}

// Clock reads a time of the recording: "00:15:04,033" or "15:04.033".
func Clock(b []byte) (ok bool) {
	b = bytes.TrimSpace(b)
	_, ok = clock(b)
	return ok && len(b) <= 16 && len(bytes.Trim(b, "0123456789:.,")) == 0
}
