package pipeline

import (
	"context"
	"math"
	"slices"
	"time"

	"flightveil/geofuzz"
	"flightveil/internal/geo"
	"flightveil/logfmt"
)

// A Displacement is how everything of one flight moves: its log, its photos,
// its captions, its videos. One rigid move in metres, one shift of the clocks,
// one base of heights – or comparing two files of a flight would undo all of it.
//
// It comes from the flight's log ([Runner.DisplacementsOfLog]) or, without one,
// from its media ([Runner.DisplacementOfMedia]). Identities are not moved but
// removed, so that there is no key by which files of two flights could be joined.
type Displacement struct {
	move  *geofuzz.Relocation
	track []fixed // of the log, in its order
	first time.Time
	last  time.Time     // of the track, by the clock that utc says
	utc   bool          // that clock is UTC, not a wall clock
	zone  time.Duration // how much cameras' clocks are ahead of UTC ...
	zoned bool          // ... if that is known

	calendar string // see ConvertOptions.Clock
}

// fixed is where the aircraft was, from the point that the flight is moved by.
type fixed struct {
	at          int64 // nanoseconds since 1970, by the clock of the displacement
	east, north float64
	absolute    float32 // metres above what Relocation.Absolute counts from
}

// maxTrack bounds how much of a log is held to put photos beside it. What was
// taken later still moves with the flight, to 10 cm instead of 2.
const maxTrack = 1 << 20

// DisplacementsOfLog returns how the flights of log move, in their order, with
// nil for a flight without positions. opts says what [Runner.Convert] is asked
// for, above all the Mooring: the log itself moves the same way then.
func (r *Runner) DisplacementsOfLog(ctx context.Context, log *Source, opts ConvertOptions) ([]*Displacement, error) {
	c, err := r.conversion(log)
	if err != nil {
		return nil, err
	}
	defer c.file.Close()
	if err := c.survey(ctx, opts); err != nil || c.mover == nil {
		return nil, err
	}
	out := make([]*Displacement, len(c.mover.flights))
	for i, m := range c.mover.flights {
		if m != nil {
			out[i] = newDisplacement(m)
			out[i].calendar = opts.Clock
		}
	}
	flight := -1
	for rec, err := range c.plain(ctx, opts) {
		if err != nil {
			break // what came before counts, as for the log itself
		}
		if _, ok := rec.(logfmt.Start); ok || flight < 0 {
			flight++
		}
		if x, ok := rec.(logfmt.Fix); ok && flight < len(out) && out[flight] != nil {
			out[flight].add(&x)
		}
	}
	return out, ctx.Err()
}

func newDisplacement(m *geofuzz.Relocation) *Displacement {
	d := &Displacement{move: m}
	utc, wall := m.Began()
	d.utc = !utc.IsZero()
	if d.utc && !wall.IsZero() {
		d.SetZone(wall.Sub(utc))
	}
	if d.first = utc; !d.utc {
		d.first = wall
	}
	d.last = d.first
	return d
}

// add takes the next fix of the log.
func (d *Displacement) add(x *logfmt.Fix) {
	at := x.Time
	if !d.utc {
		at = x.Local
	}
	if at.IsZero() {
		return
	}
	if at.After(d.last) {
		d.last = at
	}
	east, north, ok := d.move.Offset(x.Point)
	if !ok || len(d.track) == maxTrack {
		return
	}
	absolute := x.AltMSL
	for _, v := range []float64{x.AltEllipsoid, x.AltUnclear} {
		if math.IsNaN(absolute) {
			absolute = v
		}
	}
	d.track = append(d.track, fixed{at.UnixNano(), east, north, float32(absolute)})
}

// SetZone says how much the clocks of cameras without a zone are ahead of UTC.
// What is near a whole number of quarters of an hour is one: the differences
// between times stay as they were told, also where a clock was a little wrong.
// Anything else corrects a clock that nobody had set.
func (d *Displacement) SetZone(ahead time.Duration) {
	if zone, ok := zoneOf(ahead); ok {
		ahead = zone
	}
	d.zone, d.zoned = ahead, true
}

// Zone returns how much the clocks of cameras are ahead of UTC, if that is known.
func (d *Displacement) Zone() (ahead time.Duration, known bool) { return d.zone, d.zoned }

// Span returns when the flight was. utc says that it is by UTC, and not by a
// clock without a zone.
func (d *Displacement) Span() (first, last time.Time, utc bool) { return d.first, d.last, d.utc }

// Away returns how far p is from the take-off, in metres; NaN where no flight goes.
func (d *Displacement) Away(p geo.Point) float64 {
	east, north, ok := d.move.Offset(p)
	if !ok {
		return math.NaN()
	}
	return math.Hypot(east, north)
}

// near is how long before and after the flight a time still belongs to it.
const nearFlight = 24 * time.Hour

// began returns when the flight began by UTC or by the wall clock.
func (d *Displacement) began(utc bool) (time.Time, bool) {
	u, w := d.move.Began()
	switch {
	case utc && !u.IsZero():
		return u, true
	case utc && !w.IsZero() && d.zoned:
		return w.Add(-d.zone), true
	case !utc && d.zoned && !u.IsZero():
		return u.Add(d.zone), true
	case !utc && !w.IsZero():
		return w, true
	}
	return time.Time{}, false
}

// SetClock says when the moved flight begins, as [ConvertOptions].Clock does.
func (d *Displacement) SetClock(clock string) { d.calendar = clock }

// since returns how long after the beginning of the flight t is, by the clock
// that utc says; ok is false if that is not known, or too long.
func (d *Displacement) since(t time.Time, utc bool) (time.Duration, bool) {
	began, ok := d.began(utc)
	if !ok || t.IsZero() {
		return 0, false
	}
	since := t.Sub(began)
	return since, since >= -nearFlight && since <= d.last.Sub(d.first)+nearFlight
}

// shift moves a time that is so long after the beginning.
func (d *Displacement) shift(t time.Time, since time.Duration) time.Time {
	switch d.calendar {
	case "keep":
		return t
	case "day":
		return d.first.Truncate(24 * time.Hour).Add(since)
	}
	return geofuzz.Epoch.Add(since)
}

// clock returns t by the clock of the track.
func (d *Displacement) clock(t time.Time, utc bool) (time.Time, bool) {
	switch {
	case utc == d.utc:
		return t, true
	case !d.zoned:
		return t, false
	case utc:
		return t.Add(d.zone), true
	}
	return t.Add(-d.zone), true
}

// beside returns where the aircraft was at t by the clock of the track: exactly,
// and as it is released.
func (d *Displacement) beside(t time.Time) (exact, released fixed, ok bool) {
	at := t.UnixNano()
	i, found := slices.BinarySearchFunc(d.track, at, func(f fixed, at int64) int {
		switch {
		case f.at < at:
			return -1
		case f.at > at:
			return 1
		}
		return 0
	})
	round := func(f fixed) fixed {
		return fixed{f.at, geofuzz.Round(f.east), geofuzz.Round(f.north), f.absolute}
	}
	if found {
		return d.track[i], round(d.track[i]), true
	}
	if i == 0 || i == len(d.track) {
		return exact, released, false
	}
	a, b := d.track[i-1], d.track[i]
	const gap = int64(30 * time.Second)
	if b.at-a.at > gap {
		return exact, released, false
	}
	share := float64(at-a.at) / float64(b.at-a.at)
	between := func(a, b fixed) fixed {
		return fixed{at, a.east + share*(b.east-a.east), a.north + share*(b.north-a.north), a.absolute + float32(share)*(b.absolute-a.absolute)}
	}
	return between(a, b), between(round(a), round(b)), true
}
