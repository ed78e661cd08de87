package ulog

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"flightveil/internal/block/autopilot"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// maxCols is the most columns a handler reads.
const maxCols = 16

// A handler reads one topic. Its first column is always the time.
type handler struct {
	cols   []string // fields, alternatives of different firmware parted by "|"
	source bool     // gives the aircraft's own position
	read   func(*decoder, *reader)
}

// Columns of the topics that give the aircraft's position.
const (
	colTime = iota
	colLat
	colLon
	colAlt
	colEllipsoid
	colFix
	colUTC
	colSats
	colHDOP
	colSpeed
	colCourse
	colDown
	colValid
)

var (
	gpsCols = []string{"timestamp|timestamp_position", "latitude_deg|lat", "longitude_deg|lon", "altitude_msl_m|alt", "altitude_ellipsoid_m|alt_ellipsoid", "fix_type",
		"time_utc_usec|time_gps_usec", "satellites_used|satellites_visible", "hdop", "vel_m_s", "cog_rad", "vel_d_m_s"}
	globalCols = []string{"timestamp", "lat", "lon", "alt", "alt_ellipsoid", "none", "none", "none", "none", "none", "none", "vel_d", "lat_lon_valid"}
)

// handlers lists the topics that are read (PX4's msg folder).
var handlers = map[string]*handler{
	"vehicle_gps_position":       {gpsCols, true, (*decoder).position},
	"sensor_gps":                 {gpsCols, true, (*decoder).position},
	"vehicle_global_position":    {globalCols, true, (*decoder).position},
	"vehicle_attitude":           {[]string{"timestamp", "q", "roll", "pitch", "yaw"}, false, (*decoder).attitude},
	"battery_status":             {[]string{"timestamp", "remaining"}, false, (*decoder).battery},
	"home_position":              {placeCols, false, place(logfmt.Home, "MSL")},
	"vehicle_local_position":     {[]string{"timestamp", "ref_lat", "ref_lon", "ref_alt"}, false, place(logfmt.Origin, "MSL")},
	"camera_capture":             {placeCols, false, place(logfmt.Photo, "MSL")},
	"follow_target":              {placeCols, false, place(logfmt.Phone, "MSL")},
	"vehicle_roi":                {placeCols, false, place(logfmt.Target, "MSL")},
	"position_setpoint_triplet":  {[]string{"timestamp", "current.lat", "current.lon", "current.alt"}, false, place(logfmt.Target, "MSL")},
	"navigator_mission_item":     {[]string{"timestamp", "latitude", "longitude", "altitude", "nav_cmd", "sequence_current"}, false, (*decoder).missionItem},
	"vehicle_command":            {[]string{"timestamp", "param5", "param6", "param7", "command"}, false, (*decoder).command},
	"transponder_report":         {[]string{"timestamp", "lat", "lon", "altitude", "icao_address", "callsign"}, false, (*decoder).traffic},
	"open_drone_id_system":       {[]string{"timestamp", "operator_latitude", "operator_longitude", "operator_altitude_geo"}, false, (*decoder).operator},
	"open_drone_id_operator_id":  {[]string{"timestamp", "operator_id"}, false, (*decoder).name},
	"open_drone_id_basic_id":     {[]string{"timestamp", "uas_id"}, false, (*decoder).name},
	"open_drone_id_self_id":      {[]string{"timestamp", "description"}, false, (*decoder).name},
	"gps_dump":                   {[]string{"timestamp", "data"}, false, raw(privacy.Location, "bytes of a receiver")},
	"gps_inject_data":            {[]string{"timestamp", "data"}, false, raw(privacy.Operator, "corrections of a base station")},
	"mavlink_log":                {[]string{"timestamp", "text"}, false, (*decoder).line},
	"vehicle_global_position_gt": {placeCols, false, (*decoder).instead},
	"estimator_global_position":  {placeCols, false, (*decoder).instead},
	"aux_global_position":        {placeCols, false, (*decoder).instead},
}

var placeCols = []string{"timestamp", "lat", "lon", "alt"}

