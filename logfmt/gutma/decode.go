package gutma

import (
	"math"
	"strconv"
	"strings"
	"time"

	"flightveil/internal/block/jsonstream"
	"flightveil/internal/block/tracktext"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
	"flightveil/logfmt/internal/jsonlog"
)

// A log is one that is being read.
type log struct {
	yield   func(logfmt.Record, error) bool
	stopped bool

	columns  []string
	named    bool      // these are all
	began    time.Time // UTC; zero if unknown
	local    time.Time // if it has no zone
	datum    string
	imperial bool
	model    string

	index    *indexes
	event    event
	remote   logfmt.Point
	findings int
}

// indexes say in which value of a row what is to be found, -1 for nowhere.
type indexes struct {
	time, lat, lon, altitude, speed, vx, vy, battery, sats, remoteLat, remoteLon int
}

// find returns the first column that has one of the names, or -1.
func (l *log) find(names ...string) int {
	for _, n := range names {
		for i, c := range l.columns {
			if strings.EqualFold(c, n) {
				return i
			}
		}
	}
	return -1
}

func (l *log) indexes() *indexes {
	if l.index == nil {
		l.index = &indexes{
			time: l.find("timestamp", "time"), lat: l.find("gps_lat", "gps_latitude", "product_gps_latitude", "latitude", "lat"),
			lon:      l.find("gps_lon", "gps_longitude", "product_gps_longitude", "longitude", "lon"),
			altitude: l.find("gps_altitude", "product_gps_altitude", "gps_alt", "altitude"), speed: l.find("speed", "ground_speed"),
			vx: l.find("speed_vx"), vy: l.find("speed_vy"), battery: l.find("battery_percent", "battery_level"),
			sats:      l.find("gps_sat", "gps_sats", "gps_sv_number", "product_gps_sv_number"),
			remoteLat: l.find("controller_gps_lat", "controller_gps_latitude"), remoteLon: l.find("controller_gps_lon", "controller_gps_longitude"),
		}
	}
	return l.index
}

// maxLog is the longest log in seconds that is believed, and since1970 a time
// stamp that can only count from 1970.
const (
	maxLog    = 7 * 24 * 3600
	since1970 = 1e9
)

// when returns what a time stamp in seconds means: it counts from the log's
// beginning.
func (l *log) when(s float64) (utc, local time.Time, elapsed time.Duration) {
	switch {
	case s >= since1970 && s < 4*since1970:
		utc = time.UnixMilli(int64(math.Round(s * 1000))).UTC()
		if elapsed = -1; !l.began.IsZero() && !utc.Before(l.began) && utc.Sub(l.began) < maxLog*time.Second {
			elapsed = utc.Sub(l.began)
		}
	case s >= 0 && s <= maxLog:
		elapsed = time.Duration(math.Round(s*1e6)) * time.Microsecond
		if !l.began.IsZero() {
			utc = l.began.Add(elapsed)
		}
		if !l.local.IsZero() {
			local = l.local.Add(elapsed)
		}
	default:
		elapsed = -1
	}
	return utc, local, elapsed
}

// The most that a row can mean.
const (
	maxSpeed  = 300
	maxHeight = 100_000
	foot      = 0.3048 // metres
)

func (l *log) row(row []float64, at input.Span) bool {
	if len(row) != len(l.columns) {
		return l.put(logfmt.Damage{Off: at.Off, Len: at.Len, Reason: "a row of another length"})
	}
	c := l.indexes()
	get := func(i int, most float64) float64 {
		if i < 0 || !(math.Abs(row[i]) <= most) {
			return math.NaN()
		}
		return row[i]
	}
	f := logfmt.NoFix()
	f.Time, f.Local, f.Elapsed = l.when(get(c.time, math.MaxFloat64))
	remote := logfmt.Point{Lat: get(c.remoteLat, 90), Lon: get(c.remoteLon, 180)}
	if logfmt.Usable(remote) && remote != l.remote {
		l.remote = remote
		if !l.put(logfmt.Spot{Role: logfmt.Remote, Time: f.Time, Local: f.Local, Point: remote, Alt: math.NaN()}) {
			return false
		}
	}
	f.Point = logfmt.Point{Lat: get(c.lat, 90), Lon: get(c.lon, 180)} // Parrot writes 500 without a fix
	if !logfmt.Usable(f.Point) {
		return true
	}
	l.altitude(&f, get(c.altitude, maxHeight))
	if !l.imperial { // nobody says which of feet, miles and knots
		if f.Speed = get(c.speed, maxSpeed); math.IsNaN(f.Speed) || f.Speed < 0 {
			f.Speed = math.Hypot(get(c.vx, maxSpeed), get(c.vy, maxSpeed))
		}
	}
	if n := get(c.sats, 99); n >= 0 {
		f.Sats = int(n)
	}
	if n := get(c.battery, 100); n >= 0 {
		f.Battery = n
	}
	return l.put(f)
}

// altitude puts v where the log says that it belongs.
func (l *log) altitude(f *logfmt.Fix, v float64) {
	if l.imperial {
		v *= foot
	}
	switch strings.ToUpper(l.datum) {
	case "WGS84", "WGS-84", "WGS 84":
		f.AltEllipsoid = v
	case "MSL", "AMSL":
		f.AltMSL = v
	case "ATO": // above take-off
		f.AltHome = v
	default: // AGL counts from the ground below, which no other log does
		f.AltUnclear = v
	}
}

