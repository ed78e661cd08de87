package pipeline

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"flightveil/geofuzz"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/logfmt"
)

// DisplacementOfMedia returns how media of one flight move that has no log: by
// the telemetry that captions and videos hold, or else by the photos in the
// order they were taken. It is nil if none of them tells a position.
func (r *Runner) DisplacementOfMedia(ctx context.Context, media []Source, at geofuzz.Mooring) (*Displacement, error) {
	var told []*exposure
	var best *telemetry
	for i := range media {
		t, x := r.facts(ctx, &media[i])
		if t != nil && (best == nil || t.before(best)) {
			best = t
		}
		if x != nil {
			told = append(told, x)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return displacementOf(best, told, at)
}

// displacementOf makes a displacement of telemetry, or else of photos.
func displacementOf(best *telemetry, told []*exposure, at geofuzz.Mooring) (*Displacement, error) {
	survey, track := &geofuzz.Survey{}, []logfmt.Fix(nil)
	if best != nil {
		survey, track = &best.survey, best.track
	} else {
		track = inOrder(told)
		for i := range track {
			survey.Add(sampleOf(&track[i]))
		}
	}
	if len(track) == 0 {
		return nil, nil
	}
	move, err := geofuzz.NewRelocation(survey, at)
	if err != nil {
		return nil, err
	}
	d := newDisplacement(move)
	if best != nil {
		for i := range track {
			d.add(&track[i])
		}
	} else {
		for _, f := range track { // photos are no track to put photos beside
			if t := f.Time; d.utc && t.After(d.last) {
				d.last = t
			} else if t := f.Local; !d.utc && t.After(d.last) {
				d.last = t
			}
		}
	}
	d.learn(told)
	return d, nil
}

// inOrder returns photos as fixes, by the time they were taken.
func inOrder(told []*exposure) []logfmt.Fix {
	zone, zoned := time.Duration(0), false
	for _, x := range told {
		if !zoned && !x.utc.IsZero() && !x.wall.IsZero() {
			zone, zoned = x.wall.Sub(x.utc), true
		}
	}
	var out []logfmt.Fix
	for _, x := range told {
		if len(x.at) == 0 {
			continue
		}
		f := logfmt.NoFix()
		f.Point, f.Time, f.Local, f.AltHome = x.at[0], x.utc, x.wall, x.above
		if zoned && f.Time.IsZero() && !f.Local.IsZero() {
			f.Time = f.Local.Add(-zone)
		}
		if zoned && f.Local.IsZero() && !f.Time.IsZero() {
			f.Local = f.Time.Add(zone)
		}
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b logfmt.Fix) int {
		return cmp.Or(b2i(a.Local.IsZero())-b2i(b.Local.IsZero()), a.Local.Compare(b.Local), a.Time.Compare(b.Time))
	})
	return out
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// LearnZone finds out how much the clocks of the cameras of media are ahead of
// UTC, if d does not know: from what photos tell themselves, or from where the
// log says that the aircraft was.
func (r *Runner) LearnZone(ctx context.Context, d *Displacement, media []Source) {
	var told []*exposure
	for i := range media {
		if d.zoned || ctx.Err() != nil {
			return
		}
		if _, x := r.facts(ctx, &media[i]); x != nil {
			told = append(told, x)
		}
	}
	d.learn(told)
}

// learn is LearnZone for what is known of media.
func (d *Displacement) learn(told []*exposure) {
	if d.zoned {
		return
	}
	for _, x := range told {
		if !x.utc.IsZero() && !x.wall.IsZero() {
			if zone, ok := zoneOf(x.wall.Sub(x.utc)); ok {
				d.SetZone(zone)
				return
			}
		}
	}
	if !d.utc {
		return
	}
	votes := map[time.Duration]int{}
	all := 0
	for _, x := range told {
		if len(x.at) == 0 || x.wall.IsZero() {
			continue
		}
		at, ok := d.passed(x.at[0])
		if !ok {
			continue
		}
		all++
		if zone, ok := zoneOf(x.wall.Sub(at)); ok {
			votes[zone]++
		}
	}
	for zone, n := range votes {
		if 2*n > all {
			d.SetZone(zone)
		}
	}
}

// passed returns when the aircraft was closest to p, if it was there at all.
func (d *Displacement) passed(p geo.Point) (time.Time, bool) {
	const there = 10.0 // metres
	east, north, ok := d.move.Offset(p)
	best, nearest := -1, there
	for i, f := range d.track {
		if r := math.Hypot(f.east-east, f.north-north); ok && r < nearest {
			best, nearest = i, r
		}
	}
	if best < 0 {
		return time.Time{}, false
	}
	return time.Unix(0, d.track[best].at).UTC(), true
}

// maxCaptions bounds the positions that are held of captions or a video: half
// an hour of one for every frame.
const maxCaptions = 1 << 17

// telemetry is the track that captions or a video hold.
type telemetry struct {
	survey geofuzz.Survey
	track  []logfmt.Fix
}

// before reports whether t begins before o. What has no time comes last.
func (t *telemetry) before(o *telemetry) bool {
	a, b := t.track[0], o.track[0]
	switch {
	case !a.Time.IsZero() && !b.Time.IsZero():
		return a.Time.Before(b.Time)
	case !a.Local.IsZero() && !b.Local.IsZero():
		return a.Local.Before(b.Local)
	}
	return !a.Time.IsZero() || !a.Local.IsZero()
}

// facts reads what one of the media tells of its flight: telemetry, or what a
// photo says of its moment. Both are nil if nothing.
func (r *Runner) facts(ctx context.Context, s *Source) (t *telemetry, x *exposure) {
	if s.skip != "" || s.err != nil {
		return nil, nil
	}
	guard(s, func() Outcome {
		if t = r.telemetry(ctx, s); t != nil {
			return Outcome{}
		}
		e, err := r.open(s)
		if err != nil {
			return Outcome{}
		}
		defer e.close()
		if err := r.walk(ctx, e); err == nil {
			if x = exposureOf(e.plan.Findings); x.many {
				x = nil
			}
		}
		return Outcome{}
	})
	return t, x
}

// telemetry returns the first flight that s holds as a log would.
func (r *Runner) telemetry(ctx context.Context, s *Source) *telemetry {
	if r.Logs == nil || s.Size > maxTelemetry {
		return nil
	}
	in, file, err := s.Open()
	if err != nil {
		return nil
	}
	defer file.Close()
	probe, err := input.NewProbe(baseName(s.Rel), in)
	if err != nil {
		return nil
	}
	f, m, tie := r.Logs.Detect(probe)
	if m < input.Likely || tie {
		return nil
	}
	t := &telemetry{}
	for rec, err := range f.Decode(ctx, in, r.Limits.Defaults()) {
		if err != nil {
			break
		}
		switch x := rec.(type) {
		case logfmt.Start:
			if len(t.track) > 0 {
				return t
			}
		case logfmt.Fix:
			if logfmt.Usable(x.Point) && len(t.track) < maxCaptions {
				t.survey.Add(sampleOf(&x))
				t.track = append(t.track, x)
			}
		}
	}
	if len(t.track) == 0 {
		return nil
	}
	return t
}
