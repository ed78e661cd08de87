package makernote

import (
	"cmp"
	"slices"

	"flightveil/internal/input"
)

// A spanSet is a set of bytes: ascending spans that do not touch.
type spanSet []input.Span

// take adds spans to the set and returns those parts of them that were not in
// it, ascending.
func (s *spanSet) take(spans []input.Span) []input.Span {
	var fresh []input.Span
	for _, a := range spans {
		fresh = append(fresh, s.takeOne(a)...)
	}
	slices.SortFunc(fresh, func(a, b input.Span) int { return cmp.Compare(a.Off, b.Off) })
	return fresh
}

func (s *spanSet) takeOne(a input.Span) []input.Span {
	if a.Len <= 0 {
		return nil
	}
	// first is the first span that touches a, last the first that lies behind it.
	first, _ := slices.BinarySearchFunc(*s, a.Off, func(e input.Span, off int64) int { return cmp.Compare(e.End(), off) })
	last := first
	var fresh []input.Span
	pos := a.Off
	for ; last < len(*s) && (*s)[last].Off <= a.End(); last++ {
		if e := (*s)[last]; e.Off > pos {
			fresh = append(fresh, input.Span{Off: pos, Len: e.Off - pos})
		}
		pos = max(pos, (*s)[last].End())
	}
	if pos < a.End() {
		fresh = append(fresh, input.Span{Off: pos, Len: a.End() - pos})
	}
	if first < last {
		a = input.Span{Off: min(a.Off, (*s)[first].Off), Len: max(a.End(), (*s)[last-1].End()) - min(a.Off, (*s)[first].Off)}
	}
	*s = slices.Replace(*s, first, last, a)
	return fresh
}

// without returns what of spans is not in the set.
func (s spanSet) without(spans []input.Span) []input.Span {
	var out []input.Span
	for _, a := range spans {
		i, _ := slices.BinarySearchFunc(s, a.Off, func(e input.Span, off int64) int { return cmp.Compare(e.End(), off+1) })
		pos := a.Off
		for ; i < len(s) && s[i].Off < a.End(); i++ {
			if s[i].Off > pos {
				out = append(out, input.Span{Off: pos, Len: s[i].Off - pos})
			}
			pos = max(pos, s[i].End())
		}
		if pos < a.End() {
			out = append(out, input.Span{Off: pos, Len: a.End() - pos})
		}
	}
	return out
}
