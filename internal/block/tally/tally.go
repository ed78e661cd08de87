// Package tally sums up what telemetry says thousands of times over, so that a
// long recording makes as few findings as a short one: each different value is
// one finding with a count, up to a bound, and what is beyond it is one more.
//
// It knows nothing of any format.
package tally

import (
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Bounds on different values of one name: what is told apart is searched for
// when a copy is verified, so it is worth keeping many positions.
const (
	maxPositions = 256
	maxValues    = 64
)

// A Tally collects values. The zero value is ready to use.
type Tally struct {
	all   []privacy.Finding
	index map[key]int
	known map[name]int // different values of a name
	rest  map[name]int // index of the finding for all beyond the bound
}

// name is what values have in common that meet with the same action.
type name struct {
	path   string
	class  privacy.Class
	placed bool // there is a position
}

type key struct {
	name
	value string
}

// Add counts one value. Classes that say nothing about a person are not told
// apart by value: the first stands for all.
func (t *Tally) Add(class privacy.Class, path string, value []byte, where *geo.Point, span input.Span) {
	n := name{path, class, where != nil}
	told := value
	if !apart(class) {
		told = nil
	}
	if i, ok := t.index[key{n, string(told)}]; ok {
		t.all[i].Count++
		return
	}
	if t.index == nil {
		t.index, t.known, t.rest = map[key]int{}, map[name]int{}, map[name]int{}
	}
	f := privacy.Finding{Class: class, Path: path, Count: 1, Value: privacy.Secret(value)}
	if where != nil {
		at := *where
		f.Where = &at
	}
	if span.Len > 0 {
		f.Spans = []input.Span{span}
	}
	limit := maxValues
	if n.placed {
		limit = maxPositions
	}
	if t.known[n] < limit {
		t.known[n]++
		t.index[key{n, string(told)}] = len(t.all)
		t.all = append(t.all, f)
		return
	}
	if i, ok := t.rest[n]; ok { // the last one is told: a track has an end
		f.Count += t.all[i].Count
		t.all[i] = f
		return
	}
	t.rest[n] = len(t.all)
	t.all = append(t.all, f)
}

// apart reports whether the values of a class are worth telling apart.
func apart(c privacy.Class) bool {
	switch c {
	case privacy.Exposure, privacy.Technical, privacy.Attitude, privacy.Altitude, privacy.Calibration, privacy.Device:
		return false
	}
	return true
}

// Findings returns what was counted, in the order of first appearance.
func (t *Tally) Findings() []privacy.Finding { return t.all }

// A Verdict is what is to happen to all values of one name.
type Verdict struct {
	Action privacy.Action
	To     geo.Point // for Coarsen: where the first position is moved to
}

// Verdicts maps names to what was decided.
type Verdicts map[name]Verdict

// Decide notes the decision about a finding of the tally. The first of each
// name counts for all: they are of one class, so that they meet with the same
// action, and a track becomes one place.
func (v Verdicts) Decide(f privacy.Finding, a privacy.Action, to geo.Point) {
	n := name{f.Path, f.Class, f.Where != nil}
	if _, ok := v[n]; !ok {
		v[n] = Verdict{a, to}
	}
}

// Of returns what was decided about a value.
func (v Verdicts) Of(class privacy.Class, path string, placed bool) Verdict {
	return v[name{path, class, placed}]
}
