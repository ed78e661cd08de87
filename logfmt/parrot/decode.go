package parrot

import (
	"math"
	"time"

	"flightveil/logfmt"
)

// A survey is the result of a first reading.
type survey struct {
	whole     bool // all altitudes are whole numbers: millimetres
	available bool // the drone once said that it has a position
	first     float64
	rows      int

	columns                   int // for which these are known
	altitude, gpsFlag, millis int
}

// index returns where the column called name is, or -1.
func index(columns []column, name string) int {
	for i, c := range columns {
		if c.name == name {
			return i
		}
	}
	return -1
}

func (s *survey) look(columns []column, row []float64) {
	if len(row) != len(columns) || len(row) == 0 {
		return
	}
	if s.columns != len(columns) {
		s.columns, s.altitude, s.gpsFlag, s.millis = len(columns), index(columns, "altitude"), index(columns, "product_gps_available"), index(columns, "time")
	}
	if i := s.altitude; i >= 0 && row[i] != math.Trunc(row[i]) && !math.IsNaN(row[i]) {
		s.whole = false
	}
	s.available = s.available || s.gpsFlag >= 0 && row[s.gpsFlag] > 0
	if i := s.millis; s.rows == 0 && i >= 0 && row[i] >= 0 {
		s.first = row[i]
	}
	s.rows++
}

// A decoder turns rows into records.
type decoder struct {
	put     func(logfmt.Record) bool
	about   *about
	survey  survey
	scale   float64 // of altitudes
	base    float64 // milliseconds at which the log began
	remote  logfmt.Point
	columns struct {
		time, lat, lon, available, sats, battery, altitude, north, east, down, speed, roll, pitch, yaw, remoteLat, remoteLon, wifi int
	}
}

// late is how many milliseconds the clock shows at most when a flight begins;
// one that shows more counts from something else.
const late = 60_000

func newDecoder(l *log, s survey) decoder {
	d := decoder{put: l.put, about: &l.about, survey: s, scale: 1}
	at := func(name string) int { return index(l.columns, name) }
	c := &d.columns
	c.time, c.lat, c.lon, c.available, c.sats = at("time"), at("product_gps_latitude"), at("product_gps_longitude"), at("product_gps_available"), at("product_gps_sv_number")
	c.battery, c.altitude, c.north, c.east, c.down, c.speed = at("battery_level"), at("altitude"), at("speed_vx"), at("speed_vy"), at("speed_vz"), at("speed")
	c.roll, c.pitch, c.yaw = at("angle_phi"), at("angle_theta"), at("angle_psi")
	c.remoteLat, c.remoteLon = at("controller_gps_latitude"), at("controller_gps_longitude")
	if c.altitude >= 0 && (l.columns[c.altitude].kind == "integer" || l.columns[c.altitude].kind == "" && s.whole) {
		d.scale = 1.0 / 1000 // older drones count in millimetres
	}
	if s.first > late {
		d.base = s.first
	}
	return d
}

// The most that a row can mean.
const (
	maxSpeed  = 300
	maxHeight = 100_000
)

func (d *decoder) row(row []float64) bool {
	at := func(i int) float64 {
		if i < 0 || i >= len(row) || math.IsInf(row[i], 0) {
			return math.NaN()
		}
		return row[i]
	}
	within := func(v, most float64) float64 {
		if !(math.Abs(v) <= most) {
			return math.NaN()
		}
		return v
	}
	c := &d.columns
	f := logfmt.NoFix()
	if ms := at(c.time) - d.base; ms >= 0 && ms <= maxLog {
		f.Elapsed = time.Duration(ms * float64(time.Millisecond))
		if !d.about.began.IsZero() {
			f.Time = d.about.began.Add(f.Elapsed)
		}
		if !d.about.local.IsZero() {
			f.Local = d.about.local.Add(f.Elapsed)
		}
	}
	if p := (logfmt.Point{Lat: at(c.remoteLat), Lon: at(c.remoteLon)}); logfmt.Usable(p) && p != d.remote { // 500 is what stands for none
		d.remote = p
		if !d.put(logfmt.Spot{Role: logfmt.Remote, Time: f.Time, Local: f.Local, Point: p, Alt: math.NaN()}) {
			return false
		}
	}
	f.Point = logfmt.Point{Lat: at(c.lat), Lon: at(c.lon)}
	// The first firmwares never said that they have a position.
	if d.survey.available && at(c.available) == 0 || !logfmt.Usable(f.Point) {
		return true
	}
	f.AltHome = within(at(c.altitude)*d.scale, maxHeight)
	vx, vy, vz := within(at(c.north), maxSpeed), within(at(c.east), maxSpeed), within(at(c.down), maxSpeed)
	f.Speed, f.Climb = math.Hypot(vx, vy), -vz
	if math.IsNaN(f.Speed) {
		f.Speed = within(at(c.speed), maxSpeed)
	} else if f.Speed > 0.5 {
		f.Course = bearing(math.Atan2(vy, vx) * degrees)
	}
	f.Roll, f.Pitch, f.Yaw = within(at(c.roll)*degrees, 360), within(at(c.pitch)*degrees, 360), bearing(within(at(c.yaw)*degrees, 360))
	if n := at(c.sats); n >= 0 && n < 100 {
		f.Sats = int(n)
	}
	if n := at(c.battery); n >= 0 && n <= 100 {
		f.Battery = n
	}
	return d.put(f)
}

const degrees = 180 / math.Pi

// bearing brings an angle of -180 to 180 degrees to 0 to 360.
func bearing(v float64) float64 {
	if v < 0 {
		v += 360
	}
	return v
}
