// Package cr3 finds and removes personal data in Canon's CR3 raw files, and CRM
// videos built like them.
//
// Specification: ISO/IEC 14496-12:2022 (boxes and tracks; section numbers are of
// it). Canon's boxes and the records of its timed metadata are those of its own
// files and of the ExifTool documentation (tables Canon uuid, Canon CTMD).
//
// No edit moves a byte: the table of offsets (CTBO), those of samples and those
// inside Exif blocks stay right. Canon keeps Exif as four blocks, which are
// children, and repeats parts of them in a track of timed metadata, of which
// each block is a child as well. A block of which nothing stays becomes an empty
// one of the same size. Make and model stay, because no raw converter opens the
// file without, and maker notes keep what developing needs. Previews stay,
// cleaned; what nobody can look into is blanked. Bytes of media data that no
// track owns are overwritten.
//
// Coded sensor data and samples of sound stay bit for bit.
package cr3

import (
	"context"
	"fmt"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/input"
)

// Format is a raw file of Canon in boxes.
type Format struct{}

// ID implements [exifscrub.Format].
func (Format) ID() string { return "cr3" }

// Detect implements [exifscrub.Format].
func (Format) Detect(p input.Probe) input.Match {
	if b := p.Prefix; len(b) >= 16 && string(b[4:8]) == "ftyp" && string(b[8:12]) == "crx " {
		return input.Certain
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
	if len(ds) != len(f.parts) {
		return exifscrub.Fail(fmt.Errorf("%d decisions about %d items", len(ds), len(f.parts)))
	}
	var set exifscrub.Patchset
	for i, p := range f.parts {
		if p.apply != nil && (ds[i].Gone() || ds[i].Coarse()) {
			p.apply(&set, ds[i])
		}
	}
	return exifscrub.Seq(set.Edits())
}
