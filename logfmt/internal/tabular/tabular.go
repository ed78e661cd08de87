// Package tabular decodes flight logs that are tables: a dialect says which
// column is what, this package reads the rows.
package tabular

import (
	"bytes"
	"context"
	"iter"
	"math"
	"time"

	"flightveil/internal/block/table"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// A Dialect describes the columns of one tool. Names are lower case, without unit.
type Dialect struct {
	Lat, Lon                           string
	AltMSL, AltHome, AltUnclear        []string
	Speed, Climb, Course               []string
	ClimbDown                          bool // Climb is positive downwards
	Roll, Pitch, Yaw                   []string
	GimbalRoll, GimbalPitch, GimbalYaw []string
	Sats, Battery                      []string
	BatteryScale                       float64 // 0 means percent
	Spots                              []Spot
	Identity                           []string // columns of names and numbers; each new value is one Identifier
	Messages                           []string
	Position                           func(*table.Reader) logfmt.Point // instead of Lat and Lon
	// Clock returns the time of a row; each part may be unknown (zero, negative).
	Clock func(*table.Reader) (utc, local time.Time, elapsed time.Duration)
	// Gap begins another flight where the clock jumps by more; 0 never does.
	Gap time.Duration
}

// A Spot is a pair of columns with the position of something else.
type Spot struct {
	Role     logfmt.Role
	Lat, Lon string
}

// Probe reads the header of a table from a probe. whole is false if the header
// is longer than the probe.
func Probe(p input.Probe) *table.Reader { return table.New(bytes.NewReader(p.Prefix)) }

// Has reports whether the header has every one of names.
func Has(t *table.Reader, names ...string) bool {
	for _, n := range names {
		if t.Index(n) < 0 {
			return false
		}
	}
	return true
}

const (
	checkEvery = 4096
	maxValues  = 64 // different values of one identity column that are told
)

type spotColumns struct {
	role     logfmt.Role
	lat, lon table.Column
	last     logfmt.Point
}

type decoder struct {
	*table.Reader
	Dialect
	lat, lon table.Column
	floats   []target
	sats     table.Column
	battery  table.Column
	spots    []spotColumns
	ids      []identity
	messages []int
	before   time.Time
}

type target struct {
	column table.Column
	set    func(*logfmt.Fix) *float64
}

type identity struct {
	at   int
	name string
	last string
	seen map[string]bool
}

// Decode yields the rows of in.
func Decode(ctx context.Context, in logfmt.Input, open func(*table.Reader) Dialect) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		if in.Size() == 0 {
			return
		}
		d := &decoder{Reader: table.New(in)}
		d.Dialect = open(d.Reader)
		d.columns()
		if !yield(logfmt.Start{}, nil) {
			return
		}
		for n := 0; d.Next(); n++ {
			if n%checkEvery == 0 && ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			if !d.row(func(r logfmt.Record) bool { return yield(r, nil) }) {
				return
			}
		}
		if err := d.Err(); err != nil {
			yield(nil, err)
		}
	}
}

