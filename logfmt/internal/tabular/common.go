package tabular

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"flightveil/internal/block/table"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// Common returns a dialect for a tool without a header of its own: columns by
// the names that most tools give them, however they are spelled ("gps_latitude",
// "gpsLatitude", "GPS Latitude"). It reads no height as more than its name says.
func Common(t *table.Reader) Dialect {
	f := find(t)
	d := Dialect{
		AltMSL:       f.all("altitudemsl", "altmsl", "mslaltitude", "altitudeamsl", "altitudeabovesealevel", "heightmsl", "amsl", "msl", "positionaltitudemsl"),
		AltHome:      f.all("relativealtitude", "relativeheight", "altituderelative", "heightabovetakeoff", "altitudeabovetakeoff", "heightabovehome", "altitudeabovehome", "altrel", "relalt", "althome", "ato"),
		AltEllipsoid: f.all("altitudeellipsoid", "altellipsoid", "ellipsoidheight", "ellipsoidalheight", "altitudewgs84", "wgs84altitude", "heightellipsoid", "altitudehae", "hae", "hgtellipsoid"),
		AltUnclear:   f.all("altitude", "alt", "height", "gpsaltitude", "gpsalt", "positionaltitude", "absolutealtitude", "absoluteheight", "hybridaltitude", "vehiclealtitude", "dronealtitude", "altunclear", "ele", "elevation"),
		Speed:        f.all("groundspeed", "speed", "horizontalspeed", "hspeed", "gpsspeed", "velocityhorizontal", "vehiclespeed", "gspd"),
		Climb:        f.all("climbrate", "verticalspeed", "vspeed", "climb", "velocityvertical", "velocityup"),
		VelNorth:     f.all("velocitynorth", "velnorth", "veln"), VelEast: f.all("velocityeast", "veleast", "vele"),
		Course: f.all("course", "groundcourse", "courseoverground", "cog", "directionoftravel"),
		Roll:   f.all("roll", "droneroll", "vehicleroll", "aircraftroll", "attituderoll"), Pitch: f.all("pitch", "dronepitch", "vehiclepitch", "aircraftpitch", "attitudepitch"),
		Yaw:        f.all("heading", "yaw", "compassheading", "vehicleheading", "vehicleyaw", "droneyaw", "droneheading", "aircraftheading", "aircraftyaw", "attitudehead", "attitudeyaw"),
		GimbalRoll: f.all("gimbalroll", "cameraroll"), GimbalPitch: f.all("gimbalpitch", "camerapitch", "gimbaltilt"), GimbalYaw: f.all("gimbalyaw", "gimbalheading", "camerayaw"),
		Sats: f.all("satellites", "sats", "gpsnum", "satcount", "gpssatcount", "gpscount", "numsatellites", "gpssatellites", "satellitecount", "numsats", "satellitesused"),
		HDOP: f.all("hdop", "gpshdop"), Battery: f.percent("batterypercent", "batterypercentage", "batterylevel", "battery", "batteryremaining", "remainpower", "remainingbattery", "remainpowerpercent", "soc", "batterypct"),
		Scale: f.scale,
	}
	for _, vehicle := range []string{"", "gps", "drone", "aircraft", "vehicle", "uav", "position", "gpsposition", "location"} {
		if d.Lat, d.Lon = f.pair(vehicle); d.Lat != "" {
			break
		}
	}
	for _, s := range roles {
		if lat, lon := f.pair(s.name); lat != "" {
			d.Spots = append(d.Spots, Spot{Role: s.role, Lat: lat, Lon: lon})
		}
	}
	for _, m := range [...]Message{{"message", ""}, {"messages", ""}, {"event", ""}, {"tip", "info"}, {"tips", "info"}, {"warning", "warning"}, {"warnings", "warning"}, {"error", "error"}, {"apptip", "info"}, {"appwarning", "warning"}} {
		for _, n := range f.all(m.Column) {
			d.Messages = append(d.Messages, Message{n, m.Severity})
		}
	}
	for i := range t.Columns() {
		if class := Class(t.Name(i)); class != "" {
			d.Identity = append(d.Identity, Identity{Column: t.Name(i), Class: class})
		}
	}
	d.Clock = f.clock()
	return d
}

