package geofuzz

import (
	"errors"
	"fmt"
	"strings"
)

// A Kind is a mechanism as it can be asked for.
type Kind struct {
	ID    string // in the literature of this project: "M1"
	Name  string
	About string // one line

	Key, Zone, Epsilon bool    // what it needs
	Metres             float64 // what Options.Metres is unless given; 0 if it has no use for it
	Of                 string  // what Metres measures

	// Moves says that positions leave their place: the output is not the truth.
	Moves bool

	build func(o Options) Mechanism
}

// Options are what mechanisms are built with.
type Options struct {
	Near   *Near   // key, registry and epsilon, of those that draw a place
	Hiding *Hiding // zone and ledger, of those that hide one
	Metres float64 // 0 for the usual
}

// Kinds lists the mechanisms, the strongest first. Adding one adds one line.
func Kinds() []Kind {
	return []Kind{
		{ID: "M0", Name: "strip", About: "no positions: heights above take-off, speeds and durations alone", build: func(Options) Mechanism { return Strip{} }},
		{ID: "M1", Name: "zero", About: "the whole flight moved to 1° N 1° E, in the open sea", Moves: true, build: func(Options) Mechanism { return Relocate("zero", Zero{}) }},
		{ID: "M1", Name: "near", About: "the whole flight moved by a secret distance, drawn once for each place", Key: true, Epsilon: true, Moves: true, build: func(o Options) Mechanism { return Relocate("near", o.Near) }},
		{ID: "M2", Name: "lattice", About: "the same, drawn in whole numbers on a grid", Key: true, Epsilon: true, Moves: true, build: func(o Options) Mechanism {
			o.Near.Exact = true
			return Relocate("lattice", o.Near)
		}},
		{ID: "M5", Name: "photos", About: "single photos moved like the flights of their place", Key: true, Epsilon: true, Moves: true, build: func(o Options) Mechanism { return Photos{o.Near} }},
		{ID: "M4", Name: "cell", About: "one cell for the whole flight; a cell may hold one house", Metres: 1000, Of: "the width of a cell", build: func(o Options) Mechanism { return Cells{o.Metres} }},
		{ID: "M3", Name: "zone", About: "true, but for a zone and the legs that lead into it", Key: true, Zone: true, build: func(o Options) Mechanism { return o.Hiding }},
		{ID: "M9", Name: "promesse", About: "true path, equal steps: no hovers, stops or speeds", Metres: 100, Of: "the step", build: func(o Options) Mechanism { return Resample{o.Metres} }},
		{ID: "M6", Name: "heights", About: "true path, heights above take-off only", build: func(Options) Mechanism { return Heights{} }},
		{ID: "M7", Name: "times", About: "true path, times from 2000-01-01 on", build: func(Options) Mechanism { return Times{} }},
		{Name: "trim", About: "weak: the ends of the path cut off", Metres: 300, Of: "what is cut", build: func(o Options) Mechanism { return Trim{o.Metres} }},
		{Name: "simplify", About: "no protection: fewer positions", Metres: 2, Of: "the tolerance", build: func(o Options) Mechanism { return Simplify{o.Metres} }},
	}
}

// Why mechanisms cannot be built.
var (
	ErrMechanism = errors.New("not a mechanism")
	ErrOrder     = errors.New("these mechanisms do not go together: one at most moves the flight, and zone comes first, since it knows true places only")
	ErrMetres    = errors.New("not a length for it: use 1 m to 100 km")
)

// FindKinds reads names of mechanisms, joined by "+" in the order in which they
// are applied: "near+promesse".
func FindKinds(names string) ([]Kind, error) {
	var out []Kind
	for name := range strings.SplitSeq(names, "+") {
		found := false
		for _, k := range Kinds() {
			if k.Name == name {
				out, found = append(out, k), true
			}
		}
		if !found {
			return nil, fmt.Errorf("%q is %w", name, ErrMechanism)
		}
	}
	return out, nil
}

// Build returns the mechanism of kinds, a chain if there are several.
func Build(kinds []Kind, o Options) (Mechanism, error) {
	if o.Metres != 0 && !(o.Metres >= 1 && o.Metres <= 100_000) {
		return nil, ErrMetres
	}
	var ms []Mechanism
	movers := 0
	for i, k := range kinds {
		if k.Moves {
			movers++
		}
		if movers > 1 || k.Zone && i > 0 {
			return nil, ErrOrder
		}
		if k.Epsilon && o.Near == nil || k.Zone && o.Hiding == nil {
			return nil, ErrKey
		}
		own := o
		if own.Metres == 0 {
			own.Metres = k.Metres
		}
		ms = append(ms, k.build(own))
	}
	if len(ms) == 1 {
		return ms[0], nil
	}
	return Chain(ms...), nil
}

// MooringOf returns where a mechanism moves flights to, if that is all it does:
// such a one can be applied to a log as it is read.
func MooringOf(m Mechanism) (Mooring, bool) {
	r, ok := m.(relocate)
	return r.at, ok
}
