package main

import (
	"encoding/binary"
	"math"

	"flightveil/exifscrub/scrubtest"
)

func semicircles(v float64) uint32 { return uint32(int32(math.Round(v / 180 * (1 << 31)))) }

// fitFixtures is an activity in both byte orders, with a compressed time.
func fitFixtures() map[string][]byte {
	one := func(o interface {
		binary.ByteOrder
		binary.AppendByteOrder
	}, arch byte) []byte {
		var b []byte
		def := func(local byte, global uint16, fields ...byte) {
			b = o.AppendUint16(append(b, 0x40|local, 0, arch), global)
			b = append(append(b, byte(len(fields)/3)), fields...)
		}
		def(0, 0, 3, 4, 0x8C, 8, 16, 7)
		b = append(o.AppendUint32(append(b, 0), 3141592653), "Invented 15\x00\x00\x00\x00\x00"...)
		def(1, 3, 0, 24, 7)
		b = append(append(append(b, 1), scrubtest.Person...), 0, 0)
		def(2, 20, 253, 4, 0x86, 0, 4, 0x85, 1, 4, 0x85, 2, 2, 0x84, 6, 2, 0x84)
		def(3, 20, 0, 4, 0x85, 1, 4, 0x85)
		const at = 1311136093
		point := func(lat, lon float64) {
			b = o.AppendUint32(o.AppendUint32(b, semicircles(lat)), semicircles(lon))
		}
		b = o.AppendUint32(append(b, 2), at)
		point(scrubtest.Lat, scrubtest.Lon)
		b = o.AppendUint16(o.AppendUint16(b, 8670), 3500)
		b = append(b, 0x80|3<<5|(at+3)&0x1F)
		point(scrubtest.Lat+1e-4, scrubtest.Lon)
		b = o.AppendUint32(append(b, 2), at+5)
		b = o.AppendUint32(o.AppendUint32(b, 0x7FFFFFFF), 0x7FFFFFFF)
		b = o.AppendUint16(o.AppendUint16(b, 0xFFFF), 0xFFFF)
		def(4, 18, 253, 4, 0x86, 3, 4, 0x85, 4, 4, 0x85)
		b = o.AppendUint32(append(b, 4), at+6)
		point(scrubtest.Lat, scrubtest.Lon)
		head := append([]byte{12, 0x20, 0, 0}, binary.LittleEndian.AppendUint32(nil, uint32(len(b)))...)
		return append(append(append(head, ".FIT"...), b...), 0, 0)
	}
	little, big := one(binary.LittleEndian, 0), one(binary.BigEndian, 1)
	return map[string][]byte{"little.fit": little, "chained.fit": append(append([]byte(nil), little...), big...), "damaged-cut.fit": little[:len(little)-30]}
}
