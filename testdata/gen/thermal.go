package main

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"slices"
	"unicode/utf16"

	"flightveil/exifscrub/scrubtest"
)

// thermalRecord is one record of an FFF file.
type thermalRecord struct {
	kind, sub uint16
	data      []byte
	crc       bool
}

// fffFile returns a frame whose directory has room for two records more.
func fffFile(o binary.ByteOrder, creator string, records ...thermalRecord) []byte {
	const entry = 32
	at := 64 + entry*(len(records)+2)
	b := make([]byte, at)
	copy(b, "FFF\x00")
	copy(b[4:20], creator)
	o.PutUint32(b[0x14:], 101)
	o.PutUint32(b[0x18:], 64)
	o.PutUint32(b[0x1C:], uint32(len(records)+2))
	o.PutUint32(b[0x20:], 2)
	for i, r := range records {
		e := b[64+entry*i:]
		o.PutUint16(e, r.kind)
		o.PutUint16(e[2:], r.sub)
		o.PutUint32(e[4:], 0x64)
		o.PutUint32(e[8:], 1)
		o.PutUint32(e[12:], uint32(at))
		o.PutUint32(e[16:], uint32(len(r.data)))
		if r.crc {
			o.PutUint32(e[28:], crc32.ChecksumIEEE(r.data))
			o.PutUint32(b[0x3C:], 0x5EA1ED)
		}
		at += len(r.data)
	}
	for _, r := range records {
		b = append(b, r.data...)
	}
	return b
}

// cameraRecord returns a camera record with every text, time and number.
func cameraRecord(o binary.ByteOrder) []byte {
	b := make([]byte, 0x7B0)
	o.PutUint16(b, 2)
	o.PutUint16(b[2:], 8)
	o.PutUint16(b[4:], 4)
	float := func(off int, v float32) { o.PutUint32(b[off:], math.Float32bits(v)) }
	for i, v := range []float32{0.95, 2, 294.15, 287.15, 292.15, 0.98} {
		float(0x20+4*i, v)
	}
	float(0x3C, 0.49)
	float(0x58, 14866.514)
	float(0x5C, 1395.7)
	float(0x60, 1)
	float(0x70, 0.006569)
	for off, s := range map[int]string{0xD4: "Heronscope E4", 0xF4: "49001-2001", 0x104: scrubtest.Serial, 0x114: "20.0.0",
		0x170: "FOL18", 0x190: "1196456", 0x1A0: scrubtest.Serial, 0x1EC: "NOF", 0x1FC: "T197189", 0x21C: scrubtest.Serial, 0x43C: "IR_" + scrubtest.Serial} {
		copy(b[off:], s)
	}
	float(0x1B4, 25)
	o.PutUint32(b[0x308:], uint32(0xFFFFFFFF-5858))
	float(0x30C, 0.011086479)
	o.PutUint16(b[0x338:], 17622)
	o.PutUint32(b[0x384:], 1942203000)
	o.PutUint32(b[0x388:], 131)
	var west int16 = -60
	o.PutUint16(b[0x38C:], uint16(west))
	o.PutUint16(b[0x390:], 1915)
	float(0x394, 294.25) // an internal sensor
	float(0x45C, 0.6)
	o.PutUint16(b[0x464:], 30)
	copy(b[0x480:], "TSFpa") // a reading of an internal sensor, with its time
	o.PutUint32(b[0x490:], 1942203000)
	float(0x498, 295.05)
	return b
}

// thermalGPS returns a GPS record, which is always little-endian.
func thermalGPS() []byte {
	le := binary.LittleEndian
	b := make([]byte, 0xB8)
	b[0] = 1
	copy(b[4:], "\x02\x02\x00\x00S\x00W\x00")
	le.PutUint64(b[0x10:], math.Float64bits(scrubtest.Lat))
	le.PutUint64(b[0x18:], math.Float64bits(scrubtest.Lon))
	le.PutUint32(b[0x20:], math.Float32bits(scrubtest.Alt))
	copy(b[0x28:], "11")
	le.PutUint32(b[0x40:], math.Float32bits(1.25))
	copy(b[0x44:], "K\x00T\x00T\x00")
	le.PutUint32(b[0x4C:], math.Float32bits(8.5))
	le.PutUint32(b[0x50:], math.Float32bits(271))
	le.PutUint32(b[0x54:], math.Float32bits(92))
	copy(b[0x58:], "WGS-84")
	copy(b[0xA4:], "190731")
	return b
}

