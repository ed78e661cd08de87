package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"

	"flightveil/exifscrub"
	"flightveil/geofuzz"
	"flightveil/internal/atomicfile"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/internal/verify"
	"flightveil/logfmt"
	"flightveil/logfmt/export"
)

// ConvertOptions says what convert writes and where.
type ConvertOptions struct {
	Out    *atomicfile.Dir
	Path   string // of Out
	Name   string // of a single or merged output, below Out
	To     export.Format
	Merge  bool
	Select Selection
	// Mooring, if there is one, says where flights are moved to.
	Mooring geofuzz.Mooring
	// Release, if there is one, changes whole flights. It excludes Mooring, by
	// which they are moved as they are read.
	Release *Release
	// Clock says when moved flights begin: at [geofuzz.Epoch] if it is empty, at
	// midnight of their own day with "day", when they did with "keep".
	Clock string
	// Flown asks for what the written flights look like.
	Flown bool
	Delivery
}

// Convert writes each log in an open format and yields the outcomes in order.
// With Merge all logs go into one file, in the order of the sources.
func (r *Runner) Convert(ctx context.Context, sources []Source, opts ConvertOptions) iter.Seq[Outcome] {
	if opts.Merge {
		return r.merge(ctx, sources, opts)
	}
	return func(yield func(Outcome) bool) {
		names := opts.Names
		if names == nil {
			names = r.trackNames(sources, opts.To.Extension)
			if opts.Mooring != nil || opts.Release != nil {
				neutralNames(sources, names, opts.To.Extension)
			}
		}
		work := func(i int) *pending {
			p := &pending{}
			opts := opts
			if opts.Name == "" {
				opts.Name = names[i]
			}
			p.Outcome = guard(&sources[i], func() Outcome { return r.convert(ctx, &sources[i], opts, p) })
			return p
		}
		for _, p := range ordered(ctx, len(sources), r.Jobs, work) {
			opts.Out.Flush() // errors reach each file's outcome
			if !yield(p.settled()) {
				return
			}
		}
	}
}

// trackNames returns the name of each source's track: its own with another
// extension. Where a video and its captions would get the same, the first log
// does and the others keep their extension, too.
func (r *Runner) trackNames(sources []Source, extension string) []string {
	names := make([]string, len(sources))
	groups := map[string][]int{}
	for i, s := range sources {
		names[i] = strings.TrimSuffix(s.Rel, path.Ext(s.Rel)) + extension
		if s.skip == "" {
			key := strings.ToLower(names[i])
			groups[key] = append(groups[key], i)
		}
	}
	for _, group := range groups {
		if len(group) < 2 {
			continue
		}
		first := true
		for _, i := range group {
			guard(&sources[i], func() Outcome {
				if _, _, file, err := r.openLog(&sources[i]); err == nil {
					file.Close()
					if !first {
						names[i] = sources[i].Rel + extension
					}
					first = false
				}
				return Outcome{}
			})
		}
	}
	return names
}

// A conversion is one log on its way into an open format.
type conversion struct {
	r      *Runner
	format logfmt.Format
	in     input.Input
	file   fs.File

	removed  []verify.Finding // identifiers that stay behind
	damaged  int
	fixes    int
	personal int   // positions of the pilot
	err      error // what ended the log early

	mover    *relocator // nil if positions stay
	releaser *releaser  // nil if flights are not changed as a whole
}

// records decodes the log anew, moved to where it may be shown.
func (c *conversion) records(ctx context.Context, opts ConvertOptions) iter.Seq2[logfmt.Record, error] {
	if c.releaser != nil {
		return c.releaser.apply(c.plain(ctx, opts))
	}
	if c.mover == nil {
		return c.plain(ctx, opts)
	}
	return c.mover.apply(c.plain(ctx, opts))
}

