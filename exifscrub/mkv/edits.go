package mkv

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"iter"
	"slices"
	"time"

	"flightveil/exifscrub"
	"flightveil/internal/block/dv"
	"flightveil/internal/block/nal"
	"flightveil/internal/input"
)

// An editor makes the edits for one list of decisions.
type editor struct {
	*parser
	patch  exifscrub.Patchset
	strips map[*track]bool
	gone   map[string]bool // kinds of what lies in clusters
	uidTo  map[uint32]map[uint64]uint64
	lost   map[uint32]map[uint64]bool // identifiers of what goes
}

// edits returns what decisions change. Elements outside clusters are edited
// first, in memory; clusters follow as they are read.
func (p *parser) edits(ctx context.Context, decisions []exifscrub.Decision) iter.Seq2[exifscrub.Edit, error] {
	if len(decisions) != len(p.entries) {
		return exifscrub.Fail(fmt.Errorf("%d decisions for %d items", len(decisions), len(p.entries)))
	}
	own := newParser(ctx, p.in, p.lim)
	own.entries, own.segments, own.clusters, own.uids, own.refs, own.order = p.entries, p.segments, p.clusters, p.uids, p.refs, p.order
	own.dropped = map[*track]bool{}
	e := &editor{parser: own, strips: map[*track]bool{}, gone: map[string]bool{}, uidTo: map[uint32]map[uint64]uint64{}, lost: map[uint32]map[uint64]bool{}}
	idle := true
	void := map[*node]bool{}
	for i, d := range decisions {
		if d.Action == "keep" || d.Note != "" || d.Coded != nil {
			idle = idle && len(d.Inner) == 0
			continue
		}
		idle = false
		if err := e.do(p.entries[i], d, void); err != nil {
			return exifscrub.Fail(err)
		}
	}
	if idle {
		return exifscrub.Seq(nil)
	}
	edits, err := e.outside(void, decisions)
	if err != nil {
		return exifscrub.Fail(err)
	}
	return e.merge(edits)
}

// do notes what removing one item means.
func (e *editor) do(x entry, d exifscrub.Decision, void map[*node]bool) error {
	switch x.act {
	case makeVoid:
		if x.node.known.kind == date && d.Coarse() && x.node.end-x.node.data == 8 {
			return e.day(x.node)
		}
		void[x.node] = true
	case blankBody:
		e.patch.Zero(x.node.data, x.node.end-x.node.data)
	case blankSpans:
		for _, s := range x.want {
			e.patch.Zero(s.Off, s.Len)
		}
	case renumber:
		return e.renumber(x.node)
	case dropTrack:
		void[x.node] = true
		for _, t := range e.order {
			if t.node == x.node {
				e.dropped[t] = true
			}
		}
	case strip:
		return e.strip(x.node)
	case inClusters:
		e.gone[x.key] = true
	case refuse:
		return fmt.Errorf("%s: %w", dv.Inseparable, exifscrub.ErrRefused)
	}
	return nil
}

// strip blanks what the decoder configuration of a track tells, and notes that
// its blocks follow.
func (e *editor) strip(n *node) error {
	for _, t := range e.order {
		if t.node != n {
			continue
		}
		e.strips[t] = true
		for _, s := range t.config {
			unit, err := input.ReadRange(e.in, s.Off, s.Len, nal.MaxUnit)
			if err != nil {
				return err
			}
			for _, m := range t.units.Messages(unit) {
				for _, x := range blanked(s.Off, m) {
					e.patch.Set(x.Off, x.With)
				}
			}
		}
	}
	return nil
}

// blanked returns the edit that blanks what m, in the unit at off, tells.
func blanked(off int64, m nal.Message) []exifscrub.Edit {
	if !slices.ContainsFunc(m.Fields, tells) {
		return nil
	}
	return []exifscrub.Edit{{Off: off + m.Span.Off, Len: m.Span.Len, With: m.Blank(tells)}}
}

// day leaves the day of a date.
func (e *editor) day(n *node) error {
	b, err := e.read(n)
	if err != nil {
		return err
	}
	const day = uint64(24 * time.Hour)
	ns := int64(binary.BigEndian.Uint64(b))
	rest := uint64(ns) % day
	if ns < 0 {
		rest = (day - uint64(-ns)%day) % day
	}
	e.patch.Set(n.data, binary.BigEndian.AppendUint64(nil, uint64(ns)-rest))
	return nil
}

// renumber gives an identifier the smallest number that is free.
func (e *editor) renumber(n *node) error {
	used := map[uint64]bool{0: true}
	old := uint64(0)
	for _, u := range e.uids {
		b, err := e.read(u)
		if err != nil {
			return err
		}
		if u.id == n.id {
			used[number(b)] = true
		}
		if u == n {
			old = number(b)
		}
	}
	m := e.uidTo[n.id]
	if m == nil {
		m = map[uint64]uint64{}
		e.uidTo[n.id] = m
	}
	for _, v := range m {
		used[v] = true
	}
	v := uint64(1)
	for used[v] {
		v++
	}
	if to, ok := m[old]; ok {
		v = to
	}
	m[old] = v
	e.patch.Set(n.data, bytesOf(v, n.end-n.data))
	return nil
}

