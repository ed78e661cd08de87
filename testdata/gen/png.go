package main

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"flightveil/exifscrub/scrubtest"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

func pngChunk(kind string, data ...string) string {
	body := kind + strings.Join(data, "")
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)-4))
	b = append(b, body...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(body))))
}

// pngHead returns the signature and the header of a picture of 12 x 8 pixels.
func pngHead(depth, colour string) string {
	return pngSignature + pngChunk("IHDR", "\x00\x00\x00\x0c\x00\x00\x00\x08", depth, colour, "\x00\x00\x00")
}

// pngRows returns the coded rows of such a picture in true colour.
func pngRows(seed byte) string {
	var rows []byte
	for y := range byte(8) {
		rows = append(rows, 0)
		for x := range byte(12) {
			rows = append(rows, seed+x*20, y*30, seed^x*y)
		}
	}
	return deflated(string(rows))
}

func deflated(s string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write([]byte(s)) // a bytes.Buffer never fails
	z.Close()
	return b.String()
}

func pngData() string { return pngChunk("IDAT", pngRows(7)) }

const pngEnd = "\x00\x00\x00\x00IEND\xae\x42\x60\x82"

// rawProfile returns block as ImageMagick writes it into a text.
func rawProfile(name, block string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "\n%s\n%8d\n", name, len(block))
	for line := range slices.Chunk([]byte(block), 36) {
		fmt.Fprintln(&out, hex.EncodeToString(line))
	}
	return out.String()
}

// smallICC returns the smallest block that looks like a colour profile: its
// header, one text.
func smallICC() string {
	text := "text\x00\x00\x00\x00invented\x00\x00\x00\x00"
	b := make([]byte, 128, 200)
	copy(b[8:], "\x04\x30\x00\x00mntrRGB XYZ ")
	copy(b[36:], "acsp")
	copy(b[68:], "\x00\x00\xf6\xd6\x00\x01\x00\x00\x00\x00\xd3\x2d")
	b = binary.BigEndian.AppendUint32(b, 1)
	b = append(b, "cprt"...)
	b = binary.BigEndian.AppendUint32(b, 144)
	b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
	b = append(b, text...)
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	return string(b)
}

// smallExif returns an Exif block with every kind of canary, an orientation
// other than upright, and a little exposure.
func smallExif(o binary.AppendByteOrder) string {
	type field struct {
		tag, kind uint16
		count     uint32
		value     []byte
	}
	ascii := func(tag uint16, s string) field { return field{tag, 2, uint32(len(s) + 1), append([]byte(s), 0)} }
	short := func(tag, v uint16) field { return field{tag, 3, 1, o.AppendUint16(nil, v)} }
	ratio := func(tag uint16, v ...uint32) field {
		f := field{tag: tag, kind: 5, count: uint32(len(v) / 2)}
		for _, x := range v {
			f.value = o.AppendUint32(f.value, x)
		}
		return f
	}
	ifd := func(at int, fields ...field) []byte { // with its values behind it
		out := o.AppendUint16(nil, uint16(len(fields)))
		far := []byte{}
		end := at + 2 + 12*len(fields) + 4
		for _, f := range fields {
			out = o.AppendUint32(o.AppendUint16(o.AppendUint16(out, f.tag), f.kind), f.count)
			if len(f.value) <= 4 {
				out = append(out, append(f.value, make([]byte, 4-len(f.value))...)...)
				continue
			}
			out = o.AppendUint32(out, uint32(end+len(far)))
			far = padEven(append(far, f.value...))
		}
		return append(o.AppendUint32(out, 0), far...)
	}
	long := func(tag uint16, v int) field { return field{tag, 4, 1, o.AppendUint32(nil, uint32(v))} }
	lat, lon := scrubtest.LatDMS, scrubtest.LonDMS
	first := func(exif, gps int) []byte {
		return ifd(8, ascii(0x010F, "Heron"), ascii(0x0110, "Heron One"), short(0x0112, 6), ascii(0x0132, scrubtest.When), ascii(0x013B, scrubtest.Person), long(0x8769, exif), long(0x8825, gps))
	}
	shot := func(at int) []byte {
		return ifd(at, ratio(0x829A, 1, 640), ratio(0x829D, 28, 10), ascii(0x9003, scrubtest.When), ascii(0xA431, scrubtest.Serial))
	}
	exif := 8 + len(first(0, 0))
	gps := exif + len(shot(exif))
	mark := map[bool]string{true: "II", false: "MM"}[o.AppendUint16(nil, 1)[0] == 1]
	out := o.AppendUint32(o.AppendUint16([]byte(mark), 42), 8)
	out = append(out, first(exif, gps)...)
	out = append(out, shot(exif)...)
	return string(append(out, ifd(gps, ascii(1, "S"), ratio(2, lat[:]...), ascii(3, "W"), ratio(4, lon[:]...), ascii(0x1D, scrubtest.When[:10]))...))
}

