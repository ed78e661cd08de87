package fff

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// The header of a frame: u32 fields from 0x14 on, in the byte order in which
// the version is between 100 and 199.
const (
	headerLen    = 0x40
	offCreator   = 0x04 // 16 bytes of text
	offVersion   = 0x14
	offDirectory = 0x18
	offEntries   = 0x1C
	offSpare     = 0x24 // 16 bytes
	offChecksum  = 0x3C

	entryLen = 32 // u16 type, u16 subtype, u32 version, id, offset, length, parent, object, CRC-32
)

// A frame is one FFF file, or one picture of a sequence.
type frame struct {
	in        input.Input
	base, end int64
	order     binary.ByteOrder
	sealed    bool // the header has a checksum
	directory input.Span
	records   []record // used ones, by offset
	pieces    []piece
	memory    *int64 // bytes of pictures that may still be held
	notes     map[string]bool
}

type record struct {
	kind, sub uint16
	entry     int64 // where its directory entry lies
	span      input.Span
	crc       uint32
	unsealed  bool // edited by the driver, so that its checksum is not known
}

// isFrame reports whether b begins with the header of a frame.
func isFrame(b []byte) bool {
	if len(b) < headerLen || b[0] != 'F' && b[0] != 'A' || string(b[1:4]) != "FF\x00" {
		return false
	}
	_, ok := order(b[offVersion:])
	return ok
}

// parseFrame reads the frame at base.
func parseFrame(in input.Input, base int64, memory *int64, lim input.Limits) (*frame, error) {
	h, err := input.ReadRange(in, base, headerLen, headerLen)
	if err != nil {
		return nil, fmt.Errorf("reading the header of a frame: %w", err)
	}
	if !isFrame(h) {
		return nil, fmt.Errorf("header of a frame at %d: %w", base, input.ErrUnsupported)
	}
	f := &frame{in: in, base: base, memory: memory, notes: map[string]bool{}, sealed: !blank(h[offChecksum:])}
	f.order, _ = order(h[offVersion:])
	if err := f.readDirectory(int64(f.order.Uint32(h[offDirectory:])), int64(f.order.Uint32(h[offEntries:])), lim); err != nil {
		return nil, err
	}
	f.text(-1, privacy.Device, "CreatorSoftware", h, base, offCreator, 16)
	f.unknown(-1, "Header/unknown", h, base, []input.Span{{Off: offSpare, Len: 16}})
	for i, r := range f.records {
		if err := f.parseRecord(i, r, lim); err != nil {
			return nil, err
		}
	}
	return f, f.gaps()
}

// readDirectory reads the list of records. Records may not overlap: then no
// byte could be said to belong to one of them.
func (f *frame) readDirectory(off, n int64, lim input.Limits) error {
	if n > int64(lim.Items) {
		return fmt.Errorf("directory of %d records: %w", n, input.ErrLimit)
	}
	f.directory = input.Span{Off: f.base + off, Len: n * entryLen}
	if off < headerLen {
		return fmt.Errorf("directory at %d inside the header: %w", off, input.ErrUnsupported)
	}
	b, err := input.ReadRange(f.in, f.directory.Off, f.directory.Len, int64(lim.Items)*entryLen)
	if err != nil {
		return fmt.Errorf("reading the directory: %w", err)
	}
	for i := range n {
		e := b[i*entryLen:][:entryLen]
		at := f.directory.Off + i*entryLen
		r := record{kind: f.order.Uint16(e), sub: f.order.Uint16(e[2:]), entry: at, crc: f.order.Uint32(e[28:])}
		r.span = input.Span{Off: f.base + int64(f.order.Uint32(e[12:])), Len: int64(f.order.Uint32(e[16:]))}
		switch size := f.in.Size(); {
		case r.kind == 0 || r.span.Len == 0:
			if !blank(e[2:]) { // a record that was deleted: its bytes are gaps
				f.finding(-1, privacy.Unknown, "Directory/deleted record", "", input.Span{Off: at, Len: entryLen})
			}
			continue
		case r.span.Off > size:
			f.note("a record lies behind the end of the file")
			continue
		case r.span.Len > size-r.span.Off:
			f.note("the last record is cut short")
			r.span.Len = size - r.span.Off
		}
		f.records = append(f.records, r)
	}
	slices.SortStableFunc(f.records, func(a, b record) int { return cmp.Compare(a.span.Off, b.span.Off) })
	f.end = f.directory.End()
	taken := []input.Span{{Off: f.base, Len: headerLen}, f.directory}
	for _, r := range f.records {
		taken = append(taken, r.span)
		f.end = max(f.end, r.span.End())
	}
	taken = sortedSpans(taken)
	for i := 1; i < len(taken); i++ {
		if taken[i].Off < taken[i-1].End() {
			return fmt.Errorf("overlapping records at %d: %w", taken[i].Off, input.ErrUnsupported)
		}
	}
	return nil
}

