package makernote

import (
	"encoding/binary"
	"strconv"
	"strings"

	"flightveil/internal/input"
)

// parseNikon3 parses the note of all newer Nikons: a TIFF block of its own, ten
// bytes into the note.
func parseNikon3(p *parser, _ []byte) error {
	p.header(10)
	return p.tiff(p.note.Off+10, nikonTable())
}

func nikonTable() table {
	return table{
		0x0001: {name: "MakerNoteVersion", class: technical},
		0x0002: {name: "ISO", class: exposure},
		0x0003: {name: "ColorMode", class: exposure},
		0x0004: {name: "Quality", class: exposure},
		0x0005: {name: "WhiteBalance", class: exposure},
		0x0006: {name: "Sharpness", class: exposure},
		0x0007: {name: "FocusMode", class: exposure},
		0x0008: {name: "FlashSetting", class: exposure},
		0x0009: {name: "FlashType", class: exposure},
		0x000b: {name: "WhiteBalanceFineTune", class: exposure},
		0x000c: {name: "WB_RBLevels", class: technical},
		0x000d: {name: "ProgramShift", class: exposure},
		0x000e: {name: "ExposureDifference", class: exposure},
		0x000f: {name: "ISOSelection", class: exposure},
		0x0011: {name: "PreviewIFD", class: preview, look: lookPreviewIFD},
		0x0012: {name: "FlashExposureComp", class: exposure},
		0x0013: {name: "ISOSetting", class: exposure},
		0x0014: {name: "ColorBalanceA", class: technical},
		0x0016: {name: "ImageBoundary", class: technical},
		0x0017: {name: "ExternalFlashExposureComp", class: exposure},
		0x0018: {name: "FlashExposureBracketValue", class: exposure},
		0x0019: {name: "ExposureBracketValue", class: exposure},
		0x001b: {name: "CropHiSpeed", class: technical},
		0x001c: {name: "ExposureTuning", class: exposure},
		0x001d: {name: "SerialNumber", class: identity, look: lookNikonSerial},
		0x001e: {name: "ColorSpace", class: technical},
		0x001f: {name: "VRInfo", class: exposure},
		0x0020: {name: "ImageAuthentication", class: provenance},
		0x0021: {name: "FaceDetect", class: identity},
		0x0022: {name: "ActiveD-Lighting", class: technical},
		0x0023: {name: "PictureControlData", class: identity}, // may carry a name its owner chose
		0x0024: {name: "WorldTime", class: times, look: withParts(
			part{off: 0, n: 2, name: "TimeZone", class: times},
			part{off: 2, n: 1, name: "DaylightSavings", class: times},
			part{off: 3, n: 1, name: "DateDisplayFormat", class: times})},
		0x0025: {name: "ISOInfo", class: exposure},
		0x002a: {name: "VignetteControl", class: exposure},
		0x002b: {name: "DistortInfo", class: technical},
		0x0034: {name: "ShutterMode", class: exposure},
		0x0035: {name: "HDRInfo", class: exposure},
		0x0037: {name: "MechanicalShutterCount", class: identity},
		0x0039: {name: "LocationInfo", class: place, look: withParts(
			part{off: 5, n: 3, name: "CountryCode", class: place},
			part{off: 9, n: 70, name: "Location", class: place})},
		0x003b: {name: "MultiExposureWB", class: technical},
		0x003d: {name: "BlackLevel", class: technical},
		0x003e: {name: "ImageSizeRAW", class: technical},
		0x003f: {name: "WhiteBalanceFineTune", class: exposure},
		0x0044: {name: "JPGCompression", class: exposure},
		0x0045: {name: "CropArea", class: technical},
		0x004e: {name: "NikonSettings", class: identity},
		0x004f: {name: "ColorTemperatureAuto", class: exposure},
		0x0051: {name: "MakerNotes0x51", class: technical}, // how the raw data is compressed
		0x0056: {name: "MakerNotes0x56", class: identity},  // numbers of folder and picture
		0x0080: {name: "ImageAdjustment", class: exposure},
		0x0081: {name: "ToneComp", class: exposure},
		0x0083: {name: "LensType", class: device},
		0x0084: {name: "Lens", class: device},
		0x0085: {name: "ManualFocusDistance", class: exposure},
		0x0086: {name: "DigitalZoom", class: exposure},
		0x0087: {name: "FlashMode", class: exposure},
		0x0089: {name: "ShootingMode", class: exposure},
		0x008b: {name: "LensFStops", class: device},
		0x008c: {name: "ContrastCurve", class: technical},
		0x008d: {name: "ColorHue", class: technical},
		0x008f: {name: "SceneMode", class: exposure},
		0x0090: {name: "LightSource", class: exposure},
		0x0091: {name: "ShotInfo", class: identity}, // enciphered; holds the shutter count
		0x0092: {name: "HueAdjustment", class: exposure},
		0x0093: {name: "NEFCompression", class: technical},
		0x0094: {name: "SaturationAdj", class: exposure},
		0x0095: {name: "NoiseReduction", class: exposure},
		0x0096: {name: "NEFLinearizationTable", class: technical},
		0x0097: {name: "ColorBalance", class: technical, look: lookNikonColor},
		0x0098: {name: "LensData", class: device, look: lookNikonLens},
		0x0099: {name: "RawImageCenter", class: technical},
		0x009a: {name: "SensorPixelSize", class: technical},
		0x009c: {name: "SceneAssist", class: exposure},
		0x009d: {name: "DateStampMode", class: times},
		0x009e: {name: "RetouchHistory", class: provenance},
		0x00a0: {name: "SerialNumber", class: identity},
		0x00a2: {name: "ImageDataSize", class: technical},
		0x00a5: {name: "ImageCount", class: identity},
		0x00a6: {name: "DeletedImageCount", class: identity},
		0x00a7: {name: "ShutterCount", class: identity, look: lookNikonCount},
		0x00a8: {name: "FlashInfo", class: unknown},
		0x00a9: {name: "ImageOptimization", class: exposure},
		0x00aa: {name: "Saturation", class: exposure},
		0x00ab: {name: "VariProgram", class: exposure},
		0x00ac: {name: "ImageStabilization", class: exposure},
		0x00b0: {name: "MultiExposure", class: exposure},
		0x00b1: {name: "HighISONoiseReduction", class: exposure},
		0x00b6: {name: "PowerUpTime", class: times},
		0x00b8: {name: "FileInfo", class: identity, look: lookNikonFile},
		0x00b9: {name: "AFTune", class: calibration},
		0x00bb: {name: "RetouchInfo", class: provenance},
		0x00bd: {name: "PictureControlData", class: identity},
		0x00bf: {name: "SilentPhotography", class: exposure},
		0x00c3: {name: "BarometerInfo", class: altitude},
		0x0100: {name: "PreviewImage", class: preview},
		0x0e01: {name: "NikonCaptureData", class: provenance, look: lookNikonCapture},
		0x0e0b: {name: "NikonCaptureSettings", class: provenance},
		0x0e13: {name: "NikonCaptureEditVersions", class: provenance},
		0x0e1d: {name: "NikonICCProfile", class: technical},
		0x0e22: {name: "NEFBitDepth", class: technical},
	}
}

