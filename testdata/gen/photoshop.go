package main

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf16"

	"flightveil/exifscrub/scrubtest"
)

// iptcDataset returns one IPTC-IIM dataset.
func iptcDataset(record, number byte, value string) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0x1C, record, number}, uint16(len(value))), value...)
}

// longIPTCDataset returns a dataset whose length has four bytes of its own.
func longIPTCDataset(record, number byte, value string) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0x1C, record, number, 0x80, 4}, uint32(len(value))), value...)
}

// iptcBlock returns a block with every kind of canary.
func iptcBlock() []byte {
	day := strings.ReplaceAll(scrubtest.Day, "-", "")
	return slices.Concat(
		iptcDataset(1, 0, "\x00\x04"),
		iptcDataset(1, 5, scrubtest.Person),
		iptcDataset(1, 70, day),
		iptcDataset(1, 80, "044753+1200"),
		iptcDataset(1, 90, "\x1b%G"),
		iptcDataset(2, 0, "\x00\x04"),
		iptcDataset(2, 5, scrubtest.Text),
		iptcDataset(2, 25, "heron"),
		iptcDataset(2, 25, "boathouse"),
		iptcDataset(2, 55, day),
		iptcDataset(2, 60, "044753+1200"),
		iptcDataset(2, 62, day),
		iptcDataset(2, 63, "044753"),
		iptcDataset(2, 65, "Darkroom Ünder Test"),
		iptcDataset(2, 75, "a"),
		iptcDataset(2, 80, scrubtest.Person),
		iptcDataset(2, 85, "Chief Heron Watcher"),
		iptcDataset(2, 90, scrubtest.Place),
		iptcDataset(2, 92, "The Boathouse"),
		iptcDataset(2, 95, "Quillonshire"),
		iptcDataset(2, 100, "QUI"),
		iptcDataset(2, 101, "Quillonia"),
		iptcDataset(2, 105, scrubtest.Text),
		iptcDataset(2, 110, scrubtest.Person),
		iptcDataset(2, 116, "(c) "+scrubtest.Person),
		iptcDataset(2, 118, scrubtest.Person),
		longIPTCDataset(2, 120, scrubtest.Text),
		iptcDataset(2, 122, scrubtest.Person),
		iptcDataset(2, 131, "L"),
		iptcDataset(2, 187, scrubtest.Serial),
		iptcDataset(2, 202, "\xff\xd8\xff\xd9"),
		iptcDataset(3, 20, "\x00\x10"),
		iptcDataset(3, 10, scrubtest.Serial+"\x00\x00"),
		iptcDataset(6, 77, scrubtest.Serial), // no such record
		iptcDataset(240, 1, scrubtest.Text),
		iptcDataset(8, 10, scrubtest.Text),
	)
}

func iptcFixtures() map[string][]byte {
	rich := iptcBlock()
	padded := append(iptcDataset(2, 0, "\x00\x04"), iptcDataset(2, 80, scrubtest.Person)...)
	return map[string][]byte{
		"rich.iptc":               rich,
		"minimal.iptc":            slices.Concat(iptcDataset(1, 90, "\x1b%G"), iptcDataset(2, 0, "\x00\x04"), iptcDataset(2, 131, "P"), iptcDataset(3, 20, "\x00\x10")),
		"padded.iptc":             append(padded, make([]byte, 7)...),
		"latin1.iptc":             slices.Concat(iptcDataset(2, 80, "Z\xe9phyrine Quillfeather"), iptcDataset(2, 120, scrubtest.Text+"\x00")),
		"odd-times.iptc":          slices.Concat(iptcDataset(2, 55, "19 July 2031"), iptcDataset(2, 60, "04:47:53"), iptcDataset(2, 0, "\x00\x04"+scrubtest.Serial)),
		"damaged-cut.iptc":        rich[:len(rich)-9],
		"damaged-unmarked.iptc":   slices.Concat(iptcDataset(2, 25, "heron"), []byte(scrubtest.Person), rich),
		"damaged-overlong.iptc":   slices.Concat(iptcDataset(2, 25, "heron"), []byte{0x1C, 2, 120, 0x80, 8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, rich),
		"damaged-lengthless.iptc": slices.Concat(iptcDataset(2, 25, "heron"), []byte{0x1C, 2, 120, 0x80, 0}, rich),
	}
}

// resource8BIM returns one Photoshop image resource.
func resource8BIM(id uint16, name string, body []byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte("8BIM"), id)
	b = append(append(b, byte(len(name))), name...)
	b = padEven(b)
	b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
	return padEven(append(b, body...))
}

func padEven(b []byte) []byte { return append(b, make([]byte, len(b)&1)...) }

// unicode16 returns s with its length, as Photoshop writes it.
func unicode16(s string) []byte {
	u := utf16.Encode([]rune(s))
	b := binary.BigEndian.AppendUint32(nil, uint32(len(u)))
	for _, c := range u {
		b = binary.BigEndian.AppendUint16(b, c)
	}
	return b
}

func pascalString(s string) []byte { return append([]byte{byte(len(s))}, s...) }

