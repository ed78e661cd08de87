// Package dronedeploy decodes the flight recorder's files of the DroneDeploy
// app: lines of names and values about the session, then a table, both with
// tabs between the fields.
//
// Seen from files of 2018 to 2020, iOS and Android. Times are UTC, heights are
// above the take-off point.
package dronedeploy

import (
	"bytes"
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

// Format is the log of that app.
type Format struct{}

// ID returns "dronedeploy-log".
func (Format) ID() string { return "dronedeploy-log" }

const (
	magic      = "#DroneDeploy"
	minColumns = 8 // a line with fewer fields is not of a table
	checkEvery = 4096
)

// Detect looks for the first line, or for the header of the table.
func (Format) Detect(p input.Probe) input.Match {
	t := tabular.Probe(p)
	if b := t.Line().Text; bytes.HasPrefix(b, []byte(magic)) && (len(b) == len(magic) || b[len(magic)] == '\t' || b[len(magic)] == ' ') {
		return input.Certain
	}
	if t.Columns() >= minColumns && tabular.Has(t, "date/time", "elapsed time", "aircraft latitude", "aircraft longitude") {
		return input.Certain
	}
	return input.No
}

// Decode yields a Start for every session and one Fix per row with a position.
func (Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		if in.Size() == 0 {
			return
		}
		d := decoder{t: table.NewSep(in, '\t'), ids: map[string]bool{}, put: func(r logfmt.Record) bool { return yield(r, nil) }}
		more := d.line() // which New read already
		for n := 0; more && d.t.Next(); n++ {
			if n%checkEvery == 0 && ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			more = d.line()
		}
		if err := d.t.Err(); more && err != nil {
			yield(nil, err)
		}
	}
}

type decoder struct {
	t     *table.Reader
	rows  *tabular.Decoder // of the table, nil before its header
	open  bool             // the session has not ended
	begun bool             // a Start was given
	ids   map[string]bool  // what was told of this session
	put   func(logfmt.Record) bool
}

// line takes the line that was read last.
func (d *decoder) line() bool {
	l, n := d.t.Line(), d.t.Fields()
	first := d.t.Field(0)
	switch {
	case bytes.HasPrefix(first, []byte(magic)):
		d.rows, d.open, d.ids = nil, true, map[string]bool{}
		return d.start(version(d.t.Field(1)))
	case !d.begun && !d.start(""):
		return false
	case bytes.HasPrefix(first, []byte("Date/Time")) && n >= minColumns:
		d.t.SetHeader(l)
		if d.rows == nil {
			d.rows = tabular.New(d.t, dialect)
		} else {
			d.rows.Header()
		}
		d.open = true
		return true
	case bytes.HasPrefix(l.Text, []byte("#Flight Recorder Session End")):
		d.open = false
		return true
	case d.rows != nil && (d.open || n >= minColumns):
		return d.rows.Row(d.put) && d.info()
	case d.rows == nil:
		return d.about()
	}
	return true // when the session ended
}

func (d *decoder) start(version string) bool {
	d.begun = true
	return d.put(logfmt.Start{Variant: version})
}

// version returns b if it is digits and points.
func version(b []byte) string {
	for _, c := range b {
		if (c < '0' || c > '9') && c != '.' {
			return ""
		}
	}
	return string(b)
}

// about takes a line of a name and a value.
func (d *decoder) about() bool {
	key, class := name(string(d.t.Field(0)))
	for i := 1; i < d.t.Fields(); i++ {
		b := d.t.Field(i)
		if class == "" || tabular.Nothing(b) {
			continue
		}
		if id := key + "\x00" + string(b); !d.ids[id] {
			d.ids[id] = true
			f := privacy.Finding{Class: class, Path: key, Value: privacy.Secret(b), Spans: []input.Span{d.t.Span(i)}}
			if !d.put(logfmt.Identifier{Finding: f}) {
				return false
			}
		}
	}
	return true
}

