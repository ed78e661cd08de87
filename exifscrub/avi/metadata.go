package avi

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"

	"flightveil/exifscrub"
	"flightveil/internal/block/makernote"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A kind is what a chunk of metadata tells.
type kind struct {
	name  string
	class privacy.Class
}

// kinds are the chunks of LIST INFO and others that hold one text, by their
// names; named as readers do.
var kinds = map[string]kind{
	"IDIT": {"DateTimeOriginal", privacy.Time}, "ISMP": {"TimeCode", privacy.Time}, "DTIM": {"DateTimeOriginal", privacy.Time},
	"ICRD": {"DateCreated", privacy.Time}, "YEAR": {"Year", privacy.Time}, "TCOD": {"StartTimecode", privacy.Time}, "TCDO": {"EndTimecode", privacy.Time},
	"IART": {"Artist", privacy.Copyright}, "ICOP": {"Copyright", privacy.Copyright}, "IENG": {"Engineer", privacy.Copyright}, "ITCH": {"Technician", privacy.Copyright},
	"ICMS": {"Commissioned", privacy.Copyright}, "ISTR": {"Starring", privacy.Copyright}, "IDST": {"DistributedBy", privacy.Copyright}, "IRIP": {"RippedBy", privacy.Copyright},
	"IWRI": {"WrittenBy", privacy.Copyright}, "IPRO": {"ProducedBy", privacy.Copyright}, "ICNM": {"Cinematographer", privacy.Copyright}, "IPDS": {"ProductionDesigner", privacy.Copyright},
	"IEDT": {"EditedBy", privacy.Copyright}, "IMUS": {"MusicBy", privacy.Copyright}, "ISTD": {"ProductionStudio", privacy.Copyright}, "IENC": {"EncodedBy", privacy.Copyright},
	"CODE": {"EncodedBy", privacy.Copyright}, "TORG": {"Organization", privacy.Copyright}, "TAPE": {"TapeName", privacy.Identity}, "IARL": {"ArchivalLocation", privacy.Identity},
	"ISFT": {"Software", privacy.Device}, "IMED": {"Medium", privacy.Device}, "ISRC": {"Source", privacy.Device}, "ISRF": {"SourceForm", privacy.Device}, "TVER": {"Version", privacy.Device},
	"IPRD": {"Product", privacy.Description}, "ICMT": {"Comment", privacy.Description}, "INAM": {"Title", privacy.Description}, "ISBJ": {"Subject", privacy.Description},
	"IKEY": {"Keywords", privacy.Description}, "IGNR": {"Genre", privacy.Description}, "GENR": {"Genre", privacy.Description}, "TITL": {"Title", privacy.Description},
	"COMM": {"Comments", privacy.Description}, "DISP": {"SoundSchemeTitle", privacy.Description}, "IRTD": {"Rating", privacy.Description}, "RATE": {"Rate", privacy.Description},
	"ICNT": {"Country", privacy.Place}, "LOCA": {"Location", privacy.Location}, "ILOC": {"Location", privacy.Location}, "strn": {"StreamName", privacy.Description},
	// LIST exif (Exif 2.3, annex on RIFF)
	"ever": {"ExifVersion", privacy.Device}, "erel": {"RelatedImageFile", privacy.Identity}, "etim": {"TimeCreated", privacy.Time}, "ecor": {"Make", privacy.Device},
	"emdl": {"Model", privacy.Device}, "emnt": {"MakerNotes", privacy.MakerNote}, "eucm": {"UserComment", privacy.Description},
	// camera makers
	"nctg": {"Nikon", privacy.MakerNote}, "ncth": {"ThumbnailImage", privacy.Preview}, "ncvr": {"NikonVers", privacy.MakerNote}, "ncvw": {"PreviewImage", privacy.Preview},
	"hymn": {"MakerNotes", privacy.MakerNote}, "hynt": {"PentaxHeader", privacy.MakerNote}, "strd": {"StreamData", privacy.MakerNote}, "CasiData": {"CasioData", privacy.MakerNote},
	"CNTH": {"CanonThumbnail", privacy.Preview}, "SEAL": {"SEAL", privacy.Provenance}, "segm": {"Segment", privacy.Unknown}, "JUNK": {"JUNK", privacy.Unknown}, "GPS ": {"GPS", privacy.Location},
}

