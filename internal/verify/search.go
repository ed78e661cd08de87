package verify

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"flightveil/internal/input"
)

const searchBuffer = 128 << 10

// Search returns where in holds a needle outside skip, in ascending order.
// Each finding of the original is reported once at most.
func (n *Needles) Search(ctx context.Context, in input.Input, skip []input.Span) ([]Hit, error) {
	if n.Len() == 0 {
		return nil, nil
	}
	s := search{n: n, in: in, told: map[int]bool{}, last: map[half]int64{}}
	regions := outside(skip, in.Size())
	for _, r := range regions {
		s.longest = max(s.longest, r.Len)
	}
	for _, r := range regions {
		if err := s.region(ctx, r); err != nil {
			return nil, fmt.Errorf("searching the output: %w", err)
		}
	}
	slices.SortStableFunc(s.hits, func(a, b Hit) int { return cmp.Compare(a.Off, b.Off) })
	return s.hits, nil
}

type search struct {
	n       *Needles
	in      input.Input
	buf     []byte
	longest int64 // region
	hits    []Hit
	told    map[int]bool   // findings reported
	last    map[half]int64 // where half of a pair was seen last
}

type half struct {
	group int32
	axis  uint8
}

// region searches one run of bytes. Each buffer begins with the end of the one
// before, so that no needle falls between two.
func (s *search) region(ctx context.Context, r input.Span) error {
	// What ends in the last two bytes of a buffer waits for the next, and two
	// more stay before it: is there a digit on either side?
	overlap := s.n.matcher.longest + 4
	if s.buf == nil {
		s.buf = make([]byte, overlap+int(min(searchBuffer, s.longest)))
	}
	carried := 0
	for off := r.Off; off < r.End(); {
		if err := ctx.Err(); err != nil {
			return err
		}
		b := s.buf[:carried+int(min(int64(len(s.buf)-carried), r.End()-off))]
		if err := input.ReadFull(s.in, b[carried:], off); err != nil {
			return err
		}
		base := off - int64(carried)
		off += int64(len(b) - carried)
		to := len(b) - 2
		if off == r.End() {
			to = len(b)
		}
		s.n.matcher.scan(b, max(0, carried-1), to, func(needle, at int) { s.found(needle, base+int64(at)) })
		carried = copy(s.buf, b[max(0, len(b)-overlap):])
	}
	return nil
}

// found reports a needle, or half of a pair if the other half is near.
func (s *search) found(i int, off int64) {
	nd := &s.n.matcher.needles[i]
	for _, k := range s.n.kept {
		if off >= k.Off && off+int64(len(nd.pattern)) <= k.End() {
			return
		}
	}
	if nd.group > 0 {
		s.last[half{nd.group, nd.axis}] = off
		other, ok := s.last[half{nd.group, 1 - nd.axis}]
		apart := max(off-other, other-off)
		if !ok || apart > nd.near || apart < int64(len(nd.pattern)) {
			return
		}
	}
	o := s.n.owners[i]
	if s.told[o.finding] {
		return
	}
	s.told[o.finding] = true
	f := s.n.findings[o.finding]
	hit := Hit{Class: f.Class, Path: f.Path, Off: off, As: o.what}
	if o.charset != "" {
		hit.As += " in " + o.charset
	}
	s.hits = append(s.hits, hit)
}

// outside returns what is left of size bytes without skip.
func outside(skip []input.Span, size int64) []input.Span {
	skip = slices.Clone(skip)
	slices.SortFunc(skip, func(a, b input.Span) int { return cmp.Compare(a.Off, b.Off) })
	var out []input.Span
	var pos int64
	for _, s := range skip {
		if s.Off > pos {
			out = append(out, input.Span{Off: pos, Len: min(s.Off, size) - pos})
		}
		pos = max(pos, min(s.End(), size))
	}
	if pos < size {
		out = append(out, input.Span{Off: pos, Len: size - pos})
	}
	return out
}
