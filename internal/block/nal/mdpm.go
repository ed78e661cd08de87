package nal

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Records of MDPM are a number and four bytes. Values of more than four bytes
// take the records behind the first.
const (
	mdpmHead   = uuidLen + 4 + 1 // UUID, "MDPM", number of records
	recordSize = 5
)

type recordKind struct {
	class privacy.Class
	name  string
	more  int // how many of the next numbers belong to it
	value func(v []byte) string
}

// recordKinds are the records that are known, by their numbers.
var recordKinds = map[byte]recordKind{
	0x13: {privacy.Time, "TimeCode", 0, func(v []byte) string { return fmt.Sprintf("%02x:%02x:%02x:%02x", v[3], v[2], v[1], v[0]) }},
	0x18: {privacy.Time, "DateTimeOriginal", 1, dateTime},
	0x42: {privacy.Time, "ProgramRecDTime", 0, nil},
	0x52: {privacy.Time, "AAUXRecDate", 0, nil},
	0x53: {privacy.Time, "AAUXRecTime", 0, nil},
	0x62: {privacy.Time, "VAUXRecDate", 0, nil},
	0x63: {privacy.Time, "VAUXRecTime", 0, nil},
	0x70: {privacy.Exposure, "Camera1", 0, nil},
	0x71: {privacy.Exposure, "Camera2", 0, nil},
	0x7F: {privacy.Exposure, "Shutter", 0, nil},
	0xA0: {privacy.Exposure, "ExposureTime", 0, rational},
	0xA1: {privacy.Exposure, "FNumber", 0, rational},
	0xA2: {privacy.Exposure, "ExposureProgram", 0, nil},
	0xA3: {privacy.Exposure, "BrightnessValue", 0, rational},
	0xA4: {privacy.Exposure, "ExposureCompensation", 0, rational},
	0xA5: {privacy.Exposure, "MaxApertureValue", 0, rational},
	0xA6: {privacy.Exposure, "Flash", 0, nil},
	0xA7: {privacy.Exposure, "CustomRendered", 0, nil},
	0xA8: {privacy.Exposure, "WhiteBalance", 0, nil},
	0xA9: {privacy.Exposure, "FocalLengthIn35mmFormat", 0, rational},
	0xAA: {privacy.Exposure, "SceneCaptureType", 0, nil},
	0xB0: {privacy.Attitude, "GPSVersionID", 0, nil},
	0xB1: {privacy.Location, "GPSLatitudeRef", 0, letters},
	0xB2: {privacy.Location, "GPSLatitude", 2, nil},
	0xB5: {privacy.Location, "GPSLongitudeRef", 0, letters},
	0xB6: {privacy.Location, "GPSLongitude", 2, nil},
	0xB9: {privacy.Altitude, "GPSAltitudeRef", 0, nil},
	0xBA: {privacy.Altitude, "GPSAltitude", 0, rational},
	0xBB: {privacy.Time, "GPSTimeStamp", 2, clock},
	0xBE: {privacy.Attitude, "GPSStatus", 0, letters},
	0xBF: {privacy.Attitude, "GPSMeasureMode", 0, letters},
	0xC0: {privacy.Attitude, "GPSDOP", 0, rational},
	0xC1: {privacy.Attitude, "GPSSpeedRef", 0, letters},
	0xC2: {privacy.Attitude, "GPSSpeed", 0, rational},
	0xC3: {privacy.Attitude, "GPSTrackRef", 0, letters},
	0xC4: {privacy.Attitude, "GPSTrack", 0, rational},
	0xC5: {privacy.Attitude, "GPSImgDirectionRef", 0, letters},
	0xC6: {privacy.Attitude, "GPSImgDirection", 0, rational},
	0xC7: {privacy.Attitude, "GPSMapDatum", 1, letters},
	0xCA: {privacy.Time, "GPSDateStamp", 2, letters},
	0xE0: {privacy.Device, "Make", 0, maker},
	0xE4: {privacy.Device, "Model", 2, letters},
}

// kindOf returns the kind of record id, known or not.
func kindOf(id byte) recordKind {
	k, ok := recordKinds[id]
	switch {
	case ok:
		return k
	case id >= 0x72 && id <= 0x7E: // lens, gain, gamma and other settings
		return recordKind{class: privacy.Exposure, name: fmt.Sprintf("MDPM_0x%02x", id)}
	case id >= 0xE0: // options of the maker
		return recordKind{class: privacy.MakerNote, name: fmt.Sprintf("MDPM_0x%02x", id)}
	}
	return recordKind{class: privacy.Unknown, name: fmt.Sprintf("MDPM_0x%02x", id)}
}

