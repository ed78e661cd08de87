package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"slices"
	"strings"

	"flightveil/exifscrub/scrubtest"
)

// cardFixtures returns an invented memory card: what a pilot has after an
// afternoon, with what a computer added to it. All of it tells something.
func cardFixtures() map[string][]byte {
	at := func(minute string, b []byte) []byte { // a picture of another minute
		return bytes.ReplaceAll(b, []byte(scrubtest.When), []byte(scrubtest.When[:14]+minute+":53"))
	}
	xmp := []byte(smallXMP())
	return map[string][]byte{
		"DCIM/100MEDIA/DJI_0001.JPG":                               at("01", cardPhoto(1, jpegExif(), jpegSegment(0xE1, jpegXMP, smallXMP()))),
		"DCIM/100MEDIA/DJI_0002.JPG":                               at("02", jpegThermal()),
		"DCIM/100MEDIA/DJI_0003.JPG":                               at("03", cardPhoto(3, jpegVendors()...)),
		"DCIM/100MEDIA/DJI_0004.JPG":                               at("04", slices.Concat(cardPhoto(4, jpegExif()), jpegSamsung())),
		"DCIM/100MEDIA/DJI_0005.JPG":                               at("05", jpegSeveral()),
		"DCIM/PANORAMA/100_0006/DJI_20310719044953_0001_D.JPG":     at("06", cardPhoto(6, jpegExif(), jpegSegment(0xE1, jpegXMP, smallXMP()))),
		"DCIM/DJI_20310719_001/DJI_20310719044753_0007_D.JPG":      at("08", cardPhoto(7, jpegExif())),
		"DCIM/DJI_20310719_001/DJI_20310719044753_0007_D.JPG.xmp":  xmp,
		"DCIM/DJI_20310719_001/DJI_20310719044653_0006_D.JPG":      at("07", cardPhoto(8, jpegExif(), jpegSegment(0xFE, scrubtest.Text))),
		"MISC/THM/100/DJI_0001.THM":                                at("01", jpegFile(smallPicture, jpegExif())),
		"for " + scrubtest.Person + "/" + scrubtest.Place + ".png": cardScreenshot(),
		"for " + scrubtest.Person + "/boathouse.gif":               gifFixtures()["rich.gif"],
		"for " + scrubtest.Person + "/boathouse.psd":               psdFixtures()["rich.psd"],
		"DCIM/100MEDIA/._DJI_0001.JPG":                             []byte("\x00\x05\x16\x07" + scrubtest.Person),
		".DS_Store":                                                []byte("\x00\x00\x00\x01Bud1" + scrubtest.Place),
	}
}

// cardPhoto is a picture of a lake under a sky, with segments in front of it.
func cardPhoto(seed int, segments ...[]byte) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, landscape(seed), &jpeg.Options{Quality: 80}); err != nil {
		panic(err)
	}
	return slices.Concat(b.Bytes()[:2], slices.Concat(segments...), b.Bytes()[2:])
}

func landscape(seed int) image.Image {
	const w, h = 320, 214
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			hill := 90 + 18*math.Sin(float64(x)/37+float64(seed)) + 9*math.Sin(float64(x)/11+2*float64(seed))
			c := color.RGBA{uint8(120 + y/2), uint8(170 + y/4), 235, 255}
			switch {
			case float64(y) > 150+3*math.Sin(float64(x)/9+float64(y)/3):
				c = color.RGBA{40, uint8(90 + y/4), uint8(120 + y/5), 255}
			case float64(y) > hill:
				c = color.RGBA{uint8(60 + y/4), uint8(110 + seed*5), 60, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

// cardScreenshot is a picture with the texts that programs add.
func cardScreenshot() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, landscape(9).(*image.RGBA).SubImage(image.Rect(0, 60, 160, 120))); err != nil {
		panic(err)
	}
	head, rest := b.Bytes()[:33], b.Bytes()[33:] // behind IHDR
	return slices.Concat(head, []byte(pngTexts()+pngChunk("eXIf", smallExif(binary.BigEndian))+strings.Repeat(pngChunk("tEXt", "Comment\x00", scrubtest.Serial), 2)), rest)
}