// gaps adds the bytes between records.
func (f *frame) gaps() error {
	pos := f.base + headerLen
	spans := []input.Span{f.directory}
	for _, r := range f.records {
		spans = append(spans, r.span)
	}
	for _, s := range sortedSpans(spans) {
		if err := f.gap(pos, s.Off); err != nil {
			return err
		}
		pos = s.End()
	}
	return nil
}

// gap adds [from, to) as unknown bytes, unless they are zeros.
func (f *frame) gap(from, to int64) error {
	zeros, err := isZero(f.in, from, to)
	if err == nil && !zeros {
		f.finding(-1, privacy.Unknown, "unused", "", input.Span{Off: from, Len: to - from})
	}
	return err
}

// toNext moves the end of the frame to the start of the next one, or to the
// end of the file. Bytes in between belong to nothing.
func (f *frame) toNext() error {
	buf := make([]byte, 64<<10)
	size := f.in.Size()
	for pos := f.end; pos < size; {
		n := min(int64(len(buf)), size-pos)
		if err := input.ReadFull(f.in, buf[:n], pos); err != nil {
			return err
		}
		for i := int64(0); i < n; i++ {
			j := bytes.Index(buf[i:n], []byte("FF\x00"))
			if j < 0 {
				break
			}
			if i += int64(j); i > 0 && isFrame(buf[i-1:n]) {
				err := f.gap(f.end, pos+i-1)
				f.end = pos + i - 1
				return err
			}
		}
		if pos+n == size {
			break
		}
		pos += n - headerLen // a header may cross the edge
	}
	err := f.gap(f.end, size)
	f.end = size
	return err
}

// checksum mends the CRC-32 of a record that edits, which lie inside it, change.
// One that did not fit before becomes 0, which means none.
func (f *frame) checksum(in input.Input, head *exifscrub.Patchset, r record, edits []exifscrub.Edit) error {
	if r.crc == 0 {
		return nil
	}
	old, now := crc32.NewIEEE(), crc32.NewIEEE()
	section := input.Section(in, r.span.Off, r.span.Len)
	rebased := slices.Clone(edits)
	for i := range rebased {
		rebased[i].Off -= r.span.Off
	}
	if err := exifscrub.Apply(old, section, exifscrub.Seq(nil)); err != nil {
		return err
	}
	if old.Sum32() != r.crc {
		head.Zero(r.entry+28, 4)
		return nil
	}
	if err := exifscrub.Apply(now, section, exifscrub.Seq(rebased)); err != nil {
		return err
	}
	b := make([]byte, 4)
	f.order.PutUint32(b, now.Sum32())
	head.Set(r.entry+28, b)
	return nil
}

// note adds a remark, once.
func (f *frame) note(s string) {
	if !f.notes[s] {
		f.notes[s] = true
		f.pieces = append(f.pieces, piece{record: -1, item: exifscrub.Item{Note: s}})
	}
}

func sorted(edits []exifscrub.Edit) []exifscrub.Edit {
	slices.SortFunc(edits, func(a, b exifscrub.Edit) int { return cmp.Compare(a.Off, b.Off) })
	return edits
}

func sortedSpans(spans []input.Span) []input.Span {
	return slices.SortedStableFunc(slices.Values(spans), func(a, b input.Span) int { return cmp.Compare(a.Off, b.Off) })
}

func blank(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }

func isZero(in input.Input, from, to int64) (bool, error) {
	buf := make([]byte, min(64<<10, max(0, to-from)))
	for ; from < to; from += int64(len(buf)) {
		buf = buf[:min(int64(len(buf)), to-from)]
		if err := input.ReadFull(in, buf, from); err != nil || !blank(buf) {
			return false, err
		}
	}
	return true, nil
}
