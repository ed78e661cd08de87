package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"path"
	"time"

	"flightveil/geofuzz"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
	"flightveil/internal/verify"
	"flightveil/logfmt"
)

// displacedNote stands in every relocated output.
const displacedNote = "displaced, not the real place"

// DisplacedNote is what must stand beside every relocated track.
const DisplacedNote = displacedNote

// A relocator moves the flights of one log, each by its own take-off.
type relocator struct {
	flights []*geofuzz.Relocation // nil for one without positions
	flat    int                   // flights whose heights may be those of the ground
	truth   []geo.Point           // some true positions, to look for in the output
	clock   string                // see ConvertOptions
	begun   []begun               // when each flight began
}

// begun is when a flight began, by each clock; zero if the clock is not there.
type begun struct{ utc, local time.Time }

// see takes the first time of each clock.
func (b *begun) see(f *logfmt.Fix) {
	if b.utc.IsZero() {
		b.utc = f.Time
	}
	if b.local.IsZero() {
		b.local = f.Local
	}
}

// set gives a moved fix the time that the clock of the output asks for.
func (m *relocator) set(out, f *logfmt.Fix, flight int) {
	switch m.clock {
	case "keep":
		out.Time, out.Local = f.Time, f.Local
	case "day":
		const day = 24 * time.Hour
		if !out.Time.IsZero() {
			out.Time = m.begun[flight].utc.Truncate(day).Add(out.Time.Sub(geofuzz.Epoch))
		}
		if !out.Local.IsZero() {
			out.Local = m.begun[flight].local.Truncate(day).Add(out.Local.Sub(geofuzz.Epoch))
		}
	}
}

// survey reads the log once and finds out how its flights move.
func (c *conversion) survey(ctx context.Context, opts ConvertOptions) error {
	if opts.Mooring == nil {
		return nil
	}
	mover := &relocator{clock: opts.Clock}
	c.mover = mover
	var surveys []*geofuzz.Survey
	for rec, err := range c.plain(ctx, opts) {
		if err != nil {
			break
		}
		if _, ok := rec.(logfmt.Start); ok || len(surveys) == 0 {
			surveys = append(surveys, &geofuzz.Survey{})
			mover.begun = append(mover.begun, begun{})
		}
		s := surveys[len(surveys)-1]
		switch x := rec.(type) {
		case logfmt.Fix:
			s.Add(sampleOf(&x))
			mover.begun[len(surveys)-1].see(&x)
			mover.remember(x.Point)
		case logfmt.Spot:
			mover.remember(x.Point)
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for i, s := range surveys {
		m, err := geofuzz.NewRelocation(s, opts.Mooring)
		switch {
		case errors.Is(err, geofuzz.ErrNoTrack):
		case err != nil && len(surveys) > 1:
			return fmt.Errorf("flight %d: %w", i+1, err)
		case err != nil:
			return err
		case m.Flat():
			mover.flat++
		}
		mover.flights = append(mover.flights, m)
	}
	return nil
}

// maxTruth is how many true positions of a log are looked for in its output.
const maxTruth = 200

// remember keeps p, if it lies apart from those kept.
func (m *relocator) remember(p geo.Point) {
	if n := len(m.truth); logfmt.Usable(p) && n < maxTruth && (n == 0 || p.Distance(m.truth[n-1]) > 20) {
		m.truth = append(m.truth, p)
	}
}

// secrets are the true positions, as what must not be found in an output whose
// positions lie round about. Those that could stand there by chance are left
// out: a file is never refused for what it would be with another place.
func (m *relocator) secrets(about geo.Point) []verify.Finding {
	var out []verify.Finding
	for _, p := range m.truth {
		if math.Abs(p.Lat-about.Lat) < 2 || math.Abs(p.Lon-about.Lon) < 2 {
			continue
		}
		f := privacy.Finding{Class: privacy.Location, Path: "true position", Where: &p}
		out = append(out, verify.Finding{Finding: f})
	}
	return out
}

// apply moves records, and takes out everything that could tell the true place
// beside them: identifiers but for models, messages, the pilot's own devices,
// other aircraft, satellites and claims of the log's header.
func (m *relocator) apply(records iter.Seq2[logfmt.Record, error]) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		flight := -1
		for rec, err := range records {
			if err != nil {
				yield(nil, err)
				return
			}
			start, isStart := rec.(logfmt.Start)
			if isStart || flight < 0 {
				flight++
				if !yield(logfmt.Start{Variant: start.Variant, Note: displacedNote}, nil) {
					return
				}
			}
			var move *geofuzz.Relocation
			if flight < len(m.flights) {
				move = m.flights[flight]
			}
			var moved logfmt.Record
			switch x := rec.(type) {
			case logfmt.Fix:
				if out, ok := moveFix(move, &x); ok {
					m.set(&out, &x, flight)
					moved = out
				}
			case logfmt.Spot:
				moved = moveSpot(move, &x)
			case logfmt.Identifier:
				if x.Class == privacy.Device {
					x.Spans = nil
					moved = x
				}
			}
			if moved != nil && !yield(moved, nil) {
				return
			}
		}
	}
}

