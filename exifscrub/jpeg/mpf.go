package jpeg

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Tags of the MP index and attribute IFDs (CIPA DC-007, 5.2.3 and 5.2.4).
const (
	tagVersion     = 0xB000
	tagImages      = 0xB001
	tagEntries     = 0xB002
	tagUIDs        = 0xB003
	tagFrames      = 0xB004
	tagIndividual  = 0xB101
	tagPanorama    = 0xB201
	tagRollAngle   = 0xB20D
	mpEntry        = 16 // bytes of an MP entry: flags and type, size, offset, two dependent images
	mpUID          = 33 // bytes of a picture's unique id
	maxPictures    = 1000
	maxDirectories = 4
)

// An index is the MPF segment of a picture.
type index struct {
	seg     segment
	base    int64 // of its TIFF header, from which its offsets count
	b       []byte
	order   binary.ByteOrder
	count   int            // where the number of images lies in b, 0 if it is not there
	entries int            // where the MP entries lie in b
	size    int            // where the length of the MP entries lies in b
	n       int            // number of entries
	ids     int            // where the length of the pictures' unique ids lies in b, 0 if it is not there
	uids    exifscrub.Span // the ids, if there are any
}

// A picture is one that the index names, behind the first.
type picture struct {
	entry int
	appended
}

// multiPicture adds an MPF segment and the pictures it names.
func (f *file) multiPicture(c *carrier) error {
	b, err := f.payload(c.segment)
	if err != nil {
		return err
	}
	x := &index{seg: c.segment, base: c.data.Off + int64(len(sigMPF)), b: b[len(sigMPF):], order: binary.LittleEndian}
	if !tiffHeader(x.b) || f.index != nil {
		f.unknown("APP2/MPF", c.span())
		return nil
	}
	if x.b[0] == 'M' {
		x.order = binary.BigEndian
	}
	used, odd, ids := x.read()
	if used == nil {
		f.unknown("APP2/MPF", c.span())
		return nil
	}
	if x.entries > 0 {
		f.index = x
		if err := f.pictures(x); err != nil {
			return err
		}
		if len(f.pics) == 0 {
			f.index = nil
			f.unknown("APP2/MPF", c.span())
			return nil
		}
	}
	what := privacy.Finding{Class: privacy.Technical, Path: "APP2/MPF", Spans: []exifscrub.Span{c.data}}
	f.add(part{spans: []exifscrub.Span{c.span()}, items: []exifscrub.Item{{Finding: &what}}, edit: keep})
	if x.uids = ids; ids.Len > 0 {
		what := privacy.Finding{Class: privacy.Identity, Path: "APP2/MPF/ImageUIDList", Spans: []exifscrub.Span{ids}, Value: privacy.Secret(fmt.Sprintf("(%d bytes)", ids.Len))}
		f.add(part{spans: what.Spans, items: []exifscrub.Item{{Finding: &what}}, edit: func(ds []exifscrub.Decision, e *editor) error {
			if e.blanked = anyGone(ds); e.blanked {
				e.zero(ids)
			}
			return nil
		}})
	}
	if spans := x.gaps(used, odd); len(spans) > 0 {
		f.blankable(privacy.Finding{Class: privacy.Unknown, Path: "APP2/MPF/other bytes", Spans: spans})
	}
	return nil
}

