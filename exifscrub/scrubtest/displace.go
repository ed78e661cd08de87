package scrubtest

import (
	"bytes"
	"math"
	"testing"
	"time"

	"flightveil/exifscrub"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// shift is a Mover for tests: from the canaries' place and time to the open sea
// off Africa and the year 2000, with what is farther away or at another time
// left behind. It remembers where it moved positions to.
type shift struct {
	from, to geo.Frame
	placed   []geo.Point
}

func newShift() *shift {
	return &shift{from: geo.NewFrame(geo.Point{Lat: Lat, Lon: Lon}), to: geo.NewFrame(geo.Point{Lat: 1, Lon: 1})}
}

const reach = 20_000.0 // metres

func (s *shift) Place(p geo.Point, aside bool) (geo.Point, bool) {
	east, north, ok := s.from.To(p)
	if !ok || east*east+north*north > reach*reach {
		return geo.Point{}, false
	}
	p, ok = s.to.From(east, north)
	p = p.Rounded()
	s.placed = append(s.placed, p)
	return p, ok
}

// put reports whether a position was moved to p, as exactly as p is written, or
// to some ten metres.
func (s *shift) put(p geo.Point) bool {
	for _, q := range s.placed {
		if math.Abs(p.Lat-q.Lat) <= max(1e-4, lastDigit(p.Lat)) && math.Abs(p.Lon-q.Lon) <= max(1e-4, lastDigit(p.Lon)) {
			return true
		}
	}
	return false
}

// lastDigit is what the last decimal of v counts.
func lastDigit(v float64) float64 {
	for _, step := range []float64{1, 10, 100, 1000} {
		if math.Abs(v*step-math.Round(v*step)) < 1e-6 {
			return 1 / step
		}
	}
	return 0
}

func (*shift) Miss() {}

func (*shift) Height(metres float64, home bool) (float64, bool) {
	if !home {
		metres -= 1200
	}
	return metres, metres > -1000 && metres < 1000
}

func (*shift) UTC(t time.Time) (time.Time, bool) {
	began := time.Date(2031, 7, 18, 0, 0, 0, 0, time.UTC)
	since := t.Sub(began)
	return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(since), since.Abs() < 96*time.Hour
}

func (s *shift) Wall(t time.Time) (time.Time, bool) { return s.UTC(t) }

// displacing is the policy mapping with everything that can moved; displaced is
// the one for what comes of it: what was moved stays, and nothing more goes.
func displacing(t testing.TB, action privacy.Action) privacy.Policy {
	p, err := privacy.LoadProfile("mapping", nil)
	if err != nil {
		t.Fatal(err)
	}
	p = p.With(action, privacy.Location, privacy.Operator, privacy.Altitude, privacy.Time).With(privacy.Remove, privacy.Place, privacy.Calibration)
	policy := p.Policy()
	policy.Displaced = true
	return policy
}

// checkDisplaced tests f with one file whose values move with their flight. The
// copy holds no true position or time; what it tells of positions is where they
// were moved to; and it wants no further edit once what was moved is settled.
// Moving it again would be another move: that is no matter of a container.
func checkDisplaced(t *testing.T, f exifscrub.Format, b []byte, mayFail bool) {
	t.Helper()
	mv := newShift()
	job := Job(t, "mapping")
	job.Policy, job.Move = displacing(t, privacy.Displace), mv
	plan, err := exifscrub.Scan(t.Context(), job, f, bytes.NewReader(b))
	if err != nil {
		if !mayFail {
			t.Fatalf("displaced: %v", err)
		}
		return
	}
	moved, err := apply(plan, b)
	if err != nil {
		if !mayFail {
			t.Fatalf("displaced: %v", err)
		}
		return
	}
	job.Policy, job.Move = displacing(t, privacy.Keep), nil
	again, err := exifscrub.Scan(t.Context(), job, f, bytes.NewReader(moved))
	if err != nil {
		t.Fatalf("displaced: the copy cannot be walked: %v", err)
	}
	for e, err := range again.Edits() {
		if err != nil {
			t.Fatalf("displaced: the copy: %v", err)
		}
		t.Fatalf("displaced: the copy wants another edit: %d bytes at %d (findings: %s)", e.Len, e.Off, left(again))
	}
	for _, j := range again.Findings {
		if j.Action != privacy.Keep || j.Class != privacy.Location && j.Class != privacy.Operator {
			continue
		}
		if blanked(moved, j.Spans) {
			continue // its box had to stay
		}
		if j.Where == nil || !j.Where.Zero() && !mv.put(*j.Where) { // 0/0 is no fix
			t.Errorf("displaced: %s is in the copy and was not moved there (%q)", j.Path, j.Value.Reveal())
		}
	}
	if !mayFail {
		lookForCanaries(t, "displaced", moved)
	}
}

// blanked reports whether nothing is left of what lies at spans.
func blanked(b []byte, spans []exifscrub.Span) bool {
	for _, s := range spans {
		if len(bytes.Trim(b[s.Off:s.End()], "\x00 ")) > 0 {
			return false
		}
	}
	return len(spans) > 0
}
