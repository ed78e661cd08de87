package jpegtrail

import (
	"fmt"
	"math"
	"time"

	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

const (
	instaMagic   = "8db42d694ccc418790edff439fe026bf"
	instaFooter  = 6  // u16 number, u32 length, behind the data of each record
	instaTrailer = 72 // 32 bytes of padding, u32 length of it all, u32 version, magic
	instaRow     = 53 // one fix of the GPS record
)

// insta360 reads the trailer of Insta360 cameras. Its records lie back to
// back, each with its footer behind it; newer cameras leave gaps and write a
// directory as the last record. Everything is little-endian.
func insta360(p *parser, end int64) ([]Piece, error) {
	tail, err := p.exactly(end-instaTrailer-instaFooter, instaTrailer+instaFooter, end)
	if err != nil || string(tail[instaFooter+40:]) != instaMagic {
		return nil, errNone
	}
	n := int64(le.Uint32(tail[instaFooter+32:]))
	start := end - n
	if start < p.from || n < instaTrailer+instaFooter {
		return nil, errNone
	}
	var parts []Piece
	add := func(foot int64) (input.Span, uint16, error) {
		b, err := p.exactly(foot, instaFooter, end)
		if err != nil {
			return input.Span{}, 0, err
		}
		s := span(foot-int64(le.Uint32(b[2:])), foot)
		if s.Off < start {
			return s, 0, errNone
		}
		id := le.Uint16(b)
		part, err := p.instaRecord(id, s)
		if err != nil {
			return s, id, err
		}
		parts = append(parts, part)
		return s, id, p.count(1)
	}
	foot := end - instaTrailer - instaFooter
	for foot >= start {
		s, id, err := add(foot)
		if err == errNone {
			break // damaged: what lies before stays structure
		}
		if err != nil {
			return nil, err
		}
		if id == 0 {
			if err := p.instaDirectory(s, start, add); err != nil {
				return nil, err
			}
			break
		}
		foot = s.Off - instaFooter
	}
	sortPieces(parts)
	return p.assemble("Insta360", span(start, end), privacy.MakerNote, parts), nil
}

// instaDirectory adds the records of a directory: u16 number, u32 length, u32
// offset from the start of the trailer.
func (p *parser) instaDirectory(s input.Span, start int64, add func(int64) (input.Span, uint16, error)) error {
	b, err := p.exactly(s.Off, min(s.Len, maxDirectory), s.End())
	if err != nil {
		return err
	}
	for ; len(b) >= 10; b = b[10:] {
		id, size, off := le.Uint16(b), int64(le.Uint32(b[2:])), int64(le.Uint32(b[6:]))
		if id == 0 || size == 0 || off+size > s.Off-start {
			continue
		}
		if _, _, err := add(start + off + size); err != nil && err != errNone {
			return err
		}
	}
	return nil
}

// instaRecord returns the piece of one record.
func (p *parser) instaRecord(id uint16, s input.Span) (Piece, error) {
	piece := Piece{Span: s, Class: privacy.MakerNote}
	switch id {
	case 0x000:
		piece.Name = "directory"
	case 0x101:
		piece.Name = "MakerNotes"
		return piece, p.instaNotes(&piece)
	case 0x200:
		piece.Name, piece.Class = "PreviewImage", privacy.Preview
		b, err := p.head(s.Off, 3, s.End())
		piece.Child = string(b) == "\xFF\xD8\xFF"
		return piece, err
	case 0x300:
		piece.Name, piece.Class = "Accelerometer", privacy.Attitude
	case 0x400:
		piece.Name, piece.Class = "ExposureTime", privacy.Exposure
	case 0x600:
		piece.Name, piece.Class = "VideoTimeStamp", privacy.Time
	case 0x700:
		piece.Name, piece.Class = "GPS", privacy.Location
		return piece, p.instaGPS(&piece)
	default:
		piece.Name, piece.Class = fmt.Sprintf("record 0x%04x", id), privacy.Unknown
	}
	return piece, nil
}

// instaNotes reads the first strings of the protobuf message of record 0x101.
func (p *parser) instaNotes(piece *Piece) error {
	s := piece.Span
	b, err := p.exactly(s.Off, min(s.Len, 1024), s.End())
	if err != nil {
		return err
	}
	for i := 0; i+2 <= len(b) && int(b[i+1]) <= len(b)-i-2; {
		n := int(b[i+1])
		f := Field{Class: privacy.Identity, Spans: []input.Span{{Off: s.Off + int64(i) + 2, Len: int64(n)}}, Value: text(b[i+2 : i+2+n])}
		switch b[i] {
		case 0x0A:
			f.Name = "SerialNumber"
		case 0x12:
			f.Name, f.Class = "Model", privacy.Device
		case 0x1A:
			f.Name, f.Class = "Firmware", privacy.Device
		case 0x2A:
			f.Name, f.Class = "Parameters", privacy.Calibration
		default:
			return nil
		}
		piece.Fields = append(piece.Fields, f)
		i += 2 + n
	}
	return nil
}

// instaGPS describes the rows of record 0x700: u32 seconds since 1970, u32,
// u16 milliseconds, 'A' or 'V', latitude as double, 'N' or 'S', longitude as
// double, 'E', 'W' or 'O', speed, track and altitude as doubles.
func (p *parser) instaGPS(piece *Piece) error {
	s := piece.Span
	rows := int(s.Len / instaRow)
	double := func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) }
	first := make([]byte, instaRow)
	found := false
	for i := 0; i < min(rows, 64) && !found; i++ {
		if err := input.ReadFull(p.in, first, s.Off+int64(i)*instaRow); err != nil {
			return err
		}
		found = first[10] == 'A'
	}
	value := func(name string, class privacy.Class, v string, at *geo.Point) {
		piece.Fields = append(piece.Fields, Field{Name: name, Class: class, Spans: []input.Span{s}, Count: rows, Value: privacy.Secret(v), Where: at})
	}
	if !found {
		value("GPS", privacy.Location, "", nil)
		return nil
	}
	at := geo.Point{Lat: math.Abs(double(first[11:])), Lon: math.Abs(double(first[20:]))}
	if first[19] == 'S' {
		at.Lat = -at.Lat
	}
	if first[28] != 'E' {
		at.Lon = -at.Lon
	}
	where := &at
	if !at.Valid() {
		where = nil
	}
	when := time.Unix(int64(le.Uint32(first)), int64(le.Uint16(first[8:]))*1e6).UTC()
	value("GPSDateTime", privacy.Time, when.Format("2006-01-02T15:04:05.000Z"), nil)
	value("GPSLatitude", privacy.Location, fmt.Sprint(at.Lat), where)
	value("GPSLongitude", privacy.Location, fmt.Sprint(at.Lon), where)
	value("GPSSpeed", privacy.Attitude, fmt.Sprint(double(first[29:])), nil)
	value("GPSTrack", privacy.Attitude, fmt.Sprint(double(first[37:])), nil)
	value("GPSAltitude", privacy.Altitude, fmt.Sprint(double(first[45:])), nil)
	return nil
}
