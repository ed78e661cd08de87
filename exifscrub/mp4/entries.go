package mp4

import (
	"encoding/binary"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/privacy"
)

// Offsets in sample descriptions, behind the box header (12.1.3, 12.2.3;
// QuickTime, "Video sample description", "Sound sample description").
const (
	entryVendor = 12
	soundLen    = 28
	soundLen1   = 44 // QuickTime, version 1
	soundLen2   = 64 // QuickTime, version 2
)

// codecs lists formats of which everything a player needs is known, so that
// other boxes in their sample descriptions go. Descriptions of other formats
// stay as they are.
var codecs = map[string]bool{
	"avc1": true, "avc3": true, "avcp": true, "dva1": true, "dvav": true, "hvc1": true, "hev1": true, "dvh1": true, "dvhe": true, "vvc1": true, "vvi1": true,
	"av01": true, "dav1": true, "vp08": true, "vp09": true, "mp4v": true, "s263": true, "h263": true, "encv": true, "enca": true,
	"apch": true, "apcn": true, "apcs": true, "apco": true, "ap4h": true, "ap4x": true, "jpeg": true, "mjpa": true, "mjpb": true,
	"mp4a": true, "samr": true, "sawb": true, "ac-3": true, "ec-3": true, "ac-4": true, "Opus": true, "fLaC": true, "alac": true, ".mp3": true,
	"twos": true, "sowt": true, "raw ": true, "NONE": true, "lpcm": true, "ipcm": true, "fpcm": true, "in24": true, "in32": true, "fl32": true, "fl64": true,
	"ulaw": true, "alaw": true, "ima4": true,
}

// descriptions looks at the sample descriptions of a track that stays (8.5.2).
func (p *parser) descriptions(b bmff.Box, path string, t *track) error {
	return p.inside(b, path, func(e bmff.Box) error {
		switch t.Handler {
		case "vide", "auxv", "pict":
			return p.visual(e, path)
		case "soun":
			return p.sound(e, path)
		}
		return nil
	})
}

func (p *parser) visual(e bmff.Box, path string) error {
	if e.Size() < bmff.VisualLen {
		return nil
	}
	b, err := p.head(e.Content(), bmff.VisualLen)
	if err != nil {
		return err
	}
	if err := p.vendor(e, b, path); err != nil {
		return err
	}
	if name, plain := bmff.Compressor(b); !plain {
		f := &privacy.Finding{Class: privacy.Device, Path: join(path, "CompressorName"), Value: privacy.Secret(latin(name)),
			Spans: []exifscrub.Span{{Off: e.Body + bmff.CompressorAt, Len: bmff.CompressorLen}}}
		if err := p.add(part{Item: exifscrub.Item{Finding: f}, blank: f.Spans}); err != nil {
			return err
		}
	}
	return p.codecBoxes(e, e.Body+bmff.VisualLen, path)
}

func (p *parser) sound(e bmff.Box, path string) error {
	if e.Size() < soundLen {
		return nil
	}
	b, err := p.head(e.Content(), soundLen)
	if err != nil {
		return err
	}
	if err := p.vendor(e, b, path); err != nil {
		return err
	}
	starts := []int64{soundLen}
	switch binary.BigEndian.Uint16(b[8:]) { // ISO files have a version 1 without more fields
	case 1:
		starts = []int64{soundLen1, soundLen}
	case 2:
		starts = []int64{soundLen2}
	}
	for _, n := range starts {
		if n > e.Size() {
			continue
		}
		whole := true
		for c, err := range bmff.Boxes(p.in, e.Body+n, e.End) {
			if err != nil {
				return err
			}
			whole = whole && c.Type != "" && !c.Cut
		}
		if whole {
			return p.codecBoxes(e, e.Body+n, path)
		}
	}
	return nil
}

// vendor makes a finding of the maker's four letters.
func (p *parser) vendor(e bmff.Box, b []byte, path string) error {
	v := b[entryVendor : entryVendor+4]
	if binary.BigEndian.Uint32(v) == 0 {
		return nil
	}
	f := &privacy.Finding{Class: privacy.Device, Path: join(path, "VendorID"), Value: privacy.Secret(latin(v)), Spans: []exifscrub.Span{{Off: e.Body + entryVendor, Len: 4}}}
	return p.add(part{Item: exifscrub.Item{Finding: f}, blank: f.Spans})
}

// codecBoxes looks at the boxes of a sample description, from start.
func (p *parser) codecBoxes(e bmff.Box, start int64, path string) error {
	if !codecs[e.Type] {
		return nil
	}
	return p.between(start, e.End, path, func(c bmff.Box) error {
		if bmff.CodecBox(c.Type) {
			return nil
		}
		return p.common(c, path)
	})
}