var roles = [...]struct {
	name string
	role logfmt.Role
}{
	{"home", logfmt.Home}, {"homepoint", logfmt.Home}, {"takeoff", logfmt.Home}, {"launch", logfmt.Home}, {"rth", logfmt.Home},
	{"remote", logfmt.Remote}, {"rc", logfmt.Remote}, {"controller", logfmt.Remote}, {"remotecontroller", logfmt.Remote},
	{"pilot", logfmt.Phone}, {"operator", logfmt.Phone}, {"phone", logfmt.Phone}, {"app", logfmt.Phone}, {"user", logfmt.Phone}, {"beacon", logfmt.Remote},
	{"subject", logfmt.Target}, {"target", logfmt.Target}, {"poi", logfmt.Target}, {"waypoint", logfmt.Waypoint}, {"photo", logfmt.Photo},
}

// Common's columns, each by its name without what tools put between words and
// without its unit.
type finder struct {
	t     *table.Reader
	plain map[string]int // the first column of each name
	lats  []string       // those that may be a latitude
	scale map[string]float64
}

func find(t *table.Reader) *finder {
	f := &finder{t: t, plain: map[string]int{}, scale: map[string]float64{}}
	for i := range t.Columns() {
		name := t.Name(i)
		if at := strings.LastIndexByte(name, '_'); at > 0 && t.Unit(i) == "" {
			if k, ok := suffixes[name[at+1:]]; ok {
				f.scale[t.Name(i)] = k
				name = name[:at]
			}
		}
		if name = Plain(name); f.at(name) < 0 {
			f.plain[name] = i
			if strings.Contains(name, "lat") {
				f.lats = append(f.lats, name)
			}
		}
	}
	return f
}

