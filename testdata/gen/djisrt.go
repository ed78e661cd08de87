package main

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"flightveil/exifscrub/scrubtest"
)

// captions builds a caption file of n cues, each step milliseconds long.
func captions(n, step int, text func(i int, lat, lon float64) string) string {
	var b strings.Builder
	clock := func(ms int) string {
		return fmt.Sprintf("%02d:%02d:%02d,%03d", ms/3600000, ms/60000%60, ms/1000%60, ms%1000)
	}
	for i := range n {
		lat, lon := scrubtest.Lat+float64(i)*0.0002, scrubtest.Lon+float64(i)*0.0003
		fmt.Fprintf(&b, "%d\n%s --> %s\n%s\n\n", i+1, clock(i*step), clock((i+1)*step), text(i, lat, lon))
	}
	return b.String()
}

// djisrtFixtures returns one file per dialect DJI has used, oldest first.
func djisrtFixtures() map[string][]byte {
	out := map[string][]byte{}
	const n = 4
	homeLat, homeLon := scrubtest.Lat-0.001, scrubtest.Lon-0.001
	put := func(name string, step int, text func(i int, lat, lon float64) string) {
		out[name] = []byte(captions(n, step, text))
	}
	put("phantom3.srt", 1000, func(i int, lat, lon float64) string {
		return fmt.Sprintf("HOME(%.4f,%.4f) 2031.7.19 4:47:%02d\nGPS(%.4f,%.4f,16) Hb:%d.9 Hs:1.9\nISO:100 TV:60 EV: 0 IR:F2.8", homeLon, homeLat, 53+i, lon, lat, i+1)
	})
	put("mavic-pro.srt", 1000, func(i int, lat, lon float64) string {
		return fmt.Sprintf("HOME(%.4f,%.4f) 2031.07.19 04:47:%02d\nGPS(%.4f,%.4f,16) BAROMETER:%d.9\nISO:100 Shutter:60 EV: Fnum:2.2", homeLon, homeLat, 53+i, lon, lat, i+1)
	})
	put("mavic-mini.srt", 1000, func(i int, lat, lon float64) string {
		return fmt.Sprintf("F/2.8, SS 30.15, ISO 260, EV -1.7, GPS (%.4f, %.4f, 17), D 221.21m, H 200.7%dm, H.S n/a, V.S n/a ", lon, lat, i)
	})
	p4 := func(i int, lat, lon float64) string {
		return fmt.Sprintf("F/5.6, SS 400, ISO 100, EV 0, GPS (%.6f, %.6f, 15), HOME (%.6f, %.6f, -57.98m), D 698.70m, H 85.8%dm, H.S 2.88m/s, V.S -0.50m/s, "+
			"F.PRY (2.7°, -7.0°, 110.1°), G.PRY (-24.4°, 0.0°, -110.4°)", lon, lat, homeLon, homeLat, i)
	}
	put("p4-rtk.srt", 1000, p4)
	out["p4-latin1.srt"] = []byte(strings.ReplaceAll(captions(n, 1000, p4), "°", "\xB0"))
	put("matrice300.srt", 1000, func(i int, lat, lon float64) string {
		return fmt.Sprintf("2031.07.19 04:47:%02d\nGPS(%.4f,%.4f,12.0M) BAROMETER:%d.3M", 53+i, lat, lon+100, i)
	})
	put("mavic-air-no-position.srt", 39, func(i int, _, _ float64) string {
		return fmt.Sprintf("<font size=\"36\">FrameCnt : %d, DiffTime : 39ms\n2031-07-19 04:47:53,%03d,847\n[iso : 100] [shutter : 1/240.0] [fnum : 280] [ev : 0] [ct : 5627] </font>", i+1, 265+39*i)
	})
	var two strings.Builder
	for i := range n {
		fmt.Fprintf(&two, "%d\n2031.07.19 04:47:%02d,393,525\n[latitude : %.4f] [longtitude : %.4f] [iso : 100] [shutter : 1/60.0] [ev : 0] [fnum : 220]\n\n", i+1, 53+i, scrubtest.Lat+float64(i)*0.0002, scrubtest.Lon)
	}
	out["mavic2-no-range.srt"] = []byte(two.String())
	zoom := func(i int, lat, lon float64) string {
		return fmt.Sprintf("<font size=\"36\">FrameCnt : %d, DiffTime : 16ms\n2031-07-19 04:47:53,%03d,764\n[iso : 120] [shutter : 1/2500.0] [fnum : 280] [ev : 0] [ct : 5003] "+
			"[color_md : default] [focal_len : 240] [latitude : %.6f] [longtitude : %.6f] [altitude: 213.98300%d] </font>", i+1, 720+16*i, lat, lon, i)
	}
	put("mavic2-zoom.srt", 16, zoom)
	out["mavic2-zoom-crlf-bom.srt"] = []byte("\xEF\xBB\xBF" + strings.ReplaceAll(captions(n, 16, zoom), "\n", "\r\n"))
	wide := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(captions(2, 16, zoom))) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	out["mavic2-zoom-utf16.srt"] = wide
	out["joined.srt"] = []byte(captions(n, 3000, zoom) + captions(2, 3000, zoom))
	put("mavic3.srt", 20, func(i int, lat, lon float64) string {
		return fmt.Sprintf("<font size=\"28\">FrameCnt: %d, DiffTime: 20ms\n2031-07-19 04:47:53.%03d\n[iso: 220] [shutter: 1/60.0] [fnum: 280] [ev: 0] [latitude: %.6f] [longitude: %.6f] [rel_alt: -2.40%d abs_alt: 0.401] [ct: 5115] </font>", i+1, 373+20*i, lat, lon, i)
	})
	put("mini5pro.srt", 41, func(i int, lat, lon float64) string {
		if i == 0 {
			lat, lon = 0, 0 // before the first lock
		}
		return fmt.Sprintf("<font size=\"28\">FrameCnt: %d, DiffTime: 41ms, FrameId: 451%d\n2031-07-19 04:47:53.%03d\n[iso: 200] [shutter: 1/6400.0] [fnum: 1.9] [ev: 0] [color_md: dlog_m] [focal_len: 28.00] [dzoom_ratio: 1.00], "+
			"[latitude: %.6f] [longitude: %.6f] [rel_alt: 5.400 abs_alt: -124.744] [gb_yaw: -162.8 gb_pitch: -1.5 gb_roll: 0.0] [vsync: 0] [shift x: 0.00, y: 0.00] [pp_target:0.000, 0.000, 0.000, 0.000]</font>", i+1, 9+i, 15+41*i, lat, lon)
	})
	put("m30-thermal.srt", 33, func(i int, lat, lon float64) string {
		return fmt.Sprintf("FrameCnt: %d 2031-07-19 04:47:53.%03d\n[focal_len: 91] [dzoom: 1.0] [drone_yaw: -45.5]\n[latitude: %.6f] [longitude: %.6f]\n[rel_alt: 30.250\nabs_alt: 1264.81%d] [gimbal_yaw: -91.4 gimbal_pitch: -30.0 gimbal_roll: 0.0]", i, 100+33*i, lat, lon, i)
	})
	put("bare.srt", 33, func(i int, lat, lon float64) string {
		return fmt.Sprintf("[latitude: %.6f] [longitude: %.6f] [rel_alt: 1.300 abs_alt: 132.86%d] [iso : 2700] [shutter : 1/30]", lat, lon, i)
	})
	whole := captions(n, 16, zoom)
	out["damaged-cut.srt"] = []byte(whole[:strings.LastIndex(whole, "[longtitude")+16])
	out["damaged-garbage.srt"] = []byte(whole[:600] + "\x00\x01\xFF" + strings.Repeat("\x00", 60) + "\n\x00\n" + whole[600:])
	return out
}

