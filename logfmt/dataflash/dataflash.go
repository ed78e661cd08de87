// Package dataflash decodes the onboard logs of ArduPilot (.BIN, and .log, the
// same as text) and of old PX4 firmware (sdlog2), which describe their own
// messages.
//
// Specification: ArduPilot's LogStructure.h and "Downloading and Analyzing
// Data Logs". Raw receiver data and embedded files inside the log are not
// decoded.
package dataflash

import (
	"bytes"
	"context"
	"iter"

	"flightveil/internal/input"
	"flightveil/logfmt"
)

// Format is the DataFlash log.
type Format struct{}

// ID returns "dataflash".
func (Format) ID() string { return "dataflash" }

// Detect looks for the message that describes the messages.
func (Format) Detect(p input.Probe) input.Match {
	switch {
	case bytes.HasPrefix(p.Prefix, []byte("\xa3\x95\x80\x80\x59FMT\x00")):
		return input.Certain
	case bytes.Contains(p.Prefix, []byte("\xa3\x95\x80\x80\x59FMT\x00")), describes(p.Prefix, 3):
		return input.Certain
	case isText(p.Prefix):
		return input.Certain
	case describes(p.Prefix, 1):
		return input.Likely
	}
	return input.No
}

// describes reports whether b holds n right descriptions in a row.
func describes(b []byte, n int) bool {
	for {
		i := bytes.Index(b, []byte{magic1, magic2, typeFMT})
		if i < 0 {
			return false
		}
		b = b[i:]
		k := 0
		for k < n && len(b) >= lengthFMT && b[0] == magic1 && b[1] == magic2 && b[2] == typeFMT {
			if d, ok := parseFMT(b); !ok || !d.sound {
				break
			}
			b, k = b[lengthFMT:], k+1
		}
		if k == n {
			return true
		}
		b = b[min(1, len(b)):]
	}
}

// isText reports whether b is the beginning of a text log.
func isText(b []byte) bool {
	for line := range bytes.Lines(b) {
		if name, rest, ok := bytes.Cut(line, []byte{','}); ok && string(name) == "FMT" {
			if d, ok := parseTextFMT(rest); ok && d.sound {
				return true
			}
		}
	}
	return false
}

// checkEvery is after how many rows the context is asked.
const checkEvery = 4096

// Decode reads the log twice: once to learn which receiver makes the track and
// when the vehicle was started, then to decode it.
func (Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		head, err := input.ReadRange(in, 0, min(in.Size(), input.PrefixLen), input.PrefixLen)
		if err != nil {
			yield(nil, err)
			return
		}
		text := !bytes.Contains(head, []byte{magic1, magic2, typeFMT}) && isText(head)
		s := &overview{}
		first := newReader(in, text)
		first.quick = true
		if err := each(ctx, first, s.look, nil); err != nil {
			yield(nil, err)
			return
		}
		s.choose()
		d := newDecoder(s, yield)
		if !d.put(logfmt.Start{Variant: s.variant(text)}) {
			return
		}
		if err := each(ctx, newReader(in, text), d.row, d.damage); err != nil && !d.stopped {
			yield(nil, err)
		}
	}
}

// each calls row for every row that has a handler, and damage between them,
// until one returns false.
func each(ctx context.Context, r *reader, row func(*reader) bool, damage func(*reader) bool) error {
	for n := 0; ; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		switch r.next() {
		case ended:
			return r.err
		case gotRow:
			if !row(r) {
				return nil
			}
		case gotDamage:
			if damage != nil && !damage(r) {
				return nil
			}
		}
	}
}
