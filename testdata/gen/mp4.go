package main

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	mathbits "math/bits"
	"slices"
	"strings"

	"flightveil/exifscrub/scrubtest"
)

// An mp4Track is a track of a video. Each sample is a chunk.
type mp4Track struct {
	handler, name string
	entry         []byte // its sample description
	extra         []byte // boxes in trak
	samples       [][]byte
	perChunk      uint32 // of raw sound: instants in a sample

	delta, millis uint32 // of a sample in 1/25000 s and of the track; 0 for 1000
	width, height uint32 // of the picture; 0 for 16
}

// mp4Entry returns a sample description without fields of its own.
func mp4Entry(format string, extra ...any) []byte {
	return tbox(format, append([]any{make([]byte, 6), uint16(1)}, extra...)...)
}

// avcBits writes the codes of H.264: pairs of a value and its width, or of a
// value and 0 for an Exp-Golomb code (9.1).
func avcBits(head byte, pairs ...uint) []byte {
	var bits []byte
	put := func(v, n uint) {
		for i := range n {
			bits = append(bits, byte(v>>(n-1-i)&1))
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		if v, n := pairs[i], pairs[i+1]; n > 0 {
			put(v, n)
		} else {
			put(v+1, 2*uint(mathbits.Len(v+1))-1)
		}
	}
	out := []byte{head}
	for len(bits) > 0 {
		bits = append(bits, make([]byte, -len(bits)&7)...)
		var c byte
		for _, v := range bits[:8] {
			c = c<<1 | v
		}
		out, bits = append(out, c), bits[8:]
	}
	return out
}

// avcFrame is picture i, 16 by 16 of one brightness, coded without any
// prediction or transform, so that every decoder must show just that.
func avcFrame(i int) []byte {
	head := avcBits(0x65, 0, 0, 7, 0, 0, 0, 0, 4, uint(i%2), 0, 0, 2, 0, 0, 1, 0, 25, 0) // slice header and mb_type I_PCM
	unit := slices.Concat(head, slices.Repeat([]byte{byte(40 + 40*i)}, 384), []byte{0x80})
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(unit))), unit...)
}

// avcMessage is a unit with a message that names somebody.
func avcMessage(uuid, text string) []byte {
	body := append([]byte(uuid), text...)
	unit := append([]byte{6, 5, byte(len(body))}, body...)
	unit = append(unit, 0x80)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(unit))), unit...)
}

var (
	// Parameter sets of a baseline stream of 16 by 16 (H.264, 7.3.2.1, 7.3.2.2).
	avcSPS = avcBits(0x67, 66, 8, 0xC0, 8, 10, 8, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1)
	avcPPS = avcBits(0x68, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0, 1, 1, 1)
)

// avcEntry describes the stream of avcFrame.
func avcEntry(compressor string, extra ...[]byte) []byte {
	name := make([]byte, 32)
	name[0] = byte(copy(name[1:], compressor))
	config := tbox("avcC", []byte{1, 0x42, 0xC0, 0x0A, 0xFF, 0xE1}, uint16(len(avcSPS)), avcSPS, []byte{1}, uint16(len(avcPPS)), avcPPS)
	return mp4Entry("avc1", make([]byte, 16), uint16(16), uint16(16), uint32(0x480000), uint32(0x480000), uint32(0), uint16(1), name, uint16(24), int16(-1), config,
		tbox("colr", "nclx", uint16(1), uint16(1), uint16(1), byte(0)), slices.Concat(extra...))
}

// pcmEntry describes sound of one channel with 16 bits.
func pcmEntry() []byte {
	return mp4Entry("sowt", make([]byte, 8), uint16(1), uint16(16), uint32(0), uint32(8000<<16))
}

