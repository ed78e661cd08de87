package djitxt

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// Record types (section 4) that are decoded.
const (
	recOSD          = 1
	recHome         = 2
	recGimbal       = 3
	recCustom       = 5
	recCenter       = 7
	recSmartBattery = 8
	recTip          = 9
	recWarn         = 10
	recRCGPS        = 11
	recRecover      = 13
	recAppGPS       = 14
	recFirmware     = 15
	recVisionText   = 18
	recBatteryGroup = 22
	recSerious      = 24
	recNoFly        = 28
	recComponent    = 40
	recNewGroup     = 50
	recLimits       = 51
	recLicence      = 52
	recFlightHub    = 53
)

// told marks the types that are decoded; the others are passed over.
var told = [256]bool{
	recOSD: true, recHome: true, recGimbal: true, recCustom: true, recCenter: true, recTip: true, recWarn: true, recRCGPS: true,
	recRecover: true, recAppGPS: true, recFirmware: true, recVisionText: true, recBatteryGroup: true, recSerious: true, recNoFly: true, recComponent: true,
	recNewGroup: true, recLimits: true, recLicence: true, recFlightHub: true,
	31: true, 32: true, 33: true, 34: true, 35: true, 36: true, 37: true, 38: true, 39: true, // missions
}

// tailZeros is how far a decoder may read behind a body that is too short.
const tailZeros = 128

// A decoder turns records into what they say.
type decoder struct {
	header *header
	*scrambler
	yield   func(logfmt.Record, error) bool
	stopped bool

	keys    keychain
	group   int
	keyless error // why there are no keys
	missing [features]struct {
		n   int64
		off int64
	}
	hidden int64 // positions that need a key

	body []byte // of the record, followed by zeros

	fix     logfmt.Fix // waits for the clock of its moment
	pending bool
	fixAt   input.Span // of fix in the file
	before  geo.Point  // the last position told; NaN if there was none
	takeOff float64    // metres above the sea, by the detail area
	home    float64    // the same by the home record
	now     time.Time  // the clock
	first   time.Time  // the clock when the log began
	ticks   struct {
		last uint16 // flight time, tenths of a second
		sum  int64
		set  bool
	}
	gimbal struct{ pitch, roll, yaw float64 }
	charge float64
	photo  bool

	spots map[spotKey]geo.Point
	known map[idKey]struct{}
}

type spotKey struct {
	role logfmt.Role
	id   uint32
}

type idKey struct{ path, value string }

// maxKnown bounds how many values are remembered so that each is told once.
const maxKnown = 4096

func newDecoder(h *header, yield func(logfmt.Record, error) bool) *decoder {
	d := &decoder{header: h, scrambler: newScrambler(), yield: yield, takeOff: nan, home: nan, charge: nan, before: geo.Point{Lat: nan, Lon: nan},
		body: make([]byte, 0, 1<<10), spots: map[spotKey]geo.Point{}, known: map[idKey]struct{}{}}
	d.gimbal.pitch, d.gimbal.roll, d.gimbal.yaw = nan, nan, nan
	return d
}

// put yields r. It returns false when the caller has enough.
func (d *decoder) put(r logfmt.Record) bool {
	if !d.stopped && !d.yield(r, nil) {
		d.stopped = true
	}
	return !d.stopped
}

// record decodes one record.
func (d *decoder) record(off int64, kind byte, payload []byte) {
	if d.header.version >= 13 {
		if f := featureOf(kind, d.header.version); f != plaintext {
			d.encrypted(off, kind, f, payload)
			return
		}
	}
	if !told[kind] {
		return
	}
	if kind == recNewGroup && d.header.version >= 13 {
		d.group++
		return
	}
	d.body = d.body[:0]
	if d.header.scrambled() {
		d.body = d.plain(d.body, payload, kind)
		d.decode(input.Span{Off: off + int64(d.header.headLen()) + 1, Len: int64(len(d.body))}, kind)
		return
	}
	d.body = append(d.body, payload...)
	d.decode(input.Span{Off: off + int64(d.header.headLen()), Len: int64(len(d.body))}, kind)
}

// encrypted opens and decodes one record of version 13 and later.
func (d *decoder) encrypted(off int64, kind byte, f feature, payload []byte) {
	var k *secretKey
	if d.group < len(d.keys) {
		k = d.keys[d.group][f]
	}
	if k == nil {
		if told[kind] {
			if m := &d.missing[f]; m.n == 0 {
				m.off = off
			}
			d.missing[f].n++
		}
		if kind == recOSD {
			d.hidden++
		}
		return
	}
	d.body = d.plain(d.body[:0], payload, kind)
	if !told[kind] {
		k.skip(d.body)
		return
	}
	where := input.Span{Off: off + int64(d.header.headLen()) + 1, Len: int64(len(d.body))}
	if k.lost { // its first block would come out wrong, and that is the position
		k.skip(d.body)
		d.put(logfmt.Damage{Off: where.Off, Len: where.Len, Reason: "encrypted together with a record that is missing"})
		return
	}
	body, ok := k.open(d.body)
	if !ok {
		d.put(logfmt.Damage{Off: where.Off, Len: where.Len, Reason: "does not decrypt"})
		return
	}
	d.body = body
	d.decode(where, kind)
}

