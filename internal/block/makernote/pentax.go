package makernote

import (
	"encoding/binary"
	"fmt"

	"flightveil/internal/input"
)

// parsePentax parses a directory start bytes into the note. Newer notes count
// offsets from their own start (base 0), "AOC" ones from that of the TIFF block.
func parsePentax(start, base int64) func(*parser, []byte) error {
	return func(p *parser, head []byte) error {
		var err error
		if base < 0 {
			if int64(len(head)) >= 6 && string(head[4:6]) == "MM" {
				p.order = binary.BigEndian
			} else if int64(len(head)) >= 6 && string(head[4:6]) == "II" {
				p.order = binary.LittleEndian
			}
			err = sharedIFD(start, pentaxTable)(p, head)
		} else {
			err = ownIFD(start, base, pentaxTable)(p, head)
		}
		return err
	}
}

func pentaxTable() table {
	return table{
		0x0000: {name: "PentaxVersion", class: technical},
		0x0001: {name: "PentaxModelType", class: technical},
		0x0002: {name: "PreviewImageSize", class: preview},
		0x0003: {name: "PreviewImageLength", class: preview},
		0x0004: {name: "PreviewImageStart", class: preview, look: lookPreviewEnd(0x0003)},
		0x0005: {name: "PentaxModelID", class: technical},
		0x0006: {name: "Date", class: times, look: lookPentaxDate},
		0x0007: {name: "Time", class: times, look: lookPentaxTime},
		0x0008: {name: "Quality", class: exposure},
		0x0009: {name: "PentaxImageSize", class: technical},
		0x000b: {name: "PictureMode", class: exposure},
		0x000c: {name: "FlashMode", class: exposure},
		0x000d: {name: "FocusMode", class: exposure},
		0x0012: {name: "ExposureTime", class: exposure},
		0x0013: {name: "FNumber", class: exposure},
		0x0014: {name: "ISO", class: exposure},
		0x0015: {name: "LightReading", class: exposure},
		0x0016: {name: "ExposureCompensation", class: exposure},
		0x0017: {name: "MeteringMode", class: exposure},
		0x0018: {name: "AutoBracketing", class: exposure},
		0x0019: {name: "WhiteBalance", class: technical},
		0x001a: {name: "WhiteBalanceMode", class: exposure},
		0x001b: {name: "BlueBalance", class: technical},
		0x001c: {name: "RedBalance", class: technical},
		0x001d: {name: "FocalLength", class: exposure},
		0x001e: {name: "DigitalZoom", class: exposure},
		0x001f: {name: "Saturation", class: exposure},
		0x0020: {name: "Contrast", class: exposure},
		0x0021: {name: "Sharpness", class: exposure},
		0x0022: {name: "WorldTimeLocation", class: times},
		0x0023: {name: "HometownCity", class: place, look: lookPentaxCity},
		0x0024: {name: "DestinationCity", class: place, look: lookPentaxCity},
		0x0025: {name: "HometownDST", class: times},
		0x0026: {name: "DestinationDST", class: times},
		0x0027: {name: "DSPFirmwareVersion", class: device},
		0x0028: {name: "CPUFirmwareVersion", class: device},
		0x0029: {name: "FrameNumber", class: identity},
		0x002d: {name: "EffectiveLV", class: exposure},
		0x0032: {name: "ImageEditing", class: provenance},
		0x0033: {name: "PictureMode", class: exposure},
		0x0034: {name: "DriveMode", class: exposure},
		0x0035: {name: "SensorSize", class: technical},
		0x0037: {name: "ColorSpace", class: technical},
		0x0038: {name: "ImageAreaOffset", class: technical},
		0x0039: {name: "RawImageSize", class: technical},
		0x003d: {name: "DataScaling", class: technical},
		0x003e: {name: "PreviewImageBorders", class: technical},
		0x003f: {name: "LensRec", class: device},
		0x0040: {name: "SensitivityAdjust", class: exposure},
		0x0041: {name: "ImageEditCount", class: provenance},
		0x0048: {name: "AELock", class: exposure},
		0x0049: {name: "NoiseReduction", class: exposure},
		0x004d: {name: "FlashExposureComp", class: exposure},
		0x004f: {name: "ImageTone", class: exposure},
		0x0050: {name: "ColorTemperature", class: exposure},
		0x0053: {name: "ColorTempDaylight", class: technical},
		0x0054: {name: "ColorTempShade", class: technical},
		0x0055: {name: "ColorTempCloudy", class: technical},
		0x0056: {name: "ColorTempTungsten", class: technical},
		0x0057: {name: "ColorTempFluorescentD", class: technical},
		0x0058: {name: "ColorTempFluorescentN", class: technical},
		0x0059: {name: "ColorTempFluorescentW", class: technical},
		0x005a: {name: "ColorTempFlash", class: technical},
		0x005c: {name: "ShakeReductionInfo", class: exposure},
		0x005d: {name: "ShutterCount", class: identity, look: lookPentaxCount},
		0x0060: {name: "FaceInfo", class: identity},
		0x0062: {name: "RawDevelopmentProcess", class: technical},
		0x0067: {name: "Hue", class: exposure},
		0x0069: {name: "DynamicRangeExpansion", class: technical},
		0x006b: {name: "TimeInfo", class: times, look: lookPentaxTimeInfo},
		0x006c: {name: "HighLowKeyAdj", class: exposure},
		0x006d: {name: "ContrastHighlight", class: exposure},
		0x006e: {name: "ContrastShadow", class: exposure},
		0x006f: {name: "ContrastHighlightShadowAdj", class: exposure},
		0x0070: {name: "FineSharpness", class: exposure},
		0x0071: {name: "HighISONoiseReduction", class: exposure},
		0x0072: {name: "AFAdjustment", class: calibration},
		0x0079: {name: "ShadowCorrection", class: exposure},
		0x007d: {name: "LensCorr", class: technical},
		0x007e: {name: "WhiteLevel", class: technical},
		0x0080: {name: "AspectRatio", class: technical},
		0x0085: {name: "HDR", class: exposure},
		0x0087: {name: "ShutterType", class: exposure},
		0x0088: {name: "NeutralDensityFilter", class: exposure},
		0x008b: {name: "ISO", class: exposure},
		0x0095: {name: "SkinToneCorrection", class: exposure},
		0x0096: {name: "ClarityControl", class: exposure},
		0x0200: {name: "BlackPoint", class: technical},
		0x0201: {name: "WhitePoint", class: technical},
		0x0203: {name: "ColorMatrixA", class: technical},
		0x0204: {name: "ColorMatrixB", class: technical},
		0x0205: {name: "CameraSettings", class: exposure},
		0x0206: {name: "AEInfo", class: exposure},
		0x0207: {name: "LensInfo", class: device},
		0x0208: {name: "FlashInfo", class: exposure},
		0x020d: {name: "WB_RGGBLevelsDaylight", class: technical},
		0x020e: {name: "WB_RGGBLevelsShade", class: technical},
		0x020f: {name: "WB_RGGBLevelsCloudy", class: technical},
		0x0210: {name: "WB_RGGBLevelsTungsten", class: technical},
		0x0211: {name: "WB_RGGBLevelsFluorescentD", class: technical},
		0x0212: {name: "WB_RGGBLevelsFluorescentN", class: technical},
		0x0213: {name: "WB_RGGBLevelsFluorescentW", class: technical},
		0x0214: {name: "WB_RGGBLevelsFlash", class: technical},
		0x0215: {name: "CameraInfo", class: identity, look: lookPentaxCameraInfo},
		0x0216: {name: "BatteryInfo", class: identity},
		0x021b: {name: "SaturationInfo", class: technical},
		0x021c: {name: "ColorMatrixA2", class: technical},
		0x021d: {name: "ColorMatrixB2", class: technical},
		0x0220: {name: "HuffmanTable", class: technical},
		0x0221: {name: "KelvinWB", class: technical},
		0x0222: {name: "ColorInfo", class: technical},
		0x0226: {name: "UnknownWB", class: technical},
		0x0229: {name: "SerialNumber", class: identity},
		0x022d: {name: "WBLevels", class: technical},
		0x022e: {name: "Artist", class: copyright},
		0x022f: {name: "Copyright", class: copyright},
		0x0230: {name: "FirmwareVersion", class: device},
		0x0235: {name: "CrossProcessParams", class: exposure},
		0x0239: {name: "LensInfoQ", class: device},
		0x023f: {name: "Model", class: device},
		0x0402: {name: "ToneCurve", class: technical},
		0x0403: {name: "ToneCurves", class: technical},
	}
}