// nikon2Table is that of the first Coolpix cameras.
func nikon2Table() table {
	return table{
		0x0003: {name: "Quality", class: exposure},
		0x0004: {name: "ColorMode", class: exposure},
		0x0005: {name: "ImageAdjustment", class: exposure},
		0x0006: {name: "CCDSensitivity", class: exposure},
		0x0007: {name: "WhiteBalance", class: exposure},
		0x0008: {name: "Focus", class: exposure},
		0x000a: {name: "DigitalZoom", class: exposure},
	}
}

// lookNikonSerial reads the part of the cipher's key that comes from the serial
// number: its last byte or, if it is not a number, a constant. Removed, it
// becomes as many noughts, which every reader takes for the number 0.
func lookNikonSerial(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil {
		return err
	}
	digits := strings.Trim(string(b), "\x00 ")
	if n, err := strconv.ParseUint(digits, 10, 64); err == nil {
		p.n.key.serial = byte(n)
	} else if digits == "" {
		p.n.key.serial = 0
	} else if strings.HasSuffix(strings.TrimSpace(p.model), "D50") {
		p.n.key.serial = 0x22
	} else {
		p.n.key.serial = 0x60
	}
	if strings.Trim(digits, "0") == "" {
		p.used = append(p.used, e.val)
		return nil
	}
	blank := []byte(strings.Repeat("0", len(b)))
	for i := len(b) - 1; i >= 0 && b[i] == 0; i-- {
		blank[i] = 0
	}
	return p.add(Field{Name: t.name, Class: t.class, Spans: []input.Span{e.val}, Value: textOf(b), blank: blank,
		key: &keyPart{func(k *cipherKey) { k.serial = 0 }}})
}

