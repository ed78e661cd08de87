package main

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// A cardClip is a video of part of a flight: two pictures a second.
type cardClip struct {
	flight   *cardFlight
	from, to float64 // seconds after the start of the flight
}

const clipRate = 2 // pictures a second

func (c cardClip) frames() int { return int((c.to - c.from) * clipRate) }

func (c cardClip) moment(i int) cardMoment { return c.flight.at(c.from + float64(i)/clipRate) }

// stillSPS describes a baseline stream of so many macroblocks (H.264, 7.3.2.1)
// whose pictures may repeat the one before.
func stillSPS(columns, rows uint) []byte {
	return avcBits(0x67, 66, 8, 0xC0, 8, 10, 8, 0, 0, 0, 0, 2, 0, 1, 0, 0, 1, columns-1, 0, rows-1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1)
}

// stillFrames returns n pictures of a landscape: the first is coded without
// prediction, and the others skip every macroblock of it (H.264, 7.3.4).
func stillFrames(seed int, columns, rows uint, n int) [][]byte {
	unit := avcBits(0x65, 0, 0, 7, 0, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 1, 0, 25, 0)
	img := landscape(seed)
	step := 320 / int(columns*16)
	sample := func(x, y int, red, green, blue, base int) byte { // never 0, which could look like a start code
		r, g, b, _ := img.At(min(x*step, 319), min(y*step, 213)).RGBA()
		return byte(base + (red*int(r>>8)+green*int(g>>8)+blue*int(b>>8))>>8)
	}
	block := func(column, row, size int, red, green, blue, base int) (b []byte) {
		for y := range size {
			for x := range size {
				b = append(b, sample(16*column+x*16/size, 16*row+y*16/size, red, green, blue, base))
			}
		}
		return b
	}
	for row := range int(rows) {
		for column := range int(columns) {
			if row+column > 0 {
				unit = append(unit, 0x0D, 0x00) // mb_type I_PCM and zeros up to the next byte
			}
			unit = append(unit, block(column, row, 16, 66, 129, 25, 16)...) // BT.601
			unit = append(unit, block(column, row, 8, -38, -74, 112, 128)...)
			unit = append(unit, block(column, row, 8, 112, -94, -18, 128)...)
		}
	}
	out := [][]byte{append(unit, 0x80)}
	for i := 1; i < n; i++ {
		out = append(out, avcBits(0x41, 0, 0, 5, 0, 0, 0, uint(i%16), 4, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, columns*rows, 0, 1, 1))
	}
	for i, u := range out {
		out[i] = append(binary.BigEndian.AppendUint32(nil, uint32(len(u))), u...)
	}
	return out
}

// video is the clip as an MP4 file, with telemetry of the aircraft.
func (c cardClip) video(seed int, columns, rows uint) []byte {
	n := c.frames()
	const delta = 25000 / clipRate
	millis := uint32(n * 1000 / clipRate)
	entry := func() []byte {
		name, sps := make([]byte, 32), stillSPS(columns, rows)
		config := tbox("avcC", []byte{1, 0x42, 0xC0, 0x0A, 0xFF, 0xE1}, uint16(len(sps)), sps, []byte{1}, uint16(len(avcPPS)), avcPPS)
		return mp4Entry("avc1", make([]byte, 16), uint16(columns*16), uint16(rows*16), uint32(0x480000), uint32(0x480000), uint32(0), uint16(1), name, uint16(24), int16(-1), config)
	}
	pictures := mp4Track{handler: "vide", name: "VideoHandler", entry: entry(), samples: stillFrames(seed, columns, rows, n), delta: delta, millis: millis,
		width: uint32(columns * 16), height: uint32(rows * 16)}
	told := mp4Track{handler: "meta", name: "DJI meta", entry: mp4Entry("djmd"), delta: delta, millis: millis}
	debug := mp4Track{handler: "meta", name: "DJI dbgi", entry: mp4Entry("dbgi"), delta: delta, millis: millis}
	for i := range n {
		told.samples = append(told.samples, c.frame(i))
		debug.samples = append(debug.samples, pbMsg(2, pbMsg(1, pbInt(1, int64(i)), pbText(9, cardAircraft))))
	}
	told.samples[0] = append(cardClipMeta(), told.samples[0]...)
	m := c.moment(0)
	file := mp4File{head: tbox("ftyp", "isom", uint32(0x200), "isomiso2avc1mp41"), tracks: []mp4Track{pictures, told, debug}, millis: millis,
		movie: tbox("udta", quickText("\xA9xyz", fmt.Sprintf("%+.4f%+.4f%+.3f/", m.lat, m.lon, m.msl)), quickText("\xA9mdl", "Heron One"), uint32(0))}
	stamp := func(since1904 uint32) string { return string(binary.BigEndian.AppendUint32(nil, since1904)) }
	return []byte(strings.ReplaceAll(string(file.bytes()), stamp(createdAt), stamp(uint32(m.utc().Unix()+2082844800))))
}

