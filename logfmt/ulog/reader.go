package ulog

import (
	"encoding/binary"
	"fmt"

	"flightveil/internal/input"
)

var le = binary.LittleEndian

type event int

const (
	ended event = iota
	gotData
	gotText
	gotInfo
	gotParameter
	gotDamage
)

const (
	longestMessage = 3 + 1<<16
	longDamage     = 1 << 20 // damage is reported in pieces, so that a caller can stop
	maxFormats     = 2048
	maxFields      = 1024 // of one format
	maxTopics      = 4096
)

// A reader finds the messages of a log.
type reader struct {
	in   input.Input
	buf  []byte
	b    []byte // what of buf is filled
	base int64  // offset of b in the log
	i    int    // next byte in b
	err  error

	formats    map[string]*format
	unsized    []*format // of which a part is not known yet
	topics     []*topic  // by message id
	topicCount int
	appended   []int64 // where further streams of messages begin, ascending
	first      bool    // the next message is the first
	lost       bool    // what ends at i was no message

	kind  byte
	off   int64  // of the payload
	data  []byte // payload; of data behind its message id
	topic *topic

	bad     int64 // where damage began, -1 if there is none
	badAt   int64
	badLen  int64
	badWhat string
	reason  string
}

func newReader(in input.Input) *reader {
	return &reader{in: in, buf: make([]byte, min(256<<10, in.Size())), base: headerLen, formats: map[string]*format{}, first: true, bad: -1}
}

// known reports whether kind is a type of message of the specification.
func known(kind byte) bool {
	switch kind {
	case 'B', 'F', 'I', 'M', 'P', 'Q', 'A', 'R', 'D', 'L', 'C', 'S', 'O':
		return true
	}
	return false
}

// next moves to the next message someone reads, or to damage.
func (r *reader) next() event {
	for {
		if len(r.b)-r.i < 2*longestMessage && !r.fill() {
			return ended
		}
		if r.bad >= 0 && r.at()-r.bad >= longDamage {
			return r.endDamage()
		}
		rest := r.b[r.i:]
		if len(rest) == 0 {
			if r.bad >= 0 {
				return r.endDamage()
			}
			return ended
		}
		n, cutOff := r.whole(rest)
		if n == 0 || r.lost && !r.chain(rest, n) {
			if cutOff { // a stream was appended in the middle of a message
				r.i = int(r.appended[0] - r.base)
				continue
			}
			r.damaged(rest, n)
			continue
		}
		if r.bad >= 0 {
			return r.endDamage() // the message is read again then
		}
		r.lost = false
		r.kind, r.off, r.data = rest[2], r.at()+3, rest[3:n]
		r.i += n
		e := r.read()
		r.first = false
		if r.err != nil || e != ended {
			return e
		}
	}
}

// at returns the offset of the next byte.
func (r *reader) at() int64 { return r.base + int64(r.i) }

// fill moves the buffer to the next byte. It returns false on an error.
func (r *reader) fill() bool {
	if r.b != nil && r.base+int64(len(r.b)) >= r.in.Size() {
		return true
	}
	r.base += int64(r.i)
	r.i = 0
	r.b = r.buf[:min(int64(len(r.buf)), r.in.Size()-r.base)]
	if r.err = input.ReadFull(r.in, r.b, r.base); r.err != nil {
		r.b = nil
		return false
	}
	return true
}

// whole returns the length of the message at the beginning of b, 0 if there is
// none, and whether an appended stream cuts it off.
func (r *reader) whole(b []byte) (n int, cutOff bool) {
	for len(r.appended) > 0 && r.appended[0] <= r.at() {
		r.appended = r.appended[1:]
	}
	end := int64(len(b))
	if len(r.appended) > 0 {
		end = min(end, r.appended[0]-r.at())
	}
	if end < 3 {
		return 0, end < int64(len(b))
	}
	n = 3 + int(le.Uint16(b))
	if int64(n) > end {
		return 0, end < int64(len(b)) && known(b[2])
	}
	if !known(b[2]) || b[2] == 'D' && !r.fits(b[3:n]) || int64(n) < end && !follows(b[n:]) {
		return 0, false
	}
	return n, false
}

// follows reports whether b looks like the beginning of a message.
func follows(b []byte) bool { return len(b) < 3 || known(b[2]) }

// fits reports whether the payload of a data message has the length of its
// topic: a wrong one would put other bytes where a position is.
func (r *reader) fits(b []byte) bool {
	if len(b) < 2 {
		return false
	}
	t := r.topicOf(le.Uint16(b))
	return t == nil || t.size == 0 || len(b)-2 >= t.least && len(b)-2 <= t.size
}

// chain reports whether the message of n bytes at the beginning of b is
// followed by others, or is a synchronisation mark: needed to believe in one
// where the one before was damaged.
func (r *reader) chain(b []byte, n int) bool {
	if b[2] == 'S' && n == 3+len(syncMark) && string(b[3:n]) == syncMark {
		return true
	}
	for range 3 {
		if b = b[n:]; len(b) < 3 {
			return len(b) == 0
		}
		n = 3 + int(le.Uint16(b))
		if !known(b[2]) || n > len(b) || b[2] == 'D' && !r.fits(b[3:n]) {
			return false
		}
	}
	return true
}

const syncMark = "\x2f\x73\x13\x20\x25\x0c\xbb\x12"

// damaged passes over a byte that begins no message.
func (r *reader) damaged(rest []byte, _ int) {
	if r.bad < 0 {
		r.bad, r.reason = r.at(), "not a message"
		if len(rest) < 3 || known(rest[2]) && 3+int64(le.Uint16(rest)) > r.in.Size()-r.at() {
			r.reason = "the log ends inside a message"
		}
	}
	r.lost = true
	r.i++
}

func (r *reader) endDamage() event {
	r.badAt, r.badLen, r.badWhat = r.bad, r.at()-r.bad, r.reason
	r.bad = -1
	return gotDamage
}

// read takes in the message. It returns ended if nobody reads it.
func (r *reader) read() event {
	b := r.data
	switch r.kind {
	case 'B':
		if r.first {
			r.flags(b)
		}
	case 'F':
		r.define(b)
	case 'A':
		r.subscribe(b)
	case 'D':
		if t := r.topicOf(le.Uint16(b)); t != nil && t.handler != nil && t.size > 0 {
			r.topic, r.data, r.off = t, b[2:], r.off+2
			return gotData
		}
	case 'L', 'C':
		return gotText
	case 'I', 'M':
		return gotInfo
	case 'P':
		return gotParameter
	}
	return ended
}

// flags reads the flag bits: one that is not known means that old readers must
// not guess.
func (r *reader) flags(b []byte) {
	if len(b) < 40 {
		return
	}
	if b[8]&^1 != 0 || string(b[9:16]) != "\x00\x00\x00\x00\x00\x00\x00" {
		r.err = fmt.Errorf("the log uses features of a later version: %w", input.ErrUnsupported)
		return
	}
	if b[8]&1 == 0 {
		return
	}
	for i := range 3 {
		at := le.Uint64(b[16+8*i:])
		if at > uint64(r.at()) && at < uint64(r.in.Size()) && (len(r.appended) == 0 || int64(at) > r.appended[len(r.appended)-1]) {
			r.appended = append(r.appended, int64(at))
		}
	}
}
