package jpegtrail

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// samsung reads the trailer of Samsung phones: data blocks, then blocks
// "SEFH … u32 length SEFT" (the directory) and "QDIO … u32 length QDIO",
// which end in "SEFT" or "QDIOBS". Everything is little-endian.
func samsung(p *parser, end int64) ([]Piece, error) {
	tail, err := p.exactly(end-6, 6, end)
	if err != nil {
		return nil, err
	}
	blockEnd := end
	switch {
	case string(tail) == "QDIOBS":
		blockEnd -= 2
	case string(tail[2:]) != "SEFT":
		return nil, errNone
	}
	for blockEnd > p.from {
		foot, err := p.exactly(blockEnd-8, 8, end)
		if err != nil {
			return nil, err
		}
		n := int64(le.Uint32(foot))
		if n < 4 || n > maxDirectory {
			return nil, errNone
		}
		block, err := p.exactly(blockEnd-8-n, n, end)
		if err != nil {
			return nil, err
		}
		if kind := string(foot[4:]); kind == "SEFT" && bytes.HasPrefix(block, []byte("SEFH")) {
			return p.samsungDirectory(block, blockEnd-8-n, end)
		} else if kind == "SEFT" || !boxType(foot[4:]) {
			break
		}
		blockEnd -= 8 + n
	}
	return nil, errNone
}

// samsungDirectory reads the entries of SEFH: u16 0, u16 type, u32 distance
// back from SEFH, u32 length. An entry's data repeat the first four bytes,
// then u32 length of the name, the name, and the value.
func (p *parser) samsungDirectory(b []byte, at, end int64) ([]Piece, error) {
	if len(b) < 12 {
		return nil, errNone
	}
	n := int64(le.Uint32(b[8:]))
	if n > int64(len(b)-12)/12 {
		return nil, errNone
	}
	start := at
	var parts []Piece
	for i := range n {
		e := b[12+12*i:]
		back, size := int64(le.Uint32(e[4:])), int64(le.Uint32(e[8:]))
		if size < 8 || size > back || back > at-p.from {
			continue // points outside: its bytes, if any, are found by their look
		}
		start = min(start, at-back)
		entry, err := p.samsungEntry(le.Uint16(e[2:]), span(at-back, at-back+size))
		if err != nil {
			return nil, err
		}
		parts = append(parts, entry...)
	}
	sortPieces(parts)
	return p.assemble("Samsung", span(start, end), privacy.MakerNote, parts), nil
}

// samsungTags names the values that ExifTool's Samsung Trailer table knows.
var samsungTags = map[uint16]struct {
	name  string
	class privacy.Class
}{
	0x0001: {"EmbeddedImage", privacy.Preview},
	0x0100: {"EmbeddedAudioFile", privacy.Unknown},
	0x0201: {"SurroundShotVideo", privacy.Unknown},
	0x0A01: {"TimeStamp", privacy.Time},
	0x0A20: {"DualCameraImage", privacy.Preview},
	0x0A30: {"EmbeddedVideoFile", privacy.Unknown},
	0x0A31: {"SamsungMotionPhotoVersion", privacy.MakerNote},
	0x0A33: {"MotionPhotoAutoPlayVideo", privacy.Unknown},
	0x0AA1: {"MCCData", privacy.Place}, // mobile country code: where the phone was
	0x0AB1: {"DepthMapData", privacy.MakerNote},
	0x0B40: {"SingleShotMeta", privacy.MakerNote},
	0x0B41: {"SingleShotDepthMap", privacy.MakerNote},
	0x0BA1: {"ReEditData", privacy.Identity}, // paths and hashes of the original
	0x0BF0: {"RemasterInfo", privacy.MakerNote},
	0x0C51: {"SamsungCaptureInfo", privacy.MakerNote},
	0x0D91: {"PEg_Info", privacy.MakerNote},
}

// samsungEntry returns the pieces of one entry: its name and its value. A
// picture or a video in it is a piece of its own.
func (p *parser) samsungEntry(kind uint16, s input.Span) ([]Piece, error) {
	head, err := p.exactly(s.Off, 8, s.End())
	if err != nil {
		return nil, nil
	}
	nameLen := int64(le.Uint32(head[4:]))
	if nameLen > min(s.Len-8, 255) {
		return []Piece{{Name: fmt.Sprintf("entry 0x%04x", kind), Span: s, Class: privacy.MakerNote}}, nil
	}
	raw, err := p.exactly(s.Off+8, nameLen, s.End())
	if err != nil {
		return nil, err
	}
	name := string(text(raw))
	if name == "" || !boxType([]byte(name)) || strings.ContainsRune(name, '/') {
		name = fmt.Sprintf("entry 0x%04x", kind)
	}
	value := span(s.Off+8+nameLen, s.End())
	tag, ok := samsungTags[kind]
	if !ok {
		tag.name, tag.class = name, privacy.MakerNote
	}
	b, err := p.head(value.Off, 12, value.End())
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(b, []byte("\xFF\xD8\xFF")) || len(b) >= 8 && string(b[4:8]) == "ftyp" {
		return []Piece{
			{Name: name, Span: span(s.Off, value.Off), Class: privacy.MakerNote},
			{Name: name + "/" + tag.name, Span: value, Class: tag.class, Child: true},
		}, nil
	}
	f := Field{Name: tag.name, Class: tag.class, Spans: []input.Span{value}}
	if value.Len > 0 && value.Len <= 1024 {
		v, err := p.exactly(value.Off, value.Len, value.End())
		if err != nil {
			return nil, err
		}
		if f.Value = samsungValue(kind, v); f.Value == "" {
			f.Value = privacy.Secret(fmt.Sprintf("(%d bytes)", len(v)))
		}
	}
	return []Piece{{Name: name, Span: s, Class: tag.class, Fields: []Field{f}}}, nil
}

func samsungValue(kind uint16, v []byte) privacy.Secret {
	for _, c := range v {
		if c < ' ' || c > '~' {
			return ""
		}
	}
	if ms, err := strconv.ParseInt(string(v), 10, 64); err == nil && kind == 0x0A01 {
		return privacy.Secret(time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	return privacy.Secret(v)
}
