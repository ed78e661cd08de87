package share

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"flightveil/internal/geo"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"
)

// A reporter fills in a report while a plan is carried out.
type reporter struct {
	*Report
	plan    *Plan
	found   map[privacy.Class]*Found
	readers map[string]bool
}

// report begins the report of a plan.
func (p *Plan) report(o Options) *reporter {
	rep := &reporter{Report: &Report{Type: "share", Tool: o.Tool, DryRun: o.Out == nil, Options: o.Chosen, Flights: []Flight{}, Findings: []Found{}, Remains: []Remain{}}, plan: p, found: map[privacy.Class]*Found{}, readers: map[string]bool{}}
	rep.Options.Sealed = o.Seal != nil
	rep.Verification.Left = []Left{}
	rep.Files = make([]File, len(p.items))
	rep.Summary.Inputs = len(p.items)
	for i, it := range p.items {
		f := &rep.Files[i]
		f.Kind, f.Format, f.Bytes, f.Original, f.Label = it.kind, it.Format, it.Size, it.Rel, it.Label
		if it.unit != nil && it.unit.flight != nil && it.writes() {
			f.Flight = it.unit.flight.name
			if it.Log && p.isApart(it.unit.flight) {
				f.Flight = ""
			}
		}
	}
	return rep
}

// leave says why an input is not written.
func (rep *reporter) leave(it *item) {
	f := &rep.Files[it.n]
	switch {
	case it.Skipped != "":
		f.Status, f.Reason = "skipped", it.Skipped
		rep.Summary.Skipped++
	case it.leftOut != "":
		f.Status, f.Reason = StatusLeftOut, it.leftOut
		rep.Summary.LeftOut++
	default:
		f.Status, f.Reason = string(pipeline.StatusOf(it.Err)), it.Err.Error()
		switch {
		case f.Status == string(pipeline.Failed):
			rep.Summary.Failed++
		case pipeline.Unknown(it.Err):
			f.Status, f.Reason = StatusLeftOut, reasonUnknown
			rep.Summary.LeftOut++
		default:
			rep.Summary.Refused++
		}
	}
}

// StatusLeftOut is the status of inputs that are not in the export.
const StatusLeftOut = "left out"

const reasonUnknown = "not a photo, video, sidecar or flight log that flightveil knows"

// done takes in what became of an input.
func (rep *reporter) done(it *item, o pipeline.Outcome) {
	f := &rep.Files[it.n]
	f.Status, f.Reason = string(o.Status), o.Why()
	f.Notes, f.Damaged, f.Positions = o.Notes, o.Lost, o.Positions
	f.Checked, f.Readers = o.Checked.Values, o.Checked.Readers
	if o.Format != "" {
		f.Format = o.Format
	}
	switch {
	case o.Status == pipeline.Failed:
		rep.Summary.Failed++
	case o.Status == pipeline.Refused:
		rep.Summary.Refused++
	default:
		rep.written(it, f, o)
	}
	rep.count(f, o)
}

func (rep *reporter) written(it *item, f *File, o pipeline.Outcome) {
	f.Output = o.Output
	if o.Resumed || f.Status == string(pipeline.Unchanged) {
		f.Status = string(pipeline.Written) // a resumed run gives the same report
	}
	s := &rep.Summary
	s.Written++
	s.Bytes += o.Source.Size
	switch it.kind {
	case "photo", "raw":
		s.Photos++
	case "video":
		s.Videos++
	case "log":
		s.Tracks++
	default:
		s.Others++
	}
	if o.Lost {
		s.Damaged++
	}
	rep.Verification.Values += o.Checked.Values
	for _, r := range o.Checked.Readers {
		rep.readers[r] = true
	}
	if it.Log && o.Flown != nil {
		it.released = o.Flown
	}
}

// count adds the findings of one input to those of its class.
func (rep *reporter) count(f *File, o pipeline.Outcome) {
	seen := map[privacy.Class]bool{}
	for _, j := range o.Findings {
		if j.Class == privacy.Technical {
			continue
		}
		c := rep.found[j.Class]
		if c == nil {
			c = &Found{Class: string(j.Class), Words: pipeline.Phrase(j.Class)}
			rep.found[j.Class] = c
		}
		if !seen[j.Class] {
			seen[j.Class] = true
			c.Files++
		}
		n := max(1, j.Count)
		c.Found += n
		if f.Output == "" {
			continue
		}
		switch j.Action {
		case privacy.Keep:
			c.Kept += n
		case privacy.Coarsen:
			c.Coarsened += n
			f.Removed += n
		default:
			c.Removed += n
			f.Removed += n
		}
	}
	rep.Summary.Removed += f.Removed
}

func (rep *reporter) left(l Left) { rep.Verification.Left = append(rep.Verification.Left, l) }

// finish sums up.
func (rep *reporter) finish(o Options) {
	for _, c := range privacy.Classes {
		if f := rep.found[c]; f != nil {
			rep.Findings = append(rep.Findings, *f)
		}
	}
	for _, r := range []string{"flightveil", "go-exif", "goexif"} {
		if rep.readers[r] {
			rep.Verification.Readers = append(rep.Verification.Readers, r)
		}
	}
	for _, f := range rep.plan.flights {
		if f.name != "" && !f.loose {
			rep.Flights = append(rep.Flights, rep.flight(f, o))
		}
	}
	rep.Summary.Flights = len(rep.Flights)
	if rep.plan.apart {
		var logs []*item
		for _, it := range rep.plan.items {
			if hasTrack(it) && rep.plan.isApart(it.unit.flight) {
				logs = append(logs, it)
			}
		}
		slices.SortFunc(logs, func(a, b *item) int { return strings.Compare(a.output, b.output) })
		for _, l := range logs {
			rep.Flights = append(rep.Flights, rep.track(l, o))
		}
	}
	rep.remains(o)
	rep.words(o)
}

