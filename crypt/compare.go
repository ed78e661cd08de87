package crypt

import (
	"context"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"
)

// compare reports what is in the vault already and returns the rest. What an
// interrupted run did goes by size and time; what a finished vault has must have
// the same content, too.
func (r *run) compare(ctx context.Context, sources []Source, done, finished []Entry) ([]Source, error) {
	have := map[string][]Entry{}
	fresh := map[string]bool{}
	for _, e := range done {
		fresh[e.Name] = true
	}
	for _, e := range slices.Concat(done, finished) {
		have[e.Card()] = append(have[e.Card()], e)
	}
	var todo []Source
	for _, s := range sources {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if s.Err != nil {
			r.failed(s, s.Err)
			continue
		}
		var same bool
		var hash uint64
		var hashed bool
		for _, e := range have[s.Path] {
			if e.Size != s.Size {
				continue
			}
			if fresh[e.Name] && sameTime(e.Mod, s.Mod) {
				same = true
				break
			}
			if !hashed {
				var err error
				if hash, err = hashSource(ctx, s); err != nil {
					break
				}
				hashed = true
			}
			if hash == e.Hash {
				same = true
				break
			}
		}
		if !same {
			todo = append(todo, s)
			continue
		}
		r.sum.Unchanged++
		if r.o.Progress != nil {
			r.o.Progress(s.Size)
		}
		r.report(Result{Path: s.Path, Status: Unchanged, Size: s.Size})
	}
	return todo, nil
}

// sameTime compares times as far as file systems keep them.
func sameTime(a, b time.Time) bool { return a.Equal(b) || a.IsZero() && b.IsZero() }

func hashSource(ctx context.Context, s Source) (uint64, error) {
	f, err := s.Open()
	if err != nil {
		return 0, err
	}
	defer f.Close()
	sum := xxhash.New()
	if _, err := copyWatched(ctx, sum, f); err != nil {
		return 0, err
	}
	return sum.Sum64(), nil
}
