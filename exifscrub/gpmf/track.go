package gpmf

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/tally"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A column is one value of the structures of a track.
type column struct {
	name  string
	class privacy.Class
	day   bool // of a Time: the day alone
}

// tracks lists the columns of the elements that hold positions. Two of them are
// the latitude and the longitude.
var tracks = map[string][]column{
	"GPS5": {latitude, longitude, altitude, speed, speed},
	"GPS9": {latitude, longitude, altitude, speed, speed, {"GPSDays", privacy.Time, true}, clock, quality, quality},
	"GPRI": {clock, latitude, longitude, altitude, quality, quality, speed, {"GPSTrack", privacy.Attitude, false}, quality, quality},
	"GLPI": {clock, latitude, longitude, altitude, {"RelativeAltitude", privacy.Altitude, false}, speed, speed, speed, {"GPSTrack", privacy.Attitude, false}},
	"BPOS": {{"BeaconLatitude", privacy.Operator, false}, {"BeaconLongitude", privacy.Operator, false}, {"BeaconAltitude", privacy.Operator, false},
		beacon, beacon, beacon, beacon, beacon},
}

var (
	latitude  = column{"GPSLatitude", privacy.Location, false}
	longitude = column{"GPSLongitude", privacy.Location, false}
	altitude  = column{"GPSAltitude", privacy.Altitude, false}
	speed     = column{"GPSSpeed", privacy.Attitude, false}
	quality   = column{"GPSDOP", privacy.Attitude, false}
	clock     = column{"GPSTime", privacy.Time, false}
	beacon    = column{"Beacon", privacy.Operator, false}
)

func (c column) axis() (lat, lon bool) {
	return strings.HasSuffix(c.name, "Latitude"), strings.HasSuffix(c.name, "Longitude")
}

// layout is where the columns of a track lie in a structure.
type layout struct {
	columns  []column
	from     []int // of each column, and the end
	lat, lon int
	kinds    string
}

// maxTrack is how long a track is at most that is looked into.
const maxTrack = 1 << 20

// layout returns how p is read, nil if it is no track that can be.
func (p piece) layout() *layout {
	if p.entry == nil || p.span.Len > maxTrack {
		return nil
	}
	cols, ok := tracks[p.entry.Key]
	if !ok {
		return nil
	}
	kinds, err := p.entry.Types()
	if err != nil || len(kinds) < 3 || p.entry.Repeat == 0 {
		return nil
	}
	l := &layout{columns: cols, kinds: kinds, lat: -1, lon: -1}
	at := 0
	for i := range kinds {
		if i >= len(cols) {
			l.columns = append(l.columns[:i:i], column{"Rest", privacy.Unknown, false})
		}
		l.from = append(l.from, at)
		at += sizeOf(kinds[i])
		lat, lon := l.columns[i].axis()
		if lat {
			l.lat = i
		}
		if lon {
			l.lon = i
		}
	}
	l.from = append(l.from, at)
	l.columns = l.columns[:len(kinds)]
	if l.lat < 0 || l.lon < 0 || at != p.entry.Size {
		return nil
	}
	return l
}

func sizeOf(kind byte) int {
	switch kind {
	case 'b', 'B', 'c':
		return 1
	case 's', 'S':
		return 2
	case 'd', 'j', 'J', 'Q':
		return 8
	case 'G', 'U':
		return 16
	}
	return 4
}

// path names a column, or the element.
func (p piece) path(column string) string {
	if p.entry == nil {
		return p.tag.name
	}
	if column == "" {
		return p.entry.Key + "/" + p.tag.name
	}
	return p.entry.Key + "/" + column
}

// count adds what p says to t and returns how many positions there are.
func (p piece) count(in exifscrub.Input, t *tally.Tally) (fixes int, err error) {
	l := p.layout()
	if l == nil {
		t.Add(p.tag.class, p.path(""), p.value(in), nil, p.span)
		return 0, nil
	}
	b, err := input.ReadRange(in, p.span.Off, p.span.Len, maxTrack)
	if err != nil {
		return 0, fmt.Errorf("reading a track: %w", err)
	}
	n := 0
	for row, err := range p.entry.Rows(in) {
		if err != nil {
			return fixes, err
		}
		raw := b[n*p.entry.Size:]
		at := l.where(row)
		for i, c := range l.columns {
			span := input.Span{Off: p.span.Off + int64(n*p.entry.Size+l.from[i]), Len: int64(l.from[i+1] - l.from[i])}
			if len(bytes.Trim(raw[l.from[i]:l.from[i+1]], "\x00")) == 0 {
				continue
			}
			where := at
			if i != l.lat && i != l.lon {
				where = nil
			}
			t.Add(c.class, p.path(c.name), []byte(valueOf(row[i])), where, span)
		}
		if at != nil && p.tag.class == privacy.Location {
			fixes++
		}
		n++
	}
	return fixes, nil
}

func valueOf(v float64) string { return fmt.Sprintf("%.7f", v) }

