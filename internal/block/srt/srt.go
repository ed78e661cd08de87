// Package srt reads the telemetry DJI writes into SubRip captions: side-car
// .SRT files and the text track inside a video.
//
// There is no specification. DJI has used a dozen dialects; what they are is
// seen from files: HOME(..)/GPS(..) lines, comma lists ("F/2.8, SS 30.15, ..."),
// and bracketed "[key: value]" pairs. Camera settings are not read.
package srt

import (
	"bytes"
	"math"
	"time"

	"flightveil/internal/block/lines"
	"flightveil/internal/geo"
)

// A Cue is the telemetry of one caption. Numbers it does not give are NaN.
type Cue struct {
	Start     time.Duration // on the video's clock; negative if it has none
	Local     time.Time     // wall clock without a zone, held as UTC; zero if none
	Pos, Home geo.Point     // NaN if not given
	HomeAlt   float64
	Alt       float64 // "altitude", and the third number of GPS(..M): above what is not said
	Rel       float64 // above take-off: rel_alt, H, BAROMETER, Hb
	Abs       float64 // abs_alt
	Sats      int     // -1 if not given
	Speed     float64 // m/s
	Climb     float64
	Roll      float64 // of the aircraft, degrees
	Pitch     float64
	Yaw       float64
	GimbalRoll,
	GimbalPitch,
	GimbalYaw float64
	// Frame and FrameLen say where in the last added line the FrameId is.
	Frame, FrameLen int
}

// Reset makes c a cue that says nothing.
func (c *Cue) Reset() {
	n := math.NaN()
	*c = Cue{
		Start: -1, Pos: geo.Point{Lat: n, Lon: n}, Home: geo.Point{Lat: n, Lon: n}, HomeAlt: n, Alt: n, Rel: n, Abs: n, Sats: -1, Speed: n, Climb: n,
		Roll: n, Pitch: n, Yaw: n, GimbalRoll: n, GimbalPitch: n, GimbalYaw: n,
	}
}

// Order says which of the two numbers of GPS(a,b) is the latitude.
type Order int

const (
	ByDialect Order = iota // longitude first, unless the third number is "0.0M"
	LonLat
	LatLon
)

// Kind says what a line of a caption file is.
type Kind int

const (
	Blank  Kind = iota
	Index       // the number of a cue
	Timing      // "00:00:01,000 --> 00:00:02,000"
	Text
)

// Classify says what line is; start is the beginning of a cue's Timing.
func Classify(line []byte) (k Kind, start time.Duration) {
	b := bytes.TrimSpace(line)
	if len(b) == 0 {
		return Blank, 0
	}
	if b[0] < '0' || b[0] > '9' {
		return Text, 0
	}
	if _, n := lines.Uint(b); n == len(b) {
		return Index, 0
	}
	if i := bytes.Index(b, []byte("-->")); i > 0 {
		if d, ok := clock(b[:i]); ok {
			return Timing, d
		}
	}
	return Text, 0
}

// clock reads "00:15:04,033", also with a dot and without hours.
func clock(b []byte) (time.Duration, bool) {
	b = bytes.TrimSpace(b)
	if bytes.Count(b, []byte{':'}) == 1 {
		b = append([]byte("0:"), b...)
	}
	h, n := lines.Uint(b)
	if n == 0 || h > 999 || n == len(b) || b[n] != ':' {
		return 0, false
	}
	b = b[n+1:]
	m, n := lines.Uint(b)
	if n == 0 || m > 59 || n == len(b) || b[n] != ':' {
		return 0, false
	}
	b = b[n+1:]
	s, n := lines.Uint(b)
	if n == 0 || s > 59 {
		return 0, false
	}
	d := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
	if b = b[n:]; len(b) > 1 && (b[0] == ',' || b[0] == '.') {
		d += fraction(b[1:])
	}
	return d, true
}

// fraction reads digits as a part of a second. Later models write
// milliseconds and microseconds apart: "720,764".
func fraction(b []byte) time.Duration {
	d, unit := time.Duration(0), 100*time.Millisecond
	for i, c := range b {
		switch {
		case c >= '0' && c <= '9':
			d += time.Duration(c-'0') * unit
			unit /= 10
		case c == ',' && i == 3:
		default:
			return d
		}
		if unit == 0 || i == 6 {
			break
		}
	}
	return d
}

// Add reads a line of text into c. ended says that the line is whole: the last
// number of one that was cut is not taken. It reports whether the line ends
// inside of a value.
func (c *Cue) Add(line []byte, ended bool, order Order) (cut bool) {
	c.Frame, c.FrameLen = 0, 0
	bracket := bytes.IndexByte(line, '[')
	head := line
	if bracket >= 0 {
		head = line[:bracket]
	}
	if c.Local.IsZero() {
		c.date(head, ended)
	}
	if bytes.IndexByte(head, '(') >= 0 {
		c.parens(head, ended, order)
	}
	c.pairs(line, ended)
	if ended {
		return false
	}
	last := bytes.LastIndexAny(line, "[]()")
	return last < 0 && bytes.IndexByte(line, '>') < 0 || last >= 0 && (line[last] == '[' || line[last] == '(')
}

// date finds "2017.8.5 14:11:51", "2018-02-19 08:04:51,265,847" or
// "2021-12-25 12:27:52.373" in b.
func (c *Cue) date(b []byte, ended bool) {
	for i := 0; i+14 < len(b); i++ {
		if b[i] != '2' || b[i+1] != '0' || (b[i+4] != '.' && b[i+4] != '-') || i > 0 && b[i-1] >= '0' && b[i-1] <= '9' {
			continue
		}
		var v [6]int
		rest, ok := b[i:], true
		for k := range v {
			var n int
			if v[k], n = lines.Uint(rest); n == 0 || n > 4 {
				ok = false
				break
			}
			rest = rest[n:]
			if k < 5 {
				if len(rest) == 0 {
					ok = false
					break
				}
				rest = rest[1:]
			}
		}
		if !ok || len(rest) == 0 && !ended || v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > 31 || v[3] > 23 || v[4] > 59 || v[5] > 60 {
			continue
		}
		t := time.Date(v[0], time.Month(v[1]), v[2], v[3], v[4], v[5], 0, time.UTC)
		if len(rest) > 1 && (rest[0] == ',' || rest[0] == '.') {
			t = t.Add(fraction(rest[1:]))
		}
		c.Local = t
		return
	}
}
