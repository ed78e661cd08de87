package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"flightveil/geofuzz"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// A Release says how whole flights are changed before they are written.
type Release struct {
	Mechanism geofuzz.Mechanism
	// Moves says that flights do not stay where they were.
	Moves bool
	// Note stands in every output, if there is one.
	Note string
	// Pseudonym, if there is one, returns what stands for an identifier.
	Pseudonym func(class, value string) (string, error)
}

// Notes that stand in outputs.
const (
	ZoneNote  = "incomplete, a zone is left out"
	TimesNote = "the times are not those of the flight"
)

// maxFlight is how many positions of one flight are held at once: 28 hours at
// ten a second.
const maxFlight = 1_000_000

var errLongFlight = fmt.Errorf("%w, thin it out with --rate 1s", geofuzz.ErrTooLong)

// A releaser applies a mechanism to the flights of one log.
type releaser struct {
	Release
	hidden int   // flights of which nothing could be shown
	why    error // of the last
	shown  int   // positions
}

// prepare runs the mechanism over the log once: what cannot be released must be
// known before anything is written.
func (c *conversion) prepare(ctx context.Context, opts ConvertOptions) error {
	if opts.Release == nil {
		return nil
	}
	c.releaser = &releaser{Release: *opts.Release}
	flights := 0
	for rec, err := range c.releaser.apply(c.plain(ctx, opts)) {
		if err != nil {
			return err
		}
		switch rec.(type) {
		case logfmt.Start:
			flights++
		case logfmt.Fix:
			c.releaser.shown++
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.releaser.shown == 0 && c.releaser.hidden > 0 {
		return c.releaser.why
	}
	return nil
}

// A flightRecords is one flight as a mechanism sees it. Samples have the index of
// their record as Ref.
type flightRecords struct {
	start   logfmt.Start
	samples []geofuzz.Sample
	records []logfmt.Record
	others  []logfmt.Record // identifiers
}

// flightsOf groups records by flight. Of what is no position only identifiers
// are handed on, and the pilot's own devices and other aircraft are not.
func flightsOf(records iter.Seq2[logfmt.Record, error], moved bool) iter.Seq2[*flightRecords, error] {
	return func(yield func(*flightRecords, error) bool) {
		var f *flightRecords
		add := func(r logfmt.Record, s geofuzz.Sample) {
			s.Ref = len(f.records)
			f.records, f.samples = append(f.records, r), append(f.samples, s)
		}
		for rec, err := range records {
			if err != nil {
				yield(nil, err)
				return
			}
			start, isStart := rec.(logfmt.Start)
			if f == nil || isStart {
				if f != nil && !yield(f, nil) {
					return
				}
				f = &flightRecords{start: start}
			}
			switch x := rec.(type) {
			case logfmt.Fix:
				add(x, sampleOf(&x))
			case logfmt.Spot:
				// Of moved flights no pictures, see moveSpot; of others not where the pilot was.
				if s, ok := sampleOfSpot(&x); ok && (moved && x.Role != logfmt.Photo || !moved && !x.Role.Personal()) {
					add(x, s)
				}
			case logfmt.Identifier:
				f.others = append(f.others, x)
			}
			if len(f.samples) > maxFlight {
				yield(nil, errLongFlight)
				return
			}
		}
		if f != nil {
			yield(f, nil)
		}
	}
}

// sampleOfSpot is what a mechanism sees of a spot; those of the pilot's devices
// and of others are never released, nor a second track: it may be in another
// datum, and the difference of two datums tells the place.
func sampleOfSpot(x *logfmt.Spot) (geofuzz.Sample, bool) {
	switch x.Role {
	case logfmt.Remote, logfmt.Phone, logfmt.RemoteID, logfmt.Traffic, logfmt.Candidate:
		return geofuzz.Sample{}, false
	}
	s := geofuzz.Unmeasured(x.Point)
	s.Aside, s.Time, s.Local = true, x.Time, x.Local
	switch x.Datum {
	case "home":
		s.Height = x.Alt
	case "MSL":
		s.MSL = x.Alt
	case "ellipsoid":
		s.Ellipsoid = x.Alt
	}
	return s, true
}

// apply releases each flight. One of which nothing can be shown is left out.
func (m *releaser) apply(records iter.Seq2[logfmt.Record, error]) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		m.hidden = 0
		for f, err := range flightsOf(records, m.Moves) {
			if err != nil {
				yield(nil, err)
				return
			}
			out, err := m.Mechanism.Release(f.samples)
			switch {
			case errors.Is(err, geofuzz.ErrNoTrack):
				continue
			case errors.Is(err, geofuzz.ErrHidden), errors.Is(err, geofuzz.ErrTooShort):
				m.hidden++
				m.why = err
				continue
			case err != nil:
				yield(nil, err)
				return
			}
			if !m.emit(f, out, yield) {
				return
			}
		}
	}
}

