package share

import (
	"testing"
	"time"

	"flightveil/internal/geo"
	"flightveil/internal/pipeline"
)

// flownAt is a log of a straight flight of ten minutes, a position a second,
// five metres a second to the north from p.
func flownAt(p geo.Point, start time.Time, utc bool) *item {
	f := &pipeline.Flown{UTC: utc, Begin: start, End: start.Add(10 * time.Minute)}
	f.Positions, f.Duration = 600, 10*time.Minute
	frame := geo.NewFrame(p)
	for s := range 600 {
		at, _ := frame.From(0, float64(5*s))
		f.Points = append(f.Points, pipeline.FlownPoint{Point: at, At: start.Add(time.Duration(s) * time.Second)})
	}
	it := &item{kind: "log"}
	it.Log, it.Flown, it.Where, it.Rel = true, f, &f.Points[0].Point, start.Format("150405")+".log"
	it.unit = &unit{kind: kindTrack, items: []*item{it}}
	return it
}

// taken is a picture that a camera, whose clock is ahead, took s seconds into f.
func taken(f *item, s int, ahead time.Duration, name string) *unit {
	p := f.Flown.Points[s].Point
	it := &item{kind: "photo"}
	it.Rel, it.Where, it.Local, it.Format = name, &p, f.Flown.Points[s].At.Add(ahead), "jpeg"
	u := &unit{kind: kindPhoto, items: []*item{it}, serials: map[string]bool{}, formats: map[string]bool{}}
	it.unit = u
	u.finish()
	return u
}

var (
	pier  = geo.Point{Lat: -41.38751, Lon: -132.45184}
	reef  = geo.Point{Lat: -41.48, Lon: -132.45184}
	start = time.Date(2031, 7, 19, 10, 0, 0, 0, time.UTC)
)

// TestEstimate finds out how far a camera is ahead, from where it was when.
func TestEstimate(t *testing.T) {
	for _, ahead := range []time.Duration{0, 2*time.Hour + 3*time.Second, -9*time.Hour - 59*time.Minute, 5*time.Hour + 45*time.Minute, 37 * time.Second} {
		log := flownAt(pier, start, true)
		f := &flight{logs: []*item{log}, begin: log.Flown.Begin, end: log.Flown.End, known: true}
		var units []*unit
		for i := range 12 {
			units = append(units, taken(log, 30+45*i, ahead, "DCIM/a.jpg"))
		}
		got := estimate(units, []*flight{f}, mostAhead)
		if d := got.ahead - ahead; !got.known || d.Abs() > 2*time.Second {
			t.Errorf("a clock %s ahead was taken for %s ahead (%d votes)", ahead, got.ahead, got.votes)
		}
	}
}

// TestEstimateHome is not misled by pictures at home, where the aircraft was
// both before and after: the others outvote the wrong difference.
func TestEstimateHome(t *testing.T) {
	log := flownAt(pier, start, true)
	for i := 500; i < 600; i++ { // it comes back and waits
		log.Flown.Points[i].Point = log.Flown.Points[0].Point
	}
	f := &flight{logs: []*item{log}, begin: log.Flown.Begin, end: log.Flown.End, known: true}
	var units []*unit
	for _, s := range []int{0, 1, 2, 3, 100, 200, 300, 400, 450} {
		units = append(units, taken(log, s, 2*time.Hour, "DCIM/a.jpg"))
	}
	if got := estimate(units, []*flight{f}, mostAhead); (got.ahead - 2*time.Hour).Abs() > 2*time.Second {
		t.Errorf("a clock two hours ahead was taken for %s ahead", got.ahead)
	}
}

// TestFly puts pictures to their flights: by the clock that was estimated, to
// none where there was none, two logs of a flight to one.
func TestFly(t *testing.T) {
	const ahead = 9 * time.Hour
	morning, evening := flownAt(pier, start, true), flownAt(reef, start.Add(6*time.Hour), true)
	again := flownAt(pier, start.Add(time.Second), true)
	again.Rel = "again.csv"
	units := []*unit{morning.unit, evening.unit, again.unit}
	a := taken(morning, 60, ahead, "DCIM/a.jpg")
	b := taken(evening, 300, ahead, "DCIM/b.jpg")
	c := taken(morning, 60, ahead, "DCIM/c.jpg")
	c.where, c.items[0].Where = nil, nil // no position: by time alone
	elsewhere := taken(morning, 60, ahead, "DCIM/d.jpg")
	elsewhere.where = &geo.Point{Lat: -30, Lon: -100}
	late := taken(evening, 599, ahead, "DCIM/e.jpg")
	late.at = late.at.Add(time.Hour)
	p := &Plan{}
	p.fly(append(units, a, b, c, elsewhere, late))
	if a.flight == nil || a.flight != c.flight || len(a.flight.logs) != 2 || a.flight.logs[0] == evening {
		t.Error("two pictures and two logs of one flight are not together")
	}
	if b.flight == a.flight || len(b.flight.logs) != 1 || b.flight.logs[0] != evening {
		t.Error("a picture of the evening is not with its log")
	}
	for _, u := range []*unit{elsewhere, late} {
		if u.flight == nil || len(u.flight.logs) > 0 {
			t.Errorf("%s is with a log that it does not belong to", u.items[0].Rel)
		}
	}
}
