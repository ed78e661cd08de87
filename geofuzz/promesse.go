package geofuzz

import (
	"math"
	"time"

	"flightveil/internal/geo"
)

// Resample spaces positions equally, so that nothing tells where the aircraft
// hovered, waited or stopped (Primault and others, "Time distortion
// anonymization", TrustCom 2015). So much of both ends is cut off, too.
type Resample struct{ Metres float64 }

// Name is "promesse".
func (Resample) Name() string { return "promesse" }

// Guarantee says what it hides.
func (m Resample) Guarantee() Guarantee {
	return Guarantee{
		Notion: "suppression", Unit: "the flight",
		Promise:  "Positions are equally far apart and equally long after each other: hovers, stops and speeds are not shown.",
		NotGiven: "The line of the path stays, with ends that point at where it began, and how long the flight took.",
	}
}

// Release returns the track at one speed.
func (m Resample) Release(track []Sample) ([]Sample, error) {
	var fixes []*Sample
	for i := range track {
		if x := &track[i]; !x.Aside && usable(x.Point) {
			fixes = append(fixes, x)
		}
	}
	if len(fixes) == 0 {
		return nil, ErrNoTrack
	}
	var out []Sample
	frame := geo.NewFrame(fixes[0].Point)
	var x, y float64 // the last position that was put out
	for i, f := range fixes {
		e, n, ok := frame.To(f.Point)
		if !ok {
			return nil, ErrTwoPlaces
		}
		if i == 0 {
			out = append(out, Unmeasured(f.Point))
			continue
		}
		for d := math.Hypot(e-x, n-y); d >= m.Metres; d = math.Hypot(e-x, n-y) {
			x, y = x+(e-x)*m.Metres/d, y+(n-y)*m.Metres/d
			p, ok := frame.From(x, y)
			if !ok {
				return nil, ErrTwoPlaces
			}
			out = append(out, Unmeasured(p.Rounded()))
		}
	}
	if len(out) < 4 {
		return nil, ErrTooShort
	}
	out = out[1 : len(out)-1]
	first, last := fixes[0], fixes[len(fixes)-1]
	whole := max(0, time.Duration(seconds(first.clocks(), last.clocks())*float64(time.Second)))
	for i := range out {
		at := time.Duration(float64(whole) * float64(i) / float64(len(out)-1)).Round(time.Millisecond)
		if !first.Time.IsZero() {
			out[i].Time = first.Time.Add(at)
		}
		if !first.Local.IsZero() {
			out[i].Local = first.Local.Add(at)
		}
		if first.Elapsed >= 0 {
			out[i].Elapsed = at
		}
	}
	return out, nil
}
