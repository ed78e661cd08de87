package tiff

import (
	"cmp"
	"slices"

	"flightveil/exifscrub"
)

// spans is a list of runs of bytes.
type spans []exifscrub.Span

func bySpan(a, b exifscrub.Span) int {
	return cmp.Or(cmp.Compare(a.Off, b.Off), cmp.Compare(a.Len, b.Len))
}

// join returns s ascending, with runs that touch or overlap made one. It uses
// the memory of s: there may be a million tiles.
func (s spans) join() spans {
	slices.SortFunc(s, bySpan)
	out := s[:0]
	for _, v := range s {
		if v.Len <= 0 {
			continue
		}
		if n := len(out); n > 0 && v.Off <= out[n-1].End() {
			out[n-1].Len = max(out[n-1].End(), v.End()) - out[n-1].Off
			continue
		}
		out = append(out, v)
	}
	return out
}

// touch reports whether v shares a byte with s, which is joined.
func (s spans) touch(v exifscrub.Span) bool {
	i, _ := slices.BinarySearchFunc(s, v.Off, func(a exifscrub.Span, off int64) int { return cmp.Compare(a.End(), off+1) })
	return v.Len > 0 && i < len(s) && s[i].Off < v.End()
}

// minus returns what of s does not lie in b; both are joined.
func (s spans) minus(b spans) spans {
	var out spans
	i := 0
	for _, v := range s {
		for i < len(b) && b[i].End() <= v.Off {
			i++
		}
		pos := v.Off
		for k := i; k < len(b) && b[k].Off < v.End(); k++ {
			if b[k].Off > pos {
				out = append(out, exifscrub.Span{Off: pos, Len: b[k].Off - pos})
			}
			pos = max(pos, b[k].End())
		}
		if pos < v.End() {
			out = append(out, exifscrub.Span{Off: pos, Len: v.End() - pos})
		}
	}
	return out
}

// size returns the sum of the lengths of s.
func (s spans) size() (n int64) {
	for _, v := range s {
		n += v.Len
	}
	return n
}

// overlapping returns those of s, which is ascending, that share a byte with
// another.
func (s spans) overlapping() map[exifscrub.Span]bool {
	out := map[exifscrub.Span]bool{}
	end := int64(0)
	for i, v := range s {
		if v.Off < end || i+1 < len(s) && s[i+1].Off < v.End() {
			out[v] = true
		}
		end = max(end, v.End())
	}
	return out
}
