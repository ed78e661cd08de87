package main

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"math"
	"slices"
	"time"

	"flightveil/exifscrub/scrubtest"
)

// psdDoc is a Photoshop document of 6 x 4 pixels to be.
type psdDoc struct {
	wide               bool // PSB
	mode, depth        uint16
	channels           uint16
	reserved           string
	colour             []byte
	resources          []byte
	layers             []psdLayer
	mask               []byte
	blocks             []byte // for the whole document
	compression        byte   // of the merged picture
	noLayers, noMerged bool
	after              []byte
}

type psdLayer struct {
	name   string
	hidden bool
	blocks []byte
}

const psdWidth, psdHeight = 6, 4

func (d psdDoc) sized(n int) []byte {
	if d.wide {
		return binary.BigEndian.AppendUint64(nil, uint64(n))
	}
	return binary.BigEndian.AppendUint32(nil, uint32(n))
}

// counted returns b behind its length as four bytes.
func counted(b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}

// block8BIM returns a block of additional layer information.
func block8BIM(key string, body []byte) []byte {
	return slices.Concat([]byte("8BIM"+key), counted(append(body, make([]byte, -len(body)&3)...)))
}

func (d psdDoc) bytes() []byte {
	o := binary.BigEndian
	b := []byte("8BPS\x00\x01")
	if d.wide {
		b[5] = 2
	}
	b = append(b, (d.reserved + "\x00\x00\x00\x00\x00\x00")[:6]...)
	b = o.AppendUint16(b, d.channels)
	b = o.AppendUint32(o.AppendUint32(b, psdHeight), psdWidth)
	b = o.AppendUint16(o.AppendUint16(b, d.depth), d.mode)
	b = slices.Concat(b, counted(d.colour), counted(d.resources))
	section := []byte{}
	if !d.noLayers {
		info := d.layerInfo(d.layers)
		section = slices.Concat(d.sized(len(info)), info, counted(d.mask), d.blocks)
	}
	b = slices.Concat(b, d.sized(len(section)), section)
	if !d.noMerged {
		b = append(b, d.merged()...)
	}
	return append(b, d.after...)
}

// layerInfo returns the records of layers and their pixels: one channel each,
// not compressed.
func (d psdDoc) layerInfo(layers []psdLayer) []byte {
	if layers == nil {
		return nil
	}
	o := binary.BigEndian
	b := o.AppendUint16(nil, uint16(-len(layers)))
	var pixels []byte
	for i, l := range layers {
		data := append([]byte{0, 0}, bytes.Repeat([]byte{byte(0x40 + i)}, 6)...) // 3 x 2
		pixels = append(pixels, data...)
		for _, side := range []uint32{1, 1, 3, 4} {
			b = o.AppendUint32(b, side)
		}
		b = o.AppendUint16(b, 1)
		b = append(append(b, 0, 0), d.sized(len(data))...)
		flags := byte(8)
		if l.hidden {
			flags |= 2
		}
		b = append(b, "8BIMnorm\xff\x00"...)
		b = append(b, flags, 0)
		name := pascalString(l.name)
		name = append(name, make([]byte, -len(name)&3)...)
		b = append(b, counted(slices.Concat(counted(nil), counted(make([]byte, 16)), name, l.blocks))...)
	}
	return padEven(append(b, pixels...))
}

func (d psdDoc) merged() []byte {
	rows := int(d.channels) * psdHeight
	row := (psdWidth*int(d.depth) + 7) / 8
	var raw, packed, table []byte
	for i := range rows {
		raw = append(raw, bytes.Repeat([]byte{byte(7 * i)}, row)...)
		packed = append(packed, byte(1-row), byte(7*i))
		table = append(table, d.sized(2)[len(d.sized(0))/2:]...)
	}
	switch d.compression {
	case 1:
		return slices.Concat([]byte{0, 1}, table, packed)
	case 2:
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		w.Write(raw) // cannot fail
		w.Close()
		return append([]byte{0, 2}, z.Bytes()...)
	}
	return append([]byte{0, 0}, raw...)
}

