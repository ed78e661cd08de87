package srt

import (
	"strings"

	"flightveil/internal/privacy"
)

// A rule says what a label means. A rule without a class is for what belongs
// to the recording itself, such as the number of a frame.
type rule struct {
	name  string
	class privacy.Class
	axis  Axis
}

// rules maps labels, in lower case and without spaces and underscores, to what
// they mean. Labels are those of the dialects the package comment names.
var rules = map[string]rule{
	"latitude":   {"latitude", privacy.Location, Latitude},
	"lat":        {"latitude", privacy.Location, Latitude},
	"gpslat":     {"latitude", privacy.Location, Latitude},
	"longitude":  {"longitude", privacy.Location, Longitude},
	"longtitude": {"longitude", privacy.Location, Longitude}, // misspelt up to 2020
	"lon":        {"longitude", privacy.Location, Longitude},
	"lng":        {"longitude", privacy.Location, Longitude},
	"long":       {"longitude", privacy.Location, Longitude},
	"gpslon":     {"longitude", privacy.Location, Longitude},
	"gpslng":     {"longitude", privacy.Location, Longitude},

	"homelat":        {"home latitude", privacy.Operator, Latitude},
	"homelatitude":   {"home latitude", privacy.Operator, Latitude},
	"homelon":        {"home longitude", privacy.Operator, Longitude},
	"homelng":        {"home longitude", privacy.Operator, Longitude},
	"homelongitude":  {"home longitude", privacy.Operator, Longitude},
	"homelongtitude": {"home longitude", privacy.Operator, Longitude},
	"homealt":        {"home altitude", privacy.Operator, NoAxis},
	"dist":           {"distance to home", privacy.Operator, NoAxis},
	"distance":       {"distance to home", privacy.Operator, NoAxis},
	"homedist":       {"distance to home", privacy.Operator, NoAxis},
	"homedistance":   {"distance to home", privacy.Operator, NoAxis},

	"altitude":    {"altitude", privacy.Altitude, NoAxis},
	"alt":         {"altitude", privacy.Altitude, NoAxis},
	"relalt":      {"rel_alt", privacy.Altitude, NoAxis},
	"absalt":      {"abs_alt", privacy.Altitude, NoAxis},
	"barometer":   {"barometer", privacy.Altitude, NoAxis},
	"hb":          {"barometer", privacy.Altitude, NoAxis},
	"hs":          {"ultrasonic height", privacy.Altitude, NoAxis},
	"reh":         {"rel_alt", privacy.Altitude, NoAxis},
	"height":      {"height", privacy.Altitude, NoAxis},
	"ultrasonic":  {"ultrasonic height", privacy.Altitude, NoAxis},
	"asl":         {"altitude", privacy.Altitude, NoAxis},
	"agl":         {"height above ground", privacy.Altitude, NoAxis},
	"relativealt": {"rel_alt", privacy.Altitude, NoAxis},

	"droneyaw": {"aircraft angle", privacy.Attitude, NoAxis}, "dronepitch": {"aircraft angle", privacy.Attitude, NoAxis}, "droneroll": {"aircraft angle", privacy.Attitude, NoAxis},
	"yaw": {"angle", privacy.Attitude, NoAxis}, "pitch": {"angle", privacy.Attitude, NoAxis}, "roll": {"angle", privacy.Attitude, NoAxis},
	"heading": {"angle", privacy.Attitude, NoAxis}, "course": {"angle", privacy.Attitude, NoAxis},
	"gbyaw": {"gimbal angle", privacy.Attitude, NoAxis}, "gbpitch": {"gimbal angle", privacy.Attitude, NoAxis}, "gbroll": {"gimbal angle", privacy.Attitude, NoAxis},
	"gimbalyaw": {"gimbal angle", privacy.Attitude, NoAxis}, "gimbalpitch": {"gimbal angle", privacy.Attitude, NoAxis}, "gimbalroll": {"gimbal angle", privacy.Attitude, NoAxis},
	"speed": {"speed", privacy.Attitude, NoAxis}, "hspeed": {"speed", privacy.Attitude, NoAxis}, "vspeed": {"speed", privacy.Attitude, NoAxis},
	"dronespeedx": {"speed", privacy.Attitude, NoAxis}, "dronespeedy": {"speed", privacy.Attitude, NoAxis}, "dronespeedz": {"speed", privacy.Attitude, NoAxis},
	"speedx": {"speed", privacy.Attitude, NoAxis}, "speedy": {"speed", privacy.Attitude, NoAxis}, "speedz": {"speed", privacy.Attitude, NoAxis},
	"sats": {"satellites", privacy.Attitude, NoAxis}, "satellites": {"satellites", privacy.Attitude, NoAxis}, "hdop": {"satellites", privacy.Attitude, NoAxis},
	// What the stabilisation did follows every movement of the aircraft.
	"vsync": {"stabilisation", privacy.Attitude, NoAxis}, "eis": {"stabilisation", privacy.Attitude, NoAxis},
	"shiftx": {"stabilisation", privacy.Attitude, NoAxis}, "shifty": {"stabilisation", privacy.Attitude, NoAxis}, "y": {"stabilisation", privacy.Attitude, NoAxis},

	"date": {"date", privacy.Time, NoAxis}, "time": {"date", privacy.Time, NoAxis}, "datetime": {"date", privacy.Time, NoAxis}, "utc": {"date", privacy.Time, NoAxis}, "timestamp": {"date", privacy.Time, NoAxis},

	"frameid": {"FrameId", privacy.Identity, NoAxis},
	"sn":      {"serial number", privacy.Identity, NoAxis}, "serial": {"serial number", privacy.Identity, NoAxis}, "serialnumber": {"serial number", privacy.Identity, NoAxis},
	"dronesn": {"serial number", privacy.Identity, NoAxis}, "camerasn": {"serial number", privacy.Identity, NoAxis}, "batterysn": {"serial number", privacy.Identity, NoAxis},
	"pilot": {"pilot", privacy.Identity, NoAxis}, "operator": {"pilot", privacy.Identity, NoAxis}, "user": {"pilot", privacy.Identity, NoAxis},
	"dronename": {"aircraft name", privacy.Identity, NoAxis}, "uasid": {"registration", privacy.Identity, NoAxis},

	"iso": {"ISO", privacy.Exposure, NoAxis}, "shutter": {"shutter", privacy.Exposure, NoAxis}, "tv": {"shutter", privacy.Exposure, NoAxis}, "ss": {"shutter", privacy.Exposure, NoAxis},
	"fnum": {"aperture", privacy.Exposure, NoAxis}, "f-num": {"aperture", privacy.Exposure, NoAxis}, "fnumber": {"aperture", privacy.Exposure, NoAxis}, "ir": {"aperture", privacy.Exposure, NoAxis},
	"ev": {"exposure bias", privacy.Exposure, NoAxis}, "ct": {"colour temperature", privacy.Exposure, NoAxis}, "wb": {"colour temperature", privacy.Exposure, NoAxis},
	"colormd": {"colour mode", privacy.Exposure, NoAxis}, "aemetermd": {"metering", privacy.Exposure, NoAxis},
	"focallen": {"focal length", privacy.Exposure, NoAxis}, "dzoomratio": {"zoom", privacy.Exposure, NoAxis}, "dzoom": {"zoom", privacy.Exposure, NoAxis}, "zoom": {"zoom", privacy.Exposure, NoAxis},

	"framecnt": {}, "srtcnt": {}, "difftime": {},
}

