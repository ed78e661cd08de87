// Package gpmf reads GoPro's metadata format: in APP6 of pictures, in maker
// notes, in the settings and the telemetry track of videos, and in the files of
// the Karma drone.
//
// Specification: GPMF introduction (github.com/gopro/gpmf-parser), as of 2024.
// Everything is big-endian. An element is a key of four characters, u8 type, u8
// size of a structure, u16 number of structures, and the structures, padded to
// four bytes; an element of type 0 holds elements. Within a stream, elements
// such as SCAL and TYPE say how to read those behind them.
//
// It reads one element at a time and holds none of the data. It does not decode
// compressed elements (type '#').
package gpmf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"flightveil/internal/block/window"
	"flightveil/internal/input"
)

// ErrSyntax is wrapped when bytes are no GPMF.
var ErrSyntax = errors.New("no valid GPMF")

// An Entry is one element.
type Entry struct {
	Key    string // four printable characters
	Type   byte   // of its values: 'l' for int32; 0 if it holds elements
	Size   int    // of one structure in bytes
	Repeat int    // number of structures
	Depth  int    // 0 for an outermost element
	Head   int64  // where its key lies
	Span   input.Span
	Context
}

// A Context is what elements before an entry say about it.
type Context struct {
	Device string    // DVNM
	Stream string    // STNM
	Units  []string  // SIUN or UNIT, one for each value of a structure, or one for all
	Scale  []float64 // SCAL: divisors, one for each value, or one for all; empty means 1
	Layout string    // TYPE: the types of the values of a structure of type '?'
}

// headLen is the length of the head of an element.
const headLen = 8

// maxSticky is how long an element is at most that says how to read others:
// names, units and scales are some bytes for each value of a structure.
const maxSticky = 64 << 10

// Walk yields the elements in s, each before those inside it. An error is the
// last pair; the elements before it are sound.
func Walk(in input.Input, s input.Span, lim input.Limits) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		w := walker{in: in, win: window.New(in), lim: lim.Defaults(), yield: yield}
		defer w.win.Free()
		if s.Off < 0 || s.Len < 0 || s.Off > in.Size() || s.Len > in.Size()-s.Off {
			yield(Entry{}, fmt.Errorf("elements at %d: %w", s.Off, io.ErrUnexpectedEOF))
			return
		}
		if err := w.elements(s, 0, Context{}); err != nil && err != errStop {
			yield(Entry{}, err)
		}
	}
}

type walker struct {
	in    input.Input
	win   *window.Reader
	lim   input.Limits
	items int
	yield func(Entry, error) bool
}

// errStop says that nobody wants more.
var errStop = errors.New("stopped")

// elements yields the elements in s, to which ctx applies.
func (w *walker) elements(s input.Span, depth int, ctx Context) error {
	if depth > w.lim.Depth {
		return fmt.Errorf("elements nested %d deep: %w", depth, input.ErrLimit)
	}
	for pos := s.Off; pos < s.End(); {
		if w.items++; w.items > w.lim.Items {
			return fmt.Errorf("more than %d elements: %w", w.lim.Items, input.ErrLimit)
		}
		e, err := w.element(pos, s.End())
		if err != nil {
			return err
		}
		if e.Key == "" {
			return nil
		}
		e.Depth = depth
		e.Context = ctx
		if !w.yield(e, nil) {
			return errStop
		}
		if e.Type == 0 {
			inner := Context{Device: ctx.Device} // a device's name holds for its streams; all else ends with a stream
			err = w.elements(e.Span, depth+1, inner)
		} else {
			err = ctx.learn(w.in, e)
		}
		if err != nil {
			return err
		}
		pos = min(e.Span.End()+(4-e.Span.Len&3)&3, s.End()) // the last element may lack its padding
	}
	return nil
}

// element reads the head at pos. An entry without a key means that only zeros
// are left.
func (w *walker) element(pos, end int64) (Entry, error) {
	h, err := w.win.Peek(pos, min(headLen, end-pos))
	if err != nil {
		return Entry{}, err
	}
	if len(h) < headLen || h[0] == 0 {
		zeros, err := w.win.Zeros(pos, end)
		if err == nil && !zeros {
			err = fmt.Errorf("element at %d: %w", pos, ErrSyntax)
		}
		return Entry{}, err
	}
	e := Entry{Key: string(h[:4]), Type: h[4], Size: int(h[5]), Repeat: int(binary.BigEndian.Uint16(h[6:])), Head: pos}
	e.Span = input.Span{Off: pos + headLen, Len: int64(e.Size) * int64(e.Repeat)}
	if strings.ContainsFunc(e.Key, func(r rune) bool { return r < ' ' || r > '~' }) || e.Span.Len > end-e.Span.Off {
		return Entry{}, fmt.Errorf("element at %d: %w", pos, ErrSyntax)
	}
	return e, nil
}

// learn takes up what e says about the elements behind it. One that makes no
// sense says nothing.
func (c *Context) learn(in input.Input, e Entry) error {
	switch e.Key {
	case "DVNM", "STNM", "SIUN", "UNIT", "TYPE":
	case "SCAL":
		return c.learnScale(in, e)
	default:
		return nil
	}
	if e.Type != 'c' || e.Span.Len > maxSticky {
		return nil
	}
	texts, err := e.Strings(in)
	if err != nil {
		return err
	}
	all := strings.TrimRight(strings.Join(texts, ""), "\x00")
	switch e.Key {
	case "DVNM":
		c.Device = all
	case "STNM":
		c.Stream = all
	case "TYPE":
		c.Layout = all
	default:
		c.Units = texts
	}
	return nil
}

func (c *Context) learnScale(in input.Input, e Entry) error {
	c.Scale = nil
	if e.Span.Len > maxSticky {
		return nil
	}
	e.Scale = nil
	for row, err := range e.Rows(in) {
		if errors.Is(err, ErrSyntax) || errors.Is(err, input.ErrUnsupported) {
			return nil
		}
		if err != nil {
			return err
		}
		c.Scale = append(c.Scale, row...)
	}
	return nil
}
