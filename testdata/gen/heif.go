package main

import (
	"encoding/binary"
	"slices"

	"flightveil/exifscrub/scrubtest"
)

// What encoders made of one colour (HEVC, 64 x 64, x265) and of a gradient (AV1,
// 8 x 8, libaom): the configuration and the coded picture.
var (
	hevcSetup = unhex("0103700000000000000000001ef000fcfdf8f800000f03200001001840010c01ffff03700000030090000003000003001eba0240210001002b42010103700000030090000003" +
		"000003001ea020810596ea4929ae6e04040c08000003000800000300084022000100074401c172b02240")
	hevcData = unhex("000000142801af0418fc7938ebfff86c67bbc9fb43c47438")
	av1Setup = unhex("81200000")
	av1Data  = unhex("12000a083808bf61010d0690320b1e003fffffc40000ea8558")
)

// heifItem is one item of a generated file. Its data lies in as many extents.
type heifItem struct {
	kind    string
	strings string // name, and what follows it in the item's entry
	props   []byte // properties, by number; with 0x80: essential
	method  uint16 // 0 media data, 1 item data, 2 other items
	extents []string
	parts   []uint32 // of other items, for method 2: which number of byte each extent begins at, and how many bytes
}

// heifRef is one reference between items.
type heifRef struct {
	kind string
	from uint32
	to   []uint32
}

// heifFile says how a generated file is laid out.
type heifFile struct {
	brand    string
	version  byte // of iloc
	sizes    [4]int
	wide     bool // infe and iref with numbers of 32 bits
	items    []heifItem
	refs     []heifRef
	props    [][]byte
	meta     [][]byte // more boxes in meta
	top      [][]byte // more boxes behind
	gap      string   // between the extents of media data
	base     bool     // give offsets relative to the first byte of media data
	first    bool     // media data before meta
	longMdat bool
	handler  string
}

func bigUint(n int, v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v)[8-n:] }

func fullBox(kind string, version byte, body ...[]byte) []byte {
	return isoBox(kind, append([][]byte{{version, 0, 0, 0}}, body...)...)
}

// bytes returns the file.
func (h heifFile) bytes() []byte {
	ftyp := isoBox("ftyp", []byte(h.brand), make([]byte, 4), []byte("mif1"), []byte(h.brand))
	var media, local []byte
	var at [][]int
	for _, it := range h.items {
		var offs []int
		for _, e := range it.extents {
			switch it.method {
			case 0:
				media = append(media, h.gap...)
				offs = append(offs, len(media))
				media = append(media, e...)
			case 1:
				local = append(local, h.gap...)
				offs = append(offs, len(local))
				local = append(local, e...)
			}
		}
		at = append(at, offs)
	}
	media = append(media, h.gap...)
	mdat, head := isoBox("mdat", media), 8
	if h.longMdat {
		mdat, head = longBox("mdat", media), 16
	}
	start := len(ftyp) + head
	if !h.first {
		start += len(h.metaBox(at, local, 0))
	}
	meta := h.metaBox(at, local, start)
	if h.first {
		return slices.Concat(ftyp, mdat, meta, slices.Concat(h.top...))
	}
	return slices.Concat(ftyp, meta, mdat, slices.Concat(h.top...))
}

