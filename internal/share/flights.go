package share

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"
)

const (
	sameCluster = 20 * time.Minute // pictures farther apart in time are of two flights
	sameStart   = 500.0            // metres between the first positions of two logs of one flight
)

// fly finds out which units were made on the same flight, and orders flights.
func (p *Plan) fly(units []*unit) {
	var media []*unit
	var logs []*item
	for _, u := range units {
		if u.kind == kindTrack {
			logs = append(logs, u.items[0])
		} else {
			media = append(media, u)
		}
	}
	p.flights = logged(logs)
	media = p.join(media)
	p.flights = append(p.flights, clustered(media, p.zone)...)
	slices.SortStableFunc(p.flights, func(a, b *flight) int {
		if a.loose != b.loose {
			return map[bool]int{true: 1, false: -1}[a.loose]
		}
		if a.begin.IsZero() != b.begin.IsZero() {
			return map[bool]int{true: 1, false: -1}[a.begin.IsZero()]
		}
		return cmp.Or(a.begin.Compare(b.begin), cmp.Compare(a.first(), b.first()))
	})
}

// first is the path of the flight's first file, for a stable order.
func (f *flight) first() string {
	first := ""
	see := func(it *item) {
		if first == "" || it.Rel < first {
			first = it.Rel
		}
	}
	for _, l := range f.logs {
		see(l)
	}
	for _, u := range f.units {
		for _, it := range u.items {
			see(it)
		}
	}
	return first
}

// logged makes a flight of each log, and one of logs that tell of the same.
func logged(logs []*item) []*flight {
	var out []*flight
	logs = slices.Clone(logs)
	slices.SortStableFunc(logs, func(a, b *item) int { // the log that tells most leads
		return cmp.Or(cmp.Compare(clockRank(b), clockRank(a)), cmp.Compare(b.Flown.Positions, a.Flown.Positions), cmp.Compare(a.Rel, b.Rel))
	})
	for _, l := range logs {
		joined := false
		for _, f := range out {
			if f.same(l) {
				f.logs = append(f.logs, l)
				joined = true
				break
			}
		}
		if !joined {
			out = append(out, &flight{logs: []*item{l}, begin: l.Flown.Begin, end: l.Flown.End, known: l.Flown.UTC})
		}
	}
	for _, f := range out {
		for _, l := range f.logs {
			l.unit.flight = f
		}
	}
	return out
}

func clockRank(l *item) int {
	switch {
	case l.Flown.UTC:
		return 2
	case !l.Flown.Begin.IsZero():
		return 1
	}
	return 0
}

// same reports whether l is another log of the same flight: from the same
// place, at the same time.
func (f *flight) same(l *item) bool {
	lead := f.logs[0]
	if l.Flown.Begin.IsZero() || f.begin.IsZero() || l.Where == nil || lead.Where == nil || l.Where.Distance(*lead.Where) > sameStart {
		return false
	}
	begin, end := l.Flown.Begin, l.Flown.End
	if l.Flown.UTC != f.known { // a wall clock: off by the zone
		zone := begin.Sub(f.begin).Round(quarter)
		if zone.Abs() > mostAhead {
			return false
		}
		begin, end = begin.Add(-zone), end.Add(-zone)
	}
	from, to := begin, end
	if f.begin.After(from) {
		from = f.begin
	}
	if f.end.Before(to) {
		to = f.end
	}
	shorter := min(end.Sub(begin), f.end.Sub(f.begin))
	return to.Sub(from) >= shorter/2
}