// layerMetadata is a shmd block: one item, a descriptor of one double.
func layerMetadata(extra string) []byte {
	when, _ := time.Parse("2006:01:02 15:04:05", scrubtest.When)
	descriptor := slices.Concat([]byte{0, 0, 0, 16, 0, 0, 0, 1, 0, 0}, counted([]byte("metadata")), []byte{0, 0, 0, 1}, counted([]byte("layerTime")),
		[]byte("doub"), binary.BigEndian.AppendUint64(nil, math.Float64bits(float64(when.Unix())+0.25)), []byte(extra))
	descriptor = append(descriptor, make([]byte, -len(descriptor)&3)...)
	return block8BIM("shmd", slices.Concat([]byte{0, 0, 0, 1}, []byte("8BIMcust\x00\x00\x00\x00"), counted(descriptor)))
}

func psdFixtures() map[string][]byte {
	plain := psdDoc{mode: 3, depth: 8, channels: 3, compression: 1, resources: resource8BIM(0x03ED, "", resolution)}
	layered := plain
	layered.channels = 4
	layered.mask = slices.Concat(make([]byte, 13), []byte(scrubtest.Serial))
	layered.layers = []psdLayer{
		{name: "bg", blocks: slices.Concat(block8BIM("lyid", []byte{0, 0, 0, 1}), block8BIM("luni", unicode16("")))},
		{name: scrubtest.Text, blocks: slices.Concat(
			block8BIM("luni", unicode16(scrubtest.Text)),
			block8BIM("lyid", []byte{0, 0, 0, 2}),
			layerMetadata(""),
			block8BIM("lfx2", make([]byte, 24)),
			block8BIM("TySh", []byte(scrubtest.Text)),
			block8BIM("SoLd", []byte(scrubtest.Serial)),
			block8BIM("zzzz", []byte(scrubtest.Serial)),
			block8BIM("lspf", []byte(scrubtest.Serial)), // not what the key promises
		)},
		{name: scrubtest.Person, hidden: true, blocks: slices.Concat(
			layerMetadata("layerXMP"+cityXMP),
			block8BIM("luni", unicode16(scrubtest.Person)),
		)},
	}
	layered.blocks = slices.Concat(block8BIM("Patt", make([]byte, 8)), block8BIM("lnk2", []byte("liFD"+scrubtest.Serial)),
		block8BIM("Anno", []byte(scrubtest.Person)), block8BIM("Txt2", []byte(scrubtest.Text)), block8BIM("Mt16", nil))
	rich := layered
	rich.reserved, rich.resources, rich.after = "heron", photoshopResources(), []byte("cbipcbbl"+scrubtest.Serial)

	deep := plain
	deep.depth, deep.compression = 16, 0
	deep.blocks = slices.Concat(block8BIM("Lr16", layered.layerInfo(layered.layers)), block8BIM("Mt16", nil))

	wide := rich
	wide.wide = true
	wide.blocks = slices.Concat([]byte("8B64lnk2"), wide.sized(16), []byte(scrubtest.Serial+"\x00\x00"), // a length of eight bytes
		[]byte("8BIMAnno"), counted([]byte(scrubtest.Person+"\x00\x00")))

	indexed := plain
	indexed.mode, indexed.channels, indexed.colour, indexed.noLayers = 2, 1, make([]byte, 768), true
	secret := indexed
	secret.mode, secret.colour = 1, []byte(scrubtest.Text)
	duotone := indexed
	duotone.mode, duotone.colour = 8, make([]byte, 30)
	bitmap := plain
	bitmap.mode, bitmap.depth, bitmap.channels, bitmap.compression = 0, 1, 1, 0
	zipped := plain
	zipped.compression, zipped.after = 2, []byte(scrubtest.Serial)

	unmerged := layered
	unmerged.noMerged = true
	cut := rich.bytes()
	early := plain.bytes()
	return map[string][]byte{
		"rich.psd":              rich.bytes(),
		"minimal.psd":           plain.bytes(),
		"deep.psd":              deep.bytes(),
		"wide.psb":              wide.bytes(),
		"indexed.psd":           indexed.bytes(),
		"duotone.psd":           duotone.bytes(),
		"colour-data.psd":       secret.bytes(),
		"bitmap.psd":            bitmap.bytes(),
		"zipped.psd":            zipped.bytes(),
		"unmerged.psd":          unmerged.bytes(),
		"early-end.psd":         early[:len(early)-5],
		"damaged-layers.psd":    cut[:len(cut)-400],
		"damaged-header.psd":    append([]byte("8BPS\x00\x01"), make([]byte, 20)...),
		"damaged-resources.psd": slices.Concat(early[:26], []byte{0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF}, resource8BIM(0x03F0, "", pascalString(scrubtest.Text))),
	}
}
