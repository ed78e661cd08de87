package makernote

import (
	"encoding/binary"
	"fmt"
	"strings"

	"flightveil/internal/input"
)

func motorolaTable() table {
	return table{
		0x5500: {name: "BuildNumber", class: device},
		0x5501: {name: "SerialNumber", class: identity},
		0x6420: {name: "CustomRendered", class: exposure},
		0x64d0: {name: "DriveMode", class: exposure},
		0x665e: {name: "Sensor", class: identity},
		0x6705: {name: "ManufactureDate", class: identity},
	}
}

func casioTable() table {
	t := table{0x0015: {name: "FirmwareDate", class: device}, 0x0e00: {name: "PrintIM", class: unknown}}
	for id := uint16(0x0001); id <= 0x0019; id++ {
		if id != 0x0015 {
			t[id] = tag{name: "CameraSetting", class: exposure}
		}
	}
	return t
}

func casio2Table() table {
	t := table{
		0x0002: {name: "PreviewImageSize", class: preview},
		0x0003: {name: "PreviewImageLength", class: preview},
		0x0004: {name: "PreviewImageStart", class: preview, look: lookPreviewEnd(0x0003)},
		0x2000: {name: "PreviewImage", class: preview},
		0x2001: {name: "FirmwareDate", class: device},
		0x2089: {name: "FaceInfo", class: identity},
		0x211c: {name: "FacesDetected", class: identity},
		0x3006: {name: "HometownCity", class: place},
		0x301c: {name: "SequenceNumber", class: identity},
	}
	for _, id := range []uint16{0x0008, 0x0009, 0x000d, 0x0014, 0x0019, 0x001d, 0x001f, 0x0020, 0x0021, 0x2011, 0x2012, 0x2034, 0x2076, 0x3000, 0x3001,
		0x3002, 0x3003, 0x3007, 0x3008, 0x3009, 0x3011, 0x3012, 0x3013, 0x3014, 0x3015, 0x3016, 0x3017, 0x301b, 0x3020, 0x302a, 0x3103} {
		t[id] = tag{name: "CameraSetting", class: exposure}
	}
	return t
}

func flirTable() table {
	return table{
		0x0001: {name: "ImageTemperatureMax", class: technical},
		0x0002: {name: "ImageTemperatureMin", class: technical},
		0x0003: {name: "Emissivity", class: technical},
		0x0004: {name: "UnknownTemperature", class: technical},
		0x0005: {name: "CameraTemperatureRangeMax", class: technical},
		0x0006: {name: "CameraTemperatureRangeMin", class: technical},
		0x0007: {name: "ImageID", class: identity},
		0x0008: {name: "ImageID2", class: identity},
	}
}

func sigmaTable() table {
	t := table{
		0x0002: {name: "SerialNumber", class: identity},
		0x0017: {name: "Firmware", class: device},
		0x0018: {name: "Software", class: device},
		0x0024: {name: "Calibration", class: calibration},
		0x0027: {name: "LensType", class: device},
		0x0030: {name: "Calibration", class: calibration},
		0x0084: {name: "Model", class: device},
		0x011f: {name: "CameraCalibration", class: calibration},
		0x0120: {name: "WBSettings", class: technical},
	}
	for id := uint16(0x0003); id <= 0x0014; id++ {
		t[id] = tag{name: "CameraSetting", class: exposure}
	}
	for _, id := range []uint16{0x000b, 0x0015, 0x0016, 0x0022, 0x0026, 0x002c} {
		t[id] = tag{name: "ColorSetting", class: exposure}
	}
	for _, id := range []uint16{0x0031, 0x0032, 0x0033, 0x0035, 0x003c, 0x003d, 0x0047, 0x0049, 0x004a, 0x004b, 0x004d, 0x0058, 0x0086, 0x0087, 0x0088} {
		t[id] = tag{name: "ExposureSetting", class: exposure}
	}
	return t
}

func hasselbladTable() table {
	t := table{}
	for _, id := range []uint16{0x0011, 0x0015, 0x0016, 0x002a, 0x0031, 0x0045, 0x0046} {
		t[id] = tag{name: "Sensor", class: technical}
	}
	return t
}

