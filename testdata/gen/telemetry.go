package main

import (
	"encoding/binary"
	"math"
	"slices"

	"flightveil/exifscrub/scrubtest"

	"google.golang.org/protobuf/encoding/protowire"
)

// A telemetryTrack is a metadata track of a video.
type telemetryTrack struct {
	format  string // of its sample description
	samples [][]byte
}

// tbox builds a box of big-endian values.
func tbox(kind string, values ...any) []byte {
	var b []byte
	for _, v := range values {
		switch v := v.(type) {
		case string:
			b = append(b, v...)
		default:
			b, _ = binary.Append(b, binary.BigEndian, v)
		}
	}
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(len(b)+8)), []byte(kind), b)
}

const (
	frameRate = 25
	// createdAt is the time of the canaries as videos count it: since 1904.
	createdAt = 1942202873 + 2082844800
)

// trak builds a track whose samples begin at off: one chunk for each, as
// cameras that interleave them with pictures write it.
func (t telemetryTrack) trak(id uint32, off int) []byte {
	n := uint32(len(t.samples))
	var sizes, chunks []uint32
	for _, s := range t.samples {
		sizes, chunks = append(sizes, uint32(len(s))), append(chunks, uint32(off))
		off += len(s)
	}
	stbl := tbox("stbl", tbox("stsd", uint32(0), uint32(1), tbox(t.format, make([]byte, 6), uint16(1))),
		tbox("stts", uint32(0), uint32(1), n, uint32(1000)), tbox("stsc", uint32(0), uint32(1), uint32(1), uint32(1), uint32(1)),
		tbox("stsz", uint32(0), uint32(0), n, sizes), tbox("stco", uint32(0), n, chunks))
	return tbox("trak", tbox("tkhd", uint32(7), uint32(createdAt), uint32(createdAt), id, make([]byte, 68)),
		tbox("mdia", tbox("mdhd", uint32(0), uint32(createdAt), uint32(createdAt), uint32(1000*frameRate), 1000*n, uint32(0x55C40000)),
			tbox("hdlr", make([]byte, 8), "meta", make([]byte, 12), "Telemetry\x00"),
			tbox("minf", tbox("dinf", tbox("dref", uint32(0), uint32(1), tbox("url ", uint32(1)))), stbl)))
}

// telemetryVideo builds a video, its index before or behind the samples.
func telemetryVideo(indexFirst bool, udta []byte, tracks ...telemetryTrack) []byte {
	head := tbox("ftyp", "isom", uint32(0), "isommp42")
	moov := func(off int) []byte {
		body := tbox("mvhd", uint32(0), uint32(createdAt), uint32(createdAt), uint32(1000), uint32(1000), make([]byte, 80))
		for i, t := range tracks {
			body = append(body, t.trak(uint32(i+1), off)...)
			off += len(slices.Concat(t.samples...))
		}
		return tbox("moov", body, udta)
	}
	var media []byte
	for _, t := range tracks {
		media = append(media, slices.Concat(t.samples...)...)
	}
	if indexFirst {
		return slices.Concat(head, moov(len(head)+len(moov(0))+8), tbox("mdat", media))
	}
	return slices.Concat(head, tbox("mdat", media), moov(len(head)+8))
}

// fragmentedVideo builds a video each of whose samples is in a fragment.
func fragmentedVideo(t telemetryTrack) []byte {
	samples := t.samples
	t.samples = nil
	out := slices.Concat(tbox("ftyp", "iso5", uint32(0), "iso5"), tbox("moov", tbox("mvhd", make([]byte, 100)), t.trak(1, 0),
		tbox("mvex", tbox("trex", uint32(0), uint32(1), uint32(1), uint32(1000), uint32(0), uint32(0)))))
	for i, s := range samples {
		moof := func(off int) []byte {
			return tbox("moof", tbox("mfhd", uint32(0), uint32(i+1)), tbox("traf", tbox("tfhd", uint32(0x20000), uint32(1)),
				tbox("tfdt", uint32(0), uint32(1000*i)), tbox("trun", uint32(0x201), uint32(1), uint32(off), uint32(len(s)))))
		}
		out = slices.Concat(out, moof(len(moof(0))+8), tbox("mdat", s))
	}
	return out
}

// Fields of protocol buffers.
func pbInt(n protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), uint64(v))
}

func pbFloat(n protowire.Number, v float32) []byte {
	return protowire.AppendFixed32(protowire.AppendTag(nil, n, protowire.Fixed32Type), math.Float32bits(v))
}

func pbDouble(n protowire.Number, v float64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(nil, n, protowire.Fixed64Type), math.Float64bits(v))
}

func pbText(n protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(nil, n, protowire.BytesType), s)
}

func pbMsg(n protowire.Number, parts ...[]byte) []byte {
	return pbText(n, string(slices.Concat(parts...)))
}

// djiProduct says how a product writes its frames.
type djiProduct struct {
	schema      string
	device, gps protowire.Number
	drone       bool
	gimbal      protowire.Number
	unit        int // 0 radians, 1 degrees, -1 radians and -2 degrees left out
	altitude    int64
	clock       bool
}

func (p djiProduct) clip() []byte {
	return slices.Concat(
		pbMsg(1, pbMsg(1, pbText(1, "dvtm_"+p.schema+".proto"), pbText(2, "02.01.16"), pbText(3, "02.00.01"), pbText(5, scrubtest.Serial),
			pbText(6, "10.00.05.22"), pbInt(9, 61_000_000), pbText(10, "DJI Heron"))),
		pbMsg(2, pbMsg(1, pbInt(1, 1), pbText(3, "video")), pbMsg(3, pbInt(1, 3840), pbInt(2, 2160), pbFloat(3, frameRate))))
}

