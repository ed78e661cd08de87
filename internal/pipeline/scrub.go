package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"flightveil/exifscrub"
	"flightveil/internal/atomicfile"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// ScrubOptions says where cleaned copies go.
type ScrubOptions struct {
	Out    *atomicfile.Dir // nil for a dry run
	Path   string          // of Out
	Name   string          // for a single source: its path below Out, instead of one derived from its own
	Rename bool            // re-issue names that carry a date, a place or a person
	// Times says what time stamp copies get: keep (the original's) or neutral.
	KeepTimes bool
	// Displace, if there is one, returns how a source moves with its flight,
	// nil for one that is cleaned as the runner's profile says. Moving is the
	// profile for those that move ([Displaced] makes one): what it keeps of
	// positions, heights and times stays, moved.
	Displace func(*Source) *Displacement
	Moving   privacy.Profile
	// Hide, if there is one, says which positions are hidden. Files that tell
	// none of these keep their own, under the profile Moving.
	Hide Hider
	Delivery
}

// Files are synced and named in groups: one sync for many is what makes small
// files quick. A kill in between costs the group, never a half file.
const (
	groupFiles = 64
	groupBytes = 256 << 20
)

// Scrub writes a clean, verified copy of each source and yields the outcomes
// in order. When an outcome is yielded its file has its name.
func (r *Runner) Scrub(ctx context.Context, sources []Source, opts ScrubOptions) iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		names := r.outputNames(ctx, sources, opts)
		work := func(i int) *pending {
			p := &pending{}
			p.Outcome = guard(&sources[i], func() Outcome { return r.scrub(ctx, &sources[i], names[i], opts, p) })
			return p
		}
		var group []*pending
		var bytes int64
		flush := func() bool {
			if opts.Out != nil {
				opts.Out.Flush() // errors reach each file's outcome
			}
			for _, p := range group {
				if !yield(p.settled()) {
					return false
				}
			}
			group, bytes = group[:0], 0
			return true
		}
		for _, p := range ordered(ctx, len(sources), r.Jobs, work) {
			group = append(group, p)
			bytes += p.Source.Size
			if (len(group) >= groupFiles || bytes >= groupBytes) && !flush() {
				return
			}
		}
		flush()
	}
}

func (r *Runner) outputNames(ctx context.Context, sources []Source, opts ScrubOptions) []string {
	switch {
	case opts.Names != nil:
		return opts.Names
	case opts.Name != "":
		return []string{opts.Name}
	}
	if opts.Rename {
		return r.rename(ctx, sources)
	}
	names := make([]string, len(sources))
	for i, s := range sources {
		names[i] = s.Rel
	}
	return names
}

// pending is an outcome whose file waits for its group.
type pending struct {
	Outcome
	err error // why the file did not get its name
}

// named is told whether the file got its name.
func (p *pending) named(err error) {
	if errors.Is(err, fs.ErrExist) {
		err = errExists
	}
	p.err = err
}

func (p *pending) settled() Outcome {
	if p.err != nil {
		p.Status, p.Output = Failed, ""
		p.Err = fmt.Errorf("cannot be written: %w", bare(p.err))
	}
	return p.Outcome
}

func (r *Runner) scrub(ctx context.Context, s *Source, name string, opts ScrubOptions, p *pending) Outcome {
	o := Outcome{Source: *s}
	if s.skip != "" {
		o.Status, o.Reason = Skipped, s.skip
		return o
	}
	fail := func(err error) Outcome {
		o.Status, o.Err = statusOf(err), err
		return o
	}
	e, notes, err := r.examineFor(ctx, s, opts)
	if e != nil && e.format != nil {
		o.Format = e.format.ID()
	}
	if err != nil {
		return fail(err)
	}
	defer e.close()
	o.Findings, o.Notes = e.plan.Findings, append(e.plan.Notes, notes...)
	if e.move == nil {
		o.Notes = append(o.Notes, r.cellNotes(e.plan.Findings)...)
	}
	if o.Copied, err = e.plan.Clean(); err != nil {
		return fail(err)
	}
	o.Status, o.Output = Written, name
	if o.Copied {
		o.Status = Unchanged
	}
	if opts.Out == nil {
		o.Status = Planned
		return o
	}
	switch err := r.write(ctx, e, name, opts, &o, p); {
	case errors.Is(err, errDone):
		o.Resumed = true
	case err != nil:
		o.Output = ""
		return fail(err)
	}
	return o
}

