package jpegtrail

import (
	"bytes"
	"encoding/json"

	"flightveil/internal/block/window"
	"flightveil/internal/privacy"
)

// vivo reads the JSON text of vivo phones: `vivo{"…"}`, a few counters and a
// fixed footer. The pictures some models put before it are found by their look.
func vivo(p *parser, end int64) ([]Piece, error) {
	foot, err := p.exactly(end-15, 15, end)
	if err != nil || string(foot) != "\xFF\xFF\xFF\xFF\x1B*9HWfu\x84\x93\xA2\xB1" {
		return nil, errNone
	}
	b, err := p.chunk(max(p.from, end-window.Size), end)
	if err != nil {
		return nil, err
	}
	i := bytes.LastIndex(b, []byte(`vivo{"`))
	if i < 0 {
		return nil, errNone
	}
	start := end - int64(len(b)-i)
	jsonEnd := end
	if n := bytes.Index(b[i:], []byte("}\x00")); n >= 0 {
		jsonEnd = start + int64(n) + 1
	}
	part := Piece{Name: "JSONInfo", Span: span(start+4, jsonEnd), Class: privacy.MakerNote}
	if part.Fields, err = p.textField("JSONInfo", privacy.MakerNote, start+4, jsonEnd); err != nil {
		return nil, err
	}
	return p.assemble("Vivo", span(start, end), privacy.MakerNote, []Piece{part}), nil
}

// onePlus reads the trailer of OnePlus phones: data, a JSON list of (name,
// length, distance back from the list), "jxrs", u32 length of the list with
// this footer, little-endian.
func onePlus(p *parser, end int64) ([]Piece, error) {
	foot, err := p.exactly(end-8, 8, end)
	if err != nil || string(foot[:4]) != "jxrs" || foot[7] != 0 {
		return nil, errNone
	}
	n := int64(le.Uint32(foot[4:]))
	if n <= 8 || n > window.Size {
		return nil, errNone
	}
	list := end - n
	b, err := p.exactly(list, n-8, end)
	if err != nil {
		return nil, err
	}
	var entries []struct {
		Name   string
		Length int64
		Offset int64
	}
	b = bytes.TrimRight(b, "\x00")
	if json.Unmarshal(b, &entries) != nil {
		return nil, errNone
	}
	start := list
	part := Piece{Name: "JSONInfo", Span: span(list, list+int64(len(b))), Class: privacy.MakerNote}
	if part.Fields, err = p.textField("JSONInfo", privacy.MakerNote, list, list+int64(len(b))); err != nil {
		return nil, err
	}
	parts := []Piece{part}
	for _, e := range entries {
		if e.Offset <= 0 || e.Offset > list-p.from || e.Length <= 0 || e.Length > e.Offset {
			continue
		}
		name := e.Name
		if name == "watermark.device" {
			name = "Device"
		}
		at := list - e.Offset
		start = min(start, at)
		piece := Piece{Name: printable(name), Span: span(at, at+e.Length), Class: privacy.MakerNote}
		if name == "Device" {
			piece.Class = privacy.Device
			if piece.Fields, err = p.textField(name, privacy.Device, at, at+e.Length); err != nil {
				return nil, err
			}
		}
		parts = append(parts, piece)
	}
	sortPieces(parts)
	return p.assemble("OnePlus", span(start, end), privacy.MakerNote, parts), nil
}
