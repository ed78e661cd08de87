package avi

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/nal"
	"flightveil/internal/block/srt"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// A stream is a list of headers, and the chunks that bear its number.
type stream struct {
	number  int
	list    chunk  // its headers
	index   chunk  // its OpenDML index
	kind    string // fccType: vids, auds, txts, ...
	handler string // the codec's name, in lower case
	chunks  int    // that hold anything but zeros
	spans   []exifscrub.Span
	sound   int            // chunks of sound
	spoken  bool           // there are pictures of DV, which hold sound
	seen    int            // pictures looked into
	sei     map[string]int // what is told only
	codec   nal.Codec
	user    map[string]*privacy.Finding // user data of encoders

	positions   int
	first, last geo.Point
}

// stays reports whether the stream is picture or sound.
func (s *stream) stays() bool {
	switch s.kind {
	case "vids", "auds", "iavs", "mids":
		return true
	}
	return false
}

// streamHeader handles a chunk of a stream's list.
func (p *parser) streamHeader(c chunk, depth int, in string) error {
	s := p.streams[len(p.streams)-1]
	switch c.name {
	case "strh":
		b, err := p.win.Head(c.data, min(8, c.end-c.data))
		if err != nil || len(b) < 8 {
			return err
		}
		s.kind, s.handler = string(b[:4]), strings.ToLower(string(b[4:]))
		return p.reserved("strh", c, 56)
	case "strf":
		if s.stays() {
			if s.kind != "vids" {
				return nil
			}
			b, err := p.win.Head(c.data, min(20, c.end-c.data))
			if len(b) == 20 {
				s.handler = strings.ToLower(string(b[16:20])) // biCompression
			}
			return err
		}
		return p.reserved(fmt.Sprintf("Stream%02d/strf", s.number), c, 0)
	case "indx":
		s.index = c
		return nil
	case "vprp":
		return nil
	}
	return p.other(c, depth, in)
}

// movie calls f for each chunk of the list c that lies in no other list, with
// its stream, or nil if it belongs to none.
func (p *parser) movie(c chunk, f func(c chunk, s *stream) error) error {
	var handle func(c chunk, depth int, in string) error
	handle = func(c chunk, depth int, in string) error {
		switch {
		case c.list == "rec ":
			return p.chunks(c.data, c.end, depth+1, in, handle)
		case strings.HasPrefix(c.name, "ix"): // section 3.0
			return f(c, p.owner(c.name[2:]))
		case c.list != "": // is opaque here, its type included
			c.data, c.list = c.off+head, ""
		}
		return f(c, p.owner(c.name))
	}
	return p.chunks(c.data, c.end, 1, "movi", handle)
}

// owner returns the stream whose number begins name.
func (p *parser) owner(name string) *stream {
	a, b := name[0]-'0', name[1]-'0'
	if a > 9 || b > 9 || int(a)*10+int(b) >= len(p.streams) {
		return nil
	}
	return p.streams[int(a)*10+int(b)]
}

// count notes what a chunk among the frames is.
func (p *parser) count(c chunk, s *stream) error {
	if s != nil && strings.HasPrefix(c.name, "ix") {
		return nil
	}
	if s != nil && s.stays() {
		p.addCoded(c.body())
		switch s.kind {
		case "auds", "mids":
			s.sound++
		case "iavs":
			s.spoken = true
		}
		if s.kind == "vids" && s.seen < pictures {
			s.seen++
			return p.look(s, c)
		}
		return nil
	}
	blank, err := p.empty(c)
	if err != nil || blank && (s != nil || c.name == "JUNK") {
		return err
	}
	if s == nil {
		f := p.strays.Finding
		if f == nil {
			f = &privacy.Finding{Class: privacy.Unknown, Path: "movi/other chunks"}
			p.strays.Finding = f
		}
		if f.Count++; len(f.Spans) < 16 {
			f.Spans = append(f.Spans, c.body())
		}
		return nil
	}
	if s.chunks++; len(s.spans) < 16 {
		s.spans = append(s.spans, c.body())
	}
	b, err := p.win.Peek(c.data, c.end-c.data)
	if err != nil {
		return err
	}
	var cue srt.Cue
	cue.Reset()
	for line := range bytes.Lines(b) {
		cue.Add(bytes.TrimRight(line, "\r\n\x00"), true, srt.Evidence(line))
	}
	if cue.Pos.Valid() && !math.IsNaN(cue.Pos.Lat) {
		if s.positions == 0 {
			s.first = cue.Pos
		}
		s.positions, s.last = s.positions+1, cue.Pos
	}
	return nil
}