func (h heifFile) metaBox(at [][]int, local []byte, start int) []byte {
	id := 2
	if h.wide {
		id = 4
	}
	var infos, places, uses, refs []byte
	wideFlag := map[bool]byte{true: 1}[h.wide]
	idLen := 2
	if h.version == 2 {
		idLen = 4
	}
	for i, it := range h.items {
		n := uint64(i + 1)
		infos = append(infos, fullBox("infe", 2+wideFlag, bigUint(id, n), []byte{0, 0}, []byte(it.kind), []byte(it.strings), []byte{0})...)
		places = append(places, bigUint(idLen, n)...)
		if h.version > 0 {
			places = append(places, bigUint(2, uint64(it.method))...)
		}
		places = append(places, 0, 0)
		base := 0
		if h.base && it.method == 0 {
			base = start
		}
		places = append(places, bigUint(h.sizes[2], uint64(base))...)
		count := len(it.extents)
		if it.method == 2 {
			count = len(it.parts) / 2
		}
		places = append(places, bigUint(2, uint64(count))...)
		for k := range count {
			off, size := 0, 0
			switch it.method {
			case 0:
				off, size = at[i][k]+start-base, len(it.extents[k])
			case 1:
				off, size = at[i][k], len(it.extents[k])
			case 2:
				off, size = int(it.parts[2*k]), int(it.parts[2*k+1])
			}
			if h.version > 0 {
				places = append(places, bigUint(h.sizes[3], uint64(k+1))...)
			}
			places = append(append(places, bigUint(h.sizes[0], uint64(off))...), bigUint(h.sizes[1], uint64(size))...)
		}
		if len(it.props) > 0 {
			uses = append(append(uses, bigUint(id, n)...), byte(len(it.props)))
			uses = append(uses, it.props...)
		}
	}
	users := 0
	for _, it := range h.items {
		if len(it.props) > 0 {
			users++
		}
	}
	for _, r := range h.refs {
		body := slices.Concat(bigUint(id, uint64(r.from)), bigUint(2, uint64(len(r.to))))
		for _, to := range r.to {
			body = append(body, bigUint(id, uint64(to))...)
		}
		refs = append(refs, isoBox(r.kind, body)...)
	}
	boxes := [][]byte{
		fullBox("hdlr", 0, make([]byte, 4), []byte("pict"), make([]byte, 12), []byte(h.handler), []byte{0}),
		fullBox("pitm", wideFlag, bigUint(id, 1)),
		fullBox("iinf", wideFlag, bigUint(id, uint64(len(h.items))), infos),
		fullBox("iloc", h.version, []byte{byte(h.sizes[0]<<4 | h.sizes[1]), byte(h.sizes[2]<<4 | h.sizes[3])}, bigUint(idLen, uint64(len(h.items))), places),
		isoBox("iprp", isoBox("ipco", h.props...), fullBox("ipma", wideFlag, bigUint(4, uint64(users)), uses)),
	}
	if len(refs) > 0 {
		boxes = append(boxes, fullBox("iref", wideFlag, refs))
	}
	if len(local) > 0 {
		boxes = append(boxes, isoBox("idat", local))
	}
	return fullBox("meta", 0, append(boxes, h.meta...)...)
}

// hevcProps are those a picture of one colour needs: 1 its setup, 2 its size, 3
// its rotation, 4 its channels.
func hevcProps() [][]byte {
	return [][]byte{isoBox("hvcC", hevcSetup), fullBox("ispe", 0, bigUint(4, 64), bigUint(4, 64)), isoBox("irot", []byte{3}), fullBox("pixi", 0, []byte{3, 8, 8, 8})}
}

// halves cuts s in two.
func halves(s string) []string { return []string{s[:len(s)/2], s[len(s)/2:]} }

