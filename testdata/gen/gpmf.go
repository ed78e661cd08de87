package main

import (
	"bytes"
	"encoding/binary"
	"slices"

	"flightveil/exifscrub/scrubtest"
)

// klv builds an element of GPMF from big-endian values and texts.
func klv(key string, kind byte, size int, values ...any) []byte {
	var b []byte
	for _, v := range values {
		switch v := v.(type) {
		case string:
			b = append(b, v...)
		case []byte:
			b = append(b, v...)
		default:
			b, _ = binary.Append(b, binary.BigEndian, v)
		}
	}
	head := binary.BigEndian.AppendUint16(append([]byte(key), kind, byte(size)), uint16(len(b)/size))
	return slices.Concat(head, b, make([]byte, -len(b)&3))
}

func klvText(key, s string) []byte { return klv(key, 'c', 1, s) }

// klvNest builds an element of elements.
func klvNest(key string, inner ...[]byte) []byte { return klv(key, 0, 1, bytes.Join(inner, nil)) }

var gps5Scale = klv("SCAL", 'l', 4, int32(1e7), int32(1e7), int32(1000), int32(1000), int32(100))

// gps5 is a stream of one packet: 3 positions, the first i metres on the way.
func gps5(i int, mode uint32, extra ...[]byte) []byte {
	var rows []any
	for k := i; k < i+3; k++ {
		rows = append(rows, e7(scrubtest.Lat, k), e7(scrubtest.Lon, 2*k), int32(1234567), int32(3500), int32(360))
	}
	inner := [][]byte{klv("GPSF", 'L', 4, mode), klv("GPSU", 'U', 16, "310719044753.250"), klv("GPSP", 'S', 2, uint16(175)), gps5Scale}
	return klvNest("STRM", bytes.Join(extra, nil), bytes.Join(inner, nil), klv("GPS5", 'l', 20, rows...))
}

func gpmfPacket(streams ...[]byte) []byte {
	return klvNest("DEVC", klv("DVID", 'L', 4, uint32(1)), klvText("DVNM", "Heroncam"), bytes.Join(streams, nil))
}

func gpmfKarma() []byte {
	scale := func(v ...int32) []byte { return klv("SCAL", 'l', 4, v) }
	return klvNest("DEVC", klv("DVID", 'L', 4, uint32(0x0100E511)), klvText("DVNM", "Heron drone"),
		klvNest("STRM", klvText("FWVS", "1.1.11.0")),
		klvNest("STRM", klvText("TYPE", "JlllSSSSBB"), scale(1e6, 1e7, 1e7, 1000, 100, 100, 100, 100, 1, 1),
			klv("GPRI", '?', 30, uint64(100e6), e7(scrubtest.Lat, 1), e7(scrubtest.Lon, 2), int32(1234000), uint16(25), uint16(42), uint16(350), uint16(4500), uint8(3), uint8(14))),
		klvNest("STRM", klvText("TYPE", "LllllsssS"), scale(1000, 1e7, 1e7, 1000, 1000, 100, 100, 100, 100),
			klv("GLPI", '?', 28,
				uint32(100000), int32(0), int32(0), int32(0), int32(0), int16(0), int16(0), int16(0), uint16(0),
				uint32(100250), e7(scrubtest.Lat, 1), e7(scrubtest.Lon, 2), int32(1234567), int32(50000), int16(300), int16(-400), int16(-50), uint16(30500),
				uint32(100500), e7(scrubtest.Lat, 2), e7(scrubtest.Lon, 4), int32(1234667), int32(50100), int16(300), int16(-400), int16(-50), uint16(30500))),
		klvNest("STRM", klvText("TYPE", "JJ"), scale(1e6, 1000), klv("SYST", '?', 16, uint64(100e6), uint64(mavlinkStart/1000))),
		klvNest("STRM", klvText("TYPE", "lllfffff"), scale(1e7, 1e7, 1000, 1, 1, 1, 1, 1),
			klv("BPOS", '?', 32, e7(scrubtest.Lat, -50), e7(scrubtest.Lon, -50), int32(1184250), make([]byte, 20), e7(scrubtest.Lat, -50), e7(scrubtest.Lon, -50), int32(1184250), make([]byte, 20))))
}