// other handles a chunk that is no part of the picture or sound.
func (p *parser) other(c chunk, depth int, in string) error {
	if c.list != "" {
		return p.chunks(c.data, c.end, depth+1, path(in, label(c.list)), p.other)
	}
	blank, err := p.empty(c)
	if err != nil || blank {
		return err
	}
	child := exifscrub.Child{Spans: []exifscrub.Span{c.body()}, Fixed: true, Expendable: true}
	switch {
	case p.listed != nil: // goes with its stream, so nothing in it is edited
	case c.name == "_PMX":
		child.Path, child.Format, child.Class = "XMP", "xmp", privacy.Unknown
	case c.name == "EXIF":
		child.Path, child.Format = "EXIF", "tiff"
	case c.name == "C2PA":
		child.Path, child.Format, child.Class = "C2PA", "jumbf", privacy.Provenance
	}
	if child.Path != "" {
		p.entries = append(p.entries, entry{Item: exifscrub.Item{Child: &child}, act: junk, at: c})
		return nil
	}
	k, ok := kinds[c.name]
	if !ok {
		k = kind{label(c.name), privacy.Unknown}
	}
	b, err := p.win.Peek(c.data, min(c.end-c.data, 1024))
	if err != nil {
		return err
	}
	p.find(k.class, path(in, k.name), text(b, c.end-c.data), c.body(), entry{act: junk, at: c})
	if c.name == "hymn" {
		return p.pentax(c, path(in, "Pentax"))
	}
	return nil
}

// pentax tells what the maker note in the chunk just found holds. It goes as a
// whole; one that cannot be read is a note all the same.
func (p *parser) pentax(c chunk, path string) error {
	all := input.Section(p.in, c.data, c.end-c.data)
	note, err := makernote.Parse(all, input.Span{Len: all.Size()}, binary.BigEndian, "PENTAX", "", p.lim)
	if err != nil {
		return nil
	}
	e := &p.entries[len(p.entries)-1]
	e.Together, e.Finding = []privacy.Finding{*e.Finding}, nil
	for _, f := range note.Fields {
		if f.Class == privacy.Unknown || f.Class == privacy.Technical {
			continue
		}
		var spans []exifscrub.Span
		for _, s := range f.Spans {
			spans = append(spans, exifscrub.Span{Off: c.data + s.Off, Len: s.Len})
		}
		e.Together = append(e.Together, privacy.Finding{Class: f.Class, Path: path + "/" + f.Name, Value: privacy.Secret(f.Value), Spans: spans, Where: f.Where})
	}
	return nil
}

// empty reports whether the data of c says nothing.
func (p *parser) empty(c chunk) (bool, error) { return p.win.Zeros(c.data, c.end) }

// label returns a chunk's name, if it is one that can be shown.
func label(name string) string {
	s := strings.TrimRight(name, " ")
	for _, r := range s {
		if (r|0x20 < 'a' || r|0x20 > 'z') && (r < '0' || r > '9') && r != '_' {
			return "unknown chunk"
		}
	}
	return s
}

// text returns b, the beginning of n bytes, if it can be read.
func text(b []byte, n int64) string {
	b = bytes.TrimRight(bytes.Clone(b), "\x00\r\n ")
	if int64(len(b)) < n-256 && len(b) < 64 || !utf8.Valid(b) || bytes.ContainsFunc(b, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' && r != '\r' }) {
		return fmt.Sprintf("%d bytes", n)
	}
	return string(b)
}
