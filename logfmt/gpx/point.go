package gpx

import (
	"bytes"
	"math"
	"time"

	"flightveil/internal/block/tracktext"
	"flightveil/logfmt"
)

// kind says what a point belongs to.
type kind int

const (
	none kind = iota
	track
	route
	waypoint
)

// A point is the trkpt, rtept or wpt that is open.
type point struct {
	kind  kind
	fix   logfmt.Fix
	role  logfmt.Role
	geoid float64 // height of the geoid over the ellipsoid
}

// begin starts a point. One that was not closed is lost: its numbers could
// belong to either.
func (d *decoder) begin(k kind) {
	d.point = point{kind: k, fix: logfmt.NoFix(), role: logfmt.Waypoint, geoid: math.NaN()}
	lat, _, _ := d.r.Attr("lat")
	lon, _, _ := d.r.Attr("lon")
	var ok, ok2 bool
	d.point.fix.Lat, ok = tracktext.Float(lat)
	d.point.fix.Lon, ok2 = tracktext.Float(lon)
	if !ok || !ok2 {
		d.point.fix.Lat = math.NaN()
	}
}

func (d *decoder) end() {
	p := &d.point
	if p.kind != none && logfmt.Usable(p.fix.Point) {
		if math.IsNaN(p.fix.AltEllipsoid) {
			p.fix.AltEllipsoid = p.fix.AltMSL + p.geoid
		}
		if p.kind == track {
			d.put(p.fix)
		} else {
			s := logfmt.Spot{Role: p.role, Time: p.fix.Time, Local: p.fix.Local, Point: p.fix.Point, Alt: p.fix.AltMSL}
			if !math.IsNaN(s.Alt) {
				s.Datum = "MSL"
			}
			d.put(s)
		}
	}
	p.kind = none
}

// maxElapsed keeps seconds inside a time.Duration.
const maxElapsed = 1e9

// value takes a number of the open point. The names that end in a unit are
// those flightveil writes.
func (p *point) value(name, text []byte) {
	f := &p.fix
	if string(name) == "time" {
		f.Time, f.Local, _ = tracktext.Time(text)
		return
	}
	v, ok := tracktext.Float(text)
	if !ok {
		return
	}
	switch string(name) {
	case "ele", "alt_msl_m":
		f.AltMSL = v
	case "geoidheight":
		p.geoid = v
	case "speed", "speed_mps":
		f.Speed = v
	case "course", "course_deg":
		f.Course = v
	case "hdop":
		f.HDOP = v
	case "sat":
		if v >= 0 && v < 1000 {
			f.Sats = int(v)
		}
	case "elapsed_s":
		if v >= 0 && v < maxElapsed {
			f.Elapsed = time.Duration(math.Round(v*1e6)) * time.Microsecond
		}
	case "alt_ellipsoid_m":
		f.AltEllipsoid = v
	case "alt_home_m":
		f.AltHome = v
	case "alt_unclear_m":
		f.AltUnclear = v
	case "climb_mps":
		f.Climb = v
	case "roll_deg":
		f.Roll = v
	case "pitch_deg":
		f.Pitch = v
	case "yaw_deg":
		f.Yaw = v
	case "gimbal_roll_deg":
		f.GimbalRoll = v
	case "gimbal_pitch_deg":
		f.GimbalPitch = v
	case "gimbal_yaw_deg":
		f.GimbalYaw = v
	case "battery_pct":
		f.Battery = v
	}
}

// roleOf returns the role that a waypoint's name says it has.
func roleOf(name []byte) logfmt.Role {
	switch r := logfmt.Role(bytes.ToLower(bytes.TrimSpace(name))); r {
	case logfmt.Home, logfmt.Remote, logfmt.Phone, logfmt.RemoteID, logfmt.Target, logfmt.Photo, logfmt.Traffic, logfmt.Origin, logfmt.Candidate:
		return r
	}
	return logfmt.Waypoint
}
