package blackbox

import (
	"math"
	"time"

	"flightveil/logfmt"
)

// gpsFields are indices in G frames, -1 for those that are not there.
type gpsFields struct {
	time, sats, lat, lon, alt, speed, course, fix, hdop, down int
}

func (g *gpsFields) find(l *layout) {
	*g = gpsFields{
		l.index("time"), l.index("GPS_numSat"), l.index("GPS_coord[0]"), l.index("GPS_coord[1]"), l.index("GPS_altitude"), l.index("GPS_speed"),
		l.index("GPS_ground_course"), l.index("GPS_fixType"), l.index("GPS_hdop"), l.index("GPS_velned[2]"),
	}
}

// A track is what is known of positions.
type track struct {
	end     bool // the event at hand ends the log
	resumed bool // the event at hand tells where the recorder goes on
	resume  mark

	home    home
	before  home // the one before, until a position confirms the new one
	changed bool
	missed  bool // it was told that positions count from a home that is not known
	torn    bool // bytes were lost since the prior fix or home, perhaps another home

	prior    fix // the last that was yielded
	hasPrior bool
	held     fix // one that the fixes before it contradict, or the first
	hasHeld  bool
}

// A home is what G frames count from.
type home struct {
	lat, lon int64 // 1e-7 degrees
	at, len  int64 // of its frame; at is -1 if there was none
	alt      float64
}

// A fix is one that was read.
type fix struct {
	record  logfmt.Record // a Fix or, with too few satellites, a Spot
	point   logfmt.Point
	at, len int64
	micros  int64 // -1 if the time is not known
}

const (
	degrees = 1e7 // units of a degree
	// minSats is how many satellites a position of the track needs, as in the
	// recorder's own tools: with fewer the receiver has just begun.
	minSats = 5
	maxSats = 99
)

func point(lat, lon int64) logfmt.Point {
	return logfmt.Point{Lat: float64(int32(lat)) / degrees, Lon: float64(int32(lon)) / degrees}
}

// homeFrame takes an H frame.
func (d *decoder) homeFrame(size int) {
	if d.homeAt[0] < 0 || d.homeAt[1] < 0 {
		return
	}
	h := home{lat: d.other[d.homeAt[0]], lon: d.other[d.homeAt[1]], at: d.pos, len: int64(size), alt: math.NaN()}
	if !point(h.lat, h.lon).Valid() {
		d.damage(d.pos, d.pos+int64(size), "a home that is nowhere")
		d.torn = true
		return
	}
	if d.homeAt[2] >= 0 && d.altUnit > 0 {
		h.alt = float64(int32(d.other[d.homeAt[2]])) * d.altUnit
	}
	if h.lat == d.home.lat && h.lon == d.home.lon && d.home.at >= 0 {
		return
	}
	d.confirm()
	d.before, d.home, d.changed, d.torn = d.home, h, true, false
	d.basis.home = [2]int64{h.lat, h.lon}
}

// confirm tells a new home once a position spoke for it.
func (d *decoder) confirm() {
	if !d.changed {
		return
	}
	d.changed = false
	p := point(d.home.lat, d.home.lon)
	if !logfmt.Usable(p) { // 0/0: none was set yet, positions count from there
		return
	}
	s := logfmt.Spot{Role: logfmt.Home, Point: p, Alt: d.home.alt}
	if !math.IsNaN(s.Alt) {
		s.Datum = "MSL"
	}
	if d.synced {
		s.Time, _ = d.clock(d.last.micros)
	}
	d.put(s)
}