// trak builds the track; chunks are the offsets of its samples.
func (t mp4Track) trak(id uint32, chunks []uint32, wide bool) []byte {
	n := uint32(len(t.samples))
	sizes := make([]uint32, 0, n)
	for _, s := range t.samples {
		sizes = append(sizes, uint32(len(s)))
	}
	count, perChunk, delta := n, uint32(1), cmp.Or(t.delta, 1000)
	size := tbox("stsz", uint32(0), uint32(0), n, sizes)
	if t.perChunk > 0 {
		count, perChunk, delta = n*t.perChunk, t.perChunk, 1
		size = tbox("stsz", uint32(0), uint32(1), count) // as old programs write it
	}
	offsets := tbox("stco", uint32(0), n, chunks)
	if wide {
		w := make([]uint64, len(chunks))
		for i, c := range chunks {
			w[i] = uint64(c)
		}
		offsets = tbox("co64", uint32(0), n, w)
	}
	times, runs := tbox("stts", uint32(0), uint32(1), count, delta), tbox("stsc", uint32(0), uint32(1), uint32(1), perChunk, uint32(1))
	if n == 0 { // its samples are in fragments
		times, runs = tbox("stts", uint64(0)), tbox("stsc", uint64(0))
	}
	stbl := tbox("stbl", tbox("stsd", uint32(0), uint32(1), t.entry), times, runs, size, offsets)
	media := map[string][]byte{"vide": tbox("vmhd", uint32(1), make([]byte, 8)), "soun": tbox("smhd", make([]byte, 8))}[t.handler]
	if media == nil {
		media = tbox("gmhd", tbox("gmin", make([]byte, 16)))
	}
	matrix := []uint32{0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000}
	return tbox("trak", tbox("tkhd", uint32(7), uint32(createdAt), uint32(createdAt), id, uint32(0), cmp.Or(t.millis, 1000), make([]byte, 16), matrix, cmp.Or(t.width, 16)<<16, cmp.Or(t.height, 16)<<16), t.extra,
		tbox("mdia", tbox("mdhd", uint32(0), uint32(createdAt), uint32(createdAt), map[bool]uint32{true: 8000, false: 25000}[t.perChunk > 0], count*delta, uint32(0x55C40000)),
			tbox("hdlr", uint32(0), "mhlr", t.handler, "hern", make([]byte, 8), t.name, byte(0)),
			tbox("minf", media, tbox("dinf", tbox("dref", uint32(0), uint32(1), tbox("url ", uint32(1)))), stbl)))
}

// mp4File is a video in the making.
type mp4File struct {
	head      []byte // before the movie header or the media data
	movie     []byte // boxes in moov behind the tracks
	tail      []byte // behind everything
	tracks    []mp4Track
	gap       string // between chunks and at both ends of the media data
	last      bool   // the movie header is behind the media data
	wide      bool   // sizes and offsets of 64 bits
	split     bool   // two boxes of media data
	backwards bool   // chunks in the order opposite to time
	millis    uint32 // how long it is; 0 for 1000
}

// media interleaves the samples of all tracks: the media data, cut where a
// second box begins, and where each sample lies from its start.
func (f mp4File) media() (parts [][]byte, at [][]uint32) {
	at = make([][]uint32, len(f.tracks))
	b := []byte(f.gap)
	most := 0
	for i, t := range f.tracks {
		at[i] = make([]uint32, len(t.samples))
		most = max(most, len(t.samples))
	}
	header := uint32(8)
	if f.wide {
		header = 16
	}
	base := uint32(0)
	for k := range most {
		if f.backwards {
			k = most - 1 - k
		}
		if f.split && k == most/2 {
			parts = append(parts, b)
			base += uint32(len(b)) + header
			b = []byte(f.gap)
		}
		for i, t := range f.tracks {
			if k < len(t.samples) {
				at[i][k] = base + uint32(len(b))
				b = append(append(b, t.samples[k]...), f.gap...)
			}
		}
	}
	return append(parts, b), at
}

func (f mp4File) bytes() []byte {
	parts, at := f.media()
	var mdat []byte
	header := 8
	for _, p := range parts {
		if f.wide {
			header = 16
			mdat = slices.Concat(mdat, []byte("\x00\x00\x00\x01mdat"), binary.BigEndian.AppendUint64(nil, uint64(16+len(p))), p)
		} else {
			mdat = append(mdat, tbox("mdat", p)...)
		}
	}
	moov := func(base int) []byte {
		body := tbox("mvhd", uint32(0), uint32(createdAt), uint32(createdAt), uint32(1000), cmp.Or(f.millis, 1000), uint32(0x10000), make([]byte, 12),
			[]uint32{0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000}, make([]byte, 24), uint32(len(f.tracks)+1))
		for i, t := range f.tracks {
			chunks := slices.Clone(at[i])
			for k := range chunks {
				chunks[k] += uint32(base + header)
			}
			body = append(body, t.trak(uint32(i+1), chunks, f.wide)...)
		}
		return tbox("moov", body, f.movie)
	}
	if f.last {
		return slices.Concat(f.head, mdat, moov(len(f.head)), f.tail)
	}
	return slices.Concat(f.head, moov(len(f.head)+len(moov(0))), mdat, f.tail)
}

