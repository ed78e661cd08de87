// Package records decodes flight logs that are JSON: objects with the names of
// [tabular.Common] in an array or one behind the other, or an object with an
// array for each column. It holds one object at a time.
package records

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"flightveil/internal/block/jsonstream"
	"flightveil/internal/block/lines"
	"flightveil/internal/block/table"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
	"flightveil/logfmt/internal/tabular"
	"flightveil/logfmt/internal/utf16log"
)

const (
	maxKeys    = 512      // of one object
	maxText    = 64 << 10 // of one object
	maxTables  = 16       // different sets of keys that are remembered
	maxValues  = 64       // different values of one key that are told
	checkEvery = 4096
)

// Decode yields the records of in.
func Decode(ctx context.Context, in logfmt.Input) iter.Seq2[logfmt.Record, error] {
	return utf16log.Decode(ctx, in, func(in logfmt.Input) iter.Seq2[logfmt.Record, error] { return decode(ctx, in) })
}

func decode(ctx context.Context, in logfmt.Input) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		if in.Size() == 0 {
			return
		}
		d := &decoder{ctx: ctx, in: in, r: jsonstream.New(in), tables: map[string]*rows{}, told: map[string]map[string]bool{}}
		d.put = func(r logfmt.Record) bool { return yield(r, nil) }
		if !d.put(logfmt.Start{}) {
			return
		}
		for {
			t, ok := d.next()
			if ok && d.value(t, "", nil) {
				continue
			}
			if err := ctx.Err(); err != nil && !d.stopped {
				yield(nil, err)
				return
			}
			if d.stopped || d.err == nil || d.err == io.EOF || !d.flush() {
				return
			}
			if !errors.Is(d.err, jsonstream.ErrSyntax) && !errors.Is(d.err, io.ErrUnexpectedEOF) {
				yield(nil, d.err)
				return
			}
			if !d.resume() {
				return
			}
		}
	}
}

// resume goes on behind a place that is no JSON, at an object that follows
// another. What it is part of is not known any more: of the objects behind it
// only those count that have the keys of one before.
func (d *decoder) resume() bool {
	from := d.r.Offset()
	err := d.r.ResyncObject()
	if !d.put(logfmt.Damage{Off: from, Len: d.r.Offset() - from, Reason: "a place that is no JSON"}) || err != nil {
		return false
	}
	d.open, d.resumed = nil, true
	return true
}

// next returns the next token; ok is false at the end, or at an error.
func (d *decoder) next() (t jsonstream.Token, ok bool) {
	t, d.err = d.r.Next()
	return t, d.err == nil
}

type decoder struct {
	ctx     context.Context
	in      logfmt.Input
	r       *jsonstream.Reader
	err     error // of r
	put     func(logfmt.Record) bool
	stopped bool   // put wants no more
	resumed bool   // behind a place that was no JSON
	last    string // array of the last record that counted
	n       int
	tables  map[string]*rows
	told    map[string]map[string]bool
	open    []*object // the objects that are being read, outermost first
}

// rows decodes the objects of one set of keys.
type rows struct {
	t *table.Reader
	d *tabular.Decoder
}

// An object is the leaves of an object and of those within it.
type object struct {
	off     int64
	array   string // the key of the array it lies in
	names   []string
	values  [][]byte
	spans   []input.Span
	text    []byte // of values
	columns []column
	given   bool
}

// A column is an array of numbers or strings.
type column struct {
	name string
	off  int64
}

// value takes the value that t begins; key is its name in the object in. It
// reports whether to go on.
func (d *decoder) value(t jsonstream.Token, key string, in *object) bool {
	switch t.Kind {
	case jsonstream.Object:
		if in != nil {
			return d.fields(key+".", in)
		}
		return d.record(t.Span.Off, key)
	case jsonstream.Array:
		return d.array(t.Span.Off, key, in)
	case jsonstream.String, jsonstream.Number:
		if in != nil && len(in.names) < maxKeys && len(in.text)+len(t.Text) <= maxText {
			at := len(in.text)
			in.text = append(in.text, t.Text...)
			in.names, in.values, in.spans = append(in.names, key), append(in.values, in.text[at:]), append(in.spans, t.Span)
		}
		return d.tell(key, t)
	}
	return true
}

// record takes an object that stands for itself.
func (d *decoder) record(off int64, array string) bool {
	if d.n++; d.n%checkEvery == 0 && d.ctx.Err() != nil {
		return false
	}
	o := &object{off: off, array: array}
	d.open = append(d.open, o)
	if !d.fields("", o) {
		return false
	}
	d.open = d.open[:len(d.open)-1]
	return d.give(o) && d.zip(o)
}

// fields reads the keys and values of an object into o.
func (d *decoder) fields(prefix string, o *object) bool {
	for {
		t, ok := d.next()
		switch {
		case !ok:
			return false
		case t.Kind == jsonstream.EndObject:
			return true
		}
		key := prefix + string(t.Text)
		if len(key) > 200 {
			key = prefix
		}
		if t, ok = d.next(); !ok || !d.value(t, key, o) {
			return false
		}
	}
}

// array reads an array. Objects in it are records, numbers are a column.
func (d *decoder) array(off int64, key string, in *object) bool {
	for first := true; ; first = false {
		t, ok := d.next()
		switch {
		case !ok:
			return false
		case t.Kind == jsonstream.EndArray:
			return true
		case t.Kind == jsonstream.Object:
			if !d.record(t.Span.Off, key) {
				return false
			}
		case t.Kind == jsonstream.Array:
			if !d.array(t.Span.Off, key, nil) {
				return false
			}
		default:
			if first && in != nil && len(in.columns) < maxKeys {
				in.columns = append(in.columns, column{key, off})
			}
			if t.Kind == jsonstream.String && !d.tell(key, t) {
				return false
			}
		}
	}
}

