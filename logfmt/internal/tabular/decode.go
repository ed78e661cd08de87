package tabular

import (
	"bytes"
	"context"
	"iter"
	"math"
	"time"

	"flightveil/internal/block/lines"
	"flightveil/internal/block/table"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// A Decoder yields the rows of a table. [Decode] is all that most formats need.
type Decoder struct {
	t *table.Reader
	Dialect
	open func(*table.Reader) Dialect

	lat, lon    table.Column
	floats      []target
	north, east table.Column
	sats        table.Column
	battery     table.Column
	spots       []spotColumns
	ids         []identity
	messages    []message
	before      time.Time
	seen        map[string]map[string]bool // told values of the identity columns
}

type target struct {
	column table.Column
	field  int // which of Dialect.fields
}

type spotColumns struct {
	role     logfmt.Role
	lat, lon table.Column
	alt      table.Column
	datum    string
	last     logfmt.Point
}

type identity struct {
	at    int
	title string
	class privacy.Class
	key   func([]byte) privacy.Class
	last  string
	seen  map[string]bool
}

type message struct {
	at       int
	severity string
	last     string
}

// Decode yields the rows of in.
func Decode(ctx context.Context, in logfmt.Input, open func(*table.Reader) Dialect) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		if in.Size() == 0 {
			return
		}
		t := table.New(in)
		d := New(t, open)
		put := func(r logfmt.Record) bool { return yield(r, nil) }
		if !put(logfmt.Start{Variant: d.Variant}) {
			return
		}
		for n := 0; t.Next(); n++ {
			if n%checkEvery == 0 && ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			if !d.Row(put) {
				return
			}
		}
		if err := t.Err(); err != nil {
			yield(nil, err)
		}
	}
}

// New returns a Decoder of the rows of t as open describes them.
func New(t *table.Reader, open func(*table.Reader) Dialect) *Decoder {
	d := &Decoder{t: t, open: open, seen: map[string]map[string]bool{}}
	d.Header()
	return d
}

// Header takes up the header that t has now.
func (d *Decoder) Header() {
	t := d.t
	d.Dialect = d.open(t)
	d.floats, d.spots, d.ids, d.messages = nil, nil, nil, nil
	d.lat, d.lon = column(t, d.Lat), column(t, d.Lon)
	d.north, d.east = t.Column(d.VelNorth...), t.Column(d.VelEast...)
	for i, names := range d.fields() {
		if c := d.column(names); c.Index() >= 0 {
			d.floats = append(d.floats, target{c, i})
		}
	}
	d.sats, d.battery = d.column(d.Sats), d.column(d.Dialect.Battery)
	for _, s := range d.Spots {
		d.spots = append(d.spots, spotColumns{role: s.Role, lat: column(t, s.Lat), lon: column(t, s.Lon), alt: column(t, s.Alt), datum: s.Datum})
	}
	for _, id := range d.Identity {
		if i := t.Index(id.Column); i >= 0 {
			if d.seen[id.Column] == nil {
				d.seen[id.Column] = map[string]bool{}
			}
			d.ids = append(d.ids, identity{at: i, title: t.Title(i), class: id.Class, key: id.Key, seen: d.seen[id.Column]})
		}
	}
	for _, m := range d.Messages {
		if i := t.Index(m.Column); i >= 0 {
			d.messages = append(d.messages, message{at: i, severity: m.Severity})
		}
	}
}

// column returns the column of that name; none if name is empty.
func column(t *table.Reader, name string) table.Column {
	if name == "" {
		return table.Column{}
	}
	return t.Column(name)
}

// column returns the first column called one of names, in our units.
func (d *Decoder) column(names []string) table.Column {
	c := d.t.Column(names...)
	if i := c.Index(); i >= 0 && d.Scale[d.t.Name(i)] != 0 {
		return c.Times(d.Scale[d.t.Name(i)])
	}
	return c
}

// fields are the columns of the numbers that a fix holds, in the order of set.
func (d *Dialect) fields() [nFields][]string {
	return [nFields][]string{
		d.AltMSL, d.AltHome, d.AltEllipsoid, d.AltUnclear, d.Speed, d.Climb, d.Course, d.HDOP, d.Roll, d.Pitch, d.Yaw, d.GimbalRoll, d.GimbalPitch, d.GimbalYaw,
	}
}

const nFields = 14