// pentax2Table is that of the Optio 330 and 430.
func pentax2Table() table {
	return table{
		0x0007: {name: "WhiteBalance", class: exposure},
		0x0014: {name: "ISO", class: exposure},
		0x1000: {name: "HometownCityCode", class: place},
		0x1001: {name: "DestinationCityCode", class: place},
	}
}

// lookPentaxDate and lookPentaxTime read the key of the shutter count. The year
// is big-endian whatever the note is.
func lookPentaxDate(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil || len(b) != 4 {
		return leafUnless(err, p, e, t)
	}
	p.n.key.date = binary.BigEndian.Uint32(b)
	return p.add(Field{Name: t.name, Class: t.class, Spans: []input.Span{e.val},
		Value: fmt.Sprintf("%04d:%02d:%02d", binary.BigEndian.Uint16(b), b[2], b[3]), key: &keyPart{func(k *cipherKey) { k.date = 0 }}})
}

func lookPentaxTime(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil || len(b) < 3 {
		return leafUnless(err, p, e, t)
	}
	p.n.key.time = uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8
	return p.add(Field{Name: t.name, Class: t.class, Spans: []input.Span{e.val},
		Value: fmt.Sprintf("%02d:%02d:%02d", b[0], b[1], b[2]), key: &keyPart{func(k *cipherKey) { k.time = 0 }}})
}

