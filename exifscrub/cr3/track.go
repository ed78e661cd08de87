package cr3

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// largeRun is how long coded data must be to be worth telling.
const largeRun = 4 << 10

// structural are the boxes of a track that only say how to read it.
var structural = map[string]bool{
	"edts": true, "tref": true, "trgr": true, "vmhd": true, "smhd": true, "nmhd": true, "gmhd": true, "hmhd": true, "dinf": true,
}

// track adds what a track gives away. Samples of a track that is neither
// picture nor sound nor Canon's metadata belong to nobody.
func (p *parser) track(b bmff.Box) error {
	t, err := bmff.ReadTrack(p.in, b)
	if err != nil {
		return err
	}
	timed := t.Handler == "meta" && t.Format() == "CTMD"
	if !timed && t.Handler != "vide" && t.Handler != "soun" {
		return p.whole(b, privacy.Unknown, "moov/trak")
	}
	if err := p.inside(b.Body, b.End, "moov/trak", p.trackBox); err != nil {
		return err
	}
	for s, err := range t.Samples() {
		if errors.Is(err, io.ErrUnexpectedEOF) && s.Index == t.Count()-1 { // the last one is cut short
			err = nil
		}
		if err == nil {
			err = p.step()
		}
		if err == nil && t.Outside(s.Entry) {
			err = fmt.Errorf("samples in another file: %w", input.ErrUnsupported)
		}
		if err == nil {
			err = p.sample(exifscrub.Span{Off: s.Off, Len: s.Size}, t.Handler, timed)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// trackBox adds what a box of a track gives away.
func (p *parser) trackBox(b bmff.Box) error {
	const path = "moov/trak"
	switch {
	case b.Type == "mdia" || b.Type == "minf":
		return p.inside(b.Body, b.End, path+"/"+b.Type, p.trackBox)
	case structural[b.Type]:
		return nil
	case b.Type == "tkhd":
		return p.times(b, path, "TrackCreateDate", "TrackModifyDate")
	case b.Type == "mdhd":
		return p.times(b, path, "MediaCreateDate", "MediaModifyDate")
	case b.Type == "hdlr":
		return p.handler(b, path)
	case b.Type == "stbl":
		return p.inside(b.Body, b.End, path+"/stbl", p.tableBox)
	}
	return p.whole(b, privacy.Unknown, path+"/"+b.Name())
}

// tables are the boxes that say where samples are (8.5 to 8.7).
var tables = map[string]bool{"stts": true, "ctts": true, "stss": true, "stsc": true, "stsz": true, "stco": true, "co64": true, "sdtp": true}

// craw are the boxes in the description of pictures that converters read: the
// codec's configuration, sizes and areas, and that the samples are JPEG.
var craw = map[string]bool{"CMP1": true, "CDI1": true, "IAD1": true, "CNTH": true, "JPEG": true}

// tableBox adds what a box of a sample table gives away.
func (p *parser) tableBox(b bmff.Box) error {
	const path = "moov/trak/stbl"
	switch {
	case tables[b.Type]:
		return nil
	case b.Type != "stsd":
		return p.whole(b, privacy.Unknown, path+"/"+b.Name())
	}
	const head = 8 // version, count
	return p.inside(min(b.Body+head, b.End), b.End, path+"/stsd", func(e bmff.Box) error {
		const fields = 82 // Canon's has four bytes more than others (12.1.3)
		if e.Type != "CRAW" || e.Size() < fields {
			return nil
		}
		if err := p.finding(privacy.Device, path+"/stsd/CompressorName", "", exifscrub.Span{Off: e.Body + bmff.CompressorAt, Len: bmff.CompressorLen}); err != nil {
			return err
		}
		return p.inside(e.Body+fields, e.End, path+"/stsd", func(c bmff.Box) error {
			if craw[c.Type] {
				return nil
			}
			return p.whole(c, privacy.Unknown, path+"/stsd/"+c.Name())
		})
	})
}

// handler makes findings of the maker and the name in hdlr (8.4.3).
func (p *parser) handler(b bmff.Box, path string) error {
	const maker, fixed, most = 12, 24, 256 // version, component type, handler, maker, flags
	if b.Size() < fixed {
		return nil
	}
	raw, err := input.ReadRange(p.in, b.Body, min(b.Size(), most), most)
	if err != nil {
		return err
	}
	name := strings.ToValidUTF8(strings.TrimRight(string(raw[fixed:]), "\x00"), "\uFFFD")
	if err := p.finding(privacy.Device, path+"/HandlerVendorID", "", exifscrub.Span{Off: b.Body + maker, Len: 4}); err != nil {
		return err
	}
	return p.finding(privacy.Device, path+"/HandlerDescription", name, exifscrub.Span{Off: b.Body + fixed, Len: b.Size() - fixed})
}

// sample adds one sample, or as much of it as there is.
func (p *parser) sample(s exifscrub.Span, handler string, timed bool) error {
	if s.Off >= p.in.Size() || s.Len <= 0 {
		return nil
	}
	cut := s.Len > p.in.Size()-s.Off
	if cut {
		s.Len = p.in.Size() - s.Off
		if err := p.note("the file ends inside one of its pictures"); err != nil {
			return err
		}
	}
	p.owned = append(p.owned, s)
	if timed {
		p.others = append(p.others, s)
		return p.timed(s)
	}
	if !cut && handler == "vide" && s.Len >= 4 {
		head, err := input.ReadRange(p.in, s.Off, 3, 3)
		if err != nil {
			return err
		}
		if string(head) == "\xFF\xD8\xFF" {
			p.others = append(p.others, s)
			return p.picture("JpgFromRaw", s)
		}
	}
	if !cut { // of a file that was cut short, nobody knows what lies there
		p.coded = append(p.coded, s)
	}
	if s.Len < largeRun || cut {
		return nil
	}
	return p.add(exifscrub.Item{Coded: &s}, nil)
}

// mediaData adds the bytes of media data that no track owns, and checks that no
// sample shares bytes with another.
func (p *parser) mediaData() error {
	if others := sorted(p.others); size(others) != size(p.others) || size(sorted(append(others, sorted(p.coded)...))) != size(others)+size(sorted(p.coded)) {
		return fmt.Errorf("samples share bytes: %w", input.ErrUnsupported)
	}
	media, owned := sorted(p.media), sorted(p.owned)
	for _, s := range p.others {
		if len(minus([]exifscrub.Span{s}, media)) > 0 {
			return fmt.Errorf("samples outside of media data: %w", input.ErrUnsupported)
		}
	}
	for _, m := range media {
		var loose []exifscrub.Span
		for _, s := range minus([]exifscrub.Span{m}, owned) {
			blank, err := p.win.Zeros(s.Off, s.End())
			if err != nil {
				return err
			}
			if !blank {
				loose = append(loose, s)
			}
		}
		if len(loose) > 0 {
			if err := p.finding(privacy.Unknown, "MediaData", "", loose...); err != nil {
				return err
			}
		}
	}
	return nil
}

// epoch is what header times count from: 1904, in UTC (8.2.2.3).
var epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)

// times adds the times in a header. The coarse one is the day.
func (p *parser) times(b bmff.Box, path, created, changed string) error {
	stamps, err := bmff.Stamps(p.in, b)
	if err != nil {
		return err
	}
	for _, s := range stamps {
		const day, most = 24 * 60 * 60, 1 << 35 // above that year 2992 it is no time
		name := created
		if s.Changed {
			name = changed
		}
		f := &privacy.Finding{Class: privacy.Time, Path: path + "/" + name, Spans: []exifscrub.Span{s.Span}}
		if s.Seconds < most {
			f.Value = privacy.Secret(time.Unix(epoch.Unix()+int64(s.Seconds), 0).UTC().Format("2006-01-02 15:04:05"))
		}
		err := p.add(exifscrub.Item{Finding: f}, func(set *exifscrub.Patchset, d exifscrub.Decision) {
			if d.Coarse() && s.Seconds < most {
				set.Set(s.Span.Off, binary.BigEndian.AppendUint64(nil, s.Seconds-s.Seconds%day)[8-s.Span.Len:])
			} else {
				set.Zero(s.Span.Off, s.Span.Len)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sorted returns spans in order, those that touch or overlap as one.
func sorted(spans []exifscrub.Span) []exifscrub.Span {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b exifscrub.Span) int { return cmp.Compare(a.Off, b.Off) })
	out := spans[:0]
	for _, s := range spans {
		switch n := len(out); {
		case s.Len <= 0:
		case n > 0 && s.Off <= out[n-1].End():
			out[n-1].Len = max(out[n-1].End(), s.End()) - out[n-1].Off
		default:
			out = append(out, s)
		}
	}
	return out
}

// minus returns spans without the bytes in less, which is sorted.
func minus(spans, less []exifscrub.Span) []exifscrub.Span {
	var out []exifscrub.Span
	for _, s := range spans {
		i, _ := slices.BinarySearchFunc(less, s.Off, func(x exifscrub.Span, off int64) int { return cmp.Compare(x.End()-1, off) })
		pos := s.Off
		for ; i < len(less) && less[i].Off < s.End(); i++ {
			if less[i].Off > pos {
				out = append(out, exifscrub.Span{Off: pos, Len: less[i].Off - pos})
			}
			pos = less[i].End()
		}
		if pos < s.End() {
			out = append(out, exifscrub.Span{Off: pos, Len: s.End() - pos})
		}
	}
	return out
}

func size(spans []exifscrub.Span) (n int64) {
	for _, s := range spans {
		n += s.Len
	}
	return n
}
