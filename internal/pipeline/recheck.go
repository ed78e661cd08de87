package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"path"

	"flightveil/exifscrub"
	"flightveil/geofuzz"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
	"flightveil/internal/verify"
	"flightveil/logfmt"
)

// Recheck looks at the files called names below dir as if they came from a
// stranger: none may hold anything that the runner's profile removes. With sea,
// every position of a track must lie where relocated flights are.
func (r *Runner) Recheck(ctx context.Context, dir string, names []string, sea bool) iter.Seq2[int, Compared] {
	return r.recheckAll(ctx, dir, names, func(s *Source) Compared { return r.lookAgain(ctx, s, sea) })
}

// RecheckMoved is Recheck for files that moved with their flight under the
// profile moving: what was moved may be there, nothing else that moving removes.
func (r *Runner) RecheckMoved(ctx context.Context, dir string, names []string, moving privacy.Profile, sea bool) iter.Seq2[int, Compared] {
	return r.recheckAll(ctx, dir, names, func(s *Source) Compared {
		return settled(s, func() ([]verify.Hit, error) {
			e, err := r.examineMoved(ctx, s, moving)
			if err != nil {
				return nil, err
			}
			defer e.close()
			hits := e.wanted()
			for _, j := range e.plan.Findings {
				if sea && j.Where != nil && !j.Where.Zero() && j.Where.Distance(geofuzz.Sea) > flightReach {
					hits = append(hits, verify.Hit{Class: j.Class, Path: j.Path, Off: offset(j, -1), As: "it was not moved"})
				}
			}
			return hits, nil
		})
	})
}

// examineMoved opens, recognises and walks s, which moved under profile.
func (r *Runner) examineMoved(ctx context.Context, s *Source, profile privacy.Profile) (*examined, error) {
	e, err := r.open(s)
	if err != nil {
		return nil, err
	}
	if e.format, err = r.detect(e.probe); err == nil {
		e.plan, err = exifscrub.Scan(ctx, r.moved(&mover{profile: profile}), e.format, e.in)
	}
	if err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

func (r *Runner) recheckAll(ctx context.Context, dir string, names []string, look func(*Source) Compared) iter.Seq2[int, Compared] {
	return func(yield func(int, Compared) bool) {
		sources, closer, err := Named(dir, names)
		if err != nil {
			for i, name := range names {
				if !yield(i, Compared{Clean: name, Status: NotCompared, Err: err}) {
					return
				}
			}
			return
		}
		defer closer.Close()
		for i, c := range ordered(ctx, len(sources), r.Jobs, func(i int) Compared { return look(&sources[i]) }) {
			if !yield(i, c) {
				return
			}
		}
	}
}

// settled says what look found in s. A panic is a failure of that file.
func settled(s *Source, look func() ([]verify.Hit, error)) Compared {
	c := Compared{Clean: s.Rel, Status: NothingLeft}
	o := guard(s, func() (o Outcome) {
		c.Hits, o.Err = look()
		return o
	})
	if o.Err != nil {
		c.Status, c.Err = NotCompared, o.Err
	} else if len(c.Hits) > 0 {
		c.Status = Left
	}
	return c
}

func (r *Runner) lookAgain(ctx context.Context, s *Source, sea bool) Compared {
	return settled(s, func() ([]verify.Hit, error) {
		e, err := r.examine(ctx, s)
		switch {
		case errors.Is(err, errIsLog):
			return r.strayRecords(ctx, s, sea)
		case errors.Is(err, errUnknown) && path.Ext(s.Rel) == ".geojson":
			return strayCoordinates(s, sea)
		case err != nil:
			return nil, err
		}
		defer e.close()
		return e.wanted(), nil
	})
}

// wanted lists what cleaning would still take out of the file.
func (e *examined) wanted() []verify.Hit {
	var hits []verify.Hit
	for edit, err := range e.plan.Edits() {
		if err != nil {
			return []verify.Hit{{Class: privacy.Unknown, Off: -1, As: "it cannot be cleaned again"}}
		}
		for _, j := range e.plan.Findings {
			if j.Action != privacy.Keep {
				hits = append(hits, verify.Hit{Class: j.Class, Path: j.Path, Off: offset(j, edit.Off), As: "still listed"})
			}
		}
		if len(hits) == 0 {
			hits = append(hits, verify.Hit{Class: privacy.Unknown, Off: edit.Off, As: "bytes that nothing accounts for"})
		}
		break
	}
	return hits
}

// flightReach is how far in metres a flight goes from where it took off, at most.
const flightReach = 200_000

// strayRecords lists what in a track the profile does not keep.
func (r *Runner) strayRecords(ctx context.Context, s *Source, sea bool) ([]verify.Hit, error) {
	f, in, file, err := r.openLog(s)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	policy := r.Profile.Policy()
	seen := map[string]bool{}
	var hits []verify.Hit
	hit := func(class privacy.Class, path, as string) {
		if !seen[path] {
			seen[path] = true
			hits = append(hits, verify.Hit{Class: class, Path: path, Off: -1, As: as})
		}
	}
	where := policy.Rules[privacy.Location]
	for rec, err := range f.Decode(ctx, in, r.Limits.Defaults()) {
		if err != nil {
			return hits, err
		}
		switch x := rec.(type) {
		case logfmt.Fix:
			if where != privacy.Keep && where != privacy.Coarsen && logfmt.Usable(x.Point) {
				hit(privacy.Location, "position", "a track has positions")
			}
			if sea && x.Distance(geofuzz.Sea) > flightReach {
				hit(privacy.Location, "position", "it was not moved")
			}
		case logfmt.Spot:
			if sea && x.Distance(geofuzz.Sea) > flightReach {
				hit(privacy.Location, "position/"+string(x.Role), "it was not moved")
			}
		case logfmt.Identifier:
			if x.Class == privacy.Identity && policy.Decide(x.Finding) != privacy.Keep {
				hit(x.Class, x.Path, "still listed")
			}
		}
	}
	return hits, nil
}

// strayCoordinates lists positions of a GeoJSON file (RFC 7946, section 3.1.1:
// longitude first) that do not lie where relocated flights are.
func strayCoordinates(s *Source, sea bool) ([]verify.Hit, error) {
	in, file, err := s.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	d := json.NewDecoder(io.NewSectionReader(in, 0, in.Size()))
	var pair []float64
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		switch x := tok.(type) {
		case json.Delim:
			if x == ']' && len(pair) >= 2 && sea && (geo.Point{Lat: pair[1], Lon: pair[0]}).Distance(geofuzz.Sea) > flightReach {
				return []verify.Hit{{Class: privacy.Location, Path: "coordinates", Off: d.InputOffset(), As: "it was not moved"}}, nil
			}
			pair = pair[:0]
		case float64:
			pair = append(pair, x)
		default:
			pair = pair[:0]
		}
		if len(pair) > 3 {
			pair = pair[:3] // what follows a height is no position
		}
	}
}
