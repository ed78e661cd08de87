package main

import (
	"encoding/binary"
	"fmt"
	"slices"

	"flightveil/exifscrub/scrubtest"
)

// cr3File says what a generated raw file of Canon holds.
type cr3File struct {
	thumb, preview []byte
	canon          [][]byte // more boxes of Canon's
	moov           [][]byte // more boxes in moov
	top            [][]byte // more boxes behind
	full, raw      string   // samples: a JPEG file, sensor data
	timed          []byte   // sample of timed metadata
	gap            string   // between samples
	wide           bool     // times of 64 bits
	xmp            string
}

const (
	cr3Canon   = "\x85\xC0\xB6\x87\x82\x0F\x11\xE0\x81\x11\xF4\xCE\x46\x2B\x6A\x48"
	cr3Preview = "\xEA\xF4\x2B\x5E\x1C\x98\x4B\x88\xB9\xFB\xB7\xDC\x40\x6E\x4D\x16"
	isoXMP     = "\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC"
)

// cr3Record returns a record of timed metadata.
func cr3Record(kind uint16, body ...[]byte) []byte {
	b := slices.Concat(body...)
	o := binary.LittleEndian
	return slices.Concat(o.AppendUint32(nil, uint32(12+len(b))), o.AppendUint16(nil, kind), []byte("\x00\x00\x00\x01\xFF\xFF"), b)
}

// cr3Block returns an Exif block inside such a record.
func cr3Block(tag uint32, block []byte) []byte {
	o := binary.LittleEndian
	return slices.Concat(o.AppendUint32(nil, uint32(8+len(block))), o.AppendUint32(nil, tag), block)
}

// cr3Value is one value of a maker note.
type cr3Value struct {
	tag, kind uint16
	count     int
	value     []byte
}

// cr3Note is a part of a maker note as timed metadata has it: without the offset
// of a next directory.
func cr3Note(values ...cr3Value) []byte {
	o := binary.LittleEndian
	b := o.AppendUint16([]byte("II*\x00\x08\x00\x00\x00"), uint16(len(values)))
	at := len(b) + 12*len(values)
	for _, v := range values {
		b = o.AppendUint16(o.AppendUint16(b, v.tag), v.kind)
		b = o.AppendUint32(o.AppendUint32(b, uint32(v.count)), uint32(at))
		at += len(v.value)
	}
	for _, v := range values {
		b = append(b, v.value...)
	}
	return b
}

// cr3Colours are numbers a raw converter needs.
func cr3Colours() []byte {
	var b []byte
	for i := range 64 {
		b = binary.LittleEndian.AppendUint16(b, uint16(1000+i))
	}
	return b
}

func (c cr3File) bytes() []byte {
	w := little()
	whole := "II*\x00"
	when := bigUint(4, 4024190873)
	times, version := slices.Concat(when, when), byte(0)
	if c.wide {
		times, version = slices.Concat(bigUint(8, 4024190873), bigUint(8, 4024190873)), 1
	}
	head := dir(text2(0x010F, "Canon"), text2(0x0110, "Canon EOS 450D"), short(0x0112, 6), text2(0x0132, scrubtest.When), text2(0x013B, scrubtest.Person), text2(0x8298, scrubtest.Person))
	shot := dir(ratio(0x829A, 1, 640), ratio(0x829D, 28, 10), text2(0x9003, scrubtest.When), undef(0x9286, "ASCII\x00\x00\x00"+scrubtest.Text), text2(0xA430, scrubtest.Person), text2(0xA431, scrubtest.Serial))
	ctbo := isoBox("CTBO", make([]byte, 24))
	canon := [][]byte{[]byte(cr3Canon), isoBox("CNCV", []byte("CanonCR3_001/00.09.00/00.00.00")), isoBox("CCTP", make([]byte, 12)), ctbo, isoBox("free", make([]byte, 6)),
		isoBox("CMT1", w.write(whole, head)), isoBox("CMT2", w.write(whole, shot)), isoBox("CMT3", []byte("II*\x00\x08\x00\x00\x00"), noteCanon(8)), isoBox("CMT4", w.write(whole, gpsDir()))}
	if c.thumb != nil {
		canon = append(canon, isoBox("THMB", make([]byte, 4), []byte{0, 160, 0, 120}, bigUint(4, uint64(len(c.thumb))), []byte{0, 1, 0, 0}, c.thumb))
	}
	canon = append(canon, c.canon...)
	trak := func(n int, handler, format string, off, size int) []byte {
		entry := isoBox(format, make([]byte, 6), []byte{0, 1}, make([]byte, 60))
		stbl := isoBox("stbl", fullBox("stsd", 0, bigUint(4, 1), entry), fullBox("stts", 0, bigUint(4, 1), bigUint(4, 1), bigUint(4, 1)),
			fullBox("stsc", 0, bigUint(4, 1), bigUint(4, 1), bigUint(4, 1), bigUint(4, 1)), fullBox("stsz", 0, bigUint(4, uint64(size)), bigUint(4, 1)),
			isoBox("free", make([]byte, 7)), fullBox("co64", 0, bigUint(4, 1), bigUint(8, uint64(off))))
		return isoBox("trak", fullBox("tkhd", version, times, bigUint(4, uint64(n)), make([]byte, 64)), isoBox("mdia", fullBox("mdhd", version, times, make([]byte, 16)),
			fullBox("hdlr", 0, make([]byte, 4), []byte(handler), make([]byte, 12), []byte{0}), isoBox("minf", fullBox("nmhd", 0), stbl)))
	}
	var media []byte
	var at [4]int
	samples := []string{c.full, c.raw, string(c.timed), "notes of " + scrubtest.Person}
	for i, s := range samples {
		media = append(media, c.gap...)
		at[i] = len(media)
		media = append(media, s...)
	}
	moov := func(start int) []byte {
		boxes := [][]byte{isoBox("uuid", canon...), fullBox("mvhd", version, times, make([]byte, 80)), trak(1, "vide", "CRAW", start+at[0], len(samples[0])),
			trak(2, "vide", "CRAW", start+at[1], len(samples[1])), trak(3, "meta", "CTMD", start+at[2], len(samples[2]))}
		if c.gap != "" {
			boxes = append(boxes, trak(4, "text", "note", start+at[3], len(samples[3])))
		}
		return isoBox("moov", append(boxes, c.moov...)...)
	}
	ftyp := isoBox("ftyp", []byte("crx \x00\x00\x00\x01crx isom"))
	between := isoBox("uuid", []byte(isoXMP), []byte(c.xmp))
	if c.preview != nil {
		between = append(between, isoBox("uuid", []byte(cr3Preview), make([]byte, 7), []byte{1}, isoBox("PRVW", make([]byte, 4), []byte{0, 1, 6, 84, 4, 56, 0, 1}, bigUint(4, uint64(len(c.preview))), c.preview))...)
	}
	start := len(ftyp) + len(moov(0)) + len(between) + 16
	if c.gap == "" {
		media = media[:at[3]]
	}
	return slices.Concat(ftyp, moov(start), between, longBox("mdat", media), slices.Concat(c.top...))
}

