package main

import (
	"encoding/binary"
	"math"
	"slices"

	"flightveil/exifscrub/scrubtest"
)

// djiRecord builds a record of a DJI aircraft's own log.
func djiRecord(id uint16, tick uint32, payload []byte) []byte {
	o := binary.LittleEndian
	b := o.AppendUint16([]byte{0x55, byte(len(payload) + 12), 0, 0}, id)
	b = o.AppendUint32(b, tick)
	for _, c := range payload {
		b = append(b, c^byte(tick))
	}
	crc := uint16(0x3692)
	for _, c := range b {
		crc ^= uint16(c)
		for range 8 {
			low := crc & 1
			if crc >>= 1; low != 0 {
				crc ^= 0x8408
			}
		}
	}
	return o.AppendUint16(b, crc)
}

func djiHeader(v3 bool) []byte {
	b := make([]byte, 128)
	if v3 {
		b = make([]byte, 256)
		copy(b[242:], "DJI_LOG_V3")
	}
	copy(b[16:], "BUILD Jul 18 2031 12:00:00")
	return b
}

// djiTick is the clock i seconds after the beginning; it wraps after 3 s.
func djiTick(i int) uint32 { return uint32(int64(i)*4_500_000 - 3*4_500_000) }

func djiGPS(i int, day uint32) []byte {
	return djiRecord(2096, djiTick(i), wide(day, uint32(44753+i), e7(scrubtest.Lon, 2*i), e7(scrubtest.Lat, i), int32(1234567),
		float32(300), float32(400), float32(-50), float32(0.75), make([]byte, 28), uint16(14)))
}

func djiRadians(i, length int) []byte {
	rad := func(v float64) float64 { return v * math.Pi / 180 }
	b := wide(rad(scrubtest.Lon+float64(2*i)*90e-7), rad(scrubtest.Lat+float64(i)*90e-7), float32(1184.25))
	return append(b, make([]byte, length-len(b))...)
}

func djidatFixtures() map[string][]byte {
	tablet := append(make([]byte, 155), wide(scrubtest.Lon-50*90e-7, scrubtest.Lat-50*90e-7)...)
	v3 := djiHeader(true)
	v3 = append(v3, djiGPS(0, 0)...) // has no fix yet
	for i := 1; i <= 6; i++ {
		v3 = append(v3, djiGPS(i, 20310719)...)
		if i == 2 {
			v3 = append(v3, djiRecord(13, djiTick(i), djiRadians(-40, 24))...)
			v3 = append(v3, djiRecord(65280, djiTick(i), []byte("battery SN: "+scrubtest.Serial+"\r\n\x00"))...)
			v3 = append(v3, make([]byte, 40)...)
		}
		v3 = append(v3, djiRecord(2048, djiTick(i), djiRadians(i, 120))...)
	}
	v1 := djiHeader(false)
	for i := range 4 {
		v1 = append(v1, djiRecord(0x01CF, uint32(600*i), djiRadians(i, 132))...)
	}
	v1 = append(v1, djiRecord(0x0DC6, 2400, djiRadians(-40, 24))...)
	v1 = append(v1, djiRecord(0x2BC1, 2400, tablet)...)
	noise := slices.Concat(djiHeader(true), djiGPS(1, 20310719), []byte("U\x20 noise U"), djiGPS(2, 20310719))
	wrong := djiGPS(3, 20310719)
	wrong[20] ^= 1
	return map[string][]byte{
		"v3.dat": v3, "v1.dat": v1, "damaged-noise.dat": append(noise, wrong...), "damaged-cut.dat": v3[:len(v3)-60],
		"damaged-encrypted.dat": append([]byte("LOGH"), make([]byte, 300)...),
	}
}
