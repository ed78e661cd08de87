package geofuzz

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"flightveil/internal/geo"
)

// A HeatMap counts flights per cell and tells the counts with noise: what is
// shown hardly depends on any one flight (differential privacy, a flight being
// the unit). Cells that few flights crossed are not shown at all.
type HeatMap struct {
	Key     Key
	Metres  float64 // the width of a cell
	Cells   int     // the most that one flight counts in
	Epsilon float64 // of the whole map; not per metre
	Delta   float64 // the chance that a cell of one flight shows

	counts  map[geo.Point]int
	flights []string // a keyed hash of each, in order of their values
}

// A HeatCell is one cell of a map.
type HeatCell struct {
	Centre  geo.Point
	Flights int // with noise
}

// What a heat map is made with unless asked otherwise, and how far one may ask.
const (
	HeatEpsilon = 1.0
	HeatCells   = 10
	HeatDelta   = 1e-6
	minHeat     = 0.01
	maxHeat     = 10.0
)

// ErrHeat is wrapped when the numbers of a heat map are out of range.
var ErrHeat = errors.New("not an epsilon for a heat map")

// Check refuses numbers without a meaning.
func (h *HeatMap) Check() error {
	switch {
	case !(h.Epsilon >= minHeat && h.Epsilon <= maxHeat):
		return fmt.Errorf("%w: use a number between %v and %v", ErrHeat, minHeat, maxHeat)
	case h.Cells < 1 || !(h.Delta > 0 && h.Delta < 0.1) || !(h.Metres >= 100 && h.Metres <= 100_000):
		return errors.New("not a heat map: cells are 100 m to 100 km wide, and a flight counts in at least one")
	case len(h.Key) != KeySize:
		return ErrKey
	}
	return nil
}

// Add counts one flight: in each cell it crossed once, in Cells of them at most,
// which the key chooses.
func (h *HeatMap) Add(track []Sample) error {
	if err := h.Check(); err != nil {
		return err
	}
	mac := hmac.New(sha256.New, h.Key)
	mac.Write([]byte("geofuzz/v1/heat"))
	var b [16]byte
	crossed := map[geo.Point]bool{}
	fixes := 0
	for i := range track {
		if x := &track[i]; !x.Aside && usable(x.Point) {
			crossed[Cell(x.Point, h.Metres)] = true
			binary.LittleEndian.PutUint64(b[:8], math.Float64bits(x.Lat))
			binary.LittleEndian.PutUint64(b[8:], math.Float64bits(x.Lon))
			mac.Write(b[:])
			fixes++
		}
	}
	if fixes == 0 {
		return ErrNoTrack
	}
	name := hex.EncodeToString(mac.Sum(nil))
	at, found := slices.BinarySearch(h.flights, name)
	if found {
		return nil // the same flight twice is one
	}
	h.flights = slices.Insert(h.flights, at, name)
	cells := sortedCells(crossed)
	if len(cells) > h.Cells {
		s, err := h.Key.stream("heat-cells", name)
		if err != nil {
			return err
		}
		for i := range h.Cells { // the first of a random order
			j := i + int(s.src.Uint64()%uint64(len(cells)-i))
			cells[i], cells[j] = cells[j], cells[i]
		}
		cells = cells[:h.Cells]
	}
	if h.counts == nil {
		h.counts = map[geo.Point]int{}
	}
	for _, c := range cells {
		h.counts[c]++
	}
	return nil
}

func sortedCells[V any](m map[geo.Point]V) []geo.Point {
	var out []geo.Point
	for c := range m {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b geo.Point) int {
		if a.Lat != b.Lat {
			return int(math.Copysign(1, a.Lat-b.Lat))
		}
		return int(math.Copysign(1, a.Lon-b.Lon))
	})
	return out
}

// Threshold is the least count that is shown.
func (h *HeatMap) Threshold() int {
	m := float64(h.Cells)
	return int(math.Ceil(1 + m/h.Epsilon*math.Log(1/(2*h.Delta))))
}

// Flights is how many different flights were counted.
func (h *HeatMap) Flights() int { return len(h.flights) }

// ID names the set of flights and the numbers of the map: another set draws its
// noise anew, and the difference of two maps of one draw would be exact.
func (h *HeatMap) ID() string {
	sum := sha256.Sum256([]byte(fmt.Sprint(h.Metres, h.Cells, h.Epsilon, h.Delta, strings.Join(h.flights, ""))))
	return hex.EncodeToString(sum[:16])
}

// Release returns the cells that can be shown.
func (h *HeatMap) Release() ([]HeatCell, error) {
	if err := h.Check(); err != nil {
		return nil, err
	}
	s, err := h.Key.stream("heat", h.ID())
	if err != nil {
		return nil, err
	}
	rate := h.Epsilon / float64(h.Cells)
	var out []HeatCell
	for _, c := range sortedCells(h.counts) {
		if n := h.counts[c] + s.geometric(rate) - s.geometric(rate); n >= h.Threshold() {
			out = append(out, HeatCell{c, n})
		}
	}
	return out, nil
}

// geometric draws n ≥ 0 with chances proportional to e^(-rate·n). The difference
// of two is geometric on both sides.
func (s stream) geometric(rate float64) int {
	return int(math.Floor(-math.Log(s.uniform()) / rate))
}

// Guarantee says what the map promises.
func (h *HeatMap) Guarantee() Guarantee {
	return Guarantee{
		Notion: "differential privacy", Unit: "one flight",
		Promise: fmt.Sprintf("With one flight more or less the odds of any map change by e^%.3g at most; a cell is shown where %d flights or more seem to have crossed it, and a cell of one flight with a chance of %.0e at most.",
			h.Epsilon, h.Threshold(), h.Delta),
		NotGiven: "A place that many flights begin at shows as what it is: a map of one pilot's flights has its warmest cell at home. Each further map of the same flights adds its epsilon.",
	}
}
