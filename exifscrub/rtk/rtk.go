// Package rtk reads and cleans the files that survey drones write for
// positioning afterwards: DJI's marks of exposures (.MRK), RINEX observations
// and ephemerides (.obs, .nav, .rnx), and streams of RTCM messages (.bin).
//
// Specifications: RINEX 4.01 (IGS, 2023) and its predecessors 2 and 3, with
// Hatanaka's compact form; RTCM 10403.3. The marks are known from files. Who
// surveyed and with which receiver is blanked in place. The rest is nothing but
// positions and times, so that a policy that wants those gone makes the file
// refused: a file without them is of no use to anybody.
//
// It computes no positions from observations.
package rtk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/block/lines"
	"flightveil/internal/block/tally"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Format is the container "rtk".
type Format struct{}

// ID returns "rtk".
func (Format) ID() string { return "rtk" }

// A syntax is a kind of positioning file.
type syntax int

const (
	none syntax = iota
	marks
	rinex
	rtcm
)

// Detect recognises a file by its first line or message.
func (Format) Detect(p input.Probe) input.Match {
	switch recognise(p.Input, p.Prefix) {
	case none:
		return input.No
	default:
		return input.Certain
	}
}

func recognise(in exifscrub.Input, head []byte) syntax {
	if isRTCM(in, head) {
		return rtcm
	}
	r := lines.New(bytes.NewReader(head))
	for l, ok := r.Next(); ok; l, ok = r.Next() {
		text := l.Text
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		switch {
		case label(text) == "RINEX VERSION / TYPE", label(text) == "CRINEX VERS   / TYPE":
			return rinex
		case isMark(text):
			return marks
		}
		return none
	}
	return none
}

// reader walks one kind of file and calls do for every value, in order.
type reader func(ctx context.Context, in exifscrub.Input, do func(value) error) error

func readerOf(s syntax) reader {
	switch s {
	case rinex:
		return readRINEX
	case rtcm:
		return readRTCM
	}
	return readMarks
}

// A value is one thing such a file says.
type value struct {
	class privacy.Class
	path  string
	text  []byte
	where *geo.Point
	span  input.Span
	// blank returns what is written over span to remove the value; nil for
	// spaces. What cannot be removed alone has neither.
	frame *frame
}

// essential reports whether a file is of no use without what a class says.
func essential(c privacy.Class) bool {
	switch c {
	case privacy.Location, privacy.Altitude, privacy.Attitude, privacy.Time:
		return true
	}
	return false
}

// errNothingLeft is why a positioning file is refused.
var errNothingLeft = fmt.Errorf("a positioning file of a survey: without positions and times nothing of it would be left (the profile mapping keeps them and blanks who surveyed): %w", exifscrub.ErrRefused)

// Walk yields one finding for each different thing the file says.
func (Format) Walk(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		s, err := survey(ctx, in)
		if err != nil {
			yield(exifscrub.Item{}, err)
			return
		}
		for _, f := range s.tally.Findings() {
			if !yield(exifscrub.Item{Finding: &f}, nil) {
				return
			}
		}
		yield(exifscrub.Item{Note: s.note()}, nil)
	}
}

// summary is what a first reading tells.
type summary struct {
	syntax syntax
	tally  tally.Tally
}

func (s *summary) note() string {
	switch s.syntax {
	case rinex:
		return "satellite observations for positioning afterwards (RINEX): positions to a few centimetres can be computed from them"
	case rtcm:
		return "satellite observations for positioning afterwards (RTCM): positions to a few centimetres can be computed from them"
	}
	return "the exact position of every exposure of a survey"
}

func survey(ctx context.Context, in exifscrub.Input) (*summary, error) {
	return exifscrub.Parsed(in, func() (*summary, error) {
		head, err := input.ReadRange(in, 0, min(in.Size(), input.PrefixLen), input.PrefixLen)
		if err != nil {
			return nil, fmt.Errorf("reading a positioning file: %w", err)
		}
		s := &summary{syntax: recognise(in, head)}
		if s.syntax == none {
			return nil, fmt.Errorf("no positioning file: %w", input.ErrUnsupported)
		}
		return s, readerOf(s.syntax)(ctx, in, func(v value) error {
			s.tally.Add(v.class, v.path, v.text, v.where, v.span)
			return nil
		})
	})
}

// errStop says that nobody wants more.
var errStop = errors.New("stopped")

// Edits blanks who and with what, and refuses if positions or times must go.
func (Format) Edits(ctx context.Context, in exifscrub.Input, decisions []exifscrub.Decision, lim exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	return func(yield func(exifscrub.Edit, error) bool) {
		v := tally.Verdicts{}
		work := false
		var move exifscrub.Mover
		for _, d := range decisions {
			if d.Displaced() && d.Finding.Class == privacy.Location {
				move = d.Move // the same for all
			}
		}
		for _, d := range decisions {
			if d.Finding == nil {
				continue
			}
			if d.Action != privacy.Keep && essential(d.Finding.Class) && (move == nil || d.Gone() && d.Finding.Class != privacy.Attitude && d.Finding.Class != privacy.Altitude) {
				yield(exifscrub.Edit{}, errNothingLeft)
				return
			}
			v.Decide(*d.Finding, d.Action, d.To)
			work = work || d.Action != privacy.Keep
		}
		if !work {
			return
		}
		s, err := survey(ctx, in)
		if err != nil {
			yield(exifscrub.Edit{}, err)
			return
		}
		w := &writer{in: in, yield: yield}
		if move != nil {
			if err = errNothingLeft; s.syntax == marks {
				err = w.moveMarks(ctx, v, move)
			}
			if err != nil && err != errStop {
				yield(exifscrub.Edit{}, err)
			}
			return
		}
		err = readerOf(s.syntax)(ctx, in, func(x value) error {
			if v.Of(x.class, x.path, x.where != nil).Action == privacy.Keep {
				return nil
			}
			return w.remove(x)
		})
		if err == nil {
			err = w.flush()
		}
		if err != nil && err != errStop {
			yield(exifscrub.Edit{}, err)
		}
	}
}

// A writer turns values to remove into edits.
type writer struct {
	in    exifscrub.Input
	yield func(exifscrub.Edit, error) bool
	frame *frame // with changes
}

func (w *writer) put(e exifscrub.Edit) error {
	if !w.yield(e, nil) {
		return errStop
	}
	return nil
}

// most is how much is blanked by one edit.
const most = 32 << 10

func (w *writer) remove(v value) error {
	if v.frame != nil {
		if w.frame != v.frame {
			if err := w.flush(); err != nil {
				return err
			}
			w.frame = v.frame
		}
		w.frame.blank(v.path)
		return nil
	}
	if err := w.flush(); err != nil {
		return err
	}
	if v.path == strayPath {
		return w.put(exifscrub.Edit{Off: v.span.Off, Len: v.span.Len, Zero: true})
	}
	for s := v.span; s.Len > 0; {
		n := min(s.Len, most)
		if err := w.put(exifscrub.Edit{Off: s.Off, Len: n, With: bytes.Repeat([]byte{' '}, int(n))}); err != nil {
			return err
		}
		s.Off, s.Len = s.Off+n, s.Len-n
	}
	return nil
}

// flush writes the last changed message.
func (w *writer) flush() error {
	f := w.frame
	if w.frame = nil; f == nil {
		return nil
	}
	return w.put(exifscrub.Edit{Off: f.off, Len: int64(len(f.b)), With: f.sealed()})
}
