package exifscrub

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"

	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A Job is what Scan needs to know beside the file.
type Job struct {
	Formats *input.Registry[Format]
	Policy  privacy.Policy
	Limits  Limits
	Cell    func(geo.Point) geo.Point // where Coarsen moves a position to; idempotent
	// Move is what Displace moves values with. Without it they are removed.
	Move Mover
	// Coded is coded data of the file that need not be read, because it was
	// copied from a file that has been walked ([Plan.CodedAfter]). Ascending.
	Coded []Span
}

// ErrRefused is wrapped when a file cannot be cleaned without losing what it is for.
var ErrRefused = errors.New("cannot be cleaned safely")

// Judged is a finding and what the policy made of it.
type Judged struct {
	privacy.Finding // spans count from the start of the file
	Action          privacy.Action
	// Encoded says that the value lies in the file compressed or otherwise
	// encoded, so that its spans are those of the block that carries it.
	Encoded bool
}

// A Part is a container inside the file, or the file itself.
type Part struct {
	Format  string
	Path    string
	Spans   []Span // in the file
	Encoded bool
}

// A Plan is what a file holds and what would be done to it.
type Plan struct {
	Format   string
	Findings []Judged // in file order
	Parts    []Part   // the file first, then every child that stays and could be read
	Notes    []string
	Coded    []Span // coded image data and samples, in the file

	in    Input
	edits func() iter.Seq2[Edit, error]
	known []Edit                 // the first edits, once they were asked for
	rest  iter.Seq2[Edit, error] // all edits, if known is not all; nil otherwise
}

