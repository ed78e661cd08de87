package djidat

import (
	"bytes"
	"encoding/binary"

	"flightveil/internal/block/window"
)

var le = binary.LittleEndian

// A record is 0x55, its length, 0, a checksum of these, its id, the clock, the
// payload, and a checksum of all.
const (
	mark      = 0x55
	headLen   = 10
	minRecord = headLen + 2
	maxRecord = 255
	searchLen = 4096 // what is looked through at once for a record
)

type event int

const (
	gotRecord event = iota
	gotDamage
	ended
)

// A reader yields the records of a log.
type reader struct {
	win *window.Reader
	pos int64

	id      uint16
	ticks   int64 // of the clock since the first record
	off     int64 // where the payload lies
	payload []byte
	buf     [maxRecord]byte

	last    uint32
	running bool

	badAt, badLen int64
}

// next reads a record, or passes over what is none. Zeros between records are
// padding.
func (r *reader) next() (event, error) {
	if err := r.skipZeros(); err != nil || r.pos >= r.win.Size() {
		return ended, err
	}
	pos := r.pos
	b, err := r.record(pos)
	if err != nil {
		return ended, err
	}
	if b != nil {
		r.take(b)
		return gotRecord, nil
	}
	r.badAt = pos
	if r.pos, err = r.resync(pos + 1); err != nil {
		return ended, err
	}
	r.badLen = r.pos - r.badAt
	return gotDamage, nil
}

func (r *reader) skipZeros() error {
	for {
		b, err := r.win.Peek(r.pos, maxRecord)
		if err != nil || len(b) == 0 {
			return err
		}
		n := 0
		for n < len(b) && b[n] == 0 {
			n++
		}
		if r.pos += int64(n); n < len(b) {
			return nil
		}
	}
}

// record returns the record at pos, nil if there is none.
func (r *reader) record(pos int64) ([]byte, error) {
	b, err := r.win.Peek(pos, maxRecord)
	if err != nil || len(b) < minRecord || b[0] != mark || b[2] != 0 {
		return nil, err
	}
	n := int(b[1])
	if n < minRecord || n > len(b) || checksum(b[:n-2]) != le.Uint16(b[n-2:]) {
		return nil, nil
	}
	return b[:n], nil
}

// take decodes the head of the record b and the payload, which is scrambled
// with the lowest byte of the clock.
func (r *reader) take(b []byte) {
	tick := le.Uint32(b[6:])
	if r.running {
		r.ticks += int64(int32(tick - r.last)) // the clock wraps, and records may be out of order
	}
	r.last, r.running = tick, true
	r.id, r.off = le.Uint16(b[4:]), r.pos+headLen
	r.payload = r.buf[:copy(r.buf[:], b[headLen:len(b)-2])]
	for i := range r.payload {
		r.payload[i] ^= byte(tick)
	}
	r.pos += int64(len(b))
}

// resync returns where the next record begins at or behind pos, or the end.
func (r *reader) resync(pos int64) (int64, error) {
	for pos < r.win.Size() {
		b, err := r.win.Peek(pos, searchLen)
		if err != nil {
			return pos, err
		}
		i := bytes.IndexByte(b, mark)
		if i < 0 {
			pos += int64(len(b))
			continue
		}
		pos += int64(i)
		found, err := r.record(pos)
		if err != nil || found != nil {
			return pos, err
		}
		pos++
	}
	return pos, nil
}

// checksum is a CRC-16 with the reflected polynomial 0x8408 that begins with
// 0x3692.
func checksum(b []byte) uint16 {
	crc := uint16(0x3692)
	for _, c := range b {
		crc = crc>>8 ^ table[byte(crc)^c]
	}
	return crc
}

var table = func() (t [256]uint16) {
	for i := range t {
		v := uint16(i)
		for range 8 {
			v = v>>1 ^ 0x8408*(v&1)
		}
		t[i] = v
	}
	return t
}()
