package png

import (
	"fmt"
	"strings"
	"time"

	"flightveil/exifscrub"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

type keeping int

const (
	no      keeping = iota
	yes             // what the picture needs to look right
	picture         // coded picture data
)

// A kind is what is known about a type of chunk. A chunk that has neither a
// reader nor is kept is one finding.
type kind struct {
	keep  keeping
	class privacy.Class
	name  string
	read  func(*parser, chunk) error
}

// named reports whether k is a kind somebody has specified.
func (k kind) named() bool { return k.keep != no || k.read != nil }

// lookup returns what is known about c. Kinds with a fixed size are kept only
// at that size: what is longer has something else in it.
func lookup(c chunk) kind {
	stays := func(from, to int64) kind {
		if c.size < from || c.size > to {
			return kind{class: privacy.Unknown, name: c.kind}
		}
		return kind{keep: yes}
	}
	read := func(f func(*parser, chunk) error) kind { return kind{read: f} }
	found := func(class privacy.Class, name string) kind { return kind{class: class, name: name} }
	switch c.kind {
	case "IDAT", "fdAT": // 11.2.3, 11.3.6.3
		return kind{keep: picture}
	case "IHDR": // 11.2.1
		return stays(13, 13)
	case "PLTE": // 11.2.2
		return stays(3, 768)
	case "IEND": // 11.2.4
		return kind{keep: yes}
	case "tRNS": // 11.3.1.1
		return stays(1, 256)
	case "cHRM": // 11.3.2.1
		return stays(32, 32)
	case "gAMA", "cICP": // 11.3.2.2, 11.3.2.6
		return stays(4, 4)
	case "sBIT": // 11.3.2.4
		return stays(1, 4)
	case "sRGB": // 11.3.2.5
		return stays(1, 1)
	case "mDCV", "mDCv": // 11.3.2.7
		return stays(24, 24)
	case "cLLI", "cLLi": // 11.3.2.8
		return stays(8, 8)
	case "bKGD": // 11.3.4.1
		return stays(1, 6)
	case "pHYs": // 11.3.4.3
		return stays(9, 9)
	case "acTL": // 11.3.6.1
		return stays(8, 8)
	case "fcTL": // 11.3.6.2
		return stays(26, 26)
	case "sTER": // Extensions to the PNG Specification: which half is for which eye
		return stays(1, 1)
	case "orNT": // ImageMagick: orientation
		return stays(1, 1)
	case "CgBI": // Apple: byte order and compression of IDAT
		return stays(4, 4)
	case "gmAP": // gain map metadata, ISO 21496-1, as Skia writes it
		return stays(1, 256)
	case "gdAT": // the gain map itself, a PNG
		return read(func(p *parser, c chunk) error {
			p.child(c, exifscrub.Child{Path: "gdAT", Format: "png", Spans: []exifscrub.Span{c.span(0, c.size)}})
			return nil
		})
	case "iCCP": // 11.3.2.3
		return read((*parser).profile)
	case "tEXt", "zTXt", "iTXt": // 11.3.3
		return read((*parser).text)
	case "tIME": // 11.3.5.1
		return read((*parser).time)
	case "tXMP": // XMP, draft of 2001
		return read(func(p *parser, c chunk) error {
			p.child(c, exifscrub.Child{Path: "XMP", Format: "xmp", Spans: []exifscrub.Span{c.span(0, c.size)}, Expendable: true})
			return nil
		})
	case "caBX": // C2PA 2.1, A.3.4
		return read(func(p *parser, c chunk) error {
			p.child(c, exifscrub.Child{Path: "C2PA", Format: "jumbf", Spans: []exifscrub.Span{c.span(0, c.size)}, Class: privacy.Provenance, Expendable: true})
			return nil
		})
	case "dSIG": // Extensions: digital signature of the author
		return found(privacy.Provenance, "DigitalSignature")
	case "seAl", "SEAL":
		return found(privacy.Provenance, "SEAL")
	case "pCAL", "sCAL": // Extensions: what a sample and a pixel measure
		return found(privacy.Calibration, c.kind)
	case "gIFt", "meTa":
		return found(privacy.Description, c.kind)
	case "prVW": // Fireworks: preview
		return found(privacy.Preview, c.kind)
	case "mkBF", "mkBS", "mkBT", "mkTS", "skMf", "skRf": // Fireworks and Skitch: what the picture was made from
		return found(privacy.MakerNote, c.kind)
	}
	switch {
	case strings.EqualFold(c.kind, "eXIf") && c.kind[0] == 'e': // 11.3.4.7; exIf in drafts
		return read((*parser).exif)
	case strings.EqualFold(c.kind, "zxIf") && c.kind[0] == 'z': // draft, never adopted
		return read((*parser).packedExif)
	}
	return found(privacy.Unknown, c.kind)
}

// prefix is what JPEG puts before an Exif block. Some writers copy it into PNG.
const prefix = "Exif\x00\x00"

func (p *parser) exif(c chunk) error {
	var from int64
	if b, err := p.win.Head(c.data(), min(c.size, int64(len(prefix)))); err != nil {
		return err
	} else if string(b) == prefix {
		from = int64(len(prefix))
	}
	p.child(c, exifscrub.Child{Path: "Exif", Format: "tiff", Spans: []exifscrub.Span{c.span(from, c.size)}, Fixed: true, Expendable: true})
	return nil
}

// time handles the time of the last change: year (two bytes), month, day,
// hour, minute, second, in UTC.
func (p *parser) time(c chunk) error {
	f := privacy.Finding{Class: privacy.Time, Path: "tIME/ModifyDate", Spans: []exifscrub.Span{c.span(0, c.size)}}
	if c.size != 7 {
		f.Class, f.Path = privacy.Unknown, "tIME"
		p.find(c, f)
		return nil
	}
	b, err := input.ReadRange(p.in, c.data(), c.size, c.size)
	if err != nil {
		return err
	}
	year := int(b[0])<<8 | int(b[1])
	f.Value = privacy.Secret(fmt.Sprintf("%04d:%02d:%02d %02d:%02d:%02d", year, b[2], b[3], b[4], b[5], b[6]))
	e := p.find(c, f)
	if d := time.Date(year, time.Month(b[2]), int(b[3]), 0, 0, 0, 0, time.UTC); d.Year() == year && d.Month() == time.Month(b[2]) && d.Day() == int(b[3]) {
		e.value = exifscrub.Span{Len: 7}
		e.coarse = func(geo.Point) []byte { return append(b[:4:4], 0, 0, 0) }
	}
	return nil
}
