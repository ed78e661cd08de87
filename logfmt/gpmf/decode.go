package gpmf

import (
	"encoding/hex"
	"math"
	"strings"
	"time"

	block "flightveil/internal/block/gpmf"
	"flightveil/internal/block/videotrack"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// sources are the elements that can make the track, the one to prefer first:
// what the drone makes of everything it measures, its receiver, and the
// camera's receiver as newer and older cameras write it.
var sources = [...]string{"GLPI", "GPRI", "GPS9", "GPS5"}

// A survey is the result of a first reading.
type survey struct {
	fixes   [len(sources)]int
	started time.Time // when the drone was switched on, zero if unknown
	sticky  sticky
}

func (s *survey) look(e element) (bool, error) {
	s.sticky.learn(e)
	if e.Key == "SYST" && s.started.IsZero() {
		return true, s.clock(e)
	}
	for i, key := range sources {
		if e.Key != key {
			continue
		}
		for f, err := range e.Fixes(e.in) {
			if err != nil {
				break // told by the second reading
			}
			if s.sticky.locked(f) {
				s.fixes[i]++
			}
		}
	}
	return true, nil
}

// clock reads the system time: seconds since the drone was switched on and
// since 1970.
func (s *survey) clock(e element) error {
	for row, err := range e.Rows(e.in) {
		if err != nil {
			if skippable(err) {
				return nil
			}
			return err
		}
		if len(row) >= 2 && row[0] >= 0 && row[0] < 1e9 && row[1] > 0 && row[1] < 1e10 {
			t := time.UnixMicro(int64(math.Round(row[1]*1e6) - math.Round(row[0]*1e6))).UTC()
			if plausible(t) {
				s.started = t
			}
			return nil
		}
	}
	return nil
}

// choose returns the preferred element, unless it hardly ever had a position.
func (s *survey) choose() (key string) {
	best := -1
	for i, n := range s.fixes {
		if n > 0 && (best < 0 || n/20 > s.fixes[best]) {
			best, key = i, sources[i]
		}
	}
	return key
}

// plausible reports whether t is later than the first camera with a receiver;
// receivers that do not yet know the date claim an earlier one.
func plausible(t time.Time) bool { return t.Year() >= 2016 && t.Year() < 2100 }

// sticky is what the elements of a stream say about the positions behind them.
type sticky struct {
	depth  int
	mode   float64   // GPSF: 0, 2 or 3; NaN if not said
	dop    float64   // GPSP, NaN if not said
	datum  string    // GPSA
	time   time.Time // GPSU, of the first position
	since  float64   // STMP: microseconds since the recording began, of the first position
	stream bool      // these belong to the current stream
}

// noDOP is what GPSP holds without a fix.
const noDOP = 99.99

func (s *sticky) learn(e element) {
	if !s.stream || e.Depth != s.depth || e.Type == 0 {
		*s = sticky{depth: e.Depth, mode: math.NaN(), dop: math.NaN(), since: math.NaN(), stream: e.Type != 0}
	}
	switch e.Key {
	case "GPSF":
		s.mode = number(e)
	case "GPSP":
		s.dop = number(e) / 100
	case "STMP":
		s.since = number(e)
	case "GPSA":
		s.datum = text(e)
	case "GPSU":
		s.time = time.Time{}
		if t, err := block.ParseTime(text(e)); err == nil && plausible(t) {
			s.time = t
		}
	}
}

// locked reports whether f is a position and not what a receiver without
// satellites repeats.
func (s *sticky) locked(f block.Fix) bool {
	said := math.IsNaN(s.mode) || s.mode >= 2
	return said && !(s.dop >= noDOP) && (f.Mode < 0 || f.Mode >= 2) && logfmt.Usable(f.At)
}

// number returns the only value of e without its scale, NaN if it has none.
func number(e element) float64 {
	e.Scale = nil
	for row, err := range e.Rows(e.in) {
		if err == nil && len(row) == 1 {
			return row[0]
		}
		break
	}
	return math.NaN()
}

func text(e element) string {
	s, err := e.Text(e.in)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(s)
}

// A decoder turns elements into records.
type decoder struct {
	key     string    // the element that makes the track
	started time.Time // when the drone was switched on
	yield   func(logfmt.Record, error) bool
	stopped bool

	sticky sticky
	sample videotrack.Sample // that is being read; its Dur is 0 in a file that is no video
	first  time.Duration     // of the drone's clock, negative before the first fix
	remote geo.Point
	known  map[string]struct{}
}

// maxKnown bounds how many identifiers are remembered so that each is told once.
const maxKnown = 4096

func newDecoder(key string, started time.Time, yield func(logfmt.Record, error) bool) *decoder {
	return &decoder{key: key, started: started, yield: yield, first: -1, known: map[string]struct{}{}}
}

// put yields r and reports whether more is wanted.
func (d *decoder) put(r logfmt.Record) bool {
	d.stopped = d.stopped || !d.yield(r, nil)
	return !d.stopped
}

// next notes that a sample of a video begins.
func (d *decoder) next(s videotrack.Sample) { d.sample = s }

func (d *decoder) element(e element) (bool, error) {
	d.sticky.learn(e)
	var err error
	switch e.Key {
	case d.key:
		err = d.track(e)
	case "BPOS":
		err = d.operator(e)
	case "HLMT":
		err = d.highlights(e)
	default:
		d.identifier(e)
	}
	if err != nil && skippable(err) {
		d.put(logfmt.Damage{Off: e.Span.Off, Len: e.Span.Len, Reason: "positions that make no sense"})
		err = nil
	}
	return !d.stopped, err
}

// rate is how many positions a second GPS5 holds. Its packets are about a
// second long; only the first position of each has a time.
const rate = 18

func (d *decoder) track(e element) error {
	step := time.Second / time.Duration(max(rate, e.Repeat))
	i := -1
	for f, err := range e.Fixes(e.in) {
		if err != nil {
			return err
		}
		i++
		if !d.sticky.locked(f) {
			continue
		}
		r := logfmt.NoFix()
		r.Point, r.Speed, r.Climb, r.Course, r.Yaw = f.At, finite(f.Speed), finite(f.Climb), finite(f.Course), finite(f.Heading)
		r.AltHome, r.Sats, r.HDOP = finite(f.AltHome), f.Sats, finite(f.DOP)
		d.datum(&r, finite(f.Alt), e.Key)
		switch e.Key {
		case "GPS5":
			r.HDOP = finite(d.sticky.dop)
			if !d.sticky.time.IsZero() {
				r.Time = d.sticky.time.Add(time.Duration(i) * step)
			}
		case "GPS9":
			if plausible(f.Time) {
				r.Time = f.Time
			}
			step = time.Second / time.Duration(max(10, e.Repeat)) // ten positions a second
		default:
			if !d.started.IsZero() {
				r.Time = d.started.Add(f.System)
			}
			if d.first < 0 {
				d.first = f.System
			}
			r.Elapsed = f.System - d.first
		}
		if d.sample.Dur > 0 && r.Elapsed < 0 { // the time line of the video
			r.Elapsed = d.sample.Time + d.sample.Dur*time.Duration(i)/time.Duration(e.Repeat)
		}
		if us := d.sticky.since; us >= 0 && us < 1e13 && r.Elapsed < 0 {
			r.Elapsed = time.Duration(us)*time.Microsecond + time.Duration(i)*step
		}
		if !d.put(r) {
			return nil
		}
	}
	return nil
}

// datum puts alt where it belongs. GPSA says above what; GPS5 without it is of
// the cameras that count from the ellipsoid, and the Karma counts from the sea.
func (d *decoder) datum(r *logfmt.Fix, alt float64, key string) {
	switch a := d.sticky.datum; {
	case strings.HasPrefix(a, "MSL") || a == "" && (key == "GLPI" || key == "GPRI"):
		r.AltMSL = alt
	case strings.HasPrefix(a, "WGS") || a == "" && key == "GPS5":
		r.AltEllipsoid = alt
	default:
		r.AltUnclear = alt
	}
}

func finite(v float64) float64 {
	if math.IsInf(v, 0) {
		return math.NaN()
	}
	return v
}

// operator yields where the remote control is, each place once in a row.
func (d *decoder) operator(e element) error {
	for f, err := range e.Fixes(e.in) {
		if err != nil {
			return err
		}
		if !logfmt.Usable(f.At) || f.At == d.remote {
			continue
		}
		d.remote = f.At
		if !d.put(logfmt.Spot{Role: logfmt.Remote, Point: f.At, Alt: finite(f.Alt)}) {
			return nil
		}
	}
	return nil
}

// highlights yields where the pilot marked a moment: time, in, out, latitude,
// longitude and more.
func (d *decoder) highlights(e element) error {
	for row, err := range e.Rows(e.in) {
		if err != nil {
			return err
		}
		if len(row) < 5 {
			return block.ErrSyntax
		}
		if at := (geo.Point{Lat: row[3], Lon: row[4]}); logfmt.Usable(at) && !d.put(logfmt.Spot{Role: logfmt.Photo, Point: at, Alt: math.NaN()}) {
			return nil
		}
	}
	return nil
}

// identifiers are the elements that tell a device.
var identifiers = map[string]privacy.Class{
	"CASN": privacy.Identity, "LINF": privacy.Identity, "CINF": privacy.Identity, "MUID": privacy.Identity, "GUMI": privacy.Identity,
	"DVNM": privacy.Device, "MINF": privacy.Device, "FMWR": privacy.Device, "FWVS": privacy.Device,
}

// maxIdentifier is how long an identifier is at most; more is not told.
const maxIdentifier = 256

func (d *decoder) identifier(e element) {
	class, ok := identifiers[e.Key]
	if !ok || e.Span.Len == 0 {
		return
	}
	b, err := input.ReadRange(e.in, e.Span.Off, min(e.Span.Len, maxIdentifier), maxIdentifier)
	if err != nil {
		return
	}
	value := strings.TrimSpace(text(e))
	if e.Type != 'c' {
		if value = hex.EncodeToString(b); strings.Trim(value, "0") == "" {
			return
		}
	}
	if value == "" || len(value) > 2*maxIdentifier {
		return
	}
	id := e.Key + "\x00" + value
	if _, ok := d.known[id]; ok {
		return
	}
	if len(d.known) < maxKnown {
		d.known[id] = struct{}{}
	}
	d.put(logfmt.Identifier{Finding: privacy.Finding{Class: class, Path: e.Key, Spans: []input.Span{e.Span}, Value: privacy.Secret(value)}})
}