// flush gives what is known of the objects that are being read.
func (d *decoder) flush() bool {
	for _, o := range d.open {
		if !d.give(o) {
			return false
		}
	}
	return true
}

// tracks are the arrays whose objects are reports of the aircraft.
var tracks = []string{
	"", "telemetry", "flighttelemetry", "flightdata", "data", "records", "flightrecords", "gpsdata", "positions", "points", "track", "trackpoints", "path", "flightpath", "samples",
	"logs", "log", "frames", "states", "entries", "rows", "items", "telemetrydata", "locations", "fixes",
}

// give gives the fix and the positions that o holds.
func (d *decoder) give(o *object) bool {
	if o.given || len(o.names) == 0 {
		return true
	}
	o.given = true
	sign := strings.Join(o.names, "\x00")
	if d.resumed && len(d.open) == 0 && o.array == "" {
		o.array = d.last
	}
	key := tabular.Plain(o.array[strings.LastIndexByte(o.array, '.')+1:])
	role := logfmt.Role("")
	switch {
	case slices.Contains(tracks, key):
	case strings.Contains(key, "waypoint"), strings.Contains(key, "mission"), strings.Contains(key, "route"), strings.Contains(key, "plan"):
		role = logfmt.Waypoint
	case strings.Contains(key, "photo"), strings.Contains(key, "media"), strings.Contains(key, "image"):
		role = logfmt.Photo
	default:
		role = logfmt.Target // something that is not the aircraft
	}
	w := d.tables[string(role)+"\x01"+sign]
	if w == nil && d.resumed {
		return true
	}
	if w == nil {
		if len(d.tables) >= maxTables {
			clear(d.tables)
		}
		t := table.NewRows(o.names)
		w = &rows{t, tabular.New(t, func(t *table.Reader) tabular.Dialect {
			c := tabular.Common(t)
			c.Identity = nil // told already
			if role != "" {
				if c.Lat != "" {
					c.Spots = append(c.Spots, tabular.Spot{Role: role, Lat: c.Lat, Lon: c.Lon})
				}
				c.Lat, c.Lon = "", ""
			}
			return c
		})}
		d.tables[string(role)+"\x01"+sign] = w
	}
	if role == "" {
		d.last = o.array
	}
	w.t.Give(o.values, o.spans, lines.Line{Off: o.off, Len: d.r.Offset() - o.off})
	if !w.d.Row(d.put) {
		d.stopped = true
	}
	return !d.stopped
}

// zip gives the rows of the columns of o, which are read again side by side.
func (d *decoder) zip(o *object) bool {
	names := make([]string, len(o.columns))
	for i, c := range o.columns {
		names[i] = c.name[strings.LastIndexByte(c.name, '.')+1:]
	}
	t := table.NewRows(names)
	if c := tabular.Common(t); c.Lat == "" || d.resumed {
		return true
	}
	w := tabular.New(t, func(t *table.Reader) tabular.Dialect {
		c := tabular.Common(t)
		c.Identity = nil
		return c
	})
	readers := make([]*jsonstream.Reader, len(o.columns))
	for i, c := range o.columns {
		readers[i] = jsonstream.At(d.in, c.off)
		readers[i].Next() // '['
	}
	values, spans := make([][]byte, len(names)), make([]input.Span, len(names))
	for {
		if d.n++; d.n%checkEvery == 0 && d.ctx.Err() != nil {
			return false
		}
		at, ended := o.off, 0
		for i, r := range readers {
			values[i], spans[i] = nil, input.Span{}
			if r == nil {
				ended++
				continue
			}
			v, err := r.Next()
			if err != nil || v.Kind == jsonstream.EndArray || v.Kind == jsonstream.Array || v.Kind == jsonstream.Object {
				readers[i] = nil
				ended++
				continue
			}
			if v.Kind != jsonstream.Word {
				values[i], spans[i], at = v.Text, v.Span, v.Span.Off
			}
		}
		if ended == len(readers) {
			return true
		}
		t.Give(values, spans, lines.Line{Off: at})
		if !w.Row(d.put) {
			d.stopped = true
			return false
		}
	}
}

// tell yields the value of key, if it tells of a person or a device.
func (d *decoder) tell(key string, t jsonstream.Token) bool {
	last := key[strings.LastIndexByte(key, '.')+1:]
	class := tabular.Class(last)
	if class == "" && last != key { // "aircraft.serial", "pilot.name"
		class = tabular.Class(key)
	}
	if class == "" || tabular.Nothing(t.Text) || bytes.Equal(t.Text, []byte("true")) {
		return true
	}
	seen := d.told[key]
	if seen == nil {
		if len(d.told) >= maxKeys {
			return true
		}
		seen = map[string]bool{}
		d.told[key] = seen
	}
	if seen[string(t.Text)] || len(seen) >= maxValues {
		return true
	}
	seen[string(t.Text)] = true
	f := privacy.Finding{Class: class, Path: path(key), Value: privacy.Secret(t.Text), Spans: []input.Span{t.Span}}
	if !d.put(logfmt.Identifier{Finding: f}) {
		d.stopped = true
	}
	return !d.stopped
}

// path returns key if it is made of words, as tools name their fields.
func path(key string) string {
	for _, c := range key {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '_' && c != '.' && c != '-' {
			return "field"
		}
	}
	if len(key) > 60 {
		return fmt.Sprintf("%s...", key[:60])
	}
	return key
}
