package djitxt

import (
	"bytes"

	"flightveil/internal/input"
)

const (
	windowLen   = 256 << 10
	maxRecord   = 3 + 65535 + 1
	highestType = 96 // of the types known, with room; asked only where in doubt
	tailLen     = 64 // version 11 and later: 4 to 22 bytes behind the last record
)

// imageMark introduces the pictures, or the bytes that end a file (section 4).
var imageMark = []byte{0x39, 0x30, 0, 0}

type event int

const (
	ended event = iota
	gotRecord
	gotPicture // a JPEG file
	gotImages  // a stretch behind imageMark that is no picture we know
	gotDamage
)

// A reader walks the records.
type reader struct {
	in   input.Input
	head int // of a record: type and length
	end  int64
	pos  int64
	err  error

	window []byte // read from at
	at     int64
	buf    []byte

	synced  bool     // a record ended at pos
	before  byte     // the one before pos, where bytes are skipped
	lengths [256]int // of the last record of each type
	skipped int64    // where unreadable bytes begin, or -1
	images  bool     // imageMark has been met
	noJPEG  int64    // no picture begins before

	// The last event's.
	off, size int64
	kind      byte
	payload   []byte
	why       string
}

func newReader(in input.Input, h *header) *reader {
	return &reader{in: in, head: h.headLen(), pos: h.records, end: h.end, synced: true, skipped: -1,
		buf: make([]byte, min(windowLen, max(h.end-h.records, 0)))}
}

// peek returns at least n bytes at off, or all up to the end.
func (r *reader) peek(off, n int64) []byte {
	if off >= r.end {
		return nil
	}
	n = min(n, r.end-off)
	if off < r.at || n > r.at+int64(len(r.window))-off {
		r.window = r.buf[:min(int64(len(r.buf)), r.end-off)]
		r.at = off
		if err := input.ReadFull(r.in, r.window, off); err != nil {
			r.err, r.end, r.window = err, off, nil
		}
	}
	if r.window == nil {
		return nil
	}
	return r.window[off-r.at:]
}

// recordAt returns the length of the record that b begins with.
func recordAt(b []byte, head int) (size int, ok bool) {
	if len(b) < head || b[0] == 0 {
		return 0, false
	}
	size = head + int(b[1])
	if head == 3 {
		size = head + int(le.Uint16(b[1:]))
	}
	if size >= len(b) {
		return size, false
	}
	return size + 1, b[size] == 0xFF
}

// next finds the next event.
func (r *reader) next() event {
	for {
		ahead := int64(maxRecord)
		if r.synced { // one record is enough
			ahead = 4
		}
		b := r.peek(r.pos, ahead)
		if len(b) == 0 {
			return r.settle(ended)
		}
		size, ok := recordAt(b, r.head)
		if !ok && size >= len(b) {
			b = r.peek(r.pos, int64(size)+1)
			size, ok = recordAt(b, r.head)
		}
		if !ok && r.synced && size == len(b) && size > r.head && r.pos+int64(size) == r.end {
			ok = true // a file that was cut may lack the last byte of its last record
		}
		if ok && b[0] == recOSD && !r.followed(int64(size)) {
			ok = false // bytes may be missing inside, and a position is not guessed
		}
		b = r.peek(r.pos, max(ahead, int64(size))) // the window may have moved
		if ok && (r.synced && !r.images || r.trusted(b)) {
			if r.skipped >= 0 {
				return r.settle(gotRecord)
			}
			r.off, r.size, r.kind = r.pos, int64(size), b[0]
			n := int(b[1])
			if r.head == 3 {
				n = int(le.Uint16(b[1:]))
			}
			r.payload = b[r.head : r.head+n]
			r.pos += int64(size)
			r.synced, r.lengths[r.kind] = true, size
			return gotRecord
		}
		if b[0] == 0xFF && r.pos >= r.noJPEG && bytes.HasPrefix(b, []byte{0xFF, 0xD8, 0xFF}) {
			if end, ok := r.pictureEnd(r.pos); ok {
				if r.skipped >= 0 {
					return r.settle(gotPicture)
				}
				r.off, r.size = r.pos, end-r.pos
				r.pos, r.synced, r.before = end, true, 0
				return gotPicture
			}
			continue // the window may have moved
		}
		if r.synced && r.skipped < 0 && bytes.HasPrefix(b, imageMark) {
			r.images = true
			r.pos += int64(len(imageMark))
			continue
		}
		if r.skipped < 0 {
			r.skipped = r.pos
		}
		r.synced, r.before = false, b[0]
		r.pos++
	}
}

