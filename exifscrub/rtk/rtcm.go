package rtk

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/block/window"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A message is 0xD3, six zero bits, a length of ten bits, that many bytes, and
// a check sum of 24 bits (RTCM 10403.3, section 4.2).
const (
	preamble = 0xD3
	overhead = 6
	headSize = 3
)

const (
	strayPath   = "RTCM/stray bytes"
	stationPath = "RTCM/station id"
	placePath   = "RTCM/station position"
	namesPath   = "RTCM/station names"
	otherPath   = "RTCM/other messages"
)

// isRTCM reports whether a file begins with messages: two, or one that is all.
func isRTCM(in exifscrub.Input, head []byte) bool {
	n := messageLen(head)
	if n == 0 || int64(n) == in.Size() {
		return n > 0
	}
	return messageLen(head[n:]) > 0 || len(head) < input.PrefixLen && n > 0 && len(bytes.Trim(head[n:], "\x00")) == 0
}

// messageLen returns the length of the message at the beginning of b, 0 if
// there is none.
func messageLen(b []byte) int {
	if len(b) < overhead+2 || b[0] != preamble || b[1]&0xFC != 0 {
		return 0
	}
	n := int(binary.BigEndian.Uint16(b[1:])) + overhead
	if n > len(b) || n < overhead+2 || crc24(b[:n-3]) != uint32(b[n-3])<<16|uint32(b[n-2])<<8|uint32(b[n-1]) {
		return 0
	}
	return n
}

// crc24 is the check sum CRC-24Q.
func crc24(b []byte) (crc uint32) {
	for _, c := range b {
		crc ^= uint32(c) << 16
		for range 8 {
			crc <<= 1
			if crc&1<<24 != 0 {
				crc ^= 0x1864CFB
			}
		}
	}
	return crc & 0xFFFFFF
}

// A frame is one message, changed as removals ask for.
type frame struct {
	off  int64
	b    []byte
	kind int
}

func readRTCM(ctx context.Context, in exifscrub.Input, do func(value) error) error {
	r := window.New(in)
	defer r.Free()
	var from int64 // of bytes that are no message
	stray := func(to int64) error {
		zero, err := r.Zeros(from, to)
		if err != nil || zero || from == to {
			return err
		}
		return do(value{class: privacy.Unknown, path: strayPath, span: input.Span{Off: from, Len: to - from}})
	}
	for pos := int64(0); pos < in.Size(); {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := r.Peek(pos, 1024+overhead)
		if err != nil {
			return fmt.Errorf("reading messages: %w", err)
		}
		n := messageLen(b)
		if n == 0 {
			skip := bytes.IndexByte(b[1:], preamble)
			if skip < 0 {
				skip = len(b) - 1
			}
			pos += int64(skip) + 1
			continue
		}
		f := &frame{off: pos, b: bytes.Clone(b[:n])}
		if err := stray(pos); err != nil {
			return err
		}
		if err := f.values(do); err != nil {
			return err
		}
		pos += int64(n)
		from = pos
	}
	return stray(in.Size())
}

func (f *frame) body() []byte { return f.b[headSize : len(f.b)-3] }

