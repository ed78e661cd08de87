package main

import (
	"encoding/binary"
	"math"
	"strings"

	"flightveil/exifscrub/scrubtest"
)

// mavlink builds a stream of MAVLink packets, each after a time if stamped.
type mavlink struct {
	b       []byte
	stamped bool
	us      uint64 // of the next packet
	seq     byte
	sys     byte
	comp    byte
}

// mavlinkStart is 2031-07-19 04:47:53 UTC.
const mavlinkStart = 1942202873_000000

// crc16 is CRC-16/MCRF4XX, bit by bit.
func crc16(b []byte) uint16 {
	crc := uint16(0xFFFF)
	for _, c := range b {
		crc ^= uint16(c)
		for range 8 {
			low := crc & 1
			crc >>= 1
			if low == 1 {
				crc ^= 0x8408
			}
		}
	}
	return crc
}

func (m *mavlink) stamp() {
	if m.stamped {
		m.b = binary.BigEndian.AppendUint64(m.b, m.us)
	}
	m.us += 20_000
	m.seq++
}

// v1 appends a MAVLink 1 packet.
func (m *mavlink) v1(id, extra byte, payload []byte) {
	m.stamp()
	p := append([]byte{byte(len(payload)), m.seq, m.sys, m.comp, id}, payload...)
	m.b = append(append(m.b, 0xFE), p...)
	m.b = binary.LittleEndian.AppendUint16(m.b, crc16(append(p, extra)))
}

// v2 appends a MAVLink 2 packet, without the zeros at its payload's end.
func (m *mavlink) v2(id uint32, extra byte, payload []byte, signed bool) {
	m.stamp()
	n := len(payload)
	for n > 1 && payload[n-1] == 0 {
		n--
	}
	flags := byte(0)
	if signed {
		flags = 1
	}
	p := append([]byte{byte(n), flags, 0, m.seq, m.sys, m.comp, byte(id), byte(id >> 8), byte(id >> 16)}, payload[:n]...)
	m.b = append(append(m.b, 0xFD), p...)
	m.b = binary.LittleEndian.AppendUint16(m.b, crc16(append(p, extra)))
	if signed {
		m.b = append(m.b, 1, 0xFE, 0xFD, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
	}
}

// le returns the values one after another, little-endian; strings fill a field
// of the number that follows.
func le(values ...any) []byte {
	var b []byte
	for i := 0; i < len(values); i++ {
		switch v := values[i].(type) {
		case string:
			n := values[i+1].(int)
			b = append(b, (v + strings.Repeat("\x00", n))[:n]...)
			i++
		case float64:
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v)))
		default:
			b, _ = binary.Append(b, binary.LittleEndian, v)
		}
	}
	return b
}

// e7 returns degrees, moved by metres along a meridian, as MAVLink keeps them.
func e7(degrees float64, metres int) int32 { return int32(math.Round(degrees*1e7)) + int32(metres)*90 }

func gpsRaw(i int, fix byte) []byte {
	return le(uint64(1e6*i), e7(scrubtest.Lat, i), e7(scrubtest.Lon, 2*i), int32(1234567), uint16(120), uint16(200), uint16(350), uint16(4500), fix, uint8(14), int32(1250000))
}

func globalPosition(i int) []byte {
	return le(uint32(1000*i), e7(scrubtest.Lat, i), e7(scrubtest.Lon, 2*i), int32(1234567+i), int32(50000+i), int16(300), int16(-400), int16(-50), uint16(30500))
}

func heartbeat(kind, autopilot byte) []byte {
	return le(uint32(0), kind, autopilot, uint16(0x0451), uint8(3))
}

// mission returns the part of a MISSION_ITEM_INT behind its parameters.
func missionInt(seq, cmd uint16, lat, lon int32, frame byte) []byte {
	return le(0.0, 0.0, 0.0, 0.0, lat, lon, 30.0, seq, cmd, uint8(1), uint8(1), frame, uint16(1), uint8(0))
}

func tlogFixtures() map[string][]byte {
	rich := richTlog()
	damaged := append([]byte("not a log: "+strings.Repeat("\xfe\xfd", 20)), rich[:900]...)
	damaged = append(append(damaged, "\x00\x05 lost bytes \xfe\x03"...), rich[900:1700]...)
	damaged[len(damaged)-400] ^= 1
	return map[string][]byte{"rich.tlog": rich, "mixed.tlog": mixedTlog(), "plain.rlog": plainRlog(), "nowhere.tlog": nowhereTlog(), "damaged-middle.tlog": damaged}
}

