package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math"
	"time"

	"flightveil/exifscrub"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// openLog opens s and recognises its format by content.
func (r *Runner) openLog(s *Source) (logfmt.Format, input.Input, fs.File, error) {
	in, file, err := s.Open()
	if err != nil {
		return nil, nil, nil, err
	}
	in = r.Memory.Of(in)
	f, err := r.detectLog(s.Rel, in)
	if err != nil {
		file.Close()
		return nil, nil, nil, err
	}
	return f, in, file, nil
}

// isLog reports whether a file looks more like a flight log than like a photo.
func (r *Runner) isLog(probe input.Probe) bool {
	_, media, _ := r.Media.Detect(probe)
	if media == input.Certain || r.Logs == nil {
		return false
	}
	_, log, _ := r.Logs.Detect(probe)
	return log >= input.Likely && log > media
}

// Reasons for refusing a file that is no flight log.
var (
	errNoLog = errors.New("not a flight log that flightveil knows")
	errMedia = errors.New("a photo, a video or their sidecar, not a flight log: flightveil scrub cleans it")
	errEmpty = errors.New("empty file")
)

func (r *Runner) detectLog(name string, in input.Input) (logfmt.Format, error) {
	if in.Size() == 0 {
		return nil, errEmpty
	}
	probe, err := input.NewProbe(baseName(name), in)
	if err != nil {
		return nil, plainError(err)
	}
	f, m, tie := r.Logs.Detect(probe)
	switch {
	case m < input.Likely:
		if _, media, _ := r.Media.Detect(probe); media >= input.Likely {
			return nil, errMedia
		}
		return nil, errNoLog
	case tie:
		return nil, errors.New("looks like two kinds of flight log at once")
	}
	return f, nil
}

// inspectLog says what a flight log gives away.
func (r *Runner) inspectLog(ctx context.Context, s *Source) Outcome {
	o := Outcome{Source: *s, Status: Inspected}
	f, in, file, err := r.openLog(s)
	if err != nil {
		o.Status, o.Err = statusOf(err), err
		return o
	}
	defer file.Close()
	o.Format = f.ID()
	t := &logTeller{o: &o}
	drawn := newFlown(o.Format)
	for rec, err := range f.Decode(ctx, in, r.Limits.Defaults()) {
		if err != nil {
			o.Lost, o.Keyless = true, errors.Is(err, logfmt.ErrKey)
			o.Notes = append(o.Notes, "the rest could not be read: "+err.Error())
			break
		}
		t.record(rec)
		if r.Draw {
			drawn.add(rec)
		}
	}
	t.end()
	if r.Draw {
		o.Flown = drawn.end()
	}
	return o
}

// logTeller turns records into findings: the first and the last position of
// each flight, other positions by their role, and every identifier.
type logTeller struct {
	o             *Outcome
	flight, fixes int
	seconds       int // of the flight in which there was a fix
	first, last   logfmt.Fix
	spots         map[logfmt.Role]int // index of the role's finding
	damaged       int
	lost          int64
	messages      int
	start         logfmt.Start
}

func (t *logTeller) record(rec logfmt.Record) {
	switch rec := rec.(type) {
	case logfmt.Start:
		t.endFlight()
		t.start = rec
	case logfmt.Fix:
		if t.fixes++; t.fixes == 1 {
			t.first, t.seconds = rec, 1
		} else if duration(t.first, rec)/time.Second > duration(t.first, t.last)/time.Second {
			t.seconds++
		}
		t.last = rec
	case logfmt.Spot:
		t.spot(rec)
	case logfmt.Identifier:
		t.add(rec.Finding)
	case logfmt.Message:
		t.messages++
	case logfmt.Damage:
		t.damaged++
		t.lost += rec.Len
	}
}

func (t *logTeller) add(f privacy.Finding) {
	t.o.Findings = append(t.o.Findings, exifscrub.Judged{Finding: f, Action: privacy.Keep})
}

// spot counts positions of one role; the first is told.
func (t *logTeller) spot(s logfmt.Spot) {
	class := privacy.Location
	if s.Role.Personal() {
		class = privacy.Operator
	}
	if i, ok := t.spots[s.Role]; ok {
		t.o.Findings[i].Count++
		return
	}
	if t.spots == nil {
		t.spots = map[logfmt.Role]int{}
	}
	t.spots[s.Role] = len(t.o.Findings)
	t.add(position(class, "position/"+string(s.Role), s.Point, 1))
}

func position(class privacy.Class, path string, p geo.Point, n int) privacy.Finding {
	return privacy.Finding{Class: class, Path: path, Count: n, Where: &p, Value: privacy.Secret(fmt.Sprintf("%.7f %.7f", p.Lat, p.Lon))}
}

func (t *logTeller) endFlight() {
	if t.fixes == 0 {
		return
	}
	t.flight++
	path := fmt.Sprintf("flight %d/", t.flight)
	t.add(position(privacy.Location, path+"start", t.first.Point, 1))
	t.add(position(privacy.Location, path+"end", t.last.Point, 1))
	if !t.first.Time.IsZero() || !t.first.Local.IsZero() {
		at := t.first.Time
		if at.IsZero() {
			at = t.first.Local
		}
		t.add(privacy.Finding{Class: privacy.Time, Path: path + "begins", Value: privacy.Secret(at.Format(time.RFC3339))})
	}
	note := fmt.Sprintf("flight %d: %s", t.flight, count(t.fixes, "position"))
	if d := max(duration(t.first, t.last), t.start.Duration); d > 0 {
		share := min(100, 100*t.seconds/int(d/time.Second+1))
		note += fmt.Sprintf(" in %s, a fix in %d %% of its seconds", d.Round(time.Second), share)
	}
	t.o.Notes = append(t.o.Notes, note)
	t.fixes = 0
}

