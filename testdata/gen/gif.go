package main

import (
	"bytes"
	"compress/lzw"
	"encoding/binary"
	"slices"
	"strings"

	"flightveil/exifscrub/scrubtest"
)

// gifBlocks returns s in sub-blocks of n bytes, with their terminator.
func gifBlocks(s string, n int) string {
	var out []byte
	for b := range slices.Chunk([]byte(s), n) {
		out = append(append(out, byte(len(b))), b...)
	}
	return string(out) + "\x00"
}

// gifFrame returns a picture of 12 x 8 pixels in four colours.
func gifFrame(seed byte) string {
	var b bytes.Buffer
	w := lzw.NewWriter(&b, lzw.LSB, 2)
	for i := range 96 {
		w.Write([]byte{(seed + byte(i*i/7)) & 3}) // a bytes.Buffer never fails
	}
	w.Close()
	return ",\x00\x00\x00\x00\x0c\x00\x08\x00\x00\x02" + gifBlocks(b.String(), 40)
}

func gifApplication(id, body string, n int) string { return "!\xff\x0b" + id + gifBlocks(body, n) }

// gifXMP returns packet as XMP wants it: as it is, then 258 bytes that lead a
// reader of sub-blocks out of it.
func gifXMP(packet string) string {
	tail := []byte{1}
	for i := 255; i >= 0; i-- {
		tail = append(tail, byte(i))
	}
	return "!\xff\x0bXMP DataXMP" + packet + string(tail) + "\x00"
}

func gifFixtures() map[string][]byte {
	head := "GIF89a\x0c\x00\x08\x00\x91\x00\x00" + "\x00\x00\x00\xff\xff\xff\x20\x60\xc0\xc0\x60\x20"
	loop := gifApplication("NETSCAPE2.0", "\x01\x00\x00", 3)
	control := "!\xf9\x04\x04\x0a\x00\x00\x00"
	comment := "!\xfe" + gifBlocks(scrubtest.Text+" "+scrubtest.Serial+" "+scrubtest.Person+"\r\n"+scrubtest.When+" "+strings.Repeat("reed ", 60)+scrubtest.Place, 255)
	text := "!\x01\x0c\x00\x00\x00\x00\x0c\x00\x08\x00\x08\x08\x01\x00" + gifBlocks(scrubtest.Text, 20)
	icc := gifApplication("ICCRGBG1012", smallICC(), 255)
	meta := icc + comment + gifXMP(smallXMP()) + gifApplication("MGK8BIM0000", string(resource8BIM(0x0404, "", iptcBlock())), 255) + gifApplication("MGKIPTC0000", string(iptcBlock()), 100) +
		gifApplication("C2PA_GIF\x01\x00\x00", "\x00\x00\x00\x30jumb"+scrubtest.Serial, 255)
	wrong := gifFrame(0)[:11] + "\x7f" + gifFrame(0)[12:] // its first sub-block leads into what follows
	rich := head + loop + meta + control + gifFrame(0) + comment + control + gifFrame(1) + text + ";"
	samples := map[string]string{
		"minimal.gif":    "GIF87a" + head[6:] + gifFrame(0) + ";",
		"rich.gif":       rich,
		"loop.gif":       head + gifApplication("ANIMEXTS1.0", "\x01\x05\x00\x02\x00\x00\x10\x00", 3)[:18] + "\x05\x02\x00\x00\x10\x00\x00" + control + gifFrame(0) + control + gifFrame(2) + ";",
		"local.gif":      head + control + strings.Replace(gifFrame(3), "\x08\x00\x00\x02", "\x08\x00\x81\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x02", 1) + ";",
		"text.gif":       head + control + text + gifFrame(1) + ";",
		"magick.gif":     head + gifApplication("MGKEXIF0000", smallExif(binary.LittleEndian), 255) + gifApplication("MGKNOTE0000", scrubtest.Text, 255) + gifFrame(1) + ";",
		"blocks-xmp.gif": head + gifApplication("XMP DataXMP", smallXMP(), 255) + gifFrame(1) + ";",
		"surplus.gif": head + loop[:len(loop)-1] + gifBlocks(scrubtest.Serial, 20) + control[:7] + gifBlocks(scrubtest.Person, 30) + gifFrame(0) + gifApplication("NETSCAPE2.0", scrubtest.Text, 30) +
			gifApplication("ICCRGBG1012", scrubtest.Text, 30) + gifApplication("MIDISONGDm7", scrubtest.Text, 30) + "!\xff\x05HERON" + gifBlocks(scrubtest.Serial, 9) + "!\x77" + gifBlocks(scrubtest.Place, 7) + control + gifFrame(2) + ";",
		"damaged-padding.gif":        head + control + gifFrame(0) + "\x00\x00\x00" + comment + control + gifFrame(2) + ";",
		"after-end.gif":              head + gifFrame(0) + ";" + scrubtest.Serial,
		"after-end-2.gif":            head + gifFrame(0) + ";" + head + comment + gifFrame(0) + ";",
		"damaged-cut-in-frame.gif":   rich[:len(rich)-len(text)-20],
		"damaged-cut-in-comment.gif": head + gifFrame(0) + comment[:60],
		"damaged-cut-at-label.gif":   head + comment + gifFrame(0) + "!",
		"damaged-no-end.gif":         head + comment + gifFrame(0),
		"damaged-no-frame.gif":       head + comment + ";",
		"damaged-control.gif":        head + "!\xf9\x03\x04\x0a\x00\x00" + gifFrame(0) + ";",
		"damaged-garbage.gif":        head + gifFrame(0) + "?" + comment + ";",
		"damaged-swallowed.gif":      head + wrong + comment + comment + gifXMP(smallXMP()) + gifFrame(1) + ";",
		"damaged-header.gif":         head[:11],
	}
	out := map[string][]byte{}
	for name, s := range samples {
		out[name] = []byte(s)
	}
	return out
}
