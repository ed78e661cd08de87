// Package jsonlog reads flight logs that are one JSON document: values with
// names around one long array of rows, each an array of numbers.
//
// It reads the document as a stream and holds one row. What makes no sense is
// told and passed over, up to the next row or the next name worth finding.
package jsonlog

import (
	"context"
	"errors"
	"fmt"
	"io"

	"flightveil/internal/block/jsonstream"
	"flightveil/internal/input"
	"flightveil/logfmt"
)

// MaxColumns is the most values of a row.
const MaxColumns = 256

// A Reader says what is to be told of a document. Its functions return whether
// more is wanted.
type Reader struct {
	Rows   string   // name of the array of rows
	Names  []string // values that are looked for after damage
	Value  func(path []string, t jsonstream.Token) bool
	End    func(path []string, kind jsonstream.Kind) bool // an object or array ends
	Row    func(row []float64, at input.Span) bool
	Damage func(logfmt.Damage) bool
}

// document is one that is being read.
type document struct {
	*Reader
	ctx   context.Context
	scan  *jsonstream.Reader
	size  int64
	path  []string // names of the values that are open; those in an array have its name
	rows  int      // depth of the array of rows, 0 outside
	depth int      // that it had, for finding it again
	last  string   // the last name
	row   [MaxColumns]float64
	tick  int
}

// Read reads in. An error that is not the document's ends it.
func (r *Reader) Read(ctx context.Context, in input.Input) error {
	d := &document{Reader: r, ctx: ctx, scan: jsonstream.New(in), size: in.Size(), depth: 2}
	for {
		more, err := d.next()
		if err != nil {
			more, err = d.recover(err)
		}
		if !more || err != nil {
			return err
		}
	}
}

// next reads a token, or a row.
func (d *document) next() (bool, error) {
	if d.tick++; d.tick&1023 == 0 && d.ctx.Err() != nil {
		return false, d.ctx.Err()
	}
	t, err := d.scan.Next()
	if err != nil {
		return false, err
	}
	switch t.Kind {
	case jsonstream.Key:
		d.last = string(t.Text)
	case '{', '[':
		if d.rows > 0 && t.Kind == '[' && d.scan.Depth() == d.rows+1 {
			n, err := d.scan.Row(d.row[:])
			if err != nil {
				return false, err
			}
			return d.Row(d.row[:n], input.Span{Off: t.Span.Off, Len: d.scan.Offset() - t.Span.Off}), nil
		}
		d.open(d.scan.Depth())
		if t.Kind == '[' && d.last == d.Rows && d.rows == 0 {
			d.rows, d.depth = d.scan.Depth(), d.scan.Depth()
		}
	case '}', ']':
		n := d.scan.Depth()
		if n < d.rows {
			d.rows = 0
		}
		more := true
		if d.rows == 0 && len(d.path) > 0 {
			more = d.End(d.path[:min(len(d.path), n+1)], t.Kind)
		}
		d.path = d.path[:min(len(d.path), n)]
		if n > 0 && n <= len(d.path) {
			d.last = d.path[n-1] // further elements of an array
		}
		return more, nil
	default:
		if d.rows == 0 {
			return d.Value(append(d.path[:len(d.path):len(d.path)], d.last), t), nil
		}
	}
	return true, nil
}

// open notes that a value of the last name was opened, n brackets deep.
func (d *document) open(n int) {
	for len(d.path) < n-1 {
		d.path = append(d.path, "")
	}
	d.path = append(d.path[:n-1], d.last)
}

// recover tells damage and finds what can be read behind it.
func (d *document) recover(err error) (bool, error) {
	if err == io.EOF {
		return false, nil
	}
	if !errors.Is(err, jsonstream.ErrSyntax) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, input.ErrLimit) {
		return false, err
	}
	from := d.scan.Offset()
	if from >= d.size {
		return d.Damage(logfmt.Damage{Off: d.size, Reason: "the log is cut off"}) && false, nil
	}
	again := d.scan.Resync(d.depth, d.Names...)
	if again != nil && again != io.EOF {
		return false, again
	}
	if !d.Damage(logfmt.Damage{Off: from, Len: d.scan.Offset() - from, Reason: "text that is no valid JSON"}) || again == io.EOF {
		return false, nil
	}
	d.path, d.rows = d.path[:0], 0
	if d.scan.Depth() == d.depth && d.depth > 1 {
		d.rows = d.depth
	}
	return true, nil
}

// Path joins names as findings tell them. What is in an array has its name.
func Path(path []string) string {
	out := ""
	for i, p := range path {
		if p == "" || i > 0 && p == path[i-1] {
			continue
		}
		if out != "" {
			out += "/"
		}
		out += p
	}
	if out == "" {
		return "unnamed"
	}
	return out
}

// ErrColumns is wrapped when a log does not say what its rows hold.
var ErrColumns = fmt.Errorf("rows without names of their values: %w", jsonstream.ErrSyntax)
