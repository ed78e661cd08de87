package cardtest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf16"
)

// Canaries finds what was put on the card, in every encoding that files of its
// kinds use.
type Canaries struct {
	long  map[[8]byte][]canary // by the first bytes
	short []canary             // of fewer than eight
	pairs map[[4]byte][]half   // coordinates of four bytes
}

type canary struct {
	name  string
	bytes []byte
}

// A half is a coordinate in four bytes, which alone may be chance.
type half struct {
	name  string
	other [4]byte
}

// Canaries returns what must not be found elsewhere: serial numbers, names,
// places, texts, times, file names and every position.
func (c Card) Canaries() *Canaries {
	out := &Canaries{long: map[[8]byte][]canary{}, pairs: map[[4]byte][]half{}}
	for _, group := range []struct {
		kind string
		list []string
	}{{"serial number", c.Serials}, {"person", c.People}, {"place", c.Places}, {"text", c.Texts}, {"file name", c.Names()}} { // the first that has a text names it
		for _, s := range group.list {
			out.text(group.kind, s)
		}
	}
	for _, p := range c.Points {
		out.point("a point", p[0], p[1])
	}
	for _, f := range c.Flights {
		for _, p := range f.Track {
			out.point("the track of "+f.ID, p[1], p[2])
		}
		for _, m := range f.Files {
			out.time("the time of "+m.Path, f.Start.Add(time.Duration(m.Seconds*float64(time.Second))), c.Zone)
		}
	}
	return out
}

func (c *Canaries) add(name string, b []byte) {
	if len(b) < 8 {
		c.short = append(c.short, canary{name, b})
		return
	}
	k := [8]byte(b)
	for _, have := range c.long[k] {
		if bytes.Equal(have.bytes, b) {
			return
		}
	}
	c.long[k] = append(c.long[k], canary{name, b})
}

// text adds s in the encodings of text.
func (c *Canaries) text(kind, s string) {
	name := fmt.Sprintf("%s %q", kind, s)
	c.add(name, []byte(s))
	var little, big []byte
	for _, u := range utf16.Encode([]rune(s)) {
		little, big = binary.LittleEndian.AppendUint16(little, u), binary.BigEndian.AppendUint16(big, u)
	}
	c.add(name+" in UTF-16LE", little)
	c.add(name+" in UTF-16BE", big)
}

// time adds t, and what the camera's clock shows then, to the second, and the days.
func (c *Canaries) time(name string, t time.Time, zone int) {
	for _, v := range []time.Time{t, t.Add(time.Duration(zone) * time.Hour)} {
		for _, layout := range []string{"2006:01:02 15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02_15-04-05", "20060102150405", "20060102T150405", "2006-01-02", "2006:01:02", "2006.01.02", "20060102"} {
			c.text(name, v.Format(layout))
		}
	}
	c.add(name+" as text of seconds", []byte(fmt.Sprint(t.Unix())))
	for _, o := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		c.add(name+" in milliseconds", o.AppendUint64(nil, uint64(t.UnixMilli())))
		c.add(name+" in microseconds", o.AppendUint64(nil, uint64(t.UnixMicro())))
	}
}

// point adds a position: decimal text, degrees and radians, rationals of
// degrees, minutes and seconds, and what has four bytes.
func (c *Canaries) point(name string, lat, lon float64) {
	for _, v := range []float64{lat, lon} {
		s := fmt.Sprintf("%.7f", math.Abs(v))
		c.text(name, s[:strings.Index(s, ".")+6]) // to a metre, cut rather than rounded
		n := uint64(math.Round(math.Abs(v) * 36e6))
		for _, o := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			c.add(name+" in degrees", o.AppendUint64(nil, math.Float64bits(v)))
			c.add(name+" in radians", o.AppendUint64(nil, math.Float64bits(v*math.Pi/180)))
			var dms []byte
			for _, x := range []uint64{n / 36e6, 1, n / 6e5 % 60, 1, n % 6e5, 10000} {
				dms = o.AppendUint32(dms, uint32(x))
			}
			c.add(name+" in rationals", dms)
		}
	}
	both := func(as string, encode func(v float64) uint32) {
		for _, o := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			a, b := [4]byte(o.AppendUint32(nil, encode(lat))), [4]byte(o.AppendUint32(nil, encode(lon)))
			c.pairs[a] = append(c.pairs[a], half{name + as, b})
		}
	}
	both(" in integers", func(v float64) uint32 { return uint32(int32(math.Round(v * 1e7))) })
	both(" in float32", func(v float64) uint32 { return math.Float32bits(float32(v)) })
	both(" in float32 radians", func(v float64) uint32 { return math.Float32bits(float32(v * math.Pi / 180)) })
}

// Search returns which canaries b holds, each once.
func (c *Canaries) Search(b []byte) []string {
	var out []string
	seen := map[string]bool{}
	hit := func(name string) {
		if !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	for _, s := range c.short {
		if bytes.Contains(b, s.bytes) {
			hit(s.name)
		}
	}
	const near = 64 // bytes between the coordinates of a position
	for i := 0; i+4 <= len(b); i++ {
		for _, h := range c.pairs[[4]byte(b[i:])] {
			if bytes.Contains(b[max(0, i-near):min(len(b), i+near)], h.other[:]) {
				hit(h.name)
			}
		}
		if i+8 > len(b) {
			continue
		}
		for _, s := range c.long[[8]byte(b[i:])] {
			if bytes.HasPrefix(b[i:], s.bytes) {
				hit(s.name)
			}
		}
	}
	return out
}
