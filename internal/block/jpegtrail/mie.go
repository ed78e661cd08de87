package jpegtrail

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// mie reads a MIE group (MIE 1.1, 2007) at the end of a file. A group is a
// list of elements: "~", format, length of the tag, length of the value, tag,
// a longer length if the first is above 252, value. Format 10 or 18 is a group
// inside, whose elements follow up to one without a tag; the outermost ends
// with its own length.
func mie(p *parser, end int64) ([]Piece, error) {
	foot, err := p.exactly(end-14, 14, end)
	if err != nil {
		return nil, err
	}
	var n int64
	order := func(b byte) binary.ByteOrder {
		if b == 0x18 {
			return le
		}
		return be
	}
	switch {
	case string(foot[4:8]) == "~\x00\x00\x06" && foot[13] == 4 && foot[12]&^8 == 0x10:
		n = int64(order(foot[12]).Uint32(foot[8:]))
	case string(foot[:4]) == "~\x00\x00\x0A" && foot[13] == 8 && foot[12]&^8 == 0x10:
		n = int64(order(foot[12]).Uint64(foot[4:]) & (1<<62 - 1))
	default:
		return nil, errNone
	}
	start := end - n
	head, err := p.exactly(start, 8, end)
	if err != nil || n < 12 || head[0] != '~' || head[1]&^8 != 0x10 || string(head[4:]) != "0MIE" {
		return nil, errNone
	}
	w := mieWalk{p: p, end: end, lat: -1, lon: -1}
	if err := w.walk(start); err != nil {
		return nil, err
	}
	w.locate()
	return p.assemble("MIE", span(start, end), privacy.Unknown, w.parts), nil
}

type mieWalk struct {
	p        *parser
	end      int64
	parts    []Piece
	lat, lon int // index of the part that holds a coordinate
	at       geo.Point
}

type mieElement struct {
	format byte
	tag    string
	value  input.Span
}

