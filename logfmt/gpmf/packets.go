package gpmf

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"

	block "flightveil/internal/block/gpmf"
	"flightveil/internal/block/window"
	"flightveil/internal/input"
	"flightveil/logfmt"
)

// headLen is the length of the head of an element.
const headLen = 8

// packetKey begins a packet: what a device recorded in about one second.
const packetKey = "DEVC\x00"

func isPacket(b []byte) bool { return bytes.HasPrefix(b, []byte(packetKey)) }

// An element is one that was found in a packet; its offsets are those of in.
type element struct {
	in input.Input
	block.Entry
}

// each calls f for every element inside the packets from pos to the end of in
// and damaged for what lies between, until one of them returns false. Zeros
// between packets are padding.
func each(ctx context.Context, in input.Input, pos int64, lim input.Limits, f func(element) (bool, error), damaged func(logfmt.Damage) bool) error {
	r := window.New(in)
	defer r.Free()
	for pos < in.Size() {
		if err := ctx.Err(); err != nil {
			return err
		}
		head, err := r.Head(pos, headLen)
		if err != nil {
			return err
		}
		next, reason := pos, "no packet"
		if len(head) == headLen && isPacket(head) {
			length := int64(head[5]) * int64(binary.BigEndian.Uint16(head[6:]))
			end := pos + headLen + length + (-length & 3)
			sound, goOn, err := packet(in, input.Span{Off: pos + headLen, Len: min(length, in.Size()-pos-headLen)}, lim, f)
			switch {
			case !goOn:
				return err
			case err == nil && end-(-length&3) <= in.Size():
				pos = end
				continue
			case err == nil:
				sound = in.Size()
				fallthrough
			default:
				next, reason = sound, "a packet that is not whole"
			}
			if next == in.Size() { // its end is missing, but not in the middle of an element
				damaged(logfmt.Damage{Off: next, Reason: reason})
				return nil
			}
		} else if next, err = r.SkipZeros(pos, in.Size()); err != nil {
			return err
		} else if next > pos {
			pos = next
			continue
		}
		if len(head) < headLen { // too little for another packet
			pos = in.Size()
		} else if pos, err = find(r, next); err != nil {
			return err
		}
		if !damaged(logfmt.Damage{Off: next, Len: pos - next, Reason: reason}) {
			return nil
		}
	}
	return nil
}

// packet calls f for the elements in s and returns where the sound ones end.
// Only an error with goOn unset ends the reading.
func packet(in input.Input, s input.Span, lim input.Limits, f func(element) (bool, error)) (sound int64, goOn bool, err error) {
	in = input.Section(in, 0, s.End()) // nothing is read ahead of the next packet
	sound = s.Off
	for e, err := range block.Walk(in, s, lim) {
		if err != nil {
			return sound, skippable(err), err
		}
		if goOn, err := f(element{in, e}); !goOn || err != nil {
			return sound, false, err
		}
		if sound = e.Head + headLen; e.Type != 0 {
			sound = e.Span.End()
		}
	}
	return sound, true, nil
}

// skippable reports whether err is the file's fault and not that of the disk.
func skippable(err error) bool {
	return errors.Is(err, block.ErrSyntax) || errors.Is(err, input.ErrLimit) || errors.Is(err, input.ErrUnsupported)
}

// find returns where the next packet begins at or behind off, or the end.
func find(r *window.Reader, off int64) (int64, error) {
	key := []byte(packetKey)
	for off < r.Size() {
		b, err := r.Peek(off, window.Size)
		if err != nil {
			return off, err
		}
		if i := bytes.Index(b, key); i >= 0 {
			return off + int64(i), nil
		}
		if off += int64(len(b)); off < r.Size() {
			off -= int64(len(key) - 1)
		}
	}
	return r.Size(), nil
}