// short maps the labels of the comma dialect, which have no colon, to what
// they mean and the unit their value must have.
var short = map[string]struct {
	rule
	unit string
}{
	"F":     {rules["fnum"], ""},
	"SS":    {rules["ss"], ""},
	"ISO":   {rules["iso"], ""},
	"EV":    {rules["ev"], ""},
	"DZOOM": {rules["dzoom"], ""},
	"CT":    {rules["ct"], ""},
	"D":     {rules["dist"], "m"},
	"H":     {rules["height"], "m"},
	"H.S":   {rules["speed"], "m/s"},
	"V.S":   {rules["speed"], "m/s"},
}

// longestLabel is how long a label is at most.
const longestLabel = 24

// lookup returns the rule for a label.
func lookup(label []byte) (rule, bool) {
	var a [longestLabel]byte
	n := 0
	for _, c := range label {
		switch {
		case c == ' ' || c == '_':
			continue
		case c >= 'A' && c <= 'Z':
			c |= 0x20
		}
		if n == len(a) {
			return rule{}, false
		}
		a[n] = c
		n++
	}
	if r, ok := rules[string(a[:n])]; ok {
		return r, true
	}
	if strings.HasPrefix(string(label), "pp_") { // a group of values of the stabilisation, from 2025
		return rules["eis"], true
	}
	return rule{}, false
}

// fits reports whether v can be a value of r. What a profile keeps must be what
// it claims to be: a word has no place among numbers.
func (r rule) fits(v []byte) bool {
	switch r.class {
	case "":
		return false
	case privacy.Identity, privacy.Operator:
		return true
	case privacy.Exposure:
		return len(v) <= 12 && made(v, r.name == "colour mode")
	case privacy.Time:
		return len(v) <= 40 && made(v, false)
	}
	return len(v) <= 64 && (made(v, false) || len(v) <= 8 && made(v, true))
}

// made reports whether v holds nothing but numbers with short units, or words
// too if that is said.
func made(v []byte, words bool) bool {
	letters := 0
	for i, c := range v {
		switch {
		case digit(c) || c == ' ' || c >= '+' && c <= '/' || c == ':':
			letters = 0
		case words && (letter(c) || c == '_'):
		case i == 0 && (c == 'F' || c == 'f'):
		case c >= 0x80 || c == '%': // a degree sign
		case letter(c) && letters < 2: // "ms", "m/s", "AM"
			letters++
		default:
			return false
		}
	}
	return true
}