// read follows the directories of x. It returns which bytes of b it
// understood, nil if they do not hang together, the spans of values no rule
// accounts for, and where the pictures' unique ids lie.
func (x *index) read() (used []bool, odd []exifscrub.Span, ids exifscrub.Span) {
	used = make([]bool, len(x.b))
	mark := func(off, n int64) bool { // nothing may be two things at once
		if off < 0 || n < 0 || off > int64(len(x.b)) || n > int64(len(x.b))-off || slices.Contains(used[off:off+n], true) {
			return false
		}
		for i := off; i < off+n; i++ {
			used[i] = true
		}
		return true
	}
	if !mark(0, 8) {
		return nil, nil, ids
	}
	for off, dirs := int64(x.order.Uint32(x.b[4:])), 0; off != 0; dirs++ {
		if dirs == maxDirectories || !mark(off, 2) {
			return nil, nil, ids
		}
		n := int64(x.order.Uint16(x.b[off:]))
		if !mark(off+2, 12*n) {
			return nil, nil, ids
		}
		for i := range n {
			e := off + 2 + 12*i
			at, size, ok := x.value(e)
			if !ok || at != e+8 && !mark(at, size) {
				return nil, nil, ids
			}
			s := exifscrub.Span{Off: x.base + at, Len: size}
			switch tag := x.order.Uint16(x.b[e:]); {
			case tag == tagEntries && size >= mpEntry && x.entries == 0:
				x.entries, x.size, x.n = int(at), int(e+4), int(min(size/mpEntry, maxPictures))
			case tag == tagImages && size == 4:
				x.count = int(at)
			case tag == tagUIDs:
				if x.ids = int(e + 4); !blank(x.b[at : at+size]) {
					ids = s
				}
			case tag == tagVersion, tag == tagFrames, tag == tagIndividual, tag >= tagPanorama && tag <= tagRollAngle:
			default:
				if !blank(x.b[at : at+size]) {
					odd = append(odd, s)
				}
			}
		}
		next := off + 2 + 12*n
		if !mark(next, 4) {
			break // some writers leave out the offset of the next directory
		}
		off = int64(x.order.Uint32(x.b[next:]))
	}
	return used, odd, ids
}

// value returns where the value of the entry at e lies, and its length.
func (x *index) value(e int64) (at, size int64, ok bool) {
	width := map[uint16]int64{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}[x.order.Uint16(x.b[e+2:])]
	size = width * int64(x.order.Uint32(x.b[e+4:]))
	if size <= 4 {
		return e + 8, 4, width > 0
	}
	return int64(x.order.Uint32(x.b[e+8:])), size, true
}

// gaps returns odd and the bytes of b that were not understood and are not zero.
func (x *index) gaps(used []bool, odd []exifscrub.Span) []exifscrub.Span {
	for i := 0; i < len(used); i++ {
		if used[i] || x.b[i] == 0 {
			continue
		}
		j := i
		for j < len(used) && !used[j] {
			j++
		}
		odd = append(odd, exifscrub.Span{Off: x.base + int64(i), Len: int64(j - i)})
		i = j
	}
	slices.SortFunc(odd, func(a, b exifscrub.Span) int { return cmp.Compare(a.Off, b.Off) })
	return odd
}

