// Package djidat decodes the logs that DJI aircraft keep on their own card
// (FLYnnn.DAT), as far as the vendor does not encrypt them.
//
// Specification: none is published. The framing and the records read here are
// those that DatCon and DROP describe; no real log was at hand, so nothing is
// taken for a record whose length and checksum do not fit. Records of the
// battery and of the motors are passed over.
package djidat

import (
	"bytes"
	"context"
	"fmt"
	"iter"

	"flightveil/internal/block/window"
	"flightveil/internal/input"
	"flightveil/logfmt"
)

// Format is the log of a DJI aircraft.
type Format struct{}

// The header: when the firmware was built, and behind it the version.
const (
	buildAt   = 16
	versionAt = 242
	startV1   = 128
	startV3   = 256
)

var (
	build     = []byte("BUILD")
	version3  = []byte("DJI_LOG_V3")
	encrypted = []byte("LOGH")
)

// ID returns "dji-dat".
func (Format) ID() string { return "dji-dat" }

// Detect looks for the words of the header.
func (Format) Detect(p input.Probe) input.Match {
	b := p.Prefix
	switch {
	case len(b) >= startV1 && bytes.HasPrefix(b[buildAt:], build):
		return input.Certain
	case len(b) >= startV3 && bytes.HasPrefix(b, encrypted):
		return input.Likely
	}
	return input.No
}

// checkEvery is after how many records the context is asked.
const checkEvery = 4096

// Decode reads the log twice: once to learn which record makes the track and
// how fast the aircraft's clock ticks, then to decode it.
func (Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		head, err := input.ReadRange(in, 0, min(startV3, in.Size()), startV3)
		switch {
		case err != nil:
			yield(nil, err)
			return
		case bytes.HasPrefix(head, encrypted):
			yield(nil, fmt.Errorf("encrypted by the aircraft: %w", input.ErrUnsupported))
			return
		case len(head) < startV1 || !bytes.HasPrefix(head[buildAt:], build):
			yield(nil, fmt.Errorf("the header is not whole: %w", input.ErrUnsupported))
			return
		}
		start, variant := int64(startV1), "V1"
		if len(head) == startV3 && bytes.HasPrefix(head[versionAt:], version3) {
			start, variant = startV3, "V3"
		}
		r := &reader{win: window.New(in), pos: start}
		defer r.win.Free()
		var s survey
		if err := each(ctx, r, s.look); err != nil {
			yield(nil, err)
			return
		}
		d := newDecoder(&s, yield)
		d.put(logfmt.Start{Variant: variant})
		d.header(head[:start])
		if d.stopped {
			return
		}
		r = &reader{win: r.win, pos: start}
		if err := each(ctx, r, d.record); err != nil && !d.stopped {
			yield(nil, err)
		}
	}
}

// each calls f for every record and every stretch of damage until it returns
// false.
func each(ctx context.Context, r *reader, f func(*reader, event) bool) error {
	for n := 0; ; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		e, err := r.next()
		if err != nil || e == ended || !f(r, e) {
			return err
		}
	}
}