// outside returns the edits outside clusters, in order.
func (e *editor) outside(void map[*node]bool, decisions []exifscrub.Decision) ([]exifscrub.Edit, error) {
	for n := range void {
		for _, k := range n.kids { // what goes takes its identifier with it
			if k.known.kind == uid {
				b, err := e.read(k)
				if err != nil {
					return nil, err
				}
				if e.lost[k.id] == nil {
					e.lost[k.id] = map[uint64]bool{}
				}
				e.lost[k.id][number(b)] = true
			}
		}
	}
	if err := e.follow(void); err != nil {
		return nil, err
	}
	for _, s := range e.segments {
		e.empty(s, void)
	}
	if err := e.index(void); err != nil {
		return nil, err
	}
	var inner []exifscrub.Edit // edits in attachments, for the checksums only
	for i, d := range decisions {
		if d.Child == nil || d.Action != "keep" || len(d.Inner) == 0 || !summed(e.entries[i].node) {
			continue
		}
		at := d.Child.Spans[0]
		var b bytes.Buffer
		if at.Len <= e.lim.Field {
			if err := exifscrub.Apply(&b, input.Section(e.in, at.Off, at.Len), exifscrub.Seq(d.Inner)); err != nil {
				return nil, err
			}
		}
		inner = append(inner, exifscrub.Edit{Off: at.Off, Len: at.Len, With: b.Bytes()})
	}
	edits := e.withVoids(void)
	if len(edits)+len(inner) == 0 && len(e.dropped)+len(e.gone)+len(e.strips) == 0 {
		return nil, nil
	}
	return e.checksums(edits, inner, void)
}

// summed reports whether a checksum covers n.
func summed(n *node) bool {
	for ; n != nil; n = n.parent {
		if len(n.kids) > 0 && n.kids[0].id == idCRC {
			return true
		}
	}
	return false
}

// withVoids returns the edits so far, where a Void element wins over what was
// to be changed in it.
func (e *editor) withVoids(void map[*node]bool) []exifscrub.Edit {
	var tops []*node
	for n := range void {
		top := true
		for up := n.parent; up != nil && top; up = up.parent {
			top = !void[up]
		}
		if top {
			tops = append(tops, n)
		}
	}
	slices.SortFunc(tops, func(a, b *node) int { return cmp.Compare(a.off, b.off) })
	edits := slices.DeleteFunc(e.patch.Edits(), func(x exifscrub.Edit) bool {
		i, _ := slices.BinarySearchFunc(tops, x.Off, func(n *node, off int64) int { return cmp.Compare(n.end-1, off) })
		return i < len(tops) && tops[i].off <= x.Off
	})
	for _, n := range tops {
		edits = append(edits, voidEdits(n.span())...)
	}
	slices.SortStableFunc(edits, func(a, b exifscrub.Edit) int { return cmp.Compare(a.Off, b.Off) })
	return edits
}

// follow mends references to what got another number or went.
func (e *editor) follow(void map[*node]bool) error {
	for _, r := range e.refs {
		b, err := e.read(r)
		if err != nil {
			return err
		}
		kind, v := refers[r.id], number(b)
		switch to, ok := e.uidTo[kind][v]; {
		case e.lost[kind][v] && r.parent.id == idTargets:
			void[r.parent.parent] = true // a tag about nothing
		case e.lost[kind][v]:
			void[r] = true
		case ok:
			e.patch.Set(r.data, bytesOf(to, r.end-r.data))
		}
	}
	return nil
}

// empty marks the elements below n that hold nothing any more.
func (e *editor) empty(n *node, void map[*node]bool) {
	need := map[uint32][]uint32{
		idTag: {idSimpleTag}, idTags: {idTag}, idAttach: {idFile}, idEdition: {idAtom, idEdDisplay}, idChapters: {idEdition},
	}
	for _, k := range n.kids {
		if !void[k] {
			e.empty(k, void)
		}
	}
	if kinds, ok := need[n.id]; ok && len(n.kids) > 0 {
		was, is := 0, 0
		for _, k := range n.kids {
			if slices.Contains(kinds, k.id) {
				if was++; !void[k] {
					is++
				}
			}
		}
		if was > 0 && is == 0 {
			void[n] = true
		}
	}
}