// settle reports the bytes skipped before what comes next, if any.
func (r *reader) settle(next event) event {
	if r.skipped < 0 {
		return next
	}
	r.off, r.size = r.skipped, r.pos-r.skipped
	r.skipped, r.synced = -1, true
	switch {
	case !r.images:
		r.why = "no records"
		return gotDamage
	case next == ended && r.size <= tailLen:
		return ended
	}
	return gotImages
}

// followed reports whether the record of n bytes at pos ends where another
// begins, or what else may follow.
func (r *reader) followed(n int64) bool {
	if r.pos+n >= r.end {
		return true
	}
	rest := r.end - r.pos - n
	b := r.peek(r.pos, n+4)
	if int64(len(b)) <= n {
		return false
	}
	size, ok := recordAt(b[n:], r.head)
	if !ok && int64(size) >= int64(len(b))-n {
		if b = r.peek(r.pos, n+int64(size)+1); int64(len(b)) <= n {
			return false
		}
		size, ok = recordAt(b[n:], r.head)
	}
	b = b[n:]
	return ok || int64(size) >= rest && r.synced || bytes.HasPrefix(b, []byte{0xFF, 0xD8, 0xFF}) || bytes.HasPrefix(b, imageMark)
}

// chain is how many records in a row are believed where the walk is lost: a
// byte of 0xFF at the right place is not much evidence for one.
const chain = 3

// trusted reports whether b begins with records though none ended before it.
// Any two bytes may happen to lead to the end of a true record: so the first
// has to follow the end of one, or to be as long as the last of its type.
func (r *reader) trusted(b []byte) bool {
	for n := 0; n < chain; n++ {
		size, ok := recordAt(b, r.head)
		if n == 0 && r.before != 0xFF && r.lengths[b[0]] != size {
			return false
		}
		if !ok || b[0] > highestType {
			return n > 0 && (bytes.HasPrefix(b, []byte{0xFF, 0xD8, 0xFF}) || bytes.HasPrefix(b, imageMark))
		}
		if b = b[size:]; len(b) == 0 {
			return n > 0 && r.at+int64(len(r.window)) == r.end
		}
	}
	return true
}

// pictureEnd returns where the JPEG file at off ends. Its segments are walked,
// as a thumbnail inside has an end of its own.
func (r *reader) pictureEnd(off int64) (int64, bool) {
	start, coded := off, false
	for off += 2; ; {
		b := r.peek(off, 4)
		if coded {
			i := bytes.IndexByte(b, 0xFF)
			if i < 0 {
				i = len(b)
			}
			off += int64(i)
			b = b[i:]
			if len(b) < 2 && off+int64(len(b)) < r.end {
				b = r.peek(off, 4)
				if len(b) >= 2 {
					continue
				}
			}
		}
		if len(b) < 2 || b[0] != 0xFF {
			r.noJPEG = max(off, start+1)
			return 0, false
		}
		switch m := b[1]; {
		case m == 0xD9:
			return off + 2, true
		case coded && (m == 0 || m >= 0xD0 && m <= 0xD7), m == 0x01:
			off += 2
		case m == 0xFF:
			off++
		case len(b) < 4, m < 0xC0, m == 0xD8:
			r.noJPEG = max(off, start+1)
			return 0, false
		default:
			off += 2 + int64(b[2])<<8 + int64(b[3])
			coded = m == 0xDA
		}
	}
}