// djisrtVideos are videos with the captions in a track.
func djisrtVideos() map[string][]byte {
	out := map[string][]byte{}
	homeLat, homeLon := scrubtest.Lat-0.001, scrubtest.Lon-0.001
	inVideo := func(format string, text func(i int) string) []byte {
		t := telemetryTrack{format, nil}
		for i := range 4 {
			t.samples = append(t.samples, append(mp4Caption(text(i)), "\x00\x00\x00\x08styl"...))
		}
		return telemetryVideo(format == "text", nil, t)
	}
	out["captions.mp4"] = inVideo("tx3g", func(i int) string {
		return fmt.Sprintf("F/5.6, SS 400, ISO 100, EV 0, GPS (%.6f, %.6f, 15), HOME (%.6f, %.6f, -57.98m), D 698.70m, H 85.8%dm, H.S 2.88m/s, V.S -0.50m/s",
			scrubtest.Lon, scrubtest.Lat+float64(i)*0.0002, homeLon, homeLat, i)
	})
	out["captions.mov"] = inVideo("text", func(i int) string {
		return fmt.Sprintf("HOME(%.4f,%.4f) 2031.07.19 04:47:%02d\nGPS(%.4f,%.4f,16) BAROMETER:%d.9\r\nISO:100 Shutter:60 EV: Fnum:2.2\n", homeLon, homeLat, 53+i, scrubtest.Lon, scrubtest.Lat+float64(i)*0.0002, i+1)
	})
	out["damaged-captions.mov"] = out["captions.mov"][:len(out["captions.mov"])-60]
	return out
}
