package djitxt

import (
	"fmt"
	"math"
	"time"

	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// A field is a text of the detail area (section 3).
type field struct {
	name     string
	class    privacy.Class
	off, len int
}

var places = []field{
	{"subStreet", privacy.Place, 0, 20}, {"street", privacy.Place, 20, 20}, {"city", privacy.Place, 40, 20}, {"area", privacy.Place, 60, 20},
}

var (
	oldNames = []field{
		{"aircraftSn", privacy.Identity, 267, 10}, {"aircraftName", privacy.Identity, 278, 32},
		{"cameraSn", privacy.Identity, 318, 10}, {"rcSn", privacy.Identity, 328, 10}, {"batterySn", privacy.Identity, 338, 10},
	}
	newNames = []field{
		{"aircraftName", privacy.Identity, 280, 32}, {"aircraftSn", privacy.Identity, 312, 16},
		{"cameraSn", privacy.Identity, 328, 16}, {"rcSn", privacy.Identity, 344, 16}, {"batterySn", privacy.Identity, 360, 16},
	}
)

// detail yields the start of the flight and what the detail area says. It
// returns false when the caller has enough.
func (d *decoder) detail() bool {
	h := d.header
	start := logfmt.Start{Variant: fmt.Sprintf("v%d", h.version)}
	if h.detail == nil {
		if !d.put(start) {
			return false
		}
		if h.detailOff != 0 || h.version >= 13 {
			d.put(logfmt.Damage{Off: min(max(h.detailOff, 0), h.size), Reason: "the detail area is missing"})
		}
		return !d.stopped // an offset of 0: the app died in flight, and there is none
	}
	have := len(h.detail)
	b := make([]byte, maxDetail) // what is missing is zero
	copy(b, h.detail)
	old := h.version <= 5
	productAt, platformAt, activationAt, names, altitudeAt := 271, 376, 272, newNames, 267
	if old {
		productAt, platformAt, activationAt, names, altitudeAt = 277, 348, 310, oldNames, 352
	}
	product, platform := b[productAt], b[platformAt:platformAt+4]
	if name := products[product]; name != "" {
		start.Variant += ", " + name
	}
	if ms := int32(le.Uint32(b[119:])); ms > 0 {
		start.Duration = time.Duration(ms) * time.Millisecond
	}
	if !d.put(start) {
		return false
	}
	at := func(off, n int) []input.Span { return d.inDetail(off, n) }
	for _, f := range places {
		if value := text(b[f.off:][:f.len]); value != "Map Loading" { // the app had no map yet
			d.identify(f.class, "details/"+f.name, value, at(f.off, f.len))
		}
	}
	for _, f := range names {
		value := text(b[f.off:][:f.len])
		if f.name == "batterySn" {
			value = batterySerial(b[f.off:][:f.len])
		}
		d.identify(f.class, "details/"+f.name, value, at(f.off, f.len))
	}
	began := clock(int64(le.Uint64(b[91:])))
	d.moment("details/startTime", began, at(91, 8))
	d.moment("details/activationTime", clock(int64(le.Uint64(b[activationAt:]))), at(activationAt, 8))
	d.account(b[251:267], at(251, 16))
	if product != 0 {
		d.identify(privacy.Device, "details/productType", productName(product), at(productAt, 1))
	}
	if platform[0] != 0 {
		d.identify(privacy.Device, "details/appPlatform", platformName(platform[0]), at(platformAt, 1))
		d.identify(privacy.Device, "details/appVersion", fmt.Sprintf("%d.%d.%d", platform[1], platform[2], platform[3]), at(platformAt+1, 3))
	}
	takeOff := metres(le.Uint32(b[altitudeAt:]))
	d.takeOff = takeOff
	d.now = began
	d.spot(logfmt.Home, 0, geo.Point{Lat: f64(b[107:]), Lon: f64(b[99:])}, takeOff, "MSL")
	for i := range 4 {
		p := geo.Point{Lat: degrees(f64(b[211+8*i:])), Lon: degrees(f64(b[179+8*i:]))}
		d.spot(logfmt.Photo, uint32(i+1), p, nan, "")
	}
	d.now = time.Time{}
	if have < detailOldLen {
		d.put(logfmt.Damage{Off: h.where.Off, Len: h.where.Len, Reason: "the detail area is cut"})
	}
	return !d.stopped
}

// inDetail returns where n bytes of the detail area lie in the file, as far as
// they do.
func (d *decoder) inDetail(off, n int) []input.Span {
	w := d.header.where
	if int64(off) >= w.Len {
		return nil
	}
	return []input.Span{{Off: w.Off + int64(off), Len: min(int64(n), w.Len-int64(off))}}
}

// account tells the hash of the user's account: text in older logs.
func (d *decoder) account(b []byte, at []input.Span) {
	value, zero := fmt.Sprintf("%x", b), true
	for _, c := range b {
		zero = zero && (c == 0 || c == '0')
	}
	if isPrintable(b) {
		value = string(b)
	}
	if !zero {
		d.identify(privacy.Identity, "details/userApiCenterIdMd5", value, at)
	}
}

func (d *decoder) moment(path string, t time.Time, at []input.Span) {
	if !t.IsZero() {
		d.identify(privacy.Time, path, t.Format(time.RFC3339Nano), at)
	}
}

// clock reads a time that is milliseconds in most writers, and seconds, micro-
// or nanoseconds in some. What is not in this century is no time.
func clock(v int64) time.Time {
	const from, to = 1262304000, 4102444800 // 2010 and 2100, in seconds
	for _, unit := range [...]int64{1e3, 1, 1e6, 1e9} {
		if s := v / unit; s >= from && s < to {
			return time.Unix(s, v%unit*(1e9/unit)).UTC()
		}
	}
	return time.Time{}
}

var nan = math.NaN()

// metres reads a float32 of tenths of a metre; 0 and what no aircraft reaches
// say nothing.
func metres(bits uint32) float64 {
	v := float64(math.Float32frombits(bits)) / 10
	if v == 0 || !(math.Abs(v) < 12000) {
		return nan
	}
	return math.Round(v*1e4) / 1e4
}

func f64(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) }

func degrees(rad float64) float64 { return rad * (180 / math.Pi) }