// frame is frame i: so many metres on the way. The receiver has its fix from
// the third on; before, its position is not valid, or zero.
func (p djiProduct) frame(i int) []byte {
	at := func(degrees float64, metres int) float64 {
		v := float64(e7(degrees, metres)) / 1e7
		if p.unit == 0 || p.unit == -1 {
			v *= math.Pi / 180
		}
		return v
	}
	var unit []byte
	if p.unit > 0 {
		unit = pbInt(1, int64(p.unit))
	}
	position := pbMsg(1, unit, pbDouble(2, at(scrubtest.Lat, i)), pbDouble(3, at(scrubtest.Lon, 2*i)))
	gps := [][]byte{position, pbInt(2, 1234567), pbInt(4, p.altitude)}
	switch i {
	case 0:
		gps[0] = pbMsg(1, unit, pbDouble(2, 0), pbDouble(3, 0))
	case 1:
		gps = append(gps, pbInt(3, 1))
	}
	if p.clock {
		gps = append(gps, pbInt(5, 1), pbMsg(6, pbText(1, "2031-07-19 04-47-53")))
	}
	header := func(name string) []byte {
		return pbMsg(1, pbInt(1, 1), pbText(4, name), pbInt(6, int64(61_000_000+40_000*i)))
	}
	device := [][]byte{header("heron"), pbMsg(p.gps, gps...)}
	if p.drone {
		device = append(device, pbMsg(2, pbFloat(1, 3), pbFloat(2, -4), pbFloat(3, -0.5)), pbMsg(3, pbInt(1, -25), pbInt(2, 13), pbInt(3, -550)), pbMsg(5, pbFloat(1, 50100)))
	}
	parts := [][]byte{pbMsg(1, pbInt(1, int64(i+1)), pbInt(2, int64(61_000_000+40_000*i))), pbMsg(2, header("eye"), pbMsg(10, pbText(1, "\x01\x32")))}
	if p.device > 0 {
		parts = append(parts, pbMsg(p.device, device...))
	}
	if p.gimbal > 0 {
		parts = append(parts, pbMsg(p.gimbal, header("neck"), pbMsg(3, pbInt(1, -900), pbInt(3, 1796))))
	}
	return pbMsg(3, parts...)
}

func (p djiProduct) track(n int) telemetryTrack {
	t := telemetryTrack{format: "djmd"}
	for i := range n {
		t.samples = append(t.samples, p.frame(i))
	}
	t.samples[0] = append(p.clip(), t.samples[0]...)
	return t
}

var djiProducts = []djiProduct{
	{"wm265e", 3, 4, true, 4, -1, 0, false}, {"pm320", 3, 4, true, 4, 0, 0, false}, {"Mini4_Pro", 3, 4, true, 4, 1, 0, false},
	{"Air3", 3, 4, true, 4, 1, 1, false}, {"Air3s", 3, 4, true, 4, 1, 1, false}, {"wa345e", 3, 4, true, 4, 1, 2, true},
	{"wm261", 3, 4, true, 4, -1, 0, true}, {"Mavic4", 3, 4, true, 4, -2, 0, false}, {"Mini5Pro", 3, 4, true, 4, -2, 0, false},
	{"AVATA2", 4, 4, true, 0, 1, 0, false}, {"dji_neo", 4, 4, true, 0, -1, 0, false}, {"eagle4_wa530", 4, 4, true, 0, 1, 0, false},
	{"ac203", 4, 2, false, 0, 1, 0, true}, {"ac204", 4, 2, false, 0, 1, 0, true}, {"ac206", 4, 2, false, 0, 1, 0, true},
	{"ow001", 4, 2, false, 0, 1, 0, true}, {"oq101", 4, 2, false, 0, -1, 0, true}, {"PP-101", 0, 0, false, 0, 0, 0, false}, {"wm169", 0, 0, false, 0, 0, 0, false},
	{"Heron9", 5, 4, true, 0, 1, 0, false},
}

func djmetaFixtures() map[string][]byte {
	out := map[string][]byte{}
	for _, p := range djiProducts {
		out[p.schema+".mp4"] = telemetryVideo(false, nil, p.track(4))
	}
	air, heron := djiProducts[4], djiProducts[len(djiProducts)-1]
	air.schema = "Air3s"
	debug := telemetryTrack{"dbgi", [][]byte{slices.Concat(
		pbMsg(1, pbMsg(1, pbMsg(1, pbInt(1, 1942113)), pbMsg(2, pbText(1, "dbginfo_heron.proto"), pbText(2, "1.0")))),
		pbMsg(2, pbMsg(1, pbMsg(4, pbFloat(2, 1.5)), pbText(9, scrubtest.Serial+"99"))))}}
	out["both-tracks.mov"] = telemetryVideo(true, nil, telemetryTrack{"mebx", [][]byte{{1, 2, 3, 4}}}, debug, air.track(5), heron.track(3))
	out["fragmented.mp4"] = fragmentedVideo(air.track(5))
	out["debugging.lrf"] = telemetryVideo(false, nil, debug)
	heron.unit = -1
	near := heron.track(4) // one unit as likely as the other: 0.72 and 2.31
	out["damaged-unit.mp4"] = telemetryVideo(true, nil, near)
	broken := air.track(5)
	broken.samples[3] = slices.Concat([]byte{0xFF, 0xFF, 0xFF}, broken.samples[3][3:])
	out["damaged-sample.mp4"] = telemetryVideo(true, nil, broken)
	whole := telemetryVideo(true, nil, air.track(6))
	out["damaged-cut.mp4"] = whole[:len(whole)-300]
	return out
}
