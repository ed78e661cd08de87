package main

import (
	"encoding/binary"
	"strings"

	"flightveil/exifscrub/scrubtest"
)

func riffChunk(name string, data ...string) string {
	body := strings.Join(data, "")
	out := name + string(binary.LittleEndian.AppendUint32(nil, uint32(len(body)))) + body
	if len(body)&1 == 1 {
		out += "\x00"
	}
	return out
}

func webpFile(chunks ...string) string { return riffChunk("RIFF", "WEBP", strings.Join(chunks, "")) }

// vp8l returns a picture of 12 x 8 pixels in one colour, coded without loss:
// every prefix code has one symbol, so the pixels take no bits (RFC 9649, 3).
func vp8l(green, red, blue byte) string {
	var bits uint64
	var n uint
	var out []byte
	put := func(v uint64, width uint) {
		bits |= v << n
		for n += width; n >= 8; n -= 8 {
			out = append(out, byte(bits))
			bits >>= 8
		}
	}
	put(12-1, 14)
	put(8-1, 14)
	put(0, 1+3)   // no alpha, version 0
	put(0, 1+1+1) // no transform, no colour cache, one group of codes
	for _, v := range []byte{green, red, blue, 255} {
		put(1|0<<1|1<<2, 3) // simple, one symbol, of 8 bits
		put(uint64(v), 8)
	}
	put(1|0<<1|0<<2, 3) // distance: one symbol, of one bit
	put(0, 1)
	put(0, 7) // the last bits
	return riffChunk("VP8L", "\x2f"+string(out))
}

// vp8x returns the header of an extended file of 12 x 8 pixels.
func vp8x(flags byte) string {
	return riffChunk("VP8X", string([]byte{flags, 0, 0, 0, 11, 0, 0, 7, 0, 0}))
}

// anmf returns a frame of an animation.
func anmf(chunks ...string) string {
	return riffChunk("ANMF", "\x00\x00\x00\x00\x00\x00\x0b\x00\x00\x07\x00\x00\x64\x00\x00\x00", strings.Join(chunks, ""))
}

func webpFixtures() map[string][]byte {
	const icc, exifFlag, xmpFlag, animation = 0x20, 0x08, 0x04, 0x02
	exif := riffChunk("EXIF", smallExif(binary.BigEndian))
	xmp := riffChunk("XMP ", smallXMP())
	profile := riffChunk("ICCP", smallICC())
	anim := riffChunk("ANIM", "\xff\xff\xff\xff\x00\x00")
	red, blue := vp8l(10, 200, 20), vp8l(30, 40, 250)
	extended := webpFile(vp8x(icc|exifFlag|xmpFlag), profile, red, exif, xmp)
	odd := riffChunk("VP8L", red[8:], "\x00") // one byte more than it needs
	odd = odd[:len(odd)-1] + "?"              // and something in its padding
	animated := webpFile(vp8x(animation|exifFlag|xmpFlag), anim, anmf(red), anmf(riffChunk("note", scrubtest.Serial), blue, riffChunk("More", scrubtest.Person)), xmp, exif)
	swallow := "VP8L" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(red)-8+len(exif)))) + red[8:] + exif
	samples := map[string]string{
		"minimal.webp":     webpFile(red),
		"extended.webp":    extended,
		"animated.webp":    animated,
		"simple-exif.webp": webpFile(blue, exif),
		"prefix.webp":      webpFile(vp8x(exifFlag), blue, riffChunk("Exif", "Exif\x00\x00", smallExif(binary.LittleEndian))),
		"vendor.webp": webpFile(vp8x(icc|exifFlag), riffChunk("ICCP", scrubtest.Text), blue, riffChunk("EXIF", scrubtest.Serial), riffChunk("C2PA", "\x00\x00\x00\x30jumb"+scrubtest.Serial),
			riffChunk("SEAL", scrubtest.Person), riffChunk("note", scrubtest.Text), riffChunk("\x01\x02\x03\x04", scrubtest.Place), riffChunk("VP8?", scrubtest.Serial)),
		"padding.webp":                webpFile(vp8x(0), odd, riffChunk("note", scrubtest.Serial+"odd")),
		"no-flags.webp":               webpFile(vp8x(0), blue, exif, xmp),
		"after-riff.webp":             webpFile(vp8x(exifFlag), blue) + exif + xmp + riffChunk("note", scrubtest.Text),
		"after-riff-2.webp":           webpFile(blue) + scrubtest.Serial,
		"after-riff-3.webp":           webpFile(blue) + extended,
		"damaged-cut-in-picture.webp": webpFile(vp8x(icc|exifFlag), profile, red)[:30+len(profile)+14],
		"damaged-cut-in-exif.webp":    webpFile(vp8x(exifFlag), red, exif)[:30+len(red)+100],
		"damaged-cut-in-frame.webp":   animated[:30+len(anim)+len(anmf(red))+24+60],
		"damaged-cut-in-header.webp":  webpFile(vp8x(exifFlag), red, exif)[:30+len(red)+5],
		"damaged-zeros.webp":          webpFile(vp8x(exifFlag), red, exif, strings.Repeat("\x00", 99)),
		"damaged-no-picture.webp":     webpFile(vp8x(exifFlag), exif),
		"damaged-long-picture.webp":   webpFile(vp8x(exifFlag), "VP8L\xff\x00\x00\x00"+red[8:], exif) + strings.Repeat("more", 99),
		"damaged-swallowed.webp":      webpFile(vp8x(exifFlag), swallow),
		"damaged-header.webp":         webpFile(riffChunk("VP8X", strings.Repeat("\x00", 12)), red, exif),
		"damaged-short-riff.webp":     strings.Replace(extended, string(binary.LittleEndian.AppendUint32(nil, uint32(len(extended)-8))), string(binary.LittleEndian.AppendUint32(nil, uint32(len(extended)-8-len(xmp)-40))), 1),
	}
	out := map[string][]byte{}
	for name, s := range samples {
		out[name] = []byte(s)
	}
	return out
}
