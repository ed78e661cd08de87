package exifscrub

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"iter"
	"slices"
	"sync"

	"flightveil/internal/input"
)

// An Edit replaces Len bytes at Off: by With, or, if Zero is set, by Len zero
// bytes of which none is held in memory.
type Edit struct {
	Off, Len int64
	With     []byte
	Zero     bool
}

// NewLen returns the length of what e puts in place of Len bytes.
func (e Edit) NewLen() int64 {
	if e.Zero {
		return e.Len
	}
	return int64(len(e.With))
}

// Apply copies in to w with edits made. The size may change.
func Apply(w io.Writer, in Input, edits iter.Seq2[Edit, error]) error {
	var pos int64
	g := &gather{to: w, buf: gathers.Get().(*[gatherLen]byte)}
	defer gathers.Put(g.buf)
	for e, err := range edits {
		if err != nil {
			return err
		}
		if err := checkEdit(e, pos, in.Size()); err != nil {
			return err
		}
		if err := g.copyRange(in, pos, e.Off-pos); err != nil {
			return err
		}
		if err := writeEdit(g, e); err != nil {
			return err
		}
		pos = e.Off + e.Len
	}
	if err := g.copyRange(in, pos, in.Size()-pos); err != nil {
		return err
	}
	return g.flush()
}

// A gather puts small pieces together before they are written.
type gather struct {
	to  io.Writer
	buf *[gatherLen]byte
	n   int
}

const gatherLen = 16 << 10

// gathers are the buffers of those that are done.
var gathers = sync.Pool{New: func() any { return new([gatherLen]byte) }}

func (g *gather) Write(p []byte) (int, error) {
	if g.n+len(p) > gatherLen {
		if err := g.flush(); err != nil {
			return 0, err
		}
	}
	if len(p) > gatherLen {
		return g.to.Write(p)
	}
	g.n += copy(g.buf[g.n:], p)
	return len(p), nil
}

func (g *gather) flush() error {
	if g.n == 0 {
		return nil
	}
	_, err := g.to.Write(g.buf[:g.n])
	g.n = 0
	return err
}

// copyRange copies n bytes of in at off.
func (g *gather) copyRange(in Input, off, n int64) error {
	if n > gatherLen/4 {
		if err := g.flush(); err != nil {
			return err
		}
		return copyRange(g.to, in, off, n)
	}
	if int64(g.n)+n > gatherLen {
		if err := g.flush(); err != nil {
			return err
		}
	}
	b := g.buf[g.n : g.n+int(n)]
	if err := input.ReadFull(in, b, off); err != nil {
		return err
	}
	g.n += len(b)
	return nil
}

// Patch makes edits that keep every size in w, which holds size bytes.
func Patch(w io.WriterAt, size int64, edits iter.Seq2[Edit, error]) error {
	var pos int64
	for e, err := range edits {
		if err != nil {
			return err
		}
		if err := checkEdit(e, pos, size); err != nil {
			return err
		}
		if e.NewLen() != e.Len {
			return fmt.Errorf("edit at %d changes the size of the file", e.Off)
		}
		if err := writeEdit(io.NewOffsetWriter(w, e.Off), e); err != nil {
			return err
		}
		pos = e.Off + e.Len
	}
	return nil
}

func checkEdit(e Edit, pos, size int64) error {
	if e.Off < pos || e.Len < 0 || e.Off > size || e.Len > size-e.Off {
		return fmt.Errorf("edit of %d bytes at %d overlaps another or leaves the file", e.Len, e.Off)
	}
	return nil
}

func writeEdit(w io.Writer, e Edit) error {
	if !e.Zero {
		_, err := w.Write(e.With)
		return err
	}
	_, err := io.CopyN(w, zeros{}, e.Len)
	return err
}

// A RangeCopier is a writer that can copy bytes of an input without them
// passing through the program.
type RangeCopier interface {
	// CopyRange appends the n bytes of in at off. done is false, and nothing
	// was written, where the input is not of a kind it can copy.
	CopyRange(in Input, off, n int64) (done bool, err error)
}

