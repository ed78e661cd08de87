// Package camm decodes camera motion metadata: the track camm that 360° cameras
// and phones write into videos for Street View, with a packet for each reading
// of a sensor.
//
// Specification: Camera Motion Metadata Spec (Google Street View Publish API).
// Little-endian; only the packets that tell a position are read. It says not
// what altitudes count from. Proven on generated videos only.
package camm

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"time"

	"flightveil/internal/block/bmff"
	"flightveil/internal/block/videotrack"
	"flightveil/internal/input"
	"flightveil/logfmt"
)

// Format is a video with camera motion metadata.
type Format struct{}

// ID returns "camm".
func (Format) ID() string { return "camm" }

const track = "camm"

// others are tracks that tell more: cameras that have both write the same twice.
var others = []string{"gpmd", "djmd", "dbgi"}

// Detect looks for the track. A video is a log for those who ask for one; as a
// video it is no less certain.
func (Format) Detect(p input.Probe) input.Match {
	if v, ok := videotrack.Probe(p); ok && v.Has(track) && !v.Has(others...) {
		return input.Likely
	}
	return input.No
}

// Types of packets that tell a position, and the length of what follows the
// type, of all types.
const (
	typePosition = 5 // latitude, longitude, altitude
	typeGPS      = 6 // as a receiver reports it
)

var lengths = [...]int{12, 8, 12, 12, 12, 24, 56, 12}

const headLen = 4 // reserved, type

// maxSample is the longest sample that is read: they hold one packet each.
const maxSample = 64 << 10

// Decode reads the track twice: reports of a receiver are preferred to bare
// positions, which some cameras write in addition.
func (Format) Decode(ctx context.Context, in logfmt.Input, lim logfmt.Limits) iter.Seq2[logfmt.Record, error] {
	return func(yield func(logfmt.Record, error) bool) {
		v, err := videotrack.Open(in, lim)
		if err != nil {
			yield(nil, err)
			return
		}
		d := &decoder{in: in, video: v, yield: yield}
		receiver := false
		err = d.each(ctx, func(kind int, _ []byte, _ videotrack.Sample) bool {
			receiver = receiver || kind == typeGPS
			return !receiver
		}, func(logfmt.Damage) bool { return true })
		if err != nil {
			yield(nil, err)
			return
		}
		wanted, variant := typePosition, "positions"
		if receiver {
			wanted, variant = typeGPS, "GPS"
		}
		if !d.put(logfmt.Start{Variant: variant}) {
			return
		}
		err = d.each(ctx, func(kind int, b []byte, s videotrack.Sample) bool {
			if kind != wanted {
				return true
			}
			f := d.fix(kind, b)
			f.Elapsed = s.Time
			return !logfmt.Usable(f.Point) || d.put(f)
		}, func(r logfmt.Damage) bool { return d.put(r) })
		if err != nil && !d.stopped {
			yield(nil, err)
		}
	}
}

type decoder struct {
	in      input.Input
	video   *videotrack.Video
	yield   func(logfmt.Record, error) bool
	stopped bool
	buf     []byte
}

// put yields r and reports whether more is wanted.
func (d *decoder) put(r logfmt.Record) bool {
	d.stopped = d.stopped || !d.yield(r, nil)
	return !d.stopped
}

// each calls f for every packet and damaged for what is none, until one of them
// returns false.
func (d *decoder) each(ctx context.Context, f func(kind int, b []byte, s videotrack.Sample) bool, damaged func(logfmt.Damage) bool) error {
	size := d.in.Size()
	for s, err := range d.video.Samples(track) {
		more := true
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			more, err = d.sample(s, f, damaged)
		case errors.Is(err, bmff.ErrDamaged) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, input.ErrLimit):
			more, err = damaged(logfmt.Damage{Off: min(max(0, s.Off), size), Reason: "packets that are not in the file"}), nil
		}
		if err != nil || !more {
			return err
		}
	}
	for _, s := range d.video.Damaged(track) {
		if !damaged(logfmt.Damage{Off: s.Off, Len: s.Len, Reason: "a track whose index makes no sense"}) {
			break
		}
	}
	return nil
}