// mdpm reads the payload b, which begins with UUID and name.
func mdpm(b []byte) []Field {
	if len(b) < mdpmHead {
		return whole(privacy.Unknown, "MDPM", "", b)
	}
	var out []Field
	off := mdpmHead
	var last byte
	var lat, lon []byte
	var south, west byte
	for n := int(b[mdpmHead-1]); n > 0 && len(b)-off >= recordSize && (b[off] > last || off == mdpmHead); {
		id := b[off]
		k := kindOf(id)
		f := Field{Class: k.class, Name: "MDPM/" + k.name}
		var v []byte
		for i := 0; i <= k.more && n > 0 && len(b)-off >= recordSize && b[off] == id+byte(i); i++ {
			v = append(v, b[off+1:off+recordSize]...)
			f.at = append(f.at, input.Span{Off: int64(off), Len: recordSize})
			last = b[off]
			off, n = off+recordSize, n-1
		}
		if len(bytes.Trim(v, "\xff")) == 0 {
			continue
		}
		switch id {
		case 0xB1:
			south = v[0]
		case 0xB2:
			lat = v
		case 0xB5:
			west = v[0]
		case 0xB6:
			lon = v
		}
		if k.value != nil && len(v) == (k.more+1)*(recordSize-1) {
			f.Value = k.value(v)
		}
		out = append(out, f)
	}
	if len(bytes.Trim(b[off:], "\xff\x00")) > 0 {
		out = append(out, part(privacy.Unknown, "MDPM/rest", "", off, len(b))...)
	}
	position(out, lat, lon, south, west)
	return out
}

// recount sets the number of records in b to those that are there.
func recount(b []byte) {
	if len(b) < mdpmHead || hex.EncodeToString(b[:uuidLen]) != uuidMDPM || string(b[uuidLen:mdpmHead-1]) != "MDPM" {
		return
	}
	var n, last byte
	for off := mdpmHead; n < b[mdpmHead-1] && len(b)-off >= recordSize && (b[off] > last || n == 0); off += recordSize {
		n, last = n+1, b[off]
	}
	b[mdpmHead-1] = n
}

// position sets the point of the fields that are coordinates.
func position(fs []Field, lat, lon []byte, south, west byte) {
	la, ok := degrees(lat, south, "NS")
	lo, ok2 := degrees(lon, west, "EW")
	p := geo.Point{Lat: la, Lon: lo}
	known := ok && ok2 && p.Valid()
	for i, f := range fs {
		var v float64
		var ok1 bool
		switch f.Name {
		case "MDPM/GPSLatitude":
			v, ok1 = la, ok
		case "MDPM/GPSLongitude":
			v, ok1 = lo, ok2
		case "MDPM/GPSLatitudeRef", "MDPM/GPSLongitudeRef":
		default:
			continue
		}
		if ok1 {
			fs[i].Value = fmt.Sprintf("%.7f", v)
		}
		if known {
			fs[i].Where = &p
		}
	}
}

// degrees reads three quotients of two 16-bit numbers. A reference that says
// nothing leaves the sign open, so there is no value then.
func degrees(b []byte, ref byte, refs string) (float64, bool) {
	if len(b) != 12 || strings.IndexByte(refs, ref) < 0 {
		return 0, false
	}
	var v float64
	unit := 1.0
	for i := 0; i < 12; i += 4 {
		num, den := binary.BigEndian.Uint16(b[i:]), binary.BigEndian.Uint16(b[i+2:])
		if den == 0 && num != 0 {
			return 0, false
		}
		v += float64(num) / float64(max(den, 1)) / unit
		unit *= 60
	}
	if ref == refs[1] {
		v = -v
	}
	return v, true
}

// dateTime reads a zone byte, then year to second as two digits each.
func dateTime(v []byte) string {
	zone := '+'
	if v[0]&0x20 != 0 {
		zone = '-'
	}
	half := 0
	if v[0]&1 != 0 {
		half = 30
	}
	return fmt.Sprintf("%02x%02x:%02x:%02x %02x:%02x:%02x%c%02d:%02d", v[1], v[2], v[3], v[4], v[5], v[6], v[7], zone, v[0]>>1&0xF, half)
}

func rational(v []byte) string {
	return fmt.Sprintf("%d/%d", binary.BigEndian.Uint16(v), binary.BigEndian.Uint16(v[2:]))
}

func clock(v []byte) string {
	var out []string
	for b := range slices.Chunk(v, 4) {
		num, den := binary.BigEndian.Uint16(b), cmp.Or(binary.BigEndian.Uint16(b[2:]), 1)
		out = append(out, fmt.Sprintf("%02d", num/den))
	}
	return strings.Join(out, ":")
}

func letters(v []byte) string { return text(bytes.TrimRight(v, "\x00\xff")) }

func maker(v []byte) string {
	switch n := binary.BigEndian.Uint16(v); n {
	case 0x0103:
		return "Panasonic"
	case 0x0108:
		return "Sony"
	case 0x1011:
		return "Canon"
	case 0x1104:
		return "JVC"
	default:
		return fmt.Sprintf("0x%04x", n)
	}
}
