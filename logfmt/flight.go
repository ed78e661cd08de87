package logfmt

import (
	"context"
	"errors"
	"fmt"

	"flightveil/internal/input"
)

// A Flight is one flight of a log, collected in memory.
type Flight struct {
	Format      string
	Start       Start
	Fixes       []Fix
	Spots       []Spot
	Identifiers []Identifier
	Messages    []Message
	Damage      []Damage
}

// ErrKey is wrapped when a log is encrypted by its vendor and no key was given.
var ErrKey = errors.New("encrypted by the vendor: a keychain file is needed")

// ReadFlights collects the flights of a log. The error, if any, is a
// [DecodeError]; what was read before it is returned too.
func ReadFlights(ctx context.Context, f Format, in Input, lim Limits) ([]*Flight, error) {
	lim = lim.Defaults()
	var out []*Flight
	current := func() *Flight {
		if len(out) == 0 {
			out = append(out, &Flight{Format: f.ID()})
		}
		return out[len(out)-1]
	}
	records := 0
	for r, err := range f.Decode(ctx, in, lim) {
		if err != nil {
			return out, &DecodeError{Format: f.ID(), Err: err}
		}
		if records++; records > maxRecords {
			return out, &DecodeError{Format: f.ID(), Err: fmt.Errorf("more than %d records: %w", maxRecords, input.ErrLimit)}
		}
		switch r := r.(type) {
		case Start:
			if len(out) == 0 || !out[len(out)-1].empty() {
				out = append(out, &Flight{Format: f.ID()})
			}
			out[len(out)-1].Start = r
		case Fix:
			fl := current()
			fl.Fixes = append(fl.Fixes, r)
		case Spot:
			fl := current()
			fl.Spots = append(fl.Spots, r)
		case Identifier:
			fl := current()
			fl.Identifiers = append(fl.Identifiers, r)
		case Message:
			fl := current()
			fl.Messages = append(fl.Messages, r)
		case Damage:
			fl := current()
			fl.Damage = append(fl.Damage, r)
		}
	}
	return out, nil
}

// maxRecords bounds a flight in memory: two days at 100 reports a second.
const maxRecords = 20_000_000

func (f *Flight) empty() bool {
	return len(f.Fixes)+len(f.Spots)+len(f.Identifiers)+len(f.Messages)+len(f.Damage) == 0 && f.Start == Start{}
}

// DecodeError says which decoder failed.
type DecodeError struct {
	Format string
	Err    error
}

func (e *DecodeError) Error() string { return e.Format + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *DecodeError) Unwrap() error { return e.Err }
