package main

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/bits"
	"strings"

	"flightveil/exifscrub/scrubtest"
)

// ebml returns an element: id, size, data.
func ebml(id uint32, data ...string) string {
	body := strings.Join(data, "")
	n := uint(1)
	for len(body) >= 1<<(7*n)-1 {
		n++
	}
	return ebmlID(id) + string(bigEndian(uint64(len(body))|1<<(7*n), int(n))) + body
}

// ebmlLive returns an element whose size is not known.
func ebmlLive(id uint32, data ...string) string {
	return ebmlID(id) + "\x01\xff\xff\xff\xff\xff\xff\xff" + strings.Join(data, "")
}

func ebmlID(id uint32) string { return string(bigEndian(uint64(id), (bits.Len32(id)+7)/8)) }

func bigEndian(v uint64, n int) []byte { return binary.BigEndian.AppendUint64(nil, v)[8-n:] }

func ebmlInt(id uint32, v uint64) string {
	return ebml(id, string(bigEndian(v, max(1, (bits.Len64(v)+7)/8))))
}

// ebmlSum returns an element with a checksum of what is in it.
func ebmlSum(id uint32, data ...string) string {
	body := strings.Join(data, "")
	return ebml(id, ebml(0xBF, string(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(body))))), body)
}

func ebmlTag(name, value string, more ...string) string {
	return ebml(0x67C8, ebml(0x45A3, name), ebmlInt(0x4484, 1), ebml(0x4487, value), strings.Join(more, ""))
}

func ebmlBlock(track int, time int, data string) string {
	return string([]byte{0x80 | byte(track), byte(time >> 8), byte(time), 0x80}) + data
}

// avcSample returns a sample with the settings of an encoder and a slice.
func avcSample(seed int) string {
	settings := "\xdc\x45\xe9\xbd\xe6\xd9\x48\xb7\x96\x2c\xd8\x20\xd9\x23\xee\xefx264 - core 164 - options: invented for a fixture"
	sei := "\x06\x05" + string([]byte{byte(len(settings))}) + settings + "\x80"
	slice := "\x65" + strings.Repeat(string([]byte{byte(seed*7 + 1), 0x42, 0x99}), 30)
	return string(bigEndian(uint64(len(sei)), 4)) + sei + string(bigEndian(uint64(len(slice)), 4)) + slice
}

// djiCaption is a caption of an aircraft at the canary.
func djiCaption(n int) string {
	return fmt.Sprintf("HOME(%.7f,%.7f) 2031.07.19 04:47:%02d\nGPS(%.7f,%.7f,16) BAROMETER:1.9\nISO:100 Shutter:60\n", scrubtest.Lon, scrubtest.Lat, 53+n, scrubtest.Lon, scrubtest.Lat)
}

// mkvParts are the elements of a segment.
type mkvParts struct{ info, tracks, attachments, chapters, tags string }

const mkvHead = "\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x88matroska\x42\x87\x81\x04\x42\x85\x81\x02"

func mkvFile(master func(uint32, ...string) string, segment, cluster func(uint32, ...string) string, p mkvParts) string {
	clusters := []string{}
	for c := range 2 {
		clusters = append(clusters, cluster(0x1F43B675,
			ebmlInt(0xE7, uint64(c)*1000),
			ebml(0xA3, ebmlBlock(1, 0, avcSample(c))),
			ebml(0xA0, ebml(0xA1, ebmlBlock(3, 0, djiCaption(c))), ebmlInt(0x9B, 1000)),
			ebml(0xA3, ebmlBlock(2, 5, strings.Repeat("sound", 20))),
			ebml(0xA3, ebmlBlock(4, 9, "\x00telemetry "+scrubtest.Serial)),
			ebml(0xEC, strings.Repeat("\x00", 9)),
			ebml(0xEC, "stale "+scrubtest.Person)))
	}
	seekSize := len(mkvSeek(master, 0, 0, 0, 0))
	infoAt := seekSize
	tracksAt := infoAt + len(p.info)
	clusterAt := tracksAt + len(p.tracks)
	cuesAt := clusterAt + len(clusters[0]) + len(clusters[1])
	cue := func(time, track, at int) string {
		return ebml(0xBB, ebmlInt(0xB3, uint64(time)), ebml(0xB7, ebmlInt(0xF7, uint64(track)), ebml(0xF1, string(bigEndian(uint64(at), 4))), ebmlInt(0x5378, 2)))
	}
	cues := master(0x1C53BB6B, cue(0, 1, clusterAt), cue(0, 3, clusterAt), cue(1000, 1, clusterAt+len(clusters[0])))
	tagsAt := cuesAt + len(cues) + len(p.attachments) + len(p.chapters)
	return ebml(0x1A45DFA3, mkvHead) + segment(0x18538067, mkvSeek(master, infoAt, tracksAt, cuesAt, tagsAt), p.info, p.tracks,
		clusters[0], clusters[1], cues, p.attachments, p.chapters, p.tags)
}

