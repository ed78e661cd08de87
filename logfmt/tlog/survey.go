package tlog

import (
	"context"
	"encoding/binary"
	"time"

	"flightveil/internal/geo"
	"flightveil/logfmt"
)

var le = binary.LittleEndian

// A source is a message that can be the track of a vehicle.
type source struct {
	id       uint32
	lat, lon int   // offsets of 1e-7 degree integers
	fix      int   // offset of GPS_FIX_TYPE, 0 if there is none
	minimum  uint8 // fix type of a position
}

// sources lists them, the one to prefer first: what the receiver measured,
// which comes with the quality of the fix, then what the autopilot makes of
// it, then what it sends over slow links.
var sources = [...]source{
	{id: msgGPSRaw, lat: 8, lon: 12, fix: 28, minimum: fix2D},
	{id: msgGlobalPosition, lat: 4, lon: 8},
	{id: msgGPS2Raw, lat: 8, lon: 12, fix: 32, minimum: fix2D},
	{id: msgGlobalPositionCov, lat: 8, lon: 12},
	{id: msgHighLatency2, lat: 4, lon: 8},
	{id: msgHighLatency, lat: 4, lon: 8, fix: 34, minimum: fix2D},
	{id: msgUTMPosition, lat: 8, lon: 12},
	{id: msgRemoteIDLocation, lat: 0, lon: 4},
}

const fix2D = 2 // GPS_FIX_TYPE_2D_FIX

// sourceOf returns the index of the source with the message id, or -1.
func sourceOf(id uint32) int {
	switch id {
	case msgGPSRaw:
		return 0
	case msgGlobalPosition:
		return 1
	case msgGPS2Raw:
		return 2
	case msgGlobalPositionCov:
		return 3
	case msgHighLatency2:
		return 4
	case msgHighLatency:
		return 5
	case msgUTMPosition:
		return 6
	case msgRemoteIDLocation:
		return 7
	}
	return -1
}

// vehicle is what a log knows of one system id.
type vehicle struct {
	ground bool // a ground station or an antenna tracker: not what flies
	fixes  [len(sources)]int
	first  [len(sources)]geo.Point
	moved  [len(sources)]bool // some fix is not the first
	boot   int64              // microseconds since 1970 at which it was started, 0 if unknown
}

// overview is the result of a first reading.
type overview struct {
	vehicles [256]vehicle
	v1, v2   bool
	track    int // system id of the aircraft, -1 if none reports a position
	source   int // index of its source
	first    int64
}

// survey reads the log once.
func survey(ctx context.Context, r *reader) (*overview, error) {
	s := &overview{track: -1}
	var p payload
	for n := 0; ; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		switch r.next() {
		case ended:
			s.choose()
			return s, r.err
		case gotFrame:
			s.look(r, &p)
		}
	}
}

func (s *overview) look(r *reader, p *payload) {
	if !r.recognised {
		return
	}
	if s.first == 0 {
		s.first = r.stamp
	}
	s.v1, s.v2 = s.v1 || r.version == 1, s.v2 || r.version == 2
	v := &s.vehicles[r.sys]
	switch i := sourceOf(r.id); {
	case i >= 0:
		p.load(r.payload)
		if at, ok := sources[i].point(p); ok {
			if v.fixes[i]++; v.fixes[i] == 1 {
				v.first[i] = at
			}
			v.moved[i] = v.moved[i] || at != v.first[i]
		}
	case r.id == msgHeartbeat:
		p.load(r.payload)
		v.ground = v.ground || p.b[4] == typeTracker || p.b[4] == typeGCS
	case r.id == msgSystemTime && v.boot == 0:
		p.load(r.payload)
		if us := le.Uint64(p.b[0:]); us >= earliest && us <= latest {
			v.boot = int64(us) - int64(le.Uint32(p.b[8:]))*1000
		}
	}
}

// point returns the position of a source's message and whether it is one.
func (s source) point(p *payload) (geo.Point, bool) {
	if s.fix > 0 && p.b[s.fix] < s.minimum {
		return geo.Point{}, false
	}
	at := p.point(s.lat, s.lon)
	return at, logfmt.Usable(at)
}

// choose takes the vehicle with the longest track.
func (s *overview) choose() {
	most := 0
	for sys := range s.vehicles {
		v := &s.vehicles[sys]
		if v.ground {
			continue
		}
		if best := v.best(); best >= 0 && v.fixes[best] > most {
			s.track, s.source, most = sys, best, v.fixes[best]
		}
	}
}

// still is how often a receiver must repeat itself to be one that was told
// where it is, as under water.
const still = 20

// best returns the index of the source of v's track, or -1. A source with
// hardly any fixes, or that always repeats one, is left for one that is better
// in that.
func (v *vehicle) best() int {
	best := -1
	for i, n := range v.fixes {
		if n > 0 && (best < 0 || n/20 > v.fixes[best] || v.moved[i] && !v.moved[best] && v.fixes[best] >= still) {
			best = i
		}
	}
	return best
}

func (s *overview) variant() string {
	switch {
	case s.v1 && s.v2:
		return "MAVLink 1 and 2"
	case s.v2:
		return "MAVLink 2"
	case s.v1:
		return "MAVLink 1"
	}
	return ""
}

// A payload is the payload of one message, extended with zeros: MAVLink 2
// leaves out those at the end.
type payload struct {
	b [256 + 8]byte
	n int // bytes the message had
}

func (p *payload) load(b []byte) {
	n := copy(p.b[:], b)
	if n < p.n {
		clear(p.b[n:p.n])
	}
	p.n = n
}

// point returns the position that is kept in two integers of 1e-7 degrees.
func (p *payload) point(lat, lon int) geo.Point {
	return geo.Point{Lat: float64(p.i32(lat)) / 1e7, Lon: float64(p.i32(lon)) / 1e7}
}

func (p *payload) i32(at int) int32 { return int32(le.Uint32(p.b[at:])) }

func (p *payload) u16(at int) uint16 { return le.Uint16(p.b[at:]) }

func (p *payload) i16(at int) int16 { return int16(le.Uint16(p.b[at:])) }

func utc(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
