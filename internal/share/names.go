package share

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// name gives everything that will be written its new path: flights in the
// order they were flown, and in each the files by kind, in the order they were
// taken. Nothing of the old names is left.
func (p *Plan) name(extension string) {
	for _, f := range p.flights {
		if !f.writes(p.isApart(f)) {
			continue
		}
		units := slices.Clone(f.units)
		for _, l := range f.logs {
			if !p.isApart(f) {
				units = append(units, l.unit)
			}
		}
		byTime(units)
		total := map[string]int{}
		for _, u := range units {
			if u.writes() {
				total[u.kind]++
			}
		}
		next := map[string]int{}
		for _, u := range units {
			if !u.writes() {
				continue
			}
			next[u.kind]++
			switch u.kind {
			case kindTrack:
				u.items[0].output = path.Join(f.name, numbered(u.kind, next[u.kind], total[u.kind])+extension)
			case kindPanorama, kindHyperlapse:
				u.nameFrames(path.Join(f.name, fmt.Sprintf("%s-%02d", u.kind, next[u.kind])))
			default:
				base := numbered(u.kind, next[u.kind], total[u.kind])
				for _, it := range u.items {
					it.output = path.Join(f.name, base+ending(it))
				}
			}
		}
	}
}

// tracksFolder is where tracks leave that nothing may link to the pictures of
// their flight.
const tracksFolder = "tracks"

// nameApart gives tracks names that say nothing of the order in which the
// flights were flown, and so of the pictures that belong to them: the order is
// that of what the released tracks show anyway.
func (p *Plan) nameApart(extension string) {
	var logs []*item
	for _, f := range p.flights {
		for _, l := range f.logs {
			if l.writes() && p.isApart(f) {
				logs = append(logs, l)
			}
		}
	}
	slices.SortFunc(logs, func(a, b *item) int {
		x, y := a.Flown.FlightSummary, b.Flown.FlightSummary
		return cmp.Or(cmp.Compare(y.Duration, x.Duration), cmp.Compare(y.Positions, x.Positions), cmp.Compare(y.Distance, x.Distance), cmp.Compare(a.Rel, b.Rel))
	})
	for i, l := range logs {
		l.output = path.Join(tracksFolder, numbered(kindTrack, i+1, len(logs))+extension)
	}
}

// nameFrames names the pictures of a panorama or hyperlapse in their order;
// those that are named alike keep a common name.
func (u *unit) nameFrames(folder string) {
	var keys []string
	byKey := map[string][]*item{}
	for _, it := range u.items {
		key := strings.ToLower(strings.TrimSuffix(path.Base(it.Rel), ending(it)))
		if i := strings.LastIndexByte(key, '.'); i > 0 {
			key = key[:i]
		}
		for _, o := range byKey[key] {
			if ending(o) == ending(it) {
				key = it.Rel
			}
		}
		if byKey[key] == nil {
			keys = append(keys, key)
		}
		byKey[key] = append(byKey[key], it)
	}
	for i, key := range keys {
		for _, it := range byKey[key] {
			it.output = path.Join(folder, numbered(kindPhoto, i+1, len(keys))+ending(it))
		}
	}
}

// keepNames lets everything leave under its own name, logs with the extension
// of what they become.
func (p *Plan) keepNames(extension string) {
	taken := map[string]bool{}
	for _, it := range p.items {
		if it.writes() && !it.Log {
			it.output = it.Rel
			taken[strings.ToLower(it.output)] = true
		}
	}
	for _, it := range p.items {
		if !it.writes() || !it.Log {
			continue
		}
		it.output = strings.TrimSuffix(it.Rel, path.Ext(it.Rel)) + extension
		if taken[strings.ToLower(it.output)] {
			it.output = it.Rel + extension
		}
		for n := 2; taken[strings.ToLower(it.output)]; n++ {
			it.output = fmt.Sprintf("%s-%d%s", it.Rel, n, extension)
		}
		taken[strings.ToLower(it.output)] = true
	}
}

// nameFlights numbers the flights of which something leaves: a gap would tell
// of others.
func (p *Plan) nameFlights() {
	n, all := 0, 0
	for _, f := range p.flights {
		if f.writes(p.isApart(f)) && !f.loose {
			all++
		}
	}
	for _, f := range p.flights {
		switch {
		case !f.writes(p.isApart(f)):
		case f.loose:
			f.name = "other"
		default:
			n++
			f.name = fmt.Sprintf("flight-%0*d", max(2, len(strconv.Itoa(all))), n)
		}
	}
}

// writes reports whether anything of f leaves.
func (f *flight) writes(apart bool) bool {
	return slices.ContainsFunc(f.units, (*unit).writes) || !apart && slices.ContainsFunc(f.logs, (*item).writes)
}

// writes reports whether anything of u leaves.
func (u *unit) writes() bool { return slices.ContainsFunc(u.items, (*item).writes) }

// byTime sorts units by when they were taken, those without a time last.
func byTime(units []*unit) {
	slices.SortStableFunc(units, func(a, b *unit) int {
		if a.at.IsZero() != b.at.IsZero() {
			return map[bool]int{true: 1, false: -1}[a.at.IsZero()]
		}
		return cmp.Or(when(a).Compare(when(b)), cmp.Compare(a.items[0].Rel, b.items[0].Rel))
	})
}

// when is the time of u by UTC, as far as the clock of its flight tells.
func when(u *unit) time.Time {
	if u.utc || u.flight == nil {
		return u.at
	}
	return u.at.Add(-u.flight.clock.ahead)
}
