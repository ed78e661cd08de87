package djmeta

import (
	"hash/crc32"
	"math"
	"time"

	"flightveil/internal/geo"

	"google.golang.org/protobuf/encoding/protowire"
)

// A Datum is what an altitude counts from.
type Datum int

// The datums of DJI's altitude types, and the one for what they do not tell.
const (
	Unclear    Datum = iota
	Barometric       // by air pressure, above the sea
	Ellipsoid        // WGS-84
)

// A Frame is what one sample tells. Numbers it does not give are NaN.
type Frame struct {
	About    uint32        // a checksum of what the sample says of clip and stream, 0 if it says nothing
	Number   uint64        // counted by the camera
	Uptime   time.Duration // since the device was switched on; negative if unknown
	At       geo.Point     // NaN without a position
	NoFix    bool          // the receiver says that its position is not valid
	NoUnit   bool          // there is a position, but nothing tells its unit
	Alt      float64       // metres
	Datum    Datum         // of Alt
	AltHome  float64       // metres above the take-off point
	Clock    time.Time     // of the receiver, as if in UTC: DJI's products disagree about its zone; else zero
	VelNorth float64       // m/s
	VelEast  float64
	VelDown  float64

	Roll, Pitch, Yaw                   float64 // of the drone, degrees
	GimbalRoll, GimbalPitch, GimbalYaw float64
}

// The fields of a sample and of what all products share.
const (
	fieldClip   = 1 // ClipMeta
	fieldStream = 2 // StreamMeta
	fieldFrame  = 3 // FrameMeta
	header      = 1 // of the clip, the stream, the frame and of each device

	headerSchema = 1 // ClipMetaHeader: name of the schema
	frameNumber  = 1 // FrameMetaHeader
	frameTime    = 2 // microseconds

	gpsPosition, gpsAltitude, gpsStatus, gpsAltitudeType, gpsTime = 1, 2, 3, 4, 6
	positionUnit, positionLat, positionLon                        = 1, 2, 3

	deviceVelocity, deviceAttitude, deviceRelative = 2, 3, 5
)

// statusInvalid is the GpsStatus of a position that is none.
const statusInvalid = 1

// maxUptime is longer than any device stays switched on, in microseconds.
const maxUptime = 366 * 24 * 3600 * 1_000_000

// Frame decodes a sample of djmd. A sample that is not whole is an error: what
// could be read of it is not trusted.
func (t *Track) Frame(b []byte) (Frame, error) {
	n := math.NaN()
	f := Frame{Uptime: -1, At: geo.Point{Lat: n, Lon: n}, Alt: n, AltHome: n, VelNorth: n, VelEast: n, VelDown: n,
		Roll: n, Pitch: n, Yaw: n, GimbalRoll: n, GimbalPitch: n, GimbalYaw: n}
	if err := each(b, func(field) bool { return true }); err != nil {
		return f, err
	}
	clip, stream := sub(b, fieldClip), sub(b, fieldStream)
	t.learn(clip)
	if len(clip)+len(stream) > 0 {
		f.About = crc32.Update(crc32.ChecksumIEEE(clip), crc32.IEEETable, stream)
	}
	frame := sub(b, fieldFrame)
	if err := each(frame, func(field) bool { return true }); err != nil {
		return f, err
	}
	if h := sub(frame, header); message(h) {
		f.Number = uint64(max(0, integer(h, frameNumber)))
		if us := unsigned(h, frameTime); us > 0 && us < maxUptime {
			f.Uptime = time.Duration(us) * time.Microsecond
		}
	}
	device, gps := t.receiver(frame)
	if gps != nil {
		t.position(&f, gps)
	}
	if t.layout.drone { // what lies beside the position of another product may be anything
		t.motion(&f, frame, device)
	}
	return f, nil
}

// learn takes up the name of the schema from what is known of the clip.
func (t *Track) learn(clip []byte) {
	if !message(clip) {
		return
	}
	if h := sub(clip, header); message(h) {
		if name := sub(h, headerSchema); len(name) > 0 && printable(name) {
			t.schema = string(name)
			t.layout = layoutOf(t.schema)
		}
	}
}

// receiver returns the message of the device that knows the position and what
// it says of it. Where the layout does not tell, it is the first that has the
// shape of one.
func (t *Track) receiver(frame []byte) (device, gps []byte) {
	if l := t.layout; l.device > 0 {
		if device = sub(frame, l.device); !message(device) {
			return nil, nil
		}
		if gps = sub(device, l.gps); !message(gps) {
			return device, nil
		}
		return device, gps
	}
	each(frame, func(d field) bool {
		if d.typ != protowire.BytesType || !message(d.body) {
			return true
		}
		each(d.body, func(g field) bool {
			if g.typ == protowire.BytesType && message(g.body) && isPosition(sub(g.body, gpsPosition)) {
				device, gps = d.body, g.body
			}
			return gps == nil
		})
		return gps == nil
	})
	return device, gps
}

// isPosition reports whether b has the shape of a PositionCoord: a unit that
// may be left out, and two numbers that can be coordinates.
func isPosition(b []byte) bool {
	var lat, lon, other bool
	err := each(b, func(x field) bool {
		v := math.Float64frombits(x.n)
		switch {
		case x.num == positionUnit && x.typ == protowire.VarintType && x.n <= 1:
		case x.num == positionLat && x.typ == protowire.Fixed64Type && math.Abs(v) <= 90:
			lat = true
		case x.num == positionLon && x.typ == protowire.Fixed64Type && math.Abs(v) <= 180:
			lon = true
		default:
			other = true
		}
		return !other
	})
	return err == nil && lat && lon && !other
}

