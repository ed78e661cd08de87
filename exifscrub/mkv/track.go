package mkv

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/dv"
	"flightveil/internal/block/nal"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A track is a TrackEntry and what its blocks hold.
type track struct {
	node   *node
	number uint64
	kind   uint64 // section 5.1.4.1.3
	codec  string
	broken bool // what it is cannot be told
	blocks int
	first  []exifscrub.Span // where the first blocks lie

	compressed bool
	algo       uint64
	prefix     []byte // header stripping: what every block begins with
	opaque     bool   // encrypted or compressed in a way that is not read
	text       captions

	dv       bool      // video whose frames hold sound, too
	units    nal.Codec // video whose units can be read
	lengths  int       // bytes of the lengths before units
	examined int       // blocks in which supplemental information was looked for
	sei      map[string]*privacy.Finding
	config   []exifscrub.Span // units in the decoder configuration
}

// Types of track.
const (
	video = 1
	audio = 2
)

func (t *track) stays() bool { return (t.kind == video || t.kind == audio) && !t.broken }

// track reads what a TrackEntry says.
func (p *parser) track(t *track) error {
	for _, k := range t.node.kids {
		switch k.id {
		case idNumber, idType, idCodec:
			b, err := p.read(k)
			if err != nil {
				return err
			}
			if k.id != idCodec && len(b) > 8 || k.id == idCodec && !isName(b) {
				t.broken = true
			}
			switch k.id {
			case idNumber:
				t.number = number(b)
			case idType:
				t.kind = number(b)
			case idCodec:
				t.codec = strings.TrimRight(string(b), "\x00")
			}
		case idEncodings:
			if err := p.encodings(t, k); err != nil {
				return err
			}
		}
	}
	if p.tracks[t.number] != nil {
		return fmt.Errorf("two tracks with one number: %w", errBroken)
	}
	p.tracks[t.number] = t
	if k := t.node.kid(idPrivate); k != nil && t.stays() {
		return p.codecPrivate(t, k)
	}
	return nil
}

// encodings reads how the blocks of a track are compressed (section 5.1.4.1.31).
func (p *parser) encodings(t *track, n *node) error {
	for _, enc := range n.kids {
		if enc.id != idEncoding {
			continue
		}
		c := enc.kid(idCompress)
		if t.opaque = t.opaque || t.compressed || c == nil; c == nil {
			continue
		}
		t.compressed = true
		for _, k := range c.kids {
			b, err := input.ReadRange(p.in, k.data, k.end-k.data, 4096)
			if err != nil {
				return err
			}
			switch k.id {
			case idAlgo:
				t.algo = number(b)
			case idSettings:
				t.prefix = b
			}
		}
		t.opaque = t.opaque || t.algo != 0 && t.algo != 3
	}
	return nil
}

// payload returns what the block data b stands for, at most a window of it.
func (t *track) payload(b []byte) ([]byte, error) {
	switch {
	case t.opaque:
		return nil, input.ErrUnsupported
	case !t.compressed:
		return b, nil
	case t.algo == 3:
		return append(bytes.Clone(t.prefix), b...), nil
	}
	r, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(r, 64<<10))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return out, nil
}

// seiBlocks is how many blocks of a track are looked into for supplemental
// information.
const seiBlocks = 64

// block looks into the data of a block, which lies at s.
func (p *parser) block(t *track, s exifscrub.Span) error {
	t.blocks++
	if len(t.first) < 16 {
		t.first = append(t.first, s)
	}
	switch {
	case t.kind == video && t.units != 0 && t.examined < seiBlocks && !t.compressed && !t.opaque:
		t.examined++
		return p.supplemental(t, s)
	case !t.stays() && strings.HasPrefix(t.codec, "S_TEXT"):
		b, err := p.win.Peek(s.Off, s.Len)
		if err != nil {
			return err
		}
		if b, err = t.payload(b); err == nil {
			t.text.add(b)
		} else {
			t.text.other = true
		}
	}
	return nil
}

// supplemental counts what the units of a block give away beside the picture.
func (p *parser) supplemental(t *track, s exifscrub.Span) error {
	return p.messages(t, s, func(_ int64, m nal.Message) { t.count([]nal.Message{m}) })
}

