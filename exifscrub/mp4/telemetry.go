package mp4

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/block/srt"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// samples yields the samples of t, of its tables or else of the fragments. It
// ends without an error where the file does.
func (p *parser) samples(t *track) iter.Seq2[bmff.Sample, error] {
	return func(yield func(bmff.Sample, error) bool) {
		if len(p.media) == 0 { // what the tables of a header alone point at are no samples
			return
		}
		n := 0
		step := func(s bmff.Sample, err error) bool {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				return false
			}
			if n++; err == nil && n%1024 == 0 {
				err = p.ctx.Err()
			}
			return yield(s, err) && err == nil
		}
		for s, err := range t.Samples() {
			if err == nil && (s.Size == 0 || t.Outside(s.Entry)) {
				continue
			}
			if !step(s, err) {
				return
			}
		}
		for _, moof := range p.moofs {
			for r, err := range bmff.Runs(p.in, moof, p.defaults) {
				if err != nil {
					yield(bmff.Sample{}, err)
					return
				}
				if r.Track != t.ID {
					continue
				}
				for s, err := range r.Samples() {
					if !step(s, err) {
						return
					}
				}
			}
		}
	}
}

// fixes collects what a track says about positions.
type fixes struct {
	count       int
	first, last geo.Point
}

func (f *fixes) add(at geo.Point) {
	if !at.Valid() || at.Zero() {
		return
	}
	if f.count == 0 {
		f.first = at
	}
	f.count++
	f.last = at
}

// findings returns the coordinates as findings: how many, the first, the last.
func (f *fixes) findings(path string, c privacy.Class, spans []exifscrub.Span) []privacy.Finding {
	if f.count == 0 {
		return nil
	}
	one := func(name string, v float64, at geo.Point) privacy.Finding {
		return privacy.Finding{Class: c, Path: join(path, name), Value: privacy.Secret(fmt.Sprintf("%.7f", v)), Where: &at, Count: f.count, Spans: spans}
	}
	out := []privacy.Finding{one("GPSLatitude", f.first.Lat, f.first), one("GPSLongitude", f.first.Lon, f.first)}
	if f.last != f.first {
		last := one("GPSLastPosition", f.last.Lat, f.last)
		last.Value, last.Count = privacy.Secret(fmt.Sprintf("%.7f %.7f", f.last.Lat, f.last.Lon)), 1
		out = append(out, last)
	}
	return out
}

// cammSizes are the lengths of packets by type (Camera Motion Metadata
// specification, Google): 4 reserved and type bytes, then 32-bit or 64-bit values.
var cammSizes = []int64{12, 8, 12, 12, 12, 24, 56, 12}

// cammTrack reads camera motion metadata.
func (p *parser) cammTrack(t *track, path string) ([]privacy.Finding, error) {
	spans := []exifscrub.Span{t.Box.Content()}
	var at fixes
	var strange bool
	var seen [8]int
	var stamp string
	for s, err := range p.samples(t) {
		if err != nil {
			return nil, err
		}
		b, err := p.win.Peek(s.Off, min(s.Size, 64))
		if err != nil {
			return nil, err
		}
		if len(b) < 4 {
			strange = true
			continue
		}
		kind := binary.LittleEndian.Uint16(b[2:])
		if kind >= 8 || int64(len(b)) < 4+cammSizes[kind] {
			strange = true
			continue
		}
		seen[kind]++
		double := func(i int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b[i:])) }
		switch kind {
		case 5:
			at.add(geo.Point{Lat: double(4), Lon: double(12)})
		case 6:
			at.add(geo.Point{Lat: double(16), Lon: double(24)})
			if stamp == "" {
				stamp = fmt.Sprintf("%.3f", double(4))
			}
		}
	}
	what := at.findings(path, privacy.Location, spans)
	for kind, k := range []tag{{"AngleAxis", privacy.Attitude}, {"ExposureTime", privacy.Exposure}, {"Gyroscope", privacy.Attitude}, {"Accelerometer", privacy.Attitude},
		{"Position", privacy.Attitude}, {"GPSAltitude", privacy.Altitude}, {"GPSDateTime", privacy.Time}, {"Magnetometer", privacy.Attitude}} {
		if seen[kind] > 0 {
			what = append(what, privacy.Finding{Class: k.class, Path: join(path, k.name), Count: seen[kind], Spans: spans})
		}
	}
	if strange || len(what) == 0 {
		what = append(what, privacy.Finding{Class: privacy.Unknown, Path: join(path, "TimedMetadata"), Spans: spans})
	}
	return what, nil
}

