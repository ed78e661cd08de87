package tiff

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"flightveil/exifscrub"
	"flightveil/internal/block/tiff"
	"flightveil/internal/privacy"
)

// Displaces says that positions, heights and times can be moved in place.
func (Format) Displaces() {}

const (
	metresPerDegree  = 111_320.0
	tagAltitudeRef   = 0x0005
	tagAltitude      = 0x0006
	tagGPSTimeStamp  = 0x0007
	tagOffsetTime    = 0x9010 // and the next two: of the original, of the digitized
	tagSubSecTime    = 0x9290 // likewise
	exifDate         = "2006:01:02 15:04:05"
	exifDay          = "2006:01:02"
	maxSubSecDigits  = 9
	heightsPerMetre  = 10
	secondsPrecision = 1000 // of GPSTimeStamp
)

// exactly takes degrees apart as split does, to a few millimetres.
func exactly(degrees float64, n int) (parts [3]int64, last int64) {
	switch n {
	case 1:
		return [3]int64{int64(math.Round(degrees * 1e7))}, 1e7
	case 2:
		t := int64(math.Round(degrees * 60 * 1e6))
		return [3]int64{t / 60e6, t % 60e6}, 1e6
	}
	t := int64(math.Round(degrees * 3600 * 1e4))
	return [3]int64{t / 36e6, t / 60e4 % 60, t % 60e4}, 1e4
}

// exact returns degrees in the form of c, or nil if that form cannot hold it
// to [exifscrub.DisplacedMetres].
func (d *doc) exact(e tiff.Entry, degrees float64) ([]byte, error) {
	var b []byte
	n := int(min(e.Count, 3))
	switch e.Type {
	case tiff.Rational, tiff.SRational, tiff.Float, tiff.Double:
		parts, last := exactly(degrees, n)
		for i := range parts[:n] {
			den := int64(1)
			if i == n-1 {
				den = last
			}
			b = appendNumber(b, d.tree.Order, e.Type, parts[i], den)
		}
		if e.Type == tiff.Float && n > 0 && !floatHolds(b, d.tree.Order, n, degrees) {
			return nil, nil
		}
	case tiff.ASCII, tiff.UTF8:
		s, err := d.r.Text(e, 256)
		if err != nil {
			return nil, err
		}
		b = exactText(s, degrees, e.Value.Len)
	}
	if len(b) == 0 || int64(len(b)) > e.Value.Len {
		return nil, nil
	}
	return append(b, make([]byte, e.Value.Len-int64(len(b)))...), nil
}

// floatHolds reports whether n floats of 32 bits say degrees exactly enough.
func floatHolds(b []byte, o binary.ByteOrder, n int, degrees float64) bool {
	got, scale := 0.0, 1.0
	for i := range n {
		got += float64(math.Float32frombits(o.Uint32(b[4*i:]))) / scale
		scale *= 60
	}
	return math.Abs(got-degrees)*metresPerDegree <= exifscrub.DisplacedMetres
}

// exactText writes degrees in the way of old, or returns nil if that does not
// fit into size bytes with a NUL.
func exactText(old string, degrees float64, size int64) []byte {
	v, fractions := parseText(old)
	parts, last := exactly(degrees, len(v))
	var s string
	switch n := len(v); {
	case n == 0:
		return nil
	case fractions && n == 1:
		s = fmt.Sprintf("%d/%d", parts[0], last)
	case fractions && n == 2:
		s = fmt.Sprintf("%d/1,%d/%d", parts[0], parts[1], last)
	case fractions:
		s = fmt.Sprintf("%d/1,%d/1,%d/%d", parts[0], parts[1], parts[2], last)
	case n == 1:
		s = fmt.Sprintf("%.7f", degrees)
	case n == 2:
		s = fmt.Sprintf("%d %.6f", parts[0], float64(parts[1])/float64(last))
	default:
		s = fmt.Sprintf("%d %d %.4f", parts[0], parts[1], float64(parts[2])/float64(last))
	}
	if int64(len(s)) >= size {
		return nil
	}
	return []byte(s)
}

// displaced returns the values of the four parts for where mv moves p to, nil
// if it cannot or one of them cannot hold it: then none may stay.
func (d *doc) displaced(x *dir, p position, mv exifscrub.Mover) *[4][]byte {
	at := p.where()
	if at == nil {
		return nil
	}
	to, ok := mv.Place(*at, p.first == tagGPSDestLatitudeRef)
	if !ok {
		return nil
	}
	out := p.encode(x, to) // the hemispheres; the coordinates follow
	for i, v := range [4]float64{latitude: to.Lat, longitude: to.Lon} {
		if out == nil || i != latitude && i != longitude {
			continue
		}
		b, err := d.exact(x.Entries[p.parts[i].entry], math.Abs(v))
		if out[i] = b; err != nil || b == nil {
			out = nil
		}
	}
	if out == nil {
		mv.Miss()
	}
	return out
}