// smallXMP returns an XMP packet with a position, a person and a panorama's
// projection.
func smallXMP() string {
	return "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description rdf:about="" xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" xmlns:GPano="http://ns.google.com/photos/1.0/panorama/"` +
		` xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"` +
		fmt.Sprintf(` drone-dji:GpsLatitude="%.8f" drone-dji:GpsLongitude="%.8f" drone-dji:CameraSerialNumber="%s"`, scrubtest.Lat, scrubtest.Lon, scrubtest.Serial) +
		` GPano:ProjectionType="equirectangular" xmp:CreateDate="` + scrubtest.Day + "T" + scrubtest.When[11:] + `" photoshop:City="` + scrubtest.Place + `">` +
		`<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Seq><rdf:li>` + scrubtest.Person + `</rdf:li></rdf:Seq></dc:creator>` +
		"</rdf:Description></rdf:RDF></x:xmpmeta>\n" + strings.Repeat(" ", 80) + "\n<?xpacket end=\"w\"?>"
}

// pngTexts returns text chunks with every kind of keyword.
func pngTexts() string {
	text := func(key, value string) string { return pngChunk("tEXt", key, "\x00", value) }
	international := func(key, lang, heading, value string) string {
		return pngChunk("iTXt", key, "\x00\x00\x00", lang, "\x00", heading, "\x00", value)
	}
	return text("Title", scrubtest.Text) + text("Author", scrubtest.Person) + text("Copyright", "(c) "+scrubtest.Person) +
		text("Creation Time", "Sat, 19 Jul 2031 04:47:53 GMT") + text("Software", "Heron Studio 4") + text("Source", "Heron One "+scrubtest.Serial) +
		text("Comment", "Z\xe9phyrine: "+scrubtest.Text) + text("Location", scrubtest.Place) + text("Thumb::URI", "file:///home/"+scrubtest.Person+"/heron.png") +
		text("date:create", scrubtest.Day+"T04:47:53+12:00") + text("date:modify", "some time in "+scrubtest.Place) + text("My own key", scrubtest.Serial) +
		international("Description", "de-DE", "Beschreibung "+scrubtest.Person, "Der Reiher nistet. "+scrubtest.Text) +
		pngChunk("iTXt", "Comment\x00\x01\x00en\x00\x00", deflated(scrubtest.Text)) + pngChunk("zTXt", "Comment\x00\x00", deflated(scrubtest.Person))
}

// pngProperties returns an Exif block as ImageMagick writes it field by field.
func pngProperties() string {
	var out string
	lat, lon := scrubtest.LatDMS, scrubtest.LonDMS
	angle := func(v [6]uint32) string {
		return fmt.Sprintf("%d/%d, %d/%d, %d/%d", v[0], v[1], v[2], v[3], v[4], v[5])
	}
	for _, p := range [][2]string{
		{"exif:Artist", scrubtest.Person}, {"exif:BodySerialNumber", scrubtest.Serial}, {"exif:DateTimeOriginal", scrubtest.When}, {"exif:ExposureTime", "1/640"},
		{"exif:FNumber", scrubtest.Serial}, {"exif:GPSAltitude", "1234567/1000"}, {"exif:GPSDateStamp", scrubtest.When[:10]}, {"exif:GPSImgDirection", "700/100"},
		{"exif:GPSInfo", "874"}, {"exif:GPSLatitude", angle(lat)}, {"exif:GPSLatitudeRef", "S"}, {"exif:GPSLongitude", angle(lon)},
		{"exif:GPSLongitudeRef", "W"}, {"exif:GPSTimeStamp", "4/1, 47/1, 53/1"}, {"exif:Model", "Heron One"}, {"exif:OffsetTime", "+12:00"},
		{"exif:Orientation", "6"}, {"exif:thumbnail:Compression", "6"}, {"icc:copyright", scrubtest.Person}, {"tiff:document", scrubtest.Text},
	} {
		out += pngChunk("tEXt", p[0], "\x00", p[1])
	}
	return out
}

