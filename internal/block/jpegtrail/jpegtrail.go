// Package jpegtrail takes apart what follows the end of a JPEG picture: more
// pictures, videos, and the directories that phones, action cameras and photo
// programs append. There is no specification; the layouts are those described
// by the AFCP specification (AXS), Canon's and Samsung's own files and the
// ExifTool documentation (tables Samsung Trailer, FotoStation, PhotoMechanic,
// CanonVRD, MIE, Insta360, NikonApp, Vivo, OnePlus), verified on real files.
//
// It only says what lies where. It decides nothing, follows no offset given
// elsewhere in the picture (MPF, XMP Container: the caller knows those), and
// does not look inside embedded files.
package jpegtrail

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"flightveil/internal/block/window"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Padding is the name of a piece that holds only zero bytes.
const Padding = "padding"

// maxDirectory is how long the directory of a trailer may be. Those seen are
// below 4 kB.
const maxDirectory = 1 << 20

// A Piece is a run of bytes after the picture. Pieces are in order and cover
// all of it.
type Piece struct {
	Name string // "Samsung/Image_UTC_Data", "AFCP", "JPEG", "trailer" if nothing is known about it, or Padding
	Span input.Span
	// Group is the number of the trailer that the piece is a part of, from 1;
	// 0 for a piece of its own. A trailer has a directory of offsets, so its
	// pieces stay or go together.
	Group int
	// Class is what the piece is, if it holds no fields and nobody looks inside.
	Class privacy.Class
	// Fields are the values the piece is known to hold. What else it holds is
	// the structure around them.
	Fields []Field
	// Child says that the piece is a file of its own, to be walked as one.
	Child bool
	// Format is the ID of a child's container; "" means by content.
	Format string
}

// A Field is one value inside a piece, named as ExifTool names it.
type Field struct {
	Name  string
	Class privacy.Class
	Spans []input.Span
	Count int // how many values of a track it stands for; 0 means one
	Value privacy.Secret
	Where *geo.Point
}

// Parse takes [from, in.Size()) apart. Damaged trailers are no error: what
// cannot be understood is a piece called "trailer" of class Unknown.
func Parse(in input.Input, from int64, lim input.Limits) ([]Piece, error) {
	if from < 0 || from > in.Size() {
		return nil, fmt.Errorf("trailer at offset %d: %w", from, io.ErrUnexpectedEOF)
	}
	p := &parser{in: in, win: window.New(in), from: from, lim: lim.Defaults()}
	end, err := p.backward(in.Size())
	if err != nil {
		return nil, err
	}
	front, err := p.forward(from, end)
	if err != nil {
		return nil, err
	}
	pieces := front
	for i := len(p.tail) - 1; i >= 0; i-- {
		pieces = append(pieces, p.tail[i]...)
	}
	renumber(pieces)
	return pieces, nil
}

type parser struct {
	in    input.Input
	win   *window.Reader
	from  int64
	lim   input.Limits
	tail  [][]Piece // trailers found from the end of the file, last one first
	group int
	items int
}

// A footer parser looks at the trailer that ends at end and returns its
// pieces. errNone means that it is not of that kind, or damaged.
type footer func(p *parser, end int64) ([]Piece, error)

var errNone = errors.New("not this kind of trailer")

func footers() []footer {
	return []footer{afcp, fotoStation, photoMechanic, canonVRD, mie, samsung, insta360, nikonApp, vivo, onePlus}
}

// backward takes off the trailers that are recognised by their last bytes
// and returns where the first of them begins.
func (p *parser) backward(end int64) (int64, error) {
	for end > p.from {
		pieces, err := p.footer(end)
		if err == nil && pieces == nil {
			pieces, err = p.paddedFooter(end)
		}
		if err != nil || pieces == nil {
			return end, err
		}
		p.tail = append(p.tail, pieces)
		end = pieces[0].Span.Off
	}
	return end, nil
}

// paddedFooter looks for a trailer before the zeros that some programs put
// behind it. Its own last bytes may be zero, too.
func (p *parser) paddedFooter(end int64) ([]Piece, error) {
	trimmed, err := p.trimZeros(p.from, end)
	if err != nil || trimmed == p.from {
		return nil, err
	}
	for to := trimmed; to < min(end, trimmed+8); to++ {
		if pieces, err := p.footer(to); err != nil || pieces != nil {
			return append(pieces, Piece{Name: Padding, Span: span(to, end)}), err
		}
	}
	return nil, nil
}

func (p *parser) footer(end int64) ([]Piece, error) {
	for _, f := range footers() {
		pieces, err := f(p, end)
		if errors.Is(err, errNone) || errors.Is(err, io.ErrUnexpectedEOF) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading a trailer that ends at %d: %w", end, err)
		}
		return pieces, p.count(len(pieces))
	}
	return nil, nil
}

// count adds n to the pieces found.
func (p *parser) count(n int) error {
	if p.items += n; p.items > p.lim.Items {
		return fmt.Errorf("more than %d trailer pieces: %w", p.lim.Items, input.ErrLimit)
	}
	return nil
}

// assemble returns the pieces of one trailer: parts, which must be ascending
// and inside whole, and the structure between them, called name.
func (p *parser) assemble(name string, whole input.Span, class privacy.Class, parts []Piece) []Piece {
	p.group++
	var out []Piece
	pos := whole.Off
	rest := func(to int64) {
		if to > pos {
			out = append(out, Piece{Name: name, Span: span(pos, to), Class: class, Group: p.group})
		}
	}
	for _, part := range parts {
		if part.Span.Off < pos || part.Span.End() > whole.End() || part.Span.Len <= 0 {
			continue // overlaps another: it stays part of the structure
		}
		rest(part.Span.Off)
		part.Group = p.group
		part.Name = name + "/" + part.Name
		out = append(out, part)
		pos = part.Span.End()
	}
	rest(whole.End())
	return out
}

// renumber gives groups their numbers in file order.
func renumber(pieces []Piece) {
	seen := map[int]int{0: 0}
	for i, piece := range pieces {
		if _, ok := seen[piece.Group]; !ok {
			seen[piece.Group] = len(seen)
		}
		pieces[i].Group = seen[piece.Group]
	}
}

func sortPieces(pieces []Piece) {
	slices.SortStableFunc(pieces, func(a, b Piece) int { return cmp.Compare(a.Span.Off, b.Span.Off) })
}

// printable returns a name from the file with everything that could confuse a
// terminal or a path replaced.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, name)
}

func span(from, to int64) input.Span { return input.Span{Off: from, Len: to - from} }

// text returns b as a value, without the zero bytes behind it.
func text(b []byte) privacy.Secret {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return privacy.Secret(b)
}
