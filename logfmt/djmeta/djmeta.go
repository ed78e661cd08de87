// Package djmeta decodes the telemetry that DJI's newer aircraft and cameras
// write into their videos, for each frame: the tracks djmd and dbgi of MP4, MOV,
// LRF and OSV files.
//
// There is no specification; see internal/block/djmeta for what is known. It is
// proven on generated videos only. Subtitles are none of its business, nor is
// what the video itself says of place and time.
package djmeta

import (
	"context"
	"errors"
	"io"
	"iter"
	"math"
	"strings"
	"time"

	"flightveil/internal/block/bmff"
	block "flightveil/internal/block/djmeta"
	"flightveil/internal/block/videotrack"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/logfmt"
)

// Format is a video with telemetry of DJI.
type Format struct{}

// ID returns "dji-djmd".
func (Format) ID() string { return "dji-djmd" }

// The tracks: telemetry and what is for debugging.
const (
	telemetry = "djmd"
	debugging = "dbgi"
)

// Detect looks for the tracks. A video is a log for those who ask for one; as a
// photo or video it is no less certain.
func (Format) Detect(p input.Probe) input.Match {
	if v, ok := videotrack.Probe(p); ok && v.Has(telemetry, debugging) {
		return input.Likely
	}
	return input.No
}

// Decode reads the tracks one after the other. Positions are those of the first
// track that has any: a second lens has a track of its own, but no receiver.
func (Format) Decode(ctx context.Context, in logfmt.Input, lim logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		lim = lim.Defaults()
		v, err := videotrack.Open(in, lim)
		if err != nil {
			yield(nil, err)
			return
		}
		d := &decoder{in: in, lim: lim, yield: yield, number: -1, source: -1, known: map[string]struct{}{}}
		if err := d.video(ctx, v); err != nil && !d.stopped {
			yield(nil, err)
		}
	}
}

type decoder struct {
	in      input.Input
	lim     input.Limits
	yield   func(logfmt.Record, error) bool
	stopped bool

	started bool
	number  int // of the track
	track   *block.Track
	source  int // the track that gives the positions, -1 before there is one
	samples int // of the track
	about   uint32
	uptime  time.Duration // of the first frame, negative if unknown
	noUnit  bool          // that is told
	known   map[string]struct{}
	buf     []byte
}

// put yields r and reports whether more is wanted.
func (d *decoder) put(r logfmt.Record) bool {
	d.stopped = d.stopped || !d.yield(r, nil)
	return !d.stopped
}

func (d *decoder) damage(off, n int64, reason string) bool {
	size := d.in.Size()
	off = min(max(off, 0), size)
	return d.put(logfmt.Damage{Off: off, Len: min(n, size-off), Reason: reason})
}

func (d *decoder) video(ctx context.Context, v *videotrack.Video) error {
	for _, format := range []string{telemetry, debugging} {
		d.number = -1
		for s, err := range v.Samples(format) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil && !damaged(err) {
				return err
			}
			if err == nil {
				err = d.sample(s)
			} else {
				d.start()
				d.damage(s.Off, 0, "samples that are not in the file")
				err = nil
			}
			if d.stopped || err != nil {
				return err
			}
		}
	}
	for _, s := range v.Damaged(telemetry, debugging) {
		if d.start(); !d.damage(s.Off, s.Len, "a track whose index makes no sense") {
			return nil
		}
	}
	d.start()
	return nil
}

// damaged reports whether err is the file's fault and not that of the disk.
func damaged(err error) bool {
	return errors.Is(err, bmff.ErrDamaged) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, input.ErrLimit)
}

// start yields the record that begins the flight, once.
func (d *decoder) start() {
	if d.started {
		return
	}
	d.started = true
	variant := ""
	if d.track != nil {
		variant = strings.TrimSuffix(strings.TrimPrefix(d.track.Schema(), "dvtm_"), ".proto")
	}
	d.put(logfmt.Start{Variant: variant})
}