// thermalPlane returns an image record: a header of 32 bytes and data.
func thermalPlane(o binary.ByteOrder, data []byte) []byte {
	b := make([]byte, 32)
	for i, v := range []uint16{2, 8, 4, 0, 0, 0, 7, 0, 3} {
		o.PutUint16(b[2*i:], v)
	}
	return append(b, data...)
}

// thermalSamples returns 8 x 4 samples of two bytes.
func thermalSamples() []byte {
	var b []byte
	for i := range 32 {
		b = binary.LittleEndian.AppendUint16(b, uint16(17000+37*i))
	}
	return b
}

// thermalTools returns a measurement record with one labelled spot and one
// unlabelled area.
func thermalTools(o binary.ByteOrder) []byte {
	b := make([]byte, 12)
	o.PutUint16(b, 1)
	o.PutUint16(b[2:], 12)
	tool := func(kind uint16, label string, at ...uint16) {
		units := utf16.Encode([]rune(label))
		t := make([]byte, 0x24, 0x80)
		for _, v := range slices.Concat(at, units, make([]uint16, 2)) {
			t = append(t, 0, 0)
			o.PutUint16(t[len(t)-2:], v)
		}
		o.PutUint16(t, uint16(len(t)))
		o.PutUint16(t[4:], uint16(2*len(at)))
		o.PutUint16(t[10:], kind)
		b = append(b, t...)
	}
	tool(1, scrubtest.Person, 3, 2)
	tool(2, "", 1, 1, 5, 2)
	return b
}

func thermalText(o binary.ByteOrder, text string) []byte {
	b := make([]byte, 12)
	o.PutUint16(b, 0x35)
	return append(append(b, text...), 0)
}

