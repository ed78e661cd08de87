package gpmf

import (
	"strings"

	"flightveil/exifscrub"
	block "flightveil/internal/block/gpmf"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A tag says what an element is. Names are those of ExifTool where it has one.
type tag struct {
	name  string
	class privacy.Class
}

// tags lists the keys of the specification and those of the Karma drone.
var tags = map[string]tag{
	"CASN": {"CameraSerialNumber", privacy.Identity}, "LINF": {"LensSerialNumber", privacy.Identity}, "CINF": {"CINF", privacy.Identity},
	"MUID": {"MediaUniqueID", privacy.Identity}, "GUMI": {"GUMI", privacy.Identity}, "CPIN": {"CPIN", privacy.Identity},
	"DVNM": {"DeviceName", privacy.Device}, "MINF": {"Model", privacy.Device}, "FMWR": {"FirmwareVersion", privacy.Device}, "FWVS": {"OtherFirmware", privacy.Device},

	"GPS5": {"GPS5", privacy.Location}, "GPS9": {"GPS9", privacy.Location}, "GPRI": {"GPSPos", privacy.Location}, "GLPI": {"GPSPos", privacy.Location},
	"HLMT": {"Highlights", privacy.Location}, "LNED": {"LocalPositionNED", privacy.Location},
	"BPOS": {"BeaconPosition", privacy.Operator}, "CSEN": {"CoyoteSense", privacy.Operator}, "CYTS": {"CoyoteStatus", privacy.Operator},
	"GPSU": {"GPSDateTime", privacy.Time}, "SYST": {"SystemTime", privacy.Time}, "CDTM": {"CreationDate", privacy.Time}, "TZON": {"TimeZone", privacy.Time},
	"GPSF": {"GPSMeasureMode", privacy.Attitude}, "GPSP": {"GPSHPositioningError", privacy.Attitude}, "GPSA": {"GPSAltitudeSystem", privacy.Attitude},
	"SCPR": {"ScaledPressure", privacy.Altitude}, "ALLD": {"AutoLowLightDuration", privacy.Exposure},

	"ACCL": {"Accelerometer", privacy.Attitude}, "GYRO": {"Gyroscope", privacy.Attitude}, "MAGN": {"Magnetometer", privacy.Attitude}, "GRAV": {"GravityVector", privacy.Attitude},
	"CORI": {"CameraOrientation", privacy.Attitude}, "IORI": {"ImageOrientation", privacy.Attitude}, "ATTD": {"Attitude", privacy.Attitude}, "ATTR": {"AttitudeTarget", privacy.Attitude},
	"SIMU": {"ScaledIMU", privacy.Attitude}, "VFRH": {"VisualFlightRulesHUD", privacy.Attitude}, "ESCS": {"EscStatus", privacy.Attitude}, "TMPC": {"CameraTemperature", privacy.Attitude}, "WNDM": {"WindProcessing", privacy.Attitude},

	"SHUT": {"ExposureTimes", privacy.Exposure}, "ISOE": {"ISOSpeeds", privacy.Exposure}, "ISOG": {"ImageSensorGain", privacy.Exposure}, "WBAL": {"ColorTemperatures", privacy.Exposure},
	"WRGB": {"WhiteBalanceRGB", privacy.Exposure}, "YAVG": {"LumaAverage", privacy.Exposure}, "UNIF": {"InputUniformity", privacy.Exposure}, "AALP": {"AudioLevel", privacy.Exposure},
	"CMOD": {"CompressionMode", privacy.Exposure}, "MTYP": {"MediaType", privacy.Exposure}, "OREN": {"AutoRotation", privacy.Exposure}, "DZOM": {"DigitalZoomOn", privacy.Exposure},
	"DZST": {"DigitalZoom", privacy.Exposure}, "SMTR": {"SpotMeter", privacy.Exposure}, "PRTN": {"Protune", privacy.Exposure}, "PTWB": {"WhiteBalance", privacy.Exposure},
	"PTSH": {"Sharpness", privacy.Exposure}, "PTCL": {"ColorMode", privacy.Exposure}, "EXPT": {"ExposureType", privacy.Exposure}, "PIMX": {"AutoISOMax", privacy.Exposure},
	"PIMN": {"AutoISOMin", privacy.Exposure}, "PTEV": {"ExposureCompensation", privacy.Exposure}, "RATE": {"Rate", privacy.Exposure}, "VFOV": {"FieldOfView", privacy.Exposure},
	"EISE": {"ElectronicImageStabilization", privacy.Exposure}, "EISA": {"ElectronicStabilizationOn", privacy.Exposure}, "VLTE": {"VLTE", privacy.Exposure}, "VLTA": {"VLTA", privacy.Exposure},
	"AUPT": {"AUPT", privacy.Exposure}, "APTO": {"APTO", privacy.Exposure}, "AUDO": {"AudioSetting", privacy.Exposure},

	// What says how to read the rest.
	"TICK": {"TICK", privacy.Technical}, "TOCK": {"TOCK", privacy.Technical}, "STMP": {"STMP", privacy.Technical}, "TSMP": {"TSMP", privacy.Technical},
	"EMPT": {"EMPT", privacy.Technical}, "SCAL": {"SCAL", privacy.Technical}, "TYPE": {"TYPE", privacy.Technical}, "SIUN": {"SIUN", privacy.Technical},
	"UNIT": {"UNIT", privacy.Technical}, "ORIN": {"ORIN", privacy.Technical}, "ORIO": {"ORIO", privacy.Technical}, "MTRX": {"MTRX", privacy.Technical},
	"STNM": {"STNM", privacy.Technical}, "DVID": {"DeviceID", privacy.Technical}, "TIMO": {"TIMO", privacy.Technical}, "VERS": {"VERS", privacy.Technical},
}

// tagOf returns what e is. An element that is kept must look as it should: text
// only where text belongs, and no more than it takes.
func tagOf(in exifscrub.Input, e block.Entry) tag {
	t, ok := tags[e.Key]
	if !ok {
		return tag{e.Key, privacy.Unknown}
	}
	unknown := tag{t.name, privacy.Unknown}
	switch {
	case e.Key == "STNM":
		s, err := e.Text(in)
		if err != nil || !streamName(s) {
			return unknown
		}
	case e.Key == "DVID": // a small number, or a name of four letters
		b, err := input.ReadRange(in, e.Span.Off, min(e.Span.Len, 5), 5)
		if err != nil || len(b) != 4 || !(b[0] == 0 && b[1] == 0 || e.Type == 'F') {
			return tag{t.name, privacy.Identity}
		}
	case t.class == privacy.Technical:
		if e.Span.Len > 1024 || e.Type == 'c' && !terse(in, e, 8) {
			return unknown
		}
	case t.class == privacy.Exposure && e.Type == 'c':
		if e.Span.Len > 16 {
			return unknown
		}
	}
	return t
}

// terse reports whether no word of an element is longer than n letters.
func terse(in exifscrub.Input, e block.Entry, n int) bool {
	texts, err := e.Strings(in)
	if err != nil {
		return false
	}
	if e.Key == "TYPE" {
		return len(strings.Trim(strings.Join(texts, ""), "bBsSlLfdcFGUjJqQ?[]0123456789\x00")) == 0
	}
	for _, s := range texts {
		if len(s) > n {
			return false
		}
	}
	return true
}

// streamName reports whether s is how cameras name a stream: after what it
// measures.
func streamName(s string) bool {
	if len(s) > 80 {
		return false
	}
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r < 'a' || r > 'z' }) {
		if !streamWords[w] && len(w) > 2 {
			return false
		}
	}
	return true
}

// streamWords are the words in names of streams.
var streamWords = wordsOf(`accelerometer up down right left forward back gyroscope gps lat long alt speed magnetometer face detection coordinates details
	exposure time shutter white balance temperature rgb gains sensor iso gain read out readout image uniformity predominant hue weight scene
	classification camera orientation gravity vector wind processing microphone wet average luminance luma audio level frame rate geotag highlights
	highlight battery status attitude target position raw global local estimate scaled pressure imu system beacon coyote sense esc visual flight
	rules hud ned firmware version and the fix hyperlapse skip input agc disp disparity track lrv mskp lskp mapping sroll numb faces smile
	karma video settings hero max main lens dop deg days secs`)

func wordsOf(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}
