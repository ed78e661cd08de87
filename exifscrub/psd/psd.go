// Package psd finds and removes personal data in Photoshop documents: image
// resources (Exif, IPTC, XMP, thumbnails, printers), names of layers, text
// layers, embedded smart objects, dates of change, notes, and whatever follows
// the merged picture.
//
// Specification: Adobe Photoshop File Formats Specification, November 2019,
// PSD and PSB. The format knows no offsets, only lengths around lengths: what
// must go is cut out, and every length around it follows.
//
// What a layer needs to be drawn (adjustments, effects, masks, fills, patterns)
// stays and is reported as technical; keys no table lists are cut. A smart
// object or text layer whose source is cut stays as the pixels it shows. Layers
// themselves are pixels: hidden ones stay too, and a note counts them. Names of
// gradients and presets inside effects are not looked into.
package psd

import (
	"cmp"
	"context"
	"encoding/binary"
	"iter"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/input"
)

// Format is the Photoshop document.
type Format struct{}

// ID implements [exifscrub.Format].
func (Format) ID() string { return "psd" }

// Detect implements [exifscrub.Format].
func (Format) Detect(p input.Probe) input.Match {
	if b := p.Prefix; len(b) >= headerLen && string(b[:5]) == "8BPS\x00" && (b[5] == 1 || b[5] == 2) {
		return input.Certain
	}
	return input.No
}

// Walk implements [exifscrub.Format].
func (Format) Walk(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		d, err := exifscrub.Parsed(in, func() (*document, error) { return parse(ctx, in, lim) })
		if err != nil {
			yield(exifscrub.Item{}, err)
			return
		}
		for _, p := range d.parts {
			if !yield(p.Item, nil) {
				return
			}
		}
	}
}

// Edits implements [exifscrub.Format].
func (Format) Edits(ctx context.Context, in exifscrub.Input, ds []exifscrub.Decision, lim exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	d, err := exifscrub.Parsed(in, func() (*document, error) { return parse(ctx, in, lim) })
	if err != nil {
		return exifscrub.Fail(err)
	}
	return exifscrub.Seq(d.edits(ds))
}

// part is one item of a document and what happens to it.
type part struct {
	exifscrub.Item
	gone   exifscrub.Edit // what removing it does
	coarse exifscrub.Edit // what coarsening it does; Len 0 if it cannot be
}

// length is a length field and the bytes it counts.
type length struct {
	off   int64
	width int // 4, or 8 in PSB
	from  int64
	n     int64
}

// document is what parse found.
type document struct {
	parts   []part
	lengths []length
}

// edits turns decisions about the parts into edits of them and of the lengths
// around them.
func (d *document) edits(ds []exifscrub.Decision) []exifscrub.Edit {
	var out []exifscrub.Edit
	changes := changes{}
	for i, p := range d.parts {
		e := p.gone
		switch {
		case ds[i].Gone():
		case ds[i].Coarse() && p.coarse.Len > 0:
			e = p.coarse
		case ds[i].Coarse():
		case p.Child != nil:
			changes.add(p.Child.Spans[0].Off, ds[i].NewLen-p.Child.Spans[0].Len)
			continue
		default:
			continue
		}
		out = append(out, e)
		changes.add(e.Off, e.NewLen()-e.Len)
	}
	changes.sum()
	for _, l := range d.lengths {
		if by := changes.within(l.from, l.from+l.n); by != 0 {
			field := binary.BigEndian.AppendUint64(nil, uint64(l.n+by))[8-l.width:]
			out = append(out, exifscrub.Edit{Off: l.off, Len: int64(l.width), With: field})
		}
	}
	slices.SortStableFunc(out, func(a, b exifscrub.Edit) int { return cmp.Compare(a.Off, b.Off) })
	return out
}

// changes is by how much sizes change, and where.
type changes []change

type change struct{ off, by int64 } // after sum, by counts from the start

func (c *changes) add(off, by int64) {
	if by != 0 {
		*c = append(*c, change{off, by})
	}
}

func (c changes) sum() {
	slices.SortFunc(c, func(a, b change) int { return cmp.Compare(a.off, b.off) })
	for i := 1; i < len(c); i++ {
		c[i].by += c[i-1].by
	}
}

// within returns the sum of the changes in [from, to).
func (c changes) within(from, to int64) int64 {
	before := func(off int64) int64 {
		i, _ := slices.BinarySearchFunc(c, off, func(c change, off int64) int { return cmp.Compare(c.off, off) })
		if i == 0 {
			return 0
		}
		return c[i-1].by
	}
	return before(to) - before(from)
}