func heifFixtures() map[string][]byte {
	little, big, packet := smallExif(binary.LittleEndian), smallExif(binary.BigEndian), smallXMP()
	exif := string(exifItem("", little))
	colour := heifItem{kind: "hvc1", props: []byte{0x81, 2, 3, 4}, extents: []string{string(hevcData)}}
	about := func(ids ...uint32) []heifRef {
		var out []heifRef
		for _, id := range ids {
			out = append(out, heifRef{"cdsc", id, []uint32{1}})
		}
		return out
	}
	mime := "\x00application/rdf+xml\x00"
	person := `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:rights="` +
		scrubtest.Person + `"/></rdf:RDF></x:xmpmeta>`
	plain := heifFile{brand: "heic", sizes: [4]int{4, 4, 0, 0}, items: []heifItem{colour}, props: hevcProps()}
	with := func(change func(*heifFile)) heifFile {
		h := plain
		h.items, h.props = slices.Clone(plain.items), slices.Clone(plain.props)
		change(&h)
		return h
	}
	manifest := superbox("c2pa", "c2pa", superbox("c2ma", "urn:uuid:"+scrubtest.Serial, jsonAssertion("stds.exif", `{"exif:SerialNumber":"`+scrubtest.Serial+`"}`)))
	sef := func() []byte { // Samsung's directory of one value
		value := "1942289273000"
		entry := slices.Concat([]byte{0, 0, 1, 0x0A, 14, 0, 0, 0}, []byte("Image_UTC_Data"), []byte(value))
		o := binary.LittleEndian
		dir := o.AppendUint32([]byte("SEFH\x6A\x00\x00\x00\x01\x00\x00\x00\x00\x00\x01\x0A"), uint32(len(entry)))
		dir = o.AppendUint32(dir, uint32(len(entry)))
		return slices.Concat(entry, dir, o.AppendUint32(nil, uint32(len(dir))), []byte("SEFT"))
	}()
	video := slices.Concat(isoBox("ftyp", []byte("mp42\x00\x00\x00\x00isommp42")), isoBox("mdat", []byte(scrubtest.Serial)), isoBox("moov", isoBox("udta", isoBox("\xA9xyz", []byte("\x00\x12\x15\xC7-41.3875-132.4518/")))))
	rich := with(func(h *heifFile) {
		h.items = append(h.items, heifItem{kind: "Exif", extents: []string{exif}}, heifItem{kind: "mime", strings: mime, extents: []string{packet}},
			heifItem{kind: "hvc1", strings: scrubtest.Person, props: []byte{0x81, 2, 0x85, 6, 7, 8, 9}, extents: []string{string(hevcData)}},
			heifItem{kind: "mime", strings: "notes\x00application/json\x00", extents: []string{`{"place":"` + scrubtest.Place + `"}`}},
			heifItem{kind: "uri ", strings: "\x00urn:heron:note\x00", extents: []string{scrubtest.Text}}, heifItem{kind: "hern", extents: []string{scrubtest.Serial}},
			heifItem{kind: "Exif", extents: []string{string(exifItem("Exif\x00\x00", big))}}, heifItem{kind: "jpeg", props: []byte{2}, extents: []string{string(tinyThermalJPEG(scrubtest.Text))}})
		h.refs = append(about(2, 3, 5, 6, 7, 8), heifRef{"thmb", 4, []uint32{1}}, heifRef{"auxl", 9, []uint32{1}})
		h.props = append(h.props, fullBox("udes", 0, []byte("en\x00"+scrubtest.Text+"\x00"+scrubtest.Person+"\x00heron\x00")), fullBox("crtt", 0, bigUint(8, 0x00FEDCBA98765432)),
			isoBox("uuid", []byte("sixteen bytes id"), []byte(scrubtest.Serial)), fullBox("hern", 0, []byte(scrubtest.Place)), isoBox("colr", []byte("prof"), []byte("no profile at all")))
		h.meta = [][]byte{isoBox("hern", []byte(scrubtest.Person)), isoBox("free", []byte(scrubtest.Serial)), fullBox("grpl", 0)}
		h.top = [][]byte{isoBox("free", []byte("cdif"+scrubtest.Serial)), isoBox("sefd", sef), isoBox("mpvd", video), isoBox("hern", []byte(scrubtest.Text)), isoBox("skip", make([]byte, 20)),
			isoBox("uuid", []byte("\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC"), []byte(packet)), isoBox("uuid", []byte("another 16 bytes"), []byte(scrubtest.Place)),
			isoBox("uuid", []byte("\xD8\xFE\xC3\xD6\x1B\x0E\x48\x3C\x92\x97\x58\x28\x87\x7E\xC4\x81\x00\x00\x00\x00manifest\x00"), make([]byte, 8), manifest)}
		h.gap, h.handler = "left by "+scrubtest.Person+" ", "Heron Studio"
	})
	grid := with(func(h *heifFile) {
		h.version, h.sizes, h.wide, h.longMdat, h.base = 2, [4]int{8, 8, 8, 4}, true, true, true
		h.items = []heifItem{
			{kind: "grid", props: []byte{5, 3}, method: 1, extents: []string{"\x00\x00\x00\x01\x00\x80\x00\x40"}},
			colour, colour,
			{kind: "Exif", method: 1, extents: halves(exif)}, {kind: "mime", strings: mime, extents: halves(packet)},
		}
		h.props = append(h.props, fullBox("ispe", 0, bigUint(4, 128), bigUint(4, 64)))
		h.refs = append([]heifRef{{"dimg", 1, []uint32{2, 3}}}, about(4, 5)...)
	})
	nested := with(func(h *heifFile) { // the Exif block and the packet are parts of two other items
		h.version, h.sizes = 1, [4]int{4, 4, 4, 1}
		both := exif + packet
		h.items = append(h.items, heifItem{kind: "hern", props: nil, extents: halves(both)}, heifItem{kind: "Exif", method: 2, parts: []uint32{0, uint32(len(exif))}},
			heifItem{kind: "mime", strings: mime, method: 2, parts: []uint32{uint32(len(exif)), 0}})
		h.refs = append(about(3, 4), heifRef{"iloc", 3, []uint32{2}}, heifRef{"iloc", 4, []uint32{2}})
	})
	avif := heifFile{brand: "avif", sizes: [4]int{4, 4, 4, 0}, version: 1, base: true, first: true,
		items: []heifItem{{kind: "av01", strings: "Color", props: []byte{0x81, 2, 3}, extents: []string{string(av1Data)}}, {kind: "Exif", extents: []string{string(exifItem("Exif\x00\x00", big))}},
			{kind: "mime", strings: mime, extents: []string{person}}},
		props: [][]byte{isoBox("av1C", av1Setup), fullBox("ispe", 0, bigUint(4, 8), bigUint(4, 8)), fullBox("pixi", 0, []byte{3, 8, 8, 8})}, refs: about(2, 3)}
	sequence := with(func(h *heifFile) {
		h.brand = "hevc"
		when := bigUint(4, 4024190873)
		track := func(handler string, off int) []byte {
			stbl := isoBox("stbl", fullBox("stsd", 0, bigUint(4, 1), isoBox(map[string]string{"pict": "hvc1", "meta": "mebx"}[handler], make([]byte, 6), []byte{0, 1})),
				fullBox("stts", 0, bigUint(4, 1), bigUint(4, 1), bigUint(4, 1)), fullBox("stsc", 0, bigUint(4, 1), bigUint(4, 1), bigUint(4, 1), bigUint(4, 1)),
				fullBox("stsz", 0, bigUint(4, uint64(14)), bigUint(4, 1)), fullBox("stco", 0, bigUint(4, 1), bigUint(4, uint64(off))))
			return isoBox("trak", fullBox("tkhd", 0, when, when, bigUint(4, 1), make([]byte, 68)), isoBox("mdia", fullBox("mdhd", 0, when, when, make([]byte, 12)),
				fullBox("hdlr", 0, make([]byte, 4), []byte(handler), make([]byte, 12), []byte("heron\x00")), isoBox("minf", stbl)), isoBox("udta", []byte(scrubtest.Place)))
		}
		moov := func(at int) []byte {
			return isoBox("moov", fullBox("mvhd", 0, when, when, make([]byte, 88)), track("pict", at), track("meta", at+14), isoBox("udta", []byte(scrubtest.Person)))
		}
		n := len(plain.bytes())
		h.top = [][]byte{moov(n + len(moov(0)) + 8), isoBox("mdat", []byte("a coded sample"+scrubtest.Serial))}
	})
	minimal := plain.bytes()
	richFile := rich.bytes()
	return map[string][]byte{
		"minimal.heic":  minimal,
		"rich.heic":     richFile,
		"grid.heic":     grid.bytes(),
		"nested.heic":   nested.bytes(),
		"plain.avif":    avif.bytes(),
		"sequence.heic": sequence.bytes(),
		"trailing.heic": slices.Concat(minimal, []byte("\x00\x00\x00\x03 and "+scrubtest.Person)),
		"zeros.heic":    slices.Concat(minimal, make([]byte, 30)),
		"appended.heic": slices.Concat(minimal, video),
		"exif-garbage.heic": with(func(h *heifFile) {
			h.items = append(h.items, heifItem{kind: "Exif", extents: []string{"no block of " + scrubtest.Person}}, heifItem{kind: "mime", strings: mime, extents: []string{"<broken " + scrubtest.Person}},
				heifItem{kind: "Exif", extents: []string{string(exifItem(scrubtest.Serial, little))}}, heifItem{kind: "mime", strings: mime + "deflate\x00", extents: []string{"packed " + scrubtest.Person}})
			h.refs = about(2, 3, 4, 5)
		}).bytes(),
		"twice.heic": with(func(h *heifFile) { // two items with the same data
			h.version, h.sizes = 1, [4]int{4, 4, 4, 1}
			h.items = append(h.items, heifItem{kind: "Exif", extents: []string{exif}}, heifItem{kind: "Exif", method: 2, parts: []uint32{0, 0}})
			h.refs = append(about(2, 3), heifRef{"iloc", 3, []uint32{2}})
		}).bytes(),
		"damaged-cut.heic":   richFile[:len(richFile)*3/4],
		"damaged-media.heic": minimal[:len(minimal)-20],
		"damaged-meta.heic":  minimal[:120],
		"damaged-overlap.heic": with(func(h *heifFile) { // an Exif item inside the picture
			h.version, h.sizes = 1, [4]int{4, 4, 4, 1}
			h.items = append(h.items, heifItem{kind: "Exif", method: 2, parts: []uint32{0, 40}})
			h.refs = append(about(2), heifRef{"iloc", 2, []uint32{1}})
		}).bytes(),
		"damaged-loop.heic": with(func(h *heifFile) {
			h.version, h.sizes = 1, [4]int{4, 4, 4, 1}
			h.items = append(h.items, heifItem{kind: "Exif", method: 2, parts: []uint32{0, 40}})
			h.refs = append(about(2), heifRef{"iloc", 2, []uint32{2}})
		}).bytes(),
	}
}