func copyRange(w io.Writer, in Input, off, n int64) error {
	if n == 0 {
		return nil
	}
	if rc, ok := w.(RangeCopier); ok {
		if done, err := rc.CopyRange(in, off, n); done || err != nil {
			return err
		}
	}
	copied, err := io.Copy(w, io.NewSectionReader(in, off, n))
	if err == nil && copied < n {
		err = io.ErrUnexpectedEOF
	}
	return err
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A Patchset collects edits that keep every size, in any order. Where they
// overlap, a Set wins over a Zero and a later Set over an earlier one, so a
// container may blank a block and then write into it.
type Patchset struct {
	zeros []Span
	sets  []Edit
}

// Zero blanks n bytes at off.
func (p *Patchset) Zero(off, n int64) {
	if n > 0 {
		p.zeros = append(p.zeros, Span{Off: off, Len: n})
	}
}

// Set writes b at off.
func (p *Patchset) Set(off int64, b []byte) {
	if len(b) > 0 {
		p.sets = append(p.sets, Edit{Off: off, Len: int64(len(b)), With: b})
	}
}

// Edits returns the collected edits, ascending and merged.
func (p *Patchset) Edits() []Edit {
	slices.SortFunc(p.zeros, func(a, b Span) int { return cmp.Compare(a.Off, b.Off) })
	var out []Edit
	for _, z := range p.zeros {
		if n := len(out); n > 0 && z.Off <= out[n-1].Off+out[n-1].Len {
			out[n-1].Len = max(out[n-1].Len, z.End()-out[n-1].Off)
			continue
		}
		out = append(out, Edit{Off: z.Off, Len: z.Len, Zero: true})
	}
	for _, s := range p.sets {
		out = overlay(out, s)
	}
	return out
}

// overlay puts s over the edits it touches, which are ascending and disjoint.
func overlay(edits []Edit, s Edit) []Edit {
	first, _ := slices.BinarySearchFunc(edits, s.Off, func(e Edit, off int64) int { return cmp.Compare(e.Off+e.Len-1, off) })
	last := first
	var parts []Edit
	for ; last < len(edits) && edits[last].Off < s.Off+s.Len; last++ {
		e := edits[last]
		if e.Off < s.Off {
			parts = append(parts, cut(e, 0, s.Off-e.Off))
		}
		if end := s.Off + s.Len; e.Off+e.Len > end {
			parts = append(parts, s, cut(e, end-e.Off, e.Len))
			return slices.Replace(edits, first, last+1, parts...)
		}
	}
	parts = append(parts, s)
	return slices.Replace(edits, first, last, parts...)
}

// cut returns the bytes from to to of a size-preserving edit.
func cut(e Edit, from, to int64) Edit {
	c := Edit{Off: e.Off + from, Len: to - from, Zero: e.Zero}
	if !e.Zero {
		c.With = e.With[from:to]
	}
	return c
}

// Seq returns edits as a sequence for [Apply], [Patch] and [Format].Edits.
func Seq(edits []Edit) iter.Seq2[Edit, error] {
	return func(yield func(Edit, error) bool) {
		for _, e := range edits {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Fail returns a sequence that is only an error.
func Fail(err error) iter.Seq2[Edit, error] {
	return func(yield func(Edit, error) bool) { yield(Edit{}, err) }
}

// effective reports whether e changes any byte of in.
func effective(in Input, e Edit) (bool, error) {
	if e.NewLen() != e.Len {
		return true, nil
	}
	buf := make([]byte, min(e.Len, 32<<10))
	for done := int64(0); done < e.Len; {
		b := buf[:min(int64(len(buf)), e.Len-done)]
		if err := input.ReadFull(in, b, e.Off+done); err != nil {
			return false, err
		}
		if e.Zero && len(bytes.Trim(b, "\x00")) > 0 || !e.Zero && !bytes.Equal(b, e.With[done:done+int64(len(b))]) {
			return true, nil
		}
		done += int64(len(b))
	}
	return false, nil
}
