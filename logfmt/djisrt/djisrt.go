// Package djisrt decodes the captions DJI cameras write beside a video (.SRT)
// or into it.
//
// There is no specification; the dialects are known from files. Camera
// settings are not read. Times are wall clock without a zone.
package djisrt

import (
	"bytes"
	"context"
	"iter"
	"math"
	"time"

	"flightveil/internal/block/lines"
	"flightveil/internal/block/srt"
	"flightveil/internal/block/videotrack"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// Format is the DJI caption file, or a video with such captions.
type Format struct{}

// ID returns "dji-srt".
func (Format) ID() string { return "dji-srt" }

// marks are what only DJI's captions hold.
var marks = [][]byte{
	[]byte("[latitude"), []byte("[longtitude"), []byte("[longitude"), []byte("[iso"), []byte("FrameCnt"), []byte("SrtCnt"),
	[]byte("GPS("), []byte("GPS ("), []byte("HOME("), []byte("HOME ("), []byte("[rel_alt"),
}

// Detect looks for the structure of captions and a telemetry mark in one. A
// video is a log for those who ask for one; as a video it is no less certain.
func (Format) Detect(p input.Probe) input.Match {
	if videotrack.Begins(p.Prefix) {
		return detectVideo(p)
	}
	r := lines.New(bytes.NewReader(p.Prefix))
	var indexes, timings, found, n int
	for l, ok := r.Next(); ok && n < 40; l, ok = r.Next() {
		kind, _ := srt.Classify(l.Text)
		switch kind {
		case srt.Blank:
			continue
		case srt.Index:
			if n == 0 {
				indexes++
			}
		case srt.Timing:
			timings++
		case srt.Text:
			if bytes.IndexByte(l.Text, '\t') >= 0 {
				return input.No
			}
			for _, m := range marks {
				if bytes.Contains(l.Text, m) {
					found++
					break
				}
			}
		}
		n++
	}
	switch {
	case found > 0 && timings > 0 && indexes > 0:
		return input.Certain
	case found > 0 && (timings > 0 || indexes > 0):
		return input.Likely
	}
	return input.No
}

// evidenceWithin is how much of a log is looked at to learn the order of the
// two numbers of GPS(..): they are the same in every caption.
const evidenceWithin = 64 << 10

func orderOf(in input.Input) srt.Order {
	r := lines.New(input.Section(in, 0, min(in.Size(), evidenceWithin)))
	for l, ok := r.Next(); ok; l, ok = r.Next() {
		if o := evidence(l.Text); o != srt.ByDialect {
			return o
		}
	}
	return srt.ByDialect
}

func evidence(line []byte) srt.Order {
	if bytes.IndexByte(line, '(') < 0 {
		return srt.ByDialect
	}
	return srt.Evidence(line)
}

const (
	checkEvery = 4096            // lines after which the context is asked
	joined     = 2 * time.Second // how far captions go back where files were joined
)

type decoder struct {
	yield   func(logfmt.Record, error) bool
	order   srt.Order
	cue     srt.Cue
	any     bool // the cue holds something
	last    time.Duration
	home    logfmt.Point
	frame   bool // FrameId was given
	damage  logfmt.Damage
	stopped bool
}

// Decode yields one Fix per caption with a position.
func (Format) Decode(ctx context.Context, in logfmt.Input, lim logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		if in.Size() == 0 {
			return
		}
		d := &decoder{yield: yield, last: -1}
		d.cue.Reset()
		var head [12]byte
		if n, _ := in.ReadAt(head[:], 0); videotrack.Begins(head[:n]) {
			if err := d.decodeVideo(ctx, in, lim); err != nil && !d.stopped {
				yield(nil, err)
			}
			return
		}
		d.order = orderOf(in)
		d.put(logfmt.Start{})
		r := lines.New(in)
		for n := 0; !d.stopped; n++ {
			if n%checkEvery == 0 && ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			l, ok := r.Next()
			if !ok {
				break
			}
			d.line(r.Span, l)
		}
		d.flush()
		d.spoilt()
		if err := r.Err(); err != nil && !d.stopped {
			yield(nil, err)
		}
	}
}

func (d *decoder) put(r logfmt.Record) {
	if !d.stopped && !d.yield(r, nil) {
		d.stopped = true
	}
}

// bad notes l as damage, together with what is damaged before it.
func (d *decoder) bad(l lines.Line, why string) {
	if d.damage.Len > 0 && d.damage.Off+d.damage.Len == l.Off && d.damage.Reason == why {
		d.damage.Len += l.Len
		return
	}
	d.spoilt()
	d.damage = logfmt.Damage{Off: l.Off, Len: l.Len, Reason: why}
}

func (d *decoder) spoilt() {
	if d.damage.Len > 0 {
		d.put(d.damage)
		d.damage = logfmt.Damage{}
	}
}

// line reads l; where says where a part of it lies.
func (d *decoder) line(where func(lines.Line, int, int) input.Span, l lines.Line) {
	if l.Long || bytes.IndexByte(l.Text, 0) >= 0 {
		d.bad(l, "not a caption's text")
		return
	}
	kind, start := srt.Classify(l.Text)
	switch kind {
	case srt.Index:
		d.flush()
	case srt.Timing:
		if d.any || d.cue.Start >= 0 {
			d.flush()
		}
		d.cue.Start = start
	case srt.Text:
		d.any = true
		if d.cue.Add(l.Text, l.Ended, d.order) {
			d.bad(l, "the last caption is cut")
		}
		if d.cue.FrameLen > 0 && !d.frame {
			d.frame = true
			i := d.cue.Frame
			j := i + d.cue.FrameLen
			d.put(logfmt.Identifier{Finding: privacy.Finding{
				Class: privacy.Identity, Path: "FrameId", Value: privacy.Secret(l.Text[i:j]), Spans: []input.Span{where(l, i, j)},
			}})
		}
	}
}

// flush yields what the cue holds.
func (d *decoder) flush() {
	c := &d.cue
	if d.any {
		d.spoilt()
		if c.Start >= 0 {
			if d.last >= 0 && c.Start+joined < d.last {
				d.put(logfmt.Start{})
				d.home = logfmt.Point{}
			}
			d.last = c.Start
		}
		if logfmt.Usable(c.Home) && c.Home != d.home {
			d.home = c.Home
			d.put(logfmt.Spot{Role: logfmt.Home, Local: c.Local, Point: c.Home, Alt: c.HomeAlt})
		}
		if logfmt.Usable(c.Pos) {
			d.put(d.fix())
		}
	}
	d.any = false
	c.Reset()
}

func (d *decoder) fix() logfmt.Fix {
	c := &d.cue
	f := logfmt.NoFix()
	f.Point, f.Local, f.Elapsed, f.Sats = c.Pos, c.Local, c.Start, c.Sats
	f.AltUnclear, f.AltHome, f.AltMSL = c.Alt, c.Rel, c.Abs
	f.Speed, f.Climb = c.Speed, c.Climb
	f.Roll, f.Pitch, f.Yaw = c.Roll, c.Pitch, bearing(c.Yaw)
	f.GimbalRoll, f.GimbalPitch, f.GimbalYaw = c.GimbalRoll, c.GimbalPitch, c.GimbalYaw
	return f
}

// bearing brings an angle of -180 to 180 degrees to 0 to 360.
func bearing(v float64) float64 {
	if v < 0 {
		v = math.Mod(v, 360) + 360
	}
	return v
}
