package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"slices"

	"flightveil/exifscrub/scrubtest"
)

// A cardShot says what a photo tells besides its moment.
type cardShot struct {
	maker, model, serial string
	owner                string // artist; empty for none
	zoned                bool   // the camera writes its time zone
	utc                  bool   // the receiver's time stands beside the position
	rtk                  bool
	gimbal               float64 // yaw, if it is not that of the aircraft
}

var (
	cardDrone  = cardShot{maker: "Heron", model: "Heron One", serial: cardCamera, gimbal: math.NaN()}
	cardMapper = cardShot{maker: "Heron", model: "Heron S20", serial: cardSurveyor, utc: true, rtk: true, gimbal: math.NaN()}
)

// degreeRatios returns degrees, minutes and seconds of v, without sign.
func degreeRatios(v float64) []uint32 {
	n := uint64(math.Round(math.Abs(v) * 36e6)) // ten-thousandths of a second
	return []uint32{uint32(n / 36e6), 1, uint32(n / 6e5 % 60), 1, uint32(n % 6e5), 10000}
}

// gps is the GPS directory of a photo.
func (c cardShot) gps(m cardMoment) *tiffDir {
	side := func(v float64, positive, negative string) string {
		if v < 0 {
			return negative
		}
		return positive
	}
	d := dir(byte1(0, 2, 3, 0, 0), text2(1, side(m.lat, "N", "S")), ratio(2, degreeRatios(m.lat)...), text2(3, side(m.lon, "E", "W")), ratio(4, degreeRatios(m.lon)...),
		byte1(5, 0), ratio(6, uint32(math.Round(m.msl*1000)), 1000))
	if c.utc {
		t := m.utc()
		d.with(ratio(7, uint32(t.Hour()), 1, uint32(t.Minute()), 1, uint32(t.Second()), 1), text2(0x1D, t.Format("2006:01:02")))
	}
	return d
}

// exif is the Exif block of a photo; preview is its thumbnail.
func (c cardShot) exif(m cardMoment, preview []byte) *tiffDir {
	when := m.local().Format("2006:01:02 15:04:05")
	shot := dir(ratio(0x829A, 1, 640), ratio(0x829D, 28, 10), short(0x8827, 100), undef(0x9000, "0232"), text2(0x9003, when), text2(0x9004, when),
		short(0x9209, 16), ratio(0x920A, 88, 10), undef(0xA000, "0100"), short(0xA001, 1), long(0xA002, 320), long(0xA003, 214),
		text2(0xA431, c.serial), text2(0xA434, "Heron 24mm f/2.8"))
	if c.zoned {
		zone := fmt.Sprintf("%+03d:00", cardZone)
		shot.with(text2(0x9010, zone), text2(0x9011, zone))
	}
	head := dir(text2(0x010E, "default"), text2(0x010F, c.maker), text2(0x0110, c.model), short(0x0112, 1), ratio(0x011A, 72, 1), ratio(0x011B, 72, 1), short(0x0128, 2),
		text2(0x0131, "v01.04.0511"), text2(0x0132, when), sub(0x8769, shot), sub(0x8825, c.gps(m)))
	if c.owner != "" {
		head.with(text2(0x013B, c.owner), text2(0x8298, "(c) "+c.owner))
	}
	if preview != nil {
		head.then(dir(short(0x0103, 6), ratio(0x011A, 72, 1), ratio(0x011B, 72, 1), short(0x0128, 2)).with(data(0x0201, 0x0202, preview)...))
	}
	return head
}