// altitude adds the item of GPSAltitude or its reference. Both stay or both go.
func (d *doc) altitude(r ref, f privacy.Finding) {
	r.dir.roles[r.entry] = telling
	d.add(exifscrub.Item{Finding: &f}, func(ed *editor, dec exifscrub.Decision) {
		if dec.Action == privacy.Keep {
			return
		}
		if dec.Displaced() {
			b, sign := d.height(r.dir, dec.Move)
			if r.Entry().Tag == tagAltitudeRef && b != nil {
				b = sign
			}
			if b != nil && r.Entry().Value.Len == int64(len(b)) {
				ed.set(r, b)
				return
			}
		}
		ed.remove(r, f.Class)
	})
}

// height returns the values of GPSAltitude and GPSAltitudeRef in x for where mv
// moves the height to, nil if that cannot be written.
func (d *doc) height(x *dir, mv exifscrub.Mover) (number, sign []byte) {
	e, ok := x.Find(tagAltitude)
	if !ok || !e.Valid || e.Count != 1 || e.Type != tiff.Rational && e.Type != tiff.SRational || !d.alone(e) {
		return nil, nil
	}
	q, err := d.r.Ratios(e, 1)
	if err != nil || len(q) != 1 {
		return nil, nil
	}
	v, ok := q[0].Float()
	if !ok {
		return nil, nil
	}
	e, referred := x.Find(tagAltitudeRef)
	if referred {
		if e.Count != 1 || e.Type != tiff.Byte || !e.Valid {
			return nil, nil
		}
		if n, _ := d.r.Integer(e); n%2 == 1 { // 1: below sea level; 3: below the ellipsoid
			v = -v
		}
	}
	v, ok = mv.Height(v, false)
	tenths := int64(math.Round(v * heightsPerMetre))
	if !ok || tenths < 0 && !referred || max(tenths, -tenths) > math.MaxInt32 {
		return nil, nil
	}
	if sign = []byte{0}; tenths < 0 {
		tenths, sign = -tenths, []byte{1}
	}
	return appendNumber(nil, d.tree.Order, tiff.Rational, tenths, heightsPerMetre), sign
}

// moment is a time of the file as its tags give it together.
type moment struct {
	t      time.Time
	zoned  bool // t is in UTC
	subsec int  // digits of the fraction that stand in a tag of their own
}

// moved returns m where mv moves it, as exactly as it can be written.
func (m moment) moved(mv exifscrub.Mover) (t time.Time, ok bool) {
	if m.zoned {
		t, ok = mv.UTC(m.t)
	} else {
		t, ok = mv.Wall(m.t)
	}
	unit := time.Second
	for range m.subsec {
		unit /= 10
	}
	return t.Round(unit), ok && t.Year() >= 1 && t.Year() <= 9999
}

// which tells which of Exif's three times tag t belongs to: 0 the file's, 1 the
// original, 2 the digitized one; -1 none.
func which(t uint16) int {
	switch t {
	case tagModifyDate, tagOffsetTime, tagSubSecTime:
		return 0
	case tagDateTimeOriginal, tagOffsetTime + 1, tagSubSecTime + 1:
		return 1
	case tagCreateDate, tagOffsetTime + 2, tagSubSecTime + 2:
		return 2
	}
	return -1
}

// companion returns the text of tag in the directories of Exif, "" if there is
// none that can be trusted.
func (d *doc) companion(tag uint16) string {
	for _, t := range d.tree.Dirs {
		if e, ok := t.Find(tag); ok && e.Valid && e.Type.Text() && d.dirs[t] != nil {
			s, err := d.r.Text(e, 64)
			if err == nil {
				return strings.TrimSpace(s)
			}
		}
	}
	return ""
}

// moment reads the date s of kind which with the zone and the fraction that
// stand beside it.
func (d *doc) moment(s string, which int) (m moment, ok bool) {
	if len(s) < len(exifDate) {
		return m, false
	}
	b := []byte(s[:len(exifDate)])
	for _, i := range []int{4, 7} {
		if strings.IndexByte(":-/.", b[i]) < 0 {
			return m, false
		}
		b[i] = ':'
	}
	b[10] = ' '
	t, err := time.ParseInLocation(exifDate, string(b), time.UTC)
	if err != nil {
		return m, false
	}
	m.t = t
	if which < 0 {
		return m, true
	}
	if digits := d.companion(uint16(tagSubSecTime + which)); digits != "" && len(digits) <= maxSubSecDigits && strings.Trim(digits, "0123456789") == "" {
		n, _ := strconv.Atoi((digits + "000000000")[:9])
		m.t, m.subsec = m.t.Add(time.Duration(n)), len(digits)
	}
	zone := d.companion(uint16(tagOffsetTime + which))
	for i := range 3 {
		if zone == "" {
			zone = d.companion(uint16(tagOffsetTime + i))
		}
	}
	if off, ok := offset(zone); ok {
		m.t, m.zoned = m.t.Add(-off), true
	}
	return m, true
}

