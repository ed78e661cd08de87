package fff

import (
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// parseRecord adds what one record holds.
func (f *frame) parseRecord(i int, r record, lim input.Limits) error {
	whole := func(class privacy.Class, name string) error {
		zeros, err := isZero(f.in, r.span.Off, r.span.End())
		if err != nil {
			return err
		}
		if !zeros {
			f.finding(-1, class, name, "", r.span).edit = f.free(r)
		}
		return nil
	}
	switch r.kind {
	case 0x01:
		return f.image(i, r, "RawThermalImage", privacy.Technical, 0x20, lim)
	case 0x02, 0x03, 0x04, 0x05, 0x06, 0x07:
		names := [...]string{2: "GainMap", 3: "OffsetMap", 4: "DeadMap", 5: "GainDeadMapImage", 6: "CoarseMapImage", 7: "ImageMap"}
		return whole(privacy.Calibration, names[r.kind])
	case 0x0E:
		return f.image(i, r, "EmbeddedImage", privacy.Preview, 0x20, lim)
	case 0x20:
		return f.camera(i, r)
	case 0x21:
		return f.measurements(i, r)
	case 0x22:
		return f.palette(i, r)
	case 0x23:
		return f.annotations(r, "TextInfo")
	case 0x24:
		return whole(privacy.Description, "EmbeddedAudioFile") // a spoken note
	case 0x28:
		return whole(privacy.Description, "PaintImage") // drawn over the picture by its owner
	case 0x2A:
		if b, err := f.read(r, 0, 16); err != nil || blank(b) {
			return err
		}
		f.finding(i, privacy.Technical, "PiP/Real2IR", "", clip(r.span, 0, 16))
		return f.rest(i, r, "PiP/unknown", 16)
	case 0x2B:
		return f.gps(i, r)
	case 0x2C:
		return f.meterLink(i, r)
	case 0x2E:
		return f.annotations(r, "ParameterInfo")
	}
	return whole(privacy.Unknown, fmt.Sprintf("record 0x%02x", r.kind))
}

// free empties a record and its entry in the directory, as an unused one is.
func (f *frame) free(r record) func(*exifscrub.Patchset, exifscrub.Decision) error {
	return func(set *exifscrub.Patchset, _ exifscrub.Decision) error {
		set.Zero(r.entry, entryLen)
		set.Zero(r.span.Off, r.span.Len)
		return nil
	}
}

// image reads a record of a header and a picture: PNG, JPEG or plain samples.
func (f *frame) image(i int, r record, name string, class privacy.Class, header int64, lim input.Limits) error {
	data := clip(r.span, header, r.span.Len)
	magic, err := f.read(r, header, 8)
	if err != nil {
		return err
	}
	f.finding(i, privacy.Technical, name+"Width", "", clip(r.span, 0, header))
	switch {
	case len(magic) == 0:
		return nil
	case isPicture(magic):
		if class == privacy.Technical {
			class = privacy.Unknown // samples in a PNG that cannot be read may hide a text
		}
		return f.picture(i, name, class, data, lim)
	case class == privacy.Technical:
		head, err := f.read(r, 0, header)
		if err != nil {
			return err
		}
		// Behind the samples there should be nothing.
		o := f.recordOrder(head)
		if n := 2 * int64(o.Uint16(head[2:])) * int64(o.Uint16(head[4:])); n < data.Len {
			data.Len = n
			if err := f.rest(i, r, name+"/unknown", header+n); err != nil || n == 0 {
				return err
			}
		}
		f.finding(i, class, name, "", data)
		f.pieces = append(f.pieces, piece{record: i, item: exifscrub.Item{Coded: &data}})
		return nil
	}
	zeros, err := isZero(f.in, data.Off, data.End())
	if err == nil && !zeros {
		f.finding(i, class, name, "", data)
	}
	return err
}

// palette reads the colours of the picture.
func (f *frame) palette(i int, r record) error {
	b, err := f.read(r, 0, 0x70)
	if err != nil || len(b) == 0 {
		return err
	}
	colours := 3 * int64(b[0])
	f.finding(i, privacy.Technical, "PaletteInfo/Palette", "", clip(r.span, 0, 0x30), clip(r.span, 0x50, 0x70+colours))
	f.text(i, privacy.Identity, "PaletteInfo/PaletteFileName", b, r.span.Off, 0x30, 32) // a path
	return f.rest(i, r, "PaletteInfo/unknown", 0x70+colours)
}

// measurements reads the spots and areas somebody measured: after 12 bytes,
// tools of u16 length, u16 0, u16 length of the coordinates at 4, type at 10,
// coordinates at 36, and a label in UTF-16.
func (f *frame) measurements(i int, r record) error {
	b, err := f.read(r, 0, 1<<16)
	if err != nil || len(b) < 12 {
		return err
	}
	o := f.recordOrder(b)
	kept := []input.Span{clip(r.span, 0, 12)}
	pos := 12
	var labels []*piece
	for n := 1; pos+0x28 <= len(b); n++ {
		size, coords := int(o.Uint16(b[pos:])), int(o.Uint16(b[pos+4:]))
		if size < 0x28 || size > len(b)-pos || coords > size-0x24 {
			break
		}
		kept = append(kept, clip(r.span, int64(pos), int64(pos+0x24+coords)))
		label := b[pos+0x24+coords : pos+size]
		if !blank(label) {
			s := input.Span{Off: r.span.Off + int64(pos+0x24+coords), Len: int64(len(label))}
			labels = append(labels, &piece{record: i, item: exifscrub.Item{Finding: &privacy.Finding{Class: privacy.Description,
				Path: fmt.Sprintf("MeasurementInfo/Meas%dLabel", n), Value: utf16Text(label, o), Spans: []input.Span{s}}}})
		}
		pos += size
	}
	f.finding(i, privacy.Technical, "MeasurementInfo/Meas1Params", "", kept...)
	for _, l := range labels {
		f.pieces = append(f.pieces, *l)
	}
	return f.rest(i, r, "MeasurementInfo/unknown", int64(pos))
}

// meterLink reads the readings of moisture meters and the like: 100 bytes each,
// the name of the device at 32.
func (f *frame) meterLink(i int, r record) error {
	b, err := f.read(r, 0, 1<<16)
	if err != nil {
		return err
	}
	var unknown []input.Span
	pos := int64(0)
	for n := int64(0); n*100+48 <= int64(len(b)); n++ {
		f.text(i, privacy.Identity, fmt.Sprintf("MeterLink/Reading%dDevice", n+1), b, r.span.Off, n*100+32, 16)
		unknown = append(unknown, input.Span{Off: pos, Len: n*100 + 32 - pos})
		pos = n*100 + 48
	}
	unknown = append(unknown, input.Span{Off: pos, Len: int64(len(b)) - pos})
	f.unknown(i, "MeterLink/readings", b, r.span.Off, unknown)
	return f.rest(i, r, "MeterLink/unknown", int64(len(b)))
}