var (
	resolution = []byte{0, 72, 0, 0, 0, 1, 0, 2, 0, 72, 0, 0, 0, 1, 0, 2}
	// profileICC is the header of a colour profile.
	profileICC = append(append(make([]byte, 36), "acsp"...), make([]byte, 92)...)
)

// versionInfo is resource 0x0421 with real merged data.
func versionInfo(writer string) []byte {
	return slices.Concat([]byte{0, 0, 0, 1, 1}, unicode16(writer), unicode16("Lightbox 7"), []byte{0, 0, 0, 1})
}

// photoshopResources returns resources with every kind of canary.
func photoshopResources() []byte {
	return slices.Concat(
		resource8BIM(0x0404, "", iptcBlock()),
		resource8BIM(0x0425, "", []byte("sixteen bytes sum")[:16]),
		resource8BIM(0x03ED, "", resolution),
		resource8BIM(0x03ED, scrubtest.Text, resolution),
		resource8BIM(0x03EE, "", slices.Concat(pascalString(scrubtest.Text), pascalString("two"))),
		resource8BIM(0x0415, "", slices.Concat(unicode16(scrubtest.Text), unicode16("zwei"))),
		resource8BIM(0x03F0, "", pascalString(scrubtest.Text)),
		resource8BIM(0x03F3, "", make([]byte, 9)),
		resource8BIM(0x03F3, "", []byte(scrubtest.Text)), // not what the ID promises
		resource8BIM(0x040A, "", []byte{1}),
		resource8BIM(0x040B, "", []byte("https://example.org/"+scrubtest.Serial)),
		resource8BIM(0x041B, "", unicode16("https://example.org/"+scrubtest.Serial)),
		resource8BIM(0x041E, "", slices.Concat([]byte{0, 0, 0, 1}, make([]byte, 8), unicode16("https://example.org/"+scrubtest.Serial))),
		resource8BIM(0x040C, "", slices.Concat([]byte{0, 0, 0, 1}, make([]byte, 24), []byte("\xff\xd8\xff\xfe\x00\x24"+scrubtest.Text[:34]+"\xff\xd9"))),
		resource8BIM(0x040F, "", profileICC),
		resource8BIM(0x041A, "", slices.Concat(make([]byte, 20), unicode16(scrubtest.Text), make([]byte, 4))),
		resource8BIM(0x0421, "", versionInfo("Darkroom 3.1")),
		resource8BIM(0x0428, "", make([]byte, 12)),
		resource8BIM(0x043A, "", []byte("<plist><string>"+scrubtest.Person+"'s printer</string></plist>")),
		resource8BIM(0x043E, "", unicode16("/home/"+scrubtest.Person+"/boat.psd")),
		resource8BIM(0x07D0, scrubtest.Text, make([]byte, 26)),
		resource8BIM(0x0BB7, "", slices.Concat(pascalString(scrubtest.Text), make([]byte, 6))),
		resource8BIM(0x0FA5, "", []byte(scrubtest.Serial)),
		resource8BIM(0x0424, "", []byte(cityXMP)),
		resource8BIM(0x0422, "", []byte("no Exif block: "+scrubtest.Serial)),
		[]byte("MeSa\x04\x04"), resource8BIM(0, "", []byte(scrubtest.Serial))[6:],
	)
}

// cityXMP is a small XMP packet of the usual form.
const cityXMP = `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
	`<rdf:Description rdf:about="" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:City="` + scrubtest.Place + `" photoshop:Credit="` + scrubtest.Person + `"/>` +
	`</rdf:RDF></x:xmpmeta><?xpacket end="w"?>`

func psirFixtures() map[string][]byte {
	rich := photoshopResources()
	return map[string][]byte{
		"rich.psir":    rich,
		"minimal.psir": slices.Concat(resource8BIM(0x03ED, "", resolution), resource8BIM(0x040F, "", profileICC)),
		// The block without By-line has an odd length.
		"odd.psir":          slices.Concat(resource8BIM(0x0404, "", slices.Concat(iptcDataset(2, 0, "\x00\x04"), iptcDataset(2, 90, scrubtest.Place), iptcDataset(2, 55, "20310719"), iptcDataset(2, 80, scrubtest.Person+"s"))), resource8BIM(0x03ED, "", resolution)),
		"unpadded.psir":     slices.Concat(resource8BIM(0x03ED, "", resolution), []byte("8BIM\x03\xf0\x00\x00\x00\x00\x00\x25\x24"+scrubtest.Text)),
		"padded.psir":       slices.Concat(resource8BIM(0x040B, "", []byte(scrubtest.Serial)), make([]byte, 5)),
		"damaged-cut.psir":  rich[:len(rich)-7],
		"damaged-tail.psir": slices.Concat(resource8BIM(0x03ED, "", resolution), []byte(scrubtest.Person)),
		"damaged-size.psir": slices.Concat(resource8BIM(0x03ED, "", resolution), []byte("8BIM\x03\xf0\x00\x00\xff\xff\xff\xff"+scrubtest.Text)),
	}
}
