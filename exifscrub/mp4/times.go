package mp4

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/geo"
	"flightveil/internal/input"
)

// epoch is what header times count from: 1904, in UTC (8.2.2.3).
var epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)

const daySeconds = 24 * 60 * 60

// headerTime is a time in a header.
type headerTime struct {
	span   exifscrub.Span
	second bool // it is the time of modification
	text   string
	day    func(geo.Point) []byte // the day it is in
	move   move
	err    error
}

// headerTimes returns the times in b that are not zero.
func headerTimes(in input.Input, b bmff.Box) []headerTime {
	version, _, body, err := b.Full(in)
	width := int64(4)
	if version == 1 {
		width = 8
	}
	if err == nil && b.End-body < 2*width {
		err = fmt.Errorf("%s box at %d: %w", b.Name(), b.Start, io.ErrUnexpectedEOF)
	}
	var raw []byte
	if err == nil {
		raw, err = input.ReadRange(in, body, 2*width, 16)
	}
	if err != nil {
		return []headerTime{{err: err}}
	}
	var out []headerTime
	for i := range int64(2) {
		v := number(raw[i*width : (i+1)*width])
		if v == 0 {
			continue
		}
		t := headerTime{span: exifscrub.Span{Off: body + i*width, Len: width}, second: i == 1}
		if v < 1<<35 { // the year 2992; above it is no time
			t.text = time.Unix(epoch.Unix()+int64(v), 0).UTC().Format("2006-01-02 15:04:05")
			t.day = func(geo.Point) []byte { return binary.BigEndian.AppendUint64(nil, v-v%daySeconds)[8-width:] }
			t.move = moveHeader(v, width)
		}
		out = append(out, t)
	}
	return out
}

// number reads a big-endian number of at most eight bytes.
func number(b []byte) (v uint64) {
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	return v
}