// sampleOf is what a mechanism sees of a fix.
func sampleOf(f *logfmt.Fix) geofuzz.Sample {
	return geofuzz.Sample{
		Point: f.Point, Time: f.Time, Local: f.Local, Elapsed: f.Elapsed,
		Height: f.AltHome, MSL: f.AltMSL, Ellipsoid: f.AltEllipsoid, Unclear: f.AltUnclear,
		Speed: f.Speed, Climb: f.Climb, Course: f.Course, Yaw: f.Yaw, GimbalYaw: f.GimbalYaw, Battery: f.Battery,
	}
}

// moveFix returns a fix at its new place, if it has one. Satellites and their
// dilution follow the true place and time: they go.
func moveFix(move *geofuzz.Relocation, f *logfmt.Fix) (out logfmt.Fix, ok bool) {
	if move == nil {
		return out, false
	}
	s, ok := move.Apply(sampleOf(f))
	if !ok {
		return out, false
	}
	out = logfmt.NoFix()
	out.Point, out.Time, out.Local, out.Elapsed = s.Point, s.Time, s.Local, s.Elapsed
	out.AltHome, out.Speed, out.Climb, out.Course, out.Yaw, out.GimbalYaw = s.Height, s.Speed, s.Climb, s.Course, s.Yaw, s.GimbalYaw
	out.Battery = s.Battery
	out.Roll, out.Pitch, out.GimbalRoll, out.GimbalPitch = f.Roll, f.Pitch, f.GimbalRoll, f.GimbalPitch
	return out, true
}

// moveSpot returns a spot at its new place, or nil: the pilot's remote control
// and phone, the broadcast operator and other aircraft are never released, nor
// where pictures were taken: by their number and rhythm a track could be joined
// to pictures, and by one picture that is recognised to its place.
func moveSpot(move *geofuzz.Relocation, x *logfmt.Spot) logfmt.Record {
	s, ok := sampleOfSpot(x)
	if !ok || move == nil || x.Role == logfmt.Photo {
		return nil
	}
	if s, ok = move.Apply(s); !ok {
		return nil
	}
	out := logfmt.Spot{Role: x.Role, Time: s.Time, Local: s.Local, Point: s.Point, Alt: s.Height}
	if !math.IsNaN(out.Alt) {
		out.Datum = "home"
	}
	return out
}

// neutralNames gives relocated tracks names that tell neither date nor place.
func neutralNames(sources []Source, names []string, extension string) {
	folders := newFolders(sources)
	taken := map[string]bool{}
	for i, s := range sources {
		if !telling(stem(s.Rel)) {
			taken[path.Join(folders[path.Dir(s.Rel)], path.Base(names[i]))] = true
		}
	}
	n := 0
	for i, s := range sources {
		name := path.Join(folders[path.Dir(s.Rel)], path.Base(names[i]))
		for telling(stem(s.Rel)) && s.skip == "" {
			n++
			name = path.Join(folders[path.Dir(s.Rel)], fmt.Sprintf("flight-%03d%s", n, extension))
			if !taken[name] {
				break
			}
		}
		names[i] = name
	}
}

// TakeOff returns where the first flight of a log that has positions began.
func (r *Runner) TakeOff(ctx context.Context, s *Source) (geo.Point, error) {
	if s.skip != "" {
		return geo.Point{}, errNoLog
	}
	f, in, file, err := r.openLog(s)
	if err != nil {
		return geo.Point{}, err
	}
	defer file.Close()
	var survey geofuzz.Survey
	var failed error
	for rec, err := range f.Decode(ctx, in, r.Limits.Defaults()) {
		if failed = err; err != nil {
			break
		}
		_, isStart := rec.(logfmt.Start)
		if isStart && survey.Fixes() > 0 {
			break
		}
		if x, ok := rec.(logfmt.Fix); ok {
			survey.Add(sampleOf(&x))
		}
	}
	if survey.Fixes() == 0 && failed != nil {
		return geo.Point{}, failed
	}
	return survey.Anchor()
}
