// Package videotrack finds the samples of metadata tracks in videos: where they
// lie and when they are shown.
//
// It reads ISO base media and QuickTime files, whole and fragmented, by way of
// package bmff. It looks into no sample, and gives no samples of tracks whose
// media lies in another file. Videos whose index was never written have no
// tracks.
package videotrack

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/bits"
	"time"

	"flightveil/internal/block/bmff"
	"flightveil/internal/input"
)

// A Video is what the index of a video says.
type Video struct {
	Created time.Time // as the header claims, UTC by the specification; else zero
	in      input.Input
	lim     input.Limits
	moov    bmff.Box
	tracks  []*bmff.Track
	damaged []bmff.Box // tracks that cannot be read
}

// ErrNone is wrapped when a file is no video with an index.
var ErrNone = errors.New("no video with an index")

// maxTracks bounds the tracks of a video; cameras write up to ten.
const maxTracks = 256

// Begins reports whether prefix can begin a video.
func Begins(prefix []byte) bool {
	if len(prefix) < 8 {
		return false
	}
	switch string(prefix[4:8]) {
	case "ftyp", "moov", "mdat", "wide", "free", "skip", "pnot", "styp", "uuid":
		return true
	}
	return false
}

// Open reads the index of in.
func Open(in input.Input, lim input.Limits) (*Video, error) {
	v := &Video{in: in, lim: lim.Defaults()}
	if head, err := input.ReadRange(in, 0, min(8, in.Size()), 8); err != nil || !Begins(head) {
		return nil, errors.Join(ErrNone, err)
	}
	n := 0
	for b, err := range bmff.Boxes(in, 0, in.Size()) {
		if n++; err != nil || b.Type == "" {
			return nil, errors.Join(ErrNone, err)
		}
		if n > v.lim.Items {
			return nil, fmt.Errorf("more than %d boxes before the index: %w", v.lim.Items, input.ErrLimit)
		}
		if b.Type == "moov" {
			v.moov = b
			return v, v.index()
		}
	}
	return nil, ErrNone
}

func (v *Video) index() error {
	n := 0
	for b, err := range bmff.Boxes(v.in, v.moov.Body, v.moov.End) {
		if n++; err != nil || n > v.lim.Items {
			return err
		}
		switch b.Type {
		case "mvhd":
			v.created(b)
		case "trak":
			if len(v.tracks)+len(v.damaged) == maxTracks {
				return fmt.Errorf("more than %d tracks: %w", maxTracks, input.ErrLimit)
			}
			t, err := bmff.ReadTrack(v.in, b)
			switch {
			case err == nil:
				v.tracks = append(v.tracks, t)
			case ours(err):
				v.damaged = append(v.damaged, b)
			default:
				return err
			}
		}
	}
	return nil
}

// ours reports whether err is the file's fault and not that of the disk.
func ours(err error) bool {
	return errors.Is(err, bmff.ErrDamaged) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, input.ErrLimit)
}

// created reads the time in mvhd (ISO/IEC 14496-12, 8.2.2): seconds since 1904.
func (v *Video) created(mvhd bmff.Box) {
	b, err := input.ReadRange(v.in, mvhd.Body, min(mvhd.Size(), 12), 12)
	if err != nil || len(b) < 12 {
		return
	}
	s := uint64(binary.BigEndian.Uint32(b[4:]))
	if b[0] == 1 {
		s = binary.BigEndian.Uint64(b[4:])
	}
	if s > 0 && s < 1<<34 {
		v.Created = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(s) * time.Second)
	}
}

// Has reports whether there is a track of one of the formats: the type of its
// first sample description.
func (v *Video) Has(formats ...string) bool {
	for _, t := range v.tracks {
		if is(t, formats) {
			return true
		}
	}
	return len(v.Damaged(formats...)) > 0
}

func is(t *bmff.Track, formats []string) bool {
	for _, f := range formats {
		if t.Format() == f {
			return true
		}
	}
	return false
}

// Damaged returns where the tracks lie that seem to be of one of the formats,
// but cannot be read.
func (v *Video) Damaged(formats ...string) (out []input.Span) {
	for _, b := range v.damaged {
		stsd, ok, err := bmff.Lookup(v.in, b, "mdia", "minf", "stbl", "stsd")
		if !ok || err != nil || stsd.Size() < 16 {
			continue
		}
		head, err := input.ReadRange(v.in, stsd.Body+12, 4, 4)
		for _, f := range formats {
			if err == nil && string(head) == f {
				out = append(out, b.Span())
			}
		}
	}
	return out
}

