// Package pipeline moves files through detect, walk, decide, write, verify and
// report, one file per stage. No stage prints, prompts or reads flags.
package pipeline

import (
	"context"
	"errors"
	"fmt"

	"io/fs"
	"iter"
	"syscall"

	"flightveil/exifscrub"
	"flightveil/geofuzz"
	"flightveil/internal/fault"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// A Runner holds what every run needs. It has no global state.
type Runner struct {
	Media   *input.Registry[exifscrub.Format]
	Logs    *input.Registry[logfmt.Format]
	Profile privacy.Profile
	Limits  input.Limits
	Jobs    int  // files in work at the same time; at least one
	Draw    bool // logs that are inspected tell what their flights look like
	Moved   bool // copies that are verified hold positions that were moved
	Memory  *input.Meter
}

// Status is what became of one input.
type Status string

const (
	Written   Status = "written"   // cleaned, checked and there
	Edited    Status = "edited"    // cleaned where it is, and checked
	Restored  Status = "restored"  // an interrupted edit was undone
	Unchanged Status = "unchanged" // already clean: copied bit for bit, or left as it is
	Planned   Status = "planned"   // dry run
	Inspected Status = "inspected" // read only
	Refused   Status = "refused"   // cannot be cleaned safely, or not known
	Failed    Status = "failed"    // could not be read or written
	Skipped   Status = "skipped"   // system junk, listed and left alone
)

// An Outcome is what happened to one input file. Every input has exactly one.
type Outcome struct {
	Source   Source
	Output   string // path below the output folder; empty if nothing was written
	Format   string
	Status   Status
	Err      error  // why it was refused or failed
	Reason   string // why it was skipped
	Findings []exifscrub.Judged
	Notes    []string
	Copied   bool // no edit was needed
	Lost     bool // part of the input could not be read
	Keyless  bool // the vendor encrypted it, and no key was given
	Checked  Checked
	Resumed  bool // an earlier run wrote the output

	Flown     *Flown // of a converted log, as it was written, or of an inspected one; only if that was asked for
	Positions int    // of the aircraft, in a converted log before anything is left out
}

// Checked says how an output was verified.
type Checked struct {
	Values  int // removed values that were searched for
	Readers []string
}

// Why says in words why o was refused, failed or skipped.
func (o Outcome) Why() string {
	if o.Err != nil {
		return o.Err.Error()
	}
	return o.Reason
}

// Processed reports whether o ended as it should.
func (o Outcome) Processed() bool { return !o.Lost && o.Status != Refused && o.Status != Failed }

// errUnknown is the reason for refusing a file nobody recognises.
var errUnknown = fmt.Errorf("not a photo, sidecar or flight log that flightveil knows: %w", exifscrub.ErrRefused)

// examined is a file that was recognised and walked.
type examined struct {
	in     *input.Cached // for walking
	raw    input.Input   // for copying: the file itself
	file   opened
	probe  input.Probe
	format exifscrub.Format
	plan   *exifscrub.Plan
	move   *mover  // what moves its values; nil if none are moved
	shown  *Runner // with the profile it is cleaned under, if that is not the usual one
}

// opened is a file, whatever it was opened for.
type opened interface {
	Stat() (fs.FileInfo, error)
	Close() error
}

// examine opens, recognises and walks s under the runner's profile.
func (r *Runner) examine(ctx context.Context, s *Source) (*examined, error) {
	e, err := r.open(s)
	if err != nil {
		return nil, err
	}
	if err := r.walk(ctx, e); err != nil {
		e.close()
		return e, err
	}
	return e, nil
}

// open opens s and reads what it takes to recognise it.
func (r *Runner) open(s *Source) (*examined, error) {
	raw, file, err := s.Open()
	if err != nil {
		return nil, err
	}
	return r.newExamined(s, raw, file)
}

func (r *Runner) newExamined(s *Source, raw input.Input, file opened) (_ *examined, err error) {
	e := &examined{in: input.NewCached(r.Memory.Of(raw)), raw: raw, file: file}
	if e.probe, err = input.NewProbe(baseName(s.Rel), e.in); err != nil {
		e.close()
		return nil, plainError(err)
	}
	return e, nil
}

// walk recognises and walks what was opened.
func (r *Runner) walk(ctx context.Context, e *examined) (err error) {
	if e.format, err = r.detect(e.probe); err != nil {
		if errors.Is(err, errUnknown) && r.isLog(e.probe) {
			err = errIsLog
		}
		return err
	}
	job := r.job()
	if e.move != nil {
		job = r.moving(e.move)
	}
	e.plan, err = exifscrub.Scan(ctx, job, e.format, e.in)
	return err
}

// close ends the use of the file.
func (e *examined) close() {
	e.in.Free()
	e.file.Close() // it was only read
}

// detect recognises a file by its content.
func (r *Runner) detect(probe input.Probe) (exifscrub.Format, error) {
	if probe.Input.Size() == 0 {
		return nil, fmt.Errorf("empty file: %w", exifscrub.ErrRefused)
	}
	f, m, tie := r.Media.Detect(probe)
	switch {
	case m < input.Likely:
		return nil, errUnknown
	case tie:
		return nil, fmt.Errorf("looks like two formats at once: %w", exifscrub.ErrRefused)
	}
	return f, nil
}

func (r *Runner) job() exifscrub.Job {
	metres, err := r.Profile.CellMetres()
	if err != nil {
		metres = 1000 // profiles are checked when they are read
	}
	return exifscrub.Job{
		Formats: r.Media, Policy: r.Profile.Policy(), Limits: r.Limits,
		Cell: func(p geo.Point) geo.Point { return geofuzz.Cell(p, metres) },
	}
}

// statusOf tells a failure from a refusal: a file that cannot be read or
// written has failed, one that is damaged or not understood is refused.
func statusOf(err error) Status {
	if errors.As(err, new(*fs.PathError)) || errors.As(err, new(syscall.Errno)) || errors.Is(err, errTorn) || errors.Is(err, errExists) || errors.Is(err, errDiffers) || errors.Is(err, errSame) || errors.Is(err, context.Canceled) {
		return Failed
	}
	return Refused
}

// guard runs work for one file; a panic in it fails that file only.
func guard(s *Source, work func() Outcome) (o Outcome) {
	if err := fault.Guard(func() error { o = work(); return nil }); err != nil {
		o = Outcome{Source: *s, Status: Failed, Err: err}
	}
	return o
}

// ordered runs work for 0..n-1 on up to jobs goroutines and yields the results
// in order. It stops early, without leaking goroutines, when the caller does
// or ctx ends. The goroutines last: their stacks need to grow only once.
func ordered[T any](ctx context.Context, n, jobs int, work func(int) T) iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		jobs := min(max(1, jobs), n)
		type task struct {
			i    int
			slot chan T
		}
		tasks := make(chan task)
		slots := make(chan chan T, 4*jobs)
		for range jobs {
			go func() {
				for t := range tasks {
					t.slot <- work(t.i)
				}
			}()
		}
		go func() {
			defer close(slots)
			defer close(tasks)
			for i := range n {
				t := task{i, make(chan T, 1)}
				select {
				case slots <- t.slot:
				case <-ctx.Done():
					return
				}
				select {
				case tasks <- t:
				case <-ctx.Done():
					return
				}
			}
		}()
		i := 0
		for slot := range slots {
			select {
			case v := <-slot:
				if !yield(i, v) {
					return
				}
				i++
			case <-ctx.Done():
				return
			}
		}
	}
}

// StatusOf is the status of a file that err keeps from being written.
func StatusOf(err error) Status { return statusOf(err) }

// Unknown reports whether err means that nobody recognises the file.
func Unknown(err error) bool { return errors.Is(err, errUnknown) }
