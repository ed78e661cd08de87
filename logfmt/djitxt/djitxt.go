// Package djitxt decodes the flight records of DJI's mobile apps,
// DJIFlightRecord_2031-07-19_[04-47-53].txt, versions 1 to 14: plain (1 to 6),
// scrambled (7 to 12), and encrypted (13 and 14) with the keychain that DJI
// hands out for one flight.
//
// There is no public specification; section numbers in comments are those of
// the project's own notes on the format (prefix 1, auxiliary blocks 2, detail
// area 3, records 4, keychain 5). Camera states, virtual sticks and
// agriculture are not decoded. The layout of missions is not known: places in
// them are found, and that there is a mission is told.
package djitxt

import (
	"context"
	"fmt"
	"iter"

	"flightveil/internal/input"
	"flightveil/logfmt"
)

// Format is the DJI flight record. Keychains holds answers of the vendor's
// keychain service as they came, in any order: the one that fits a log is
// found by trying.
type Format struct{ Keychains [][]byte }

// ID returns "dji-txt".
func (Format) ID() string { return "dji-txt" }

// Detect looks for a plausible prefix and well-formed records behind it: the
// format has no signature.
func (Format) Detect(p input.Probe) input.Match {
	h, ok := parsePrefix(p.Prefix, p.Input.Size())
	if !ok {
		return input.No
	}
	if h.version >= 13 {
		blocks := h.parseBlocks(p.Prefix)
		switch {
		case blocks == 2:
			return input.Certain
		case blocks == 1:
			return input.Likely
		}
		h.records = h.detailOff // damaged blocks: do records follow all the same?
		if h.records == 0 {
			return input.No
		}
	}
	n := 0
	if h.records < int64(len(p.Prefix)) {
		n = countRecords(p.Prefix[h.records:], h.headLen())
	}
	switch {
	case n >= 3 && !h.cut && h.version < 13:
		return input.Certain
	case n >= 6, n >= 1 && !h.cut && h.version < 13:
		return input.Likely
	case h.version < 12 && h.detailOff != 0: // bytes are missing, but the detail area may be there
		b, err := input.ReadRange(p.Input, p.Input.Size()-h.detailLen+87, 4, 4)
		if err == nil && le.Uint32(b) == detailMark {
			return input.Likely
		}
	}
	return input.No
}

// enough records decide.
const enough = 8

func countRecords(b []byte, head int) (n int) {
	for n < enough {
		size, ok := recordAt(b, head)
		if !ok || b[0] > highestType {
			break
		}
		b = b[size:]
		n++
	}
	return n
}

// checkEvery is after how many records the context is asked.
const checkEvery = 4096

// Decode yields what the detail area says, then the records.
func (f Format) Decode(ctx context.Context, in logfmt.Input, _ logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		h, err := readHeader(in)
		if err != nil {
			yield(nil, err)
			return
		}
		d := newDecoder(h, yield)
		if !d.detail() {
			return
		}
		if h.version >= 13 {
			s, err := survey(ctx, in, h)
			if err != nil {
				yield(nil, err)
				return
			}
			if d.keys, err = s.match(f.Keychains); err != nil {
				d.keyless = err
			}
		}
		if err := d.run(ctx, newReader(in, h)); err != nil && !d.stopped {
			yield(nil, err)
		}
	}
}

// run decodes the records.
func (d *decoder) run(ctx context.Context, r *reader) error {
	for n := 0; !d.stopped; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		switch r.next() {
		case gotRecord:
			d.record(r.off, r.kind, r.payload)
		case gotPicture:
			d.picture(r.off, r.size)
		case gotImages:
			d.images(r.off, r.size)
		case gotDamage:
			d.lost(r.off, r.size, r.why)
		case ended:
			d.flush()
			if r.err != nil {
				return fmt.Errorf("reading records: %w", r.err)
			}
			return d.incomplete()
		}
	}
	return nil
}
