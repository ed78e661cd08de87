package share

import (
	"context"
	"errors"
	"fmt"

	"flightveil/geofuzz"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"
	"flightveil/logfmt/export"
)

// Moving says how log and media of a flight move together.
type Moving struct {
	Media, Logs *pipeline.Runner
	Profile     privacy.Profile // of media that move
	Mooring     geofuzz.Mooring
	Clock       string // see pipeline.ConvertOptions
	To          export.Format
}

// Together plans that log, photos, captions and videos of a flight move by one
// displacement, one shift of the clocks and one base of heights. It is all or
// nothing: a flight of which one file cannot move is stripped, and says why.
func (p *Plan) Together(ctx context.Context, m Moving) error {
	for _, f := range p.flights {
		if !f.writes(false) {
			continue
		}
		moves, err := f.together(ctx, m)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			f.fallback = err.Error()
			continue
		}
		f.moves = moves
		for _, l := range f.logs[min(1, len(f.logs)):] {
			if l.writes() {
				l.leftOut = "another log of the same flight leaves: two would not be moved exactly alike"
			}
		}
	}
	return nil
}

// Reasons for stripping a flight that was to be moved.
var (
	errNoClock   = errors.New("its files tell no time, so nothing says that they belong together")
	errNoWhere   = errors.New("none of its files tells a position to move it by")
	errWhichPart = errors.New("its log holds several flights, and a picture belongs to none of them")
)

// together finds out how each file of f that is cleaned moves.
func (f *flight) together(ctx context.Context, m Moving) (map[string]*pipeline.Displacement, error) {
	if f.loose {
		return nil, errNoClock
	}
	var media []pipeline.Source
	var of []*unit
	for _, u := range f.units {
		for _, it := range u.items {
			if it.writes() {
				media, of = append(media, it.Source), append(of, u)
			}
		}
	}
	parts, err := f.displacements(ctx, m, media)
	if err != nil {
		return nil, err
	}
	moves := map[string]*pipeline.Displacement{}
	for i := range media {
		d := parts[0]
		if len(parts) > 1 {
			if d = part(parts, of[i]); d == nil {
				return nil, errWhichPart
			}
		}
		if err := m.Media.CanDisplace(ctx, &media[i], d, m.Profile); err != nil {
			return nil, fmt.Errorf("one of its files cannot be moved: %w", err)
		}
		moves[media[i].Label] = d
	}
	return moves, nil
}

// displacements are those of the flights that the leading log holds, or the one
// of media without a log.
func (f *flight) displacements(ctx context.Context, m Moving, media []pipeline.Source) (out []*pipeline.Displacement, err error) {
	if len(f.logs) > 0 {
		all, err := m.Logs.DisplacementsOfLog(ctx, &f.logs[0].Source, pipeline.ConvertOptions{To: m.To, Mooring: m.Mooring, Clock: m.Clock})
		if err != nil {
			return nil, err
		}
		for _, d := range all {
			if d != nil {
				out = append(out, d)
			}
		}
	} else {
		d, err := m.Media.DisplacementOfMedia(ctx, media, m.Mooring)
		if err != nil {
			return nil, err
		}
		if d != nil {
			out = append(out, d)
		}
	}
	if len(out) == 0 {
		return nil, errNoWhere
	}
	for _, d := range out {
		d.SetClock(m.Clock)
		if len(f.logs) > 0 && f.clock.votes > 0 && f.logs[0].Flown.UTC {
			d.SetZone(f.clock.ahead)
		}
		m.Media.LearnZone(ctx, d, media)
	}
	return out, nil
}

// part is the one of several flights in a log that u was taken on.
func part(parts []*pipeline.Displacement, u *unit) *pipeline.Displacement {
	at := when(u)
	for _, d := range parts {
		first, last, _ := d.Span()
		if !at.IsZero() && !at.Before(first.Add(-slack)) && !at.After(last.Add(slack)) {
			return d
		}
	}
	return nil
}

// isApart reports whether nothing may link the track of f to its pictures.
func (p *Plan) isApart(f *flight) bool { return p.apart && f.moves == nil }

// displacement is how it moves with its flight, nil if it is stripped.
func (it *item) displacement() *pipeline.Displacement {
	if it.unit == nil || it.unit.flight == nil {
		return nil
	}
	return it.unit.flight.moves[it.Label]
}
