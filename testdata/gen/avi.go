package main

import (
	"encoding/binary"
	"strings"

	"flightveil/exifscrub/scrubtest"
)

func riffList(name string, data ...string) string {
	return riffChunk("LIST", name, strings.Join(data, ""))
}

func le32(v ...uint32) string {
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, x)
	}
	return string(b)
}

// aviStream returns the headers of a stream.
func aviStream(kind, handler, format string, more ...string) string {
	strh := kind + handler + le32(0, 0, 0, 1, 25, 0, 2, 0, 0xFFFFFFFF, 0) + "\x00\x00\x00\x00\x40\x00\x30\x00"
	return riffList("strl", riffChunk("strh", strh), riffChunk("strf", format), strings.Join(more, ""))
}

// aviIndex returns the old index of the frames in movi.
func aviIndex(movi string) string {
	var out strings.Builder
	for off := 12; off+8 <= len(movi); {
		size := binary.LittleEndian.Uint32([]byte(movi[off+4:]))
		out.WriteString(movi[off:off+4] + le32(0x10, uint32(off-8), size))
		off += 8 + int(size+size&1)
	}
	return riffChunk("idx1", out.String())
}

func aviFixtures() map[string][]byte {
	avih := func(streams uint32, reserved string) string {
		return riffChunk("avih", le32(40000, 100000, 0, 0x10, 2, 0, streams, 0, 64, 48), (reserved + strings.Repeat("\x00", 16))[:16])
	}
	bitmap := le32(40, 64, 48, 1|24<<16) + "MJPG" + le32(9216, 0, 0, 0, 0)
	video := aviStream("vids", "mjpg", bitmap)
	sound := aviStream("auds", "\x00\x00\x00\x00", "\x01\x00\x01\x00"+le32(8000, 8000)+"\x01\x00\x08\x00")
	maker := aviStream("vids", "mjpg", bitmap, riffChunk("strd", "AVIF\x00\x00\x00\x00"+smallExif(binary.LittleEndian)), riffChunk("strn", scrubtest.Person+"\x00"),
		riffChunk("JUNK", "OLYM"+scrubtest.Serial), riffChunk("indx", strings.Repeat("\x00", 32)))
	texts := aviStream("txts", "\x00\x00\x00\x00", scrubtest.Place)
	frame := func(n int, more string) string {
		return riffChunk("00dc", "\xff\xd8\xff\xe0\x00\x10AVI1"+strings.Repeat(string(rune('a'+n)), 70)+more+"\xff\xd9")
	}
	plainMovie := riffList("movi", frame(0, ""), riffChunk("01wb", "sound"), frame(1, ""))
	richMovie := riffList("movi", frame(0, ""), riffChunk("01wb", "sound"), riffChunk("02tx", djiCaption(0)), riffChunk("JUNK", scrubtest.Person),
		frame(1, ""), riffChunk("02tx", djiCaption(1)), riffChunk("gps0", scrubtest.Serial), riffList("note", riffChunk("03xx", scrubtest.Text)), riffChunk("ix00", strings.Repeat("\x00", 24)))
	records := riffList("movi", riffList("rec ", frame(0, ""), riffChunk("01wb", "sound"), riffChunk("02tx", djiCaption(0))), riffList("rec ", frame(1, "")))
	info := riffList("INFO", riffChunk("ISFT", "invented camera\x00"), riffChunk("ICRD", scrubtest.Day+"\x00"), riffChunk("IART", scrubtest.Person+"\x00"), riffChunk("ICMT", scrubtest.Text+"\x00"), riffChunk("Ixyz", scrubtest.Place))
	exif := riffList("exif", riffChunk("ever", "0220"), riffChunk("ecor", "invented make\x00"), riffChunk("etim", "04:47:53\x00"), riffChunk("emnt", "note of "+scrubtest.Serial))
	pentax := riffList("hydt", riffChunk("hymn", "PENTAX \x00II"+string(noteIFD(noteOrder(binary.LittleEndian), 10, notePentax(noteOrder(binary.LittleEndian))...))))
	nikon := riffList("ncdt", riffChunk("nctg", "\x13\x00\x0a\x00"+scrubtest.Serial), riffChunk("ncth", scrubtest.Text))
	header := func(streams uint32, more ...string) string {
		return riffList("hdrl", avih(streams, ""), strings.Join(more, ""))
	}
	odml := riffList("odml", riffChunk("dmlh", le32(4)+scrubtest.Serial+strings.Repeat("\x00", 10)))
	xmp := riffChunk("_PMX", smallXMP())
	idit := riffChunk("IDIT", "Sat Jul 19 04:47:53 2031\n\x00")
	rich := riffChunk("RIFF", "AVI ", riffList("hdrl", avih(3, scrubtest.Serial), maker, sound, texts, odml, idit, riffChunk("JUNK", strings.Repeat("\x00", 20))), info, exif, pentax, nikon,
		richMovie, aviIndex(richMovie), xmp, riffChunk("JUNK", "stale "+scrubtest.Person), riffChunk("id3 ", "ID3"+scrubtest.Person))
	avix := riffChunk("RIFF", "AVIX", richMovie)
	// Sound comes first, so that the pictures get another number where it goes.
	indexed := aviStream("vids", "mjpg", bitmap, riffChunk("indx", "\x04\x00\x00\x00"+le32(1)+"01dc"+strings.Repeat("\x00", 28)))
	spoken := aviStream("auds", "\x00\x00\x00\x00", "\x01\x00\x01\x00"+le32(8000, 8000)+"\x01\x00\x08\x00", riffChunk("strn", scrubtest.Person), riffChunk("EXIF", smallExif(binary.LittleEndian)))
	second := func(n int) string { return strings.Replace(frame(n, ""), "00dc", "01dc", 1) }
	soundFirst := riffList("movi", riffChunk("00wb", "sound"), second(0), riffChunk("00wb", "noise!"), second(1), riffChunk("ix00", "\x02\x00\x00\x01"+le32(0)+"00wb"), riffChunk("ix01", "\x02\x00\x00\x01"+le32(0)+"01dc"))
	dv := aviStream("iavs", "dvsd", strings.Repeat("\x00", 32))
	nest := riffChunk("note", scrubtest.Text)
	for range 40 {
		nest = riffList("deep", nest)
	}
	plain := riffChunk("RIFF", "AVI ", header(2, video, sound), plainMovie, aviIndex(plainMovie))
	hole := func(from string, n int) string { // as a copy that was broken off leaves
		at := strings.Index(plain, from)
		return plain[:at] + strings.Repeat("\x00", n) + plain[at+n:]
	}
	samples := map[string]string{
		"hole.avi":                 hole("01wb", 14), // all of a chunk
		"hole-in-frame.avi":        hole("00dc", 40), // a frame's head, and some of it
		"minimal.avi":              plain,
		"rich.avi":                 rich,
		"opendml.avi":              rich + avix,
		"records.avi":              riffChunk("RIFF", "AVI ", header(3, video, sound, texts), records),
		"sound-first.avi":          riffChunk("RIFF", "AVI ", header(2, spoken, indexed), soundFirst, aviIndex(soundFirst)),
		"dv.avi":                   riffChunk("RIFF", "AVI ", header(1, dv), riffList("movi", riffChunk("00__", strings.Repeat("dv", 60)))),
		"behind.avi":               plain + "after it " + scrubtest.Serial,
		"damaged-cut-movie.avi":    rich[:strings.LastIndex(rich, "gps0")+12],
		"damaged-cut-header.avi":   rich[:200],
		"damaged-cut-head.avi":     plain[:strings.LastIndex(plain[:strings.Index(plain, "idx1")], "01wb")+6],
		"damaged-cut-number.avi":   plain[:strings.LastIndex(plain[:strings.Index(plain, "idx1")], "01wb")+1],
		"damaged-cut-info.avi":     rich[:strings.Index(rich, scrubtest.Text)+8],
		"damaged-no-size.avi":      "RIFF" + le32(0) + rich[8:],
		"damaged-zeros.avi":        plain[:len(plain)-60] + strings.Repeat("\x00", 60),
		"damaged-no-stream.avi":    riffChunk("RIFF", "AVI ", riffList("hdrl", avih(0, "")), plainMovie),
		"damaged-large-chunk.avi":  riffChunk("RIFF", "AVI ", header(1, video), riffList("INFO", "IART"+le32(0xFFFFFFF0)+scrubtest.Person), plainMovie),
		"damaged-nested-lists.avi": riffChunk("RIFF", "AVI ", header(1, video), nest, plainMovie),
	}
	out := map[string][]byte{}
	for name, s := range samples {
		out[name] = []byte(s)
	}
	return out
}
