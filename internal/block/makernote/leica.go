package makernote

import "strings"

// parseLeica finds out which of Leica's layouts a note has: eight bytes of
// header, then a directory whose offsets count from the start of the TIFF
// block or of the note. Cameras that Panasonic makes write Panasonic's tags.
func parseLeica(p *parser, head []byte) error {
	switch {
	case len(head) < 8 || !strings.HasPrefix(string(head), "LEICA"):
		return sharedIFD(0, leicaTable)(p, head)
	case string(head[:8]) == "LEICA\x00\x00\x00" && !strings.HasPrefix(p.make, "Leica Camera AG"):
		return sharedIFD(8, panasonicTable)(p, head)
	case head[5] == 0 && strings.IndexByte("\x01\x04\x05\x06\x07\x10\x1a", head[6]) >= 0, head[5] == '0':
		return ownIFD(8, 0, leicaTable)(p, head)
	}
	return sharedIFD(8, leicaTable)(p, head)
}

// leicaTable joins the tags of all models; they do not contradict each other.
func leicaTable() table {
	return table{
		0x000b: {name: "SerialInfo", class: identity, look: withParts(part{off: 4, n: 8, name: "SerialNumber", class: identity})},
		0x000d: {name: "WB_RGBLevels", class: technical},
		0x0300: {name: "Quality", class: exposure},
		0x0302: {name: "UserProfile", class: identity},
		0x0303: {name: "SerialNumber", class: identity}, // the lens type on some models
		0x0304: {name: "WhiteBalance", class: exposure},
		0x0305: {name: "SerialNumber", class: identity},
		0x0310: {name: "LensType", class: device},
		0x0311: {name: "ExternalSensorBrightnessValue", class: exposure},
		0x0312: {name: "MeasuredLV", class: exposure},
		0x0313: {name: "ApproximateFNumber", class: exposure},
		0x0321: {name: "LensSerialNumber", class: identity}, // the colour temperature on the M8
		0x0322: {name: "WBRedLevel", class: technical},
		0x0323: {name: "WBGreenLevel", class: technical},
		0x0324: {name: "WBBlueLevel", class: technical},
		0x0330: {name: "CCDVersion", class: identity},
		0x0331: {name: "CCDBoardVersion", class: identity},
		0x0332: {name: "ControllerBoardVersion", class: identity},
		0x0340: {name: "ImageIDNumber", class: identity},
		0x034c: {name: "UserProfile", class: identity},
		0x0359: {name: "ISOSelected", class: exposure},
		0x035a: {name: "FNumber", class: exposure},
		0x035b: {name: "CorrelatedColorTemp", class: exposure},
		0x035c: {name: "ColorTint", class: exposure},
		0x035d: {name: "WhitePoint", class: technical},
		0x0370: {name: "LensProfileName", class: device},
		0x0407: {name: "OriginalFileName", class: identity},
		0x0408: {name: "OriginalDirectory", class: identity},
		0x0410: {name: "ShotInfo", class: identity, look: withParts(part{off: 0, n: 2, name: "FileIndex", class: identity, text: hexOf})},
		0x0412: {name: "FilmMode", class: exposure},
		0x0413: {name: "WB_RGBLevels", class: technical},
		0x0500: {name: "InternalSerialNumber", class: identity, look: lookPanasonicSerial},
		0x3400: {name: "Subdir", class: unknown, look: subdir(table{
			0x3033: {name: "WhiteBalance", class: exposure},
			0x3036: {name: "WB_RGBLevels", class: technical},
			0x3038: {name: "UserProfile", class: identity},
			0x3103: {name: "SerialNumber", class: identity},
			0x3109: {name: "FirmwareVersion", class: device},
			0x312a: {name: "BaseISO", class: technical},
			0x312b: {name: "SensorWidth", class: technical},
			0x312c: {name: "SensorHeight", class: technical},
			0x312d: {name: "SensorBitDepth", class: technical},
			0x3405: {name: "LensType", class: device},
			0x3406: {name: "ApproximateFNumber", class: exposure},
		})},
		0x3900: {name: "Subdir2", class: unknown, look: subdir(table{})},
	}
}
