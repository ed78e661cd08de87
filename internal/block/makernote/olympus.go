package makernote

// olympusTable is that of Olympus and OM System, and of the cameras of Epson,
// Agfa, Minolta and Sony that Sanyo made.
func olympusTable() table {
	return table{
		0x0000: {name: "MakerNoteVersion", class: technical},
		0x0001: {name: "MinoltaCameraSettingsOld", class: identity},
		0x0003: {name: "MinoltaCameraSettings", class: identity},
		0x0040: {name: "CompressedImageSize", class: technical},
		0x0081: {name: "PreviewImageData", class: preview},
		0x0088: {name: "PreviewImageStart", class: preview, look: lookPreviewStart(0x0089)},
		0x0089: {name: "PreviewImageLength", class: preview},
		0x0100: {name: "ThumbnailImage", class: preview},
		0x0104: {name: "BodyFirmwareVersion", class: device},
		0x0200: {name: "SpecialMode", class: exposure},
		0x0201: {name: "Quality", class: exposure},
		0x0202: {name: "Macro", class: exposure},
		0x0203: {name: "BWMode", class: exposure},
		0x0204: {name: "DigitalZoom", class: exposure},
		0x0205: {name: "FocalPlaneDiagonal", class: technical},
		0x0206: {name: "LensDistortionParams", class: technical},
		0x0207: {name: "CameraType", class: device},
		0x0208: {name: "TextInfo", class: identity},
		0x0209: {name: "CameraID", class: identity},
		0x020b: {name: "EpsonImageWidth", class: technical},
		0x020c: {name: "EpsonImageHeight", class: technical},
		0x020d: {name: "EpsonSoftware", class: device},
		0x0280: {name: "PreviewImage", class: preview},
		0x0301: {name: "WhiteBoard", class: exposure},
		0x0302: {name: "OneTouchWB", class: exposure},
		0x0303: {name: "WhiteBalanceBracket", class: exposure},
		0x0304: {name: "WhiteBalanceBias", class: exposure},
		0x0400: {name: "SensorArea", class: technical},
		0x0401: {name: "BlackLevel", class: technical},
		0x0403: {name: "SceneMode", class: exposure},
		0x0404: {name: "SerialNumber", class: identity},
		0x0405: {name: "Firmware", class: device},
		0x0e80: {name: "EpsonWB", class: technical},
		0x0f00: {name: "DataDump", class: unknown, look: lookOlympusDump},
		0x1000: {name: "ShutterSpeedValue", class: exposure},
		0x1001: {name: "ISOValue", class: exposure},
		0x1002: {name: "ApertureValue", class: exposure},
		0x1003: {name: "BrightnessValue", class: exposure},
		0x1004: {name: "FlashMode", class: exposure},
		0x1006: {name: "ExposureCompensation", class: exposure},
		0x100b: {name: "FocusMode", class: exposure},
		0x100c: {name: "ManualFocusDistance", class: exposure},
		0x100f: {name: "Sharpness", class: exposure},
		0x1011: {name: "ColorMatrix", class: technical},
		0x1012: {name: "BlackLevel", class: technical},
		0x1013: {name: "ColorTemperatureBG", class: technical},
		0x1014: {name: "ColorTemperatureRG", class: technical},
		0x1015: {name: "WBMode", class: technical},
		0x1017: {name: "RedBalance", class: technical},
		0x1018: {name: "BlueBalance", class: technical},
		0x1019: {name: "ColorMatrixNumber", class: technical},
		0x101a: {name: "SerialNumber", class: identity},
		0x1023: {name: "FlashExposureComp", class: exposure},
		0x1029: {name: "Contrast", class: exposure},
		0x102a: {name: "SharpnessFactor", class: exposure},
		0x102b: {name: "ColorControl", class: exposure},
		0x102c: {name: "ValidBits", class: technical},
		0x102d: {name: "CoringFilter", class: technical},
		0x102e: {name: "OlympusImageWidth", class: technical},
		0x102f: {name: "OlympusImageHeight", class: technical},
		0x1034: {name: "CompressionRatio", class: technical},
		0x1035: {name: "PreviewImageValid", class: preview},
		0x1036: {name: "PreviewImageStart", class: preview, look: lookPreviewStart(0x1037)},
		0x1037: {name: "PreviewImageLength", class: preview},
		0x1039: {name: "CCDScanMode", class: technical},
		0x103a: {name: "NoiseReduction", class: exposure},
		0x2010: {name: "Equipment", class: device, look: subdir(olympusEquipment())},
		0x2011: {name: "WB_RBLevels", class: technical},
		0x2020: {name: "CameraSettings", class: exposure, look: subdir(olympusSettings())},
		0x2030: {name: "RawDevelopment", class: exposure, look: subdir(olympusRawDevelopment())},
		0x2031: {name: "RawDev2", class: exposure, look: subdir(olympusRawDevelopment())},
		0x2040: {name: "ImageProcessing", class: technical, look: subdir(olympusProcessing())},
		0x2050: {name: "FocusInfo", class: unknown, look: subdir(olympusFocus())},
		0x3000: {name: "RawInfo", class: technical, look: subdir(olympusRawInfo())},
		0x4000: {name: "MainInfo", class: unknown, look: subdir(table{})},
		0x5000: {name: "UnknownInfo", class: unknown, look: subdir(table{})},
	}
}

