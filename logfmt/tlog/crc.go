package tlog

import "encoding/binary"

// crcTable holds CRC-16/MCRF4XX (reflected polynomial 0x8408) of each byte,
// followed by 0 to 7 zero bytes: eight bytes are summed at once.
var crcTable = func() (t [8][256]uint16) {
	for i := range 256 {
		crc := uint16(i)
		for range 8 {
			crc = crc>>1 ^ 0x8408*(crc&1)
		}
		t[0][i] = crc
	}
	for i := range 256 {
		for k := 1; k < 8; k++ {
			t[k][i] = t[k-1][i]>>8 ^ t[0][t[k-1][i]&0xFF]
		}
	}
	return t
}()

// checksum returns the checksum of b and of the message's CRC_EXTRA after it.
func checksum(b []byte, extra byte) uint16 {
	crc, t := uint16(0xFFFF), &crcTable
	for len(b) >= 8 {
		v := binary.LittleEndian.Uint64(b) ^ uint64(crc)
		crc = t[7][byte(v)] ^ t[6][byte(v>>8)] ^ t[5][byte(v>>16)] ^ t[4][byte(v>>24)] ^
			t[3][byte(v>>32)] ^ t[2][byte(v>>40)] ^ t[1][byte(v>>48)] ^ t[0][byte(v>>56)]
		b = b[8:]
	}
	for _, c := range b {
		crc = crc>>8 ^ t[0][byte(crc)^c]
	}
	return crc>>8 ^ t[0][byte(crc)^extra]
}

// smallIDs bounds the ids that are looked up in an array.
const smallIDs = 512

var smallExtra = func() (t [smallIDs]uint16) {
	for _, e := range extras {
		if e.id < smallIDs {
			t[e.id] = uint16(e.extra) | 0x100
		}
	}
	return t
}()

var largeExtra = func() map[uint32]byte {
	t := map[uint32]byte{}
	for _, e := range extras {
		if e.id >= smallIDs {
			t[e.id] = e.extra
		}
	}
	return t
}()

// crcExtra returns the CRC_EXTRA of a message, and false if it is not known.
func crcExtra(id uint32) (byte, bool) {
	if id < smallIDs {
		e := smallExtra[id]
		return byte(e), e != 0
	}
	e, ok := largeExtra[id]
	return e, ok
}
