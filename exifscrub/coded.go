package exifscrub

import (
	"cmp"
	"slices"
)

// CodedAfter returns where the coded data of p lies once its edits are made,
// ascending: bytes that are copied as they are, so that whoever verifies the
// copy need not read them again. Coded data that an edit touches is left out.
func (p *Plan) CodedAfter() ([]Span, error) {
	coded := slices.Clone(p.Coded)
	slices.SortFunc(coded, func(a, b Span) int { return cmp.Compare(a.Off, b.Off) })
	var out []Span
	var shift int64
	flush := func(before int64) {
		for len(coded) > 0 && coded[0].End() <= before {
			out = append(out, Span{Off: coded[0].Off + shift, Len: coded[0].Len})
			coded = coded[1:]
		}
	}
	for e, err := range p.Edits() {
		if err != nil {
			return nil, err
		}
		flush(e.Off)
		for len(coded) > 0 && coded[0].Off < e.Off+e.Len {
			coded = coded[1:]
		}
		shift += e.NewLen() - e.Len
	}
	flush(p.in.Size())
	return out, nil
}

// CodedEnd returns the end of coded data that begins at off and is known to be
// nothing else ([Job].Coded), or off. A container that comes to coded data may
// go on from there.
func CodedEnd(in Input, off int64) int64 {
	s, ok := in.(*shared)
	if !ok {
		return off
	}
	if i, found := slices.BinarySearchFunc(s.coded, off, func(c Span, off int64) int { return cmp.Compare(c.Off, off) }); found && s.coded[i].End() <= in.Size() {
		return max(off, s.coded[i].End())
	}
	return off
}

// inside returns the spans that lie in outer, counted from its start.
func inside(spans []Span, outer Span) []Span {
	var out []Span
	for _, s := range spans {
		if s.Off >= outer.Off && s.End() <= outer.End() {
			out = append(out, Span{Off: s.Off - outer.Off, Len: s.Len})
		}
	}
	return out
}