// cellNotes say that positions went that should have become a cell: those of
// tracks that cannot be edited in place.
func (r *Runner) cellNotes(findings []exifscrub.Judged) []string {
	if r.Profile.Rules[privacy.Location] != privacy.Coarsen {
		return nil
	}
	for _, j := range findings {
		if j.Class == privacy.Location && j.Where != nil && !j.Where.Zero() && j.Action == privacy.Remove {
			return []string{"positions that cannot become a cell where they stand were removed"}
		}
	}
	return nil
}

// examineFor is examine for a source that may move, or show itself outside of a
// zone. notes say what became of its positions.
func (r *Runner) examineFor(ctx context.Context, s *Source, opts ScrubOptions) (e *examined, notes []string, err error) {
	if opts.Hide != nil {
		return r.examineZoned(ctx, s, opts.Hide, opts.Moving)
	}
	if opts.Displace != nil {
		if d := opts.Displace(s); d != nil {
			if e, err = r.examineMoving(ctx, s, d, opts.Moving); err == nil {
				notes = e.move.tell(e.plan)
			}
			return e, notes, err
		}
	}
	e, err = r.examine(ctx, s)
	return e, nil, err
}

// write makes the copy, verifies it, and queues it for its name.
func (r *Runner) write(ctx context.Context, e *examined, name string, opts ScrubOptions, o *Outcome, p *pending) error {
	if there, err := os.Stat(filepath.Join(opts.Path, filepath.FromSlash(name))); err == nil {
		if own, err := e.file.Stat(); err != nil || os.SameFile(there, own) {
			return errSame
		}
	}
	if there, ok := opts.there(opts.Path, name); ok {
		defer there.Close()
		return r.recheck(ctx, e, there, o)
	}
	out, err := opts.create(opts.Out, opts.Path, name)
	if err != nil {
		return err
	}
	committed := false
	defer func() {
		if !committed {
			out.Discard()
		}
	}()
	if err := exifscrub.Apply(out, e.in, e.plan.Edits()); err != nil {
		return fmt.Errorf("cannot be written: %w", bare(err))
	}
	if o.Checked, err = r.check(ctx, e, out); err != nil {
		return err
	}
	mod := atomicfile.Neutral()
	if opts.KeepTimes {
		mod = o.Source.Mod
	}
	committed = true
	return opts.commit(opts.Out, out, name, mod, p)
}

// recheck compares what is there with what would be written, and verifies it
// as if it were new.
func (r *Runner) recheck(ctx context.Context, e *examined, there *os.File, o *Outcome) error {
	same := newComparer(there)
	err := exifscrub.Apply(same, e.in, e.plan.Edits())
	if err == nil {
		err = same.whole()
	}
	if err != nil {
		return fmt.Errorf("comparing: %w", bare(err))
	}
	in, err := openInput(there)
	if err != nil {
		return plainError(err)
	}
	if o.Checked, err = r.check(ctx, e, in); err != nil {
		return err
	}
	return errDone
}

// errSame is why a file is not its own output, whatever it is called.
var errSame = errors.New("output and input are the same file")

// errIsLog is why a flight log is not scrubbed.
var errIsLog = errors.New("a flight log: flightveil convert writes it in an open format without identity")

// errExists is why an output is never replaced.
var errExists = errors.New("the output exists already")

// bare drops the path from an error of the os package.
func bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

var _ input.Input = (*atomicfile.File)(nil)
