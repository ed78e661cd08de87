package tiff

import (
	"bytes"
	"fmt"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/block/tiff"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// An editor turns decisions into edits.
type editor struct {
	d       *doc
	gone    map[ref]bool
	value   map[ref][]byte         // new values, of the same length
	count   map[ref]uint64         // new numbers of values, of blocks that got shorter
	fields  map[*note]map[int]bool // fields of maker notes that go
	drop    map[*dir]bool          // directories that go as a whole
	unchain map[*dir]bool          // directories whose Next leads nowhere
	zero    spans                  // values that go, unless something that stays shares them
	must    spans                  // those of them that may share nothing
	guess   spans                  // where more of dropped thumbnails may lie
	blank   spans                  // image data that goes while its tags stay
	parts   spans                  // parts of values that stay
	keep    spans                  // what stays beside image data, tables and values
	patches []exifscrub.Edit
	refused error // why the file cannot be cleaned
}

func newEditor(d *doc) *editor {
	return &editor{d: d, gone: map[ref]bool{}, value: map[ref][]byte{}, count: map[ref]uint64{}, fields: map[*note]map[int]bool{}, drop: map[*dir]bool{}, unchain: map[*dir]bool{}}
}

// remove cuts r out of its directory and blanks its value.
func (e *editor) remove(r ref, c privacy.Class) {
	if e.gone[r] {
		return
	}
	e.gone[r] = true
	if v := r.Entry(); v.Valid && !v.Inline {
		e.zero = append(e.zero, v.Value)
		switch c {
		case privacy.Unknown, privacy.MakerNote, privacy.Preview:
		default:
			e.must = append(e.must, v.Value)
		}
	}
}

// set replaces the value of r by b, which has the same length.
func (e *editor) set(r ref, b []byte) { e.value[r] = b }

// shorten makes r, a block that keeps its place, end where inner, its edits,
// left off: not all readers put up with the zeros behind.
func (e *editor) shorten(r ref, inner []exifscrub.Edit) {
	v := r.Entry()
	if len(inner) == 0 || v.Inline {
		return
	}
	last := inner[len(inner)-1]
	if last.Off != v.Value.Len || last.Len != 0 || len(bytes.Trim(last.With, "\x00")) > 0 {
		return
	}
	each := int64(v.Type.Size())
	if n := (v.Value.Len - int64(len(last.With)) + each - 1) / each; n*each > e.d.r.PointerSize() { // or it would have to move into the entry
		e.count[r] = uint64(n)
	}
}

// finish returns the edits.
func (e *editor) finish() ([]exifscrub.Edit, error) {
	if e.refused != nil {
		return nil, e.refused
	}
	if err := e.dropEmpty(); err != nil {
		return nil, err
	}
	var p exifscrub.Patchset
	keep := spans{{Len: e.d.tree.Len}}
	for _, t := range e.d.tree.Dirs {
		x := e.d.dirs[t]
		if e.drop[x] {
			e.zero = append(e.zero, exifscrub.Span{Off: t.Off, Len: t.Len})
			continue
		}
		n := e.d.r.CountSize()
		for i, v := range t.Entries {
			if !e.gone[ref{x, i}] {
				n += e.d.r.EntrySize()
				if v.Valid && !v.Inline {
					keep = append(keep, v.Value)
				}
			}
		}
		if x.NextAt != 0 {
			n += e.d.r.PointerSize()
		}
		keep = append(keep, exifscrub.Span{Off: t.Off, Len: n})
	}
	keep = keep.join()
	for _, s := range append(e.blank.join().minus(keep), e.parts...) {
		p.Zero(s.Off, s.Len)
	}
	keep = slices.Concat(keep, e.keep, e.d.data).join()
	if err := e.check(keep); err != nil {
		return nil, err
	}
	for _, s := range append(e.zero, e.unguessed()...).join().minus(keep) {
		p.Zero(s.Off, s.Len)
	}
	for _, t := range e.d.tree.Dirs {
		x := e.d.dirs[t]
		if e.drop[x] {
			continue
		}
		if err := e.table(&p, x); err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
		for i, v := range t.Entries {
			if b := e.value[ref{x, i}]; b != nil && !v.Inline && !e.gone[ref{x, i}] {
				p.Set(v.Value.Off, b)
			}
		}
	}
	for _, n := range e.d.notes {
		e.patch(n)
	}
	for _, s := range e.patches {
		p.Set(s.Off, s.With)
	}
	edits := p.Edits()
	for _, n := range e.d.notes {
		if err := e.settled(n, edits); err != nil {
			return nil, err
		}
	}
	return edits, nil
}

// unguessed returns what only dropped thumbnails may use.
func (e *editor) unguessed() spans {
	var others spans
	for _, im := range e.d.images {
		if !e.drop[im.dir] {
			others = append(others, im.Guess...)
		}
	}
	return e.guess.join().minus(others.join())
}

// check refuses to leave part of a value that must go because something that
// stays shares its bytes.
func (e *editor) check(keep spans) error {
	must := e.must.join()
	left := must.minus(keep)
	for _, s := range must.minus(left) {
		zero, err := e.d.isZero(s)
		if err != nil {
			return err
		}
		if !zero {
			return fmt.Errorf("a value at %d shares bytes with what must stay: %w", s.Off, exifscrub.ErrRefused)
		}
	}
	return nil
}

// dropEmpty marks directories in which nothing is left that is worth one, and
// the pointers to directories that go.
func (e *editor) dropEmpty() error {
	for rounds := 0; ; rounds++ {
		if rounds > 100 {
			return fmt.Errorf("IFDs that point to one another in %d rounds: %w", rounds, input.ErrLimit)
		}
		again := false
		for _, t := range slices.Backward(e.d.tree.Dirs) {
			x := e.d.dirs[t]
			if !e.drop[x] && (e.emptied(x) || e.orphan(x)) {
				e.drop[x], again = true, true
			}
			if !e.drop[x] {
				continue
			}
			for _, p := range t.Refs {
				r := ref{e.d.dirs[p.Dir], p.Entry}
				if !e.gone[r] && !slices.ContainsFunc(e.d.leads[r], func(to *dir) bool { return !e.drop[to] }) {
					e.remove(r, privacy.Unknown)
					again = true
				}
			}
			for i := range t.Entries {
				if r := (ref{x, i}); !e.gone[r] {
					e.remove(r, privacy.Unknown)
					again = true
				}
			}
		}
		if !again {
			return nil
		}
	}
}

// emptied reports whether x has lost something and holds nothing of worth now.
func (e *editor) emptied(x *dir) bool {
	if x.Kind == tiff.Main && x.Prev == nil {
		return false
	}
	lost := false
	for i, role := range x.roles {
		switch {
		case e.gone[ref{x, i}]:
			lost = true
		case role != bare, x.Kind == tiff.Sub: // an image, or what is left of one
			return false
		}
	}
	return lost
}

// orphan reports whether all that led to x is going.
func (e *editor) orphan(x *dir) bool {
	if x.Prev != nil || len(x.Refs) == 0 {
		return false
	}
	for _, p := range x.Refs {
		from := e.d.dirs[p.Dir]
		if !e.gone[ref{from, p.Entry}] && !e.drop[from] {
			return false
		}
	}
	return true
}

// table writes the table of x anew if it changed.
func (e *editor) table(p *exifscrub.Patchset, x *dir) error {
	next, changed := e.next(x)
	for i := range x.Entries {
		r := ref{x, i}
		changed = changed || e.gone[r] || e.count[r] > 0 || e.value[r] != nil && x.Entries[i].Inline
	}
	if !changed {
		return nil
	}
	old, err := input.ReadRange(e.d.in, x.Off, x.Len, x.Len)
	if err != nil {
		return err
	}
	size, count := e.d.r.EntrySize(), e.d.r.CountSize()
	var out []byte
	n := 0
	for i, v := range x.Entries {
		r := ref{x, i}
		if e.gone[r] {
			continue
		}
		n++
		b := slices.Clone(old[count+int64(i)*size:][:size])
		if new := e.value[r]; new != nil && v.Inline {
			copy(b[v.Value.Off-v.At:], new)
		}
		if n := e.count[r]; n > 0 {
			e.number(b[4:4+e.d.r.PointerSize()], n)
		}
		out = append(out, b...)
	}
	head := make([]byte, count)
	e.number(head, uint64(n))
	out = append(head, out...)
	if x.NextAt != 0 {
		b := make([]byte, e.d.r.PointerSize())
		e.number(b, uint64(next))
		out = append(out, b...)
	}
	same := 0
	for same < len(out) && out[same] == old[same] {
		same++
	}
	p.Zero(x.Off+int64(len(out)), x.Len-int64(len(out)))
	p.Set(x.Off+int64(same), bytes.Clone(out[same:]))
	return nil
}

func (e *editor) number(b []byte, n uint64) {
	switch len(b) {
	case 8:
		e.d.tree.Order.PutUint64(b, n)
	case 4:
		e.d.tree.Order.PutUint32(b, uint32(n))
	default:
		e.d.tree.Order.PutUint16(b, uint16(n))
	}
}

// next returns what follows x in its chain when dropped directories are gone.
func (e *editor) next(x *dir) (off int64, changed bool) {
	if e.unchain[x] {
		return 0, x.Next != 0
	}
	off = x.Next
	for seen := 0; off != 0 && seen <= len(e.d.tree.Dirs); seen++ {
		y := e.d.at[off]
		if y == nil || !e.drop[y] || y.Prev == nil {
			break
		}
		off = y.Next
		if e.unchain[y] {
			off = 0
		}
	}
	return off, off != x.Next
}

// isZero reports whether all bytes of s are zero.
func (d *doc) isZero(s exifscrub.Span) (bool, error) {
	var buf [32 << 10]byte
	for done := int64(0); done < s.Len; {
		b := buf[:min(int64(len(buf)), s.Len-done)]
		if err := input.ReadFull(d.in, b, s.Off+done); err != nil {
			return false, err
		}
		if len(bytes.Trim(b, "\x00")) > 0 {
			return false, nil
		}
		done += int64(len(b))
	}
	return true, nil
}
