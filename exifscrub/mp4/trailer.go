package mp4

import (
	"encoding/binary"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/block/jpegtrail"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Insta360 cameras put a trailer behind the last box: its end is padding, u32
// length of it all, u32 version and this.
const (
	instaMagic  = "8db42d694ccc418790edff439fe026bf"
	instaFooter = 40 // from the length on
)

// trailerStart returns where the boxes of the file end.
func (p *parser) trailerStart() (int64, error) {
	if p.size < instaFooter {
		return p.size, nil
	}
	b, err := input.ReadRange(p.in, p.size-instaFooter, instaFooter, instaFooter)
	if err != nil || string(b[8:]) != instaMagic {
		return p.size, err
	}
	n := int64(binary.LittleEndian.Uint32(b))
	if n < instaFooter || n > p.size {
		return p.size, nil
	}
	return p.size - n, nil
}

// trailer makes one item of the trailer of an Insta360 camera: its records are
// found through their ends, so it stays or goes as a whole.
func (p *parser) trailer(start int64) error {
	whole := exifscrub.Span{Off: start, Len: p.size - start}
	pieces, err := jpegtrail.Parse(p.in, start, p.lim)
	if err != nil {
		return err
	}
	var what []privacy.Finding
	for _, piece := range pieces {
		if piece.Name == jpegtrail.Padding {
			continue
		}
		for _, f := range piece.Fields {
			what = append(what, privacy.Finding{Class: f.Class, Path: "Trailer/" + piece.Name + "/" + f.Name, Spans: f.Spans, Count: f.Count, Value: f.Value, Where: f.Where})
		}
		if len(piece.Fields) == 0 {
			what = append(what, privacy.Finding{Class: piece.Class, Path: "Trailer/" + piece.Name, Spans: []exifscrub.Span{piece.Span}})
		}
	}
	if err := p.count(); err != nil {
		return err
	}
	return p.add(part{Item: exifscrub.Item{Together: what}, blank: []exifscrub.Span{whole}})
}

// trailing accounts for bytes behind the last box.
func (p *parser) trailing(b bmff.Box) error {
	s := exifscrub.Span{Off: b.Start, Len: b.End - b.Start}
	blank, err := p.win.Zeros(s.Off, s.End())
	if blank || err != nil {
		return err
	}
	c := &exifscrub.Child{Path: "Trailing", Spans: []exifscrub.Span{s}, Class: privacy.Unknown, Stray: true, Fixed: true}
	return p.add(part{Item: exifscrub.Item{Child: c}, blank: []exifscrub.Span{s}})
}