// leafUnless adds e as one field unless it could not be read.
func leafUnless(err error, p *parser, e entry, t tag) error {
	if err != nil {
		return err
	}
	return p.leaf(e, t)
}

// lookPentaxCount defers the shutter count until its key is known.
func lookPentaxCount(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil || len(b) != 4 {
		return leafUnless(err, p, e, t)
	}
	p.later = append(p.later, func() {
		v := pentaxCount(binary.BigEndian.Uint32(b), p.n.key)
		if v == 0 || blankBytes(b) && p.n.key == (cipherKey{}) {
			p.used = append(p.used, e.val)
			return
		}
		p.n.Fields = append(p.n.Fields, Field{Name: t.name, Class: t.class, Spans: []input.Span{e.val}, Value: fmt.Sprint(v), sealed: sealPentaxCount(b), entry: e.at})
	})
	return nil
}

// lookPentaxCity reports a city whatever its number: 0 is Pago Pago.
func lookPentaxCity(p *parser, e entry, t tag) error {
	p.n.Fields = append(p.n.Fields, Field{Name: t.name, Class: t.class, Spans: []input.Span{e.val}, Value: "city " + p.text(e), entry: e.at})
	return nil
}

// lookPentaxTimeInfo finds cities, and daylight saving in the bits of one byte.
func lookPentaxTimeInfo(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil || len(b) == 0 {
		return err
	}
	zone := "WorldTimeLocation"
	if b[0]&4 != 0 {
		zone = "DestinationDST"
	}
	if b[0]&2 != 0 {
		zone = "HometownDST"
	}
	return p.parts(e, t, b,
		part{off: 0, n: 1, name: zone, class: place, text: func(b []byte) string { return fmt.Sprintf("bits %03b", b[0]) }},
		part{off: 2, n: 1, name: "HometownCity", class: place, text: code("city", p.order)},
		part{off: 3, n: 1, name: "DestinationCity", class: place, text: code("city", p.order)})
}

// lookPentaxCameraInfo finds when the camera was made and its number.
func lookPentaxCameraInfo(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil {
		return err
	}
	number := integer(p.order)
	return p.parts(e, t, b,
		part{off: 0, n: 4, name: "PentaxModelID", class: technical, text: hexOf},
		part{off: 4, n: 4, name: "ManufactureDate", class: identity, text: number},
		part{off: 8, n: 8, name: "ProductionCode", class: identity, text: hexOf},
		part{off: 16, n: 4, name: "InternalSerialNumber", class: identity, text: number})
}
