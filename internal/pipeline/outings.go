package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"flightveil/geofuzz"
	"flightveil/internal/geo"
)

// Photos and videos are of one flight if they are near each other in time and
// place.
const (
	sameOuting = 20 * time.Minute
	sameField  = 5_000.0 // metres
)

// A member is one source, with what it tells of its flight.
type member struct {
	source int
	tel    *telemetry
	x      *exposure
	at     geo.Point
	placed bool
	when   time.Time // by the wall clock if there is one; zero if unknown
}

// Outings finds out which of sources are of one flight and how each flight
// moves, at the same time for all that belongs to it. why says of a source that
// cannot move with its flight what is in the way; it is to be cleaned without
// its position, and so are all others of its flight.
func (r *Runner) Outings(ctx context.Context, sources []Source, at geofuzz.Mooring, ask func(*Source, *Displacement) error) (moves map[string]*Displacement, why map[string]error, err error) {
	members := r.members(ctx, sources)
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	moves, why = map[string]*Displacement{}, map[string]error{}
	for _, group := range outings(members) {
		var best *telemetry
		var told []*exposure
		for _, m := range group {
			if m.tel != nil && (best == nil || m.tel.before(best)) {
				best = m.tel
			}
			if m.x != nil {
				told = append(told, m.x)
			}
		}
		d, err := displacementOf(best, told, at)
		var stuck error
		for _, m := range group {
			if d != nil && err == nil && stuck == nil {
				stuck = ask(&sources[m.source], d)
			}
		}
		for _, m := range group {
			s := &sources[m.source]
			switch {
			case err != nil:
				why[s.Label] = err
			case stuck != nil:
				why[s.Label] = fmt.Errorf("a file of its flight cannot be displaced: %w", stuck)
			case d != nil:
				moves[s.Label] = d
			}
		}
	}
	return moves, why, nil
}

// members reads what each source tells.
func (r *Runner) members(ctx context.Context, sources []Source) []*member {
	out := make([]*member, 0, len(sources))
	for i, m := range ordered(ctx, len(sources), r.Jobs, func(i int) *member {
		m := &member{source: i}
		m.tel, m.x = r.facts(ctx, &sources[i])
		return m
	}) {
		m.source = i
		switch {
		case m.tel != nil:
			first := m.tel.track[0]
			m.at, m.placed, m.when = first.Point, true, cmp.Or(first.Local, first.Time)
		case m.x != nil:
			if m.when = m.x.wall; m.when.IsZero() {
				m.when = m.x.utc
			}
			if m.placed = len(m.x.at) > 0; m.placed {
				m.at = m.x.at[0]
			}
		}
		out = append(out, m)
	}
	// A sidecar without a position of its own has that of its photo or video.
	at := map[string]*member{}
	for _, m := range out {
		if key, _ := bundle(sources[m.source].Rel); m.placed && at[key] == nil {
			at[key] = m
		}
	}
	for _, m := range out {
		key, _ := bundle(sources[m.source].Rel)
		if lead := at[key]; lead != nil && !m.placed {
			m.at, m.placed, m.when = lead.at, true, cmp.Or(m.when, lead.when)
		}
	}
	return out
}

// outings groups members by time and place. Those without a place have nothing
// to move.
func outings(members []*member) [][]*member {
	var list []*member
	for _, m := range members {
		if m.placed {
			list = append(list, m)
		}
	}
	slices.SortStableFunc(list, func(a, b *member) int {
		return cmp.Or(b2i(a.when.IsZero())-b2i(b.when.IsZero()), a.when.Compare(b.when))
	})
	var out [][]*member
	var last []*member // of each group
	for _, m := range list {
		i := slices.IndexFunc(last, func(l *member) bool {
			near := l.at.Distance(m.at) <= sameField
			return near && (m.when.IsZero() || l.when.IsZero() || m.when.Sub(l.when) <= sameOuting)
		})
		if i < 0 {
			out, last = append(out, nil), append(last, m)
			i = len(out) - 1
		}
		out[i], last[i] = append(out[i], m), m
	}
	return out
}
