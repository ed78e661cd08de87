package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf16"

	"flightveil/exifscrub/scrubtest"
)

const (
	classicII = "II*\x00"
	classicMM = "MM\x00*"
	bigII     = "II+\x00\x08\x00\x00\x00"
	bigMM     = "MM\x00+\x00\x08\x00\x00"
)

func little() tiffFile { return tiffFile{o: binary.LittleEndian} }
func bigEnd() tiffFile { return tiffFile{o: binary.BigEndian} }

// utf16LE returns s as Windows writes it into its tags.
func utf16LE(tag uint16, s string) tiffField {
	var b []byte
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return byte1(tag, b...)
}

// gpsDir returns a full GPS IFD.
func gpsDir() *tiffDir {
	lat, lon := scrubtest.LatDMS, scrubtest.LonDMS
	return dir(
		byte1(0, 2, 3, 0, 0), text2(1, "S"), ratio(2, lat[:]...), text2(3, "W"), ratio(4, lon[:]...),
		byte1(5, 0), ratio(6, 1234567, 1000), ratio(7, 4, 1, 47, 1, 53, 1), text2(8, "17"), text2(9, "A"), text2(10, "3"), ratio(11, 7, 10),
		text2(12, "K"), ratio(13, 333, 10), text2(14, "T"), ratio(15, 1813, 10), text2(16, "T"), ratio(17, 2718, 10), text2(18, "WGS-84"),
		text2(0x13, "S"), ratio(0x14, lat[:]...), text2(0x15, "W"), ratio(0x16, lon[:]...), text2(0x17, "T"), ratio(0x18, 90, 1), text2(0x19, "K"), ratio(0x1A, 3, 1),
		undef(0x1B, "ASCII\x00\x00\x00GPS"), undef(0x1C, "ASCII\x00\x00\x00"+scrubtest.Place), text2(0x1D, scrubtest.When[:10]), short(0x1E, 0), ratio(0x1F, 3, 2),
	)
}

// position returns a GPS IFD with just a position, in the given encoding.
func positionDir(fields ...tiffField) *tiffDir { return dir(byte1(0, 2, 3, 0, 0)).with(fields...) }

// shotDir returns an Exif IFD that holds every kind of value.
func shotDir() *tiffDir {
	return dir(
		ratio(0x829A, 1, 640), ratio(0x829D, 28, 10), short(0x8822, 2), text2(0x8824, "735 nm"), short(0x8827, 200), undef(0x9000, "0232"),
		text2(0x9003, scrubtest.When), text2(0x9004, scrubtest.When), text2(0x9010, "-09:00"), text2(0x9011, "-09:00"), undef(0x9101, "\x01\x02\x03\x00"),
		sratio(0x9204, -1, 3), short(0x9209, 16), ratio(0x920A, 88, 10), long(0x9211, 4519),
		undef(0x9286, "ASCII\x00\x00\x00"+scrubtest.Text), text2(0x9291, "519"), ratio(0x9402, 10025, 10),
		undef(0xA000, "0100"), short(0xA001, 0xFFFF), long(0xA002, 12), long(0xA003, 8), ratio(0xA20E, 3840, 1000),
		sub(0xA005, dir(text2(1, "R03"), undef(2, "0100"), text2(0x1000, "Exif JPEG"))),
		undef(0xA40B, "setting of "+scrubtest.Person), text2(0xA420, strings.Repeat(scrubtest.Serial, 2)), text2(0xA430, scrubtest.Person),
		text2(0xA431, scrubtest.Serial), ratio(0xA432, 24, 1, 24, 1, 28, 10, 28, 10), text2(0xA434, "Heron 24mm f/2.8"), text2(0xA435, scrubtest.Serial+"L"),
		text2(0xA436, scrubtest.Text), text2(0xA437, scrubtest.Person), text2(0xA439, "7.1"),
	).with(undef(0x927C, "Heron maker note\x00"+scrubtest.Serial+"\x00[sensor_id:"+scrubtest.Serial+"]"))
}

// rawShotDir is shotDir without the maker note: raw files keep theirs, and are
// refused if nobody can read it.
func rawShotDir() *tiffDir {
	d := shotDir()
	d.fields = slices.DeleteFunc(d.fields, func(f tiffField) bool { return f.tag == 0x927C })
	return d
}

