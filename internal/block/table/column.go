package table

import (
	"math"
	"slices"

	"flightveil/internal/block/lines"
)

// A Column is a column of numbers; the zero Column is none.
type Column struct {
	at    int // index + 1
	scale float64
}

// Index returns the index of the first column called one of names, which are
// lower case and without unit; -1 if there is none.
func (r *Reader) Index(names ...string) int {
	for _, n := range names {
		for i, c := range r.header {
			if c.name == n {
				return i
			}
		}
	}
	return -1
}

// IndexUnit returns the index of the first column of that name and one of
// units, which are lower case; -1 if there is none.
func (r *Reader) IndexUnit(name string, units ...string) int {
	for i, c := range r.header {
		if c.name == name && slices.Contains(units, c.unit) {
			return i
		}
	}
	return -1
}

// Unit returns the unit of the i-th column as the header has it.
func (r *Reader) Unit(i int) string {
	if i < 0 || i >= len(r.header) {
		return ""
	}
	return r.header[i].unit
}

// Columns returns how many columns the header has, and the name of each.
func (r *Reader) Columns() int { return len(r.header) }

// Name returns the name of the i-th column, lower case, without unit.
func (r *Reader) Name(i int) string { return r.header[i].name }

// Title returns the name of the i-th column as the header has it, without unit.
func (r *Reader) Title(i int) string { return r.header[i].raw }

// Fields returns how many fields the row has.
func (r *Reader) Fields() int { return len(r.fields) }

// Column returns the first column called one of names, in metres, metres a
// second, degrees or percent.
func (r *Reader) Column(names ...string) Column { return r.At(r.Index(names...)) }

// At returns the i-th column in the same units; none if i is negative.
func (r *Reader) At(i int) Column {
	if i < 0 || i >= len(r.header) {
		return Column{}
	}
	return Column{at: i + 1, scale: scale(r.header[i].unit)}
}

// scale returns what turns a unit into ours. What it does not know is ours.
func scale(unit string) float64 {
	switch unit {
	case "ft", "feet", "foot", "ft/s", "fps", "feet/s":
		return 0.3048
	case "ft/min", "fpm":
		return 0.3048 / 60
	case "mph", "mi/h":
		return 0.44704
	case "km/h", "kmh", "kph", "kmph":
		return 1 / 3.6
	case "kts", "knots", "kt", "kn":
		return 1852.0 / 3600
	case "cm", "cm/s":
		return 0.01
	case "mm", "mm/s":
		return 0.001
	case "rad", "radians":
		return 180 / math.Pi
	}
	return 1
}

// Index returns the index of the column; -1 if it is none.
func (c Column) Index() int { return c.at - 1 }

// Times returns c with every number multiplied by k.
func (c Column) Times(k float64) Column {
	c.scale *= k
	return c
}

// Float returns the number in c, NaN if there is none.
func (r *Reader) Float(c Column) float64 {
	if c.at == 0 {
		return math.NaN()
	}
	b := r.Field(c.at - 1)
	if len(b) == 0 {
		return math.NaN()
	}
	v, n := lines.Number(b, r.point)
	if n != len(b) && r.point == ',' {
		v, n = lines.Number(b, '.')
	}
	if n == 0 || n != len(b) || math.Abs(v) > largest {
		return math.NaN()
	}
	return v * c.scale
}

// largest is more than anything that a log measures, nanoseconds since 1970 too.
const largest = 1e19
