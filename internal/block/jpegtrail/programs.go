package jpegtrail

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"

	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

var be, le = binary.BigEndian, binary.LittleEndian

// afcp reads an AXS File Concatenation Protocol trailer: "AXS!" (big-endian)
// or "AXS*" (little-endian), a version, and a directory of (tag, length,
// offset in the file); at its end the signature again and the directory's
// offset. Programs that edit the picture forget to adjust the offsets, so the
// directory is searched for where it is not where the end says.
func afcp(p *parser, end int64) ([]Piece, error) {
	foot, err := p.exactly(end-12, 12, end)
	if err != nil {
		return nil, err
	}
	var o binary.ByteOrder = be
	switch string(foot[:4]) {
	case "AXS!":
	case "AXS*":
		o = le
	default:
		return nil, errNone
	}
	said := int64(o.Uint32(foot[4:]))
	dir, err := p.afcpDirectory(foot[:4], o, said, end-12)
	for at := p.from; err == errNone; at++ {
		if at, err = p.find(string(foot[:4]), at, end-12); err != nil {
			return nil, err
		} else if at == end-12 {
			return nil, errNone
		}
		if err := p.count(1); err != nil {
			return nil, err
		}
		dir, err = p.afcpDirectory(foot[:4], o, at, end-12)
	}
	if err != nil {
		return nil, err
	}
	var parts []Piece
	for e := dir.entries; len(e) > 0; e = e[12:] {
		size, off := int64(o.Uint32(e[4:])), int64(o.Uint32(e[8:]))+dir.at-said
		if size == 0 || off < dir.at || off > end-12 || size > end-12-off {
			continue
		}
		part := Piece{Name: "AFCP entry", Span: span(off, off+size), Class: privacy.Unknown}
		switch tag := string(e[:4]); tag {
		case "IPTC":
			part.Name, part.Class, part.Child, part.Format = "IPTC", privacy.Description, true, "iptc"
		case "TEXT":
			part.Name, part.Class = "Text", privacy.Description
			if part.Fields, err = p.textField("Text", privacy.Description, off, off+size); err != nil {
				return nil, err
			}
		case "Nail", "PrVw":
			part.Name, part.Class, part.Child = map[string]string{"Nail": "ThumbnailImage", "PrVw": "PreviewImage"}[tag], privacy.Preview, true
			// A header and padding of any length come before the picture.
			if at, err := p.find("\xFF\xD8\xFF", off, off+min(size, 64)); err != nil {
				return nil, err
			} else if at < off+min(size, 64) {
				part.Span = span(at, off+size)
			}
		}
		parts = append(parts, part)
	}
	sortPieces(parts)
	return p.assemble("AFCP", span(dir.at, end), privacy.Unknown, parts), nil
}

type afcpDirectory struct {
	at      int64
	entries []byte
}

func (p *parser) afcpDirectory(magic []byte, o binary.ByteOrder, at, end int64) (afcpDirectory, error) {
	head, err := p.exactly(at, 12, end)
	if err != nil || !bytes.Equal(head[:4], magic) {
		return afcpDirectory{}, errNone
	}
	entries, err := p.exactly(at+12, 12*int64(o.Uint16(head[6:])), end)
	return afcpDirectory{at, entries}, err
}

// fotoStation reads one record of FotoWare FotoStation: its data, u16 number,
// u32 length with this footer, A1B2C3D4. Big-endian.
func fotoStation(p *parser, end int64) ([]Piece, error) {
	foot, err := p.exactly(end-10, 10, end)
	if err != nil || be.Uint32(foot[6:]) != 0xA1B2C3D4 {
		return nil, errNone
	}
	n := int64(be.Uint32(foot[2:]))
	start := end - n
	if n < 10 || start < p.from {
		return nil, errNone
	}
	data := Piece{Span: span(start, end-10)}
	switch be.Uint16(foot) {
	case 1:
		data.Name, data.Class, data.Child, data.Format = "IPTC", privacy.Description, true, "iptc"
	case 2:
		data.Name, data.Class = "SoftEdit", privacy.Provenance // how the picture is to be cropped
	case 3:
		data.Name, data.Class, data.Child = "ThumbnailImage", privacy.Preview, true
	case 4:
		data.Name, data.Class, data.Child = "PreviewImage", privacy.Preview, true
	default:
		data.Name, data.Class = "record", privacy.Unknown
	}
	return p.assemble("FotoStation", span(start, end), privacy.Unknown, []Piece{data}), nil
}

// photoMechanic reads the trailer of Photo Mechanic: IIM data sets, u32
// length, "cbipcbbl".
func photoMechanic(p *parser, end int64) ([]Piece, error) {
	foot, err := p.exactly(end-12, 12, end)
	if err != nil || string(foot[4:]) != "cbipcbbl" {
		return nil, errNone
	}
	n := int64(be.Uint32(foot))
	if n > maxDirectory {
		return nil, errNone
	}
	b, err := p.exactly(end-12-n, n, end-12)
	if err != nil {
		return nil, err
	}
	piece := Piece{Name: "PhotoMechanic", Span: span(end-12-n, end), Class: privacy.Description}
	names := map[byte]string{215: "FrameNum", 216: "Rotation", 217: "CropLeft", 218: "CropTop", 219: "CropRight",
		220: "CropBottom", 221: "Tagged", 222: "ColorClass", 223: "Rating"}
	for off := 0; off+5 <= len(b) && b[off] == 0x1C; {
		size := int(be.Uint16(b[off+3:]))
		if size > len(b)-off-5 {
			break
		}
		name, ok := names[b[off+2]]
		if !ok {
			name = fmt.Sprintf("%d:%d", b[off+1], b[off+2])
		}
		f := Field{Name: name, Class: privacy.Description, Spans: []input.Span{{Off: piece.Span.Off + int64(off+5), Len: int64(size)}}}
		if size == 4 {
			f.Value = privacy.Secret(strconv.Itoa(int(int32(be.Uint32(b[off+5:])))))
		}
		piece.Fields = append(piece.Fields, f)
		off += 5 + size
	}
	p.group++
	piece.Group = p.group
	return []Piece{piece}, nil
}