// decode reads d.body, which lies at where in the file.
func (d *decoder) decode(where input.Span, kind byte) {
	n := len(d.body)
	var zeros [tailZeros]byte
	d.body = append(d.body, zeros[:]...)
	b := d.body
	switch kind {
	case recOSD:
		d.osd(b, n, where)
	case recCustom:
		d.custom(b, n)
	case recGimbal:
		if n >= 6 {
			d.gimbal.pitch, d.gimbal.roll, d.gimbal.yaw = i16(b[0:])/10, i16(b[2:])/10, heading(i16(b[4:])/10)
		}
	case recHome:
		d.homePoint(b, n, where)
	case recRCGPS:
		p := geo.Point{Lat: float64(int32(le.Uint32(b[7:]))) / 1e7, Lon: float64(int32(le.Uint32(b[11:]))) / 1e7}
		d.spot(logfmt.Remote, 0, p, nan, "")
	case recAppGPS:
		d.spot(logfmt.Phone, 0, geo.Point{Lat: f64(b[8:]), Lon: f64(b)}, nan, "")
	case recCenter, recBatteryGroup:
		d.battery(b, n, where, kind)
	case recTip, recWarn, recVisionText, recSerious:
		d.message(b[:n], kind)
	default:
		d.identity(b, n, where, kind)
	}
}

// osd reads the aircraft's state: one position.
func (d *decoder) osd(b []byte, n int, where input.Span) {
	if n < 16 {
		d.flush()
		return
	}
	lon, lat := f64(b), f64(b[8:])
	p := geo.Point{Lat: degrees(lat), Lon: degrees(lon)}
	ok := logfmt.Usable(p) && isAngle(lon) && isAngle(lat)
	if ok && d.pending && !far(d.fix.Point, p) {
		d.before = d.fix.Point // two agree
	}
	if ok || !far(d.before, d.fix.Point) { // otherwise the next one decides
		d.flush()
	}
	if ticks := le.Uint16(b[42:]); n >= 44 {
		if step := ticks - d.ticks.last; d.ticks.set && step < 600 { // it starts again with each battery
			d.ticks.sum += int64(step)
		}
		d.ticks.last, d.ticks.set = ticks, true
	}
	if !ok {
		return
	}
	d.fix, d.pending, d.fixAt = logfmt.NoFix(), true, where
	f := &d.fix
	f.Point = p
	if n >= 18 {
		f.AltHome = i16(b[16:]) / 10
		switch {
		case !math.IsNaN(d.takeOff):
			f.AltMSL = d.takeOff + f.AltHome
		default:
			f.AltMSL = d.home + f.AltHome
		}
	}
	if n >= 24 {
		north, east := i16(b[18:])/10, i16(b[20:])/10
		f.Speed, f.Climb = math.Sqrt(north*north+east*east), 0-i16(b[22:])/10
		if north != 0 || east != 0 {
			f.Course = heading(degrees(math.Atan2(east, north)))
		}
	}
	if n >= 30 {
		f.Pitch, f.Roll, f.Yaw = i16(b[24:])/10, i16(b[26:])/10, heading(i16(b[28:])/10)
	}
	if n >= 37 {
		f.Sats = int(b[36])
	}
	if c := b[40]; c > 0 && c <= 100 {
		d.charge = float64(c)
	}
}

// isAngle reports whether an angle is what a receiver can measure: 0, or not
// micrometres beside it, as most bytes that are no angle look.
func isAngle(rad float64) bool { return rad == 0 || math.Abs(rad) >= 1e-12 && math.Abs(rad) <= math.Pi }

// far reports whether no aircraft gets from p to q between two records. Records
// have no checksum: where bytes are missing, one may end in another by chance.
// Of an unknown position nothing is far.
func far(p, q geo.Point) bool {
	const degrees, metres = 0.01, 2000 // a degree has 111 km; most records are decided without a sine
	return (math.Abs(p.Lat-q.Lat) > degrees || math.Abs(p.Lon-q.Lon) > degrees) && p.Distance(q) > metres
}

