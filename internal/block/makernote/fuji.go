package makernote

import (
	"encoding/binary"
	"strings"

	"flightveil/internal/input"
)

// parseFuji parses a little-endian directory whose offset stands behind the
// eight letters of the header and counts from the start of the note.
func parseFuji(p *parser, head []byte) error {
	if len(head) < 12 {
		return opaque("MakerNote")(p, head)
	}
	p.order = binary.LittleEndian
	p.used = append(p.used, input.Span{Off: p.note.Off, Len: 12})
	return p.dir(p.note.Off+int64(binary.LittleEndian.Uint32(head[8:])), p.note.Off, fujiTable())
}

func fujiTable() table {
	t := table{
		0x0000: {name: "Version", class: technical},
		0x0010: {name: "InternalSerialNumber", class: identity},
		0x1151: {name: "CompositeImageCount1", class: identity},
		0x1152: {name: "CompositeImageCount2", class: identity},
		0x1153: {name: "PanoramaAngle", class: exposure},
		0x1431: {name: "Rating", class: description},
		0x1436: {name: "ImageGeneration", class: provenance},
		0x1438: {name: "ImageCount", class: identity},
		0x1447: {name: "FujiModel", class: device},
		0x1448: {name: "FujiModel2", class: device},
		0x1449: {name: "WBRedOld", class: exposure},
		0x144d: {name: "RollAngle", class: attitude},
		0x4005: {name: "FaceElementSelected", class: identity},
		0x4100: {name: "FacesDetected", class: identity},
		0x4103: {name: "FacePositions", class: identity},
		0x4200: {name: "NumFaceElements", class: identity},
		0x4201: {name: "FaceElementTypes", class: identity},
		0x4203: {name: "FaceElementPositions", class: identity},
		0x4282: {name: "FaceRecInfo", class: identity, look: lookFujiFaces},
		0x8002: {name: "OrderNumber", class: identity},
		0x8003: {name: "FrameNumber", class: identity},
		0xb211: {name: "Parallax", class: technical},
	}
	for _, id := range []uint16{0x1000, 0x1001, 0x1002, 0x1003, 0x1004, 0x1005, 0x1006, 0x100a, 0x100b, 0x100e, 0x100f, 0x1010, 0x1011, 0x1020, 0x1021, 0x1022,
		0x102b, 0x102d, 0x102e, 0x1030, 0x1031, 0x1033, 0x1034, 0x1037, 0x1040, 0x1041, 0x1044, 0x1045, 0x1047, 0x1048, 0x1049, 0x104b, 0x104c, 0x104e,
		0x1050, 0x1100, 0x1102, 0x1105, 0x1150, 0x1201, 0x1210, 0x1300, 0x1301, 0x1302, 0x1400, 0x1401, 0x1402, 0x1403, 0x140b, 0x1422, 0x1443, 0x1444,
		0x1445, 0x1446, 0x144a, 0x144b, 0x144c} {
		t[id] = tag{name: "CameraSetting", class: exposure}
	}
	for _, id := range []uint16{0x104d, 0x1051, 0x1052, 0x1053, 0x8000} {
		t[id] = tag{name: "ImageArea", class: technical}
	}
	for _, id := range []uint16{0x1404, 0x1405, 0x1406, 0x1407} {
		t[id] = tag{name: "LensRange", class: device}
	}
	return t
}

// lookFujiFaces names the people a camera recognised; the block is text with
// birthdays, in an unknown order.
func lookFujiFaces(p *parser, e entry, t tag) error {
	b, err := p.bytes(e.val.Off, min(e.val.Len, maxText))
	if err != nil {
		return err
	}
	words := strings.FieldsFunc(string(b), func(r rune) bool { return r < ' ' || r > '~' })
	var names []string
	for _, w := range words {
		if len(w) > 2 {
			names = append(names, w)
		}
	}
	return p.add(Field{Name: t.name, Class: t.class, Spans: []input.Span{e.val}, Value: strings.Join(names, " ")})
}
