package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"flightveil/exifscrub/scrubtest"
)

const (
	jpegXMP       = "http://ns.adobe.com/xap/1.0/\x00"
	jpegExtension = "http://ns.adobe.com/xmp/extension/\x00"
	jpegGUID      = "0123456789ABCDEF0123456789ABCDEF"
)

var (
	smallPicture = jpegPicture{width: 16, height: 16, components: 3, seed: 1}
	jfif         = jpegSegment(0xE0, "JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00")
)

func jpegExif() []byte { return jpegSegment(0xE1, "Exif\x00\x00", smallExif(binary.LittleEndian)) }

func jpegFixtures() map[string][]byte {
	gps := scrubtest.Text + " " + scrubtest.Person
	whole := jpegFile(smallPicture, jfif, jpegExif(), jpegSegment(0xFE, gps))
	cut := func(b []byte, mark string) []byte { return b[:bytes.LastIndex(b, []byte(mark))] }
	return map[string][]byte{
		"minimal.jpg":  jpegFile(jpegPicture{width: 8, height: 8, components: 1}, jfif),
		"plain.jpg":    whole,
		"vendors.jpg":  jpegFile(smallPicture, jpegVendors()...),
		"restart.jpg":  jpegFile(jpegPicture{width: 64, height: 16, components: 1, restart: 2}, jpegSegment(0xFE, scrubtest.Text)),
		"fill.jpg":     jpegFile(smallPicture, []byte{0xFF, 0xFF, 0xFF}, jpegExif(), []byte{0xFF}, jpegSegment(0xFE, scrubtest.Serial), []byte{0xFF, 0xFF}, jfif),
		"two-exif.jpg": jpegFile(smallPicture, jpegExif(), jpegSegment(0xE1, "Exif\x00\xFF", smallExif(binary.BigEndian))),
		"cmyk.jpg": jpegFile(jpegPicture{width: 8, height: 8, components: 4, seed: 3},
			jpegSegment(0xEE, "Adobe\x00\x64\x00\x00\x00\x00\x02", scrubtest.Serial), jpegSegment(0xFE, scrubtest.Place)),
		"progressive.jpg": jpegFile(jpegPicture{width: 16, height: 16, components: 3, progressive: true,
			between: slices.Concat(jpegExif(), jpegSegment(0xFE, scrubtest.Person), jpegSegment(0xED, "Photoshop 3.0\x00", string(photoshopResources())))}, jfif),
		"split.jpg":               jpegSplit(),
		"extended.jpg":            jpegExtended(),
		"several.jpg":             jpegSeveral(),
		"gainmap.jpg":             jpegGainMap(nil),
		"motion.jpg":              jpegGainMap(jpegVideo()),
		"microvideo.jpg":          jpegMicroVideo(),
		"thermal.jpg":             jpegThermal(),
		"thermal-app4.jpg":        jpegThermalAPP4(),
		"flir.jpg":                jpegFLIR(),
		"trailer.jpg":             slices.Concat(whole, jpegSamsung(), []byte{0, 0, 0}),
		"padded.jpg":              slices.Concat(whole, make([]byte, 40)),
		"no-eoi.jpg":              cut(whole, "\xFF\xD9"),
		"damaged-segment.jpg":     cut(whole, "\xFF\xDB"),
		"damaged-cut.jpg":         whole[:len(whole)-200],
		"damaged-only-exif.jpg":   slices.Concat([]byte{0xFF, 0xD8}, jpegExif()[:90]),
		"damaged-junk.jpg":        jpegFile(smallPicture, jpegExif(), []byte("junk "+scrubtest.Serial+" \xFF\x41\xFF\xE1\x00\x09"), jpegSegment(0xFE, scrubtest.Text), jfif),
		"damaged-no-picture.jpg":  slices.Concat([]byte{0xFF, 0xD8}, jpegExif(), []byte("\x00\x00\x00\x18ftypisom "+scrubtest.Serial+" and nothing that looks like a segment")),
		"damaged-reserved.jpg":    jpegFile(smallPicture, jfif, jpegSegment(0xF3, scrubtest.Serial)),
		"damaged-mpf.jpg":         jpegFile(smallPicture, jpegSegment(0xE2, "MPF\x00MM\x00*\x00\x00\x00\x08\x00\x01\xB0\x02\x00\x07\x7F\xFF\xFF\xF0\x00\x00\x00\x20", scrubtest.Serial)),
		"damaged-short-jumbf.jpg": jpegFile(smallPicture, jpegSegment(0xEB, "JP\x00\x01\x00\x00\x00\x02\x00\x00\x00\x40jumb", scrubtest.Serial)),
	}
}

