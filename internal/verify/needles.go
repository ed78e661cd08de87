package verify

import (
	"bytes"
	"sync"

	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// minText is, for each class that is searched for, the length from which a
// text is a needle. Names and numbers of one person or device are rare strings;
// words that describe are not, and a file must not be refused because a colour
// profile has one of them too. Classes that are not listed are not searched
// for: models, exposures, angles and blocks as a whole give no bytes that
// could not be there for another reason.
var minText = map[privacy.Class]int{
	privacy.Location:    6,
	privacy.Operator:    6,
	privacy.Identity:    6,
	privacy.Place:       8,
	privacy.Copyright:   8,
	privacy.Description: 8,
	privacy.Provenance:  8,
	privacy.Time:        10, // a whole date
}

const (
	maxText = 64  // of a longer text this much is looked for
	maxRaw  = 256 // a longer span is a block, not a value
	minRaw  = 6
)

// Needles are the byte strings that removed values could have.
type Needles struct {
	matcher  matcher
	owners   []owner // by needle
	findings []Finding
	kept     []input.Span // long values that may be where they are, whatever they hold
}

// Len returns how many byte strings there are.
func (n *Needles) Len() int { return len(n.owners) }

// An owner says what a needle is a form of.
type owner struct {
	finding       int // index in Needles.findings
	what, charset string
}

// NewNeedles returns the needles of what original holds and clean must not.
// Of clean only the findings are used: what its walk found is known to be
// there, and is judged by who may keep it.
//
// If clean has an input, only what could be in it outside its coded data is
// kept as a needle: Search must be asked about that input.
func NewNeedles(original, clean File) (*Needles, error) {
	there, err := pairsOf(clean)
	if err != nil {
		return nil, err
	}
	defer there.free()
	arena := arenas.Get().(*[]byte)
	b := builder{there: there, arena: (*arena)[:0]}
	for i, f := range original.Findings {
		if f.Kept || minText[f.Class] == 0 {
			continue
		}
		b.current = i
		made, used := len(b.needles), len(b.arena)
		if err := b.finding(original.In, f); err != nil {
			return nil, err
		}
		if len(b.needles) == made {
			b.arena = b.arena[:used]
		}
	}
	if len(b.needles) == 0 {
		*arena = b.arena
		arenas.Put(arena)
		return &Needles{}, nil
	}
	allowed, err := allow(clean)
	if err != nil {
		return nil, err
	}
	n := b.without(allowed, original.Findings)
	n.kept = keptBlocks(clean.Findings)
	return n, nil
}

// arenas are those no needle lies in: nearly always all of them can be ruled out.
var arenas = sync.Pool{New: func() any { return new([]byte) }}

// A builder collects needles.
type builder struct {
	current int    // the finding whose forms are added
	there   *pairs // what the searched bytes hold; nil means anything
	needles []needle
	owners  []owner
	arena   []byte // of patterns
	texts   map[string]bool
	points  map[geo.Point]bool
	groups  int32
}

func (b *builder) finding(in input.Input, f Finding) error {
	b.text(string(f.Value), minText[f.Class], f.Class == privacy.Time)
	if f.Where != nil && f.Where.Valid() && !f.Where.Zero() {
		b.where(*f.Where)
	}
	return eachRaw(in, f, func(raw []byte) {
		if printable(raw) {
			b.text(string(raw), minText[f.Class], f.Class == privacy.Time)
			return
		}
		if !telling(raw) || b.texts[string(raw)] {
			return
		}
		b.note(string(raw))
		b.add(raw, "the same bytes", "", needle{})
		if f.Class == privacy.Location || f.Class == privacy.Operator {
			b.add(swapped(raw), "the same bytes in the other order", "", needle{})
		}
	})
}

// where adds the forms of p, once.
func (b *builder) where(p geo.Point) {
	if b.points == nil {
		b.points = map[geo.Point]bool{}
	}
	if !b.points[p] {
		b.points[p] = true
		b.position(p)
	}
}

// add adds pattern to the needles of the current finding.
func (b *builder) add(pattern []byte, what, charset string, n needle) {
	if len(pattern) < minPattern || !b.there.mayHold(pattern) {
		return
	}
	if b.needles == nil {
		b.needles, b.owners = make([]needle, 0, 32), make([]owner, 0, 32)
	}
	n.pattern = pattern
	b.needles, b.owners = append(b.needles, n), append(b.owners, owner{b.current, what, charset})
}

// allow returns what may be in clean: texts and short raw values, and the
// forms of the positions and times it keeps.
func allow(clean File) ([]byte, error) {
	var b builder
	var out bytes.Buffer
	out.WriteString("rdf:Description") // in every XMP packet: a caption of one word may be in there
	out.Write(separator)
	for _, f := range clean.Findings {
		if err := b.allowed(clean.In, f, &out); err != nil {
			return nil, err
		}
	}
	for _, n := range b.needles {
		out.Write(n.pattern)
		out.Write(separator)
	}
	return out.Bytes(), nil
}

// keptBlocks returns the long values that clean keeps. Tables a picture needs
// are not among them: programs hide serial numbers there.
func keptBlocks(findings []Finding) []input.Span {
	var out []input.Span
	for _, f := range findings {
		for _, s := range f.Spans {
			if s.Len > maxRaw && f.Class != privacy.Technical && !f.Encoded {
				out = append(out, s)
			}
		}
	}
	return out
}

// separator stands between allowed values, so that no needle spans two.
var separator = []byte("\x00\xff\x00\xfe\xff\x00")

func (b *builder) allowed(in input.Input, f Finding, out *bytes.Buffer) error {
	for cs := range charsets {
		out.Write(b.chars(cs, []byte(f.Value)))
		out.Write(separator)
	}
	b.text(string(f.Value), 1, f.Class == privacy.Time)
	if f.Where != nil && f.Where.Valid() {
		b.where(*f.Where)
	}
	return eachRaw(in, f, func(raw []byte) {
		out.Write(raw)
		out.Write(separator)
		if f.Class == privacy.Location || f.Class == privacy.Operator { // a copy in the other order was removed
			out.Write(swapped(raw))
			out.Write(separator)
		}
	})
}

// isText reports whether n bytes are probably the value of f as it is shown,
// perhaps with a NUL.
func isText(f Finding, n int64) bool {
	text := int64(len(f.Value))
	return n == text || n == text+1
}

// eachRaw calls do with the bytes of every short span of f that may be other
// than its text.
func eachRaw(in input.Input, f Finding, do func([]byte)) error {
	if f.Encoded {
		return nil
	}
	for _, s := range f.Spans {
		if s.Len < minRaw || s.Len > maxRaw || f.Where == nil && isText(f, s.Len) {
			continue
		}
		raw, err := input.ReadRange(in, s.Off, s.Len, maxRaw)
		if err != nil {
			return err
		}
		do(raw)
	}
	return nil
}

// without returns the needles that are not part of an allowed value. A pair is
// dropped if one of its halves is.
func (b *builder) without(allowed []byte, findings []Finding) *Needles {
	all := newMatcher(b.needles)
	drop, dropped := make([]bool, len(b.needles)), 0
	groups := map[int32]bool{}
	all.scan(allowed, 0, len(allowed), func(i int, _ int) {
		drop[i] = true
		dropped++
		if g := b.needles[i].group; g > 0 {
			groups[g] = true
		}
	})
	n := &Needles{matcher: all, owners: b.owners, findings: findings}
	if dropped == 0 {
		return n
	}
	n.owners = nil
	var left []needle
	for i, nd := range b.needles {
		if !drop[i] && !groups[nd.group] {
			left = append(left, nd)
			n.owners = append(n.owners, b.owners[i])
		}
	}
	n.matcher = newMatcher(left)
	return n
}

// telling reports whether raw is unlikely to be found by chance.
func telling(raw []byte) bool {
	var distinct [256]bool
	kinds, counted := 0, 0
	for _, c := range raw {
		if c != 0 && c != ' ' && c != 0xFF {
			counted++
			if !distinct[c] {
				distinct[c] = true
				kinds++
			}
		}
	}
	return counted >= minRaw && kinds >= 4
}

// printable reports whether raw is text in ASCII, to which the rules for texts
// apply.
func printable(raw []byte) bool {
	for _, c := range bytes.Trim(raw, "\x00") {
		if c < ' ' && c != '\t' && c != '\r' && c != '\n' || c > '~' {
			return false
		}
	}
	return true
}

// swapped returns raw with the bytes of each 4-byte word reversed, which is
// how rationals look in a block of the other byte order.
func swapped(raw []byte) []byte {
	out := bytes.Clone(raw)
	for i := 0; i+4 <= len(out); i += 4 {
		out[i], out[i+1], out[i+2], out[i+3] = out[i+3], out[i+2], out[i+1], out[i]
	}
	return out
}