func cardClipMeta() []byte {
	return slices.Concat(
		pbMsg(1, pbMsg(1, pbText(1, "dvtm_Air3s.proto"), pbText(2, "02.01.16"), pbText(3, "02.00.01"), pbText(5, cardAircraft), pbText(6, "10.00.05.22"), pbInt(9, 61_000_000), pbText(10, "Heron One"))),
		pbMsg(2, pbMsg(1, pbInt(1, 1), pbText(3, "video")), pbMsg(3, pbInt(1, 96), pbInt(2, 64), pbFloat(3, clipRate))))
}

// frame is the telemetry of picture i, in fields of the Air 3S.
func (c cardClip) frame(i int) []byte {
	m := c.moment(i)
	us := int64(61_000_000 + i*1_000_000/clipRate)
	header := func(name string) []byte { return pbMsg(1, pbInt(1, 1), pbText(4, name), pbInt(6, us)) }
	tenths := func(v float64) int64 { return int64(v * 10) }
	return pbMsg(3, pbMsg(1, pbInt(1, int64(i+1)), pbInt(2, us)), pbMsg(2, header("eye"), pbMsg(10, pbText(1, "\x01\x32"))),
		pbMsg(3, header("heron"), pbMsg(4, pbMsg(1, pbInt(1, 1), pbDouble(2, m.lat), pbDouble(3, m.lon)), pbInt(2, int64(m.msl*1000+0.5)), pbInt(4, 1)),
			pbMsg(2, pbFloat(1, float32(m.north)), pbFloat(2, float32(m.east)), pbFloat(3, float32(-m.ups))), pbMsg(3, pbInt(1, -25), pbInt(2, 13), pbInt(3, tenths(m.yaw))),
			pbMsg(5, pbFloat(1, float32(m.up*1000)))),
		pbMsg(4, header("neck"), pbMsg(3, pbInt(1, -300), pbInt(3, tenths(m.yaw)))))
}

// captions is the SRT file beside the clip.
func (c cardClip) captions(withHome bool) []byte {
	var b strings.Builder
	clock := func(ms int) string { return fmt.Sprintf("00:%02d:%02d,%03d", ms/60000, ms/1000%60, ms%1000) }
	for i := range c.frames() {
		m := c.moment(i)
		const step = 1000 / clipRate
		fmt.Fprintf(&b, "%d\n%s --> %s\n", i+1, clock(i*step), clock((i+1)*step))
		if withHome { // as older drones write it, longitude first
			fmt.Fprintf(&b, "F/2.8, SS 500, ISO 100, EV 0, GPS (%.6f, %.6f, 15), HOME (%.6f, %.6f, %.2fm), H %.2fm, H.S %.2fm/s, V.S %.2fm/s\n\n",
				m.lon, m.lat, c.flight.lon, c.flight.lat, c.flight.ground, m.up, 0.0, m.ups)
			continue
		}
		fmt.Fprintf(&b, "<font size=\"28\">FrameCnt: %d, DiffTime: %dms\n%s\n[iso: 100] [shutter: 1/640.0] [fnum: 280] [ev: 0] [latitude: %.6f] [longitude: %.6f] [rel_alt: %.3f abs_alt: %.3f] [ct: 5115] </font>\n\n",
			i+1, step, m.local().Format("2006-01-02 15:04:05.000"), m.lat, m.lon, m.up, m.msl)
	}
	return []byte(b.String())
}
