package main

import (
	"fmt"
	"maps"
	"strings"
	"unicode/utf16"

	"flightveil/exifscrub/scrubtest"
)

// subtitleFixtures returns every dialect of telemetry captions and each syntax
// of subtitles.
func subtitleFixtures() map[string][]byte {
	out := map[string][]byte{}
	maps.Copy(out, djisrtFixtures())
	put := func(name string, step int, text func(i int, lat, lon float64) string) {
		out[name] = []byte(captions(3, step, text))
	}
	home := [2]float64{scrubtest.Lat - 0.001, scrubtest.Lon - 0.001}
	put("avata2-latitude-first.srt", 33, func(i int, lat, lon float64) string {
		return fmt.Sprintf("GPS(%.6f,%.6f,%d.800) BAROMETER(91.%d) HOME(%.6f,%.6f)", lat, lon+100, 69+i, i, home[0], home[1]+100)
	})
	put("p4p-rtk-word.srt", 1000, func(i int, lat, lon float64) string {
		return fmt.Sprintf("F/5.6, SS 400, ISO 100, EV 0, DZOOM 1.000, RTK (%.7f, %.7f, 15), D 698.7%dm, H 85.80m, H.S n/a, V.S n/a", lon, lat, i)
	})
	autel := func(i int, lat, lon float64) string {
		return fmt.Sprintf("HOME(W: %.6f, S: %.6f) 2031-07-19 04:47:%02d\nGPS(W: %.6f, S: %.6f, %d.30m)\nISO:100 SHUTTER:1000 EV:0.0 F-NUM:2.8\nF.PRY (1.2°, 0.4°, -8.9°), G.PRY (-15.3°, 0.0°, -9.1°)",
			-home[1], -home[0], 53+i, -lon, -lat, 12+i)
	}
	put("autel-evo2.srt", 1000, autel)
	put("two-dialects-in-a-line.srt", 33, func(i int, lat, lon float64) string {
		return fmt.Sprintf("2031-07-19 04:47:%02d GPS (%.6f, %.6f, 15) [iso : 100] [latitude: %.6f] [longitude: %.6f] [rel_alt: 1.%d abs_alt: 100.0]", 53+i, lon, lat, lat, lon, i)
	})
	put("unknown-maker.srt", 1000, func(i int, lat, lon float64) string {
		return fmt.Sprintf("<font size=\"28\"><b>Heron One %s</b> pos=%.6f/%.6f\n[iso: 100] [owner: %s] [battery: %d%%] [color_md: %s]\n%s 0.4519\n4519\n</font><x-%s>", scrubtest.Serial, lat, lon, scrubtest.Person, 90-i, scrubtest.Person, scrubtest.Text, scrubtest.Serial)
	})
	put("split-over-lines.srt", 33, func(i int, lat, lon float64) string {
		return fmt.Sprintf("latitude: %.6f\nISO:100\nlongitude: %.6f\naltitude: %d.5", lat, lon, 100+i)
	})
	put("short-numbers.srt", 1000, func(i int, lat, lon float64) string { return fmt.Sprintf("GPS(%.1f,%.2f,%d)", lon, lat, 10+i) })
	people := captions(3, 1500, func(i int, _, _ float64) string {
		return []string{"- <i>" + scrubtest.Text + "</i>", scrubtest.Person + ": at " + scrubtest.Place + ",\n1984", "{\\an8}" + scrubtest.Day + " was a Saturday"}[i]
	})
	out["words.srt"] = []byte(people)
	out["clean.srt"] = []byte(captions(2, 33, func(int, float64, float64) string {
		return "<font size=\"28\">FrameCnt: 1, DiffTime: 33ms\n[iso: 100] [shutter: 1/60.0] [fnum: 2.8] [ev: 0]</font>"
	}))
	out["settings-on-times.srt"] = []byte("1\n00:00:00,000 --> 00:00:01,000  X1:100 X2:200 Y1:10 Y2:20 " + scrubtest.Serial + "\n[iso: 100]\n")
	vtt := strings.NewReplacer(",", ".").Replace
	var b strings.Builder
	b.WriteString("WEBVTT - " + scrubtest.Text + "\nKind: captions\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\nauthor: " + scrubtest.Person +
		"\n\nNOTE " + scrubtest.Person + "\nfilmed at " + scrubtest.Place + "\n\nSTYLE\n::cue {\n  color: #FFFFFF;\n  /* " + scrubtest.Serial + " */\n}\n\n")
	for i := range 3 {
		fmt.Fprintf(&b, "shot %s %d\n%s --> %s align:start position:10%%\n<v %s>[latitude: %.6f] [longitude: %.6f] [rel_alt: 1.%d abs_alt: 100.0]</v>\n[iso: 100] <c.yellow>%s</c>\n\n",
			scrubtest.Serial, i, vtt(fmt.Sprintf("00:%02d,000", i)), vtt(fmt.Sprintf("00:00:%02d,500", i)), scrubtest.Person, scrubtest.Lat+float64(i)*0.0002, scrubtest.Lon, i, scrubtest.Text)
	}
	out["telemetry.vtt"] = []byte(b.String())
	const head = "[Script Info]\n; made by %s\nTitle: %s\nOriginal Script: %s\nScriptType: v4.00+\nPlayResX: 1920\nVideo Secret: %s\n\n" +
		"[Aegisub Project Garbage]\nVideo File: C:/Users/%s/%s.mp4\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour\nStyle: Default,Arial,20,&H00FFFFFF\n\n" +
		"[Fonts]\nfontname: %s.ttf\n!!!!QWERTY\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\nComment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,%s\n"
	ass := func(sep string) string {
		var b strings.Builder
		fmt.Fprintf(&b, head, scrubtest.Person, scrubtest.Text, scrubtest.Person, scrubtest.Serial, scrubtest.Person, scrubtest.Place, scrubtest.Serial, scrubtest.Text)
		for i := range 3 {
			lat, lon := scrubtest.Lat+float64(i)*0.0002, scrubtest.Lon+float64(i)*0.0003
			fmt.Fprintf(&b, "Dialogue: 0,0:00:%02d.00,0:00:%02d.00,Default,%s,0,0,0,,{\\an1\\pos(5,35)}HOME(%.4f, %.4f) 2031.7.19 4:47:%02d%sGPS(W: %.4f, S: %.4f, -37) ReH:%d %sISO:100 SHUTTER:1000 EV:0 F-NUM:2.8%sSN:%s {%s}\n",
				i, i+1, scrubtest.Person, home[1], home[0], 53+i, sep, lon, lat, i, sep, sep, scrubtest.Serial, scrubtest.Person)
		}
		return b.String()
	}
	out["autel-evo.ass"] = []byte(ass("\\N"))
	out["autel-evo-crlf.ssa"] = []byte("\xEF\xBB\xBF" + strings.ReplaceAll(ass("\\n"), "\n", "\r\n"))
	broken := fmt.Sprintf("[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\nDialogue: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,GPS(W: -132.-%s, S: %.4f, -37) ReH:0\n", "4518", -scrubtest.Lat)
	out["autel-broken-sign.ass"] = []byte(broken)
	wide := []byte{0xFE, 0xFF}
	for _, u := range utf16.Encode([]rune(captions(2, 16, autel) + people)) {
		wide = append(wide, byte(u>>8), byte(u))
	}
	out["utf16-big-endian.srt"] = wide
	out["damaged-half-a-character.srt"] = append(wide[:len(wide):len(wide)], 'Q')
	out["damaged-long-line.srt"] = []byte(captions(1, 16, autel) + scrubtest.Serial + strings.Repeat(" "+scrubtest.Person, 7000) + "\n")
	return out
}
