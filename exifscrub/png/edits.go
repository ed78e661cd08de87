package png

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/input"
)

// edits returns what decisions, one for each finding and child, change.
func (p *parser) edits(decisions []exifscrub.Decision) ([]exifscrub.Edit, error) {
	var entries []entry
	for _, e := range p.entries {
		if e.Finding != nil || e.Child != nil || e.Together != nil {
			entries = append(entries, e)
		}
	}
	if len(entries) != len(decisions) {
		return nil, fmt.Errorf("%d decisions for %d items", len(decisions), len(entries))
	}
	var out []exifscrub.Edit
	for i := 0; i < len(entries); {
		c := entries[i].chunk
		if entries[i].stray && decisions[i].Gone() {
			return append(out, exifscrub.Edit{Off: c.off, Len: p.in.Size() - c.off}), nil
		}
		n := i + 1
		for n < len(entries) && entries[n].chunk == c {
			n++
		}
		es, err := p.amend(c, entries[i:n], decisions[i:n])
		if err != nil {
			return nil, fmt.Errorf("%s at %d: %w", c.kind, c.off, err)
		}
		out = append(out, es...)
		i = n
	}
	return out, nil
}

// amend returns the edits of one chunk.
func (p *parser) amend(c chunk, entries []entry, decisions []exifscrub.Decision) ([]exifscrub.Edit, error) {
	var own, inner []exifscrub.Edit // counted from the start of the data; those of children are the driver's to make
	for i, e := range entries {
		d := decisions[i]
		switch {
		case d.Coarse() && e.coarse != nil:
			own = append(own, exifscrub.Edit{Off: e.value.Off, Len: e.value.Len, With: e.coarse(d.To)})
		case (d.Gone() || d.Coarse()) && e.part.Len > 0:
			own = append(own, exifscrub.Edit{Off: e.part.Off, Len: e.part.Len})
		case d.Gone() || d.Coarse():
			return []exifscrub.Edit{{Off: c.off, Len: c.end() - c.off}}, nil
		case len(d.Inner) > 0 && e.recode != nil:
			var child bytes.Buffer
			if err := exifscrub.Apply(&child, bytes.NewReader(e.Child.Decoded), exifscrub.Seq(d.Inner)); err != nil {
				return nil, err
			}
			coded, err := e.recode(child.Bytes())
			if err != nil {
				return nil, err
			}
			own = append(own, exifscrub.Edit{Off: e.value.Off, Len: e.value.Len, With: coded})
		case len(d.Inner) > 0:
			for _, in := range d.Inner {
				in.Off += e.Child.Spans[0].Off - c.data()
				inner = append(inner, in)
			}
		}
	}
	if len(own)+len(inner) == 0 {
		return nil, nil
	}
	return p.mend(c, own, inner)
}

// mend completes the edits of a chunk's data with those of its length and its
// checksum. A checksum that was wrong stays as it is: the damage is not ours
// to hide.
func (p *parser) mend(c chunk, own, inner []exifscrub.Edit) ([]exifscrub.Edit, error) {
	byOff := func(a, b exifscrub.Edit) int { return cmp.Compare(a.Off, b.Off) }
	slices.SortStableFunc(own, byOff)
	all := slices.Concat(own, inner)
	slices.SortStableFunc(all, byOff)
	size := c.size
	for _, e := range all {
		size += e.NewLen() - e.Len
	}
	if size > 1<<31-1 {
		return nil, fmt.Errorf("the edited chunk would be too long: %w", input.ErrLimit)
	}
	var out []exifscrub.Edit
	if size != c.size {
		out = append(out, exifscrub.Edit{Off: c.off, Len: 4, With: binary.BigEndian.AppendUint32(nil, uint32(size))})
	}
	for _, e := range own {
		e.Off += c.data()
		out = append(out, e)
	}
	right, err := p.verify(c)
	if err != nil || !right {
		return out, err
	}
	sum := crc32.NewIEEE()
	sum.Write([]byte(c.kind))
	if err := exifscrub.Apply(sum, input.Section(p.in, c.data(), c.size), exifscrub.Seq(all)); err != nil {
		return nil, err
	}
	return append(out, exifscrub.Edit{Off: c.end() - tail, Len: tail, With: sum.Sum(nil)}), nil
}
