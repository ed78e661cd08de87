// Package blackbox decodes the flight recorder of Betaflight, iNav,
// Cleanflight and their relatives (.BBL, .BFL, .TXT).
//
// Specification: the recorder's own sources (src/main/blackbox) and
// https://betaflight.com/docs/development/Blackbox-Internals. A file holds any
// number of logs, each a text header that defines its fields and binary frames
// of them. Frames have neither length nor checksum: one counts only if another
// one begins where it ends.
//
// What does not say where the aircraft was – gyroscope, motors, debug values –
// is decoded, for the frames depend on it, and not told.
package blackbox

import (
	"bytes"
	"context"
	"iter"

	"flightveil/internal/block/window"
	"flightveil/internal/input"
	"flightveil/logfmt"
)

// Format is the flight recorder's.
type Format struct{}

// ID returns "blackbox".
func (Format) ID() string { return "blackbox" }

// marker begins every log. Its line goes on, but that is enough to know it by.
const marker = "H Product:Blackbox"

// Detect looks for the beginning of a log, behind erased flash perhaps.
func (Format) Detect(p input.Probe) input.Match {
	b := bytes.TrimLeft(p.Prefix, erased)
	if bytes.HasPrefix(b, []byte(marker)) {
		return input.Certain
	}
	if i := bytes.Index(b, []byte(marker)); i >= 0 && bytes.Contains(b[i:], []byte("\nH Data version:")) {
		return input.Likely
	}
	return input.No
}

// erased are the bytes of memory nothing was written to.
const erased = "\xFF\x00"

const (
	checkEvery = 1 << 14 // frames between two looks at the context
	lookAhead  = 4096    // bytes behind pos in which the next log is always known
)

// Decode reads the file once, through one buffer.
func (Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		d := &decoder{ctx: ctx, r: window.New(in), next: -1, yield: yield}
		defer d.r.Free()
		if err := d.file(); err != nil && !d.stopped {
			yield(nil, err)
		}
	}
}

// A decoder reads the logs of one file.
type decoder struct {
	ctx     context.Context
	r       *window.Reader
	yield   func(logfmt.Record, error) bool
	stopped bool

	pos     int64
	scanned int64 // no log begins between pos and here
	next    int64 // where the next one begins, -1 if that is not known yet

	waiting bool // for a Start: damage before it is part of its flight
	early   []logfmt.Damage

	flight
}

func (d *decoder) put(r logfmt.Record) {
	if !d.stopped {
		d.stopped = !d.yield(r, nil)
	}
}

func (d *decoder) damage(from, to int64, why string) {
	x := logfmt.Damage{Off: from, Len: to - from, Reason: why}
	switch n := len(d.early); {
	case to <= from:
	case d.waiting && n == maxEarly:
		d.early[n-1].Len = to - d.early[n-1].Off
	case d.waiting:
		d.early = append(d.early, x)
	default:
		d.put(x)
	}
}

// maxEarly bounds the damage of one header that is told place by place.
const maxEarly = 64

// start begins a flight.
func (d *decoder) start(h *header) {
	if h != nil {
		d.put(logfmt.Start{Variant: h.variant()})
	}
	for _, x := range d.early {
		d.put(x)
	}
	d.waiting, d.early = false, nil
}

func (d *decoder) file() error {
	d.waiting = true
	if err := d.gap("no log begins here"); err != nil {
		return err
	}
	defer func() {
		if d.waiting {
			d.start(nil)
		}
	}()
	for !d.stopped && d.pos < d.r.Size() {
		if err := d.log(); err != nil {
			return err
		}
	}
	return nil
}

// gap goes on to the beginning of the next log. What is in between and was
// written at all is damage.
func (d *decoder) gap(why string) error {
	from, to := d.pos, d.pos // what is not erased
	for {
		if err := d.ctx.Err(); err != nil {
			return err
		}
		b, err := d.ahead(window.Size)
		if err != nil {
			return err
		}
		if len(b) == 0 {
			d.damage(from, to, why)
			return nil
		}
		if rest := bytes.TrimLeft(b, erased); len(rest) > 0 {
			if from == to {
				from = d.pos + int64(len(b)-len(rest))
			}
			to = d.pos + int64(len(bytes.TrimRight(b, erased)))
		}
		d.pos += int64(len(b))
	}
}

// ahead returns up to n bytes at pos, none from the next log on. Of more than
// lookAhead it can be a few less, although the log goes on.
func (d *decoder) ahead(n int64) ([]byte, error) {
	if d.next < d.pos && d.scanned < min(d.pos+lookAhead, d.r.Size()) {
		b, err := d.r.Peek(d.pos, window.Size)
		if err != nil {
			return nil, err
		}
		d.next = -1
		from := max(d.scanned, d.pos) - d.pos
		if i := bytes.Index(b[from:], []byte(marker)); i >= 0 {
			d.next = d.pos + from + int64(i)
			d.scanned = d.next
		} else if d.scanned = d.pos + int64(len(b)); d.scanned < d.r.Size() {
			d.scanned -= int64(len(marker)) - 1
		}
	}
	return d.r.Peek(d.pos, min(n, d.scanned-d.pos))
}

// begins reports whether a log begins at pos, and goes past its beginning.
func (d *decoder) begins() bool {
	if d.next != d.pos {
		return false
	}
	d.next, d.scanned = -1, d.pos+int64(len(marker))
	return true
}
