package djitxt

import (
	"math"

	"flightveil/internal/geo"
	"flightveil/logfmt"
)

// flown is how far from the aircraft, in metres, a planned place is believed.
const flown = 30_000

// waypoints looks for planned places in b, a record of a mission. Their layout
// differs by app and is not known. But two numbers of eight bytes in a row that
// happen to be a place near the aircraft do not exist: so each such pair is one.
func (d *decoder) waypoints(b []byte, kind byte) {
	at, ok := d.whereabouts()
	if !ok {
		return
	}
	for i, n := 0, 0; i+16 <= len(b); i++ {
		if p, ok := planned(f64(b[i:]), f64(b[i+8:]), at); ok {
			d.spot(logfmt.Waypoint, uint32(kind)<<16|uint32(n), p, nan, "")
			n++
			i += 15
		}
	}
}

// planned returns the place near at that a and b are, longitude first as
// everywhere in this format, or latitude first.
func planned(a, b float64, at geo.Point) (geo.Point, bool) {
	for _, unit := range [...]float64{180 / math.Pi, 1} {
		for _, p := range [...]geo.Point{{Lat: b * unit, Lon: a * unit}, {Lat: a * unit, Lon: b * unit}} {
			if logfmt.Usable(p) && math.Abs(p.Lat-at.Lat) < 1 && p.Distance(at) < flown {
				return p, true
			}
		}
	}
	return geo.Point{}, false
}

// whereabouts returns where the aircraft is, or was last.
func (d *decoder) whereabouts() (geo.Point, bool) {
	if d.pending {
		return d.fix.Point, true
	}
	if d.before.Valid() {
		return d.before, true
	}
	for id := range uint32(2) {
		if p, ok := d.spots[spotKey{logfmt.Home, id}]; ok {
			return p, true
		}
	}
	return geo.Point{}, false
}
