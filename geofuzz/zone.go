package geofuzz

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"flightveil/internal/geo"
)

// Hiding shows what of a flight lies outside a zone and does not point at it.
// Its methods may be called from several goroutines.
type Hiding struct {
	Key   Key
	Zone  *Zone
	Force bool         // go on where the zone has shown too much
	Save  func() error // writes the zone's ledger; what is not saved is not released
	// Displaced says that flights from the zone were also shown elsewhere on the
	// map: one flight shown both ways tells where the others were.
	Displaced bool

	mu  sync.Mutex
	cut int // flights that the zone took something of
}

// How many flights may be shown beside a zone. What lies around it is centred
// on home, the more so the more flights there are.
const (
	zoneWarn   = 10
	zoneRefuse = 30
)

// What of the legs into a zone is hidden with it.
const (
	zoneSlack  = 100.0 // metres of path behind the edge that a flight may lose more, at random
	turnAngle  = 20.0  // degrees by which a leg has ended, if the course changed so much ...
	turnWithin = 50.0  // ... in so many metres of path
	zoneMiss   = 0.5   // radii by which the line of a leg must miss the disc
	zoneNear   = 10_000.0
	vertexStep = 10.0 // metres between the corners by which the course is judged
	sightPath  = 50.0 // metres of path that are worth showing
	hiddenSpot = 30.0 // metres from a hidden stretch within which nothing else is shown
	hiddenGap  = time.Minute
)

// Why a flight is not shown beside a zone.
var (
	ErrHidden   = errors.New("nothing of the flight can be shown: it lies in the zone, or all of it points there")
	ErrZoneFull = errors.New("too many flights were shown beside this zone: together they centre on what it hides")
	ErrTooLong  = errors.New("the flight is too long to be looked at as a whole")
)

// Name is "zone".
func (h *Hiding) Name() string { return "zone" }

// Guarantee says what an attacker is left with.
func (h *Hiding) Guarantee() Guarantee {
	share := func(r float64) string {
		return fmt.Sprintf("%.2g %%", 100*math.Min(1, r*r/(h.Zone.Asked*h.Zone.Asked)))
	}
	return Guarantee{
		Notion: "suppression", Unit: "the zone",
		Promise: fmt.Sprintf("Nothing is shown of what lies in the zone, nor of the legs that lead into it; lengths, durations, heights and charge count from what is left. "+
			"A guess within it is right to 100 m in %s of cases, to 250 m in %s.", share(100), share(250)),
		NotGiven: "Everything else is true: what is shown lies around the place it hides, and tells more with every flight. --location zero or near hide better.",
	}
}

// Advice is what a pilot should know after the releases so far.
func (h *Hiding) Advice() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	if n := len(h.Zone.Shown); n >= zoneWarn && h.cut > 0 {
		out = append(out, fmt.Sprintf("%d flights were shown beside zone %s: what they leave open centres on what it hides, and after %d no more are shown; --location near hides any number", n, h.Zone.Name, zoneRefuse))
	}
	if h.Displaced && h.cut > 0 {
		out = append(out, fmt.Sprintf("flights from zone %s were also released by --location near: a flight that is shown both ways tells where all of them were", h.Zone.Name))
	}
	return out
}

// Release returns the stretches of a flight that can be shown.
func (h *Hiding) Release(track []Sample) ([]Sample, error) {
	fixes := 0
	for i := range track {
		if !track[i].Aside && usable(track[i].Point) {
			fixes++
		}
	}
	if fixes == 0 {
		return nil, ErrNoTrack
	}
	name := h.flightName(track)
	runs, cut, err := h.visible(track, name)
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		return nil, ErrHidden
	}
	if cut {
		if err := h.note(name); err != nil {
			return nil, err
		}
	}
	return h.shown(track, runs, cut), nil
}

// flightName is a keyed hash of where the aircraft was.
func (h *Hiding) flightName(track []Sample) string {
	mac := hmac.New(sha256.New, h.Key)
	mac.Write([]byte("geofuzz/v1/shown/" + h.Zone.ID))
	var b [16]byte
	for i := range track {
		if x := &track[i]; !x.Aside && usable(x.Point) {
			binary.LittleEndian.PutUint64(b[:8], math.Float64bits(x.Lat))
			binary.LittleEndian.PutUint64(b[8:], math.Float64bits(x.Lon))
			mac.Write(b[:])
		}
	}
	return hex.EncodeToString(mac.Sum(nil)[:12])
}

// note writes a flight into the ledger. One that stands there costs nothing.
func (h *Hiding) note(name string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cut++
	switch {
	case slices.Contains(h.Zone.Shown, name):
		return nil
	case len(h.Zone.Shown) >= zoneRefuse && !h.Force:
		return ErrZoneFull
	}
	h.Zone.Shown = append(h.Zone.Shown, name)
	if err := h.Save(); err != nil {
		h.Zone.Shown = h.Zone.Shown[:len(h.Zone.Shown)-1]
		return fmt.Errorf("saving the list of zones: %w", err)
	}
	return nil
}

