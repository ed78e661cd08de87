package tlog

import (
	"math"
	"time"

	"flightveil/internal/block/autopilot"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// A decoder turns frames into records.
type decoder struct {
	*reader
	survey  *overview
	yield   func(logfmt.Record, error) bool
	stopped bool

	p        payload
	state    logfmt.Fix // what the vehicle last said beside its position
	heading  float64    // the nose's, by GLOBAL_POSITION_INT
	attitude int64      // clock of the last ATTITUDE
	bootMS   uint32     // of the vehicle, its last message with a clock
	firstMS  uint32     // of the first
	running  bool       // bootMS is set

	spots map[spotKey]spotValue
	known map[idKey]struct{}
	text  []byte // of a STATUSTEXT in several parts
	part  struct {
		id       uint16
		sys      uint8
		severity uint8
		first    span
	}
}

// spotKey is what changes of one spot are told from: the item of a mission, an
// aircraft by its address.
type spotKey struct {
	role logfmt.Role
	id   uint32
}

type spotValue struct {
	geo.Point
	alt float64
}

type idKey struct{ path, value string }

// maxKnown bounds how many values are remembered so that each is told once.
const maxKnown = 4096

func (d *decoder) reset() {
	d.state, d.heading = logfmt.NoFix(), nan
	d.spots, d.known = map[spotKey]spotValue{}, map[idKey]struct{}{}
}

// put yields r. It returns false when the caller has enough.
func (d *decoder) put(r logfmt.Record) bool {
	if !d.stopped && !d.yield(r, nil) {
		d.stopped = true
	}
	return !d.stopped
}

// message decodes one frame.
func (d *decoder) message() {
	if !d.recognised {
		return // the layout of an unknown message is not known either
	}
	if int(d.sys) == d.survey.track {
		d.vehicle()
	}
	if i := sourceOf(d.id); i >= 0 {
		d.p.load(d.payload)
		d.position(i)
	} else {
		d.other()
	}
}

// vehicle reads what the aircraft says about itself beside its position.
func (d *decoder) vehicle() {
	p, f := &d.p, &d.state
	switch d.id {
	case msgSysStatus:
		p.load(d.payload)
		if left := int8(p.b[30]); left >= 0 && left <= 100 && p.n > 14 {
			f.Battery = float64(left)
		}
	case msgBatteryStatus:
		p.load(d.payload)
		if left := int8(p.b[35]); left >= 0 && left <= 100 && p.b[32] == 0 {
			f.Battery = float64(left)
		}
	case msgAttitude:
		p.load(d.payload)
		d.clock(le.Uint32(p.b[0:]))
		f.Roll, f.Pitch, f.Yaw = autopilot.Degrees(p.f32(4)), autopilot.Degrees(p.f32(8)), autopilot.Heading(p.f32(12))
		d.attitude = d.now()
	case msgGPSRaw:
		p.load(d.payload)
		f.Sats, f.HDOP = sats(p.b[29]), hundredth(p.u16(20))
		f.AltEllipsoid = math.NaN()
		if alt := p.i32(30); alt != 0 { // an extension: 0 if it is not sent
			f.AltEllipsoid = float64(alt) / 1000
		}
	case msgVFRHUD:
		p.load(d.payload)
		f.Speed, f.Climb = autopilot.Finite(p.f32(4)), autopilot.Finite(p.f32(12))
	}
}

func sats(n uint8) int {
	if n == math.MaxUint8 {
		return -1
	}
	return int(n)
}

// hundredth returns v / 100, and NaN for what MAVLink writes for unknown.
func hundredth(v uint16) float64 {
	if v == math.MaxUint16 {
		return math.NaN()
	}
	return float64(v) / 100
}

func (p *payload) f32(at int) float64 { return float64(math.Float32frombits(le.Uint32(p.b[at:]))) }

// reboot is by how much a vehicle's clock must go back: less is two links.
const reboot = 10_000

// clock notes the time since the vehicle was started. When it begins anew, so
// does a flight.
func (d *decoder) clock(ms uint32) {
	switch {
	case !d.running:
		d.running, d.firstMS = true, ms
	case ms < d.bootMS && d.bootMS-ms > reboot:
		d.state, d.attitude = logfmt.NoFix(), 0
		clear(d.spots)
		d.put(logfmt.Start{Variant: d.survey.variant()})
	case ms < d.bootMS:
		return
	}
	d.bootMS = ms
}

// now is a clock in microseconds, only to compare with itself.
func (d *decoder) now() int64 {
	if d.stamped {
		return d.stamp
	}
	return int64(d.bootMS) * 1000
}

// stale is after how many microseconds an attitude is no longer that of a fix.
const stale = 2_000_000

// position decodes a message of the sources.
func (d *decoder) position(i int) {
	p := &d.p
	at, ok := sources[i].point(p)
	if int(d.sys) != d.survey.track {
		if ok && !d.survey.vehicles[d.sys].ground {
			d.spot(logfmt.Spot{Role: logfmt.Traffic, Point: at, Alt: math.NaN()}, uint32(d.sys))
		} else if ok { // the ground station's own receiver
			d.spot(logfmt.Spot{Role: logfmt.Remote, Point: at, Alt: math.NaN()}, uint32(d.sys))
		}
		if d.id == msgRemoteIDLocation || d.id == msgUTMPosition {
			d.other()
		}
		return
	}
	if d.id == msgGlobalPosition {
		d.clock(le.Uint32(p.b[0:]))
	}
	if d.id == msgRemoteIDLocation || d.id == msgUTMPosition {
		d.other()
	}
	if d.id == msgGlobalPosition && i != d.survey.source {
		d.besides()
	}
	if i != d.survey.source || !ok {
		return
	}
	f := d.state
	f.Point = at
	if d.now()-d.attitude > stale || d.attitude == 0 {
		f.Roll, f.Pitch, f.Yaw = math.NaN(), math.NaN(), math.NaN()
	}
	switch d.id {
	case msgGlobalPosition:
		f.AltMSL, f.AltHome, f.AltEllipsoid = float64(p.i32(12))/1000, float64(p.i32(16))/1000, math.NaN()
		vx, vy := float64(p.i16(20))/100, float64(p.i16(22))/100
		f.Speed, f.Climb = math.Hypot(vx, vy), -float64(p.i16(24))/100
		f.Course = course(vx, vy)
		d.besides()
		if math.IsNaN(f.Yaw) {
			f.Yaw = d.heading
		}
	case msgGPSRaw, msgGPS2Raw:
		shift := 0
		f.AltMSL = float64(p.i32(16)) / 1000
		if d.id == msgGPS2Raw {
			shift, f.AltEllipsoid = 4, math.NaN()
			f.Sats, f.HDOP = sats(p.b[33]), hundredth(p.u16(24))
		}
		f.Speed, f.Course = hundredth(p.u16(24+shift)), hundredth(p.u16(26+shift))
	case msgGlobalPositionCov:
		f.AltMSL, f.AltHome, f.AltEllipsoid = float64(p.i32(16))/1000, float64(p.i32(20))/1000, math.NaN()
		f.Speed, f.Climb = autopilot.Finite(math.Hypot(p.f32(24), p.f32(28))), autopilot.Finite(-p.f32(32))
		f.Course = course(p.f32(24), p.f32(28))
	case msgHighLatency2:
		f.AltMSL, f.Yaw, f.Speed = float64(p.i16(14)), float64(p.b[26])*2, float64(p.b[31])/5
		f.Climb = float64(int8(p.b[37])) / 10
		if left := int8(p.b[38]); left >= 0 {
			f.Battery = float64(left)
		}
	case msgHighLatency:
		f.AltMSL, f.Yaw, f.Speed = float64(p.i16(20)), hundredth(p.u16(16)), float64(p.b[31])
		f.Sats = sats(p.b[33])
	case msgUTMPosition:
		f.AltEllipsoid, f.AltHome = float64(p.i32(16))/1000, float64(p.i32(20))/1000
	case msgRemoteIDLocation:
		f.AltEllipsoid = remoteIDAltitude(p.f32(12))
	}
	f.Time, f.Elapsed = d.time(), d.elapsed()
	d.put(f)
}

// besides reads of GLOBAL_POSITION_INT what the receiver's own message has not.
func (d *decoder) besides() {
	d.state.AltHome, d.state.Climb = float64(d.p.i32(16))/1000, -float64(d.p.i16(24))/100
	if hdg := d.p.u16(26); hdg < 36000 {
		d.heading = float64(hdg) / 100
	}
}

// course returns the direction of a velocity; of a vehicle that stands it is noise.
func course(north, east float64) float64 {
	if math.Hypot(north, east) < 0.2 {
		return math.NaN()
	}
	return autopilot.Heading(math.Atan2(east, north))
}

// time returns the UTC time of the frame: its stamp, or the vehicle's clock in
// a log without stamps.
func (d *decoder) time() time.Time {
	if d.stamped {
		return utc(d.stamp)
	}
	if d.survey.track < 0 || !d.running {
		return time.Time{}
	}
	boot := d.survey.vehicles[d.survey.track].boot
	if boot == 0 {
		return time.Time{}
	}
	return utc(boot + int64(d.bootMS)*1000)
}

// elapsed returns the time since the log began, negative if it is not known.
func (d *decoder) elapsed() time.Duration {
	switch {
	case d.stamped && d.stamp >= d.survey.first:
		return time.Duration(d.stamp-d.survey.first) * time.Microsecond
	case !d.stamped && d.running && d.bootMS >= d.firstMS:
		return time.Duration(d.bootMS-d.firstMS) * time.Millisecond
	}
	return -1
}

// spot yields a position that is not the aircraft's, unless it was told before.
// The id tells several of one role apart.
func (d *decoder) spot(s logfmt.Spot, id uint32) {
	if !logfmt.Usable(s.Point) {
		return
	}
	s.Alt = autopilot.Finite(s.Alt)
	if math.IsNaN(s.Alt) {
		s.Datum = ""
	}
	key, value := spotKey{s.Role, id}, spotValue{s.Point, s.Alt}
	old, ok := d.spots[key]
	if ok && old.Point == value.Point && (old.alt == value.alt || math.IsNaN(old.alt) && math.IsNaN(value.alt)) {
		return
	}
	if len(d.spots) >= maxKnown {
		clear(d.spots)
	}
	d.spots[key] = value
	s.Time = d.time()
	d.put(s)
}

// identifier yields the value of bytes from at of the payload, n of them, once.
func (d *decoder) identifier(class privacy.Class, path, value string, at, n int) {
	if value == "" || at >= d.p.n {
		return
	}
	d.tell(class, path, value, span{Off: d.off + int64(at), Len: int64(min(n, d.p.n-at))})
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
