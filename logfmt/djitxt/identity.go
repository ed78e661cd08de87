package djitxt

import (
	"fmt"
	"strings"
	"time"

	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// identify tells a value that names something, once.
func (d *decoder) identify(class privacy.Class, path, value string, at []input.Span) {
	if value == "" {
		return
	}
	d.tell(class, path, value, at)
}

// tell is identify for what may have no value to show.
func (d *decoder) tell(class privacy.Class, path, value string, at []input.Span) {
	key := idKey{path, value}
	if _, ok := d.known[key]; ok {
		return
	}
	if len(d.known) < maxKnown {
		d.known[key] = struct{}{}
	}
	d.put(identifier(class, path, value, at))
}

// picture reports a JPEG file: the app keeps what the camera saw.
func (d *decoder) picture(off, size int64) {
	d.flush()
	d.put(identifier(privacy.Preview, "momentPicture", fmt.Sprintf("JPEG file of %d bytes", size), []input.Span{{Off: off, Len: size}}))
}

// images reports a stretch of the picture area that holds no JPEG file.
func (d *decoder) images(off, size int64) {
	d.put(identifier(privacy.Preview, "pictureArea", fmt.Sprintf("%d bytes of an unknown layout", size), []input.Span{{Off: off, Len: size}}))
}

// identity reads the records whose purpose is to name something.
func (d *decoder) identity(b []byte, n int, where input.Span, kind byte) {
	switch kind {
	case recRecover:
		d.recover(b, n, where)
	case recComponent:
		names := [...]string{1: "cameraSn", 2: "aircraftSn", 3: "rcSn", 4: "batterySn"}
		name := "serial"
		if c := le.Uint16(b); int(c) < len(names) && names[c] != "" {
			name = names[c]
		}
		if size := int(b[2]); n > 3 {
			size = min(size, n-3)
			d.identify(privacy.Identity, "component/"+name, serial(b[3:3+size]), part(where, 3, size))
		}
	case recFirmware:
		d.firmware(b[:n], where)
	case recNoFly:
		d.identify(privacy.Device, "flySafe/database", visible(b[:n]), []input.Span{where})
	case recLimits:
		d.tell(privacy.Unknown, "flySafe/limits", "", []input.Span{where})
	case recLicence:
		d.tell(privacy.Identity, "flySafe/licence", visible(b[:n]), []input.Span{where})
	case recFlightHub:
		d.tell(privacy.Identity, "flightHub", visible(b[:n]), []input.Span{where})
	default: // missions: a position needs two numbers of eight bytes
		if n >= 16 && !allZero(b[:n]) {
			d.tell(privacy.Location, fmt.Sprintf("mission/%d", kind), "", []input.Span{where})
			d.waypoints(b[:n], kind)
		}
	}
}

// recover reads what the app needs after it died: the detail area's names. The
// width of serial numbers follows from the length, not from the version.
func (d *decoder) recover(b []byte, n int, where input.Span) {
	width := 10
	if n >= 109 {
		width = 16
	}
	if n < 5+width+32 {
		return
	}
	at := 5
	next := func(size int) ([]byte, []input.Span) {
		at += size
		return b[min(at-size, n):min(at, n)], part(where, at-size, size)
	}
	if b[0] != 0 {
		d.identify(privacy.Device, "recover/productType", productName(b[0]), part(where, 0, 1))
		d.identify(privacy.Device, "recover/appPlatform", platformName(b[1]), part(where, 1, 1))
		d.identify(privacy.Device, "recover/appVersion", fmt.Sprintf("%d.%d.%d", b[2], b[3], b[4]), part(where, 2, 3))
	}
	v, s := next(width)
	d.identify(privacy.Identity, "recover/aircraftSn", serial(v), s)
	v, s = next(32)
	d.identify(privacy.Identity, "recover/aircraftName", text(v), s)
	v, s = next(8)
	if t := clock(int64(le.Uint64(append(v[:len(v):len(v)], make([]byte, 8)...)))); !t.IsZero() {
		d.identify(privacy.Time, "recover/time", t.Format(time.RFC3339Nano), s)
	}
	for _, name := range []string{"cameraSn", "rcSn"} {
		v, s = next(width)
		d.identify(privacy.Identity, "recover/"+name, serial(v), s)
	}
	v, s = next(width)
	d.identify(privacy.Identity, "recover/batterySn", batterySerial(v), s)
}

// firmware reads which parts run which version: six bytes each.
func (d *decoder) firmware(b []byte, where input.Span) {
	if allZero(b) {
		return
	}
	var all []string
	for ; len(b) >= 6; b = b[6:] {
		all = append(all, fmt.Sprintf("%d.%d: %d.%d.%d.%d", b[0], b[1], b[2], b[3], b[4], b[5]))
	}
	d.identify(privacy.Device, "firmware", strings.Join(all, ", "), []input.Span{where})
}

// battery reads the charge, and the numbers that tell one battery from others.
func (d *decoder) battery(b []byte, n int, where input.Span, kind byte) {
	switch {
	case kind == recCenter && n >= 31:
		if b[0] > 0 && b[0] <= 100 {
			d.charge = float64(b[0])
		}
		d.number("battery/serial", le.Uint16(b[28:]), part(where, 28, 2))
		d.number("battery/cycles", le.Uint16(b[8:]), part(where, 8, 2))
	case kind == recBatteryGroup && b[0] == 1 && n >= 16:
		d.number("battery/serial", le.Uint16(b[14:]), part(where, 14, 2))
		d.number("battery/cycles", le.Uint16(b[6:]), part(where, 6, 2))
	case kind == recBatteryGroup && b[0] == 2 && n >= 22:
		if c := b[21]; c > 0 && c <= 100 {
			d.charge = float64(c)
		}
	}
}

func (d *decoder) number(path string, v uint16, at []input.Span) {
	if v != 0 {
		d.identify(privacy.Identity, path, fmt.Sprint(v), at)
	}
}

// visible returns b as text if it is text.
func visible(b []byte) string {
	s := text(b)
	if !isPrintable([]byte(s)) {
		return ""
	}
	return s
}

func isSerial(b []byte) bool {
	s := serial(b)
	return len(s) >= 6 && isPrintable([]byte(s))
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

func identifier(class privacy.Class, path, value string, at []input.Span) logfmt.Identifier {
	return logfmt.Identifier{Finding: privacy.Finding{Class: class, Path: path, Spans: at, Value: privacy.Secret(value)}}
}