// point returns the position in columns 1 and 2. Integers count 1e-7 degrees.
func (r *reader) point() geo.Point {
	p := geo.Point{Lat: r.num(colLat), Lon: r.num(colLon)}
	if r.topic.cols[colLat].code == 'i' {
		p.Lat, p.Lon = p.Lat/1e7, p.Lon/1e7
	}
	return p
}

// metres returns column i; integers count millimetres.
func (r *reader) metres(i int) float64 {
	v := r.num(i)
	if r.topic.cols[i].code == 'i' {
		v /= 1000
	}
	return v
}

// place returns a handler of a topic that is one position.
func place(role logfmt.Role, datum string) func(*decoder, *reader) {
	return func(d *decoder, r *reader) {
		d.spot(logfmt.Spot{Role: role, Point: r.point(), Alt: r.metres(colAlt), Datum: datum}, uint32(r.topic.multi))
	}
}

// raw returns a handler of a topic with bytes of another protocol.
func raw(class privacy.Class, what string) func(*decoder, *reader) {
	return func(d *decoder, r *reader) { d.identifier(class, r, 1, what) }
}

func (d *decoder) attitude(r *reader) {
	f := &d.state
	if r.topic.multi != 0 {
		return
	}
	d.attitudeAt = d.now
	if r.topic.cols[1].count < 4 {
		f.Roll, f.Pitch, f.Yaw = autopilot.Degrees(r.num(2)), autopilot.Degrees(r.num(3)), autopilot.Heading(r.num(4))
		return
	}
	w, x, y, z := r.element(1, 0), r.element(1, 1), r.element(1, 2), r.element(1, 3)
	f.Roll = autopilot.Degrees(math.Atan2(2*(w*x+y*z), 1-2*(x*x+y*y)))
	f.Pitch = autopilot.Degrees(math.Asin(max(-1, min(1, 2*(w*y-z*x)))))
	f.Yaw = autopilot.Heading(math.Atan2(2*(w*z+x*y), 1-2*(y*y+z*z)))
}

func (d *decoder) battery(r *reader) {
	if v := r.num(1); v >= 0 && v <= 1 && r.topic.multi == 0 {
		d.state.Battery = math.Round(v*1000) / 10
	}
}

func (d *decoder) missionItem(r *reader) { d.use(r, r.num(4), uint32(max(0, min(r.num(5), 1<<16)))) }

func (d *decoder) command(r *reader) { d.use(r, r.num(4), 1<<20) }

// use yields the position of a command that has one.
func (d *decoder) use(r *reader, cmd float64, id uint32) {
	if !(cmd >= 0 && cmd < 1<<16) {
		return
	}
	s := logfmt.Spot{Point: r.point(), Alt: r.num(colAlt)}
	switch autopilot.Command(uint16(cmd)) {
	case autopilot.Waypoint:
		s.Role = logfmt.Waypoint
	case autopilot.HomePoint:
		s.Role = logfmt.Home
	case autopilot.LookAt:
		s.Role = logfmt.Target
	default:
		return
	}
	d.spot(s, id)
}

func (d *decoder) traffic(r *reader) {
	d.spot(logfmt.Spot{Role: logfmt.Traffic, Point: r.point(), Alt: r.num(colAlt)}, uint32(max(0, min(r.num(4), 1<<24))))
	d.identifier(privacy.Identity, r, 5, "")
}

func (d *decoder) operator(r *reader) {
	alt := r.num(colAlt)
	if alt <= -1000 { // Remote ID's unknown
		alt = math.NaN()
	}
	d.spot(logfmt.Spot{Role: logfmt.RemoteID, Point: r.point(), Alt: alt, Datum: "ellipsoid"}, 0)
}

func (d *decoder) name(r *reader) {
	class := privacy.Identity
	if r.topic.name == "open_drone_id_self_id" {
		class = privacy.Description
	}
	d.identifier(class, r, 1, "")
}

func (d *decoder) line(r *reader) { d.says(r.text(1), "", int64(r.topic.cols[1].at), r) }

// instead yields a position that would only repeat the track, if there is none.
func (d *decoder) instead(r *reader) {
	if d.survey.track < 0 {
		d.spot(logfmt.Spot{Role: logfmt.Candidate, Point: r.point(), Alt: r.num(colAlt), Datum: "MSL"}, uint32(r.topic.multi))
	}
}

