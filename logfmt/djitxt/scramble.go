package djitxt

import "math/bits"

// jones is the polynomial of the CRC that makes a record's key.
const jones = 0xAD93D23594C935A9

// A scrambler undoes the exclusive-or of section 4.
type scrambler struct{ table [256]uint64 }

func newScrambler() *scrambler {
	s := &scrambler{}
	for i := range s.table {
		c := uint64(i)
		for range 8 {
			low := c & 1
			c >>= 1
			if low == 1 {
				c ^= bits.Reverse64(jones)
			}
		}
		s.table[i] = c
	}
	return s
}

// key returns the key of a record, to be read little-endian.
func (s *scrambler) key(seed, kind byte) uint64 {
	crc := uint64(seed + kind)
	for m, i := 0x123456789ABCDEF0*uint64(seed), 0; i < 8; i++ {
		crc = s.table[byte(crc)^byte(m)] ^ crc>>8
		m >>= 8
	}
	return crc
}

// plain appends the data of payload to dst: what stands between the seed and
// the trailing byte.
func (s *scrambler) plain(dst, payload []byte, kind byte) []byte {
	if len(payload) < 2 {
		return dst
	}
	key, in := s.key(payload[0], kind), payload[1:len(payload)-1]
	for ; len(in) >= 8; in = in[8:] {
		dst = le.AppendUint64(dst, le.Uint64(in)^key)
	}
	for _, c := range in {
		dst = append(dst, c^byte(key))
		key >>= 8
	}
	return dst
}
