package makernote

import (
	"bytes"
	"strings"
)

// minolta recognises notes that are a directory; a few early models wrote
// something else.
func minolta(head []byte, make, _ string) bool {
	if !strings.HasPrefix(strings.ToLower(make), "minolta") && !strings.HasPrefix(strings.ToLower(make), "konica") {
		return false
	}
	for _, s := range []string{"MINOL", "CAMER", "MLY0", "KC", "+M+M", "\xd7"} {
		if bytes.HasPrefix(head, []byte(s)) {
			return false
		}
	}
	return true
}

func minoltaTable() table {
	settings := []part{
		{off: 0x15 * 4, n: 4, name: "MinoltaDate", class: times, text: hexOf},
		{off: 0x16 * 4, n: 4, name: "MinoltaTime", class: times, text: hexOf},
		{off: 0x1a * 4, n: 4, name: "FileNumberMemory", class: identity, text: hexOf},
		{off: 0x1b * 4, n: 4, name: "LastFileNumber", class: identity, text: hexOf},
		{off: 0x27 * 4, n: 4, name: "FolderName", class: identity, text: hexOf},
	}
	return table{
		0x0000: {name: "MakerNoteVersion", class: technical},
		0x0001: {name: "MinoltaCameraSettingsOld", class: exposure, look: withParts(settings...)},
		0x0003: {name: "MinoltaCameraSettings", class: exposure, look: withParts(settings...)},
		0x0004: {name: "MinoltaCameraSettings7D", class: identity, look: withParts(
			part{off: 0x5e * 2, n: 2, name: "ImageNumber", class: identity, text: hexOf},
			part{off: 0x62 * 2, n: 2, name: "ImageNumber2", class: identity, text: hexOf})},
		0x0010: {name: "CameraInfoA100", class: identity},
		0x0018: {name: "ImageStabilization", class: exposure},
		0x0020: {name: "WBInfoA100", class: identity, look: withParts(part{off: 0x49dc, n: 12, name: "InternalSerialNumber", class: identity})},
		0x0040: {name: "CompressedImageSize", class: technical},
		0x0081: {name: "PreviewImage", class: preview},
		0x0088: {name: "PreviewImageStart", class: preview, look: lookPreviewStart(0x0089)},
		0x0089: {name: "PreviewImageLength", class: preview},
		0x0100: {name: "SceneMode", class: exposure},
		0x0101: {name: "ColorMode", class: exposure},
		0x0102: {name: "MinoltaQuality", class: exposure},
		0x0103: {name: "MinoltaQuality", class: exposure},
		0x0104: {name: "FlashExposureComp", class: exposure},
		0x0107: {name: "ImageStabilization", class: exposure},
		0x010b: {name: "ColorTemperature", class: exposure},
		0x010c: {name: "LensType", class: device},
		0x0111: {name: "ColorCompensationFilter", class: exposure},
		0x0112: {name: "WhiteBalanceFineTune", class: exposure},
		0x0114: {name: "MinoltaCameraSettings5D", class: identity, look: withParts(part{off: 0xae * 2, n: 2, name: "ImageNumber", class: identity, text: hexOf})},
		0x0115: {name: "WhiteBalance", class: exposure},
	}
}