// messages calls f for each supplemental message in a block, with the offset
// of its unit. Damage in it is the decoder's business.
func (p *parser) messages(t *track, s exifscrub.Span, f func(off int64, m nal.Message)) error {
	for u, err := range nal.Units(p.in, s, t.lengths) {
		if err != nil {
			return nil
		}
		b, err := p.win.Head(u.Off, 1)
		if err != nil {
			return err
		}
		if len(b) == 0 || !t.units.IsSEI(b[0]) || u.Len > nal.MaxUnit {
			continue
		}
		unit, err := input.ReadRange(p.in, u.Off, u.Len, nal.MaxUnit)
		if err != nil {
			return err
		}
		for _, m := range t.units.Messages(unit) {
			f(u.Off, m)
		}
	}
	return nil
}

// tells reports whether a field says more than how a picture was taken.
func tells(f nal.Field) bool {
	return f.Class != privacy.Technical && f.Class != privacy.Exposure
}

func (t *track) count(ms []nal.Message) {
	for _, m := range ms {
		for _, f := range m.Fields {
			if !tells(f) {
				continue
			}
			if t.sei == nil {
				t.sei = map[string]*privacy.Finding{}
			}
			if have := t.sei[f.Name]; have != nil {
				have.Count++
			} else if len(t.sei) < 100 {
				t.sei[f.Name] = &privacy.Finding{Class: privacy.Stream, Path: fmt.Sprintf("Track%d/SEI/%s", t.number, f.Name), Count: 1, Value: privacy.Secret(f.Value), Spans: []exifscrub.Span{t.node.span()}}
			}
		}
	}
}

// inStream adds what the pictures of a track carry.
func (p *parser) inStream(t *track) {
	var fs []privacy.Finding
	for _, name := range slices.Sorted(maps.Keys(t.sei)) {
		fs = append(fs, *t.sei[name])
	}
	if len(fs) > 0 {
		p.entries = append(p.entries, entry{Item: exifscrub.Item{Together: fs}, act: strip, node: t.node})
		p.entries = append(p.entries, entry{Item: exifscrub.Item{Note: fmt.Sprintf("Track%d: the video stream holds user data of its own, which only --strip-sei takes out", t.number)}})
	}
}

// trackEntry adds what the whole track is, once its blocks were seen.
func (p *parser) trackEntry(t *track) error {
	if t.stays() {
		if t.kind == audio {
			f := privacy.Finding{Class: privacy.Audio, Path: fmt.Sprintf("Track%d/Audio", t.number), Spans: []exifscrub.Span{t.node.span()}, Count: t.blocks}
			p.entries = append(p.entries, entry{Item: exifscrub.Item{Finding: &f}, act: dropTrack, node: t.node})
		}
		if t.dv && t.blocks > 0 {
			f := privacy.Finding{Class: privacy.Audio, Path: fmt.Sprintf("Track%d/DV/Audio", t.number), Spans: []exifscrub.Span{t.node.span()}, Count: t.blocks}
			p.entries = append(p.entries, entry{Item: exifscrub.Item{Finding: &f}, act: refuse, node: t.node})
			p.entries = append(p.entries, entry{Item: exifscrub.Item{Note: fmt.Sprintf("Track%d: %s", t.number, dv.Note)}})
		}
		p.inStream(t)
		return nil
	}
	fs := []privacy.Finding{}
	base := privacy.Finding{Path: fmt.Sprintf("Track%d", t.number), Spans: []exifscrub.Span{t.node.span()}, Count: t.blocks}
	add := func(c privacy.Class, name string) *privacy.Finding {
		f := base
		f.Class, f.Path = c, f.Path+"/"+name
		fs = append(fs, f)
		return &fs[len(fs)-1]
	}
	t.text.findings(add)
	switch {
	case len(fs) > 0 && !t.text.other && !t.broken:
	case strings.HasPrefix(t.codec, "S_"):
		add(privacy.Description, "subtitles")
	default:
		add(privacy.Unknown, "data")
	}
	p.entries = append(p.entries, entry{Item: exifscrub.Item{Together: fs}, act: dropTrack, node: t.node})
	return nil
}