func thermalPalette() []byte {
	b := make([]byte, 0x70+3*4)
	b[0] = 4
	copy(b[6:], "\xAA\x80\x80\x32\x80\x80")
	copy(b[0x30:], `\cards\`+scrubtest.Serial+`.pal`)
	copy(b[0x50:], "Iron")
	copy(b[0x70:], "\x10\x65\x8C\x20\x84\xAC\x40\x90\xB5\x80\xA0\xC0")
	return b
}

// thermalMeter returns the record of a moisture meter with one reading.
func thermalMeter() []byte {
	b := make([]byte, 126)
	b[26], b[28] = 0x1B, 3
	copy(b[32:], scrubtest.Serial)
	binary.LittleEndian.PutUint64(b[96:], math.Float64bits(0.42))
	return b
}

// tinyThermalPNG returns a grey picture of one pixel, with a text in it.
func tinyThermalPNG(text string) []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind, data string) {
		body := kind + data
		b = binary.BigEndian.AppendUint32(b, uint32(len(data)))
		b = append(b, body...)
		b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(body)))
	}
	chunk("IHDR", "\x00\x00\x00\x01\x00\x00\x00\x01\x10\x00\x00\x00\x00")
	if text != "" {
		chunk("tEXt", "Author\x00"+text)
	}
	chunk("IDAT", "\x78\x01\x01\x03\x00\xFC\xFF\x00\x42\x68\x01\x31\x00\xAB") // stored, not deflated
	chunk("IEND", "")
	return b
}

// tinyThermalJPEG returns a grey picture of 8 x 8 pixels, with a comment.
func tinyThermalJPEG(comment string) []byte {
	seg := func(m byte, data []byte) []byte {
		return append([]byte{0xFF, m, byte((len(data) + 2) >> 8), byte(len(data) + 2)}, data...)
	}
	table := append([]byte{0}, slices.Repeat([]byte{1}, 64)...)
	code := append(slices.Concat([]byte{1}, make([]byte, 15)), 0) // one code of one bit
	return slices.Concat([]byte{0xFF, 0xD8}, seg(0xFE, []byte(comment)), seg(0xDB, table),
		seg(0xC0, []byte{8, 0, 8, 0, 8, 1, 1, 0x11, 0}), seg(0xC4, append([]byte{0x00}, code...)), seg(0xC4, append([]byte{0x10}, code...)),
		seg(0xDA, []byte{1, 1, 0, 0, 63, 0}), []byte{0x3F, 0xFF, 0xD9})
}

// fpfFile returns a file in FLIR's public format.
func fpfFile(o binary.ByteOrder) []byte {
	b := make([]byte, 892)
	copy(b, "FPF Public Image Format\x00")
	o.PutUint32(b[0x20:], 2)
	o.PutUint32(b[0x24:], 892)
	o.PutUint16(b[0x2A:], 0)
	o.PutUint16(b[0x2C:], 8)
	o.PutUint16(b[0x2E:], 4)
	o.PutUint32(b[0x30:], 12)
	o.PutUint32(b[0x34:], 345)
	for off, s := range map[int]string{0x78: "Heronscope E4", 0x98: "49001-2001", 0xB8: scrubtest.Serial, 0xE0: "FOL18", 0x120: scrubtest.Serial,
		0x140: "NOF", 0x180: scrubtest.Serial, 0x210: scrubtest.Person} {
		copy(b[off:], s)
	}
	o.PutUint32(b[0x1E0:], math.Float32bits(0.95))
	for i, v := range []uint32{2031, 7, 19, 4, 47, 53, 891} {
		o.PutUint32(b[0x248+4*i:], v)
	}
	o.PutUint32(b[0x2A4:], math.Float32bits(267.3))
	return append(b, thermalSamples()...)
}

func fffFixtures() map[string][]byte {
	be, le := binary.ByteOrder(binary.BigEndian), binary.ByteOrder(binary.LittleEndian)
	text := ".0.label text \"Site\"\n.0.value text \"" + scrubtest.Place + "\"\n.1.label unicode \"Warden\"\n.1.value unicode \"\\" + "005a. " + scrubtest.Person + "\"\n"
	// Like a camera: the file is big-endian, its records are little-endian, all with checksums.
	rich := fffFile(be, "CAMCTRL",
		thermalRecord{0x20, 1, cameraRecord(le), true},
		thermalRecord{0x01, 2, thermalPlane(le, thermalSamples()), true},
		thermalRecord{0x22, 1, thermalPalette(), true},
		thermalRecord{0x21, 1, thermalTools(le), true},
		thermalRecord{0x2B, 1, thermalGPS(), true},
		thermalRecord{0x23, 1, thermalText(le, text), true},
		thermalRecord{0x2E, 1, thermalText(le, "# Generated at "+scrubtest.Day+" 04:47:53\n.0 index\n.0.param text \".objectParams.emissivity\"\n"), true},
		thermalRecord{0x2A, 1, slices.Concat([]byte("\x00\x00\x80\x3F"), make([]byte, 12)), false},
		thermalRecord{0x2C, 1, thermalMeter(), false},
		thermalRecord{0x0E, 1, thermalPlane(le, tinyThermalJPEG(scrubtest.Text)), true},
		thermalRecord{0x24, 1, []byte("12345678RIFF" + scrubtest.Text), false},
		thermalRecord{0x28, 1, slices.Concat(make([]byte, 0x28), []byte(scrubtest.Text)), false},
		thermalRecord{0x27, 1, []byte(scrubtest.Serial), false},
	)
	little := fffFile(le, "MTX IR", thermalRecord{0x01, 3, thermalPlane(be, tinyThermalPNG(scrubtest.Person)), true}, thermalRecord{0x20, 1, cameraRecord(be), true},
		thermalRecord{0x05, 1, thermalPlane(le, thermalSamples()), false})
	// Deleted records leave their entries and their bytes.
	stale := fffFile(le, "", thermalRecord{0x01, 2, thermalPlane(le, thermalSamples()), false}, thermalRecord{0x2B, 1, thermalGPS(), false}, thermalRecord{0x20, 1, cameraRecord(le), false})
	stale[64+32] = 0
	copy(stale[0x24:], scrubtest.Serial)
	bad := slices.Clone(rich)
	bad[64+12+3] = 0x40 // the camera record begins inside the header
	return map[string][]byte{
		"rich.fff":              rich,
		"little.fff":            little,
		"minimal.fff":           fffFile(be, "", thermalRecord{0x01, 2, thermalPlane(le, thermalSamples()), false}),
		"stale.fff":             slices.Concat(stale, []byte(scrubtest.Serial)),
		"sequence.seq":          slices.Concat(little, []byte(scrubtest.Serial), little, little),
		"public.fpf":            slices.Concat(fpfFile(le), []byte(scrubtest.Person)),
		"public-big.fpf":        fpfFile(be),
		"damaged-cut.fff":       rich[:len(rich)-len(rich)/3],
		"damaged-overlap.fff":   bad,
		"damaged-directory.fff": rich[:80],
		"damaged-cut.fpf":       fpfFile(le)[:900],
	}
}