func cr3Fixtures() map[string][]byte {
	w := little()
	settings := cr3Note(cr3Value{0x0001, 3, 40, make([]byte, 80)}, cr3Value{0x0004, 3, 40, make([]byte, 80)}, cr3Value{0x4027, 7, len(scrubtest.Text), []byte(scrubtest.Text)})
	colours := cr3Note(cr3Value{0x4001, 3, 64, cr3Colours()}, cr3Value{0x402E, 7, 40, fmt.Appendf(nil, "%-40s", scrubtest.Person)})
	timed := slices.Concat(
		cr3Record(1, []byte{0, 0, 0xEF, 7, 7, 19, 4, 47, 53, 12, 0, 0}), cr3Record(3, []byte("\xFF\xFF\xFF\xFF")), cr3Record(4, make([]byte, 12)), cr3Record(5, make([]byte, 28)),
		cr3Record(7, cr3Block(0x8769, w.write("II*\x00", dir(short(0xA403, 0), text2(0xA431, scrubtest.Serial)))), cr3Block(0x927C, settings)),
		cr3Record(8, cr3Block(0x927C, colours)), cr3Record(77, []byte(scrubtest.Place)))
	picture := tinyThermalJPEG(scrubtest.Text)
	rich := cr3File{
		thumb: picture, preview: picture, full: string(picture), raw: "\xFF\x01\x00\x08 sensor data, as far as a test is concerned", timed: timed, gap: "left by " + scrubtest.Person + " ", wide: true, xmp: smallXMP(),
		canon: [][]byte{isoBox("CNOP", []byte(scrubtest.Person)), isoBox("free", []byte(scrubtest.Serial))}, moov: [][]byte{isoBox("udta", []byte(scrubtest.Place))},
		top: [][]byte{isoBox("uuid", []byte("sixteen bytes id"), []byte(scrubtest.Serial)), isoBox("skip", []byte(scrubtest.Text)), []byte("\x00\x00\x00\x07end " + scrubtest.Person)},
	}
	small := cr3File{full: "no JPEG file", raw: "\xFF\x01\x00\x08 sensor data", timed: cr3Record(3, []byte("\xFF\xFF\xFF\xFF")), xmp: "   "}
	blank := small
	blank.thumb, blank.preview = []byte("a picture of "+scrubtest.Person), []byte("another of "+scrubtest.Person)
	broken := small
	broken.timed = slices.Concat(cr3Record(7, []byte("no blocks, "+scrubtest.Person)), cr3Record(10, make([]byte, 60)), []byte("\xFF\xFF\xFF\xFF and "+scrubtest.Person))
	whole := rich.bytes()
	return map[string][]byte{
		"rich.cr3":            whole,
		"small.cr3":           small.bytes(),
		"no-jpeg.cr3":         blank.bytes(),
		"broken-records.cr3":  broken.bytes(),
		"damaged-cut.cr3":     whole[:len(whole)-900],
		"damaged-head.cr3":    whole[:600],
		"damaged-no-moov.cr3": slices.Concat(isoBox("ftyp", []byte("crx \x00\x00\x00\x01crx isom")), isoBox("mdat", []byte(scrubtest.Person))),
	}
}