func (d *decoder) columns() {
	d.lat, d.lon = d.Column(d.Lat), d.Column(d.Lon)
	add := func(names []string, set func(*logfmt.Fix) *float64) {
		if len(names) > 0 && d.Index(names...) >= 0 {
			d.floats = append(d.floats, target{d.Column(names...), set})
		}
	}
	add(d.AltMSL, func(f *logfmt.Fix) *float64 { return &f.AltMSL })
	add(d.AltHome, func(f *logfmt.Fix) *float64 { return &f.AltHome })
	add(d.AltUnclear, func(f *logfmt.Fix) *float64 { return &f.AltUnclear })
	add(d.Speed, func(f *logfmt.Fix) *float64 { return &f.Speed })
	add(d.Climb, func(f *logfmt.Fix) *float64 { return &f.Climb })
	add(d.Course, func(f *logfmt.Fix) *float64 { return &f.Course })
	add(d.Roll, func(f *logfmt.Fix) *float64 { return &f.Roll })
	add(d.Pitch, func(f *logfmt.Fix) *float64 { return &f.Pitch })
	add(d.Yaw, func(f *logfmt.Fix) *float64 { return &f.Yaw })
	add(d.GimbalRoll, func(f *logfmt.Fix) *float64 { return &f.GimbalRoll })
	add(d.GimbalPitch, func(f *logfmt.Fix) *float64 { return &f.GimbalPitch })
	add(d.GimbalYaw, func(f *logfmt.Fix) *float64 { return &f.GimbalYaw })
	d.sats, d.battery = d.Column(d.Sats...), d.Column(d.Dialect.Battery...)
	for _, s := range d.Spots {
		d.spots = append(d.spots, spotColumns{role: s.Role, lat: d.Column(s.Lat), lon: d.Column(s.Lon)})
	}
	for _, name := range d.Identity {
		if i := d.Index(name); i >= 0 {
			d.ids = append(d.ids, identity{at: i, name: name, seen: map[string]bool{}})
		}
	}
	for _, name := range d.Messages {
		if i := d.Index(name); i >= 0 {
			d.messages = append(d.messages, i)
		}
	}
}

func (d *decoder) row(put func(logfmt.Record) bool) bool {
	if why := d.Bad(); why != "" {
		l := d.Line()
		if !put(logfmt.Damage{Off: l.Off, Len: l.Len, Reason: why}) {
			return false
		}
		if l.Ended || l.Long {
			return true
		}
	}
	utc, local, elapsed := d.Clock(d.Reader)
	now := utc
	if now.IsZero() {
		now = local
	}
	if d.Gap > 0 && !now.IsZero() {
		if step := now.Sub(d.before); !d.before.IsZero() && (step > d.Gap || step < -d.Gap) && !put(logfmt.Start{}) {
			return false
		}
		d.before = now
	}
	for i := range d.ids {
		id := &d.ids[i]
		b := d.Field(id.at)
		if len(b) == 0 || string(b) == id.last || len(id.seen) >= maxValues {
			continue
		}
		id.last = string(b)
		if id.seen[id.last] {
			continue
		}
		id.seen[id.last] = true
		f := privacy.Finding{Class: privacy.Identity, Path: id.name, Value: privacy.Secret(id.last), Spans: []input.Span{d.Span(id.at)}}
		if !put(logfmt.Identifier{Finding: f}) {
			return false
		}
	}
	for i := range d.spots {
		s := &d.spots[i]
		p := logfmt.Point{Lat: d.Float(s.lat), Lon: d.Float(s.lon)}
		if p == s.last || !logfmt.Usable(p) {
			continue
		}
		s.last = p
		if !put(logfmt.Spot{Role: s.role, Time: utc, Local: local, Point: p, Alt: math.NaN()}) {
			return false
		}
	}
	for _, i := range d.messages {
		if b := d.Field(i); len(b) > 0 && !put(logfmt.Message{Time: utc, Elapsed: elapsed, Text: privacy.Secret(b)}) {
			return false
		}
	}
	p := logfmt.Point{Lat: d.Float(d.lat), Lon: d.Float(d.lon)}
	if d.Position != nil {
		p = d.Position(d.Reader)
	}
	if !logfmt.Usable(p) {
		return true
	}
	f := logfmt.NoFix()
	f.Point, f.Time, f.Local, f.Elapsed = p, utc, local, elapsed
	for _, t := range d.floats {
		*t.set(&f) = d.Float(t.column)
	}
	if d.ClimbDown {
		f.Climb = -f.Climb
	}
	if f.Yaw < 0 {
		f.Yaw = math.Mod(f.Yaw, 360) + 360
	}
	if v := d.Float(d.sats); v >= 0 && v < 200 {
		f.Sats = int(v)
	}
	f.Battery = d.Float(d.battery)
	if d.BatteryScale > 0 {
		f.Battery *= d.BatteryScale
	}
	return put(f)
}
