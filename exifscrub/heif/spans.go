package heif

import (
	"cmp"
	"slices"

	"flightveil/exifscrub"
)

// sorted returns spans in order, those that touch or overlap as one.
func sorted(spans []exifscrub.Span) []exifscrub.Span {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b exifscrub.Span) int { return cmp.Compare(a.Off, b.Off) })
	out := spans[:0]
	for _, s := range spans {
		switch n := len(out); {
		case s.Len <= 0:
		case n > 0 && s.Off <= out[n-1].End():
			out[n-1].Len = max(out[n-1].End(), s.End()) - out[n-1].Off
		default:
			out = append(out, s)
		}
	}
	return out
}

// overlaps reports whether s shares a byte with one of spans, which are sorted.
func overlaps(spans []exifscrub.Span, s exifscrub.Span) bool {
	i, _ := slices.BinarySearchFunc(spans, s.Off, func(x exifscrub.Span, off int64) int { return cmp.Compare(x.End()-1, off) })
	return s.Len > 0 && i < len(spans) && spans[i].Off < s.End()
}

// contains reports whether one of spans, which are sorted, holds all of s.
func contains(spans []exifscrub.Span, s exifscrub.Span) bool {
	i, _ := slices.BinarySearchFunc(spans, s.Off, func(x exifscrub.Span, off int64) int { return cmp.Compare(x.End()-1, off) })
	return i < len(spans) && spans[i].Off <= s.Off && s.End() <= spans[i].End()
}

// minus returns spans without the bytes in less, which is sorted.
func minus(spans, less []exifscrub.Span) []exifscrub.Span {
	var out []exifscrub.Span
	for _, s := range spans {
		i, _ := slices.BinarySearchFunc(less, s.Off, func(x exifscrub.Span, off int64) int { return cmp.Compare(x.End()-1, off) })
		pos := s.Off
		for ; i < len(less) && less[i].Off < s.End(); i++ {
			if less[i].Off > pos {
				out = append(out, exifscrub.Span{Off: pos, Len: less[i].Off - pos})
			}
			pos = less[i].End()
		}
		if pos < s.End() {
			out = append(out, exifscrub.Span{Off: pos, Len: s.End() - pos})
		}
	}
	return out
}

// cut returns the n bytes of spans behind the first off.
func cut(spans []exifscrub.Span, off, n int64) []exifscrub.Span {
	var out []exifscrub.Span
	for _, s := range spans {
		skip := min(off, s.Len)
		off -= skip
		s.Off, s.Len = s.Off+skip, s.Len-skip
		if take := min(n, s.Len); take > 0 {
			out = append(out, exifscrub.Span{Off: s.Off, Len: take})
			n -= take
		}
	}
	return out
}

func size(spans []exifscrub.Span) (n int64) {
	for _, s := range spans {
		n += s.Len
	}
	return n
}

// write writes b over spans, which are as long.
func write(set *exifscrub.Patchset, spans []exifscrub.Span, b []byte) {
	for _, s := range spans {
		set.Set(s.Off, b[:s.Len])
		b = b[s.Len:]
	}
}
