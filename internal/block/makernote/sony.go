package makernote

import (
	"encoding/binary"
	"fmt"
	"regexp"
)

func sonyTable() table {
	sealed := func(name string) tag { return tag{name: name, class: identity} } // enciphered counters, settings and times
	return table{
		0x0010: {name: "CameraInfo", class: identity},
		0x0020: {name: "FocusInfo", class: identity, look: lookSonyFocus},
		0x0102: {name: "Quality", class: exposure},
		0x0104: {name: "FlashExposureComp", class: exposure},
		0x0105: {name: "Teleconverter", class: device},
		0x0112: {name: "WhiteBalanceFineTune", class: exposure},
		0x0114: {name: "CameraSettings", class: identity, look: lookSonySettings},
		0x0115: {name: "WhiteBalance", class: exposure},
		0x0116: {name: "ExtraInfo", class: identity},
		0x1000: {name: "MultiBurstMode", class: exposure},
		0x2001: {name: "PreviewImage", class: preview},
		0x2002: {name: "Rating", class: description},
		0x2004: {name: "Contrast", class: exposure},
		0x2005: {name: "Saturation", class: exposure},
		0x2006: {name: "Sharpness", class: exposure},
		0x2007: {name: "Brightness", class: exposure},
		0x2008: {name: "LongExposureNoiseReduction", class: exposure},
		0x2009: {name: "HighISONoiseReduction", class: exposure},
		0x200a: {name: "HDR", class: exposure},
		0x200b: {name: "MultiFrameNoiseReduction", class: exposure},
		0x200e: {name: "PictureEffect", class: exposure},
		0x2010: {name: "Tag2010", class: identity, look: lookSony2010},
		0x2011: {name: "VignettingCorrection", class: technical},
		0x2012: {name: "LateralChromaticAberration", class: technical},
		0x2013: {name: "DistortionCorrectionSetting", class: technical},
		0x2014: {name: "WBShiftAB_GM", class: exposure},
		0x201b: {name: "FocusMode", class: exposure},
		0x2024: {name: "ShotInfo", class: times},
		0x2026: {name: "WBShiftAB_GM_Precise", class: exposure},
		0x2028: {name: "VariableLowPassFilter", class: exposure},
		0x2029: {name: "RAWFileType", class: technical},
		0x202a: sealed("Tag202a"),
		0x202b: {name: "PrioritySetInAWB", class: exposure},
		0x202c: {name: "MeteringMode2", class: exposure},
		0x202d: {name: "ExposureStandardAdjustment", class: exposure},
		0x202e: {name: "Quality", class: exposure},
		0x202f: {name: "PixelShiftInfo", class: identity}, // groups pictures by time
		0x2031: {name: "SerialNumber", class: identity},
		0x3000: {name: "ShotInfo", class: times, look: lookSonyShot},
		0x9050: {name: "Tag9050", class: identity, look: lookSony9050},
		0x9400: {name: "Tag9400", class: identity, look: lookSony9400},
		0x9401: sealed("Tag9401"), 0x9402: sealed("Tag9402"), 0x9403: sealed("Tag9403"), 0x9404: sealed("Tag9404"),
		0x9405: sealed("Tag9405"), 0x9406: sealed("Tag9406"), 0x9407: sealed("Tag9407"), 0x9408: sealed("Tag9408"),
		0x9409: sealed("Tag9409"), 0x940a: sealed("Tag940a"), 0x940b: sealed("Tag940b"), 0x940c: sealed("Tag940c"),
		0x940d: sealed("Tag940d"), 0x940e: sealed("Tag940e"), 0x940f: sealed("Tag940f"), 0x9411: sealed("Tag9411"),
		0x9416: sealed("Tag9416"),
		0xb000: {name: "FileFormat", class: technical},
		0xb001: {name: "SonyModelID", class: technical},
		0xb020: {name: "CreativeStyle", class: exposure},
		0xb021: {name: "ColorTemperature", class: exposure},
		0xb022: {name: "ColorCompensationFilter", class: exposure},
		0xb023: {name: "SceneMode", class: exposure},
		0xb024: {name: "ZoneMatching", class: exposure},
		0xb025: {name: "DynamicRangeOptimizer", class: exposure},
		0xb026: {name: "ImageStabilization", class: exposure},
		0xb027: {name: "LensType", class: device},
		0xb028: {name: "MinoltaMakerNote", class: identity, look: lookSonyMinolta},
		0xb029: {name: "ColorMode", class: exposure},
		0xb02a: {name: "LensSpec", class: device},
		0xb02b: {name: "FullImageSize", class: technical},
		0xb02c: {name: "PreviewImageSize", class: technical},
		0xb040: {name: "Macro", class: exposure},
		0xb041: {name: "ExposureMode", class: exposure},
		0xb042: {name: "FocusMode", class: exposure},
		0xb047: {name: "JPEGQuality", class: exposure},
		0xb048: {name: "FlashLevel", class: exposure},
		0xb04f: {name: "DynamicRangeOptimizer", class: exposure},
		0xb050: {name: "HighISONoiseReduction2", class: exposure},
		0xb052: {name: "IntelligentAuto", class: exposure},
		0xb054: {name: "WhiteBalance", class: exposure},
	}
}

