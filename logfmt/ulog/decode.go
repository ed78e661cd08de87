package ulog

import (
	"math"
	"time"

	"flightveil/internal/block/autopilot"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

type span = input.Span

// Sources of the track, the one to prefer first: what the autopilot makes of
// everything it measures, then the receivers.
const (
	global = iota
	vehicleGPS
	sensorGPS
	secondGPS
	sources
)

func sourceOf(t *topic) int {
	switch {
	case t.name == "vehicle_global_position" && t.multi == 0:
		return global
	case t.name == "vehicle_gps_position" && t.multi == 0:
		return vehicleGPS
	case t.name == "sensor_gps" && t.multi == 0:
		return sensorGPS
	case t.multi == 1 && t.name != "vehicle_global_position":
		return secondGPS
	}
	return -1
}

// fix2D is the least fix_type of a row with a position.
const fix2D = 2

// position returns the position of a row whose handler is a source.
func position(r *reader) (geo.Point, bool) {
	if r.has(colFix) && !(r.num(colFix) >= fix2D) || r.has(colValid) && r.num(colValid) == 0 {
		return geo.Point{}, false
	}
	at := r.point()
	return at, logfmt.Usable(at)
}

// overview is the result of a first reading.
type overview struct {
	fixes  [sources]int
	track  int   // the source, -1 if there is none
	began  int64 // the header's time, microseconds since the autopilot was started
	offset int64 // when that was, microseconds since 1970
	dated  bool  // offset is known
}

func (s *overview) look(r *reader, e event) bool {
	if e != gotData || !r.topic.handler.source {
		return true
	}
	i := sourceOf(r.topic)
	if _, ok := position(r); !ok || i < 0 {
		return true
	}
	s.fixes[i]++
	if now := r.micros(colTime); !s.dated && now >= 0 {
		if t, ok := autopilot.UnixMicros(uint64(max(0, r.micros(colUTC)))); ok {
			s.offset, s.dated = t.UnixMicro()-now, true
		}
	}
	return true
}

// choose takes the preferred source, unless it hardly ever had a position.
func (s *overview) choose() {
	s.track = -1
	for i, n := range s.fixes {
		if n > 0 && (s.track < 0 || n/20 > s.fixes[s.track]) {
			s.track = i
		}
	}
	// A simulator's clock is that of the computer.
	if _, ok := autopilot.UnixMicros(uint64(max(0, s.began))); ok && !s.dated {
		s.dated = true
	}
}

// A decoder turns messages into records.
type decoder struct {
	survey  *overview
	yield   func(logfmt.Record, error) bool
	stopped bool

	now        int64      // of the message, microseconds; negative if unknown
	state      logfmt.Fix // what was last said beside the position
	attitudeAt int64
	spots      map[spotKey]logfmt.Spot
	known      map[idKey]struct{}
}

type spotKey struct {
	role logfmt.Role
	id   uint32
}

type idKey struct{ path, value string }

// maxKnown bounds how many values are remembered so that each is told once.
const maxKnown = 4096

func newDecoder(s *overview, yield func(logfmt.Record, error) bool) *decoder {
	return &decoder{survey: s, yield: yield, now: -1, state: logfmt.NoFix(), attitudeAt: -1, spots: map[spotKey]logfmt.Spot{}, known: map[idKey]struct{}{}}
}

// put yields r.
func (d *decoder) put(r logfmt.Record) {
	if !d.stopped && !d.yield(r, nil) {
		d.stopped = true
	}
}

// message decodes one event.
func (d *decoder) message(r *reader, e event) bool {
	switch e {
	case gotData:
		d.now = r.micros(colTime)
		r.topic.handler.read(d, r)
	case gotText:
		d.logged(r)
	case gotInfo:
		d.info(r)
	case gotParameter:
		d.parameter(r)
	case gotDamage:
		d.put(logfmt.Damage{Off: r.badAt, Len: r.badLen, Reason: r.badWhat})
	}
	return !d.stopped
}

// stale is after how many microseconds an attitude is no longer that of a fix.
const stale = 2_000_000

// position decodes a row that gives the aircraft's position.
func (d *decoder) position(r *reader) {
	i := sourceOf(r.topic)
	at, ok := position(r)
	if i == vehicleGPS || i == sensorGPS && d.survey.fixes[vehicleGPS] == 0 {
		d.receiver(r)
	}
	if !ok || i != d.survey.track {
		return
	}
	if i != global {
		d.receiver(r)
	}
	f := d.state
	f.Point, f.AltMSL, f.AltEllipsoid = at, r.metres(colAlt), r.metres(colEllipsoid)
	if r.has(colDown) {
		f.Climb = -r.num(colDown)
	}
	if d.attitudeAt < 0 || d.now-d.attitudeAt > stale {
		f.Roll, f.Pitch, f.Yaw = math.NaN(), math.NaN(), math.NaN()
	}
	f.Time, f.Elapsed = d.utc(), d.elapsed()
	d.put(f)
}

// receiver notes what only a receiver knows.
func (d *decoder) receiver(r *reader) {
	f := &d.state
	f.HDOP, f.Speed, f.Course, f.Sats = r.num(colHDOP), r.num(colSpeed), autopilot.Heading(r.num(colCourse)), -1
	if n := r.num(colSats); n >= 0 && n < 255 {
		f.Sats = int(n)
	}
	f.Climb = math.NaN()
	if r.has(colDown) {
		f.Climb = -r.num(colDown)
	}
}

// utc returns the time of the message, zero if the log does not know it.
func (d *decoder) utc() time.Time {
	if d.now < 0 || !d.survey.dated {
		return time.Time{}
	}
	t, _ := autopilot.UnixMicros(uint64(max(0, d.survey.offset+d.now)))
	return t
}

// elapsed returns the time since the log began, negative if it is not known.
func (d *decoder) elapsed() time.Duration {
	if d.now < d.survey.began || d.now-d.survey.began > int64(math.MaxInt64/time.Microsecond) {
		return -1
	}
	return time.Duration(d.now-d.survey.began) * time.Microsecond
}

// spot yields s unless it was told before. The id tells several of one role
// apart.
func (d *decoder) spot(s logfmt.Spot, id uint32) {
	if !logfmt.Usable(s.Point) {
		return
	}
	if s.Alt = autopilot.Finite(s.Alt); math.IsNaN(s.Alt) {
		s.Datum = ""
	}
	key := spotKey{s.Role, id}
	old, ok := d.spots[key]
	if ok && old.Point == s.Point && (old.Alt == s.Alt || math.IsNaN(old.Alt) && math.IsNaN(s.Alt)) {
		return
	}
	if len(d.spots) >= maxKnown {
		clear(d.spots)
	}
	d.spots[key] = s
	s.Time = d.utc()
	d.put(s)
}

// identifier yields column i of the row, or the words value instead of it.
func (d *decoder) identifier(class privacy.Class, r *reader, i int, value string) {
	c := &r.topic.cols[i]
	if value == "" {
		value = r.text(i)
	}
	if c.code == 0 || value == "" {
		return
	}
	d.tell(class, r.topic.name+"/"+r.topic.handler.cols[i], value, span{Off: r.off + int64(c.at), Len: int64(c.count)})
}

// tell yields an identifier unless it was told before.
func (d *decoder) tell(class privacy.Class, path, value string, at span) {
	key := idKey{path, value}
	if _, ok := d.known[key]; ok {
		return
	}
	if len(d.known) >= maxKnown {
		clear(d.known)
	}
	d.known[key] = struct{}{}
	d.put(logfmt.Identifier{Finding: privacy.Finding{Class: class, Path: path, Value: privacy.Secret(value), Spans: []span{at}}})
}
