package xmp

import (
	"cmp"
	"math"
	"strconv"
	"strings"

	"flightveil/internal/block/xmp"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

type axis int

const (
	noAxis axis = iota
	latitude
	longitude
)

// A coordinate is a leaf that holds a latitude or longitude, or the reference
// (N, S, E, W) of one.
type coordinate struct {
	axis  axis
	ref   bool       // N, S, E or W only
	deg   float64    // with sign
	ok    bool       // deg could be read
	at    *geo.Point // the whole position, if both halves could be read
	group int        // the position it belongs to
	split bool       // the hemisphere stands in a leaf of its own
}

// part returns which half of a position the name local is, and what is left of
// the name: the halves of one position share it.
func part(local string) (a axis, stem string, ref bool) {
	name := strings.ToLower(local)
	if s, ok := strings.CutSuffix(name, "ref"); ok {
		name, ref = s, true
	}
	for _, w := range []struct {
		word string
		axis axis
	}{{"latitude", latitude}, {"longtitude", longitude}, {"longitude", longitude}} {
		if i := strings.Index(name, w.word); i >= 0 {
			return w.axis, name[:i] + "#" + name[i+len(w.word):], ref
		}
	}
	for _, w := range []struct {
		word string
		axis axis
	}{{"lat", latitude}, {"lon", longitude}, {"lng", longitude}} {
		if s, ok := strings.CutSuffix(name, w.word); ok {
			return w.axis, s + "#", ref
		}
	}
	return noAxis, "", false
}

// position is where the halves of one position are collected.
type position struct {
	structure    int
	prefix, stem string
	class        privacy.Class
}

// locate returns the coordinates among the leaves, by index.
func locate(p *xmp.Packet, classes []privacy.Class) map[int]*coordinate {
	coords := map[int]*coordinate{}
	groups := map[position][]int{}
	for i, l := range p.Leaves {
		if classes[i] != privacy.Location && classes[i] != privacy.Operator || l.Kind != xmp.Property || len(l.Values) != 1 {
			continue
		}
		n := l.Path[len(l.Path)-1]
		a, stem, ref := part(n.Local)
		if a == noAxis {
			continue
		}
		key := position{l.Struct, n.Prefix, stem, classes[i]}
		groups[key] = append(groups[key], i)
		coords[i] = &coordinate{axis: a, ref: ref, group: groups[key][0]}
	}
	for _, group := range groups {
		resolve(p, group, coords)
	}
	return coords
}

// resolve reads the coordinates of one position.
func resolve(p *xmp.Packet, group []int, coords map[int]*coordinate) {
	refs := map[axis]string{}
	for _, i := range group {
		if c := coords[i]; c.ref {
			refs[c.axis] = cmp.Or(refs[c.axis], hemisphere(p.Leaves[i].Values[0].Text))
		}
	}
	first := map[axis]int{}
	for _, i := range group {
		c := coords[i]
		if c.ref {
			continue
		}
		a, ok := parseAngle(p.Leaves[i].Values[0].Text)
		if c.deg, c.ok = a.degrees(refs[c.axis]), ok && math.Abs(a.degrees("")) <= 180; !c.ok {
			continue
		}
		if _, seen := first[c.axis]; !seen {
			first[c.axis] = i
		}
	}
	lat, okLat := first[latitude]
	lon, okLon := first[longitude]
	if !okLat || !okLon {
		return
	}
	for _, i := range group {
		c, at := coords[i], geo.Point{Lat: coords[lat].deg, Lon: coords[lon].deg}
		if c.ref && hemisphere(p.Leaves[i].Values[0].Text) == "" || !c.ref && !c.ok {
			continue
		}
		if !c.ref {
			c.split = refs[c.axis] != ""
			if c.axis == latitude {
				at.Lat = c.deg
			} else { // some firmware writes the longitude twice, under both spellings
				at.Lon = c.deg
			}
		}
		if at.Valid() {
			c.at = &at
		}
	}
}

// hemisphere returns N, S, E or W for a reference value, "" if it is none.
func hemisphere(s string) string {
	switch s = strings.ToUpper(strings.TrimSpace(s)); s {
	case "N", "S", "E", "W":
		return s
	case "NORTH", "SOUTH", "EAST", "WEST":
		return s[:1]
	}
	return ""
}

// An angle is a coordinate as text.
type angle struct {
	sign  string    // "+", "-" or nothing
	parts []float64 // degrees; or degrees and minutes; or degrees, minutes and seconds
	hemi  string    // the letter at the end, "" if none
}

// parseAngle reads the forms in which XMP writers put a coordinate:
// +40.56378108; 50,52.557N; 50,52,33N.
func parseAngle(s string) (a angle, ok bool) {
	s = strings.TrimSpace(s)
	if n := len(s); n > 0 {
		if h := hemisphere(s[n-1:]); h != "" {
			a.hemi, s = h, s[:n-1]
		}
	}
	if s != "" && (s[0] == '+' || s[0] == '-') {
		a.sign, s = s[:1], s[1:]
	}
	fields := strings.Split(s, ",")
	if len(fields) > 3 || len(fields) > 1 && a.hemi == "" || len(fields) > 1 && a.sign != "" {
		return a, false
	}
	for i, f := range fields {
		f = strings.TrimSpace(f)
		if f == "" || len(f) > 30 || strings.Trim(f, "0123456789.") != "" || i < len(fields)-1 && strings.Contains(f, ".") {
			return a, false
		}
		v, err := strconv.ParseFloat(f, 64)
		if err != nil || i > 0 && v >= 60.5 {
			return a, false
		}
		a.parts = append(a.parts, v)
	}
	return a, true
}

// degrees returns the angle in degrees. ref is the reference that stands in a
// field of its own, if there is one.
func (a angle) degrees(ref string) float64 {
	var v float64
	for i, unit := range []float64{1, 60, 3600} {
		if i < len(a.parts) {
			v += a.parts[i] / unit
		}
	}
	if a.sign == "-" {
		v = -v
	}
	if h := a.hemi + ref; strings.ContainsAny(h, "SW") {
		v = -math.Abs(v)
	}
	return v
}

// encodeAngle writes deg in the form of old, in exactly n characters. ref says
// that the hemisphere stands in a field of its own. It fails if the form cannot
// hold the value to about twenty metres: a rounder value might fall into another
// cell when it is read again.
func encodeAngle(old string, deg float64, axis axis, n int, ref bool) (string, bool) {
	a, ok := parseAngle(old)
	if !ok || n > 40 {
		return "", false
	}
	var head, tail string
	switch {
	case a.hemi != "":
		tail = letter(axis, deg < 0)
	case deg < 0 && !(ref && a.sign == ""):
		head = "-"
	case a.sign != "":
		head = "+"
	}
	room := n - len(head) - len(tail)
	v := math.Abs(deg)
	if len(a.parts) == 1 {
		s, ok := fixed(v, room, 4)
		if ok && strings.Trim(s, "0.") == "" && head == "-" {
			head = "+" // no negative zero
		}
		return head + s + tail, ok
	}
	if len(a.parts) == 2 {
		whole, rest := math.Floor(v), (v-math.Floor(v))*60
		s, ok := sexagesimal(strconv.Itoa(int(whole))+",", rest, room, 2)
		if !ok && rest > 59 { // carried
			s, ok = sexagesimal(strconv.Itoa(int(whole)+1)+",", 0, room, 2)
		}
		return s + tail, ok
	}
	total := math.Round(v*3600*1000) / 1000
	whole := math.Floor(total / 3600)
	minutes := math.Floor((total - whole*3600) / 60)
	seconds := total - whole*3600 - minutes*60
	s, ok := sexagesimal(strconv.Itoa(int(whole))+","+two(minutes)+",", seconds, room, 0)
	if !ok && seconds > 59 {
		seconds = 0
		if minutes++; minutes == 60 {
			whole, minutes = whole+1, 0
		}
		s, ok = sexagesimal(strconv.Itoa(int(whole))+","+two(minutes)+",", seconds, room, 0)
	}
	return s + tail, ok
}

func letter(a axis, negative bool) string {
	switch {
	case a == latitude && negative:
		return "S"
	case a == latitude:
		return "N"
	case negative:
		return "W"
	}
	return "E"
}

func two(v float64) string {
	s := strconv.Itoa(int(v))
	if len(s) < 2 {
		s = "0" + s
	}
	return s
}

// fixed writes v in exactly room characters, with at least least decimals.
func fixed(v float64, room, least int) (string, bool) {
	for decimals := room; decimals >= max(least, 1); decimals-- {
		if s := strconv.FormatFloat(v, 'f', decimals, 64); len(s) == room {
			return s, true
		}
	}
	return "", false
}

// sexagesimal writes head and then v, which is less than 60, in two digits and
// as many decimals as fit into room.
func sexagesimal(head string, v float64, room, least int) (string, bool) {
	for decimals := room - len(head); decimals >= least; decimals-- {
		s := strconv.FormatFloat(v, 'f', decimals, 64)
		if i := strings.IndexByte(s+".", '.'); i < 2 {
			s = "0" + s
		}
		if len(head)+len(s) == room && !strings.HasPrefix(s, "60") {
			return head + s, true
		}
	}
	return "", false
}
