package cr3

import (
	"encoding/binary"
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Kinds of records of timed metadata (ExifTool, table Canon CTMD).
const (
	recordTime     = 1
	recordFocal    = 4
	recordExposure = 5
	recordColour   = 6
)

// timed adds what the records of one sample of timed metadata give away. A
// record is its size, its kind, six bytes nobody knows, and its contents.
func (p *parser) timed(s exifscrub.Span) error {
	const header = 12
	for pos := s.Off; pos < s.End(); {
		if err := p.step(); err != nil {
			return err
		}
		rest := exifscrub.Span{Off: pos, Len: s.End() - pos}
		head, err := input.ReadRange(p.in, pos, min(rest.Len, header), header)
		if err != nil {
			return err
		}
		n := int64(0)
		if len(head) == header {
			n = int64(binary.LittleEndian.Uint32(head))
		}
		if n < header || n > rest.Len {
			return p.finding(privacy.Unknown, "CTMD/Rest", "", rest)
		}
		kind := binary.LittleEndian.Uint16(head[4:])
		if err := p.record(kind, exifscrub.Span{Off: pos + header, Len: n - header}); err != nil {
			return err
		}
		pos += n
	}
	return nil
}

// record adds the contents s of one record.
func (p *parser) record(kind uint16, s exifscrub.Span) error {
	const small = 64
	switch kind {
	case recordTime:
		return p.timeStamp(s)
	case 3, recordFocal, recordExposure, recordColour:
		if s.Len <= small {
			return nil
		}
	case 7, 8, 9:
		return p.blocks(kind, s)
	case 10, 11: // of videos; seen blank
	}
	return p.finding(privacy.Unknown, fmt.Sprintf("CTMD/Record%d", kind), "", s)
}

// timeStamp adds a record that says when the picture was taken: two bytes, year,
// month, day, hour, minute, second, hundredths, two bytes.
func (p *parser) timeStamp(s exifscrub.Span) error {
	const fields, hour = 10, 6
	b, err := input.ReadRange(p.in, s.Off, min(s.Len, fields), fields)
	if err != nil {
		return err
	}
	if blank, err := p.win.Zeros(s.Off, s.End()); blank || err != nil {
		return err
	}
	f := &privacy.Finding{Class: privacy.Time, Path: "CTMD/TimeStamp", Spans: []exifscrub.Span{s}}
	if len(b) == fields {
		f.Value = privacy.Secret(fmt.Sprintf("%04d:%02d:%02d %02d:%02d:%02d.%02d", binary.LittleEndian.Uint16(b[2:]), b[4], b[5], b[6], b[7], b[8], b[9]))
	}
	return p.add(exifscrub.Item{Finding: f}, func(set *exifscrub.Patchset, d exifscrub.Decision) {
		if d.Coarse() && s.Len > hour { // the day stays
			set.Zero(s.Off, 2)
			set.Zero(s.Off+hour, s.Len-hour)
		} else {
			set.Zero(s.Off, s.Len)
		}
	})
}

// blocks adds the Exif blocks in a record: each is its size, a tag that says
// which directory it is, and a block of its own.
func (p *parser) blocks(kind uint16, s exifscrub.Span) error {
	const header, exif, note = 8, 0x8769, 0x927C
	path := fmt.Sprintf("CTMD/Record%d", kind)
	for pos := s.Off; pos < s.End(); {
		if err := p.step(); err != nil {
			return err
		}
		rest := exifscrub.Span{Off: pos, Len: s.End() - pos}
		head, err := input.ReadRange(p.in, pos, min(rest.Len, header), header)
		if err != nil {
			return err
		}
		n, tag := int64(0), uint32(0)
		if len(head) == header {
			n, tag = int64(binary.LittleEndian.Uint32(head)), binary.LittleEndian.Uint32(head[4:])
		}
		if n <= header || n > rest.Len || tag != exif && tag != note {
			return p.finding(privacy.Unknown, path, "", rest)
		}
		c := exifscrub.Child{Path: path, Format: "tiff", Spans: []exifscrub.Span{{Off: pos + header, Len: n - header}}}
		if err := p.block(c, tag == note); err != nil {
			return err
		}
		pos += n
	}
	return nil
}
