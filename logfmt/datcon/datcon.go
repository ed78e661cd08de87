// Package datcon decodes the CSV files that DatCon makes of DJI's DAT logs, of
// its versions 2 and 3.
//
// No real file was seen; the columns are those of DatCon's own description and
// of public programs that read its files (https://datfile.net/DatCon/fieldsV3.html).
// The position is that of the flight controller, fused of all sensors; where a
// file has none it is the receiver's. Times are UTC, from GPS.
package datcon

import (
	"bytes"
	"context"
	"iter"
	"math"
	"strings"
	"time"

	"flightveil/internal/block/lines"
	"flightveil/internal/block/table"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
	"flightveil/logfmt/internal/tabular"
)

// Format is the log of that tool.
type Format struct{}

// ID returns "datcon-csv".
func (Format) ID() string { return "datcon-csv" }

// Detect looks for the columns only this tool writes.
func (Format) Detect(p input.Probe) input.Match {
	t := tabular.Probe(p)
	clock := t.Index("clock:offsettime", "offsettime", "clock:tick#", "tick#") >= 0
	for _, s := range streams {
		if clock && tabular.Has(t, s.lat, s.lon) {
			return input.Certain
		}
	}
	return input.No
}

// streams are the columns of the position, the best first.
var streams = [...]struct{ lat, lon string }{
	{"imu_atti(0):latitude", "imu_atti(0):longitude"},
	{"imu_atti:latitude", "imu_atti:longitude"},
	{"gps:lat", "gps:long"},
	{"gps(0):lat", "gps(0):long"},
	{"imu_atti(1):latitude", "imu_atti(1):longitude"},
	{"gps(1):lat", "gps(1):long"},
}

// Decode yields one Fix per row with a position.
func (Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return tabular.Decode(ctx, in, open)
}

// both returns the names of a column of the first receiver or controller in
// files that number them and in those that do not.
func both(module string, names ...string) (out []string) {
	for _, n := range names {
		out = append(out, module+"(0):"+n, module+":"+n)
	}
	return out
}

func open(t *table.Reader) tabular.Dialect {
	d := tabular.Dialect{
		AltMSL:  append(append(both("gps", "heightmsl"), both("imu_atti", "absoluteheight:c")...), "general:absoluteheight"),
		AltHome: append(both("imu_atti", "relativeheight:c", "relativeheight"), "general:relativeheight"),
		Speed:   both("imu_atti", "velh:c", "velh"), Climb: append(both("imu_atti", "veld"), both("gps", "veld")...), ClimbDown: true,
		VelNorth: append(both("imu_atti", "veln"), both("gps", "veln")...), VelEast: append(both("imu_atti", "vele"), both("gps", "vele")...),
		Roll: both("imu_atti", "roll:c", "roll"), Pitch: both("imu_atti", "pitch:c", "pitch"), Yaw: both("imu_atti", "yaw:c", "yaw360:c", "yaw"),
		GimbalRoll: both("gimbal", "roll", "roll:c"), GimbalPitch: both("gimbal", "pitch", "pitch:c"), GimbalYaw: both("gimbal", "yaw", "yaw:c"),
		Sats: append(both("imu_atti", "numsats"), both("gps", "numsv", "numgps")...), HDOP: both("gps", "hdop"),
		Battery: append(both("battery", "battery%", "remaining%", "percent"), both("smart_batt", "battery%", "remaining%")...),
		Spots: []tabular.Spot{
			{Role: logfmt.Home, Lat: tabular.First(t, "hp:latitude", "homepoint:latitude", "home:latitude"), Lon: tabular.First(t, "hp:longitude", "homepoint:longitude", "home:longitude")},
		},
		Messages: []tabular.Message{{Column: "eventlog"}},
	}
	const attributes = "attribute|value" // the last column of the first rows only
	d.Identity = []tabular.Identity{{Column: attributes, Key: attribute}}
	if n := t.Columns(); n > 0 && t.Name(n-1) == attributes {
		t.MayLack(1)
	}
	d.Position = position(t)
	d.Clock = clock(t)
	return d
}

// position returns the fused position of a row, and the receiver's as long as
// there was no fused one.
func position(t *table.Reader) func(*table.Reader) (logfmt.Point, string) {
	var found []tabular.Columns
	for _, s := range streams {
		if tabular.Has(t, s.lat, s.lon) {
			found = append(found, tabular.Columns{Lat: t.Column(s.lat), Lon: t.Column(s.lon)})
		}
	}
	best := len(found) // of those that had a position yet
	return func(t *table.Reader) (p logfmt.Point, why string) {
		p = logfmt.Point{Lat: math.NaN(), Lon: math.NaN()}
		for i := 0; i < len(found) && i <= best; i++ {
			q, bad := found[i].Point(t)
			if bad != "" {
				why = bad
			}
			if logfmt.Usable(q) {
				best = i
				return q, ""
			}
		}
		return p, why
	}
}

// clock ties the receiver's time, of whole seconds, to the seconds since the
// log began, which are negative before the motors start.
func clock(t *table.Reader) func(*table.Reader) (utc, local time.Time, elapsed time.Duration) {
	offset, stamp := t.Column("clock:offsettime", "offsettime"), t.Index("gps:datetimestamp", "gps(0):datetimestamp")
	day, hour := t.Index("gps:date", "gps(0):date"), t.Index("gps:time", "gps(0):time")
	var tie tabular.Tie
	return func(t *table.Reader) (utc, local time.Time, elapsed time.Duration) {
		elapsed = -1
		s := t.Float(offset)
		if s >= 0 && s < 1e7 {
			elapsed = time.Duration(s*1e3+0.5) * time.Millisecond
		}
		if b := t.Field(stamp); len(b) > 0 {
			utc, _ = tabular.Zoned(b)
		} else if utc = tabular.Compact(t.Field(day)); !utc.IsZero() {
			v, n := lines.Uint(t.Field(hour)) // 93107 is 09:31:07
			if n == 0 || v/10000 > 23 || v/100%100 > 59 || v%100 > 60 {
				return time.Time{}, local, elapsed
			}
			utc = utc.Add(time.Duration(v/10000*3600+v/100%100*60+v%100) * time.Second)
		}
		if s > -1e6 {
			utc = tie.At(utc, s*1e3+1e9)
		}
		return utc, local, elapsed
	}
}

// attribute returns the class of what the attribute called key holds.
func attribute(key []byte) privacy.Class {
	k := strings.ToLower(string(key))
	for _, w := range []string{"sn", "serial", "id", "name", "guid", "user", "mail"} {
		if strings.Contains(k, w) {
			return privacy.Identity
		}
	}
	for _, w := range []string{"actype", "firmware", "version", "model", "convertdat", "datcon"} {
		if strings.Contains(k, w) {
			return privacy.Device
		}
	}
	if bytes.ContainsAny(key, ":") {
		return ""
	}
	return privacy.Unknown
}
