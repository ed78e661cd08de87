package crypt

import (
	"context"
	"errors"
	"fmt"

	"flightveil/internal/disk"
)

// A Place is where one vault of a set lies, on a disk of its own perhaps.
type Place struct {
	Name  string
	Open  func() (*disk.Dir, error) // makes the folder if it is missing
	Space func() (disk.Space, error)
}

// A Set is vaults that hold a card together, each complete in itself: with a key,
// an index and a manifest of its own.
type Set struct {
	Places  []Place                   // in the order in which they are filled
	More    func(n int) (Place, bool) // another behind n places; may be nil
	MaxSize int64                     // bytes that a vault may take
}

// A Share is what one vault of a set got.
type Share struct {
	Place string
	Files int // of the sources, unchanged ones too
	Summary
}

// A LeftError says how much of a card does not fit into the vaults of a set.
type LeftError struct {
	Places, Files int
	Bytes         int64 // that these files would take
}

func (e *LeftError) Error() string {
	return fmt.Sprintf("%d files of %d bytes do not fit into %d vaults", e.Files, e.Bytes, e.Places)
}

// A part is one vault of a set, and what it gets.
type part struct {
	place Place
	dir   *disk.Dir
	run   *run // nil until it is begun
	todo  []Source
	used  int64
	kept  int // sources that it had already
}

// EncryptSet seals sources into several vaults: one is filled in the order of
// the sources, then the next. What a vault of the set has already stays there.
// All is planned before anything is written.
func EncryptSet(ctx context.Context, set Set, sources []Source, o Options) ([]Share, error) {
	o.To = Distinct(o.To)
	var parts []*part
	defer func() {
		for _, p := range parts {
			if p.run != nil && p.run.journal != nil {
				p.run.journal.close()
			}
			if p.dir != nil {
				p.dir.Close()
			}
		}
	}()
	begun := func() (err error) {
		for _, place := range set.Places {
			p := &part{place: place, used: perVault}
			parts = append(parts, p)
			if sources, err = p.existing(ctx, sources, o); err != nil {
				return fmt.Errorf("%s: %w", place.Name, err)
			}
		}
		if parts, err = plan(parts, set, sources); err != nil {
			return err
		}
		return roomForAll(parts, o.KeepNames)
	}
	if err := begun(); err != nil {
		for _, p := range parts {
			if p.run != nil && p.run.journal != nil {
				err = errors.Join(err, p.run.abandon())
			}
		}
		return nil, err
	}
	var shares []Share
	for _, p := range parts {
		if p.run == nil && len(p.todo) == 0 {
			continue
		}
		sum, err := p.seal(ctx, o)
		shares = append(shares, Share{p.place.Name, p.kept + len(p.todo), sum})
		if err != nil {
			return shares, fmt.Errorf("%s: %w", p.place.Name, err)
		}
	}
	return shares, nil
}

// existing begins with the vault that lies at the place already, if one does,
// and returns the sources that it does not have.
func (p *part) existing(ctx context.Context, sources []Source, o Options) (left []Source, err error) {
	if p.dir, err = p.place.Open(); err != nil {
		return nil, err
	}
	if !hasVault(p.dir) {
		return sources, nil
	}
	p.run = newRun(p.dir, o)
	done, finished, err := p.run.begin()
	if err != nil {
		return nil, err
	}
	space, _ := p.place.Space() // without, sizes are not rounded up
	for _, e := range p.run.entries {
		p.used += footprint(e.Size, space)
	}
	if left, err = p.run.compare(ctx, sources, done, finished); err != nil {
		return nil, err
	}
	p.kept = p.run.sum.Unchanged
	return left, nil
}

// plan gives each source to the first vault that has room for it and is not
// before the one that got the source before.
func plan(parts []*part, set Set, sources []Source) ([]*part, error) {
	tooLarge := &ShortError{MaxFile: set.MaxSize}
	at := 0
	var space disk.Space
	known := -1
	for i, s := range sources {
		for {
			if at == len(parts) {
				var place Place
				ok := false
				if set.More != nil {
					place, ok = set.More(at)
				}
				if !ok {
					e := &LeftError{Places: at}
					for _, left := range sources[i:] {
						e.Files++
						e.Bytes += footprint(left.Size, space)
					}
					return parts, e
				}
				parts = append(parts, &part{place: place, used: perVault})
			}
			p := parts[at]
			if known != at {
				known = at
				space, _ = p.place.Space()
			}
			n := footprint(s.Size, space)
			if s.Err != nil {
				n = 0
			}
			if perVault+n > set.MaxSize {
				tooLarge.TooLarge = append(tooLarge.TooLarge, s.Path)
				break
			}
			if p.used+n <= set.MaxSize {
				p.used += n
				p.todo = append(p.todo, s)
				break
			}
			at++
		}
	}
	if len(tooLarge.TooLarge) > 0 {
		return parts, tooLarge
	}
	return parts, nil
}

// roomForAll compares what the disks get with what they can hold.
func roomForAll(parts []*part, names bool) error {
	need := map[uint64]int64{}
	for _, p := range parts {
		space, err := p.place.Space()
		if err != nil || len(p.todo) == 0 {
			continue
		}
		e := shortage(space, p.todo, names || p.run != nil && p.run.info.KeepNames)
		if e == nil && space.Device != 0 {
			all := &ShortError{Free: space.Free, Need: need[space.Device] + perVault}
			for _, s := range p.todo {
				all.Need += footprint(s.Size, space)
			}
			if need[space.Device] = all.Need; all.Need > all.Free {
				e = all
			}
		}
		if e != nil {
			e.Disk = p.place.Name
			return e
		}
	}
	return nil
}

// seal gives the vault its share.
func (p *part) seal(ctx context.Context, o Options) (Summary, error) {
	if p.run != nil {
		return p.run.finishWith(ctx, p.todo)
	}
	var err error
	if p.dir == nil {
		if p.dir, err = p.place.Open(); err != nil {
			return Summary{}, err
		}
	}
	p.run = newRun(p.dir, o)
	if err := p.run.create(); err != nil {
		return Summary{}, err
	}
	todo, err := p.run.compare(ctx, p.todo, nil, nil) // reports what cannot be read
	if err != nil {
		return p.run.sum, err
	}
	return p.run.finishWith(ctx, todo)
}
