package jpeg

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"flightveil/internal/privacy"
)

// textAt returns the text in [off, off+n) of b as a value, if there is any.
func textAt(b []byte, name string, class privacy.Class, off, n int) []value {
	if off < 0 || n < 0 || off > len(b) || n > len(b)-off {
		return nil
	}
	if t := text(b[off : off+n]).Reveal(); t != "" {
		return []value{{name: name, class: class, off: off, len: n, text: t}}
	}
	return nil
}

// matches returns the first group of every match of re as a value.
func matches(b []byte, re *regexp.Regexp, name string, class privacy.Class) []value {
	var out []value
	for _, m := range re.FindAllSubmatchIndex(b, -1) {
		out = append(out, textAt(b, name, class, m[2], m[3]-m[2])...)
	}
	return out
}

// readSensorID finds the camera's serial number in DJI's debug block, or in
// memory that was not cleared before it became padding.
func readSensorID(b []byte) []value { return matches(b, sensorID, "SensorID", privacy.Identity) }

var serialText = regexp.MustCompile(`serial number:([ -~]{4,})`)

func readSerialTexts(b []byte) []value {
	return matches(b, serialText, "SerialNumber", privacy.Identity)
}

// readCasio reads the block of the QV-7000SX: a date of 20 bytes at 0x4D and
// the model at 0x62.
func readCasio(b []byte) []value {
	return append(textAt(b, "DateTimeOriginal", privacy.Time, 0x4D, 20), textAt(b, "ModelType", privacy.Device, 0x62, 7)...)
}

// readJPS reads the comment of a stereo picture: "_JPSJPS_", u16 length of
// the descriptor, the descriptor, u16 length of the comment, the comment.
func readJPS(b []byte) []value {
	if len(b) < 10 {
		return nil
	}
	at := 10 + int(binary.BigEndian.Uint16(b[8:]))
	if len(b) < at+2 {
		return nil
	}
	return textAt(b, "JPSComment", privacy.Description, at+2, min(int(binary.BigEndian.Uint16(b[at:])), len(b)-at-2))
}

// readFlashPix finds the dates in a property set: type 64 (FILETIME), then
// units of 100 ns since 1601. That of the creation comes first.
func readFlashPix(b []byte) []value {
	const year = 365 * 24 * 3600 * 10_000_000
	var out []value
	name := "ExtensionCreateDate"
	for at := 0; len(b)-at >= 12; at++ {
		if binary.LittleEndian.Uint32(b[at:]) != 64 {
			continue
		}
		v := binary.LittleEndian.Uint64(b[at+4:])
		if v < 380*year || v > 500*year {
			continue
		}
		t := time.Unix(int64(v/10_000_000)-11644473600, 0).UTC()
		out = append(out, value{name: name, class: privacy.Time, off: at + 4, len: 8, text: t.Format("2006:01:02 15:04:05")})
		name, at = "ExtensionModifyDate", at+11
	}
	return out
}

func readUniqueID(b []byte) []value {
	const sig = len("ssuniqueid\x00")
	if len(b) <= sig {
		return nil
	}
	return []value{{name: "UniqueID", class: privacy.Identity, off: sig, len: len(b) - sig, text: hex.EncodeToString(b[sig:min(len(b), sig+32)])}}
}

// readInfiRay reads the texts of the sensor block, at fixed places.
func readInfiRay(b []byte) []value {
	var out []value
	for _, x := range []struct {
		off, n int
		name   string
		class  privacy.Class
	}{
		{0x000, 12, "IRSensorManufacturer", privacy.Device}, {0x040, 12, "IRSensorName", privacy.Device},
		{0x080, 32, "IRSensorPartNumber", privacy.Device}, {0x0C0, 32, "IRSensorSerialNumber", privacy.Identity},
		{0x100, 12, "IRSensorFirmware", privacy.Device}, {0x180, 12, "VisibleSensorManufacturer", privacy.Device},
		{0x1C0, 12, "VisibleSensorName", privacy.Device}, {0x200, 32, "VisibleSensorPartNumber", privacy.Device},
		{0x240, 32, "VisibleSensorSerialNumber", privacy.Identity}, {0x280, 12, "VisibleSensorFirmware", privacy.Device},
	} {
		out = append(out, textAt(b, x.name, x.class, x.off, x.n)...)
	}
	return out
}

// readUnicode reads PhotoStudio's comment: UTF-16 behind the signature.
func readUnicode(b []byte) []value {
	const sig = len("UNICODE\x00")
	t := utf16BE(b[min(len(b), sig):])
	if t == "" {
		return nil
	}
	return []value{{name: "Comment", class: privacy.Description, off: sig, len: len(b) - sig, text: t}}
}

func utf16BE(b []byte) string {
	var u []uint16
	for ; len(b) >= 2; b = b[2:] {
		u = append(u, binary.BigEndian.Uint16(b))
	}
	return strings.TrimSpace(strings.TrimRight(string(utf16.Decode(u)), "\x00"))
}

