package psir

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"flightveil/internal/privacy"
)

const (
	idIPTC        = 0x0404
	idVersionInfo = 0x0421
	idIPTCDigest  = 0x0425
	firstPath     = 0x07D0
	lastPath      = 0x0BB6
	idICC         = 0x040F

	maxSteps = 32 << 10 // a document has at most 56 channels and 8000 layers
)

// kind is what a resource stands for. One without a class and a child is
// structure if its size fits.
type kind struct {
	name  string
	class privacy.Class
	child string // format of the body
	form  form
	size  size
}

// size is how long a body without text may be: base and some steps.
type size struct{ base, step, most int64 }

func (s size) fits(n int64) bool {
	return n == s.base || s.step > 0 && n >= s.base && (n-s.base)%s.step == 0 && n <= s.most
}

// form is how a body is shown as text.
type form int

const (
	opaque    form = iota
	plain          // bytes of the system's character set
	pascal         // a Pascal string, and what follows
	pascals        // Pascal strings
	unicodes       // Unicode strings
	sliceName      // Unicode string after 20 bytes
	urls           // count, then word, ID and Unicode string each
	flag           // one byte
	digest         // MD5
)

func kindOf(sig string, id uint16) kind {
	if sig != "8BIM" {
		return kind{name: fmt.Sprintf("%s-0x%04x", sig, id), class: privacy.Unknown}
	}
	if k, ok := kinds[id]; ok {
		return k
	}
	if id >= firstPath && id <= lastPath {
		return kind{name: "PathInfo", class: privacy.Description}
	}
	return kind{name: fmt.Sprintf("Resource-0x%04x", id), class: privacy.Unknown}
}

