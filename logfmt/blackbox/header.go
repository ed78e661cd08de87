package blackbox

import (
	"bytes"
	"strings"
	"time"

	"flightveil/internal/block/tracktext"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// maxLine bounds a line of the header. The longest, the names of all fields,
// has some 1,500 bytes.
const maxLine = lookAhead

// A header is what the text before the frames says.
type header struct {
	defs        map[string][]int // "I predictor" → numbers
	names       map[byte][]string
	identifiers []logfmt.Identifier

	revision                       string // "Betaflight 4.2.0 (8f2d21460) STM32F745"
	dataV2                         bool
	elias                          bool // encoding 10 is an Elias code, not Betaflight's
	interval                       int64
	start                          time.Time // UTC; zero if the recorder had no clock
	minThrottle, minMotor, vbatRef int64
}

// An identity is a header line that says whose log it is.
type identity struct {
	class privacy.Class
	path  string
}

// identities by their key in lower case.
var identities = map[string]identity{
	"craft name":         {privacy.Identity, "craftName"},
	"pilot name":         {privacy.Identity, "pilotName"},
	"deviceuid":          {privacy.Identity, "deviceUid"},
	"device uid":         {privacy.Identity, "deviceUid"},
	"mcu id":             {privacy.Identity, "mcuId"},
	"mcu_id":             {privacy.Identity, "mcuId"},
	"serial number":      {privacy.Identity, "serialNumber"},
	"board serial":       {privacy.Identity, "boardSerial"},
	"signature":          {privacy.Identity, "signature"},
	"board information":  {privacy.Device, "boardInformation"},
	"firmware revision":  {privacy.Device, "firmwareRevision"},
	"firmware date":      {privacy.Device, "firmwareDate"},
	"log start datetime": {privacy.Time, "logStartDatetime"},
}

// header reads the lines at pos. A line that is damaged is told and left out;
// the frames then decide whether the rest is enough.
func (d *decoder) header() (*header, error) {
	h := &header{
		defs: map[string][]int{}, names: map[byte][]string{}, interval: 32,
		minThrottle: 1150, minMotor: 1150, vbatRef: 4095, // what old recorders that do not write them had
	}
	for i := 0; ; i++ {
		if i%checkEvery == 0 && d.ctx.Err() != nil {
			return h, d.ctx.Err()
		}
		b, err := d.ahead(maxLine)
		if err != nil || len(b) == 0 {
			return h, err
		}
		n := line(b)
		if n > 0 {
			h.line(b[:n-1], d.pos)
			d.pos += int64(n)
			continue
		}
		// Garbage inside the header: it goes on at the next line that is one.
		skip := nextLine(b)
		if skip < 0 {
			return h, nil
		}
		d.damage(d.pos, d.pos+int64(skip), "a line of the header that is not text")
		d.pos += int64(skip)
	}
}

// line returns the length of the header line at the beginning of b, with its
// end, or 0 if there is none.
func line(b []byte) int {
	if len(b) < 2 || b[0] != 'H' || b[1] != ' ' {
		return 0
	}
	n := bytes.IndexByte(b, '\n')
	if n < 0 {
		return 0
	}
	for _, c := range b[:n] {
		if c < ' ' && c != '\t' && c != '\r' {
			return 0
		}
	}
	if bytes.IndexByte(b[:n], ':') < 0 {
		return 0
	}
	return n + 1
}

func nextLine(b []byte) int {
	for off := 0; ; {
		i := bytes.Index(b[off:], []byte("\nH "))
		if i < 0 {
			return -1
		}
		if off += i + 1; line(b[off:]) > 0 {
			return off
		}
	}
}

func (h *header) line(b []byte, off int64) {
	const prefix = len("H ")
	b = bytes.TrimSuffix(b, []byte("\r"))
	colon := bytes.IndexByte(b, ':')
	key, value := string(b[prefix:colon]), b[colon+1:]
	if id, ok := identities[strings.ToLower(strings.TrimSpace(key))]; ok {
		h.identify(id, value, off+int64(colon)+1)
	}
	switch key {
	case "Data version":
		h.dataV2 = first(value) >= 2
	case "Firmware type":
		h.elias = h.elias || string(value) == "Baseflight"
	case "Firmware revision":
		h.revision = string(value)
		h.elias = h.elias || strings.HasPrefix(h.revision, "INAV")
	case "Log start datetime":
		// 0000-01-01 is a recorder that was not told the time.
		if utc, _, ok := tracktext.Time(value); ok && utc.Year() >= 2010 {
			h.start = utc
		}
	case "I interval":
		h.interval = max(1, first(value))
	case "minthrottle":
		h.minThrottle = first(value)
		h.minMotor = h.minThrottle
	case "motorOutput":
		h.minMotor = first(value)
	case "vbatref":
		h.vbatRef = first(value)
	default:
		h.define(key, value)
	}
}

func (h *header) identify(id identity, value []byte, off int64) {
	text := bytes.TrimLeft(value, " ")
	off += int64(len(value) - len(text))
	if text = bytes.TrimRight(text, " \x00"); len(text) == 0 || id.class == privacy.Time && bytes.HasPrefix(text, []byte("0000-")) {
		return
	}
	if len(h.identifiers) >= 4*len(identities) { // a header that repeats itself
		return
	}
	h.identifiers = append(h.identifiers, logfmt.Identifier{Finding: privacy.Finding{
		Class: id.class, Path: id.path, Value: privacy.Secret(bytes.ToValidUTF8(text, []byte("?"))), Spans: []input.Span{{Off: off, Len: int64(len(text))}},
	}})
}

// define takes "Field I name:loopIteration,time,…" and its like.
func (h *header) define(key string, value []byte) {
	key, ok := strings.CutPrefix(key, "Field ")
	if !ok || len(key) < 3 || key[1] != ' ' || !strings.ContainsRune("IPGHS", rune(key[0])) {
		return
	}
	switch key[2:] {
	case "name":
		h.names[key[0]] = strings.Split(string(value), ",")
		return
	case "signed", "predictor", "encoding":
	default:
		return
	}
	var out []int
	for _, s := range bytes.Split(value, []byte(",")) {
		n, ok := tracktext.Digits(bytes.TrimSpace(s))
		if !ok {
			return
		}
		out = append(out, n)
	}
	h.defs[key] = out
}

// first returns the number at the beginning of b, 0 if there is none.
func first(b []byte) int64 {
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		b = b[1:]
	}
	n := int64(0)
	for _, c := range b {
		if c < '0' || c > '9' || n > 1<<31 {
			break
		}
		n = n*10 + int64(c-'0')
	}
	if neg {
		return -n
	}
	return n
}

// variant is the firmware's name and version.
func (h *header) variant() string {
	f := strings.Fields(h.revision)
	if len(f) > 2 {
		f = f[:2]
	}
	return strings.Join(f, " ")
}

// altitudeUnit returns the unit of GPS_altitude in metres, 0 if the sources do
// not tell: iNav and Cleanflight write metres, Betaflight 4 and Rotorflight
// tenths. Betaflight 3 changed it from release to release.
func (h *header) altitudeUnit() float64 {
	f := strings.Fields(h.revision)
	if len(f) < 2 {
		return 0
	}
	switch f[0] {
	case "INAV", "Cleanflight":
		return 1
	case "Rotorflight":
		return 0.1
	case "Betaflight", "BetaFlight":
		if major := first([]byte(f[1])); major >= 4 {
			return 0.1
		}
	}
	return 0
}