// readDucky reads what Photoshop's "save for web" leaves: u16 tag, u16 length,
// and in tags 2 and 3 the number of characters and UTF-16 text.
func readDucky(b []byte) []value {
	var out []value
	for at := len("Ducky"); len(b)-at >= 4; {
		tag, n := binary.BigEndian.Uint16(b[at:]), int(binary.BigEndian.Uint16(b[at+2:]))
		at += 4
		if tag == 0 || n > len(b)-at {
			break
		}
		v := value{off: at, len: n}
		switch {
		case tag == 2 && n >= 4:
			v.name, v.class, v.text = "Comment", privacy.Description, utf16BE(b[at+4:at+n])
		case tag == 3 && n >= 4:
			v.name, v.class, v.text = "Copyright", privacy.Copyright, utf16BE(b[at+4:at+n])
		}
		if v.text != "" {
			out = append(out, v)
		}
		at += n
	}
	return out
}

var jukeboxTag = regexp.MustCompile(`<([A-Za-z_]+)>([^<]+)</`)

// readJukebox reads the XML that Media Center writes.
func readJukebox(b []byte) []value {
	classes := map[string]privacy.Class{"Date": privacy.Time, "People": privacy.Identity, "Places": privacy.Place,
		"Tool_Name": privacy.Device, "Tool_Version": privacy.Device, "Name": privacy.Description, "Album": privacy.Description}
	var out []value
	for _, m := range jukeboxTag.FindAllSubmatchIndex(b, -1) {
		name := string(b[m[2]:m[3]])
		class, ok := classes[name]
		if !ok {
			continue // covered by the finding of the whole block
		}
		out = append(out, textAt(b, name, class, m[4], m[5]-m[4])...)
	}
	return out
}

var pictureInfo = regexp.MustCompile(`([A-Za-z][A-Za-z0-9#_-]*)=([ -~]+)`)

// readPictureInfo reads the text of early Agfa, Epson, Olympus and Polaroid
// cameras: sections in brackets and lines "name=value".
func readPictureInfo(b []byte) []value {
	tags := map[string]struct {
		name  string
		class privacy.Class
	}{
		"TimeDate": {"DateTimeOriginal", privacy.Time}, "Serial#": {"SerialNumber", privacy.Identity},
		"Type": {"CameraType", privacy.Device}, "Version": {"Version", privacy.Device}, "ID": {"ID", privacy.Device}, "FWare": {"FirmwareVersion", privacy.Device},
		"Shutter": {"ExposureTime", privacy.Exposure}, "shtr": {"ExposureTime", privacy.Exposure}, "FNumber": {"FNumber", privacy.Exposure},
		"Aperture": {"Aperture", privacy.Exposure}, "Flash": {"Flash", privacy.Exposure}, "ExpBias": {"ExposureCompensation", privacy.Exposure},
	}
	var out []value
	for _, m := range pictureInfo.FindAllSubmatchIndex(b, -1) {
		tag, ok := tags[string(b[m[2]:m[3]])]
		if !ok {
			continue
		}
		v := textAt(b, tag.name, tag.class, m[4], m[5]-m[4])
		if len(v) == 1 && tag.class == privacy.Time {
			if s, err := strconv.ParseInt(v[0].text, 10, 64); err == nil && s < 1<<33 {
				v[0].text = time.Unix(s, 0).UTC().Format("2006:01:02 15:04:05")
			}
		}
		out = append(out, v...)
	}
	return out
}

// readRicoh reads the form that a Caplio Pro G3 lets its user fill in. Behind
// the signature: byte order, u16, u16 number of this block, u32, u16 offset of
// the directory from the byte order. The directory: u16 number of entries, 8
// bytes, then sections of u16 type and u16 length (that of the length
// included): labels (1) and values (2, 18) as texts that end with a zero byte.
func readRicoh(b []byte) []value {
	const base = len("RMETA\x00")
	if len(b) < base+10 {
		return nil
	}
	var o binary.ByteOrder = binary.BigEndian
	if b[base] == 'I' {
		o = binary.LittleEndian
	}
	if i := bytes.Index(b, []byte("BARCODE")); o.Uint16(b[base+4:]) != 0 && i >= 0 {
		return textAt(b, "Barcodes", privacy.Identity, i, len(b)-i)
	}
	var labels []string
	var out []value
	for at := base + int(o.Uint16(b[base+8:])) + 10; len(b)-at >= 4; {
		kind, n := o.Uint16(b[at:]), int(o.Uint16(b[at+2:]))-2
		at += 4
		if n < 0 || n > len(b)-at {
			break
		}
		texts := bytes.Split(b[at:at+n], []byte{0})
		switch kind {
		case 1:
			for _, t := range texts {
				labels = append(labels, string(t))
			}
		case 2, 18:
			pos := at
			for i, t := range texts {
				name, class := "Value", privacy.Description
				if i < len(labels) && labels[i] == "Location" {
					name, class = "Location", privacy.Place
				}
				out = append(out, textAt(b, name, class, pos, len(t))...)
				pos += len(t) + 1
			}
		}
		at += n
	}
	return out
}
