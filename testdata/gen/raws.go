package main

import (
	"bytes"
	"encoding/binary"

	"flightveil/exifscrub/scrubtest"
)

// Size of the invented sensors: raw converters refuse smaller ones.
const rawWidth, rawHeight = 64, 32

// rawSensor returns what an invented sensor saw, as 16-bit numbers.
func rawSensor(o noteOrder) []byte {
	var b []byte
	for y := range rawHeight {
		for x := range rawWidth {
			b = o.AppendUint16(b, uint16(300+37*x+23*y+(x*y)%97+400*(y&1)+250*(x&1)))
		}
	}
	return b
}

// rawImage returns the directory of uncompressed sensor data.
func rawImage(o noteOrder, tags ...tiffField) *tiffDir {
	return dir(long(0x00FE, 0), short(0x0100, rawWidth), short(0x0101, rawHeight), short(0x0102, 16), short(0x0103, 1), short(0x0106, 32803), short(0x0115, 1), short(0x0116, rawHeight),
		short(0x828D, 2, 2), byte1(0x828E, 0, 1, 1, 2)).with(data(0x0111, 0x0117, rawSensor(o))...).with(tags...)
}

// rawPacked is rawImage with two numbers in three bytes.
func rawPacked(o noteOrder, tags ...tiffField) *tiffDir {
	return dir(long(0x00FE, 0), short(0x0100, rawWidth), short(0x0101, rawHeight), short(0x0102, 12), short(0x0103, 1), short(0x0106, 32803), short(0x0115, 1), short(0x0116, rawHeight),
		short(0x828D, 2, 2), byte1(0x828E, 0, 1, 1, 2)).with(data(0x0111, 0x0117, rawSensor(o)[:rawWidth*rawHeight*3/2])...).with(tags...)
}

// rawNote is a maker note; note gets the offset it will have.
func rawNote(note func(at int) []byte) tiffField {
	return tiffField{tag: 0x927C, kind: 7, value: func(w *tiffFile) []byte { return note((len(w.b) + 1) &^ 1) }}
}

// rawShot is what the Exif directory of a raw file tells, with a maker note.
func rawShot(note func(at int) []byte) *tiffDir {
	d := rawShotDir()
	return d.with(rawNote(note))
}

// rawHead is headTags of a camera that exists: converters choose by it.
func rawHead(maker, model string) []tiffField {
	var out []tiffField
	for _, f := range headTags() {
		switch f.tag {
		case 0x010F:
			f = text2(0x010F, maker)
		case 0x0110:
			f = text2(0x0110, model)
		case 0x0112:
			f = short(0x0112, 1)
		}
		out = append(out, f)
	}
	return out
}

// rawFixtures returns raw files as cameras write them, as far as a converter
// looks: with maker notes that it needs the white balance of.
func rawFixtures() map[string][]byte {
	little, big := noteOrder(binary.LittleEndian), noteOrder(binary.BigEndian)
	file := func(o noteOrder) tiffFile { return tiffFile{o: o} }
	preview := func() *tiffDir {
		return dir(long(0x00FE, 1), short(0x0100, 8), short(0x0101, 8), short(0x0103, 6), short(0x0106, 6)).with(data(0x0201, 0x0202, tinyThermalJPEG(scrubtest.Text))...)
	}
	return map[string][]byte{
		// The white balance is enciphered with what must go.
		"nikon.nef": file(big).write(classicMM, dir(long(0x00FE, 1), short(0x0100, 8), short(0x0101, 8), short(0x0102, 8, 8, 8), short(0x0103, 1), short(0x0106, 2), short(0x0115, 3), short(0x0116, 8)).
			with(data(0x0111, 0x0117, bytes.Repeat([]byte{90, 120, 60}, 64))...).with(rawHead("NIKON CORPORATION", "NIKON D80")...).
			with(sub(0x014A, preview(), rawImage(big)), sub(0x8769, rawShot(func(int) []byte { return noteNikon(big, "4519112", 0x00012345) })), sub(0x8825, gpsDir()))),
		"pentax.pef": file(little).write(classicII, rawImage(little, rawHead("PENTAX", "PENTAX K-5")...).with(
			sub(0x8769, rawShot(func(int) []byte {
				return append([]byte("PENTAX \x00II"), noteIFD(little, 10, notePentax(little)...)...)
			})), sub(0x8825, gpsDir()))),
		"pentax-aoc.pef": file(big).write(classicMM, rawImage(big, rawHead("PENTAX Corporation", "PENTAX K10D")...).with(
			sub(0x8769, rawShot(func(at int) []byte { return append([]byte("AOC\x00MM"), noteIFD(big, at+6, notePentax(big)...)...) })))),
		"olympus-note.orf": file(little).write("IIRO", rawPacked(little, rawHead("OLYMPUS CORPORATION", "E-M10")...).with(sub(0x8769, rawShot(noteOlympus)))),
		"samsung.srw": file(little).write(classicII, rawImage(little, rawHead("SAMSUNG", "NX20")...).with(sub(0x8769, rawShot(func(int) []byte {
			return noteIFD(little, 0, noteField{0x0001, 7, []byte("0100")}, noteField{0x0030, 2, noteText(scrubtest.Place, 0)}, noteField{0xa002, 2, noteText(scrubtest.Serial, 0)},
				noteField{0xa021, 4, noteLongs(little, 7400, 4096, 4096, 6100)}, noteField{0xa028, 4, noteLongs(little, 0, 0, 0, 0)})
		})))),
		"sony.arw": file(little).write(classicII, preview().with(rawHead("SONY", "ILCE-6000")...).with(sub(0x8769, rawShot(noteSony)), sub(0x8825, gpsDir()),
			sub(0x014A, rawImage(little, short(0x7310, 512, 512, 512, 512), short(0x7313, 2400, 1024, 1024, 1700))))),
		// The boxes of a CR3.
		"cmt3.exif": append([]byte("II*\x00\x08\x00\x00\x00"), noteCanon(8)...),
		"cmt4.exif": file(little).write(classicII, gpsDir()),
		"canon.raw": file(little).write(classicII, rawImage(little, rawHead("Canon", "Canon EOS 350D DIGITAL")...).with(sub(0x8769, rawShot(noteCanon)))),
	}
}

