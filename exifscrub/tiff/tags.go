package tiff

import (
	"fmt"

	"flightveil/internal/block/tiff"
	"flightveil/internal/privacy"
)

// A tag is what is known about a tag number. Names are those exiftool prints.
type tag struct {
	name  string
	class privacy.Class
}

// Classes of tags that are no findings.
const (
	// structure is what a file needs to be one, and what tells nothing beyond
	// that. It stays, and is not worth keeping a block for.
	structure privacy.Class = ""
	// pixels is structure in a file that holds image data. In an Exif block it
	// is left over from one, and unknown.
	pixels privacy.Class = "pixels"
)

// lookup returns what t means in a directory of kind k.
func (d *doc) lookup(k tiff.Kind, t uint16) tag {
	var table map[uint16]tag
	switch k {
	case tiff.GPS:
		table = gpsTags
	case tiff.Interop:
		table = interopTags
	default:
		if d.tree.Magic == tiff.Panasonic && k == tiff.Main {
			if found, ok := panasonicTags[t]; ok {
				return found
			}
			if t < 0x0100 { // sensor and white balance parameters, not all of them named
				return tag{fmt.Sprintf("PanasonicRaw_0x%04x", t), pixels}
			}
		}
		table = tiffTags
	}
	found, ok := table[t]
	if !ok {
		found = d.lookupRange(k, t)
	}
	switch {
	case found.class == pixels && d.kind == block:
		found.class = privacy.Unknown
	case found.class == privacy.Device && d.developed() && (t == tagMake || t == tagModel || t == tagUniqueCameraModel):
		found.class = privacy.Technical // raw converters choose colours by it
	}
	return found
}

// lookupRange names tags that are not worth a line each.
func (d *doc) lookupRange(k tiff.Kind, t uint16) tag {
	unnamed := fmt.Sprintf("Tag_0x%04x", t)
	switch {
	case k == tiff.GPS || k == tiff.Interop:
	case t >= 0x5001 && t <= 0x5011, t >= 0x5090 && t <= 0x5113:
		return tag{unnamed, structure} // GDI+ printing and animation settings
	case t >= 0x5012 && t <= 0x503B:
		return tag{fmt.Sprintf("Thumbnail_0x%04x", t), privacy.Preview} // GDI+ keeps a second IFD1 there
	case t >= 0x7000 && t <= 0x7FFF && d.kind == raw:
		return tag{unnamed, pixels} // ARW: SR2 private colour and lens parameters
	case t >= tagBigTables && t <= tagBigTables+3 && d.kind == dng:
		return tag{unnamed, pixels}
	case t >= 0x84E1 && t <= 0x84F0:
		return tag{unnamed, structure} // TIFF/IT
	}
	return tag{unnamed, privacy.Unknown}
}

// Tags that the code treats by number.
const (
	tagJpgFromRaw        = 0x002E // RW2
	tagOrientation       = 0x0112
	tagMake              = 0x010F
	tagModel             = 0x0110
	tagJpgFromRaw2       = 0x0127 // RW2
	tagModifyDate        = 0x0132
	tagXMP               = 0x02BC
	tagIPTC              = 0x83BB
	tagAFCPIPTC          = 0x8568
	tagLeafData          = 0x8606
	tagPhotoshop         = 0x8649
	tagICC               = 0x8773
	tagGeoKeys           = 0x87AF
	tagModelTiePoint     = 0x8482
	tagDateTimeOriginal  = 0x9003
	tagCreateDate        = 0x9004
	tagMakerNote         = 0x927C
	tagUserComment       = 0x9286
	tagXPTitle           = 0x9C9B
	tagXPSubject         = 0x9C9F
	tagColorSpace        = 0xA001
	tagDNGVersion        = 0xC612
	tagUniqueCameraModel = 0xC614
	tagDNGPrivateData    = 0xC634
	tagProfileIFD        = 0xC6F5
	tagPreviewDateTime   = 0xC71B
	tagOpcodeList1       = 0xC740
	tagOpcodeList2       = 0xC741
	tagOpcodeList3       = 0xC74E
	tagJUMBF             = 0xCD41
	tagBigTables         = 0xCD3B // and the next three: tables outside all other tags
	tagInteropIndex      = 0x0001

	tagGPSLatitudeRef     = 0x0001
	tagGPSDestLatitudeRef = 0x0013
	tagGPSDateStamp       = 0x001D
)