// richTlog has MAVLink 2, partly signed, with every kind of record.
func richTlog() []byte {
	m := mavlink{stamped: true, us: mavlinkStart, sys: 1, comp: 1}
	m.v2(0, 50, heartbeat(2, 3), false)
	m.v2(24, 24, gpsRaw(0, 3), false)
	m.v2(33, 104, globalPosition(0), true)
	m.v2(30, 39, le(uint32(20), 0.1, -0.2, -1.5, 0.0, 0.0, 0.0), false)
	m.v2(1, 124, le(uint32(0), uint32(0), uint32(0), uint16(0), uint16(12000), int16(900), uint16(0), uint16(0), uint16(0), uint16(0), uint16(0), uint16(0), int8(87)), false)
	lat, lon := e7(scrubtest.Lat, -40), e7(scrubtest.Lon, -40)
	m.v2(242, 104, le(lat, lon, int32(1184567), 0.0, 0.0, 0.0, 1.0), true)
	m.v2(49, 39, le(lat, lon, int32(1184000)), false)
	m.v2(148, 178, le(uint64(0), uint64(0x4519C0FFEE), uint32(4<<24|5<<16|7<<8|255), uint32(0), uint32(0), uint32(9<<16), uint16(0x1209), uint16(0x5741), "0a1b2c3d", 8, "", 8, "", 8, scrubtest.Serial, 18), false)
	m.v2(22, 220, le(1234567.0, uint16(900), uint16(3), "BRD_SERIAL_NUM", 16, uint8(6)), false)
	m.v2(22, 220, le(1.0, uint16(900), uint16(4), "LOG_BITMASK", 16, uint8(6)), false)
	m.v2(253, 83, le(uint8(6), "ChibiOS: 0a1b2c3d", 50), false)
	m.v2(253, 83, le(uint8(6), "fmuv3 0035002F 3136510A 33353135", 50), false)
	m.v2(253, 83, le(uint8(4), strings.Repeat("long text ", 5), 50, uint16(7), uint8(0)), false)
	m.v2(253, 83, le(uint8(4), "that ends here", 50, uint16(7), uint8(1)), false)
	m.v2(73, 38, missionInt(0, 16, lat, lon, 0), false)
	m.v2(73, 38, missionInt(1, 16, lat+900, lon+900, 3), false)
	m.v2(73, 38, missionInt(2, 178, 10000000, 20000000, 3), false) // DO_CHANGE_SPEED: no position
	m.v2(39, 254, le(0.0, 0.0, 0.0, 0.0, float64(lat)/1e7, float64(lon)/1e7, 20.0, uint16(3), uint16(21), uint8(1), uint8(1), uint8(3)), false)
	m.v2(160, 78, le(float64(lat)/1e7, float64(lon)/1e7, uint8(1), uint8(1), uint8(2), uint8(4)), false)
	m.v2(175, 138, le(lat, lon, int16(80), int16(40), uint16(0), uint8(1), uint8(1), uint8(0), uint8(1), uint8(0)), false)
	m.v2(75, 158, le(0.0, 0.0, 0.0, 0.0, lat-90, lon, 0.0, uint16(195), uint8(1), uint8(1), uint8(0)), false)
	m.v2(76, 152, le(0.0, 0.0, 0.0, 0.0, float64(lat)/1e7, float64(lon)/1e7, 1184.5, uint16(179), uint8(1)), false)
	m.v2(76, 152, le(0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0, uint16(400), uint8(1)), false) // arming: no position
	m.v2(180, 52, le(uint64(0), e7(scrubtest.Lat, 1), e7(scrubtest.Lon, 2), 1234.5, 50.5, 0.0, -90.0, 12.5, 0.0, uint16(1)), false)
	m.v2(263, 133, le(uint64(0), uint32(0), e7(scrubtest.Lat, 1), e7(scrubtest.Lon, 2), int32(1234500), int32(50500), 1.0, 0.0, 0.0, 0.0, int32(2), uint8(1), int8(1), "http://192.168.42.1/"+scrubtest.Serial+".jpg", 205), false)
	m.v2(271, 22, le(uint32(0), e7(scrubtest.Lat, 1), e7(scrubtest.Lon, 2), int32(1234500), e7(scrubtest.Lat, 30), e7(scrubtest.Lon, 40), int32(0)), false)
	m.v2(246, 184, le(uint32(0x4519C0), e7(scrubtest.Lat, 3000), e7(scrubtest.Lon, 0), int32(3000000), uint16(0), uint16(0), int16(0), uint16(19), uint16(0), uint8(1), "FVCANARY", 9), false)
	m.v2(233, 35, le(uint8(0), uint8(4), "\xd3\x00\x13\x3e", 180), false)
	m.v2(7, 119, le(scrubtest.Person, 32), false)
	remoteID(&m, lat, lon)
	for i := 1; i < 6; i++ {
		m.v2(24, 24, gpsRaw(i, 3), i == 3)
		m.v2(33, 104, globalPosition(i), false)
		m.v2(65000, 77, []byte{1, 2, 3}, false) // a message nobody knows
	}
	m.v2(24, 24, gpsRaw(99, 1), false) // no fix any more
	return m.b
}