// values calls do for what the message says.
func (f *frame) values(do func(value) error) error {
	body := f.body()
	f.kind = int(bits(body, 0, 12))
	span := input.Span{Off: f.off, Len: int64(len(f.b))}
	say := func(class privacy.Class, path string, text []byte, where *geo.Point) error {
		return do(value{class: class, path: path, text: text, where: where, span: span, frame: f})
	}
	observation := f.kind >= 1071 && f.kind <= 1137 && f.kind%10 >= 1 && f.kind%10 <= 7 || f.kind >= 1001 && f.kind <= 1004 || f.kind >= 1009 && f.kind <= 1012
	station := observation || f.kind == 1230
	switch k := f.kind; {
	case observation:
		if err := say(privacy.Location, "RTCM/observations", nil, nil); err != nil {
			return err
		}
	case k == 1019 || k == 1020 || k >= 1041 && k <= 1046:
		return say(privacy.Location, "RTCM/ephemerides", nil, nil)
	case k == 1005 || k == 1006:
		station = true
		if len(body) < 19 {
			return say(privacy.Unknown, otherPath, nil, nil)
		}
		if len(bytes.Trim(body[4:], "\x00")) > 0 && f.hasPlace() {
			var xyz [3]float64
			for i, at := range placeBits {
				v := int64(bits(body, at, 38)) << 26 >> 26
				xyz[i] = float64(v) / 1e4
			}
			if err := say(privacy.Operator, placePath, nil, surface(xyz)); err != nil {
				return err
			}
		}
	case k == 1007 || k == 1008 || k == 1033 || k == 1029:
		station = true
		names := f.names()
		if names == nil {
			return f.other(say)
		}
		for _, s := range names {
			if text := bytes.TrimSpace(body[s[0]:s[1]]); len(text) > 0 {
				if err := say(privacy.Identity, namesPath, text, nil); err != nil {
					return err
				}
			}
		}
	case !station:
		return f.other(say)
	}
	if station && len(body) >= 3 && bits(body, 12, 12) != 0 {
		return say(privacy.Identity, stationPath, fmt.Appendf(nil, "%d", bits(body, 12, 12)), nil)
	}
	return nil
}

// other is a message that no rule names. Without what follows its number it
// says nothing.
func (f *frame) other(say func(privacy.Class, string, []byte, *geo.Point) error) error {
	body := f.body()
	if body[1]&0x0F == 0 && len(bytes.Trim(body[2:], "\x00")) == 0 {
		return nil
	}
	return say(privacy.Unknown, otherPath, nil, nil)
}

// placeBits is where X, Y and Z of messages 1005 and 1006 begin.
var placeBits = [3]int{34, 74, 114}

func (f *frame) hasPlace() bool {
	for _, at := range placeBits {
		if bits(f.body(), at, 38) != 0 {
			return true
		}
	}
	return f.kind == 1006 && len(f.body()) >= 21 && bits(f.body(), 152, 16) != 0
}

// names returns where the texts of a message lie in its body, nil if they are
// not where they should be.
func (f *frame) names() [][2]int {
	body := f.body()
	at, texts := 3, 1
	switch f.kind {
	case 1008:
		texts = 2
	case 1033:
		texts = 5
	case 1029:
		at = 8
	}
	var out [][2]int
	for i := range texts {
		if at >= len(body) || int(body[at]) > len(body)-at-1 {
			return nil
		}
		end := at + 1 + int(body[at])
		out = append(out, [2]int{at + 1, end})
		if at = end; i == 0 && f.kind != 1029 {
			at++ // the number of the set-up
		}
	}
	if at != len(body) {
		return nil
	}
	return out
}

// blank removes what path names.
func (f *frame) blank(path string) {
	body := f.body()
	switch path {
	case stationPath:
		setBits(body, 12, 12)
	case placePath:
		for _, at := range placeBits {
			setBits(body, at, 38)
		}
		if f.kind == 1006 && len(body) >= 21 {
			setBits(body, 152, 16)
		}
	case namesPath:
		for _, s := range f.names() {
			for i := s[0]; i < s[1]; i++ {
				body[i] = ' '
			}
		}
	case otherPath:
		setBits(body, 12, 8*len(body)-12)
	}
}

// sealed returns the message with its check sum mended.
func (f *frame) sealed() []byte {
	n := len(f.b) - 3
	crc := crc24(f.b[:n])
	f.b[n], f.b[n+1], f.b[n+2] = byte(crc>>16), byte(crc>>8), byte(crc)
	return f.b
}

// bits returns n bits of b from bit at; those behind its end are zero.
func bits(b []byte, at, n int) (v uint64) {
	for i := at; i < at+n; i++ {
		v <<= 1
		if i/8 < len(b) {
			v |= uint64(b[i/8]>>(7-i%8)) & 1
		}
	}
	return v
}

// setBits sets n bits of b from bit at to zero.
func setBits(b []byte, at, n int) {
	for i := at; i < at+n && i/8 < len(b); i++ {
		b[i/8] &^= 1 << (7 - i%8)
	}
}