// pngProfiles returns raw profiles of every kind, most of them compressed.
func pngProfiles() string {
	packed := func(kind, name, block string) string {
		return pngChunk("zTXt", "Raw profile type "+kind, "\x00\x00", deflated(rawProfile(name, block)))
	}
	return pngChunk("tEXt", "Raw profile type exif\x00", rawProfile("exif", "Exif\x00\x00"+smallExif(binary.LittleEndian))) +
		packed("APP1", "generic profile", "Exif\x00\x00"+smallExif(binary.BigEndian)) +
		packed("APP1", "app1", "http://ns.adobe.com/xap/1.0/\x00"+smallXMP()) +
		packed("xmp", "xmp", smallXMP()) +
		packed("iptc", "iptc", string(iptcBlock())) +
		packed("8bim", "8bim", string(resource8BIM(0x0404, "", iptcBlock()))) +
		packed("icc", "icc", smallICC()) +
		packed("icm", "icm", scrubtest.Serial) + // not what it says
		packed("note", "note", scrubtest.Text)
}

// pngVendor returns chunks that programs add for themselves.
func pngVendor() string {
	var out string
	for _, kind := range []string{"dSIG", "seAl", "vpAg", "caNv", "mkBF", "mkTS", "prVW", "skMf", "meTa", "cpIp", "gIFt", "gIFx", "fRAc", "xyZz"} {
		out += pngChunk(kind, scrubtest.Person, "\x00", scrubtest.Serial)
	}
	return out + pngChunk("iDOT", strings.Repeat("\x00\x00\x00\x02", 7)) + pngChunk("orNT", "\x01") +
		pngChunk("caBX", "\x00\x00\x00\x30jumb"+scrubtest.Serial) + pngChunk("tXMP", smallXMP()) +
		pngChunk("sCAL", "\x01", "0.001\x000.001") + pngChunk("hIST", "\x00\x01") + pngChunk("oFFs", "\x00\x00\x00\x01\x00\x00\x00\x01\x00")
}