// sonyIFD recognises Sony's directory without a header.
func sonyIFD(head []byte, make, model string) bool {
	sony := strings.HasPrefix(make, "SONY") || strings.HasPrefix(strings.ToUpper(make), "HASSELBLAD") &&
		(strings.HasPrefix(model, "HV") || strings.HasPrefix(model, "Stellar") || strings.HasPrefix(model, "Lusso") || strings.HasPrefix(model, "Lunar"))
	return sony && !looksLike(head, "\x01\x00")
}

// parseRicoh parses the directory of the cameras that are not Pentaxes: behind
// eight letters, or a TIFF header with a four-byte entry count; or plain text.
func parseRicoh(p *parser, head []byte) error {
	switch {
	case looksLike(head, "MM\x00*\x00\x00\x00\x08\x00.\x00\x00"), looksLike(head, "II*\x00\x08\x00\x00\x00.\x00\x00\x00"):
		return p.wideCount(head, table{})
	case len(head) >= 8 && (strings.EqualFold(string(head[:5]), "Ricoh") || string(head[:6]) == "      " || looksLike(head, "MM\x00*") || looksLike(head, "II*\x00")):
		return sharedIFD(8, ricohTable)(p, head)
	}
	return opaque("RicohText")(p, head)
}

func ricohTable() table {
	t := table{
		0x0001: {name: "MakerNoteType", class: technical},
		0x0002: {name: "FirmwareVersion", class: device},
		0x0005: {name: "InternalSerialNumber", class: identity},
		0x1001: {name: "ImageInfo", class: exposure, look: lookRicohImage},
		0x2001: {name: "RicohSubdir", class: identity, look: lookRicohSubdir},
		0x4001: {name: "ThetaSubdir", class: attitude, look: subdir(table{
			0x0003: {name: "Accelerometer", class: attitude},
			0x0004: {name: "Compass", class: attitude},
			0x000a: {name: "TimeZone", class: times},
		})},
	}
	for id := uint16(0x1000); id <= 0x101a; id++ {
		if id != 0x1001 {
			t[id] = tag{name: "CameraSetting", class: exposure}
		}
	}
	for _, id := range []uint16{0x1307, 0x1308, 0x1500} {
		t[id] = tag{name: "CameraSetting", class: exposure}
	}
	for id := uint16(0x1601); id <= 0x1604; id++ {
		t[id] = tag{name: "ImageArea", class: technical}
	}
	return t
}

