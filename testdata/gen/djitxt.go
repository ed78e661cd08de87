package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"flightveil/exifscrub/scrubtest"
)

const djiStart = int64(1942202873000) // 2031-07-19 04:47:53 UTC, in milliseconds

// djiLog builds a flight record of a DJI app.
type djiLog struct {
	version byte
	b       []byte // the records
	seed    byte
	keys    map[byte]cipher.BlockMode // by feature point
	groups  [][]map[string]string     // the keychain service's answer
	about   *djiDetail                // of the flight; nil for the canaries
}

// djiKey is the key of a scrambled record, bit by bit.
func djiKey(seed, kind byte) (key [8]byte) {
	crc := uint64(seed + kind)
	for _, c := range binary.LittleEndian.AppendUint64(nil, 0x123456789ABCDEF0*uint64(seed)) {
		crc ^= uint64(c)
		for range 8 {
			low := crc & 1
			crc >>= 1
			if low == 1 {
				crc ^= 0x95AC9329AC4BC9B5
			}
		}
	}
	binary.LittleEndian.PutUint64(key[:], crc)
	return key
}

func djiScramble(seed, kind byte, body []byte) []byte {
	out, key := []byte{seed}, djiKey(seed, kind)
	for i, c := range body {
		out = append(out, c^key[i%8])
	}
	return append(out, 0x7A)
}

// djiFeatures is which key of versions 13 and 14 a record type needs.
var djiFeatures = map[byte][2]byte{
	1: {1, 1}, 2: {1, 1}, 13: {1, 1}, 14: {1, 1}, 15: {1, 1}, 40: {1, 1}, 5: {7, 7}, 9: {7, 7}, 10: {7, 7}, 24: {7, 7}, 17: {2, 2}, 18: {2, 2},
	3: {1, 10}, 4: {1, 11}, 11: {1, 11}, 7: {1, 13}, 22: {6, 13}, 25: {1, 12}, 34: {3, 3}, 52: {6, 14},
}

var djiNames = map[byte]string{1: "Base", 2: "Vision", 3: "Waypoint", 6: "AfterSales", 7: "DJIFlyCustom", 10: "Gimbal", 11: "RC", 12: "Camera", 13: "Battery", 14: "FlySafe"}

// group begins a new group of keys.
func (l *djiLog) group() {
	if len(l.groups) > 0 {
		l.add(50, []byte{1, 0, 0, 0})
	}
	l.groups, l.keys = append(l.groups, nil), map[byte]cipher.BlockMode{}
	for _, f := range []byte{1, 2, 3, 6, 7, 10, 11, 12, 13, 14} {
		key, iv := make([]byte, 32), make([]byte, 16)
		for i := range key {
			key[i] = byte(i)*7 + f*13 + l.version + byte(len(l.groups))*29
		}
		copy(iv, key[5:])
		block, err := aes.NewCipher(key)
		if err != nil {
			panic(err)
		}
		l.keys[f] = cipher.NewCBCEncrypter(block, iv)
		last, name := len(l.groups)-1, fmt.Sprintf("FR_Standardization_Feature_%s_%d", djiNames[f], f)
		l.groups[last] = append(l.groups[last], map[string]string{"featurePoint": name,
			"aesKey": base64.StdEncoding.EncodeToString(key), "aesIv": base64.StdEncoding.EncodeToString(iv)})
		l.add(56, append([]byte{f, 0, 16, 0}, bytes.Repeat([]byte{f, l.version}, 8)...))
	}
}

func (l *djiLog) answer() []byte {
	b, err := json.MarshalIndent(map[string]any{"result": map[string]any{"code": 0, "msg": "ok"}, "data": l.groups}, "", " ")
	if err != nil {
		panic(err)
	}
	return append(b, '\n')
}

// add appends a record.
func (l *djiLog) add(kind byte, body []byte) {
	if f, ok := djiFeatures[kind]; ok && l.version >= 13 {
		pad := 16 - len(body)%16
		body = append(bytes.Clone(body), bytes.Repeat([]byte{byte(pad)}, pad)...)
		l.keys[f[l.version-13]].CryptBlocks(body, body)
	}
	if l.version >= 7 {
		body = djiScramble(l.seed, kind, body)
		l.seed += 37
	}
	l.b = append(l.b, kind, byte(len(body)))
	if l.version >= 13 {
		l.b = append(l.b, byte(len(body)>>8))
	}
	l.b = append(append(l.b, body...), 0xFF)
}

func radians(degrees float64) uint64 { return math.Float64bits(degrees * math.Pi / 180) }

func djiPosition(i int) (lat, lon float64) {
	return scrubtest.Lat + float64(i)*9e-6, scrubtest.Lon + float64(i)*18e-6
}

