package heif

import (
	"fmt"
	"math"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/input"
)

// How extents of items are counted (8.11.3).
const (
	inFile = iota
	inItemData
	inItem
)

// locations reads where items lie (8.11.3).
func (p *parser) locations(m *meta, b bmff.Box) error {
	raw, err := p.read(b)
	if err != nil {
		return err
	}
	f := fields{b: raw}
	version := f.number(1)
	f.skip(3)
	sizes := f.number(2)
	offLen, lenLen, baseLen, indexLen := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	if version == 0 {
		indexLen = 0
	}
	for _, n := range []int{offLen, lenLen, baseLen, indexLen} {
		if n > 8 {
			return fmt.Errorf("fields of %d bytes: %w", n, bmff.ErrDamaged)
		}
	}
	if version > 2 {
		return fmt.Errorf("version %d: %w", version, input.ErrUnsupported)
	}
	n := f.id(version == 2)
	for range n {
		it := m.item(f.id(version == 2))
		if it.located {
			return fmt.Errorf("item %d lies in two places: %w", it.id, bmff.ErrDamaged)
		}
		it.located = true
		if version > 0 {
			it.method = byte(f.number(2) & 15)
		}
		it.ref = uint16(f.number(2))
		it.base = f.number(baseLen)
		for range f.number(2) {
			e := extent{f.number(indexLen), f.number(offLen), f.number(lenLen)}
			if f.err != nil {
				return f.err
			}
			it.extents = append(it.extents, e)
			if err := p.count(); err != nil {
				return err
			}
		}
		if f.err != nil {
			return f.err
		}
	}
	rest := exifscrub.Span{Off: b.Body + int64(f.pos), Len: b.Size() - int64(f.pos)}
	return p.padding(bmff.Box{Start: rest.Off, Body: rest.Off, End: rest.End()}, "meta/iloc/Rest")
}

// count bounds how many boxes and extents are read.
func (p *parser) count() error {
	if p.boxes++; p.boxes > p.lim.Items {
		return fmt.Errorf("more than %d boxes and extents: %w", p.lim.Items, input.ErrLimit)
	}
	return nil
}

// place finds out where the data of it lies in the file.
func (p *parser) place(m *meta, it *item) error {
	switch {
	case it.placed || !it.located:
		return nil
	case it.placing:
		return fmt.Errorf("item %d is a part of itself: %w", it.id, bmff.ErrDamaged)
	case it.ref > 0 && (int(it.ref) > len(m.outside) || m.outside[it.ref-1]):
		return fmt.Errorf("item %d lies in another file: %w", it.id, input.ErrUnsupported)
	}
	it.placing = true
	defer func() { it.placing, it.placed = false, true }()
	for _, e := range it.extents {
		whole, err := p.reach(m, it, e)
		if err != nil {
			return err
		}
		if p.boxes += len(whole); p.boxes > p.lim.Items {
			return fmt.Errorf("more than %d extents: %w", p.lim.Items, input.ErrLimit)
		}
		if e.off > math.MaxInt64-it.base || it.base > math.MaxInt64 {
			return fmt.Errorf("item %d lies at an offset no file has: %w", it.id, bmff.ErrDamaged)
		}
		off, have := int64(it.base+e.off), size(whole)
		n := int64(min(e.len, math.MaxInt64))
		if e.len == 0 {
			n = max(0, have-off)
		}
		got := cut(whole, off, n)
		it.short = it.short || size(got) < n
		if it.spans = append(it.spans, got...); len(it.spans) > p.lim.Items {
			return fmt.Errorf("more than %d extents: %w", p.lim.Items, input.ErrLimit)
		}
	}
	return nil
}

// reach returns the bytes that e counts in.
func (p *parser) reach(m *meta, it *item, e extent) ([]exifscrub.Span, error) {
	switch it.method {
	case inFile:
		return []exifscrub.Span{{Len: p.in.Size()}}, nil
	case inItemData:
		return m.idat, nil
	case inItem:
		i := uint64(1)
		if e.index > 0 {
			i = e.index
		}
		for _, r := range m.refs {
			if r.kind != "iloc" || r.from != it.id || i > uint64(len(r.to)) {
				continue
			}
			other := m.byID[r.to[i-1]]
			if other == nil {
				break
			}
			err := p.place(m, other)
			return other.spans, err
		}
		return nil, fmt.Errorf("item %d is a part of none: %w", it.id, bmff.ErrDamaged)
	}
	return nil, fmt.Errorf("item %d has an unknown construction method: %w", it.id, input.ErrUnsupported)
}