// jpegVendors returns one of every segment that is cut as a whole.
func jpegVendors() [][]byte {
	be16 := func(v int) string { return string(binary.BigEndian.AppendUint16(nil, uint16(v))) }
	be32 := func(v int) string { return string(binary.BigEndian.AppendUint32(nil, uint32(v))) }
	ducky := func(tag int, s string) string {
		t := string(unicode16(s)[4:])
		return be16(tag) + be16(len(t)+4) + be32(len(s)) + t
	}
	gpmf := func(key, kind string, size, n int, v string) string {
		return key + kind + string(rune(size)) + be16(n) + v + strings.Repeat("\x00", (4-len(v)%4)%4)
	}
	at := func(v float64) string { return be32(int(int32(math.Round(v * 1e7)))) }
	labels, values := "Sign\x00Location\x00", scrubtest.Text+"\x00"+scrubtest.Place+"\x00"
	form := be16(2) + "\x00\x00\x00\x00\x00\x00\x00\x00" + be16(1) + be16(len(labels)+2) + labels + be16(2) + be16(len(values)+2) + values
	stream := gpmf("SCAL", "l", 4, 2, be32(10000000)+be32(10000000)) + gpmf("GPS5", "l", 20, 1, at(scrubtest.Lat)+at(scrubtest.Lon)+be32(1)+be32(2)+be32(3))
	device := gpmf("CASN", "c", 1, len(scrubtest.Serial), scrubtest.Serial) + gpmf("MUID", "L", 4, 4, "sixteen bytes id") + gpmf("STRM", "\x00", 1, len(stream), stream)
	sensor := make([]byte, 0x300)
	copy(sensor, "infisense\x00")
	copy(sensor[0xC0:], scrubtest.Serial)
	casio := make([]byte, 0x70)
	copy(casio, "QVCI\x00")
	copy(casio[0x4D:], scrubtest.When)
	jumbf := be32(8+8+len(scrubtest.Person)) + "jumb" + be32(8+len(scrubtest.Person)) + "jumd" + scrubtest.Person
	profile := smallICC()
	return [][]byte{
		jpegSegment(0xE0, "JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x05\x02", scrubtest.Text[:30]),
		jpegSegment(0xE0, "JFXX\x00\x10", string(jpegFile(smallPicture, jpegSegment(0xFE, scrubtest.Serial)))),
		jpegSegment(0xE0, "II\x1A\x00\x00\x00HEAPJPGM", scrubtest.Person),
		jpegSegment(0xE0, "AVI1", scrubtest.Serial),
		jpegSegment(0xE1, string(casio)),
		jpegSegment(0xE1, "something new\x00", scrubtest.Serial),
		jpegSegment(0xE2, "ICC_PROFILE\x00\x02\x02", profile[100:], scrubtest.Serial),
		jpegSegment(0xE2, "ICC_PROFILE\x00\x01\x02", profile[:100]),
		jpegSegment(0xE2, "FPXR\x00", string(unicode16(scrubtest.Text))),
		jpegSegment(0xE2, "\x00\x02\x00\x01IJPEG\x00", scrubtest.Serial),
		jpegSegment(0xE3, "Meta\x00\x00", smallExif(binary.BigEndian)),
		jpegSegment(0xE3, "_JPSJPS_", be16(4), "\x01\x02\x03\x04", be16(len(scrubtest.Text)), scrubtest.Text),
		jpegSegment(0xE4, "SCALADO\x00", scrubtest.Serial),
		jpegSegment(0xE5, "RMETA\x00MM", be16(256), be16(0), be16(0), be16(10), form),
		jpegSegment(0xE5, "RMETA\x00MM", be16(256), be16(1), be16(0), be16(10), "\x00\x00\x00\x00\x00\x00BARCODE01,01,", scrubtest.Serial),
		jpegSegment(0xE5, "ssuniqueid\x00", scrubtest.Serial),
		jpegSegment(0xE6, "GoPro\x00", gpmf("DEVC", "\x00", 1, len(device), device)[:60]),
		jpegSegment(0xE6, "GoPro\x00", gpmf("DEVC", "\x00", 1, len(device), device)[60:]),
		jpegSegment(0xE6, "EPPIM\x00", smallExif(binary.LittleEndian)),
		jpegSegment(0xE6, "DTAT\x00", scrubtest.Serial),
		jpegSegment(0xE7, "DJI-DBG\x00[sensor_id:", scrubtest.Serial, "\x00\x00]"),
		jpegSegment(0xE8, "PADDING\x00\x00old memory [sensor_id:", scrubtest.Serial, "]"),
		jpegSegment(0xE8, "SPIFF\x00\x01\x02\x01\x03"),
		jpegSegment(0xE9, "Media Jukebox\x00\x01\x00<MJMD><Date>41518.8</Date><People>", scrubtest.Person, "</People><Places>", scrubtest.Place, "</Places></MJMD>"),
		jpegSegment(0xE9, string(sensor)),
		jpegSegment(0xEA, "UNICODE\x00", string(unicode16(scrubtest.Text)[4:])),
		jpegSegment(0xEB, "HDR_RI ver=11", scrubtest.Serial),
		jpegSegment(0xEB, "JP\x00\x01\x00\x00\x00\x02", jumbf[:8], jumbf[20:]),
		jpegSegment(0xEB, "JP\x00\x01\x00\x00\x00\x01", jumbf[:20]),
		jpegSegment(0xEC, "[picture info]\r\nTimeDate=915117440\r\nShutter=6460\r\nSerial#=", scrubtest.Serial, "\r\nType=HERON\r\n[user]"),
		jpegSegment(0xEC, "Ducky", be16(1), be16(4), be32(80), ducky(2, scrubtest.Text), ducky(3, scrubtest.Person), be16(0)),
		jpegSegment(0xED, "Photoshop 3.0\x00", string(photoshopResources())),
		jpegSegment(0xED, "Adobe_CM\x00\x03", scrubtest.Serial),
		jpegSegment(0xEE, "Adobe\x00\x64\x00\x00\x00\x00\x01"),
		jpegSegment(0xEF, "Q 70"),
		jpegSegment(0xFE, scrubtest.Text),
	}
}

