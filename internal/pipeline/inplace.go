package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/atomicfile"
	"flightveil/internal/input"
)

// errResize is why a file cannot be cleaned where it is.
var errResize = fmt.Errorf("cleaning it moves bytes, which needs a copy (-o): %w", exifscrub.ErrRefused)

// ScrubInPlace cleans the sources where they are and yields the outcomes in
// order. A file that fails verification, or whose size would change, is as it
// was. Names stay.
func (r *Runner) ScrubInPlace(ctx context.Context, sources []Source, keepTimes bool) iter.Seq[Outcome] {
	return r.inPlace(ctx, sources, func(s *Source, p *atomicfile.InPlace, o *Outcome) error {
		return r.scrubInPlace(ctx, s, p, o, keepTimes)
	})
}

// Undo brings back what interrupted runs of [Runner.ScrubInPlace] left half done.
func (r *Runner) Undo(ctx context.Context, sources []Source) iter.Seq[Outcome] {
	return r.inPlace(ctx, sources, func(_ *Source, p *atomicfile.InPlace, o *Outcome) error {
		if o.Status = Skipped; p.Recovered {
			o.Status = Restored
		} else {
			o.Reason = "no interrupted run to undo"
		}
		return nil
	})
}

func (r *Runner) inPlace(ctx context.Context, sources []Source, work func(*Source, *atomicfile.InPlace, *Outcome) error) iter.Seq[Outcome] {
	one := func(s *Source) (o Outcome) {
		o.Source = *s
		if s.skip != "" {
			o.Status, o.Reason = Skipped, s.skip
			return o
		}
		p, err := s.edit()
		if err == nil {
			defer p.Close()
			err = work(s, p, &o)
		}
		if err != nil {
			o.Status, o.Output, o.Err = statusOf(err), "", editError(err)
		}
		return o
	}
	return func(yield func(Outcome) bool) {
		for _, o := range ordered(ctx, len(sources), r.Jobs, func(i int) Outcome {
			return guard(&sources[i], func() Outcome { return one(&sources[i]) })
		}) {
			if !yield(o) {
				return
			}
		}
	}
}

// editError drops the path, which the outcome names, from err.
func editError(err error) error {
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		return fmt.Errorf("cannot be edited in place: %w", pe.Err)
	}
	return err
}

func (r *Runner) scrubInPlace(ctx context.Context, s *Source, p *atomicfile.InPlace, o *Outcome, keepTimes bool) error {
	if p.Recovered {
		o.Notes = append(o.Notes, "an interrupted run was undone first")
	}
	e, err := r.newExamined(s, p.Original(), nothing{p})
	if err != nil {
		return err
	}
	defer e.close()
	err = r.walk(ctx, e)
	if e.format != nil {
		o.Format = e.format.ID()
	}
	if err != nil {
		return err
	}
	o.Findings, o.Notes = e.plan.Findings, append(o.Notes, e.plan.Notes...)
	edits := exifscrub.SameSize(e.in, e.plan.Edits())
	spans, err := places(edits)
	switch {
	case err != nil:
		return err
	case len(spans) == 0:
		o.Status, o.Copied = Unchanged, true
		return nil
	}
	if err := p.Save(spans); err != nil {
		return err
	}
	if err := r.editSaved(ctx, e, p, edits, o); err != nil {
		return errors.Join(err, p.Undo())
	}
	mod := atomicfile.Neutral()
	if keepTimes {
		mod = s.Mod
	}
	o.Status, o.Output = Edited, s.Rel
	return p.Done(mod)
}

func (r *Runner) editSaved(ctx context.Context, e *examined, p *atomicfile.InPlace, edits iter.Seq2[exifscrub.Edit, error], o *Outcome) (err error) {
	if err := exifscrub.Patch(p, p.Size(), edits); err != nil {
		return err
	}
	o.Checked, err = r.check(ctx, e, p)
	return err
}

// places returns the bytes that edits, which keep their size, change.
func places(edits iter.Seq2[exifscrub.Edit, error]) ([]input.Span, error) {
	var out []input.Span
	for edit, err := range edits {
		switch {
		case errors.Is(err, exifscrub.ErrResize):
			return nil, errResize
		case err != nil:
			return nil, err
		}
		if n := len(out); n > 0 && out[n-1].End() == edit.Off {
			out[n-1].Len += edit.Len
			continue
		}
		out = append(out, input.Span{Off: edit.Off, Len: edit.Len})
	}
	return out, nil
}

// nothing is a file that somebody else closes.
type nothing struct{ *atomicfile.InPlace }

func (nothing) Close() error { return nil }
