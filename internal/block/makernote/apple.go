package makernote

import "bytes"

func appleTable() table {
	return table{
		0x0001: {name: "MakerNoteVersion", class: technical},
		0x0002: {name: "AEMatrix", class: unknown},
		0x0003: {name: "RunTime", class: times}, // how long the phone has been on
		0x0004: {name: "AEStable", class: exposure},
		0x0005: {name: "AETarget", class: exposure},
		0x0006: {name: "AEAverage", class: exposure},
		0x0007: {name: "AFStable", class: exposure},
		0x0008: {name: "AccelerationVector", class: attitude},
		0x000a: {name: "HDRImageType", class: technical},
		0x000b: {name: "BurstUUID", class: identity},
		0x000c: {name: "FocusDistanceRange", class: exposure},
		0x000f: {name: "OISMode", class: exposure},
		0x0011: {name: "ContentIdentifier", class: identity},
		0x0014: {name: "ImageCaptureType", class: exposure},
		0x0015: {name: "ImageUniqueID", class: identity},
		0x0017: {name: "LivePhotoVideoIndex", class: identity},
		0x0019: {name: "ImageProcessingFlags", class: unknown},
		0x001a: {name: "QualityHint", class: unknown},
		0x001d: {name: "LuminanceNoiseAmplitude", class: exposure},
		0x001f: {name: "PhotosAppFeatureFlags", class: unknown},
		0x0020: {name: "ImageCaptureRequestID", class: identity},
		0x0021: {name: "HDRHeadroom", class: technical}, // the gain map's strength is computed from it
		0x0023: {name: "AFPerformance", class: unknown},
		0x0026: {name: "SignalToNoiseRatioType", class: exposure},
		0x0027: {name: "SignalToNoiseRatio", class: exposure},
		0x002b: {name: "PhotoIdentifier", class: identity},
		0x002d: {name: "ColorTemperature", class: exposure},
		0x002e: {name: "CameraType", class: device},
		0x002f: {name: "FocusPosition", class: exposure},
		0x0030: {name: "HDRGain", class: technical},
		0x003e: {name: "ColorCorrectionMatrix", class: technical},
		0x0040: {name: "SemanticStyle", class: exposure},
	}
}

// looksLike reports whether head begins as format says, where a dot stands for
// any byte.
func looksLike(head []byte, format string) bool {
	if len(head) < len(format) {
		return false
	}
	for i := range len(format) {
		if format[i] != '.' && format[i] != head[i] {
			return false
		}
	}
	return true
}

// samsungIFD recognises Samsung's directory: its first entry is a version,
// 0x0001, four bytes of type 7, "0100".
func samsungIFD(head []byte, make, _ string) bool {
	return len(make) >= 7 && bytes.EqualFold([]byte(make[:7]), []byte("samsung")) &&
		(looksLike(head, "\x00.\x00\x01\x00\x07\x00\x00\x00\x040100") || looksLike(head, ".\x00\x01\x00\x07\x00\x04\x00\x00\x000100"))
}

// parseSamsung parses a directory whose offsets count from the start of the
// note in raw files and from that of the TIFF block elsewhere.
func parseSamsung(p *parser, head []byte) error {
	at := p.note.Off
	p.guessOrder(at)
	base, err := p.fitBase(at, at)
	if err != nil {
		return err
	}
	return p.dir(at, base, samsungTable())
}

func samsungTable() table {
	t := table{
		0x0001: {name: "MakerNoteVersion", class: technical},
		0x0002: {name: "DeviceType", class: technical},
		0x0003: {name: "SamsungModelID", class: technical},
		0x0011: {name: "OrientationInfo", class: attitude},
		0x0020: {name: "SmartAlbumColor", class: description},
		0x0021: {name: "PictureWizard", class: exposure},
		0x0030: {name: "LocalLocationName", class: place},
		0x0031: {name: "LocationName", class: place},
		0x0035: {name: "PreviewIFD", class: preview, look: lookPreviewIFD},
		0x0040: {name: "RawDataByteOrder", class: technical},
		0x0041: {name: "WhiteBalanceSetup", class: exposure},
		0x0043: {name: "CameraTemperature", class: exposure},
		0x0050: {name: "RawDataCFAPattern", class: technical},
		0x0100: {name: "FaceDetect", class: identity},
		0x0120: {name: "FaceRecognition", class: identity},
		0x0123: {name: "FaceName", class: identity},
		0xa001: {name: "FirmwareName", class: device},
		0xa002: {name: "SerialNumber", class: identity},
		0xa003: {name: "LensType", class: device},
		0xa004: {name: "LensFirmware", class: device},
		0xa005: {name: "InternalLensSerialNumber", class: identity},
		0xa010: {name: "SensorAreas", class: technical},
		0xa011: {name: "ColorSpace", class: technical},
		0xa012: {name: "SmartRange", class: exposure},
		0xa013: {name: "ExposureCompensation", class: exposure},
		0xa014: {name: "ISO", class: exposure},
		0xa018: {name: "ExposureTime", class: exposure},
		0xa019: {name: "FNumber", class: exposure},
		0xa01a: {name: "FocalLengthIn35mmFormat", class: exposure},
		0xa020: {name: "EncryptionKey", class: technical}, // of the white balance
	}
	for id := uint16(0xa021); id <= 0xa057; id++ { // white balance, black level, matrices, curves, lens correction
		t[id] = tag{name: "RawDevelopment", class: technical}
	}
	return t
}
