// Package phantomhelp decodes the CSV files of the PhantomHelp log viewer, Flight
// Reader, CsvView and TXTlogToCSVtool, which all name columns alike.
//
// Seen from files. Times are the wall clock of whoever converted the log.
package phantomhelp

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"flightveil/internal/block/table"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
	"flightveil/logfmt/internal/tabular"
)

// Format is the log of that tool.
type Format struct{}

// ID returns "phantomhelp-csv".
func (Format) ID() string { return "phantomhelp-csv" }

// Detect looks for the columns only this tool writes.
func (Format) Detect(p input.Probe) input.Match {
	if t := tabular.Probe(p); tabular.Has(t, "osd.latitude", "osd.longitude") {
		return input.Certain
	}
	return input.No
}

// Decode yields one Fix per row with a position.
func (Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return tabular.Decode(ctx, in, open)
}

func open(t *table.Reader) tabular.Dialect {
	day, clock, fly := t.Index("custom.date"), t.Index("custom.updatetime"), -1
	for i := range t.Columns() {
		if t.Name(i) == "osd.flytime" && t.Unit(i) == "s" {
			fly = i
		}
	}
	d := tabular.Dialect{
		Lat: "osd.latitude", Lon: "osd.longitude", AltMSL: []string{"osd.altitude"}, AltHome: []string{"osd.height"},
		Speed: []string{"osd.hspeed"}, Climb: []string{"osd.zspeed"}, ClimbDown: true, Course: []string{"osd.directionoftravel"},
		Roll: []string{"osd.roll"}, Pitch: []string{"osd.pitch"}, Yaw: []string{"osd.yaw"},
		GimbalRoll: []string{"gimbal.roll"}, GimbalPitch: []string{"gimbal.pitch"}, GimbalYaw: []string{"gimbal.yaw"},
		Sats: []string{"osd.gpsnum"}, Battery: []string{"battery.chargelevel"},
		Spots:    []tabular.Spot{{Role: logfmt.Home, Lat: "home.latitude", Lon: "home.longitude"}, {Role: logfmt.Phone, Lat: "appgps.latitude", Lon: "appgps.longitude"}, {Role: logfmt.Home, Lat: "details.latitude", Lon: "details.longitude"}},
		Messages: []tabular.Message{{Column: "app.tip", Severity: "info"}, {Column: "app.warning", Severity: "warning"}, {Column: "app.tipandwarning"}},
	}
	for i := range t.Columns() {
		if class := named(t.Name(i)); class != "" {
			d.Identity = append(d.Identity, tabular.Identity{Column: t.Name(i), Class: class})
		}
	}
	d.Stamped = []int{day, clock}
	known := t.Unit(clock) == "utc" // Flight Reader can write either
	var memo tabular.Memo
	d.Clock = func(t *table.Reader) (utc, local time.Time, elapsed time.Duration) {
		elapsed = -1
		if s := tabular.Seconds(t.Field(fly)); s >= 0 {
			elapsed = s
		}
		if local = memo.Stamp(t.Field(clock)); local.IsZero() {
			if at := tabular.Hours(t.Field(clock)); at >= 0 {
				if local = tabular.Day(t.Field(day)); !local.IsZero() {
					local = local.Add(at)
				}
			}
		}
		if known {
			return local, utc, elapsed
		}
		return utc, local, elapsed
	}
	return d
}

// named returns the class of a column that tells whose or which device it is,
// "" for the others.
func named(column string) privacy.Class {
	group, name, _ := strings.Cut(column, ".")
	switch group {
	case "serial":
		return privacy.Identity
	case "details", "recover":
	default:
		if column == "camera.filename" || column == "home.datarecorderfileindex" {
			return privacy.Identity
		}
		if column == "osd.dronetype" {
			return privacy.Device
		}
		return ""
	}
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) })
	}
	switch {
	case has("street", "city", "area", "country", "address"):
		return privacy.Place
	case has("apptype", "appname", "version", "dronetype", "model", "producttype"):
		return privacy.Device
	case has("serial", "name", "guid", "uuid", "user", "account", "mail", "sn"):
		return privacy.Identity
	}
	return ""
}