// jpegSplit returns a picture with an Exif block over two segments.
func jpegSplit() []byte {
	exif := smallExif(binary.BigEndian)
	return jpegFile(smallPicture, jpegSegment(0xE1, "Exif\x00\x00", exif[:150]), jpegSegment(0xE1, "Exif\x00\x00", exif[150:]), jfif)
}

// jpegExtended returns a picture with extended XMP: pieces in the wrong order,
// and one piece of a packet that nothing refers to.
func jpegExtended() []byte {
	main := strings.Replace(smallXMP(), "<rdf:Description ", `<rdf:Description xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="`+jpegGUID+`" `, 1)
	more := smallXMP()
	piece := func(guid string, total, off int, s string) []byte {
		n := binary.BigEndian.AppendUint32(nil, uint32(total))
		return jpegSegment(0xE1, jpegExtension, guid, string(binary.BigEndian.AppendUint32(n, uint32(off))), s)
	}
	return jpegFile(smallPicture, piece(jpegGUID, len(more), 400, more[400:]), jpegSegment(0xE1, jpegXMP, main),
		piece(strings.Repeat("F", 32), 5000, 100, scrubtest.Serial), piece(jpegGUID, len(more), 0, more[:400]))
}

// A mpEntry is one picture of an index. The first has offset 0.
type mpEntry struct {
	flags        uint32
	size, offset int
	dependent    uint16
}

