package main

import (
	"encoding/binary"
	"math"
	"strings"

	"flightveil/exifscrub/scrubtest"
)

// ulog builds a log of PX4.
type ulog struct {
	b   []byte
	ids uint16
}

func newULog(version byte, began uint64) *ulog {
	return &ulog{b: binary.LittleEndian.AppendUint64([]byte("ULog\x01\x12\x35"+string(rune(version))), began)}
}

func (u *ulog) message(kind byte, payload ...any) {
	p := wide(payload...)
	u.b = binary.LittleEndian.AppendUint16(u.b, uint16(len(p)))
	u.b = append(append(u.b, kind), p...)
}

// wide is le with float64 of eight bytes and text as long as it is.
func wide(values ...any) []byte {
	var b []byte
	for _, v := range values {
		switch v := v.(type) {
		case string:
			b = append(b, v...)
		case []byte:
			b = append(b, v...)
		default:
			b, _ = binary.Append(b, binary.LittleEndian, v)
		}
	}
	return b
}

func (u *ulog) format(s string) { u.message('F', s) }

func (u *ulog) info(kind, name, value string) {
	key := kind + " " + name
	u.message('I', byte(len(key)), key, value)
}

func (u *ulog) parameter(kind, name string, value any) {
	key := kind + " " + name
	u.message('P', byte(len(key)), key, value)
}

func (u *ulog) subscribe(name string, multi byte) uint16 {
	u.ids++
	u.message('A', multi, u.ids, name)
	return u.ids
}

// Formats as firmware 1.11 has them, and the receiver's as 1.14 has it.
const (
	oldGPS    = "uint64_t timestamp;uint64_t time_utc_usec;int32_t lat;int32_t lon;int32_t alt;int32_t alt_ellipsoid;float hdop;float vel_m_s;float vel_d_m_s;float cog_rad;uint8_t fix_type;uint8_t satellites_used;uint8_t[6] _padding0;"
	newGPS    = "uint64_t timestamp;uint64_t time_utc_usec;double latitude_deg;double longitude_deg;double altitude_msl_m;double altitude_ellipsoid_m;float hdop;float vel_m_s;float vel_d_m_s;float cog_rad;uint8_t fix_type;uint8_t satellites_used;uint8_t[6] _padding0;"
	globalPos = "uint64_t timestamp;double lat;double lon;float alt;float alt_ellipsoid;float vel_d;bool lat_lon_valid;uint8_t[3] _padding0;"
)

// ulogBegan is the clock of the autopilot at the beginning; it was started
// 100 s before mavlinkStart.
const ulogBegan = 99_000_000

func oldFix(i int, fix byte) []byte {
	us := uint64(100e6 + 200_000*i)
	utc := mavlinkStart + us - 100e6
	if fix == 0 {
		utc = 0
	}
	return wide(us, utc, e7(scrubtest.Lat, i), e7(scrubtest.Lon, 2*i), int32(1234500), int32(1250250), float32(0.75), float32(3.5), float32(-0.5), float32(math.Pi/4), fix, uint8(14))
}

func newFix(i int) []byte {
	lat, lon := place(i)
	us := uint64(100e6 + 200_000*i)
	return wide(us, mavlinkStart+us-100e6, lat, lon, 1234.5, 1250.25, float32(0.75), float32(3.5), float32(-0.5), float32(math.Pi/4), uint8(3), uint8(14))
}

func ulogFixtures() map[string][]byte {
	receiver := receiverULog()
	flags := func(incompat byte, at uint64) string {
		return string(wide("\x28\x00B", make([]byte, 8), incompat, make([]byte, 7), at, uint64(0), uint64(0)))
	}
	// A stream appended after a message that was cut.
	cut := len(receiver.b) - 20 + 43
	appended := string(receiver.b[:16]) + flags(1, uint64(cut)) + string(receiver.b[16:len(receiver.b)-20])
	tail := newULog(1, 0)
	tail.message('D', uint16(1), oldFix(7, 3))
	tail.message('L', byte('3'), uint64(103e6), "crashed in "+scrubtest.Place)
	appended += string(tail.b[16:])

	damaged := append([]byte{}, receiver.b[:len(receiver.b)-300]...)
	damaged = append(damaged, "some bytes of another file, \x00\x00D\x03\x00L"...)
	damaged = append(damaged, receiver.b[len(receiver.b)-300:len(receiver.b)-9]...)
	return map[string][]byte{
		"receiver.ulg": receiver.b, "fused.ulg": fusedULog(), "appended.ulg": []byte(appended), "nowhere.ulg": nowhereULog(),
		"damaged-middle.ulg": damaged, "damaged-later.ulg": []byte(string(receiver.b[:16]) + flags(2, 0) + string(receiver.b[16:])),
	}
}

