// Package gpmf decodes the telemetry of GoPro cameras and of the Karma drone:
// in a file of its own (.raw, .gpmf), and in videos (MP4, 360, LRV), whose track
// gpmd holds a packet for each second.
//
// Specification: GPMF introduction (github.com/gopro/gpmf-parser), as of 2024.
// Elements that tell of neither place, time nor device are none of its business,
// nor is what the video itself says of them.
package gpmf

import (
	"bytes"
	"context"
	"iter"

	"flightveil/internal/block/videotrack"
	"flightveil/internal/input"
	"flightveil/logfmt"
)

// Format is a stream of GPMF packets, or a video with one.
type Format struct{}

// ID returns "gpmf".
func (Format) ID() string { return "gpmf" }

// Detect looks for the head of a device, which holds its number first. A video
// is a log for those who ask for one; as a video it is no less certain. Other
// vendors give their tracks the same name.
func (Format) Detect(p input.Probe) input.Match {
	if v, ok := videotrack.Probe(p); ok {
		if v.Starts([]byte(packetKey), track) {
			return input.Likely
		}
		return input.No
	}
	b := p.Prefix
	switch {
	case len(b) < 2*headLen || !isPacket(b):
		return input.No
	case bytes.HasPrefix(b[headLen:], []byte("DVID")):
		return input.Certain
	case bytes.HasPrefix(b[headLen:], []byte("DVNM")) || bytes.HasPrefix(b[headLen:], []byte("STRM")):
		return input.Likely
	}
	return input.No
}

// Decode reads the log twice: once to learn which element makes the track and
// what the drone's clock counts from, then to decode it.
func (Format) Decode(ctx context.Context, in logfmt.Input, lim logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		src, err := open(in, lim.Defaults())
		if err != nil {
			yield(nil, err)
			return
		}
		var s survey
		if err := src.each(ctx, s.look, func(logfmt.Damage) bool { return true }, func(videotrack.Sample) {}); err != nil {
			yield(nil, err)
			return
		}
		d := newDecoder(s.choose(), s.started, yield)
		if d.put(logfmt.Start{Variant: d.key}); d.stopped {
			return
		}
		if err := src.each(ctx, d.element, func(r logfmt.Damage) bool { return d.put(r) }, d.next); err != nil && !d.stopped {
			yield(nil, err)
		}
	}
}
