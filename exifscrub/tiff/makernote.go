package tiff

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/block/makernote"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A note is a maker note whose fields can be removed one by one.
type note struct {
	ref
	makernote.Note
	shift int64 // from the note's coordinates to the file's
	// again parses the note in what the file becomes; nil if the note goes as
	// a whole.
	again func(exifscrub.Input) (makernote.Note, error)
}

// makerNote adds the items of the maker note r. Where nobody needs it, it goes
// as a whole; its fields are then listed to say what it gives away. In a raw
// file it stays, for converters use it, and what is telling goes.
func (d *doc) makerNote(r ref, f privacy.Finding) error {
	e := r.Entry()
	others := append(slices.Clone(d.values), d.data...).join()
	again := func(in exifscrub.Input) (makernote.Note, error) {
		n, err := makernote.Parse(in, e.Value, d.tree.Order, d.make, d.model, d.lim)
		all := len(n.Fields)
		n.Fields = slices.DeleteFunc(n.Fields, func(f makernote.Field) bool { // a value where something else is: the note's offsets are wrong
			return slices.ContainsFunc(spans(f.Spans).minus(spans{e.Value}), others.touch)
		})
		n.Known = n.Known && len(n.Fields) == all
		return n, err
	}
	n, err := again(d.in)
	if err != nil || !d.alone(e) { // damaged: nobody can look inside
		n = makernote.Note{}
	}
	f.Value = privacy.Secret(n.Vendor)
	switch {
	case n.Key != "" || d.kind == raw && !n.Known:
		r.dir.roles[r.entry] = picture
		d.refuse(f.Path, f.Spans, cmp.Or(n.Key, "a raw converter may need the maker note, and it cannot be read"))
		return d.ctx.Err()
	case d.kind == raw:
		r.dir.roles[r.entry] = picture
	default:
		d.finding(r, f)
	}
	d.fields(&note{ref: r, Note: n, again: again}, f.Path)
	if err := d.notePreviews(f.Path, n.Previews, others); err != nil {
		return err
	}
	return d.ctx.Err()
}

// fields adds the telling fields of n.
func (d *doc) fields(n *note, path string) {
	for i, field := range n.Fields {
		switch field.Class {
		case privacy.Technical:
			continue
		case privacy.Unknown, privacy.MakerNote, privacy.Exposure:
			if d.kind != raw || !n.Known {
				continue // covered by the note as a whole
			}
		}
		f := privacy.Finding{Class: field.Class, Path: path + "/" + field.Name, Value: privacy.Secret(field.Value), Where: field.Where}
		for _, s := range field.Spans {
			f.Spans = append(f.Spans, exifscrub.Span{Off: s.Off + n.shift, Len: s.Len})
		}
		d.add(exifscrub.Item{Finding: &f}, func(ed *editor, dec exifscrub.Decision) {
			if dec.Action != privacy.Keep {
				if ed.fields[n] == nil {
					ed.fields[n] = map[int]bool{}
				}
				ed.fields[n][i] = true
			}
		})
	}
	if len(n.Fields) > 0 {
		d.notes = append(d.notes, n)
	}
}

// patch adds what removing fields of n changes.
func (e *editor) patch(n *note) {
	gone := e.fields[n]
	if len(gone) == 0 || e.gone[n.ref] || e.drop[n.dir] {
		return
	}
	for _, p := range n.Patches(func(i int) bool { return gone[i] }) {
		if p.With == nil {
			p.With = make([]byte, p.Len)
		}
		e.patches = append(e.patches, exifscrub.Edit{Off: p.Off + n.shift, Len: int64(len(p.With)), With: p.With})
	}
}

// settled refuses to clean a note in part if it then reads differently, so that
// something else in it would have to go: its structure is damaged.
func (e *editor) settled(n *note, edits []exifscrub.Edit) error {
	gone := e.fields[n]
	if len(gone) == 0 || e.gone[n.ref] || n.again == nil {
		return nil
	}
	kept := map[privacy.Class]bool{privacy.Technical: true}
	for i, f := range n.Fields {
		if !gone[i] {
			kept[f.Class] = true
		}
	}
	after, err := n.again(&overlaid{e.d.in, edits})
	if err != nil || !after.Known || slices.ContainsFunc(after.Fields, func(f makernote.Field) bool { return !kept[f.Class] }) {
		return fmt.Errorf("a damaged maker note: %w", exifscrub.ErrRefused)
	}
	return nil
}

