package crypt

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"flightveil/internal/fault"
)

// A crew is the workers of a run. One without a file helps another.
type crew struct {
	mu   sync.Mutex
	cond sync.Cond
	busy int // files that are handed out and not finished
	open []*sealing
}

// worthHelping is how much must be left of a file for another worker to join.
const worthHelping = 4 * blockSize

func newCrew() *crew {
	c := &crew{}
	c.cond.L = &c.mu
	return c
}

// hand counts a file that a worker gets, or with -1 one that it finished.
func (c *crew) hand(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy += n
	c.cond.Broadcast()
}

// share lets others help with s until the returned function is called.
func (c *crew) share(s *sealing) (end func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = append(c.open, s)
	c.cond.Broadcast()
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for i := range c.open {
			if c.open[i] == s {
				c.open = append(c.open[:i], c.open[i+1:]...)
				break
			}
		}
	}
}

// join waits for a file that needs help; nil means that none will.
func (c *crew) join() *sealing {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		for _, s := range c.open {
			if s.left() > worthHelping {
				return s
			}
		}
		if c.busy == 0 {
			return nil
		}
		c.cond.Wait()
	}
}

// sealAll seals what is to do, several files at a time.
func (r *run) sealAll(ctx context.Context, todo []Source) error {
	for i, to := range r.to {
		r.to[i] = quick(to)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	next := make(chan Source)
	var work sync.WaitGroup
	for range max(1, r.o.Jobs) {
		work.Go(func() {
			b := newBuffers()
			for s := range next {
				err := fault.Guard(func() error { _, err := r.sealFile(ctx, s, b); return err })
				r.crew.hand(-1)
				switch {
				case err == nil: // reported when it has its name
				case ctx.Err() != nil:
				default:
					r.failed(s, err)
					if full(err) || errors.As(err, new(writeError)) {
						r.stop(err)
						stop()
					}
				}
			}
			for s := r.crew.join(); s != nil; s = r.crew.join() {
				s.work(ctx, b, r.o.Progress)
			}
		})
	}
	for _, s := range todo {
		r.crew.hand(1)
		select {
		case next <- s:
			continue
		case <-ctx.Done():
			r.crew.hand(-1)
		}
		break
	}
	close(next)
	work.Wait()
	return nil
}

// stop keeps the error that ends the run.
func (r *run) stop(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fatal = cmp.Or(r.fatal, err)
}

// named is told that a sealed file has its final name.
func (r *run) named(e Entry, err error) {
	if err != nil {
		r.failed(Source{Path: e.Card(), Size: e.Size}, err)
		r.stop(err)
		return
	}
	res := Result{Path: e.Card(), Status: Sealed, Name: e.Name, Size: e.Size}
	if e.From != "" {
		res.As = e.Path
	}
	r.mu.Lock()
	r.entries = append(r.entries, e)
	r.sum.Sealed++
	r.sum.Bytes += e.Size
	r.mu.Unlock()
	r.report(res)
}

func (r *run) failed(s Source, err error) {
	r.mu.Lock()
	r.sum.Failed++
	r.mu.Unlock()
	r.report(Result{Path: s.Path, Status: Failed, Size: s.Size, Err: err})
}

func (r *run) report(res Result) {
	if r.o.Report == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.o.Report(res)
}