func djiOSD(i int) []byte {
	lat, lon := djiPosition(i)
	b := le(radians(lon), radians(lat), int16(500+i), int16(30), int16(-40), int16(-5), int16(-12), int16(23), int16(-904), "", 6, uint8(14), "", 3, uint8(87), uint8(0), uint16(300+i), "", 6)
	return append(b, 1, 2, 3)
}

// djiMoment appends one position and what comes with it.
func (l *djiLog) moment(i int) {
	l.add(1, djiOSD(i))
	l.add(3, le(int16(-900+i), int16(5), int16(-10), uint8(0), "", 5))
	photo := uint8(0)
	if i == 3 {
		photo = 1
	}
	l.add(5, le(photo, uint8(0), 0.0, 0.0, djiStart+int64(100*i)))
	if l.version >= 8 {
		l.add(17, nil) // nothing but a seed and a trailing byte
	}
}

func (l *djiLog) serial() (string, int) {
	if l.version <= 6 {
		return scrubtest.Serial, 10
	}
	return scrubtest.Serial + "\x00\x00", 16
}

// rest appends one of every other record.
func (l *djiLog) rest() {
	lat, lon := djiPosition(-40)
	home := le(radians(lon), radians(lat), 12345.67, "", 10, uint16(4519), "", 20, scrubtest.Serial, 16, "", 6)
	if l.version <= 6 {
		home = home[:32]
	}
	l.add(2, home)
	l.add(2, home)
	l.add(11, le("\x04\x2f\x35\xef\x07\x07\x13", 7, int32(math.Round((lat-4e-4)*1e7)), int32(math.Round(lon*1e7)), "", 13, uint16(1)))
	l.add(14, le(math.Float64bits(lon), math.Float64bits(lat-5e-4), 3.5))
	serial, width := l.serial()
	l.add(13, le(uint8(77), uint8(6), "\x01\x02\x03", 3, "A"+serial, width, scrubtest.Person, 32, djiStart/1000, "C"+serial, width, "R"+serial, width, "B"+serial, width, uint8(0)))
	l.add(15, le("\x01\x00\x02\x03\x04\x05\x04\x00\x00\x01\x02\x03", 12))
	l.add(7, le(uint8(86), uint16(16000), uint16(2000), uint16(4000), uint8(90), uint16(31), uint32(0), int16(-900), "", 12, uint16(4519), uint16(0x46AF), "", 3))
	l.add(9, []byte("Taking Off\x00"))
	l.add(10, []byte(scrubtest.Text+"\x00"))
	l.add(24, []byte("High wind velocity.\x00"))
	if l.version >= 8 {
		l.add(18, []byte("Obstacle sensing is off.\x00"))
		l.add(22, le(uint8(1), uint8(0), uint32(2375), uint16(12), uint32(11550), uint16(0), uint16(4520), "", 25))
		l.add(22, le(uint8(2), uint8(0), int32(15000), int32(-900), uint32(2375), uint32(1900), int16(300), uint8(3), uint8(85)))
		l.add(34, le(radians(lon), radians(lat), "", 16))
		l.add(40, le(uint16(3), uint8(14), "K"+serial, 14))
		l.add(52, []byte("licence of "+scrubtest.Person))
		l.add(77, []byte("a type nobody knows"))
	}
}

// djiDetail is what the detail area says about a flight.
type djiDetail struct {
	place, county, country          string
	start                           int64 // milliseconds
	lat, lon                        float64
	photoLat, photoLon              float64
	altitude                        float64 // of the take-off point, tenths of a metre
	millis                          int32
	owner                           string
	aircraft, camera, remote, power string // serial numbers
}

func (l *djiLog) canaries() djiDetail {
	serial, width := l.serial()
	if l.version > 5 {
		serial = serial[:width-1]
	}
	return djiDetail{scrubtest.Place, "Quillon County", "South Pacific", djiStart, scrubtest.Lat, scrubtest.Lon, scrubtest.Lat, scrubtest.Lon, 11845.67, 62500,
		scrubtest.Person + "\x00FL", "A" + serial, "C" + serial, "R" + serial, "B" + serial}
}

// area returns the detail area.
func (d djiDetail) area(version byte) []byte {
	b := le(d.place, 20, "Map Loading", 20, d.county, 20, d.country, 20, "\x00\x01\x00", 3, int32(6), int32(12345), d.start,
		math.Float64bits(d.lon), math.Float64bits(d.lat), 321.5, d.millis, 50.5, 5.0, 1.5, int32(1), int64(3), "", 32,
		radians(d.photoLon), "", 24, radians(d.photoLat), "", 24, int64(0), "md5ofZephyrineQF", 16)
	if version <= 5 {
		b = append(b, le(d.aircraft, 10, uint8(3), d.owner, 32, d.start/1000-86400, d.camera, 10, d.remote, 10, d.power, 10, "\x01\x02\x03\x04", 4, d.altitude)...)
	} else {
		b = append(b, le(d.altitude, uint8(77), d.start-86400000, d.owner, 32, d.aircraft, 16, d.camera, 16, d.remote, 16, d.power, 16, "\x06\x01\x0c\x08", 4)...)
	}
	size := 400
	if version >= 12 {
		size = 436
	}
	return append(b, make([]byte, size-len(b))...)
}

