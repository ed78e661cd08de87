package tlog

import (
	"fmt"
	"math"
	"strconv"

	"flightveil/internal/block/autopilot"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// A field of text or bytes that names someone or something.
type field struct {
	class privacy.Class
	path  string
	at, n int
	hex   bool
}

// fields lists, by message, those that tell who or which device it is.
var fields = map[uint32][]field{
	msgOperatorControl: {{privacy.Identity, "CHANGE_OPERATOR_CONTROL/passkey", 3, 25, false}},
	msgAuthKey:         {{privacy.Identity, "AUTH_KEY/key", 0, 32, false}},
	msgAutopilotVersion: {
		{privacy.Identity, "AUTOPILOT_VERSION/uid", 8, 8, true}, {privacy.Identity, "AUTOPILOT_VERSION/uid2", 60, 18, true},
		{privacy.Device, "AUTOPILOT_VERSION/board_version", 28, 4, true}, {privacy.Device, "AUTOPILOT_VERSION/vendor_id", 32, 2, true},
		{privacy.Device, "AUTOPILOT_VERSION/product_id", 34, 2, true}, {privacy.Device, "AUTOPILOT_VERSION/flight_custom_version", 36, 8, true},
		{privacy.Device, "AUTOPILOT_VERSION/middleware_custom_version", 44, 8, true}, {privacy.Device, "AUTOPILOT_VERSION/os_custom_version", 52, 8, true},
	},
	msgSetupSigning: {{privacy.Identity, "SETUP_SIGNING/secret_key", 10, 32, true}},
	msgCameraInfo: {
		{privacy.Device, "CAMERA_INFORMATION/vendor_name", 30, 32, false}, {privacy.Device, "CAMERA_INFORMATION/model_name", 62, 32, false},
		{privacy.Identity, "CAMERA_INFORMATION/cam_definition_uri", 95, 140, false},
	},
	msgVideoStream: {{privacy.Identity, "VIDEO_STREAM_INFORMATION/name", 21, 32, false}, {privacy.Identity, "VIDEO_STREAM_INFORMATION/uri", 53, 160, false}},
	msgGimbalInfo:  {{privacy.Identity, "GIMBAL_DEVICE_INFORMATION/uid", 0, 8, true}},
	msgWiFi:        {{privacy.Identity, "WIFI_CONFIG_AP/ssid", 0, 32, false}, {privacy.Identity, "WIFI_CONFIG_AP/password", 32, 64, false}},
	msgCellular: {
		{privacy.Identity, "CELLULAR_CONFIG/pin", 2, 16, false}, {privacy.Identity, "CELLULAR_CONFIG/new_pin", 18, 16, false},
		{privacy.Identity, "CELLULAR_CONFIG/apn", 34, 32, false}, {privacy.Identity, "CELLULAR_CONFIG/puk", 66, 16, false},
	},
	msgSmartBattery: {{privacy.Identity, "SMART_BATTERY_INFO/serial_number", 21, 16, false}, {privacy.Device, "SMART_BATTERY_INFO/device_name", 37, 50, false}},
}

// identity decodes messages with names, numbers and texts.
func (d *decoder) identity() {
	p := &d.p
	switch d.id {
	case msgStatusText:
		p.load(d.payload)
		d.statusText()
		return
	case msgParamValue:
		p.load(d.payload)
		d.parameter("PARAM_VALUE/", p.b[8:24], p.b[24])
		return
	case msgParamSet:
		p.load(d.payload)
		d.parameter("PARAM_SET/", p.b[6:22], p.b[22])
		return
	case msgGPSInject:
		p.load(d.payload)
		d.corrections("GPS_INJECT_DATA/data", 3, int(p.b[2]), 110)
		return
	case msgRTCM:
		p.load(d.payload)
		d.corrections("GPS_RTCM_DATA/data", 2, int(p.b[1]), 180)
		return
	}
	if path, ok := opaque[d.id]; ok {
		p.load(d.payload)
		d.identifier(privacy.Unknown, path, "bytes of another protocol", 0, p.n)
		return
	}
	for _, f := range fields[d.id] {
		p.load(d.payload)
		value := ""
		if b := p.b[f.at : f.at+f.n]; f.hex {
			value = hexID(b)
		} else {
			value = autopilot.String(b)
		}
		d.identifier(f.class, f.path, value, f.at, f.n)
	}
	if d.id == msgAutopilotVersion {
		if v := le.Uint32(p.b[16:]); v != 0 {
			d.identifier(privacy.Device, "AUTOPILOT_VERSION/flight_sw_version", fmt.Sprintf("%d.%d.%d", v>>24, v>>16&0xFF, v>>8&0xFF), 16, 4)
		}
	}
}

// corrections tells that a base station's position passed through: RTCM
// messages 1005 and 1006 hold it to a tenth of a millimetre.
func (d *decoder) corrections(path string, at, n, most int) {
	if n > 0 {
		d.identifier(privacy.Operator, path, "corrections of a base station", at, min(n, most))
	}
}

// parameter tells a parameter that names someone. ArduPilot sends integers
// converted to float, PX4 sends their bits.
func (d *decoder) parameter(prefix string, name []byte, kind uint8) {
	id := autopilot.String(name)
	class, ok := autopilot.Parameter(id)
	if !ok {
		return
	}
	const real32 = 9 // MAV_PARAM_TYPE_REAL32
	bits := le.Uint32(d.p.b[0:])
	v := float64(math.Float32frombits(bits))
	text := strconv.FormatFloat(v, 'f', -1, 32)
	if kind != real32 && v != math.Trunc(v) || math.IsNaN(v) {
		text = strconv.FormatInt(int64(int32(bits)), 10)
	}
	if text == "0" || text == "-1" { // not set
		return
	}
	path := prefix + id
	if _, ok := d.known[idKey{path, ""}]; ok { // counters are sent again and again
		return
	}
	d.known[idKey{path, ""}] = struct{}{}
	d.identifier(class, path, text, 0, 4)
}

// severities of STATUSTEXT (MAV_SEVERITY).
var severities = [...]string{"error", "error", "error", "error", "warning", "info", "info", "info"}

// textMost bounds a text in several parts.
const textMost = 2000

// statusText collects STATUSTEXT: a long text comes in parts with one id.
func (d *decoder) statusText() {
	p := &d.p
	id := p.u16(51)
	if len(d.text) > 0 && (id != d.part.id || d.sys != d.part.sys) {
		d.endText()
	}
	if len(d.text) == 0 {
		d.part.first = span{Off: d.off + 1, Len: int64(min(50, max(0, p.n-1)))}
	}
	part := p.b[1:51]
	full := p.b[50] != 0
	d.text = append(d.text, part...)
	d.part.id, d.part.sys, d.part.severity = id, d.sys, p.b[0]
	if id == 0 || !full || len(d.text) > textMost {
		d.endText()
	}
}

// endText yields the text that was collected.
func (d *decoder) endText() {
	text := autopilot.String(d.text)
	d.text = d.text[:0]
	if text == "" {
		return
	}
	if class, ok := autopilot.Text(text); ok {
		d.tell(class, "STATUSTEXT/text", text, d.part.first)
	}
	m := logfmt.Message{Time: d.time(), Elapsed: d.elapsed(), Text: privacy.Secret(text)}
	if int(d.part.severity) < len(severities) {
		m.Severity = severities[d.part.severity]
	}
	d.put(m)
}
