package srt

import (
	"bytes"
	"math"

	"flightveil/internal/block/lines"
	"flightveil/internal/privacy"
)

// bracket reads "[key: value key: value]". One that is cut ends with the line.
func (s *scanner) bracket(b []byte) {
	end := bytes.IndexByte(b, ']')
	next := end + 1
	if end < 0 {
		end, next = len(b), len(b)
	}
	s.flush()
	from, outer := s.i, [2]int{s.i, s.i + next}
	body := b[1:end]
	if !s.pairs(body, from+1, outer) && len(bytes.TrimSpace(body)) > 0 {
		s.word(from, from+next)
		s.flush()
	}
	s.i = from + next
}

// pairs reads the pairs in body, which begins at base, and reports whether
// there are any. What is between them is text.
func (s *scanner) pairs(body []byte, base int, outer [2]int) bool {
	k, v := nextKey(body, 0)
	if k < 0 || len(bytes.Trim(body[:k], " ,")) > 0 { // a comma is left of what was blanked
		return false
	}
	for k >= 0 {
		label := bytes.TrimSpace(body[k : v-1])
		next, behind := nextKey(body, v)
		to := next
		if next < 0 {
			to = len(body)
		}
		from := v
		for from < to && body[from] == ' ' {
			from++
		}
		for to > from && (body[to-1] == ' ' || body[to-1] == ',') {
			to--
		}
		s.inner(label, base+k, base+from, base+to, outer)
		k, v = next, behind
	}
	return true
}

// inner adds the pair whose label begins at from and whose value is
// b[vfrom:vto].
func (s *scanner) inner(label []byte, from, vfrom, vto int, outer [2]int) {
	v := s.b[vfrom:vto]
	r, ok := lookup(label)
	if nothing(v) && ok || ok && r.class == "" && numeric(v) {
		return
	}
	f := Field{Name: r.name, Class: r.class, From: from, To: vto, VFrom: vfrom, VTo: vto, Outer: outer, Axis: r.axis, Letter: -1}
	if !ok || !r.fits(v) {
		f.Name, f.Class, f.Axis, f.VFrom = textName, privacy.Unknown, NoAxis, from
	}
	f.number(v)
	s.out = append(s.out, f)
}

