package raf

import (
	"encoding/binary"
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/block/tiff"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// directory adds the items of a directory: a number of entries, then tag,
// length and value of each, big-endian.
func (f *file) directory(p part) error {
	b, err := input.ReadRange(f.in, p.Off, min(4, p.Len), 4)
	if err != nil || len(b) < 4 {
		return err
	}
	n := binary.BigEndian.Uint32(b)
	if n > maxEntries {
		return fmt.Errorf("a directory of %d entries: %w", n, input.ErrLimit)
	}
	f.own(exifscrub.Span{Off: p.Off, Len: 4})
	at := p.Off + 4
	for range n {
		if at+4 > p.End() {
			f.items = append(f.items, exifscrub.Item{Note: p.name + " is cut short"})
			break
		}
		if b, err = input.ReadRange(f.in, at, 4, 4); err != nil {
			return err
		}
		tag, size := binary.BigEndian.Uint16(b), int64(binary.BigEndian.Uint16(b[2:]))
		f.own(exifscrub.Span{Off: at, Len: 4})
		v := exifscrub.Span{Off: at + 4, Len: min(size, p.End()-at-4)}
		if err := f.value(p.name, tag, v); err != nil {
			return err
		}
		at = v.End()
	}
	return nil
}

// value adds one value of a directory.
func (f *file) value(dir string, tag uint16, v exifscrub.Span) error {
	b, err := input.ReadRange(f.in, v.Off, v.Len, 1<<16)
	if err != nil {
		return err
	}
	path := fmt.Sprintf("%s/0x%04x", dir, tag)
	switch {
	case tag == 0xC000:
		f.own(v)
		f.texts(path, v, b)
	case develops(tag):
		f.own(v)
	default:
		f.find(privacy.Unknown, path, v, b)
	}
	return nil
}

// develops reports whether a converter reads tag.
func develops(tag uint16) bool {
	switch {
	case tag >= 0x0100 && tag <= 0x01FF: // size, crop and pattern of the sensor
	case tag >= 0x2000 && tag <= 0x2FFF: // white balance
	case tag >= 0x3000 && tag <= 0x31FF: // colour temperature
	case tag >= 0x4000 && tag <= 0x41FF: // black level
	case tag >= 0x8200 && tag <= 0x8BFF: // colour matrices and curves
	case tag == 0x9200, tag == 0x9600, tag == 0x9610, tag == 0x9650, tag == 0x9700, tag == 0x9701: // exposure
	default:
		return false
	}
	return true
}

// texts adds what can be read in a value that converters use without anybody
// knowing all of it. Marks of four letters in it are no text.
func (f *file) texts(path string, v exifscrub.Span, b []byte) {
	const least = 9 // "TSNERDTS" marks the white balance
	for i := 0; i < len(b); {
		n := 0
		for i+n < len(b) && b[i+n] >= ' ' && b[i+n] <= '~' {
			n++
		}
		if n >= least && len(text(b[i:i+n])) >= least {
			s := exifscrub.Span{Off: v.Off + int64(i), Len: int64(n)}
			f.items = append(f.items, exifscrub.Item{Finding: &privacy.Finding{Class: privacy.Unknown, Path: path, Spans: []exifscrub.Span{s}, Value: privacy.Secret(text(b[i : i+n]))}})
		}
		i += n + 1
	}
}

// Tags of the TIFF header of the sensor data.
const (
	tagFujiIFD   = 0xF000
	tagDataStart = 0xF007
	tagDataLen   = 0xF008
)

// sensor adds the items of the sensor data, and of the TIFF header that newer
// cameras put before it.
func (f *file) sensor(p part) error {
	in := input.Section(f.in, p.Off, p.Len)
	h, err := tiff.ReadHeader(in)
	if err != nil {
		f.own(p.Span)
		f.items = append(f.items, exifscrub.Item{Coded: &p.Span})
		return f.ctx.Err()
	}
	r := h.Reader(in)
	f.own(exifscrub.Span{Off: p.Off, Len: h.Len})
	data := exifscrub.Span{Off: p.Off, Len: p.Len}
	dirs := []int64{h.First}
	seen := map[int64]bool{}
	structure := []part{{Span: exifscrub.Span{Off: p.Off, Len: h.Len}}}
	for len(dirs) > 0 {
		at := dirs[0]
		dirs = dirs[1:]
		if seen[at] {
			continue
		}
		if seen[at] = true; len(seen) > 8 {
			return fmt.Errorf("%d directories: %w", len(seen), input.ErrLimit)
		}
		d, err := r.IFD(at, maxEntries)
		if err != nil {
			return err
		}
		f.own(exifscrub.Span{Off: p.Off + d.Off, Len: d.Len})
		structure = append(structure, part{Span: exifscrub.Span{Off: p.Off + d.Off, Len: d.Len}})
		for _, e := range d.Entries {
			v, ok := r.Integer(e)
			switch {
			case e.Tag == tagFujiIFD && ok:
				dirs = append(dirs, v)
			case e.Tag == tagDataStart && ok:
				data.Off = p.Off + v
			case e.Tag == tagDataLen && ok:
				data.Len = v
			}
			if e.Valid && !e.Inline {
				structure = append(structure, part{Span: exifscrub.Span{Off: p.Off + e.Value.Off, Len: e.Value.Len}})
			}
			if err := f.sensorTag(p, r, e); err != nil {
				return err
			}
		}
	}
	if data.Off < p.Off || data.Off > p.End() || data.Len < 0 {
		return fmt.Errorf("sensor data outside its part: %w", input.ErrUnsupported)
	}
	if data.Off == p.Off { // nothing says where it begins
		data.Len = 0
	}
	data.Len = min(data.Len, p.End()-data.Off)
	if err := f.disjoint(append(structure, part{Span: data}), 0); err != nil {
		return err
	}
	if f.own(data); data.Len > 0 {
		f.items = append(f.items, exifscrub.Item{Coded: &data})
	}
	return f.ctx.Err()
}

// sensorTag adds one tag of the TIFF header.
func (f *file) sensorTag(p part, r tiff.Reader, e tiff.Entry) error {
	if !e.Valid {
		return nil
	}
	s := exifscrub.Span{Off: p.Off + e.Value.Off, Len: e.Value.Len}
	if e.Tag >= tagFujiIFD && e.Tag <= 0xF010 { // size, black level, white balance, lens correction
		f.own(s)
		return nil
	}
	b, err := r.Bytes(e, 1<<16)
	if err != nil {
		return err
	}
	f.find(privacy.Unknown, fmt.Sprintf("%s/0x%04x", p.name, e.Tag), s, b)
	return nil
}
