package dronedeploy

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"

	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
	"flightveil/logfmt/internal/tabular"
)

// maxDepth bounds how deep the objects of one cell are looked into.
const maxDepth = 32

// info takes the column of events: text, or JSON of messages, ids and the plan.
func (d *decoder) info() bool {
	at := d.t.Index("info")
	b := bytes.TrimSpace(d.t.Field(at))
	if at < 0 || d.t.Bad() != "" || tabular.Nothing(b) {
		return true
	}
	utc, _, elapsed := d.rows.Clock(d.t)
	say := func(text string) bool {
		return d.put(logfmt.Message{Time: utc, Elapsed: elapsed, Text: privacy.Secret(text)})
	}
	if b[0] != '{' && b[0] != '[' {
		return say(d.t.Text(at))
	}
	var v any
	if json.Unmarshal(b, &v) != nil {
		if json.Unmarshal([]byte(d.t.Text(at)), &v) != nil { // quotes doubled
			return say(d.t.Text(at))
		}
	}
	return d.value("", v, maxDepth, d.t.Span(at), say)
}

// value takes a value of JSON that is called key.
func (d *decoder) value(key string, v any, depth int, span input.Span, say func(string) bool) bool {
	if depth == 0 {
		return true
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			if !d.value(key, e, depth-1, span, say) {
				return false
			}
		}
	case map[string]any:
		if p, ok := where(v); ok && !d.put(logfmt.Spot{Role: logfmt.Waypoint, Point: p, Alt: math.NaN()}) {
			return false
		}
		for _, k := range keys(v) {
			if !d.value(k, v[k], depth-1, span, say) {
				return false
			}
		}
	case string:
		class := named(key)
		if strings.EqualFold(key, "message") {
			return say(v)
		}
		if class == "" || tabular.Nothing([]byte(v)) || d.ids[key+"\x00"+v] {
			return true
		}
		d.ids[key+"\x00"+v] = true
		return d.put(logfmt.Identifier{Finding: privacy.Finding{Class: class, Path: "info/" + camel(key), Value: privacy.Secret(v), Spans: []input.Span{span}}})
	}
	return true
}

// keys returns the keys of v in order.
func keys(v map[string]any) []string {
	out := make([]string, 0, len(v))
	for k := range v {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// where returns the position that v holds, a corner of the plan.
func where(v map[string]any) (logfmt.Point, bool) {
	for _, n := range [...][2]string{{"lat", "lng"}, {"lat", "lon"}, {"latitude", "longitude"}} {
		lat, ok1 := v[n[0]].(float64)
		lon, ok2 := v[n[1]].(float64)
		if p := (logfmt.Point{Lat: lat, Lon: lon}); ok1 && ok2 && logfmt.Usable(p) {
			return p, true
		}
	}
	return logfmt.Point{}, false
}

// named returns the class of a value called key, "" if it tells nothing.
func named(key string) privacy.Class {
	lower := strings.ToLower(key)
	switch {
	case lower == "id", strings.HasSuffix(key, "Id"), strings.HasSuffix(key, "ID"), strings.HasSuffix(lower, "_id"), strings.Contains(lower, "serial"),
		strings.Contains(lower, "name"), strings.Contains(lower, "email"), strings.Contains(lower, "user"):
		return privacy.Identity
	case strings.Contains(lower, "address"), strings.Contains(lower, "city"), strings.Contains(lower, "location"):
		return privacy.Place
	}
	return ""
}
