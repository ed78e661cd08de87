package xmp

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/xmp"
	"flightveil/internal/privacy"
)

// Displaces says that positions, heights and times can be moved in place.
func (Format) Displaces() {}

const metresPerDegree = 111_320.0

// displaced returns the new texts of leaf i, whose value moves with its flight.
func (e *editor) displaced(i int, dec exifscrub.Decision) ([]string, bool) {
	l := e.Leaves[i]
	if len(l.Values) != 1 || !e.writable(l.Values[0]) {
		return nil, false
	}
	v := l.Values[0]
	var s string
	var ok bool
	switch {
	case e.coords[i] != nil:
		return e.placed(i, e.coords[i], dec)
	case dec.Finding.Class == privacy.Altitude:
		s, ok = e.height(l, dec.Move)
	case dec.Finding.Class == privacy.Time:
		s, ok = exifscrub.MoveTime(strings.TrimSpace(v.Text), strings.Contains(strings.ToUpper(name(l)), "UTC"), dec.Move)
	}
	return []string{s}, ok && len(s) <= v.End-v.Off
}

// name is the local name of a leaf.
func name(l xmp.Leaf) string { return l.Path[len(l.Path)-1].Local }

// placed is displaced for a coordinate or its hemisphere.
func (e *editor) placed(i int, c *coordinate, dec exifscrub.Decision) ([]string, bool) {
	v := e.Leaves[i].Values[0]
	if c.at == nil {
		return nil, false
	}
	if c.at.Zero() { // no fix
		return []string{e.Text.Raw(v.Off, v.End)}, true
	}
	n := strings.ToLower(name(e.Leaves[i]))
	aside := dec.Finding.Class == privacy.Operator || strings.Contains(n, "target") || strings.Contains(n, "dest") || strings.Contains(n, "home")
	to, ok := dec.Move.Place(*c.at, aside)
	if !ok {
		return nil, false
	}
	dec.To = to
	out, ok := e.coordinate(i, c, dec)
	if ok && !c.ref {
		deg := to.Lat
		if c.axis == longitude {
			deg = to.Lon
		}
		a, read := parseAngle(out[0])
		ref := ""
		if c.split {
			ref = letter(c.axis, deg < 0)
		}
		ok = read && math.Abs(a.degrees(ref)-deg)*metresPerDegree <= exifscrub.DisplacedMetres
	}
	if !ok {
		dec.Move.Miss()
	}
	return out, ok
}

// height is displaced for an altitude. Those above the ground or of a sensor
// that smells it are none.
func (e *editor) height(l xmp.Leaf, mv exifscrub.Mover) (string, bool) {
	text := strings.TrimSpace(l.Values[0].Text)
	switch n := strings.ToLower(name(l)); {
	case strings.Contains(n, "ground") || strings.Contains(n, "target") || strings.Contains(n, "pressure") || strings.Contains(n, "temperature"):
		return "", false
	case n == "gpsaltitude" || n == "gpsaltituderef":
		return e.exifHeight(l, mv)
	case strings.HasSuffix(n, "altitude"):
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return "", false
		}
		v, ok := mv.Height(v, strings.Contains(n, "relative"))
		s := strconv.FormatFloat(v, 'f', 1, 64)
		if ok && v >= 0 && strings.HasPrefix(text, "+") {
			s = "+" + s
		}
		return s, ok
	}
	return "", false
}

// exifHeight is height for the two properties exif:GPSAltitude, a fraction, and
// exif:GPSAltitudeRef, which stay or go together.
func (e *editor) exifHeight(l xmp.Leaf, mv exifscrub.Mover) (string, bool) {
	number, sign := e.sibling(l, "GPSAltitude"), e.sibling(l, "GPSAltitudeRef")
	if number == nil || !e.writable(*number) || sign != nil && !e.writable(*sign) {
		return "", false
	}
	num, den, fraction := strings.Cut(strings.TrimSpace(number.Text), "/")
	v, err := strconv.ParseFloat(num, 64)
	if err == nil && fraction {
		var d float64
		if d, err = strconv.ParseFloat(den, 64); d == 0 {
			return "", false
		}
		v /= d
	}
	if err != nil {
		return "", false
	}
	if sign != nil && strings.TrimSpace(sign.Text) == "1" {
		v = -v
	}
	v, ok := mv.Height(v, false)
	s := fmt.Sprintf("%d/10", int64(math.Round(math.Abs(v)*10)))
	if !ok || len(s) > number.End-number.Off || v < 0 && sign == nil {
		return "", false
	}
	if strings.EqualFold(name(l), "GPSAltitudeRef") {
		if s = "0"; v < 0 {
			s = "1"
		}
	}
	return s, true
}

// sibling returns the value of the only property called local beside l, nil if
// there is none or there are several.
func (e *editor) sibling(l xmp.Leaf, local string) *xmp.Value {
	var out *xmp.Value
	for i := range e.Leaves {
		o := &e.Leaves[i]
		if o.Kind != xmp.Property || o.Struct != l.Struct || !strings.EqualFold(name(*o), local) {
			continue
		}
		if out != nil || len(o.Values) != 1 {
			return nil
		}
		out = &o.Values[0]
	}
	return out
}