// nextKey returns where the next "key:" of body at or behind from begins, and
// where what follows its colon begins; -1 if there is none. A key of the
// beginning may hold a space: "shift x".
func nextKey(body []byte, from int) (key, value int) {
	for at := from; ; {
		i := bytes.IndexByte(body[at:], ':')
		if i < 0 {
			return -1, -1
		}
		i += at
		k := i
		for k > from && body[k-1] == ' ' {
			k--
		}
		for k > from && (letter(body[k-1]) || digit(body[k-1]) || body[k-1] == '_' || body[k-1] == '-' || body[k-1] == '.') {
			k--
		}
		if from == 0 && k > 0 && len(bytes.Trim(body[:k], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_ ")) == 0 {
			for k = 0; body[k] == ' '; k++ {
			}
		}
		if k < i && letter(body[k]) {
			return k, i + 1
		}
		at = i + 1
	}
}

// maxParts is how many numbers a pair of parentheses holds at most.
const maxParts = 4

// tuple reads "GPS (a, b, c)" at the beginning of b: open is where the
// parenthesis is. One that is cut ends with the line.
func (s *scanner) tuple(b, label []byte, open int) bool {
	var r rule
	switch {
	case bytes.EqualFold(label, []byte("GPS")), bytes.EqualFold(label, []byte("RTK")):
		r = rule{"GPS", privacy.Location, First}
	case bytes.EqualFold(label, []byte("HOME")):
		r = rule{"HOME", privacy.Operator, First}
	case bytes.EqualFold(label, []byte("BAROMETER")):
		r = rules["barometer"]
	case bytes.HasSuffix(label, []byte("PRY")) && len(label) <= 5:
		r = rule{"angle", privacy.Attitude, NoAxis}
	default:
		return false
	}
	end := bytes.IndexByte(b[open:], ')')
	next := open + end + 1
	if end < 0 {
		end, next = len(b), len(b)
	} else {
		end += open
	}
	s.flush()
	at := len(s.out)
	base := s.i
	outer := [2]int{base, base + next}
	from := open + 1
	for k := 0; from <= end; k++ {
		to := end
		if i := bytes.IndexByte(b[from:end], ','); i >= 0 && k < maxParts-1 {
			to = from + i
		}
		s.part(r, k, base+from, base+to, outer)
		from = to + 1
	}
	if third := bytes.SplitN(b[open+1:end], []byte{','}, 4); len(third) > 2 && isAltitude(bytes.TrimSpace(third[2])) {
		for i := range s.out[at:] {
			s.out[at+i].Metre = true
		}
	}
	s.i = base + next
	return true
}

// part adds the k-th number of a tuple, b[from:to].
func (s *scanner) part(r rule, k, from, to int, outer [2]int) {
	for from < to && s.b[from] == ' ' {
		from++
	}
	for to > from && s.b[to-1] == ' ' {
		to--
	}
	v := s.b[from:to]
	f := Field{Name: r.name, Class: r.class, From: from, To: to, VFrom: from, VTo: to, Outer: outer, Letter: -1}
	if nothing(v) {
		return
	}
	_, n := lines.Number(v, '.')
	switch {
	case r.axis == NoAxis:
	case k < 2:
		f.Axis = First + Axis(k)
		if len(v) > 1 && v[1] == ':' && hemisphere(v[0]) != NoAxis { // Autel: "W: -117.9605"
			f.Axis, f.Letter = hemisphere(v[0]), from
			for f.VFrom += 2; f.VFrom < to && s.b[f.VFrom] == ' '; f.VFrom++ {
			}
			v = s.b[f.VFrom:to]
			if nothing(v) {
				return
			}
		}
	case r.name == "HOME":
		f.Name = "HOME altitude"
	case len(bytes.Trim(v, "-0.mM")) == 0:
		return // blanked
	case isAltitude(v):
		f.Name, f.Class = "altitude", privacy.Altitude
	case n > 0 && n == len(v):
		f.Name, f.Class = "satellites", privacy.Attitude
	default:
		f.Name, f.Class = textName, privacy.Unknown
	}
	f.number(v)
	if f.Letter >= 0 && f.OK {
		if c := s.b[f.Letter]; c == 'S' || c == 'W' { // the sign is often there too
			f.Num = -math.Abs(f.Num)
		}
	}
	s.out = append(s.out, f)
}

// isAltitude reports whether the third number of GPS(..) is one and no count of
// satellites: it has a unit, a sign or decimals.
func isAltitude(v []byte) bool {
	_, n := lines.Number(v, '.')
	unit := n > 0 && n == len(v)-1 && v[n]|0x20 == 'm'
	return unit || n > 0 && n == len(v) && (v[0] == '-' || bytes.IndexByte(v, '.') >= 0)
}

// hemisphere returns the axis that a letter belongs to.
func hemisphere(c byte) Axis {
	switch c {
	case 'N', 'S':
		return Latitude
	case 'E', 'W':
		return Longitude
	}
	return NoAxis
}

// tags are the elements that captions may have: text in others would not be
// shown, so it would not be missed either.
var tags = map[string]bool{
	"font": true, "b": true, "i": true, "u": true, "s": true, "c": true, "ruby": true, "rt": true, "br": true, "br/": true, "lang": true, "v": true,
}

// tag passes over "<font size="28">". What a tag should not hold is text.
func (s *scanner) tag(b []byte) {
	end := bytes.IndexByte(b, '>')
	if end < 0 {
		s.word(s.i, s.i+wordLen(b[1:])+1)
		return
	}
	body := bytes.TrimPrefix(b[1:end], []byte("/"))
	name, rest, _ := bytes.Cut(body, []byte(" "))
	kind, class, _ := bytes.Cut(name, []byte("."))
	from := s.i
	switch {
	case string(kind) == "v" && len(bytes.TrimSpace(rest)) > 0: // who speaks
		at := from + bytes.Index(b, rest)
		s.put(Field{Name: "voice", Class: privacy.Identity, From: at, To: from + end, VFrom: at, VTo: from + end, Letter: -1}, from+end+1)
	case tags[string(bytes.ToLower(kind))] && plainName(class) && attributes(rest), stamp(body):
		s.pass(end + 1)
	default:
		s.word(from, from+end+1)
	}
}

// stamp reports whether a tag is a time of the recording: "00:00:01.500".
func stamp(b []byte) bool {
	_, ok := clock(b)
	return ok && len(b) <= 12
}

func plainName(b []byte) bool {
	return len(b) <= 24 && len(bytes.Trim(b, "abcdefghijklmnopqrstuvwxyz.")) == 0
}

// attributes reports whether b holds only sizes, colours and faces.
func attributes(b []byte) bool {
	b = bytes.TrimRight(b, " /")
	for len(b) > 0 {
		b = bytes.TrimLeft(b, " ")
		key, rest, ok := bytes.Cut(b, []byte("="))
		if !ok {
			return plainName(b) && len(b) <= 3 // the language of <lang en>
		}
		switch string(bytes.ToLower(bytes.TrimSpace(key))) {
		case "size", "color", "face":
		default:
			return false
		}
		var value []byte
		rest = bytes.TrimLeft(rest, " ")
		if len(rest) > 0 && (rest[0] == '"' || rest[0] == '\'') {
			if value, b, ok = bytes.Cut(rest[1:], rest[:1]); !ok {
				return false
			}
		} else {
			value, b, _ = bytes.Cut(rest, []byte(" "))
		}
		if len(value) > 24 {
			return false
		}
		for _, c := range value {
			if !letter(c) && !digit(c) && c != '#' && c != ' ' && c != '-' && c != '+' && c != '%' {
				return false
			}
		}
	}
	return true
}

// override passes over the style of ASS: "{\an8\pos(5,35)}". Other braces hold
// comments.
func (s *scanner) override(b []byte) {
	end := bytes.IndexByte(b, '}')
	if end < 0 {
		s.word(s.i, s.i+max(1, wordLen(b[1:])+1))
		return
	}
	if styled(b[1:end]) {
		s.pass(end + 1)
		return
	}
	s.word(s.i, s.i+end+1)
}

// styled reports whether b is a list of ASS's style codes.
func styled(b []byte) bool {
	if len(b) < 2 || b[0] != '\\' {
		return false
	}
	for code := range bytes.SplitSeq(b[1:], []byte{'\\'}) {
		n := 0
		if n < len(code) && digit(code[n]) { // \1c
			n++
		}
		for n < len(code) && letter(code[n]) && n < 6 {
			n++
		}
		if n == 0 || len(code) > 64 {
			return false
		}
		for _, c := range code[n:] {
			switch {
			case digit(c), c >= 'A' && c <= 'F', c == '(', c == ')', c == ',', c == '.', c == '-', c == '&', c == 'H', c == ' ':
			case bytes.HasPrefix(code, []byte("fn")) && letter(c):
			default:
				return false
			}
		}
	}
	return true
}