// lookRicohImage finds the date, as binary-coded decimals.
func lookRicohImage(p *parser, e entry, t tag) error {
	if e.typ == 3 {
		return p.leaf(e, t)
	}
	b, err := p.value(e)
	if err != nil {
		return err
	}
	return p.parts(e, t, b, part{off: 6, n: 7, name: "RicohDate", class: times, text: func(b []byte) string {
		return fmt.Sprintf("%02x%02x:%02x:%02x %02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5], b[6])
	}})
}

// lookRicohSubdir parses the big-endian directory behind a line of text.
func lookRicohSubdir(p *parser, e entry, t tag) error {
	const header = "[Ricoh Camera Info]"
	at := e.val.Off
	if e.typ == 4 && e.count == 1 {
		b, err := p.value(e)
		if err != nil {
			return err
		}
		at = e.base + int64(p.order.Uint32(b))
		p.used = append(p.used, e.val)
	}
	b, err := p.bytes(at, 20)
	if err != nil || !strings.HasPrefix(string(b), header) {
		return p.leaf(e, t)
	}
	base := e.base
	if strings.Contains(p.model, "Caplio RR1") {
		base = at
	}
	p.used = append(p.used, input.Span{Off: at, Len: 20})
	before := p.order
	p.order = binary.BigEndian
	err = p.dir(at+20, base, table{
		0x0004: {name: "ManufactureDate1", class: identity},
		0x0005: {name: "ManufactureDate2", class: identity},
		0x001a: {name: "FaceInfo", class: identity},
		0x0029: {name: "FirmwareInfo", class: device},
		0x002c: {name: "SerialInfo", class: identity, look: withParts(
			part{off: 16, n: 16, name: "BodySerialNumber", class: identity},
			part{off: 48, n: 16, name: "LensSerialNumber", class: identity})},
	})
	p.order = before
	return err
}

// reconyx recognises the notes of trail cameras.
func reconyx(head []byte, make, _ string) bool {
	return looksLike(head, "\x01\xf1\x02\x00") || looksLike(head, "\x01\xf1\x03\x00") || looksLike(head, "\x01\xf1") && make == "RECONYX" || looksLike(head, "RECONYX")
}

// parseReconyx reads values at fixed places.
func parseReconyx(p *parser, head []byte) error {
	short := func(off, n int64, name string) part {
		return part{off: off, n: n, name: name, class: identity, text: hexOf}
	}
	date := func(off, n int64, name string) part {
		return part{off: off, n: n, name: name, class: times, text: hexOf}
	}
	version := func(off, n int64, name string) part {
		return part{off: off, n: n, name: name, class: device, text: hexOf}
	}
	serial := func(off, n int64) part {
		return part{off: off, n: n, name: "SerialNumber", class: identity, text: utf16Text}
	}
	sign := int64(12) // letters and a zero
	var parts []part
	switch {
	case looksLike(head, "RECONYXUF\x00"):
		parts = []part{date(0x3b, 7, "DateTimeOriginal"), {off: 0x4b, n: 15, name: "SerialNumber", class: identity}}
	case looksLike(head, "RECONYXHF4K\x00"):
		parts = []part{date(0x2f, 7, "DateTimeOriginal"), {off: 0x84, n: 15, name: "SerialNumber", class: identity}, short(0x93, 2, "DirectoryNumber"), short(0x95, 2, "FileNumber")}
	case looksLike(head, "RECONYXH2\x00"):
		parts = []part{short(0x10, 2, "FileNumber"), short(0x12, 2, "DirectoryNumber"), date(0x14, 4, "DirectoryCreateDate"), version(0x30, 4, "FirmwareDate"), date(0x3e, 12, "DateTimeOriginal"), serial(0x7e, 30)}
	case looksLike(head, "RECONYXMF\x00"):
		parts = []part{short(0x10, 2, "FileNumber"), short(0x12, 2, "DirectoryNumber"), date(0x14, 4, "DirectoryCreateDate"), short(0x18, 16, "SDCardID"), version(0x30, 4, "FirmwareDate"),
			version(0x3a, 2, "BluetoothFirmwareDate"), version(0x42, 2, "WifiFirmwareDate"), date(0x4e, 12, "DateTimeOriginal"), serial(0x8c, 30)}
	default:
		sign = 4
		parts = []part{version(0x08, 4, "FirmwareDate"), short(0x12, 4, "EventNumber"), date(0x16, 12, "DateTimeOriginal"), date(0x24, 2, "MoonPhase"), serial(0x2a, 30)}
	}
	return p.whole("ReconyxMakerNote", sign, parts)
}

// whole reports the note as parts at fixed places and unknown bytes between. By
// its first sign bytes it is recognised.
func (p *parser) whole(name string, sign int64, parts []part) error {
	parts = append([]part{{off: 0, n: sign, name: "MakerNoteVersion", class: technical}}, parts...)
	e := entry{typ: 7, count: p.note.Len, val: p.note}
	b, err := p.bytes(p.note.Off, min(p.note.Len, 64<<10))
	if err != nil {
		return err
	}
	return p.parts(e, tag{name: name, class: unknown}, b, parts...)
}

// utf16Text reads little-endian UTF-16.
func utf16Text(b []byte) string {
	var s strings.Builder
	for ; len(b) >= 2 && (b[0] != 0 || b[1] != 0); b = b[2:] {
		s.WriteRune(rune(binary.LittleEndian.Uint16(b)))
	}
	return s.String()
}

// parseHP reads the notes of HP's cameras that are not text.
func parseHP(p *parser, head []byte) error {
	serial := int64(0x5c)
	if head[4] == 6 {
		serial = 0x58
	}
	return p.whole("HPMakerNote", 6, []part{{off: 0x14, n: 20, name: "CameraDateTime", class: times}, {off: serial, n: 26, name: "SerialNumber", class: identity}})
}

// parseKodak1 reads the notes that begin with KDK.
func parseKodak1(p *parser, _ []byte) error {
	return p.whole("KodakMakerNote", 8, []part{
		{off: 8 + 0x10, n: 2, name: "YearCreated", class: times, text: hexOf}, {off: 8 + 0x12, n: 2, name: "MonthDayCreated", class: times, text: hexOf},
		{off: 8 + 0x14, n: 4, name: "TimeCreated", class: times, text: hexOf}, {off: 8 + 0x64, n: 2, name: "DateTimeStamp", class: times, text: hexOf}})
}

// parseKodak tells Kodak's other layouts apart.
func parseKodak(p *parser, head []byte) error {
	switch {
	case looksLike(head, "II*\x00\x08\x00\x00\x00.\x00\x00\x00"), looksLike(head, "MM\x00*\x00\x00\x00\x08\x00\x00\x00."), looksLike(head, "MM\x00*\x00\x00\x00\x08\x00.\x00\x00"):
		return p.wideCount(head, kodakTable())
	case looksLike(head, "MM\x00*"), looksLike(head, "II*\x00"):
		return p.tiff(p.note.Off, kodakTable())
	case len(head) >= 16 && (head[0] == 'C' || head[0] == 'K') && printable(string(head[:12])):
		return p.whole("KodakMakerNote", 0, []part{{off: 0, n: 16, name: "SerialNumber", class: identity}})
	case len(head) > 44 && string(head[41:44]) == "JPG":
		return p.whole("KodakMakerNote", 0, []part{{off: 0x20, n: 12, name: "OriginalFileName", class: identity}})
	case looksLike(head, "IIII"):
		return p.whole("KodakMakerNote", 6, []part{{off: 0x14, n: 20, name: "DateTimeOriginal", class: times}})
	}
	return locateIFD(kodakTable)(p, head)
}

func kodakTable() table {
	serial := table{
		0xfa00: {name: "SerialNumber", class: identity},
		0xfa04: {name: "SerialNumber", class: identity},
		0xfa19: {name: "SerialNumber", class: identity},
	}
	t := table{
		0x0104: {name: "FirmwareVersion", class: device},
		0x0207: {name: "KodakModel", class: device},
		0x0300: {name: "KodakMake", class: device},
		0x0308: {name: "LensSerialNumber", class: identity},
		0x0309: {name: "LensModel", class: device},
		0xff00: {name: "CameraInfo", class: identity, look: kodakSubdir(serial)},
	}
	for id := uint16(0xfc00); id <= 0xfc06; id++ {
		t[id] = tag{name: "KodakSubIFD", class: identity, look: kodakSubdir(serial)}
	}
	return t
}

// wideCount parses a TIFF block whose directory has an entry count of four
// bytes, of which two are zero.
func (p *parser) wideCount(head []byte, t table) error {
	p.order = binary.LittleEndian
	if head[0] == 'M' {
		p.order = binary.BigEndian
	}
	n := int64(p.order.Uint16(head[8:]) | p.order.Uint16(head[10:]))
	p.used = append(p.used, input.Span{Off: p.note.Off, Len: 12})
	entries, err := p.entriesAt(p.note.Off+12, n, p.note.Off)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := p.field(e, t); err != nil {
			return err
		}
	}
	return nil
}

