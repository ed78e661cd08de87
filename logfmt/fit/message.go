package fit

import (
	"bytes"
	"math"
	"strconv"
	"time"

	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// Global message numbers of the profile.
const (
	fileID, userProfile, sport, session, lap, record, deviceInfo, course, coursePoint = 0, 3, 12, 18, 19, 20, 23, 31, 32
)

// values are the unsigned numbers of a message, by field; a text has none.
type values struct {
	b   []byte
	def *definition
}

func (v values) raw(num byte) []byte {
	for _, f := range v.def.fields {
		if f.num == num && f.from+f.len <= len(v.b) {
			return v.b[f.from : f.from+f.len]
		}
	}
	return nil
}

func (v values) u32(num byte) (uint32, bool) {
	b := v.raw(num)
	if len(b) != 4 {
		return 0, false
	}
	n := v.def.order.Uint32(b)
	return n, n != math.MaxUint32
}

func (v values) u16(num byte) (uint16, bool) {
	b := v.raw(num)
	if len(b) != 2 {
		return 0, false
	}
	n := v.def.order.Uint16(b)
	return n, n != math.MaxUint16
}

// position returns the point whose semicircles are in two fields.
func (v values) position(lat, lon byte) (logfmt.Point, bool) {
	a, ok := v.u32(lat)
	o, ok2 := v.u32(lon)
	const invalid = math.MaxInt32
	if !ok || !ok2 || a == invalid || o == invalid {
		return logfmt.Point{}, false
	}
	p := logfmt.Point{Lat: float64(int32(a)) * (180.0 / (1 << 31)), Lon: float64(int32(o)) * (180.0 / (1 << 31))}
	return p, logfmt.Usable(p)
}

// minTime is the smallest number of seconds since 1989 that is a date: smaller ones
// count from when the device was switched on.
const minTime = 0x10000000

func stamp(s uint32) time.Time {
	if s < minTime {
		return time.Time{}
	}
	return time.Date(1989, 12, 31, 0, 0, 0, 0, time.UTC).Add(time.Duration(s) * time.Second)
}

func (d *log) message(b []byte) {
	local := b[0] & 0xF
	compressed := b[0]&0x80 != 0
	if compressed {
		local = b[0] >> 5 & 3
	}
	v := values{b, &d.locals[local]}
	now := time.Time{}
	if s, ok := v.u32(253); ok {
		d.clock = s
		now = stamp(s)
	} else if compressed && d.clock != 0 { // the low five bits
		d.clock += (uint32(b[0]) - d.clock) & 0x1F
		now = stamp(d.clock)
	}
	switch v.def.global {
	case record:
		d.fix(v, now)
	case session, lap:
		d.spot(v, 3, 4, now)
		if v.def.global == lap {
			d.spot(v, 5, 6, now)
		} else {
			d.spot(v, 29, 30, now)
			d.spot(v, 31, 32, now)
			d.spot(v, 38, 39, now)
		}
	case coursePoint:
		d.spot(v, 2, 3, now)
		d.text(v, privacy.Description, 6, "course_point/name")
	case fileID:
		d.number(v, 3, "file_id/serial_number")
		d.text(v, privacy.Device, 8, "file_id/product_name")
	case deviceInfo:
		d.number(v, 3, "device_info/serial_number")
		d.text(v, privacy.Device, 27, "device_info/product_name")
		d.text(v, privacy.Identity, 19, "device_info/descriptor")
	case userProfile:
		d.text(v, privacy.Identity, 0, "user_profile/friendly_name")
	case sport:
		d.text(v, privacy.Description, 3, "sport/name")
	case course:
		d.text(v, privacy.Description, 5, "course/name")
	}
}

func (d *log) fix(v values, now time.Time) {
	f := logfmt.NoFix()
	var ok bool
	if f.Point, ok = v.position(0, 1); !ok {
		return
	}
	f.Time = now
	if n, ok := v.u32(78); ok {
		f.AltMSL = float64(n)/5 - 500
	} else if n, ok := v.u16(2); ok {
		f.AltMSL = float64(n)/5 - 500
	}
	if n, ok := v.u32(73); ok {
		f.Speed = float64(n) / 1000
	} else if n, ok := v.u16(6); ok {
		f.Speed = float64(n) / 1000
	}
	d.put(f)
}

func (d *log) spot(v values, lat, lon byte, now time.Time) {
	if p, ok := v.position(lat, lon); ok {
		d.put(logfmt.Spot{Role: logfmt.Waypoint, Time: now, Point: p, Alt: math.NaN()})
	}
}

func (d *log) number(v values, num byte, path string) {
	if n, ok := v.u32(num); ok && n != 0 {
		d.tell(v, privacy.Identity, num, path, strconv.FormatUint(uint64(n), 10))
	}
}

func (d *log) text(v values, c privacy.Class, num byte, path string) {
	b, _, _ := bytes.Cut(v.raw(num), []byte{0})
	if len(b) > 0 {
		d.tell(v, c, num, path, string(bytes.ToValidUTF8(b, []byte("?"))))
	}
}

func (d *log) tell(v values, c privacy.Class, num byte, path, value string) {
	if d.identifiers == 0 {
		return
	}
	d.identifiers--
	for _, f := range v.def.fields {
		if f.num == num {
			d.put(logfmt.Identifier{Finding: privacy.Finding{Class: c, Path: path, Value: privacy.Secret(value), Spans: []input.Span{{Off: d.off + int64(f.from), Len: int64(f.len)}}}})
			return
		}
	}
}
