package webp

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/input"
)

// edits returns what decisions, one for each finding and child, change.
func (p *parser) edits(decisions []exifscrub.Decision) ([]exifscrub.Edit, error) {
	entries := slices.DeleteFunc(slices.Clone(p.entries), func(e entry) bool { return e.Coded != nil })
	if len(entries) != len(decisions) {
		return nil, fmt.Errorf("%d decisions for %d items", len(decisions), len(entries))
	}
	var out []exifscrub.Edit
	var grown int64             // of the whole picture; negative
	frames := map[int64]int64{} // of a frame, by its offset
	var removed, left byte      // flags of what goes and of what stays
	var cut int64               // everything before is done with
	for i, e := range entries {
		d := decisions[i]
		gone := d.Gone() || d.Coarse()
		if gone || e.cut.Off < cut {
			removed |= e.flag
		} else {
			left |= e.flag
		}
		switch {
		case e.cut.Off < cut: // the padding of a chunk that goes, or a part of the rest
		case gone && e.blank:
			out = append(out, exifscrub.Edit{Off: e.cut.Off, Len: e.cut.Len, Zero: true})
		case gone:
			out = append(out, exifscrub.Edit{Off: e.cut.Off, Len: e.cut.Len})
			cut = e.cut.End()
			if !e.after {
				grown -= e.cut.Len
			}
			if e.frame > 0 {
				frames[e.frame] -= e.cut.Len
			}
		case e.Child != nil && d.NewLen != e.Child.Spans[0].Len:
			es, n, err := resize(e.chunk, d)
			if err != nil {
				return nil, err
			}
			out = append(out, es...)
			if !e.after {
				grown += n
			}
		}
	}
	for off, n := range frames {
		e, err := p.size(off+4, n)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	if grown != 0 {
		e, err := p.size(4, grown)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	if flags := removed &^ left; flags != 0 && p.vp8x > 0 {
		b, err := input.ReadRange(p.in, p.vp8x, 1, 1)
		if err != nil {
			return nil, err
		}
		out = append(out, exifscrub.Edit{Off: p.vp8x, Len: 1, With: []byte{b[0] &^ flags}})
	}
	slices.SortFunc(out, func(a, b exifscrub.Edit) int { return cmp.Compare(a.Off, b.Off) })
	return out, nil
}

// size returns the edit that adds n to the size at off.
func (p *parser) size(off, n int64) (exifscrub.Edit, error) {
	b, err := input.ReadRange(p.in, off, 4, 4)
	if err != nil {
		return exifscrub.Edit{}, err
	}
	return resized(off, int64(binary.LittleEndian.Uint32(b))+n)
}

func resized(off, size int64) (exifscrub.Edit, error) {
	if size < 0 || size > 1<<32-2 { // section 2.4
		return exifscrub.Edit{}, fmt.Errorf("a chunk of %d bytes: %w", size, input.ErrLimit)
	}
	return exifscrub.Edit{Off: off, Len: 4, With: binary.LittleEndian.AppendUint32(nil, uint32(size))}, nil
}

// resize returns the edits around a child whose size changes, and by how much
// its chunk grows.
func resize(c chunk, d exifscrub.Decision) ([]exifscrub.Edit, int64, error) {
	n := d.NewLen - d.Child.Spans[0].Len
	e, err := resized(c.off+4, c.size+n)
	if err != nil {
		return nil, 0, err
	}
	out := []exifscrub.Edit{e}
	data := c.data() + c.size
	switch had, needs := c.end > data, (c.size+n)&1 == 1; {
	case had && !needs:
		out, n = append(out, exifscrub.Edit{Off: data, Len: 1}), n-1
	case needs && !had:
		if last := d.Inner[len(d.Inner)-1]; last.Len == 0 && last.Off == d.Child.Spans[0].Len {
			return nil, 0, fmt.Errorf("a chunk that grows at its end: %w", input.ErrUnsupported)
		}
		out, n = append(out, exifscrub.Edit{Off: data, With: []byte{0}}), n+1
	}
	return out, n, nil
}
