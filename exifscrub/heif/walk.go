package heif

import (
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/block/jpegtrail"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// UUIDs of boxes that hold something known.
var (
	uuidXMP  = [16]byte([]byte("\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC")) // ISO 16684-3
	uuidC2PA = [16]byte([]byte("\xD8\xFE\xC3\xD6\x1B\x0E\x48\x3C\x92\x97\x58\x28\x87\x7E\xC4\x81")) // C2PA 2.1, A.4.1
)

// walk reads the boxes of the file.
func (p *parser) walk() error {
	boxes, err := p.topLevel()
	if err != nil {
		return err
	}
	var head *meta
	movie := false
	for i, b := range boxes {
		switch {
		case b.Type == "ftyp" && i > 0:
			err = p.video(b, b.Span())
		case b.Type == "ftyp":
		case b.Type == "mdat", b.Type == "imda":
			p.media = append(p.media, b.Content())
			if b.Cut {
				err = p.note("the file ends inside its media data")
			}
		case (b.Type == "meta" || b.Type == "moov") && b.Cut:
			err = fmt.Errorf("%s box at %d: %w", b.Name(), b.Start, bmff.ErrDamaged)
		case b.Type == "meta" && head == nil:
			head, err = p.meta(b)
		case b.Type == "moov" && !movie:
			movie = true
			err = p.movie(b)
		default:
			err = p.top(b)
		}
		if err != nil {
			return err
		}
	}
	if head == nil && !movie {
		return fmt.Errorf("the file holds no picture: %w", input.ErrUnsupported)
	}
	if head != nil {
		if err := p.items(head); err != nil {
			return err
		}
	}
	return p.mediaData()
}

// topLevel returns the boxes of the file. A second file type begins a video
// that was appended to the picture.
func (p *parser) topLevel() ([]bmff.Box, error) {
	var boxes []bmff.Box
	for b, err := range bmff.Boxes(p.in, 0, p.in.Size()) {
		if err != nil {
			return nil, err
		}
		if boxes = append(boxes, b); len(boxes) > p.lim.Items {
			return nil, fmt.Errorf("more than %d boxes: %w", p.lim.Items, input.ErrLimit)
		}
		if b.Type == "ftyp" && len(boxes) > 1 {
			boxes[len(boxes)-1].End, boxes[len(boxes)-1].Cut = p.in.Size(), true
			break
		}
	}
	return boxes, nil
}

// top adds what a box beside the pictures gives away.
func (p *parser) top(b bmff.Box) error {
	if b.Type == "\x00\x00\x00\x00" && b.Open { // no box either
		b.Type = ""
	}
	switch b.Type {
	case "": // bytes behind the last box
		if blank, err := p.win.Zeros(b.Start, b.End); blank || err != nil {
			return err
		}
		c := &exifscrub.Child{Path: "Trailing", Spans: []exifscrub.Span{b.Span()}, Class: privacy.Unknown, Stray: true, Fixed: true}
		return p.add(exifscrub.Item{Child: c}, frees(b))
	case "free", "skip", "wide":
		return p.padding(b, b.Type)
	case "mpvd": // the video of a motion photo (Google, Motion Photo 1.0; Samsung)
		return p.video(b, b.Content())
	case "sefd":
		return p.samsung(b)
	case "jumb":
		c := &exifscrub.Child{Path: "JUMBF", Format: "jumbf", Spans: []exifscrub.Span{b.Span()}, Class: privacy.Provenance, Expendable: true, Fixed: true}
		return p.add(exifscrub.Item{Child: c}, frees(b))
	case "uuid":
		return p.uuid(b, "")
	}
	return p.whole(b, privacy.Unknown, b.Name())
}

// video adds the video of a motion photo, which lies at s in b.
func (p *parser) video(b bmff.Box, s exifscrub.Span) error {
	if blank, err := p.win.Zeros(s.Off, s.End()); blank || err != nil {
		return err
	}
	c := &exifscrub.Child{Path: "MotionPhotoVideo", Spans: []exifscrub.Span{s}, Class: privacy.Unknown, Fixed: true}
	return p.add(exifscrub.Item{Child: c}, frees(b))
}

// samsung adds the fields of a box that holds what Samsung's phones put behind
// the end of a JPEG.
func (p *parser) samsung(b bmff.Box) error {
	pieces, err := jpegtrail.Parse(input.Section(p.in, b.Body, b.Size()), 0, p.lim)
	if err != nil {
		return err
	}
	what := []privacy.Finding{{Class: privacy.MakerNote, Path: "sefd", Spans: []exifscrub.Span{b.Content()}}}
	for _, piece := range pieces {
		for _, f := range piece.Fields {
			found := privacy.Finding{Class: f.Class, Path: "sefd/" + f.Name, Value: f.Value, Where: f.Where, Count: f.Count}
			for _, s := range f.Spans {
				found.Spans = append(found.Spans, exifscrub.Span{Off: b.Body + s.Off, Len: s.Len})
			}
			what = append(what, found)
		}
	}
	return p.add(exifscrub.Item{Together: what}, frees(b))
}

// uuid adds what a vendor's box gives away.
func (p *parser) uuid(b bmff.Box, path string) error {
	switch b.ID {
	case uuidXMP:
		s := b.Content()
		if blank, err := p.spaces([]exifscrub.Span{s}); blank || err != nil {
			return err
		}
		c := &exifscrub.Child{Path: join(path, "XMP"), Format: "xmp", Spans: []exifscrub.Span{s}, Class: privacy.Unknown, Fixed: true, Expendable: true}
		return p.add(exifscrub.Item{Child: c}, frees(b))
	case uuidC2PA:
		return p.manifest(b, join(path, "C2PA"))
	}
	return p.whole(b, privacy.Unknown, join(path, "uuid"))
}

// manifest adds a C2PA box: a full box, its purpose as text, for a manifest the
// offset of another box, then a JUMBF superbox (C2PA 2.1, A.4.1).
func (p *parser) manifest(b bmff.Box, path string) error {
	head, err := input.ReadRange(p.in, b.Body, min(b.Size(), 512), 512)
	if err != nil {
		return err
	}
	what := []privacy.Finding{{Class: privacy.Provenance, Path: path, Spans: []exifscrub.Span{b.Content()}}}
	for i := 4; i+8 <= len(head); i++ {
		if string(head[i+4:i+8]) != "jumb" {
			continue
		}
		s := exifscrub.Span{Off: b.Body + int64(i), Len: b.Size() - int64(i)}
		c := &exifscrub.Child{Path: path, Format: "jumbf", Spans: []exifscrub.Span{s}, Class: privacy.Provenance, Fixed: true}
		return p.add(exifscrub.Item{Child: c, Together: what}, frees(b))
	}
	return p.add(exifscrub.Item{Together: what}, frees(b))
}