// set sets the i-th of fields. It is no table of functions, because a fix that
// one of them is given would be allocated, in every row.
func set(f *logfmt.Fix, i int, v float64) {
	switch i {
	case 0:
		f.AltMSL = v
	case 1:
		f.AltHome = v
	case 2:
		f.AltEllipsoid = v
	case 3:
		f.AltUnclear = v
	case 4:
		f.Speed = v
	case 5:
		f.Climb = v
	case 6:
		f.Course = v
	case 7:
		f.HDOP = v
	case 8:
		f.Roll = v
	case 9:
		f.Pitch = v
	case 10:
		f.Yaw = v
	case 11:
		f.GimbalRoll = v
	case 12:
		f.GimbalPitch = v
	case 13:
		f.GimbalYaw = v
	}
}

// Row gives put the records of the row that t has read; it reports whether put
// wants more.
func (d *Decoder) Row(put func(logfmt.Record) bool) bool {
	l := d.t.Line()
	if why := d.t.Bad(); why != "" {
		if d.Skip != nil && d.Skip(d.t) {
			return true
		}
		// Of a last row that was cut what is whole is read.
		return put(logfmt.Damage{Off: l.Off, Len: l.Len, Reason: why}) && (l.Ended || l.Long || d.report(l, put))
	}
	if d.Skip != nil && d.Skip(d.t) {
		return true
	}
	return d.report(l, put)
}

func (d *Decoder) report(l lines.Line, put func(logfmt.Record) bool) bool {
	p, why := d.position()
	switch {
	case why == "a second header":
		d.t.SetHeader(l)
		d.Header()
		return put(logfmt.Start{Variant: d.Variant})
	case why != "" && !put(logfmt.Damage{Off: l.Off, Len: l.Len, Reason: why}):
		return false
	}
	utc, local, elapsed := d.Clock(d.t)
	if why == "" && utc.IsZero() && local.IsZero() && d.noText() && !put(logfmt.Damage{Off: l.Off, Len: l.Len, Reason: "a time that is no text"}) {
		return false
	}
	if !d.gap(utc, local, put) || !d.others(utc, local, elapsed, put) {
		return false
	}
	if !logfmt.Usable(p) {
		return true
	}
	f := logfmt.NoFix()
	f.Point, f.Time, f.Local, f.Elapsed = p, utc, local, elapsed
	for i := range d.floats {
		t := &d.floats[i]
		set(&f, t.field, d.t.Float(t.column))
	}
	if d.north.Index() >= 0 {
		n, e := d.t.Float(d.north), d.t.Float(d.east)
		if f.Speed != f.Speed {
			f.Speed = math.Hypot(n, e)
		}
		if f.Speed > 0.5 && f.Course != f.Course {
			f.Course = math.Mod(math.Atan2(e, n)*180/math.Pi+360, 360)
		}
	}
	if d.ClimbDown {
		f.Climb = -f.Climb
	}
	if f.Yaw < 0 {
		f.Yaw = math.Mod(f.Yaw, 360) + 360
	}
	if v := d.t.Float(d.sats); v >= 0 && v < 200 {
		f.Sats = int(v)
	}
	if v := d.t.Float(d.battery); v >= 0 && v <= 100 {
		f.Battery = v
	}
	return put(f)
}

// position returns where the row says the aircraft was, and what is wrong with
// it. Words, as tools write them for no fix, are not wrong.
func (d *Decoder) position() (p logfmt.Point, why string) {
	if d.Position != nil {
		return d.Position(d.t)
	}
	p = logfmt.Point{Lat: d.t.Float(d.lat), Lon: d.t.Float(d.lon)}
	if p.Lat == p.Lat && p.Lon == p.Lon {
		return p, ""
	}
	at, other := d.lat.Index(), d.lon.Index()
	if at < 0 || other < 0 {
		return p, ""
	}
	lat, lon := d.t.Field(at), d.t.Field(other)
	if d.t.Point() == '.' && bytes.IndexByte(lat, ',') > 0 && bytes.IndexByte(lon, ',') > 0 {
		d.t.SetPoint(',')
		q := logfmt.Point{Lat: d.t.Float(d.lat), Lon: d.t.Float(d.lon)}
		if logfmt.Usable(q) {
			return q, ""
		}
		d.t.SetPoint('.')
	}
	if l := d.t.Line(); !l.Ended && (at >= d.t.Fields() || other >= d.t.Fields()) {
		if d.t.Bad() == "" && d.t.Fields() > 0 {
			return p, "the last row is cut"
		}
		return p, ""
	}
	if len(lat) > 0 && len(lon) > 0 && bytes.EqualFold(lat, []byte(d.t.Title(at))) && bytes.EqualFold(lon, []byte(d.t.Title(other))) {
		return p, "a second header"
	}
	if garbled(lat) || garbled(lon) {
		return p, notNumber
	}
	return p, ""
}

