package geofuzz

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"

	"flightveil/internal/geo"
)

// Near moors flights near where they were flown: at a point drawn once for the
// place, by the pilot's key. Its methods may be called from several goroutines.
type Near struct {
	Key     Key
	Places  *Places
	Epsilon float64      // per metre; see ParseEpsilon
	Again   bool         // another draw for a place that has one is wanted
	Save    func() error // writes Places; what is not saved is not released
	Exact   bool         // draw among the points of a grid, in whole numbers

	mu      sync.Mutex
	lattice *lattice // of Exact
}

// Epsilons that have names: a chance of four to one is the most that a release
// tells between two places within R metres of each other (ln 4 / R).
var epsilons = []struct {
	name   string
	metres float64
}{{"street", 200}, {"neighbourhood", 400}, {"town", 1000}, {"region", 5000}}

// EpsilonNames lists the named epsilons, the weakest first.
func EpsilonNames() []string {
	var out []string
	for _, e := range epsilons {
		out = append(out, e.name)
	}
	return out
}

// DefaultEpsilon is the name of the usual epsilon.
const DefaultEpsilon = "neighbourhood"

// The range of epsilons: from a mean shift of 20 km to one of 200 m.
const (
	minEpsilon = 0.0001
	maxEpsilon = 0.01
)

// ErrEpsilon is wrapped when an epsilon is out of range.
var ErrEpsilon = errors.New("not an epsilon")

// ParseEpsilon reads a name or a number per metre.
func ParseEpsilon(s string) (float64, error) {
	for _, e := range epsilons {
		if s == e.name {
			return math.Log(4) / e.metres, nil
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= minEpsilon && v <= maxEpsilon) {
		return 0, fmt.Errorf("%q is %w: use %s, or a number per metre between %v and %v", s, ErrEpsilon, strings.Join(EpsilonNames(), ", "), minEpsilon, maxEpsilon)
	}
	return v, nil
}

// label names a draw in the ledger and in the key derivation. Draws of
// different epsilons must be independent: from the same numbers, scaled, the
// place could be computed.
func (n *Near) label() string {
	label := "near-"
	if n.Exact {
		label = "lattice-"
	}
	return label + strconv.FormatFloat(n.Epsilon, 'g', -1, 64)
}

// Moor returns the anchor of the place that anchor belongs to, and where it
// is released.
func (n *Near) Moor(anchor geo.Point) (from, to geo.Point, err error) {
	if !(n.Epsilon >= minEpsilon && n.Epsilon <= maxEpsilon) {
		return from, to, ErrEpsilon
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.Exact && math.Abs(anchor.Lat) > latticeLat-1 { // a place of its own may lie 300 m away
		return from, to, ErrLattice
	}
	place := n.Places.at(anchor)
	isNew, err := place.draw(n.label(), n.Again)
	if err != nil {
		return from, to, err
	}
	if isNew {
		if err := n.Save(); err != nil {
			place.Draws = place.Draws[:len(place.Draws)-1] // the next flight must not go by it either
			return from, to, fmt.Errorf("saving the registry of places: %w", err)
		}
	}
	s, err := n.Key.stream("disp", place.ID, n.label())
	if err != nil {
		return from, to, err
	}
	if to, err = n.displaced(s, place.Anchor); err != nil {
		return from, to, err
	}
	return place.Anchor, to, nil
}

// displaced draws where the place at anchor is released.
func (n *Near) displaced(s stream, anchor geo.Point) (geo.Point, error) {
	if n.Exact {
		if n.lattice == nil {
			n.lattice = newLattice(n.Epsilon)
		}
		return n.lattice.displaced(s, anchor)
	}
	to, ok := displaced(s, anchor, n.Epsilon)
	if !ok {
		return to, ErrNoTrack
	}
	return to, nil
}

// Guarantee says how far, and what one release tells.
func (n *Near) Guarantee() Guarantee {
	share := func(r float64) string { return strconv.FormatFloat(100*Chance(n.Epsilon, r), 'g', 2, 64) + " %" }
	exact := ""
	if n.Exact {
		exact = " The draw is made in whole numbers on a grid: no rounding of a computer stands between it and this promise."
	}
	return Guarantee{
		Notion: "geo-indistinguishability", Unit: "the place", Epsilon: n.Epsilon,
		Promise: fmt.Sprintf("The place is moved by a secret distance, drawn once and the same for all its flights: %.0f m in the middle of cases, %.0f m in 19 of 20 at most. "+
			"All files of the place together tell no more than one: between two places R metres apart the odds change by e^(%.3g·R) at most, and the released place is within 100 m of the true one in %s of cases, within 250 m in %s.",
			Shift(n.Epsilon, 0.5), Shift(n.Epsilon, 0.95), n.Epsilon, share(100), share(250)) + exact,
		NotGiven: "Not hidden: the rough area, the shape of the flight, and a house that stands alone. One original of the place, or one photo that shows it, gives all its flights away.",
	}
}
