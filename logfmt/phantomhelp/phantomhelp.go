// Package phantomhelp decodes the CSV files of the PhantomHelp log viewer, Flight
// Reader, CsvView and TXTlogToCSVtool, which all name columns alike.
//
// Seen from files. Times are the wall clock of whoever converted the log.
package phantomhelp

import (
	"context"
	"iter"
	"strings"
	"time"

	"flightveil/internal/block/table"
	"flightveil/internal/input"
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
		Spots:    []tabular.Spot{{Role: logfmt.Home, Lat: "home.latitude", Lon: "home.longitude"}, {Role: logfmt.Phone, Lat: "appgps.latitude", Lon: "appgps.longitude"}},
		Messages: []string{"app.tip", "app.warning"},
	}
	for i := range t.Columns() {
		name := t.Name(i)
		if named(name) {
			d.Identity = append(d.Identity, name)
		}
	}
	d.Clock = func(t *table.Reader) (utc, local time.Time, elapsed time.Duration) {
		elapsed = -1
		if s := tabular.Seconds(t.Field(fly)); s >= 0 {
			elapsed = s
		}
		if local = tabular.Stamp(t.Field(clock)); local.IsZero() {
			if at := tabular.Hours(t.Field(clock)); at >= 0 {
				if local = tabular.Day(t.Field(day)); !local.IsZero() {
					local = local.Add(at)
				}
			}
		}
		return utc, local, elapsed
	}
	return d
}

// named reports whether a column tells whose or which device it is.
func named(column string) bool {
	group, name, _ := strings.Cut(column, ".")
	switch group {
	case "serial":
		return true
	case "details", "recover":
		return strings.Contains(name, "serial") || strings.Contains(name, "name") || strings.Contains(name, "version") || strings.Contains(name, "guid") ||
			strings.Contains(name, "street") || strings.Contains(name, "city") || strings.Contains(name, "area")
	}
	return column == "camera.filename" || column == "home.datarecorderfileindex"
}
