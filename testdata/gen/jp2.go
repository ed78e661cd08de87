package main

import (
	"bytes"
	"encoding/binary"
	"slices"

	"flightveil/exifscrub/scrubtest"
)

// jp2Box returns one box.
func jp2Box(kind string, body ...[]byte) []byte {
	b := slices.Concat(body...)
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(8+len(b))), []byte(kind), b)
}

// longBox returns one box whose length has eight bytes.
func longBox(kind string, body ...[]byte) []byte {
	b := slices.Concat(body...)
	return slices.Concat([]byte{0, 0, 0, 1}, []byte(kind), binary.BigEndian.AppendUint64(nil, uint64(16+len(b))), b)
}

// openBox returns one box that goes to the end of the file.
func openBox(kind string, body ...[]byte) []byte {
	return slices.Concat([]byte{0, 0, 0, 0}, []byte(kind), slices.Concat(body...))
}

func j2kSegment(marker uint16, body ...[]byte) []byte {
	b := slices.Concat(body...)
	o := binary.BigEndian
	return append(o.AppendUint16(o.AppendUint16(nil, marker), uint16(2+len(b))), b...)
}

// j2kComment returns a comment: Latin text (1) or binary (0).
func j2kComment(registration byte, text string) []byte {
	return j2kSegment(0xFF64, []byte{0, registration}, []byte(text))
}

// j2kHead is a main header for a grey picture of 8 x 8 pixels, without
// decomposition: one packet to a tile.
func j2kHead(more ...[]byte) []byte {
	o := binary.BigEndian
	size := []byte{0, 0}
	for _, v := range []uint32{8, 8, 0, 0, 8, 8, 0, 0} {
		size = o.AppendUint32(size, v)
	}
	size = append(size, 0, 1, 7, 1, 1)
	return slices.Concat([]byte{0xFF, 0x4F}, j2kSegment(0xFF51, size), j2kSegment(0xFF52, []byte{0, 0, 0, 1, 0, 0, 4, 4, 0, 1}),
		j2kSegment(0xFF5C, []byte{0x40, 0x40}), slices.Concat(more...))
}

// j2kTile is a tile-part with the number part of parts. data is its packet: an
// empty one is a zero.
func j2kTile(part, parts byte, open bool, header, data []byte) []byte {
	n := 12 + len(header) + 2 + len(data)
	if open {
		n = 0
	}
	sot := append(binary.BigEndian.AppendUint32([]byte{0, 0}, uint32(n)), part, parts)
	return slices.Concat(j2kSegment(0xFF90, sot), header, []byte{0xFF, 0x93}, data)
}

var j2kEnd = []byte{0xFF, 0xD9}

// jp2File puts boxes behind those every file begins with.
func jp2File(brand string, boxes ...[]byte) []byte {
	return slices.Concat(jp2Box("jP  ", []byte("\x0D\x0A\x87\x0A")), jp2Box("ftyp", []byte(brand+"\x00\x00\x00\x00jp2 "), []byte(brand)), slices.Concat(boxes...))
}

func jp2Header(more ...[]byte) []byte {
	ihdr := jp2Box("ihdr", []byte{0, 0, 0, 8, 0, 0, 0, 8, 0, 1, 7, 7, 0, 1})
	grey := jp2Box("colr", []byte{1, 0, 0, 0, 0, 0, 17})
	return jp2Box("jp2h", ihdr, grey, slices.Concat(more...))
}

const (
	jpxXML = `<?xml version="1.0" encoding="UTF-8"?><!-- ` + scrubtest.Text + ` --><CONTENT_DESCRIPTION xmlns="http://www.jpeg.org/jpx/1.0/xml" ` +
		`xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.jpeg.org/jpx/1.0/xml ` + scrubtest.Serial + `">` +
		`<CAPTION>` + scrubtest.Text + `</CAPTION><LOCATION><ADDRESS TYPE="home"><ADDR_COMP TYPE="City">` + scrubtest.Place + `</ADDR_COMP><COUNTRY>Quillonia</COUNTRY></ADDRESS></LOCATION>` +
		`<PERSON ID="` + scrubtest.Serial + `"><NAME><![CDATA[` + scrubtest.Person + `]]></NAME></PERSON><CREATION_TIME>` + scrubtest.Day + `T04:47:53</CREATION_TIME></CONTENT_DESCRIPTION>`
	gmlXML = `<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" gml:id="g1"><gml:description>` + scrubtest.Person + `</gml:description>` +
		`<gml:origin><gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>-41.3875125 -132.4518375</gml:pos></gml:Point></gml:origin></gml:FeatureCollection>`
	uuidIPTC  = "\x33\xC7\xA4\xD2\xB8\x1D\x47\x23\xA0\xBA\xF1\xA3\xE0\x97\xAD\x38"
	uuidXMP   = "\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC"
	uuidAdobe = "\x2C\x4C\x01\x00\x85\x04\x40\xB9\xA0\x3E\x56\x21\x48\xD6\xDF\xEB"
	uuidExif  = "JpgTiffExif->JP2"
)

