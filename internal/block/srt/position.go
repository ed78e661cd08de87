package srt

import (
	"bytes"
	"math"

	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// Orders is what a file shows about the order of the two numbers of GPS(a,b):
// they are the same in every caption of one kind.
type Orders struct {
	seen [2]struct{ lonLat, latLon bool }
}

func kindOf(metre bool) int {
	if metre {
		return 1
	}
	return 0
}

// Learn looks for a number that can be no latitude in a line.
func (o *Orders) Learn(line []byte) {
	if bytes.IndexByte(line, '(') < 0 {
		return
	}
	fs := Fields(nil, line)
	for i := 1; i < len(fs); i++ {
		a, b := fs[i-1], fs[i]
		if a.Axis != First || b.Axis != Second || a.Name != "GPS" || !a.OK || !b.OK || math.Abs(a.Num) > 180 || math.Abs(b.Num) > 180 {
			continue
		}
		k := &o.seen[kindOf(a.Metre)]
		k.lonLat = k.lonLat || math.Abs(a.Num) > 90
		k.latLon = k.latLon || math.Abs(b.Num) > 90
	}
}

// Of returns the order of pairs, and whether numbers show it; false for both
// if they contradict each other.
func (o Orders) Of(metre bool) (order Order, shown bool) {
	k := o.seen[kindOf(metre)]
	switch {
	case k.lonLat && k.latLon:
		return ByDialect, false
	case k.lonLat:
		return LonLat, true
	case k.latLon:
		return LatLon, true
	case metre:
		return LatLon, false
	}
	return LonLat, false
}

// A Pair is a latitude and a longitude among the fields of a caption.
type Pair struct {
	Lat, Lon int // index of the field
	At       geo.Point
}

// Pairs puts the coordinates of one caption together, of which axis and
// whether they could be read are all that counts. Fields whose order only the
// dialect tells get their axis. Zero, which cameras write before the first
// fix, is a pair too.
func Pairs(to []Pair, fs []Field, orders Orders) []Pair {
	own := ByDialect // of the GPS(..) of this caption
	metre := false
	for i := range fs {
		if fs[i].Name == "GPS" && fs[i].Axis != NoAxis {
			metre = fs[i].Metre
			switch fs[i].Axis {
			case Latitude:
				own = LatLon
			case Longitude:
				own = LonLat
			}
			break
		}
	}
	home := own
	if home == ByDialect {
		home, _ = orders.Of(metre)
	}
	for i := range fs {
		f := &fs[i]
		if f.Axis != First && f.Axis != Second {
			continue
		}
		order := home
		if f.Name == "GPS" { // there may be several
			order, _ = orders.Of(f.Metre)
		}
		switch {
		case f.Axis == First && order == LonLat, f.Axis == Second && order == LatLon:
			f.Axis = Longitude
		case f.Axis == First && order == LatLon, f.Axis == Second && order == LonLat:
			f.Axis = Latitude
		}
	}
	wait := [4]int{-1, -1, -1, -1}
	for i, f := range fs {
		if f.Axis != Latitude && f.Axis != Longitude || !f.OK {
			continue
		}
		family := 0
		switch {
		case f.Name == "GPS":
			family = 1
		case f.Name == "HOME":
			family = 2
		case f.Class == privacy.Operator:
			family = 3
		}
		j := wait[family]
		if j < 0 || fs[j].Axis == f.Axis {
			wait[family] = i
			continue
		}
		wait[family] = -1
		p := Pair{j, i, geo.Point{Lat: fs[j].Num, Lon: f.Num}}
		if f.Axis == Latitude {
			p = Pair{i, j, geo.Point{Lat: f.Num, Lon: fs[j].Num}}
		}
		if p.At.Valid() {
			to = append(to, p)
		}
	}
	return to
}
