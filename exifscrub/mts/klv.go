package mts

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// klvKey begins a UAS datalink local set (MISB ST 0601, section 6).
const klvKey = "\x06\x0e\x2b\x34\x02\x0b\x01\x01\x0e\x01\x03\x01\x01\x00\x00\x00"

// klv is what the local sets of a stream tell, counted.
type klv struct {
	sets, positions, centres, times int
	first, last, centre             geo.Point
	from, to                        time.Time
	names                           map[byte]string // mission, tail number, platform, call sign
}

// Tags of the local set (ST 0601, table 1).
var klvNames = map[byte]string{3: "MissionID", 4: "PlatformTailNumber", 10: "PlatformDesignation", 59: "PlatformCallSign", 106: "StreamDesignator", 107: "OperationalBase"}

// add reads the local sets in the data of a PES packet.
func (k *klv) add(b []byte) {
	for {
		i := bytes.Index(b, []byte(klvKey))
		if i < 0 {
			return
		}
		b = b[i+len(klvKey):]
		n, used := berLength(b)
		if used == 0 {
			return
		}
		b = b[used:]
		set := b[:min(n, len(b))]
		b = b[len(set):]
		k.sets++
		k.set(set)
	}
}

func (k *klv) set(b []byte) {
	v := map[byte][]byte{}
	for len(b) >= 2 {
		tag := b[0]
		n, used := berLength(b[1:])
		if used == 0 || n > len(b)-1-used || tag&0x80 != 0 {
			break
		}
		v[tag], b = b[1+used:1+used+n], b[1+used+n:]
	}
	if p, ok := klvPoint(v[13], v[14]); ok {
		if k.positions == 0 {
			k.first = p
		}
		k.positions, k.last = k.positions+1, p
	}
	if p, ok := klvPoint(v[23], v[24]); ok {
		k.centres, k.centre = k.centres+1, p
	}
	if t := v[2]; len(t) == 8 {
		at := time.UnixMicro(int64(binary.BigEndian.Uint64(t) & (1<<62 - 1))).UTC()
		if k.times == 0 {
			k.from = at
		}
		k.times, k.to = k.times+1, at
	}
	for tag := range klvNames {
		if len(v[tag]) > 0 && len(v[tag]) <= 127 {
			if k.names == nil {
				k.names = map[byte]string{}
			}
			k.names[tag] = string(v[tag])
		}
	}
}

// klvPoint reads two integers that map the whole range to the whole circle.
func klvPoint(lat, lon []byte) (geo.Point, bool) {
	if len(lat) != 4 || len(lon) != 4 {
		return geo.Point{}, false
	}
	a, o := int32(binary.BigEndian.Uint32(lat)), int32(binary.BigEndian.Uint32(lon))
	const none, most = -1 << 31, 1<<31 - 1
	return geo.Point{Lat: float64(a) * 90 / most, Lon: float64(o) * 180 / most}, a != none && o != none
}

// berLength reads a length (ST 0107): one byte, or how many bytes follow.
func berLength(b []byte) (n, used int) {
	if len(b) == 0 {
		return 0, 0
	}
	if b[0] < 0x80 {
		return int(b[0]), 1
	}
	size := int(b[0] & 0x7F)
	if size == 0 || size > 4 || size >= len(b) {
		return 0, 0
	}
	for _, v := range b[1 : 1+size] {
		n = n<<8 | int(v)
	}
	return n, 1 + size
}

// findings returns what was counted, each built on base.
func (k *klv) findings(base privacy.Finding) (out []privacy.Finding) {
	add := func(c privacy.Class, name, value string, count int, at *geo.Point) {
		f := base
		f.Class, f.Path, f.Value, f.Count, f.Where = c, base.Path+"/"+name, privacy.Secret(value), count, at
		out = append(out, f)
	}
	point := func(p geo.Point) string { return fmt.Sprintf("%.6f, %.6f", p.Lat, p.Lon) }
	if k.positions > 0 {
		add(privacy.Location, "SensorPosition", fmt.Sprintf("from %s to %s", point(k.first), point(k.last)), k.positions, &k.first)
	}
	if k.centres > 0 {
		add(privacy.Location, "FrameCenter", point(k.centre), k.centres, &k.centre)
	}
	if k.times > 0 {
		add(privacy.Time, "PrecisionTimeStamp", fmt.Sprintf("from %s to %s", k.from.Format(time.RFC3339), k.to.Format(time.RFC3339)), k.times, nil)
	}
	for _, tag := range []byte{3, 4, 10, 59, 106, 107} {
		if s, ok := k.names[tag]; ok {
			class := privacy.Identity
			if tag == 10 {
				class = privacy.Device
			}
			add(class, klvNames[tag], s, 1, nil)
		}
	}
	return out
}