const canonMagic = "CANON OPTIONAL DATA\x00"

// canonVRD reads the recipe Digital Photo Professional appends: a header of
// 28 bytes, blocks of (u32 type, u32 length, data), a footer of 64 bytes with
// the length of the blocks at 20. Big-endian.
func canonVRD(p *parser, end int64) ([]Piece, error) {
	foot, err := p.exactly(end-64, 64, end)
	if err != nil || !bytes.HasPrefix(foot, []byte(canonMagic)) {
		return nil, errNone
	}
	pos, stop := end-64-int64(be.Uint32(foot[20:])), end-64
	start := pos - 28
	head, err := p.exactly(start, 28, end)
	if err != nil || !bytes.HasPrefix(head, []byte(canonMagic)) {
		return nil, errNone
	}
	var parts []Piece
	for pos+8 <= stop {
		b, err := p.exactly(pos, 8, stop)
		if err != nil {
			return nil, err
		}
		n := int64(be.Uint32(b[4:]))
		if pos += 8; n > stop-pos {
			break
		}
		part := Piece{Span: span(pos, pos+n), Class: privacy.MakerNote}
		switch be.Uint32(b) {
		case 0xFFFF00F4:
			part.Name = "EditData"
		case 0xFFFF00F5:
			if parts, err = p.canonIHL(parts, pos, pos+n); err != nil {
				return nil, err
			}
		case 0xFFFF00F6:
			part.Name, part.Child, part.Format = "XMP", true, "xmp"
		case 0xFFFF00F7:
			part.Name = "Edit4Data"
		default:
			part.Name, part.Class = "block", privacy.Unknown
		}
		if part.Name != "" {
			parts = append(parts, part)
		}
		if err := p.count(1); err != nil {
			return nil, err
		}
		pos += n
	}
	return p.assemble("CanonVRD", span(start, end), privacy.MakerNote, parts), nil
}

// canonIHL adds the embedded files of an IHL block: records of 48 bytes with
// number, length and distance to the next record at 36, 40 and 44,
// little-endian, each followed by its data.
func (p *parser) canonIHL(parts []Piece, pos, end int64) ([]Piece, error) {
	for {
		b, err := p.exactly(pos, 48, end)
		if err == errNone || err == nil && !bytes.HasPrefix(b, []byte("IHL Created Optional Item Data\x00\x00")) {
			return parts, nil
		}
		if err != nil {
			return nil, err
		}
		size, next := int64(le.Uint32(b[40:])), int64(le.Uint32(b[44:]))
		if pos += 48; size > next || next > end-pos {
			return parts, nil
		}
		part := Piece{Span: span(pos, pos+size), Class: privacy.MakerNote}
		switch le.Uint32(b[36:]) {
		case 1:
			part.Name, part.Child, part.Format = "IHL_EXIF", true, "tiff"
		case 3:
			part.Name, part.Class, part.Child = "ThumbnailImage", privacy.Preview, true
		case 4:
			part.Name, part.Class, part.Child = "PreviewImage", privacy.Preview, true
		default:
			part.Name = "IHL"
		}
		parts = append(parts, part)
		if err := p.count(1); err != nil {
			return nil, err
		}
		pos += next
	}
}

// nikonApp reads what the NIKON applications append: a header of 64 bytes,
// records of (u32 number, u32 length, data), and in the last 20 bytes the
// length of it all and "/NIKON APP". Big-endian.
func nikonApp(p *parser, end int64) ([]Piece, error) {
	foot, err := p.exactly(end-20, 20, end)
	if err != nil || string(foot[4:]) != "\x00\x00\x00\x00\x00\x00/NIKON APP" {
		return nil, errNone
	}
	start := end - int64(be.Uint32(foot))
	if start < p.from || end-start < 64+20 {
		return nil, errNone
	}
	var parts []Piece
	for pos := start + 64; pos+8 <= end-20; {
		b, err := p.exactly(pos, 8, end-20)
		if err != nil {
			return nil, err
		}
		n := int64(be.Uint32(b[4:]))
		if pos += 8; n == 0 || n > end-20-pos {
			break
		}
		part := Piece{Name: "record", Span: span(pos, pos+n), Class: privacy.Unknown}
		if be.Uint32(b) == 1 {
			part.Name, part.Child, part.Format = "XMP", true, "xmp"
		}
		parts = append(parts, part)
		if err := p.count(1); err != nil {
			return nil, err
		}
		pos += n
	}
	return p.assemble("NikonApp", span(start, end), privacy.Unknown, parts), nil
}