// name returns what a line's name is called among our tags, and the class of
// its value, "" if it tells nothing.
func name(key string) (tag string, class privacy.Class) {
	lower := strings.ToLower(key)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(lower, w) {
				return true
			}
		}
		return false
	}
	switch {
	case key == "" || key[0] == '#', has("(mah)", "(%)", "cells number", "interface idiom", "session start", "date/time", "elapsed time"):
		return "", ""
	case has("serial", "ssid", "name", "email", "pilot", "account", "discharges"), strings.HasSuffix(lower, " id"):
		class = privacy.Identity
	case has("firmware", "model", "manufacturer", "operating system", "version"):
		class = privacy.Device
	default:
		return "header", privacy.Unknown
	}
	return camel(key), class
}

// camel turns "Battery Serial Number" into "batterySerialNumber".
func camel(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
	for i, w := range words {
		if i == 0 {
			words[i] = strings.ToLower(w[:1]) + w[1:]
		} else {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "")
}

func dialect(t *table.Reader) tabular.Dialect {
	d := tabular.Dialect{
		Lat: "aircraft latitude", Lon: "aircraft longitude", AltHome: []string{"aircraft barometric altitude"},
		Speed: []string{"aircraft speed"}, Climb: []string{"aircraft vel - z"}, ClimbDown: true,
		Roll: []string{"aircraft roll"}, Pitch: []string{"aircraft pitch"}, Yaw: []string{"aircraft heading"},
		GimbalRoll: []string{"gimbal roll"}, GimbalPitch: []string{"gimbal pitch"}, GimbalYaw: []string{"gimbal yaw"},
		Sats: []string{"aircraft satellites"}, Battery: []string{"aircraft battery power"},
		Spots: []tabular.Spot{
			{Role: logfmt.Home, Lat: "home latitude", Lon: "home longitude"},
			{Role: logfmt.Phone, Lat: "device latitude", Lon: "device longitude"},
			{Role: logfmt.Remote, Lat: "rc latitude", Lon: "rc longitude"},
		},
		Skip: func(t *table.Reader) bool { return bytes.HasPrefix(t.Line().Text, []byte("#Flight Recorder")) },
	}
	// Version 2 on Android names the columns X, Y, Z, speed and writes speed, X,
	// Y, Z, in metres a second; its heights are metres although the header says
	// feet. Its velocities, and no other's, have no unit in the header.
	if x := t.Index("aircraft vel - x"); x >= 0 && t.Unit(x) == "" && x+3 == t.Index("aircraft speed") {
		const feet, mph = 0.3048, 0.44704 // which the header makes of them
		d.Speed, d.Climb = []string{"aircraft vel - x"}, []string{"aircraft speed"}
		d.Scale = map[string]float64{"aircraft speed": 1 / mph, "aircraft barometric altitude": 1 / feet}
	}
	d.Stamped = []int{t.Index("date/time")}
	d.Clock = clock(t)
	return d
}

// clock reads "05/23/2018 20:50:18", month first, and the seconds since the
// session began.
func clock(t *table.Reader) func(*table.Reader) (utc, local time.Time, elapsed time.Duration) {
	at, seconds := t.Index("date/time"), t.Column("elapsed time")
	known := at >= 0 && (t.Unit(at) == "utc" || t.Unit(at) == "gmt")
	var tie tabular.Tie
	var last string
	var whole time.Time
	return func(t *table.Reader) (utc, local time.Time, elapsed time.Duration) {
		if b := t.Field(at); string(b) != last {
			last, whole = string(b), time.Time{}
			if day, hours, ok := bytes.Cut(b, []byte{' '}); ok {
				if h := tabular.Hours(hours); h >= 0 {
					if whole = tabular.Day(day); !whole.IsZero() {
						whole = whole.Add(h)
					}
				}
			}
		}
		s := t.Float(seconds)
		elapsed = -1
		if s >= 0 && s < 1e7 {
			elapsed = time.Duration(s*1e3+0.5) * time.Millisecond
		}
		if fine := tie.At(whole, s*1e3); known {
			utc = fine
		} else {
			local = fine
		}
		return utc, local, elapsed
	}
}