// jpegIndex returns an MPF segment in byte order o.
func jpegIndex(o binary.AppendByteOrder, uids bool, entries ...mpEntry) []byte {
	fields := 3
	if uids {
		fields = 4
	}
	values := 8 + 2 + 12*fields + 4
	b := o.AppendUint32(o.AppendUint16([]byte(map[bool]string{true: "II", false: "MM"}[o.AppendUint16(nil, 1)[0] == 1]), 42), 8)
	b = o.AppendUint16(b, uint16(fields))
	field := func(tag, kind uint16, count int, value []byte) {
		b = append(o.AppendUint32(o.AppendUint16(o.AppendUint16(b, tag), kind), uint32(count)), value...)
	}
	field(0xB000, 7, 4, []byte("0100"))
	field(0xB001, 4, 1, o.AppendUint32(nil, uint32(len(entries))))
	field(0xB002, 7, 16*len(entries), o.AppendUint32(nil, uint32(values)))
	if uids {
		field(0xB003, 7, 33*len(entries), o.AppendUint32(nil, uint32(values+16*len(entries))))
	}
	b = o.AppendUint32(b, 0)
	for _, e := range entries {
		b = o.AppendUint32(o.AppendUint32(o.AppendUint32(b, e.flags), uint32(e.size)), uint32(e.offset))
		b = o.AppendUint16(o.AppendUint16(b, e.dependent), 0)
	}
	if uids {
		for range entries {
			b = append(b, append([]byte(scrubtest.Serial), make([]byte, 33-len(scrubtest.Serial))...)...)
		}
	}
	return jpegSegment(0xE2, "MPF\x00", string(b))
}

// indexed returns the index of a picture that follows head, with its offsets:
// they count from behind the signature.
func indexed(o binary.AppendByteOrder, uids bool, head []byte, behind func(index []byte) []byte, entries ...mpEntry) []byte {
	base := len(head) + 8
	shifted := slices.Clone(entries)
	for i := range shifted {
		if i > 0 {
			shifted[i].offset -= base
		}
	}
	return slices.Concat(head, behind(jpegIndex(o, uids, shifted...)))
}

// jpegSeveral returns three pictures, with wrong sizes in the index, old memory
// between them and behind the last, and one entry that points nowhere.
func jpegSeveral() []byte {
	second := jpegFile(jpegPicture{width: 8, height: 8, components: 1, seed: 5}, jpegExif())
	third := jpegFile(jpegPicture{width: 8, height: 8, components: 1, seed: 6}, jpegSegment(0xFE, scrubtest.Text))
	stale := []byte("old memory " + scrubtest.Serial + " \xFF\xD8\xFF\xE1 not a picture")
	head := slices.Concat([]byte{0xFF, 0xD8}, jpegExif())
	tail := slices.Concat(jpegSegment(0xFE, scrubtest.Person), smallPicture.tables(), smallPicture.scans())
	first := len(head) + len(jpegIndex(binary.LittleEndian, true, make([]mpEntry, 4)...)) + len(tail)
	at2 := first + len(stale)
	at3 := at2 + len(second) + 7
	return indexed(binary.LittleEndian, true, head,
		func(index []byte) []byte {
			return slices.Concat(index, tail, stale, second, make([]byte, 7), third, stale)
		},
		mpEntry{0x20030000, first - 100, 0, 3}, mpEntry{0x10001, len(second) + 5, at2, 0}, mpEntry{0x10001, 99, at3 + 100000, 0}, mpEntry{0x10002, len(third), at3, 1})
}

