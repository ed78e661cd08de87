package kml

import (
	"bytes"
	"math"
	"time"

	"flightveil/internal/block/tracktext"
	"flightveil/internal/block/xmlstream"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// A placemark is the Placemark that is open.
type placemark struct {
	name       string
	utc, local time.Time // of its TimeStamp
	begun      bool      // it has a track
}

// shape says what coordinates are for.
type shape int

const (
	noShape shape = iota
	point
	line
	ring
	view // LookAt, Camera, a model's Location: latitude and longitude have elements of their own
	gxTrack
)

// geometry is the geometry that is open.
type geometry struct {
	shape         shape
	mode          string // a constant: "absolute", "relativeToGround" or "clampToGround"
	inCoordinates bool
	carry         []byte // a tuple whose end was not seen yet
	lat, lon, alt float64
	inAuthor      bool
}

func (d *decoder) begin(s shape) {
	d.geometry = geometry{shape: s, mode: d.outer, carry: d.carry[:0], lat: math.NaN(), lon: math.NaN(), alt: math.NaN()}
}

func (d *decoder) open(t xmlstream.Token) {
	switch string(t.Name) {
	case "kml":
		if !d.inside {
			d.put(logfmt.Start{})
		}
		d.inside = true
	case "Placemark":
		d.place, d.outer = placemark{}, "clampToGround"
		d.begin(noShape)
	case "Point":
		d.begin(point)
	case "LineString":
		d.begin(line)
	case "LinearRing":
		d.begin(ring)
	case "LookAt", "Camera", "Location":
		d.begin(view)
	case "Track":
		d.begin(gxTrack)
		if d.clock == nil {
			d.clock = xmlstream.New(d.in)
		}
		d.clock.Jump(t.Off + t.Len)
	case "coordinates":
		d.inCoordinates = d.shape != noShape
		d.carry = d.carry[:0]
	case "author":
		d.inAuthor = true
	}
}

func (d *decoder) close(t xmlstream.Token) {
	text, span, _ := d.r.Content()
	d.r.Closed()
	switch string(t.Name) {
	case "kml":
		d.inside = false
	case "Placemark", "Point", "LineString", "LinearRing", "Track":
		d.begin(noShape)
	case "LookAt", "Camera", "Location":
		d.spot(logfmt.Target)
		d.begin(noShape)
	case "coordinates":
		d.tuple()
		d.inCoordinates = false
	case "altitudeMode":
		if d.mode = modeOf(text); d.shape == noShape { // of a MultiTrack
			d.outer = d.mode
		}
	case "name":
		d.name(text, span)
	case "author":
		d.inAuthor = false
	case "when", "begin":
		if d.shape != gxTrack {
			d.place.utc, d.place.local, _ = tracktext.Time(text)
		}
	case "coord":
		if d.shape == gxTrack {
			d.trackPoint(text)
		}
	case "latitude":
		d.lat = number(text)
	case "longitude":
		d.lon = number(text)
	case "altitude":
		d.alt = number(text)
	default:
		if n, ok := named[string(t.Name)]; ok {
			d.text(n.class, n.path, text, span)
		}
	}
}

func modeOf(text []byte) string {
	switch string(bytes.TrimSpace(text)) {
	case "absolute":
		return "absolute"
	case "relativeToGround":
		return "relativeToGround"
	}
	return "clampToGround"
}

func (d *decoder) name(text []byte, span input.Span) {
	class, path := privacy.Description, "name"
	if d.inAuthor {
		class, path = privacy.Identity, "author/name"
	} else if d.place.name = string(text[:min(len(text), maxName)]); roleOf(text) != logfmt.Waypoint {
		return
	}
	d.text(class, path, text, span)
}

func number(text []byte) float64 {
	if v, ok := tracktext.Float(text); ok {
		return v
	}
	return math.NaN()
}

// maxTuple is how long the text of one position may be.
const maxTuple = 256

// coordinates takes a piece of a list of tuples. White space ends a tuple.
func (d *decoder) coordinates(t xmlstream.Token) {
	for text := t.Text; len(text) > 0; {
		n := bytes.IndexAny(text, " \n\t\r")
		if n < 0 {
			n = len(text)
		}
		if len(d.carry)+n <= maxTuple {
			d.carry = append(d.carry, text[:n]...)
		} else {
			d.carry = append(d.carry[:0], '?') // no position
		}
		if n < len(text) {
			d.tuple()
			n++
		}
		text = text[n:]
	}
}

// tuple takes the position "lon,lat[,alt]" that was collected.
func (d *decoder) tuple() {
	b := d.carry
	d.carry = d.carry[:0]
	lonText, rest, ok := bytes.Cut(b, []byte(","))
	if !ok {
		return
	}
	latText, altText, _ := bytes.Cut(rest, []byte(","))
	d.lon, d.lat, d.alt = number(lonText), number(latText), number(altText)
	switch d.shape {
	case line:
		f := logfmt.NoFix()
		d.fix(&f)
	case point:
		d.spot(roleOf([]byte(d.place.name)))
	case ring:
		d.spot(logfmt.Waypoint)
	}
}

// trackPoint takes a gx:coord, "lon lat alt".
func (d *decoder) trackPoint(text []byte) {
	f := logfmt.NoFix()
	f.Time, f.Local = d.nextTime() // a position without numbers has a time too
	text = bytes.TrimSpace(text)
	lonText, rest, ok := bytes.Cut(text, []byte(" "))
	if !ok {
		return
	}
	latText, altText, _ := bytes.Cut(bytes.TrimLeft(rest, " "), []byte(" "))
	d.lon, d.lat, d.alt = number(lonText), number(latText), number(altText)
	d.fix(&f)
}

// nextTime returns the next time of the open track. Times and positions stand
// in lists of their own, so the clock reads the same track a second time.
func (d *decoder) nextTime() (utc, local time.Time) {
	for {
		switch t := d.clock.Next(); t.Kind {
		case xmlstream.Close:
			text, _, _ := d.clock.Content()
			d.clock.Closed()
			switch string(t.Name) {
			case "when":
				utc, local, _ = tracktext.Time(text)
				return utc, local
			case "Track":
				d.clock.Jump(t.Off) // there are no more: stay here
				return utc, local
			}
		case xmlstream.Open:
			if string(t.Name) == "Track" { // the open one was not closed
				d.clock.Jump(t.Off)
				return utc, local
			}
		case xmlstream.End:
			return utc, local
		}
	}
}

// fix yields the position that was read as one of the track.
func (d *decoder) fix(f *logfmt.Fix) {
	f.Point = logfmt.Point{Lat: d.lat, Lon: d.lon}
	if !logfmt.Usable(f.Point) {
		return
	}
	switch d.mode {
	case "absolute":
		f.AltMSL = d.alt
	case "relativeToGround": // over flat ground the same as above the take-off point
		f.AltHome = d.alt
	default:
		if d.alt != 0 { // viewers ignore it, but someone wrote it
			f.AltUnclear = d.alt
		}
	}
	if !d.place.begun {
		d.place.begun = true
		if d.tracks++; d.tracks > 1 && d.place.name != d.last {
			d.put(logfmt.Start{})
		}
		d.last = d.place.name
	}
	d.put(*f)
}

func (d *decoder) spot(role logfmt.Role) {
	s := logfmt.Spot{Role: role, Time: d.place.utc, Local: d.place.local, Point: logfmt.Point{Lat: d.lat, Lon: d.lon}, Alt: math.NaN()}
	if !logfmt.Usable(s.Point) {
		return
	}
	if d.mode == "absolute" {
		s.Alt = d.alt
		if !math.IsNaN(s.Alt) {
			s.Datum = "MSL"
		}
	}
	d.put(s)
}

// roleOf returns the role that a placemark's name says it has.
func roleOf(name []byte) logfmt.Role {
	switch r := logfmt.Role(bytes.ToLower(bytes.TrimSpace(name))); r {
	case logfmt.Home, logfmt.Remote, logfmt.Phone, logfmt.RemoteID, logfmt.Target, logfmt.Photo, logfmt.Traffic, logfmt.Origin, logfmt.Candidate:
		return r
	}
	return logfmt.Waypoint
}