// kinds lists the resource IDs of the specification, by the names exiftool
// gives them. What is not listed is unknown.
var kinds = map[uint16]kind{
	0x03E8:        {name: "Photoshop2Info", size: size{base: 10}},
	0x03E9:        {name: "MacintoshPrintInfo", class: privacy.Identity},
	0x03EA:        {name: "XMLData", class: privacy.Identity}, // page format of the Macintosh: printer and time
	0x03ED:        {name: "ResolutionInfo", size: size{base: 16}},
	0x03EE:        {name: "AlphaChannelsNames", class: privacy.Description, form: pascals},
	0x03EF:        {name: "DisplayInfo", size: size{14, 14, maxSteps}},
	0x03F0:        {name: "PStringCaption", class: privacy.Description, form: pascal},
	0x03F1:        {name: "BorderInformation", size: size{base: 6}},
	0x03F2:        {name: "BackgroundColor", size: size{base: 10}},
	0x03F3:        {name: "PrintFlags", size: size{8, 1, 9}},
	0x03F4:        {name: "BW_HalftoningInfo", size: size{base: 18}},
	0x03F5:        {name: "ColorHalftoningInfo", size: size{base: 72}},
	0x03F6:        {name: "DuotoneHalftoningInfo", size: size{base: 72}},
	0x03F7:        {name: "BW_TransferFunc", size: size{base: 28}},
	0x03F8:        {name: "ColorTransferFuncs", size: size{base: 112}},
	0x03F9:        {name: "DuotoneTransferFuncs", size: size{base: 112}},
	0x03FA:        {name: "DuotoneImageInfo", class: privacy.Unknown}, // names of inks; a copy of the colour mode data
	0x03FB:        {name: "EffectiveBW", size: size{base: 2}},
	0x03FD:        {name: "EPSOptions", class: privacy.Unknown},
	0x03FE:        {name: "QuickMaskInfo", size: size{base: 3}},
	0x0400:        {name: "TargetLayerID", size: size{base: 2}},
	0x0401:        {name: "WorkingPath", class: privacy.Description},
	0x0402:        {name: "LayersGroupInfo", size: size{0, 2, maxSteps}},
	idIPTC:        {name: "IPTC", child: "iptc"},
	0x0406:        {name: "JPEG_Quality", size: size{6, 1, 10}},
	0x0408:        {name: "GridGuidesInfo", size: size{16, 5, maxSteps}},
	0x0409:        {name: "PhotoshopBGRThumbnail", class: privacy.Preview},
	0x040A:        {name: "CopyrightFlag", class: privacy.Copyright, form: flag},
	0x040B:        {name: "URL", class: privacy.Copyright, form: plain}, // of the copyright holder
	0x040C:        {name: "PhotoshopThumbnail", class: privacy.Preview},
	0x040D:        {name: "GlobalAngle", size: size{base: 4}},
	idICC:         {name: "ICC_Profile", class: privacy.Technical},
	0x0410:        {name: "Watermark", size: size{base: 1}},
	0x0411:        {name: "ICC_Untagged", size: size{base: 1}},
	0x0412:        {name: "EffectsVisible", size: size{base: 1}},
	0x0414:        {name: "IDsBaseValue", size: size{base: 4}},
	0x0415:        {name: "UnicodeAlphaNames", class: privacy.Description, form: unicodes},
	0x0416:        {name: "IndexedColorTableCount", size: size{base: 2}},
	0x0417:        {name: "TransparentIndex", size: size{base: 2}},
	0x0419:        {name: "GlobalAltitude", size: size{base: 4}}, // of the light in layer effects
	0x041A:        {name: "SliceInfo", class: privacy.Description, form: sliceName},
	0x041B:        {name: "WorkflowURL", class: privacy.Identity, form: unicodes},
	0x041D:        {name: "AlphaIdentifiers", size: size{0, 4, maxSteps}},
	0x041E:        {name: "URL_List", class: privacy.Identity, form: urls},
	idVersionInfo: {name: "VersionInfo", class: privacy.Device},
	0x0422:        {name: "EXIFInfo", child: "tiff"},
	0x0423:        {name: "ExifInfo2", child: "tiff"},
	0x0424:        {name: "XMP", child: "xmp"},
	idIPTCDigest:  {name: "IPTCDigest", class: privacy.Identity, form: digest}, // tells which of two guesses the IPTC block was
	0x0426:        {name: "PrintScaleInfo", size: size{base: 14}},
	0x0428:        {name: "PixelInfo", size: size{base: 12}},
	0x0429:        {name: "LayerComps", class: privacy.Description},
	0x042D:        {name: "LayerSelectionIDs", size: size{2, 4, maxSteps}},
	0x042F:        {name: "PrintInfo", class: privacy.Identity},
	0x0430:        {name: "LayerGroupsEnabledID", size: size{0, 1, 8000}},
	0x0432:        {name: "MeasurementScale", class: privacy.Description},
	0x0433:        {name: "TimelineInfo", class: privacy.Description},
	0x0435:        {name: "ChannelOptions", size: size{4, 13, maxSteps}},
	0x0438:        {name: "CountInfo", class: privacy.Description},
	0x043A:        {name: "PrintInfo2", class: privacy.Identity}, // printer, proof, title of the job
	0x043B:        {name: "PrintStyle", class: privacy.Identity},
	0x043C:        {name: "MacintoshNSPrintInfo", class: privacy.Identity},
	0x043D:        {name: "WindowsDEVMODE", class: privacy.Identity}, // name of the printer
	0x043E:        {name: "AutoSaveFilePath", class: privacy.Identity, form: unicodes},
	0x043F:        {name: "AutoSaveFormat", class: privacy.Identity, form: unicodes},
	0x0BB7:        {name: "ClippingPathName", class: privacy.Description, form: pascal},
	0x0BB8:        {name: "OriginPathInfo", class: privacy.Description},
	0x1B58:        {name: "ImageReadyVariables", class: privacy.Description, form: plain},
	0x1B59:        {name: "ImageReadyDataSets", class: privacy.Description, form: plain},
	0x1F40:        {name: "LightroomWorkflow", class: privacy.Provenance, form: plain},
	0x2710:        {name: "PrintFlagsInfo", size: size{base: 10}},
}

// text returns the beginning b of a body for people.
func (k kind) text(b []byte) string {
	switch k.form {
	case plain:
		return strings.TrimRight(latin(b), "\x00")
	case pascal:
		return pascalStrings(b, 1)
	case pascals:
		return pascalStrings(b, len(b))
	case sliceName:
		return unicodeStrings(b[min(len(b), 20):], 1)
	case unicodes:
		return unicodeStrings(b, len(b))
	case urls:
		return urlList(b)
	case flag:
		if len(b) == 1 {
			return map[bool]string{true: "True", false: "False"}[b[0] != 0]
		}
	case digest:
		return hex.EncodeToString(b)
	}
	return bytesText(b)
}

func unicodeStrings(b []byte, most int) string {
	var out []string
	for len(out) < most {
		s, n, ok := unicodeString(b, 0)
		if !ok {
			break
		}
		out = append(out, s)
		b = b[n:]
	}
	return strings.Join(out, ", ")
}

func urlList(b []byte) string {
	if len(b) < 4 {
		return ""
	}
	var out []string
	n, pos := binary.BigEndian.Uint32(b), 4
	for range n {
		s, n, ok := unicodeString(b, pos+8)
		if !ok {
			break
		}
		out = append(out, s)
		pos += 8 + n
	}
	return strings.Join(out, ", ")
}
