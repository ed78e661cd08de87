// Package gpmf reads and cleans streams of GoPro's metadata format in files of
// their own (.raw, .gpmf): telemetry taken out of a video, and what the Karma
// drone keeps.
//
// Specification: GPMF introduction (github.com/gopro/gpmf-parser), as of 2024.
// Elements stay where they are, with their keys and lengths; what must go is
// set to zero, which readers take for "no fix". A track becomes one cell, that
// of its first position. Keys that no rule names are zeroed.
package gpmf

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"

	"flightveil/exifscrub"
	block "flightveil/internal/block/gpmf"
	"flightveil/internal/block/tally"
	"flightveil/internal/block/window"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// Format is the container "gpmf".
type Format struct{}

// ID returns "gpmf".
func (Format) ID() string { return "gpmf" }

const (
	headLen   = 8          // of an element
	packetKey = "DEVC\x00" // begins what a device recorded in about a second
)

// Detect looks for the head of a device, which holds its number first.
func (Format) Detect(p input.Probe) input.Match {
	b := p.Prefix
	switch {
	case len(b) < 2*headLen || !bytes.HasPrefix(b, []byte(packetKey)):
		return input.No
	case bytes.HasPrefix(b[headLen:], []byte("DVID")):
		return input.Certain
	case bytes.HasPrefix(b[headLen:], []byte("DVNM")) || bytes.HasPrefix(b[headLen:], []byte("STRM")):
		return input.Likely
	}
	return input.No
}

// Walk yields one finding for each different thing the stream says.
func (Format) Walk(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		s, err := survey(ctx, in, lim)
		if err != nil {
			yield(exifscrub.Item{}, err)
			return
		}
		for _, f := range s.tally.Findings() {
			if !yield(exifscrub.Item{Finding: &f}, nil) {
				return
			}
		}
		for _, note := range s.notes() {
			if !yield(exifscrub.Item{Note: note}, nil) {
				return
			}
		}
	}
}

// summary is what a first reading tells.
type summary struct {
	tally          tally.Tally
	packets, fixes int
	damaged        int64 // bytes
}

func (s *summary) notes() []string {
	out := []string{fmt.Sprintf("%d packets, %d positions", s.packets, s.fixes)}
	if s.packets == 1 {
		out[0] = fmt.Sprintf("1 packet, %d positions", s.fixes)
	}
	if s.damaged > 0 {
		out = append(out, fmt.Sprintf("%d bytes are damaged or no part of the stream", s.damaged))
	}
	return out
}

func survey(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) (*summary, error) {
	return exifscrub.Parsed(in, func() (*summary, error) {
		s := &summary{}
		err := each(ctx, in, lim, func(p piece) error {
			switch {
			case p.packet:
				s.packets++
				return nil
			case p.tag.name == strayName:
				s.damaged += p.span.Len
			}
			n, err := p.count(in, &s.tally)
			s.fixes += n
			return err
		})
		return s, err
	})
}

// Edits zeroes what goes and writes the cell over positions that become coarse.
func (Format) Edits(ctx context.Context, in exifscrub.Input, decisions []exifscrub.Decision, lim exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	return func(yield func(exifscrub.Edit, error) bool) {
		v := tally.Verdicts{}
		work := false
		for _, d := range decisions {
			if d.Finding == nil {
				continue
			}
			v.Decide(*d.Finding, d.Action, d.To)
			work = work || d.Gone() || d.Coarse()
		}
		if !work {
			return
		}
		err := each(ctx, in, lim, func(p piece) error {
			if p.packet {
				return nil
			}
			e, ok, err := p.edit(in, v)
			if err == nil && ok && !yield(e, nil) {
				return errStop
			}
			return err
		})
		if err != nil && err != errStop {
			yield(exifscrub.Edit{}, err)
		}
	}
}

// errStop says that nobody wants more.
var errStop = errors.New("stopped")

// A piece is an element, or bytes that are part of none.
type piece struct {
	packet bool // only says that a packet begins
	tag    tag
	span   input.Span
	entry  *block.Entry // nil for what is no element
}

// strayName is the name of bytes that are no element.
const strayName = "stray bytes"

var stray = tag{strayName, privacy.Unknown}

// each calls do for every piece of the file that holds anything but zeros, in
// order. An error of do ends it.
func each(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits, do func(piece) error) error {
	r := window.New(in)
	defer r.Free()
	bytesAt := func(s input.Span) error {
		zero, err := r.Zeros(s.Off, s.End())
		if err != nil || zero || s.Len <= 0 {
			return err
		}
		return do(piece{tag: stray, span: s})
	}
	for pos := int64(0); pos < in.Size(); {
		if err := ctx.Err(); err != nil {
			return err
		}
		head, err := r.Head(pos, headLen)
		if err != nil {
			return err
		}
		if len(head) == headLen && bytes.HasPrefix(head, []byte(packetKey)) {
			length := int64(head[5]) * int64(binary.BigEndian.Uint16(head[6:]))
			span := input.Span{Off: pos + headLen, Len: min(length, in.Size()-pos-headLen)}
			if err := do(piece{packet: true}); err != nil {
				return err
			}
			sound, err := packet(in, r, span, lim, do)
			if err != nil {
				return err
			}
			// What follows a broken element, and the padding.
			pos = min(span.End()+(-length&3), in.Size())
			if next, err := find(r, sound, pos); err != nil {
				return err
			} else if next < pos && sound < span.End() { // the packet ends early
				pos = next
			}
			if err := bytesAt(input.Span{Off: sound, Len: pos - sound}); err != nil {
				return err
			}
			continue
		}
		next, err := find(r, pos, in.Size())
		if err != nil {
			return err
		}
		if next == pos { // a key, and nothing behind it
			next = in.Size()
		}
		if err := bytesAt(input.Span{Off: pos, Len: next - pos}); err != nil {
			return err
		}
		pos = next
	}
	return nil
}

// packet calls do for the elements in s and returns where the sound ones end.
func packet(in exifscrub.Input, r *window.Reader, s input.Span, lim exifscrub.Limits, do func(piece) error) (sound int64, err error) {
	sound = s.Off
	for e, err := range block.Walk(input.Section(in, 0, s.End()), s, lim) {
		if errors.Is(err, block.ErrSyntax) || errors.Is(err, input.ErrLimit) || errors.Is(err, input.ErrUnsupported) {
			return sound, nil
		}
		if err != nil {
			return sound, err
		}
		if gap := (input.Span{Off: sound, Len: e.Head - sound}); gap.Len > 0 { // padding
			zero, err := r.Zeros(gap.Off, gap.End())
			if err == nil && !zero {
				err = do(piece{tag: stray, span: gap})
			}
			if err != nil {
				return sound, err
			}
		}
		if sound = e.Head + headLen; e.Type == 0 {
			continue
		}
		sound = e.Span.End()
		zero, err := r.Zeros(e.Span.Off, e.Span.End())
		if err != nil {
			return sound, err
		}
		if zero {
			continue
		}
		if err := do(piece{tag: tagOf(in, e), span: e.Span, entry: &e}); err != nil {
			return sound, err
		}
	}
	return sound, nil
}

// find returns where the next packet begins at or behind off, or end.
func find(r *window.Reader, off, end int64) (int64, error) {
	key := []byte(packetKey)
	for off < end {
		b, err := r.Peek(off, min(window.Size, end-off))
		if err != nil {
			return off, err
		}
		if i := bytes.Index(b, key); i >= 0 {
			return off + int64(i), nil
		}
		if off += int64(len(b)); off < end {
			off -= int64(len(key) - 1)
		}
	}
	return end, nil
}