// gpsTags: Exif 3.0 section 4.6.6.
var gpsTags = map[uint16]tag{
	0x00: {"GPSVersionID", structure},
	0x01: {"GPSLatitudeRef", privacy.Location},
	0x02: {"GPSLatitude", privacy.Location},
	0x03: {"GPSLongitudeRef", privacy.Location},
	0x04: {"GPSLongitude", privacy.Location},
	0x05: {"GPSAltitudeRef", privacy.Altitude},
	0x06: {"GPSAltitude", privacy.Altitude},
	0x07: {"GPSTimeStamp", privacy.Time},
	0x08: {"GPSSatellites", privacy.Attitude},
	0x09: {"GPSStatus", privacy.Attitude},
	0x0A: {"GPSMeasureMode", privacy.Attitude},
	0x0B: {"GPSDOP", privacy.Attitude},
	0x0C: {"GPSSpeedRef", privacy.Attitude},
	0x0D: {"GPSSpeed", privacy.Attitude},
	0x0E: {"GPSTrackRef", privacy.Attitude},
	0x0F: {"GPSTrack", privacy.Attitude},
	0x10: {"GPSImgDirectionRef", privacy.Attitude},
	0x11: {"GPSImgDirection", privacy.Attitude},
	0x12: {"GPSMapDatum", privacy.Place}, // national ones name the country
	0x13: {"GPSDestLatitudeRef", privacy.Location},
	0x14: {"GPSDestLatitude", privacy.Location},
	0x15: {"GPSDestLongitudeRef", privacy.Location},
	0x16: {"GPSDestLongitude", privacy.Location},
	0x17: {"GPSDestBearingRef", privacy.Attitude},
	0x18: {"GPSDestBearing", privacy.Attitude},
	0x19: {"GPSDestDistanceRef", privacy.Attitude},
	0x1A: {"GPSDestDistance", privacy.Attitude},
	0x1B: {"GPSProcessingMethod", privacy.Attitude},
	0x1C: {"GPSAreaInformation", privacy.Place},
	0x1D: {"GPSDateStamp", privacy.Time},
	0x1E: {"GPSDifferential", privacy.Attitude},
	0x1F: {"GPSHPositioningError", privacy.Attitude},
}

// interopTags: Exif 3.0 section 4.6.7 and DCF 2.0.
var interopTags = map[uint16]tag{
	0x0001: {"InteropIndex", privacy.Technical},
	0x0002: {"InteropVersion", structure},
	0x1000: {"RelatedImageFileFormat", structure},
	0x1001: {"RelatedImageWidth", structure},
	0x1002: {"RelatedImageHeight", structure},
}

// panasonicTags are the tags of IFD0 of an RW2 file that mean something else
// than in TIFF.
var panasonicTags = map[uint16]tag{
	0x0017: {"ISO", privacy.Exposure},
	0x002E: {"JpgFromRaw", structure},
	0x0037: {"ISO", privacy.Exposure},
	0x0118: {"RawDataOffset", pixels},
	0x0119: {"DistortionInfo", pixels},
	0x011A: {"PanasonicRaw_0x011a", pixels},
	0x011B: {"PanasonicRaw_0x011b", pixels},
	0x011C: {"Gamma", pixels},
	0x011D: {"PanasonicRaw_0x011d", pixels},
	0x011E: {"PanasonicRaw_0x011e", pixels},
	0x011F: {"PanasonicRaw_0x011f", pixels},
	0x0120: {"CameraIFD", pixels},
	0x0121: {"Multishot", pixels},
	0x0122: {"PanasonicRaw_0x0122", pixels},
	0x0127: {"JpgFromRaw2", structure},
}
