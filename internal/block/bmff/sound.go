package bmff

import (
	"encoding/binary"

	"flightveil/internal/input"
)

// unit is how sound is measured where a sample is one instant: that many
// samples take that many bytes. Old QuickTime files give 1 as the size of such
// samples.
type unit struct {
	samples, bytes int64
	raw            bool // not compressed
}

// length returns the size of n samples of which the size table says that each
// has fixed bytes. Of raw sound the sample description counts, as for players,
// but if the table says more it is believed: too much is better kept than lost.
func (u unit) length(n, fixed int64) int64 {
	size := n * fixed
	switch {
	case u.samples == 0 || fixed > 1 && !u.raw:
		return size
	case fixed > 1:
		return max(size, n*u.bytes/u.samples)
	}
	return (n + u.samples - 1) / u.samples * u.bytes
}

// rawSound lists the formats of which a sample is one value per channel, with
// the bits of a value; 0 if the sample description says how many.
var rawSound = map[string]int64{
	"NONE": 0, "raw ": 0, "twos": 0, "sowt": 0, "lpcm": 0, "in24": 24, "in32": 32, "fl32": 32, "fl64": 64, "ulaw": 8, "alaw": 8, "ipcm": 0, "fpcm": 0,
}

// packedSound lists the formats of which a fixed number of samples share a
// packet: samples and bytes for each channel (QuickTime, sound media).
var packedSound = map[string]unit{"MAC3": {samples: 6, bytes: 2}, "MAC6": {samples: 6, bytes: 1}, "ima4": {samples: 64, bytes: 34}, "agsm": {samples: 160, bytes: 33}}

// soundUnit reads the sound sample description e (QuickTime, "Sound sample
// description", versions 0 to 2).
func soundUnit(in input.Input, e Box) (unit, error) {
	const v0, v1, v2 = 28, 44, 64 // bytes behind the header
	b, err := input.ReadRange(in, e.Body, min(e.Size(), v2), v2)
	if err != nil || len(b) < v0 {
		return unit{}, err
	}
	channels, bits := int64(binary.BigEndian.Uint16(b[16:])), int64(binary.BigEndian.Uint16(b[18:]))
	version := binary.BigEndian.Uint16(b[8:])
	if p, ok := packedSound[e.Type]; ok {
		return unit{samples: p.samples, bytes: p.bytes * max(channels, 1)}, nil
	}
	width, raw := rawSound[e.Type]
	switch {
	case version == 1 && len(b) >= v1:
		per, size := int64(binary.BigEndian.Uint32(b[28:])), int64(binary.BigEndian.Uint32(b[36:]))
		if per > 0 && size > 0 {
			return unit{per, size, raw}, nil
		}
	case version == 2 && len(b) >= v2:
		size, per := int64(binary.BigEndian.Uint32(b[56:])), int64(binary.BigEndian.Uint32(b[60:]))
		if per > 0 && size > 0 {
			return unit{per, size, raw}, nil
		}
	}
	if width == 0 {
		width = bits
	}
	if !raw || width == 0 || channels == 0 {
		return unit{}, nil
	}
	return unit{1, (width + 7) / 8 * channels, true}, nil
}
