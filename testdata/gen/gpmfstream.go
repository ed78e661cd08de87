package main

import (
	"bytes"
	"path"
	"slices"

	"flightveil/exifscrub/scrubtest"
)

// gpmfStreamFixtures returns the streams of the log format and what else may
// hide in one.
func gpmfStreamFixtures() map[string][]byte {
	out := map[string][]byte{}
	for name, b := range gpmfFixtures() {
		if ext := path.Ext(name); ext == ".raw" || ext == ".gpmf" {
			out[name] = b
		}
	}
	camera := klvNest("STRM", klv("STMP", 'J', 8, uint64(1500000)), klvText("STNM", "Accelerometer (up/down, right/left, forward/back)"),
		klvText("SIUN", "m/s\xB2"), klv("SCAL", 's', 2, int16(418)), klv("ACCL", 's', 6, int16(4246), int16(-356), int16(-1547)))
	exposure := klvNest("STRM", klvText("STNM", "Exposure time (shutter speed)"), klv("SHUT", 'f', 4, float32(0.01), float32(0.02)))
	words := klvNest("STRM", klvText("STNM", scrubtest.Person), klvText("SIUN", scrubtest.Serial), klvText("PTCL", scrubtest.Text), klvText("XNOT", scrubtest.Place),
		klvText("TYPE", scrubtest.Serial), klv("UUID", 'G', 16, []byte(scrubtest.Serial+"\x00\x00")))
	padded := klvText("CMOD", "L")
	padded[len(padded)-1] = 'Q'
	out["words.gpmf"] = klvNest("DEVC", klv("DVID", 'L', 4, uint32(0x46564341)), klvText("DVNM", "Heroncam"), words, camera)
	out["padding.gpmf"] = gpmfPacket(klvNest("STRM", padded))
	out["clean.gpmf"] = klvNest("DEVC", klv("DVID", 'L', 4, uint32(1)), exposure)
	out["between.gpmf"] = slices.Concat(gpmfPacket(exposure), []byte(scrubtest.Serial), make([]byte, 9), gpmfPacket(gps5(1, 3)), []byte(scrubtest.Person))
	long := []any{}
	for i := range 12 {
		long = append(long, e7(scrubtest.Lat, 3*i), e7(scrubtest.Lon, 2*i), int32(1000*i), int32(3500), int32(360))
	}
	out["track.gpmf"] = bytes.Repeat(gpmfPacket(klvNest("STRM", klv("GPSF", 'L', 4, uint32(3)), klv("GPSU", 'U', 16, "310719044753.250"), gps5Scale, klv("GPS5", 'l', 20, long...)), camera, exposure), 3)
	out["no-scale.gpmf"] = gpmfPacket(klvNest("STRM", klv("GPS5", 'l', 20, int32(-41), int32(-132), int32(5), int32(1), int32(1))))
	out["damaged-element.gpmf"] = slices.Concat(gpmfPacket(gps5(1, 3))[:90], []byte(scrubtest.Serial), bytes.Repeat([]byte{0xEE}, 40), gpmfPacket(gps5(4, 3)))
	return out
}
