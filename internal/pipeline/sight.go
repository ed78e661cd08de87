package pipeline

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"flightveil/exifscrub"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// A Sighting is what a first look at one file tells: enough to plan with.
type Sighting struct {
	Skipped string // why it is left alone: system junk
	Err     error  // why it can be neither cleaned nor converted
	Format  string
	Log     bool // it is converted; otherwise it is cleaned

	UTC, Local time.Time // when it was taken, as far as it says; zero if it does not
	Where      *geo.Point
	Serials    []privacy.Secret   // of the aircraft and its camera, sorted
	Findings   []exifscrub.Judged // of what is cleaned, by class and action: counts only
	Flown      *Flown             // of a log
	Broken     error              // what ended reading the log early
}

// Sightings looks at all sources and yields what it sees in their order.
func (r *Runner) Sightings(ctx context.Context, sources []Source) iter.Seq2[int, Sighting] {
	return ordered(ctx, len(sources), r.Jobs, func(i int) Sighting { return r.Sight(ctx, &sources[i]) })
}

// Sight looks at s without reading coded pictures. A panic is an error of that
// file.
func (r *Runner) Sight(ctx context.Context, s *Source) (out Sighting) {
	o := guard(s, func() Outcome { out = r.sight(ctx, s); return Outcome{} })
	if o.Err != nil {
		out = Sighting{Err: o.Err}
	}
	return out
}

func (r *Runner) sight(ctx context.Context, s *Source) (out Sighting) {
	if s.skip != "" {
		return Sighting{Skipped: s.skip}
	}
	e, err := r.examine(ctx, s)
	if errors.Is(err, errIsLog) {
		return r.sightLog(ctx, s)
	}
	if e != nil && e.format != nil {
		out.Format = e.format.ID()
	}
	if err != nil {
		out.Err = err
		return out
	}
	defer e.close()
	if _, out.Err = e.plan.Clean(); out.Err != nil {
		return out // it will be refused
	}
	out.read(e.plan.Findings)
	out.Findings = condensed(e.plan.Findings)
	// Captions and videos with telemetry know better than their headers.
	if f, m, tie := r.Logs.Detect(e.probe); m >= input.Likely && !tie && s.Size <= maxTelemetry {
		if first, ok := firstOf(ctx, f, e.in, r.Limits); ok {
			out.Where = &first.Point
			if !first.Time.IsZero() {
				out.UTC = first.Time
			}
			if !first.Local.IsZero() {
				out.Local = first.Local
			}
		}
	}
	return out
}

func (r *Runner) sightLog(ctx context.Context, s *Source) (out Sighting) {
	out.Log = true
	f, in, file, err := r.openLog(s)
	if err != nil {
		out.Err = err
		return out
	}
	defer file.Close()
	out.Format = f.ID()
	b := newFlown(f.ID())
	for rec, err := range f.Decode(ctx, in, r.Limits.Defaults()) {
		if err != nil {
			out.Broken = err
			break
		}
		b.add(rec)
		if id, ok := identifier(rec); ok {
			out.serial(id)
		}
	}
	out.Flown = b.end()
	if len(out.Flown.Points) > 0 {
		out.Where = &out.Flown.Points[0].Point
	}
	if out.Flown.UTC {
		out.UTC = out.Flown.Begin
	} else {
		out.Local = out.Flown.Begin
	}
	slices.Sort(out.Serials)
	return out
}

// read takes when, where and by which device from the findings of a photo,
// video or sidecar.
func (out *Sighting) read(findings []exifscrub.Judged) {
	rank := -1
	var zone, day, clock string
	for _, j := range findings {
		tag := j.Path[strings.LastIndexAny(j.Path, "/:")+1:]
		switch j.Class {
		case privacy.Location:
			if out.Where == nil && j.Where != nil && !j.Where.Zero() && j.Where.Valid() {
				out.Where = j.Where
			}
		case privacy.Identity:
			out.serial(j.Finding)
		case privacy.Time:
			v := j.Value.Reveal()
			switch tag {
			case "OffsetTimeOriginal":
				zone = v
			case "GPSDateStamp":
				day = v
			case "GPSTimeStamp":
				clock = v
			}
			at := takenRank(tag)
			if at <= rank {
				continue
			}
			if t, utc, ok := parseTaken(v); ok {
				rank = at
				out.Local, out.UTC = t, time.Time{}
				if utc {
					out.Local, out.UTC = time.Time{}, t
				}
			}
		}
	}
	if t, _, ok := parseTaken(day + " " + clock); ok && day != "" && clock != "" {
		out.UTC = t
	} else if d, err := time.Parse("-07:00", zone); err == nil && !out.Local.IsZero() {
		_, offset := d.Zone()
		out.UTC = out.Local.Add(-time.Duration(offset) * time.Second)
	}
	slices.Sort(out.Serials)
	out.Serials = slices.Compact(out.Serials)
}

// condensed counts findings by class and action.
func condensed(findings []exifscrub.Judged) []exifscrub.Judged {
	type key struct {
		class  privacy.Class
		action privacy.Action
	}
	at := map[key]int{}
	var out []exifscrub.Judged
	for _, j := range findings {
		k := key{j.Class, j.Action}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, exifscrub.Judged{Finding: privacy.Finding{Class: j.Class}, Action: j.Action})
		}
		out[i].Count += max(1, j.Count)
	}
	return out
}

// takenRank orders the tags that tell when a picture was taken: of those that
// name the same moment, the one a camera writes comes first.
func takenRank(tag string) int {
	if i := captureRank(tag); i >= 0 {
		return 10 + i
	}
	return slices.Index([]string{"TrackCreateDate", "MediaCreateDate", "CreationDate", "date"}, tag)
}

// parseTaken reads a time as cameras write it. utc says that the text names
// its zone; otherwise the time is that of a wall clock.
func parseTaken(s string) (t time.Time, utc, ok bool) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{
		"2006:01:02 15:04:05-07:00", time.RFC3339, "2006-01-02T15:04:05-0700", "2006:01:02 15:04:05Z",
		"2006:01:02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006.01.02 15:04:05", "2006-01-02 15:04:05,999,999",
	} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1990 {
			return t.UTC(), strings.Contains(layout, "07") || strings.HasSuffix(layout, "Z"), true
		}
	}
	return time.Time{}, false, false
}

// maxSerials is how many serial numbers of a file are remembered.
const maxSerials = 8

// serial remembers f if it is the serial number of an aircraft or a camera.
// Those of batteries and remote controls change hands within a flight's day.
func (out *Sighting) serial(f privacy.Finding) {
	tag := strings.ToLower(f.Path[strings.LastIndexAny(f.Path, "/:")+1:])
	if f.Class != privacy.Identity || len(f.Value) < 6 || len(out.Serials) >= maxSerials || slices.Contains(out.Serials, f.Value) {
		return
	}
	for _, word := range []string{"battery", "lens", "rc", "remote", "controller", "sensor"} {
		if strings.HasPrefix(tag, word) {
			return
		}
	}
	if strings.Contains(tag, "serial") || strings.HasSuffix(tag, "sn") {
		out.Serials = append(out.Serials, f.Value)
	}
}

// identifier returns the finding of rec if it is an identifier.
func identifier(rec logfmt.Record) (privacy.Finding, bool) {
	id, ok := rec.(logfmt.Identifier)
	return id.Finding, ok
}
