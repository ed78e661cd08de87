package pipeline

import (
	"context"
	"errors"
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/internal/verify"
)

// errLeak is wrapped when verification finds a removed value in an output.
var errLeak = errors.New("verification failed")

// check reads copied, the finished copy of e, as if it came from a stranger: it
// must be recognised as the same format, need no further edit, show nothing
// removed to other readers, and hold no removed value in any encoding.
func (r *Runner) check(ctx context.Context, e *examined, copied input.Input) (Checked, error) {
	if e.shown != nil {
		r = e.shown
	}
	coded, err := e.plan.CodedAfter()
	if err != nil {
		return Checked{}, err
	}
	ahead := copied.Size()
	if len(coded) > 0 {
		ahead = coded[0].Off + input.PrefixLen // the rest is hardly read
	}
	out := input.NewCachedTo(copied, ahead)
	defer out.Free()
	probe, err := input.NewProbe("", out)
	if err != nil {
		return Checked{}, fmt.Errorf("reading the copy: %w", plainError(err))
	}
	f, err := r.detect(probe)
	if err != nil || f.ID() != e.format.ID() {
		return Checked{}, fmt.Errorf("%w: the copy is not recognised as the same format: %w", errLeak, exifscrub.ErrRefused)
	}
	job := r.job()
	if e.move != nil {
		job = r.moved(e.move)
	}
	job.Coded = coded
	clean, err := exifscrub.Scan(ctx, job, f, out)
	if err != nil {
		return Checked{}, fmt.Errorf("%w: the copy cannot be read again: %w: %w", errLeak, err, exifscrub.ErrRefused)
	}
	done, err := clean.Clean()
	if err != nil {
		return Checked{}, err
	}
	if !done {
		return Checked{}, fmt.Errorf("%w: something is left after cleaning: %w", errLeak, exifscrub.ErrRefused)
	}
	if e.move != nil {
		if err := e.settled(out, clean); err != nil {
			return Checked{}, err
		}
	}
	hits, checked, err := r.lookUnder(ctx, job.Policy, side{e.in, e.plan}, side{out, clean})
	if err != nil {
		return checked, err
	}
	if len(hits) > 0 {
		return checked, leak(hits)
	}
	return checked, nil
}

// side is a file and what its walk found.
type side struct {
	in   input.Input
	plan *exifscrub.Plan
}

// look asks the second readers and searches clean for the bytes of every value
// of original that is not kept.
func (r *Runner) look(ctx context.Context, original, clean side) ([]verify.Hit, Checked, error) {
	return r.lookUnder(ctx, r.Profile.Policy(), original, clean)
}

func (r *Runner) lookUnder(ctx context.Context, policy privacy.Policy, original, clean side) ([]verify.Hit, Checked, error) {
	checked := Checked{Readers: []string{"flightveil"}}
	gone := func(c privacy.Class) bool {
		return policy.Decide(privacy.Finding{Class: c, Where: &geo.Point{}}) == privacy.Remove // with a position: it may be coarsened
	}
	var hits []verify.Hit
	for _, part := range clean.plan.Parts {
		before, ok := samePart(original.plan, part)
		if !ok || part.Format != "tiff" || part.Encoded {
			continue
		}
		b, a := exifscrub.View(original.in, before.Spans), exifscrub.View(clean.in, part.Spans)
		found, err := verify.Exif(b, a, gone)
		if err != nil {
			return nil, checked, fmt.Errorf("%w: %s: %w: %w", errLeak, part.Path, err, exifscrub.ErrRefused)
		}
		hits = append(hits, found...)
		checked.Readers = []string{"flightveil", "go-exif", "goexif"}
	}
	needles, err := verify.NewNeedles(verifiable(original), verifiable(clean))
	if err != nil {
		return nil, checked, err
	}
	found, err := needles.Search(ctx, clean.in, clean.plan.Coded)
	if err != nil {
		return nil, checked, err
	}
	for _, j := range original.plan.Findings {
		if j.Action != privacy.Keep && j.Value != "" {
			checked.Values++
		}
	}
	return append(hits, found...), checked, nil
}

func samePart(p *exifscrub.Plan, part exifscrub.Part) (exifscrub.Part, bool) {
	for _, q := range p.Parts {
		if q.Path == part.Path && q.Format == part.Format && !q.Encoded {
			return q, true
		}
	}
	return exifscrub.Part{}, false
}

func verifiable(s side) verify.File {
	f := verify.File{In: s.in, Coded: s.plan.Coded}
	for _, j := range s.plan.Findings {
		f.Findings = append(f.Findings, verify.Finding{Finding: j.Finding, Kept: j.Action == privacy.Keep, Encoded: j.Encoded})
	}
	return f
}

// leak names what was found again, never its value.
func leak(hits []verify.Hit) error {
	return fmt.Errorf("%w: %s was found again at %d (%s), %d in all: %w", errLeak, hits[0].Path, hits[0].Off, hits[0].As, len(hits), exifscrub.ErrRefused)
}
