package tiff

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/tiff"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// A position is a latitude and a longitude of a GPS IFD, each with its
// hemisphere. The picture's is in tags 1 to 4, its target's in 13 to 16.
type position struct {
	first uint16 // the first of four tags: latitude reference, latitude, longitude reference, longitude
	parts [4]part
	signs [2]int // of latitude and longitude: 1, -1, or 0 if there is no hemisphere
	noFix bool   // 0/0 or 0° N 0° E: devices write that before they know
	alone bool   // no part shares bytes with anything else
}

// A part is one of the four tags.
type part struct {
	entry int // its index; -1 if there is none
	*coordinate
}

const (
	latRef = iota
	latitude
	lonRef
	longitude
)

// position reads the position whose first tag is first.
func (d *doc) position(x *dir, first uint16) (position, error) {
	p := position{first: first, alone: true}
	for i := range p.parts {
		p.parts[i].entry = slices.IndexFunc(x.Entries, func(e tiff.Entry) bool { return e.Valid && e.Tag == first+uint16(i) })
		if p.parts[i].entry < 0 {
			continue
		}
		e := x.Entries[p.parts[i].entry]
		p.alone = p.alone && d.alone(e)
		var err error
		if i == latRef || i == lonRef {
			var b []byte
			b, err = d.r.Bytes(e, 1)
			p.signs[i/2] = hemisphere(string(b), "NE"[i/2:i/2+1], "SW"[i/2:i/2+1])
		} else {
			p.parts[i].coordinate, err = d.coordinate(e)
		}
		if err != nil {
			return p, err
		}
	}
	lat, lon := p.parts[latitude].coordinate, p.parts[longitude].coordinate
	p.noFix = (lat != nil || lon != nil) && !lat.known() && !lon.known() || lat.isZero() && lon.isZero()
	return p, nil
}

func hemisphere(s, plus, minus string) int {
	switch {
	case strings.EqualFold(s, plus):
		return 1
	case strings.EqualFold(s, minus):
		return -1
	}
	return 0
}

// where returns the point, if both coordinates and hemispheres are there.
func (p position) where() *geo.Point {
	lat, lon := p.parts[latitude], p.parts[longitude]
	if !lat.known() || !lon.known() || p.signs[0] == 0 || p.signs[1] == 0 {
		return nil
	}
	at := geo.Point{Lat: lat.signed(p.signs[0]), Lon: lon.signed(p.signs[1])}
	if !at.Valid() {
		return nil
	}
	return &at
}

// encode returns the values of the four parts for to, or nil if one of them
// cannot hold it: then none may stay.
func (p position) encode(x *dir, to geo.Point) *[4][]byte {
	const second = 1.0 / 3600
	if !p.alone || math.Abs(to.Lat) < second && math.Abs(to.Lon) < second { // which would read as no fix
		return nil
	}
	var out [4][]byte
	for i, c := range p.parts {
		if c.entry < 0 {
			return nil
		}
		v, letters := to.Lat, "NS"
		if i >= lonRef {
			v, letters = to.Lon, "EW"
		}
		if c.coordinate != nil {
			out[i] = c.coordinate.encode(math.Abs(v))
		} else if n := x.Entries[c.entry].Value.Len; n > 0 {
			out[i] = make([]byte, n)
			out[i][0] = letters[0]
			if v < 0 {
				out[i][0] = letters[1]
			}
		}
		if out[i] == nil {
			return nil
		}
	}
	return &out
}

// positionTag adds the item of r, one of the four tags of p.
func (d *doc) positionTag(r ref, p position, f privacy.Finding) error {
	which := int(r.Entry().Tag - p.first)
	if which == latitude || which == longitude {
		c, err := d.coordinate(r.Entry())
		if err != nil {
			return err
		}
		f.Value = c.text(p.signs[which/2], []string{"NS", "EW"}[which/2])
	}
	if p.noFix {
		f.Class = privacy.Attitude
		d.finding(r, f)
		return nil
	}
	f.Where = p.where()
	r.dir.roles[r.entry] = telling
	d.add(exifscrub.Item{Finding: &f}, func(ed *editor, dec exifscrub.Decision) {
		if dec.Action == privacy.Keep {
			return
		}
		if dec.Displaced() && p.parts[which].entry == r.entry {
			if b := d.displaced(r.dir, p, dec.Move); b != nil {
				ed.set(r, b[which])
				return
			}
		}
		if dec.Coarse() && p.parts[which].entry == r.entry { // a second tag of the same number goes
			if b := p.encode(r.dir, dec.To); b != nil {
				ed.set(r, b[which])
				return
			}
		}
		ed.remove(r, f.Class)
	})
	return nil
}

// A coordinate is degrees, or degrees and minutes, or these and seconds.
type coordinate struct {
	degrees  float64 // without the sign of the hemisphere
	negative bool    // of the number itself
	absent   bool    // no number: a zero denominator, or empty text
	encode   func(degrees float64) []byte
}

func (c *coordinate) known() bool  { return c != nil && !c.absent }
func (c *coordinate) isZero() bool { return c.known() && c.degrees == 0 }

func (c *coordinate) signed(hemisphere int) float64 {
	if hemisphere < 0 || c.negative {
		return -c.degrees
	}
	return c.degrees
}

