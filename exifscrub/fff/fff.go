// Package fff finds and removes personal data in the files of FLIR thermal
// cameras: FFF (also inside JPEG pictures, in APP1 segments "FLIR"), SEQ and
// AFF, which are FFF frames one behind the other, and FPF.
//
// FLIR publishes only FPF ("FLIR Public image Format", ThermaCAM Researcher
// manual). The records and fields of FFF are those of ExifTool's FLIR tables,
// verified on files of nine cameras. What the tables do not name is blanked:
// camera records also hold time-stamped readings of internal sensors.
//
// Everything is done in place, because records are found by offset. The thermal
// plane, the parameters of the temperature calculation, palettes and the
// position of the picture in the picture stay as they are. Pictures embedded in
// records are children. It does not decode thermal data.
package fff

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Format is the row of FLIR files, and of the FLIR block of a JPEG picture.
type Format struct{}

// ID implements [exifscrub.Format].
func (Format) ID() string { return "fff" }

// Detect implements [exifscrub.Format].
func (Format) Detect(p input.Probe) input.Match {
	if isFrame(p.Prefix) || bytes.HasPrefix(p.Prefix, []byte(fpfMagic)) && len(p.Prefix) >= fpfHeader {
		return input.Certain
	}
	return input.No
}

// Walk implements [exifscrub.Format].
func (Format) Walk(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		for f, err := range frames(ctx, in, lim.Defaults()) {
			if err != nil {
				yield(exifscrub.Item{}, err)
				return
			}
			for _, p := range f.pieces {
				if !yield(p.item, nil) {
					return
				}
			}
		}
	}
}

