package aae

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"flightveil/exifscrub"
	"flightveil/internal/block/plist"
)

var errRoom = errors.New("the new edits do not fit into the property list")

// binaryEdits changes a binary list. Objects stay where they are; one that
// nothing refers to any more is filled with zeros, which is the null object.
// Only new edits change the size, and with it the offsets of what follows.
func (d *document) binaryEdits(c changes) ([]exifscrub.Edit, error) {
	t := d.Binary
	before := t.Reachable(nil)
	refs := t.References(before)
	var out []exifscrub.Edit
	var keep []int // entries of the dictionary that stay
	for i, v := range d.Root.Items {
		alone := refs[v.Object] == 1 // else another value would change too
		rewrite := c.clear[i] || c.day[i] || c.data != nil && c.key == i
		if c.drop[i] || rewrite && !alone || c.day[i] && v.Time.IsZero() {
			continue
		}
		keep = append(keep, i)
		switch {
		case c.day[i]:
			days := v.Time.Truncate(24 * time.Hour).Sub(time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC))
			out = append(out, exifscrub.Edit{Off: v.Body.Off, Len: 8, With: binary.BigEndian.AppendUint64(nil, math.Float64bits(days.Seconds()))})
		case c.data != nil && c.key == i:
			moved, err := d.moved(v, *c.data)
			if err != nil {
				return nil, err
			}
			out = append(out, moved...)
		case c.clear[i]:
			b := make([]byte, v.Span.Len)
			b[0] = d.raw[v.Span.Off] & 0xF0 // the same type, length 0
			out = append(out, exifscrub.Edit{Off: v.Span.Off, Len: v.Span.Len, With: b})
		}
	}
	after := before
	if len(keep) < len(d.Root.Items) {
		b, children := d.shortened(keep)
		out = append(out, exifscrub.Edit{Off: d.Root.Span.Off, Len: d.Root.Span.Len, With: b})
		after = t.Reachable(map[int][]int{t.Top: children})
	}
	for i, was := range before {
		if was && !after[i] {
			out = append(out, exifscrub.Edit{Off: int64(t.Offsets[i]), Len: int64(t.Sizes[i]), Zero: true})
		}
	}
	for _, s := range c.extras {
		out = append(out, exifscrub.Edit{Off: s.Off, Len: s.Len, Zero: true})
	}
	return sorted(out), nil
}

// shortened returns the top dictionary with only the entries in keep, in as
// many bytes as it had, and the objects it then refers to.
func (d *document) shortened(keep []int) (b []byte, children []int) {
	t, n := d.Binary, len(d.Root.Keys)
	head := int(d.Root.Body.Off - d.Root.Span.Off)
	b = make([]byte, d.Root.Span.Len)
	copy(b, d.raw[d.Root.Span.Off:d.Root.Body.Off])
	if head == 1 {
		b[0] = 0xD0 | byte(len(keep))
	} else {
		putNumber(b[2:head], uint64(len(keep)))
	}
	to := b[head:]
	for _, half := range []int{0, n} { // the keys, then the values
		for _, i := range keep {
			ref := d.raw[int(d.Root.Body.Off)+(half+i)*t.RefSize:][:t.RefSize]
			to = to[copy(to, ref):]
			object := d.Root.Keys[i].Object
			if half > 0 {
				object = d.Root.Items[i].Object
			}
			children = append(children, object)
		}
	}
	return b, children
}

// moved replaces the bytes of a data object and mends the offsets behind it.
func (d *document) moved(v *plist.Value, data []byte) ([]exifscrub.Edit, error) {
	t := d.Binary
	object := []byte{0x40 | byte(min(len(data), 15))}
	if len(data) >= 15 {
		object = binary.BigEndian.AppendUint32(append(object, 0x12), uint32(len(data)))
	}
	object = append(object, data...)
	delta := int64(len(object)) - v.Span.Len
	out := []exifscrub.Edit{{Off: v.Span.Off, Len: v.Span.Len, With: object}}
	if delta == 0 {
		return out, nil
	}
	table := make([]byte, len(t.Offsets)*t.OffSize)
	for i, off := range t.Offsets {
		if int64(off) > v.Span.Off {
			off += int(delta)
		}
		if t.OffSize < 8 && off>>(8*t.OffSize) != 0 {
			return nil, errRoom
		}
		putNumber(table[i*t.OffSize:][:t.OffSize], uint64(off))
	}
	end := int64(len(d.raw))
	return append(out,
		exifscrub.Edit{Off: int64(t.TableOff), Len: int64(len(table)), With: table},
		exifscrub.Edit{Off: end - 8, Len: 8, With: binary.BigEndian.AppendUint64(nil, uint64(int64(t.TableOff)+delta))}), nil
}

// putNumber writes n big-endian into all of b.
func putNumber(b []byte, n uint64) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte(n)
		n >>= 8
	}
}
