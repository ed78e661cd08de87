package pipeline

import (
	"context"
	"errors"
	"iter"
)

// Inspect says of each source what it gives away, in order. Nothing is written.
func (r *Runner) Inspect(ctx context.Context, sources []Source) iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		work := func(i int) Outcome {
			return guard(&sources[i], func() Outcome { return r.inspect(ctx, &sources[i]) })
		}
		for _, o := range ordered(ctx, len(sources), r.Jobs, work) {
			if !yield(o) {
				return
			}
		}
	}
}

func (r *Runner) inspect(ctx context.Context, s *Source) Outcome {
	o := Outcome{Source: *s, Status: Inspected}
	if s.skip != "" {
		o.Status, o.Reason = Skipped, s.skip
		return o
	}
	e, err := r.open(s)
	if err != nil {
		o.Status, o.Err = statusOf(err), err
		return o
	}
	defer e.close()
	if r.isLog(e.probe) {
		return r.inspectLog(ctx, s)
	}
	err = r.walk(ctx, e)
	if e.format != nil {
		o.Format = e.format.ID()
	}
	if errors.Is(err, errUnknown) && isReport(s) {
		o.Status, o.Reason = Skipped, "the report of flightveil share"
		return o
	}
	if err != nil {
		o.Status, o.Err = statusOf(err), err
		return o
	}
	o.Findings, o.Notes = e.plan.Findings, e.plan.Notes
	if clean, err := e.plan.Clean(); err == nil {
		o.Copied = clean
	}
	return o
}
