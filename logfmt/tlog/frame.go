package tlog

import (
	"encoding/binary"

	"flightveil/internal/input"
)

const (
	magic1    = 0xFE
	magic2    = 0xFD
	signature = 13      // bytes after the checksum of a signed frame
	stampLen  = 8       // the time before each frame of a tlog
	longest   = 8 + 280 // stamp, and a MAVLink 2 frame of 255 bytes payload with signature
	lookAhead = longest + stampLen + 1

	longDamage = 1 << 20

	earliest = 1104537600e6 // 2005-01-01, microseconds
	latest   = 4102444800e6 // 2100-01-01
)

// A frame is one MAVLink packet. Its payload is valid until the next one.
type frame struct {
	off        int64 // of the payload
	stamp      int64 // microseconds since 1970, 0 in a log without times
	id         uint32
	sys, comp  uint8
	version    uint8 // of MAVLink, 1 or 2
	payload    []byte
	total      int  // bytes, with stamp and signature
	recognised bool // its checksum was right; else only its structure fits
}

type event int

const (
	ended event = iota
	gotFrame
	gotDamage
)

// A reader finds the frames of a log. Whatever else lies between them is
// reported as damage.
type reader struct {
	in      input.Input
	stamped bool

	buf  []byte
	b    []byte // what of buf is filled
	base int64  // offset of b in the log
	i    int    // next byte in b
	err  error

	synced bool  // what ends at i was a frame
	bad    int64 // where damage began, -1 if there is none
	reason string

	frame         // the frame of gotFrame
	badLen  int64 // length of the damage of gotDamage, from badAt
	badAt   int64
	badWhat string
}

func newReader(in input.Input, stamped bool) *reader {
	return &reader{in: in, stamped: stamped, buf: make([]byte, min(256<<10, in.Size())), synced: true, bad: -1}
}

// next moves to the next frame or stretch of damage.
func (r *reader) next() event {
	for {
		if len(r.b)-r.i < lookAhead && r.base+int64(len(r.b)) < r.in.Size() && !r.fill() {
			return ended
		}
		if r.bad >= 0 && r.base+int64(r.i)-r.bad >= longDamage {
			return r.endDamage() // in pieces, so that a caller can stop
		}
		rest := r.b[r.i:]
		if len(rest) == 0 {
			if r.bad >= 0 {
				return r.endDamage()
			}
			return ended
		}
		switch r.parse(rest) {
		case whole:
			if r.bad >= 0 {
				return r.endDamage() // the frame is parsed again then
			}
			r.i += r.total
			r.synced = true
			return gotFrame
		case wrongSum:
			r.begin("a checksum is wrong")
			r.i += r.total
			r.synced = true
		case cut:
			r.begin("the log ends inside a message")
			r.i++
			r.synced = false
		default:
			r.begin("not a message")
			r.i++
			r.synced = false
			if !r.stamped {
				r.skipToMagic()
			}
		}
	}
}

// fill moves the buffer to the next byte. It returns false on an error.
func (r *reader) fill() bool {
	r.base += int64(r.i)
	r.i = 0
	r.b = r.buf[:min(int64(len(r.buf)), r.in.Size()-r.base)]
	if r.err = input.ReadFull(r.in, r.b, r.base); r.err != nil {
		r.b = nil
		return false
	}
	return true
}

func (r *reader) begin(reason string) {
	if r.bad < 0 {
		r.bad, r.reason = r.base+int64(r.i), reason
	}
}

func (r *reader) endDamage() event {
	r.badAt, r.badLen, r.badWhat = r.bad, r.base+int64(r.i)-r.bad, r.reason
	r.bad = -1
	return gotDamage
}

func (r *reader) skipToMagic() {
	for r.i < len(r.b) && r.b[r.i] != magic1 && r.b[r.i] != magic2 {
		r.i++
	}
}

type verdict int

const (
	nothing verdict = iota
	whole
	wrongSum
	cut
)

// parse looks for a frame at the beginning of b. A message that is not known
// has no checksum one could verify, and a wrong checksum may be that of an
// unknown dialect: either is believed to be a frame only between two others.
func (r *reader) parse(b []byte) verdict {
	p := b
	if r.stamped {
		if len(b) <= stampLen {
			return cut
		}
		stamp := binary.BigEndian.Uint64(b)
		if stamp < earliest || stamp > latest {
			return nothing
		}
		// pymavlink keeps the number of the link in the two lowest bits.
		r.stamp = int64(stamp &^ 3)
		p = b[stampLen:]
	}
	var head, n int
	switch {
	case p[0] == magic1 && len(p) >= 8:
		head, n = 6, 8+int(p[1])
		r.sys, r.comp, r.id, r.version = p[3], p[4], uint32(p[5]), 1
	case p[0] == magic2 && len(p) >= 12:
		if p[2]&^1 != 0 { // incompatible features: a reader must not guess
			return nothing
		}
		head, n = 10, 12+int(p[1])
		r.sys, r.comp, r.id, r.version = p[5], p[6], uint32(p[7])|uint32(p[8])<<8|uint32(p[9])<<16, 2
		if p[2]&1 != 0 {
			n += signature
		}
	case p[0] == magic1 || p[0] == magic2:
		return cut
	default:
		return nothing
	}
	if len(p) < n {
		return cut
	}
	size := int(p[1])
	r.payload = p[head : head+size]
	r.total = len(b) - len(p) + n
	r.off = r.base + int64(r.i) + int64(len(b)-len(p)+head)
	extra, known := crcExtra(r.id)
	sum := binary.LittleEndian.Uint16(p[head+size:])
	r.recognised = known && checksum(p[1:head+size], extra) == sum
	switch {
	case r.recognised && (r.stamped || r.synced || r.follows(p[n:])):
		return whole
	case !r.synced || !r.follows(p[n:]):
		return nothing
	case known:
		return wrongSum
	}
	return whole
}

// follows reports whether b, what follows a frame, looks like another one.
func (r *reader) follows(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	if r.stamped {
		if len(b) <= stampLen {
			return false
		}
		stamp := binary.BigEndian.Uint64(b)
		if stamp < earliest || stamp > latest {
			return false
		}
		b = b[stampLen:]
	}
	return b[0] == magic1 || b[0] == magic2
}