// walk adds a part for every element with a value from pos on. It ends quietly at
// the first byte that does not fit; the rest stays structure.
func (w *mieWalk) walk(pos int64) error {
	groups := []string{}
	orders := []binary.ByteOrder{be}
	for pos < w.end {
		if err := w.p.count(1); err != nil {
			return err
		}
		e, err := w.element(pos, orders[len(orders)-1])
		if err == errNone {
			return nil
		} else if err != nil {
			return err
		}
		pos = e.value.End()
		switch {
		case e.tag == "":
			if len(groups) == 0 {
				return nil
			}
			groups, orders = groups[:len(groups)-1], orders[:len(orders)-1]
		case e.format == 0x10 || e.format == 0x18:
			if len(groups) >= w.p.lim.Depth {
				return fmt.Errorf("MIE groups nested %d deep: %w", len(groups), input.ErrLimit)
			}
			var o binary.ByteOrder = be
			if e.format == 0x18 {
				o = le
			}
			groups, orders = append(groups, e.tag), append(orders, o)
			pos = e.value.Off // its length, if given, is that of its elements
		default:
			if err := w.add(e, groups, orders[len(orders)-1]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *mieWalk) element(pos int64, o binary.ByteOrder) (mieElement, error) {
	head, err := w.p.exactly(pos, 4, w.end)
	if err != nil || head[0] != '~' {
		return mieElement{}, errNone
	}
	switch head[1] { // the length of a group is in the byte order of its elements
	case 0x10:
		o = be
	case 0x18:
		o = le
	}
	n := int64(head[3])
	wide := int64(0)
	if n > 252 {
		wide = 1 << (256 - n)
	}
	rest, err := w.p.exactly(pos+4, int64(head[2])+wide, w.end)
	if err != nil {
		return mieElement{}, err
	}
	tag := rest[:head[2]]
	switch size := rest[head[2]:]; wide {
	case 2:
		n = int64(o.Uint16(size))
	case 4:
		n = int64(o.Uint32(size))
	case 8:
		n = int64(min(o.Uint64(size), 1<<62))
	}
	off := pos + 4 + int64(head[2]) + wide
	if n > w.end-off {
		return mieElement{}, errNone
	}
	return mieElement{head[1], string(tag), span(off, off+n)}, nil
}

// mieTags gives the values of a group their class and, where it differs from
// the tag, the name ExifTool gives them.
var mieTags = map[string]struct {
	name  string
	class privacy.Class
}{
	"Document/Author": {"", privacy.Identity}, "Document/Contributors": {"", privacy.Identity}, "Document/EMail": {"Email", privacy.Identity},
	"Document/Phone": {"PhoneNumber", privacy.Identity}, "Document/Copyright": {"", privacy.Copyright}, "Document/URL": {"", privacy.Identity},
	"Document/CreateDate": {"", privacy.Time}, "Document/ModifyDate": {"", privacy.Time}, "Document/OriginalDate": {"DateTimeOriginal", privacy.Time},
	"Document/Software": {"", privacy.Device}, "Document/": {"", privacy.Description},
	"Geo/": {"", privacy.Place}, "UTM/Easting": {"UTMEasting", privacy.Location}, "UTM/Northing": {"UTMNorthing", privacy.Location},
	"UTM/Zone": {"UTMZone", privacy.Location}, "UTM/Datum": {"UTMMapDatum", privacy.Attitude},
	"GPS/Latitude": {"GPSLatitude", privacy.Location}, "GPS/Longitude": {"GPSLongitude", privacy.Location},
	"GPS/Altitude": {"GPSAltitude", privacy.Altitude}, "GPS/Bearing": {"GPSDestBearing", privacy.Attitude},
	"GPS/Distance": {"GPSDestDistance", privacy.Location}, "GPS/Heading": {"GPSTrack", privacy.Attitude},
	"GPS/Speed": {"GPSSpeed", privacy.Attitude}, "GPS/DateTime": {"GPSDateTime", privacy.Time}, "GPS/": {"", privacy.Attitude},
	"Camera/SerialNumber": {"", privacy.Identity}, "Camera/OwnerName": {"", privacy.Identity}, "Camera/ImageNumber": {"", privacy.Identity},
	"Camera/Make": {"", privacy.Device}, "Camera/Model": {"", privacy.Device}, "Camera/FirmwareVersion": {"", privacy.Device}, "Camera/": {"", privacy.Exposure},
	"Lens/SerialNumber": {"", privacy.Identity}, "Extender/SerialNumber": {"", privacy.Identity}, "Flash/SerialNumber": {"", privacy.Identity},
	"Lens/": {"", privacy.Device}, "Extender/": {"", privacy.Device}, "Flash/": {"", privacy.Exposure}, "Orientation/": {"", privacy.Attitude},
	"Image/": {"", privacy.Device}, "MakerNotes/": {"", privacy.MakerNote},
}

func (w *mieWalk) add(e mieElement, groups []string, o binary.ByteOrder) error {
	group := ""
	if len(groups) > 0 {
		group = groups[len(groups)-1]
	}
	tag, _, _ := strings.Cut(e.tag, "(") // units
	tag, _, _ = strings.Cut(tag, "-")    // language
	part := Piece{Name: printable(group + "/" + tag), Span: e.value, Class: privacy.Unknown}
	if e.value.Len == 0 {
		return nil
	}
	known, ok := mieTags[group+"/"+tag]
	if !ok {
		known, ok = mieTags[group+"/"]
	}
	switch {
	case e.format&0x04 != 0: // compressed
	case group == "Meta" && tag == "EXIF":
		part.Child, part.Format = true, "tiff"
	case group == "Meta" && tag == "IPTC":
		part.Child, part.Format = true, "iptc"
	case group == "Meta" && tag == "XMP":
		part.Child, part.Format = true, "xmp"
	case tag == "data":
		part.Child, part.Class = true, privacy.Preview
	default:
		part.Name = printable(group)
		f := Field{Name: printable(tag), Class: privacy.Unknown, Spans: []input.Span{e.value}}
		if known.name != "" {
			f.Name = known.name
		}
		if ok {
			f.Class, part.Class = known.class, known.class
		}
		b, err := w.p.exactly(e.value.Off, min(e.value.Len, 4096), w.end)
		if err != nil {
			return err
		}
		f.Value = mieValue(e.format, b, o)
		if v, ok := degrees(e.format, b, o); ok && group == "GPS" && tag == "Latitude" {
			w.lat, w.at.Lat = len(w.parts), v
		} else if ok && group == "GPS" && tag == "Longitude" {
			w.lon, w.at.Lon = len(w.parts), v
		}
		part.Fields = []Field{f}
	}
	w.parts = append(w.parts, part)
	return nil
}

// locate completes the coordinates when both could be read.
func (w *mieWalk) locate() {
	if w.lat < 0 || w.lon < 0 || !w.at.Valid() {
		return
	}
	for _, i := range []int{w.lat, w.lon} {
		w.parts[i].Fields[0].Where = &w.at
	}
}

// mieValue returns a value as text: strings, and numbers as their bytes.
func mieValue(format byte, b []byte, o binary.ByteOrder) privacy.Secret {
	switch format {
	case 0x20, 0x28, 0x30, 0x38:
		return text(bytes.ReplaceAll(b, []byte{0}, []byte(", ")))
	case 0x53, 0x5B:
		var out []string
		for ; len(b) >= 8; b = b[8:] {
			out = append(out, fmt.Sprintf("%d/%d", int32(o.Uint32(b)), int32(o.Uint32(b[4:]))))
		}
		return privacy.Secret(strings.Join(out, " "))
	}
	return privacy.Secret(fmt.Sprintf("(%d bytes)", len(b)))
}

// degrees reads degrees, minutes and seconds, as far as given, each signed.
func degrees(format byte, b []byte, o binary.ByteOrder) (v float64, ok bool) {
	if format != 0x5B && format != 0x53 || len(b) < 8 || len(b) > 24 {
		return 0, false
	}
	for unit := 1.0; len(b) >= 8; b, unit = b[8:], unit*60 {
		d := int32(o.Uint32(b[4:]))
		if d == 0 {
			return 0, false
		}
		v += float64(int32(o.Uint32(b))) / float64(d) / unit
	}
	return v, true
}
