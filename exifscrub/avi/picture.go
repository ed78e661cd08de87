package avi

import (
	"bytes"
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/block/dv"
	"flightveil/internal/block/nal"
	"flightveil/internal/block/window"
	"flightveil/internal/privacy"
)

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
	if dv.Is(s.handler) {
		s.spoken = true
		s.sei = map[string]int{"the time of recording that DV writes into every frame": 1}
		return nil
	}
	switch s.handler {
	case "h264", "x264", "avc1", "davc":
		codec = nal.H264
	case "hevc", "h265", "hvc1", "hev1", "x265":
		codec = nal.H265
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
