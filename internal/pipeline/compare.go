package pipeline

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"path"
	"slices"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/internal/verify"
)

// Compared is what Verify found about an original and its copy.
type Compared struct {
	Original, Clean string // labels; one is empty if the other has no partner
	Status          PairStatus
	Err             error // why it could not be compared
	Hits            []verify.Hit
	Checked         Checked
}

// PairStatus is what became of a pair.
type PairStatus string

const (
	NothingLeft PairStatus = "nothing left" // no removed value was found again
	Left        PairStatus = "left"         // something that should be gone is there
	NoPartner   PairStatus = "no partner"   // only one side exists
	NotCompared PairStatus = "not compared" // a side could not be read
)

// Verify takes an independent second look: no value that clean lacks as a
// finding, compared with its original, may be found in it in any encoding, and
// nothing that the profile removes may be there. Originals and copies are
// paired by name, then by their coded image data, then by the company they keep.
func (r *Runner) Verify(ctx context.Context, originals, cleans []Source) iter.Seq[Compared] {
	return func(yield func(Compared) bool) {
		pairs := r.pairTracks(ctx, r.pair(ctx, originals, withoutReports(cleans)))
		work := func(i int) Compared {
			c := Compared{Status: NotCompared}
			p := pairs[i]
			o := guard(cmp.Or(p.original, p.clean), func() Outcome { c = r.compareFiles(ctx, p); return Outcome{} })
			if o.Err != nil {
				c = Compared{Status: NotCompared, Err: o.Err}
				if p.original != nil {
					c.Original = p.original.Label
				}
				if p.clean != nil {
					c.Clean = p.clean.Label
				}
			}
			return c
		}
		for _, c := range ordered(ctx, len(pairs), r.Jobs, work) {
			if !yield(c) {
				return
			}
		}
	}
}

type pair struct {
	original, clean *Source
	track           bool // clean is a track that was made of a log
}

func (r *Runner) compareFiles(ctx context.Context, p pair) Compared {
	c := Compared{Status: NoPartner}
	if p.original != nil {
		c.Original = p.original.Label
	}
	if p.clean != nil {
		c.Clean = p.clean.Label
	}
	switch {
	case p.original == nil || p.clean == nil:
		return c
	case p.track:
		return r.compareTracks(ctx, p)
	}
	fail := func(side string, err error) Compared {
		c.Status, c.Err = NotCompared, fmt.Errorf("%s: %w", side, err)
		return c
	}
	keepAll := *r // nothing is decided here: both sides are only listed
	keepAll.Profile = keepAll.Profile.With(privacy.Keep, privacy.Classes...)
	before, err := keepAll.examine(ctx, p.original)
	if err != nil {
		return fail("original", err)
	}
	defer before.close()
	var after *examined
	if r.Moved {
		after, err = r.examineMoved(ctx, p.clean, r.Profile)
	} else {
		after, err = r.examine(ctx, p.clean)
	}
	if err != nil {
		return fail("copy", err)
	}
	defer after.close()
	c.Status = NothingLeft
	for e, err := range after.plan.Edits() {
		if err != nil {
			return fail("copy", err)
		}
		c.Status = Left
		for _, j := range after.plan.Findings {
			if j.Action != privacy.Keep {
				c.Hits = append(c.Hits, verify.Hit{Class: j.Class, Path: j.Path, Off: offset(j, e.Off), As: "still listed"})
			}
		}
		break
	}
	if r.Moved {
		c.Hits = append(c.Hits, unmoved(before.plan, after.plan)...)
	}
	markRemoved(before.plan, after.plan)
	hits, checked, err := r.look(ctx, side{before.in, before.plan}, side{after.in, after.plan})
	if err != nil {
		return fail("copy", err)
	}
	c.Checked = checked
	if c.Hits = append(c.Hits, hits...); len(c.Hits) > 0 {
		c.Status = Left
	}
	return c
}

func offset(j exifscrub.Judged, otherwise int64) int64 {
	if len(j.Spans) > 0 {
		return j.Spans[0].Off
	}
	return otherwise
}

// unmoved returns the positions of after that are where before has one.
func unmoved(before, after *exifscrub.Plan) (hits []verify.Hit) {
	for _, j := range after.Findings {
		if j.Where == nil || j.Where.Zero() {
			continue
		}
		for _, o := range before.Findings {
			if o.Where != nil && o.Where.Distance(*j.Where) < stayedWithin {
				hits = append(hits, verify.Hit{Class: j.Class, Path: j.Path, Off: offset(j, -1), As: "it was not moved"})
				break
			}
		}
	}
	return hits
}

// stayedWithin is the distance in metres within which a position was not moved.
const stayedWithin = 1.0