// duration is the time between two fixes of one flight, 0 if unknown.
func duration(a, b logfmt.Fix) time.Duration {
	switch {
	case !a.Time.IsZero() && !b.Time.IsZero():
		return b.Time.Sub(a.Time)
	case !a.Local.IsZero() && !b.Local.IsZero():
		return b.Local.Sub(a.Local)
	case a.Elapsed >= 0 && b.Elapsed >= 0:
		return b.Elapsed - a.Elapsed
	}
	return 0
}

func (t *logTeller) end() {
	t.endFlight()
	if t.flight == 0 {
		note := "no position of the aircraft"
		if t.start.Duration > 0 {
			note += fmt.Sprintf("; the log says it lasted %s", t.start.Duration.Round(time.Second))
		}
		t.o.Notes = append(t.o.Notes, note)
	}
	if t.messages > 0 {
		t.o.Notes = append(t.o.Notes, count(t.messages, "message")+" to the pilot")
	}
	if t.damaged > 0 {
		t.o.Lost = true
		note := "damaged in " + count(t.damaged, "place")
		if t.lost > 0 {
			note += ", " + count(int(t.lost), "byte") + " could not be read"
		}
		t.o.Notes = append(t.o.Notes, note)
	}
}

// count is "1 place", "2 places".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// filtered applies the runner's profile to the records of a log. Under
// Coarsen a flight becomes one position, the cell it began in: every further
// cell would narrow the first. Damage is counted in lost.
func (r *Runner) filtered(records iter.Seq2[logfmt.Record, error], keepPoints bool) iter.Seq2[logfmt.Record, error] {
	policy, cell := r.Profile.Policy(), r.job().Cell
	keeps := func(c privacy.Class) bool { return policy.Decide(privacy.Finding{Class: c}) == privacy.Keep }
	where := privacy.Remove
	if a, ok := policy.Rules[privacy.Location]; ok {
		where = a
	}
	return func(yield func(logfmt.Record, error) bool) {
		told := false            // the cell of this flight
		var personal []geo.Point // of this log, so far
		for rec, err := range records {
			if err != nil {
				yield(nil, err)
				return
			}
			switch x := rec.(type) {
			case logfmt.Start:
				told = false
				if !keeps(privacy.Device) {
					x.Variant = ""
				}
				rec = x
			case logfmt.Fix:
				switch where {
				case privacy.Keep:
				case privacy.Coarsen:
					if told {
						continue
					}
					told = true
					x.Point = cell(x.Point)
				default:
					if keepPoints {
						continue
					}
					x.Point = geo.Point{Lat: math.NaN(), Lon: math.NaN()}
				}
				rec = reduced(x, keeps, policy.Decide(privacy.Finding{Class: privacy.Time}))
			case logfmt.Spot:
				switch own := x.Role.Personal(); {
				case own && !keeps(privacy.Operator):
					if len(personal) < maxPersonal {
						personal = append(personal, x.Point)
					}
					continue
				case !own && (where != privacy.Keep || near(x.Point, personal)): // a mission often begins with home
					continue
				}
				if !keeps(privacy.Time) {
					x.Time, x.Local = time.Time{}, time.Time{}
				}
				rec = x
			case logfmt.Identifier:
				if !keeps(x.Class) {
					continue
				}
			case logfmt.Message:
				if !keeps(privacy.Description) {
					continue
				}
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}

// maxPersonal is how many positions of the pilot are remembered.
const maxPersonal = 1000

// near reports whether p is as good as one of others.
func near(p geo.Point, others []geo.Point) bool {
	const metres = 2
	for _, q := range others {
		if p.Distance(q) < metres {
			return true
		}
	}
	return false
}

// reduced takes from f what the profile does not keep.
func reduced(f logfmt.Fix, keeps func(privacy.Class) bool, when privacy.Action) logfmt.Fix {
	empty := logfmt.NoFix()
	switch when {
	case privacy.Remove:
		f.Time, f.Local, f.Elapsed = time.Time{}, time.Time{}, empty.Elapsed
	case privacy.Coarsen:
		f.Time, f.Local = f.Time.Truncate(24*time.Hour), f.Local.Truncate(24*time.Hour)
		f.Elapsed = empty.Elapsed
	}
	if !keeps(privacy.Altitude) {
		f.AltMSL, f.AltEllipsoid, f.AltHome, f.AltUnclear = empty.AltMSL, empty.AltMSL, empty.AltMSL, empty.AltMSL
	}
	if !keeps(privacy.Attitude) {
		n := empty.Roll
		f.Speed, f.Climb, f.Course, f.Roll, f.Pitch, f.Yaw, f.GimbalRoll, f.GimbalPitch, f.GimbalYaw, f.HDOP, f.Sats = n, n, n, n, n, n, n, n, n, n, empty.Sats
	}
	return f
}
