package nal

import (
	"encoding/binary"
	"errors"

	"flightveil/internal/input"
)

// A Config is what a decoder configuration record says: how long the lengths
// before units are, and where in the record units of SEI lie.
type Config struct {
	LengthSize int
	SEI        []input.Span
}

var errConfig = errors.New("not a decoder configuration")

// ParseConfig reads the record in an avcC or hvcC box, or in the CodecPrivate
// of Matroska (ISO/IEC 14496-15, 5.3.3.1 and 8.3.3.1).
func (c Codec) ParseConfig(b []byte) (Config, error) {
	if c == H265 {
		return hevcConfig(b)
	}
	if len(b) < 7 || b[0] != 1 {
		return Config{}, errConfig
	}
	return Config{LengthSize: int(b[4]&3) + 1}, nil // parameter sets only
}

func hevcConfig(b []byte) (Config, error) {
	const fixed = 23
	if len(b) < fixed || b[0] > 1 { // early writers put version 0
		return Config{}, errConfig
	}
	cfg := Config{LengthSize: int(b[21]&3) + 1}
	off := fixed
	for range b[22] {
		if len(b)-off < 3 {
			return cfg, errConfig
		}
		units := int(binary.BigEndian.Uint16(b[off+1:]))
		off += 3
		for range units {
			if len(b)-off < 2 {
				return cfg, errConfig
			}
			n := int(binary.BigEndian.Uint16(b[off:]))
			if off += 2; n > len(b)-off {
				return cfg, errConfig
			}
			if n > 2 && H265.IsSEI(b[off]) {
				cfg.SEI = append(cfg.SEI, input.Span{Off: int64(off), Len: int64(n)})
			}
			off += n
		}
	}
	return cfg, nil
}
