package nmea

import (
	"bytes"
	"iter"
	"math"
	"time"

	"flightveil/internal/block/textlines"
	"flightveil/internal/block/tracktext"
	"flightveil/logfmt"
)

// A checksum is two hexadecimal digits behind a star: all bytes between the
// dollar sign and the star, exclusive-or.
type checksum int

const (
	absent checksum = iota
	wrong
	right
)

// maxSentence bounds a sentence. The standard says 82, receivers send more.
const maxSentence = 256

// A sentence is one of them, without its checksum.
type sentence struct {
	text   []byte // "$GPGGA,…", up to the checksum
	off    int64
	kind   string // "GGA"; "" if it is none that is read
	sum    checksum
	ended  bool // a line end follows
	fields [][]byte
}

// kinds are the sentences that are read.
var kinds = map[[3]byte]string{
	{'G', 'G', 'A'}: "GGA", {'R', 'M', 'C'}: "RMC", {'G', 'L', 'L'}: "GLL", {'G', 'N', 'S'}: "GNS", {'V', 'T', 'G'}: "VTG",
	{'Z', 'D', 'A'}: "ZDA", {'G', 'S', 'A'}: "GSA", {'T', 'X', 'T'}: "TXT", {'W', 'P', 'L'}: "WPL",
}

// maxFields bounds the fields of a sentence; the last one takes the rest.
const maxFields = 32

// sentences yields those of a line that are read. Text before, between and
// behind them is no part of them. One is valid until the next.
func sentences(l textlines.Line, fields *[maxFields][]byte) iter.Seq[*sentence] {
	return func(yield func(*sentence) bool) {
		var s sentence
		for b, off := l.Text, l.Off; ; {
			i := bytes.IndexByte(b, '$')
			if i < 0 {
				return
			}
			b, off = b[i:], off+int64(i)
			end := bytes.IndexByte(b[1:], '$') + 1
			if end == 0 {
				end = len(b)
			}
			ok := s.parse(b[:end], fields[:0])
			s.off, s.ended = off, l.Ended && end == len(b)
			b, off = b[end:], off+int64(end)
			if ok && !yield(&s) {
				return
			}
		}
	}
}

func (s *sentence) parse(b []byte, fields [][]byte) bool {
	const address = len("$GPGGA,")
	if len(b) < address || b[address-1] != ',' || !upper(b[1]) || !upper(b[2]) {
		return false
	}
	kind, ok := kinds[[3]byte(b[3:6])]
	if !ok {
		return false
	}
	*s = sentence{kind: kind}
	b = b[:min(len(b), maxSentence)]
	s.text = bytes.TrimRight(b, " \r\n\t")
	if star := bytes.IndexByte(b, '*'); star >= 0 {
		s.text, s.sum = b[:min(len(b), star+3)], wrong
		sum := byte(0)
		for _, c := range b[1:star] {
			sum ^= c
		}
		if len(b) >= star+3 && digit(b[star+1]) == int(sum>>4) && digit(b[star+2]) == int(sum&15) {
			s.sum = right
		}
		b = b[:star]
	} else {
		b = s.text
	}
	for b = b[address:]; len(fields) < cap(fields); {
		comma := bytes.IndexByte(b, ',')
		if comma < 0 {
			fields = append(fields, b)
			break
		}
		fields = append(fields, b[:comma])
		b = b[comma+1:]
	}
	s.fields = fields
	return true
}

func upper(c byte) bool { return c >= 'A' && c <= 'Z' }

func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// positional reports whether the sentence has a time and place for a position,
// filled in or not.
func (s *sentence) positional() bool {
	switch s.kind {
	case "GGA":
		return len(s.fields) >= 14
	case "RMC":
		return len(s.fields) >= 9
	case "GLL":
		return len(s.fields) >= 4
	case "GNS":
		return len(s.fields) >= 10
	}
	return false
}

// field returns field i, counted from 1 as in the standard.
func (s *sentence) field(i int) []byte {
	if i > len(s.fields) {
		return nil
	}
	return s.fields[i-1]
}

func (s *sentence) letter(i int) byte {
	if f := s.field(i); len(f) == 1 {
		return f[0]
	}
	return 0
}

func (s *sentence) float(i int) float64 {
	f := s.field(i)
	if len(f) == 0 {
		return math.NaN()
	}
	v, ok := tracktext.Float(f)
	if !ok {
		return math.NaN()
	}
	return v
}

// point reads latitude, N or S, longitude, E or W from field i on.
func (s *sentence) point(i int) (p logfmt.Point, ok bool) {
	lat, ok1 := angle(s.field(i), s.letter(i+1), 'N', 'S')
	lon, ok2 := angle(s.field(i+2), s.letter(i+3), 'E', 'W')
	p = logfmt.Point{Lat: lat, Lon: lon}
	return p, ok1 && ok2 && logfmt.Usable(p)
}

// angle reads "4807.038": degrees and minutes.
func angle(b []byte, side, plus, minus byte) (float64, bool) {
	whole := len(b)
	if dot := bytes.IndexByte(b, '.'); dot >= 0 {
		whole = dot
	}
	if whole < 3 || whole > 5 || side != plus && side != minus {
		return 0, false
	}
	degrees, ok := tracktext.Digits(b[:whole-2])
	minutes, ok2 := tracktext.Float(b[whole-2:])
	if !ok || !ok2 || !(minutes >= 0 && minutes < 60) || b[whole-2] == '+' {
		return 0, false
	}
	v := float64(degrees) + minutes/60
	if side == minus {
		v = -v
	}
	return v, true
}

// clock reads "123519.25" as time since midnight; negative if it is none.
func clock(b []byte) time.Duration {
	if len(b) < 6 {
		return -1
	}
	h, ok1 := tracktext.Digits(b[:2])
	m, ok2 := tracktext.Digits(b[2:4])
	s, ok3 := tracktext.Digits(b[4:6])
	if !ok1 || !ok2 || !ok3 || h > 23 || m > 59 || s > 60 {
		return -1
	}
	d := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
	if len(b) == 6 {
		return d
	}
	if b[6] != '.' {
		return -1
	}
	unit := time.Second / 10
	for _, c := range b[7:] {
		if c < '0' || c > '9' {
			return -1
		}
		d += time.Duration(c-'0') * unit
		unit /= 10
	}
	return d
}
