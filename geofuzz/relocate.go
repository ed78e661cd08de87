package geofuzz

import (
	"math"
	"time"

	"flightveil/internal/geo"
)

// Sea is where relocated flights begin: 1° N 1° E, in the Gulf of Guinea. It
// is not 0° N 0° E, which every reader takes for "no fix".
var Sea = geo.Point{Lat: 1, Lon: 1}

// Epoch is when relocated flights begin.
var Epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// metreStep is how finely positions, heights and speeds are written. Finer
// metres keep the pattern of degrees they were computed from, and with it the
// latitude.
const metreStep = 0.1

// A Mooring says where a flight that took off at anchor is moved to: from is
// the point that lands on to. Flights of one place share a mooring.
type Mooring interface {
	Moor(anchor geo.Point) (from, to geo.Point, err error)
	Guarantee() Guarantee
}

// Zero moors every flight at [Sea] by its own take-off.
type Zero struct{}

// Moor returns anchor and [Sea].
func (Zero) Moor(anchor geo.Point) (from, to geo.Point, err error) { return anchor, Sea, nil }

// Guarantee says that nothing of the place is left.
func (Zero) Guarantee() Guarantee {
	return Guarantee{
		Notion: "non-interference", Unit: "the flight",
		Promise:  "The file depends on the flight's own shape, relative heights, speeds and times only: the same flight at any other place on Earth gives the same file.",
		NotGiven: "Not hidden: the shape itself – a track along streets, a coast or a power line can be found again by it – and what photos or videos of the flight show.",
	}
}

// A Relocation moves one track: rigidly, in metres. Heights become heights
// above take-off, and times begin at [Epoch].
type Relocation struct {
	from, to         geo.Frame
	east, north      float64 // what lands on the origin of to, in from
	epoch, local     time.Time
	elapsed          time.Duration
	homeHeight, flat bool
	msl, ellips, unc float64 // where the track began
	reach            float64
}

// NewRelocation returns the relocation of a surveyed track.
func NewRelocation(s *Survey, at Mooring) (*Relocation, error) {
	anchor, east, north, err := s.anchor()
	if err != nil {
		return nil, err
	}
	from, to, err := at.Moor(anchor)
	if err != nil {
		return nil, err
	}
	frame := s.frame // a frame at the anchor would turn where meridians meet
	if from != anchor {
		frame, east, north = geo.NewFrame(from), 0, 0
	}
	return &Relocation{
		from: frame, to: geo.NewFrame(to), east: east, north: north, epoch: s.epoch, local: s.local, elapsed: s.elapsed,
		homeHeight: s.homeHeight, flat: s.followsGround(), reach: max(asideReach, s.reach),
		msl:    s.median(func(f startFix) float64 { return f.msl }),
		ellips: s.median(func(f startFix) float64 { return f.ellipsoid }),
		unc:    s.median(func(f startFix) float64 { return f.unclear }),
	}, nil
}

// Flat reports whether heights are left out because they may be those of the
// ground.
func (r *Relocation) Flat() bool { return r.flat }

// Apply returns where x comes to lie. What is no position, or lies where the
// track cannot have gone, is not released: ok is false.
func (r *Relocation) Apply(x Sample) (out Sample, ok bool) {
	ok = r.apply(&x, &out)
	return out, ok
}

// apply is Apply without copies. What is in out if it is not ok means nothing.
func (r *Relocation) apply(x, out *Sample) bool {
	if !usable(x.Point) {
		return false
	}
	east, north, ok := r.from.To(x.Point)
	east, north = east-r.east, north-r.north
	if d := east*east + north*north; !ok || d > flightReach*flightReach || x.Aside && d > r.reach*r.reach {
		return false
	}
	*out = Unmeasured(geo.Point{})
	if out.Point, ok = r.to.From(tenth(east), tenth(north)); !ok {
		return false
	}
	out.Point = out.Point.Rounded()
	out.Aside, out.Break, out.Ref = x.Aside, x.Break, x.Ref
	r.rebase(x, out)
	if !r.flat {
		out.Height, out.Climb = tenth(r.height(x)), tenth(x.Climb)
	}
	out.Speed = tenth(x.Speed)
	out.Course, out.Yaw, out.GimbalYaw = tenth(x.Course), tenth(x.Yaw), tenth(x.GimbalYaw)
	out.Battery = x.Battery
	return true
}

// rebase sets the clocks of out to those of x, from [Epoch] on.
func (r *Relocation) rebase(x, out *Sample) {
	out.Time, out.Local, out.Elapsed = time.Time{}, time.Time{}, -1
	if !x.Time.IsZero() && !r.epoch.IsZero() {
		out.Time = Epoch.Add(x.Time.Sub(r.epoch))
	}
	if !x.Local.IsZero() && !r.local.IsZero() {
		out.Local = Epoch.Add(x.Local.Sub(r.local))
	}
	if x.Elapsed >= 0 && r.elapsed >= 0 {
		out.Elapsed = x.Elapsed - r.elapsed
	}
}

// height is that of x above take-off, NaN if unknown.
func (r *Relocation) height(x *Sample) float64 {
	if r.homeHeight {
		return x.Height
	}
	return firstKnown(x.MSL-r.msl, x.Ellipsoid-r.ellips, x.Unclear-r.unc)
}

func tenth(v float64) float64 {
	if v != v {
		return v
	}
	return math.RoundToEven(v*(1/metreStep))/(1/metreStep) + 0 // no negative zero
}

// Relocate returns the mechanism that moves tracks to where at says.
func Relocate(name string, at Mooring) Mechanism { return relocate{name, at} }

type relocate struct {
	name string
	at   Mooring
}

func (m relocate) Name() string         { return m.name }
func (m relocate) Guarantee() Guarantee { return m.at.Guarantee() }

func (m relocate) Release(track []Sample) ([]Sample, error) {
	var s Survey
	for i := range track {
		s.add(&track[i])
	}
	r, err := NewRelocation(&s, m.at)
	if err != nil {
		return nil, err
	}
	out := make([]Sample, len(track))
	n := 0
	for i := range track {
		if r.apply(&track[i], &out[n]) {
			n++
		}
	}
	return out[:n], nil
}