// lookNikonCount reads the part of the key that comes from the shutter count.
func lookNikonCount(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil {
		return err
	}
	if len(b) >= 4 {
		p.n.key.count = b[0] ^ b[1] ^ b[2] ^ b[3]
	}
	return p.add(Field{Name: t.name, Class: t.class, Spans: []input.Span{e.val}, Value: p.text(e),
		key: &keyPart{func(k *cipherKey) { k.count = 0 }}})
}

// lookNikonColor finds where the enciphered part of the colour balance begins,
// which depends on the version in its first four bytes.
func lookNikonColor(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil {
		return err
	}
	f := Field{Name: t.name, Class: t.class, Spans: []input.Span{e.val}}
	if len(b) >= 4 {
		switch v := string(b[:4]); {
		case v == "0205", v == "0218", v == "0219", v >= "0221" && v <= "0299", v[:2] == "04", v[:2] == "08":
			f.sealed = resealNikon(b, 4)
		case v[:2] == "02", v[:2] == "06":
			f.sealed = resealNikon(b, 284)
		}
	}
	return p.add(f)
}

// lookNikonLens handles what is known about the lens; it is enciphered from
// version 0201 on.
func lookNikonLens(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil {
		return err
	}
	f := Field{Name: t.name, Class: t.class, Spans: []input.Span{e.val}}
	if len(b) >= 4 && string(b[:4]) > "0200" {
		f.sealed = resealNikon(b, 4)
	}
	return p.add(f)
}

func lookNikonFile(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil {
		return err
	}
	return p.parts(e, t, b,
		part{off: 6, n: 2, name: "DirectoryNumber", class: identity, text: integer(p.order)},
		part{off: 8, n: 2, name: "FileNumber", class: identity, text: integer(p.order)})
}

// lookNikonCapture splits what Nikon's editors add: a header, then records of a
// number, fourteen bytes, a length and data. Converters walk them to find the
// white balance and the rotation their user chose; what else was edited goes.
func lookNikonCapture(p *parser, e entry, t tag) error {
	const (
		head      = 22
		lenAt     = 18
		balanceOn = 0x76a43204 // white balance adjusted
		balance   = 0xbf3c6c20
		rotation  = 0x76a43207
	)
	b, err := p.value(e)
	if err != nil {
		return err
	}
	little := binary.LittleEndian
	parts := []part{{off: 0, n: head, name: t.name, class: technical}}
	for at := head; at+head <= len(b); {
		parts = append(parts, part{off: int64(at), n: 4, name: t.name, class: technical}, part{off: int64(at + lenAt), n: 4, name: t.name, class: technical})
		n := int64(little.Uint32(b[at+lenAt:])) - 4
		if n < 0 || n > int64(len(b)-at-head) {
			break
		}
		switch little.Uint32(b[at:]) {
		case balanceOn, balance, rotation:
			parts = append(parts, part{off: int64(at + head), n: n, name: t.name, class: technical})
		}
		at += head + int(n)
	}
	return p.parts(e, t, b, parts...)
}
