package makernote

import "flightveil/internal/input"

// preview reports the picture of n bytes at off, which counts from base. Inside
// the note it is a field; elsewhere the container has to look into it.
func (p *parser) preview(base, off, n int64) error {
	s := input.Span{Off: base + off, Len: n}
	if off <= 0 || n <= 0 || n > p.in.Size() || s.Off < 0 || s.Off > p.in.Size()-n {
		return nil
	}
	if p.inNote(s) {
		return p.add(Field{Name: "PreviewImage", Class: preview, Spans: []input.Span{s}})
	}
	p.n.Previews = append(p.n.Previews, s)
	return nil
}

// lookPreviewStart finds the picture whose offset this tag holds and whose
// length the tag after it does.
func lookPreviewStart(length uint16) func(*parser, entry, tag) error {
	return func(p *parser, e entry, t tag) error { return p.previewAt(e, t, e.at+12, length) }
}

// lookPreviewEnd is for those whose length comes first.
func lookPreviewEnd(length uint16) func(*parser, entry, tag) error {
	return func(p *parser, e entry, t tag) error { return p.previewAt(e, t, e.at-12, length) }
}

// previewAt finds the picture whose offset is e's value, if the entry at at is
// length and holds its length.
func (p *parser) previewAt(e entry, t tag, at int64, length uint16) error {
	off, err := p.value(e)
	if err != nil {
		return err
	}
	if len(off) == 4 && at >= 0 && at <= p.in.Size()-12 {
		b, err := p.bytes(at, 12)
		if err != nil {
			return err
		}
		if p.order.Uint16(b) == length && p.order.Uint32(b[4:]) == 1 {
			n := int64(p.order.Uint32(b[8:]))
			if p.order.Uint16(b[2:]) == 3 {
				n = int64(p.order.Uint16(b[8:]))
			}
			if err := p.preview(e.base, int64(p.order.Uint32(off)), n); err != nil {
				return err
			}
		}
	}
	return p.leaf(e, t)
}

// lookPreviewIFD finds the picture that a directory of its own describes, as
// Exif describes thumbnails: 0201 is its offset, 0202 its length. Whoever
// removes the pointer to the directory removes the directory.
func lookPreviewIFD(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil || len(b) != 4 || blankBytes(b) {
		return err
	}
	if err := p.leaf(e, t); err != nil {
		return err
	}
	before := len(p.used)
	entries, err := p.entries(e.base+int64(p.order.Uint32(b)), e.base)
	if err != nil {
		return err
	}
	for _, s := range p.used[before:] {
		if err := p.add(Field{Name: t.name, Class: preview, Spans: []input.Span{s}}); err != nil {
			return err
		}
	}
	p.used = p.used[:before]
	var off, n int64
	for _, e := range entries {
		b, err := p.value(e)
		switch {
		case err != nil:
			return err
		case e.val.Off != e.at+8:
			err = p.leaf(e, t)
		case e.tag == 0x0201 && len(b) == 4:
			off = int64(p.order.Uint32(b))
		case e.tag == 0x0202 && len(b) == 4:
			n = int64(p.order.Uint32(b))
		}
		if err != nil {
			return err
		}
	}
	return p.preview(e.base, off, n)
}