// offset reads "+02:00" or "Z".
func offset(s string) (time.Duration, bool) {
	if s == "Z" {
		return 0, true
	}
	t, err := time.Parse("-07:00", s)
	if err != nil {
		return 0, false
	}
	_, sec := t.Zone()
	return time.Duration(sec) * time.Second, true
}

// timeAt returns the bytes of r, a tag that tells a time, for where mv moves
// it; nil if it has to go.
func (d *doc) timeAt(r ref, mv exifscrub.Mover) []byte {
	e := r.Entry()
	if !d.alone(e) {
		return nil
	}
	if r.dir.Kind == tiff.GPS {
		return d.gpsTimeAt(r, mv)
	}
	if !e.Type.Text() {
		return nil
	}
	old, err := d.r.Text(e, 64)
	if err != nil {
		return nil
	}
	k := which(e.Tag)
	if isDate(e.Tag) {
		m, ok := d.moment(old, k)
		if !ok || strings.Trim(old[len(exifDate):], " ") != "" {
			return nil
		}
		t, ok := m.moved(mv)
		if !ok {
			return nil
		}
		s := []byte(t.Format(exifDate))
		s[4], s[7], s[10] = old[4], old[7], old[10]
		return d.padded(e, string(s))
	}
	if k < 0 {
		return nil
	}
	date := d.companion([]uint16{tagModifyDate, tagDateTimeOriginal, tagCreateDate}[k])
	m, ok := d.moment(date, k)
	if !ok {
		return nil
	}
	t, ok := m.moved(mv)
	switch {
	case !ok:
		return nil
	case e.Tag >= tagSubSecTime:
		if m.subsec == 0 || m.subsec != len(strings.TrimSpace(old)) {
			return nil
		}
		return d.padded(e, fmt.Sprintf("%09d", t.Nanosecond())[:m.subsec])
	case !m.zoned:
		return nil
	}
	if strings.TrimSpace(old) == "Z" {
		return d.padded(e, "Z")
	}
	return d.padded(e, "+00:00")
}

// gpsTimeAt is timeAt for the day and the time of day of a position, which
// count only together.
func (d *doc) gpsTimeAt(r ref, mv exifscrub.Mover) []byte {
	day, ok1 := r.dir.Find(tagGPSDateStamp)
	clock, ok2 := r.dir.Find(tagGPSTimeStamp)
	if !ok1 || !ok2 || !day.Type.Text() || clock.Type != tiff.Rational || clock.Count != 3 || !d.alone(day) || !d.alone(clock) {
		return nil
	}
	s, err := d.r.Text(day, 64)
	if err != nil {
		return nil
	}
	m, ok := d.moment(strings.TrimSpace(s)+" 00:00:00", -1)
	v, err := d.r.Floats(clock, 3)
	if !ok || err != nil || len(v) != 3 || !(v[0] >= 0 && v[0] < 24 && v[1] >= 0 && v[1] < 60 && v[2] >= 0 && v[2] < 61) {
		return nil
	}
	m.t, m.zoned, m.subsec = m.t.Add(time.Duration((v[0]*3600+v[1]*60+v[2])*float64(time.Second))), true, 3
	t, ok := m.moved(mv)
	if !ok {
		return nil
	}
	switch r.Entry().Tag {
	case tagGPSDateStamp:
		b := []byte(t.Format(exifDay))
		b[4], b[7] = strings.TrimSpace(s)[4], strings.TrimSpace(s)[7]
		return d.padded(r.Entry(), string(b))
	case tagGPSTimeStamp:
		var b []byte
		for _, q := range [][2]int64{{int64(t.Hour()), 1}, {int64(t.Minute()), 1}, {int64(t.Second())*secondsPrecision + int64(t.Nanosecond()/1e6), secondsPrecision}} {
			b = appendNumber(b, d.tree.Order, tiff.Rational, q[0], q[1])
		}
		return b
	}
	return nil
}

// padded returns s with zeros up to the length of e's value, nil if it is longer.
func (d *doc) padded(e tiff.Entry, s string) []byte {
	if int64(len(s)) > e.Value.Len || e.Value.Len > maxText {
		return nil
	}
	return append([]byte(s), make([]byte, e.Value.Len-int64(len(s)))...)
}
