package heif

import (
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// tables are the boxes that say where samples are and what belongs together
// (8.5 to 8.9).
var tables = map[string]bool{
	"stts": true, "ctts": true, "cslg": true, "stss": true, "stsh": true, "sdtp": true, "stdp": true, "padb": true, "stsc": true, "stsz": true, "stz2": true,
	"stco": true, "co64": true, "subs": true, "saiz": true, "saio": true, "sbgp": true, "sgpd": true, "csgp": true,
}

// tableBox adds what a box of a sample table gives away.
func (p *parser) tableBox(b bmff.Box, path string) error {
	switch {
	case tables[b.Type]:
		return nil
	case b.Type == "stsd":
		start, err := b.Inner(p.in)
		if err != nil {
			return err
		}
		return p.inside(start, b.End, join(path, "stsd"), func(e bmff.Box) error { return p.description(e, join(path, "stsd")) })
	}
	return p.whole(b, privacy.Unknown, join(path, b.Name()))
}

// description adds what the sample description of pictures gives away (8.5.2,
// 12.1.3). That of sound stays as it is.
func (p *parser) description(e bmff.Box, path string) error {
	switch e.Type {
	case "av01", "hvc1", "hev1", "avc1", "avc3", "vvc1", "vvi1", "vp08", "vp09", "jpeg", "mjp2", "unci":
	default:
		return nil
	}
	if e.Size() < bmff.VisualLen {
		return nil
	}
	b, err := input.ReadRange(p.in, e.Body, bmff.VisualLen, bmff.VisualLen)
	if err != nil {
		return err
	}
	if name, nothing := bmff.Compressor(b); !nothing {
		at := exifscrub.Span{Off: e.Body + bmff.CompressorAt, Len: bmff.CompressorLen}
		if err := p.finding(privacy.Device, join(path, "CompressorName"), strings.ToValidUTF8(text(name), "\uFFFD"), 0, at); err != nil {
			return err
		}
	}
	return p.inside(e.Body+bmff.VisualLen, e.End, path, func(c bmff.Box) error {
		if bmff.CodecBox(c.Type) || c.Type == "j2kH" || c.Type == "uncC" || c.Type == "cmpd" {
			return nil
		}
		return p.whole(c, privacy.Unknown, join(path, c.Name()))
	})
}