// plain decodes the log anew, within the profile and the selection.
func (c *conversion) plain(ctx context.Context, opts ConvertOptions) iter.Seq2[logfmt.Record, error] {
	c.removed, c.damaged, c.fixes, c.personal, c.err = nil, 0, 0, 0, nil
	policy := c.r.Profile.Policy()
	watched := func(yield func(logfmt.Record, error) bool) {
		for rec, err := range c.format.Decode(ctx, c.in, c.r.Limits.Defaults()) {
			if err != nil { // what came before is written all the same
				c.err = err
				return
			}
			switch x := rec.(type) {
			case logfmt.Damage:
				c.damaged++
			case logfmt.Fix:
				c.fixes++
			case logfmt.Spot:
				if x.Role.Personal() {
					c.personal++
				}
			case logfmt.Identifier:
				// Where flights are hidden, nothing but models leaves as it is.
				gone := policy.Decide(x.Finding) != privacy.Keep || x.Class != privacy.Device && (opts.Mooring != nil || opts.Release != nil)
				if gone && searchable(x.Finding) && len(c.removed) < c.r.Limits.Defaults().Items {
					c.removed = append(c.removed, verify.Finding{Finding: x.Finding})
				}
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
	return c.r.filtered(opts.Select.apply(watched), opts.To.NeedsPositions)
}

// searchable reports whether the value of f is more than a short number: such
// a one stands among a million coordinates by chance.
func searchable(f privacy.Finding) bool {
	v := f.Value.Reveal()
	return len(v) >= 10 || strings.Trim(v, "+-.0123456789") != ""
}

func (r *Runner) convert(ctx context.Context, s *Source, opts ConvertOptions, p *pending) Outcome {
	o := Outcome{Source: *s}
	if s.skip != "" {
		o.Status, o.Reason = Skipped, s.skip
		return o
	}
	c, err := r.conversion(s)
	if err != nil {
		o.Status, o.Err = statusOf(err), err
		return o
	}
	defer c.file.Close()
	o.Format = c.format.ID()
	if err := errors.Join(c.survey(ctx, opts), c.prepare(ctx, opts)); err != nil {
		o.Status, o.Err = statusOf(err), err
		return o
	}
	err = r.writeLog(opts, opts.Name, []*conversion{c}, func() iter.Seq2[logfmt.Record, error] { return c.records(ctx, opts) }, p)
	if errors.Is(err, errDone) {
		o.Resumed, err = true, nil
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	c.tell(&o, opts.Name, err)
	if opts.Flown && o.Status == Written {
		b := newFlown(o.Format)
		for rec, err := range c.records(ctx, opts) {
			if err != nil {
				break
			}
			b.add(rec)
		}
		o.Flown = b.end()
		o.Findings = c.judged(opts)
	}
	return o
}

// judged lists what became of what the log tells.
func (c *conversion) judged(opts ConvertOptions) []exifscrub.Judged {
	var out []exifscrub.Judged
	add := func(class privacy.Class, path string, n int, action privacy.Action) {
		if n > 0 {
			out = append(out, exifscrub.Judged{Finding: privacy.Finding{Class: class, Path: path, Count: n}, Action: action})
		}
	}
	where := c.r.Profile.Policy().Decide(privacy.Finding{Class: privacy.Location, Where: &geo.Point{}})
	if opts.Mooring != nil {
		where = privacy.Coarsen
	}
	add(privacy.Location, "position", c.fixes, where)
	add(privacy.Operator, "position", c.personal, c.r.Profile.Policy().Decide(privacy.Finding{Class: privacy.Operator}))
	for _, f := range c.removed {
		if f.Where == nil {
			add(f.Class, f.Path, 1, privacy.Remove)
		}
	}
	return out
}

// tell fills in what became of one log.
func (c *conversion) tell(o *Outcome, name string, err error) {
	o.Keyless = errors.Is(c.err, logfmt.ErrKey)
	switch {
	case err != nil:
		o.Status, o.Err = statusOf(err), err
		return
	case c.err != nil && c.fixes == 0:
		o.Status, o.Err = Refused, c.err
		return
	}
	o.Status, o.Output = Written, name
	o.Checked = Checked{Values: len(c.removed)}
	o.Positions = c.fixes
	o.Notes = append(o.Notes, count(c.fixes, "position"))
	if c.err != nil {
		o.Lost = true
		o.Notes = append(o.Notes, "the rest could not be read: "+c.err.Error())
	}
	if m := c.releaser; m != nil {
		o.Notes[len(o.Notes)-1] = fmt.Sprintf("%d shown of %s", m.shown, count(c.fixes, "position"))
		if m.hidden > 0 {
			o.Notes = append(o.Notes, count(m.hidden, "flight")+" left out: "+m.why.Error())
		}
	}
	if c.mover != nil && c.mover.flat > 0 {
		o.Notes = append(o.Notes, "heights of "+count(c.mover.flat, "flight")+" left out: they may be those of the ground, by which the place could be found")
	}
	if c.damaged > 0 {
		o.Lost = true
		o.Notes = append(o.Notes, "damaged in "+count(c.damaged, "place")+": what could be read was written")
	}
}

func (r *Runner) conversion(s *Source) (*conversion, error) {
	f, in, file, err := r.openLog(s)
	if err != nil {
		return nil, err
	}
	return &conversion{r: r, format: f, in: in, file: file}, nil
}

// writeLog encodes, checks and queues one output.
func (r *Runner) writeLog(opts ConvertOptions, name string, logs []*conversion, records export.Records, p *pending) error {
	if there, err := os.Stat(filepath.Join(opts.Path, filepath.FromSlash(name))); err == nil {
		for _, c := range logs {
			if own, err := c.file.Stat(); err != nil || os.SameFile(there, own) {
				return errSame
			}
		}
	}
	if there, ok := opts.there(opts.Path, name); ok {
		defer there.Close()
		return recheckLog(opts, there, logs, records)
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
	if err := opts.To.Encode(out, records); err != nil {
		return fmt.Errorf("cannot be written: %w", bare(err))
	}
	if err := checkLogs(logs, out, opts); err != nil {
		return err
	}
	committed = true
	return opts.commit(opts.Out, out, name, atomicfile.Neutral(), p)
}

// checkLogs looks in out for what of logs must not be there.
func checkLogs(logs []*conversion, out input.Input, opts ConvertOptions) error {
	for _, c := range logs {
		if c.err != nil && c.fixes == 0 && len(logs) == 1 {
			return c.err // nothing could be read: no file
		}
		if err := c.check(out, opts); err != nil {
			return err
		}
	}
	return nil
}

// recheckLog compares what is there with what would be written, and verifies
// it as if it were new.
func recheckLog(opts ConvertOptions, there *os.File, logs []*conversion, records export.Records) error {
	same := newComparer(there)
	err := opts.To.Encode(same, records)
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
	if err := checkLogs(logs, in, opts); err != nil {
		return err
	}
	return errDone
}

// check searches out for the identifiers that stayed behind, and for the true
// positions of flights that were moved far away.
func (c *conversion) check(out input.Input, opts ConvertOptions) error {
	if _, far := opts.Mooring.(geofuzz.Zero); far {
		c.removed = append(c.removed, c.mover.secrets(geofuzz.Sea)...)
	}
	needles, err := verify.NewNeedles(verify.File{In: c.in, Findings: c.removed}, verify.File{In: out})
	if err != nil {
		return err
	}
	hits, err := needles.Search(context.Background(), out, nil)
	if err != nil {
		return err
	}
	if len(hits) > 0 {
		return leak(hits)
	}
	return nil
}

// merge writes all logs into one file.
func (r *Runner) merge(ctx context.Context, sources []Source, opts ConvertOptions) iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		outcomes := make([]Outcome, len(sources))
		logs := make([]*conversion, len(sources))
		var opened []*conversion
		for i := range sources {
			outcomes[i] = Outcome{Source: sources[i]}
			if sources[i].skip != "" {
				outcomes[i].Status, outcomes[i].Reason = Skipped, sources[i].skip
				continue
			}
			c, err := r.conversion(&sources[i])
			if err != nil {
				outcomes[i].Status, outcomes[i].Err = statusOf(err), err
				continue
			}
			defer c.file.Close()
			outcomes[i].Format = c.format.ID()
			if err := errors.Join(c.survey(ctx, opts), c.prepare(ctx, opts)); err != nil {
				outcomes[i].Status, outcomes[i].Err = statusOf(err), err
				continue
			}
			logs[i] = c
			opened = append(opened, c)
		}
		all := func() iter.Seq2[logfmt.Record, error] {
			return func(yield func(logfmt.Record, error) bool) {
				for _, c := range opened {
					first := logfmt.Start{}
					switch {
					case c.mover != nil:
						first.Note = displacedNote
					case c.releaser != nil:
						first.Note = c.releaser.Note
					}
					if !yield(first, nil) {
						return
					}
					for rec, err := range c.records(ctx, opts) {
						if !yield(rec, err) {
							return
						}
					}
				}
			}
		}
		p := &pending{}
		var err error
		if len(opened) > 0 {
			p.Outcome = guard(&sources[0], func() Outcome { err = r.writeLog(opts, opts.Name, opened, all, p); return Outcome{} })
			if p.Err != nil {
				err = p.Err
			}
		}
		opts.Out.Flush()
		if p.err != nil {
			err = p.err
		}
		for i := range sources {
			if logs[i] != nil {
				logs[i].tell(&outcomes[i], opts.Name, err)
			}
			if !yield(outcomes[i]) {
				return
			}
		}
	}
}