// where returns the position of a structure, nil if it has none.
func (l *layout) where(row []float64) *geo.Point {
	at := geo.Point{Lat: row[l.lat], Lon: row[l.lon]}
	if !at.Valid() || at.Zero() {
		return nil
	}
	return &at
}

// value returns p as text, as far as it is one.
func (p piece) value(in exifscrub.Input) []byte {
	const most = 64
	b, err := input.ReadRange(in, p.span.Off, min(p.span.Len, most), most)
	if err != nil {
		return nil
	}
	if p.entry != nil && (p.entry.Type == 'c' || p.entry.Type == 'U' || p.entry.Type == 'F') {
		return bytes.TrimRight(bytes.ToValidUTF8(b, []byte("?")), "\x00 ")
	}
	if p.tag.class != privacy.Identity {
		return nil
	}
	return []byte(hex.EncodeToString(b))
}

// edit returns the edit of p that v asks for.
func (p piece) edit(in exifscrub.Input, v tally.Verdicts) (e exifscrub.Edit, ok bool, err error) {
	l := p.layout()
	if l == nil {
		switch v.Of(p.tag.class, p.path(""), false).Action {
		case privacy.Keep:
			return e, false, nil
		case privacy.Coarsen:
			if p.entry != nil && p.entry.Key == "GPSU" {
				return p.day(in)
			}
		}
		if p.tag.class == privacy.Technical {
			return e, false, nil
		}
		return exifscrub.Edit{Off: p.span.Off, Len: p.span.Len, Zero: true}, true, nil
	}
	b, err := input.ReadRange(in, p.span.Off, p.span.Len, maxTrack)
	if err != nil {
		return e, false, fmt.Errorf("reading a track: %w", err)
	}
	n := 0
	for row, err := range p.entry.Rows(in) {
		if err != nil {
			return e, false, err
		}
		p.row(l, b[n*p.entry.Size:(n+1)*p.entry.Size], l.where(row), v)
		n++
	}
	return exifscrub.Edit{Off: p.span.Off, Len: p.span.Len, With: b}, true, nil
}

// row does to one structure what v asks for.
func (p piece) row(l *layout, b []byte, at *geo.Point, v tally.Verdicts) {
	moved := false
	for i, c := range l.columns {
		half := i == l.lat || i == l.lon
		value := b[l.from[i]:l.from[i+1]]
		if len(bytes.Trim(value, "\x00")) == 0 {
			continue // has no verdict
		}
		verdict := v.Of(c.class, p.path(c.name), half && at != nil)
		switch {
		case verdict.Action == privacy.Keep || verdict.Action == privacy.Coarsen && c.day:
		case verdict.Action == privacy.Coarsen && half && at != nil:
			if !moved {
				p.move(l, b, verdict.To)
				moved = true
			}
		default:
			clear(value)
		}
	}
}

// near is how far a coarse coordinate may be from the centre of its cell, in
// degrees: some 20 m. Cells are 100 m wide at least.
const near = 1.8e-4

// move writes to over the position in b, or zeros if it cannot be written there.
func (p piece) move(l *layout, b []byte, to geo.Point) {
	for _, half := range []struct {
		column int
		v      float64
	}{{l.lat, to.Lat}, {l.lon, to.Lon}} {
		value := b[l.from[half.column]:l.from[half.column+1]]
		scale := p.scale(half.column)
		raw := math.Round(half.v * scale)
		if l.kinds[half.column] != 'l' || math.Abs(raw) > math.MaxInt32 || math.Abs(raw/scale-half.v) > near {
			clear(b[l.from[l.lat]:l.from[l.lat+1]])
			clear(b[l.from[l.lon]:l.from[l.lon+1]])
			return
		}
		binary.BigEndian.PutUint32(value, uint32(int32(raw)))
	}
}

// scale returns the divisor of a column.
func (p piece) scale(i int) float64 {
	if len(p.entry.Scale) == 1 {
		i = 0
	}
	if i >= len(p.entry.Scale) || p.entry.Scale[i] == 0 {
		return 1
	}
	return p.entry.Scale[i]
}

// day keeps the date of GPSU, yymmddhhmmss.sss, and zeroes its time.
func (p piece) day(in exifscrub.Input) (exifscrub.Edit, bool, error) {
	e := exifscrub.Edit{Off: p.span.Off, Len: p.span.Len, Zero: true}
	b, err := input.ReadRange(in, p.span.Off, min(p.span.Len, 17), 17)
	if err != nil {
		return e, false, fmt.Errorf("reading a time: %w", err)
	}
	if len(b) != 16 || len(bytes.Trim(b, "0123456789.")) > 0 {
		return e, true, nil
	}
	for i := 6; i < len(b); i++ {
		if b[i] >= '1' && b[i] <= '9' {
			b[i] = '0'
		}
	}
	return exifscrub.Edit{Off: p.span.Off, Len: 16, With: b}, true, nil
}
