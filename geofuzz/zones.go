package geofuzz

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"flightveil/internal/geo"
)

// A Zone is an area in which a pilot wants nothing to be seen. It is a disc
// that holds home somewhere inside, and every cell of a fixed grid that the
// disc touches: no circle is left that could be fitted, and home is not in its
// middle. It is drawn once and never again.
type Zone struct {
	Name    string    `json:"name"`
	ID      string    `json:"id"` // random, 128 bits
	Home    geo.Point `json:"home"`
	Asked   float64   `json:"asked"`  // metres, the radius that was asked for
	Centre  geo.Point `json:"centre"` // of the disc
	Radius  float64   `json:"radius"` // metres, of the disc
	Removed bool      `json:"removed,omitempty"`
	// Shown is what was released of flights into the zone, one keyed hash each:
	// the ledger.
	Shown []string `json:"shown,omitempty"`
}

// Zones are a pilot's zones. Removed ones stay, since a new zone for the same
// place would be a second draw.
type Zones struct {
	List []*Zone `json:"zones"`
}

// The radius of a zone, in metres, as a pilot may ask for it.
const (
	MinZone     = 200.0
	MaxZone     = 10_000.0
	DefaultZone = 500.0
)

// The draw of a zone: its radius is up to half as large again as asked for, and
// home lies up to this share of it away from its middle.
const (
	zoneStretch = 0.5
	zoneOffset  = 0.7
	zoneGrid    = 200.0 // metres, the cells of its edge
)

// Why a zone is not made or not found.
var (
	ErrNoZone   = errors.New("there is no such zone")
	ErrZoneName = errors.New("not a name for a zone: use letters, digits, - and _")
	ErrHasZone  = errors.New("there is a zone of that name already")
	ErrZoneSize = errors.New("not a radius for a zone")
	ErrNoPlace  = errors.New("not a place: 0° N 0° E and what is off the globe are none")
)

// Add makes the zone called name around home. A place that had a zone of the
// same radius gets that one back; another draw must be wanted.
func (z *Zones) Add(key Key, name string, home geo.Point, radius float64, again bool) (*Zone, error) {
	switch {
	case !zoneName(name):
		return nil, ErrZoneName
	case !usable(home):
		return nil, ErrNoPlace
	case !(radius >= MinZone && radius <= MaxZone):
		return nil, fmt.Errorf("%w: use %.0f to %.0f m", ErrZoneSize, MinZone, MaxZone)
	}
	if _, err := z.Get(name); err == nil {
		return nil, ErrHasZone
	}
	draws := 0
	for _, old := range z.List {
		if old.Home.Distance(home) > samePlace {
			continue
		}
		if draws++; old.Asked == radius && old.Centre.Distance(home) <= old.Radius {
			if !old.Removed {
				return nil, fmt.Errorf("%w: zone %s hides this place already", ErrHasZone, old.Name)
			}
			old.Name, old.Removed = name, false
			return old, nil
		}
	}
	switch {
	case draws >= maxDraws:
		return nil, fmt.Errorf("%w: it has had %d zones already, whose common part tells too much", ErrDraw, draws)
	case draws > 0 && !again:
		return nil, fmt.Errorf("%w: it has had a zone of another radius or middle; what both leave open tells more than each", ErrDraw)
	}
	var id [16]byte
	rand.Read(id[:]) // never fails
	x := &Zone{Name: name, ID: hex.EncodeToString(id[:]), Home: home, Asked: radius}
	s, err := key.stream("zone", x.ID)
	if err != nil {
		return nil, err
	}
	x.Radius = radius * (1 + zoneStretch*s.uniform())
	centre, ok := home.Direct(2*math.Pi*s.uniform(), x.Radius*zoneOffset*math.Sqrt(s.uniform()))
	if !ok {
		return nil, ErrNoPlace
	}
	x.Centre = centre
	z.List = append(z.List, x)
	return x, nil
}

// Get returns the zone called name.
func (z *Zones) Get(name string) (*Zone, error) {
	for _, x := range z.List {
		if x.Name == name && !x.Removed {
			return x, nil
		}
	}
	return nil, ErrNoZone
}

// Names lists the zones, in the order they were made.
func (z *Zones) Names() []string {
	var out []string
	for _, x := range z.List {
		if !x.Removed {
			out = append(out, x.Name)
		}
	}
	return out
}

// Shown reports whether flights were shown beside a zone that hides one of
// places.
func (z *Zones) Shown(places []geo.Point) bool {
	return slices.ContainsFunc(z.List, func(x *Zone) bool { return len(x.Shown) > 0 && slices.ContainsFunc(places, x.Contains) })
}

// Remove takes the zone called name off the list. How it was drawn is kept.
func (z *Zones) Remove(name string) error {
	x, err := z.Get(name)
	if err == nil {
		x.Removed = true
	}
	return err
}

// Check refuses a list that was not written by flightveil.
func (z *Zones) Check() error {
	ids := map[string]bool{}
	for _, x := range z.List {
		if x == nil || len(x.ID) != 32 || ids[x.ID] || !zoneName(x.Name) || !usable(x.Home) || !x.Centre.Valid() || !(x.Radius > 0 && x.Radius <= 2*MaxZone) {
			return errors.New("the list of zones is damaged")
		}
		ids[x.ID] = true
	}
	return nil
}

func zoneName(s string) bool {
	return s != "" && len(s) <= 64 && s[0] != '-' && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// Contains reports whether p is hidden by the zone: whether the grid cell that
// p lies in touches its disc. What is no position is not in any zone.
func (z *Zone) Contains(p geo.Point) bool {
	if !usable(p) {
		return false
	}
	d := p.Distance(z.Centre)
	if d > z.Radius+2*zoneGrid {
		return false
	}
	// The distance of the disc's middle from the cell, which is a square about its own.
	cell := geo.NewFrame(p.Cell(zoneGrid))
	east, north, ok := cell.To(z.Centre)
	const half = zoneGrid / 2
	touches := ok && math.Hypot(max(0, math.Abs(east)-half), max(0, math.Abs(north)-half)) <= z.Radius
	return touches || math.Abs(p.Lat) > 89 && d <= z.Radius // around the poles cells are no squares
}

// Gap is how far p lies from the disc of the zone, in metres; 0 inside.
func (z *Zone) Gap(p geo.Point) float64 { return max(0, p.Distance(z.Centre)-z.Radius) }
