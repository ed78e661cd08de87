package share

import (
	"context"
	"io"
	"iter"

	"flightveil/geofuzz"
	"flightveil/internal/atomicfile"
	"flightveil/internal/input"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"
	"flightveil/logfmt/export"
)

// Options say how a plan is carried out.
type Options struct {
	Out  *atomicfile.Dir // nil for a dry run
	Path string          // of Out

	Media, Logs *pipeline.Runner // with the profile of each
	To          export.Format    // of logs
	Mooring     geofuzz.Mooring  // where logs are moved to, nil if they stay
	Clock       string           // of moved logs, see pipeline.ConvertOptions
	Moving      privacy.Profile  // of media that move with their flight, see Plan.Together
	Chosen      Chosen
	Tool        string // name and version of the program, for the report
	KeepTimes   bool   // time stamps of files stay

	Seal   func(dst io.Writer, src io.Reader) error // nil if files stay plain
	Done   func(name string) bool                   // see pipeline.Delivery
	Sealed func(name string, out input.Input) error

	Progress func(bytes int64)        // of input that is done
	Each     func(o pipeline.Outcome) // told of each file that was written or not, one at a time
}

// Needs says how many bytes carrying out p takes at most: those of the files
// that are copied, as far as they take up room.
func (p *Plan) Needs() (bytes, largest int64) {
	for _, it := range p.items {
		if it.writes() {
			n := it.Room()
			if it.Log {
				n = max(n, 160*int64(it.Flown.Positions)) // a point of GPX
			}
			bytes += n
			largest = max(largest, n)
		}
	}
	return bytes, largest
}

// Issue gives everything that leaves its new path. With apart nothing links
// tracks to the pictures of their flights.
func (p *Plan) Issue(names string, extension string, apart bool) {
	p.apart = apart
	p.nameFlights()
	if names == "keep" {
		p.keepNames(extension)
		return
	}
	p.name(extension)
	if apart {
		p.nameApart(extension)
	}
}

// Run carries out the plan: media are cleaned, logs converted, each file is
// verified before it gets its name, and what was written is looked at again.
func (p *Plan) Run(ctx context.Context, o Options) (*Report, error) {
	rep := p.report(o)
	var media, logs []*item
	for _, it := range p.items {
		switch {
		case !it.writes():
			rep.leave(it)
		case it.Log:
			logs = append(logs, it)
		default:
			media = append(media, it)
		}
	}
	if o.Out == nil {
		for _, it := range append(media, logs...) {
			rep.done(it, it.planned())
		}
		rep.finish(o)
		return rep.Report, ctx.Err()
	}
	for i, out := range indexed(o.Media.Scrub(ctx, sources(media), pipeline.ScrubOptions{Out: o.Out, Path: o.Path, KeepTimes: o.KeepTimes, Moving: o.Moving, Displace: displacer(media), Delivery: o.delivery(media)})) {
		rep.done(media[i], out)
		o.tell(out)
	}
	if len(logs) > 0 {
		c := pipeline.ConvertOptions{Out: o.Out, Path: o.Path, To: o.To, Mooring: o.Mooring, Clock: o.Clock, Flown: true, Delivery: o.delivery(logs)}
		for i, out := range indexed(o.Logs.Convert(ctx, sources(logs), c)) {
			rep.done(logs[i], out)
			o.tell(out)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := rep.again(ctx, o); err != nil {
		return nil, err
	}
	rep.finish(o)
	return rep.Report, nil
}

// planned is what a dry run says of an item that would be written.
func (it *item) planned() pipeline.Outcome {
	out := pipeline.Outcome{Source: it.Source, Status: pipeline.Planned, Format: it.Format, Output: it.output, Findings: it.Findings}
	if it.Log {
		out.Positions, out.Lost = it.Flown.Positions, it.Flown.Damage > 0
	}
	return out
}

func (o *Options) tell(out pipeline.Outcome) {
	if o.Each != nil {
		o.Each(out)
	}
	if o.Progress != nil {
		o.Progress(out.Source.Size)
	}
}

// displacer says how sources move, nil if none does.
func displacer(media []*item) func(*pipeline.Source) *pipeline.Displacement {
	moves := map[string]*pipeline.Displacement{}
	for _, it := range media {
		if d := it.displacement(); d != nil {
			moves[it.Label] = d
		}
	}
	if len(moves) == 0 {
		return nil
	}
	return func(s *pipeline.Source) *pipeline.Displacement { return moves[s.Label] }
}

func (o *Options) delivery(items []*item) pipeline.Delivery {
	d := pipeline.Delivery{Resume: true, Seal: o.Seal, Done: o.Done, Sealed: o.Sealed, Names: make([]string, len(items))}
	for i, it := range items {
		d.Names[i] = it.output
	}
	return d
}

func sources(items []*item) []pipeline.Source {
	out := make([]pipeline.Source, len(items))
	for i, it := range items {
		out[i] = it.Source
	}
	return out
}

// indexed counts what a sequence yields.
func indexed[T any](seq func(func(T) bool)) func(func(int, T) bool) {
	return func(yield func(int, T) bool) {
		i := 0
		for v := range seq {
			if !yield(i, v) {
				return
			}
			i++
		}
	}
}

// again looks at the finished export once more, as if it came from a stranger.
// Sealed files were looked at before they were sealed.
func (rep *reporter) again(ctx context.Context, o Options) error {
	if o.Seal != nil {
		rep.Verification.Sealed = rep.Summary.Written
		return nil
	}
	_, far := o.Mooring.(geofuzz.Zero)
	look := func(names []string, found func(names []string) iter.Seq2[int, pipeline.Compared]) {
		for i, c := range found(names) {
			rep.Verification.Again++
			if c.Err != nil {
				rep.left(Left{Output: names[i], Class: "unknown", As: "it could not be read again: " + c.Err.Error()})
			}
			for _, h := range c.Hits {
				rep.left(Left{Output: names[i], Class: string(h.Class), Path: h.Path, As: h.As})
			}
		}
	}
	var cleaned, moved, tracks []string
	for i, f := range rep.Files {
		switch it := rep.plan.items[i]; {
		case f.Output == "":
		case it.Log:
			tracks = append(tracks, f.Output)
		case it.displacement() != nil:
			moved = append(moved, f.Output)
		default:
			cleaned = append(cleaned, f.Output)
		}
	}
	look(cleaned, func(n []string) iter.Seq2[int, pipeline.Compared] { return o.Media.Recheck(ctx, o.Path, n, false) })
	look(moved, func(n []string) iter.Seq2[int, pipeline.Compared] {
		return o.Media.RecheckMoved(ctx, o.Path, n, o.Moving, far)
	})
	look(tracks, func(n []string) iter.Seq2[int, pipeline.Compared] { return o.Logs.Recheck(ctx, o.Path, n, far) })
	return ctx.Err()
}