// lookSonyMinolta follows the A100's pointer to a note in Minolta's manner.
func lookSonyMinolta(p *parser, e entry, t tag) error {
	return subdir(minoltaTable())(p, e, t)
}

// Which models have which value where, in the deciphered block. The patterns
// are those of readers of these blocks.
type sonyPart struct {
	models string // pattern of the model; "!" in front: those that do not match
	off, n int64
	name   string
	text   func([]byte) string
}

func (s sonyPart) fits(model string) bool {
	pattern, want := s.models, true
	if len(pattern) > 0 && pattern[0] == '!' {
		pattern, want = pattern[1:], false
	}
	ok, _ := regexp.MatchString("^("+pattern+")", model) // constants
	return ok == want
}

func sonyParts(model string, list []sonyPart) []part {
	var out []part
	for _, s := range list {
		if s.fits(model) {
			q := part{off: s.off, n: s.n, name: s.name, class: identity, text: s.text}
			if s.name == "SonyDateTime" || s.name == "SonyDateTime2" || s.name == "SonyTimeMinSec" {
				q.class = times
			}
			out = append(out, q)
		}
	}
	return out
}

// lookSony9050 finds counters and the camera's number.
func lookSony9050(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil {
		return err
	}
	count := func(b []byte) string { return fmt.Sprint(binary.LittleEndian.Uint32(b) & 0xFFFFFF) }
	long := integer(binary.LittleEndian)
	stamp := func(b []byte) string {
		return fmt.Sprintf("%04d:%02d:%02d %02d:%02d:%02d", 2000+int(b[0]), b[1], b[2], b[3], b[4], b[5])
	}
	const early = `ILCE-(7(R|S|M2)?|[56]000|5100|QX1)\b`
	second := []sonyPart{
		{``, 0x3a, 4, "ShutterCount", count}, {`ILCE-(6100|6400|6600|7C|7RM4A?|9M2|9)|ZV-E10`, 0x50, 4, "ShutterCount2", count},
		{`ILCE-(7M3|7RM3A?)`, 0x52, 4, "ShutterCount2", count}, {`ILCE-(6300|6500|7RM2|7SM2|9\b)`, 0x58, 4, "ShutterCount2", count},
		{`!ILCA-99M2|ILCE-(6100|6400|6600|7C|7M3|7RM3A?|7RM4A?|9|9M2)|ZV-E10`, 0x61, 2, "SonyTimeMinSec", nil},
		{``, 0x88, 6, "InternalSerialNumber", hexOf},
		{`ILCE-(6100A?|6400A?|6600|7C|7M3|7RM3A?|7RM4A?|9|9M2)\b|ZV-E10\b`, 0x19f, 4, "ShutterCount3", long},
		{`ILCE-(7RM2|7SM2)`, 0x1cb, 4, "ShutterCount3", long}, {`ILCE-(6300|6500)|ILCA-99M2`, 0x1cd, 4, "ShutterCount3", long},
	}
	third := []sonyPart{
		{``, 0x3a, 4, "ShutterCount", count}, {``, 0x50, 4, "ShutterCount2", count},
		{`!ILCE-1`, 0x88, 6, "InternalSerialNumber", hexOf}, {`ILCE-1`, 0x8a, 6, "InternalSerialNumber", hexOf},
	}
	fourth := []sonyPart{{`!ZV-`, 0x0a, 4, "ShutterCount", count}, {``, 0x38, 6, "InternalSerialNumber", hexOf}}
	list := []sonyPart{ // the first models, and those nobody has looked at
		{``, 0x32, 4, "ShutterCount", count}, {early, 0x4c, 4, "ShutterCount2", count}, {early, 0x51, 6, "SonyDateTime2", stamp},
		{`!Lunar|NEX-(5N|7|VG20E)|SLT-|HV|ILCA-`, 0x7c, 4, "InternalSerialNumber", hexOf},
		{`SLT-|HV|ILCA-`, 0xf0, 5, "InternalSerialNumber", hexOf},
		{early + `|ILCA-(68|77M2)`, 0x1a0, 4, "ShutterCount3", long},
		{`SLT-A(58|99)|NEX-(3N|5R|5T|6|VG30|VG900)|ILCE-(3000|3500)|HV`, 0x1aa, 4, "ShutterCount3", long},
		{`!ILC|SLT-A(58|99)`, 0x1bd, 4, "ShutterCount3", long},
	}
	switch {
	case sonyPart{models: `ILCE-(6100A?|6300|6400A?|6500|6600|7C|7M3|7RM2|7RM3A?|7RM4A?|7SM2|9|9M2)\b|ILCA-99M2\b|ZV-E10\b`}.fits(p.model):
		list = second
	case sonyPart{models: `ILCE-(1\b|7M4|7RM5|7SM3)|ILME-FX3`}.fits(p.model):
		list = third
	case sonyPart{models: `ILCE-(6700|7CM2|7CR|1M2|7M5)\b|ILME-FX2\b|ZV-(E1|E10M2)\b`}.fits(p.model):
		list = fourth
	case sonyPart{models: `DSC-|Stellar`}.fits(p.model):
		list = nil
	}
	parts := sonyParts(p.model, list)
	return p.parts(e, t, sonyDecipher(b), parts...)
}