// A run is a stretch of a track, samples from up to before to, none of them in
// the zone.
type run struct{ from, to int }

// visible finds the stretches that can be shown; cut says that the zone took
// something of the flight.
func (h *Hiding) visible(track []Sample, name string) (runs []run, cut bool, err error) {
	s, err := h.Key.stream("zone-edge", h.Zone.ID, name)
	if err != nil {
		return nil, false, err
	}
	frame := geo.NewFrame(h.Zone.Centre)
	var outside []run
	open := false
	for i := range track {
		x := &track[i]
		if x.Aside || !usable(x.Point) {
			continue
		}
		if h.Zone.Contains(x.Point) {
			open, cut = false, true
			continue
		}
		if !open {
			outside = append(outside, run{i, i})
			open = true
		}
		outside[len(outside)-1].to = i + 1
	}
	first, last := ends(track)
	for _, r := range outside {
		p := h.pathOf(track, r, frame)
		if len(p) == 0 { // too far off to have anything to do with the zone
			runs = append(runs, r)
			continue
		}
		// Every run draws twice, needed or not, so that one does not depend on the others.
		front, back := zoneSlack*s.uniform(), zoneSlack*s.uniform()
		a, ok := h.legEnd(p, front, r.from != first)
		reverse(p)
		b, ok2 := h.legEnd(p, back, r.to != last+1)
		if !ok || !ok2 || b-a < 1 {
			cut = true
			continue
		}
		if a > r.from || b < r.to-1 {
			cut = true
		}
		if shown := (run{a, b + 1}); h.length(track, shown, frame) >= sightPath {
			runs = append(runs, shown)
		} else {
			cut = true
		}
	}
	return runs, cut, nil
}

// ends returns the first and the last fix of the aircraft.
func ends(track []Sample) (first, last int) {
	is := func(x Sample) bool { return !x.Aside && usable(x.Point) }
	first = slices.IndexFunc(track, is)
	for last = len(track) - 1; last > first && !is(track[last]); last-- {
	}
	return first, last
}

// A vertex is a fix on a path. Those at least vertexStep from the last corner
// are corners: by them the path is measured, since the noise of a receiver has
// neither length nor course.
type vertex struct {
	x, y, along float64 // metres from the middle of the zone, and of path
	at          int     // in the track
	corner      bool
}

// pathOf is the path of a run in the plane of the zone, nil if all of it lies
// far from the zone.
func (h *Hiding) pathOf(track []Sample, r run, frame geo.Frame) []vertex {
	var out []vertex
	near, last := false, 0 // the last corner
	for i := r.from; i < r.to; i++ {
		x := &track[i]
		if x.Aside || !usable(x.Point) {
			continue
		}
		east, north, ok := frame.To(x.Point)
		if !ok {
			continue
		}
		near = near || math.Hypot(east, north) < h.Zone.Radius+zoneNear
		v := vertex{x: east, y: north, at: i, corner: len(out) == 0}
		if n := len(out); n > 0 {
			v.along = out[last].along
			if step := math.Hypot(east-out[last].x, north-out[last].y); step >= vertexStep {
				v.along, v.corner, last = v.along+step, true, n
			}
		}
		out = append(out, v)
	}
	if !near {
		return nil
	}
	return out
}

// reverse turns a path around.
func reverse(p []vertex) {
	slices.Reverse(p)
	whole := p[0].along
	for i := range p {
		p[i].along = whole - p[i].along
	}
}

// legEnd returns the first sample of a path that can be shown. The path begins
// where the zone ends, if entered; else where the log does. A leg that comes
// out of the zone is hidden to its end: until the course has turned, and what
// is shown does not point back at the zone.
func (h *Hiding) legEnd(p []vertex, slack float64, entered bool) (at int, ok bool) {
	if !entered {
		if len(p) < 2 || h.misses(p, 0) || math.Hypot(p[0].x, p[0].y) > h.Zone.Radius+zoneNear {
			return p[0].at, true
		}
		slack = 0 // begins outside, yet points at the zone
	}
	turned := false
	for i := range p {
		turned = turned || p[i].corner && turnsAt(p, i)
		if turned && p[i].corner && p[i].along >= slack && h.misses(p, i) {
			return p[i].at, true
		}
	}
	return 0, false
}

// turnsAt reports whether the course changes at p[i].
func turnsAt(p []vertex, i int) bool {
	a, b := i, i
	for a > 0 && p[i].along-p[a].along < turnWithin/2 {
		a--
	}
	for b < len(p)-1 && p[b].along-p[i].along < turnWithin/2 {
		b++
	}
	if a == i || b == i {
		return false
	}
	ax, ay, bx, by := p[i].x-p[a].x, p[i].y-p[a].y, p[b].x-p[i].x, p[b].y-p[i].y
	return math.Abs(math.Atan2(ax*by-ay*bx, ax*bx+ay*by)) > turnAngle*math.Pi/180
}