// Edits returns the edits that clean the file. Edits that would write what is
// there already are left out.
func (p *Plan) Edits() iter.Seq2[Edit, error] {
	return func(yield func(Edit, error) bool) {
		if p.known == nil {
			p.remember()
		}
		for _, e := range p.known {
			if !yield(e, nil) {
				return
			}
		}
		if p.rest == nil {
			return
		}
		skip := len(p.known)
		for e, err := range p.rest {
			if skip--; skip >= 0 && err == nil {
				continue
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// What a plan remembers of its edits: all of them in nearly every file.
const (
	knownEdits = 4096
	knownBytes = 1 << 20
)

// remember computes the first edits, so that asking again costs nothing, and
// leaves p.rest nil if these are all.
func (p *Plan) remember() {
	p.known = []Edit{}
	bytes := 0
	for e, err := range p.wanted() {
		if bytes += len(e.With); err != nil || len(p.known) == knownEdits || bytes > knownBytes {
			p.rest = p.wanted()
			return
		}
		p.known = append(p.known, e)
	}
}

// wanted yields the edits that change something, computed anew.
func (p *Plan) wanted() iter.Seq2[Edit, error] {
	return func(yield func(Edit, error) bool) {
		for e, err := range p.edits() {
			if err == nil {
				var works bool
				if works, err = effective(p.in, e); err == nil && !works {
					continue
				}
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Clean reports whether the file needs no edit.
func (p *Plan) Clean() (bool, error) {
	for _, err := range p.Edits() {
		return false, err
	}
	return true, nil
}

// Scan walks in, which f has recognised, with everything inside it, and
// decides what happens to each finding. An error that wraps [ErrRefused] means
// that the file must not be written.
func Scan(ctx context.Context, job Job, f Format, in Input) (*Plan, error) {
	job.Limits = job.Limits.Defaults()
	s := scanner{job: job, left: job.Limits.Items}
	return s.scan(ctx, f, in, job.Coded, 0)
}

type scanner struct {
	job  Job
	left int      // items that may still be found
	keep []string // Child.Keep of the children being scanned
	move Mover    // Job.Move, if the container being scanned can displace
}

func (s *scanner) scan(ctx context.Context, f Format, in Input, coded []Span, depth int) (*Plan, error) {
	if depth > s.job.Limits.Depth {
		return nil, fmt.Errorf("files nested %d deep: %w", depth, input.ErrLimit)
	}
	p := &Plan{Format: f.ID(), in: in, Parts: []Part{{Format: f.ID(), Spans: []Span{{Len: in.Size()}}}}}
	var decisions []Decision
	var inner []Edit
	in = &shared{Input: in, coded: coded}
	outer := s.move
	defer func() { s.move = outer }()
	s.move = nil
	if _, ok := f.(Displacer); ok {
		s.move = s.job.Move
	}
	for item, err := range f.Walk(ctx, in, s.job.Limits) {
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.ID(), err)
		}
		if s.left--; s.left < 0 {
			return nil, fmt.Errorf("more than %d items: %w", s.job.Limits.Items, input.ErrLimit)
		}
		d := Decision{Item: item, Action: privacy.Keep}
		switch {
		case item.Finding != nil:
			if d, err = s.judge(*item.Finding); err != nil {
				return nil, err
			}
			p.Findings = append(p.Findings, Judged{Finding: *item.Finding, Action: d.Action})
		case item.Child != nil:
			fate, err := s.together(item.Together)
			if err != nil {
				return nil, err
			}
			var es []Edit
			if d, es, err = s.child(ctx, p, item, fate, coded, depth); err != nil {
				return nil, err
			}
			p.add(item.Together, d.Action)
			inner = append(inner, es...)
		case item.Together != nil:
			if d.Action, err = s.together(item.Together); err != nil {
				return nil, err
			}
			p.add(item.Together, d.Action)
		case item.Coded != nil:
			p.Coded = append(p.Coded, *item.Coded)
		default:
			p.Notes = append(p.Notes, item.Note)
		}
		decisions = append(decisions, d)
	}
	slices.SortStableFunc(inner, func(a, b Edit) int { return cmp.Or(cmp.Compare(a.Off, b.Off), cmp.Compare(a.Len, b.Len)) })
	p.edits = func() iter.Seq2[Edit, error] { return merge(f.Edits(ctx, in, decisions, s.job.Limits), inner) }
	return p, nil
}

func (s *scanner) judge(f privacy.Finding) (Decision, error) {
	d := Decision{Item: Item{Finding: &f}, Action: s.job.Policy.Decide(f)}
	if len(s.keep) > 0 && slices.Contains(s.keep, path.Base(f.Path)) {
		d.Action = privacy.Keep
	}
	switch d.Action {
	case privacy.Refuse:
		return d, fmt.Errorf("%s: %w", f.Path, ErrRefused)
	case privacy.Coarsen:
		if f.Where != nil {
			d.To = s.job.Cell(*f.Where)
		}
	case privacy.Displace:
		if d.Move = s.move; d.Move == nil {
			d.Action = privacy.Remove
		}
	}
	return d, nil
}

// together judges findings that stay or go as one.
func (s *scanner) together(fs []privacy.Finding) (privacy.Action, error) {
	action := privacy.Keep
	for _, f := range fs {
		d, err := s.judge(f)
		if err != nil {
			return "", err
		}
		if d.Action != privacy.Keep { // a position cannot be moved in what is not edited
			action = privacy.Remove
		}
	}
	if s.left -= len(fs); s.left < 0 {
		return "", fmt.Errorf("more than %d items: %w", s.job.Limits.Items, input.ErrLimit)
	}
	return action, nil
}

// smallChild is how large a child may be to be read in one go: metadata blocks
// are walked in many small steps.
const smallChild = 256 << 10

// child scans the child of item, adds what it holds to p, and returns the
// decision about it and the edits inside it, which count from the start of the
// parent. fate is Remove if it must go anyway.
func (s *scanner) child(ctx context.Context, p *Plan, item Item, fate privacy.Action, coded []Span, depth int) (Decision, []Edit, error) {
	c := *item.Child
	d := Decision{Item: item, Action: fate, NewLen: c.size()}
	var in Input = &spanned{p.in, c.Spans, c.size()}
	if c.Decoded != nil {
		in = input.Bytes(c.Decoded)
	} else if c.size() <= smallChild {
		if b, err := input.View(in, 0, c.size(), smallChild); err == nil { // else the child's own reads tell
			in = input.Bytes(b)
		}
	}
	kept := s.keep
	s.keep = append(slices.Clip(kept), c.Keep...)
	if c.Decoded != nil || len(c.Spans) != 1 {
		coded = nil
	} else {
		coded = inside(coded, c.Spans[0])
	}
	sub, err := s.open(ctx, c, in, coded, depth)
	s.keep = kept
	if errors.Is(err, context.Canceled) || errors.Is(err, ErrRefused) && c.Required {
		return d, nil, err
	}
	if err != nil { // nobody can look inside: the child is one finding
		f := privacy.Finding{Class: cmp.Or(c.Class, privacy.Unknown), Path: c.Path, Spans: c.Spans}
		judged, ferr := s.judge(f)
		if ferr != nil {
			return d, nil, ferr
		}
		if judged.Action != privacy.Keep {
			if c.Required {
				return d, nil, fmt.Errorf("%s cannot be read: %w: %w", c.Path, err, ErrRefused)
			}
			d.Action = privacy.Remove
		}
		p.Findings = append(p.Findings, Judged{Finding: f, Action: d.Action})
		return d, nil, nil
	}
	return s.settle(d, p, sub, c)
}

// size returns how many bytes the child's format reads.
func (c Child) size() int64 {
	if c.Decoded != nil {
		return int64(len(c.Decoded))
	}
	return spansLen(c.Spans)
}

// settle decides whether a child that could be read stays.
func (s *scanner) settle(d Decision, p, sub *Plan, c Child) (Decision, []Edit, error) {
	whole := Judged{Finding: privacy.Finding{Class: cmp.Or(c.Class, privacy.Unknown), Path: c.Path, Spans: c.Spans}, Action: privacy.Remove}
	if c.Stray && s.job.Policy.Decide(whole.Finding) != privacy.Keep {
		d.Action = privacy.Remove
		p.Findings = append(p.Findings, whole)
		s.adopt(d, p, sub, c)
		return d, nil, nil
	}
	if c.Expendable && len(sub.Findings) > 0 && !sub.keeps() {
		d.Action = privacy.Remove
	}
	if d.Gone() && !c.Required { // whatever could be done inside does not matter
		s.adopt(d, p, sub, c)
		return d, nil, nil
	}
	var edits []Edit
	for e, err := range sub.Edits() {
		if errors.Is(err, ErrRefused) && (c.Expendable || !c.Fixed) && !c.Required {
			d.Action = privacy.Remove
			break
		}
		if err != nil {
			return d, nil, fmt.Errorf("%s: %w", c.Path, err)
		}
		if edits = append(edits, e); len(edits) > s.job.Limits.Items {
			return d, nil, fmt.Errorf("%s: more than %d edits: %w", c.Path, s.job.Limits.Items, input.ErrLimit)
		}
		d.NewLen += e.NewLen() - e.Len
	}
	if len(edits) > 0 && (c.Decoded != nil && !c.Recoded || d.Together != nil || c.Expendable && !sub.keeps()) {
		d.Action = privacy.Remove
	}
	if d.Gone() {
		edits = nil
	}
	if d.Action == privacy.Remove && c.Required {
		return d, nil, fmt.Errorf("%s holds what must go and cannot be edited: %w", c.Path, ErrRefused)
	}
	if gap := c.size() - d.NewLen; c.Fixed && d.Action == privacy.Keep && gap > 0 && c.Decoded == nil && len(c.Spans) == 1 {
		edits = append(edits, Edit{Off: c.size(), With: make([]byte, gap)})
		d.NewLen = c.size()
	}
	resized := func(e Edit) bool { return e.NewLen() != e.Len }
	if d.Action == privacy.Keep && (c.Fixed && d.NewLen != c.size() || c.Decoded == nil && len(c.Spans) > 1 && slices.ContainsFunc(edits, resized)) {
		return d, nil, fmt.Errorf("%s: an edit changes the size of a block whose size is fixed", c.Path)
	}
	s.adopt(d, p, sub, c)
	if d.Inner = slices.Clone(edits); c.Decoded != nil {
		return d, nil, nil
	}
	return d, rebaseEdits(c.Spans, edits), nil
}

// adopt adds to p what sub, the plan of its child c, holds.
func (s *scanner) adopt(d Decision, p, sub *Plan, c Child) {
	for _, j := range sub.Findings {
		j.Path = c.Path + "/" + j.Path
		if j.Encoded = j.Encoded || c.Decoded != nil; j.Encoded {
			j.Spans = c.Spans
		} else {
			j.Spans = rebase(c.Spans, j.Spans)
		}
		if d.Gone() {
			j.Action = privacy.Remove
		}
		p.Findings = append(p.Findings, j)
	}
	for _, n := range sub.Notes {
		p.Notes = append(p.Notes, c.Path+": "+n)
	}
	if d.Gone() {
		return
	}
	if c.Decoded == nil {
		p.Coded = append(p.Coded, rebase(c.Spans, sub.Coded)...)
	}
	for _, part := range sub.Parts {
		part.Path = joinPath(c.Path, part.Path)
		part.Encoded = part.Encoded || c.Decoded != nil
		if part.Encoded {
			part.Spans = c.Spans
		} else {
			part.Spans = rebase(c.Spans, part.Spans)
		}
		p.Parts = append(p.Parts, part)
	}
}

// open finds the format of a child and scans it.
func (s *scanner) open(ctx context.Context, c Child, in Input, coded []Span, depth int) (*Plan, error) {
	f, ok := s.job.Formats.ByID(c.Format)
	if c.Format == "" {
		probe, err := input.NewProbe("", in)
		if err != nil {
			return nil, err
		}
		var m input.Match
		var tie bool
		f, m, tie = s.job.Formats.Detect(probe)
		ok = m >= input.Likely && !tie
	}
	if !ok {
		return nil, fmt.Errorf("format not known: %w", input.ErrUnsupported)
	}
	return s.scan(ctx, f, in, coded, depth+1)
}

// add records findings of which all meet with action.
func (p *Plan) add(fs []privacy.Finding, action privacy.Action) {
	for _, f := range fs {
		p.Findings = append(p.Findings, Judged{Finding: f, Action: action})
	}
}

// keeps reports whether anything worth a block of its own stays in p.
func (p *Plan) keeps() bool {
	return slices.ContainsFunc(p.Findings, func(j Judged) bool { return j.Action != privacy.Remove })
}

func joinPath(a, b string) string {
	if b == "" {
		return a
	}
	return a + "/" + b
}

// merge yields the edits of outer and inner, both ascending, in order.
func merge(outer iter.Seq2[Edit, error], inner []Edit) iter.Seq2[Edit, error] {
	return func(yield func(Edit, error) bool) {
		for e, err := range outer {
			for err == nil && len(inner) > 0 && (inner[0].Off < e.Off || inner[0].Off == e.Off && inner[0].Len == 0 && e.Len > 0) {
				if !yield(inner[0], nil) {
					return
				}
				inner = inner[1:]
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
		for _, e := range inner {
			if !yield(e, nil) {
				return
			}
		}
	}
}
