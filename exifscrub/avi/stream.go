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
	"flightveil/internal/block/window"
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// A stream is a list of headers, and the chunks that bear its number.
type stream struct {
	number  int
	kind    string // fccType: vids, auds, txts, ...
	handler string // the codec's name, in lower case
	chunks  int    // that hold anything but zeros
	spans   []exifscrub.Span
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
	case "indx", "vprp":
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
			return nil
		case c.list != "": // is opaque here, its type included
			c.data, c.list = c.off+head, ""
		}
		return f(c, p.owner(c))
	}
	return p.chunks(c.data, c.end, 1, "movi", handle)
}

// owner returns the stream whose number begins the name of c.
func (p *parser) owner(c chunk) *stream {
	a, b := c.name[0]-'0', c.name[1]-'0'
	if a > 9 || b > 9 || int(a)*10+int(b) >= len(p.streams) {
		return nil
	}
	return p.streams[int(a)*10+int(b)]
}

// count notes what a chunk among the frames is.
func (p *parser) count(c chunk, s *stream) error {
	if s != nil && s.stays() {
		p.addCoded(c.body())
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

// pictures is how many frames of a stream are looked into for what they carry
// beside the picture.
const pictures = 64

func (p *parser) look(s *stream, c chunk) error {
	add := func(name string) {
		if s.sei == nil {
			s.sei = map[string]int{}
		}
		if len(s.sei) < 100 {
			s.sei[name]++
		}
	}
	b, err := p.win.Peek(c.data, c.end-c.data)
	if err != nil {
		return err
	}
	codec := nal.Codec(0)
	switch s.handler {
	case "h264", "x264", "avc1", "davc":
		codec = nal.H264
	case "hevc", "h265", "hvc1", "hev1", "x265":
		codec = nal.H265
	case "dvsd", "dvhd", "dvsl", "dv25", "dv50", "dvcp", "dvh1", "cdvc":
		s.sei = map[string]int{"the time of recording that DV writes into every frame": 1}
		return nil
	case "mjpg", "jpeg", "dmb1":
		for _, mark := range []string{"Exif\x00\x00", "http://ns.adobe.com/", "Photoshop 3.0"} {
			if bytes.Contains(b[:min(len(b), 4096)], []byte(mark)) {
				add("metadata in JPEG frames")
			}
		}
		return nil
	default:
		return nil
	}
	s.codec = codec
	for _, m := range messages(codec, b) {
		for _, f := range m.Fields {
			if !tells(f) {
				continue
			}
			if s.user == nil {
				s.user = map[string]*privacy.Finding{}
			}
			if have := s.user[f.Name]; have != nil {
				have.Count++
			} else if len(s.user) < 100 {
				at := exifscrub.Span{Off: c.data + m.off + m.Span.Off, Len: m.Span.Len}
				s.user[f.Name] = &privacy.Finding{Class: privacy.Stream, Path: fmt.Sprintf("Stream%02d/SEI/%s", s.number, f.Name), Count: 1, Value: privacy.Secret(f.Value), Spans: []exifscrub.Span{at}}
			}
		}
	}
	return nil
}

// A message is supplemental information in a frame, in the unit at off.
type message struct {
	nal.Message
	off int64
}

// messages returns those in b, the beginning of a frame. A unit that may go on
// behind b is left out: before pictures there are only short ones.
func messages(codec nal.Codec, b []byte) (out []message) {
	for u := range nal.AnnexB(b) {
		if u.End() == window.Size {
			break
		}
		for _, m := range codec.Messages(b[u.Off:u.End()]) {
			out = append(out, message{m, u.Off})
		}
	}
	return out
}

// tells reports whether a field says more than how a picture was taken.
func tells(f nal.Field) bool { return f.Class != privacy.Technical && f.Class != privacy.Exposure }

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
