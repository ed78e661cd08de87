// Package mp4 finds and removes personal data in MP4 and QuickTime videos: MP4,
// MOV, M4V, 3GP, and what cameras call LRF, LRV, INSV and 360.
//
// Specifications: ISO/IEC 14496-12:2022, 14496-14, 14496-15; Apple's QuickTime
// File Format; 3GPP TS 26.244. The boxes and tracks of vendors are those of
// their own files and of the ExifTool documentation (tables QuickTime, GoPro,
// DJI).
//
// No edit moves a byte, so every offset of the file stays right. A box that goes
// becomes a free box of the same size, all zeros. A track that goes takes its
// samples along: every byte of media data that no track owns which stays is
// overwritten with zeros, whoever wrote it there and whatever it is. What pictures and
// sound need is kept by an allow-list of boxes; a box that is not on it goes.
//
// Samples of video and sound are not decoded and never changed, but for the
// supplemental messages (SEI) in a video stream where the policy removes those.
// Of files without a movie header nothing can be said about the media data;
// they are refused, as are compressed headers and reference movies.
package mp4

import (
	"context"
	"encoding/binary"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/input"
)

// Format is a video in an ISO base media or QuickTime file.
type Format struct{}

// ID implements [exifscrub.Format].
func (Format) ID() string { return "mp4" }

// others are the major brands of files with the same boxes that are no videos:
// pictures (ISO/IEC 23008-12, 23000-22), raw pictures of Canon, JPEG 2000 and JPEG XL.
var others = map[string]bool{
	"heic": true, "heix": true, "heim": true, "heis": true, "hevc": true, "hevx": true, "hevm": true, "hevs": true, "mif1": true, "mif2": true, "msf1": true,
	"avif": true, "avis": true, "avci": true, "avcs": true, "miaf": true, "j2ki": true, "j2is": true, "jpeg": true, "jpgs": true, "vvic": true, "vvis": true,
	"1pic": true, "crx ": true, "jp2 ": true, "jpx ": true, "jpm ": true, "jph ": true, "mjp2": true, "mj2s": true, "jxl ": true,
}

// Detect implements [exifscrub.Format].
func (Format) Detect(p input.Probe) input.Match {
	b := p.Prefix
	if len(b) < 8 {
		return input.No
	}
	size := int64(binary.BigEndian.Uint32(b))
	switch string(b[4:8]) {
	case "ftyp":
		if len(b) < 12 || size < 12 || others[string(b[8:12])] {
			return input.No
		}
		return input.Certain
	case "moov", "mdat", "wide", "free", "skip", "pnot", "styp": // QuickTime files before 2001 have no ftyp
		if size >= 8 && (size <= p.Input.Size() || string(b[4:8]) == "mdat") || size == 1 {
			return input.Likely
		}
	}
	return input.No
}

// Walk implements [exifscrub.Format].
func (Format) Walk(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		f, err := exifscrub.Parsed(in, func() (*file, error) { return parse(ctx, in, lim) })
		if err != nil {
			yield(exifscrub.Item{}, err)
			return
		}
		for _, p := range f.parts {
			if !yield(p.Item, nil) {
				return
			}
		}
	}
}

// Edits implements [exifscrub.Format].
func (Format) Edits(ctx context.Context, in exifscrub.Input, ds []exifscrub.Decision, lim exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	f, err := exifscrub.Parsed(in, func() (*file, error) { return parse(ctx, in, lim) })
	if err != nil {
		return exifscrub.Fail(err)
	}
	return f.edits(ctx, in, ds)
}
