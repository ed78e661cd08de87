package mkv

import (
	"context"
	"fmt"
	"io"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/block/window"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// An entry is an item of Walk and what removing it means.
type entry struct {
	exifscrub.Item
	act  action
	node *node            // the element that act is done to
	key  string           // of what lies in clusters
	want []exifscrub.Span // what is blanked, for blankSpans
}

type action int

const (
	none       action = iota
	makeVoid          // the element becomes Void
	blankBody         // what is in the element becomes zeros: an empty text
	blankSpans        // runs of bytes become zeros
	renumber          // a random number becomes a small one
	dropTrack         // the track's entry and all its blocks become Void
	strip             // messages in a stream are blanked
	inClusters        // elements in clusters become Void
	refuse            // the file is refused: its sound cannot be taken out
)

type parser struct {
	ctx    context.Context
	in     exifscrub.Input
	lim    exifscrub.Limits
	win    *window.Reader
	budget int64 // elements that may still be read
	nodes  int   // elements held in memory

	entries  []entry
	segments []*node // what lies on the highest level and is no cluster
	clusters []cluster
	tracks   map[uint64]*track
	order    []*track
	uids     []*node
	refs     []*node
	counts   map[string]*entry // what clusters hold, by kind
	coded    codedRuns
	early    bool            // the file is shorter than it says
	open     bool            // the cluster being read is
	dropped  map[*track]bool // whose blocks go; nil while walking
}

// A cluster holds blocks of tracks.
type cluster struct {
	exifscrub.Span
	tracks map[uint64]*track
	open   bool // it ends where the file does, or where another element begins
}

// parse reads the file from its first element to its end.
func (p *parser) parse() error {
	size := p.in.Size()
	for off := int64(0); off < size; {
		n, err := p.next(off, size, nil)
		if err != nil {
			if len(p.segments) > 1 { // a whole file, and something behind it
				return p.behind(off)
			}
			return err
		}
		switch n.id {
		case idEBML:
			err = p.tree(n)
		case idSegment:
			err = p.segment(n)
		case idVoid:
			err = p.voidElement(n)
		default:
			if len(p.segments) < 2 {
				return fmt.Errorf("element %#x where the segment should be: %w", n.id, errBroken)
			}
			p.unknown(n, "")
		}
		if err != nil {
			return err
		}
		p.segments = append(p.segments, n)
		off = n.end
	}
	if len(p.segments) == 0 || !slices.ContainsFunc(p.segments, func(n *node) bool { return n.id == idSegment }) {
		return fmt.Errorf("no segment: %w", io.ErrUnexpectedEOF)
	}
	return p.finish()
}

// finish adds what is known only at the end.
func (p *parser) finish() error {
	p.danglingRefs()
	for _, k := range []string{keyVoid, keyUnknown, keyStray} {
		if e := p.counts[k]; e != nil {
			p.entries = append(p.entries, *e)
		}
	}
	for _, t := range p.order {
		if err := p.trackEntry(t); err != nil {
			return err
		}
	}
	for _, s := range p.coded.runs {
		p.entries = append(p.entries, entry{Item: exifscrub.Item{Coded: &s}})
	}
	if p.early {
		p.entries = append(p.entries, entry{Item: exifscrub.Item{Note: "the file ends early"}})
	}
	return nil
}

// next returns the element at off, which ends at end or before. One that
// would leave the file is cut; one that leaves its parent is an error.
func (p *parser) next(off, end int64, parent *node) (*node, error) {
	id, head, size, err := p.header(off, end)
	if err != nil {
		return nil, err
	}
	n := &node{id: id, off: off, data: off + head, parent: parent}
	var in uint32
	if parent != nil {
		in = parent.id
	}
	n.known, _ = lookup(id, in)
	switch {
	case size == unknownSize && (id == idSegment || id == idCluster): // section 5.1.1.5 of RFC 9559
		n.end, n.live = end, true
	case size == unknownSize:
		return nil, fmt.Errorf("element at %d has no size: %w", off, errBroken)
	case size > end-n.data:
		if end < p.in.Size() || parent != nil && !parent.open() {
			return nil, fmt.Errorf("element at %d is larger than what it lies in: %w", off, errBroken)
		}
		n.end, n.cut, p.early = end, true, true
	default:
		n.end = n.data + size
	}
	return n, nil
}

// open reports whether n ends with the file because it is cut or has no size.
func (n *node) open() bool { return n.cut || n.live }

// segment reads what lies in a segment. Clusters are not held in memory.
func (p *parser) segment(s *node) error {
	p.tracks = map[uint64]*track{}
	for off := s.data; off < s.end; {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		if zeros, err := p.restZero(off, s); err != nil || zeros {
			return err
		}
		n, err := p.next(off, s.end, s)
		if err != nil {
			if s.end == p.in.Size() && len(p.clusters) > 0 && p.early {
				return p.cutOff(off, s.end)
			}
			return err
		}
		if n.id == idEBML || n.id == idSegment { // another file behind one without a size
			s.end = off
			return nil
		}
		if n.id == idCluster {
			if s.kid(idTracks) == nil {
				return fmt.Errorf("clusters before tracks: %w", input.ErrUnsupported)
			}
			p.open = n.open()
			end, err := p.scanCluster(n.off, n.data, n.end)
			if err != nil {
				return err
			}
			p.clusters = append(p.clusters, cluster{exifscrub.Span{Off: off, Len: end - off}, p.tracks, p.open})
			if len(p.clusters) > 4*p.lim.Items {
				return fmt.Errorf("more than %d clusters: %w", 4*p.lim.Items, input.ErrLimit)
			}
			off = end
			continue
		}
		s.kids = append(s.kids, n)
		if err := p.tree(n); err != nil {
			return err
		}
		off = n.end
	}
	return nil
}

// restZero reports whether s, which ends with the file, holds only zeros from
// off on: a file that was not written completely.
func (p *parser) restZero(off int64, s *node) (bool, error) {
	b, err := p.win.Head(off, 1)
	if err != nil || b[0] != 0 || s.end != p.in.Size() {
		return false, err
	}
	zeros, err := p.win.Zeros(off, s.end)
	p.early = p.early || zeros
	return zeros, err
}

// cutOff handles what is left of an element whose head the file's end cuts.
func (p *parser) cutOff(off, end int64) error {
	p.early = true
	s := exifscrub.Span{Off: off, Len: end - off}
	p.find(privacy.Finding{Class: privacy.Unknown, Path: "cut element", Spans: []exifscrub.Span{s}}, entry{act: blankSpans, want: []exifscrub.Span{s}})
	return nil
}

// behind handles what follows the last segment and is no element.
func (p *parser) behind(off int64) error {
	size := p.in.Size()
	zeros, err := p.win.Zeros(off, size)
	if err != nil {
		return err
	}
	if !zeros {
		s := exifscrub.Span{Off: off, Len: size - off}
		p.find(privacy.Finding{Class: privacy.Unknown, Path: "after the segment", Spans: []exifscrub.Span{s}}, entry{act: blankSpans, want: []exifscrub.Span{s}})
	}
	return p.finish()
}

// tree reads n and everything in it, to find what it gives away.
func (p *parser) tree(n *node) error {
	if p.nodes++; p.nodes > 5*p.lim.Items {
		return fmt.Errorf("more than %d elements: %w", 5*p.lim.Items, input.ErrLimit)
	}
	if len(p.entries) > p.lim.Items {
		return fmt.Errorf("more than %d items: %w", p.lim.Items, input.ErrLimit)
	}
	switch {
	case n.id == idVoid:
		return p.voidElement(n)
	case n.id == idCRC && n.parent != nil && n.end-n.data == 4 && n.off == n.parent.data: // RFC 8794, section 11.3.1
		return nil
	case n.known.kind == 0:
		p.unknown(n, parentName(n))
		return nil
	case n.known.kind != master:
		return p.leaf(n)
	}
	depth := 0
	for up := n.parent; up != nil; up = up.parent {
		depth++
	}
	if depth > p.lim.Depth {
		return fmt.Errorf("elements nested %d deep: %w", depth, input.ErrLimit)
	}
	first := len(p.entries)
	if n.id == idTrack {
		p.order = append(p.order, &track{node: n})
	}
	for off := n.data; off < n.end; {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		if n.cut && n.end-off < 12 { // the file's end may cut the head of an element
			if _, _, _, err := p.header(off, n.end); err != nil {
				return p.cutOff(off, n.end)
			}
		}
		k, err := p.next(off, n.end, n)
		if err != nil {
			return err
		}
		n.kids = append(n.kids, k)
		if err := p.tree(k); err != nil {
			return err
		}
		off = k.end
	}
	switch n.id {
	case idTrack:
		return p.track(p.order[len(p.order)-1])
	case idSimpleTag:
		return p.simpleTag(n)
	case idFile:
		return p.attachment(n, first)
	}
	return nil
}

// unknown adds a finding about an element that nothing names.
func (p *parser) unknown(n *node, in string) {
	if in != "" {
		in += "/"
	}
	p.find(privacy.Finding{Class: privacy.Unknown, Path: fmt.Sprintf("%s%#x", in, n.id), Spans: []exifscrub.Span{n.span()}}, entry{act: makeVoid, node: n})
}

// voidElement adds a finding if a Void element holds anything.
func (p *parser) voidElement(n *node) error {
	zeros, err := p.win.Zeros(n.data, n.end)
	if err == nil && !zeros {
		p.find(privacy.Finding{Class: privacy.Unknown, Path: "Void", Spans: []exifscrub.Span{n.body()}}, entry{act: blankBody, node: n})
	}
	return err
}

func parentName(n *node) string {
	if n.parent == nil || n.parent.id == idSegment {
		return ""
	}
	return n.parent.known.name
}

func (p *parser) find(f privacy.Finding, e entry) {
	e.Item = exifscrub.Item{Finding: &f}
	p.entries = append(p.entries, e)
}

// read returns what is in n.
func (p *parser) read(n *node) ([]byte, error) {
	return input.ReadRange(p.in, n.data, n.end-n.data, p.lim.Field)
}
