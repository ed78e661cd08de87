// Package litchi decodes the CSV files of Litchi: flight logs in metric and
// imperial units, planned missions, and the flight logs of FlyTrex, whose
// columns Litchi took over.
//
// No real file was seen; the columns are those that public programs read and
// write. The clock is UTC. Litchi counts heights from the take-off point;
// FlyTrex has both the height above the sea and above the take-off point.
package litchi

import (
	"context"
	"iter"
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

// ID returns "litchi-csv".
func (Format) ID() string { return "litchi-csv" }

// Detect looks for the columns only this tool writes.
func (Format) Detect(p input.Probe) input.Match {
	t := tabular.Probe(p)
	if !tabular.Has(t, "latitude", "longitude") {
		return input.No
	}
	flight := t.IndexUnit("datetime", "local") >= 0 && tabular.Has(t, "time", "satellites")
	raw := tabular.Has(t, "pitchraw", "yawraw", "gimbalpitchraw")
	if flight || raw || mission(t) {
		return input.Certain
	}
	return input.No
}

// mission reports whether t is a plan.
func mission(t *table.Reader) bool {
	return tabular.Has(t, "curvesize", "rotationdir") && t.Index("gimbalmode", "gimbalpitchangle", "actiontype1", "actiontype") >= 0
}

// Decode yields one Fix per row with a position.
func (Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return tabular.Decode(ctx, in, open)
}

func open(t *table.Reader) tabular.Dialect {
	if mission(t) {
		return tabular.Dialect{
			Variant: "mission",
			Spots: []tabular.Spot{
				{Role: logfmt.Waypoint, Lat: "latitude", Lon: "longitude", Alt: "altitude"},
				{Role: logfmt.Target, Lat: "poi_latitude", Lon: "poi_longitude", Alt: "poi_altitude"},
			},
			Clock: func(*table.Reader) (utc, local time.Time, elapsed time.Duration) { return utc, local, -1 },
		}
	}
	const tenth = 0.1 // raw angles count tenths of a degree
	d := tabular.Dialect{
		Lat: "latitude", Lon: "longitude",
		Speed: []string{"speed"}, Climb: []string{"velocityz"}, ClimbDown: true, VelNorth: []string{"velocityx"}, VelEast: []string{"velocityy"},
		Roll: []string{"roll", "rollraw"}, Pitch: []string{"pitch", "pitchraw"}, Yaw: []string{"yaw", "yawraw"},
		GimbalRoll: []string{"gimbalrollraw"}, GimbalPitch: []string{"gimbalpitchraw"}, GimbalYaw: []string{"gimbalyawraw"},
		Scale: map[string]float64{
			"rollraw": tenth, "pitchraw": tenth, "yawraw": tenth, "gimbalrollraw": tenth, "gimbalpitchraw": tenth, "gimbalyawraw": tenth,
		},
		Sats: []string{"satellites"}, Battery: []string{"remainpowerpercent", "battery_percent"},
		Spots: []tabular.Spot{{Role: logfmt.Home, Lat: "home_latitude", Lon: "home_longitude"}},
		Messages: []tabular.Message{
			{Column: "app_tip", Severity: "info"}, {Column: "apptip", Severity: "info"},
			{Column: "app_warning", Severity: "warning"}, {Column: "appwarning", Severity: "warning"},
		},
	}
	litchi := t.Index("pitchraw", "velocityx", "home_latitude", "ultrasonicheight") >= 0
	switch {
	case litchi && t.Index("ascent") < 0:
		d.AltHome = []string{"altitude"}
	case !litchi && tabular.Has(t, "ascent", "pressure"):
		d.Variant = "FlyTrex"
		d.AltMSL, d.AltHome = []string{"altitude"}, []string{"ascent"}
	default: // columns of both, or of neither
		d.AltUnclear, d.AltHome = []string{"altitude"}, []string{"ascent"}
	}
	for i := range t.Columns() {
		if class := named(t.Name(i)); class != "" {
			d.Identity = append(d.Identity, tabular.Identity{Column: t.Name(i), Class: class})
		}
	}
	ms, utcAt, localAt := t.Column("time"), t.IndexUnit("datetime", "utc", "gmt"), t.IndexUnit("datetime", "local")
	d.Stamped = []int{utcAt, localAt}
	var tie, wall tabular.Tie
	d.Clock = func(t *table.Reader) (utc, local time.Time, elapsed time.Duration) {
		v := t.Float(ms)
		elapsed = -1
		if v >= 0 && v < 1e11 {
			elapsed = time.Duration(v * float64(time.Millisecond))
		}
		if utc = tie.Time(t.Field(utcAt), v); utc.IsZero() {
			local = wall.Time(t.Field(localAt), v)
		}
		return utc, local, elapsed
	}
	return d
}

// named returns the class of a column that tells whose or which device it is.
func named(column string) privacy.Class {
	switch {
	case strings.Contains(column, "serial"), column == "planename", column == "dischargecount", column == "center_battery.productdate",
		column == "center_battery.productdateraw", strings.Contains(column, "email"), strings.Contains(column, "username"):
		return privacy.Identity
	case column == "dronetype", column == "appversion":
		return privacy.Device
	}
	return ""
}
