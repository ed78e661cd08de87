package fff

import (
	"encoding/binary"
	"fmt"
	"time"
	"unicode/utf16"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A field is a run of bytes of a record with one meaning.
type field struct {
	off, len int64
	class    privacy.Class
	name     string
}

// cameraText are the texts of the camera record, padded with zeros.
var cameraText = []field{
	{0xD4, 32, privacy.Device, "CameraModel"},
	{0xF4, 16, privacy.Device, "CameraPartNumber"},
	{0x104, 16, privacy.Identity, "CameraSerialNumber"},
	{0x114, 16, privacy.Device, "CameraSoftware"},
	{0x170, 32, privacy.Device, "LensModel"},
	{0x190, 16, privacy.Device, "LensPartNumber"},
	{0x1A0, 16, privacy.Identity, "LensSerialNumber"},
	{0x1EC, 16, privacy.Device, "FilterModel"},
	{0x1FC, 32, privacy.Device, "FilterPartNumber"},
	{0x21C, 32, privacy.Identity, "FilterSerialNumber"},
	{0x43C, 20, privacy.Identity, "FileName"}, // "Live", or the name of the file
}

// cameraKept are the numbers of the camera record that stay.
var cameraKept = []field{
	{0x000, 0xD4, privacy.Technical, "PlanckR1"}, // size, emissivity, distances, temperatures, Planck and atmosphere
	{0x1B4, 0x20, privacy.Exposure, "FieldOfView"},
	{0x300, 0x84, privacy.Technical, "PlanckO"}, // also R2, and range and median of the samples
	{0x390, 2, privacy.Exposure, "FocusStepCount"},
	{0x450, 12, privacy.Technical, "PlanckO"}, // again, with R2
	{0x45C, 4, privacy.Exposure, "FocusDistance"},
	{0x464, 2, privacy.Technical, "FrameRate"},
}

const (
	cameraTime    = 0x384 // u32 seconds since 1970, u32 milliseconds (the lower half), s16 minutes west of UTC
	cameraTimeLen = 10
)

// camera reads the record about the camera and the temperature calculation.
func (f *frame) camera(i int, r record) error {
	b, err := f.read(r, 0, 64<<10)
	if err != nil || len(b) == 0 {
		return err
	}
	var known []input.Span
	if len(b) >= cameraTime+cameraTimeLen {
		known = append(known, input.Span{Off: cameraTime, Len: cameraTimeLen})
		f.cameraTime(i, r, b)
	}
	for _, c := range cameraKept {
		known = append(known, input.Span{Off: c.off, Len: c.len})
		if c.off < int64(len(b)) && !blank(b[c.off:min(c.off+c.len, int64(len(b)))]) {
			f.finding(i, c.class, "CameraInfo/"+c.name, "", clip(r.span, c.off, c.off+c.len))
		}
	}
	for _, c := range cameraText {
		known = append(known, input.Span{Off: c.off, Len: c.len})
		f.text(i, c.class, "CameraInfo/"+c.name, b, r.span.Off, c.off, c.len)
	}
	f.unknown(i, "CameraInfo/unknown", b, r.span.Off, outside(known, int64(len(b))))
	return f.rest(i, r, "CameraInfo/unknown", int64(len(b)))
}

// cameraTime adds the time of the picture. Coarsened, it is midnight of its
// day where the camera's clock was, without the zone.
func (f *frame) cameraTime(i int, r record, b []byte) {
	o := f.recordOrder(b)
	v := b[cameraTime : cameraTime+cameraTimeLen]
	if blank(v) {
		return
	}
	west := int64(int16(o.Uint16(v[8:])))
	local := int64(o.Uint32(v)) - west*60
	zone := time.FixedZone("", int(-west*60))
	when := time.Unix(int64(o.Uint32(v)), int64(o.Uint32(v[4:])&0xFFFF%1000)*1e6).In(zone)
	at := r.span.Off + cameraTime
	f.finding(i, privacy.Time, "CameraInfo/DateTimeOriginal", privacy.Secret(when.Format("2006:01:02 15:04:05.000-07:00")),
		input.Span{Off: at, Len: cameraTimeLen}).edit = func(set *exifscrub.Patchset, d exifscrub.Decision) error {
		set.Zero(at, cameraTimeLen)
		if d.Coarse() && local >= 0 {
			day := make([]byte, 4)
			o.PutUint32(day, uint32(local/86400*86400))
			set.Set(at, day)
		}
		return nil
	}
}

// text adds the text of n bytes at off of the record b, which lies at at in
// the file, unless it is blank or the record ends before it.
func (f *frame) text(rec int, class privacy.Class, path string, b []byte, at, off, n int64) {
	if off >= int64(len(b)) {
		return
	}
	v := b[off:min(off+n, int64(len(b)))]
	if !blank(v) {
		f.finding(rec, class, path, printable(v), input.Span{Off: at + off, Len: int64(len(v))})
	}
}

// unknown adds as one finding those spans of b that are not blank.
func (f *frame) unknown(rec int, path string, b []byte, at int64, spans []input.Span) {
	var found []input.Span
	for _, s := range spans {
		if s.Len > 0 && !blank(b[s.Off:s.End()]) {
			found = append(found, input.Span{Off: at + s.Off, Len: s.Len})
		}
	}
	if len(found) > 0 {
		f.finding(rec, privacy.Unknown, path, "", found...)
	}
}

// rest adds what a record holds from off on, unless it is blank.
func (f *frame) rest(rec int, r record, path string, off int64) error {
	if off >= r.span.Len {
		return nil
	}
	zeros, err := isZero(f.in, r.span.Off+off, r.span.End())
	if err == nil && !zeros {
		f.finding(rec, privacy.Unknown, path, "", clip(r.span, off, r.span.Len))
	}
	return err
}

// read returns up to n bytes at off of a record.
func (f *frame) read(r record, off, n int64) ([]byte, error) {
	n = min(n, r.span.Len-off)
	if n <= 0 {
		return nil, nil
	}
	return input.ReadRange(f.in, r.span.Off+off, n, n)
}

// recordOrder returns the byte order of a record that begins with a small
// number. It is often not that of the file.
func (f *frame) recordOrder(b []byte) binary.ByteOrder {
	if len(b) >= 2 && f.order.Uint16(b) >= 0x100 {
		if f.order == binary.ByteOrder(binary.BigEndian) {
			return binary.LittleEndian
		}
		return binary.BigEndian
	}
	return f.order
}

// outside returns the parts of [0, n) that no span covers.
func outside(spans []input.Span, n int64) []input.Span {
	covered := sortedSpans(spans)
	var out []input.Span
	pos := int64(0)
	for _, s := range covered {
		if s.Off > pos {
			out = append(out, input.Span{Off: pos, Len: min(s.Off, n) - pos})
		}
		if pos = max(pos, s.End()); pos >= n {
			return out
		}
	}
	return append(out, input.Span{Off: pos, Len: n - pos})
}

// clip returns the bytes from to to of s, as far as s goes.
func clip(s input.Span, from, to int64) input.Span {
	from, to = min(from, s.Len), min(to, s.Len)
	return input.Span{Off: s.Off + from, Len: max(0, to-from)}
}

// printable returns the text of a field up to its first zero byte.
func printable(b []byte) privacy.Secret {
	for i, c := range b {
		if c == 0 {
			b = b[:i]
			break
		}
	}
	for _, c := range b {
		if c < ' ' || c > '~' {
			return privacy.Secret(fmt.Sprintf("(%d bytes)", len(b)))
		}
	}
	return privacy.Secret(b)
}

func utf16Text(b []byte, o binary.ByteOrder) privacy.Secret {
	var u []uint16
	for ; len(b) >= 2; b = b[2:] {
		c := o.Uint16(b)
		if c == 0 {
			break
		}
		u = append(u, c)
	}
	return privacy.Secret(utf16.Decode(u))
}
