package djidat

import (
	"bytes"
	"math"
	"strings"
	"time"

	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// Records; those of V1 are named by type and subtype, the bytes of the id.
const (
	idGPS      = 2096 // and two more receivers
	idATTI     = 2048 // what the aircraft makes of all it measures
	idATTIv1   = 0x01CF
	idHome     = 13
	idHomeV1   = 0x0DC6
	idTabletV1 = 0x2BC1
	idTextFC   = 32768
	idTextSD   = 65280
	idTextSys  = 65535
)

// Lengths of payloads; firmwares give an id to other records.
const (
	lenGPS    = 66
	lenATTI   = 120
	lenATTIv1 = 132
	lenHome   = 24
	lenTablet = 171
)

// Sources of the track, the one to prefer first: receivers, which tell the
// time too, then the aircraft's estimate.
const (
	gps0, estimate, sources = 0, 3, 4
	none                    = -1
)

// source returns which source the record is, and its fix if it holds one.
func source(r *reader) (int, logfmt.Fix, bool) {
	f := logfmt.NoFix()
	switch {
	case r.id >= idGPS && r.id < idGPS+estimate && len(r.payload) == lenGPS:
		ok := readGPS(r.payload, &f)
		return gps0 + int(r.id-idGPS), f, ok
	case r.id == idATTI && len(r.payload) == lenATTI, r.id == idATTIv1 && len(r.payload) == lenATTIv1:
		f.Point, f.AltUnclear = radians(r.payload), finite(f32(r.payload, 16))
		return estimate, f, logfmt.Usable(f.Point)
	}
	return none, f, false
}

// readGPS reads a receiver's record. One that does not know the day has no fix.
func readGPS(b []byte, f *logfmt.Fix) bool {
	day, clock := le.Uint32(b), le.Uint32(b[4:])
	f.Lon, f.Lat = float64(int32(le.Uint32(b[8:])))/1e7, float64(int32(le.Uint32(b[12:])))/1e7
	f.AltMSL = float64(int32(le.Uint32(b[16:]))) / 1000
	if n, e, d := f32(b, 20)/100, f32(b, 24)/100, f32(b, 28)/100; math.Abs(n)+math.Abs(e)+math.Abs(d) < 1000 {
		f.Speed, f.Climb = math.Hypot(n, e), -d
		if f.Speed > 0 {
			f.Course = math.Mod(math.Atan2(e, n)*180/math.Pi+360, 360)
		}
	}
	f.HDOP, f.Sats = finite(f32(b, 32)), int(le.Uint16(b[64:]))
	f.Time = utc(day, clock)
	return day != 0 && logfmt.Usable(f.Point)
}

// utc reads yyyymmdd and hhmmss. Receivers that do not know the day claim to
// be in 1980 or 2000.
func utc(day, clock uint32) time.Time {
	t := time.Date(int(day/10000), time.Month(day/100%100), int(day%100), int(clock/10000), int(clock/100%100), int(clock%100), 0, time.UTC)
	if y, m, d := t.Date(); y < 2010 || y >= 2100 || uint32(y*10000+int(m)*100+d) != day || clock >= 240000 {
		return time.Time{}
	}
	return t
}

func f32(b []byte, at int) float64 { return float64(math.Float32frombits(le.Uint32(b[at:]))) }

func f64(b []byte, at int) float64 { return math.Float64frombits(le.Uint64(b[at:])) }

// radians reads a longitude and a latitude.
func radians(b []byte) geo.Point {
	return geo.Point{Lat: f64(b, 8) * 180 / math.Pi, Lon: f64(b, 0) * 180 / math.Pi}
}

func finite(v float64) float64 {
	if math.IsInf(v, 0) {
		return math.NaN()
	}
	return v
}

// A survey is the result of a first reading.
type survey struct {
	fixes        [sources]int
	first, last  time.Time
	tick0, tick1 int64
}

func (s *survey) look(r *reader, e event) bool {
	if e != gotRecord {
		return true
	}
	i, f, ok := source(r)
	if !ok {
		return true
	}
	s.fixes[i]++
	switch {
	case f.Time.IsZero() || i != gps0:
	case s.first.IsZero():
		s.first, s.tick0 = f.Time, r.ticks
		fallthrough
	default:
		s.last, s.tick1 = f.Time, r.ticks
	}
	return true
}

// choose returns the preferred source, unless it hardly ever had a position.
func (s *survey) choose() int {
	best := none
	for i, n := range s.fixes {
		if n > 0 && (best < 0 || n/20 > s.fixes[best]) {
			best = i
		}
	}
	return best
}

// rate returns the clock's ticks in a second, 0 if unknown: of the rates that
// aircraft have, that which fits what the receiver says.
func (s *survey) rate() int64 {
	seconds := s.last.Sub(s.first).Seconds()
	if seconds < 5 {
		return 0
	}
	got := float64(s.tick1-s.tick0) / seconds
	for _, known := range []int64{600, 4_500_000, 85_000_000} {
		if got > 0.8*float64(known) && got < 1.2*float64(known) {
			return known
		}
	}
	return 0
}

// A decoder turns records into those of the toolkit.
type decoder struct {
	source  int
	rate    int64
	yield   func(logfmt.Record, error) bool
	stopped bool
	spots   map[logfmt.Role]geo.Point
	known   map[string]struct{}
}

// maxKnown bounds how many identifiers are remembered so that each is told once.
const maxKnown = 4096

func newDecoder(s *survey, yield func(logfmt.Record, error) bool) *decoder {
	return &decoder{source: s.choose(), rate: s.rate(), yield: yield, spots: map[logfmt.Role]geo.Point{}, known: map[string]struct{}{}}
}

func (d *decoder) put(r logfmt.Record) { d.stopped = d.stopped || !d.yield(r, nil) }

func (d *decoder) record(r *reader, e event) bool {
	if e == gotDamage {
		d.put(logfmt.Damage{Off: r.badAt, Len: r.badLen, Reason: "no record"})
		return !d.stopped
	}
	if i, f, ok := source(r); ok {
		if i == d.source {
			f.Elapsed = d.elapsed(r)
			d.put(f)
		}
		return !d.stopped
	}
	switch {
	case (r.id == idHome || r.id == idHomeV1) && len(r.payload) >= lenHome:
		d.spot(logfmt.Home, radians(r.payload), finite(f32(r.payload, 16)))
	case r.id == idTabletV1 && len(r.payload) >= lenTablet:
		d.spot(logfmt.Phone, geo.Point{Lat: f64(r.payload, 163), Lon: f64(r.payload, 155)}, math.NaN())
	case r.id == idTextFC || r.id == idTextSD || r.id == idTextSys:
		d.text(r)
	}
	return !d.stopped
}

func (d *decoder) elapsed(r *reader) time.Duration {
	if d.rate == 0 || r.ticks < 0 || r.ticks/d.rate > 1e9 {
		return -1
	}
	return time.Duration(r.ticks/d.rate)*time.Second + time.Duration(r.ticks%d.rate)*time.Second/time.Duration(d.rate)
}

// spot yields a position, each place once in a row.
func (d *decoder) spot(role logfmt.Role, at geo.Point, alt float64) {
	if logfmt.Usable(at) && d.spots[role] != at {
		d.spots[role] = at
		d.put(logfmt.Spot{Role: role, Point: at, Alt: alt})
	}
}

// header tells when the firmware was built.
func (d *decoder) header(b []byte) {
	line, _, _ := bytes.Cut(b[buildAt:], []byte{0})
	if s := strings.TrimSpace(printable(line[:min(len(line), startV1-buildAt)])); s != "" {
		d.identifier("build", privacy.Device, s, input.Span{Off: buildAt, Len: int64(len(line))})
	}
}

// text tells what the aircraft says, and the serial numbers in it.
func (d *decoder) text(r *reader) {
	s := printable(r.payload)
	if strings.TrimSpace(s) == "" {
		return
	}
	d.put(logfmt.Message{Elapsed: d.elapsed(r), Text: privacy.Secret(strings.TrimSpace(s))})
	words := strings.FieldsFunc(s, func(c rune) bool { return !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z') })
	said := false
	for _, w := range words {
		switch l := strings.ToLower(w); {
		case l == "sn" || l == "serial":
			said = true
		case l == "number" || l == "no" || l == "num":
		default:
			if said && len(w) >= 6 && strings.ContainsAny(w, "0123456789") {
				d.identifier("serial", privacy.Identity, w, input.Span{Off: r.off, Len: int64(len(r.payload))})
			}
			said = false
		}
	}
}

// printable returns b with blanks for what is no ASCII text.
func printable(b []byte) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return ' '
		}
		return c
	}, string(b))
}

func (d *decoder) identifier(path string, class privacy.Class, value string, at input.Span) {
	id := path + "\x00" + value
	if _, ok := d.known[id]; ok {
		return
	}
	if len(d.known) < maxKnown {
		d.known[id] = struct{}{}
	}
	d.put(logfmt.Identifier{Finding: privacy.Finding{Class: class, Path: path, Spans: []input.Span{at}, Value: privacy.Secret(value)}})
}