// quickText is a text of QuickTime's user data.
func quickText(kind, s string) []byte { return tbox(kind, uint16(len(s)), uint16(0x15C7), s) }

// asset3GP is a text of 3GPP's user data.
func asset3GP(kind, s string) []byte { return tbox(kind, uint32(0), uint16(0x55C4), s, byte(0)) }

func iso6709() string { return fmt.Sprintf("%+.7f%+.7f+1234.567/", scrubtest.Lat, scrubtest.Lon) }

// loci is 3GPP's place: longitude first.
func loci() []byte {
	fixed := func(v float64) int32 { return int32(math.Round(v * 65536)) }
	return tbox("loci", uint32(0), uint16(0x55C4), scrubtest.Place+"\x00", byte(0), fixed(scrubtest.Lon), fixed(scrubtest.Lat), fixed(scrubtest.Alt), "earth\x00", scrubtest.Place+"\x00")
}

// keyed returns a list of keys and values as Apple and Android write it.
func keyed(pairs ...string) []byte {
	keys, values := []byte{}, []byte{}
	for i := 0; i+1 < len(pairs); i += 2 {
		keys = append(keys, tbox("mdta", pairs[i])...)
		values = append(values, tbox(string(binary.BigEndian.AppendUint32(nil, uint32(i/2+1))), tbox("data", uint32(1), uint32(0), pairs[i+1]))...)
	}
	return tbox("meta", tbox("hdlr", make([]byte, 8), "mdta", make([]byte, 12), byte(0)), tbox("keys", uint32(0), uint32(len(pairs)/2), keys), tbox("ilst", values))
}

// listed is a list of values as iTunes writes it.
func listed(items ...[]byte) []byte {
	return tbox("udta", tbox("meta", uint32(0), tbox("hdlr", make([]byte, 8), "mdirappl", make([]byte, 8), byte(0)), tbox("ilst", slices.Concat(items...))))
}

func listedText(kind, s string) []byte { return tbox(kind, tbox("data", uint32(1), uint32(0), s)) }

// userData is everything cameras write into the user data of a movie.
func mp4UserData() []byte {
	return tbox("udta",
		quickText("\xA9xyz", iso6709()), quickText("\xA9day", strings.Replace(strings.Replace(scrubtest.When, ":", "-", 2), " ", "T", 1)+"+0200"),
		quickText("\xA9mak", "Heron Optics"), tbox("\xA9mdl", "Heron 9"), tbox("\xA9uid", scrubtest.Serial), quickText("\xA9aut", scrubtest.Person), quickText("\xA9cmt", scrubtest.Text),
		tbox("\xA9xsp", "+12.3"), tbox("\xA9fyw", "-41.5"), tbox("fsid", "/home/"+scrubtest.Person+"/card"), loci(), asset3GP("titl", scrubtest.Text), asset3GP("auth", scrubtest.Person),
		tbox("date", scrubtest.Day+"T"+scrubtest.When[11:]+"Z"), tbox("LENS", scrubtest.Serial), tbox("btec", make([]byte, 4), scrubtest.Serial), tbox("zzzz", scrubtest.Serial),
		tbox("GPMF", gpmfPacket(klvText("CASN", scrubtest.Serial), gps5(1, 3))),
		tbox("thmb", uint32(0), "jpeg", jpegFile(smallPicture, jpegExif())), tbox("free", scrubtest.Person), uint32(0))
}

func mp4Packet() string {
	return `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:creator="` + scrubtest.Person +
		`" exif:GPSLatitude="41,23.25075S" exif:GPSLongitude="132,27.11025W"/></rdf:RDF></x:xmpmeta>                    <?xpacket end="w"?>`
}

