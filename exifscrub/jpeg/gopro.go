package jpeg

import (
	"bytes"
	"fmt"
	"strings"

	"flightveil/internal/block/gpmf"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// readGoPro reads the GPMF block of GoPro cameras, as far as it goes.
func readGoPro(b []byte) []value {
	const sig = int64(len("GoPro\x00"))
	in := bytes.NewReader(b)
	var out []value
	for e, err := range gpmf.Walk(in, input.Span{Off: sig, Len: in.Size() - sig}, input.Limits{}) {
		if err != nil {
			break // the block goes as a whole, whatever else is in it
		}
		if e.IsTrack() {
			out = append(out, gpmfTrack(e, in)...)
		} else if e.Type != 0 && e.Span.Len > 0 {
			out = append(out, gpmfValue(e, b[e.Span.Off:e.Span.End()])...)
		}
	}
	return out
}

// gpmfValue returns a value that tells a camera or a time.
func gpmfValue(e gpmf.Entry, v []byte) []value {
	tag, ok := map[string]struct {
		name  string
		class privacy.Class
	}{
		"CASN": {"CameraSerialNumber", privacy.Identity}, "LINF": {"LensSerialNumber", privacy.Identity}, "CINF": {"CameraInfo", privacy.Identity},
		"MUID": {"MediaUniqueID", privacy.Identity}, "GUMI": {"GUMI", privacy.Identity}, "DVNM": {"DeviceName", privacy.Device},
		"FMWR": {"FirmwareVersion", privacy.Device}, "MINF": {"Model", privacy.Device}, "GPSU": {"GPSDateTime", privacy.Time},
	}[e.Key]
	if !ok {
		return nil
	}
	t := text(v).Reveal()
	if strings.ContainsFunc(t, func(r rune) bool { return r < ' ' || r > '~' }) || e.Key == "MUID" || e.Key == "GUMI" {
		t = fmt.Sprintf("%x", v[:min(len(v), 32)])
	}
	if t == "" {
		return nil
	}
	return []value{{name: tag.name, class: tag.class, off: int(e.Span.Off), len: len(v), text: t}}
}

// gpmfTrack returns a run of positions, with the first of them.
func gpmfTrack(e gpmf.Entry, in input.Input) []value {
	class := privacy.Location
	if e.Key == "BPOS" { // of the remote control
		class = privacy.Operator
	}
	lat := value{name: "GPSLatitude", class: class, off: int(e.Span.Off), len: int(e.Span.Len), count: e.Repeat}
	lon := lat
	lon.name = "GPSLongitude"
	for f, err := range e.Fixes(in) {
		if err == nil {
			lat.where, lon.where = &f.At, &f.At
			lat.text, lon.text = fmt.Sprintf("%.6f", f.At.Lat), fmt.Sprintf("%.6f", f.At.Lon)
		}
		break
	}
	return []value{lat, lon}
}