// fragments returns a fragment list.
func fragments(spans ...[2]int) []byte {
	o := binary.BigEndian
	b := o.AppendUint16(nil, uint16(len(spans)))
	for _, s := range spans {
		b = o.AppendUint32(o.AppendUint64(b, uint64(s[0])), uint32(s[1]))
		b = append(b, 0, 0)
	}
	return jp2Box("flst", b)
}

// fragmented is a JPX file whose codestream lies in two pieces, with other
// bytes around them.
func fragmented(file byte) []byte {
	stream := j2kPlain()
	half := len(stream) / 2
	stray := []byte(scrubtest.Person)
	build := func(at int) []byte {
		table := fragments([2]int{at + len(stray), half}, [2]int{at + 2*len(stray) + half, len(stream) - half})
		table[len(table)-1] = file
		return jp2File("jpx ", jp2Header(), jp2Box("ftbl", table),
			jp2Box("mdat", stray, stream[:half], stray, stream[half:], stray))
	}
	return build(bytes.Index(build(0), stray))
}

// j2kPlain is a codestream with a comment in its main header and in a
// tile-part's, and a comment that is not text.
func j2kPlain() []byte {
	return slices.Concat(j2kHead(j2kComment(1, scrubtest.Person), j2kComment(0, scrubtest.Serial), j2kSegment(0xFF4A, []byte(scrubtest.Serial))),
		j2kTile(0, 2, false, j2kComment(1, scrubtest.Text), []byte{0}), j2kTile(1, 2, false, nil, nil), j2kEnd)
}

