package tlog

import (
	"strconv"

	"flightveil/internal/block/autopilot"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// unknownAltitude is what Remote ID sends for an altitude that is not known.
const unknownAltitude = -1000

func remoteIDAltitude(v float64) float64 {
	if v <= unknownAltitude {
		return nan
	}
	return autopilot.Finite(v)
}

// remoteID decodes the OPEN_DRONE_ID messages: what a drone must broadcast
// about itself and about where its pilot stands (ASTM F3411).
func (d *decoder) remoteID() {
	p := &d.p
	switch d.id {
	case msgRemoteIDBasic:
		d.identifier(privacy.Identity, "OPEN_DRONE_ID_BASIC_ID/uas_id", autopilot.String(p.b[24:44]), 24, 20)
		d.mac(2)
	case msgRemoteIDLocation:
		d.mac(32)
		if int(d.sys) != d.survey.track { // position told it
			return
		}
		if d.survey.source != sourceOf(msgRemoteIDLocation) && foreign(p.b[32:52]) {
			d.spot(logfmt.Spot{Role: logfmt.Traffic, Point: p.point(0, 4), Alt: remoteIDAltitude(p.f32(12)), Datum: "ellipsoid"}, d.id)
		}
	case msgRemoteIDAuth:
		d.mac(6)
		d.identifier(privacy.Identity, "OPEN_DRONE_ID_AUTHENTICATION/authentication_data", hexID(p.b[30:53]), 30, 23)
	case msgRemoteIDSelf:
		d.mac(2)
		d.identifier(privacy.Description, "OPEN_DRONE_ID_SELF_ID/description", autopilot.String(p.b[23:46]), 23, 23)
	case msgRemoteIDSystem:
		d.mac(30)
		d.operator(p.point(0, 4), p.f32(16))
	case msgRemoteIDUpdate:
		d.operator(p.point(0, 4), p.f32(8))
	case msgRemoteIDOperator:
		d.mac(2)
		d.identifier(privacy.Identity, "OPEN_DRONE_ID_OPERATOR_ID/operator_id", autopilot.String(p.b[23:43]), 23, 20)
	case msgRemoteIDPack:
		d.mac(2)
		d.pack()
	}
}

func (d *decoder) operator(at geo.Point, alt float64) {
	d.spot(logfmt.Spot{Role: logfmt.RemoteID, Point: at, Alt: remoteIDAltitude(alt), Datum: "ellipsoid"}, 0)
}

// mac tells the address a message was received from; it is zero in those about
// the drone itself.
func (d *decoder) mac(at int) {
	d.identifier(privacy.Identity, "OPEN_DRONE_ID/id_or_mac", hexID(d.p.b[at:at+20]), at, 20)
}

func foreign(id []byte) bool { return hexID(id) != "" }

// Packed messages (ASTM F3411-22a, table 5 and following): 25 bytes each, the
// kind in the upper half of the first.
const (
	packedLen  = 25
	packedMost = 9
	packBasic  = 0
	packWhere  = 1
	packAuth   = 2
	packSelf   = 3
	packSystem = 4
	packPerson = 5
)

// pack decodes OPEN_DRONE_ID_MESSAGE_PACK.
func (d *decoder) pack() {
	p := &d.p
	if p.b[22] != packedLen {
		return
	}
	for i := range min(int(p.b[23]), packedMost) {
		at := 24 + i*packedLen
		m := p.b[at : at+packedLen]
		switch m[0] >> 4 {
		case packBasic:
			d.identifier(privacy.Identity, "OPEN_DRONE_ID_MESSAGE_PACK/uas_id", autopilot.String(m[2:22]), at+2, 20)
		case packWhere:
			if d.survey.track < 0 || foreign(p.b[2:22]) {
				role := logfmt.Candidate
				if foreign(p.b[2:22]) {
					role = logfmt.Traffic
				}
				d.spot(logfmt.Spot{Role: role, Point: p.point(at+5, at+9), Alt: packedAltitude(p.u16(at + 15)), Datum: "ellipsoid"}, d.id)
			}
		case packAuth:
			d.identifier(privacy.Identity, "OPEN_DRONE_ID_MESSAGE_PACK/authentication_data", hexID(m[2:25]), at+2, 23)
		case packSelf:
			d.identifier(privacy.Description, "OPEN_DRONE_ID_MESSAGE_PACK/description", autopilot.String(m[2:25]), at+2, 23)
		case packSystem:
			d.operator(p.point(at+2, at+6), packedAltitude(p.u16(at+18)))
		case packPerson:
			d.identifier(privacy.Identity, "OPEN_DRONE_ID_MESSAGE_PACK/operator_id", autopilot.String(m[2:22]), at+2, 20)
		}
	}
}

// packedAltitude returns metres of half metres above -1000.
func packedAltitude(v uint16) float64 { return remoteIDAltitude(float64(v)/2 + unknownAltitude) }

// hexID returns b as hexadecimal digits, without the zeros at its end; nothing
// for zeros only.
func hexID(b []byte) string {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	out := make([]byte, 0, 2*len(b))
	for _, c := range b {
		if c < 16 {
			out = append(out, '0')
		}
		out = strconv.AppendUint(out, uint64(c), 16)
	}
	return string(out)
}