// Columns are the two of a position.
type Columns struct{ Lat, Lon table.Column }

// Point returns the position of the row, and what is wrong with it.
func (c Columns) Point(t *table.Reader) (p logfmt.Point, why string) {
	p = logfmt.Point{Lat: t.Float(c.Lat), Lon: t.Float(c.Lon)}
	if p.Lat == p.Lat && p.Lon == p.Lon {
		return p, ""
	}
	if garbled(t.Field(c.Lat.Index())) || garbled(t.Field(c.Lon.Index())) {
		return p, notNumber
	}
	return p, ""
}

// garbled reports whether b, which is no number, was one: it has a digit, or
// bytes that no text has.
func garbled(b []byte) bool {
	_, n := lines.Number(b, '.')
	if n == len(b) {
		return false
	}
	for _, c := range b {
		if c >= '0' && c <= '9' || c < ' ' || c >= 0x7F {
			return true
		}
	}
	return false
}

// noText reports whether a time of the row has bytes that no time has.
func (d *Decoder) noText() bool {
	for _, i := range d.Stamped {
		for _, c := range d.t.Field(i) {
			if c < ' ' || c >= 0x7F {
				return true
			}
		}
	}
	return false
}

// gap begins a new flight where the clock has jumped.
func (d *Decoder) gap(utc, local time.Time, put func(logfmt.Record) bool) bool {
	if d.Gap <= 0 {
		return true
	}
	now := utc
	if now.IsZero() {
		now = local
	}
	if now.IsZero() {
		return true
	}
	step := now.Sub(d.before)
	jumped := !d.before.IsZero() && (step > d.Gap || step < -d.Gap)
	d.before = now
	return !jumped || put(logfmt.Start{Variant: d.Variant})
}

// others gives put what the row holds beside the fix.
func (d *Decoder) others(utc, local time.Time, elapsed time.Duration, put func(logfmt.Record) bool) bool {
	for i := range d.ids {
		id := &d.ids[i]
		b := d.t.Field(id.at)
		if len(b) == 0 || string(b) == id.last {
			continue
		}
		id.last = string(b)
		if id.seen[id.last] || len(id.seen) >= maxValues || Nothing(b) {
			continue
		}
		id.seen[id.last] = true
		f := privacy.Finding{Class: id.class, Path: id.title, Value: privacy.Secret(d.t.Text(id.at)), Spans: []input.Span{d.t.Span(id.at)}}
		if id.key != nil {
			key, value, ok := bytes.Cut(b, []byte{'|'})
			value = bytes.TrimSpace(value)
			if f.Class = id.key(bytes.TrimSpace(key)); !ok || f.Class == "" || Nothing(value) {
				continue
			}
			f.Value, f.Spans[0] = privacy.Secret(value), d.t.Part(id.at, value)
		}
		if !put(logfmt.Identifier{Finding: f}) {
			return false
		}
	}
	for i := range d.spots {
		s := &d.spots[i]
		p := logfmt.Point{Lat: d.t.Float(s.lat), Lon: d.t.Float(s.lon)}
		if p == s.last || !logfmt.Usable(p) {
			continue
		}
		s.last = p
		if !put(logfmt.Spot{Role: s.role, Time: utc, Local: local, Point: p, Alt: d.t.Float(s.alt), Datum: s.datum}) {
			return false
		}
	}
	for i := range d.messages {
		m := &d.messages[i]
		b := d.t.Field(m.at)
		if string(b) == m.last {
			continue // tools repeat a message in every row while it is shown
		}
		m.last = string(b)
		if !Nothing(b) && !put(logfmt.Message{Time: utc, Elapsed: elapsed, Severity: m.severity, Text: privacy.Secret(d.t.Text(m.at))}) {
			return false
		}
	}
	return true
}

// Nothing reports whether b is what tools write for no value.
func Nothing(b []byte) bool {
	switch len(b) {
	case 0:
		return true
	case 1:
		return b[0] == '-' || b[0] == '0'
	case 2, 3, 4, 7:
		for _, w := range [...]string{"--", "n/a", "nan", "none", "null", "(null)", "no data", "unknown"} {
			if bytes.EqualFold(b, []byte(w)) {
				return true
			}
		}
	}
	return false
}