func jp2Fixtures() map[string][]byte {
	signed := slices.Concat(j2kHead(j2kComment(1, "Kakadu-v7.3.1"), j2kComment(1, "Kdu-Layer-Info: log_2{Delta-D(MSE)/[2^16*Delta-L(bytes)]}, L(bytes)\n -29.0, 7.1e+001\n"),
		j2kComment(1, "Created by OpenJPEG version 2.5.0"), j2kComment(1, "Kakadu-v7.3.1 for "+scrubtest.Person), j2kComment(1, "Kdu-Layer-Info: log_2{}\n"+scrubtest.Text)),
		j2kTile(0, 1, false, nil, []byte{0}), j2kEnd)
	plain := slices.Concat(j2kHead(), j2kTile(0, 1, false, nil, []byte{0}), j2kEnd)
	noise := bytes.Repeat([]byte{0x80}, 5000) // long enough to be told
	large := slices.Concat(j2kHead(), j2kTile(0, 1, false, nil, slices.Concat([]byte{0}, noise)), j2kEnd)
	xml, gml := []byte(jpxXML), []byte(gmlXML)
	stream := jp2Box("jp2c", j2kPlain())
	boxes := [][]byte{
		jp2Header(jp2Box("res ", jp2Box("resc", make([]byte, 10))), jp2Box("colr", []byte{2, 0, 0}, profileICC), jp2Box("zzzz", []byte(scrubtest.Serial))),
		jp2Box("uuid", []byte(uuidIPTC), iptcBlock()),
		jp2Box("uuid", []byte(uuidXMP), []byte(cityXMP)),
		jp2Box("uuid", []byte(uuidAdobe), photoshopResources()),
		jp2Box("uuid", []byte(uuidExif), []byte("Exif\x00\x00no Exif block: "+scrubtest.Serial)),
		jp2Box("uuid", []byte("0123456789abcdef"), []byte(scrubtest.Serial)),
		jp2Box("xml ", xml),
		jp2Box("xml ", []byte(cityXMP)),
		jp2Box("uinf", jp2Box("ulst", []byte("\x00\x010123456789abcdef")), jp2Box("url ", []byte("\x00\x00\x00\x00https://example.org/"+scrubtest.Serial+"\x00"))),
		jp2Box("jp2i", []byte("<rights>"+scrubtest.Person+"</rights>")),
		jp2Box("free", []byte(scrubtest.Serial)),
		jp2Box("asoc", jp2Box("nlst", []byte{0, 0, 0, 0}), jp2Box("lbl ", []byte(scrubtest.Text)), jp2Box("xml ", gml)),
		stream,
		longBox("xml ", xml),
		[]byte("\x00\x00\x01\x00xml " + scrubtest.Text), // ends early
	}
	georef := jp2Box("asoc", jp2Box("lbl ", []byte("gml.data")), jp2Box("asoc", jp2Box("lbl ", []byte("gml.root-instance")), jp2Box("xml ", gml)))
	page := jp2Box("page", jp2Box("phdr", make([]byte, 12)), jp2Box("lbl ", []byte(scrubtest.Text)), jp2Box("lobj", jp2Box("lhdr", make([]byte, 12)),
		jp2Box("objc", jp2Box("ohdr", make([]byte, 20)), jp2Header(), stream)), jp2Box("htxb", jp2Box("xml ", xml)))
	wide := slices.Concat([]byte{0xFE, 0xFF}, unicode16(jpxXML[bytes.IndexByte(xml, '>')+1:])[4:])
	openTile := slices.Concat(j2kHead(), j2kTile(0, 1, true, j2kComment(1, scrubtest.Text), []byte{0}), j2kEnd)
	whole := jp2File("jp2 ", boxes...)
	return map[string][]byte{
		"rich.jp2":            whole,
		"minimal.jp2":         jp2File("jp2 ", jp2Header(), jp2Box("jp2c", plain)),
		"open.jp2":            jp2File("jp2 ", jp2Header(), jp2Box("xml ", xml), openBox("jp2c", plain)),
		"open-xml.jp2":        jp2File("jp2 ", jp2Header(), jp2Box("jp2c", plain), openBox("xml ", xml)),
		"long.jp2":            jp2File("jp2 ", jp2Header(), longBox("jp2c", j2kPlain())),
		"utf16.jp2":           jp2File("jp2 ", jp2Header(), jp2Box("jp2c", plain), jp2Box("xml ", wide)),
		"broken-xml.jp2":      jp2File("jp2 ", jp2Header(), jp2Box("jp2c", plain), jp2Box("xml ", xml[:len(xml)-30])),
		"georeference.jpx":    jp2File("jpx ", jp2Box("rreq", []byte{1, 0x80, 0x80, 0, 1, 0, 5, 0x80, 0, 0}), jp2Header(), georef, jp2Box("jp2c", plain)),
		"fragments.jpx":       fragmented(0),
		"pages.jpm":           jp2File("jpm ", jp2Box("mhdr", make([]byte, 10)), page),
		"plain.j2k":           j2kPlain(),
		"signed.j2k":          signed,
		"open.j2k":            openTile,
		"large.j2k":           large,
		"trailing.j2k":        append(slices.Clone(plain), scrubtest.Person...),
		"zeros.jp2":           append(jp2File("jp2 ", jp2Header(), jp2Box("jp2c", plain)), make([]byte, 70)...),
		"early-end.jp2":       jp2File("jp2 ", jp2Header(), jp2Box("xml ", xml), jp2Box("jp2c", large))[:1500],
		"early-end.j2k":       openTile[:len(openTile)-2],
		"damaged-other.jpx":   fragmented(1),
		"damaged-header.jp2":  whole[:60],
		"damaged-inside.jp2":  jp2File("jp2 ", jp2Header([]byte("\x00\x00\x02\x00zzzz")), jp2Box("jp2c", plain)),
		"damaged-picture.jp2": jp2File("jp2 ", jp2Header(), jp2Box("jp2c", []byte(scrubtest.Person))),
		"damaged-lengths.j2k": slices.Concat(j2kHead(j2kSegment(0xFF64, []byte{0, 1}, []byte(scrubtest.Person))), j2kTile(0, 1, false, nil, []byte{0})[:12], []byte{0xFF, 0x93, 0, 1, 2, 3}),
	}
}
