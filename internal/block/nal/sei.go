package nal

import (
	"bytes"
	"fmt"

	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A Message is one SEI message (H.264 7.3.2.3.1).
type Message struct {
	Type int        // payloadType; -1 where a length leads out of the unit
	Span input.Span // its bytes in the unit, from its type to where the next begins
	// Fields are what the payload gives away or what of it must stay. A message
	// without fields, such as one about buffering, tells nothing.
	Fields []Field

	payload []byte // without emulation prevention
	zeros   int    // zero bytes before Span
	next    int    // the byte behind Span, -1 if none
	tail    int    // zero bytes at the end of Span that, with more behind, make a byte emulation prevention
}

// A Field is one value in a message.
type Field struct {
	Class privacy.Class
	Name  string // "MDPM/DateTimeOriginal", "x264"
	Value string
	Where *geo.Point   // of a latitude or longitude, if both are known
	Spans []input.Span // its bytes in the unit

	at []input.Span // its bytes in the payload
}

const (
	userDataRegistered   = 4   // H.264 D.1.6
	userDataUnregistered = 5   // H.264 D.1.7
	fillerPayload        = 3   // H.264 D.1.4
	timeCode             = 136 // H.265 D.2.27
	blank                = 0xFF
	escaped              = "\x00\x00\x01" // needs a byte of emulation prevention
)

// Messages returns the SEI messages of unit, which is a NAL unit without start
// code or length. What cannot be read as messages is one of Type -1.
func (c Codec) Messages(unit []byte) []Message {
	if len(unit) <= c.head() || !c.IsSEI(unit[0]) {
		return nil
	}
	b, at := unescape(unit)
	var out []Message
	for off := c.head(); off < len(b); {
		if trailing(b[off:]) {
			return out
		}
		m := Message{Type: -1, zeros: zerosBefore(unit, at[off])}
		start, kind, size, ok := messageHead(b, off)
		end := start + size
		if !ok || size > len(b)-start {
			start, end = off, len(b)-len(b[off:])+len(bytes.TrimRight(b[off:], "\x00"))
		} else {
			m.Type = kind
		}
		m.Span = input.Span{Off: int64(at[off]), Len: int64(at[end] - at[off])}
		m.payload, m.next = b[start:end], -1
		if end < len(b) {
			if m.next = int(b[end]); m.next == 0 {
				m.tail = min(zerosBefore(unit, at[end]), end-start)
			}
		}
		m.Fields = c.fields(m.Type, m.payload)
		for i, f := range m.Fields {
			for _, s := range f.at {
				from, to := at[start+int(s.Off)], at[start+int(s.End())-1]+1
				m.Fields[i].Spans = append(m.Fields[i].Spans, input.Span{Off: int64(from), Len: int64(to - from)})
			}
		}
		out = append(out, m)
		off = end
		if m.Type < 0 {
			return out
		}
	}
	return out
}

// trailing reports whether b is the end of a unit: a one bit, then zeros.
func trailing(b []byte) bool {
	return b[0] == 0x80 && len(bytes.Trim(b[1:], "\x00")) == 0 || len(bytes.Trim(b, "\x00")) == 0
}

func zerosBefore(unit []byte, off int) (n int) {
	for off > n && unit[off-n-1] == 0 {
		n++
	}
	return n
}

// messageHead reads type and size of the message at off in b.
func messageHead(b []byte, off int) (start, kind, size int, ok bool) {
	number := func() (v int, ok bool) {
		for ; off < len(b); off++ {
			if v += int(b[off]); b[off] != 0xFF {
				off++
				return v, true
			}
		}
		return 0, false
	}
	if kind, ok = number(); !ok {
		return 0, 0, 0, false
	}
	size, ok = number()
	return off, kind, size, ok
}

// fields returns what a payload holds.
func (c Codec) fields(kind int, payload []byte) []Field {
	if isBlank(kind, payload) {
		return nil
	}
	switch {
	case kind == userDataUnregistered:
		return unregistered(payload)
	case kind == userDataRegistered:
		return registered(payload)
	case kind == timeCode && c == H265:
		return whole(privacy.Time, "time_code", "", payload)
	case kind >= 0 && standard(kind):
		return nil
	}
	name := fmt.Sprintf("SEI %d", kind)
	if kind < 0 {
		name = "damaged SEI"
	}
	return whole(privacy.Unknown, name, "", payload)
}

// isBlank reports whether b is what Blank leaves of a payload.
func isBlank(kind int, b []byte) bool {
	if kind < 0 {
		b = bytes.TrimSuffix(b, []byte{0x80})
	}
	return len(bytes.Trim(bytes.TrimPrefix(b, []byte(escaped)), "\xff\x00")) == 0
}

// standard reports whether kind is one of the payload types that H.264, H.265
// and H.274 define and that describe coding and display only.
func standard(kind int) bool {
	return kind >= 0 && kind <= 56 && kind != userDataRegistered && kind != userDataUnregistered ||
		kind >= 128 && kind <= 181 && kind != timeCode || kind >= 200 && kind <= 210
}

func whole(c privacy.Class, name, value string, payload []byte) []Field {
	return part(c, name, value, 0, len(payload))
}

func part(c privacy.Class, name, value string, from, to int) []Field {
	return []Field{{Class: c, Name: name, Value: value, at: []input.Span{{Off: int64(from), Len: int64(to - from)}}}}
}