// jpegGainMap returns a picture with its gain map, and a video behind that if
// one is given, as phones write them.
func jpegGainMap(video []byte) []byte {
	gain := jpegFile(jpegPicture{width: 8, height: 8, components: 1, seed: 9}, jpegExif(), jpegSegment(0xE2, "urn:iso:std:iso:ts:21496:-1\x00\x00\x00\x00\x00", "\x80\x00\x00\x00\x00\x01"),
		jpegSegment(0xE1, jpegXMP, `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">`+
			`<rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" hdrgm:Version="1.0" hdrgm:GainMapMax="2.5" dc:source="`+scrubtest.Person+`"/>`+
			`</rdf:RDF></x:xmpmeta>`))
	item := func(mime, semantic string, length, padding int) string {
		s := `<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="` + mime + `" Item:Semantic="` + semantic + `"`
		if length > 0 {
			s += fmt.Sprintf(` Item:Length="%d"`, length)
		}
		if padding > 0 {
			s += fmt.Sprintf(` Item:Padding="%d"`, padding)
		}
		return s + `/></rdf:li>`
	}
	const padding = 12
	items := item("image/jpeg", "Primary", 0, padding) + item("image/jpeg", "GainMap", len(gain), 0)
	flag := ""
	if video != nil {
		items += item("video/mp4", "MotionPhoto", len(video), 0)
		flag = ` GCamera:MotionPhoto="1" GCamera:MotionPhotoVersion="1"`
	}
	xmp := `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""` +
		` xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" xmlns:Container="http://ns.google.com/photos/1.0/container/" xmlns:Item="http://ns.google.com/photos/1.0/container/item/"` +
		` xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" hdrgm:Version="1.0" photoshop:City="` + scrubtest.Place + `"` + flag + `>` +
		`<Container:Directory><rdf:Seq>` + items + `</rdf:Seq></Container:Directory></rdf:Description></rdf:RDF></x:xmpmeta>`
	head := slices.Concat([]byte{0xFF, 0xD8}, jfif, jpegExif(), jpegSegment(0xE1, jpegXMP, xmp))
	tail := slices.Concat(jpegSegment(0xFE, scrubtest.Text), smallPicture.tables(), smallPicture.scans(), make([]byte, padding))
	first := len(head) + len(jpegIndex(binary.BigEndian, false, make([]mpEntry, 2)...)) + len(tail)
	return indexed(binary.BigEndian, false, head,
		func(index []byte) []byte { return slices.Concat(index, tail, gain, video) },
		mpEntry{0x30000, first - padding, 0, 0}, mpEntry{0, len(gain), first, 0})
}

// jpegVideo returns the beginning of a video that says where it was taken.
func jpegVideo() []byte {
	box := func(kind string, parts ...string) string {
		s := strings.Join(parts, "")
		return string(binary.BigEndian.AppendUint32(nil, uint32(len(s)+8))) + kind + s
	}
	where := fmt.Sprintf("%+.7f%+.7f/", scrubtest.Lat, scrubtest.Lon)
	return []byte(box("ftyp", "isom\x00\x00\x00\x00isom") +
		box("moov", box("mvhd", string(make([]byte, 100))), box("udta", box("\xA9xyz", "\x00", string(rune(len(where))), "\x15\xC7", where))) + box("mdat", "frames"))
}

// jpegMicroVideo returns a motion photo of the older kind.
func jpegMicroVideo() []byte {
	video := jpegVideo()
	xmp := `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"` +
		fmt.Sprintf(` GCamera:MicroVideo="1" GCamera:MicroVideoVersion="1" GCamera:MicroVideoOffset="%d"/></rdf:RDF></x:xmpmeta>`, len(video))
	return slices.Concat(jpegFile(smallPicture, jfif, jpegExif(), jpegSegment(0xE1, jpegXMP, xmp)), video)
}

