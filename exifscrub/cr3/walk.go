package cr3

import (
	"bytes"
	"errors"
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// UUIDs of boxes.
var (
	uuidCanon   = [16]byte([]byte("\x85\xC0\xB6\x87\x82\x0F\x11\xE0\x81\x11\xF4\xCE\x46\x2B\x6A\x48"))
	uuidPreview = [16]byte([]byte("\xEA\xF4\x2B\x5E\x1C\x98\x4B\x88\xB9\xFB\xB7\xDC\x40\x6E\x4D\x16"))
	uuidXMP     = [16]byte([]byte("\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC")) // ISO 16684-3
)

// walk reads the boxes of the file.
func (p *parser) walk() error {
	movie := false
	for b, err := range bmff.Boxes(p.in, 0, p.in.Size()) {
		if err == nil {
			err = p.step()
		}
		switch {
		case err != nil:
		case b.Type == "ftyp":
		case b.Type == "mdat":
			p.media = append(p.media, b.Content())
			if b.Cut {
				err = p.note("the file ends inside its media data")
			}
		case b.Type == "moov" && b.Cut:
			err = fmt.Errorf("moov box at %d: %w", b.Start, bmff.ErrDamaged)
		case b.Type == "moov" && !movie:
			movie = true
			err = p.inside(b.Body, b.End, "moov", p.movieBox)
		default:
			err = p.top(b)
		}
		if err != nil {
			return err
		}
	}
	if !movie {
		return fmt.Errorf("the file has no list of its pictures: %w", input.ErrUnsupported)
	}
	return p.mediaData()
}

// top adds what a box beside the tracks gives away.
func (p *parser) top(b bmff.Box) error {
	switch {
	case b.Type == "", b.Type == "\x00\x00\x00\x00" && b.Open: // bytes behind the last box
		if blank, err := p.win.Zeros(b.Start, b.End); blank || err != nil {
			return err
		}
		b.Type = ""
		c := &exifscrub.Child{Path: "Trailing", Spans: []exifscrub.Span{b.Span()}, Class: privacy.Unknown, Stray: true, Fixed: true}
		return p.add(exifscrub.Item{Child: c}, frees(b))
	case b.Type == "free", b.Type == "skip", b.Type == "wide":
		return p.finding(privacy.Unknown, b.Type, "", b.Content())
	case b.ID == uuidXMP && !b.Cut:
		return p.block(exifscrub.Child{Path: "XMP", Format: "xmp", Spans: []exifscrub.Span{b.Content()}}, false)
	case b.ID == uuidPreview && !b.Cut:
		const head = 8
		c, err := bmff.Read(p.in, min(b.Body+head, b.End), b.End)
		if err != nil || c.Type != "PRVW" {
			return errors.Join(err, p.whole(b, privacy.Unknown, "uuid"))
		}
		if err := p.preview(c, "PreviewImage"); err != nil {
			return err
		}
		return p.finding(privacy.Unknown, "uuid/Rest", "", exifscrub.Span{Off: c.End, Len: b.End - c.End})
	}
	return p.whole(b, privacy.Unknown, b.Name())
}

// movieBox adds what a box in moov gives away.
func (p *parser) movieBox(b bmff.Box) error {
	switch {
	case b.ID == uuidCanon:
		return p.inside(b.Body, b.End, "moov/uuid", p.canon)
	case b.Type == "mvhd":
		return p.times(b, "moov", "CreateDate", "ModifyDate")
	case b.Type == "trak":
		return p.track(b)
	}
	return p.whole(b, privacy.Unknown, "moov/"+b.Name())
}

// canon adds what a box of Canon's own gives away.
func (p *parser) canon(b bmff.Box) error {
	whole := []exifscrub.Span{b.Content()}
	switch b.Type {
	case "CNCV", "CCTP", "CTBO": // version of the format, what the tracks are, where the large boxes lie
		return nil
	case "CMT1":
		return p.block(exifscrub.Child{Path: "CMT1", Format: "tiff", Spans: whole, Keep: []string{"Make", "Model"}}, false)
	case "CMT2", "CMT4":
		return p.block(exifscrub.Child{Path: b.Type, Format: "tiff", Spans: whole}, false)
	case "CMT3": // what developing the picture needs is in it
		return p.block(exifscrub.Child{Path: "CMT3", Format: "tiff", Spans: whole, Required: true}, true)
	case "THMB":
		return p.preview(b, "ThumbnailImage")
	}
	return p.whole(b, privacy.Unknown, "moov/uuid/"+b.Name())
}

// preview adds a small picture: a JPEG file behind a few numbers.
func (p *parser) preview(b bmff.Box, name string) error {
	const numbers, most = 16, 64
	head, err := input.ReadRange(p.in, b.Body, min(b.Size(), most), most)
	if err != nil {
		return err
	}
	at := int64(bytes.Index(head, []byte("\xFF\xD8\xFF")))
	if at < 0 {
		at = min(numbers, b.Size())
		if soi := []byte("\xFF\xD8"); bytes.HasPrefix(head[at:], soi) { // what cleaning leaves of a picture cut short
			at += int64(len(soi))
		}
		return p.finding(privacy.Preview, name, "", exifscrub.Span{Off: b.Body + at, Len: b.Size() - at})
	}
	return p.picture(name, exifscrub.Span{Off: b.Body + at, Len: b.Size() - at})
}

// picture adds a JPEG file that stays, cleaned. What nobody can look into is
// blanked.
func (p *parser) picture(name string, s exifscrub.Span) error {
	c := &exifscrub.Child{Path: name, Spans: []exifscrub.Span{s}, Class: privacy.Preview, Fixed: true}
	return p.add(exifscrub.Item{Child: c}, func(set *exifscrub.Patchset, _ exifscrub.Decision) { set.Zero(s.Off, s.Len) })
}