func olympusEquipment() table {
	return table{
		0x0000: {name: "EquipmentVersion", class: technical},
		0x0100: {name: "CameraType2", class: technical}, // readers tell models by it
		0x0101: {name: "SerialNumber", class: identity},
		0x0102: {name: "InternalSerialNumber", class: identity},
		0x0103: {name: "FocalPlaneDiagonal", class: technical},
		0x0104: {name: "BodyFirmwareVersion", class: device},
		0x0201: {name: "LensType", class: device},
		0x0202: {name: "LensSerialNumber", class: identity},
		0x0203: {name: "LensModel", class: device},
		0x0204: {name: "LensFirmwareVersion", class: device},
		0x0205: {name: "MaxApertureAtMinFocal", class: device},
		0x0206: {name: "MaxApertureAtMaxFocal", class: device},
		0x0207: {name: "MinFocalLength", class: device},
		0x0208: {name: "MaxFocalLength", class: device},
		0x020a: {name: "MaxAperture", class: exposure},
		0x020b: {name: "LensProperties", class: device},
		0x0301: {name: "Extender", class: device},
		0x0302: {name: "ExtenderSerialNumber", class: identity},
		0x0303: {name: "ExtenderModel", class: device},
		0x0304: {name: "ExtenderFirmwareVersion", class: device},
		0x0403: {name: "ConversionLens", class: device},
		0x1000: {name: "FlashType", class: device},
		0x1001: {name: "FlashModel", class: device},
		0x1002: {name: "FlashFirmwareVersion", class: device},
		0x1003: {name: "FlashSerialNumber", class: identity},
	}
}

func olympusSettings() table {
	t := table{
		0x0000: {name: "CameraSettingsVersion", class: technical},
		0x0100: {name: "PreviewImageValid", class: preview},
		0x0101: {name: "PreviewImageStart", class: preview, look: lookPreviewStart(0x0102)},
		0x0102: {name: "PreviewImageLength", class: preview},
		0x0306: {name: "AFFineTune", class: calibration},
		0x0307: {name: "AFFineTuneAdj", class: calibration},
		0x0900: {name: "ManometerPressure", class: altitude},
		0x0901: {name: "ManometerReading", class: altitude},
		0x0903: {name: "RollAngle", class: attitude},
		0x0904: {name: "PitchAngle", class: attitude},
		0x0908: {name: "DateTimeUTC", class: times},
	}
	// Everything else known is a setting of exposure, focus, flash, or style.
	for _, id := range []uint16{0x0200, 0x0201, 0x0202, 0x0203, 0x0204, 0x0300, 0x0301, 0x0302, 0x0303, 0x0400, 0x0401, 0x0403, 0x0404, 0x0405, 0x0406,
		0x0500, 0x0501, 0x0502, 0x0503, 0x0504, 0x0505, 0x0506, 0x0507, 0x0509, 0x050a, 0x050b, 0x050c, 0x050d, 0x050f, 0x0520, 0x0521, 0x0522, 0x0523,
		0x0524, 0x0525, 0x0526, 0x0527, 0x0529, 0x052c, 0x052d, 0x052e, 0x052f, 0x0532, 0x0537, 0x0538, 0x0539, 0x053a, 0x053b, 0x0600, 0x0601, 0x0603,
		0x0604, 0x0804, 0x0821, 0x0902} {
		t[id] = tag{name: "CameraSetting", class: exposure}
	}
	return t
}

func olympusRawDevelopment() table {
	t := table{0x0000: {name: "RawDevVersion", class: technical}}
	for id := uint16(0x0100); id <= 0x0121; id++ {
		t[id] = tag{name: "RawDevSetting", class: exposure}
	}
	return t
}

// olympusProcessing is what develops the raw data: white balance, colour
// matrix, black level, crop, lens correction.
func olympusProcessing() table {
	t := table{
		0x1200: {name: "FacesDetected", class: identity},
		0x1201: {name: "FaceDetectArea", class: identity},
		0x1202: {name: "MaxFaces", class: identity},
		0x1203: {name: "FaceDetectFrameSize", class: identity},
		0x1207: {name: "FaceDetectFrameCrop", class: identity},
	}
	keep := func(from, to uint16) {
		for id := from; id <= to; id++ {
			t[id] = tag{name: "ImageProcessing", class: technical}
		}
	}
	keep(0x0000, 0x0000)
	keep(0x0100, 0x011f)
	keep(0x0121, 0x0121)
	keep(0x0200, 0x0200)
	keep(0x0300, 0x0311)
	keep(0x0600, 0x0653)
	keep(0x0805, 0x0805)
	keep(0x1010, 0x1012)
	keep(0x101c, 0x101c)
	keep(0x1112, 0x1113)
	keep(0x150a, 0x150a) // distortion
	keep(0x1900, 0x1906)
	return t
}

func olympusFocus() table {
	return table{
		0x0000: {name: "FocusInfoVersion", class: technical},
		0x0305: {name: "FocusDistance", class: exposure},
		0x1201: {name: "ExternalFlash", class: exposure},
		0x1208: {name: "InternalFlash", class: exposure},
		0x1209: {name: "ManualFlash", class: exposure},
		0x1600: {name: "ImageStabilization", class: exposure},
	}
}

func olympusRawInfo() table {
	t := table{}
	for _, r := range [][2]uint16{{0x0000, 0x0000}, {0x0100, 0x0133}, {0x0200, 0x0200}, {0x0310, 0x0311}, {0x0600, 0x0615}, {0x1000, 0x1013}, {0x2000, 0x2023}} {
		for id := r[0]; id <= r[1]; id++ {
			t[id] = tag{name: "RawInfo", class: technical}
		}
	}
	return t
}

// lookOlympusDump keeps the white balance that the first raw cameras hide in a
// block whose other bytes nobody knows. Where it lies depends on the length.
func lookOlympusDump(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil {
		return err
	}
	wb := part{off: -1, n: 4, name: "WB_RBLevels", class: technical, text: hexOf}
	switch e.val.Len {
	case 614:
		wb.off = 176
	case 734, 1502:
		wb.off = 148
	}
	return p.parts(e, t, b, wb)
}
