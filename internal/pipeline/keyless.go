package pipeline

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// A Twin is a log that may hold the flight of another one.
type Twin struct {
	Of, Label string // the log without a key, and the other
	Format    string
}

const (
	maxNeighbours = 500             // files that are looked at
	maxTwins      = 3               // for one log
	sameArea      = 10_000          // metres: no flight with a phone goes farther
	clockError    = 3 * time.Minute // of a receiver against a phone
	anyZone       = 14 * time.Hour  // a clock without a zone is off by this much at most
	looked        = 200_000         // records until the first position
	maxTelemetry  = int64(8 << 30)  // a longer file is not looked at
)

// Twins looks for other logs of the flights that keyless logs hold: among
// sources, and in the folders of logs that were named themselves.
func (r *Runner) Twins(ctx context.Context, keyless, sources []Source) []Twin {
	var begun []beginning
	for i := range keyless {
		guard(&keyless[i], func() Outcome {
			if b, ok := r.beginning(ctx, &keyless[i]); ok {
				begun = append(begun, b)
			}
			return Outcome{}
		})
	}
	if len(begun) == 0 {
		return nil
	}
	candidates, closer := neighbours(keyless, sources)
	defer closer.Close()
	var out []Twin
	found := map[string]int{}
	for i := range candidates {
		c := &candidates[i]
		if ctx.Err() != nil {
			return out
		}
		if c.skip != "" || c.err != nil || c.Size > maxTelemetry || slices.ContainsFunc(keyless, func(k Source) bool { return k.Label == c.Label }) {
			continue
		}
		var first logfmt.Fix
		format, ok := "", false
		guard(c, func() Outcome { first, format, ok = r.firstFix(ctx, c); return Outcome{} })
		if !ok {
			continue
		}
		for _, b := range begun {
			if found[b.label] < maxTwins && b.holds(first) {
				found[b.label]++
				out = append(out, Twin{Of: b.label, Label: c.Label, Format: format})
			}
		}
	}
	return out
}

// neighbours returns sources and the files beside those that were named
// themselves.
func neighbours(keyless, sources []Source) ([]Source, Closers) {
	have := map[string]bool{}
	out := slices.Clone(sources[:min(len(sources), maxNeighbours)])
	for _, s := range sources {
		have[s.Label] = true
	}
	var paths []string
	for _, k := range keyless {
		if !k.Given || k.Label == "-" {
			continue
		}
		dir := filepath.Dir(k.Label)
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			p := filepath.Join(dir, e.Name())
			if e.Type().IsRegular() && !have[p] && len(out)+len(paths) < maxNeighbours {
				have[p] = true
				paths = append(paths, p)
			}
		}
	}
	more, closer := Gather(paths)
	return append(out, more...), Closers{closer}
}

// A beginning is what a log tells about its flight without a key.
type beginning struct {
	label    string
	at       time.Time
	duration time.Duration
	takeOff  geo.Point
}

func (r *Runner) beginning(ctx context.Context, s *Source) (b beginning, ok bool) {
	f, in, file, err := r.openLog(s)
	if err != nil {
		return b, false
	}
	defer file.Close()
	b.label, b.takeOff = s.Label, geo.Point{Lat: math.NaN(), Lon: math.NaN()}
	for rec, err := range f.Decode(ctx, in, r.Limits.Defaults()) {
		if err != nil {
			break
		}
		switch x := rec.(type) {
		case logfmt.Start:
			b.duration = max(b.duration, x.Duration)
		case logfmt.Spot:
			if x.Role == logfmt.Home && !b.takeOff.Valid() {
				b.takeOff = x.Point
			}
		case logfmt.Identifier:
			if x.Class == privacy.Time && strings.HasSuffix(x.Path, "startTime") {
				if t, err := time.Parse(time.RFC3339Nano, x.Value.Reveal()); err == nil {
					b.at = t
				}
			}
		}
	}
	return b, b.takeOff.Valid() && !b.at.IsZero()
}

// holds reports whether a log whose first position is f may be of this flight.
func (b *beginning) holds(f logfmt.Fix) bool {
	if f.Distance(b.takeOff) > sameArea {
		return false
	}
	at, slack := f.Time, clockError
	if at.IsZero() {
		at, slack = f.Local, anyZone
	}
	if at.IsZero() {
		return false // any flight from there
	}
	since := at.Sub(b.at)
	return since >= -slack && since <= b.duration+slack
}

// firstFix returns the first position of s that has a time, or the first of all.
func (r *Runner) firstFix(ctx context.Context, s *Source) (first logfmt.Fix, format string, ok bool) {
	in, file, err := s.Open()
	if err != nil {
		return first, "", false
	}
	defer file.Close()
	probe, err := input.NewProbe(baseName(s.Rel), in)
	if err != nil {
		return first, "", false
	}
	f, m, tie := r.Logs.Detect(probe)
	if m < input.Likely || tie {
		return first, "", false
	}
	first, ok = firstOf(ctx, f, in, r.Limits)
	return first, f.ID(), ok
}

// firstOf returns the first position of a log that has a time, or the first of all.
func firstOf(ctx context.Context, f logfmt.Format, in input.Input, lim input.Limits) (first logfmt.Fix, ok bool) {
	n := 0
	for rec, err := range f.Decode(ctx, in, lim.Defaults()) {
		if n++; err != nil || n > looked {
			break
		}
		if fix, isFix := rec.(logfmt.Fix); isFix {
			if !ok {
				first, ok = fix, true
			}
			if !fix.Time.IsZero() || !fix.Local.IsZero() {
				return fix, true
			}
		}
	}
	return first, ok
}