// emit yields what was released of a flight. What was hidden in between makes
// two flights of it: no line is drawn across.
func (m *releaser) emit(f *flightRecords, out []geofuzz.Sample, yield func(logfmt.Record, error) bool) bool {
	if !yield(logfmt.Start{Variant: f.start.Variant, Note: m.Note}, nil) {
		return false
	}
	for _, r := range f.others {
		id, ok, err := m.identifier(r.(logfmt.Identifier))
		if err != nil {
			yield(nil, err)
			return false
		}
		if ok && !yield(id, nil) {
			return false
		}
	}
	for i := range out {
		s := &out[i]
		if s.Break && i > 0 && !yield(logfmt.Start{Note: m.Note}, nil) {
			return false
		}
		var rec logfmt.Record
		if s.Ref >= 0 && s.Ref < len(f.records) {
			rec = f.records[s.Ref]
		}
		if spot, ok := rec.(logfmt.Spot); ok {
			rec = releasedSpot(&spot, s)
		} else {
			fix, _ := rec.(logfmt.Fix)
			rec = releasedFix(&fix, s, s.Ref >= 0)
		}
		if !yield(rec, nil) {
			return false
		}
	}
	return true
}

// identifier returns what is shown of an identifier: models as they are, the
// rest under another name or not at all.
func (m *releaser) identifier(x logfmt.Identifier) (_ logfmt.Identifier, ok bool, err error) {
	x.Spans = nil
	switch {
	case x.Class == privacy.Device:
		return x, true, nil
	case x.Class == privacy.Identity && m.Pseudonym != nil:
		name, err := m.Pseudonym(string(x.Class)+"/"+x.Path, x.Value.Reveal())
		x.Value = privacy.Secret(name)
		return x, err == nil, err
	}
	return x, false, nil
}

// releasedFix is a fix of which a mechanism decided position, times, heights and
// speeds. Satellites and their dilution follow the true place and time: they go.
func releasedFix(f *logfmt.Fix, s *geofuzz.Sample, known bool) logfmt.Fix {
	out := logfmt.NoFix()
	out.Point, out.Time, out.Local, out.Elapsed = s.Point, s.Time, s.Local, s.Elapsed
	out.AltHome, out.AltMSL, out.AltEllipsoid, out.AltUnclear = s.Height, s.MSL, s.Ellipsoid, s.Unclear
	out.Speed, out.Climb, out.Course, out.Yaw, out.GimbalYaw = s.Speed, s.Climb, s.Course, s.Yaw, s.GimbalYaw
	out.Battery = s.Battery
	if known {
		out.Roll, out.Pitch, out.GimbalRoll, out.GimbalPitch = f.Roll, f.Pitch, f.GimbalRoll, f.GimbalPitch
	}
	return out
}

func releasedSpot(x *logfmt.Spot, s *geofuzz.Sample) logfmt.Spot {
	out := logfmt.Spot{Role: x.Role, Time: s.Time, Local: s.Local, Point: s.Point, Alt: math.NaN()}
	switch {
	case !math.IsNaN(s.Height):
		out.Alt, out.Datum = s.Height, "home"
	case !math.IsNaN(s.MSL):
		out.Alt, out.Datum = s.MSL, "MSL"
	case !math.IsNaN(s.Ellipsoid):
		out.Alt, out.Datum = s.Ellipsoid, "ellipsoid"
	}
	return out
}

// EachFlight calls f with every flight of a log that has positions.
func (r *Runner) EachFlight(ctx context.Context, s *Source, every time.Duration, f func([]geofuzz.Sample) error) Outcome {
	return guard(s, func() Outcome {
		o := Outcome{Source: *s}
		if s.skip != "" {
			o.Status, o.Reason = Skipped, s.skip
			return o
		}
		c, err := r.conversion(s)
		if err != nil {
			o.Status, o.Err = statusOf(err), err
			return o
		}
		defer c.file.Close()
		o.Format = c.format.ID()
		flights := 0
		for flight, err := range flightsOf(c.plain(ctx, ConvertOptions{Select: Selection{Every: every}}), false) {
			if err == nil {
				err = f(flight.samples)
			}
			if errors.Is(err, geofuzz.ErrNoTrack) {
				continue
			}
			if err != nil {
				o.Status, o.Err = statusOf(err), err
				return o
			}
			flights++
		}
		switch {
		case ctx.Err() != nil:
			o.Status, o.Err = Failed, ctx.Err()
		case flights == 0 && c.err != nil:
			o.Status, o.Err, o.Keyless = Refused, c.err, errors.Is(c.err, logfmt.ErrKey)
		case flights == 0:
			o.Status, o.Err = Refused, geofuzz.ErrNoTrack
		default:
			o.Status, o.Lost, o.Positions = Inspected, c.err != nil || c.damaged > 0, c.fixes
			o.Notes = append(o.Notes, count(flights, "flight"))
		}
		return o
	})
}
