package srt

import (
	"bytes"
	"math"

	"flightveil/internal/block/lines"
	"flightveil/internal/geo"
)

// group is the content of the parentheses after a name: up to three numbers.
type group struct {
	v     [3]float64
	n     int
	metre bool // the last one has the unit M, or is no whole number
	end   int  // index after the closing parenthesis
}

// after finds "name (a, b, c)" in b.
func after(b []byte, name string) (g group, ok bool) {
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte(name))
		if i < 0 {
			return g, false
		}
		i += at + len(name)
		at = i
		for i < len(b) && b[i] == ' ' {
			i++
		}
		if i == len(b) || b[i] != '(' {
			continue
		}
		j := bytes.IndexByte(b[i:], ')')
		if j < 0 {
			return g, false
		}
		g.end = i + j + 1
		in := b[i+1 : i+j]
		for g.n < 3 {
			part, rest, more := bytes.Cut(in, []byte{','})
			part = bytes.TrimSpace(part)
			v, n := lines.Number(part, '.')
			if n == 0 {
				v = math.NaN()
			}
			g.v[g.n] = v
			g.n++
			g.metre = n > 0 && (n < len(part) && (part[n] == 'M' || part[n] == 'm') || bytes.IndexByte(part[:n], '.') >= 0)
			if in = rest; !more {
				break
			}
		}
		return g, true
	}
}

// point returns the position of g.
func (g group) point(order Order) geo.Point {
	if g.n < 2 {
		return geo.Point{Lat: math.NaN(), Lon: math.NaN()}
	}
	if order == LatLon {
		return geo.Point{Lat: g.v[0], Lon: g.v[1]}
	}
	return geo.Point{Lat: g.v[1], Lon: g.v[0]}
}

// parens reads the dialects with parentheses: GPS(..), HOME(..), F.PRY (..).
func (c *Cue) parens(b []byte, ended bool, order Order) {
	gps, ok := after(b, "GPS")
	if ok {
		if order == ByDialect {
			order = LonLat
			if gps.n == 3 && gps.metre {
				order = LatLon
			}
		}
		c.Pos = gps.point(order)
		if gps.n == 3 && gps.metre {
			c.Alt = gps.v[2]
		} else if gps.n == 3 && gps.v[2] >= 0 && gps.v[2] < 100 {
			c.Sats = int(gps.v[2])
		}
	}
	if g, ok := after(b, "HOME"); ok {
		c.Home = g.point(order)
		if g.n == 3 {
			c.HomeAlt = g.v[2]
		}
	}
	if !ok {
		return
	}
	if g, ok := after(b[gps.end:], "F.PRY"); ok && g.n == 3 {
		c.Pitch, c.Roll, c.Yaw = g.v[0], g.v[1], g.v[2]
	}
	if g, ok := after(b[gps.end:], "G.PRY"); ok && g.n == 3 {
		c.GimbalPitch, c.GimbalRoll, c.GimbalYaw = g.v[0], g.v[1], g.v[2]
	}
	for part := range bytes.SplitSeq(b[gps.end:], []byte{','}) {
		name, value, _ := bytes.Cut(bytes.TrimSpace(part), []byte{' '})
		v, n := lines.Number(value, '.')
		if n == 0 || n == len(value) && !ended {
			continue
		}
		switch string(name) {
		case "H":
			c.Rel = v
		case "H.S":
			c.Speed = v
		case "V.S":
			c.Climb = v
		}
	}
}

// pairs reads every "key: number" of b.
func (c *Cue) pairs(b []byte, ended bool) {
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], ':')
		if i < 0 {
			return
		}
		i += at
		k := i
		for k > at && b[k-1] == ' ' {
			k--
		}
		j := k
		for j > at && (b[j-1]|0x20 >= 'a' && b[j-1]|0x20 <= 'z' || b[j-1] == '_') {
			j--
		}
		at = i + 1
		p := c.field(b[j:k])
		if p == nil {
			if k-j == 7 && bytes.EqualFold(b[j:k], []byte("FrameId")) {
				for i++; i < len(b) && b[i] == ' '; i++ {
				}
				if _, n := lines.Uint(b[i:]); n > 0 && (i+n < len(b) || ended) {
					c.Frame, c.FrameLen = i, n
				}
			}
			continue
		}
		for i++; i < len(b) && b[i] == ' '; i++ {
		}
		v, n := lines.Number(b[i:], '.')
		if n == 0 || i+n == len(b) && !ended {
			continue
		}
		*p = v
		at = i + n
	}
}

// field returns the place of the value called key, or nil.
func (c *Cue) field(key []byte) *float64 {
	if len(key) < 2 || len(key) > 12 {
		return nil
	}
	switch key[0] | 0x20 { // most keys are a camera's settings
	case 'a', 'b', 'd', 'g', 'h', 'l', 'r':
	default:
		return nil
	}
	var a [12]byte
	for i, ch := range key {
		if ch >= 'A' && ch <= 'Z' {
			ch |= 0x20
		}
		a[i] = ch
	}
	switch string(a[:len(key)]) {
	case "latitude":
		return &c.Pos.Lat
	case "longitude", "longtitude": // misspelt up to 2020
		return &c.Pos.Lon
	case "altitude":
		return &c.Alt
	case "rel_alt", "barometer", "hb":
		return &c.Rel
	case "abs_alt":
		return &c.Abs
	case "drone_yaw":
		return &c.Yaw
	case "drone_pitch":
		return &c.Pitch
	case "drone_roll":
		return &c.Roll
	case "gb_yaw", "gimbal_yaw":
		return &c.GimbalYaw
	case "gb_pitch", "gimbal_pitch":
		return &c.GimbalPitch
	case "gb_roll", "gimbal_roll":
		return &c.GimbalRoll
	}
	return nil
}

// Evidence looks at the GPS(..) or HOME(..) of a line and says which order it
// can only have, ByDialect if both are possible.
func Evidence(line []byte) Order {
	for _, name := range [...]string{"GPS", "HOME"} {
		g, ok := after(line, name)
		if !ok || g.n < 2 {
			continue
		}
		first, second := math.Abs(g.v[0]), math.Abs(g.v[1])
		switch {
		case first > 90 && first <= 180 && second <= 90:
			return LonLat
		case second > 90 && second <= 180 && first <= 90:
			return LatLon
		}
	}
	return ByDialect
}
