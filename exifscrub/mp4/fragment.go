package mp4

import (
	"cmp"
	"encoding/binary"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/input"
)

// fragmentBoxes are boxes of movie fragments that say how to play them (8.8).
var fragmentBoxes = map[string]bool{
	"mfhd": true, "tfhd": true, "tfdt": true, "trun": true, "sdtp": true, "sbgp": true, "sgpd": true, "subs": true, "saiz": true, "saio": true, "senc": true, "pssh": true,
}

// fragment looks at a movie fragment.
func (p *parser) fragment(b bmff.Box) error {
	return p.inside(b, "Fragment", func(c bmff.Box) error {
		switch {
		case c.Type == "traf":
			return p.inside(c, "Fragment", func(d bmff.Box) error {
				if d.Type == "saio" {
					return p.auxiliary(d, b.Start)
				}
				if fragmentBoxes[d.Type] {
					return nil
				}
				return p.common(d, "Fragment")
			})
		case fragmentBoxes[c.Type]:
			return nil
		}
		return p.common(c, "Fragment")
	})
}

// index is a box that tells where fragments of one track are.
type index struct {
	box   bmff.Box
	track uint32
}

// fragmentIndex looks at mfra (8.8.9).
func (p *parser) fragmentIndex(b bmff.Box) error {
	return p.inside(b, "FragmentIndex", func(c bmff.Box) error {
		switch c.Type {
		case "tfra":
			return p.index(c)
		case "mfro":
			return nil
		}
		return p.common(c, "FragmentIndex")
	})
}

// segmentIndex looks at sidx (8.16.3); ssix has no track of its own.
func (p *parser) segmentIndex(b bmff.Box) error {
	if b.Type == "ssix" {
		return nil
	}
	return p.index(b)
}

// index remembers a full box that begins with a track ID.
func (p *parser) index(b bmff.Box) error {
	h, err := p.head(b.Content(), 8)
	if err != nil || len(h) < 8 {
		return err
	}
	p.indexes = append(p.indexes, index{b, binary.BigEndian.Uint32(h[4:])})
	return nil
}

// trackOf returns the index of the track with an ID, or -1.
func (f *file) trackOf(id uint32) int {
	return slices.IndexFunc(f.tracks, func(t *track) bool { return t.ID == id })
}

// dropped returns the boxes of fragments and their indexes that go with tracks,
// ascending.
func (f *file) dropped(in input.Input, removed []bool) ([]bmff.Box, error) {
	if !slices.Contains(removed, true) {
		return nil, nil
	}
	isGone := func(id uint32) bool { i := f.trackOf(id); return i >= 0 && removed[i] }
	var out []bmff.Box
	for _, x := range f.indexes {
		if isGone(x.track) {
			out = append(out, x.box)
		}
	}
	for _, moof := range f.moofs {
		drop, err := droppedFragments(in, moof, isGone)
		if err != nil {
			return nil, err
		}
		out = append(out, drop...)
	}
	slices.SortFunc(out, func(a, b bmff.Box) int { return cmp.Compare(a.Start, b.Start) })
	return out, nil
}

// droppedFragments returns the track fragments in moof that go. Where samples
// of one lie may depend on the one before: then all stay, without their samples.
func droppedFragments(in input.Input, moof bmff.Box, isGone func(uint32) bool) ([]bmff.Box, error) {
	var drop []bmff.Box
	first := true
	for b, err := range bmff.Boxes(in, moof.Body, moof.End) {
		if err != nil {
			return nil, err
		}
		if b.Type != "traf" {
			continue
		}
		id, based, err := bmff.TrackFragment(in, b)
		if err != nil {
			return nil, err
		}
		if !based && !first {
			return nil, nil
		}
		if first = false; isGone(id) {
			drop = append(drop, b)
		}
	}
	return drop, nil
}

// fragmentCursor walks what tracks own through fragments. Fragments must lie in
// the order of their samples, as they do in every file that was recorded.
type fragmentCursor struct {
	f     *file
	in    input.Input
	want  func(int) bool
	moof  int // that is read next
	ready []owned
}

func (c *fragmentCursor) next() (owned, bool, error) {
	for len(c.ready) == 0 {
		if c.moof == len(c.f.moofs) {
			return owned{}, false, nil
		}
		c.ready = c.ready[:0]
		for r, err := range bmff.Runs(c.in, c.f.moofs[c.moof], c.f.defaults) {
			if err != nil {
				return owned{}, false, err
			}
			i := c.f.trackOf(r.Track)
			if i < 0 || !c.want(i) || r.Size == 0 {
				continue
			}
			if o, ok := c.f.clip(owned{exifscrub.Span{Off: r.Off, Len: r.Size}, i}); ok {
				c.ready = append(c.ready, o)
			}
		}
		slices.SortFunc(c.ready, func(a, b owned) int { return cmp.Compare(a.Off, b.Off) })
		c.moof++
	}
	o := c.ready[0]
	c.ready = c.ready[1:]
	return o, true, nil
}