// index marks the entries of seek heads and cues that lead to what went.
func (e *editor) index(void map[*node]bool) error {
	droppedNumbers := map[uint64]bool{}
	for t := range e.dropped {
		droppedNumbers[t.number] = true
	}
	for _, s := range e.segments {
		at := map[int64]bool{}
		for _, k := range s.kids {
			at[k.off-s.data] = void[k]
		}
		for _, k := range s.kids {
			switch k.id {
			case idSeekHead:
				for _, seek := range k.kids {
					if pos := seek.kid(idSeekPos); pos != nil {
						b, err := e.read(pos)
						if err != nil {
							return err
						}
						if at[int64(number(b))] {
							void[seek] = true
						}
					}
				}
			case idCues:
				if len(droppedNumbers) > 0 {
					if err := e.cues(k, droppedNumbers, void); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

func (e *editor) cues(cues *node, dropped map[uint64]bool, void map[*node]bool) error {
	for _, point := range cues.kids {
		left, had := 0, 0
		for _, pos := range point.kids {
			if pos.id != idCueTracks {
				continue
			}
			had++
			track := pos.kid(idCueTrack)
			if track != nil {
				b, err := e.read(track)
				if err != nil {
					return err
				}
				if dropped[number(b)] {
					void[pos] = true
					continue
				}
			}
			if n := pos.kid(idCueBlock); n != nil { // blocks before it may be gone
				void[n] = true
			}
			left++
		}
		if had > 0 && left == 0 {
			void[point] = true
		}
	}
	return nil
}

// checksums adds to edits what mends the checksums of elements that change.
func (e *editor) checksums(edits, inner []exifscrub.Edit, void map[*node]bool) ([]exifscrub.Edit, error) {
	var crcs []*node
	var find func(n *node)
	find = func(n *node) {
		if void[n] {
			return
		}
		for _, k := range n.kids {
			find(k) // the innermost first
		}
		if len(n.kids) > 0 && n.kids[0].id == idCRC && n.kids[0].end-n.kids[0].data == 4 {
			crcs = append(crcs, n.kids[0])
		}
	}
	for _, s := range e.segments {
		find(s)
	}
	for _, c := range crcs {
		n := c.parent
		touches := func(x exifscrub.Edit) bool { return x.Off < n.end && x.Off+x.Len > c.end }
		if n.id != idSegment && !slices.ContainsFunc(edits, touches) && !slices.ContainsFunc(inner, touches) {
			continue
		}
		size := n.end - c.end
		if n.id == idSegment || size > e.lim.Field {
			edits = insert(edits, voidEdits(c.span())...)
			continue
		}
		b, err := input.ReadRange(e.in, c.end, size, e.lim.Field)
		if err != nil {
			return nil, err
		}
		for _, list := range [][]exifscrub.Edit{edits, inner} {
			for _, x := range list {
				if touches(x) {
					overlay(b, x, c.end)
				}
			}
		}
		sum := binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(b))
		edits = insert(edits, exifscrub.Edit{Off: c.data, Len: 4, With: sum})
	}
	return edits, nil
}

// overlay puts x, which keeps sizes, over b, which lies at off.
func overlay(b []byte, x exifscrub.Edit, off int64) {
	for i := max(0, off-x.Off); i < x.Len && x.Off+i-off < int64(len(b)); i++ {
		v := byte(0)
		if !x.Zero {
			v = x.With[i]
		}
		b[x.Off+i-off] = v
	}
}

func insert(edits []exifscrub.Edit, more ...exifscrub.Edit) []exifscrub.Edit {
	for _, x := range more {
		i, _ := slices.BinarySearchFunc(edits, x.Off, func(y exifscrub.Edit, off int64) int { return cmp.Compare(y.Off, off) })
		edits = slices.Insert(edits, i, x)
	}
	return edits
}

// merge yields edits and those in clusters in order.
func (e *editor) merge(edits []exifscrub.Edit) iter.Seq2[exifscrub.Edit, error] {
	return func(yield func(exifscrub.Edit, error) bool) {
		defer e.win.Free()
		e.budget = 2*e.budget + 1<<20
		emit := func(to int64) bool {
			for len(edits) > 0 && edits[0].Off < to {
				if !yield(edits[0], nil) {
					return false
				}
				edits = edits[1:]
			}
			return true
		}
		for _, c := range e.clusters {
			if len(e.dropped)+len(e.gone)+len(e.strips) == 0 {
				break
			}
			if !emit(c.Off) {
				return
			}
			e.tracks, e.open = c.tracks, c.open
			in, err := e.inCluster(c.Span)
			if err != nil {
				yield(exifscrub.Edit{}, err)
				return
			}
			for _, x := range in {
				if !yield(x, nil) {
					return
				}
			}
		}
		emit(e.in.Size())
	}
}

// inCluster returns the edits in one cluster.
func (e *editor) inCluster(c exifscrub.Span) ([]exifscrub.Edit, error) {
	_, head, _, err := e.header(c.Off, c.End())
	if err != nil {
		return nil, err
	}
	var out []exifscrub.Edit
	var sum exifscrub.Span
	_, err = e.cluster(c.Off, c.Off+head, c.End(), func(x event) error {
		if len(out) > 2*e.lim.Items {
			return fmt.Errorf("more than %d edits in a cluster: %w", 2*e.lim.Items, input.ErrLimit)
		}
		if x.key == "" && e.strips[x.track] {
			return e.messages(x.track, x.data, func(off int64, m nal.Message) { out = append(out, blanked(off, m)...) })
		}
		if x.key != "" && e.gone[x.key] || x.key == "" && e.dropped[x.track] {
			out = append(out, voidEdits(x.whole)...)
		}
		return nil
	}, func(s exifscrub.Span) { sum = s })
	if err == nil && len(out) > 0 && sum.Len > 0 {
		out = insert(out, voidEdits(sum)...)
	}
	return out, err
}
