package makernote

import (
	"fmt"
	"strings"
)

// parsePanasonic parses a directory with offsets from the start of the TIFF
// block; the DC-FT7 counts from twelve bytes later.
func parsePanasonic(p *parser, head []byte) error {
	return sharedIFD(12, panasonicTable)(p, head)
}

func panasonicTable() table {
	return table{
		0x0001: {name: "ImageQuality", class: exposure},
		0x0002: {name: "FirmwareVersion", class: device},
		0x0003: {name: "WhiteBalance", class: exposure},
		0x0007: {name: "FocusMode", class: exposure},
		0x000f: {name: "AFAreaMode", class: exposure},
		0x001a: {name: "ImageStabilization", class: exposure},
		0x001c: {name: "MacroMode", class: exposure},
		0x001f: {name: "ShootingMode", class: exposure},
		0x0023: {name: "WhiteBalanceBias", class: exposure},
		0x0024: {name: "FlashBias", class: exposure},
		0x0025: {name: "InternalSerialNumber", class: identity, look: lookPanasonicSerial},
		0x0028: {name: "ColorEffect", class: exposure},
		0x0029: {name: "TimeSincePowerOn", class: times},
		0x002c: {name: "ContrastMode", class: exposure},
		0x002d: {name: "NoiseReduction", class: exposure},
		0x0030: {name: "Rotation", class: technical},
		0x0032: {name: "ColorMode", class: exposure},
		0x0033: {name: "BabyAge", class: identity},
		0x0034: {name: "OpticalZoomMode", class: exposure},
		0x0036: {name: "TravelDay", class: times},
		0x0039: {name: "Contrast", class: exposure},
		0x003a: {name: "WorldTimeLocation", class: times},
		0x003d: {name: "AdvancedSceneType", class: exposure},
		0x0040: {name: "Saturation", class: exposure},
		0x0041: {name: "Sharpness", class: exposure},
		0x0042: {name: "FilmMode", class: exposure},
		0x0044: {name: "ColorTempKelvin", class: exposure},
		0x0046: {name: "WBShiftAB", class: exposure},
		0x0047: {name: "WBShiftGM", class: exposure},
		0x0049: {name: "LongExposureNoiseReduction", class: exposure},
		0x004b: {name: "PanasonicImageWidth", class: technical},
		0x004c: {name: "PanasonicImageHeight", class: technical},
		0x004e: {name: "FaceDetInfo", class: identity},
		0x0051: {name: "LensType", class: device},
		0x0052: {name: "LensSerialNumber", class: identity},
		0x0053: {name: "AccessoryType", class: device},
		0x0054: {name: "AccessorySerialNumber", class: identity},
		0x0059: {name: "Transform", class: technical},
		0x0060: {name: "LensFirmwareVersion", class: device},
		0x0061: {name: "FaceRecInfo", class: identity, look: lookPanasonicFaces},
		0x0063: {name: "RecognizedFaceFlags", class: identity},
		0x0065: {name: "Title", class: description},
		0x0066: {name: "BabyName", class: identity},
		0x0067: {name: "Location", class: place},
		0x0069: {name: "Country", class: place},
		0x006b: {name: "State", class: place},
		0x006d: {name: "City", class: place},
		0x006f: {name: "Landmark", class: place},
		0x0070: {name: "IntelligentResolution", class: exposure},
		0x0079: {name: "IntelligentD-Range", class: exposure},
		0x0080: {name: "City2", class: place},
		0x0086: {name: "ManometerPressure", class: altitude},
		0x0089: {name: "PhotoStyle", class: exposure},
		0x008a: {name: "ShadingCompensation", class: technical},
		0x008b: {name: "WBShiftIntelligentAuto", class: exposure},
		0x008c: {name: "AccelerometerZ", class: attitude},
		0x008d: {name: "AccelerometerX", class: attitude},
		0x008e: {name: "AccelerometerY", class: attitude},
		0x008f: {name: "CameraOrientation", class: attitude},
		0x0090: {name: "RollAngle", class: attitude},
		0x0091: {name: "PitchAngle", class: attitude},
		0x009e: {name: "HDR", class: exposure},
		0x009f: {name: "ShutterType", class: exposure},
		0x00af: {name: "TimeStamp", class: times},
		0x00c4: {name: "LensTypeMake", class: device},
		0x00c5: {name: "LensTypeModel", class: device},
		0x00e4: {name: "LensTypeModel", class: device},
		0x00f1: {name: "LUT1Name", class: identity},
		0x00f4: {name: "LUT2Name", class: identity},
		0x0e00: {name: "PrintIM", class: unknown},
		0x2003: {name: "TimeInfo", class: times, look: withParts(
			part{off: 0, n: 8, name: "PanasonicDateTime", class: times, text: panasonicTime},
			part{off: 16, n: 4, name: "TimeLapseShotNumber", class: identity, text: hexOf})},
		0x8000: {name: "MakerNoteVersion", class: technical},
		0x8001: {name: "SceneMode", class: exposure},
		0x8004: {name: "WBRedLevel", class: technical},
		0x8005: {name: "WBGreenLevel", class: technical},
		0x8006: {name: "WBBlueLevel", class: technical},
		0x8010: {name: "BabyAge", class: identity},
		0x8012: {name: "Transform", class: technical},
	}
}

func panasonicTime(b []byte) string {
	return fmt.Sprintf("%02x%02x:%02x:%02x %02x:%02x:%02x.%02x", b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7])
}

// lookPanasonicSerial spells out the number: three letters, the day the camera
// was made, a number of that day.
func lookPanasonicSerial(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil {
		return err
	}
	s := strings.TrimRight(string(b), "\x00 ")
	if len(s) >= 13 && printable(s) {
		return p.parts(e, t, b, part{off: 0, n: int64(len(b)), name: t.name, class: t.class,
			text: func([]byte) string {
				return fmt.Sprintf("(%s) 20%s:%s:%s no. %s", s[:3], s[3:5], s[5:7], s[7:9], s[9:])
			}})
	}
	return p.leaf(e, t)
}

// lookPanasonicFaces finds the names of up to three people.
func lookPanasonicFaces(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil {
		return err
	}
	var parts []part
	for i := int64(0); i < 3; i++ {
		at := 4 + i*0x30
		parts = append(parts,
			part{off: at, n: 20, name: fmt.Sprintf("RecognizedFace%dName", i+1), class: identity},
			part{off: at + 28, n: 20, name: fmt.Sprintf("RecognizedFace%dAge", i+1), class: identity})
	}
	return p.parts(e, t, b, parts...)
}