// xmp is the packet that drones add to a photo.
func (c cardShot) xmp(m cardMoment) string {
	yaw := m.yaw
	if !math.IsNaN(c.gimbal) {
		yaw = c.gimbal
	}
	status, flag := "GPS", ""
	if c.rtk {
		status, flag = "RTK", ` drone-dji:RtkFlag="50" drone-dji:RtkStdLat="0.01227" drone-dji:RtkStdLon="0.01131" drone-dji:RtkStdHgt="0.02544"`
	}
	return xmpBegin + `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF` + xmpRDF + `><rdf:Description rdf:about="Drone Meta Data" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"` +
		` xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/"` +
		fmt.Sprintf(` xmp:CreateDate="%s" tiff:Make="%s" tiff:Model="%s" drone-dji:GpsStatus="%s" drone-dji:GpsLatitude="%+.9f" drone-dji:GpsLongitude="%+.9f"`,
			m.local().Format("2006-01-02"), c.maker, c.model, status, m.lat, m.lon) +
		fmt.Sprintf(` drone-dji:AbsoluteAltitude="%+.2f" drone-dji:RelativeAltitude="%+.2f" drone-dji:GimbalYawDegree="%+.1f" drone-dji:GimbalPitchDegree="-30.0" drone-dji:FlightYawDegree="%+.1f"`,
			m.msl, m.up, yaw, m.yaw) +
		fmt.Sprintf(` drone-dji:FlightXSpeed="%+.1f" drone-dji:FlightYSpeed="%+.1f" drone-dji:FlightZSpeed="%+.1f"%s drone-dji:DroneSerialNumber="%s" drone-dji:CameraSerialNumber="%s"/>`,
			m.north, m.east, -m.ups, flag, cardAircraft, c.serial) +
		"</rdf:RDF></x:xmpmeta>\n" + xmpEnd
}

// photo is a JPEG file; n chooses the landscape.
func (c cardShot) photo(n int, m cardMoment) []byte {
	block := little().write(classicII, c.exif(m, cardThumbnail(n)))
	return cardPhoto(n, jpegSegment(0xE1, "Exif\x00\x00", string(block)), jpegSegment(0xE1, jpegXMP, c.xmp(m)))
}

// raw is the DNG file beside a photo.
func (c cardShot) raw(n int, m cardMoment) []byte {
	first := plainImage(byte(n), long(0x00FE, 1)).with(c.exif(m, nil).fields...).with(
		byte1(0x02BC, []byte(c.xmp(m))...), sub(0x014A, rawImage(noteOrder(binary.LittleEndian), short(0xC61A, 64), short(0xC61D, 8000))),
		byte1(0xC612, 1, 4, 0, 0), text2(0xC614, c.model), sratio(0xC621, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1), text2(0xC62F, c.serial))
	return little().write(classicII, first)
}

// thumb is the small picture that a drone keeps beside a photo or video.
func (c cardShot) thumb(n int, m cardMoment) []byte {
	block := little().write(classicII, c.exif(m, nil))
	b := cardThumbnail(n)
	return slices.Concat(b[:2], jpegSegment(0xE1, "Exif\x00\x00", string(block)), b[2:])
}

// cardThumbnail is a landscape of a tenth of the size.
func cardThumbnail(n int) []byte {
	big := landscape(n)
	small := image.NewRGBA(image.Rect(0, 0, 32, 22))
	for y := range 22 {
		for x := range 32 {
			small.Set(x, y, big.At(10*x, min(10*y, 213)))
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, small, &jpeg.Options{Quality: 70}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// cardSidecar is what a photo manager wrote about a photo.
func cardSidecar(m cardMoment) []byte {
	return []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF` + xmpRDF + `><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:exif="http://ns.adobe.com/exif/1.0/"` +
		` xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="1" photoshop:City="` + scrubtest.Place + `"` +
		fmt.Sprintf(` exif:GPSLatitude="%s" exif:GPSLongitude="%s" exif:DateTimeOriginal="%s%+03d:00">`, xmpDegrees(m.lat, "N", "S"), xmpDegrees(m.lon, "E", "W"), m.local().Format("2006-01-02T15:04:05"), cardZone) +
		`<dc:creator><rdf:Seq><rdf:li>` + scrubtest.Person + `</rdf:li></rdf:Seq></dc:creator><dc:description><rdf:Alt><rdf:li xml:lang="x-default">` + scrubtest.Text +
		`</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>` + "\n")
}

// xmpDegrees writes v as XMP does: degrees, minutes with decimals, the side.
func xmpDegrees(v float64, positive, negative string) string {
	if v < 0 {
		v, positive = -v, negative
	}
	return fmt.Sprintf("%d,%.6f%s", int(v), (v-math.Floor(v))*60, positive)
}
