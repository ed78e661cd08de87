package makernote

import (
	"encoding/binary"
	"fmt"

	"flightveil/internal/input"
)

// gpmf recognises GoPro's metadata format (GPMF), which begins with a device
// container: a four-letter key, a type (0 for containers), the size of one
// element and the number of elements.
// In a DNG "GoPro" and a line feed stand before it.
func gpmf(head []byte, _, _ string) bool {
	return looksLike(head, "DEVC\x00\x01") || looksLike(head, goproHeader+"DEVC\x00\x01")
}

const goproHeader = "GoPro\n"

// gpmfKeys names what GoPro's still cameras write.
func gpmfKeys() map[string]tag {
	return map[string]tag{
		"CASN": {name: "CameraSerialNumber", class: identity},
		"LINF": {name: "LensSerialNumber", class: identity},
		"MUID": {name: "MediaUniqueID", class: identity},
		"GUMI": {name: "GlobalUniqueMediaID", class: identity},
		"CINF": {name: "ChapterInfo", class: identity},
		"MINF": {name: "Model", class: device},
		"DVNM": {name: "DeviceName", class: device},
		"FMWR": {name: "FirmwareVersion", class: device},
		"CDAT": {name: "CreationDate", class: times},
		"CDTM": {name: "CreationDateTime", class: times},
		"GPSU": {name: "GPSDateTime", class: times},
		"GPS5": {name: "GPSLatitude", class: location},
		"GPS9": {name: "GPSLatitude", class: location},
		"GPRI": {name: "GPSRaw", class: location},
		"GPSF": {name: "GPSMeasureMode", class: attitude},
		"GPSP": {name: "GPSHPositioningError", class: attitude},
		"GRAV": {name: "GravityVector", class: attitude},
		"IORI": {name: "ImageOrientation", class: attitude},
		"CORI": {name: "CameraOrientation", class: attitude},
		"ACCL": {name: "Accelerometer", class: attitude},
		"GYRO": {name: "Gyroscope", class: attitude},
		"MAGN": {name: "Magnetometer", class: attitude},
		"TZON": {name: "TimeZone", class: times},
		"SHUT": {name: "ExposureTimes", class: exposure},
		"ISOE": {name: "ISOSpeeds", class: exposure},
		"WBAL": {name: "ColorTemperatures", class: exposure},
		"WRGB": {name: "WhiteBalanceRGB", class: exposure},
		"VFOV": {name: "FieldOfView", class: exposure},
		"ZFOV": {name: "DiagonalFieldOfView", class: exposure},
		"EXPT": {name: "ExposureType", class: exposure},
		"PTWB": {name: "WhiteBalance", class: exposure},
		"PTSH": {name: "Sharpness", class: exposure},
		"PTCL": {name: "ColorMode", class: exposure},
		"PTEV": {name: "ExposureCompensation", class: exposure},
		"PIMN": {name: "AutoISOMin", class: exposure},
		"PIMX": {name: "AutoISOMax", class: exposure},
		"EISE": {name: "ElectronicImageStabilization", class: exposure},
	}
}

func parseGPMF(p *parser, head []byte) error {
	s := p.note
	if looksLike(head, goproHeader) {
		n := int64(len(goproHeader))
		p.header(n)
		s = input.Span{Off: s.Off + n, Len: s.Len - n}
	}
	return p.gpmf(s, 0)
}

// gpmf parses the elements of s.
func (p *parser) gpmf(s input.Span, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("containers nested %d deep: %w", depth, input.ErrLimit)
	}
	keys := gpmfKeys()
	for at := s.Off; at+8 <= s.End(); {
		b, err := p.bytes(at, 8)
		if err != nil {
			return err
		}
		n := int64(b[5]) * int64(binary.BigEndian.Uint16(b[6:]))
		if blankBytes(b[:4]) || n > s.End()-at-8 {
			break // padding, or cut short: what is left belongs to no value
		}
		p.used = append(p.used, input.Span{Off: at, Len: 8})
		val := input.Span{Off: at + 8, Len: n}
		t, ok := keys[string(b[:4])]
		switch {
		case b[4] == 0:
			err = p.gpmf(val, depth+1)
		case !ok:
			err = p.add(Field{Name: "GPMF", Class: unknown, Spans: []input.Span{val}})
		default:
			var v []byte
			if v, err = p.bytes(val.Off, min(val.Len, maxText)); err == nil {
				err = p.add(Field{Name: t.name, Class: t.class, Spans: []input.Span{val}, Value: textOf(v)})
			}
		}
		if err != nil {
			return err
		}
		at += 8 + (n+3)&^3
	}
	return nil
}
