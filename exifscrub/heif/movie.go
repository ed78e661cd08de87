package heif

import (
	"encoding/binary"
	"fmt"
	"time"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// nested are boxes of a movie that hold boxes; structural ones say where
// samples are and how to show them (8.2 to 8.7, 23008-12 clause 7).
var (
	nested     = map[string]bool{"trak": true, "mdia": true, "minf": true, "edts": true}
	structural = map[string]bool{
		"tref": true, "trgr": true, "elst": true, "vmhd": true, "smhd": true, "nmhd": true, "dinf": true, "mvex": true, "ludt": true, "elng": true,
	}
)

// shown are the handlers of tracks that are pictures, or the sound with them.
var shown = map[string]bool{"pict": true, "vide": true, "auxv": true, "soun": true}

// movie reads the tracks of an image sequence. Samples of tracks that are not
// shown belong to nobody and go with the media data that no item owns.
func (p *parser) movie(b bmff.Box) error {
	return p.inside(b.Body, b.End, "moov", func(c bmff.Box) error {
		if c.Type != "trak" {
			return p.movieBox(c, "moov")
		}
		t, err := bmff.ReadTrack(p.in, c)
		if err != nil {
			return err
		}
		if !shown[t.Handler] {
			return p.whole(c, privacy.Unknown, "moov/trak")
		}
		for chunk, err := range t.Chunks() {
			if err != nil {
				return err
			}
			if err := p.count(); err != nil {
				return err
			}
			if t.Outside(chunk.Entry) {
				return fmt.Errorf("samples in another file: %w", input.ErrUnsupported)
			}
			if s := (exifscrub.Span{Off: chunk.Off, Len: min(chunk.Size, p.in.Size()-chunk.Off)}); s.Len > 0 {
				p.owned = append(p.owned, s)
			}
		}
		return p.movieBox(c, "moov")
	})
}

// movieBox adds what one box of a movie gives away.
func (p *parser) movieBox(b bmff.Box, path string) error {
	switch {
	case nested[b.Type]:
		return p.inside(b.Body, b.End, join(path, b.Type), func(c bmff.Box) error { return p.movieBox(c, join(path, b.Type)) })
	case structural[b.Type]:
		return nil
	}
	switch b.Type {
	case "mvhd":
		return p.times(b, path, "CreateDate", "ModifyDate")
	case "tkhd":
		return p.times(b, path, "TrackCreateDate", "TrackModifyDate")
	case "mdhd":
		return p.times(b, path, "MediaCreateDate", "MediaModifyDate")
	case "hdlr":
		return p.handler(b, path)
	case "uuid":
		return p.uuid(b, path)
	case "stbl":
		return p.inside(b.Body, b.End, join(path, "stbl"), func(c bmff.Box) error { return p.tableBox(c, join(path, "stbl")) })
	}
	return p.whole(b, privacy.Unknown, join(path, b.Name()))
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
		f := &privacy.Finding{Class: privacy.Time, Path: join(path, name), Spans: []exifscrub.Span{s.Span}}
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