// appleTrack reads the keys that a track of Apple's boxed metadata defines in
// its sample descriptions (QuickTime, "Timed metadata media").
func (p *parser) appleTrack(t *track, path string) ([]privacy.Finding, error) {
	spans := []exifscrub.Span{t.Box.Content()}
	var what []privacy.Finding
	for _, e := range t.Entries {
		keys, ok, err := bmff.Find(p.in, bmff.Box{Body: min(e.Body+8, e.End), End: e.End}, "keys")
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		for k, err := range bmff.Boxes(p.in, keys.Body, keys.End) {
			if err != nil {
				return nil, err
			}
			keyd, ok, err := bmff.Find(p.in, k, "keyd")
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			b, err := p.head(keyd.Content(), 256)
			if err != nil {
				return nil, err
			}
			m := keyTag(string(b[min(4, len(b)):]))
			what = append(what, privacy.Finding{Class: m.class, Path: join(path, m.name), Spans: spans, Count: int(min(max(t.Count(), 1), 1<<30))})
			if err := p.count(); err != nil {
				return nil, err
			}
		}
	}
	if len(what) == 0 {
		return p.writtenTrack(t, path)
	}
	return what, nil
}

const (
	maxCaption  = 4 << 10
	sampleTexts = 1 << 16 // captions looked at
)

// textTrack reads captions: a u16 length and text. DJI's and others' are
// telemetry; what is not is somebody's words.
func (p *parser) textTrack(t *track, path string) ([]privacy.Finding, error) {
	spans := []exifscrub.Span{t.Box.Content()}
	var at, home fixes
	var texts int
	var first string
	order := srt.ByDialect
	var cue srt.Cue
	for s, err := range p.samples(t) {
		if err != nil {
			return nil, err
		}
		if texts == sampleTexts {
			break
		}
		b, err := p.win.Peek(s.Off, min(s.Size, maxCaption))
		if err != nil {
			return nil, err
		}
		text := caption(b)
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if texts++; first == "" {
			first = latin(text[:min(len(text), 256)])
		}
		cue.Reset()
		for line := range bytes.Lines(text) {
			if o := srt.Evidence(line); o != srt.ByDialect {
				order = o
			}
			cue.Add(line, true, order)
		}
		at.add(cue.Pos)
		home.add(cue.Home)
		if pos, ok := findISO6709(text); ok {
			at.add(pos.Point)
		}
	}
	what := append(at.findings(path, privacy.Location, spans), home.findings(join(path, "Home"), privacy.Operator, spans)...)
	class := privacy.Description
	if t.Handler == "meta" || at.count > 0 || strings.Contains(first, "GPS") || strings.HasPrefix(first, "$G") {
		class = privacy.Unknown
	}
	return append(what, privacy.Finding{Class: class, Path: join(path, "Text"), Value: privacy.Secret(first), Spans: spans, Count: max(texts, 1)}), nil
}

// caption returns the text of a sample (QuickTime, "Text sample data"; TS 26.245).
func caption(b []byte) []byte {
	if len(b) < 2 {
		return nil
	}
	n := int(binary.BigEndian.Uint16(b))
	if n > len(b)-2 {
		n = len(b) - 2
	}
	text := b[2 : 2+n]
	if len(text) >= 2 && text[0] == 0xFE && text[1] == 0xFF {
		s, _ := utf(text)
		return []byte(s)
	}
	return text
}

// gpmfTrack reads GoPro's telemetry.
func (p *parser) gpmfTrack(t *track, path string) ([]privacy.Finding, error) {
	g := gpmfSummary{path: path, spans: []exifscrub.Span{t.Box.Content()}}
	for s, err := range p.samples(t) {
		if err != nil {
			return nil, err
		}
		if err := g.read(p.in, exifscrub.Span{Off: s.Off, Len: s.Size}, p.lim); err != nil {
			return nil, err
		}
	}
	return g.findings(), nil
}

// settings reads the GPMF block of user data.
func (p *parser) settings(b bmff.Box, path string) error {
	g := gpmfSummary{path: path, spans: []exifscrub.Span{b.Content()}}
	if err := g.read(p.in, b.Content(), p.lim); err != nil {
		return err
	}
	what := g.findings()
	if len(what) == 0 {
		what = []privacy.Finding{{Class: privacy.MakerNote, Path: path, Spans: g.spans}}
	}
	return p.add(part{Item: exifscrub.Item{Together: what}, frees: []bmff.Box{b}})
}
