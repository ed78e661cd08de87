package djisrt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"flightveil/internal/block/bmff"
	"flightveil/internal/block/lines"
	"flightveil/internal/block/srt"
	"flightveil/internal/block/videotrack"
	"flightveil/internal/input"
	"flightveil/logfmt"
)

// Cameras write the same captions into the video, where the owner asks for
// them: a track of tx3g samples (3GPP TS 26.245, 5.17) or QuickTime text, each
// of a 16-bit length, the text, and boxes of style, which are not read.
var tracks = []string{"tx3g", "text"}

// others are tracks that tell more: cameras that have both write the same twice.
var others = []string{"gpmd", "djmd", "dbgi", "camm"}

const (
	maxCaption = 64 << 10 // a longer sample is no caption
	probed     = 8        // captions that are looked at to recognise telemetry
)

// detectVideo looks for a mark of telemetry in the first captions.
func detectVideo(p input.Probe) input.Match {
	v, ok := videotrack.Probe(p)
	if !ok || !v.Has(tracks...) || v.Has(others...) {
		return input.No
	}
	n := 0
	for s, err := range v.Samples(tracks...) {
		if n++; err != nil || n > probed {
			break
		}
		text, err := caption(p.Input, s.Span)
		if err != nil {
			continue
		}
		for _, m := range marks {
			if bytes.Contains(text, m) {
				return input.Likely
			}
		}
	}
	return input.No
}

// caption reads the text of a sample.
func caption(in input.Input, s input.Span) ([]byte, error) {
	b, err := input.ReadRange(in, s.Off, s.Len, maxCaption)
	if err != nil {
		return nil, fmt.Errorf("reading a caption: %w", err)
	}
	if len(b) < 2 || int(binary.BigEndian.Uint16(b)) > len(b)-2 {
		return nil, errNoCaption
	}
	return b[2:][:binary.BigEndian.Uint16(b)], nil
}

var errNoCaption = errors.New("no caption")

// decodeVideo decodes the captions of a video.
func (d *decoder) decodeVideo(ctx context.Context, in input.Input, lim input.Limits) error {
	v, err := videotrack.Open(in, lim)
	if err != nil {
		return err
	}
	d.order = orderInVideo(in, v)
	d.put(logfmt.Start{Variant: "in the video"})
	for s, err := range v.Samples(tracks...) {
		if cerr := ctx.Err(); cerr != nil || d.stopped {
			return cerr
		}
		var text []byte
		if err == nil {
			text, err = caption(in, s.Span)
		}
		switch {
		case err == nil:
		case errors.Is(err, errNoCaption), errors.Is(err, bmff.ErrDamaged), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, input.ErrLimit):
			d.put(logfmt.Damage{Off: min(max(0, s.Off), in.Size()), Len: 0, Reason: "a caption that is not in the file"})
			continue
		default:
			return err
		}
		d.flush()
		d.cue.Start = s.Time
		d.caption(text, s.Off+2)
	}
	d.flush()
	for _, s := range v.Damaged(tracks...) {
		d.put(logfmt.Damage{Off: s.Off, Len: s.Len, Reason: "a track whose index makes no sense"})
	}
	return nil
}

// orderInVideo is [orderOf] for the first captions.
func orderInVideo(in input.Input, v *videotrack.Video) srt.Order {
	left := int64(evidenceWithin)
	for s, err := range v.Samples(tracks...) {
		if left -= s.Len; err != nil || left < 0 {
			break
		}
		text, _ := caption(in, s.Span)
		for line := range bytes.Lines(text) {
			if o := evidence(line); o != srt.ByDialect {
				return o
			}
		}
	}
	return srt.ByDialect
}

// caption reads the lines of a caption that lies at off.
func (d *decoder) caption(text []byte, off int64) {
	for len(text) > 0 {
		one, rest, _ := bytes.Cut(text, []byte("\n"))
		n := int64(len(text) - len(rest))
		d.line(asWritten, lines.Line{Text: bytes.TrimSuffix(one, []byte("\r")), Off: off, Len: n, Ended: true})
		text, off = rest, off+n
	}
}

// asWritten is where a part of a line lies that is written in bytes.
func asWritten(l lines.Line, i, j int) input.Span {
	return input.Span{Off: l.Off + int64(i), Len: int64(j - i)}
}
