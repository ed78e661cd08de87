package parrot

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"flightveil/internal/block/window"
	"flightveil/internal/input"
	"flightveil/logfmt"
)

// maxGap is how far the clocks of two rows are apart at most, in milliseconds:
// behind a longer gap Parrot's own reader takes nothing for valid.
const maxGap = 10_000

// maxLog is the longest flight in milliseconds that is believed.
const maxLog = 24 * 3600 * 1000

// packets calls f for each binary row whose clock goes on from that of the row
// before it. What lies between is damage; then two rows must agree.
func (l *log) packets(ctx context.Context, f func(row []float64, off int64) bool, damaged func(logfmt.Damage) bool) error {
	size, clock := int64(0), -1
	for i, c := range l.columns {
		if !c.readable() {
			return fmt.Errorf("column %d: %w: %w", i+1, errColumn, input.ErrUnsupported)
		}
		if c.name == "time" && c.kind == "integer" {
			clock = i
		}
		size += int64(c.size)
	}
	r := window.New(l.in)
	defer r.Free()
	row := make([]float64, len(l.columns))
	at := func(off int64) (ms float64, ok bool, err error) { // the clock of the row at off
		b, err := r.Peek(off, size)
		if err != nil || int64(len(b)) < size {
			return 0, false, err
		}
		if clock < 0 {
			return 0, true, nil
		}
		pos := 0
		for _, c := range l.columns[:clock] {
			pos += c.size
		}
		ms = l.columns[clock].value(b[pos:])
		return ms, ms >= 0 && ms <= maxLog, nil
	}
	lost := int64(-1) // where damage began
	last := math.NaN()
	end := l.in.Size()
	for pos, n := l.rows, 0; ; n++ {
		if n&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if pos >= end || end-pos < size {
			if lost < 0 && pos < end {
				lost = pos
			}
			if lost >= 0 {
				damaged(logfmt.Damage{Off: lost, Len: end - lost, Reason: "rows that are not whole"})
			}
			return nil
		}
		ms, ok, err := at(pos)
		if err != nil {
			return err
		}
		ok = ok && !(ms < last) && !(ms-last > maxGap)
		if ok && (lost >= 0 || n == 0) { // the next row must agree, unless there is none
			next, agrees, err := at(pos + size)
			if err != nil {
				return err
			}
			ok = end-pos < 2*size || agrees && next >= ms && next-ms <= maxGap
		}
		if !ok {
			if lost < 0 {
				lost = pos
			}
			pos++
			continue
		}
		if lost >= 0 {
			if !damaged(logfmt.Damage{Off: lost, Len: pos - lost, Reason: "rows that make no sense"}) {
				return nil
			}
			lost = -1
		}
		if clock >= 0 {
			last = ms
		}
		b, err := r.Peek(pos, size)
		if err != nil {
			return err
		}
		for i, c := range l.columns {
			row[i] = c.value(b)
			b = b[c.size:]
		}
		if !f(row, pos) {
			return nil
		}
		pos += size
	}
}

// readable reports whether the type of c is known.
func (c column) readable() bool {
	switch c.kind {
	case "integer":
		return c.size == 1 || c.size == 2 || c.size == 4 || c.size == 8
	case "boolean":
		return c.size == 1 || c.size == 4
	case "float":
		return c.size == 4
	case "double":
		return c.size == 8
	}
	return false
}

// value reads c at the beginning of b, which is long enough.
func (c column) value(b []byte) float64 {
	le := binary.LittleEndian
	switch {
	case c.kind == "float":
		return float64(math.Float32frombits(le.Uint32(b)))
	case c.kind == "double":
		return math.Float64frombits(le.Uint64(b))
	case c.size == 8:
		return float64(int64(le.Uint64(b)))
	case c.size == 4:
		return float64(int32(le.Uint32(b)))
	case c.size == 2:
		return float64(int16(le.Uint16(b)))
	}
	return float64(int8(b[0]))
}
