package jpeg

import (
	"encoding/binary"
	"fmt"
	"strings"

	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// gpmfDepth is how deep GoPro's blocks may be nested: device, stream, data.
const gpmfDepth = 4

// readGoPro reads the GPMF block of GoPro cameras: four-character keys, u8
// type, u8 size of a structure, u16 number of them, and the values, padded to
// four bytes; type 0 holds such items itself (GPMF specification).
func readGoPro(b []byte) []value {
	const sig = len("GoPro\x00")
	return gpmfItems(b, sig, len(b), gpmfDepth)
}

func gpmfItems(b []byte, at, end, depth int) []value {
	var out []value
	scale := []int32{1}
	for end-at >= 8 && depth > 0 {
		key, kind := string(b[at:at+4]), b[at+4]
		size, n := int(b[at+5]), int(b[at+5])*int(binary.BigEndian.Uint16(b[at+6:]))
		if at += 8; n > end-at {
			break
		}
		v := b[at : at+n]
		switch {
		case kind == 0:
			out = append(out, gpmfItems(b, at, at+n, depth-1)...)
		case key == "SCAL" && kind == 'l':
			scale = longs(v)
		case key == "GPS5" && kind == 'l' && size == 20, key == "GPS9" && kind == '?' && size == 32, key == "GPRI" && kind == '?', key == "GLPI" && kind == '?':
			out = append(out, gpmfTrack(key, v, at, size, scale)...)
		default:
			out = append(out, gpmfValue(key, v, at)...)
		}
		at += (n + 3) &^ 3
	}
	return out
}

// gpmfValue returns a value that tells a camera or a time.
func gpmfValue(key string, v []byte, at int) []value {
	tag, ok := map[string]struct {
		name  string
		class privacy.Class
	}{
		"CASN": {"CameraSerialNumber", privacy.Identity}, "LINF": {"LensSerialNumber", privacy.Identity}, "CINF": {"CameraInfo", privacy.Identity},
		"MUID": {"MediaUID", privacy.Identity}, "GUMI": {"GUMI", privacy.Identity}, "DVNM": {"DeviceName", privacy.Device},
		"FMWR": {"FirmwareVersion", privacy.Device}, "MINF": {"Model", privacy.Device}, "GPSU": {"GPSDateTime", privacy.Time},
	}[key]
	if !ok || len(v) == 0 {
		return nil
	}
	t := text(v).Reveal()
	if strings.ContainsFunc(t, func(r rune) bool { return r < ' ' || r > '~' }) || key == "MUID" || key == "GUMI" {
		t = fmt.Sprintf("%x", v[:min(len(v), 32)])
	}
	if t == "" {
		return nil
	}
	return []value{{name: tag.name, class: tag.class, off: at, len: len(v), text: t}}
}

// gpmfTrack returns a run of positions, with the first of them. GPS5 and GPS9
// begin with latitude and longitude, Karma's two with a time.
func gpmfTrack(key string, v []byte, at, size int, scale []int32) []value {
	lat := value{name: "GPSLatitude", class: privacy.Location, off: at, len: len(v), count: len(v) / max(size, 1)}
	lon := lat
	lon.name = "GPSLongitude"
	first := 0
	if key == "GPRI" || key == "GLPI" {
		first = 1
	}
	if l := longs(v); len(l) >= first+2 && len(scale) > 0 {
		div := func(i int) float64 { return float64(max(1, scale[min(i, len(scale)-1)])) }
		p := geo.Point{Lat: float64(l[first]) / div(first), Lon: float64(l[first+1]) / div(first+1)}
		if p.Valid() {
			lat.where, lon.where = &p, &p
			lat.text, lon.text = fmt.Sprintf("%.6f", p.Lat), fmt.Sprintf("%.6f", p.Lon)
		}
	}
	return []value{lat, lon}
}

func longs(b []byte) []int32 {
	var out []int32
	for ; len(b) >= 4; b = b[4:] {
		out = append(out, int32(binary.BigEndian.Uint32(b)))
	}
	return out
}
