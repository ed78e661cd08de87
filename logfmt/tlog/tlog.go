// Package tlog decodes MAVLink telemetry logs: .tlog files of ground stations
// (MAVLink 1 and 2 packets, each after a big-endian time) and plain streams of
// packets (.rlog, .mavlink).
//
// Specification: mavlink.io, "Packet Serialization", and the message
// definitions common.xml and ardupilotmega.xml. Parameters, file transfers
// and tunnels inside the stream are not decoded beyond what names someone.
package tlog

import (
	"bytes"
	"context"
	"iter"

	"flightveil/internal/input"
	"flightveil/logfmt"
)

// Format is the MAVLink telemetry log.
type Format struct{}

// ID returns "mavlink-tlog".
func (Format) ID() string { return "mavlink-tlog" }

// Detect looks for packets with right checksums.
func (Format) Detect(p input.Probe) input.Match {
	in := bytes.NewReader(p.Prefix)
	stamped, plain := count(in, true), count(in, false)
	switch {
	case stamped >= 2 || plain >= 3:
		return input.Certain
	case stamped >= 1:
		return input.Likely
	}
	return input.No
}

// enough frames decide of which kind a log is.
const enough = 8

// count returns how many frames with a right checksum the beginning of in has.
func count(in input.Input, stamped bool) (n int) {
	r := newReader(in, stamped)
	for n < enough {
		switch r.next() {
		case ended:
			return n
		case gotFrame:
			if r.recognised {
				n++
			}
		}
	}
	return n
}

// isStamped reports whether the frames of in have times before them.
func isStamped(in input.Input) bool {
	head := input.Section(in, 0, min(in.Size(), 64<<10))
	return count(head, true) >= count(head, false)
}

// checkEvery is after how many frames the context is asked.
const checkEvery = 4096

// Decode reads the log twice: once to learn which vehicle and which of its
// messages make the track, then to decode it.
func (Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		if in.Size() == 0 {
			return
		}
		stamped := isStamped(in)
		s, err := survey(ctx, newReader(in, stamped))
		if err != nil {
			yield(nil, err)
			return
		}
		d := &decoder{reader: newReader(in, stamped), survey: s, yield: yield}
		d.reset()
		if !d.put(logfmt.Start{Variant: s.variant()}) {
			return
		}
		for n := 0; !d.stopped; n++ {
			if n%checkEvery == 0 && ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			switch d.next() {
			case gotFrame:
				d.message()
			case gotDamage:
				d.put(logfmt.Damage{Off: d.badAt, Len: d.badLen, Reason: d.badWhat})
			case ended:
				d.endText()
				if d.err != nil && !d.stopped {
					yield(nil, d.err)
				}
				return
			}
		}
	}
}