// A Sample is one sample of a track.
type Sample struct {
	Track  int // counted from 0 among the tracks asked for
	Format string
	input.Span
	Time, Dur time.Duration // on the time line of the video
}

// Samples yields the samples of the tracks of the given formats, one track
// after the other. After an error no more of that track, or of its fragments,
// can be found, but there may be others.
func (v *Video) Samples(formats ...string) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		number := -1
		for _, t := range v.tracks {
			if !is(t, formats) {
				continue
			}
			number++
			sum := int64(0)
			put := func(s bmff.Sample, err error) bool {
				out := Sample{Track: number, Format: t.Format(), Span: input.Span{Off: s.Off, Len: s.Size}, Time: scaled(s.Time, t.Timescale), Dur: scaled(s.Dur, t.Timescale)}
				if sum += s.Size; sum > 2*v.in.Size() && err == nil {
					yield(out, fmt.Errorf("samples that overlap: %w", input.ErrLimit))
					return false
				}
				return t.Outside(s.Entry) || s.Size == 0 && err == nil || yield(out, err)
			}
			for s, err := range t.Samples() {
				if !put(s, err) {
					return
				}
			}
			if !v.fragments(t, put) {
				return
			}
		}
	}
}

// fragments yields the samples of t that lie in fragments.
func (v *Video) fragments(t *bmff.Track, put func(bmff.Sample, error) bool) bool {
	mvex, ok, err := bmff.Find(v.in, v.moov, "mvex")
	if err != nil || !ok {
		return err == nil || put(bmff.Sample{}, err)
	}
	defaults, err := bmff.ReadDefaults(v.in, mvex)
	if err != nil {
		return put(bmff.Sample{}, err)
	}
	n := 0
	for b, err := range bmff.Boxes(v.in, v.moov.End, v.in.Size()) {
		if n++; n > v.lim.Items && err == nil {
			err = fmt.Errorf("more than %d boxes: %w", v.lim.Items, input.ErrLimit)
		}
		if err != nil {
			return put(bmff.Sample{}, err)
		}
		if b.Type != "moof" {
			continue
		}
		for r, err := range bmff.Runs(v.in, b, defaults) {
			if err != nil {
				if !put(bmff.Sample{Off: b.Start}, err) {
					return false
				}
				break
			}
			if r.Track != t.ID {
				continue
			}
			for s, err := range r.Samples() {
				if !put(s, err) {
					return false
				}
			}
		}
	}
	return true
}

// scaled returns t units of a time scale as a duration, 0 if that makes none.
func scaled(t int64, scale uint32) time.Duration {
	if t < 0 || scale == 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(t), uint64(time.Second))
	if hi >= uint64(scale) {
		return 0
	}
	q, _ := bits.Div64(hi, lo, uint64(scale))
	if q > 1<<62 {
		return 0
	}
	return time.Duration(q)
}

// Box returns what is in the box of the given path below the index, if there is
// one: "udta", "GPMF".
func (v *Video) Box(types ...string) (input.Span, bool) {
	b, ok, err := bmff.Lookup(v.in, v.moov, types...)
	if !ok || err != nil {
		return input.Span{}, false
	}
	return b.Content(), true
}

// Probe opens the video behind p, to see what tracks it has.
func Probe(p input.Probe) (*Video, bool) {
	if !Begins(p.Prefix) || p.Input == nil {
		return nil, false
	}
	v, err := Open(p.Input, input.Limits{Items: maxProbed})
	return v, err == nil
}

// maxProbed is how many boxes are looked at to recognise a video.
const maxProbed = 4096

// Starts reports whether one of the first samples of the tracks begins with
// prefix.
func (v *Video) Starts(prefix []byte, formats ...string) bool {
	n := 0
	for s, err := range v.Samples(formats...) {
		if n++; err != nil || n > 8 {
			return false
		}
		if b, err := input.ReadRange(v.in, s.Off, min(s.Len, int64(len(prefix))), int64(len(prefix))); err == nil && bytes.Equal(b, prefix) {
			return true
		}
	}
	return false
}