// Plain returns s in lower case without what stands between words.
func Plain(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" _.-/:", r) {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

// suffixes are units at the end of a name: "altitude_ft".
var suffixes = map[string]float64{
	"m": 1, "meters": 1, "metres": 1, "mps": 1, "deg": 1, "degrees": 1, "pct": 1, "percent": 1, "ft": 0.3048, "feet": 0.3048, "mph": 0.44704,
	"kmh": 1 / 3.6, "kph": 1 / 3.6, "kts": 1852.0 / 3600, "knots": 1852.0 / 3600, "cm": 0.01, "mm": 0.001,
	"s": 1, "sec": 1, "seconds": 1, "utc": 1, "local": 1,
}

func (f *finder) at(name string) int {
	if i, ok := f.plain[name]; ok {
		return i
	}
	return -1
}

// all returns the columns that are called one of names.
func (f *finder) all(names ...string) (out []string) {
	for _, n := range names {
		if i := f.at(n); i >= 0 {
			out = append(out, f.t.Name(i))
		}
	}
	return out
}

// percent is all without columns whose unit is another.
func (f *finder) percent(names ...string) (out []string) {
	for _, n := range names {
		if i := f.at(n); i >= 0 {
			switch f.t.Unit(i) {
			case "", "%", "percent", "pct":
				out = append(out, f.t.Name(i))
			}
		}
	}
	return out
}

// pair returns the two columns of whose position: "homeLatitude", "home_gps_lat",
// "lat_home".
func (f *finder) pair(whose string) (lat, lon string) {
	for _, p := range f.lats {
		var around [2]string // what stands before and behind "lat"
		rest, ok := strings.CutPrefix(p, whose)
		if ok {
			around[0] = whose
			for _, w := range [...]string{"gps", "position", "location"} {
				if r, ok := strings.CutPrefix(rest, w); ok {
					around[0], rest = whose+w, r
					break
				}
			}
		} else if rest, ok = strings.CutSuffix(p, whose); ok {
			around[1] = whose
		}
		if !ok || rest != "lat" && rest != "latitude" {
			continue
		}
		for _, n := range [...]string{"longitude", "lon", "lng", "long"} {
			if j := f.at(around[0] + n + around[1]); j >= 0 {
				return f.t.Name(f.at(p)), f.t.Name(j)
			}
		}
	}
	return "", ""
}

// clock reads the column of the time, whatever it counts.
func (f *finder) clock() func(*table.Reader) (utc, local time.Time, elapsed time.Duration) {
	first := func(names ...string) int {
		for _, n := range names {
			if i := f.at(n); i >= 0 {
				return i
			}
		}
		return -1
	}
	// A column that says UTC is before one that does not.
	at := f.t.IndexUnit("datetime", "utc", "gmt", "z")
	known := at >= 0
	if !known {
		at = first("timeutc", "utctime", "utc", "timestamputc", "utctimestamp", "datetimeutc", "gpstimeutc", "gpsutctime", "dateutc")
		known = at >= 0
	}
	if i := first("time", "timestamp", "datetime"); !known && i >= 0 && strings.HasSuffix(f.t.Name(i), "_utc") {
		at, known = i, true
	}
	if !known {
		at = first("timestamp", "datetime", "recordedat", "recordtime", "time", "timestamps", "createdat", "date", "timelocal", "localtime", "gpstime")
		known = at >= 0 && (f.t.Unit(at) == "utc" || f.t.Unit(at) == "gmt")
	}
	day := -1
	if i := first("date"); i >= 0 && i != at {
		day = i
	}
	since := first("elapsed", "elapsedtime", "flighttime", "flytime", "timesincestart", "offsettime", "timeelapsed")
	unit := 0.0 // seconds of the elapsed time's unit; 0 if it is not known
	if since < 0 && at >= 0 {
		switch f.t.Unit(at) {
		case "s", "sec", "seconds", "ms", "msec", "millisecond", "milliseconds":
			since = at
		}
	}
	if since >= 0 {
		switch f.t.Unit(since) {
		case "", "s", "sec", "seconds":
			unit = 1
		case "ms", "msec", "millisecond", "milliseconds":
			unit = 1e-3
		}
		if strings.HasSuffix(f.t.Name(since), "_ms") {
			unit = 1e-3
		}
	}
	stamp, passed := f.t.At(at), f.t.At(since)
	return func(t *table.Reader) (utc, local time.Time, elapsed time.Duration) {
		elapsed = -1
		if s := t.Float(passed) * unit; s >= 0 && s < 1e7 && unit > 0 {
			elapsed = time.Duration(s*1e6+0.5) * time.Microsecond
		}
		b := t.Field(stamp.Index())
		if len(b) == 0 {
			return utc, local, elapsed
		}
		if v := t.Float(stamp); v == v {
			return Epoch(v), local, elapsed
		}
		when, zoned := Zoned(b)
		if when.IsZero() { // "15:42:59.200", with the day elsewhere or before it
			clock := b
			date := t.Field(day)
			if d, c, ok := bytes.Cut(b, []byte{' '}); ok && day < 0 {
				date, clock = d, c
			}
			if h := Hours(clock); h >= 0 {
				if when = Day(date); !when.IsZero() {
					when = when.Add(h)
				}
			}
		}
		if known || zoned {
			return when, local, elapsed
		}
		return utc, when, elapsed
	}
}

// Class returns what a column or value of that name tells of a person or a
// device, "" if nothing that its name would show.
func Class(name string) privacy.Class {
	p := Plain(name)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(p, w) })
	}
	switch {
	case has("latitude", "longitude", "altitude", "time", "speed", "distance", "accuracy", "heading", "count", "percent"):
		return ""
	case has("lat", "lng", "lon") && has("home", "pilot", "user", "operator", "takeoff", "phone", "controller"):
		return ""
	case has("serial", "email", "username", "userid", "account", "pilot", "operator", "uuid", "guid", "callsign", "ssid", "imei", "filename", "registration", "licence", "license"),
		strings.HasSuffix(p, "sn"), strings.HasSuffix(p, "name") && !has("appname", "modelname", "typename", "eventname"), strings.HasSuffix(name, "_id"), strings.HasSuffix(name, ".id"),
		p == "id", p == "user", has("flightid", "missionid", "vehicleid", "droneid", "aircraftid", "deviceid", "batteryid", "organizationid", "orgid", "teamid", "sessionid"):
		return privacy.Identity
	case has("address", "street", "country", "placename"), p == "site", strings.HasSuffix(p, "city") && !has("velocity", "capacity"):
		return privacy.Place
	case has("firmware", "appversion", "appname", "dronemodel", "aircraftmodel", "vehicletype", "dronetype", "devicemodel", "productmodel", "manufacturer", "softwareversion"), p == "model", p == "version":
		return privacy.Device
	case has("notes", "comment", "description", "title"):
		return privacy.Description
	}
	return ""
}

// Timed reports whether t has a column of a time.
func Timed(t *table.Reader) bool {
	for i := range t.Columns() {
		p := Plain(t.Name(i))
		if strings.Contains(p, "time") || strings.Contains(p, "date") || p == "utc" || p == "recordedat" || p == "elapsed" || strings.HasPrefix(p, "elapsed") {
			return true
		}
	}
	return false
}
