package share

import (
	"context"
	"path"
	"slices"
	"strings"
	"time"

	"flightveil/internal/geo"
	"flightveil/internal/pipeline"
)

// A Plan says what will become of every input before anything is written:
// what belongs together, and under which name it leaves.
type Plan struct {
	Cards   []string // whose cards the folders look like: "DJI", "GoPro"
	items   []*item
	flights []*flight // in the order they were flown
	apart   bool      // nothing may link tracks to the pictures of their flights
	zone    clock     // what clocks without a zone were taken for, on the whole
}

// An item is one input of a plan.
type item struct {
	pipeline.Source
	pipeline.Sighting
	n       int // index of the input
	kind    string
	unit    *unit
	chosen  bool   // to be written, if it can be
	leftOut string // why it will not be written
	output  string // path below the export, empty if it is not written

	released *pipeline.Flown // a log as it was written
}

// A unit is what a camera made at one press of its button, or one log: files
// that are named alike. Panoramas and hyperlapses are units of a folder.
type unit struct {
	kind    string // photo, clip, survey, panorama, hyperlapse, track
	items   []*item
	at      time.Time // when, by the clock that utc names; zero if unknown
	utc     bool
	where   *geo.Point
	serials map[string]bool
	formats map[string]bool
	flight  *flight
}

// A flight is a log and what was taken during it, or what was taken together.
type flight struct {
	name       string
	logs       []*item // the first tells most
	units      []*unit
	begin, end time.Time // UTC, or as close to it as clocks tell; zero if unknown
	known      bool      // begin and end are UTC
	clock      clock     // of the cameras, if a log tells
	loose      bool      // not a flight: what has no time

	moves    map[string]*pipeline.Displacement // by label, of media that move with the log; nil if they are stripped
	fallback string                            // why they are stripped although they were to move
}

// Choice says which inputs leave. Without patterns and paths all do.
type Choice struct {
	Only []string                                 // patterns
	List []string                                 // paths below the arguments, or labels
	Is   func(patterns []string, rel string) bool // reports whether a path matches
}

func (c Choice) all() bool { return len(c.Only) == 0 && len(c.List) == 0 }

// MakePlan looks at all sources and plans what becomes of them. done is told
// how many bytes of input were looked at.
func MakePlan(ctx context.Context, r *pipeline.Runner, sources []pipeline.Source, choice Choice, done func(int64)) (*Plan, error) {
	p := &Plan{}
	for i, s := range r.Sightings(ctx, sources) {
		it := &item{Source: sources[i], Sighting: s, n: i}
		it.judge()
		p.items = append(p.items, it)
		done(sources[i].Size)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p.Cards = cards(p.items)
	units := p.bundle()
	p.fly(units)
	p.choose(choice)
	return p, nil
}

// judge says at first sight why an input will not be written.
func (it *item) judge() {
	switch {
	case it.Skipped != "":
		it.kind, it.leftOut = "system", it.Skipped
	case ownedByCamera(it.Rel):
		it.kind, it.leftOut, it.Err = "system", "a camera's own file: it holds no picture and no flight", nil
		it.Skipped = it.leftOut
	case it.Err != nil:
		it.kind = "unknown"
	case it.Log && pilotsOwn(it.Rel):
		it.kind, it.leftOut = "log", "positions of the pilot, not of the aircraft"
	case it.Log && it.Flown.Positions == 0:
		it.kind, it.leftOut = "log", "no position of the aircraft in it"
		if it.Broken != nil {
			it.leftOut, it.Err = "", it.Broken
		}
	default:
		it.kind = kindOf(it)
	}
}

// choose marks what leaves: a chosen file brings what is named alike.
func (p *Plan) choose(c Choice) {
	for _, it := range p.items {
		it.chosen = c.all() || c.names(it)
	}
	for _, it := range p.items {
		if it.unit == nil || !it.chosen || c.all() {
			continue
		}
		if it.unit.kind == kindPanorama || it.unit.kind == kindHyperlapse || it.unit.kind == kindTrack {
			continue // a folder's pictures are chosen one by one
		}
		for _, other := range it.unit.items {
			other.chosen = true
		}
	}
	for _, it := range p.items {
		if !it.chosen && it.leftOut == "" {
			it.leftOut = notChosen
		}
	}
}

const notChosen = "not chosen"

func (c Choice) names(it *item) bool {
	if len(c.Only) > 0 && c.Is(c.Only, it.Rel) {
		return true
	}
	for _, want := range c.List {
		if want == it.Rel || want == it.Label || path.Base(want) == want && strings.EqualFold(want, path.Base(it.Rel)) {
			return true
		}
	}
	return false
}

// Unmatched returns the patterns and paths of c that match nothing.
func (p *Plan) Unmatched(c Choice) []string {
	var out []string
	for _, pattern := range c.Only {
		if !slices.ContainsFunc(p.items, func(it *item) bool { return c.Is([]string{pattern}, it.Rel) }) {
			out = append(out, pattern)
		}
	}
	for _, want := range c.List {
		one := Choice{List: []string{want}}
		if !slices.ContainsFunc(p.items, one.names) {
			out = append(out, want)
		}
	}
	return out
}

// writes reports whether the plan writes it.
func (it *item) writes() bool { return it.leftOut == "" && it.Err == nil && it.chosen }
