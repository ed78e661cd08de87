package tlog

import (
	"math"

	"flightveil/internal/block/autopilot"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

type span = input.Span

var nan = math.NaN()

// opaque messages carry files and streams of other protocols.
var opaque = map[uint32]string{
	msgFileTransfer: "FILE_TRANSFER_PROTOCOL/payload", msgLogData: "LOG_DATA/data", msgSerialControl: "SERIAL_CONTROL/data",
	msgEncapsulated: "ENCAPSULATED_DATA/data", msgTunnel: "TUNNEL/payload",
}

// other decodes messages that are no report of the aircraft's own state.
func (d *decoder) other() {
	p := &d.p
	switch d.id {
	case msgHeartbeat, msgSysStatus, msgAttitude, msgVFRHUD, msgSystemTime, msgBatteryStatus: // the most frequent, all read elsewhere
		return
	case msgHome, msgSetHome:
		p.load(d.payload)
		d.global(logfmt.Home, 0, 0, 4, 8)
	case msgGlobalOrigin, msgSetGlobalOrigin:
		p.load(d.payload)
		d.global(logfmt.Origin, 0, 0, 4, 8)
	case msgMissionItem, msgMissionItemInt, msgCommandInt, msgCommandLong:
		p.load(d.payload)
		d.command()
	case msgSetPositionTarget, msgPositionTarget:
		p.load(d.payload)
		frame := p.b[50]
		if d.id == msgSetPositionTarget {
			frame = p.b[52]
		}
		if p.u16(48)&7 == 0 { // none of x, y and z is to be ignored
			d.spot(logfmt.Spot{Role: logfmt.Target, Point: p.point(4, 8), Alt: p.f32(12), Datum: autopilot.ItemDatum(frame)}, 0)
		}
	case msgFencePoint:
		p.load(d.payload)
		d.spot(logfmt.Spot{Role: logfmt.Waypoint, Point: geo.Point{Lat: p.f32(0), Lon: p.f32(4)}, Alt: nan}, 1<<24|uint32(p.b[10]))
	case msgRallyPoint:
		p.load(d.payload)
		d.spot(logfmt.Spot{Role: logfmt.Waypoint, Point: p.point(0, 4), Alt: float64(p.i16(8)), Datum: "home"}, 2<<24|uint32(p.b[16]))
	case msgCameraFeedback:
		p.load(d.payload)
		d.spot(logfmt.Spot{Role: logfmt.Photo, Point: p.point(8, 12), Alt: p.f32(16), Datum: "MSL"}, uint32(p.u16(40)))
	case msgImageCaptured:
		p.load(d.payload)
		d.global(logfmt.Photo, uint32(p.i32(44)), 12, 16, 20)
		d.identifier(privacy.Identity, "CAMERA_IMAGE_CAPTURED/file_url", autopilot.String(p.b[50:255]), 50, 205)
	case msgCameraFOV:
		p.load(d.payload)
		d.global(logfmt.Target, 1, 16, 20, 24)
	case msgFollowTarget:
		p.load(d.payload)
		d.spot(logfmt.Spot{Role: logfmt.Phone, Point: p.point(16, 20), Alt: p.f32(24), Datum: "MSL"}, 0)
	case msgADSB:
		p.load(d.payload)
		d.traffic()
	case msgTerrainRequest:
		p.load(d.payload)
		d.instead(p.point(8, 12), nan)
	case msgTerrainCheck, msgTerrainReport:
		p.load(d.payload)
		d.instead(p.point(0, 4), nan)
	case msgAHRS2, msgAHRS3:
		p.load(d.payload)
		d.instead(p.point(16, 20), p.f32(12))
	case msgSimStateAPM:
		p.load(d.payload)
		d.instead(p.point(36, 40), nan)
	case msgSimState:
		p.load(d.payload)
		d.instead(geo.Point{Lat: p.f32(52), Lon: p.f32(56)}, p.f32(60))
	case msgHILGPS:
		p.load(d.payload)
		d.instead(p.point(8, 12), float64(p.i32(16))/1000)
	case msgHILState:
		p.load(d.payload)
		d.instead(p.point(36, 40), float64(p.i32(44))/1000)
	case msgGPSInput:
		p.load(d.payload)
		d.instead(p.point(12, 16), p.f32(20))
	case msgUTMPosition:
		d.spot(logfmt.Spot{Role: logfmt.Waypoint, Point: p.point(24, 28), Alt: float64(p.i32(32)) / 1000, Datum: "ellipsoid"}, 3<<24)
		d.identifier(privacy.Identity, "UTM_GLOBAL_POSITION/uas_id", hexID(p.b[50:68]), 50, 18)
	case msgRemoteIDBasic, msgRemoteIDLocation, msgRemoteIDAuth, msgRemoteIDSelf, msgRemoteIDSystem, msgRemoteIDOperator, msgRemoteIDPack, msgRemoteIDUpdate:
		if d.id != msgRemoteIDLocation {
			p.load(d.payload)
		}
		d.remoteID()
	default:
		d.identity()
	}
}

// global yields a position of three integers: 1e-7 degrees and millimetres above the sea.
func (d *decoder) global(role logfmt.Role, id uint32, lat, lon, alt int) {
	d.spot(logfmt.Spot{Role: role, Point: d.p.point(lat, lon), Alt: float64(d.p.i32(alt)) / 1000, Datum: "MSL"}, id)
}

// instead yields a position that would only repeat the track, if there is none.
func (d *decoder) instead(at geo.Point, alt float64) {
	if d.survey.track < 0 {
		s := logfmt.Spot{Role: logfmt.Candidate, Point: at, Alt: alt, Datum: "MSL"}
		d.spot(s, d.id<<8|uint32(d.sys))
	}
}

// command reads mission items and commands, which are laid out alike: the
// position lies at 16 (parameters 5 to 7).
func (d *decoder) command() {
	p := &d.p
	s := logfmt.Spot{Point: p.point(16, 20), Alt: p.f32(24)}
	var cmd uint16
	var frame uint8
	id := uint32(4 << 24)
	switch d.id {
	case msgCommandLong:
		cmd, frame = p.u16(28), 0
		s.Point = geo.Point{Lat: p.f32(16), Lon: p.f32(20)}
	case msgCommandInt:
		cmd, frame = p.u16(28), p.b[32]
	case msgMissionItem:
		s.Point = geo.Point{Lat: p.f32(16), Lon: p.f32(20)}
		fallthrough
	case msgMissionItemInt:
		cmd, frame = p.u16(30), p.b[34]
		id = 5<<24 | uint32(p.b[37])<<16 | uint32(p.u16(28))
	}
	if !autopilot.GlobalFrame(frame) {
		return
	}
	switch autopilot.Command(cmd) {
	case autopilot.Waypoint:
		s.Role = logfmt.Waypoint
		// ArduPilot keeps its home as item 0 of a mission.
		if id == 5<<24 && cmd == 16 && frame == 0 {
			s.Role = logfmt.Home
		}
	case autopilot.HomePoint:
		s.Role = logfmt.Home
	case autopilot.LookAt:
		s.Role = logfmt.Target
	default:
		return
	}
	s.Datum = autopilot.ItemDatum(frame)
	if d.id == msgCommandLong {
		s.Datum = "" // it has no frame
	}
	d.spot(s, id)
}

// traffic reads ADSB_VEHICLE.
func (d *decoder) traffic() {
	p := &d.p
	const validCoords, validAltitude, validCallsign = 1, 2, 16
	flags := p.u16(22)
	if flags&validCoords != 0 {
		s := logfmt.Spot{Role: logfmt.Traffic, Point: p.point(4, 8), Alt: nan}
		if flags&validAltitude != 0 {
			s.Alt = float64(p.i32(12)) / 1000
			if p.b[26] == 1 { // ADSB_ALTITUDE_TYPE_GEOMETRIC
				s.Datum = "ellipsoid"
			}
		}
		d.spot(s, 1<<31|le.Uint32(p.b[0:]))
	}
	if flags&validCallsign != 0 {
		d.identifier(privacy.Identity, "ADSB_VEHICLE/callsign", autopilot.String(p.b[27:36]), 27, 9)
	}
}
