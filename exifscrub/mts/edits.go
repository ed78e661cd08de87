package mts

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A report is what a file holds.
type report struct {
	entries []entry
	streams map[int]*stream // what each turned out to be
}

// An entry is an item of Walk and the key of what it stands for.
type entry struct {
	exifscrub.Item
	key string
}

// report lists what was counted.
func (s *scanner) report() (*report, error) {
	r := &report{streams: s.streams}
	slices.SortFunc(s.order, func(a, b *stream) int { return cmp.Compare(a.pid, b.pid) })
	byName := map[string]*stream{}
	for _, x := range s.order {
		byName[x.name] = x
	}
	slices.Sort(s.keys)
	for _, k := range s.keys {
		f := s.found[k]
		if x := byName[k]; x != nil && x.klv != nil {
			if fs := x.klv.findings(*f); len(fs) > 0 {
				r.entries = append(r.entries, entry{exifscrub.Item{Together: append(fs, *f)}, k})
				continue
			}
		}
		r.entries = append(r.entries, entry{exifscrub.Item{Finding: f}, k})
	}
	for _, x := range s.order {
		if x.role == sound && x.packets > 0 {
			f := privacy.Finding{Class: x.class, Path: x.name, Count: x.packets}
			r.entries = append(r.entries, entry{exifscrub.Item{Finding: &f}, x.name})
		}
	}
	for _, c := range s.coded {
		if c.Len >= 16<<10 {
			r.entries = append(r.entries, entry{Item: exifscrub.Item{Coded: &c}})
		}
	}
	if slices.ContainsFunc(s.keys, func(k string) bool { return s.found[k].Class == privacy.Stream }) {
		r.entries = append(r.entries, entry{Item: exifscrub.Item{Note: "the video stream holds settings of its encoder, which only --strip-sei takes out"}})
	}
	for _, x := range s.order {
		if x.scrambled {
			r.entries = append(r.entries, entry{Item: exifscrub.Item{Note: fmt.Sprintf("PID%d: scrambled, not looked into", x.pid)}})
		}
	}
	return r, nil
}

// An editor makes the edits of one reading, in order.
type editor struct {
	gone    map[string]bool
	streams map[int]*stream // what each turned out to be
	pending []exifscrub.Edit
	yield   func(exifscrub.Edit, error) bool
}

// errStopped says that nobody wants more edits.
var errStopped = fmt.Errorf("stopped")

// mostPending bounds the edits that wait for the end of a unit.
const mostPending = 100_000

// edits reads the file again and yields what decisions change.
func (r *report) edits(ctx context.Context, in exifscrub.Input, decisions []exifscrub.Decision) iter.Seq2[exifscrub.Edit, error] {
	if len(decisions) != len(r.entries) {
		return exifscrub.Fail(fmt.Errorf("%d decisions for %d items", len(decisions), len(r.entries)))
	}
	gone := map[string]bool{}
	for i, d := range decisions {
		if d.Action != privacy.Keep {
			gone[r.entries[i].key] = true
		}
	}
	if len(gone) == 0 {
		return exifscrub.Seq(nil)
	}
	return func(yield func(exifscrub.Edit, error) bool) {
		s, err := newScanner(ctx, in)
		if err == nil {
			defer s.win.Free()
			s.edit = &editor{gone: gone, streams: r.streams, yield: yield}
			if err = s.run(); err == nil {
				err = s.edit.flush(s)
			}
		}
		if err != nil && err != errStopped {
			yield(exifscrub.Edit{}, err)
		}
	}
}

// put adds an edit.
func (e *editor) put(x exifscrub.Edit) { e.pending = append(e.pending, x) }

// flush yields the edits so far, unless a unit is open that began before them.
func (e *editor) flush(s *scanner) error {
	if len(e.pending) == 0 {
		return nil
	}
	for _, x := range s.order {
		if x.units.open() {
			if len(e.pending) > mostPending {
				return fmt.Errorf("supplemental information over %d packets: %w", mostPending, input.ErrLimit)
			}
			return nil
		}
	}
	slices.SortStableFunc(e.pending, func(a, b exifscrub.Edit) int { return cmp.Compare(a.Off, b.Off) })
	for _, x := range e.pending {
		if !e.yield(x, nil) {
			return errStopped
		}
	}
	e.pending = e.pending[:0]
	return nil
}

// program rewrites a program map without the streams that go, and without
// descriptors that nobody knows.
func (e *editor) program(s *scanner, p program, section []byte, off int64) {
	odd := p.odd && e.gone[keyMap]
	lost := map[int]bool{}
	for _, x := range p.streams {
		if st := e.streams[x.pid]; st != nil && (st.role == goes || st.role == sound) && e.gone[st.name] {
			lost[x.pid] = true
		}
	}
	if odd || len(lost) > 0 {
		out := rewritePMT(section, func(pid int) bool { return lost[pid] }, odd)
		e.put(exifscrub.Edit{Off: off, Len: int64(len(out)), With: out})
	}
}
