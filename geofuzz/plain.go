package geofuzz

import (
	"errors"
	"math"
	"slices"

	"flightveil/internal/geo"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"
)

// Strip releases no position: only heights above take-off, speeds and times
// since the beginning.
type Strip struct{}

// Name is "strip".
func (Strip) Name() string { return "strip" }

// Guarantee says what is left.
func (Strip) Guarantee() Guarantee {
	return Guarantee{
		Notion: "non-interference", Unit: "the flight",
		Promise:  "No position, direction or absolute height is shown.",
		NotGiven: "Heights above take-off, speeds and how long the flight took are true.",
	}
}

// Release returns the flight without where it was.
func (Strip) Release(track []Sample) ([]Sample, error) {
	out, err := relocate{"strip", Zero{}}.Release(track)
	if err != nil {
		return nil, err
	}
	out = slices.DeleteFunc(out, func(x Sample) bool { return x.Aside })
	for i := range out {
		n := math.NaN()
		out[i].Point = geo.Point{Lat: n, Lon: n}
		out[i].Course, out[i].Yaw, out[i].GimbalYaw = n, n, n
	}
	return out, nil
}

// Heights replaces heights by those above take-off, as a relocation does; the
// positions stay true.
type Heights struct{}

// Name is "heights".
func (Heights) Name() string { return "heights" }

// Guarantee says what is left.
func (Heights) Guarantee() Guarantee {
	return Guarantee{
		Notion: "suppression", Unit: "the flight",
		Promise:  "Heights count from take-off, to 0.1 m; where they may be those of the ground they are left out.",
		NotGiven: "Positions and times are true.",
	}
}

// Release returns the track with other heights.
func (Heights) Release(track []Sample) ([]Sample, error) {
	r, err := surveyed(track)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(track)
	for i := range out {
		x := &out[i]
		h := tenth(r.height(x))
		if r.flat {
			h, x.Climb = math.NaN(), math.NaN()
		}
		x.Height, x.MSL, x.Ellipsoid, x.Unclear = h, math.NaN(), math.NaN(), math.NaN()
		x.Climb = tenth(x.Climb)
	}
	return out, nil
}

// Times lets the flight begin at [Epoch]; positions and heights stay true.
type Times struct{}

// Name is "times".
func (Times) Name() string { return "times" }

// Guarantee says what is left.
func (Times) Guarantee() Guarantee {
	return Guarantee{
		Notion: "suppression", Unit: "the flight",
		Promise:  "Times count from 2000-01-01: the date and the time of day are not shown.",
		NotGiven: "Positions and how long things took are true.",
	}
}

// Release returns the track at another time.
func (Times) Release(track []Sample) ([]Sample, error) {
	r, err := surveyed(track)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(track)
	for i := range out {
		r.rebase(&track[i], &out[i])
	}
	return out, nil
}

// surveyed is the relocation that would move a track to the sea: what it knows
// of heights and times serves other mechanisms.
func surveyed(track []Sample) (*Relocation, error) {
	var s Survey
	for i := range track {
		s.add(&track[i])
	}
	return NewRelocation(&s, Zero{})
}

// Simplify leaves out positions closer than Metres to the line of the others
// (Douglas and Peucker). It is no protection.
type Simplify struct{ Metres float64 }

// Name is "simplify".
func (Simplify) Name() string { return "simplify" }

// Guarantee says that there is none.
func (Simplify) Guarantee() Guarantee {
	return Guarantee{
		Notion: "none", Unit: "the flight",
		NotGiven: "Simplifying protects nothing: take-off and landing stay where they were, to the last digit, and so do all corners.",
	}
}

// Release returns the corners of the track.
func (m Simplify) Release(track []Sample) ([]Sample, error) {
	var out, line []Sample
	flush := func() {
		out = append(out, simplified(line, m.Metres)...)
		line = line[:0]
	}
	for _, x := range track {
		switch {
		case !usable(x.Point):
		case x.Aside:
			out = append(out, x)
		default:
			if x.Break {
				flush()
			}
			line = append(line, x)
		}
	}
	flush()
	if len(out) == 0 {
		return nil, ErrNoTrack
	}
	return out, nil
}

func simplified(line []Sample, metres float64) []Sample {
	if len(line) < 3 {
		return line
	}
	f := geo.NewFrame(line[0].Point)
	flat := make(orb.LineString, 0, len(line))
	for i := range line {
		east, north, ok := f.To(line[i].Point)
		if !ok {
			return line // around the globe: there is no plane for it
		}
		flat = append(flat, orb.Point{east, north})
	}
	kept := simplify.DouglasPeucker(metres).LineString(slices.Clone(flat))
	var out []Sample
	k := 0
	for i := range line { // the corners, in their order
		if k < len(kept) && flat[i] == kept[k] {
			out = append(out, line[i])
			k++
		}
	}
	return out
}

// Trim cuts so many metres of path off both ends of a track. It is weak.
type Trim struct{ Metres float64 }

// Name is "trim".
func (Trim) Name() string { return "trim" }

// Guarantee says how weak it is, by the figures of our bench.
func (Trim) Guarantee() Guarantee {
	return Guarantee{
		Notion: "none", Unit: "the flight",
		NotGiven: "Trimming is weak: what is left of a straight leg points at where it came from. With 300 m cut off, one flight gives the place away to 50 m in three of four cases, three flights nearly always; --mechanism zero or near hold.",
	}
}

// Release returns the middle of the track.
func (m Trim) Release(track []Sample) ([]Sample, error) {
	along := make([]float64, len(track))
	sum, last := 0.0, -1
	for i := range track {
		if x := &track[i]; !x.Aside && usable(x.Point) {
			if last >= 0 {
				sum += track[last].Distance(x.Point)
			}
			last = i
		}
		along[i] = sum
	}
	if last < 0 {
		return nil, ErrNoTrack
	}
	var out []Sample
	for i := range track {
		if x := track[i]; !x.Aside && usable(x.Point) && along[i] >= m.Metres && sum-along[i] >= m.Metres {
			out = append(out, x)
		}
	}
	if len(out) < 2 {
		return nil, ErrTooShort
	}
	base := newBase(&out[0])
	for i := range out {
		base.rebase(&out[i], 0)
	}
	return out, nil
}

// ErrTooShort means that a mechanism takes more off a track than there is.
var ErrTooShort = errors.New("the track is too short for this: nothing would be left")