// markRemoved sets the action of each finding of before by whether after still
// lists it with the same value.
func markRemoved(before, after *exifscrub.Plan) {
	type key struct {
		class privacy.Class
		tag   string
		value privacy.Secret
	}
	kept := map[key]bool{}
	for _, j := range after.Findings {
		kept[key{j.Class, path.Base(j.Path), j.Value}] = true
	}
	for i, j := range before.Findings {
		if !kept[key{j.Class, path.Base(j.Path), j.Value}] {
			before.Findings[i].Action = privacy.Remove
		}
	}
}

// pair finds the copy of each original.
func (r *Runner) pair(ctx context.Context, originals, cleans []Source) []pair {
	var out []pair
	left := map[int]bool{}
	for i := range cleans {
		left[i] = cleans[i].skip == ""
	}
	take := func(original *Source, match func(*Source) bool) bool {
		for i := range cleans {
			if left[i] && match(&cleans[i]) {
				left[i] = false
				out = append(out, pair{original: original, clean: &cleans[i]})
				return true
			}
		}
		return false
	}
	if len(originals) == 1 && len(cleans) == 1 {
		return r.single(ctx, &originals[0], &cleans[0])
	}
	partner := map[string]string{} // folder and stem of an original → those of its copy
	var prints [][]string
	for i := range originals {
		o := &originals[i]
		if o.skip != "" {
			continue
		}
		if take(o, func(c *Source) bool { return c.Rel == o.Rel }) {
			continue
		}
		if prints == nil {
			prints = r.fingerprints(ctx, cleans)
		}
		own := r.fingerprint(ctx, o)
		found := take(o, func(c *Source) bool { return common(own, prints[index(cleans, c)]) })
		if found {
			partner[bundleKey(o.Rel)] = bundleKey(out[len(out)-1].clean.Rel)
			continue
		}
		out = append(out, pair{original: o})
	}
	for i := range out {
		if o := out[i].original; out[i].clean == nil && partner[bundleKey(o.Rel)] != "" {
			for k := range cleans {
				if left[k] && bundleKey(cleans[k].Rel) == partner[bundleKey(o.Rel)] && extensions(cleans[k].Rel) == extensions(o.Rel) {
					out[i].clean, left[k] = &cleans[k], false
					break
				}
			}
		}
	}
	for i := range cleans {
		if left[i] {
			out = append(out, pair{clean: &cleans[i]})
		}
	}
	return out
}

func index(all []Source, s *Source) int {
	for i := range all {
		if &all[i] == s {
			return i
		}
	}
	return -1
}

func bundleKey(rel string) string { return strings.ToLower(path.Join(path.Dir(rel), stem(rel))) }

func (r *Runner) fingerprints(ctx context.Context, sources []Source) [][]string {
	out := make([][]string, len(sources))
	for i, p := range ordered(ctx, len(sources), r.Jobs, func(i int) []string { return r.fingerprint(ctx, &sources[i]) }) {
		out[i] = p
	}
	return out
}

func common(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// identifying is how much of a cleaned file identifies it, with its length.
const identifying = 256 << 10

// fingerprint identifies a file in two ways that scrubbing does not change: by
// its coded data (format, and the first 64 KiB of each run), and by what it is
// once cleaned, since cleaning again changes nothing (length and beginning). The
// first holds whatever the profile; the second where there is no coded data, or
// samples of tracks that go lie among it.
func (r *Runner) fingerprint(ctx context.Context, s *Source) (prints []string) {
	guard(s, func() Outcome {
		if s.skip != "" {
			return Outcome{}
		}
		e, err := r.examine(ctx, s)
		if err != nil {
			return Outcome{}
		}
		defer e.close()
		h := sha256.New()
		fmt.Fprint(h, e.format.ID())
		var total int64
		for _, c := range e.plan.Coded {
			total += c.Len
			if _, err := io.Copy(h, input.Section(e.in, c.Off, min(c.Len, 64<<10)).(io.Reader)); err != nil {
				return Outcome{}
			}
		}
		if total > 0 {
			prints = append(prints, fmt.Sprintf("coded %x", h.Sum(nil)))
		}
		cleaned := &start{Hash: sha256.New(), left: identifying}
		if err := exifscrub.Apply(cleaned, e.in, e.plan.Edits()); err != nil && !errors.Is(err, errEnough) {
			return Outcome{}
		}
		size := e.in.Size()
		for edit, err := range e.plan.Edits() {
			if err != nil {
				return Outcome{}
			}
			size += edit.NewLen() - edit.Len
		}
		prints = append(prints, fmt.Sprintf("cleaned %d %x", size, cleaned.Sum(nil)))
		return Outcome{}
	})
	return prints
}

// start hashes the beginning of what is written to it and refuses the rest.
type start struct {
	hash.Hash
	left int
}

var errEnough = errors.New("enough was read")

func (s *start) Write(b []byte) (int, error) {
	n := min(len(b), s.left)
	s.left -= n
	s.Hash.Write(b[:n])
	if s.left == 0 {
		return n, errEnough
	}
	return n, nil
}
