package pipeline

import (
	"math"
	"path"
	"strconv"
	"strings"
	"time"

	"flightveil/exifscrub"
	"flightveil/geofuzz"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// A mover moves what one file tells as its flight moves.
type mover struct {
	d        *Displacement
	profile  privacy.Profile // of displaced files
	exact    fixed           // where the aircraft was when a photo was taken ...
	released fixed           // ... and where its log says so
	held     bool            // that is known
	above    float64         // the height above take-off that a photo gives itself; NaN if none
	single   bool            // a photo: one position, one height

	placed, lost, astray int // positions that were moved, did not fit, lie where the flight cannot be
	spots                map[[2]int32]struct{}
}

var _ exifscrub.Mover = (*mover)(nil)

const (
	conflictReach = 5_000.0 // metres from the take-off: what lies farther is of another flight, unless a log says so
	sameDatum     = 3.0     // metres between the altitudes of a photo and its log
	absurdHeight  = 20_000.0
)

// Place moves a position with the flight.
func (m *mover) Place(p geo.Point, aside bool) (geo.Point, bool) {
	east, north, ok := m.d.move.Offset(p)
	if reach := math.Hypot(east, north); !ok || aside && reach > conflictReach || !aside && len(m.d.track) == 0 && reach > conflictReach {
		if !aside {
			m.astray++
		}
		return geo.Point{}, false
	}
	if m.held && !aside {
		east, north = geofuzz.Beside(east-m.exact.east)+m.released.east, geofuzz.Beside(north-m.exact.north)+m.released.north
	} else {
		east, north = geofuzz.Round(east), geofuzz.Round(north)
	}
	to, ok := m.d.move.At(east, north)
	if ok && !aside {
		m.placed++
	}
	if ok {
		m.note(to)
	}
	return to, ok
}

// spotsPerDegree is how finely a mover remembers where it moved positions to:
// to some ten metres.
const spotsPerDegree = 1e4

// maxSpots bounds how many it remembers.
const maxSpots = 1 << 20

func (m *mover) note(p geo.Point) {
	if m.spots == nil {
		m.spots = map[[2]int32]struct{}{}
	}
	if len(m.spots) < maxSpots {
		m.spots[spot(p, 0, 0)] = struct{}{}
	}
}

func spot(p geo.Point, i, j int32) [2]int32 {
	return [2]int32{int32(math.Round(p.Lat*spotsPerDegree)) + i, int32(math.Round(p.Lon*spotsPerDegree)) + j}
}

// moved reports whether p is where a position was moved to, as exactly as the
// memory of it is.
func (m *mover) moved(p geo.Point) bool {
	for i := int32(-1); i <= 1; i++ {
		for j := int32(-1); j <= 1; j++ {
			if _, ok := m.spots[spot(p, i, j)]; ok {
				return true
			}
		}
	}
	lat, lon := lastDigit(p.Lat), lastDigit(p.Lon)
	if max(lat, lon) > 1/spotsPerDegree { // written with few digits
		for s := range m.spots {
			if math.Abs(float64(s[0])/spotsPerDegree-p.Lat) <= lat+1/spotsPerDegree && math.Abs(float64(s[1])/spotsPerDegree-p.Lon) <= lon+1/spotsPerDegree {
				return true
			}
		}
	}
	return len(m.spots) == maxSpots
}

// lastDigit is what the last decimal of a coordinate counts, at least a tenth of
// a metre.
func lastDigit(v float64) float64 {
	for _, parts := range []float64{1, 10, 100, 1e3, 1e4, 1e5} {
		if onGrid(v, parts) {
			return 1 / parts
		}
	}
	return 1e-6
}

// Miss is told that a moved position did not fit where it was to go.
func (m *mover) Miss() { m.lost++ }

// Height makes heights count from the take-off. Where it cannot be known how
// high that is, there is none. A photo has one height, whatever its tags count
// from: two that differ tell how high the ground or the geoid is there.
func (m *mover) Height(metres float64, home bool) (float64, bool) {
	above := metres
	switch {
	case m.single:
		above = m.above
	case !home:
		return 0, false
	}
	if m.d.move.Flat() || math.IsNaN(above) || math.IsInf(above, 0) || math.Abs(above) > absurdHeight {
		return 0, false
	}
	return geofuzz.Round(above), true
}

// height returns how high a photo was above take-off, by what its log counts
// from if that is near, or by itself.
func (m *mover) height(x *exposure) float64 {
	base := m.d.move.Absolute()
	for _, absolute := range x.absolute {
		if m.held && (math.IsNaN(x.above) || !m.d.move.FromTakeOff()) && math.Abs(absolute-float64(m.exact.absolute)) <= sameDatum && !math.IsNaN(base) {
			return absolute - base
		}
	}
	return x.above
}

// UTC moves a time in UTC. Many cameras write their wall clock where UTC is
// asked for: what is not of the flight by the one clock may be by the other.
func (m *mover) UTC(t time.Time) (time.Time, bool) {
	since, ok := m.d.since(t, true)
	if !ok || !m.during(since) {
		if other, fits := m.d.since(t, false); fits && (!ok || m.during(other)) {
			since, ok = other, true
		}
	}
	return m.d.shift(t, since), ok
}

// during reports whether a time falls into the flight, or nearly.
func (m *mover) during(since time.Duration) bool {
	const about = 10 * time.Minute
	return since >= -about && since <= m.d.last.Sub(m.d.first)+about
}

// Wall moves a time of a clock without a zone.
func (m *mover) Wall(t time.Time) (time.Time, bool) {
	since, ok := m.d.since(t, false)
	return m.d.shift(t, since), ok
}

// moverFor returns what moves a file of d, of which findings are known.
func (d *Displacement) moverFor(findings []exifscrub.Judged) *mover {
	m := &mover{d: d, above: math.NaN()}
	x := exposureOf(findings)
	if m.single = x.single(); !m.single {
		return m
	}
	if t, utc, known := x.time(); known {
		if t, known = d.clock(t, utc); known {
			m.exact, m.released, m.held = d.beside(t)
		}
	}
	m.above = m.height(x)
	return m
}

// An exposure is what a photo tells of the moment it was taken.
type exposure struct {
	at    []geo.Point // different positions of the camera
	utc   time.Time   // zero if unknown
	wall  time.Time
	above float64 // metres above take-off; NaN if it does not tell
	many  bool    // telemetry: a track, not a photo

	absolute []float64 // altitudes above the sea or the ellipsoid
}

func (x *exposure) single() bool { return !x.many }

// time returns when the exposure was, by the wall clock if it tells both: that
// is what people and programs sort photos by.
func (x *exposure) time() (t time.Time, utc, known bool) {
	if !x.utc.IsZero() {
		return x.utc, true, true
	}
	return x.wall, false, !x.wall.IsZero()
}

// exposureOf reads what findings tell of a photo.
func exposureOf(findings []exifscrub.Judged) *exposure {
	x := &exposure{above: math.NaN()}
	text := map[string]string{}
	for _, j := range findings {
		name := path.Base(j.Path)
		if i := strings.LastIndexByte(name, ':'); i >= 0 {
			name = name[i+1:]
		}
		switch {
		case j.Class == privacy.Location && j.Where != nil && !j.Where.Zero():
			x.many = x.many || j.Count > 1 || strings.HasPrefix(j.Path, "captions/") || strings.HasPrefix(j.Path, "marks/")
			if !strings.Contains(name, "Dest") && !strings.Contains(name, "Target") && (len(x.at) == 0 || x.at[len(x.at)-1] != *j.Where) && len(x.at) < maxTruth {
				x.at = append(x.at, *j.Where)
			}
		case j.Class == privacy.Time || j.Class == privacy.Altitude:
			if v := j.Value.Reveal(); text[name] == "" && len(v) <= 64 {
				text[name] = v
			}
		}
	}
	for _, name := range []string{"RelativeAltitude", "MAVRelativeAltitude", "rel_alt"} {
		if v, err := strconv.ParseFloat(strings.TrimSpace(text[name]), 64); err == nil && math.IsNaN(x.above) {
			x.above = v
		}
	}
	for _, name := range []string{"AbsoluteAltitude", "GPSAltitude"} {
		if v, err := strconv.ParseFloat(strings.TrimSpace(text[name]), 64); err == nil {
			x.absolute = append(x.absolute, v)
		}
	}
	x.when(text)
	return x
}

// when reads the time of exposure from tags of Exif and XMP.
func (x *exposure) when(text map[string]string) {
	for _, c := range []struct{ date, fraction, zone string }{
		{"DateTimeOriginal", "SubSecTimeOriginal", "OffsetTimeOriginal"}, {"CreateDate", "SubSecTimeDigitized", "OffsetTimeDigitized"},
		{"DateTimeDigitized", "", ""}, {"ModifyDate", "SubSecTime", "OffsetTime"},
	} {
		s := text[c.date]
		if len(s) < len("2006:01:02 15:04:05") {
			continue
		}
		b := []byte(s)
		b[4], b[7], b[10] = '-', '-', 'T'
		if f := strings.TrimSpace(text[c.fraction]); f != "" && len(b) == 19 && strings.Trim(f, "0123456789") == "" {
			b = append(append(b, '.'), f...)
		}
		zone := strings.TrimSpace(text[c.zone])
		for _, other := range []string{"OffsetTime", "OffsetTimeOriginal", "OffsetTimeDigitized"} {
			if zone == "" {
				zone = strings.TrimSpace(text[other])
			}
		}
		if t, err := time.Parse("2006-01-02T15:04:05Z07:00", string(b)); err == nil { // XMP with its zone
			x.utc = t.UTC()
			_, sec := t.Zone()
			x.wall = x.utc.Add(time.Duration(sec) * time.Second)
			return
		}
		t, err := time.Parse("2006-01-02T15:04:05", string(b))
		if err != nil {
			continue
		}
		x.wall = t
		if z, err := time.Parse("2006-01-02T15:04:05Z07:00", string(b)+zone); err == nil && zone != "" {
			x.utc = z.UTC()
		}
		break
	}
	x.gps(text)
}

// gps learns UTC from the receiver's clock, where the camera's has no zone: the
// difference of the two is a zone if it is near whole quarters of an hour.
func (x *exposure) gps(text map[string]string) {
	if !x.utc.IsZero() {
		return
	}
	day, clock := strings.ReplaceAll(text["GPSDateStamp"], ":", "-"), strings.Fields(text["GPSTimeStamp"])
	t, err := time.Parse("2006-01-02", strings.TrimSpace(day))
	if err != nil || len(clock) != 3 {
		return
	}
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		v, err := strconv.ParseFloat(clock[i], 64)
		if err != nil || !(v >= 0 && v < 62) {
			return
		}
		t = t.Add(time.Duration(v * float64(unit)))
	}
	if x.wall.IsZero() {
		x.utc = t
		return
	}
	if zone, ok := zoneOf(x.wall.Sub(t)); ok {
		x.utc = x.wall.Add(-zone)
	}
}

// zoneOf returns the zone that a difference of two clocks stands for.
func zoneOf(ahead time.Duration) (time.Duration, bool) {
	const quarter, slack = 15 * time.Minute, 2 * time.Minute
	zone := ahead.Round(quarter)
	return zone, (ahead-zone).Abs() <= slack && zone.Abs() <= 14*time.Hour
}
