// Package input defines what a parser reads from, how a format is recognised,
// and how much a hostile file may cost.
package input

import (
	"errors"
	"fmt"
	"io"
)

// Input is one file to parse, or a part of one. *io.SectionReader,
// *bytes.Reader and *strings.Reader implement it, so tests need no disk.
type Input interface {
	io.ReaderAt
	Size() int64
}

var (
	// ErrLimit is wrapped by every error caused by a Limits value.
	ErrLimit = errors.New("limit exceeded")
	// ErrUnsupported is wrapped when a file is valid but uses a part of its
	// format that flightveil cannot handle safely.
	ErrUnsupported = errors.New("not supported")
)

// Limits bounds what parsing one file may cost. The zero value means the
// defaults of [Limits.Defaults].
type Limits struct {
	Field int64 // bytes of one field, box or segment held in memory
	Items int   // findings, tags or boxes in one file
	Depth int   // nesting of structures inside one another
}

// Defaults returns l with every zero field replaced by its default.
func (l Limits) Defaults() Limits {
	if l.Field == 0 {
		l.Field = 8 << 20
	}
	if l.Items == 0 {
		l.Items = 200_000
	}
	if l.Depth == 0 {
		l.Depth = 16
	}
	return l
}

// ReadRange returns the n bytes at off. A length taken from the file reaches
// make only after it was checked against the input's size and max. A range
// that leaves the input gives an error that wraps [io.ErrUnexpectedEOF]; one
// longer than max gives an error that wraps [ErrLimit].
func ReadRange(in Input, off, n, max int64) ([]byte, error) {
	if off < 0 || n < 0 || off > in.Size() || n > in.Size()-off {
		return nil, fmt.Errorf("%d bytes at offset %d: %w", n, off, io.ErrUnexpectedEOF)
	}
	if n > max {
		return nil, fmt.Errorf("%d bytes at offset %d: %w", n, off, ErrLimit)
	}
	b := make([]byte, n)
	return b, ReadFull(in, b, off)
}

// ReadFull fills b from off. Less than len(b) bytes is an error.
func ReadFull(in Input, b []byte, off int64) error {
	n, err := in.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("reading %d bytes at offset %d: %w", len(b), off, err)
}

// Section returns the n bytes at off as an Input of their own. The range must
// lie inside in.
func Section(in Input, off, n int64) Input { return io.NewSectionReader(in, off, n) }

// A Span is a run of bytes of a file.
type Span struct {
	Off int64 `json:"off"`
	Len int64 `json:"len"`
}

// End returns the offset of the first byte after s.
func (s Span) End() int64 { return s.Off + s.Len }
