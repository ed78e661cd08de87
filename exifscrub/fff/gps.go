package fff

import (
	"encoding/binary"
	"fmt"
	"math"

	"flightveil/exifscrub"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// The GPS record is little-endian whatever the file is.
const (
	gpsValid  = 0x00 // u32: 1 if there was a fix; then a version of four bytes
	gpsLatRef = 0x08 // 'N' or 'S'; the latitude is signed all the same
	gpsLonRef = 0x0A
	gpsLat    = 0x10 // double
	gpsLon    = 0x18
	gpsLen    = 0x20 // the part that makes a position
)

var gpsFields = []field{
	{0x20, 4, privacy.Altitude, "GPSAltitude"},
	{0x40, 4, privacy.Attitude, "GPSDOP"},
	{0x44, 2, privacy.Attitude, "GPSSpeedRef"},
	{0x46, 2, privacy.Attitude, "GPSTrackRef"},
	{0x48, 2, privacy.Attitude, "GPSImgDirectionRef"},
	{0x4C, 4, privacy.Attitude, "GPSSpeed"},
	{0x50, 4, privacy.Attitude, "GPSTrack"},
	{0x54, 4, privacy.Attitude, "GPSImgDirection"},
	{0x58, 16, privacy.Attitude, "GPSMapDatum"},
}

// gps reads the record about the position.
func (f *frame) gps(i int, r record) error {
	b, err := f.read(r, 0, 4096)
	if err != nil || len(b) == 0 {
		return err
	}
	known := []input.Span{{Off: gpsValid, Len: 8}, {Off: gpsLatRef, Len: 4}, {Off: gpsLat, Len: 16}}
	if len(b) >= gpsLen {
		f.position(i, r, b)
	} else {
		f.unknown(i, "GPSInfo/unknown", b, r.span.Off, []input.Span{{Len: int64(len(b))}})
		return nil
	}
	for _, c := range gpsFields {
		known = append(known, input.Span{Off: c.off, Len: c.len})
		if end := c.off + c.len; end <= int64(len(b)) && !blank(b[c.off:end]) {
			value := printable(b[c.off:end])
			if c.len == 4 {
				value = privacy.Secret(fmt.Sprint(math.Float32frombits(binary.LittleEndian.Uint32(b[c.off:]))))
			}
			f.finding(i, c.class, "GPSInfo/"+c.name, value, clip(r.span, c.off, end))
		}
	}
	f.unknown(i, "GPSInfo/unknown", b, r.span.Off, outside(known, int64(len(b))))
	return f.rest(i, r, "GPSInfo/unknown", int64(len(b)))
}

// position adds latitude and longitude with their hemispheres and the
// validity, which is no more than the sign that there is one.
func (f *frame) position(i int, r record, b []byte) {
	le := binary.LittleEndian
	at := geo.Point{Lat: math.Float64frombits(le.Uint64(b[gpsLat:])), Lon: math.Float64frombits(le.Uint64(b[gpsLon:]))}
	where := &at
	if !at.Valid() {
		where = nil
	}
	valid := le.Uint32(b[gpsValid:]) != 0
	if blank(b[gpsLatRef:gpsLatRef+4]) && blank(b[gpsLat:gpsLen]) {
		if valid { // a fix at 0° N 0° E, which is the centre of its own cell
			s := clip(r.span, gpsValid, gpsValid+4)
			p := f.finding(i, privacy.Location, "GPSInfo/GPSValid", "1", s)
			p.item.Finding.Where = where
			p.edit = func(set *exifscrub.Patchset, d exifscrub.Decision) error {
				if !d.Coarse() || !d.To.Zero() {
					set.Zero(s.Off, s.Len)
				}
				return nil
			}
		}
		return
	}
	for _, c := range []struct {
		name     string
		ref, num int64
		axis     func(geo.Point) float64
		letters  string
	}{
		{"GPSLatitude", gpsLatRef, gpsLat, func(p geo.Point) float64 { return p.Lat }, "NS"},
		{"GPSLongitude", gpsLonRef, gpsLon, func(p geo.Point) float64 { return p.Lon }, "EW"},
	} {
		spans := []input.Span{clip(r.span, c.ref, c.ref+2), clip(r.span, c.num, c.num+8)}
		p := f.finding(i, privacy.Location, "GPSInfo/"+c.name, privacy.Secret(fmt.Sprint(c.axis(at))), spans...)
		p.item.Finding.Where = where
		hasRef := b[c.ref] != 0
		p.edit = func(set *exifscrub.Patchset, d exifscrub.Decision) error {
			for _, s := range spans {
				set.Zero(s.Off, s.Len)
			}
			if d.Coarse() && where != nil {
				v := c.axis(d.To)
				set.Set(spans[1].Off, le.AppendUint64(nil, math.Float64bits(v)))
				if letter := c.letters[0]; hasRef {
					if v < 0 {
						letter = c.letters[1]
					}
					set.Set(spans[0].Off, []byte{letter})
				}
				return nil
			}
			set.Zero(r.span.Off+gpsValid, 8) // no position any more
			return nil
		}
	}
}