// join adds media to the flights whose logs hold their time, once the offset
// of their clocks is known, and returns those that belong to none.
func (p *Plan) join(media []*unit) (left []*unit) {
	type camera struct {
		who string
		utc bool
	}
	groups := map[camera][]*unit{}
	var order []camera
	for _, u := range media {
		c := camera{u.camera(), u.utc}
		if groups[c] == nil {
			order = append(order, c)
		}
		groups[c] = append(groups[c], u)
	}
	timed := slices.DeleteFunc(slices.Clone(p.flights), func(f *flight) bool { return f.begin.IsZero() })
	clocks := map[camera]clock{}
	for _, c := range order {
		most := mostAhead
		if c.utc {
			most = drift
		}
		got := estimate(groups[c], timed, most)
		clocks[c] = got
		if got.known && !c.utc && got.votes > p.zone.votes {
			p.zone = got
		}
	}
	for _, c := range order {
		got := clocks[c]
		if !got.known && !c.utc {
			if got = p.zone; !got.known {
				got = zoneOf(groups[c], timed)
			}
			got.ahead = got.ahead.Round(quarter)
			if p.zone.votes == 0 {
				p.zone = got
			}
		}
		for _, u := range groups[c] {
			if f := best(u, timed, got.ahead); f != nil {
				u.flight = f
				f.units = append(f.units, u)
				if got.votes > f.clock.votes {
					f.clock = got
				}
			} else {
				left = append(left, u)
			}
		}
	}
	return left
}

// camera is what tells the cameras of a card apart: the serial number, or the
// folder of the card.
func (u *unit) camera() string {
	if len(u.serials) > 0 {
		var all []string
		for s := range u.serials {
			all = append(all, s)
		}
		return "serial " + slices.Min(all)
	}
	top, _, _ := strings.Cut(path.Dir(u.items[0].Rel), "/")
	return "folder " + top
}

// best returns the flight that u was taken on, nil if on none: of several at
// the same time the one of the same aircraft, then the first.
func best(u *unit, flights []*flight, ahead time.Duration) *flight {
	var found *flight
	for _, f := range flights {
		if !f.holds(u, u.at.Add(-ahead)) {
			continue
		}
		if f.sharesSerial(u) {
			return f
		}
		if found == nil {
			found = f
		}
	}
	return found
}

func (f *flight) sharesSerial(u *unit) bool {
	for _, l := range f.logs {
		for _, s := range l.Serials {
			if u.serials[s.Reveal()] {
				return true
			}
		}
	}
	return false
}

// clustered makes flights of media without a log: what was taken within
// sameCluster and sameGo of the one before, by the same camera.
func clustered(media []*unit, zone clock) []*flight {
	loose := &flight{loose: true}
	var out []*flight
	type open struct {
		*flight
		last *unit
		at   time.Time
	}
	var opened []*open
	at := func(u *unit) time.Time {
		if u.utc {
			return u.at
		}
		return u.at.Add(-zone.ahead)
	}
	media = slices.Clone(media)
	slices.SortStableFunc(media, func(a, b *unit) int {
		return cmp.Or(at(a).Compare(at(b)), cmp.Compare(a.items[0].Rel, b.items[0].Rel))
	})
	for _, u := range media {
		if u.at.IsZero() {
			u.flight = loose
			loose.units = append(loose.units, u)
			continue
		}
		t := at(u)
		var into *open
		for i := len(opened) - 1; i >= 0 && into == nil; i-- {
			if o := opened[i]; t.Sub(o.at) <= sameCluster && together(o.last, u) {
				into = o
			}
		}
		if into == nil {
			into = &open{flight: &flight{begin: t}}
			opened = append(opened, into)
			out = append(out, into.flight)
		}
		u.flight = into.flight
		into.units = append(into.units, u)
		into.at, into.end = t, t
		if u.where != nil || into.last == nil {
			into.last = u
		}
	}
	if len(loose.units) > 0 {
		out = append(out, loose)
	}
	return out
}

// together reports whether nothing speaks against two units of one flight.
func together(a, b *unit) bool {
	if a.where != nil && b.where != nil && a.where.Distance(*b.where) > sameGo {
		return false
	}
	if len(a.serials) == 0 || len(b.serials) == 0 {
		return true
	}
	sameKind := false
	for f := range a.formats {
		sameKind = sameKind || b.formats[f]
	}
	if !sameKind {
		return true // photos and videos name different parts
	}
	for s := range a.serials {
		if b.serials[s] {
			return true
		}
	}
	return false
}
