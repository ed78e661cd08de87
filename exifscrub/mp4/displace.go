package mp4

import (
	"bytes"
	"encoding/binary"
	"time"

	"flightveil/exifscrub"
	"flightveil/internal/geo"
)

// Displaces says that positions and times in the header can be moved in place.
// Telemetry and caption tracks cannot: they are removed.
func (Format) Displaces() {}

// A move returns what to write at a finding's first span where its value moves
// with its flight; nil if it has to go.
type move func(exifscrub.Mover) []byte

// movePlace moves at, which write puts into the file's form; write may be nil.
func movePlace(at geo.Point, write func(geo.Point) []byte) move {
	return func(mv exifscrub.Mover) []byte {
		to, ok := mv.Place(at, false)
		switch {
		case !ok:
			return nil
		case write == nil:
			mv.Miss()
			return nil
		}
		return write(to)
	}
}

// moveText moves a date and time written as text.
func moveText(raw []byte) move {
	return func(mv exifscrub.Mover) []byte {
		s := string(bytes.TrimRight(raw, "\x00"))
		to, ok := exifscrub.MoveTime(s, false, mv)
		if !ok || len(to) != len(s) {
			return nil
		}
		return append([]byte(to), raw[len(s):]...)
	}
}

// moveHeader moves a time of width bytes, in seconds since 1904.
func moveHeader(v uint64, width int64) move {
	return func(mv exifscrub.Mover) []byte {
		to, ok := mv.UTC(time.Unix(epoch.Unix()+int64(v), 0).UTC())
		since := to.Round(time.Second).Unix() - epoch.Unix()
		if !ok || since <= 0 || since >= 1<<32 {
			return nil
		}
		return binary.BigEndian.AppendUint64(nil, uint64(since))[8-width:]
	}
}