// flush yields the position that waited for its time: that of the last clock
// before the next position, as the app and other readers understand it. Where
// the link was lost for a while, the position is that much older.
func (d *decoder) flush() {
	if !d.pending {
		return
	}
	d.pending = false
	f := &d.fix
	if far(d.before, f.Point) {
		d.put(logfmt.Damage{Off: d.fixAt.Off, Len: d.fixAt.Len, Reason: "a position far from those before and after it"})
		return
	}
	d.before = f.Point
	f.Time = d.now
	switch {
	case !f.Time.IsZero():
		f.Elapsed = max(f.Time.Sub(d.first), 0)
	case d.ticks.set:
		f.Elapsed = time.Duration(d.ticks.sum) * (time.Second / 10)
	}
	f.GimbalPitch, f.GimbalRoll, f.GimbalYaw, f.Battery = d.gimbal.pitch, d.gimbal.roll, d.gimbal.yaw, d.charge
	d.put(*f)
}

// custom reads the clock and whether a photo is taken.
func (d *decoder) custom(b []byte, n int) {
	if n >= 18 {
		if t := clock(int64(le.Uint64(b[10:]))); !t.IsZero() {
			d.now = t
			if d.first.IsZero() {
				d.first = t
			}
		}
	}
	photo := b[0] == 1
	if photo && !d.photo && d.pending && !far(d.before, d.fix.Point) {
		alt, datum := d.fix.AltMSL, "MSL"
		if math.IsNaN(alt) {
			datum = ""
		}
		d.put(logfmt.Spot{Role: logfmt.Photo, Time: d.now, Point: d.fix.Point, Alt: alt, Datum: datum})
	}
	d.photo = photo
}

// homePoint reads where the aircraft returns to.
func (d *decoder) homePoint(b []byte, n int, where input.Span) {
	if n < 20 {
		return
	}
	p := geo.Point{Lat: degrees(f64(b[8:])), Lon: degrees(f64(b))}
	if !isAngle(f64(b)) || !isAngle(f64(b[8:])) {
		return
	}
	alt := metres(le.Uint32(b[16:]))
	if logfmt.Usable(p) && !math.IsNaN(alt) {
		d.home = alt
	}
	d.spot(logfmt.Home, 1, p, alt, "MSL")
	if index := le.Uint16(b[30:]); n >= 32 && index != 0 {
		d.identify(privacy.Identity, "home/flightRecordIndex", fmt.Sprint(index), part(where, 30, 2))
	}
	if n >= 68 && isSerial(b[52:68]) { // of the aircraft, in version 11
		d.identify(privacy.Identity, "home/aircraftSn", serial(b[52:68]), part(where, 52, 16))
	}
}

// spot yields a position that is not the aircraft's, when it has changed.
func (d *decoder) spot(role logfmt.Role, id uint32, p geo.Point, alt float64, datum string) {
	key := spotKey{role, id}
	if !logfmt.Usable(p) || d.spots[key] == p {
		return
	}
	d.spots[key] = p
	if math.IsNaN(alt) {
		datum = ""
	}
	d.put(logfmt.Spot{Role: role, Time: d.now, Point: p, Alt: alt, Datum: datum})
}

func (d *decoder) message(b []byte, kind byte) {
	severity := "info"
	switch kind {
	case recWarn, recVisionText:
		severity = "warning"
	case recSerious:
		severity = "error"
	}
	if s := text(bytes.TrimLeft(b, "\x00")); s != "" {
		m := logfmt.Message{Time: d.now, Elapsed: -1, Severity: severity, Text: privacy.Secret(s)}
		if !d.now.IsZero() {
			m.Elapsed = max(d.now.Sub(d.first), 0)
		}
		d.put(m)
	}
}

// lost reports bytes that held no record; a record may be among them.
func (d *decoder) lost(off, size int64, why string) {
	for _, group := range d.keys {
		for _, k := range group {
			if k != nil {
				k.lost = true
			}
		}
	}
	d.put(logfmt.Damage{Off: off, Len: size, Reason: why})
}

// incomplete reports the records that no key was there for.
func (d *decoder) incomplete() error {
	if d.stopped || d.header.version < 13 {
		return nil
	}
	if d.keyless != nil {
		if d.hidden > 0 {
			return fmt.Errorf("the log holds %d positions: %w", d.hidden, d.keyless)
		}
		return d.keyless
	}
	for f, m := range d.missing {
		if m.n > 0 && !d.put(logfmt.Damage{Off: m.off, Reason: fmt.Sprintf("the keychain has no key for %d records of %s", m.n, featureNames[f])}) {
			return nil
		}
	}
	if d.hidden > 0 {
		return fmt.Errorf("%d positions have no key in the keychain file given: %w", d.hidden, logfmt.ErrKey)
	}
	return nil
}

func i16(b []byte) float64 { return float64(int16(le.Uint16(b))) }

// heading returns degrees as 0 to 360.
func heading(v float64) float64 {
	if v < 0 {
		v += 360
	}
	return v
}

// part returns where n bytes of a record lie.
func part(of input.Span, off, n int) []input.Span {
	if int64(off) >= of.Len {
		return nil
	}
	return []input.Span{{Off: of.Off + int64(off), Len: min(int64(n), of.Len-int64(off))}}
}