const (
	mp4XMP       = "\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC"
	mp4C2PA      = "\xD8\xFE\xC3\xD6\x1B\x0E\x48\x3C\x92\x97\x58\x28\x87\x7E\xC4\x81"
	mp4Spherical = "\xFF\xCC\x82\x63\xF8\x55\x4A\x93\x88\x14\x58\x7A\x02\x52\x1F\xDD"
	spherical    = `<?xml version="1.0"?><rdf:SphericalVideo xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:GSpherical="http://ns.google.com/videos/1.0/spherical/">` +
		`<GSpherical:Spherical>true</GSpherical:Spherical><GSpherical:StitchingSoftware>Heronstitch 9</GSpherical:StitchingSoftware>` +
		`<GSpherical:ProjectionType>equirectangular</GSpherical:ProjectionType><GSpherical:Timestamp>1942202873</GSpherical:Timestamp></rdf:SphericalVideo>`
)

// mp4Motion is a packet of camera motion metadata.
func mp4Motion(kind uint16, values ...any) []byte {
	b := binary.LittleEndian.AppendUint16([]byte{0, 0}, kind)
	for _, v := range values {
		b, _ = binary.Append(b, binary.LittleEndian, v)
	}
	return b
}

// mp4Caption is a sample of a text track.
func mp4Caption(s string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(s))), s...)
}

// mp4Pictures and mp4Sound are the tracks every video has.
func mp4Pictures(n int, extra ...[]byte) mp4Track {
	t := mp4Track{handler: "vide", name: "Heron AVC", entry: avcEntry("Heron AVC encoder"), extra: slices.Concat(extra...)}
	for i := range n {
		t.samples = append(t.samples, avcFrame(i))
	}
	return t
}

func mp4Sound(n int) mp4Track {
	t := mp4Track{handler: "soun", name: "SoundHandler", entry: pcmEntry(), perChunk: 20}
	for i := range n {
		var s []byte
		for k := range 20 {
			s = binary.LittleEndian.AppendUint16(s, uint16(1000*(i+1)+300*k))
		}
		t.samples = append(t.samples, s)
	}
	return t
}

// telemetry lists a metadata track of every kind.
func mp4Telemetry() []mp4Track {
	dji := djiProducts[4].track(3)
	debug := pbMsg(1, pbText(9, scrubtest.Serial), pbDouble(2, scrubtest.Lat), pbDouble(3, scrubtest.Lon))
	mdta := tbox("keys", tbox("\x00\x00\x00\x01", tbox("keyd", "mdta", "com.apple.quicktime.location.ISO6709"), tbox("dtyp", uint32(0), uint32(1))))
	return []mp4Track{
		{handler: "meta", name: "DJI meta", entry: mp4Entry("djmd"), samples: dji.samples},
		{handler: "meta", name: "DJI dbgi", entry: mp4Entry("dbgi"), samples: [][]byte{debug, debug}},
		{handler: "sbtl", name: "Subtitle", entry: mp4Entry("tx3g", make([]byte, 30)), samples: [][]byte{mp4Caption(djiCaption(0)), mp4Caption(djiCaption(1))}},
		{handler: "meta", name: "Heron MET", entry: mp4Entry("gpmd"), samples: [][]byte{gpmfPacket(gps5(1, 3)), gpmfPacket(gps5(4, 3))}},
		{handler: "meta", name: "Heron SOS", entry: mp4Entry("fdsc"), samples: [][]byte{[]byte("HPRO" + scrubtest.Serial + "\x00" + iso6709()), []byte(iso6709())}},
		{handler: "camm", name: "CameraMetadataMotionHandler", entry: mp4Entry("camm"), samples: [][]byte{
			mp4Motion(2, float32(1), float32(2), float32(3)), mp4Motion(5, scrubtest.Lat, scrubtest.Lon, scrubtest.Alt),
			mp4Motion(6, 1626667200.0, int32(3), scrubtest.Lat, scrubtest.Lon, float32(scrubtest.Alt), make([]byte, 24)), mp4Motion(3, make([]byte, 12))}},
		{handler: "meta", name: "Core Media Metadata", entry: mp4Entry("mebx", mdta), samples: [][]byte{tbox("\x00\x00\x00\x01", iso6709())}},
		{handler: "tmcd", name: "TCD", entry: mp4Entry("tmcd", make([]byte, 4), uint32(0), uint32(25000), uint32(1000), byte(25), byte(0)), samples: [][]byte{{0, 6, 0x8F, 0x31}}},
		{handler: "meta", name: "Timed Metadata", entry: mp4Entry("rtmd"), samples: [][]byte{[]byte("\x81\x14\x00\x0E" + scrubtest.Serial)}},
		{handler: "data", name: "nobody knows", entry: mp4Entry("hrn9"), samples: [][]byte{[]byte(scrubtest.Text)}},
	}
}

