package mts

import (
	"encoding/binary"
	"slices"
)

// A program is what its map says (section 2.4.4.8).
type program struct {
	hdmv    bool // Blu-ray and AVCHD, which number streams their own way
	pcr     int
	streams []elementary
	odd     bool // there are descriptors that are not known to be technical
}

// An elementary stream of a program.
type elementary struct {
	kind byte // stream_type, table 2-34
	pid  int
	ids  []string // of registration descriptors
	tags []byte   // of all descriptors
}

// technical are the tags of descriptors that tell a decoder something (table
// 2-45, EN 300 468 table 12, and those of ATSC and Blu-ray).
var technical = []byte{
	0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0E, 0x0F, 0x10, 0x11, 0x12, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F, 0x25, 0x26, 0x27, 0x28,
	0x2A, 0x2B, 0x2C, 0x2F, 0x30, 0x32, 0x35, 0x37, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3F, 0x45, 0x46, 0x51, 0x52, 0x56, 0x59, 0x63, 0x65, 0x66, 0x6A, 0x6F, 0x7A,
	0x7B, 0x7C, 0x7F, 0x81, 0x86, 0x88, 0xA1, 0xB0, 0xCC,
}

// sections calls f for each complete section that begins and ends in payload,
// with its offset there (section 2.4.4.1).
func sections(payload []byte, f func(off int, s []byte)) {
	if len(payload) == 0 {
		return
	}
	for off := 1 + int(payload[0]); off+3 <= len(payload) && payload[off] != 0xFF; {
		n := 3 + int(binary.BigEndian.Uint16(payload[off+1:])&0xFFF)
		if n > len(payload)-off {
			return
		}
		f(off, payload[off:off+n])
		off += n
	}
}

// patPIDs returns the program maps that a section of the association table
// names (section 2.4.4.3).
func patPIDs(s []byte) (pids []int) {
	if len(s) < 12 || s[0] != 0 {
		return nil
	}
	for b := s[8 : len(s)-4]; len(b) >= 4; b = b[4:] {
		if binary.BigEndian.Uint16(b) != 0 {
			pids = append(pids, int(binary.BigEndian.Uint16(b[2:])&0x1FFF))
		}
	}
	return pids
}

// descriptors calls f for each descriptor in b and reports whether they fit.
func descriptors(b []byte, f func(tag byte, data []byte)) bool {
	for len(b) >= 2 {
		n := 2 + int(b[1])
		if n > len(b) {
			return false
		}
		f(b[0], b[2:n])
		b = b[n:]
	}
	return len(b) == 0
}

// selectionPID carries the selection information that AVCHD writes in place of
// service information (EN 300 468, section 7).
const selectionPID = 0x1F

// harmless reports whether payload is selection information of which every
// descriptor is technical.
func harmless(payload []byte) bool {
	ok, any := true, false
	check := func(b []byte) {
		ok = descriptors(b, func(tag byte, _ []byte) { ok = ok && slices.Contains(technical, tag) }) && ok
	}
	sections(payload, func(off int, s []byte) {
		any = true
		if len(s) < 14 || s[0] != 0x7F {
			ok = false
			return
		}
		end, off2 := len(s)-4, 10
		n := int(binary.BigEndian.Uint16(s[8:]) & 0xFFF)
		for ok && n <= end-off2 {
			check(s[off2 : off2+n])
			if off2 += n; end-off2 < 4 {
				ok = ok && end == off2 && blank(payload[off+len(s):])
				return
			}
			n = int(binary.BigEndian.Uint16(s[off2+2:]) & 0xFFF)
			off2 += 4
		}
		ok = false
	})
	return ok && any
}

// parsePMT reads a program map.
func parsePMT(s []byte) (p program, ok bool) {
	if len(s) < 16 || s[0] != 2 {
		return p, false
	}
	p.pcr = int(binary.BigEndian.Uint16(s[8:]) & 0x1FFF)
	info := int(binary.BigEndian.Uint16(s[10:]) & 0xFFF)
	end := len(s) - 4
	if 12+info > end {
		return p, false
	}
	note := func(tag byte) { p.odd = p.odd || !slices.Contains(technical, tag) }
	ok = descriptors(s[12:12+info], func(tag byte, data []byte) {
		p.hdmv = p.hdmv || tag == 5 && string(data[:min(4, len(data))]) == "HDMV"
		note(tag)
	})
	for off := 12 + info; ok && off < end; {
		if end-off < 5 {
			return p, false
		}
		e := elementary{kind: s[off], pid: int(binary.BigEndian.Uint16(s[off+1:]) & 0x1FFF)}
		n := int(binary.BigEndian.Uint16(s[off+3:]) & 0xFFF)
		if off += 5; n > end-off {
			return p, false
		}
		ok = descriptors(s[off:off+n], func(tag byte, data []byte) {
			e.tags = append(e.tags, tag)
			if tag == 5 && len(data) >= 4 {
				e.ids = append(e.ids, string(data[:4]))
			}
			note(tag)
		})
		p.streams = append(p.streams, e)
		off += n
	}
	return p, ok
}

// rewritePMT returns the section s, which parsePMT could read, without the
// streams for which gone is true and without odd descriptors if odd is set;
// what is saved is filled with 0xFF.
func rewritePMT(s []byte, gone func(pid int) bool, odd bool) []byte {
	keep := func(b []byte) (out []byte) {
		descriptors(b, func(tag byte, data []byte) {
			if !odd || slices.Contains(technical, tag) {
				out = append(append(out, tag, byte(len(data))), data...)
			}
		})
		return out
	}
	length := func(old []byte, n int) []byte {
		return binary.BigEndian.AppendUint16(nil, binary.BigEndian.Uint16(old)&0xF000|uint16(n))
	}
	info := int(binary.BigEndian.Uint16(s[10:]) & 0xFFF)
	d := keep(s[12 : 12+info])
	out := append(slices.Clone(s[:10]), length(s[10:], len(d))...)
	out = append(out, d...)
	for off := 12 + info; off < len(s)-4; {
		n := int(binary.BigEndian.Uint16(s[off+3:]) & 0xFFF)
		if !gone(int(binary.BigEndian.Uint16(s[off+1:]) & 0x1FFF)) {
			d := keep(s[off+5 : off+5+n])
			out = append(append(append(out, s[off:off+3]...), length(s[off+3:], len(d))...), d...)
		}
		off += 5 + n
	}
	copy(out[1:], length(s[1:], len(out)+4-3))
	out = binary.BigEndian.AppendUint32(out, crc(out))
	for len(out) < len(s) {
		out = append(out, 0xFF)
	}
	return out
}

// crc is the checksum of sections (annex A).
func crc(b []byte) uint32 {
	sum := ^uint32(0)
	for _, v := range b {
		sum ^= uint32(v) << 24
		for range 8 {
			if sum&0x80000000 != 0 {
				sum = sum<<1 ^ 0x04C11DB7
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}
