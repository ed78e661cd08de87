package parrot

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

// A column is one value of each row.
type column struct {
	name, kind string // kind only of binary rows: integer, boolean, float, double
	size       int
}

// about is what the log says beside its rows.
type about struct {
	version, product string
	began            time.Time // UTC; zero if unknown
	local            time.Time // if the date has no zone
	duration         time.Duration
	lat, lon         float64
	located          int // coordinates seen
	findings         []privacy.Finding
}

// classes are the values that tell something, by name.
var classes = map[string]privacy.Class{
	"serial_number": privacy.Identity, "product_name": privacy.Identity, "uuid": privacy.Identity, "boot_id": privacy.Identity,
	"controller_application": privacy.Identity, "controller_model": privacy.Device, "software_version": privacy.Device,
	"hardware_version": privacy.Device, "product_id": privacy.Device, "product_accessory": privacy.Device, "product_style": privacy.Device,
}

// technical are values that tell nothing of anyone.
var technical = map[string]bool{
	"version": true, "date": true, "run_origin": true, "gps_available": true, "gps_latitude": true, "gps_longitude": true, "crash": true, "jump": true,
	"run_time": true, "total_run_time": true, "flip": true, "capture": true, "time": true,
}

// maxFindings bounds what is told of a log beside its rows.
const maxFindings = 256

// value takes up a value outside the rows.
func (l *log) value(path []string, t jsonstream.Token) bool {
	name := path[len(path)-1]
	switch {
	case len(path) >= 2 && path[len(path)-2] == "details_headers": // in an object or in the array
		switch {
		case name == "name":
			l.current.name = string(t.Text)
		case name == "type":
			l.current.kind = string(t.Text)
		case name == "size":
			if v, ok := tracktext.Float(t.Text); ok && v >= 0 && v <= 64 {
				l.current.size = int(v)
			}
		case name == "details_headers" && t.Kind == jsonstream.String:
			l.add(column{name: string(t.Text)})
		}
		return true
	}
	l.about.take(name, path, t)
	return true
}

// end takes up a column that was described by an object, and notes that all
// were named.
func (l *log) end(path []string, kind jsonstream.Kind) bool {
	if l.current.name != "" {
		l.add(l.current)
	}
	l.current = column{}
	l.named = l.named || kind == ']' && path[len(path)-1] == "details_headers"
	return true
}

func (l *log) add(c column) {
	if len(l.columns) < jsonlog.MaxColumns {
		l.columns = append(l.columns, c)
	}
}

func (a *about) take(name string, path []string, t jsonstream.Token) {
	text := string(t.Text)
	number, isNumber := tracktext.Float(t.Text)
	switch name {
	case "version":
		a.version = text
	case "date":
		a.began, a.local = parseDate(text)
	case "product_id":
		a.product = product(text)
	case "run_time", "total_run_time":
		if isNumber && number > 0 && number < 1e9 && (name == "total_run_time" || a.duration == 0) {
			a.duration = time.Duration(number) * time.Millisecond
		}
	case "gps_latitude":
		if isNumber {
			a.lat = number
			a.located++
		}
	case "gps_longitude":
		if isNumber {
			a.lon = number
			a.located++
		}
	}
	class, known := classes[name]
	if technical[name] || t.Kind == jsonstream.Word || !known && t.Kind == jsonstream.Number || len(a.findings) == maxFindings || strings.TrimSpace(text) == "" {
		return
	}
	if !known {
		class = privacy.Unknown
	}
	a.findings = append(a.findings, privacy.Finding{Class: class, Path: jsonlog.Path(path), Spans: []input.Span{t.Span}, Value: privacy.Secret(text)})
}

func (a *about) start() logfmt.Start {
	variant := strings.TrimSpace(a.product + " " + a.version)
	return logfmt.Start{Variant: variant, Duration: a.duration}
}

// tell yields what was found. Parrot's place of a flight is where it began, or
// where the remote control was.
func (a *about) tell(put func(logfmt.Record) bool) bool {
	for _, f := range a.findings {
		if !put(logfmt.Identifier{Finding: f}) {
			return false
		}
	}
	if p := (logfmt.Point{Lat: a.lat, Lon: a.lon}); a.located >= 2 && logfmt.Usable(p) {
		return put(logfmt.Spot{Role: logfmt.Home, Time: a.began, Local: a.local, Point: p, Alt: math.NaN()})
	}
	return true
}

// product names the drone of a product id (Parrot's ARDISCOVERY numbers).
func product(id string) string {
	n, err := strconv.Atoi(id)
	if err != nil {
		return ""
	}
	return map[int]string{0x0901: "Bebop", 0x090C: "Bebop 2", 0x090E: "Disco", 0x0910: "Mambo", 0x0914: "Anafi", 0x0919: "Anafi Thermal",
		0x091A: "Chimera", 0x091E: "Anafi USA", 0x091F: "Anafi Ai"}[n]
}

// parseDate reads "2016-05-21T155015+0200", with or without colons. A date
// without a zone is a wall clock.
func parseDate(s string) (utc, local time.Time) {
	for _, layout := range []string{"2006-01-02T150405Z0700", "2006-01-02T150405Z07:00", "2006-01-02T15:04:05Z0700", time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil && plausible(t) {
			return t.UTC(), time.Time{}
		}
	}
	for _, layout := range []string{"2006-01-02T150405", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil && plausible(t) {
			return time.Time{}, t
		}
	}
	return time.Time{}, time.Time{}
}

// plausible reports whether t is later than the first of these drones: they
// come up in 1970 until a phone tells them the date.
func plausible(t time.Time) bool { return t.Year() >= 2010 && t.Year() < 2100 }