// An event is one that is being read.
type event struct {
	kind, info, stamp                      string
	controlLat, controlLon, ownLat, ownLon float64
	seen                                   bool
}

// devices are the names of values that tell a kind of device, not which one.
var devices = map[string]bool{"manufacturer": true, "model": true, "version": true, "type": true, "payload": true, "firmware_version": true,
	"hardware_version": true, "software_version": true, "motherboard_version": true, "logging_type": true}

// technical are values that tell nothing of anyone.
var technical = map[string]bool{"exchange_type": true, "message_type": true, "altitude_system": true, "uom_system": true, "logging_start_dtg": true}

// maxFindings bounds what is told of a log beside its rows.
const maxFindings = 1024

// value takes up a value outside the rows.
func (l *log) value(path []string, t jsonstream.Token) bool {
	name := path[len(path)-1]
	parent := ""
	if len(path) > 1 {
		parent = path[len(path)-2]
	}
	if parent == "event" || parent == "events" {
		l.event.take(name, t)
		return true
	}
	if t.Kind != jsonstream.String && !(t.Kind == jsonstream.Number && (strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "number"))) {
		return true
	}
	text := strings.TrimSpace(string(t.Text))
	class := privacy.Unknown
	switch {
	case text == "" || l.findings == maxFindings:
		return true
	case has(path, "flight_logging_keys") || parent == "flight_logging" || technical[name]:
		return true
	case parent == "file" && name == "creation_dtg" || strings.HasSuffix(name, "_time") || strings.HasSuffix(name, "_dtg"):
		class = privacy.Time
	case devices[name]:
		class = privacy.Device
	case strings.Contains(name, "serial") || strings.Contains(name, "name") || strings.Contains(name, "pilot") || strings.Contains(name, "operator") ||
		strings.Contains(name, "registration") || strings.HasSuffix(name, "id") || name == "project":
		class = privacy.Identity
	case name == "address" || name == "city" || name == "location" || name == "street" || name == "country":
		class = privacy.Place
	}
	l.findings++
	for len(path) > 0 && (path[0] == "" || path[0] == "exchange" || path[0] == "message" || path[0] == "gutma") {
		path = path[1:]
	}
	return l.put(logfmt.Identifier{Finding: privacy.Finding{Class: class, Path: jsonlog.Path(path), Spans: []input.Span{t.Span}, Value: privacy.Secret(text)}})
}

func has(path []string, name string) bool {
	for _, p := range path {
		if p == name {
			return true
		}
	}
	return false
}

func (e *event) take(name string, t jsonstream.Token) {
	if !e.seen {
		n := math.NaN()
		*e = event{seen: true, controlLat: n, controlLon: n, ownLat: n, ownLon: n}
	}
	v, ok := tracktext.Float(t.Text)
	switch {
	case name == "event_type":
		e.kind = string(t.Text)
	case name == "event_info":
		e.info = string(t.Text)
	case name == "event_timestamp":
		e.stamp = string(t.Text)
	case !ok:
	case strings.HasPrefix(name, "controller_gps_lat"):
		e.controlLat = v
	case strings.HasPrefix(name, "controller_gps_lon"):
		e.controlLon = v
	case strings.HasPrefix(name, "product_gps_lat"):
		e.ownLat = v
	case strings.HasPrefix(name, "product_gps_lon"):
		e.ownLon = v
	}
}

// end tells an event whose object ends.
func (l *log) end(_ []string, kind jsonstream.Kind) bool {
	if !l.event.seen || kind != '}' {
		return true
	}
	e := l.event
	l.event = event{}
	m := logfmt.Message{Elapsed: -1}
	var local time.Time
	if s, err := strconv.ParseFloat(strings.TrimSpace(e.stamp), 64); err == nil {
		m.Time, local, m.Elapsed = l.when(s)
	} else {
		m.Time, local = parseTime(e.stamp)
	}
	if text := strings.TrimSpace(e.kind + " " + e.info); text != "" {
		m.Severity, m.Text = severity(e.kind), privacy.Secret(text)
		if !l.put(m) {
			return false
		}
	}
	for _, s := range []logfmt.Spot{
		{Role: logfmt.Remote, Point: logfmt.Point{Lat: e.controlLat, Lon: e.controlLon}},
		{Role: logfmt.Candidate, Point: logfmt.Point{Lat: e.ownLat, Lon: e.ownLon}},
	} {
		s.Time, s.Local, s.Alt = m.Time, local, math.NaN()
		if logfmt.Usable(s.Point) && !l.put(s) {
			return false
		}
	}
	return true
}

// severity of an event, from the word the writers use for its kind.
func severity(kind string) string {
	switch k := strings.ToUpper(kind); {
	case strings.Contains(k, "ERROR"), strings.Contains(k, "ALARM"):
		return "error"
	case strings.Contains(k, "WARN"), strings.Contains(k, "ALERT"):
		return "warning"
	}
	return "info"
}

// parseTime reads ISO 8601. A time without a zone is a wall clock.
func parseTime(s string) (utc, local time.Time) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T150405Z0700"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 2000 && t.Year() < 2100 {
			return t.UTC(), time.Time{}
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 2000 && t.Year() < 2100 {
			return time.Time{}, t
		}
	}
	return time.Time{}, time.Time{}
}
