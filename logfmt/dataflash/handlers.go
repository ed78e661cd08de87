package dataflash

import (
	"math"

	"flightveil/internal/block/autopilot"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// maxCols is the most columns a handler reads.
const maxCols = 18

// A handler reads one kind of message. Its first two columns are always the
// time since the vehicle was started, in microseconds or milliseconds.
type handler struct {
	cols   []string // labels, alternatives of different firmware parted by "|"
	source bool     // gives the aircraft's own position
	read   func(*decoder, *reader)
}

// Columns of the messages that give the aircraft's position.
const (
	colLat = iota + 2
	colLng
	colAlt
	colRelAlt
	colStatus
	colTimeOfWeek
	colWeek
	colSats
	colHDOP
	colSpeed
	colCourse
	colDown
	colInstance
	colGPSTime
)

var gpsCols = []string{"TimeUS", "T", "Lat", "Lng|Lon", "Alt", "RelAlt|RAlt", "Status|Fix", "GMS|TimeMS|Time", "GWk|Week", "NSats|nSat", "HDop", "Spd", "GCrs|Cog", "VZ|VelD", "I|Instance", "GPSTime"}

// handlers lists the messages that are read (LogStructure.h of ArduPilot's
// libraries, sdlog2_messages.h of PX4).
var handlers = map[string]*handler{
	"GPS":  {gpsCols, true, (*decoder).position},
	"GPS2": {gpsCols, true, (*decoder).position},
	"POS":  {[]string{"TimeUS", "TimeMS", "Lat", "Lng", "Alt", "RelHomeAlt|RelAlt"}, true, (*decoder).position},
	"GPOS": {[]string{"TimeUS", "TimeMS", "Lat", "Lon", "Alt"}, true, (*decoder).position},
	"ATT":  {[]string{"TimeUS", "TimeMS", "Roll", "Pitch", "Yaw"}, false, (*decoder).attitude},
	"BAT":  {[]string{"TimeUS", "TimeMS", "RemPct", "Instance|Inst|I"}, false, (*decoder).battery},
	"ORGN": {[]string{"TimeUS", "TimeMS", "Lat", "Lng", "Alt", "Type"}, false, (*decoder).origin},
	"HOME": {[]string{"TimeUS", "TimeMS", "Lat", "Lon|Lng", "Alt"}, false, func(d *decoder, r *reader) { d.spot(logfmt.Home, r, 0, "MSL") }},
	"CMD":  {missionCols, false, (*decoder).mission},
	"MISE": {missionCols, false, (*decoder).mission},
	"MAVC": {[]string{"TimeUS", "TimeMS", "X", "Y", "Z", "Cmd", "Fr"}, false, (*decoder).command},
	"RALY": {[]string{"TimeUS", "TimeMS", "Lat", "Lng", "Alt", "Seq"}, false, func(d *decoder, r *reader) { d.spot(logfmt.Waypoint, r, 1<<16|seq(r, 5), "home") }},
	"FNCE": {[]string{"TimeUS", "TimeMS", "Lat", "Lng", "None", "Seq"}, false, func(d *decoder, r *reader) { d.spot(logfmt.Waypoint, r, 2<<16|seq(r, 5), "") }},
	"CAM":  {cameraCols, false, (*decoder).photo},
	"TRIG": {cameraCols, false, (*decoder).photo},
	"ADSB": {[]string{"TimeUS", "TimeMS", "Lat", "Lng", "Alt", "ICAO_address"}, false, (*decoder).traffic},
	"TERR": {[]string{"TimeUS", "TimeMS", "Lat", "Lng", "TerrH"}, false, (*decoder).instead},
	"AHR2": {[]string{"TimeUS", "TimeMS", "Lat", "Lng", "Alt"}, false, (*decoder).instead},
	"SIM":  {[]string{"TimeUS", "TimeMS", "Lat", "Lng", "Alt"}, false, (*decoder).instead},
	"PARM": {[]string{"TimeUS", "TimeMS", "Name", "Value"}, false, (*decoder).parameter},
	"MSG":  {[]string{"TimeUS", "TimeMS", "Message|Msg"}, false, (*decoder).text},
	"VER": {[]string{"TimeUS", "TimeMS", "FWS|FwGit", "Arch"}, false, func(d *decoder, r *reader) {
		d.identifier(privacy.Device, r, 2, "")
		d.identifier(privacy.Device, r, 3, "")
	}},
	"FILE": {[]string{"TimeUS", "TimeMS", "FileName"}, false, func(d *decoder, r *reader) { d.identifier(privacy.Identity, r, 2, "") }},
}

var (
	missionCols = []string{"TimeUS", "TimeMS", "Lat", "Lng", "Alt", "CId", "CNum", "Frame"}
	cameraCols  = []string{"TimeUS", "TimeMS", "Lat", "Lng", "Alt", "Img", "GPSTime", "GPSWeek"}
)

// seq returns the number of a mission item, fence or rally point in column i.
func seq(r *reader, i int) uint32 {
	if v := r.num(i); v >= 0 && v < 1<<16 {
		return uint32(v)
	}
	return 0
}

// point returns the position in columns 2 and 3. Where a message keeps degrees
// as plain integers they count 1e-7 degrees.
func (r *reader) point() geo.Point {
	p := geo.Point{Lat: r.num(2), Lon: r.num(3)}
	if r.def.cols[2].kind == 'i' {
		p.Lat, p.Lon = p.Lat/1e7, p.Lon/1e7
	}
	return p
}

func (d *decoder) attitude(r *reader) {
	f := &d.state
	f.Roll, f.Pitch, f.Yaw = r.num(2), r.num(3), r.num(4)
	if r.has(2) && r.def.kinds[0] == 'f' && d.px4 { // sdlog2 logs radians
		f.Roll, f.Pitch, f.Yaw = autopilot.Degrees(f.Roll), autopilot.Degrees(f.Pitch), autopilot.Heading(f.Yaw)
	}
	d.attitudeAt = d.now
}

func (d *decoder) battery(r *reader) {
	if v := r.num(2); v >= 0 && v <= 100 && !(r.num(3) > 0) {
		d.state.Battery = v
	}
}

func (d *decoder) origin(r *reader) {
	role := logfmt.Origin
	if r.num(5) == 1 { // 0 is the filter's origin
		role = logfmt.Home
	}
	d.spot(role, r, 0, "MSL")
}

func (d *decoder) mission(r *reader) {
	cmd, frame := r.num(5), r.num(7)
	if !(cmd >= 0 && cmd < 1<<16) {
		return
	}
	n := seq(r, 6)
	datum := "" // old logs do not say
	if frame >= 0 && frame < 256 {
		if datum = autopilot.ItemDatum(uint8(frame)); !autopilot.GlobalFrame(uint8(frame)) {
			return
		}
	}
	switch autopilot.Command(uint16(cmd)) {
	case autopilot.Waypoint:
		role := logfmt.Waypoint
		if n == 0 && cmd == 16 { // ArduPilot keeps its home as item 0
			role = logfmt.Home
		}
		d.spot(role, r, n, datum)
	case autopilot.HomePoint:
		d.spot(logfmt.Home, r, n, datum)
	case autopilot.LookAt:
		d.spot(logfmt.Target, r, n, datum)
	}
}

func (d *decoder) command(r *reader) {
	cmd, frame := r.num(5), r.num(6)
	if !(cmd >= 0 && cmd < 1<<16 && frame >= 0 && frame < 256) || !autopilot.GlobalFrame(uint8(frame)) {
		return
	}
	switch autopilot.Command(uint16(cmd)) {
	case autopilot.Waypoint:
		d.spot(logfmt.Waypoint, r, 3<<16, autopilot.ItemDatum(uint8(frame)))
	case autopilot.HomePoint:
		d.spot(logfmt.Home, r, 3<<16, autopilot.ItemDatum(uint8(frame)))
	case autopilot.LookAt:
		d.spot(logfmt.Target, r, 3<<16, autopilot.ItemDatum(uint8(frame)))
	}
}

func (d *decoder) photo(r *reader) { d.spot(logfmt.Photo, r, seq(r, 5), "MSL") }

func (d *decoder) traffic(r *reader) {
	id := uint32(0)
	if v := r.num(5); v >= 0 && v < 1<<32 {
		id = uint32(v)
	}
	s := logfmt.Spot{Role: logfmt.Traffic, Point: r.point(), Alt: r.num(4) / 1000}
	d.putSpot(s, id)
}

// instead yields a position that would only repeat the track, if there is none.
func (d *decoder) instead(r *reader) {
	if d.survey.track < 0 {
		s := logfmt.Spot{Role: logfmt.Candidate, Point: r.point(), Alt: math.NaN()}
		d.putSpot(s, uint32(r.def.name[0])<<8|uint32(r.def.name[1]))
	}
}

func (d *decoder) parameter(r *reader) {
	name := r.string(2)
	class, ok := autopilot.Parameter(name)
	if v := r.num(3); !ok || v == 0 || v == -1 || math.IsNaN(v) {
		return
	}
	d.identifier(class, r, 3, "PARM/"+name)
}

func (d *decoder) text(r *reader) {
	text := r.string(2)
	if text == "" {
		return
	}
	if class, ok := autopilot.Text(text); ok {
		d.identifier(class, r, 2, "")
	}
	d.put(logfmt.Message{Time: d.utc(), Elapsed: d.elapsed(), Text: privacy.Secret(text)})
}