// kodakSubdir returns a look function for Kodak's directories, most of which
// begin with a byte order mark.
func kodakSubdir(t table) func(*parser, entry, tag) error {
	return func(p *parser, e entry, d tag) error {
		at, base := e.val.Off, e.val.Off
		if e.val.Len == 4 {
			b, err := p.value(e)
			if err != nil {
				return err
			}
			at, base = e.base+int64(p.order.Uint32(b)), e.base
			p.used = append(p.used, e.val)
		}
		if at <= 0 || at > p.in.Size()-4 {
			return nil
		}
		before := p.order
		defer func() { p.order = before }()
		switch mark, err := p.bytes(at, 2); {
		case err != nil:
			return err
		case string(mark) == "II":
			p.order = binary.LittleEndian
		case string(mark) == "MM":
			p.order = binary.BigEndian
		default:
			return p.dir(at, base, t)
		}
		p.used = append(p.used, input.Span{Off: at, Len: 2})
		return p.dir(at+2, base, t)
	}
}

// phaseOne recognises the notes of digital backs.
func phaseOne(head []byte, _, _ string) bool {
	return looksLike(head, "IIII.waR") || looksLike(head, "MMMMRaw.")
}

// parsePhaseOne reports the note as a whole: the raw data lies in it.
func parsePhaseOne(p *parser, head []byte) error {
	p.n.Known, p.n.Key = false, "the maker note holds the raw data itself"
	return opaque("PhaseOneMakerNote")(p, head)
}
