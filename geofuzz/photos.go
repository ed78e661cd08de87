package geofuzz

import (
	"math"
	"slices"
	"time"

	"flightveil/internal/geo"
)

// Photos moves single photos: each place by the vector that was drawn for it
// once, the same that its flights move by. Photos taken close to each other
// share one, so that a walk across two places does not show both.
type Photos struct{ Near *Near }

// How close photos are taken that share a vector.
const (
	photoReach = samePlace
	photoPause = time.Hour
)

// Name is "photos".
func (Photos) Name() string { return "photos" }

// Guarantee is that of the draw.
func (m Photos) Guarantee() Guarantee {
	g := m.Near.Guarantee()
	g.NotGiven = "Not hidden: the rough area, how photos lie to each other, when they were taken, what they show, and a house that stands alone."
	return g
}

// Release moves each position of the track, taken for a photo of its own.
func (m Photos) Release(track []Sample) ([]Sample, error) {
	var order []int
	for i := range track {
		if usable(track[i].Point) {
			order = append(order, i)
		}
	}
	if len(order) == 0 {
		return nil, ErrNoTrack
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch dt := seconds(track[b].clocks(), track[a].clocks()); {
		case dt < 0:
			return -1
		case dt > 0:
			return 1
		}
		return 0
	})
	var out []Sample
	var from, to geo.Frame
	for k, i := range order {
		x := &track[i]
		if k == 0 || !together(&track[order[k-1]], x) {
			a, b, err := m.Near.Moor(x.Point)
			if err != nil {
				return nil, err
			}
			from, to = geo.NewFrame(a), geo.NewFrame(b)
		}
		east, north, ok := from.To(x.Point)
		if !ok {
			return nil, ErrTwoPlaces
		}
		p, ok := to.From(tenth(east), tenth(north))
		if !ok {
			return nil, ErrTwoPlaces
		}
		moved := Unmeasured(p.Rounded())
		moved.Aside, moved.Ref = x.Aside, x.Ref
		moved.Time, moved.Local, moved.Elapsed = x.Time, x.Local, x.Elapsed
		moved.Height, moved.Yaw, moved.GimbalYaw = tenth(x.Height), tenth(x.Yaw), tenth(x.GimbalYaw)
		out = append(out, moved)
	}
	return out, nil
}

// together reports whether two photos share a vector.
func together(a, b *Sample) bool {
	return a.Distance(b.Point) <= photoReach && math.Abs(seconds(a.clocks(), b.clocks())) <= photoPause.Seconds()
}