// Edits implements [exifscrub.Format].
func (Format) Edits(ctx context.Context, in exifscrub.Input, ds []exifscrub.Decision, lim exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	return func(yield func(exifscrub.Edit, error) bool) {
		for f, err := range frames(ctx, in, lim.Defaults()) {
			var edits []exifscrub.Edit
			if err == nil {
				edits, err = f.edits(in, ds[:len(f.pieces)])
				ds = ds[len(f.pieces):]
			}
			if err != nil {
				yield(exifscrub.Edit{}, err)
				return
			}
			for _, e := range edits {
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

// picturesHeld is how many embedded pictures of the largest size are held in
// memory. Those behind them are cleaned where they lie, at the price of their
// records' checksums.
const picturesHeld = 4

// frames returns the frames of a file, one for FFF and FPF.
func frames(ctx context.Context, in input.Input, lim input.Limits) iter.Seq2[*frame, error] {
	return func(yield func(*frame, error) bool) {
		magic, err := input.ReadRange(in, 0, min(fpfHeader, in.Size()), fpfHeader)
		if err == nil && bytes.HasPrefix(magic, []byte(fpfMagic)) {
			yield(parseFPF(in, magic))
			return
		}
		memory := picturesHeld * lim.Field
		for base := int64(0); base < in.Size(); {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			f, err := parseFrame(in, base, &memory, lim)
			if err == nil {
				err = f.toNext()
			}
			if err == nil && base > 0 {
				f.compact()
			}
			if !yield(f, err) || err != nil {
				return
			}
			base = f.end
		}
	}
}

// A piece is an item and what to do when it must change.
type piece struct {
	item   exifscrub.Item
	record int // index in frame.records, or -1
	// edit makes the edits for a decision that is not Keep, or for a child that
	// is kept. Without it the finding's bytes become zero.
	edit func(*exifscrub.Patchset, exifscrub.Decision) error
}

// edits returns the edits of one frame, ascending.
func (f *frame) edits(in input.Input, ds []exifscrub.Decision) ([]exifscrub.Edit, error) {
	inside := make([]exifscrub.Patchset, len(f.records))
	var head exifscrub.Patchset
	for i, p := range f.pieces {
		set := &head
		if p.record >= 0 {
			set = &inside[p.record]
		}
		d := ds[i]
		switch {
		case d.Child == nil && !d.Gone() && !d.Coarse():
		case p.edit != nil:
			if err := p.edit(set, d); err != nil {
				return nil, err
			}
		case d.Finding != nil:
			for _, s := range d.Finding.Spans {
				set.Zero(s.Off, s.Len)
			}
		}
	}
	var out []exifscrub.Edit
	for i := range inside {
		edits := inside[i].Edits()
		if f.records[i].unsealed {
			head.Zero(f.records[i].entry+28, 4)
			out = append(out, edits...)
			continue
		}
		if len(edits) == 0 {
			continue
		}
		if err := f.checksum(in, &head, f.records[i], edits); err != nil {
			return nil, err
		}
		out = append(out, edits...)
	}
	top := head.Edits()
	if (len(top) > 0 || len(out) > 0) && f.sealed {
		head.Zero(f.base+offChecksum, 4) // 0: no checksum
		top = head.Edits()
	}
	return sorted(append(top, out...)), nil
}

// finding adds a finding inside the record rec.
func (f *frame) finding(rec int, class privacy.Class, path string, value privacy.Secret, spans ...input.Span) *piece {
	f.pieces = append(f.pieces, piece{record: rec, item: exifscrub.Item{Finding: &privacy.Finding{Class: class, Path: path, Value: value, Spans: spans}}})
	return &f.pieces[len(f.pieces)-1]
}

// picture adds an embedded picture. It keeps its place in the record whatever
// is cut out of it: zeros fill up the rest.
func (f *frame) picture(rec int, path string, class privacy.Class, s input.Span, lim input.Limits) error {
	if *f.memory < s.Len {
		return f.rigidPicture(rec, path, class, s)
	}
	*f.memory -= s.Len
	b, err := input.ReadRange(f.in, s.Off, s.Len, lim.Field)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	child := &exifscrub.Child{Path: path, Spans: []input.Span{s}, Decoded: bytes.TrimRight(b, "\x00"), Recoded: true, Class: class}
	f.pieces = append(f.pieces, piece{record: rec, item: exifscrub.Item{Child: child}, edit: func(set *exifscrub.Patchset, d exifscrub.Decision) error {
		if d.Gone() {
			set.Zero(s.Off, s.Len)
			return nil
		}
		if len(d.Inner) == 0 {
			return nil
		}
		var out bytes.Buffer
		if err := exifscrub.Apply(&out, bytes.NewReader(child.Decoded), exifscrub.Seq(d.Inner)); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if int64(out.Len()) > s.Len {
			return fmt.Errorf("%s: the cleaned picture is longer than its record", path)
		}
		set.Zero(s.Off, s.Len)
		if isPicture(out.Bytes()) { // else nothing but a torso is left
			set.Set(s.Off, out.Bytes())
		}
		return nil
	}})
	return nil
}

// isPicture reports whether b begins as an embedded picture does.
func isPicture(b []byte) bool {
	return bytes.HasPrefix(b, []byte("\x89PNG")) || bytes.HasPrefix(b, []byte("\xFF\xD8\xFF"))
}

// rigidPicture adds an embedded picture that is not held in memory. The driver
// fills up with zeros what is cut out of it.
func (f *frame) rigidPicture(rec int, path string, class privacy.Class, s input.Span) error {
	end := s.End()
	for b := make([]byte, 4096); end > s.Off; {
		b = b[:min(int64(cap(b)), end-s.Off)]
		if err := input.ReadFull(f.in, b, end-int64(len(b))); err != nil {
			return err
		}
		n := len(bytes.TrimRight(b, "\x00"))
		end -= int64(len(b) - n)
		if n > 0 {
			break
		}
	}
	child := &exifscrub.Child{Path: path, Spans: []input.Span{{Off: s.Off, Len: end - s.Off}}, Fixed: true, Class: class}
	f.pieces = append(f.pieces, piece{record: rec, item: exifscrub.Item{Child: child}, edit: func(set *exifscrub.Patchset, d exifscrub.Decision) error {
		if d.Gone() {
			set.Zero(s.Off, s.Len)
		}
		f.records[rec].unsealed = len(d.Inner) > 0
		return nil
	}})
	return nil
}

// compact joins the findings of a frame behind the first, class by class:
// they say what the first frame said, and a recording has thousands.
func (f *frame) compact() {
	type place struct {
		record int
		class  privacy.Class
	}
	joined := map[place]*privacy.Finding{}
	f.pieces = slices.DeleteFunc(f.pieces, func(p piece) bool {
		x := p.item.Finding
		if x == nil || p.edit != nil {
			return false
		}
		key := place{p.record, x.Class}
		if first := joined[key]; first != nil {
			first.Spans = append(first.Spans, x.Spans...)
			first.Count++
			return true
		}
		joined[key] = x
		x.Path, x.Value, x.Count = "later frames/"+string(x.Class), "", 1
		return false
	})
	for _, x := range joined {
		x.Spans = sortedSpans(x.Spans)
	}
}

// order returns the byte order in which the version at b is one of FLIR's.
func order(b []byte) (binary.ByteOrder, bool) {
	for _, o := range []binary.ByteOrder{binary.BigEndian, binary.LittleEndian} {
		if v := o.Uint32(b); v >= 100 && v < 200 {
			return o, true
		}
	}
	return nil, false
}
