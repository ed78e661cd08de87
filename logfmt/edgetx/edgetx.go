// Package edgetx decodes the SD-card logs of EdgeTX and OpenTX radios.
//
// Specification: the radios' own sources (radio/src/logs.cpp of OpenTX 2.0 to
// 2.3) and files. Times are the wall clock of the radio; OpenTX 2.0 also wrote
// that of the receiver, which is UTC. A flight ends where the clock stands
// still for more than a minute.
package edgetx

import (
	"bytes"
	"context"
	"iter"
	"math"
	"time"

	"flightveil/internal/block/table"
	"flightveil/internal/input"
	"flightveil/logfmt"
	"flightveil/logfmt/internal/tabular"
)

// Format is the log of that tool.
type Format struct{}

// ID returns "edgetx-csv".
func (Format) ID() string { return "edgetx-csv" }

// Detect looks for the columns only these radios write: the battery of the
// radio, or the sticks.
func (Format) Detect(p input.Probe) input.Match {
	if t := tabular.Probe(p); tabular.Has(t, "date", "time") && (t.Index("txbat") >= 0 || tabular.Has(t, "rud", "ele", "thr", "ail")) {
		return input.Certain
	}
	return input.No
}

// Decode yields one Fix per row with a position.
func (Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return tabular.Decode(ctx, in, open)
}

func open(t *table.Reader) tabular.Dialect {
	day, clock, gps := t.Index("date"), t.Index("time"), t.Index("gps")
	utcDay, utcClock := t.Index("gps date"), t.Index("gps time")
	d := tabular.Dialect{
		AltUnclear: []string{"alt", "galt", "gps alt"}, Speed: []string{"gspd", "gps speed"}, Climb: []string{"vspd"}, Course: []string{"hdg", "course"},
		Roll: []string{"roll"}, Pitch: []string{"ptch"}, Yaw: []string{"yaw"}, Sats: []string{"sats"}, Battery: []string{"bat_"}, Gap: time.Minute,
	}
	d.Stamped = []int{day, clock}
	var days, utcDays tabular.Days
	d.Clock = func(t *table.Reader) (utc, local time.Time, elapsed time.Duration) {
		if at := tabular.Hours(t.Field(utcClock)); at >= 0 {
			// Without a fix the receiver's year is 2000.
			if utc = utcDays.Day(t.Field(utcDay)); utc.Year() > 2009 {
				utc = utc.Add(at)
			} else {
				utc = time.Time{}
			}
		}
		if at := tabular.Hours(t.Field(clock)); at >= 0 {
			if local = days.Day(t.Field(day)); !local.IsZero() {
				local = local.Add(at)
			}
		}
		return utc, local, -1
	}
	if gps >= 0 {
		d.Position = func(t *table.Reader) (logfmt.Point, string) { return both(t, gps) }
		return d
	}
	// OpenTX until 2.1, some scripts and radios log a column each.
	lat := t.Index("latitude", "lat", "glat", "gps lat", "gps latitude", "gpslat")
	lon := t.Index("longitude", "lon", "long", "lng", "glon", "gps lon", "gps long", "gps longitude", "gpslon")
	if lat >= 0 && lon >= 0 {
		plain := tabular.Columns{Lat: t.At(lat), Lon: t.At(lon)}
		d.Position = func(t *table.Reader) (logfmt.Point, string) { return each(t, lat, lon, plain) }
	}
	return d
}

var nowhere = logfmt.Point{Lat: math.NaN(), Lon: math.NaN()}

const noPosition = "a position that is no number"

// both reads the column with both coordinates. OpenTX 2.1.0 wrote them in two
// fields under the header of one.
func both(t *table.Reader, i int) (logfmt.Point, string) {
	cell := t.Field(i)
	if p, ok := plain(cell); ok && !p.Zero() {
		return p, ""
	}
	if none(cell) {
		return nowhere, ""
	}
	if p, ok := position(cell); ok {
		return p, ""
	}
	if a, ok := alone(cell); ok && a.side != 0 && t.Fields() > t.Columns() {
		if b, ok := alone(t.Field(i + 1)); ok {
			if p, ok := pair(a, b); ok {
				t.Join(i)
				return p, ""
			}
		}
	}
	if bytes.EqualFold(cell, []byte(t.Title(i))) {
		return nowhere, "a second header"
	}
	return nowhere, noPosition
}

// each reads a column each, with or without sides.
func each(t *table.Reader, lat, lon int, plain tabular.Columns) (logfmt.Point, string) {
	a, b := t.Field(lat), t.Field(lon)
	if none(a) || none(b) {
		return nowhere, ""
	}
	first, ok1 := alone(a)
	second, ok2 := alone(b)
	if p, ok := pair(first, second); ok && ok1 && ok2 && !first.east() {
		return p, ""
	}
	if bytes.EqualFold(a, []byte(t.Title(lat))) {
		return nowhere, "a second header"
	}
	if first.side != 0 || second.side != 0 {
		return nowhere, noPosition
	}
	return plain.Point(t)
}

// none reports whether a cell is what radios write without a fix: nothing, a
// dash, or zeros with a dash for the side.
func none(b []byte) bool { return tabular.Nothing(b) || len(bytes.Trim(b, "0.- ")) == 0 }
