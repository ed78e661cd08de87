// Package ulog decodes the logs of PX4 autopilots (.ulg).
//
// Specification: docs.px4.io, "ULog File Format", versions 0 and 1. Topics
// beside those that tell where, who and when are passed over.
package ulog

import (
	"bytes"
	"context"
	"fmt"
	"iter"

	"flightveil/internal/input"
	"flightveil/logfmt"
)

// Format is PX4's ULog.
type Format struct{}

const (
	magic     = "ULog\x01\x12\x35"
	headerLen = 16
)

// ID returns "ulog".
func (Format) ID() string { return "ulog" }

// Detect looks at the first seven bytes.
func (Format) Detect(p input.Probe) input.Match {
	if bytes.HasPrefix(p.Prefix, []byte(magic)) {
		return input.Certain
	}
	return input.No
}

// checkEvery is after how many messages the context is asked.
const checkEvery = 4096

// Decode reads the log twice: once to learn which topic makes the track and
// when the autopilot was started, then to decode it.
func (Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		head, err := input.ReadRange(in, 0, min(headerLen, in.Size()), headerLen)
		switch {
		case err != nil:
			yield(nil, err)
			return
		case len(head) < headerLen || string(head[:len(magic)]) != magic:
			yield(nil, fmt.Errorf("the header of %d bytes is not whole", headerLen))
			return
		}
		s := &overview{began: int64(min(le.Uint64(head[8:]), 1<<62))}
		if err := each(ctx, newReader(in), s.look); err != nil {
			yield(nil, err)
			return
		}
		s.choose()
		d := newDecoder(s, yield)
		if d.put(logfmt.Start{Variant: fmt.Sprintf("version %d", head[7])}); d.stopped {
			return
		}
		if err := each(ctx, newReader(in), d.message); err != nil && !d.stopped {
			yield(nil, err)
		}
	}
}

// each calls f for every event of r until it returns false.
func each(ctx context.Context, r *reader, f func(*reader, event) bool) error {
	for n := 0; ; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		e := r.next()
		if e == ended {
			return r.err
		}
		if !f(r, e) {
			return nil
		}
	}
}
