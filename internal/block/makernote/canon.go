package makernote

import (
	"encoding/binary"
	"fmt"
	"strings"

	"flightveil/internal/input"
)

// parseCanon parses Canon's note: a directory with offsets from the start of
// the TIFF block, and often a footer that says where the note was written.
func parseCanon(p *parser, _ []byte) error {
	at := p.note.Off
	p.guessOrder(at)
	base, err := p.fitBase(at, p.base)
	if err != nil {
		return err
	}
	if old, ok := p.canonFooter(); ok {
		p.used = append(p.used, input.Span{Off: p.note.End() - 8, Len: 8})
		if moved := at - old; moved != 0 && base != moved {
			// Some programs move the note without touching the footer, or mend
			// the offsets and forget it: what fits the values decides.
			if base, err = p.fitBase(at, moved); err != nil {
				return err
			}
			p.guessed = true
		}
	}
	return p.dir(at, base, canonTable())
}

// canonFooter returns where the note lay when the camera wrote it.
func (p *parser) canonFooter() (int64, bool) {
	if p.note.Len < 8 {
		return 0, false
	}
	b, err := p.bytes(p.note.End()-8, 8)
	mark := "II*\x00"
	if p.order == binary.ByteOrder(binary.BigEndian) {
		mark = "MM\x00*"
	}
	if err != nil || string(b[:4]) != mark {
		return 0, false
	}
	return int64(p.order.Uint32(b[4:])), true
}

func canonTable() table {
	return table{
		0x0001: {name: "CanonCameraSettings", class: exposure, look: withParts( // 16-bit numbers
			part{off: 22 * 2, n: 2, name: "LensType", class: device},
			part{off: 23 * 2, n: 2, name: "MaxFocalLength", class: device},
			part{off: 24 * 2, n: 2, name: "MinFocalLength", class: device})},
		0x0002: {name: "CanonFocalLength", class: exposure},
		0x0003: {name: "CanonFlashInfo", class: exposure},
		0x0004: {name: "CanonShotInfo", class: exposure},
		0x0005: {name: "CanonPanorama", class: exposure},
		0x0006: {name: "CanonImageType", class: device},
		0x0007: {name: "CanonFirmwareVersion", class: device},
		0x0008: {name: "FileNumber", class: identity},
		0x0009: {name: "OwnerName", class: identity},
		0x000a: {name: "UnknownD30", class: identity},
		0x000c: {name: "SerialNumber", class: identity},
		0x000d: {name: "CanonCameraInfo", class: identity, look: lookCanonCameraInfo},
		0x0010: {name: "CanonModelID", class: technical},
		0x0011: {name: "MovieInfo", class: unknown},
		0x0015: {name: "SerialNumberFormat", class: identity},
		0x001c: {name: "DateStampMode", class: times},
		0x001e: {name: "FirmwareRevision", class: device},
		0x0023: {name: "Categories", class: description},
		0x0024: {name: "FaceDetect1", class: identity},
		0x0025: {name: "FaceDetect2", class: identity},
		0x0028: {name: "ImageUniqueID", class: identity},
		0x0029: {name: "WBInfo", class: technical}, // PowerShot G9
		0x002f: {name: "FaceDetect3", class: identity},
		0x0035: {name: "TimeInfo", class: times, look: withParts( // its first number is its length
			part{off: 4, n: 4, name: "TimeZone", class: times},
			part{off: 8, n: 4, name: "TimeZoneCity", class: place},
			part{off: 12, n: 4, name: "DaylightSavings", class: times})},
		0x0038: {name: "BatteryType", class: identity},
		0x0081: {name: "RawDataOffset", class: technical},
		0x0082: {name: "RawDataLength", class: technical},
		0x0093: {name: "CanonFileInfo", class: exposure, look: lookCanonFileInfo},
		0x0095: {name: "LensModel", class: device},
		0x0096: {name: "InternalSerialNumber", class: identity, look: lookCanonSerialInfo},
		0x0097: {name: "DustRemovalData", class: identity}, // a map of this sensor's dust, with the time it was taken
		0x0099: {name: "CustomFunctions2", class: unknown},
		0x009a: {name: "AspectInfo", class: technical},
		0x00a0: {name: "ProcessingInfo", class: exposure},
		0x00a1: {name: "ToneCurveTable", class: technical},
		0x00a2: {name: "SharpnessTable", class: technical},
		0x00a3: {name: "SharpnessFreqTable", class: technical},
		0x00a4: {name: "WhiteBalanceTable", class: technical},
		0x00a9: {name: "ColorBalance", class: technical},
		0x00aa: {name: "MeasuredColor", class: technical},
		0x00ae: {name: "ColorTemperature", class: exposure},
		0x00b2: {name: "ToneCurveMatching", class: technical},
		0x00b3: {name: "WhiteBalanceMatching", class: technical},
		0x00b4: {name: "ColorSpace", class: technical},
		0x00b6: {name: "PreviewImageInfo", class: preview, look: lookCanonPreview},
		0x00d0: {name: "VRDOffset", class: provenance},
		0x00e0: {name: "SensorInfo", class: technical},
		0x4001: {name: "ColorData", class: technical},
		0x4002: {name: "CRWParam", class: technical},
		0x4003: {name: "ColorInfo", class: technical},
		0x4005: {name: "Flavor", class: technical},
		0x4008: {name: "PictureStyleUserDef", class: exposure},
		0x4009: {name: "PictureStylePC", class: exposure},
		0x4010: {name: "CustomPictureStyleFileName", class: identity},
		0x4013: {name: "AFMicroAdj", class: calibration},
		0x4015: {name: "VignettingCorr", class: technical},
		0x4016: {name: "VignettingCorr2", class: technical},
		0x4018: {name: "LightingOpt", class: technical},
		0x4019: {name: "LensInfo", class: device, look: withParts(part{off: 0, n: 5, name: "LensSerialNumber", class: identity, text: hexOf})},
		0x4020: {name: "AmbienceInfo", class: exposure},
		0x4021: {name: "MultiExp", class: technical},
		0x4024: {name: "FilterInfo", class: exposure},
		0x4025: {name: "HDRInfo", class: exposure},
		0x4026: {name: "LogInfo", class: technical},
	}
}