func gpmfFixtures() map[string][]byte {
	hero11 := func(mode uint16) []byte {
		return klvNest("STRM", klv("STMP", 'J', 8, uint64(1500000)), klv("GPSA", 'F', 4, "MSLV"), klvText("TYPE", "lllllllSS"),
			klv("SCAL", 'l', 4, int32(1e7), int32(1e7), int32(1000), int32(1000), int32(100), int32(1), int32(1000), int32(100), int32(1)),
			klv("GPS9", '?', 32, e7(scrubtest.Lat, 1), e7(scrubtest.Lon, 2), int32(1234567), int32(3500), int32(360), int32(11522), int32(17273250), uint16(125), mode,
				e7(scrubtest.Lat, 2), e7(scrubtest.Lon, 4), int32(1234567), int32(3500), int32(360), int32(11522), int32(17273350), uint16(125), uint16(3)))
	}
	settings := klvNest("DEVC", klv("DVID", 'L', 4, uint32(1)), klvText("DVNM", "Video Global Settings"), klvNest("STRM",
		klvText("LINF", "L"+scrubtest.Serial+"\x00\x00"), klvText("CASN", scrubtest.Serial), klvText("MINF", "HERO7 Black\x00"), klvText("FMWR", "HD7.01.01.90.00"),
		klv("MUID", 'L', 4, uint32(0x46564341), uint32(0x4E415259), uint32(0), uint32(0))))
	highlights := klvNest("DEVC", klv("DVID", 'F', 4, "HLMT"), klvText("DVNM", "Highlights"), klvNest("STRM", klv("TYPE", 'c', 9, "LLLllfFff"),
		klv("SCAL", 'l', 4, int32(1), int32(1), int32(1), int32(1e7), int32(1e7), int32(1), int32(1), int32(1), int32(1)),
		klv("HLMT", '?', 36, uint32(800), uint32(800), uint32(800), int32(0), int32(0), float32(0), "MANL", float32(100), float32(0),
			uint32(900), uint32(900), uint32(900), e7(scrubtest.Lat, 7), e7(scrubtest.Lon, 14), float32(0), "MANL", float32(100), float32(0))))
	searching := klvNest("STRM", klv("GPSF", 'L', 4, uint32(0)), klv("GPSU", 'U', 16, "150101000000.000"), klv("GPSP", 'S', 2, uint16(9999)), gps5Scale,
		klv("GPS5", 'l', 20, e7(scrubtest.Lat, 900), e7(scrubtest.Lon, 900), int32(0), int32(0), int32(0)))
	hero5 := slices.Concat(gpmfPacket(searching), gpmfPacket(gps5(1, 3)), gpmfPacket(gps5(4, 3, klv("GPSA", 'F', 4, "MSLV"))))
	cut := hero5[:len(hero5)-50]
	wrong := slices.Concat(gpmfPacket(gps5(1, 3)), []byte("noise that is no packet"), gpmfPacket(gps5(4, 2)), gpmfPacket(klvNest("STRM", klv("GPS5", 'l', 6, make([]byte, 12)))))
	packets := telemetryTrack{"gpmd", [][]byte{gpmfPacket(searching), gpmfPacket(gps5(1, 3)), gpmfPacket(gps5(4, 3, klv("GPSA", 'F', 4, "MSLV")))}}
	video := telemetryVideo(true, tbox("udta", tbox("GPMF", settings)), packets)
	noisy := telemetryTrack{"gpmd", [][]byte{gpmfPacket(gps5(1, 3)), []byte("noise that is no packet"), gpmfPacket(gps5(4, 2))}}
	return map[string][]byte{
		"hero5.mp4": telemetryVideo(false, tbox("udta", tbox("GPMF", settings)), packets), "fragmented.mp4": fragmentedVideo(packets),
		"damaged-cut.mp4": video[:len(video)-50], "damaged-noise.mp4": telemetryVideo(true, nil, noisy),
		"hero5.raw": hero5, "hero11.raw": gpmfPacket(hero11(3)), "hero11-searching.gpmf": gpmfPacket(hero11(0), gps5(1, 0)),
		"karma.raw":       slices.Concat(gpmfPacket(klvNest("STRM", klv("TMPC", 'f', 4, float32(42)))), gpmfKarma()),
		"settings.raw":    slices.Concat(settings, highlights, make([]byte, 300)),
		"damaged-cut.raw": cut, "damaged-noise.raw": wrong,
	}
}