// levels of logged strings (Linux kernel levels).
var levels = [...]string{"error", "error", "error", "error", "warning", "info", "info", "info"}

// logged reads a logged string: its level, time and text.
func (d *decoder) logged(r *reader) {
	head := 9
	if r.kind == 'C' {
		head = 11
	}
	if len(r.data) < head {
		return
	}
	if t := le.Uint64(r.data[head-8:]); t < 1<<62 {
		d.now = int64(t)
	}
	severity := ""
	if level := int(r.data[0]) - '0'; level >= 0 && level < len(levels) {
		severity = levels[level]
	}
	d.says(autopilot.String(r.data[head:]), severity, int64(head), r)
}

func (d *decoder) says(text, severity string, at int64, r *reader) {
	if text == "" {
		return
	}
	if class, ok := autopilot.Text(text); ok {
		d.tell(class, "log_message/text", text, span{Off: r.off + at, Len: int64(len(text))})
	}
	d.put(logfmt.Message{Time: d.utc(), Elapsed: d.elapsed(), Severity: severity, Text: privacy.Secret(text)})
}

// keyed splits an information or parameter message: the length of the key, its
// type and name, and the value.
func keyed(b []byte) (kind, name string, value []byte, ok bool) {
	if len(b) < 1 || int(b[0]) > len(b)-1 {
		return "", "", nil, false
	}
	n := 1 + int(b[0])
	for i, c := range b[1:n] {
		if c == ' ' {
			name = autopilot.String(b[2+i : n])
			return string(b[1 : 1+i]), name, b[n:], name != ""
		}
	}
	return "", "", nil, false
}

// infoClass says what the information called name gives away: "" for nothing.
func infoClass(name string) privacy.Class {
	switch name {
	case "sys_uuid", "replay", "ver_vendor_sw_release":
		return privacy.Identity
	case "sys_name", "sys_mcu", "sys_os_name", "sys_os_ver", "ver_hw", "ver_hw_subtype", "ver_sw", "ver_sw_branch", "ver_sw_release":
		return privacy.Device
	case "sys_toolchain", "sys_toolchain_ver", "sys_os_ver_release", "ver_data_format", "time_ref_utc", "metadata_events", "metadata_events_sha256":
		return ""
	}
	if strings.HasPrefix(name, "perf_") { // how busy the processor was
		return ""
	}
	return privacy.Unknown
}

// info reads an information message.
func (d *decoder) info(r *reader) {
	b, shift := r.data, int64(0)
	if r.kind == 'M' {
		if len(b) < 1 {
			return
		}
		b, shift = b[1:], 1
	}
	kind, name, value, ok := keyed(b)
	class := infoClass(name)
	if !ok || class == "" || len(value) == 0 {
		return
	}
	if class == privacy.Unknown && r.kind == 'M' { // console output: one is enough to say so
		key := idKey{name, ""}
		if _, ok := d.known[key]; ok {
			return
		}
		d.known[key] = struct{}{}
	}
	text := ""
	switch base, _, _ := array(kind); {
	case base == "char":
		text = autopilot.String(value[:min(len(value), 200)])
	case len(value) == 4 && name == "ver_sw_release":
		v := le.Uint32(value)
		text = fmt.Sprintf("%d.%d.%d", v>>24, v>>16&0xFF, v>>8&0xFF)
	}
	if text != "" {
		d.tell(class, name, text, span{Off: r.off + shift + int64(len(b)-len(value)), Len: int64(len(value))})
	}
}

// parameter reads a parameter message.
func (d *decoder) parameter(r *reader) {
	kind, name, value, ok := keyed(r.data)
	if !ok || len(value) != 4 {
		return
	}
	class, ok := autopilot.Parameter(name)
	v := float64(int32(le.Uint32(value)))
	if kind == "float" {
		v = number('f', value)
	}
	if !ok || v == 0 || v == -1 || math.IsNaN(v) {
		return
	}
	d.tell(class, "parameter/"+name, strconv.FormatFloat(v, 'f', -1, 64), span{Off: r.off + int64(len(r.data)-4), Len: 4})
}
