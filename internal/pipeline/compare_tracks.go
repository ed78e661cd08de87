package pipeline

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"path"
	"slices"

	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/internal/verify"
	"flightveil/logfmt"
)

// pairTracks finds the log that each track without a partner was made of: the
// one that is as long, in time and in metres. Moving a track changes neither.
func (r *Runner) pairTracks(ctx context.Context, pairs []pair) []pair {
	var logs, tracks []int
	seen := map[int]*Flown{}
	for i, p := range pairs {
		var s *Source
		switch {
		case p.original != nil && p.clean == nil:
			s = p.original
		case p.original == nil && p.clean != nil:
			s = p.clean
		default:
			continue
		}
		look := r.Sight(ctx, s)
		if !look.Log || look.Flown == nil || look.Flown.Positions == 0 {
			continue
		}
		if seen[i] = look.Flown; p.original != nil {
			logs = append(logs, i)
		} else {
			tracks = append(tracks, i)
		}
	}
	type match struct {
		log, track int
		off        float64
	}
	var matches []match
	for _, l := range logs {
		for _, t := range tracks {
			if off := unlike(seen[l], seen[t]); off < tooUnlike {
				matches = append(matches, match{l, t, off})
			}
		}
	}
	slices.SortStableFunc(matches, func(a, b match) int { return cmp.Compare(a.off, b.off) })
	gone := map[int]bool{}
	for _, m := range matches {
		if !gone[m.log] && !gone[m.track] {
			pairs[m.log] = pair{original: pairs[m.log].original, clean: pairs[m.track].clean, track: true}
			gone[m.log], gone[m.track] = true, true
		}
	}
	out := pairs[:0]
	for i, p := range pairs {
		if !gone[i] || p.track {
			out = append(out, p)
		}
	}
	return out
}

// tooUnlike is where two logs cannot be of the same flight.
const tooUnlike = 10

// unlike says how much two logs differ in what moving them keeps. A track may lack a few positions of its log, and
// its metres are rounded.
func unlike(log, track *Flown) float64 {
	a, b := log.FlightSummary, track.FlightSummary
	off := 0.0
	add := func(x, y, share, least float64) { off += math.Abs(x-y) / max(least, share*max(x, y)) / 3 }
	add(float64(a.Positions), float64(b.Positions), 0.05, 3)
	if a.Duration > 0 && b.Duration > 0 { // not every format of tracks has the clock of every log
		add(a.Duration.Seconds(), b.Duration.Seconds(), 0.02, 2)
	}
	add(a.Distance, b.Distance, 0.05, 20)
	return off
}

// nearTruth is how close in metres a position of a track may come to one of its
// log before it counts as true.
const nearTruth = 50

// compareTracks looks in a track for what of its log should not be there:
// identifiers that the profile removes, in any encoding, and true positions.
func (r *Runner) compareTracks(ctx context.Context, p pair) Compared {
	c := Compared{Original: p.original.Label, Clean: p.clean.Label, Status: NotCompared}
	fail := func(side string, err error) Compared {
		c.Err = fmt.Errorf("%s: %w", side, err)
		return c
	}
	before, err := r.conversion(p.original)
	if err != nil {
		return fail("original", err)
	}
	defer before.file.Close()
	truth := &relocator{}
	for _, err := range before.plain(ctx, ConvertOptions{}) { // fills in what is removed
		if err != nil {
			break
		}
	}
	truth.remembered(ctx, before, r.Limits)
	after, in, file, err := r.openLog(p.clean)
	if err != nil {
		return fail("copy", err)
	}
	defer file.Close()
	policy := r.Profile.Policy()
	kept := policy.Rules[privacy.Location] == privacy.Keep || policy.Rules[privacy.Location] == privacy.Coarsen
	stray := 0
	for rec, err := range after.Decode(ctx, in, r.Limits.Defaults()) {
		if err != nil {
			return fail("copy", err)
		}
		switch x := rec.(type) {
		case logfmt.Fix:
			if !kept && truth.knows(x.Point) {
				stray++
			}
		case logfmt.Spot:
			if !kept && truth.knows(x.Point) {
				stray++
			}
		}
	}
	if stray > 0 {
		c.Hits = append(c.Hits, verify.Hit{Class: privacy.Location, Path: "position", Off: -1, As: count(stray, "true position")})
	}
	needles, err := verify.NewNeedles(verify.File{In: before.in, Findings: before.removed}, verify.File{In: in})
	if err != nil {
		return fail("copy", err)
	}
	hits, err := needles.Search(ctx, in, nil)
	if err != nil {
		return fail("copy", err)
	}
	c.Hits = append(c.Hits, hits...)
	c.Checked.Values = len(before.removed) + len(truth.truth)
	if c.Status = NothingLeft; len(c.Hits) > 0 {
		c.Status = Left
	}
	return c
}

// remembered collects some true positions of a log, whatever the profile says.
func (m *relocator) remembered(ctx context.Context, c *conversion, lim input.Limits) {
	for rec, err := range c.format.Decode(ctx, c.in, lim.Defaults()) {
		if err != nil {
			return
		}
		switch x := rec.(type) {
		case logfmt.Fix:
			m.remember(x.Point)
		case logfmt.Spot:
			m.remember(x.Point)
		}
	}
}

// knows reports whether p is one of the true positions.
func (m *relocator) knows(p geo.Point) bool {
	for _, q := range m.truth {
		if p.Distance(q) < nearTruth {
			return true
		}
	}
	return false
}

// single pairs the only two files there are.
func (r *Runner) single(ctx context.Context, original, clean *Source) []pair {
	p := pair{original: original, clean: clean}
	if e, err := r.examine(ctx, original); err == nil {
		e.close()
	} else if errors.Is(err, errIsLog) {
		p.track = true
	}
	return []pair{p}
}

// withoutReports leaves out the reports that share writes into an export: they
// were made of no original.
func withoutReports(cleans []Source) []Source {
	out := make([]Source, 0, len(cleans))
	for _, s := range cleans {
		if path.Base(s.Rel) != s.Rel || !isReport(&s) {
			out = append(out, s)
		}
	}
	return out
}

// ReportName is what share calls its report in an export, PageName what the
// page there is called if it shall be known again, PageTitle its title.
const (
	ReportName = "report.json"
	PageName   = "report.html"
	PageTitle  = "Report on a shared card"
)

// reports maps names to what such files hold near their beginning.
var reports = map[string]string{ReportName: "{\n \"type\": \"share\",\n", PageName: "<title>" + PageTitle + " – flightveil</title>"}

// isReport reports whether s is a report of share, by its name and its beginning.
func isReport(s *Source) bool {
	start := reports[path.Base(s.Rel)]
	return start != "" && begins(s, start)
}

// begins reports whether the first bytes of s hold text.
func begins(s *Source, text string) bool {
	in, file, err := s.Open()
	if err != nil {
		return false
	}
	defer file.Close()
	const head = 1024
	b, err := input.ReadRange(in, 0, min(in.Size(), head), head)
	return err == nil && bytes.Contains(b, []byte(text))
}