func mp4Fixtures() map[string][]byte {
	foreign := "GPRO" + scrubtest.Serial + "\x00" + iso6709() + scrubtest.Person
	ftyp := tbox("ftyp", "isom", uint32(0x200), "isomiso2avc1mp41")
	qt := tbox("ftyp", "qt  ", uint32(0), "qt  ")
	ids := func(kind string, id ...uint32) []byte { return tbox("tref", tbox(kind, id)) }
	all := append([]mp4Track{mp4Pictures(5, ids("tmcd", 10), tbox("uuid", mp4Spherical, spherical)), mp4Sound(5)}, mp4Telemetry()...)
	xmp := tbox("uuid", mp4XMP, mp4Packet())
	keys := keyed("com.apple.quicktime.location.ISO6709", iso6709(), "com.apple.quicktime.make", "Heron Optics", "com.apple.quicktime.creationdate", scrubtest.Day+"T"+scrubtest.When[11:]+"+0200",
		"com.heron.serialNumber", scrubtest.Serial, "com.apple.quicktime.author", scrubtest.Person, "com.android.capture.fps", "25", "com.heron.zzz", scrubtest.Text)
	rich := mp4File{head: slices.Concat(ftyp, tbox("free", foreign)), tracks: all, gap: foreign, movie: slices.Concat(mp4UserData(), keys),
		tail: slices.Concat(xmp, tbox("uuid", "0123456789abcdef", scrubtest.Serial), tbox("skip", scrubtest.Person), tbox("zzzz", scrubtest.Text), []byte("left over "+scrubtest.Serial))}
	sei := mp4Pictures(3)
	sei.samples[0] = slices.Concat(avcMessage("\xDC\x45\xE9\xBD\xE6\xD9\x48\xB7\x96\x2C\xD8\x20\xD9\x23\xEE\xEF", "x264 - core 164 - options: invented"), sei.samples[0])
	sei.samples[2] = slices.Concat(avcMessage("heron 9 messages", "an invented message"), sei.samples[2])
	tracks := []mp4Track{mp4Pictures(4), mp4Sound(4), mp4Telemetry()[0], mp4Telemetry()[3]}
	gopro := mp4File{head: ftyp, last: true, tracks: tracks, gap: "GPRO" + scrubtest.Serial + iso6709()}
	whole := mp4File{head: ftyp, tracks: tracks, movie: tbox("udta", quickText("\xA9xyz", iso6709()))}.bytes()
	shared := gopro
	shared.gap = ""
	overlap := shared.bytes()
	i := strings.LastIndex(string(overlap), "stco") // of the last track
	copy(overlap[i+12:], overlap[strings.Index(string(overlap), "stco")+12:][:4])
	counts := func(kind string, at int, v uint32) []byte {
		b := slices.Clone(whole)
		binary.BigEndian.PutUint32(b[strings.Index(string(b), kind)+at:], v)
		return b
	}
	photos := mp4Pictures(2)
	photos.entry = []byte(strings.Replace(string(avcEntry("Photo - JPEG")), "avc1", "jpeg", 1))
	for i := range photos.samples {
		photos.samples[i] = jpegFile(smallPicture, jfif, jpegExif())
	}
	small := mp4Pictures(1)
	small.entry, small.samples = photos.entry, photos.samples[:1]
	return map[string][]byte{
		"header.mp4":           whole[:strings.Index(string(whole), "mdat")-4],
		"photos.mov":           mp4File{head: qt, last: true, tracks: []mp4Track{photos}}.bytes(),
		"preview.mp4":          mp4File{head: ftyp, tracks: []mp4Track{mp4Pictures(2), small}}.bytes(),
		"rich.mp4":             rich.bytes(),
		"moov-last.mov":        mp4File{head: slices.Concat(qt, tbox("wide")), last: true, tracks: all[:6], gap: foreign, movie: keys}.bytes(),
		"wide.mp4":             mp4File{head: ftyp, wide: true, split: true, tracks: tracks, gap: foreign}.bytes(),
		"backwards.mov":        mp4File{head: qt, last: true, backwards: true, tracks: tracks, gap: "stale " + scrubtest.Serial}.bytes(),
		"dv.mov":               mp4File{head: qt, tracks: []mp4Track{{handler: "vide", name: "VideoHandler", entry: mp4Entry("dvcp"), samples: [][]byte{[]byte(strings.Repeat("dv", 60))}}}}.bytes(),
		"old.mov":              mp4File{last: true, tracks: []mp4Track{mp4Pictures(2), mp4Sound(2)}, movie: tbox("udta", quickText("\xA9nam", scrubtest.Text))}.bytes(),
		"itunes.m4v":           mp4File{head: ftyp, tracks: []mp4Track{mp4Pictures(2)}, movie: listed(listedText("\xA9nam", scrubtest.Text), listedText("\xA9day", scrubtest.Day), listedText("ownr", scrubtest.Person), listedText("\xA9xyz", iso6709()), tbox("covr", tbox("data", uint32(13), uint32(0), jpegFile(smallPicture, jpegExif()))))}.bytes(),
		"messages.mp4":         mp4File{head: ftyp, tracks: []mp4Track{sei, mp4Sound(3)}}.bytes(),
		"c2pa.mp4":             mp4File{head: slices.Concat(ftyp, tbox("uuid", mp4C2PA, uint32(0), "manifest\x00", uint64(0), superbox("c2pa", "c2pa", superbox("c2ma", "urn:uuid:heron", jsonAssertion("stds.schema-org.CreativeWork", `{"author":[{"@type":"Person","name":"`+scrubtest.Person+`"}]}`))))), tracks: []mp4Track{mp4Pictures(2)}}.bytes(),
		"insta360.insv":        mp4File{head: ftyp, last: true, tracks: []mp4Track{mp4Pictures(2), mp4Sound(2)}, tail: instaTrailer()}.bytes(),
		"fragmented.mp4":       mp4Fragments(),
		"languages.mov":        mp4File{head: qt, tracks: []mp4Track{mp4Pictures(1)}, movie: keyed("location", iso6709(), "location-eng", iso6709(), "album_artist", scrubtest.Person, "title-deu", scrubtest.Text, "heron-xyz", scrubtest.Text)}.bytes(),
		"in-free.mp4":          mp4InFree(ftyp, foreign),
		"damaged-type.mp4":     []byte(strings.Replace(string(mp4File{head: ftyp, tracks: tracks, gap: foreign}.bytes()), "mdat", "mdaT", 1)),
		"damaged-fragment.mp4": mp4Fragments()[:strings.LastIndex(string(mp4Fragments()), "moof")+60],
		"clean.mp4":            mp4Clean(),
		"damaged-cut.mp4":      whole[:len(whole)-500], "damaged-header.mp4": gopro.bytes()[:len(gopro.bytes())-700],
		"damaged-overlap.mp4": overlap, "damaged-sizes.mp4": counts("stsz", 12, 0xFFFFFFFF), "damaged-chunks.mp4": counts("stco", 8, 0xFFFFFFFF),
		"damaged-runs.mp4": counts("stsc", 16, 0xFFFFFFFF), "damaged-elsewhere.mp4": counts("stco", 12, 60), "damaged-nothing.mp4": slices.Concat(ftyp, tbox("mdat", foreign)),
	}
}

