// Package fit decodes Garmin's Flexible and Interoperable Data Transfer files.
//
// Specification: FIT SDK, "FIT Protocol" and Profile.xlsx. It reads positions,
// their clock and what names a device or person. Developer fields are not
// decoded, and the checksum at the end is not checked.
package fit

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"iter"

	"flightveil/internal/input"
	"flightveil/logfmt"

	"github.com/muktihari/fit/decoder"
)

// Format is FIT.
type Format struct{}

// ID returns "fit".
func (Format) ID() string { return "fit" }

// Detect looks at the header.
func (Format) Detect(p input.Probe) input.Match {
	if b := p.Prefix; len(b) >= 12 && (b[0] == 12 || b[0] == 14) && string(b[8:12]) == ".FIT" {
		return input.Certain
	}
	return input.No
}

var errStop = errors.New("the caller wants no more")

// checkEvery is after how many messages the context is asked.
const checkEvery = 4096

// Decode reads the file once. Chained files are flights of their own.
func (Format) Decode(ctx context.Context, in logfmt.Input, lim logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		d := &log{yield: yield, identifiers: lim.Defaults().Items}
		n := 0
		_, err := decoder.NewRaw().Decode(bufio.NewReaderSize(io.NewSectionReader(in, 0, in.Size()), 64<<10), func(flag decoder.RawFlag, b []byte) error {
			if n++; n%checkEvery == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			switch flag {
			case decoder.RawFlagFileHeader:
				d.locals, d.clock = [16]definition{}, 0
				d.put(logfmt.Start{})
			case decoder.RawFlagMesgDef:
				d.define(b)
			case decoder.RawFlagMesgData:
				d.message(b)
			}
			d.off += int64(len(b))
			if d.stopped {
				return errStop
			}
			return nil
		})
		switch {
		case err == nil || d.stopped || in.Size() == 0:
		case ctx.Err() != nil:
			yield(nil, ctx.Err())
		default: // nothing says where the next message would begin
			off := min(d.off, in.Size())
			d.put(logfmt.Damage{Off: off, Len: in.Size() - off, Reason: "no readable message"})
		}
	}
}

type log struct {
	yield       func(logfmt.Record, error) bool
	stopped     bool
	identifiers int
	off         int64 // of the message at hand
	locals      [16]definition
	clock       uint32 // the last time stamp
}

func (d *log) put(r logfmt.Record) {
	if !d.stopped {
		d.stopped = !d.yield(r, nil)
	}
}

// A definition says how the messages of one local number are laid out.
type definition struct {
	global uint16
	order  binary.ByteOrder
	fields []field
}

type field struct {
	num       byte
	from, len int
}

func (d *log) define(b []byte) {
	def := definition{order: binary.LittleEndian}
	if b[2]&1 == 1 {
		def.order = binary.BigEndian
	}
	def.global = def.order.Uint16(b[3:])
	from := 1
	for i := range int(b[5]) {
		f := b[6+3*i:]
		def.fields = append(def.fields, field{f[0], from, int(f[1])})
		from += int(f[1])
	}
	d.locals[b[0]&0xF] = def
}