// flight reports one flight: its media, and its log unless that is apart.
func (rep *reporter) flight(f *flight, o Options) Flight {
	out := Flight{Name: f.name}
	for _, u := range f.units {
		for _, it := range u.items {
			if rep.Files[it.n].Output == "" {
				continue
			}
			switch it.kind {
			case "photo", "raw":
				out.Photos++
			case "video":
				out.Videos++
			default:
				out.Others++
			}
		}
	}
	if f.clock.known && len(f.logs) > 0 {
		out.Clock = f.clock.words(f.logs[0].Flown.UTC)
	}
	out.Together, out.Fallback = f.moves != nil, f.fallback
	if rep.plan.isApart(f) {
		return out
	}
	for _, l := range f.logs {
		if rep.Files[l.n].Output != "" {
			out.Logs++
		}
	}
	if i := slices.IndexFunc(f.logs, hasTrack); i >= 0 {
		out.fly(f.logs[i], o)
	}
	return out
}

func hasTrack(l *item) bool { return l.released != nil && len(l.released.Points) > 0 }

// track reports a log that is apart from the pictures of its flight.
func (rep *reporter) track(l *item, o Options) Flight {
	name := strings.TrimSuffix(l.output, path.Ext(l.output))
	out := Flight{Name: path.Base(name), Logs: 1}
	if l.unit.flight != nil {
		out.With = l.unit.flight.name
	}
	out.fly(l, o)
	return out
}

// fly fills in what the released log shows.
func (out *Flight) fly(l *item, o Options) {
	out.Draw(l.released)
	if out.Moved = o.Chosen.Logs; out.Moved == "keep" {
		out.Moved = ""
	}
	if o.Mooring != nil {
		out.MovedNote = pipeline.DisplacedNote
	}
	out.Before = trackPoints(l.Flown.Points)
}

// Draw fills in the track and the numbers of a log.
func (out *Flight) Draw(f *pipeline.Flown) {
	s := f.FlightSummary
	out.Track = trackPoints(f.Points)
	out.Duration = math.Round(s.Duration.Seconds())
	out.Distance, out.Farthest = known(s.Distance, 1), known(s.Farthest, 1)
	out.MaxHeight, out.MaxSpeed = known(s.Height, 0.1), known(s.Speed, 0.1)
}

// words says how far a clock is ahead.
func (c clock) words(utc bool) string {
	of := "the log's clock"
	if utc {
		of = "UTC"
	}
	switch {
	case c.ahead == 0:
		return "the camera's clock agrees with " + of
	case c.ahead > 0:
		return fmt.Sprintf("the camera's clock is %s ahead of %s", brief(c.ahead), of)
	}
	return fmt.Sprintf("the camera's clock is %s behind %s", brief(-c.ahead), of)
}

// brief writes d without parts that are zero at its end: 9h, not 9h0m0s.
func brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// known rounds v to steps; nil if it is not known.
func known(v, step float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	v = math.Round(v/step) / (1 / step)
	return &v
}

// trackPoints thins points out for a report.
func trackPoints(points []pipeline.FlownPoint) []TrackPoint {
	if len(points) == 0 {
		return nil
	}
	every := (len(points) + MaxTrackPoints - 1) / MaxTrackPoints
	frame := geo.NewFrame(points[0].Point)
	var out []TrackPoint
	broken := false
	for i, p := range points {
		broken = broken || p.Break
		if i%every != 0 && i != len(points)-1 || len(out) == MaxTrackPoints {
			continue
		}
		e, n, ok := frame.To(p.Point)
		if !ok {
			continue
		}
		t := TrackPoint{Seconds: -1, Lat: p.Lat, Lon: p.Lon, East: math.Round(e*10) / 10, North: math.Round(n*10) / 10, Height: known(p.Height, 0.1), Speed: known(p.Speed, 0.1), Break: broken && i > 0}
		if p.Elapsed >= 0 {
			t.Seconds = math.Round(p.Elapsed.Seconds()*10) / 10
		}
		out = append(out, t)
		broken = false
	}
	return out
}

// Public returns the report as it can be published: without the names of
// originals and the true tracks.
func (r *Report) Public() *Report {
	out := *r
	out.Private = false
	out.Files = slices.Clone(r.Files)
	for i := range out.Files {
		out.Files[i].Original = ""
	}
	// The order of the inputs is that of their names, which carry dates.
	slices.SortStableFunc(out.Files, func(a, b File) int {
		if (a.Output == "") != (b.Output == "") {
			return map[bool]int{true: 1, false: -1}[a.Output == ""]
		}
		return cmp.Or(cmp.Compare(a.Output, b.Output), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Format, b.Format), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Bytes, b.Bytes))
	})
	out.Flights = slices.Clone(r.Flights)
	for i := range out.Flights {
		out.Flights[i].Before, out.Flights[i].Clock, out.Flights[i].With = nil, "", ""
	}
	return &out
}

// Secret returns the report that maps new names to old ones.
func (r *Report) Secret() *Report {
	out := *r
	out.Private = true
	return &out
}

// plural is "1 file", "2 files".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
