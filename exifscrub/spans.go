package exifscrub

import (
	"io"

	"flightveil/internal/input"
)

func spansLen(spans []Span) (n int64) {
	for _, s := range spans {
		n += s.Len
	}
	return n
}

// rebase maps spans of a child, which lies in outer, to spans of its parent.
func rebase(outer, inner []Span) []Span {
	var out []Span
	for _, s := range inner {
		out = append(out, locate(outer, s)...)
	}
	return out
}

// locate maps one span of a child to spans of its parent.
func locate(outer []Span, s Span) []Span {
	var out []Span
	for _, o := range outer {
		if s.Len <= 0 {
			break
		}
		if s.Off >= o.Len {
			s.Off -= o.Len
			continue
		}
		n := min(s.Len, o.Len-s.Off)
		out = append(out, Span{Off: o.Off + s.Off, Len: n})
		s.Off, s.Len = 0, s.Len-n
	}
	return out
}

// rebaseEdits maps edits of a child to edits of its parent. In a child of
// several spans every edit keeps its size.
func rebaseEdits(outer []Span, edits []Edit) []Edit {
	if len(outer) == 1 {
		for i := range edits {
			edits[i].Off += outer[0].Off
		}
		return edits
	}
	var out []Edit
	for _, e := range edits {
		var from int64
		for _, s := range locate(outer, Span{Off: e.Off, Len: e.Len}) {
			part := cut(e, from, from+s.Len)
			part.Off = s.Off
			out = append(out, part)
			from += s.Len
		}
	}
	return out
}

// View returns the bytes of in that spans cover as an input of their own.
func View(in Input, spans []Span) Input { return &spanned{in, spans, spansLen(spans)} }

// spanned is a child as an input of its own.
type spanned struct {
	parent Input
	spans  []Span
	size   int64
}

func (s *spanned) Size() int64 { return s.size }

// InMemory returns what is in memory of a child that lies in one piece.
func (s *spanned) InMemory(off int64) []byte {
	if len(s.spans) != 1 || off < 0 || off >= s.size {
		return nil
	}
	b := input.InMemory(s.parent, s.spans[0].Off+off)
	return b[:min(int64(len(b)), s.size-off)]
}

func (s *spanned) ReadAt(p []byte, off int64) (int, error) {
	var done int
	for _, at := range locate(s.spans, Span{Off: off, Len: int64(len(p))}) {
		if err := input.ReadFull(s.parent, p[done:done+int(at.Len)], at.Off); err != nil {
			return done, err
		}
		done += int(at.Len)
	}
	if done < len(p) {
		return done, io.EOF
	}
	return done, nil
}