// point returns the position in b, a PositionCoord.
func (t *Track) point(b []byte) (p geo.Point, noUnit bool) {
	n := math.NaN()
	p = geo.Point{Lat: n, Lon: n}
	unit := uint64(math.MaxUint64)
	each(b, func(x field) bool {
		switch {
		case x.num == positionUnit && x.typ == protowire.VarintType:
			unit = x.n
		case x.num == positionLat && x.typ == protowire.Fixed64Type:
			p.Lat = math.Float64frombits(x.n)
		case x.num == positionLon && x.typ == protowire.Fixed64Type:
			p.Lon = math.Float64frombits(x.n)
		}
		return true
	})
	outside := math.Abs(p.Lat) > math.Pi/2 || math.Abs(p.Lon) > math.Pi // not radians
	switch {
	case unit == 1 || unit == math.MaxUint64 && (t.layout.degrees || t.layout.device == 0 && outside):
	case unit == 0 || unit == math.MaxUint64 && t.layout.device > 0: // zeros are left out
		p.Lat, p.Lon = p.Lat*180/math.Pi, p.Lon*180/math.Pi
	default:
		noUnit = p.Valid() && !p.Zero()
		p = geo.Point{Lat: n, Lon: n}
	}
	if !p.Valid() || p.Zero() {
		p = geo.Point{Lat: n, Lon: n}
	}
	return p, noUnit
}

// position reads a GpsBasic.
func (t *Track) position(f *Frame, gps []byte) {
	if b := sub(gps, gpsPosition); message(b) {
		f.At, f.NoUnit = t.point(b)
	}
	f.NoFix = integer(gps, gpsStatus) == statusInvalid
	if has(gps, gpsAltitude) {
		f.Alt = float64(integer(gps, gpsAltitude)) / 1000
	}
	switch kind := integer(gps, gpsAltitudeType); {
	case kind == 1 || kind == 2:
		f.Datum = Ellipsoid
	case kind == 0 && t.layout.drone:
		f.Datum = Barometric
	}
	if b := sub(gps, gpsTime); message(b) {
		f.Clock = parseClock(sub(b, 1))
	}
}

// The most that motion can be.
const (
	maxSpeed  = 300     // m/s
	maxHeight = 100_000 // m
)

// motion reads what a drone says of itself and of its gimbal.
func (t *Track) motion(f *Frame, frame, device []byte) {
	if b := sub(device, deviceVelocity); message(b) {
		v := [3]float64{float(b, 1), float(b, 2), float(b, 3)}
		for i := range v {
			if math.IsNaN(v[i]) && hasOther(b, protowire.Number(i+1)) {
				v[i] = 0 // left out: zero
			}
		}
		if math.Abs(v[0]) < maxSpeed && math.Abs(v[1]) < maxSpeed && math.Abs(v[2]) < maxSpeed {
			f.VelNorth, f.VelEast, f.VelDown = v[0], v[1], v[2]
		}
	}
	if b := sub(device, deviceAttitude); message(b) {
		f.Pitch, f.Roll, f.Yaw = attitude(b)
	}
	if b := sub(device, deviceRelative); message(b) {
		if v := float(b, 1) / 1000; math.Abs(v) < maxHeight {
			f.AltHome = v
		}
	}
	if t.layout.gimbal > 0 {
		if g := sub(frame, t.layout.gimbal); message(g) {
			if b := sub(g, deviceAttitude); message(b) {
				f.GimbalPitch, f.GimbalRoll, f.GimbalYaw = attitude(b)
			}
		}
	}
}

// attitude reads an EulerAngle, in tenths of a degree. Angles left out are 0.
func attitude(b []byte) (pitch, roll, yaw float64) {
	var v [3]float64
	for i := range v {
		if v[i] = float64(integer(b, protowire.Number(i+1))) / 10; math.Abs(v[i]) > 360 {
			n := math.NaN()
			return n, n, n
		}
	}
	return v[0], v[1], v[2]
}

func has(b []byte, num protowire.Number) (found bool) {
	each(b, func(x field) bool {
		found = found || x.num == num && x.typ == protowire.VarintType
		return !found
	})
	return found
}

// hasOther reports whether b has only floats, and num is not among them.
func hasOther(b []byte, num protowire.Number) bool {
	ok := true
	each(b, func(x field) bool {
		ok = ok && x.num != num && x.num <= 3 && x.typ == protowire.Fixed32Type
		return ok
	})
	return ok
}

func unsigned(b []byte, num protowire.Number) (v uint64) {
	each(b, func(x field) bool {
		if x.num == num && x.typ == protowire.VarintType {
			v = x.n
		}
		return true
	})
	return v
}

// parseClock reads "2031-07-19 04-47-53", with any sign between the numbers.
func parseClock(b []byte) time.Time {
	var v [6]int
	i, digits := 0, 0
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			if digits++; digits > 4 || i >= len(v) {
				return time.Time{}
			}
			v[i] = v[i]*10 + int(c-'0')
		case digits > 0:
			i, digits = i+1, 0
		}
		if i == len(v) { // what follows the seconds
			break
		}
	}
	if i < 5 || i == 5 && digits == 0 {
		return time.Time{}
	}
	t := time.Date(v[0], time.Month(v[1]), v[2], v[3], v[4], v[5], 0, time.UTC)
	if v[0] < 2016 || v[0] >= 2100 || int(t.Month()) != v[1] || t.Day() != v[2] || t.Hour() != v[3] || t.Minute() != v[4] || v[5] > 60 {
		return time.Time{} // of a receiver that does not yet know it
	}
	return t
}