func mkvSeek(master func(uint32, ...string) string, at ...int) string {
	ids := []uint32{0x1549A966, 0x1654AE6B, 0x1C53BB6B, 0x1254C367}
	var out []string
	for i, pos := range at {
		out = append(out, ebml(0x4DBB, ebml(0x53AB, ebmlID(ids[i])), ebml(0x53AC, string(bigEndian(uint64(pos), 4)))))
	}
	return master(0x114D9B74, out...)
}

func vorbisComment(vendor string, comments ...string) string {
	le := func(n int) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(n))) }
	out := le(len(vendor)) + vendor + le(len(comments))
	for _, c := range comments {
		out += le(len(c)) + c
	}
	return out
}

func mkvFixtures() map[string][]byte {
	const uid = 0x1D3AC0FFEE123457
	avcc := "\x01\x64\x00\x0a\xff\xe1\x00\x04\x67\x64\x00\x0a\x01\x00\x02\x68\xee"
	video := func(uid uint64) string {
		return ebml(0xAE, ebmlInt(0xD7, 1), ebmlInt(0x73C5, uid), ebmlInt(0x83, 1), ebml(0x536E, scrubtest.Text), ebml(0x22B59C, "und"),
			ebml(0x86, "V_MPEG4/ISO/AVC"), ebml(0x63A2, avcc), ebml(0x258688, "invented coder"), ebml(0xE0, ebmlInt(0xB0, 64), ebmlInt(0xBA, 48), ebml(0x55B0, ebmlInt(0x55B1, 1))))
	}
	comment := "\x03vorbis" + vorbisComment("invented coder 1.0", "ARTIST="+scrubtest.Person, "LOCATION="+scrubtest.Place, "DATE="+scrubtest.Day) + "\x01"
	private := "\x02" + string([]byte{8, byte(len(comment))}) + "\x01vorbis!" + comment + "\x05vorbis-setup"
	sound := ebml(0xAE, ebmlInt(0xD7, 2), ebmlInt(0x73C5, uid+1), ebmlInt(0x83, 2), ebml(0x86, "A_VORBIS"), ebml(0x63A2, private), ebml(0xE1, ebmlInt(0x9F, 2)))
	flac := "fLaC\x00\x00\x00\x22" + strings.Repeat("i", 34) + "\x04\x00\x00" + string([]byte{byte(len(vorbisComment("v", "TITLE="+scrubtest.Text)))}) + vorbisComment("v", "TITLE="+scrubtest.Text) +
		"\x82\x00\x00\x0e" + scrubtest.Serial
	captions := ebml(0xAE, ebmlInt(0xD7, 3), ebmlInt(0x73C5, uid+2), ebmlInt(0x83, 17), ebml(0x86, "S_TEXT/UTF8"), ebml(0x536E, "telemetry"))
	data := ebml(0xAE, ebmlInt(0xD7, 4), ebmlInt(0x73C5, 4), ebmlInt(0x83, 33), ebml(0x86, "D_DJMD"))
	info := func(master func(uint32, ...string) string) string {
		return master(0x1549A966, ebmlInt(0x2AD7B1, 1000000), ebml(0x73A4, scrubtest.Serial+"!!"), ebml(0x7384, scrubtest.Person+".mkv"), ebml(0x7BA9, scrubtest.Text),
			ebml(0x4D80, "invented muxer"), ebml(0x5741, "camera of an invented make"), ebml(0x4461, string(bigEndian(964154873000000000, 8))), ebml(0x4489, "\x45\x1c\x40\x00"), ebml(0x7fff, "? "+scrubtest.Person))
	}
	location := fmt.Sprintf("%+.7f%+.7f+1234.567/", scrubtest.Lat, scrubtest.Lon)
	tags := func(master func(uint32, ...string) string) string {
		return master(0x1254C367,
			ebml(0x7373, ebml(0x63C0, ebmlInt(0x68CA, 50)), ebmlTag("LOCATION", location), ebmlTag("LOCATION-eng", location), ebmlTag("LOCATION", location, ebml(0x447A, "deu")), ebmlTag("COM.APPLE.QUICKTIME.LOCATION.ISO6709", location), ebmlTag("ARTIST", scrubtest.Person, ebmlTag("EMAIL", scrubtest.Person)),
				ebmlTag("DATE_RECORDED", scrubtest.When), ebmlTag("CAMERA_SERIAL", scrubtest.Serial), ebmlTag("ODD THING", scrubtest.Place)),
			ebml(0x7373, ebml(0x63C0, ebmlInt(0x63C5, uid)), ebmlTag("DURATION", "00:00:02.000000000"), ebmlTag("HANDLER_NAME", "invented handler")),
			ebml(0x7373, ebml(0x63C0, ebmlInt(0x63C5, uid+2)), ebmlTag("DURATION", "00:00:02.000000000")))
	}
	attachments := func(master func(uint32, ...string) string) string {
		return master(0x1941A469,
			ebml(0x61A7, ebml(0x466E, "cover.jpg"), ebml(0x467E, scrubtest.Text), ebml(0x4660, "image/jpeg"), ebmlInt(0x46AE, uid+9), ebml(0x465C, string(jpegFile(jpegPicture{}, jpegExif())))),
			ebml(0x61A7, ebml(0x466E, scrubtest.Person+".bin"), ebml(0x4660, "application/octet-stream"), ebmlInt(0x46AE, uid+10), ebml(0x465C, "log of "+scrubtest.Serial)))
	}
	chapters := ebml(0x1043A770, ebml(0x45B9, ebmlInt(0x45BC, uid+20), ebml(0xB6, ebmlInt(0x73C4, uid+21), ebmlInt(0x91, 0), ebml(0x80, ebml(0x85, scrubtest.Place), ebml(0x437C, "eng"))),
		ebml(0xB6, ebmlInt(0x73C4, uid+22), ebmlInt(0x91, 1000000000))))
	parts := func(master func(uint32, ...string) string) mkvParts {
		return mkvParts{info(master), master(0x1654AE6B, video(uid), sound, captions, data), attachments(master), chapters, tags(master)}
	}
	plainInfo := ebml(0x1549A966, ebmlInt(0x2AD7B1, 1000000), ebml(0x4D80), ebml(0x5741))
	plainVideo := ebml(0xAE, ebmlInt(0xD7, 1), ebmlInt(0x73C5, 1), ebmlInt(0x83, 1), ebml(0x86, "V_VP8"), ebml(0xE0, ebmlInt(0xB0, 64), ebmlInt(0xBA, 48)))
	plainCluster := ebml(0x1F43B675, ebmlInt(0xE7, 0), ebml(0xA3, ebmlBlock(1, 0, strings.Repeat("vp8", 30))), ebml(0xA0, ebml(0xA1, ebmlBlock(1, 33, "delta")), ebml(0xFB, "\xdf"), ebml(0x75A1, ebml(0xA6, ebmlInt(0xEE, 1), ebml(0xA5, "alpha")))))
	webmHead := strings.Replace(mkvHead, "\x88matroska", "\x84webm", 1)
	minimal := ebml(0x1A45DFA3, webmHead) + ebml(0x18538067, plainInfo, ebml(0x1654AE6B, plainVideo), plainCluster)
	plainSound := ebml(0xAE, ebmlInt(0xD7, 2), ebmlInt(0x73C5, 2), ebmlInt(0x83, 2), ebml(0x86, "A_OPUS"), ebml(0x536E, scrubtest.Person), ebml(0xE1, ebmlInt(0x9F, 2)))
	grouped := ebml(0x1A45DFA3, mkvHead) + ebml(0x18538067, plainInfo, ebml(0x1654AE6B, plainVideo, plainSound),
		ebmlSum(0x1F43B675, ebmlInt(0xE7, 0), ebml(0xA3, ebmlBlock(1, 0, strings.Repeat("vp8", 30))),
			ebml(0xA0, ebml(0xEC, scrubtest.Person), ebml(0xA1, ebmlBlock(2, 0, strings.Repeat("opus", 30))), ebmlInt(0x9B, 20), ebml(0x75A2, "\x00\x10"), ebml(0x7FFE, scrubtest.Text))),
		ebml(0x1C53BB6B, ebml(0xBB, ebmlInt(0xB3, 0), ebml(0xB7, ebmlInt(0xF7, 1), ebmlInt(0xF1, 200)), ebml(0xB7, ebmlInt(0xF7, 2), ebmlInt(0xF1, 200)))),
		ebml(0x1254C367, ebml(0x7373, ebml(0x63C0, ebmlInt(0x63C5, 2)), ebmlTag("ARTIST", scrubtest.Person))))
	rich := mkvFile(ebml, ebml, ebml, parts(ebml))
	withFlac := parts(ebml)
	withFlac.tracks = ebml(0x1654AE6B, video(7), ebml(0xAE, ebmlInt(0xD7, 2), ebmlInt(0x73C5, 2), ebmlInt(0x83, 2), ebml(0x86, "A_FLAC"), ebml(0x63A2, flac)), captions, data)
	samples := map[string]string{
		"minimal.webm": minimal,
		"rich.mkv":     rich,
		"grouped.mkv":  grouped,
		"dv.mkv": ebml(0x1A45DFA3, mkvHead) + ebml(0x18538067, plainInfo, ebml(0x1654AE6B, ebml(0xAE, ebmlInt(0xD7, 1), ebmlInt(0x73C5, 1), ebmlInt(0x83, 1), ebml(0x86, "V_MS/VFW/FOURCC"),
			ebml(0x63A2, le32(40, 64, 48, 1|24<<16)+"dvsd"+le32(0, 0, 0, 0, 0)), ebml(0xE0, ebmlInt(0xB0, 64), ebmlInt(0xBA, 48)))), ebml(0x1F43B675, ebmlInt(0xE7, 0), ebml(0xA3, ebmlBlock(1, 0, strings.Repeat("dv", 60))))),
		"checksums.mkv": mkvFile(ebmlSum, ebmlSum, ebmlSum, parts(ebmlSum)),
		"live.mkv":      mkvFile(ebml, ebmlLive, ebmlLive, parts(ebml)),
		"flac.mkv":      mkvFile(ebml, ebml, ebml, withFlac),
		"behind.mkv":    minimal + "and then " + scrubtest.Serial,
		"two.mkv":       minimal + rich,
		"stray.mkv": ebml(0x1A45DFA3, webmHead) + ebml(0x18538067, ebml(0x1549A966, ebmlInt(0x2AD7B1, 1000000)), ebml(0x1654AE6B, plainVideo),
			ebml(0x1F43B675, ebmlInt(0xE7, 0), ebml(0xA3, ebmlBlock(1, 0, "vp8")), ebml(0xA3, ebmlBlock(9, 0, scrubtest.Serial)), ebml(0xAF, scrubtest.Person), ebml(0xE7, scrubtest.Place), ebml(0x7FFE, scrubtest.Text)),
			ebml(0x1B538667, scrubtest.Serial), ebml(0xEC, scrubtest.Person)),
		"damaged-cut-cluster.mkv":  rich[:strings.LastIndex(rich, "stale")+9],
		"damaged-cut-tags.mkv":     rich[:len(rich)-100],
		"damaged-cut-head.mkv":     rich[:strings.Index(rich, "sound")-7],
		"damaged-zeros.mkv":        minimal[:len(minimal)-40] + strings.Repeat("\x00", 40),
		"damaged-no-tracks.mkv":    ebml(0x1A45DFA3, mkvHead) + ebml(0x18538067, plainInfo, plainCluster),
		"damaged-huge.mkv":         ebml(0x1A45DFA3, mkvHead) + ebml(0x18538067, "\x15\x49\xa9\x66\x01\xff\xff\xff\xff\xff\xff\xfe", plainInfo),
		"damaged-same-number.mkv":  ebml(0x1A45DFA3, mkvHead) + ebml(0x18538067, plainInfo, ebml(0x1654AE6B, plainVideo, plainVideo), plainCluster),
		"damaged-nested.mkv":       ebml(0x1A45DFA3, mkvHead) + ebml(0x18538067, plainInfo, ebml(0x1654AE6B, plainVideo), ebml(0x1254C367, ebml(0x7373, nested(60)))),
		"damaged-unknown-size.mkv": ebml(0x1A45DFA3, mkvHead) + ebmlLive(0x18538067, ebmlLive(0x1549A966, ebml(0x7BA9, scrubtest.Text))),
	}
	out := map[string][]byte{}
	for name, s := range samples {
		out[name] = []byte(s)
	}
	return out
}

// nested returns tags in tags.
func nested(depth int) string {
	s := ""
	for range depth {
		s = ebml(0x67C8, ebml(0x45A3, "A"), s)
	}
	return s
}
