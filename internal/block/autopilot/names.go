package autopilot

import (
	"math"
	"strings"
	"unicode/utf8"

	"flightveil/internal/privacy"
)

// Parameter says what the parameter of that name gives away. Most of the
// hundreds an autopilot has tell nothing about who flies it.
func Parameter(name string) (privacy.Class, bool) {
	for _, p := range identityPrefix {
		if strings.HasPrefix(name, p) {
			return privacy.Identity, true
		}
	}
	for _, s := range identitySuffix {
		if strings.HasSuffix(name, s) {
			return privacy.Identity, true
		}
	}
	for _, s := range locationSuffix {
		if strings.HasSuffix(name, s) {
			return privacy.Location, true
		}
	}
	return "", false
}

var (
	// Serial numbers, ids on the network, what Remote ID sends, and the wear
	// counters of the airframe (ArduPilot and PX4 parameter references).
	identityPrefix = []string{"BRD_SERIAL", "DID_", "SYSID_THISMAV", "MAV_SYS", "STAT_", "LND_FLIGHT_T", "COM_FLIGHT_UUID", "ADSB_ICAO", "ADSB_IDENT", "ADSB_CALLSIGN", "NET_", "UUID", "CAM_ID"}
	// Bus ids of the sensors: together they name one board.
	identitySuffix = []string{"_SERIAL_NUM", "_SERIAL", "_DEV_ID", "_DEV_ID2", "_DEV_ID3", "_DEVID", "_ACC_ID", "_ACC2_ID", "_ACC3_ID", "_GYR_ID", "_GYR2_ID", "_GYR3_ID", "ACC0_ID", "ACC1_ID", "ACC2_ID", "GYRO0_ID", "GYRO1_ID", "GYRO2_ID", "MAG0_ID", "MAG1_ID", "MAG2_ID", "_ICAO_ID", "_UID"}
	locationSuffix = []string{"_LAT", "_LON", "_LNG", "_LAT0", "_LON0"}
)

// Text says what a line an autopilot wrote gives away. Nearly all are notices
// about the flight; a few name the board.
func Text(s string) (privacy.Class, bool) {
	if boardID(s) {
		return privacy.Identity, true
	}
	for _, p := range firmware {
		if strings.Contains(s, p) {
			return privacy.Device, true
		}
	}
	return "", false
}

var firmware = []string{"ArduCopter V", "ArduPlane V", "ArduRover V", "ArduSub V", "APM:", "ChibiOS:", "NuttX:", "PX4: ", "AntennaTracker V", "Blimp V", "Rover V", "Frame: "}

// boardID reports whether s holds the unique number of the processor as
// ArduPilot prints it, "fmuv3 0035002F 3136510A 33353135": three words of
// eight hexadecimal digits.
func boardID(s string) bool {
	run := 0
	for word := range strings.FieldsSeq(s) {
		if len(word) == 8 && strings.Trim(word, "0123456789ABCDEFabcdef") == "" {
			if run++; run == 3 {
				return true
			}
			continue
		}
		run = 0
	}
	return false
}

// String returns the text of a fixed field, which ends at a NUL, as valid UTF-8.
func String(b []byte) string {
	for i, c := range b {
		if c == 0 {
			b = b[:i]
			break
		}
	}
	for len(b) > 0 && strings.IndexByte(" \r\n\t\xff", b[len(b)-1]) >= 0 {
		b = b[:len(b)-1]
	}
	s := string(b)
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return s
}

// Degrees turns radians into degrees. What is not a number stays so, and
// infinity becomes it.
func Degrees(rad float64) float64 { return Finite(rad * 180 / math.Pi) }

// Heading is Degrees in [0, 360).
func Heading(rad float64) float64 {
	d := math.Mod(Degrees(rad), 360)
	if d < 0 {
		d += 360
	}
	return d
}

// Finite returns v, or NaN for an infinity.
func Finite(v float64) float64 {
	if math.IsInf(v, 0) {
		return math.NaN()
	}
	return v
}
