package mp4

import (
	"encoding/binary"
	"errors"
	"fmt"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/block/dv"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// structure says of boxes what a player needs (14496-12, clause 8; QuickTime,
// "Movie atoms"): true for those that hold only boxes, which are looked at one by one.
var structure = map[string]bool{
	"iods": false, "tkhd": false, "edts": true, "elst": false, "tref": false, "load": false, "txas": false, "trgr": false,
	"clip": true, "crgn": false, "matt": true, "kmat": false, "tapt": true, "clef": false, "prof": false, "enof": false,
	"mdia": true, "mdhd": false, "elng": false, "minf": true, "vmhd": false, "smhd": false, "hmhd": false, "nmhd": false, "sthd": false,
	"gmhd": true, "gmin": false, "dinf": true, "stbl": true, "stts": false, "ctts": false, "cslg": false, "stsc": false, "stsz": false, "stz2": false,
	"stco": false, "co64": false, "stss": false, "stps": false, "stsh": false, "padb": false, "stdp": false, "sdtp": false,
	"sbgp": false, "csgp": false, "sgpd": false, "subs": false, "saiz": false, "saio": false, "senc": false,
	"mvex": true, "mehd": false, "trex": false, "leva": false, "trep": false, "pssh": false, "ctab": false, "prfl": false,
}

// movieBoxes are those of structure that stand beside tracks, not in them.
var movieBoxes = map[string]bool{"iods": true, "mvex": true, "pssh": true, "ctab": true, "clip": true, "prfl": true}

// movie looks at the movie header (8.2).
func (p *parser) movie(b bmff.Box) error {
	return p.inside(b, "Movie", func(c bmff.Box) error {
		switch c.Type {
		case "mvhd":
			return p.header(c, "", "CreateDate", "ModifyDate")
		case "trak":
			return p.trak(c)
		case "cmov", "rmra":
			return fmt.Errorf("a movie header of type %s: %w", c.Name(), input.ErrUnsupported)
		}
		if movieBoxes[c.Type] {
			return p.structural(c, "Movie", nil)
		}
		return p.common(c, "Movie")
	})
}

// structural looks at a box in the movie header that has no meaning of its own.
func (p *parser) structural(b bmff.Box, path string, t *track) error {
	holds, known := structure[b.Type]
	switch {
	case !known:
		return p.common(b, path)
	case !holds:
		return nil
	}
	return p.inside(b, path, func(c bmff.Box) error { return p.inTrack(c, path, t) })
}

// inTrack looks at a box somewhere in a track that stays.
func (p *parser) inTrack(b bmff.Box, path string, t *track) error {
	switch b.Type {
	case "tkhd":
		return p.header(b, path, "TrackCreateDate", "TrackModifyDate")
	case "mdhd":
		return p.header(b, path, "MediaCreateDate", "MediaModifyDate")
	case "hdlr":
		return p.handler(b, path)
	case "stsd":
		return p.descriptions(b, path, t)
	case "dref":
		return p.references(b, path)
	case "tref":
		return p.inside(b, path, func(c bmff.Box) error { return nil })
	case "saio":
		return p.auxiliary(b, 0)
	case "imap", "hnti", "hinf", "kind", "strk":
		return nil
	case "tmcd", "text", "gpmd", "fdsc", "camm": // in gmhd, of metadata tracks that stay
		return nil
	}
	return p.structural(b, path, t)
}

// trak looks at a track.
func (p *parser) trak(b bmff.Box) error {
	var t *track
	for _, o := range p.tracks {
		if o.Box == b {
			t = o
		}
	}
	path := fmt.Sprintf("Track%d", t.index+1)
	if !t.plays() {
		return p.metadataTrack(t, path)
	}
	first := len(p.parts)
	if t.Handler == "soun" {
		t.part = first
		f := &privacy.Finding{Class: privacy.Audio, Path: path + "/Audio", Spans: []exifscrub.Span{b.Content()}}
		if err := p.add(part{Item: exifscrub.Item{Finding: f}}); err != nil {
			return err
		}
	}
	if t.Handler == "vide" && !t.preview && t.Count() > 0 && dv.Is(t.Format()) {
		f := &privacy.Finding{Class: privacy.Audio, Path: path + "/DV/Audio", Spans: []exifscrub.Span{b.Content()}}
		if err := errors.Join(p.add(part{Item: exifscrub.Item{Finding: f}, inside: true}), p.add(part{Item: exifscrub.Item{Note: path + ": " + dv.Note}})); err != nil {
			return err
		}
	}
	if t.preview {
		t.part = first
		if err := p.previewTrack(t, path); err != nil {
			return err
		}
	}
	if err := p.inside(b, path, func(c bmff.Box) error { return p.inTrack(c, path, t) }); err != nil {
		return err
	}
	if t.Handler == "vide" && !t.preview {
		if err := p.messages(t, path); err != nil {
			return err
		}
	}
	if t.Handler == "vide" && !t.preview && (t.Format() == "jpeg" || t.Format() == "mjpa") {
		if err := p.frames(t, path); err != nil {
			return err
		}
	}
	if t.part == first {
		p.groups = append(p.groups, group{box: b, first: first, last: len(p.parts), lead: true})
	}
	return nil
}

// header makes findings of the two times at the start of mvhd, tkhd and mdhd
// (8.2.2, 8.3.2, 8.4.2).
func (p *parser) header(b bmff.Box, path, created, modified string) error {
	for _, f := range headerTimes(p.in, b) {
		if f.err != nil {
			return f.err
		}
		name := created
		if f.second {
			name = modified
		}
		finding := &privacy.Finding{Class: privacy.Time, Path: join(path, name), Value: privacy.Secret(f.text), Spans: []exifscrub.Span{f.span}}
		if err := p.add(part{Item: exifscrub.Item{Finding: finding}, blank: finding.Spans, coarse: f.day, move: f.move}); err != nil {
			return err
		}
	}
	return nil
}

// plainHandlers are handler names that programs give by habit, as every file has one.
var plainHandlers = map[string]bool{
	"": true, "VideoHandler": true, "SoundHandler": true, "VideoHandle": true, "SoundHandle": true, "DataHandler": true, "SubtitleHandler": true,
	"Video Media Handler": true, "Sound Media Handler": true, "Alias Data Handler": true, "Video": true, "Sound": true, "Audio": true,
}

// handler makes findings of the maker and the name in hdlr (8.4.3; in
// QuickTime files the name is a counted string).
func (p *parser) handler(b bmff.Box, path string) error {
	const fixed = 24 // version, component type, handler, maker, flags
	s := b.Content()
	if s.Len < fixed {
		return nil
	}
	h, err := p.head(s, fixed+256)
	if err != nil {
		return err
	}
	if maker := h[12:16]; binary.BigEndian.Uint32(maker) != 0 {
		f := &privacy.Finding{Class: privacy.Device, Path: join(path, "HandlerVendorID"), Value: privacy.Secret(latin(maker)), Spans: []exifscrub.Span{{Off: s.Off + 12, Len: 4}}}
		if err := p.add(part{Item: exifscrub.Item{Finding: f}, blank: f.Spans}); err != nil {
			return err
		}
	}
	name := h[fixed:]
	if len(name) > 0 && int(name[0]) <= len(name)-1 && (name[0] < ' ' || int(name[0]) == len(name)-1) {
		name = name[1 : 1+int(name[0])]
	}
	value := latin(name)
	if plainHandlers[value] {
		return nil
	}
	f := &privacy.Finding{Class: privacy.Device, Path: join(path, "HandlerDescription"), Value: privacy.Secret(value), Spans: []exifscrub.Span{{Off: s.Off + fixed, Len: s.Len - fixed}}}
	return p.add(part{Item: exifscrub.Item{Finding: f}, blank: f.Spans})
}

// references looks at dref: a reference to another file names it, and perhaps
// the disk and folders it was on (8.7.2; QuickTime, "Data references").
func (p *parser) references(b bmff.Box, path string) error {
	return p.inside(b, path, func(c bmff.Box) error {
		if c.Size() <= 4 {
			return nil
		}
		s := exifscrub.Span{Off: c.Body + 4, Len: c.Size() - 4}
		blank, err := p.win.Zeros(s.Off, s.End())
		if blank || err != nil {
			return err
		}
		f := &privacy.Finding{Class: privacy.Identity, Path: join(path, "DataReference"), Spans: []exifscrub.Span{s}}
		return p.add(part{Item: exifscrub.Item{Finding: f}, blank: f.Spans})
	})
}
