package dataflash

import (
	"math"
	"time"

	"flightveil/internal/block/autopilot"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// Sources of the track, the one to prefer first: the receivers, then what the
// autopilot makes of them.
const (
	firstGPS = iota
	secondGPS
	thirdGPS
	estimate
	sources
)

// sourceOf returns the source of a row whose handler is one, or -1.
func sourceOf(r *reader) int {
	switch r.def.name {
	case "GPS":
		if i := r.num(colInstance); i >= 1 {
			if i > 2 {
				return -1
			}
			return firstGPS + int(i)
		}
		return firstGPS
	case "GPS2":
		return secondGPS
	}
	return estimate
}

// fix2D is the least status of a row with a position: GPS_OK_FIX_2D.
const fix2D = 2

// position returns the position of a row whose handler is a source.
func position(r *reader) (geo.Point, bool) {
	if r.has(colStatus) && !(r.num(colStatus) >= fix2D) {
		return geo.Point{}, false
	}
	at := r.point()
	return at, logfmt.Usable(at)
}

// gpsTime returns the UTC time of a row by its receiver, zero if it has none.
func gpsTime(r *reader) time.Time {
	if r.has(colGPSTime) { // sdlog2: microseconds since 1970
		if us := r.num(colGPSTime); us > 0 && us < 1<<62 {
			t, _ := autopilot.UnixMicros(uint64(us))
			return t
		}
		return time.Time{}
	}
	week, ms := r.num(colWeek), r.num(colTimeOfWeek)
	if !(week > 0 && week < 1<<16 && ms >= 0 && ms < 7*86400e3) {
		return time.Time{}
	}
	t, _ := autopilot.GPSTime(int(week), time.Duration(ms)*time.Millisecond)
	return t
}

// A ticker follows the clock of the rows. When it goes back by more than
// messages can be out of order, the vehicle was started again.
type ticker struct {
	now   int64 // microseconds since the vehicle was started, negative if unknown
	last  int64 // the latest
	ready bool
}

const restart = 5_000_000

// tick reads the time of a row. It reports whether the vehicle was started again.
func (t *ticker) tick(r *reader) (again bool) {
	t.now = -1
	v := r.num(0)
	if !r.has(0) {
		v = r.num(1) * 1000
	}
	if !(v >= 0 && v < 1<<53) {
		return false
	}
	t.now = int64(v)
	again = t.ready && t.now < t.last-restart
	if !t.ready || again || t.now > t.last {
		t.last, t.ready = t.now, true
	}
	return again
}

// overview is the result of a first reading.
type overview struct {
	ticker
	fixes   [sources]int
	track   int     // the source, -1 if there is none
	offsets []int64 // for every start of the vehicle: when it was, microseconds since 1970, or 0
	px4     bool
}

// maxStarts bounds how often a vehicle is started in one log.
const maxStarts = 1000

func (s *overview) look(r *reader) bool {
	if again := s.tick(r); len(s.offsets) == 0 || again && len(s.offsets) < maxStarts {
		s.offsets = append(s.offsets, 0)
	}
	if !r.def.handler.source {
		return true
	}
	_, ok := position(r)
	if i := sourceOf(r); ok && i >= 0 {
		s.fixes[i]++
		if start := &s.offsets[len(s.offsets)-1]; i != estimate && *start == 0 && s.now >= 0 {
			if t := gpsTime(r); !t.IsZero() {
				*start = t.UnixMicro() - s.now
			}
		}
	}
	s.px4 = s.px4 || r.has(colGPSTime)
	return true
}

// choose takes the first receiver, unless it hardly ever had a fix.
func (s *overview) choose() {
	s.track = -1
	for i, n := range s.fixes {
		if n > 0 && (s.track < 0 || n/20 > s.fixes[s.track]) {
			s.track = i
		}
	}
}

func (s *overview) variant(text bool) string {
	v := "ArduPilot"
	if s.px4 {
		v = "PX4 sdlog2"
	}
	if text {
		v += ", text"
	}
	return v
}

// A decoder turns rows into records.
type decoder struct {
	ticker
	survey  *overview
	yield   func(logfmt.Record, error) bool
	stopped bool
	px4     bool
	boot    int   // how often the vehicle was started before
	first   int64 // clock of the log's first row
	begun   bool
	passed  int64 // duration of the starts before

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
	return &decoder{survey: s, yield: yield, px4: s.px4, state: logfmt.NoFix(), attitudeAt: -1, spots: map[spotKey]logfmt.Spot{}, known: map[idKey]struct{}{}}
}

// put yields r. It returns false when the caller has enough.
func (d *decoder) put(r logfmt.Record) bool {
	if !d.stopped && !d.yield(r, nil) {
		d.stopped = true
	}
	return !d.stopped
}

func (d *decoder) damage(r *reader) bool {
	return d.put(logfmt.Damage{Off: r.badAt, Len: r.badLen, Reason: r.badWhat})
}

// row decodes one row.
func (d *decoder) row(r *reader) bool {
	before := d.last
	if d.tick(r) && d.boot < maxStarts-1 {
		d.boot++
		d.passed += max(0, before-d.first)
		d.first = d.now
		d.state, d.attitudeAt = logfmt.NoFix(), -1
		clear(d.spots)
		d.put(logfmt.Start{Variant: d.survey.variant(r.text)})
	}
	if !d.begun && d.now >= 0 {
		d.begun, d.first = true, d.now
	}
	r.def.handler.read(d, r)
	return !d.stopped
}

// stale is after how many microseconds an attitude is no longer that of a fix.
const stale = 2_000_000

// position decodes a row that gives the aircraft's position.
func (d *decoder) position(r *reader) {
	i := sourceOf(r)
	at, ok := position(r)
	if i == estimate && r.has(colRelAlt) {
		d.state.AltHome = r.num(colRelAlt)
	}
	if i != d.survey.track || !ok {
		return
	}
	f := d.state
	f.Point, f.AltMSL = at, r.num(colAlt)
	if r.has(colRelAlt) {
		f.AltHome = r.num(colRelAlt)
	}
	if d.attitudeAt < 0 || d.now-d.attitudeAt > stale {
		f.Roll, f.Pitch, f.Yaw = math.NaN(), math.NaN(), math.NaN()
	}
	f.Time, f.Elapsed = d.utc(), d.elapsed()
	if i != estimate {
		if t := gpsTime(r); !t.IsZero() {
			f.Time = t
		}
		f.HDOP, f.Speed, f.Course, f.Climb = r.num(colHDOP), r.num(colSpeed), r.num(colCourse), -r.num(colDown)
		if n := r.num(colSats); n >= 0 && n < 255 {
			f.Sats = int(n)
		}
		if d.px4 {
			f.Course = autopilot.Heading(f.Course)
		}
	}
	d.put(f)
}

// utc returns the time of the row, zero if the log does not know it.
func (d *decoder) utc() time.Time {
	if d.now < 0 || d.boot >= len(d.survey.offsets) || d.survey.offsets[d.boot] == 0 {
		return time.Time{}
	}
	return time.UnixMicro(d.survey.offsets[d.boot] + d.now).UTC()
}

// elapsed returns the time since the log began, negative if it is not known.
func (d *decoder) elapsed() time.Duration {
	if d.now < d.first || !d.begun {
		return -1
	}
	return time.Duration(d.passed+d.now-d.first) * time.Microsecond
}

// spot yields the position of a row that is not the aircraft's.
func (d *decoder) spot(role logfmt.Role, r *reader, id uint32, datum string) {
	d.putSpot(logfmt.Spot{Role: role, Point: r.point(), Alt: r.num(4), Datum: datum}, id)
}

// putSpot yields s unless it was told before. The id tells several of one role
// apart.
func (d *decoder) putSpot(s logfmt.Spot, id uint32) {
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

// identifier yields column i of the row, once. Without a path it is named by
// the message and the label.
func (d *decoder) identifier(class privacy.Class, r *reader, i int, path string) {
	value := r.string(i)
	if value == "" {
		return
	}
	if path == "" {
		path = r.def.name + "/" + r.def.handler.cols[i]
		for _, label := range r.def.labels {
			if wanted(r.def.handler.cols[i], label) {
				path = r.def.name + "/" + label
				break
			}
		}
	}
	key := idKey{path, value}
	if _, ok := d.known[key]; ok {
		return
	}
	if len(d.known) >= maxKnown {
		clear(d.known)
	}
	d.known[key] = struct{}{}
	d.put(logfmt.Identifier{Finding: privacy.Finding{Class: class, Path: path, Value: privacy.Secret(value), Spans: []input.Span{r.span(i)}}})
}

// span returns where column i of the row lies.
func (r *reader) span(i int) input.Span {
	c := r.def.cols[i]
	if !r.text {
		return input.Span{Off: r.off + int64(c.at), Len: int64(sizes[c.kind])}
	}
	field := r.fields[c.at]
	return input.Span{Off: r.off + int64(cap(r.row)-cap(field)), Len: int64(len(field))}
}