// overlaid is an input after edits that keep every size.
type overlaid struct {
	exifscrub.Input
	edits []exifscrub.Edit
}

func (o *overlaid) ReadAt(p []byte, off int64) (int, error) {
	n, err := o.Input.ReadAt(p, off)
	first, _ := slices.BinarySearchFunc(o.edits, off, func(e exifscrub.Edit, off int64) int { return cmp.Compare(e.Off+e.Len, off+1) })
	for _, e := range o.edits[first:] {
		from, to := max(e.Off, off), min(e.Off+e.Len, off+int64(n))
		if from >= to {
			break
		}
		if e.Zero {
			clear(p[from-off : to-off])
		} else {
			copy(p[from-off:to-off], e.With[from-e.Off:])
		}
	}
	return n, err
}

// dngPrivate adds the items of tag C634. In a DNG it is the maker's own
// business, often a copy of a raw file's maker note; in Sony's ARW it points to
// the white balance.
func (d *doc) dngPrivate(r ref, f privacy.Finding) error {
	e := r.Entry()
	if d.kind == raw {
		r.dir.roles[r.entry] = picture
		again := func(in exifscrub.Input) (makernote.Note, error) {
			return makernote.ParsePrivate(in, e.Value, d.tree.Order, d.make, d.model, d.lim)
		}
		if n, err := again(d.in); err == nil && n.Known {
			d.fields(&note{ref: r, Note: n, again: again}, f.Path)
		}
		return d.ctx.Err()
	}
	d.finding(r, f)
	head, err := d.r.Bytes(e, 64<<10)
	if err != nil {
		return err
	}
	v := input.Span{Off: e.Value.Off, Len: e.Value.Len}
	if !bytes.HasPrefix(head, []byte("Adobe\x00")) {
		if n, err := makernote.Parse(d.in, v, d.tree.Order, d.make, d.model, d.lim); err == nil {
			d.fields(&note{ref: r, Note: n}, f.Path)
		}
		return d.ctx.Err()
	}
	// Blocks: four characters, big-endian length, data, padding to an even length.
	for pos := int64(6); pos+8 <= int64(len(head)); {
		size := int64(binary.BigEndian.Uint32(head[pos+4:]))
		at := exifscrub.Span{Off: v.Off + pos + 8, Len: min(size, v.Len-pos-8)}
		if string(head[pos:pos+4]) == "MakN" && at.Len > 6 && pos+14 <= int64(len(head)) {
			d.adobeMakerNote(r, f.Path, at, head[pos+8:pos+14])
		}
		pos += 8 + size + size&1
	}
	return d.ctx.Err()
}

// adobeMakerNote adds the fields of a maker note that a DNG converter moved:
// byte order, the offset it had, and its bytes.
func (d *doc) adobeMakerNote(r ref, path string, at exifscrub.Span, head []byte) {
	var order binary.ByteOrder = binary.LittleEndian
	if string(head[:2]) == "MM" {
		order = binary.BigEndian
	}
	was := int64(binary.BigEndian.Uint32(head[2:]))
	shift := at.Off + 6 - was
	view := &shifted{d.in, shift}
	n, err := makernote.Parse(view, input.Span{Off: was, Len: at.Len - 6}, order, d.make, d.model, d.lim)
	if err != nil {
		return
	}
	n.Fields = slices.DeleteFunc(n.Fields, func(f makernote.Field) bool { return !inside(f.Spans, was, at.Len-6) })
	d.fields(&note{ref: r, Note: n, shift: shift}, path)
}

// inside reports whether all of s lies in the n bytes at off.
func inside(s []input.Span, off, n int64) bool {
	for _, v := range s {
		if v.Off < off || v.Len > n || v.Off-off > n-v.Len {
			return false
		}
	}
	return true
}

// shifted is an input seen from where a moved block believes it is.
type shifted struct {
	in    exifscrub.Input
	shift int64
}

func (s *shifted) Size() int64 { return max(0, s.in.Size()-s.shift) }

func (s *shifted) ReadAt(p []byte, off int64) (int, error) {
	if off+s.shift < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	return s.in.ReadAt(p, off+s.shift)
}