// file puts prefix, records and detail area together. tail stands behind the
// records.
func (l *djiLog) file(tail []byte) []byte {
	told := l.canaries()
	if l.about != nil {
		told = *l.about
	}
	detail := told.area(l.version)
	prefix := func(off int) []byte {
		b := le(uint64(off), uint16(len(detail)), l.version, uint8(0))
		if l.version >= 6 {
			b = append(b, make([]byte, 88)...)
		}
		return b
	}
	records := append(bytes.Clone(l.b), tail...)
	switch {
	case l.version < 12:
		first := prefix(0)
		return bytes.Join([][]byte{prefix(len(first) + len(records)), records, detail}, nil)
	case l.version == 12:
		return bytes.Join([][]byte{prefix(0), detail, records}, nil)
	}
	info := le(uint8(0), uint16(len(detail)), string(detail), len(detail), uint16(256), strings.Repeat("signature ", 26), 256)
	info = djiScramble(0x51, 0, info)
	blocks := append(le(uint8(0), uint16(len(info))), info...)
	blocks = append(blocks, le(uint8(1), uint16(4), uint16(4), uint8(3), uint8(0))...)
	return bytes.Join([][]byte{prefix(100 + len(blocks)), blocks, records}, nil)
}

// djiPicture is a JPEG file as far as its segments, with another inside.
func djiPicture() []byte {
	inner := []byte("\xff\xd8\xff\xda\x00\x02inner\xff\xd9")
	b := append([]byte("\xff\xd8\xff\xe1\x00"), byte(2+len(inner)))
	return append(append(b, inner...), "\xff\xda\x00\x04\x01\x02coded\xff\x00data\xff\xd0\xff\xd9"...)
}

func djiFlight(version byte) *djiLog {
	l := &djiLog{version: version, seed: version}
	if version >= 13 {
		l.group()
	}
	for i := range 3 {
		l.moment(i)
	}
	l.rest()
	nowhere := djiOSD(2)
	copy(nowhere, make([]byte, 16))
	l.add(1, nowhere)
	if version >= 14 { // the app was started again
		l.group()
	}
	for i := 3; i < 6; i++ {
		l.moment(i)
	}
	return l
}

var djiTail = []byte("\x39\x30\x00\x00\x02\x03\x00\x01\x01\xad\x02\x03\x00\x01\x01\xad\x02\x03\x00\x01\x01\xad")

func djitxtFixtures() map[string][]byte {
	out := map[string][]byte{}
	for _, v := range []byte{1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14} {
		l, tail := djiFlight(v), []byte(nil)
		if v < 11 {
			tail = append(djiPicture(), djiPicture()...)
		} else {
			tail = djiTail
		}
		out[fmt.Sprintf("v%02d.txt", v)] = l.file(tail)
		if v >= 13 {
			out[fmt.Sprintf("v%02d.key", v)] = l.answer()
		}
	}
	l := djiFlight(10)
	died := l.file(nil)
	died = died[:len(died)-400]
	clear(died[:8])
	out["died.txt"] = died
	out["damaged-detail.txt"] = out["v09.txt"][:len(out["v09.txt"])-300]
	shifted := out["v10.txt"] // some records are missing, and the prefix points behind the detail area
	out["damaged-shifted.txt"] = append(bytes.Clone(shifted[:300]), shifted[700:]...)
	blocks := bytes.Clone(out["v14.txt"])
	blocks[100] ^= 0x40
	out["damaged-blocks.txt"] = blocks

	l = djiFlight(11)
	out["pictures.txt"] = l.file(append(append(append([]byte("\x39\x30\x00\x00"), bytes.Repeat([]byte{0, 7, 0xFF}, 40)...), djiPicture()...), djiTail...))

	l = djiFlight(8)
	before := l.b
	l.b = nil
	l.moment(6)
	after := l.b
	l.b = append(append(bytes.Clone(before), "\x01\x10 lost bytes \x00\x05\xff"...), after...)
	out["damaged-middle.txt"] = l.file(nil)

	l = djiFlight(14) // a position is missing: the next must not be made up
	n := len(l.b)
	l.moment(6)
	lost := len(l.b)
	l.moment(7)
	l.moment(8)
	l.b = append(append(append([]byte{}, l.b[:n]...), "\x01\x02 gone"...), l.b[lost:]...)
	out["damaged-chain.txt"] = l.file(djiTail)
	return out
}
