package export

import (
	"io"
	"strconv"

	"flightveil/logfmt"
)

const gpxHead = `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="flightveil" xmlns="http://www.topografix.com/GPX/1/1" xmlns:fv="https://flightveil.invalid/gpx/1">
`

// encodeGPX writes GPX 1.1 (https://www.topografix.com/GPX/1/1/). Elevation is
// above mean sea level; heights above other things, speeds and angles are
// extensions whose names say what they are.
func encodeGPX(w io.Writer, records Records) error {
	b := newBuffer(w)
	b.text(gpxHead)
	if err := gpxWaypoints(b, records); err != nil {
		return err
	}
	flight, open, note := 0, false, ""
	end := func() {
		if open {
			b.text("</trkseg></trk>\n")
		}
		open = false
	}
	var failed error
	for r, err := range records() {
		if failed = err; err != nil || b.err != nil {
			break
		}
		switch r := r.(type) {
		case logfmt.Start:
			end()
			note = r.Note
		case logfmt.Fix:
			if !open {
				flight++
				open = true
				b.text("<trk><name>Flight ", strconv.Itoa(flight), "</name>")
				b.element("desc", note)
				b.text("<trkseg>\n")
			}
			gpxPoint(b, &r)
		}
	}
	end()
	b.text("</gpx>\n")
	if err := b.flush(); err != nil {
		return err
	}
	return failed
}

// gpxWaypoints writes the positions that are not the track: GPX wants them first.
func gpxWaypoints(b *buffer, records Records) error {
	note := ""
	for r, err := range records() {
		if err != nil {
			return nil // the track's own pass reports it
		}
		if start, ok := r.(logfmt.Start); ok {
			note = start.Note
		}
		s, ok := r.(logfmt.Spot)
		if !ok {
			continue
		}
		b.text(`<wpt lat="`)
		b.degrees(s.Lat)
		b.text(`" lon="`)
		b.longitude(s.Lon)
		b.text(`">`)
		if s.Datum == "MSL" && known(s.Alt) {
			b.text("<ele>")
			b.number(s.Alt)
			b.text("</ele>")
		}
		if !s.Time.IsZero() {
			b.text("<time>")
			b.utc(s.Time)
			b.text("</time>")
		}
		b.text("<name>", string(s.Role), "</name>")
		b.element("desc", note)
		b.text("</wpt>\n")
	}
	return b.err
}

// element appends an XML element, unless it is empty. Notes are our own words:
// they need no escapes.
func (b *buffer) element(name, text string) {
	if text != "" {
		b.text("<", name, ">", text, "</", name, ">")
	}
}

// longitude appends v, less than 180 as longitudeType of the schema asks.
func (b *buffer) longitude(v float64) {
	if v > 180-0.5e-9 {
		v = -180
	}
	b.degrees(v)
}

func gpxPoint(b *buffer, f *logfmt.Fix) {
	b.text(`<trkpt lat="`)
	b.degrees(f.Lat)
	b.text(`" lon="`)
	b.longitude(f.Lon)
	b.text(`">`)
	if known(f.AltMSL) {
		b.text("<ele>")
		b.number(f.AltMSL)
		b.text("</ele>")
	}
	if !f.Time.IsZero() {
		b.text("<time>")
		b.utc(f.Time)
		b.text("</time>")
	}
	if f.Sats >= 0 {
		b.text("<sat>", strconv.Itoa(f.Sats), "</sat>")
	}
	if known(f.HDOP) {
		b.text("<hdop>")
		b.number(f.HDOP)
		b.text("</hdop>")
	}
	open := false
	for _, x := range numbers(f) {
		if x.inGPX || !known(x.value) {
			continue
		}
		if !open {
			b.text("<extensions>")
			open = true
		}
		b.text("<fv:", x.name, ">")
		b.number(x.value)
		b.text("</fv:", x.name, ">")
	}
	if open {
		b.text("</extensions>")
	}
	b.text("</trkpt>\n")
}

// A quantity is one number of a fix, by the name it has in every output.
type quantity struct {
	name  string
	value float64
	inGPX bool // GPX has an element of its own for it
}

// numbers returns the numbers of f beside position, time, satellites and HDOP.
func numbers(f *logfmt.Fix) [15]quantity {
	elapsed := nan
	if f.Elapsed >= 0 {
		elapsed = f.Elapsed.Seconds()
	}
	return [...]quantity{
		{"elapsed_s", elapsed, !f.Time.IsZero()},
		{"alt_msl_m", f.AltMSL, true},
		{"alt_ellipsoid_m", f.AltEllipsoid, false},
		{"alt_home_m", f.AltHome, false},
		{"alt_unclear_m", f.AltUnclear, false},
		{"speed_mps", f.Speed, false},
		{"climb_mps", f.Climb, false},
		{"course_deg", f.Course, false},
		{"roll_deg", f.Roll, false},
		{"pitch_deg", f.Pitch, false},
		{"yaw_deg", f.Yaw, false},
		{"gimbal_roll_deg", f.GimbalRoll, false},
		{"gimbal_pitch_deg", f.GimbalPitch, false},
		{"gimbal_yaw_deg", f.GimbalYaw, false},
		{"battery_pct", f.Battery, false},
	}
}
