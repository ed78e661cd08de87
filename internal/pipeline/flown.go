package pipeline

import (
	"math"
	"time"

	"flightveil/internal/geo"
	"flightveil/logfmt"
)

// A Flown is what a log tells of its flights, thinned out: enough to find out
// which pictures belong to them, and to draw them.
type Flown struct {
	FlightSummary
	Begin, End time.Time // of the first and last position with a clock; zero without one
	UTC        bool      // the clock knows UTC; otherwise it is a wall clock without a zone
	Points     []FlownPoint
}

// A FlownPoint is one position of the aircraft.
type FlownPoint struct {
	geo.Point
	At      time.Time     // by the clock that Flown.UTC names; zero if unknown
	Elapsed time.Duration // since the log's first position; negative if unknown
	Height  float64       // metres above take-off; NaN if unknown
	Speed   float64       // m/s; NaN if unknown
	Break   bool          // the first of a flight
}

// maxFlown is how many points of a log are held.
const maxFlown = 1200

// flownBuilder collects a Flown.
type flownBuilder struct {
	sum    summer
	out    Flown
	first  logfmt.Fix
	n      int  // fixes so far
	every  int  // one point in so many is held
	begins bool // the next fix begins a flight
}

func newFlown(format string) *flownBuilder {
	n := math.NaN()
	return &flownBuilder{sum: summer{FlightSummary: FlightSummary{Format: format, Height: n, Speed: n, BatteryUsed: n}}, every: 1, begins: true}
}

func (b *flownBuilder) add(rec logfmt.Record) {
	b.sum.add(rec)
	switch x := rec.(type) {
	case logfmt.Start:
		b.begins = true
	case logfmt.Fix:
		b.fix(&x)
	}
}

func (b *flownBuilder) fix(x *logfmt.Fix) {
	if !logfmt.Usable(x.Point) {
		return
	}
	if b.n == 0 {
		b.first = *x
	}
	at, utc := x.Time, true
	if at.IsZero() {
		at, utc = x.Local, false
	}
	if !at.IsZero() && (b.out.Begin.IsZero() || utc && !b.out.UTC) {
		b.out.Begin, b.out.End, b.out.UTC = at, at, utc
	}
	if !at.IsZero() && utc == b.out.UTC {
		if at.After(b.out.End) {
			b.out.End = at
		}
		if at.Before(b.out.Begin) {
			b.out.Begin = at
		}
	} else {
		at = time.Time{}
	}
	if b.n%b.every == 0 || b.begins {
		p := FlownPoint{Point: x.Point, At: at, Elapsed: -1, Height: x.AltHome, Speed: x.Speed, Break: b.begins}
		if d := duration(b.first, *x); d > 0 || b.n == 0 {
			p.Elapsed = d
		}
		if math.IsNaN(p.Height) {
			p.Height = x.AltMSL - b.sum.ground
		}
		b.out.Points = append(b.out.Points, p)
		if len(b.out.Points) >= maxFlown {
			b.thin()
		}
	}
	b.n++
	b.begins = false
}

// thin drops every other point, but for those that begin a flight.
func (b *flownBuilder) thin() {
	kept := b.out.Points[:0]
	for i, p := range b.out.Points {
		if i%2 == 0 || p.Break && len(kept) < maxFlown*3/4 {
			kept = append(kept, p)
		}
	}
	b.out.Points = kept
	b.every *= 2
}

func (b *flownBuilder) end() *Flown {
	b.sum.end()
	b.out.FlightSummary = b.sum.FlightSummary
	return &b.out
}
