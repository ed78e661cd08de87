// Package gpmf decodes the telemetry of GoPro cameras and of the Karma drone
// where it lies in a file of its own (.raw, .gpmf).
//
// Specification: GPMF introduction (github.com/gopro/gpmf-parser), as of 2024.
// Telemetry inside a video is none of its business, nor are the elements that
// tell of neither place, time nor device.
package gpmf

import (
	"bytes"
	"context"
	"iter"

	"flightveil/internal/input"
	"flightveil/logfmt"
)

// Format is a stream of GPMF packets.
type Format struct{}

// ID returns "gpmf".
func (Format) ID() string { return "gpmf" }

// Detect looks for the head of a device, which holds its number first.
func (Format) Detect(p input.Probe) input.Match {
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
		var s survey
		if err := each(ctx, in, lim, s.look, func(logfmt.Damage) bool { return true }); err != nil {
			yield(nil, err)
			return
		}
		d := newDecoder(s.choose(), s.started, yield)
		if d.put(logfmt.Start{Variant: d.key}); d.stopped {
			return
		}
		if err := each(ctx, in, lim, d.element, func(r logfmt.Damage) bool { return d.put(r) }); err != nil && !d.stopped {
			yield(nil, err)
		}
	}
}