func noteLongs(o noteOrder, v ...uint32) (b []byte) {
	for _, x := range v {
		b = o.AppendUint32(b, x)
	}
	return b
}

// rafFixtures returns Fujifilm's raw files, old and new.
func rafFixtures() map[string][]byte {
	little := noteOrder(binary.LittleEndian)
	note := func(int) []byte {
		return append([]byte("FUJIFILM\x0c\x00\x00\x00"), noteIFD(little, 12, noteField{0x0000, 7, []byte("0130")}, noteField{0x0010, 2, noteText(scrubtest.Serial, 48)},
			noteField{0x1001, 3, noteShorts(little, 3)}, noteField{0x4282, 7, noteText(scrubtest.Person, 64)})...)
	}
	exif := tiffFile{o: little}.write(classicII, dir(rawHead("FUJIFILM", "X-T1")...).with(sub(0x8769, rawShot(note)), sub(0x8825, gpsDir())))
	picture := jpegFile(jpegPicture{width: 16, height: 16, components: 3, seed: 5}, jpegSegment(0xE1, "Exif\x00\x00", string(exif)), jpegSegment(0xFE, scrubtest.Text))
	sensor := rawSensor(little)
	parts := []byte("\x00\x00\x00\x00\x00\x00\x00\x00STRW" + "\x02\x51\x00\x00")
	values := func(more ...byte) []byte {
		list := [][]byte{
			rafValue(0x0100, rawHeight, rawWidth), rafValue(0x0110, 0, 0), rafValue(0x0111, rawHeight, rawWidth), rafValue(0x0121, rawHeight, rawWidth), rafValue(0x0130, 0, 0),
			rafValue(0x1160, 0x4519, 0x1123), rafValue(0x2ff0, 302, 590, 302, 470), rafValue(0x9650, 0, 100), rafBytes(0xd001, []byte(scrubtest.Serial)), rafBytes(0xc000, more),
		}
		return append(binary.BigEndian.AppendUint32(nil, uint32(len(list))), bytes.Join(list, nil)...)
	}
	tiffHead := func(fields ...tiffField) []byte {
		return tiffFile{o: little}.write(classicII, dir(tiffField{tag: 0xF000, kind: 13, dirs: []*tiffDir{dir(fields...)}}))
	}
	fields := func(at uint32) []tiffField {
		return []tiffField{long(0xF001, rawWidth), long(0xF002, rawHeight), long(0xF003, 16), long(0xF007, at), long(0xF008, uint32(len(sensor))), long(0xF00A, 0), long(0xF00E, 302, 590, 470), text2(0xF123, scrubtest.Serial)}
	}
	head := tiffHead(fields(0)...)
	newer := append(tiffHead(fields(uint32(len(head)))...), sensor...)
	text := append(bytes.Clone(parts), append([]byte(scrubtest.Text), make([]byte, 40)...)...)
	out := map[string][]byte{
		"old.raf":     rafFile("FinePix S5Pro  ", picture, values(make([]byte, 24)...), sensor, nil, nil, nil),
		"new.raf":     rafFile("X-T1", picture, values(text...), newer, nil, nil, []byte("stale "+scrubtest.Serial)),
		"two.raf":     rafFile("FinePix S5Pro  ", picture, values(), sensor, values(), sensor, nil),
		"minimal.raf": rafFile("X-T1", jpegFile(jpegPicture{width: 8, height: 8, components: 1}), binary.BigEndian.AppendUint32(nil, 0), sensor[:64], nil, nil, nil),
	}
	out["damaged-cut.raf"] = out["new.raf"][:len(out["new.raf"])-len(sensor)-300]
	multi := bytes.Clone(out["old.raf"])
	multi[0x4B] = 0x94
	out["damaged-multi.raf"] = multi
	shared := bytes.Clone(out["old.raf"])
	copy(shared[0x5C:0x60], shared[0x54:0x58])
	out["damaged-shared.raf"] = shared
	return out
}

func rafValue(tag uint16, v ...uint16) []byte {
	var b []byte
	for _, x := range v {
		b = binary.BigEndian.AppendUint16(b, x)
	}
	return rafBytes(tag, b)
}

func rafBytes(tag uint16, v []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, tag)
	return append(binary.BigEndian.AppendUint16(b, uint16(len(v))), v...)
}

// rafFile returns a RAF file. gap is put between its parts.
func rafFile(model string, jpeg, dir1, data1, dir2, data2, gap []byte) []byte {
	b := make([]byte, 0x94)
	copy(b, "FUJIFILMCCD-RAW 0201"+"FV451911"+model)
	copy(b[0x3C:], "0451")
	put := func(at int, part []byte) {
		if len(part) == 0 {
			return
		}
		binary.BigEndian.PutUint32(b[at:], uint32(len(b)))
		binary.BigEndian.PutUint32(b[at+4:], uint32(len(part)))
		b = append(append(b, part...), make([]byte, -len(part)&15)...)
	}
	put(0x54, jpeg)
	b = append(b, gap...)
	put(0x5C, dir1)
	put(0x78, dir2)
	put(0x64, data1)
	put(0x80, data2)
	return b
}
