package nmea

import (
	"bytes"
	"math"
	"time"

	"flightveil/internal/block/tracktext"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

const (
	knot       = 1852.0 / 3600 // m/s
	kmh        = 1 / 3.6
	day        = 24 * time.Hour
	newFlight  = 30 * time.Minute // so long a silence begins another flight
	maxSats    = 200
	firstYear  = 1990 // receivers without a fix tell earlier ones
	textBefore = 3    // fields of TXT before its text
)

type decoder struct {
	yield       func(logfmt.Record, error) bool
	stopped     bool
	identifiers int  // how many more are told
	summed      bool // a sentence had a right checksum
	fields      [maxFields][]byte

	begun  bool          // a sentence had a time
	base   time.Duration // of day, of the first
	last   time.Duration // of day, of the last
	days   int           // midnights between
	date   time.Time     // of the day at hand; zero if it is not known
	fix    moment
	before logfmt.Fix // the last that was yielded
	told   bool       // there was one
}

// A moment is what the sentences of one time say.
type moment struct {
	at      time.Duration // time of day; negative if there is none yet
	placed  bool          // a sentence gave a position
	refused bool          // a sentence said that there is none
	fix     logfmt.Fix
}

func (m *moment) reset() { *m = moment{at: -1, fix: logfmt.NoFix()} }

// flush yields the moment at hand.
func (d *decoder) flush() {
	m := d.fix
	d.fix.reset()
	if !m.placed || m.refused {
		return
	}
	f := m.fix
	if m.at >= 0 {
		if !d.date.IsZero() {
			f.Time = d.date.Add(m.at)
		}
		if e := time.Duration(d.days)*day + m.at - d.base; e >= 0 {
			f.Elapsed = e
		}
	}
	if d.told {
		step := f.Elapsed - d.before.Elapsed
		if !f.Time.IsZero() && !d.before.Time.IsZero() {
			step = f.Time.Sub(d.before.Time)
		} else if f.Elapsed < 0 || d.before.Elapsed < 0 {
			step = 0
		}
		if step > newFlight || step < -newFlight {
			d.put(logfmt.Start{})
		}
	}
	d.told, d.before = true, f
	d.put(f)
}

// moment returns what is known of a time of day. Another time than the last
// ends that. A sentence without time has none but its own, and adds nothing to
// a log of sentences with time.
func (d *decoder) moment(at time.Duration) *moment {
	if at >= 0 && at == d.fix.at {
		return &d.fix
	}
	if at < 0 && d.begun {
		return new(moment)
	}
	d.flush()
	if at < 0 {
		return &d.fix
	}
	switch {
	case !d.begun:
		d.begun, d.base = true, at
	case d.last-at > day/2: // midnight; less are sentences out of order
		d.midnight(1)
	case at-d.last > day/2 && d.days > 0: // and one from before it
		d.midnight(-1)
	}
	d.last, d.fix.at = at, at
	return &d.fix
}

func (d *decoder) midnight(n int) {
	d.days += n
	if !d.date.IsZero() {
		d.date = d.date.AddDate(0, 0, n)
	}
}

// place takes a position. The first sentence of a moment gives it.
func (m *moment) place(s *sentence, i int) bool {
	p, ok := s.point(i)
	if ok && !m.placed {
		m.placed, m.fix.Point = true, p
	}
	return ok && m.fix.Point.Distance(p) < sameSpot
}

// sameSpot is how far apart the sentences of one moment may be, in metres:
// beyond it they are of two receivers, and not to be mixed.
const sameSpot = 50

// gga: time, position, quality, satellites, HDOP, height above the geoid, M,
// height of the geoid above the ellipsoid, M.
func (d *decoder) gga(s *sentence) {
	m := d.moment(clock(s.field(1)))
	if q := s.field(6); len(q) != 1 || q[0] < '1' || q[0] > '9' {
		m.refused = m.refused || len(q) == 1 && q[0] == '0'
		return
	}
	if !m.place(s, 2) {
		return
	}
	m.satellites(s, 7)
	if s.letter(10) == 'M' {
		m.height(s.float(9), s.float(11))
	}
}

// gns: time, position, modes, satellites, HDOP, height, height of the geoid.
func (d *decoder) gns(s *sentence) {
	m := d.moment(clock(s.field(1)))
	modes := s.field(6)
	if len(bytes.Trim(modes, "N")) == 0 { // no system has a fix
		m.refused = m.refused || len(modes) > 0
		return
	}
	if !m.place(s, 2) {
		return
	}
	m.satellites(s, 7)
	m.height(s.float(9), s.float(10))
}

// satellites takes their number and the HDOP.
func (m *moment) satellites(s *sentence, i int) {
	if n := s.float(i); n >= 0 && n < maxSats {
		m.fix.Sats = int(n)
	}
	m.hdop(s.float(i + 1))
}

func (m *moment) hdop(v float64) {
	if v > 0 && v < 99 { // 99.99 is none
		m.fix.HDOP = v
	}
}

func (m *moment) height(msl, geoid float64) {
	if math.Abs(msl) < 100_000 {
		m.fix.AltMSL = msl
		if math.Abs(geoid) < 1000 {
			m.fix.AltEllipsoid = msl + geoid
		}
	}
}

// rmc: time, A or V, position, knots, course, date, variation, its side, mode.
func (d *decoder) rmc(s *sentence) {
	m := d.moment(clock(s.field(1)))
	if s.letter(2) != 'A' || s.letter(12) == 'N' {
		m.refused = m.refused || s.letter(2) == 'V' || s.letter(12) == 'N'
		return
	}
	d.dated(s.field(9))
	if !m.place(s, 3) {
		return
	}
	m.motion(s.float(7)*knot, s.float(8))
}

// motion takes a speed and a course.
func (m *moment) motion(speed, course float64) {
	if speed >= 0 && speed < 1000 {
		m.fix.Speed = speed
	}
	if course >= 0 && course <= 360 {
		m.fix.Course = course
	}
}

// gll: position, time, A or V, mode.
func (d *decoder) gll(s *sentence) {
	m := d.moment(clock(s.field(5)))
	if status := s.letter(6); status == 'V' || s.letter(7) == 'N' {
		m.refused = true
		return
	} else if status != 'A' && len(s.fields) > 5 {
		return
	}
	m.place(s, 1)
}

// vtg: course, T, magnetic course, M, knots, N, km/h, K. It belongs to the
// moment at hand, if that has no speed yet.
func (d *decoder) vtg(s *sentence) {
	if d.fix.at < 0 || s.letter(9) == 'N' || !math.IsNaN(d.fix.fix.Speed) {
		return
	}
	speed := s.float(7) * kmh
	if math.IsNaN(speed) {
		speed = s.float(5) * knot
	}
	d.fix.motion(speed, s.float(1))
}

// gsa: mode, fix, twelve satellites, PDOP, HDOP, VDOP.
func (d *decoder) gsa(s *sentence) {
	if d.fix.at >= 0 && math.IsNaN(d.fix.fix.HDOP) {
		d.fix.hdop(s.float(16))
	}
}

// zda: time, day, month, year, zone.
func (d *decoder) zda(s *sentence) {
	d.moment(clock(s.field(1)))
	day, ok1 := tracktext.Digits(s.field(2))
	month, ok2 := tracktext.Digits(s.field(3))
	year, ok3 := tracktext.Digits(s.field(4))
	if ok1 && ok2 && ok3 {
		d.setDate(year, month, day)
	}
}

// dated takes "230394".
func (d *decoder) dated(b []byte) {
	n, ok := tracktext.Digits(b)
	if !ok || len(b) != 6 {
		return
	}
	year := n%100 + 1900
	if year < 1980 {
		year += 100
	}
	d.setDate(year, n/100%100, n/10000)
}

func (d *decoder) setDate(year, month, day int) {
	if t, ok := tracktext.Date(year, month, day, 0, 0, 0); ok && year >= firstYear {
		d.date = t
	}
}

// text: how many sentences, which, kind, text. Receivers tell their type,
// firmware and antenna.
func (d *decoder) text(s *sentence) {
	if len(s.fields) <= textBefore {
		return
	}
	d.identify(privacy.Device, "receiverText", s, s.fields[textBefore])
}

// waypoint: position, name.
func (d *decoder) waypoint(s *sentence) {
	p, ok := s.point(1)
	if !ok {
		return
	}
	d.put(logfmt.Spot{Role: logfmt.Waypoint, Point: p, Alt: math.NaN()})
	d.identify(privacy.Place, "waypoint", s, s.field(5))
}

// identify tells the text of a field of s.
func (d *decoder) identify(c privacy.Class, path string, s *sentence, field []byte) {
	if len(bytes.TrimSpace(field)) == 0 || d.identifiers == 0 {
		return
	}
	d.identifiers--
	off := s.off + int64(cap(s.text)-cap(field)) // both end where the line's memory does
	d.put(logfmt.Identifier{Finding: privacy.Finding{
		Class: c, Path: path, Value: privacy.Secret(bytes.ToValidUTF8(field, []byte("?"))), Spans: []input.Span{{Off: off, Len: int64(len(field))}},
	}})
}