func (c *coordinate) text(hemisphere int, letters string) privacy.Secret {
	if c.absent {
		return "undef"
	}
	s := strconv.FormatFloat(c.degrees, 'f', 7, 64)
	switch {
	case hemisphere < 0 || hemisphere == 0 && c.negative:
		s += " " + letters[1:]
	case hemisphere > 0:
		s += " " + letters[:1]
	}
	return privacy.Secret(s)
}

// coordinate reads e in any of the ways that devices write one: three
// rationals as specified, with or without sign; decimal degrees in the first;
// floating point; text.
func (d *doc) coordinate(e tiff.Entry) (*coordinate, error) {
	var parts []float64
	c := &coordinate{absent: true}
	switch e.Type {
	case tiff.Rational, tiff.SRational, tiff.Float, tiff.Double:
		v, err := d.r.Floats(e, 3)
		if err != nil {
			return nil, err
		}
		parts = v
		c.encode = d.numbers(e)
	case tiff.ASCII, tiff.UTF8:
		s, err := d.r.Text(e, 256)
		if err != nil {
			return nil, err
		}
		var fractions bool
		parts, fractions = parseText(s)
		c.encode = func(v float64) []byte { return textCoordinate(v, len(parts), fractions, e.Value.Len) }
	}
	if len(parts) == 0 || math.IsNaN(parts[0]) || math.IsInf(parts[0], 0) {
		return c, nil
	}
	c.absent = false
	scale := 1.0
	for _, v := range parts {
		if v < 0 {
			c.negative = true
		}
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			c.degrees += math.Abs(v) / scale
		}
		scale *= 60
	}
	return c, nil
}

// split takes degrees apart into n whole parts, the last in units of 1/last.
// Whatever n, it is exact to about ten metres, far less than half a cell.
func split(degrees float64, n int) (parts [3]int64, last int64) {
	switch n {
	case 1:
		return [3]int64{int64(math.Round(degrees * 1e4))}, 1e4
	case 2:
		t := int64(math.Round(degrees * 60 * 100))
		return [3]int64{t / 6000, t % 6000}, 100
	}
	t := int64(math.Round(degrees * 3600))
	return [3]int64{t / 3600, t / 60 % 60, t % 60}, 1
}

// numbers returns the encoder for values of e's type and number.
func (d *doc) numbers(e tiff.Entry) func(float64) []byte {
	n := int(min(e.Count, 3))
	return func(degrees float64) []byte {
		parts, last := split(degrees, n)
		b := make([]byte, 0, e.Value.Len)
		for i := range parts[:n] {
			den := int64(1)
			if i == n-1 {
				den = last
			}
			b = appendNumber(b, d.tree.Order, e.Type, parts[i], den)
		}
		return append(b, make([]byte, e.Value.Len-int64(len(b)))...)
	}
}

func appendNumber(b []byte, o binary.ByteOrder, t tiff.Type, num, den int64) []byte {
	var v [8]byte
	switch t {
	case tiff.Float:
		o.PutUint32(v[:], math.Float32bits(float32(float64(num)/float64(den))))
		return append(b, v[:4]...)
	case tiff.Double:
		o.PutUint64(v[:], math.Float64bits(float64(num)/float64(den)))
	default:
		o.PutUint32(v[:], uint32(num))
		o.PutUint32(v[4:], uint32(den))
	}
	return append(b, v[:]...)
}

// parseText reads the numbers of s: "41.3875", "41 deg 23' 15.04\"" or
// "41/1,23/1,15045/1000", for which fractions is set.
func parseText(s string) (parts []float64, fractions bool) {
	fields := strings.FieldsFunc(s, func(r rune) bool { return r != '.' && r != '-' && r != '/' && (r < '0' || r > '9') })
	for _, f := range fields {
		num, den, ok := strings.Cut(f, "/")
		fractions = fractions || ok
		v, err := strconv.ParseFloat(num, 64)
		if err != nil {
			continue
		}
		if ok {
			q, err := strconv.ParseFloat(den, 64)
			if err != nil || q == 0 {
				v = math.NaN()
			} else {
				v /= q
			}
		}
		if parts = append(parts, v); len(parts) == 3 {
			break
		}
	}
	return parts, fractions
}

// textCoordinate writes degrees as parseText reads them, or nil if that does
// not fit into size bytes.
func textCoordinate(degrees float64, n int, fractions bool, size int64) []byte {
	parts, last := split(degrees, n)
	var s string
	switch {
	case fractions && n == 1:
		s = fmt.Sprintf("%d/%d", parts[0], last)
	case fractions && n == 2:
		s = fmt.Sprintf("%d/1,%d/%d", parts[0], parts[1], last)
	case fractions:
		s = fmt.Sprintf("%d/1,%d/1,%d/1", parts[0], parts[1], parts[2])
	case n == 1:
		s = fmt.Sprintf("%.4f", float64(parts[0])/float64(last))
	case n == 2:
		s = fmt.Sprintf("%d %.2f", parts[0], float64(parts[1])/float64(last))
	default:
		s = fmt.Sprintf("%d %d %d", parts[0], parts[1], parts[2])
	}
	if int64(len(s)) >= size { // a NUL must follow
		return nil
	}
	return append([]byte(s), make([]byte, size-int64(len(s)))...)
}