// mp4InFree is a video of which half of the media data lies in free space.
func mp4InFree(ftyp []byte, foreign string) []byte {
	b := mp4File{head: ftyp, split: true, tracks: []mp4Track{mp4Pictures(4), mp4Sound(4), mp4Telemetry()[3]}, gap: foreign}.bytes()
	copy(b[strings.LastIndex(string(b), "mdat"):], "free")
	return b
}

// mp4Clean is a video that holds nothing but pictures and sound.
func mp4Clean() []byte {
	pictures, sound := mp4Pictures(2), mp4Sound(2)
	pictures.name, pictures.entry = "VideoHandler", avcEntry("")
	b := mp4File{head: tbox("ftyp", "isom", uint32(0x200), "isom"), tracks: []mp4Track{pictures, sound}}.bytes()
	stamp := binary.BigEndian.AppendUint32(nil, uint32(createdAt))
	return []byte(strings.ReplaceAll(strings.ReplaceAll(string(b), string(stamp), "\x00\x00\x00\x00"), "hern", "\x00\x00\x00\x00"))
}

// mp4Fragments is a video whose samples are in fragments: pictures, and
// telemetry, whose place in the second is counted from the end of the first.
func mp4Fragments() []byte {
	pictures, dji := mp4Pictures(4), mp4Telemetry()[0]
	frames, frozen := pictures.samples, dji.samples
	pictures.samples, dji.samples = nil, nil
	moov := tbox("moov", tbox("mvhd", uint32(0), uint32(createdAt), uint32(createdAt), uint32(1000), make([]byte, 84)), pictures.trak(1, nil, false), dji.trak(2, nil, false),
		tbox("mvex", tbox("trex", uint32(0), uint32(1), uint32(1), uint32(1000), uint32(0), uint32(0)), tbox("trex", uint32(0), uint32(2), uint32(1), uint32(1000), uint32(0), uint32(0))))
	out := slices.Concat(tbox("ftyp", "iso5", uint32(0), "iso5iso6mp41"), moov,
		tbox("sidx", uint32(0), uint32(2), uint32(25000), make([]byte, 10), uint16(1), uint32(1000), uint32(2000), uint32(0x90000000)), tbox("sidx", uint32(0), uint32(1), uint32(25000), make([]byte, 10), uint16(1), uint32(1000), uint32(2000), uint32(0x90000000)))
	var at []uint32
	for i := range 2 {
		moof := func(off int) []byte {
			return tbox("moof", tbox("mfhd", uint32(0), uint32(i+1)),
				tbox("traf", tbox("tfhd", uint32(0x20000), uint32(1)), tbox("tfdt", uint32(0), uint32(2000*i)), tbox("trun", uint32(0x201), uint32(2), uint32(off), uint32(len(frames[2*i])), uint32(len(frames[2*i+1])))),
				tbox("traf", tbox("tfhd", uint32(0x20000*(1-i)), uint32(2)), tbox("tfdt", uint32(0), uint32(2000*i)), tbox("trun", uint32(0x200+1-i), uint32(1),
					slices.Repeat([]uint32{uint32(off + len(frames[2*i]) + len(frames[2*i+1]))}, 1-i), uint32(len(frozen[i])))))
		}
		at = append(at, uint32(len(out)))
		out = slices.Concat(out, tbox("prft", uint32(0), uint32(1), uint64(0xEC2A6E7900000000), uint32(0)), tbox("emsg", uint32(0), "urn:heron\x00", scrubtest.Serial),
			moof(len(moof(0))+8), tbox("mdat", frames[2*i], frames[2*i+1], frozen[i], scrubtest.Person))
	}
	tfra := func(id uint32) []byte {
		return tbox("tfra", uint32(0), id, uint32(0), uint32(2), uint32(0), at[0], "\x01\x01\x01", uint32(2000), at[1], "\x01\x01\x01")
	}
	return slices.Concat(out, tbox("mfra", tfra(1), tfra(2), tbox("mfro", uint32(0), uint32(len(tfra(1))*2+24))))
}

