package geofuzz

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"flightveil/internal/geo"
)

// A Place is somewhere a pilot takes off. Its anchor is that of the first
// flight and never changes.
type Place struct {
	ID     string    `json:"id"` // random, 128 bits
	Anchor geo.Point `json:"anchor"`
	Draws  []string  `json:"draws,omitempty"` // what was drawn for it, as labels: the ledger
}

// Places is a pilot's registry of places. Without it, one home would get
// several draws, and their mean tells where it is.
type Places struct {
	List []*Place `json:"places"`
	Maps []string `json:"maps,omitempty"` // heat maps that were drawn
}

// samePlace is how far from a place's anchor a flight still belongs to it.
const samePlace = 300.0

// find returns the place that anchor belongs to: the nearest, if it is near.
func (p *Places) find(anchor geo.Point) *Place {
	var best *Place
	nearest := samePlace
	for _, x := range p.List {
		if d := x.Anchor.Distance(anchor); d <= nearest {
			best, nearest = x, d
		}
	}
	return best
}

// Drawn reports whether the place that p belongs to was drawn and shown.
func (p *Places) Drawn(at geo.Point) bool {
	x := p.find(at)
	return x != nil && len(x.Draws) > 0
}

// Anchors lists the places that were drawn and shown.
func (p *Places) Anchors() []geo.Point {
	var out []geo.Point
	for _, x := range p.List {
		if len(x.Draws) > 0 {
			out = append(out, x.Anchor)
		}
	}
	return out
}

// at returns the place that anchor belongs to, and registers it if it is new.
func (p *Places) at(anchor geo.Point) *Place {
	if x := p.find(anchor); x != nil {
		return x
	}
	var id [16]byte
	rand.Read(id[:]) // never fails
	x := &Place{ID: hex.EncodeToString(id[:]), Anchor: anchor}
	p.List = append(p.List, x)
	return x
}

// maxDraws is how many draws one place may have.
const maxDraws = 4

// ErrDraw is wrapped when a place would be drawn anew.
var ErrDraw = errors.New("a new draw for a place that was released before")

// draw notes that label is drawn for x. A label that was drawn before costs
// nothing; another one is an independent draw, which the pilot must want.
func (x *Place) draw(label string, again bool) (isNew bool, err error) {
	switch n := len(x.Draws); {
	case slices.Contains(x.Draws, label):
		return false, nil
	case n >= maxDraws:
		return false, fmt.Errorf("%w: it has %d draws already, whose mean tells too much", ErrDraw, n)
	case n > 0 && !again:
		return false, fmt.Errorf("%w: give the epsilon it had; with %d draws the epsilons add up, and their mean tells more than each", ErrDraw, n+1)
	}
	x.Draws = append(x.Draws, label)
	return true, nil
}

// DrawMap notes that a heat map is drawn, and returns how many others there
// are. One that was drawn before costs nothing; another one must be wanted.
func (p *Places) DrawMap(id string, again bool) (others int, err error) {
	n := len(p.Maps)
	switch {
	case slices.Contains(p.Maps, id):
		return n - 1, nil
	case n > 0 && !again:
		return n, errors.New("a heat map was made before: its epsilon and that of another one add up, and their difference tells of the flights between")
	}
	p.Maps = append(p.Maps, id)
	return n, nil
}

// Check refuses a registry that was not written by flightveil.
func (p *Places) Check() error {
	ids := map[string]bool{}
	for _, x := range p.List {
		if x == nil || len(x.ID) != 32 || !x.Anchor.Valid() || ids[x.ID] {
			return errors.New("the registry of places is damaged")
		}
		ids[x.ID] = true
	}
	return nil
}
