// Package mts reads MPEG transport streams: .ts, and the .mts and .m2ts of
// AVCHD with a time stamp before every packet.
//
// Specifications: ITU-T H.222.0 (08/2018), whose sections are quoted; ETSI EN
// 300 468 for service information; MISB ST 1402 and ST 0601 for KLV telemetry;
// AVCHD's MDPM see internal/block/nal. Every edit keeps the size: packets of a
// stream that goes become null packets and its entry leaves the program map,
// supplemental information in H.264 and H.265 is blanked in place, so that
// decoded frames stay the same. Kept are video and audio streams, clocks and
// the tables that lead to them.
//
// The whole file is read, in pieces, since telemetry may lie anywhere. Not
// done: pictures and sound are not decoded; scrambled streams stay as they
// are. A stream
// without a program map is refused.
package mts

import (
	"context"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/input"
)

// Format is the MPEG transport stream.
type Format struct{}

func (Format) ID() string { return "mts" }

// Detect looks for the byte that begins every packet (section 2.4.3.3).
func (Format) Detect(p input.Probe) input.Match {
	l, n := layoutOf(p.Prefix)
	switch {
	case n >= 5 && l.start == l.lead():
		return input.Certain
	case n >= 3 && len(p.Prefix) < input.PrefixLen || n >= 5:
		return input.Likely
	}
	return input.No
}

// Walk yields what the streams hold, one finding for each kind of data, then
// the notes.
func (Format) Walk(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		r, err := read(ctx, in, lim)
		if err != nil {
			yield(exifscrub.Item{}, err)
			return
		}
		for _, e := range r.entries {
			if !yield(e.Item, nil) {
				return
			}
		}
	}
}

// Edits reads the file again and blanks what goes.
func (Format) Edits(ctx context.Context, in exifscrub.Input, decisions []exifscrub.Decision, lim exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	r, err := read(ctx, in, lim)
	if err != nil {
		return exifscrub.Fail(err)
	}
	return r.edits(ctx, in, decisions)
}

func read(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) (*report, error) {
	return exifscrub.Parsed(in, func() (*report, error) {
		s, err := newScanner(ctx, in)
		if err != nil {
			return nil, err
		}
		defer s.win.Free()
		if err := s.run(); err != nil {
			return nil, err
		}
		return s.report()
	})
}
