package raf

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"flightveil/internal/input"
)

// picture checks that the embedded picture is a JPEG file with an end (ITU-T
// T.81 annex B). It keeps its size when it is cleaned: zeros behind half a
// picture would become part of it.
func (f *file) picture(p part) error {
	damaged := fmt.Errorf("the embedded picture is damaged or ends early: %w", input.ErrUnsupported)
	for at := p.Off + 2; at+2 <= p.End(); {
		b, err := input.ReadRange(f.in, at, min(4, p.End()-at), 4)
		if err != nil {
			return fmt.Errorf("reading the embedded picture: %w", err)
		}
		switch {
		case b[0] == 0xFF && b[1] == 0xD9: // EOI
			return nil
		case b[0] == 0xFF && b[1] == 0xFF: // fill byte
			at++
			continue
		case b[0] != 0xFF || b[1] < 0xC0 || b[1] >= 0xD0 && b[1] <= 0xD8 || len(b) < 4:
			return damaged
		}
		n := int64(binary.BigEndian.Uint16(b[2:]))
		if n < 2 || n > p.End()-at-2 {
			return damaged
		}
		at += 2 + n
		if b[1] == 0xDA { // SOS
			if at, err = f.nextMarker(at, p.End()); err != nil {
				return err
			}
		}
	}
	return damaged
}

// nextMarker returns where coded data that begins at at ends: before a marker
// that is no restart.
func (f *file) nextMarker(at, end int64) (int64, error) {
	var buf [32 << 10]byte
	for at < end {
		if err := f.ctx.Err(); err != nil {
			return 0, err
		}
		b := buf[:min(int64(len(buf)), end-at)]
		if err := input.ReadFull(f.in, b, at); err != nil {
			return 0, fmt.Errorf("reading the embedded picture: %w", err)
		}
		i := 0
		for i < len(b) {
			k := bytes.IndexByte(b[i:], 0xFF)
			if k < 0 {
				i = len(b)
				break
			}
			if i += k; i+1 == len(b) { // the next read begins with it
				break
			}
			if m := b[i+1]; m != 0 && m != 0xFF && (m < 0xD0 || m > 0xD7) {
				return at + int64(i), nil
			}
			i++
		}
		if i == 0 { // the last byte of the picture
			return end, nil
		}
		at += int64(i)
	}
	return end, nil
}
