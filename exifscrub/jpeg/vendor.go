package jpeg

import (
	"bytes"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// A vendor is a segment that only its maker's programs read. It is cut as a
// whole; what is inside is told where it can be read.
type vendor struct {
	marker byte
	sig    string
	at     int // offset of sig
	name   string
	class  privacy.Class
	// read returns the values found in the data, which begin with sig.
	read func(b []byte) []value
	// format and skip are the ID and the offset of an embedded block.
	format string
	skip   int
	// joined says that the data of segments right behind go on.
	joined bool
}

// A value is something read from a vendor's segment. Names are ExifTool's.
type value struct {
	name  string
	class privacy.Class
	off   int
	len   int
	text  string
	where *geo.Point
	count int
}

// infiRayVersion marks the thermal pictures of InfiRay cameras.
const infiRayVersion = "IJPEG\x00"

// vendors lists the segments whose signatures are known. Facts: ExifTool's
// JPEG tables and the makers' documents.
var vendors = []vendor{
	{marker: 0xE0, sig: sigJFXX, name: "JFXX/ThumbnailImage", class: privacy.Preview},
	{marker: 0xE0, sig: "HEAPJPGM", at: 6, name: "CIFF", class: privacy.MakerNote, format: "crw"},
	{marker: 0xE0, sig: "AVI1", name: "AVI1", class: privacy.MakerNote},
	{marker: 0xE0, sig: "Ocad", name: "Ocad", class: privacy.MakerNote},
	{marker: 0xE1, sig: "QVCI\x00", name: "QVCI", class: privacy.MakerNote, read: readCasio},
	{marker: 0xE2, sig: "FPXR\x00", name: "FlashPix", class: privacy.MakerNote, read: readFlashPix},
	{marker: 0xE4, sig: "FPXR\x00", name: "FlashPix", class: privacy.MakerNote, read: readFlashPix},
	{marker: 0xE2, sig: infiRayVersion, at: 4, name: "InfiRayVersion", class: privacy.MakerNote},
	{marker: 0xE3, sig: "Meta\x00\x00", name: "Meta", class: privacy.MakerNote, format: "tiff", skip: 6},
	{marker: 0xE3, sig: "META\x00\x00", name: "Meta", class: privacy.MakerNote, format: "tiff", skip: 6},
	{marker: 0xE3, sig: "Exif\x00\x00", name: "Meta", class: privacy.MakerNote, format: "tiff", skip: 6},
	{marker: 0xE3, sig: "Stim\x00", name: "Stim", class: privacy.MakerNote},
	{marker: 0xE3, sig: "_JPSJPS_", name: "JPS", class: privacy.MakerNote, read: readJPS},
	{marker: 0xE4, sig: "SCALADO\x00", name: "Scalado", class: privacy.MakerNote},
	{marker: 0xE4, sig: "QVCI\x00", name: "QVCI", class: privacy.MakerNote},
	{marker: 0xE5, sig: "RMETA\x00", name: "RMETA", class: privacy.MakerNote, read: readRicoh},
	{marker: 0xE5, sig: "ssuniqueid\x00", name: "SamsungUniqueID", class: privacy.Identity, read: readUniqueID},
	{marker: 0xE6, sig: "GoPro\x00", name: "GoPro", class: privacy.MakerNote, read: readGoPro, joined: true},
	{marker: 0xE6, sig: "EPPIM\x00", name: "EPPIM", class: privacy.MakerNote, format: "tiff", skip: 6},
	{marker: 0xE6, sig: "NITF\x00", name: "NITF", class: privacy.MakerNote},
	{marker: 0xE6, sig: "TDHD\x01", name: "HP_TDHD", class: privacy.MakerNote, read: readSerialTexts},
	{marker: 0xE6, sig: "DTAT\x00", name: "DJI_DTAT", class: privacy.MakerNote},
	{marker: 0xE7, sig: "DJI-DBG\x00", name: "DJI_DBG", class: privacy.MakerNote, read: readSensorID},
	{marker: 0xE7, sig: "PADDING\x00", name: "padding", class: privacy.Unknown, read: readSensorID},
	{marker: 0xE8, sig: "PADDING\x00", name: "padding", class: privacy.Unknown, read: readSensorID},
	{marker: 0xE7, sig: "PENTAX \x00", name: "Pentax", class: privacy.MakerNote},
	{marker: 0xE7, sig: "HUAWEI\x00", name: "Huawei", class: privacy.MakerNote},
	{marker: 0xE7, sig: "\x1AQualcomm Camera Attributes", name: "Qualcomm", class: privacy.MakerNote},
	{marker: 0xE8, sig: "SPIFF\x00", name: "SPIFF", class: privacy.MakerNote},
	{marker: 0xE9, sig: "Media Jukebox\x00", name: "MediaJukebox", class: privacy.Description, read: readJukebox},
	{marker: 0xE9, sig: "infisense\x00", name: "InfiRaySensor", class: privacy.MakerNote, read: readInfiRay},
	{marker: 0xEA, sig: "UNICODE\x00", name: "PhotoStudio", class: privacy.Description, read: readUnicode},
	{marker: 0xEA, sig: "HDRGM", name: "HDRGainMap", class: privacy.MakerNote},
	{marker: 0xEB, sig: "HDR_RI ", name: "JPEG-HDR", class: privacy.MakerNote},
	{marker: 0xEC, sig: "Ducky", name: "Ducky", class: privacy.MakerNote, read: readDucky},
	{marker: 0xED, sig: "Adobe_CM", name: "AdobeCM", class: privacy.MakerNote},
	{marker: 0xED, sig: "Adobe_Photoshop2.5:", name: "Photoshop", class: privacy.MakerNote, format: "psir", skip: 19},
	{marker: 0xEF, sig: "GraphicConverter", name: "GraphicConverter", class: privacy.MakerNote},
	{marker: 0xEF, sig: "Q ", name: "GraphicConverter", class: privacy.MakerNote},
	{marker: 0xEC, sig: "", name: "PictureInfo", class: privacy.MakerNote, read: readPictureInfo},
}

// vendor adds a segment of a known maker, or one that nobody knows.
func (f *file) vendor(c *carrier, later []*carrier) error {
	for _, v := range vendors {
		if c.marker != v.marker || len(c.head) < v.at || !bytes.HasPrefix(c.head[v.at:], []byte(v.sig)) {
			continue
		}
		return f.known(v, c, later)
	}
	f.unknown(c.name(), c.span())
	return nil
}

func (f *file) known(v vendor, c *carrier, later []*carrier) error {
	cs := []*carrier{c}
	if v.joined {
		cs = following(c, later, func(c *carrier) bool { return c.is(v.marker, v.sig) })
	}
	path := c.name() + "/" + v.name
	what := []privacy.Finding{{Class: v.class, Path: path, Spans: spansOf(cs)}}
	if v.format != "" {
		f.child(exifscrub.Child{Path: path, Format: v.format, Spans: from(int64(v.skip), cs...), Class: v.class}, what, segmentsOf(cs)...)
		return nil
	}
	if v.read != nil {
		data := append([]exifscrub.Span{c.data}, from(int64(len(v.sig)), cs[1:]...)...)
		b, err := f.readSpans(data, f.lim.Field)
		if err != nil {
			return err
		}
		for _, x := range v.read(b) {
			what = append(what, privacy.Finding{Class: x.class, Path: path + "/" + x.name, Value: privacy.Secret(x.text),
				Where: x.where, Count: x.count, Spans: within(data, int64(x.off), int64(x.len))})
		}
	}
	f.together(what, spansOf(cs)...)
	return nil
}

// within returns where the n bytes at off of spans taken together are.
func within(spans []exifscrub.Span, off, n int64) []exifscrub.Span {
	var out []exifscrub.Span
	for _, s := range spans {
		if n <= 0 {
			break
		}
		if off >= s.Len {
			off -= s.Len
			continue
		}
		take := min(n, s.Len-off)
		out = append(out, exifscrub.Span{Off: s.Off + off, Len: take})
		off, n = 0, n-take
	}
	return out
}

// text returns b as a value, up to its first zero byte.
func text(b []byte) privacy.Secret {
	b, _, _ = bytes.Cut(b, []byte{0})
	return privacy.Secret(strings.TrimSpace(string(b)))
}