// jpegThermal returns a thermal picture as DJI's newer cameras write it, with
// the smallest plane: 16 by 16 values in two segments.
func jpegThermal() []byte {
	plane := make([]byte, 2*16*16)
	for i := range plane {
		plane[i] = byte(i*7) ^ byte(i>>3)
	}
	preview := jpegFile(jpegPicture{width: 8, height: 8, components: 1, seed: 7}, jpegSegment(0xFE, scrubtest.Serial))
	stale := []byte("stale " + scrubtest.Serial)
	head := slices.Concat([]byte{0xFF, 0xD8}, jpegExif())
	tail := slices.Concat(jpegSegment(0xE3, string(plane[:300])), jpegSegment(0xE3, string(plane[300:])),
		jpegSegment(0xE4, "\xFF\xD2\xD1\xFFhirp\x00\x00", scrubtest.Serial, "\x00\x00\x01\x02"),
		jpegSegment(0xE5, "HIDR\x00\x1E\x01\x00\x06HM-TM640-2020310719AACHEA4519451\x00\x00EA4519451\x00\x10\x20"),
		jpegSegment(0xE7, "DJI-DBG\x00[sensor_id:", scrubtest.Serial, "\x00\x00\x00]"),
		jpegSegment(0xE8, "PADDING\x00\x00\x00[sensor_id:", scrubtest.Serial, "\x00\x00"),
		jfif, smallPicture.tables(), smallPicture.scans(), stale)
	first := len(head) + len(jpegIndex(binary.LittleEndian, true, make([]mpEntry, 2)...)) + len(tail)
	return indexed(binary.LittleEndian, true, head,
		func(index []byte) []byte { return slices.Concat(index, tail, preview, stale) },
		mpEntry{0x20030000, first - 300, 0, 2}, mpEntry{0x10001, len(preview), first, 0})
}

// jpegThermalAPP4 returns a thermal picture of the older kind: plane in APP4.
func jpegThermalAPP4() []byte {
	plane := strings.Repeat("\x40\x15\x46\x15", 128)
	return jpegFile(smallPicture, jpegExif(), jpegSegment(0xE2, "Plug\x00\x00\x02\x00", scrubtest.Serial, "\x00\x77\x00"),
		jpegSegment(0xE3, strings.Repeat("\x3E\xFE", 64)), jpegSegment(0xE4, plane[:256]), jpegSegment(0xE4, plane[256:]), jpegSegment(0xE6, "DTAT\x00", scrubtest.Serial))
}

// jpegFLIR returns a picture with a FLIR block in two segments, and one piece
// of another.
func jpegFLIR() []byte {
	fff := "FFF\x00" + strings.Repeat("\x00", 60) + scrubtest.Serial
	return jpegFile(smallPicture, jfif, jpegSegment(0xE1, "FLIR\x00\x01\x00\x01", fff[:50]), jpegSegment(0xE1, "FLIR\x00\x01\x01\x01", fff[50:]), jpegSegment(0xE1, "FLIR\x00\x01\x01\x02", scrubtest.Serial))
}

// jpegSamsung returns the trailer of a Samsung phone: a time and a video.
func jpegSamsung() []byte {
	le := binary.LittleEndian
	var data, dir []byte
	var starts []int
	type entry struct {
		kind  uint16
		name  string
		value []byte
	}
	entries := []entry{{0x0A01, "Image_UTC_Data", []byte("1942461773123")}, {0x0A30, "MotionPhoto_Data", jpegVideo()}, {0x0AA1, "MCC_Data", []byte("530")}}
	for _, e := range entries {
		starts = append(starts, len(data))
		data = le.AppendUint32(le.AppendUint16(le.AppendUint16(data, 0), e.kind), uint32(len(e.name)))
		data = append(append(data, e.name...), e.value...)
	}
	starts = append(starts, len(data))
	dir = le.AppendUint32(le.AppendUint32([]byte("SEFH"), 107), uint32(len(entries)))
	for i, e := range entries {
		dir = le.AppendUint16(le.AppendUint16(dir, 0), e.kind)
		dir = le.AppendUint32(le.AppendUint32(dir, uint32(len(data)-starts[i])), uint32(starts[i+1]-starts[i]))
	}
	return slices.Concat(data, dir, le.AppendUint32(nil, uint32(len(dir))), []byte("SEFT"))
}