// sight is how much of a path an attacker may take for its direction, at most.
const sight = 300.0 // metres

// misses reports whether the line backwards from p[i], along as much or as
// little of what follows as one likes, passes the disc at a distance.
func (h *Hiding) misses(p []vertex, i int) bool {
	limit := (1 + zoneMiss) * h.Zone.Radius
	seen := false
	for _, v := range p[i+1:] {
		dx, dy := v.x-p[i].x, v.y-p[i].y
		l := math.Hypot(dx, dy)
		if l < vertexStep {
			continue
		}
		dx, dy = dx/l, dy/l
		miss := math.Hypot(p[i].x, p[i].y)
		if p[i].x*dx+p[i].y*dy > 0 { // the middle of the zone lies behind
			miss = math.Abs(p[i].x*dy - p[i].y*dx)
		}
		if miss <= limit {
			return false
		}
		seen = true
		if v.along-p[i].along > sight {
			break
		}
	}
	return seen
}

// length is the path of a run in metres.
func (h *Hiding) length(track []Sample, r run, frame geo.Frame) float64 {
	if p := h.pathOf(track, r, frame); len(p) > 0 {
		return p[len(p)-1].along
	}
	return 0
}

// shown copies what is visible. What would tell how much is hidden goes: times
// behind a gap close up to a minute, and elapsed time, heights above take-off
// and charge count from the first fix shown.
func (h *Hiding) shown(track []Sample, runs []run, cut bool) []Sample {
	var out []Sample
	hidden := h.hiddenPath(track, runs)
	base := newBase(&track[runs[0].from])
	var before clocks
	var shift time.Duration
	for k, r := range runs {
		for i := r.from; i < r.to; i++ {
			x := track[i]
			if x.Aside || !usable(x.Point) {
				continue
			}
			first := i == r.from
			if first && k > 0 && cut {
				if gap := seconds(before, x.clocks()); gap != 0 {
					shift = hiddenGap - time.Duration(gap*float64(time.Second))
				}
			}
			before = x.clocks()
			x.Point = x.Point.Rounded()
			x.Break = x.Break || first && k > 0
			if cut {
				base.rebase(&x, shift)
			}
			if !math.IsNaN(x.MSL) {
				x.Ellipsoid = math.NaN() // their difference is a value of the geoid
			}
			x.Speed, x.Climb, x.Course = tenth(x.Speed), tenth(x.Climb), tenth(x.Course)
			out = append(out, x)
		}
	}
	for i := range track {
		x := track[i]
		if !x.Aside || !usable(x.Point) || h.Zone.Contains(x.Point) || cut && hidden.near(x.Point) {
			continue
		}
		x.Point = x.Point.Rounded()
		if cut { // its time would tell how long a gap was, its height how high home lies
			x.Time, x.Local, x.Elapsed, x.Height = time.Time{}, time.Time{}, -1, math.NaN()
		}
		out = append(out, x)
	}
	return out
}

// A base is what the numbers of a cut flight count from: its first fix shown.
type base struct {
	elapsed                  time.Duration
	height, unclear, battery float64
}

func newBase(x *Sample) base { return base{x.Elapsed, x.Height, x.Unclear, x.Battery} }

func (b *base) rebase(x *Sample, shift time.Duration) {
	if !x.Time.IsZero() {
		x.Time = x.Time.Add(shift)
	}
	if !x.Local.IsZero() {
		x.Local = x.Local.Add(shift)
	}
	if x.Elapsed >= 0 {
		if x.Elapsed += shift - b.elapsed; b.elapsed < 0 || x.Elapsed < 0 {
			x.Elapsed = -1
		}
	}
	x.Height, x.Unclear = tenth(x.Height-b.height), tenth(x.Unclear-b.unclear)
	x.Battery = tenth(100 + x.Battery - b.battery)
}

// hiddenPath is what was flown and is not shown.
type hiddenPath struct {
	frame  geo.Frame
	points [][2]float64
}

func (h *Hiding) hiddenPath(track []Sample, runs []run) hiddenPath {
	p := hiddenPath{frame: geo.NewFrame(h.Zone.Centre)}
	k := 0
	for i := range track {
		for k < len(runs) && i >= runs[k].to {
			k++
		}
		x := &track[i]
		if x.Aside || !usable(x.Point) || k < len(runs) && i >= runs[k].from {
			continue
		}
		east, north, ok := p.frame.To(x.Point)
		if n := len(p.points); ok && (n == 0 || math.Hypot(east-p.points[n-1][0], north-p.points[n-1][1]) > vertexStep) {
			p.points = append(p.points, [2]float64{east, north})
		}
	}
	return p
}

// near reports whether q lies beside what is hidden.
func (p *hiddenPath) near(q geo.Point) bool {
	east, north, ok := p.frame.To(q)
	return ok && slices.ContainsFunc(p.points, func(v [2]float64) bool { return math.Hypot(east-v[0], north-v[1]) < hiddenSpot })
}