// lookCanonFileInfo finds the file number or, on the first generations of the
// 1D, the shutter count.
func lookCanonFileInfo(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil {
		return err
	}
	name := ""
	switch {
	case model(p.model, "20D", "350D", "REBEL XT", "Kiss Digital N", "30D", "400D", "REBEL XTi", "Kiss Digital X", "K236"):
		name = "FileNumber"
	case strings.Contains(p.model, "EOS-1D") && !strings.Contains(p.model, "Mark III") && !strings.Contains(p.model, "Mark IV") && !strings.Contains(p.model, " X"):
		name = "ShutterCount"
	}
	if name == "" {
		return p.parts(e, t, b, part{off: 2, n: 4, name: "FileNumber", class: identity, text: integer(p.order)})
	}
	return p.parts(e, t, b, part{off: 2, n: 4, name: name, class: identity, text: integer(p.order)})
}

// lookCanonSerialInfo splits what the EOS 5D writes in place of its serial number.
func lookCanonSerialInfo(p *parser, e entry, t tag) error {
	if !strings.Contains(p.model, "EOS 5D") || e.val.Len <= 9 {
		return p.leaf(e, t)
	}
	b, err := p.value(e)
	if err != nil {
		return err
	}
	return p.parts(e, t, b,
		part{off: 0, n: 9, name: "InternalSerialNumber2", class: identity},
		part{off: 9, n: int64(len(b)) - 9, name: "InternalSerialNumber", class: identity})
}

// lookCanonCameraInfo names what is known inside the block that every model
// fills in its own way. All of it is identity: it counts files and shutter
// releases at places that change with the firmware.
func lookCanonCameraInfo(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil {
		return err
	}
	number := func(off int64, name string) part {
		return part{off: off, n: 4, name: name, class: identity, text: integer(p.order)}
	}
	seconds := func(off int64, name string) part {
		return part{off: off, n: 4, name: name, class: times, text: integer(p.order)}
	}
	var parts []part
	end := func(names ...string) bool {
		for _, n := range names {
			if strings.HasSuffix(strings.TrimSpace(p.model), n) {
				return true
			}
		}
		return false
	}
	switch {
	case end("1D Mark III", "1Ds Mark III"):
		parts = []part{number(0x172, "FileIndex"), {off: 0x176, n: 4, name: "ShutterCount", class: identity, text: func(b []byte) string { return fmt.Sprint(p.order.Uint32(b) + 1) }}, number(0x17e, "DirectoryIndex"), seconds(0x45a, "TimeStamp1"), seconds(0x45e, "TimeStamp")}
	case end("EOS 5D"):
		parts = []part{{off: 0xac, n: 16, name: "ShortOwnerName", class: identity}, number(0xcc, "DirectoryIndex"), seconds(0x11c, "TimeStamp")}
	case end("EOS 5D Mark II"):
		parts = []part{{off: 0x18e, n: 32, name: "OwnerName", class: identity}}
	case end("EOS 5D Mark III"):
		parts = []part{{off: 0x164, n: 5, name: "LensSerialNumber", class: identity, text: hexOf}}
	case strings.Contains(p.model, "EOS 5DS"):
		parts = []part{{off: 0x16b, n: 5, name: "LensSerialNumber", class: identity, text: hexOf}}
	case model(p.model, "450D", "REBEL XSi", "Kiss X2"):
		parts = []part{{off: 0x10f, n: 32, name: "OwnerName", class: identity}}
	case end("EOS R5", "EOS R6"):
		parts = []part{number(0xaf1, "ShutterCount")}
	case end("EOS R6m2", "EOS R8", "EOS R50"):
		parts = []part{number(0xd29, "ShutterCount")}
	case end("EOS R6 Mark III"):
		parts = []part{{off: 0x86d, n: 2, name: "ImageCount", class: identity, text: integer(p.order)}}
	case end("G5 X Mark II"):
		parts = []part{number(0x293, "ShutterCount"), number(0xa95, "ShutterCount")}
	}
	return p.parts(e, t, b, parts...)
}

// lookCanonPreview finds the preview picture.
func lookCanonPreview(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil {
		return err
	}
	if len(b) >= 24 {
		if err := p.preview(e.base, int64(p.order.Uint32(b[20:])), int64(p.order.Uint32(b[8:]))); err != nil {
			return err
		}
	}
	return p.leaf(e, t)
}

// model reports whether name holds one of words as a word.
func model(name string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(" "+strings.Join(strings.Fields(name), " ")+" ", " "+w+" ") || strings.Contains(name+" ", "-"+w+" ") {
			return true
		}
	}
	return false
}

// code returns a conversion for numbers that stand for something else.
func code(what string, order binary.ByteOrder) func([]byte) string {
	return func(b []byte) string { return fmt.Sprintf("%s %s", what, integer(order)(b)) }
}