func blank(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// entry returns MP entry i.
func (x *index) entry(i int) []byte { return x.b[x.entries+mpEntry*i:][:mpEntry] }

// pictures finds the pictures that x names. Their offsets are right in the
// files of all makers; their sizes are not.
func (f *file) pictures(x *index) error {
	for i := range x.n {
		e := x.entry(i)
		size, off := int64(x.order.Uint32(e[4:])), int64(x.order.Uint32(e[8:]))
		start := x.base + off
		if off == 0 || start < f.end || start > f.in.Size()-4 {
			continue
		}
		b, err := f.w.Head(start, 3)
		if err != nil {
			return err
		}
		if len(b) < 3 || b[0] != 0xFF || b[1] != mSOI || b[2] != 0xFF {
			continue
		}
		f.pics = append(f.pics, &picture{i, appended{exifscrub.Span{Off: start, Len: size}}})
	}
	slices.SortStableFunc(f.pics, func(a, b *picture) int { return cmp.Compare(a.span.Off, b.span.Off) })
	f.pics = slices.CompactFunc(f.pics, func(a, b *picture) bool { return a.span.Off == b.span.Off })
	var whole []*picture
	for i, p := range f.pics {
		limit := f.in.Size()
		if i+1 < len(f.pics) {
			limit = f.pics[i+1].span.Off
		}
		ok, err := f.settle(p, limit)
		if err != nil {
			return err
		}
		if ok {
			whole = append(whole, p)
		}
	}
	f.pics = whole
	return nil
}

// settle finds the end of p, which lies at limit or before, and reports whether
// there is a picture at all. The size the index tells is believed if EOI is
// there; whatever it includes too much is looked at with the picture.
func (f *file) settle(p *picture, limit int64) (bool, error) {
	w := newReader(input.Section(f.in, 0, limit))
	defer w.free()
	l, err := walk(w, p.span.Off, true, f.lim)
	if err != nil || len(l.segs) == 0 || l.segs[len(l.segs)-1].marker != mSOS {
		return false, err
	}
	if p.span.Len > l.end-p.span.Off && p.span.Len <= limit-p.span.Off {
		b, err := f.w.Head(p.span.End()-2, 2)
		if err != nil {
			return false, err
		}
		if len(b) == 2 && b[0] == 0xFF && b[1] == mEOI {
			return true, nil
		}
	}
	if l, err = walk(w, p.span.Off, false, f.lim); err != nil {
		return false, err
	}
	p.span.Len = l.end - p.span.Off
	return true, nil
}

// mend makes the index and the directory fit what became of the pictures.
func (f *file) mend(e *editor) error {
	if err := f.mendIndex(e); err != nil {
		return err
	}
	return f.dir.mend(f.end, f.in.Size(), e)
}

func (f *file) mendIndex(e *editor) error {
	x := f.index
	if x == nil {
		return nil
	}
	if !slices.ContainsFunc(f.pics, func(p *picture) bool { return !e.became[&p.appended].gone }) {
		return f.dropIndex(e)
	}
	if len(e.shifts) == 0 {
		return nil
	}
	moved := map[int]*picture{}
	for _, p := range f.pics {
		if !e.became[&p.appended].gone {
			moved[p.entry] = p
		}
	}
	base := e.moved(x.base)
	kept := make([]byte, 0, mpEntry*x.n)
	var ids []byte
	number := map[uint16]uint16{} // new numbers of the pictures, from 1
	for i := range x.n {
		entry := slices.Clone(x.entry(i))
		if p := moved[i]; p != nil {
			x.order.PutUint32(entry[4:], uint32(e.became[&p.appended].size))
			x.order.PutUint32(entry[8:], uint32(e.moved(p.span.Off)-base))
		} else if x.order.Uint32(entry[8:]) == 0 && len(number) == 0 {
			x.order.PutUint32(entry[4:], uint32(e.moved(f.end)))
		} else {
			continue
		}
		kept = append(kept, entry...)
		if x.uids.Len == int64(mpUID*x.n) {
			ids = append(ids, x.b[x.uids.Off-x.base+int64(mpUID*i):][:mpUID]...)
		}
		number[uint16(i+1)] = uint16(len(kept) / mpEntry)
	}
	for entry := range slices.Chunk(kept, mpEntry) {
		for _, at := range []int{12, 14} {
			x.order.PutUint16(entry[at:], number[x.order.Uint16(entry[at:])])
		}
	}
	n := len(kept) / mpEntry
	e.set(x.base+int64(x.entries), append(kept, make([]byte, mpEntry*(x.n-n))...))
	if n < x.n {
		put := func(at, v int) {
			b := make([]byte, 4)
			x.order.PutUint32(b, uint32(v))
			e.set(x.base+int64(at), b)
		}
		put(x.size, mpEntry*n)
		if x.count > 0 {
			put(x.count, n)
		}
		if x.ids > 0 && x.order.Uint32(x.b[x.ids:]) == uint32(mpUID*x.n) {
			put(x.ids, mpUID*n)
			if ids != nil && !e.blanked {
				e.set(x.uids.Off, append(ids, make([]byte, mpUID*(x.n-n))...))
			}
		}
	}
	return nil
}

// dropIndex cuts the index, of which nothing is left, and every edit in it.
func (f *file) dropIndex(e *editor) error {
	s := f.index.seg.span()
	e.list = slices.DeleteFunc(e.list, func(x exifscrub.Edit) bool { return x.Off >= s.Off && x.Off < s.End() })
	e.cut(s)
	return nil
}