// instaTrailer is what Insta360 cameras put behind a video.
func instaTrailer() []byte {
	le := binary.LittleEndian
	row := le.AppendUint32(nil, 1942202873)
	row = append(le.AppendUint16(append(row, 0, 0, 0, 0), 250), 'A')
	for _, v := range []struct {
		v float64
		c string
	}{{-scrubtest.Lat, "S"}, {-scrubtest.Lon, "W"}, {3, ""}, {90, ""}, {scrubtest.Alt, ""}} {
		row = append(le.AppendUint64(row, math.Float64bits(v.v)), v.c...)
	}
	notes := []byte("\x0A" + string(rune(len(scrubtest.Serial))) + scrubtest.Serial + "\x12\x05Heron\x1A\x03v12")
	var b []byte
	for _, r := range []struct {
		id   uint16
		data []byte
	}{{0x300, slices.Repeat([]byte{1, 2, 3, 4}, 20)}, {0x700, slices.Concat(row, row)}, {0x101, notes}} {
		b = le.AppendUint32(le.AppendUint16(append(b, r.data...), r.id), uint32(len(r.data)))
	}
	b = append(b, make([]byte, 32)...)
	return append(le.AppendUint32(le.AppendUint32(b, uint32(len(b)+40)), 3), "8db42d694ccc418790edff439fe026bf"...)
}