const (
	codedGap  = 64
	codedRuns = 20_000
)

// addCoded joins the data of frames to long runs.
func (p *parser) addCoded(s exifscrub.Span) {
	if n := len(p.coded); n > 0 && s.Off >= p.coded[n-1].End() && s.Off-p.coded[n-1].End() <= codedGap {
		p.coded[n-1].Len = s.End() - p.coded[n-1].Off
	} else if n < codedRuns && s.Len > 0 {
		p.coded = append(p.coded, s)
	}
}

// finish adds what is known only at the end.
func (p *parser) finish() error {
	if p.strays.Finding != nil {
		p.entries = append(p.entries, entry{Item: p.strays, act: stray})
	}
	for _, s := range p.streams {
		if s.chunks == 0 {
			continue
		}
		f := privacy.Finding{Class: privacy.Unknown, Path: fmt.Sprintf("Stream%02d/%s", s.number, label(s.kind)), Spans: s.spans, Count: s.chunks}
		if s.positions > 0 {
			f.Class, f.Path, f.Count, f.Where = privacy.Location, fmt.Sprintf("Stream%02d/GPS", s.number), s.positions, &s.first
			f.Value = privacy.Secret(fmt.Sprintf("from %.6f, %.6f to %.6f, %.6f", s.first.Lat, s.first.Lon, s.last.Lat, s.last.Lon))
		}
		p.entries = append(p.entries, entry{Item: exifscrub.Item{Finding: &f}, act: silent, stream: s})
	}
	for _, s := range p.streams {
		switch {
		case s.sound > 0:
			f := privacy.Finding{Class: privacy.Audio, Path: fmt.Sprintf("Stream%02d/Audio", s.number), Count: s.sound, Spans: []exifscrub.Span{s.list.body()}}
			p.entries = append(p.entries, entry{Item: exifscrub.Item{Finding: &f}, act: leave, stream: s})
		case s.spoken:
			f := privacy.Finding{Class: privacy.Audio, Path: fmt.Sprintf("Stream%02d/DV/Audio", s.number), Spans: []exifscrub.Span{s.list.body()}}
			p.entries = append(p.entries, entry{Item: exifscrub.Item{Finding: &f}, act: refuse, stream: s})
		}
	}
	for _, s := range p.streams {
		var fs []privacy.Finding
		for _, name := range slices.Sorted(maps.Keys(s.user)) {
			fs = append(fs, *s.user[name])
		}
		if len(fs) > 0 {
			p.entries = append(p.entries, entry{Item: exifscrub.Item{Together: fs}, act: strip, stream: s})
			p.entries = append(p.entries, entry{Item: exifscrub.Item{Note: fmt.Sprintf("Stream%02d: the video stream holds user data of its own, which only --strip-sei takes out", s.number)}})
		}
	}
	for _, s := range p.coded {
		p.entries = append(p.entries, entry{Item: exifscrub.Item{Coded: &s}})
	}
	for _, s := range p.streams {
		if len(s.sei) > 0 {
			note := fmt.Sprintf("Stream%02d: in the coded pictures, which stay as they are: %s", s.number, strings.Join(slices.Sorted(maps.Keys(s.sei)), ", "))
			p.entries = append(p.entries, entry{Item: exifscrub.Item{Note: note}})
		}
	}
	if p.early {
		p.entries = append(p.entries, entry{Item: exifscrub.Item{Note: "the file ends early"}})
	}
	return nil
}
