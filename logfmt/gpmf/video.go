package gpmf

import (
	"context"
	"errors"
	"io"

	"flightveil/internal/block/bmff"
	"flightveil/internal/block/videotrack"
	"flightveil/internal/input"
	"flightveil/logfmt"
)

// track is the format of telemetry tracks in videos.
const track = "gpmd"

// A source is where packets lie: one behind the other in a file, or in the
// samples of a video.
type source struct {
	in    input.Input
	lim   input.Limits
	video *videotrack.Video // nil in a file of packets
}

func open(in input.Input, lim input.Limits) (source, error) {
	s := source{in: in, lim: lim}
	head, err := input.ReadRange(in, 0, min(8, in.Size()), 8)
	if err == nil && videotrack.Begins(head) {
		s.video, err = videotrack.Open(in, lim)
	}
	return s, err
}

// each calls f for every element, damaged for what makes no sense, and next
// before the elements of each sample of a video, until one returns false.
func (s source) each(ctx context.Context, f func(element) (bool, error), damaged func(logfmt.Damage) bool, next func(videotrack.Sample)) error {
	if s.video == nil {
		return each(ctx, s.in, 0, s.lim, f, damaged)
	}
	stopped := false
	part := func(p input.Span) error {
		in := input.Section(s.in, 0, p.End())
		return each(ctx, in, p.Off, s.lim,
			func(e element) (bool, error) { goOn, err := f(e); stopped = !goOn; return goOn, err },
			func(d logfmt.Damage) bool { stopped = !damaged(d); return !stopped })
	}
	if settings, ok := s.video.Box("udta", "GPMF"); ok && settings.Len > 0 && settings.End() <= s.in.Size() {
		next(videotrack.Sample{})
		if err := part(settings); err != nil || stopped {
			return err
		}
	}
	for sample, err := range s.video.Samples(track) {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			next(sample)
			err = part(sample.Span)
		case errors.Is(err, bmff.ErrDamaged) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, input.ErrLimit):
			stopped = !damaged(logfmt.Damage{Off: min(max(0, sample.Off), s.in.Size()), Reason: "packets that are not in the file"})
			err = nil
		}
		if err != nil || stopped {
			return err
		}
	}
	for _, p := range s.video.Damaged(track) {
		if !damaged(logfmt.Damage{Off: p.Off, Len: p.Len, Reason: "a track whose index makes no sense"}) {
			break
		}
	}
	return nil
}
