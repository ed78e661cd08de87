package nal

import (
	"bytes"
	"slices"
)

// Blank returns the bytes to put in place of m's Span, as many, without the
// fields for which gone is true. The payload is filled up with 0xFF, also
// where emulation prevention became superfluous. A message of which nothing
// stays becomes a filler payload.
func (m Message) Blank(gone func(Field) bool) []byte {
	size := int(m.Span.Len)
	if m.Type < 0 {
		return m.overwrite()
	}
	if slices.ContainsFunc(m.Fields, func(f Field) bool { return !gone(f) }) {
		if b := m.fit(m.Type, m.without(gone)); b != nil {
			return b
		}
	}
	kind := fillerPayload
	if m.zeros > 1 { // 3 behind zeros is emulation prevention
		kind = m.Type
	}
	b := m.fit(kind, nil)
	if b == nil && size > len(escaped) { // no length fits: one more byte by emulation prevention
		b = m.fit(kind, []byte(escaped))
	}
	if b == nil {
		return m.overwrite()
	}
	return b
}

// without returns the payload less the fields that are gone.
func (m Message) without(gone func(Field) bool) []byte {
	drop := make([]bool, len(m.payload))
	for _, f := range m.Fields {
		for _, s := range f.at {
			for i := s.Off; gone(f) && i < s.End(); i++ {
				drop[i] = true
			}
		}
	}
	var p []byte
	for i, v := range m.payload {
		if !drop[i] {
			p = append(p, v)
		}
	}
	recount(p)
	return p
}

// fit returns a message of type kind with payload p and as much padding as
// fills m's Span, or nil if no padding does.
func (m Message) fit(kind int, p []byte) []byte {
	code := func(pad int) []byte {
		b := message(kind, append(slices.Clip(p), fill(make([]byte, pad))...))
		clear(b[len(b)-min(m.tail, pad):])
		return escape(nil, b, m.zeros, m.next)
	}
	missing := int(m.Span.Len) - len(code(0))
	for pad := missing + 1; pad >= m.tail && pad >= missing-missing/255-1; pad-- { // an empty one may need a byte more, a long one a longer size
		if b := code(pad); len(b) == int(m.Span.Len) {
			return b
		}
	}
	return nil
}

// overwrite fills everything but the last bits of the unit.
func (m Message) overwrite() []byte {
	b := fill(make([]byte, m.Span.Len))
	if bytes.HasSuffix(m.payload, []byte{0x80}) && m.Type < 0 {
		b[len(b)-1] = 0x80
	}
	return b
}

func fill(b []byte) []byte {
	for i := range b {
		b[i] = blank
	}
	return b
}

// message returns a message: type and size count in bytes of 255, then the rest.
func message(kind int, payload []byte) []byte {
	var b []byte
	for _, n := range []int{kind, len(payload)} {
		for ; n >= 255; n -= 255 {
			b = append(b, 0xFF)
		}
		b = append(b, byte(n))
	}
	return append(b, payload...)
}