// receiverULog is of a vehicle that logs only its receivers.
func receiverULog() *ulog {
	u := newULog(0, ulogBegan)
	u.format("vehicle_gps_position:" + oldGPS)
	u.format("sensor_gps:" + oldGPS)
	u.format("vehicle_attitude:uint64_t timestamp;float[4] q;uint8_t[4] _padding0;")
	u.format("battery_status:uint64_t timestamp;float remaining;")
	u.info("char[24]", "sys_uuid", "0006000000004519C0FFEE00")
	u.info("char[7]", "ver_hw", "FMU_V5X")
	u.info("uint32_t", "ver_sw_release", "\xff\x02\x0b\x01")
	u.info("char[14]", "vehicle_label", scrubtest.Serial)
	key := "char[40] boot_console_output"
	u.message('M', byte(0), byte(len(key)), key, "mounted /fs/microsd of "+scrubtest.Person)
	u.parameter("int32_t", "COM_FLIGHT_UUID", int32(4519))
	u.parameter("float", "MPC_XY_CRUISE", float32(5))
	gps, second, attitude, battery := u.subscribe("vehicle_gps_position", 0), u.subscribe("sensor_gps", 0), u.subscribe("vehicle_attitude", 0), u.subscribe("battery_status", 0)
	u.message('D', battery, uint64(99.5e6), float32(0.755))
	u.message('D', gps, oldFix(0, 0))
	for i := 1; i < 6; i++ {
		us := uint64(100e6 + 200_000*i)
		half := float32(math.Sqrt(0.5)) // a quarter turn to the right
		u.message('D', attitude, us, half, float32(0), float32(0), half)
		u.message('D', gps, oldFix(i, 3))
		u.message('D', second, oldFix(i, 3))
		u.message('S', "\x2f\x73\x13\x20\x25\x0c\xbb\x12")
		u.message('O', uint16(20))
	}
	u.message('L', byte('4'), uint64(102e6), "Low battery")
	u.message('C', byte('6'), uint16(1), uint64(102.5e6), "PX4: "+scrubtest.Text)
	return u
}

// fusedULog has what newer firmware logs, nested topics, and others' positions.
func fusedULog() []byte {
	u := newULog(1, ulogBegan)
	u.format("position_setpoint_triplet:uint64_t timestamp;position_setpoint previous;position_setpoint current;")
	u.format("position_setpoint:uint64_t timestamp;double lat;double lon;float alt;uint8_t type;uint8_t[3] _padding0;")
	u.format("vehicle_gps_position:" + newGPS)
	u.format("vehicle_global_position:" + globalPos)
	u.format("home_position:uint64_t timestamp;double lat;double lon;float alt;uint8_t[4] _padding0;")
	u.format("vehicle_local_position:uint64_t timestamp;double ref_lat;double ref_lon;float ref_alt;")
	u.format("vehicle_command:uint64_t timestamp;double param5;double param6;float param7;uint32_t command;")
	u.format("transponder_report:uint64_t timestamp;double lat;double lon;uint32_t icao_address;float altitude;char[9] callsign;")
	u.format("open_drone_id_system:uint64_t timestamp;int32_t operator_latitude;int32_t operator_longitude;float operator_altitude_geo;")
	u.format("open_drone_id_operator_id:uint64_t timestamp;uint8_t operator_id_type;char[20] operator_id;")
	u.format("camera_capture:uint64_t timestamp;double lat;double lon;float alt;")
	u.format("gps_inject_data:uint64_t timestamp;uint8_t len;uint8_t[20] data;")
	u.format("endless:endless again;uint8_t x;")
	gps, global := u.subscribe("vehicle_gps_position", 0), u.subscribe("vehicle_global_position", 0)
	at := func(metres int) []byte {
		lat, lon := place(metres)
		return wide(lat, lon)
	}
	const us = uint64(100.1e6)
	u.message('D', gps, newFix(1))
	u.message('D', global, uint64(100.05e6), at(40), float32(1234.5), float32(1250.25), float32(-0.25), false, "\x00\x00\x00")
	u.message('D', u.subscribe("home_position", 0), us, at(-40), float32(1184.25), "\x00\x00\x00\x00")
	u.message('D', u.subscribe("vehicle_local_position", 0), us, at(-40), float32(1184))
	u.message('D', u.subscribe("position_setpoint_triplet", 0), us, us, at(90), float32(0), "\x00\x00\x00\x00", us, at(20), float32(1240), "\x01\x00\x00\x00")
	command := u.subscribe("vehicle_command", 0)
	u.message('D', command, us, at(30), float32(1200), uint32(195))
	u.message('D', command, us, 1.0, 2.0, float32(0), uint32(400))
	u.message('D', u.subscribe("transponder_report", 0), us, at(3000), uint32(0x4519C0), float32(3000), "FVCANARY\x00")
	u.message('D', u.subscribe("open_drone_id_system", 0), us, e7(scrubtest.Lat, -50), e7(scrubtest.Lon, -50), float32(-1000))
	u.message('D', u.subscribe("open_drone_id_operator_id", 0), us, byte(0), "FIN87astrdge12k8\x00\x00\x00\x00")
	u.message('D', u.subscribe("gps_inject_data", 0), us, byte(4), "\xd3\x00\x13\x3e", strings.Repeat("\x00", 16))
	u.message('A', byte(0), u.ids+1, "endless")
	for i := 1; i < 6; i++ {
		u.message('D', gps, newFix(i))
		u.message('D', global, uint64(100.1e6)+uint64(200_000*i), at(i), float32(1234.5), float32(1250.25), float32(-0.25), true, "\x00\x00\x00")
	}
	u.message('D', u.subscribe("camera_capture", 0), us, at(3), float32(1234.5))
	return u.b
}

func nowhereULog() []byte {
	u := newULog(1, mavlinkStart) // a simulator
	u.format("sensor_gps:" + oldGPS)
	gps := u.subscribe("sensor_gps", 0)
	u.message('D', gps, oldFix(3, 1))
	u.message('D', gps, wide(uint64(1), uint64(0), int32(0), int32(0), int32(0), int32(0), float32(1), float32(0), float32(0), float32(0), uint8(3), uint8(9)))
	u.message('L', byte('6'), uint64(mavlinkStart+1e6), "no position yet")
	return u.b
}