// looked is how many samples of a track are searched for identifiers at least;
// behind them only those that say anew what they say of clip or stream.
const looked = 16

func (d *decoder) sample(s videotrack.Sample) error {
	if s.Track != d.number {
		d.number, d.track, d.samples, d.about, d.uptime = s.Track, &block.Track{}, 0, 0, -1
	}
	d.samples++
	if s.Len > d.lim.Field {
		d.damage(s.Off, s.Len, "a sample that is too large")
		return nil
	}
	if int64(cap(d.buf)) < s.Len {
		d.buf = make([]byte, s.Len)
	}
	d.buf = d.buf[:s.Len]
	if err := input.ReadFull(d.in, d.buf, s.Off); err != nil {
		return err
	}
	f, err := d.track.Frame(d.buf)
	d.start()
	if err != nil {
		d.damage(s.Off, s.Len, "a sample that is no valid message")
		return nil
	}
	if d.samples <= looked || f.About != 0 && f.About != d.about {
		d.about = f.About
		d.identifiers(s)
	}
	if s.Format == telemetry {
		d.frame(f, s)
	}
	return nil
}

// maxKnown bounds how many identifiers are remembered so that each is told once.
const maxKnown = 4096

// identifiers yields what of a sample names a device.
func (d *decoder) identifiers(s videotrack.Sample) {
	for l, err := range d.track.Leaves(d.buf, d.lim) {
		if err != nil {
			d.damage(s.Off, s.Len, "a sample that holds too much")
			return
		}
		if l.Class != privacy.Identity && l.Class != privacy.Device {
			continue
		}
		key := l.Name + "\x00" + l.Value.Reveal()
		if _, ok := d.known[key]; ok || len(d.known) == maxKnown {
			continue
		}
		d.known[key] = struct{}{}
		span := input.Span{Off: s.Off + l.Span.Off, Len: l.Span.Len}
		if !d.put(logfmt.Identifier{Finding: privacy.Finding{Class: l.Class, Path: l.Name, Spans: []input.Span{span}, Value: l.Value}}) {
			return
		}
	}
}

// maxRecording is longer than any recording in one file.
const maxRecording = 48 * time.Hour

func (d *decoder) frame(f block.Frame, s videotrack.Sample) {
	if f.NoUnit && !d.noUnit {
		d.noUnit = true
		d.damage(s.Off, s.Len, "positions whose unit is not known, here and perhaps further on")
	}
	if d.uptime < 0 {
		d.uptime = f.Uptime
	}
	if f.NoFix || !logfmt.Usable(f.At) || d.source >= 0 && d.source != d.number {
		return
	}
	d.source = d.number
	r := logfmt.NoFix()
	r.Point, r.Local, r.Elapsed = f.At, f.Clock, s.Time
	if since := f.Uptime - d.uptime; d.uptime >= 0 && f.Uptime >= d.uptime && since < maxRecording { // slow motion has another time line
		r.Elapsed = since
	}
	switch f.Datum {
	case block.Barometric:
		r.AltMSL = f.Alt
	case block.Ellipsoid:
		r.AltEllipsoid = f.Alt
	default:
		r.AltUnclear = f.Alt
	}
	r.AltHome = f.AltHome
	r.Speed, r.Climb = math.Hypot(f.VelNorth, f.VelEast), -f.VelDown
	if r.Speed > 0.5 {
		r.Course = bearing(math.Atan2(f.VelEast, f.VelNorth) * 180 / math.Pi)
	}
	r.Roll, r.Pitch, r.Yaw = f.Roll, f.Pitch, bearing(f.Yaw)
	r.GimbalRoll, r.GimbalPitch, r.GimbalYaw = f.GimbalRoll, f.GimbalPitch, f.GimbalYaw
	d.put(r)
}

// bearing brings an angle of -180 to 180 degrees to 0 to 360.
func bearing(v float64) float64 {
	if v < 0 {
		v += 360
	}
	return v
}