// position takes a G frame.
func (d *decoder) position(size int) {
	g, v := &d.gps, &d.other
	if g.lat < 0 || g.lon < 0 {
		return
	}
	if d.home.at < 0 {
		if !d.missed {
			d.missed = true
			d.damage(d.pos, d.pos+int64(size), "positions that count from a home that is not known")
		}
		return
	}
	f := fix{at: d.pos, len: int64(size), micros: -1}
	if d.synced {
		f.micros = d.last.micros
		if g.time >= 0 {
			step := int64(int32(uint32(v[g.time]) - uint32(d.last.micros)))
			if step < 0 || step >= maxStep {
				d.damage(f.at, f.at+f.len, "a frame that contradicts the clock")
				return
			}
			f.micros += step
		}
	}
	lat, lon := v[g.lat], v[g.lon]
	f.point = point(lat, lon)
	if d.changed && d.before.at >= 0 && d.hasPrior && !d.near(&d.prior, &f) {
		old := f
		old.point = point(lat-d.home.lat+d.before.lat, lon-d.home.lon+d.before.lon)
		d.damage(d.home.at, d.home.at+d.home.len, "a home that the positions contradict")
		if d.changed = false; !d.near(&d.prior, &old) {
			d.lose() // neither is right
			return
		}
		d.home, f = d.before, old
		d.basis.home = [2]int64{d.home.lat, d.home.lon}
	}
	sats := -1
	if g.sats >= 0 {
		sats = int(v[g.sats])
	}
	if sats > maxSats || !f.point.Valid() {
		d.damage(f.at, f.at+f.len, "a position that is none")
		return
	}
	d.confirm()
	if !logfmt.Usable(f.point) || sats == 0 || g.fix >= 0 && v[g.fix] == 0 {
		return
	}
	utc, elapsed := time.Time{}, time.Duration(-1)
	if f.micros >= 0 {
		utc, elapsed = d.clock(f.micros)
	}
	r := logfmt.NoFix()
	r.Point, r.Time, r.Elapsed, r.Sats = f.point, utc, elapsed, sats
	if g.alt >= 0 && d.altUnit > 0 {
		r.AltMSL = float64(int32(v[g.alt])) * d.altUnit
	}
	if sats >= 0 && sats < minSats {
		s := logfmt.Spot{Role: logfmt.Candidate, Time: utc, Point: f.point, Alt: r.AltMSL}
		if !math.IsNaN(s.Alt) {
			s.Datum = "MSL"
		}
		d.put(s)
		return
	}
	if g.speed >= 0 && v[g.speed] >= 0 && v[g.speed] <= 100*maxSpeed {
		r.Speed = float64(v[g.speed]) / 100 // cm/s
	}
	if g.course >= 0 && v[g.course] >= 0 && v[g.course] <= 3600 {
		r.Course = float64(v[g.course]) / 10
	}
	if g.hdop >= 0 && v[g.hdop] > 0 && v[g.hdop] < 9999 {
		r.HDOP = float64(v[g.hdop]) / 100
	}
	if g.down >= 0 && max(v[g.down], -v[g.down]) <= 100*maxSpeed {
		r.Climb = 0 - float64(v[g.down])/100
	}
	d.attitude(&r)
	f.record = r
	d.judge(f)
}

// What a receiver may be off, how fast an aircraft of these can be, and how
// slowly a recorder writes at least: that bounds the time where it is not known.
const (
	slack     = 200 // metres
	maxSpeed  = 300 // m/s
	minGrowth = 500 // bytes a second
)

// near reports whether an aircraft can get from a to b in the time between.
func (d *decoder) near(a, b *fix) bool {
	seconds := min(float64(b.at-a.at)/minGrowth, maxStep/1e6)
	if a.micros >= 0 && b.micros >= 0 {
		seconds = math.Abs(float64(b.micros-a.micros)) / 1e6
	}
	return a.point.Distance(b.point) <= slack+maxSpeed*seconds
}

// judge yields a fix unless those around it contradict it: a flipped bit in a
// frame without checksum moves an aircraft by miles for a tenth of a second.
// One that comes out of nowhere waits for the next, which decides. If bytes
// were lost before, it is another home that both count from.
func (d *decoder) judge(f fix) {
	switch {
	case d.hasHeld && d.near(&d.held, &f): // two agree
		d.hasHeld = false
		if d.hasPrior && d.torn {
			d.damage(d.held.at, d.held.at+d.held.len, "a position that the others contradict")
			d.lose()
			return
		}
		d.put(d.held.record)
	case d.hasHeld:
		d.damage(d.held.at, d.held.at+d.held.len, "a position that the others contradict")
		if d.hasHeld = false; !d.hasPrior || !d.near(&d.prior, &f) {
			d.held, d.hasHeld = f, true
			return
		}
	case !d.hasPrior || !d.near(&d.prior, &f):
		d.held, d.hasHeld = f, true
		return
	}
	d.put(f.record)
	d.prior, d.hasPrior, d.torn = f, true, false
}

// lose forgets the home: positions count from another one, and the frame that
// told it was lost. The next one helps.
func (d *decoder) lose() { d.home.at, d.missed = -1, false }

// finish ends a log: nothing contradicts its only fix.
func (d *decoder) finish() {
	d.confirm()
	switch {
	case d.hasHeld && !d.hasPrior:
		d.put(d.held.record)
	case d.hasHeld:
		d.damage(d.held.at, d.held.at+d.held.len, "a position that the others contradict")
	}
	d.hasHeld = false
}