// headTags returns the tags of IFD0 that tell something.
func headTags() []tiffField {
	return []tiffField{
		text2(0x010E, scrubtest.Text), text2(0x010F, "Heron"), text2(0x0110, "Heron One"), short(0x0112, 6), ratio(0x011A, 72, 1), ratio(0x011B, 72, 1), short(0x0128, 2),
		text2(0x0131, "Heron firmware 7.1"), text2(0x0132, scrubtest.When), text2(0x013B, scrubtest.Person), text2(0x013C, scrubtest.Person+"'s computer"),
		text2(0x8298, "(c) "+scrubtest.Person), utf16LE(0x9C9B, scrubtest.Text), utf16LE(0x9C9D, scrubtest.Person), short(0x4746, 4),
		text2(0xC62F, scrubtest.Serial), undef(0xEA1C, strings.Repeat("\x00", 8)+scrubtest.When), text2(0xBEEF, scrubtest.Serial),
	}
}

// blocks returns the tags that hold a block with a format of its own.
func blocks() []tiffField {
	return []tiffField{
		byte1(0x02BC, []byte(smallXMP())...), undef(0x83BB, string(iptcBlock())), byte1(0x8649, photoshopResources()...), undef(0x8773, smallICC()),
	}
}

// exifBlock returns an Exif block with everything and a thumbnail that has a
// comment and a position of its own.
func exifBlock() *tiffDir {
	gps := gpsDir()
	thumb := dir(short(0x0103, 6), ratio(0x011A, 72, 1), ratio(0x011B, 72, 1), short(0x0128, 2), sub(0x8825, gps)).
		with(data(0x0201, 0x0202, tinyThermalJPEG(scrubtest.Text))...)
	return dir(headTags()...).with(blocks()...).with(sub(0x8769, shotDir()), sub(0x8825, gps)).then(thumb)
}

// plainImage returns the tags of a picture of 12 x 8 grey pixels.
func plainImage(seed byte, tags ...tiffField) *tiffDir {
	pix := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = seed + byte(i)*7
		}
		return b
	}
	return dir(short(0x0100, 12), short(0x0101, 8), short(0x0102, 8), short(0x0103, 1), short(0x0106, 1), short(0x0115, 1), short(0x0116, 4)).
		with(data(0x0111, 0x0117, pix(48), pix(48))...).with(tags...)
}

// opcodeList returns a DNG opcode list with a standard and a private opcode.
func opcodeList() string {
	b := binary.BigEndian.AppendUint32(nil, 2)
	for _, op := range []struct {
		id   uint32
		text string
	}{{9, "gain map of sorts"}, {48739, `{"FlightId":"` + scrubtest.Serial + `"}`}} {
		for _, v := range []uint32{op.id, 0x01030000, 1, uint32(len(op.text))} {
			b = binary.BigEndian.AppendUint32(b, v)
		}
		b = append(b, op.text...)
	}
	return string(b)
}

// dngFile returns a DNG: a preview, the raw image in a SubIFD, and what an
// Adobe converter leaves of the original file.
func dngFile() *tiffDir {
	private := binary.BigEndian.AppendUint32([]byte("Adobe\x00MakN"), uint32(6+17+len(scrubtest.Serial)))
	private = append(private, "II\x00\x00\x10\x00Heron maker note\x00"+scrubtest.Serial...)
	cfa := plainImage(90, long(0x00FE, 0), short(0x828D, 2, 2), byte1(0x828E, 0, 1, 1, 2), short(0xC61A, 64), short(0xC61D, 1023), undef(0xC74E, opcodeList()))
	cfa.fields[slices.IndexFunc(cfa.fields, func(f tiffField) bool { return f.tag == 0x0106 })] = short(0x0106, 32803)
	jpeg := dir(long(0x00FE, 1), short(0x0100, 8), short(0x0101, 8), short(0x0103, 7), short(0x0106, 1), short(0x0115, 1), short(0x0116, 8)).
		with(data(0x0111, 0x0117, tinyThermalJPEG(scrubtest.Text))...)
	return plainImage(30, long(0x00FE, 1)).with(headTags()...).with(
		byte1(0x02BC, []byte(smallXMP())...), sub(0x014A, cfa, jpeg), sub(0x8769, shotDir()), sub(0x8825, gpsDir()),
		byte1(0xC612, 1, 4, 0, 0), text2(0xC614, "Heron One"), sratio(0xC621, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1),
		byte1(0xC634, private...), byte1(0xC65D, []byte(scrubtest.Serial+"\x01\x02")...), text2(0xC68B, scrubtest.Person+" 4519.RAW"),
		undef(0xC68C, "the whole original of "+scrubtest.Person), text2(0xC6F8, "profile of "+scrubtest.Person), text2(0xC71B, scrubtest.Day+"T"+scrubtest.When[11:]+"-09:00"),
	)
}

