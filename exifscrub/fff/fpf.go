package fff

import (
	"encoding/binary"
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

const (
	fpfMagic  = "FPF Public Image Format\x00"
	fpfHeader = 892
	fpfTime   = 0x248 // seven u32: year, month, day, hour, minute, second, millisecond
)

var fpfText = []field{
	{0x78, 32, privacy.Device, "CameraModel"},
	{0x98, 32, privacy.Device, "CameraPartNumber"},
	{0xB8, 32, privacy.Identity, "CameraSerialNumber"},
	{0xE0, 32, privacy.Device, "LensModel"},
	{0x100, 32, privacy.Device, "LensPartNumber"},
	{0x120, 32, privacy.Identity, "LensSerialNumber"},
	{0x140, 16, privacy.Device, "FilterModel"},
	{0x150, 48, privacy.Device, "FilterPartNumber"},
	{0x180, 32, privacy.Identity, "FilterSerialNumber"},
}

var fpfKept = []field{
	{0x00, 0x30, privacy.Technical, "ImageDataOffset"}, // also version, pixel format and size
	{0xD8, 8, privacy.Technical, "CameraTemperatureRangeMin"},
	{0x1E0, 0x28, privacy.Technical, "Emissivity"}, // the parameters of the temperature calculation
	{0x2A4, 0x18, privacy.Technical, "CameraScaleMin"},
}

var fpfCounters = []field{
	{0x30, 4, privacy.Identity, "ExternalTriggerCount"},
	{0x34, 4, privacy.Identity, "SequenceFrameNumber"},
}

// parseFPF reads a file in the public format: a header of 892 bytes, h, and
// the samples. It is one frame without records.
func parseFPF(in input.Input, h []byte) (*frame, error) {
	if len(h) < fpfHeader {
		return nil, fmt.Errorf("the header of the FPF file is cut short: %w", input.ErrUnsupported)
	}
	f := &frame{in: in, end: in.Size(), order: binary.LittleEndian}
	if f.order.Uint32(h[0x20:])&0xFFFF == 0 {
		f.order = binary.BigEndian
	}
	data := int64(f.order.Uint32(h[0x24:]))
	if data < fpfHeader || data > in.Size() {
		return nil, fmt.Errorf("samples at offset %d: %w", data, input.ErrUnsupported)
	}
	known := []input.Span{{Off: fpfTime, Len: 28}}
	for _, c := range fpfKept {
		known = append(known, input.Span{Off: c.off, Len: c.len})
		f.finding(-1, c.class, c.name, "", input.Span{Off: c.off, Len: c.len})
	}
	for _, c := range fpfText {
		known = append(known, input.Span{Off: c.off, Len: c.len})
		f.text(-1, c.class, c.name, h, 0, c.off, c.len)
	}
	for _, c := range fpfCounters {
		known = append(known, input.Span{Off: c.off, Len: c.len})
		if n := f.order.Uint32(h[c.off:]); n != 0 {
			f.finding(-1, c.class, c.name, privacy.Secret(fmt.Sprint(n)), input.Span{Off: c.off, Len: c.len})
		}
	}
	if t := h[fpfTime : fpfTime+28]; !blank(t) {
		var v [7]any
		for i := range v {
			v[i] = f.order.Uint32(t[4*i:])
		}
		f.finding(-1, privacy.Time, "DateTimeOriginal", privacy.Secret(fmt.Sprintf("%04d:%02d:%02d %02d:%02d:%02d.%03d", v[:]...)),
			input.Span{Off: fpfTime, Len: 28}).edit = func(set *exifscrub.Patchset, d exifscrub.Decision) error {
			if d.Coarse() {
				set.Zero(fpfTime+12, 16)
			} else {
				set.Zero(fpfTime, 28)
			}
			return nil
		}
	}
	f.unknown(-1, "unknown", h, 0, outside(known, fpfHeader))
	if err := f.gap(fpfHeader, data); err != nil {
		return nil, err
	}
	if s := (input.Span{Off: data, Len: in.Size() - data}); s.Len > 0 {
		size, err := f.samples(h)
		if err != nil {
			return nil, err
		}
		if size < s.Len { // what follows the samples is none
			if err := f.gap(data+size, in.Size()); err != nil {
				return nil, err
			}
			s.Len = size
		}
		f.finding(-1, privacy.Technical, "ImageData", "", s)
		f.pieces = append(f.pieces, piece{record: -1, item: exifscrub.Item{Coded: &s}})
	}
	return f, nil
}

// samples returns how many bytes the samples take.
func (f *frame) samples(h []byte) (int64, error) {
	format := f.order.Uint16(h[0x2A:])
	if format > 3 {
		return 0, fmt.Errorf("pixel format %d: %w", format, input.ErrUnsupported)
	}
	each := [...]int64{2, 4, 4, 8}[format]
	return each * int64(f.order.Uint16(h[0x2C:])) * int64(f.order.Uint16(h[0x2E:])), nil
}
