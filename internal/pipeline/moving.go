package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"

	"flightveil/exifscrub"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// displacedClasses are what moves with a flight. All else that could tell the
// true place beside them never stays.
var displacedClasses = []privacy.Class{privacy.Location, privacy.Operator, privacy.Altitude, privacy.Time}

// Displaced returns the profile for files of which positions, heights and
// times stay, moved with their flight; what else stays is as p says, but for
// what tells the true place, or joins files by a person or a device.
func Displaced(p privacy.Profile) privacy.Profile {
	p = p.With(privacy.Keep, displacedClasses...)
	return p.With(privacy.Remove, privacy.Place, privacy.Identity, privacy.MakerNote, privacy.Provenance, privacy.Calibration, privacy.Unknown)
}

// policyFor returns the policy for files that move under profile: positions do,
// and of heights and times those that would stay.
func policyFor(profile privacy.Profile, action privacy.Action) privacy.Policy {
	p := profile.Policy()
	p.Rules, p.Displaced = maps.Clone(p.Rules), true
	if p.Rules == nil {
		p.Rules = map[privacy.Class]privacy.Action{}
	}
	for _, c := range displacedClasses {
		switch a := p.Rules[c]; {
		case c == privacy.Location || c == privacy.Operator || a == privacy.Keep || a == privacy.Coarsen:
			p.Rules[c] = action
		}
	}
	for _, c := range []privacy.Class{privacy.Place, privacy.Identity, privacy.MakerNote, privacy.Provenance, privacy.Unknown} {
		delete(p.Rules, c)
	}
	return p
}

// moving is the job for a file that m moves, moved the one for its copy: what
// was moved stays there, nothing else does.
func (r *Runner) moving(m *mover) exifscrub.Job {
	job := r.job()
	job.Policy, job.Move = policyFor(m.profile, privacy.Displace), m
	return job
}

func (r *Runner) moved(m *mover) exifscrub.Job {
	job := r.job()
	job.Policy = policyFor(m.profile, privacy.Keep)
	return job
}

// examineMoving opens, recognises and walks s to be moved by d: once to learn
// when a photo was taken, once to plan.
func (r *Runner) examineMoving(ctx context.Context, s *Source, d *Displacement, profile privacy.Profile) (*examined, error) {
	e, err := r.open(s)
	if err != nil {
		return nil, err
	}
	e.move = &mover{d: d, profile: profile}
	if err = r.walk(ctx, e); err == nil {
		e.move = d.moverFor(e.plan.Findings)
		e.move.profile = profile
		err = r.walk(ctx, e)
	}
	if err != nil {
		e.close()
	}
	return e, err
}

// Why a file cannot be displaced with its flight.
var (
	errAstray = errors.New("a position in it is not of this flight")
	errMisfit = errors.New("its fields cannot hold a displaced position exactly enough")
	errUnread = errors.New("it tells a position that cannot be moved where it stands")
)

// CanDisplace says why s cannot be displaced by d; nil if it can. profile is
// that for displaced files, as in [ScrubOptions]. A file that is refused in any
// case can: there will be no copy of it that anything could be compared with.
// Nothing is written. A file that tells no position can: there is nothing to move in it. A
// bundle of which one file cannot must not be displaced at all.
func (r *Runner) CanDisplace(ctx context.Context, s *Source, d *Displacement, profile privacy.Profile) error {
	o := guard(s, func() Outcome {
		e, err := r.examineMoving(ctx, s, d, profile)
		if err == nil {
			defer e.close()
			err = e.displaceable()
		}
		if errors.Is(err, exifscrub.ErrRefused) && r.refused(ctx, s) {
			err = nil
		}
		return Outcome{Err: err}
	})
	return o.Err
}

// refused reports whether s cannot be cleaned as the profile says either.
func (r *Runner) refused(ctx context.Context, s *Source) bool {
	e, err := r.examine(ctx, s)
	if err == nil {
		defer e.close()
		_, err = e.plan.Clean()
	}
	return errors.Is(err, exifscrub.ErrRefused)
}