func pngFixtures() map[string][]byte {
	head, data := pngHead("\x08", "\x02"), pngData()
	colour := pngChunk("gAMA", "\x00\x00\xb1\x8f") + pngChunk("cHRM", strings.Repeat("\x00\x00\x7a\x26", 8)) + pngChunk("pHYs", "\x00\x00\x0b\x12\x00\x00\x0b\x12\x01")
	icc := pngChunk("iCCP", "heron\x00\x00", deflated(smallICC()))
	when := pngChunk("tIME", "\x07\xef\x07\x13\x04\x2f\x35") // 2031-07-19 04:47:53
	exif := pngChunk("eXIf", smallExif(binary.BigEndian))
	xmp := pngChunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00", smallXMP())
	swap := func(s, old, with string) string { return strings.Replace(s, old, with, 1) }
	rich := head + icc + colour + exif + xmp + when + pngTexts() + data + pngEnd
	apng := head + pngChunk("acTL", "\x00\x00\x00\x02\x00\x00\x00\x00") + pngChunk("fcTL", "\x00\x00\x00\x00", "\x00\x00\x00\x0c\x00\x00\x00\x08", "\x00\x00\x00\x00\x00\x00\x00\x00", "\x00\x01\x00\x0a\x00\x00") + data +
		pngTexts() + pngChunk("fcTL", "\x00\x00\x00\x01", "\x00\x00\x00\x0c\x00\x00\x00\x08", "\x00\x00\x00\x00\x00\x00\x00\x00", "\x00\x01\x00\x0a\x00\x00") +
		pngChunk("fdAT", "\x00\x00\x00\x02", pngRows(90)) + exif + pngEnd
	palette := pngHead("\x08", "\x03") + pngChunk("sBIT", "\x08\x08\x08") + pngChunk("PLTE", strings.Repeat("\x10\x80\xf0", 16)) + pngChunk("tRNS", "\x80\xff") + pngChunk("bKGD", "\x01") +
		pngChunk("sPLT", scrubtest.Place, "\x00\x08") + pngChunk("gAMA", "\x00\x00\xb1\x8f", scrubtest.Serial) +
		pngChunk("IDAT", deflated(strings.Repeat("\x00\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b", 8))) + pngChunk("IEND", scrubtest.Person)
	middle := len(head) + len(icc) + len(data)/2
	samples := map[string]string{
		"minimal.png":     head + data + pngEnd,
		"rich.png":        rich,
		"imagemagick.png": head + colour + pngChunk("eXIf", "Exif\x00\x00", smallExif(binary.LittleEndian)) + pngProperties() + data + pngEnd,
		"profiles.png":    head + pngProfiles() + data + pngEnd,
		"vendor.png":      head + pngVendor() + data + pngEnd,
		"apng.png":        apng,
		"palette.png":     palette,
		"packed.png": head + pngChunk("zxIf", "\x00\x00\x00\x02\x00", deflated(smallExif(binary.LittleEndian))) + pngChunk("zTXt", "XML:com.adobe.xmp\x00\x00", deflated(smallXMP())) +
			pngChunk("iTXt", "XML:com.adobe.xmp\x00\x01\x00\x00\x00", deflated(smallXMP()), scrubtest.Serial) + pngChunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00", scrubtest.Person, "\x00", smallXMP()) +
			pngChunk("iCCP", "heron\x00\x00", deflated(smallICC()), scrubtest.Serial) + pngChunk("zTXt", "Raw profile type icc\x00\x00", deflated(rawProfile("icc", smallICC())), scrubtest.Text) + data + pngEnd,
		"gain-map.png":    head + pngChunk("gmAP", "\x00\x00\x00\x00") + pngChunk("gdAT", head+pngTexts()+data+pngEnd) + data + pngEnd,
		"after-data.png":  head + data + icc + exif + xmp + when + pngTexts() + pngEnd,
		"after-end.png":   head + data + pngEnd + pngChunk("tEXt", "Comment\x00", scrubtest.Text) + exif + when + pngChunk("IDAT", pngRows(1)) + pngEnd + scrubtest.Serial,
		"after-end-2.png": head + data + pngEnd + head + pngTexts() + data + pngEnd,
		"after-end-3.png": head + data + pngEnd + scrubtest.Serial + " " + scrubtest.Person,
		"odd-texts.png": head + pngChunk("tEXt", scrubtest.Serial) + pngChunk("tEXt", "\x00", scrubtest.Text) + pngChunk("zTXt", "Comment\x00\x07", deflated(scrubtest.Text)) + pngChunk("zTXt", "Comment\x00\x00", scrubtest.Text) +
			pngChunk("iTXt", "Comment\x00\x00\x00", scrubtest.Person, "\x00\x00", scrubtest.Text) + pngChunk("iTXt", "Comment\x00\x02\x00\x00\x00", scrubtest.Text) + pngChunk("iCCP", scrubtest.Person, "\x00\x00", deflated(scrubtest.Text)) +
			pngChunk("tEXt", strings.Repeat("k", 80), "\x00", scrubtest.Text) + pngChunk("tEXt", "Raw profile type exif\x00", rawProfile(scrubtest.Person, smallExif(binary.LittleEndian))) +
			pngChunk("tIME", scrubtest.Serial) + pngChunk("tIME", "\x07\xef\x0d\x13\x04\x2f\x35") + pngChunk("zxIf", scrubtest.Serial) + pngChunk("eXIf", scrubtest.Serial) + pngChunk("iTXt", "XML:com.adobe.xmp\x00\x01\x00\x00\x00", smallXMP()) + data + pngEnd,
		"damaged-cut-in-data.png":   rich[:len(rich)-len(pngEnd)-len(data)/2],
		"damaged-cut-in-text.png":   head + data + pngChunk("tEXt", "Comment\x00", scrubtest.Text)[:30],
		"damaged-cut-in-header.png": head + data + pngTexts() + "\x00\x00\x00",
		"damaged-no-end.png":        head + data + pngTexts(),
		"damaged-zeros.png":         head + data + pngTexts() + strings.Repeat("\x00", 300),
		"damaged-checksums.png":     swap(swap(head+exif+xmp+pngTexts(), "Title", "Titel"), "Heron One", "Heron Two") + swap(data, "IDAT\x78", "IDAT\x79") + pngEnd,
		"damaged-no-data.png":       head + exif + pngEnd,
		"damaged-garbage.png":       head + data + "\x00\x00\x00\x01\x01\x02\x03\x04" + scrubtest.Text + pngEnd,
		"damaged-critical.png":      head + pngChunk("XYZZ", scrubtest.Serial) + data + pngEnd,
		"damaged-no-header.png":     pngSignature + data + pngEnd,
		"damaged-length.png":        (head + icc + data)[:middle-4] + "\xff\xff\xff\xffIDAT" + pngEnd,
		"damaged-swallowed.png":     head + "\x00\x00\x0f\xffIDAT" + data[8:] + exif + pngEnd,
		"damaged-swallowed-2.png":   head + pngChunk("IDAT", pngRows(7), exif)[:len(exif)+len(data)-2] + "??" + pngEnd,
	}
	out := map[string][]byte{}
	for name, s := range samples {
		out[name] = []byte(s)
	}
	return out
}