// remoteID appends every OPEN_DRONE_ID message.
func remoteID(m *mavlink, lat, lon int32) {
	none := []any{uint8(0), uint8(0), "", 20}
	with := func(values ...any) []byte { return le(append(none[:4:4], values...)...) }
	m.v2(12900, 114, with(uint8(1), uint8(2), scrubtest.Serial, 20), false)
	m.v2(12901, 254, le(e7(scrubtest.Lat, 1), e7(scrubtest.Lon, 2), 1234.0, 1250.0, 50.0, 10.0, uint16(0), uint16(0), int16(0)), false)
	m.v2(12902, 140, le(uint32(1), uint8(0), uint8(0), "", 20, uint8(1), uint8(0), uint8(0), uint8(4), "auth", 23), false)
	m.v2(12903, 249, with(uint8(0), scrubtest.Text, 23), false)
	m.v2(12904, 77, le(lat-500, lon-500, -1000.0, -1000.0, 1186.5, uint32(395000000), uint16(1), uint16(0)), false)
	m.v2(12905, 49, with(uint8(0), "FIN87astrdge12k8", 20), false)
	m.v2(12919, 7, le(lat-600, lon-600, -1000.0, uint32(395000001)), false)
	pack := "\x02\x12" + fixed(scrubtest.Serial, 23) +
		"\x12\x20\x00\x00\x00" + string(le(e7(scrubtest.Lat, 1), e7(scrubtest.Lon, 2), uint16(4500), uint16(4502), "", 8)) +
		"\x32\x00" + fixed("packed "+scrubtest.Text, 23) +
		"\x42\x04" + string(le(lat-700, lon-700, "", 8, uint16(4373), uint32(395000002), "", 1)) +
		"\x52\x00" + fixed("FIN87astrdge12k9", 23)
	m.v2(12915, 94, with(uint8(25), uint8(5), pack, 225), false)
}

func fixed(s string, n int) string { return string(le(s, n)) }

// mixedTlog has MAVLink 1 and 2, a ground station, a second vehicle and a restart.
func mixedTlog() []byte {
	m := mavlink{stamped: true, us: mavlinkStart | 3, sys: 255, comp: 190}
	m.v1(0, 50, heartbeat(6, 8))
	m.v1(33, 104, globalPosition(700)) // where the ground station stands
	m.sys, m.comp = 1, 1
	m.v1(0, 50, heartbeat(1, 3))
	m.v1(33, 104, le(uint32(100), int32(0), int32(0), int32(0), int32(0), int16(0), int16(0), int16(0), uint16(65535)))
	for i := range 8 {
		if i == 4 {
			m.us += 60e6
		}
		position := globalPosition(i + 20)
		if i >= 4 { // started again
			position = globalPosition(i - 4)
		}
		if m.sys = 1; i%2 == 0 {
			m.v1(33, 104, position)
		} else {
			m.v2(33, 104, position, false)
		}
		m.v1(74, 20, le(10.0, 9.5, 1234.0, 0.5, int16(45), uint16(50)))
		m.sys = 7
		if i > 5 {
			m.v1(33, 104, globalPosition(4000+i))
		}
		m.sys = 51
		m.v1(109, 185, make([]byte, 9))
	}
	m.sys = 255
	m.v2(144, 127, le(uint64(0), uint64(0), e7(scrubtest.Lat, 700), e7(scrubtest.Lon, 700), 1180.5, 0.0), false)
	return m.b
}

// plainRlog has no times but the vehicle's own.
func plainRlog() []byte {
	m := mavlink{sys: 1, comp: 1}
	m.v1(0, 50, heartbeat(2, 12))
	for i := range 6 {
		m.v1(33, 104, globalPosition(i+5))
		if i == 2 {
			m.v1(2, 137, le(uint64(mavlinkStart), uint32(6000)))
		}
	}
	return m.b
}

// nowhereTlog never has a fix.
func nowhereTlog() []byte {
	m := mavlink{stamped: true, us: mavlinkStart, sys: 1, comp: 1}
	for i := range 5 {
		m.v2(0, 50, heartbeat(12, 3), false)
		m.v2(24, 24, le(uint64(i), e7(scrubtest.Lat, 0), e7(scrubtest.Lon, 0), int32(0), uint16(65535), uint16(65535), uint16(65535), uint16(65535), uint8(0), uint8(255)), false)
		m.v2(33, 104, le(uint32(1000*i), int32(0), int32(0), int32(10), int32(10), int16(0), int16(0), int16(0), uint16(100)), false)
		m.v2(242, 104, le(int32(math.MaxInt32), int32(math.MaxInt32), int32(0)), false)
	}
	return m.b
}