// displaceable runs the edits of a plan without making them: placing positions
// is part of making them.
func (e *examined) displaceable() error {
	for _, err := range e.plan.Edits() {
		if err != nil {
			return err
		}
	}
	told, moves := false, false
	for _, j := range e.plan.Findings {
		told = told || j.Class == privacy.Location && j.Where != nil && !j.Where.Zero()
		moves = moves || j.Class == privacy.Location && j.Action == privacy.Displace
	}
	switch m := e.move; {
	case m.astray > 0:
		return errAstray
	case moves && m.placed <= m.lost:
		return errMisfit
	case told && !moves && m.single:
		return errUnread
	}
	return nil
}

// tell says what a person must know of a file that was moved.
func (m *mover) tell(p *exifscrub.Plan) []string {
	moved, gone := 0, 0
	for _, j := range p.Findings {
		if (j.Class == privacy.Location || j.Class == privacy.Operator) && j.Where != nil {
			if j.Action == privacy.Displace {
				moved++
			} else if j.Action == privacy.Remove {
				gone++
			}
		}
	}
	switch {
	case moved > 0 && gone > 0:
		return []string{displacedNote, "positions that cannot be moved in place were removed"}
	case moved > 0:
		return []string{displacedNote}
	case gone > 0:
		return []string{"positions were removed: they cannot be moved in place"}
	}
	return nil
}

// settled compares what the walk of a copy found with the plan: every position
// in it must be one that the plan moved there, and what it tells of heights and
// times must be what the plan moved.
func (e *examined) settled(out input.Input, clean *exifscrub.Plan) error {
	type place struct {
		path  string
		class privacy.Class
	}
	known := map[place]bool{}
	exact := map[geo.Point]bool{} // of a photo
	for _, j := range e.plan.Findings {
		if j.Action != privacy.Displace {
			continue
		}
		known[place{path.Base(j.Path), j.Class}] = true
		if j.Where == nil || !e.move.single {
			continue
		}
		for _, aside := range []bool{false, true} {
			if to, ok := e.move.Place(*j.Where, aside); ok {
				exact[to] = true
			}
		}
	}
	for _, j := range clean.Findings {
		if j.Action != privacy.Keep || !isDisplaced(j.Class) {
			continue
		}
		if blank, err := blankAt(out, j.Spans); err != nil {
			return err
		} else if blank {
			continue // its box had to stay
		}
		switch {
		case !known[place{path.Base(j.Path), j.Class}]:
			return fmt.Errorf("%w: %s is in the copy and was not moved there: %w", errLeak, j.Path, exifscrub.ErrRefused)
		case j.Class != privacy.Location && j.Class != privacy.Operator:
		case j.Where == nil:
			return fmt.Errorf("%w: half a position is left in %s: %w", errLeak, j.Path, exifscrub.ErrRefused)
		case j.Where.Zero(): // no fix
		case !e.move.moved(*j.Where) || e.move.single && !anyNear(exact, *j.Where):
			return fmt.Errorf("%w: %s is not where it was moved to: %w", errLeak, j.Path, exifscrub.ErrRefused)
		}
	}
	return nil
}

// anyNear reports whether p is one of points, as exactly as its field holds it.
func anyNear(points map[geo.Point]bool, p geo.Point) bool {
	slack := 2*exifscrub.DisplacedMetres + Precision(p)
	if onGrid(p.Lat, 1<<16) && onGrid(p.Lon, 1<<16) { // the fixed-point numbers of 3GPP
		slack = 2
	}
	for q := range points {
		if p.Distance(q) <= slack {
			return true
		}
	}
	return false
}

// blankAt reports whether nothing is left of what lies at spans.
func blankAt(in input.Input, spans []input.Span) (bool, error) {
	for _, s := range spans {
		b, err := input.ReadRange(in, s.Off, min(s.Len, maxBlank), maxBlank)
		if err != nil {
			return false, fmt.Errorf("reading the copy: %w", plainError(err))
		}
		if s.Len > maxBlank || len(bytes.Trim(b, "\x00 ")) > 0 {
			return false, nil
		}
	}
	return len(spans) > 0, nil
}

// maxBlank is how long a value is that may be blank; a longer one is a block.
const maxBlank = 4 << 10

func isDisplaced(c privacy.Class) bool {
	for _, d := range displacedClasses {
		if c == d {
			return true
		}
	}
	return false
}