func (d *decoder) sample(s videotrack.Sample, f func(int, []byte, videotrack.Sample) bool, damaged func(logfmt.Damage) bool) (bool, error) {
	if s.Len > maxSample {
		return damaged(logfmt.Damage{Off: s.Off, Len: s.Len, Reason: "a sample that is too large"}), nil
	}
	if int64(cap(d.buf)) < s.Len {
		d.buf = make([]byte, s.Len)
	}
	b := d.buf[:s.Len]
	if err := input.ReadFull(d.in, b, s.Off); err != nil {
		return false, fmt.Errorf("reading a packet: %w", err)
	}
	for len(b) > 0 {
		if len(b) < headLen || int(binary.LittleEndian.Uint16(b[2:])) >= len(lengths) || len(b) < headLen+lengths[binary.LittleEndian.Uint16(b[2:])] {
			return damaged(logfmt.Damage{Off: s.Span.End() - int64(len(b)), Len: int64(len(b)), Reason: "no packet"}), nil
		}
		kind := int(binary.LittleEndian.Uint16(b[2:]))
		if !f(kind, b[headLen:headLen+lengths[kind]], s) {
			return false, nil
		}
		b = b[headLen+lengths[kind]:]
	}
	return true, nil
}

// maxSpeed is the most that is believed, in m/s.
const maxSpeed = 1000

func (d *decoder) fix(kind int, b []byte) logfmt.Fix {
	le := binary.LittleEndian
	double := func(i int) float64 { return math.Float64frombits(le.Uint64(b[i:])) }
	single := func(i int) float64 {
		v := float64(math.Float32frombits(le.Uint32(b[i:])))
		if math.IsInf(v, 0) {
			return math.NaN()
		}
		return v
	}
	f := logfmt.NoFix()
	if kind == typePosition {
		f.Point = logfmt.Point{Lat: double(0), Lon: double(8)}
		if f.AltUnclear = double(16); math.IsInf(f.AltUnclear, 0) {
			f.AltUnclear = math.NaN()
		}
		return f
	}
	if mode := int32(le.Uint32(b[8:])); mode == 0 {
		return f // no fix
	}
	f.Point = logfmt.Point{Lat: double(12), Lon: double(20)}
	f.Time = moment(double(0), d.video.Created)
	f.AltUnclear = single(28)
	east, north, up := single(40), single(44), single(48)
	if math.Hypot(east, north) <= maxSpeed && math.Abs(up) <= maxSpeed {
		if f.Speed, f.Climb = math.Hypot(east, north), up; f.Speed > 0.5 {
			f.Course = math.Mod(math.Atan2(east, north)*180/math.Pi+360, 360)
		}
	}
	return f
}

// firstUnix is the time before which there was no such track, in seconds since
// 1970.
const firstUnix = 1_450_000_000

// moment returns what a time stamp means. By the specification it counts from
// the GPS epoch, but some cameras count from 1970. The time of the video tells
// which; a stamp that could mean either means nothing.
func moment(s float64, created time.Time) time.Time {
	if !(s > 0 && s < 4e9) {
		return time.Time{}
	}
	unix := time.UnixMicro(int64(math.Round(s * 1e6))).UTC()
	gps := unix.Add(time.Date(1980, 1, 6, 0, 0, 0, 0, time.UTC).Sub(time.Unix(0, 0)))
	gps = gps.Add(-leapSeconds(gps))
	if created.IsZero() || created.Year() < 2010 { // a clock that was never set
		if s < firstUnix && gps.Year() >= 2012 {
			return gps
		}
		return time.Time{}
	}
	for _, t := range []time.Time{gps, unix} {
		if d := t.Sub(created); d > -day && d < day {
			return t
		}
	}
	return time.Time{}
}

// day is how far the time of a video and that of its packets are apart at most:
// some cameras give the former as a wall clock.
const day = 36 * time.Hour

// leapSeconds is what GPS time is ahead of UTC.
func leapSeconds(t time.Time) time.Duration {
	switch {
	case t.Before(time.Date(2015, 7, 1, 0, 0, 0, 0, time.UTC)):
		return 16 * time.Second
	case t.Before(time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)):
		return 17 * time.Second
	}
	return 18 * time.Second
}