// geoDir returns a map: the keys of GeoTIFF and what GDAL adds.
func geoDir() *tiffDir {
	return plainImage(5,
		double(0x830E, 0.00027, 0.00027, 0), double(0x8482, 0, 0, 0, scrubtest.Lon, scrubtest.Lat, 0),
		short(0x87AF, 1, 1, 0, 4, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326, 2049, 0x87B1, 13, 0),
		double(0x87B0, 6378137, 298.257223563), text2(0x87B1, scrubtest.Place+"|"),
		text2(0xA480, "<GDALMetadata><Item name=\"owner\">"+scrubtest.Person+"</Item></GDALMetadata>"), text2(0xA481, "-32768"))
}

// cloudGeoTIFF returns a map laid out for reading in parts: a ghost area
// behind the header, tiles with their size before and their last bytes behind.
func cloudGeoTIFF() []byte {
	opts := "LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\nBLOCK_TRAILER=LAST_4_BYTES_REPEATED\nKNOWN_INCOMPATIBLE_EDITION=NO\n "
	ghost := fmt.Sprintf("GDAL_STRUCTURAL_METADATA_SIZE=%06d bytes\n%s", len(opts), opts)
	tile := []byte("sixteen by sixteen pixels, coded")
	framed := binary.LittleEndian.AppendUint32(nil, uint32(len(tile)))
	framed = append(append(framed, tile...), "oded"...)
	d := dir(short(0x0100, 32), short(0x0101, 16), short(0x0102, 8), short(0x0103, 8), short(0x0106, 1), short(0x0115, 1), short(0x0142, 16), short(0x0143, 16),
		double(0x8482, 0, 0, 0, scrubtest.Lon, scrubtest.Lat, 0), long(0x0145, uint32(len(tile)), uint32(len(tile))))
	first := 8 + len(ghost)
	d.with(long(0x0144, uint32(first+4), uint32(first+4+len(framed))))
	w := little()
	w.b = append(append([]byte(classicII+"\x00\x00\x00\x00"+ghost), framed...), framed...)
	w.written = map[*tiffDir]bool{}
	ifd := w.dir(d)
	w.put(w.b[4:], ifd)
	return w.b
}

