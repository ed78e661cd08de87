// Package srt reads and cleans subtitle files: SubRip (.srt), WebVTT (.vtt) and
// SubStation Alpha (.ass, .ssa), above all the telemetry that drones write into
// them beside a video.
//
// SubRip has no specification; WebVTT is https://www.w3.org/TR/webvtt1 of 2019,
// SubStation Alpha is v4.00+ as libass reads it. What a caption says is read by
// internal/block/srt. Every value is blanked or rewritten in place, so that
// numbers and times of captions stay and players read the file as before. A
// whole track becomes one cell, that of its first position: each further cell
// would tell where the border between them was crossed.
//
// It does not look into captions inside videos.
package srt

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"time"

	"flightveil/exifscrub"
	"flightveil/internal/block/lines"
	"flightveil/internal/block/srt"
	"flightveil/internal/block/tally"
	"flightveil/internal/input"
)

// Format is the container "srt".
type Format struct{}

// ID returns "srt".
func (Format) ID() string { return "srt" }

// A syntax is a kind of subtitle file.
type syntax int

const (
	none syntax = iota
	subRip
	webVTT
	subStation
)

// Detect looks for the structure of subtitles.
func (Format) Detect(p input.Probe) input.Match {
	if b := p.Prefix[:min(len(p.Prefix), 64)]; bytes.IndexByte(b, 0) >= 0 && !bytes.HasPrefix(b, []byte("\xFF\xFE")) && !bytes.HasPrefix(b, []byte("\xFE\xFF")) {
		return input.No // neither text nor UTF-16, without a closer look
	}
	_, m := recognise(p.Prefix)
	return m
}

// marks are what only telemetry holds.
var marks = [][]byte{
	[]byte("[latitude"), []byte("[longtitude"), []byte("[longitude"), []byte("[iso"), []byte("FrameCnt"), []byte("SrtCnt"),
	[]byte("GPS("), []byte("GPS ("), []byte("HOME("), []byte("HOME ("), []byte("[rel_alt"),
}

// recognise says what kind of subtitles begin with b.
func recognise(b []byte) (syntax, input.Match) {
	r := lines.New(bytes.NewReader(b))
	var n, indexes, timings, marked int
	last := srt.Blank
	for l, ok := r.Next(); ok && n < 40; l, ok = r.Next() {
		text := bytes.TrimSpace(l.Text)
		if len(text) == 0 {
			continue
		}
		if n == 0 && isVTT(text) {
			return webVTT, input.Certain
		}
		if bytes.IndexByte(text, 0) >= 0 && n == 0 {
			return none, input.No
		}
		if text[0] == '[' && section(text) != "" {
			return subStation, input.Certain
		}
		kind, _ := srt.Classify(l.Text)
		switch {
		case kind == srt.Index && n == 0:
			indexes++
		case kind == srt.Timing && (last == srt.Index || n == 0):
			timings++
		case kind == srt.Text:
			for _, m := range marks {
				if bytes.Contains(text, m) {
					marked++
					break
				}
			}
		}
		last = kind
		n++
	}
	switch {
	case timings > 0 && indexes > 0:
		return subRip, input.Certain
	case timings > 0, marked > 0 && indexes > 0:
		return subRip, input.Likely
	}
	return none, input.No
}

func isVTT(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("WEBVTT"))
	return ok && (len(rest) == 0 || rest[0] == ' ' || rest[0] == '\t')
}

// known is what a first reading of a file tells.
type known struct {
	syntax   syntax
	orders   srt.Orders
	tally    tally.Tally
	captions int
	placed   int // captions with a position
	last     time.Duration
}

// Walk yields one finding for each different thing the captions say.
func (Format) Walk(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		k, err := survey(ctx, in)
		if err != nil {
			yield(exifscrub.Item{}, err)
			return
		}
		for _, f := range k.tally.Findings() {
			if !yield(exifscrub.Item{Finding: &f}, nil) {
				return
			}
		}
		if note := k.note(); note != "" {
			yield(exifscrub.Item{Note: note}, nil)
		}
	}
}

// note says how much there is, as a pilot would ask.
func (k *known) note() string {
	if k.captions == 0 {
		return ""
	}
	s := fmt.Sprintf("%d captions, %d with a position", k.captions, k.placed)
	if k.captions == 1 {
		s = fmt.Sprintf("1 caption, %d with a position", k.placed)
	}
	if d := k.last.Round(time.Second); d > 0 {
		s += ", over " + d.String()
	}
	return s
}

// survey reads in once, within one scan.
func survey(ctx context.Context, in exifscrub.Input) (*known, error) {
	return exifscrub.Parsed(in, func() (*known, error) {
		head, err := input.ReadRange(in, 0, min(in.Size(), input.PrefixLen), input.PrefixLen)
		if err != nil {
			return nil, fmt.Errorf("reading subtitles: %w", err)
		}
		k := &known{}
		if k.syntax, _ = recognise(head); k.syntax == none {
			k.syntax = subRip // damaged: what is there is text
		}
		if k.orders, err = ordersOf(in); err != nil {
			return nil, err
		}
		w := newWalker(in, k)
		err = w.run(ctx, func(c *caption) bool {
			for i, l := range c.leaves {
				if l.name == "" {
					continue
				}
				k.tally.Add(l.class, path(l), w.value(l), c.where(i), l.value)
			}
			if c.timed {
				k.captions++
				if c.placed() {
					k.placed++
				}
				k.last = max(k.last, c.start)
			}
			return true
		})
		if err != nil {
			return nil, err
		}
		return k, nil
	})
}

// evidenceWithin is how much of a file is looked at to learn the order of the
// two numbers of GPS(..).
const evidenceWithin = 64 << 10

func ordersOf(in exifscrub.Input) (o srt.Orders, err error) {
	r := lines.New(input.Section(in, 0, min(in.Size(), evidenceWithin)))
	for l, ok := r.Next(); ok; l, ok = r.Next() {
		o.Learn(l.Text)
	}
	return o, r.Err()
}

// path names a leaf.
func path(l leaf) string {
	if p, ok := paths[l.name]; ok {
		return p
	}
	return "captions/" + l.name
}

// paths spare a long file making the same string again and again.
var paths = map[string]string{
	"latitude": "captions/latitude", "longitude": "captions/longitude", "GPS": "captions/GPS", "HOME": "captions/HOME", "date": "captions/date",
	"ISO": "captions/ISO", "shutter": "captions/shutter", "aperture": "captions/aperture", "exposure bias": "captions/exposure bias",
	"rel_alt": "captions/rel_alt", "abs_alt": "captions/abs_alt", "altitude": "captions/altitude", "stabilisation": "captions/stabilisation",
	"focal length": "captions/focal length", "colour temperature": "captions/colour temperature", "colour mode": "captions/colour mode",
	"text": "captions/text", "words": "captions/words", "gimbal angle": "captions/gimbal angle", "satellites": "captions/satellites",
}
