package verify

import (
	"bytes"

	"flightveil/internal/privacy"
)

// gpsClass returns what a tag of the GPS directory gives away (Exif 3.0
// section 4.6.6), or "". References such as N and S tell nothing without what
// they refer to.
func gpsClass(id uint16) privacy.Class {
	switch id {
	case 0x02, 0x04, 0x14, 0x16:
		return privacy.Location
	case 0x05, 0x06:
		return privacy.Altitude
	case 0x07, 0x1D:
		return privacy.Time
	case 0x12, 0x1C:
		return privacy.Place
	case 0x08, 0x09, 0x0A, 0x0B, 0x0D, 0x0F, 0x11, 0x18, 0x1A, 0x1B, 0x1E, 0x1F:
		return privacy.Attitude
	}
	return ""
}

// tagClass returns what a tag of the other directories gives away, or "". Only
// tags are listed about which there can be no two opinions: the maker and model
// of raw data stay, and vendor blocks have parts that do.
func tagClass(id uint16) privacy.Class {
	switch id {
	case 0x013C, // HostComputer
		0x9211, // ImageNumber
		0xA420, // ImageUniqueID
		0xA430, // CameraOwnerName
		0xA431, // BodySerialNumber
		0xA435, // LensSerialNumber
		0xC62F, // CameraSerialNumber
		0xC68B: // OriginalRawFileName
		return privacy.Identity
	case 0x013B, // Artist
		0x8298, // Copyright
		0x9C9D: // XPAuthor
		return privacy.Copyright
	case 0x0132, // DateTime
		0x9003, 0x9004, // DateTimeOriginal, DateTimeDigitized
		0x9010, 0x9011, 0x9012, // OffsetTime…
		0x9290, 0x9291, 0x9292, // SubSecTime…
		0xC71B: // PreviewDateTime
		return privacy.Time
	case 0x010E, // ImageDescription
		0x9286,                         // UserComment
		0x4746,                         // Rating
		0x9C9B, 0x9C9C, 0x9C9E, 0x9C9F: // XPTitle, XPComment, XPKeywords, XPSubject
		return privacy.Description
	case 0x0131, // Software
		0xA433, 0xA434: // LensMake, LensModel
		return privacy.Device
	}
	return ""
}

// blank reports whether a value says nothing: zeros and spaces, an unknown time
// as Exif writes it, or a comment that is only the name of its character set
// (Exif 3.0 section 4.6.6, UserComment).
func blank(value []byte) bool {
	for _, set := range []string{"ASCII\x00\x00\x00", "UNICODE\x00", "JIS\x00\x00\x00\x00\x00"} {
		value = bytes.TrimPrefix(value, []byte(set))
	}
	return len(bytes.Trim(value, "\x00 :0")) == 0
}

// noFix reports whether a value of the GPS directory is rationals of zero, as
// devices write it that have no position.
func noFix(value []byte) bool {
	for i := range value {
		if i%8 < 4 && value[i] != 0 {
			return false
		}
	}
	return len(value)%8 == 0
}