// tiffFixtures returns the samples of exifscrub/tiff.
func tiffFixtures() map[string][]byte {
	lat, lon := scrubtest.LatDMS, scrubtest.LonDMS
	le := func(d *tiffDir) []byte { return little().write(classicII, d) }
	gpsOnly := func(fields ...tiffField) []byte {
		return le(dir(short(0x0112, 6), sub(0x8825, positionDir(fields...))))
	}
	stale := func(w tiffFile) tiffFile { w.stale = "stale copy of " + scrubtest.Serial; return w }
	out := map[string][]byte{
		"block-little.exif":  stale(little()).write(classicII, exifBlock()),
		"block-big.exif":     stale(bigEnd()).write(classicMM, exifBlock()),
		"minimal.exif":       le(dir(short(0x0112, 6), ratio(0x011A, 72, 1), ratio(0x011B, 72, 1), short(0x0128, 2))),
		"strip-thumb.exif":   le(dir(short(0x0112, 3), text2(0x013B, scrubtest.Person)).then(plainImage(9))),
		"gps-decimal.exif":   gpsOnly(text2(1, "S"), ratio(2, 413875125, 10_000_000, 0, 1, 0, 1), text2(3, "W"), ratio(4, 1324518375, 10_000_000, 0, 1, 0, 1)),
		"gps-one.exif":       gpsOnly(text2(1, "S"), ratio(2, 413875125, 10_000_000), text2(3, "W"), ratio(4, 1324518375, 10_000_000)),
		"gps-minutes.exif":   gpsOnly(text2(1, "S"), ratio(2, 41, 1, 232507500, 10_000_000), text2(3, "W"), ratio(4, 132, 1, 271102500, 10_000_000, 0, 0)),
		"gps-signed.exif":    gpsOnly(text2(1, "S"), sratio(2, -41, 1, -23, 1, -15045, 1000), text2(3, "W"), sratio(4, -132, 1, -27, 1, -6615, 1000)),
		"gps-text.exif":      gpsOnly(text2(1, "S"), text2(2, "41/1,23/1,15045/1000"), text2(3, "W"), text2(4, "132/1,27/1,6615/1000")),
		"gps-text-deg.exif":  gpsOnly(text2(1, "S"), text2(2, "41.3875125"), text2(3, "W"), text2(4, "132 deg 27' 6.615\"")),
		"gps-double.exif":    gpsOnly(text2(1, "S"), double(2, math.Abs(scrubtest.Lat)), text2(3, "W"), double(4, 132, 27, 6.615)),
		"gps-big-type.exif":  gpsOnly(text2(1, "S"), ratio(2, append(lat[:], 7, 1)...), text2(3, "W"), ratio(4, lon[:]...)),
		"gps-no-fix.exif":    gpsOnly(text2(1, "N"), ratio(2, 0, 0, 0, 0, 0, 0), text2(3, "E"), ratio(4, 0, 0, 0, 0, 0, 0), text2(9, "V")),
		"gps-zero.exif":      gpsOnly(text2(1, "N"), ratio(2, 0, 1, 0, 1, 0, 1), text2(3, "E"), ratio(4, 0, 1, 0, 1, 0, 1)),
		"gps-half.exif":      gpsOnly(text2(1, "S"), ratio(2, lat[:]...), text2(3, "W")),
		"gps-no-ref.exif":    gpsOnly(ratio(2, lat[:]...), ratio(4, lon[:]...)),
		"gps-short.exif":     gpsOnly(text2(1, "S"), text2(2, "41.387512"), text2(3, "W"), text2(4, "1/1")),
		"pages.tif":          stale(little()).write(classicII, plainImage(1, headTags()...).with(blocks()...).with(sub(0x8825, gpsDir())).then(plainImage(2, byte1(0x02BC, []byte(smallXMP())...), text2(0x011D, scrubtest.Text), sub(0x8825, gpsDir())))),
		"big.btf":            tiffFile{o: binary.BigEndian, big: true}.write(bigMM, plainImage(3, headTags()...).with(sub(0x8769, shotDir()), sub(0x8825, gpsDir()))),
		"big-little.btf":     tiffFile{o: binary.LittleEndian, big: true}.write(bigII, plainImage(3, text2(0x013B, "Zoë Q."), sub(0x8825, gpsDir()))),
		"minimal.tif":        le(plainImage(4)),
		"map.tif":            le(geoDir()),
		"cloud.tif":          cloudGeoTIFF(),
		"thumbnail.tif":      le(plainImage(6, text2(0x0132, scrubtest.When)).then(dir(short(0x0103, 6)).with(data(0x0201, 0x0202, tinyThermalJPEG(scrubtest.Text))...))),
		"multispectral.tif":  bigEnd().write(classicMM, plainImage(7, text2(0xC62F, scrubtest.Serial), undef(0xC74E, opcodeList()), sub(0x8825, gpsDir()))),
		"photo.dng":          le(dngFile()),
		"olympus.orf":        little().write("IIRO", plainImage(8, headTags()...).with(sub(0x8769, rawShotDir()))),
		"panasonic.rw2":      little().write("IIU\x00", dir(short(2, 12), short(3, 8), short(0x24, 570), undef(0x2E, string(tinyThermalJPEG(scrubtest.Text))), text2(0x013B, scrubtest.Person), sub(0x8769, rawShotDir()), sub(0x8825, gpsDir()))),
		"sensor.raw":         tiffFile{o: binary.LittleEndian, stale: "[sensor_id:" + scrubtest.Serial + "\x00\x00]"}.write(classicII, plainImage(11, text2(0x010F, "SONY"), short(0x0106, 32803)).with(sub(0x8825, gpsDir()))),
		"version2.cr2":       tiffFile{o: binary.LittleEndian, stale: "CR2"}.write(classicII, plainImage(12, headTags()...).with(sub(0x8769, rawShotDir()), short(0xC640, 1, 2, 3))),
		"no-next.exif":       le(dir(short(0x0112, 6), sub(0x8769, &tiffDir{noNext: true, fields: []tiffField{short(0x8827, 100), text2(0xA431, scrubtest.Serial)}}), text2(0xA434, "directly behind"))),
		"xmp-only.exif":      le(dir(byte1(0x02BC, []byte(smallXMP())...))),
		"empty.exif":         le(dir()),
		"damaged-header.tif": []byte("II*\x00\x00\x00\x00\x00 nothing"),
	}
	jpegImage := tinyThermalJPEG("")
	jpegImage = slices.Delete(jpegImage, 2, 6) // the comment
	out["old-jpeg.tif"] = le(dir(short(0x0100, 8), short(0x0101, 8), short(0x0102, 8), short(0x0103, 6), short(0x0106, 1), long(0x0111, uint32(8+len(jpegImage)-4)), short(0x0115, 1), short(0x0116, 8), long(0x0117, 2),
		text2(0x013B, "Z.Q")).with(data(0x0201, 0x0202, jpegImage)...))
	shared := dir(short(0x0112, 6), tiffField{tag: 0x0132, kind: 2, value: tiffBytes([]byte(scrubtest.When + "\x00")...)})
	out["shared-date.exif"] = le(shared.with(sub(0x8769, dir(tiffField{tag: 0x9003, kind: 2, value: tiffBytes(0), count: 20, at: 8}))))
	alias := gpsDir()
	out["alias.exif"] = le(dir(short(0x0112, 6), sub(0x8769, alias), sub(0x8825, alias)))
	loop := le(dir(short(0x0112, 6), text2(0x013B, scrubtest.Person)))
	out["damaged-loop.exif"] = append(loop[:len(loop)-4], loop[4:8]...)
	out["damaged-values.exif"] = le(dir(short(0x0112, 6), tiffField{tag: 0x010E, kind: 2, value: tiffBytes(0), count: 1 << 31, at: 8}, tiffField{tag: 0x010F, kind: 2, value: tiffBytes(0), count: 8, at: 1 << 30},
		tiffField{tag: 0x013B, kind: 99, value: tiffBytes([]byte("abcd")...)}, tiffField{tag: 0x8769, kind: 4, value: tiffBytes(1, 2, 3, 4)}, tiffField{tag: 0x829A, kind: 5, value: tiffBytes(0), count: 0xFFFFFFFF, at: 8}))
	out["damaged-shared.tif"] = le(plainImage(13, tiffField{tag: 0x013B, kind: 2, value: tiffBytes(0), count: 20, at: 20}))
	whole := le(plainImage(14, headTags()...).with(sub(0x8825, gpsDir())))
	cut := func(at int) []byte { // a preview and image data that the end of the file cuts off
		return little().write("IIU\x00", dir(short(2, 12), short(3, 8), short(0x24, 570), tiffField{tag: 0x2E, kind: 7, value: tiffBytes(0), count: 1 << 16, at: at}, long(0x0111, 1<<20), long(0x0117, 1<<20)))
	}
	out["damaged-cut.rw2"] = append(cut(len(cut(0))), tinyThermalJPEG(scrubtest.Text)...)
	out["damaged-cut.tif"] = whole[:len(whole)-30]
	beyond := plainImage(15, text2(0x013B, scrubtest.Person))
	for i, f := range beyond.fields {
		if f.tag == 0x0111 {
			beyond.fields[i] = long(0x0111, 1000, 100_000)
		}
	}
	out["truncated.tif"] = le(beyond)
	return out
}