// lookSony9400 finds numbers of pictures and files.
func lookSony9400(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil || len(b) == 0 {
		return err
	}
	long := integer(binary.LittleEndian)
	at := func(a, b int64) []part {
		return []part{{off: a, n: 4, name: "SequenceImageNumber", class: identity, text: long}, {off: b, n: 4, name: "SequenceFileNumber", class: identity, text: long}}
	}
	switch b[0] {
	case 0x07, 0x09, 0x0a, 0x0c:
		return p.parts(e, t, sonyDecipher(b), at(0x08, 0x0c)...)
	}
	return p.parts(e, t, sonyDecipher(b), at(0x12, 0x1a)...)
}

// lookSony2010 finds the date of those models that have one here.
func lookSony2010(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil {
		return err
	}
	stamp := func(b []byte) string {
		return fmt.Sprintf("%04d:%02d:%02d %02d:%02d:%02d", binary.LittleEndian.Uint16(b), b[2], b[3], b[4], b[5], b[6])
	}
	parts := sonyParts(p.model, []sonyPart{
		{`SLT-A(65|77)V?$|NEX-(7|VG20E)$|Lunar`, 0x1b6, 7, "SonyDateTime", stamp},
		{`SLT-A(37|57)$|NEX-F3$`, 0x210, 7, "SonyDateTime", stamp},
		{`DSC-(HX10V|HX20V|HX30V|HX200V|TX66|TX200V|TX300V|WX50|WX70|WX100|WX150)$`, 0x1fe, 7, "SonyDateTime", stamp},
		{`SLT-A99V?$|HV|SLT-A58|ILCE-(3000|3500)|NEX-(3N|5R|5T|6|VG900|VG30E)|DSC-(RX100|RX1|RX1R|HX300|HX50V?|TX30|WX60|WX80|WX200|WX300)$|Stellar`, 0x22c, 7, "SonyDateTime", stamp},
	})
	return p.parts(e, t, sonyDecipher(b), parts...)
}

// lookSonyShot finds the date and the camera's name in a block that says itself
// how long it is.
func lookSonyShot(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil {
		return err
	}
	return p.parts(e, t, b, part{off: 6, n: 20, name: "SonyDateTime", class: times}, part{off: 0x34, n: 16, name: "MetaVersion", class: device})
}

// lookSonyFocus finds the shutter count of the DSLR-A series. It lies in a
// plain block, or in a chain of blocks with a table of offsets.
func lookSonyFocus(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil {
		return err
	}
	count := func(b []byte) string { return fmt.Sprint(binary.LittleEndian.Uint32(b) & 0xFFFFFF) }
	if len(b) == 19154 || len(b) == 19148 {
		return p.parts(e, t, b, part{off: 0x846, n: 4, name: "ShutterCount", class: identity, text: count})
	}
	// MoreInfo: number of blocks, length, then pairs of block number and offset.
	var parts []part
	if len(b) >= 4 {
		n := min(int(binary.LittleEndian.Uint16(b)), (len(b)-4)/4)
		for i := range n {
			if binary.LittleEndian.Uint16(b[4+i*4:]) != 0x0201 {
				continue
			}
			off := int64(binary.LittleEndian.Uint16(b[6+i*4:]))
			parts = append(parts,
				part{off: off + 0x11b, n: 4, name: "ImageCount", class: identity, text: count},
				part{off: off + 0x125, n: 4, name: "ShutterCount", class: identity, text: count},
				part{off: off + 0x14a, n: 4, name: "ShutterCount", class: identity, text: count})
		}
	}
	return p.parts(e, t, b, parts...)
}

// lookSonySettings finds numbers of folders and pictures.
func lookSonySettings(p *parser, e entry, t tag) error {
	b, err := p.value(e)
	if err != nil {
		return err
	}
	switch e.count {
	case 280, 364:
		big := integer(binary.BigEndian)
		return p.parts(e, t, b, part{off: 0x9a * 2, n: 2, name: "FolderNumber", class: identity, text: big}, part{off: 0x9b * 2, n: 2, name: "ImageNumber", class: identity, text: big})
	case 1536, 2048:
		little := integer(binary.LittleEndian)
		return p.parts(e, t, b, part{off: 0x314, n: 2, name: "ImageNumber", class: identity, text: little}, part{off: 0x316, n: 2, name: "FolderNumber", class: identity, text: little},
			part{off: 0x400, n: 2, name: "ImageNumber", class: identity, text: little}, part{off: 0x402, n: 2, name: "FolderNumber", class: identity, text: little})
	}
	return p.parts(e, t, b)
}
